"""Collecting: which requests are page views, which page views are visits, and what they add."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from firstparty import reasons
from firstparty.accumulate import Accumulator
from firstparty.agents import LENGTH, Agent, Agents, consistent
from firstparty.beacon import Beacon
from firstparty.hits import (
    CONFIRMED,
    CONFIRMED_ENTRY,
    CONTINUED,
    DEPARTURE,
    ENTRY,
    LEFT_OUT,
    MISS,
    VIEW,
)
from firstparty.paths import Paths, matcher
from firstparty.periods import Calendar
from firstparty.settings import Scope, Settings
from firstparty.sources import Seen

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

COUNTED: Final = (b"server-timing", b"tally")
"""Tells the snippet that the server has counted this load: the same for everyone."""
OFF: Final = (b"server-timing", b"no-tally")
"""Tells the snippet that this document is none to count: an error page, or excluded."""

OBJECTS: Final = "objects"
"""Said in the debug header alone: who objects is not counted, not even as left out."""


def read(scope: Scope) -> Headers:
    """The headers of a request that are looked at."""
    return {name: value for name, value in scope["headers"] if name in WANTED}


def objects(headers: Headers) -> bool:
    """Whether the visitor objects: Global Privacy Control, or the older Do Not Track."""
    return headers.get(b"sec-gpc") == b"1" or headers.get(b"dnt") == b"1"


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
        b"prefetch" in headers.get(b"sec-purpose", b"")
        or headers.get(b"purpose") in {b"prefetch", b"preview"}
        or headers.get(b"x-purpose") in {b"prefetch", b"preview"}
        or headers.get(b"x-moz") == b"prefetch"
    )


def reloaded(headers: Headers) -> bool:
    """Whether the page is asked for once more.

    Chromium repeats the original `Sec-Fetch-Site` on a reload, so that alone would make each
    reload of an entry page a visit. `max-age=0` is a reload, or the page behind a form that was
    posted; `no-cache` is a hard reload. Neither is an entry.
    """
    cache = headers.get(b"cache-control", b"")
    return b"max-age=0" in cache or b"no-cache" in cache


def split(url: str) -> tuple[str, str]:
    """A referrer's host (with its port, lower case) and the rest, decoded: path and query."""
    _, separator, rest = url.partition("://")
    if not separator:
        return "", ""
    host, _, page = rest.partition("/")
    if "?" in host or "#" in host:
        host, page = host.split("?", 1)[0].split("#", 1)[0], ""
    page, mark, query = page.partition("?")
    if "%" in page:
        page = unquote(page)
    return host.lower(), f"/{page}{mark}{query}"


