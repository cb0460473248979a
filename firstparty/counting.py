"""All that counts for one site, put together from its settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import date
from zoneinfo import ZoneInfo

from starlette.types import Scope

from firstparty import closing, events, goals, release, since
from firstparty.accept import Accepted
from firstparty.accumulate import Accumulator
from firstparty.beacons import Beacons
from firstparty.collect import Collector
from firstparty.dimensions import PATH, THIRD_PARTIES, table
from firstparty.exposure.hosts import Hosts
from firstparty.exposure.register import Register, is_host
from firstparty.exposure.sampling import Budget, Sampling
from firstparty.exposure.taking import Exposures
from firstparty.flush import Flusher
from firstparty.headers import Headers
from firstparty.names import Names
from firstparty.ours import Ours
from firstparty.paths import Paths
from firstparty.periods import Calendar
from firstparty.settings import Settings
from firstparty.stores import Shape, connect
from firstparty.verdicts import Verdict

Document = Callable[
    [Scope, Headers, str, int, Iterable[tuple[bytes, bytes]], str | None], Verdict | None
]
"""As `Collector.document`."""


class Counting:
    """The steps from a request to the store, in the data's order, sharing one set of names.

    Nothing is opened yet. `clock` gives seconds since 1970 UTC.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.clock = clock
        self.changes: list[since.Change] = []
        """Since when each collection setting is in force, as far as this process has read."""
        self.app: object = None
        """The application, once it is known: its version may become a mark."""
        self.table = rows = table(
            settings.dimensions, settings.omit, settings.country, settings.exposure
        )
        self.calendar = Calendar(ZoneInfo(settings.timezone))
        self.names = Names(settings.admit_after)
        self.paths = Paths(
            templates=settings.templates,
            listed=(*settings.listed, *goals.paths(settings.goals)),
            query=settings.query,
            paths=settings.paths,
            known=self.names.known(PATH),
        )
        self.accumulator = Accumulator(rows, self.names)
        self.collector = Collector(settings, self.accumulator, self.paths, self.calendar, clock)
        self.events = events.Counter(self.collector, rows.values(), goals.events(settings.goals))
        self.beacons = Beacons(self.collector, self.events)
        self.accepted = Accepted(settings)
        """Which other tools' calls are understood, and where."""
        self.ours = Ours(settings, self.accepted)
        self.own_hosts = tuple(sorted(filter(is_host, settings.hosts)))
        """The site's hosts, beside that of a request, as a policy may name them."""
        self.exposures: Exposures | None = None
        """What counts reports of third parties, if the setting `exposure` is on."""
        self.document: Document = self.collector.document
        """What counts a document; with `exposure`, it also has some ask for reports."""
        if settings.exposure != "off":
            self._expose(settings)
        self.store = connect(
            settings.store,
            Shape(
                site=settings.site_name,
                timezone=settings.timezone,
                names={name: row.cap for name, row in rows.items()},
                pairs={name: row.pairs for name, row in rows.items()},
                vocabularies={name: row.vocabulary for name, row in rows.items()},
                places={name: rows[row.by].vocabulary for name, row in rows.items() if row.by},
            ),
        )
        self.flusher = Flusher(
            self.accumulator,
            self.store,
            self.calendar,
            settings.flush_interval,
            forget_names=self.forget_names,
            close_off=self.close_off,
            release=self._release,
            clock=clock,
        )

    def _expose(self, settings: Settings) -> None:
        own = self.own_hosts
        self.exposures = Exposures(
            self.collector,
            Hosts(self.names, THIRD_PARTIES),
            Register(settings.accepted),
            own,
            THIRD_PARTIES.name,
        )
        self.document = Sampling(
            self.collector,
            Budget(settings.exposure_budget),
            self.names.known(PATH),
            own,
            f"{settings.collector}/exposure",
        ).document

    def _release(self) -> str | None:
        chosen = self.settings.release
        return release.version(self.app) if chosen is None else chosen

    async def close_off(self, today: date) -> closing.Closed:
        """Close what is over by this day."""
        self.changes = await since.note(
            self.store, self.settings, self.table, self.collector.moment()
        )
        return await closing.close(self.store, self.table, self.settings.min_count, today)

    def forget_names(self) -> None:
        """Drop every name, before they are learned anew."""
        self.names.forget()
        self.paths.forget()
