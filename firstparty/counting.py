"""All that counts for one site, put together from its settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from firstparty import closing, events, goals, release
from firstparty.accumulate import Accumulator
from firstparty.beacons import Beacons
from firstparty.collect import Collector
from firstparty.dimensions import PATH, table
from firstparty.flush import Flusher
from firstparty.names import Names
from firstparty.paths import Paths
from firstparty.periods import Calendar
from firstparty.settings import Settings
from firstparty.stores import Shape, connect


class Counting:
    """The steps from a request to the store, in the data's order, sharing one set of names.

    Nothing is opened yet. `clock` gives seconds since 1970 UTC.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.clock = clock
        self.app: object = None
        """The application, once it is known: its version may become a mark."""
        self.table = rows = table(settings.dimensions, settings.omit, settings.country)
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
            forget_names=self._forget_names,
            close_off=self._close_off,
            release=self._release,
            clock=clock,
        )

    def _release(self) -> str | None:
        chosen = self.settings.release
        return release.version(self.app) if chosen is None else chosen

    async def _close_off(self, today: date) -> closing.Closed:
        return await closing.close(self.store, self.table, self.settings.min_count, today)

    def _forget_names(self) -> None:
        self.names.forget()
        self.paths.forget()
