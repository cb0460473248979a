"""Turns lines of a log into counts, by the rules of live requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from starlette.types import Scope

from firstparty import headers, machines, sources
from firstparty.accumulate import Accumulator
from firstparty.agents import PERSON, Agents
from firstparty.collect import Collector
from firstparty.counting import Counting
from firstparty.headers import MISSING
from firstparty.hits import MACHINE, VIEW
from firstparty.logs import reasons
from firstparty.logs.endings import HTML, guessed, part
from firstparty.logs.line import PART, TYPE, Headers, Line
from firstparty.periods import Calendar, Moment
from firstparty.reasons import BOT
from firstparty.row import Dimension
from firstparty.settings import Settings
from firstparty.sources import Seen
from firstparty.verdicts import SAID_ERROR, SAID_VIEW, Verdict

Response = tuple[tuple[bytes, bytes], ...]

NEEDS: Final[Mapping[Callable[[Seen], sources.Raw], bytes]] = {
    sources.language: b"accept-language",
    sources.families: b"user-agent",
}
"""What would take a header that the log does not have for one that was not sent."""

_PAGES: Final = frozenset({200, 304, *MISSING})
"""Statuses of pages, shown or missing, where the content type is a guess."""


def readable(rows: Mapping[str, Dimension], carries: frozenset[bytes]) -> dict[str, Dimension]:
    """The rows that a log with these headers has something to say of."""
    return {name: row for name, row in rows.items() if NEEDS.get(row.source) in {None, *carries}}


class _Then(Calendar):
    """A calendar on which it is the hour of the line that is being counted."""

    now = Moment(-1, -1, -1, -1)

    def moment(self, now: float) -> Moment:
        """The hour of that line."""
        return self.now


class LogCounter:
    """Counts requests of log lines that have the headers `carries`, for one site.

    `settings` are the site's; pages have the names that they have in `counting`. It counts in
    `accumulator`. `when` says which hour a minute belongs to, or why it is not taken.
    """

    def __init__(
        self,
        settings: Settings,
        counting: Counting,
        carries: frozenset[bytes],
        accumulator: Accumulator,
        when: Callable[[int], Moment | str],
    ) -> None:
        country = settings.country if settings.country_header in carries else None
        settings = replace(settings, collect="server", country=country)
        self.accumulator = accumulator
        self.of_day = Counter[int]()
        """How many lines were counted of each day."""
        self._when = when
        self._then = _Then(counting.calendar.zone)
        self._collector = Collector(
            settings, self.accumulator, counting.paths, self._then, lambda: 0.0
        )
        # No page waits for it: all of the time may go into reading agents.
        more = machines.extra() if settings.bots else None
        self._collector.agents = Agents(budget=1, more=more)
        self._dressed = b"accept" in carries
        self._typed = TYPE in carries
        self._agents = b"user-agent" in carries
        self._bare = not (self._agents and b"referer" in carries)
        self._own = tuple(own.encode() for own in counting.ours.begins)
        self._under = counting.ours.under
        self._hosts = frozenset(host.encode() for host in settings.hosts)

    def take(self, line: Line) -> str:
        """Count a line; answers what was made of it, or "" where its visitor objects."""
        if line is PART:
            return reasons.STATIC
        minute, method, target, status, sent, response, https = line
        if headers.objects(sent):
            return reasons.OBJECTS
        moment = self._when(minute)
        if isinstance(moment, str):
            return moment
        path, _, query = target.partition(b"?")
        if not self._typed:
            if part(path):
                return reasons.STATIC
            response = guessed(path)
            if status not in _PAGES and status < 400:
                return reasons.NO_PAGE
        if path[:1] != b"/":
            path = _absolute(path)
        if path.startswith(self._own) and self._under(path.decode("utf-8", "replace"), method):
            return reasons.OURS
        if self._hosts and not self._here(sent):
            return reasons.OTHER_HOST
        self._then.now = moment
        page = path.decode("utf-8", "replace")
        if "%" in page:
            page = unquote(page)
        scope: Scope = {
            "type": "http",
            "method": method,
            "scheme": "https" if https else "http",
            "path": page,
            "root_path": "",
            "query_string": query,
            "headers": [],
        }
        count = self._only_viewed if self._bare else self._count
        verdict = count(scope, sent, page, status, response)
        if verdict is None:
            return reasons.NO_PAGE
        self.of_day[moment.day] += 1
        return verdict.said

    def _count(
        self, scope: Scope, sent: Headers, page: str, status: int, response: Response
    ) -> Verdict | None:
        """Count as the middleware does: see `AnalyticsMiddleware.__call__`."""
        collector = self._collector
        if self._dressed or b"sec-fetch-dest" in sent:
            document = headers.document(scope, sent)
        else:
            document = scope["method"] == "GET" and (self._typed or response is HTML)
        if document:
            return collector.document(scope, sent, page, status, response)
        if headers.undressed(scope, sent) and collector.agent(scope, sent).bot:
            return collector.machine(scope, sent, page, status, response)
        return None

    def _only_viewed(
        self, scope: Scope, sent: Headers, page: str, status: int, response: Response
    ) -> Verdict | None:
        """Count where nobody knows who asks, or whence: a view, and no visit."""
        collector = self._collector
        if scope["method"] != "GET" or response is not HTML or status in MISSING:
            return None
        if status >= 400:
            return SAID_ERROR
        seen = Seen(
            collector.paths, scope, page, collector.agent(scope, sent) if self._agents else PERSON
        )
        if seen.agent.bot:
            collector.add(MACHINE, seen)
            return collector.leave_out(seen, BOT)
        collector.add(VIEW, seen)
        return SAID_VIEW

    def _here(self, sent: Headers) -> bool:
        """Whether one of the site's hosts was asked, as far as the log tells.

        Where it does not, it is taken for the host that the referrer is a page of, if that is ours.
        """
        host = sent.get(b"host")
        if host is not None:
            return host.lower().partition(b":")[0] in self._hosts
        parts = sent.get(b"referer", b"").split(b"/", 3)
        if len(parts) > 2 and parts[2] in self._hosts:
            sent[b"host"] = parts[2]
        return True


def _absolute(target: bytes) -> bytes:
    """The path of a whole URL, as a request to a proxy has it."""
    rest = target.partition(b"://")[2]
    return b"/" + rest.partition(b"/")[2]
