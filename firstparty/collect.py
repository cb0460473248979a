"""Collecting: which requests are page views, which page views are visits, and what they add."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from firstparty import reasons
from firstparty.accumulate import Accumulator
from firstparty.agents import PERSON, Agent, Agents, consistent
from firstparty.beacon import Beacon
from firstparty.hits import (
    AGAIN,
    CONFIRMED,
    CONFIRMED_ENTRY,
    CONTINUED,
    ENTRY,
    LEFT_OUT,
    MISS,
    VIEW,
)
from firstparty.paths import Paths, matcher
from firstparty.periods import Calendar
from firstparty.settings import Scope, Settings
from firstparty.sources import Seen, campaign, referrer_host

Headers = Mapping[bytes, bytes]

WANTED: Final = frozenset(
    {
        b"accept",
        b"accept-language",
        b"cache-control",
        b"dnt",
        b"host",
        b"origin",
        b"pragma",
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

COUNTED: Final = (b"server-timing", b"tally")
"""Tells the snippet that the server has counted this load: the same for everyone."""
OFF: Final = (b"server-timing", b"no-tally")
"""Tells the snippet that this document is none to count: an error page, or excluded."""
AHEAD: Final = (b"server-timing", b"tally-ahead")
"""Takes the place of a mark that the browser has kept, where a page is fetched ahead once more and
answered by 304 (RFC 9111 §3.2): the server has not counted it, so the snippet must."""


def read(scope: Scope) -> Headers:
    """The headers of a request that are looked at."""
    return {name: value for name, value in scope["headers"] if name in WANTED}


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


PAGE_STARTS: Final = (b"/", b"", b"?", b"#")


def _decoded(page: bytes) -> tuple[str, str]:
    """A path as the server would decode it, and its query."""
    text = page[:2048].decode("latin-1")
    if "?" not in text and "%" not in text:
        return text or "/", ""
    path, _, query = text.partition("?")
    return unquote(path) or "/", query


def shown(status: int) -> bool:
    """Whether a response is a page, as opposed to an error or a redirect."""
    return 200 <= status < 300 or status == 304


def html(status: int, headers: Iterable[tuple[bytes, bytes]]) -> tuple[bool, bool]:
    """Whether a response is an HTML page, and whether a shared cache may keep it.

    Such a cache may answer the next visitor without asking us (RFC 9111 §5.2).
    """
    found, shared = status == 304, False
    for name, value in headers:
        if name == b"content-type":
            found = value.startswith((b"text/html", b"application/xhtml+xml"))
        elif name == b"cache-control":
            shared = b"public" in value or b"s-maxage" in value
        elif name == b"content-disposition" and value.startswith(b"attachment"):
            return False, shared
    return found, shared


class Verdict:
    """What was made of a request, for the debug header and for the snippet's mark."""

    __slots__ = ("mark", "said")

    def __init__(self, said: str, mark: tuple[bytes, bytes] | None = None) -> None:
        self.said = said
        self.mark = mark


SAID_OBJECTS: Final = Verdict("ignored; objects")
"""Said in a header alone: who objects is not counted, not even as left out."""
SAID_ENTRY: Final = Verdict("counted; visit", COUNTED)
SAID_VIEW: Final = Verdict("counted", COUNTED)
SAID_MISS: Final = Verdict("counted; not found", OFF)
SAID_ERROR: Final = Verdict("ignored; error page", OFF)
SAID_SHARED: Final = Verdict("ignored; shared cache: left to the snippet")
SAID_SCRIPT: Final = Verdict('ignored; collect="script": left to the snippet')


