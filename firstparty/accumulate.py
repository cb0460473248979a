"""Counts in memory, waiting to be stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from firstparty import sources
from firstparty.counts import Counts, Key
from firstparty.dimensions import OTHER, PATH, SITE, Dimension
from firstparty.hits import KINDS, Kind
from firstparty.metrics import COUNTED, Vector
from firstparty.names import Names
from firstparty.periods import Moment, Period
from firstparty.sources import Listed, Seen

CROSSED_BOUND: Final = 100_000
"""How many counts may wait in memory before new ones are no longer crossed with their page."""
BOUND: Final = 200_000
"""How many may wait in all; past it, new ones are lost, and that they were is counted."""


class Waiting(NamedTuple):
    """What a waiting count is of; its hour or day is that of the tally it waits in."""

    dimension: str
    value: str
    path: str


class Step(NamedTuple):
    """A dimension that a kind of hit counts in, with what the hot path needs of its row."""

    row: Dimension
    name: str
    source: Callable[[Seen], str | None]
    minimise: Callable[[str], str]
    values: frozenset[str] | None
    sighting: bool
    crossed: bool
    hourly: bool


Tally = dict[Waiting, int]
Tallies = defaultdict[str, Tally]
"""By the name of the kind of hit."""


class Accumulator:
    """Adds hits to counts, in bounded memory.

    A dimension waits crossed with its page, by the hour or the day. The coarser periods, and the
    dimension by itself, are sums of these, worked out when a batch is taken.
    """

    def __init__(self, table: Mapping[str, Dimension], names: Names) -> None:
        self.names = names
        self.waiting = 0
        """How many counts wait."""
        self.lost = 0
        """How many counts, since the start, found no room."""
        self._table = table
        self._steps = {kind.name: _steps(table, kind) for kind in KINDS}
        self._clear()

    def _clear(self) -> None:
        self.waiting = 0
        self._minutes = defaultdict[Moment, defaultdict[str, int]](lambda: defaultdict(int))
        self._hours = defaultdict[Moment, Tallies](lambda: defaultdict(dict))
        self._days = defaultdict[Moment, Tallies](lambda: defaultdict(dict))
        self._moment = Moment(-1, -1, -1, -1)

    def add(self, kind: Kind, seen: Seen, moment: Moment) -> None:
        """Count one hit."""
        if moment is not self._moment:
            self._turn(moment)
        self._totals[kind.name] += 1
        hourly = self._hourly[kind.name]
        daily = self._daily[kind.name]
        path = ""
        raw = kind.place(seen)
        if raw is not None:
            path = self._place(kind, raw, seen, moment)
            if kind.name in PATH.kinds:
                self._count(hourly, Waiting(PATH.name, path, ""))
        for step in self._steps[kind.name]:
            raw = step.source(seen)
            if raw is None:
                continue
            if step.values is None:
                value = self._open(step, raw, moment)
                if not value:
                    continue
            else:
                value = step.minimise(raw)
                if value not in step.values:
                    value = OTHER
            tally = hourly if step.hourly else daily
            self._count(tally, Waiting(step.name, value, path if step.crossed else ""))

    def _turn(self, moment: Moment) -> None:
        """A new minute has begun, and perhaps a new hour and a new day."""
        self._moment = moment
        self._totals = self._minutes[moment]
        self._hourly = self._hours[Moment(moment.hour, moment.hour, moment.day, moment.month)]
        self._daily = self._days[Moment(0, 0, moment.day, moment.month)]

    def _place(self, kind: Kind, raw: str, seen: Seen, moment: Moment) -> str:
        if type(raw) is not Listed and not self.names.has(PATH, raw):
            raw = PATH.minimise(raw) if raw.startswith("/") else raw
        if not kind.sighting:
            return self.names.look(PATH, raw)
        name = self.names.see(PATH, raw, moment.day)
        if kind.place is sources.path and name == raw and type(raw) is not Listed:
            seen.paths.remember(name)
        return name

    def _open(self, step: Step, raw: str, moment: Moment) -> str:
        names = self.names
        if type(raw) is not Listed and not names.has(step.row, raw):
            raw = step.minimise(raw)
            if not raw:
                return ""
        if step.sighting:
            return names.see(step.row, raw, moment.day)
        return names.look(step.row, raw)

    def _count(self, tally: Tally, key: Waiting) -> None:
        number = tally.get(key)
        if number is not None:
            tally[key] = number + 1
        elif self.waiting < CROSSED_BOUND or (not key.path and self.waiting < BOUND):
            tally[key] = 1
            self.waiting += 1
        elif key.path:
            self.lost += 1
            self._count(tally, key._replace(path=""))
        else:
            self.lost += 1

    @property
    def counting(self) -> bool:
        """Whether anything waits."""
        return bool(self._minutes)

    def counts(self) -> Counts:
        """What waits, as it would be stored."""
        found = defaultdict[Key, list[int]](lambda: [0] * len(COUNTED))
        for key, adds, number in self._expand():
            vector = found[key]
            for place, amount in adds:
                vector[place] += amount * number
        return {key: tuple(vector) for key, vector in found.items()}

    def take(self) -> Counts:
        """What waits, as it is to be stored; after it, nothing waits."""
        counts = self.counts()
        self._clear()
        return counts

    def _expand(self) -> Iterator[tuple[Key, list[tuple[int, int]], int]]:
        """Each waiting number once for each count that it is part of."""
        for moment, totals in self._minutes.items():
            for kind in KINDS:
                if number := totals.get(kind.name):
                    for period in SITE_KEPT:
                        key = Key(period, moment.at(period), SITE, "", "")
                        yield key, _adds(kind.vector, COUNTED), number
        for moment, tallies in (*self._hours.items(), *self._days.items()):
            for kind in KINDS:
                adds = {row.name: _adds(kind.vector, row.metrics) for row in self._table.values()}
                for waiting, number in tallies.get(kind.name, {}).items():
                    for period in self._table[waiting.dimension].kept:
                        path = waiting.path if period == "crossed" else ""
                        if path or period != "crossed":
                            key = Key(
                                period, moment.at(period), waiting.dimension, waiting.value, path
                            )
                            yield key, adds[waiting.dimension], number


SITE_KEPT: Final[tuple[Period, ...]] = ("minute", "hour", "day", "month")
"""The site's own total is kept by each of them."""


def _steps(table: Mapping[str, Dimension], kind: Kind) -> tuple[Step, ...]:
    return tuple(
        Step(
            row,
            row.name,
            row.source,
            row.minimise,
            frozenset(row.values) if row.closed else None,
            sighting=kind.sighting and row.vocabulary == row.name,
            crossed="crossed" in row.kept,
            hourly="hour" in row.kept,
        )
        for row in table.values()
        if kind.name in row.kinds and row is not PATH
    )


def _adds(vector: Vector, metrics: tuple[str, ...]) -> list[tuple[int, int]]:
    """The places and amounts of a vector, as far as `metrics` keep them."""
    return [
        (place, amount)
        for place, (name, amount) in enumerate(zip(COUNTED, vector, strict=True))
        if amount and name in metrics
    ]
