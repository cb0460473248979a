"""Which documents ask their browser for reports: a daily budget, spread over the pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import quote

from starlette.types import Scope

from firstparty.agents import PERSON
from firstparty.collect import Collector
from firstparty.exposure.policies import Header, reporting
from firstparty.headers import Headers
from firstparty.here import STATE
from firstparty.hits import SAMPLED
from firstparty.sources import Listed, Seen
from firstparty.verdicts import SAID_ENTRY, SAID_SCRIPT, SAID_VIEW, Verdict

ASKS: Final = "firstparty.asks"
"""Where the headers of a document that asks are left in its scope, for the middleware."""

DAY: Final = 24 * 60
"""Minutes."""
REST: Final = 8 * 60
"""Minutes for which a page was not sampled, after which it counts as rarely seen: so a page that is
opened all day long has three samples a day of this kind, which is what a name needs."""
MOST_PAGES: Final = 5_000
"""Pages whose last sample is remembered; the least recently sampled leaves first."""
AT_ONCE: Final = 0.25
"""The share of a purse that may be spent at once: what a night has saved, or the start."""

DOCUMENTS: Final = frozenset({SAID_ENTRY, SAID_VIEW, SAID_SCRIPT})
"""What is shown to a person who does not object, and kept by no shared cache: such a cache would
hand the header to everybody."""


class Purse:
    """Half a day's budget. It fills evenly, so that a page opened late has its chance as well."""

    def __init__(self, per_day: float) -> None:
        self._rate = per_day / DAY
        self._most = max(1.0, per_day * AT_ONCE) if per_day else 0.0
        self._left = self._most
        self._minute = -1

    def spend(self, minute: int) -> bool:
        """Take one out, if one is there."""
        if self._minute < 0 or minute > self._minute:
            waited = minute - self._minute if self._minute >= 0 else 0
            self._left = min(self._most, self._left + waited * self._rate)
            self._minute = minute
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Budget:
    """How many documents of a day ask for reports, in one process: half of them any, the other half
    those of pages that have not been asked about for eight hours."""

    def __init__(self, per_day: int) -> None:
        self._per_day = per_day
        self._any, self._rare = Purse(per_day / 2), Purse(per_day / 2)
        self._asked = dict[str, int]()
        self._day = self._today = 0

    def takes(self, page: str, minute: int, day: int) -> bool:
        """Whether this document of `page` is one of them. `minute` is in minutes since 1970."""
        if day != self._day:
            self._day, self._today = day, 0
        if self._today >= self._per_day:
            return False
        last = self._asked.get(page)
        rested = last is None or minute - last >= REST
        if not ((rested and self._rare.spend(minute)) or self._any.spend(minute)):
            return False
        self._today += 1
        self._asked.pop(page, None)
        self._asked[page] = minute
        if len(self._asked) > MOST_PAGES:
            del self._asked[next(iter(self._asked))]
        return True


class Sampling:
    """Counts documents as the collector does, and has some of them ask for reports.

    `known` are the names that pages have: no other text of a visitor outlives its request here.
    `own` are the site's further hosts.
    """

    def __init__(
        self,
        collector: Collector,
        budget: Budget,
        known: Collection[str],
        own: Collection[str],
        endpoint: str,
    ) -> None:
        self._collector = collector
        self._budget = budget
        self._known = known
        self._own = own
        self._endpoint = endpoint
        self._headers = dict[tuple[str, bool], list[Header]]()

    def document(
        self,
        scope: Scope,
        sent: Headers,
        page: str,
        status: int,
        response: Iterable[Header],
        served: str | None = None,
    ) -> Verdict | None:
        """As `Collector.document`; leaves in the scope what is to be added to the response."""
        verdict = self._collector.document(scope, sent, page, status, response, served)
        if verdict in DOCUMENTS and status == 200:
            moment = self._collector.moment()
            name = self._collector.paths.name(page)
            if type(name) is not Listed and name not in self._known:
                name = ""  # all that have no name are one page
            if self._budget.takes(str(name), moment.minute, moment.day):
                scope[ASKS] = self._asking(scope)
                self._collector.add(SAMPLED, Seen(self._collector.paths, scope, "", PERSON))
        return verdict

    def _asking(self, scope: Scope) -> list[Header]:
        root, secure = scope[STATE].root, scope.get("scheme") == "https"
        found = self._headers.get((root, secure))
        if found is None:
            self._headers.clear()
            # The root may be a visitor's text: no character of it is the header's own.
            endpoint = quote(root + self._endpoint, safe="/~-._", errors="replace")
            found = reporting(endpoint, self._own, secure=secure)
            self._headers[root, secure] = found
        return found