class Collector:
    """Turns requests and beacons of one site into counts."""

    def __init__(
        self,
        settings: Settings,
        accumulator: Accumulator,
        paths: Paths,
        calendar: Calendar,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.beacons = 0
        """How many beacons this process has taken."""
        self.shared = 0
        """How many documents were left to the snippet because a shared cache may keep them."""
        self.failed = False
        """Whether counting a beacon has failed, and the log has been told."""
        self._accumulator = accumulator
        self._paths = paths
        self._calendar = calendar
        self._clock = clock
        self._agents = Agents()
        self._hosts = settings.hosts
        self._script = settings.collect == "script"
        self._excluded: Callable[[Scope], bool] | None = None
        if callable(settings.exclude):
            self._excluded = settings.exclude
        elif settings.exclude:
            matches = matcher(settings.exclude)
            self._excluded = lambda scope: matches(scope["path"])

    def _machine(self, scope: Scope, headers: Headers, agent: Agent) -> bool:
        if agent.bot or b"sec-fetch-site" in headers:
            return agent.bot
        return not consistent(agent, False, scope.get("scheme") == "https")

    def document(
        self,
        scope: Scope,
        headers: Headers,
        page: str,
        status: int,
        response: Iterable[tuple[bytes, bytes]],
    ) -> Verdict | None:
        """Count the document of a navigation, when its response starts.

        None where it is no page and no error page, and so none of our business.
        """
        is_html, shared = html(status, response)
        is_shown = status == 200 or shown(status)
        # Starlette's own 404 is plain text, and a person has asked for a page all the same.
        missing = status in MISSING
        if not missing and not (is_html and (is_shown or status >= 400)):
            return None
        if objects(headers):
            return SAID_OBJECTS
        agent = self._agents.read(headers.get(b"user-agent", b"").decode("latin-1"))
        seen = Seen(self._paths, scope, page, agent)
        if prefetched(headers):
            return self._leave_out(seen, reasons.PREFETCH, AHEAD)
        if self._machine(scope, headers, agent):
            return self._leave_out(seen, reasons.BOT)
        if self._excluded is not None and self._excluded(scope):
            return self._leave_out(seen, reasons.EXCLUDED, OFF)
        if is_shown and self._script:
            return SAID_SCRIPT
        if is_shown and shared:
            self.shared += 1
            return SAID_SHARED
        enters = self._origin(seen, headers)
        moment = self._calendar.moment(self._clock())
        if missing:
            self._accumulator.add(MISS, seen, moment)
            return SAID_MISS
        if not is_shown:
            return SAID_ERROR
        query = scope["query_string"]
        if query:
            self._query(seen, query.decode("utf-8", "replace"))
        language = headers.get(b"accept-language")
        if language:
            seen.language = language[:16].decode("latin-1")
        if enters:
            self._accumulator.add(ENTRY, seen, moment)
            return SAID_ENTRY
        # `_origin` leaves the page before out of a reload.
        again = seen.previous in {"", page} and (seen.previous == page or reloaded(scope, headers))
        self._accumulator.add(AGAIN if again else VIEW, seen, moment)
        return SAID_VIEW

    def _query(self, seen: Seen, query: str) -> None:
        seen.query = query
        if "utm_" in query:
            seen.campaign = campaign(query)

    def _origin(self, seen: Seen, headers: Headers) -> bool:
        """Note where a navigation came from; true if it enters the site.

        It does if the page before it was not ours: `Sec-Fetch-Site` (W3C Fetch Metadata) is `none`
        or `cross-site`, or `same-site` from a host that is not one of the site's own. Where the
        header is missing (plain http, old browsers), the Referer decides.
        """
        referer = headers.get(b"referer")
        if referer:
            if headers.get(b"sec-fetch-site") == b"same-origin":
                # The browser says that the host is ours: no need to compare.
                parts = referer.split(b"/", 3)
                page: bytes | None = b"/" + parts[3] if len(parts) == 4 else b"/"
            else:
                page = self._own_page(referer, headers.get(b"host", b""))
                if page == b"/" and b"sec-fetch-site" in headers:
                    page = b""  # another site has redirected to us: our page is not told
            if page is not None:
                if page and not reloaded(seen.scope, headers):
                    seen.previous, seen.previous_query = _decoded(page)
                return False
            seen.host = referrer_host(referer[:2048].decode("latin-1"))
        return headers.get(b"sec-fetch-site") != b"same-origin" and not reloaded(
            seen.scope, headers
        )

    def _own_page(self, url: bytes, own: bytes) -> bytes | None:
        """What follows the host in the URL of a page of ours; None for another's.

        Empty where a page of another host of ours keeps its path to itself, as browsers do by
        default (`strict-origin-when-cross-origin`).
        """
        rest = url.partition(b"://")[2]
        if own and rest.startswith(own):
            page = rest[len(own) :]
            if page[:1] in PAGE_STARTS:
                return page or b"/"
        if not self._hosts:
            return None
        host, slash, page = rest.partition(b"/")
        name = host.decode("latin-1").lower()
        if name and (name in self._hosts or name.partition(":")[0] in self._hosts):
            return slash + page if page else b""
        return None

    def beacon(self, scope: Scope, headers: Headers, beacon: Beacon) -> str:
        """Count a beacon; the answer is what its `Tally` header says."""
        if objects(headers):
            return SAID_OBJECTS.said
        agent = self._agents.read(headers.get(b"user-agent", b"").decode("latin-1"))
        seen = Seen(self._paths, scope, beacon.page, agent)
        self._query(seen, beacon.query)
        seen.language = headers.get(b"accept-language", b"")[:16].decode("latin-1")
        if self._machine(scope, headers, agent):
            return self._leave_out(seen, reasons.BOT).said
        if self._excluded is not None and self._excluded({**scope, "path": beacon.page}):
            return self._leave_out(seen, reasons.EXCLUDED).said
        self.beacons += 1
        # The Origin is the browser's own word for its host; a proxy may have rewritten the other.
        own = headers.get(b"origin", b"").partition(b"://")[2] or headers.get(b"host", b"")
        page = self._own_page(beacon.referrer.encode("utf-8", "replace"), own)
        enters = beacon.enters and page is None
        if page and beacon.moves:
            seen.previous, seen.previous_query = _decoded(page)
        elif enters and beacon.referrer:
            seen.host = referrer_host(beacon.referrer)
        counted = beacon.counted and not self._script
        moment = self._calendar.moment(self._clock())
        add = self._accumulator.add
        if not counted:
            again = not beacon.moves or seen.previous == beacon.page
            add(ENTRY if enters else AGAIN if again else VIEW, seen, moment)
        add(CONFIRMED_ENTRY if enters else CONFIRMED, seen, moment)
        if beacon.second:
            add(CONTINUED, seen, moment)
        return "confirmed" if counted else "counted"

    def refuse(self, scope: Scope, headers: Headers, reason: str) -> None:
        """Count a beacon that was left out before it could be read."""
        if not objects(headers):
            self._leave_out(Seen(self._paths, scope, "", PERSON), reason)

    def _leave_out(
        self, seen: Seen, reason: str, mark: tuple[bytes, bytes] | None = None
    ) -> Verdict:
        seen.reason = reason
        self._accumulator.add(LEFT_OUT, seen, self._calendar.moment(self._clock()))
        return Verdict(f"ignored; {reason}", mark)
