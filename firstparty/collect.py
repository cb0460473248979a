"""Collecting: which requests are page views, which page views are visits, and what they add."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Final

from starlette.types import Scope

from firstparty import channels, machines, reasons
from firstparty.accumulate import Accumulator
from firstparty.agents import MACHINES, Agent, Agents, consistent
from firstparty.headers import (
    FILES,
    MISSING,
    RARE,
    Headers,
    decoded,
    feed,
    html,
    objects,
    prefetched,
    reloaded,
    shown,
)
from firstparty.hits import AGAIN, ENTRY, LEFT_OUT, MACHINE, MISS, VIEW, Kind
from firstparty.machine_words import OTHER
from firstparty.paths import Paths, matcher
from firstparty.periods import Calendar, Moment
from firstparty.policy import PolicyCheck
from firstparty.settings import Settings
from firstparty.sources import Listed, Seen, campaign, referrer_host
from firstparty.spam import is_spam
from firstparty.verdicts import (
    AHEAD,
    OFF,
    SAID_ENTRY,
    SAID_ERROR,
    SAID_MISS,
    SAID_OBJECTS,
    SAID_SCRIPT,
    SAID_SHARED,
    SAID_VIEW,
    Verdict,
)

log: Final = logging.getLogger("firstparty")

PRETENDER: Final = MACHINES[machines.OTHERS[OTHER]]
"""Says that it is a browser, and sends what that browser would not."""

PAGE_STARTS: Final = (b"/", b"", b"?", b"#")
SCHEME: Final = len("https://")
"""Where the host begins in a URL; in one of `http` it has begun."""


UNSEEN: Final = (
    "pages that a shared cache may keep are left to the snippet, but it has sent nothing: put the"
    " tag on them, and let your Content-Security-Policy allow script-src 'self' and connect-src"
    " 'self'"
)
EXCLUDE_FAILED: Final = (
    "exclude= failed, and what it failed for is not counted: it is called with the ASGI scope, a"
    " dict, and not with a Request; write scope.get('session', {}).get('staff')"
)
UNSEEN_AFTER: Final = 20
"""Such pages after which the log says so, once."""


class Collector:
    """Turns requests of one site into counts."""

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
        self.exclude_failed = False
        """Whether `exclude` has raised, and the log has been told."""
        self.policy = PolicyCheck(settings.collector)
        """Whether the application's own policy stops the snippet."""
        self.script = settings.collect == "script"
        """Whether all counting is left to the snippet."""
        self.accumulator = accumulator
        self.paths = paths
        self.agents = Agents(more=machines.extra() if settings.bots else None)
        self._calendar = calendar
        self._clock = clock
        self._hosts = settings.hosts
        self._country = settings.country_header
        self._excluded: Callable[[Scope], bool] | None = None
        if callable(settings.exclude):
            self._excluded = settings.exclude
        elif settings.exclude:
            matches = matcher(settings.exclude)
            self._excluded = lambda scope: matches(scope["path"])

    def agent(self, scope: Scope, headers: Headers) -> Agent:
        """Who asks, by the User-Agent, and by what the browser that it names would have sent."""
        agent = self.agents.read(headers.get(b"user-agent", b""))
        if agent.bot or b"sec-fetch-site" in headers:
            return agent
        return agent if consistent(agent, scope.get("scheme") == "https") else PRETENDER

    def see(self, scope: Scope, headers: Headers, page: str, agent: Agent) -> Seen:
        """What the headers of a request show of a view of `page`, but for what came before it."""
        seen = Seen(self.paths, scope, page, agent)
        language = headers.get(b"accept-language")
        if language:
            seen.language = language[:16].decode("latin-1")
        if self._country is not None:
            seen.said = self._said(headers)
        return seen

    def _said(self, headers: Headers) -> dict[str, str]:
        return {"country": headers.get(self._country or b"", b"")[:64].decode("latin-1")}

    def add(self, kind: Kind, seen: Seen, times: int = 1) -> None:
        """Count a hit now."""
        self.accumulator.add(kind, seen, self.moment(), times)

    def moment(self) -> Moment:
        """The periods that this instant falls into."""
        return self._calendar.moment(self._clock())

    def leave_out(
        self, seen: Seen, reason: str, mark: tuple[bytes, bytes] | None = None
    ) -> Verdict:
        """Count what is not counted, by the reason."""
        seen.reason = reason
        self.add(LEFT_OUT, seen)
        return Verdict(f"ignored; {reason}", mark)

    def excluded(self, scope: Scope, page: str) -> bool:
        """Whether the setting `exclude` leaves this page out."""
        if self._excluded is None:
            return False
        try:
            return self._excluded(scope if scope["path"] == page else {**scope, "path": page})
        except Exception:
            # Nobody knows whether it was to be left out: then it is.
            if not self.exclude_failed:
                self.exclude_failed = True
                log.exception("%s (logged once)", EXCLUDE_FAILED)
            return True

    def document(
        self,
        scope: Scope,
        headers: Headers,
        page: str,
        status: int,
        response: Iterable[tuple[bytes, bytes]],
        served: str | None = None,
    ) -> Verdict | None:
        """Count the document of a navigation, when its response starts.

        None where it is no page and no error page, and so none of our business. `served` is the
        range of the time that the application took.
        """
        is_html, shared = html(status, response)
        is_shown = status == 200 or shown(status)
        # Starlette's own 404 is plain text, and a person has asked for a page all the same.
        missing = status in MISSING
        if not missing and not (is_html and (is_shown or status >= 400)):
            return None
        rare = not RARE.isdisjoint(headers)
        if rare and objects(headers):
            return SAID_OBJECTS
        # As `agent` and `see`, unwrapped: this is the hot path.
        told = headers.get(b"user-agent", b"")
        agent = self.agents.known.get(told) or self.agents.read(told)
        if not agent.bot and b"sec-fetch-site" not in headers:
            agent = self.agent(scope, headers)
        seen = Seen(self.paths, scope, page, agent)
        language = headers.get(b"accept-language")
        if language:
            seen.language = language[:16].decode("latin-1")
        if self._country is not None:
            seen.said = self._said(headers)
        if rare and prefetched(headers):
            return self.leave_out(seen, reasons.PREFETCH, AHEAD)
        if agent.bot:
            if is_shown:
                self.add(MACHINE, seen)
            return self.leave_out(seen, reasons.BOT)
        if self._excluded is not None and self.excluded(scope, scope["path"]):
            return self.leave_out(seen, reasons.EXCLUDED, OFF)
        if is_shown and self.script:
            return SAID_SCRIPT
        if is_shown and shared:
            self.shared += 1
            if self.shared == UNSEEN_AFTER and self.beacons == 0:
                log.warning("%s", UNSEEN)
            return SAID_SHARED
        once_more = rare and reloaded(scope, headers)
        enters = self._origin(seen, headers, once_more)
        if seen.host and self.spam(seen):
            return self.leave_out(seen, reasons.SPAM, OFF)
        if missing:
            self.add(MISS, seen)
            return SAID_MISS
        if not is_shown:
            return SAID_ERROR
        query = scope["query_string"]
        if query:
            self.query(seen, query.decode("utf-8", "replace"))
        seen.served = served
        moment = self._calendar.moment(self._clock())
        if enters:
            self.accumulator.add(ENTRY, seen, moment)
            return SAID_ENTRY
        # `_origin` leaves the page before out of a reload.
        again = seen.previous == page or (once_more and not seen.previous)
        self.accumulator.add(AGAIN if again else VIEW, seen, moment)
        return SAID_VIEW

    def machine(
        self,
        scope: Scope,
        headers: Headers,
        page: str,
        status: int,
        response: Iterable[tuple[bytes, bytes]],
    ) -> Verdict | None:
        """Count a machine's request that is no navigation, if it is for a page or a text like one.

        None where it is for something else.
        """
        if not shown(status) or objects(headers):
            return None
        if page in FILES:
            page = Listed(page)
        elif not html(status, response)[0] and not feed(response):
            return None
        seen = Seen(self.paths, scope, page, self.agent(scope, headers))
        self.add(MACHINE, seen)
        return self.leave_out(seen, reasons.BOT)

    def spam(self, seen: Seen) -> bool:
        """Whether the host that linked here is known to be made up."""
        return not channels.listed(seen.host) and is_spam(seen.host)

    def query(self, seen: Seen, query: str) -> None:
        """Note a page's query string, and the campaign in it."""
        seen.query = query
        if "utm_" in query:
            seen.campaign = campaign(query)

    def _origin(self, seen: Seen, headers: Headers, once_more: bool) -> bool:
        """Note where a navigation came from; true if it enters the site.

        It does if the page before it was not ours: `Sec-Fetch-Site` (W3C Fetch Metadata) is `none`
        or `cross-site`, or `same-site` from a host that is not one of the site's own. Where the
        header is missing (plain http, old browsers), the Referer decides.
        """
        referer = headers.get(b"referer")
        if referer:
            if headers.get(b"sec-fetch-site") == b"same-origin":
                # The browser says that the host is ours: no need to compare.
                start = referer.find(b"/", SCHEME)
                page: bytes | None = referer[start:] if start > 0 else b"/"
            else:
                page = self.own_page(referer, headers.get(b"host", b""))
                if page == b"/" and b"sec-fetch-site" in headers:
                    page = b""  # another site has redirected to us: our page is not told
            if page is not None:
                if page and not once_more:
                    seen.previous, seen.previous_query = decoded(page)
                return False
            seen.host = referrer_host(referer[:2048].decode("latin-1"))
        return not once_more and headers.get(b"sec-fetch-site") != b"same-origin"

    def own_page(self, url: bytes, own: bytes) -> bytes | None:
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
