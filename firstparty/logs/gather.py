"""What the lines of logs amount to, on its way into what an import gathers."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from firstparty.accumulate import Accumulator
from firstparty.counting import Counting
from firstparty.importers.gather import Gathered
from firstparty.logs.counter import LogCounter, readable
from firstparty.logs.when import When
from firstparty.names import Names
from firstparty.row import UNLISTED, Dimension
from firstparty.settings import Settings
from firstparty.sources import Family, Listed

KNOWN: Final = 200_000
"""Names of a vocabulary that are remembered, so that they are made coarse once."""
WAITING: Final = 50_000
"""Counts that wait before they are gathered."""


class Coarse(Names):
    """Takes every value as it is, made coarse: which of them get a name is found out at the end."""

    def __init__(self, gathered: Gathered) -> None:
        super().__init__(1)
        self._at_once = gathered.at_once

    def see(self, dimension: Dimension, value: str, day: int) -> str:
        """The value."""
        return self.look(dimension, value)

    def look(self, dimension: Dimension, value: str) -> str:
        """The value."""
        text = str(value)
        if type(value) in {Listed, Family}:
            self._at_once[dimension.vocabulary].add(text)
        elif text.startswith("("):
            return UNLISTED
        known = self.known(dimension)
        if len(known) >= KNOWN:
            known.clear()
        known.add(text)
        return text


class LogGatherer:
    """Counts lines into `gathered`, by the hour and the day; nothing is crossed."""

    def __init__(self, counting: Counting, settings: Settings, gathered: Gathered) -> None:
        self._when = When(counting.calendar, counting.clock())
        self._counting = counting
        self._settings = settings
        self._gathered = gathered
        self._names = Coarse(gathered)
        self._rows = {name: _uncrossed(row) for name, row in counting.table.items()}

    def counter(self, carries: frozenset[bytes]) -> LogCounter:
        """What counts the lines of a file that have these headers."""
        accumulator = Accumulator(readable(self._rows, carries), self._names)
        return LogCounter(self._settings, self._counting, carries, accumulator, self._when.of)

    def gather(self, counter: LogCounter) -> None:
        """Take over what it has counted."""
        calendar = self._counting.calendar
        self._gathered.counted(
            counter.accumulator.take(), lambda hour: calendar.moment(hour * 60).day
        )


def _uncrossed(row: Dimension) -> Dimension:
    # Others than these stay the very row: `PATH` is known by being it.
    return replace(row, kept=row.kept - {"crossed"}) if "crossed" in row.kept else row
