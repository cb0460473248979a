"""What the headers of an answer load, or have a browser send. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from firstparty.audit import html
from firstparty.audit.html import Reference

_LINK: Final = re.compile(r"<([^>]{0,2000})>\s{0,9}((?:;[^<,;]{0,2000}){1,20})")
_REL: Final = re.compile(r"\brel\s{0,9}=\s{0,9}\"?([\w -]{1,200})", re.IGNORECASE)
_URL: Final = re.compile(r"https?://[^\s\"'<>,;{}]{1,2000}", re.IGNORECASE)

ENDPOINTS: Final = frozenset({"reporting-endpoints", "report-to"})
"""They have a browser send reports there, with the address of the page in them."""
POLICIES: Final = frozenset({"content-security-policy", "content-security-policy-report-only"})


def references(headers: Iterable[tuple[str, str]]) -> Iterator[Reference]:
    """What headers, their names in lower case, have a browser load or send."""
    for name, value in headers:
        if name == "link":
            yield from _links(value)
        elif name in ENDPOINTS:
            for url in _URL.findall(value):
                yield Reference("connect", url, f"header {name}")
        elif name in POLICIES:
            for directive in value.split(";"):
                word, *urls = directive.split() or [""]
                if word.lower() == "report-uri":
                    yield from (Reference("connect", url, f"header {name}") for url in urls)


def _links(value: str) -> Iterator[Reference]:
    for target, rest in _LINK.findall(value):
        relation = _REL.search(rest)
        for word in relation[1].lower().split() if relation else ():
            kind = "other" if word == "preload" else html.RELATIONS.get(word)
            if kind:
                yield Reference(kind, target, "header Link")


def cookie(value: str) -> str:
    """A cookie's name and what may be done with it; never its value."""
    first, *rest = value.split(";")
    kept = sorted(
        {
            name
            for each in rest
            if (name := each.strip().partition("=")[0].lower())
            in {"secure", "httponly", "max-age", "expires", "domain", "partitioned"}
        }
    )
    same = next((each.strip() for each in rest if each.strip().lower().startswith("samesite")), "")
    return ", ".join(filter(None, [first.partition("=")[0].strip(), *kept, same.lower()]))
