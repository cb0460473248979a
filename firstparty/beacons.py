"""Counting beacons: what the snippet's files report."""

from __future__ import annotations

from starlette.types import Scope

from firstparty import events, reasons
from firstparty.agents import PERSON, Agent
from firstparty.beacon import Beacon, Report
from firstparty.collect import Collector
from firstparty.headers import Headers, decoded, objects
from firstparty.hits import (
    AGAIN,
    CONFIRMED,
    CONFIRMED_ENTRY,
    CONTINUED,
    ENTRY,
    MEASURED,
    MISS,
    PACED,
    SECOND,
    VIEW,
)
from firstparty.sources import Seen, referrer_host
from firstparty.verdicts import SAID_OBJECTS


class Beacons:
    """Turns the beacons of one site into counts. What is answered is said in a `Tally` header."""

    def __init__(self, collector: Collector, counter: events.Counter) -> None:
        self.failed = False
        """Whether counting a beacon has failed, and the log has been told."""
        self._collector = collector
        self._events = counter

    def take(
        self, scope: Scope, headers: Headers, beacon: Beacon | Report, theirs: bool = False
    ) -> str:
        """Count a beacon; the answer is what its `Tally` header says.

        `theirs` is one that another tool's client has sent. It cannot tell the second page of a
        visit, so its entries are no confirmed visits, of which nobody knows whether they continued.
        """
        collector = self._collector
        if objects(headers):
            return SAID_OBJECTS.said
        agent = collector.agent(scope, headers)
        # What the server has seen of this load, it has left out itself.
        again = isinstance(beacon, Beacon) and beacon.counted and not collector.script
        if agent.bot:
            return self._leave_out(scope, agent, reasons.BOT, again)
        if collector.excluded(scope, beacon.page):
            return self._leave_out(scope, agent, reasons.EXCLUDED, again)
        if not theirs:
            collector.beacons += 1
        seen = collector.see(scope, headers, beacon.page, agent)
        collector.query(seen, beacon.query)
        page = collector.own_page(beacon.referrer.encode("utf-8", "replace"), own_host(headers))
        if isinstance(beacon, Report):
            if page:
                seen.previous, seen.previous_query = decoded(page)
            elif beacon.kind == "missing" and beacon.referrer:
                seen.host = referrer_host(beacon.referrer)
                if collector.spam(seen):
                    return collector.leave_out(seen, reasons.SPAM).said
            return self._report(seen, beacon)
        if page and beacon.moves:
            seen.previous, seen.previous_query = decoded(page)
        enters = beacon.enters and page is None
        if enters and beacon.referrer:
            seen.host = referrer_host(beacon.referrer)
            if collector.spam(seen):
                return self._leave_out(scope, agent, reasons.SPAM, again)
        return self._view(seen, beacon, enters, theirs)

    def refuse(self, scope: Scope, headers: Headers, reason: str) -> None:
        """Count a beacon that was left out before it could be read."""
        if not objects(headers):
            self._leave_out(scope, PERSON, reason)

    def _leave_out(self, scope: Scope, agent: Agent, reason: str, again: bool = False) -> str:
        if again:
            return f"ignored; {reason}"
        seen = Seen(self._collector.paths, scope, "", agent)
        return self._collector.leave_out(seen, reason).said

    def _view(self, seen: Seen, beacon: Beacon, enters: bool, theirs: bool) -> str:
        add = self._collector.add
        counted = beacon.counted and not self._collector.script
        if not counted:
            again = not beacon.moves or seen.previous == beacon.page
            add(ENTRY if enters else AGAIN if again else VIEW, seen)
        add(CONFIRMED_ENTRY if enters and not theirs else CONFIRMED, seen)
        if beacon.second:
            add(CONTINUED, seen)
        return "confirmed" if counted else "counted"

    def _report(self, seen: Seen, report: Report) -> str:
        """Count what the optional files report of a view that has been counted."""
        if report.kind == "missing":
            self._collector.add(MISS, seen)
        elif report.kind == "left":
            seen.said = {**seen.said, **report.said}
            self._collector.add(MEASURED, seen)
            if report.seconds:
                self._collector.add(SECOND, seen, report.seconds)
        elif report.kind == "pace":
            seen.said = report.said
            self._collector.add(PACED, seen)
        else:
            self._events.count(seen, report.said, report.properties)
        return "counted"


def own_host(headers: Headers) -> bytes:
    """The host that a beacon came from."""
    # The Origin is the browser's own word for its host; a proxy may have rewritten the other.
    return headers.get(b"origin", b"").partition(b"://")[2] or headers.get(b"host", b"")
