"""The headers of a request that are looked at, and of a response; and what they say. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final

from starlette.types import Scope

from firstparty.minimise import unescaped

Headers = Mapping[bytes, bytes]

WANTED: Final = frozenset(
    {
        b"accept",
        b"accept-language",
        b"cache-control",
        b"dnt",
        b"host",
        b"origin",
        b"purpose",
        b"referer",
        b"sec-fetch-dest",
        b"sec-fetch-site",
        b"sec-gpc",
        b"sec-purpose",
        b"user-agent",
        b"x-moz",
        b"x-purpose",
    }
)
"""The request headers that are read. No other is looked at: no cookie, no address."""

MISSING: Final = frozenset({404, 410})
"""The statuses of a page that does not exist."""

NOTHING: Final = frozenset({204, 205})
"""The statuses of an answer without a page; frameworks send them with `text/html` all the same."""


def read(scope: Scope, wanted: Container[bytes] = WANTED) -> Headers:
    """The headers of a request that are looked at."""
    return {name: value for name, value in scope["headers"] if name in wanted}


def objects(headers: Headers) -> bool:
    """Whether the visitor objects: Global Privacy Control, or the older Do Not Track."""
    return (b"sec-gpc" in headers and headers[b"sec-gpc"] == b"1") or (
        b"dnt" in headers and headers[b"dnt"] == b"1"
    )


def document(scope: Scope, headers: Headers) -> bool:
    """Whether a request is a navigation to a document: no subresource, iframe or fetch."""
    if scope["method"] not in {"GET", "POST"}:
        return False
    destination = headers.get(b"sec-fetch-dest")
    if destination is not None:
        return destination == b"document"
    return b"text/html" in headers.get(b"accept", b"")


def undressed(scope: Scope, headers: Headers) -> bool:
    """Whether a request tells nothing of what it is for, as those of most machines."""
    return b"sec-fetch-dest" not in headers and scope["method"] in {"GET", "HEAD"}


def prefetched(headers: Headers) -> bool:
    """Whether a browser fetches or renders ahead of a click that may never come."""
    return (
        (b"sec-purpose" in headers and _ahead(headers[b"sec-purpose"]))
        or (b"purpose" in headers and _ahead(headers[b"purpose"]))
        or (b"x-purpose" in headers and _ahead(headers[b"x-purpose"]))
        or (b"x-moz" in headers and _ahead(headers[b"x-moz"]))
    )


def _ahead(purpose: bytes) -> bool:
    return b"prefetch" in purpose or purpose == b"preview"


RARE: Final = frozenset(
    {b"cache-control", b"dnt", b"purpose", b"sec-gpc", b"sec-purpose", b"x-moz", b"x-purpose"}
)
"""What `objects`, `prefetched` and `reloaded` look at: most navigations have none of it."""


def reloaded(scope: Scope, headers: Headers) -> bool:
    """Whether the page is asked for once more.

    Chromium repeats the original `Sec-Fetch-Site` on a reload, so that alone would make each
    reload of an entry page a visit. `max-age=0` is a reload, or the page behind a form that was
    posted; `no-cache` is a hard reload. Neither is an entry. A POST always has `max-age=0`, and is
    hardly ever sent again.
    """
    if b"cache-control" not in headers or scope["method"] == "POST":
        return False
    cache = headers[b"cache-control"]
    return b"max-age=0" in cache or b"no-cache" in cache


def decoded(page: bytes) -> tuple[str, str]:
    """A path as the server would decode it, and its query."""
    text = page[:2048].decode("latin-1")
    if "?" not in text and "%" not in text:
        return text or "/", ""
    path, _, query = text.partition("?")
    return unescaped(path) or "/", query


def shown(status: int) -> bool:
    """Whether a response is a page, as opposed to an error, a redirect, or nothing.

    After 204 and 205 a browser goes on showing the page that it has, whatever the headers say.
    """
    return (200 <= status < 300 and status not in NOTHING) or status == 304


FILES: Final = frozenset(
    {
        "/.well-known/security.txt",
        "/ads.txt",
        "/humans.txt",
        "/llms-full.txt",
        "/llms.txt",
        "/robots.txt",
        "/security.txt",
        "/sitemap.xml",
    }
)
"""Files that are there for machines."""

_FEEDS: Final = (
    b"application/rss+xml",
    b"application/atom+xml",
    b"application/feed+json",
    b"application/xml",
    b"text/xml",
    b"text/markdown",
)


def feed(response: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a response is a feed, or another text that machines ask for in a page's place."""
    return any(n == b"content-type" and value.startswith(_FEEDS) for n, value in response)


def lowered(response: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a response with their names in lower case.

    ASGI asks applications to write them so; Django (5.2) writes `Content-Type`. The first tells of
    all: to look at each would cost as much as a dimension.
    """
    if not response or response[0][0].islower():
        return response
    return [(name.lower(), value) for name, value in response]


def html(status: int, headers: Iterable[tuple[bytes, bytes]]) -> tuple[bool, bool]:
    """Whether a response is an HTML page, and whether a shared cache may keep it.

    Such a cache may answer the next visitor without asking us (RFC 9111 §5.2).
    """
    found, shared = status == 304, False
    for name, value in headers:
        if name == b"content-type":
            # Mostly in lower case; but the case says nothing, nor does it below.
            found = value.startswith(_HTML) or value[:32].lower().startswith(_HTML)
        elif name == b"cache-control":
            told = value.lower()
            shared = shared or b"public" in told or b"s-maxage" in told
        elif name == b"content-disposition" and value[:10].lower() == b"attachment":
            return False, shared
    return found, shared


_HTML: Final = (b"text/html", b"application/xhtml+xml")
