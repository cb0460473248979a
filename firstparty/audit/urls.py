"""URLs as a browser reads them (WHATWG URL Standard), written in ASCII. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

_START: Final = re.compile(r"\s*(?:(https?|wss?):)?(/*)", re.IGNORECASE)
_QUERY: Final = re.compile(r"[?#]")
_PLAIN: Final = re.compile(r"[!-~]*")
SAFE: Final = "".join(map(chr, range(0x21, 0x7F)))
"""What stays as it is in a path or a query; the rest is escaped."""


def split(url: str) -> SplitResult | None:
    """The parts of a URL; None where it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # looked at only now
    except ValueError:
        return None
    return parts


def joined(base: str, url: str) -> str:
    """A URL that stands in a page at `base`; empty where it is none."""
    try:
        return _ascii(urljoin(base, _slashes(url.strip(), base.partition(":")[0])))
    except ValueError:
        return ""


def _slashes(url: str, scheme: str) -> str:
    """Browsers take `\\` for `/`, and `///` or a scheme without slashes for `//`."""
    end = _QUERY.search(url)
    head = url[: end.start()] if end else url
    head, rest = head.replace("\\", "/"), url[len(head) :]
    begins = _START.match(head)
    named, slashes = begins.groups() if begins else (None, "")
    if len(slashes) > 1 or (named and named.lower() != scheme.lower()):
        head = f"{f'{named}:' if named else ''}//{head[begins.end() if begins else 0 :]}"
    return head + rest


def _ascii(url: str) -> str:
    if _PLAIN.fullmatch(url):
        return url
    parts = urlsplit(url)
    place = parts.netloc
    if not place.isascii():
        place = (parts.hostname or "").encode("idna").decode()
        if parts.port:
            place += f":{parts.port}"
    rest = (quote(part, safe=SAFE) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, place, *rest))


def page(url: str) -> str:
    """A page as it is told: its path and query."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