class Response:
    """What a response start says about whether its document is a page view."""

    __slots__ = ("html", "shared", "status")

    def __init__(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.status = status
        self.html = status == 304
        self.shared = False
        for name, value in headers:
            if name == b"content-type":
                self.html = value.startswith((b"text/html", b"application/xhtml+xml"))
            elif name == b"cache-control":
                # A shared cache may answer the next visitor without asking us (RFC 9111 §5.2).
                self.shared = b"public" in value or b"s-maxage" in value
            elif name == b"content-disposition" and value.startswith(b"attachment"):
                self.html = False
                return

    @property
    def shown(self) -> bool:
        """Whether it is a page, as opposed to an error or a redirect."""
        return 200 <= self.status < 300 or self.status == 304


class Verdict:
    """What was made of a request, for the debug header and for the snippet's mark."""

    __slots__ = ("mark", "said")

    def __init__(self, said: str, mark: tuple[bytes, bytes] | None = None) -> None:
        self.said = said
        self.mark = mark


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

    def _ours(self, host: str, own: str) -> bool:
        return host == own or host in self._hosts or host.partition(":")[0] in self._hosts

    def _machine(self, scope: Scope, headers: Headers, agent: Agent) -> bool:
        return agent.bot or not consistent(
            agent, b"sec-fetch-site" in headers, scope.get("scheme") == "https"
        )

    def document(
        self, scope: Scope, headers: Headers, page: str, response: Response
    ) -> Verdict | None:
        """Count the document of a navigation. None where it is none of our business."""
        if not response.html or not (response.shown or response.status >= 400):
            return None
        if objects(headers):
            return Verdict(f"ignored; {OBJECTS}")
        agent = self._agents.read(headers.get(b"user-agent", b"")[:LENGTH].decode("latin-1"))
        seen = Seen(self._paths, scope, page=page, agent=agent)
        if prefetched(headers):
            return self._leave_out(seen, reasons.PREFETCH)
        if self._machine(scope, headers, agent):
            return self._leave_out(seen, reasons.BOT)
        if self._excluded is not None and self._excluded(scope):
            return self._leave_out(seen, reasons.EXCLUDED, OFF)
        self._paths.learn(scope)
        enters = self._origin(seen, headers)
        if not response.shown:
            if response.status not in {404, 410}:
                return SAID_ERROR
            self._accumulator.add(MISS, seen, self._calendar.moment(self._clock()))
            return SAID_MISS
        if self._script:
            return SAID_SCRIPT
        if response.shared:
            self.shared += 1
            return SAID_SHARED
        query = scope["query_string"]
        if query:
            seen.query = query.decode("utf-8", "replace")
        language = headers.get(b"accept-language")
        if language:
            seen.language = language[:64].decode("latin-1")
        moment = self._calendar.moment(self._clock())
        self._accumulator.add(ENTRY if enters else VIEW, seen, moment)
        if seen.previous:
            self._accumulator.add(DEPARTURE, seen, moment)
        return SAID_ENTRY if enters else SAID_VIEW

    def _origin(self, seen: Seen, headers: Headers) -> bool:
        """Note where a navigation came from; true if it enters the site.

        It does if the page before it was not ours: `Sec-Fetch-Site` (W3C Fetch Metadata) is `none`
        or `cross-site`, or `same-site` from a host that is not one of the site's own. Where the
        header is missing (plain http, old browsers), the Referer decides.
        """
        host = page = ""
        referer = headers.get(b"referer")
        if referer:
            url = referer[:2048].decode("latin-1")
            host, page = split(url)
            if host and self._ours(host, headers.get(b"host", b"").decode("latin-1").lower()):
                if not reloaded(headers):
                    seen.previous = page
                return False
            seen.referrer = url
        return headers.get(b"sec-fetch-site") != b"same-origin" and not reloaded(headers)

    def beacon(self, scope: Scope, headers: Headers, beacon: Beacon) -> str:
        """Count a beacon; the answer is what its `Tally` header says."""
        if objects(headers):
            return f"ignored; {OBJECTS}"
        agent = self._agents.read(headers.get(b"user-agent", b"")[:LENGTH].decode("latin-1"))
        seen = Seen(
            self._paths,
            scope,
            page=beacon.page,
            query=beacon.query,
            language=headers.get(b"accept-language", b"")[:64].decode("latin-1"),
            agent=agent,
        )
        if self._machine(scope, headers, agent):
            return self._leave_out(seen, reasons.BOT).said
        if self._excluded is not None and self._excluded({**scope, "path": beacon.page}):
            return self._leave_out(seen, reasons.EXCLUDED).said
        self.beacons += 1
        self._paths.learn(scope)
        host, page = split(beacon.referrer)
        ours = self._ours(host, headers.get(b"host", b"").decode("latin-1").lower())
        enters = beacon.enters and not ours
        if ours and beacon.moves:
            seen.previous = page
        elif enters:
            seen.referrer = beacon.referrer
        counted = beacon.counted and not self._script
        moment = self._calendar.moment(self._clock())
        add = self._accumulator.add
        if not counted:
            add(ENTRY if enters else VIEW, seen, moment)
            if seen.previous:
                add(DEPARTURE, seen, moment)
        add(CONFIRMED_ENTRY if enters else CONFIRMED, seen, moment)
        if beacon.second:
            add(CONTINUED, seen, moment)
        return "confirmed" if counted else "counted"

    def refuse(self, scope: Scope, headers: Headers, reason: str) -> None:
        """Count a beacon that was left out before it could be read."""
        if not objects(headers):
            self._leave_out(Seen(self._paths, scope), reason)

    def _leave_out(
        self, seen: Seen, reason: str, mark: tuple[bytes, bytes] | None = None
    ) -> Verdict:
        seen.reason = reason
        self._accumulator.add(LEFT_OUT, seen, self._calendar.moment(self._clock()))
        return Verdict(f"ignored; {reason}", mark)
