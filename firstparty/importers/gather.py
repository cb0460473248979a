"""What rows of other tools amount to: made coarse at once, and summed by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from operator import add as plus
from typing import Final

from firstparty import agents, spam
from firstparty.counts import Counts, storable
from firstparty.dimensions import DIMENSIONS, PATH, SITE
from firstparty.hits import ENTRY
from firstparty.importers import Came, Left, Row
from firstparty.metrics import COUNTED, Vector, vector
from firstparty.paths import Paths
from firstparty.periods import day_number
from firstparty.row import OTHER, UNLISTED, Dimension
from firstparty.sources import OF_CAMPAIGNS, Family, Listed, Seen, referrer_host

BOUND: Final = 2_000_000
"""Values of days that are in memory at most; a new one past it is counted as `(unlisted)`."""
REMEMBERED: Final = 50_000
"""Texts whose coarse form is remembered, of each dimension."""

Values = dict[str, Vector]
Days = dict[int, Values]
"""The counts of the values of a day, or of an hour."""


class Gathered:
    """What rows amount to by dimension and day, and by the hour where they say it.

    Nothing of what was read is kept but what may be stored. `left` is told what is not taken.
    """

    def __init__(
        self, table: Mapping[str, Dimension], paths: Paths, left: Left, own: Iterable[str] = ()
    ) -> None:
        self.left = left
        self.rows = 0
        """How many rows were taken, before any day was left out."""
        self.rows_of = Counter[int]()
        """How many of them are of a day, where that is told."""
        self.days = defaultdict[str, Days](_no_days)
        self.hours = defaultdict[str, Days](_no_days)
        self.of_hours = dict[int, int]()
        """The day of each hour."""
        self.at_once = defaultdict[str, set[str]](set)
        """The values that have a name from the first sighting on, by dimension."""
        self._table = table
        self._paths = paths
        self._own = {*own}
        self._sheet, self._name = 0, ""
        self._said = dict[tuple[str, int, int], int]()
        self._free = set[tuple[str, date, Vector]]()
        self._coarse = defaultdict[str, dict[str, str]](dict)
        self._size = 0
        # What visits have a value for, and nothing else: how they came.
        self._ways = [
            row for row in DIMENSIONS if row.name in table and row.kinds == frozenset({ENTRY.name})
        ]

    def open(self, sheet: str) -> None:
        """What follows is of another file: of a day one file alone says each number."""
        self._sheet += 1
        self._name = sheet
        self._free.clear()

    def take(self, row: Row) -> None:
        """Add a row."""
        self.rows += 1
        if isinstance(row, Came):
            self._came(row)
            return
        if row.dimension == SITE:
            if self._first(SITE, row.day, row.counts):
                self._add(SITE, "", row.counts, row.day, row.hour)
            return
        dimension = self._table.get(row.dimension)
        if dimension is None:
            self.rows -= 1
            self.left.row(
                f"{row.dimension}: the site does not count it; if the application does, give this"
                " command the same settings, as FIRSTPARTY_COUNTRY"
            )
            return
        counts = _kept(dimension.metrics, row.counts)
        if not any(counts):
            self.rows -= 1
            self.left.row(
                f"{dimension.name}: the file has none of what is kept of it"
                f" ({', '.join(dimension.metrics)})"
            )
            return
        value = self._value(dimension, row.value)
        if value and self._first(dimension.name, row.day, counts):
            self._add(dimension.name, value, counts, row.day, row.hour)

    def _first(self, dimension: str, day: date, counts: Vector) -> bool:
        """Whether no other file has said one of these numbers of the day."""
        # A file with a line for each view says the same again and again.
        if (dimension, day, counts) in self._free:
            return True
        number = day_number(day)
        for place, count in enumerate(counts):
            said = (dimension, number, place)
            if count and self._said.setdefault(said, self._sheet) != self._sheet:
                self.rows -= 1
                self.left.row(f"{self._name}: another of the files says it of the same day")
                return False
        if len(self._free) < REMEMBERED:
            self._free.add((dimension, day, counts))
        return True

    def counted(self, counts: Counts, day: Callable[[int], int]) -> None:
        """Add what was counted request by request, by hours and days; `day` is that of an hour."""
        for (period, at, dimension, value, _), amounts in counts.items():
            if period == "day":
                self._sum(self.days[dimension][at], value, amounts)
            elif period == "hour":
                self.of_hours[at] = day(at)
                self._sum(self.hours[dimension][at], value, amounts)

    def _value(self, row: Dimension, raw: str) -> str:
        """The value as it may be stored, but for its name."""
        known = self._coarse[row.name]
        value = known.get(raw)
        if value is None:
            if len(known) >= REMEMBERED:
                known.clear()
            value = known[raw] = self._made_coarse(row, raw)
        return value

    def _made_coarse(self, row: Dimension, raw: str) -> str:
        if row.closed:
            value = row.word(raw) if row.word else raw
            return value if value in row.values else OTHER
        if row is PATH:
            if raw.startswith("("):  # as (other), or (not set): no page
                return UNLISTED
            page, _, query = raw.partition("?")
            raw = self._paths.name(page or "/", query)
        text = row.minimise(raw) if type(raw) is str else str(raw)
        text = storable(text)
        if type(raw) in {Listed, Family}:
            self.at_once[row.name].add(text)
        elif text.startswith("("):
            return UNLISTED
        return text

    def _came(self, came: Came) -> None:
        """Visits as a request would have told how they came."""
        if not self._first(f"\0{came.part}", came.day, vector(visits=came.visits)):
            return
        host = referrer_host(came.referrer) if came.referrer else ""
        if spam.is_spam(host):
            self.rows -= 1
            self.left.row("referrers that are known as spam")
            return
        seen = Seen(self._paths, {}, "", agents.PERSON)
        seen.host = "" if host in self._own else host
        seen.campaign = {name: value for name, value in came.campaign.items() if value}
        guessed = Seen(self._paths, {}, "", agents.PERSON)
        guessed.host, guessed.campaign = seen.host, seen.campaign
        if came.source and not seen.host and "utm_source" not in seen.campaign:
            guessed.campaign = {**seen.campaign, "utm_source": came.source}
        for row in self._ways:
            raw = row.source(seen if row.source in OF_CAMPAIGNS else guessed)
            if raw is None:
                continue
            value = str(raw) if row.closed else self._way(row, raw)
            if value:
                self._add(
                    row.name, value, _kept(row.metrics, vector(visits=came.visits)), came.day, 0
                )

    def _way(self, row: Dimension, raw: str) -> str:
        if type(raw) is Listed:
            self.at_once[row.name].add(raw)
            return str(raw)
        return self._value(row, raw)

    def _add(self, dimension: str, value: str, counts: Vector, day: date, hour: int) -> None:
        self._sum(self.days[dimension][day_number(day)], value, counts)
        if hour:
            self.of_hours[hour] = day_number(day)
            self._sum(self.hours[dimension][hour], value, counts)

    def _sum(self, values: Values, value: str, counts: Vector) -> None:
        before = values.get(value)
        if before is None:
            if self._size >= BOUND and value:
                value = UNLISTED
                before = values.get(value)
            else:
                self._size += 1
        values[value] = counts if before is None else tuple(map(plus, before, counts))


def _no_days() -> Days:
    return defaultdict[int, Values](dict)


@lru_cache(maxsize=1_000)
def _kept(metrics: tuple[str, ...], counts: Vector) -> Vector:
    """Of these counts those that are kept for a dimension."""
    return tuple(
        number if name in metrics else 0 for name, number in zip(COUNTED, counts, strict=True)
    )
