"""What a script would load, as far as its text tells. Pure.

No script is run: what it puts together from parts is not seen. `--browser` sees it.
"""

from __future__ import annotations

import re
from typing import Final

from firstparty.exposure import companies

MOST_LETTERS: Final = 2_000_000
"""Of a script that are read."""
BEFORE: Final = 80
"""Letters before a URL that are looked at."""

_QUOTED: Final = re.compile(
    r"""["'`]((?:(?:https?|wss?):)?//|\.)?((?:[a-z0-9_-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,62})"""
    r"""((?::\d{1,5})?(?:[/?#][^"'`\s]{0,500})?)["'`]""",
    re.IGNORECASE,
)
_LOADING: Final = re.compile(
    r"(?:\b(?:src|href|import|importScripts|fetch|Worker|EventSource|WebSocket|getScript"
    r"|getJSON|ajax|axios|loadScript|setAttribute|serviceWorker)|\.(?:open|sendBeacon|register))\b"
    r"[^;]*$"
)
_RUNS: Final = re.compile(r"\b(?:src|import|importScripts|Worker|getScript|loadScript)\b[^;]*$")
_STORES: Final = re.compile(
    r"\bdocument\s*\.\s*cookie\s*=|\b(?:local|session)Storage\b|\bindexedDB\b|\bcookieStore\b"
)


def loads(text: str) -> list[tuple[str, str]]:
    """The URLs of other hosts that a script names, each with its kind of load.

    The kind is empty where it is only named, so far as one can tell: a link, a name space. A host
    that the list of companies knows is taken to be loaded from.
    """
    found = list[tuple[str, str]]()
    text = text[:MOST_LETTERS]
    for each in _QUOTED.finditer(text):
        start, host, rest = each.groups()
        before = text[max(0, each.start() - BEFORE) : each.start()]
        whole = bool(start) and start.endswith("//")
        company = companies.of(host.lower())
        if not whole and (company is None or not (start == "." or rest.startswith("/"))):
            continue
        url = f"{start if whole else '//'}{host}{rest}"
        loading = _LOADING.search(before) is not None
        if loading or company is not None:
            runs = _RUNS.search(before) or rest.partition("?")[0].endswith(".js")
            found.append(("script" if runs else "connect", url))
        else:
            found.append(("", url))
    return found


def urls(text: str) -> list[str]:
    """Every URL of another host in quotes."""
    return [f"{start}{host}{rest}" for start, host, rest in _QUOTED.findall(text) if start != "."]


def stores(text: str) -> bool:
    """Whether a script names something that is kept in the browser."""
    return _STORES.search(text[:MOST_LETTERS]) is not None
