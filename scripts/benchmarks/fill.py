"""Writes a synthetic year into a store, so that it holds what it would hold after a real one.

- The year is 2025 in UTC, and it is the last minute of it: eleven months have closed, by the
  program's own closing, with what is small gone; December is open. Hours are there for 35 days.
- Of a month, the crossed pairs are kept that came first, as many as the dimension's cap allows.
- Counts come in several parts a day, in no order, so that pages of a file are split as in a running
  one.
"""

import calendar as months_of
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from firstparty import closing
from firstparty.counting import Counting
from firstparty.counts import Batch, Key
from firstparty.metrics import COUNTED
from firstparty.periods import day_number, month_number, oldest

from .year import PAGES, SEED, YEAR, Day, Drawn, Numbers, Year, texts

NOW = datetime(YEAR, 12, 31, 23, 59, 30, tzinfo=UTC).timestamp()
PARTS = 8
HOURS_FROM = date(YEAR, 12, 31) - timedelta(days=35)

Counts = dict[Key, tuple[int, ...]]


def vectors(**counts: Numbers) -> list[tuple[int, ...]]:
    """A vector for each place of these columns."""
    length = len(next(iter(counts.values())))
    zeros = [0] * length
    return list(zip(*(counts[n].tolist() if n in counts else zeros for n in COUNTED), strict=True))


class Filler:
    """Writes a year into a store, and closes what is over, as the program would have."""

    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        self._store = counting.store
        self._seq = 0
        self._mix = np.random.default_rng(SEED)
        self.written = 0
        self._names = {name: texts(name) for name in counting.table if _drawn(name)}

    async def fill(self, year: Year) -> None:
        """Write all days of a year."""
        month = list[Day]()
        for day in year.days():
            await self._write(self._of_day(day))
            month.append(day)
            if day.at.day == months_of.monthrange(YEAR, day.at.month)[1]:
                await self._write(self._of_month(month))
                await self._end(day.at)
                month = []

    def counts(self, day: Day) -> Counts:
        """What one day adds, at every period."""
        return {**self._of_day(day), **self._of_month([day])}

    async def _end(self, day: date) -> None:
        """What the program does on the days after a month, or on the last day of December."""
        ended = day.month < 12
        today = day + timedelta(days=closing.DELAY + 1 if ended else 0)
        counting = self._counting
        least = counting.settings.min_count
        await closing.close(self._store, counting.table, least, today)
        noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
        await self._store.forget(oldest(counting.calendar, noon.timestamp()))

    async def _write(self, counts: Counts) -> None:
        keys = list(counts)
        parts = self._mix.integers(0, PARTS, len(keys))
        for part in range(PARTS):
            chosen = [keys[place] for place in np.flatnonzero(parts == part).tolist()]
            self._seq += 1
            await self._store.write(Batch("year", self._seq, {k: counts[k] for k in chosen}))
            self.written += len(chosen)

    def _of_day(self, day: Day) -> Counts:
        found: Counts = {}
        number = day_number(day.at)
        for drawn in day.columns:
            if "day" in self._counting.table[drawn.dimension].kept:
                sums = self._sums(drawn, len(self._names[drawn.dimension]))
                self._add(found, ("day", number, drawn.dimension), sums)
        self._given(found, "day", number, day.columns)
        self._site(found, "day", number, [day])
        if day.at > HOURS_FROM:
            midnight = datetime(day.at.year, day.at.month, day.at.day, tzinfo=UTC)
            start = int(midnight.timestamp()) // 60
            for hour in range(24):
                self._of_hour(found, day, hour, start + 60 * hour)
        return found

    def _of_hour(self, found: Counts, day: Day, hour: int, at: int) -> None:
        now = day.hours == hour
        drawn = day.columns[0]
        inner = now[~drawn.entering]
        before = next(each for each in day.columns if each.dimension == "previous")
        columns = [
            Drawn("path", "pageviews", drawn.values[now], visits=drawn.entering[now]),
            Drawn("previous", "pageviews", before.values[inner]),
        ]
        self._add(found, ("hour", at, "path"), self._sums(columns[0], PAGES))
        self._given(found, "hour", at, columns)
        self._site(found, "hour", at, [Day(day.at, day.hours[now], columns)])

    def _of_month(self, month: list[Day]) -> Counts:
        found: Counts = {}
        number = month_number(month[0].at)
        for place, first in enumerate(month[0].columns):
            row = self._counting.table[first.dimension]
            parts = [day.columns[place] for day in month]
            drawn = Drawn(
                row.name,
                first.metric,
                np.concatenate([part.values for part in parts]),
                _joined([part.pages for part in parts]),
                _joined([part.visits for part in parts]),
            )
            if "month" in row.kept:
                sums = self._sums(drawn, len(self._names[row.name]))
                self._add(found, ("month", number, row.name), sums)
            if "crossed" in row.kept:
                self._crossed(found, number, drawn, row.pairs)
            if row.name == "previous":
                self._given(found, "month", number, [drawn])
        self._site(found, "month", number, month)
        return found

    def _sums(self, drawn: Drawn, values: int) -> dict[str, Numbers]:
        sums = {drawn.metric: np.bincount(drawn.values, minlength=values)}
        if drawn.visits is not None:
            sums["visits"] = np.bincount(drawn.values[drawn.visits], minlength=values)
        return sums

    def _add(self, found: Counts, place: tuple[Any, int, str], sums: dict[str, Numbers]) -> None:
        names = self._names[place[2]]
        there = np.flatnonzero(sum(sums.values()))
        some = vectors(**{name: column[there] for name, column in sums.items()})
        for value, vector in zip(there.tolist(), some, strict=True):
            found[Key(*place, names[value], "")] = vector

    def _given(self, found: Counts, period: Any, at: int, columns: list[Drawn]) -> None:
        """What views give to the page before them."""
        leaves = COUNTED.index("departures")
        for drawn in columns:
            if drawn.dimension == "previous":
                sums = np.bincount(drawn.values, minlength=PAGES)
                for value in np.flatnonzero(sums).tolist():
                    key = Key(period, at, "path", self._names["path"][value], "")
                    vector = list(found.get(key) or (0,) * len(COUNTED))
                    vector[leaves] += int(sums[value])
                    found[key] = tuple(vector)

    def _site(self, found: Counts, period: Any, at: int, of: list[Day]) -> None:
        total = dict[str, int]()
        for day in of:
            path = day.columns[0]
            visits = int(path.entering.sum())
            each = {
                "pageviews": len(path.values),
                "visits": visits,
                "departures": len(path.values) - visits,
                **day.others,
            }
            total = {name: total.get(name, 0) + each[name] for name in each}
        found[Key(period, at, "", "", "")] = tuple(total.get(name, 0) for name in COUNTED)

    def _crossed(self, found: Counts, month: int, drawn: Drawn, cap: int) -> None:
        names, width = self._names[drawn.dimension], len(self._names[drawn.dimension])
        codes = drawn.pages * width + drawn.values
        visits = codes[drawn.visits] if drawn.visits is not None else codes[:0]
        if PAGES * width > 10**7:
            pairs, first, counts = np.unique(codes, return_index=True, return_counts=True)
            entered = np.zeros(len(pairs), int)
        else:
            first_of = np.full(PAGES * width, -1)
            first_of[codes[::-1]] = np.arange(len(codes))[::-1]
            pairs = np.flatnonzero(first_of >= 0)
            first = first_of[pairs]
            counts = np.bincount(codes, minlength=PAGES * width)[pairs]
            entered = np.bincount(visits, minlength=PAGES * width)[pairs]
        if len(pairs) > cap:
            kept = np.argpartition(first, cap)[:cap]
            pairs, counts, entered = pairs[kept], counts[kept], entered[kept]
        sums = {drawn.metric: counts}
        if drawn.visits is not None:
            sums["visits"] = entered
        some, paths = vectors(**sums), self._names["path"]
        for pair, vector in zip(pairs.tolist(), some, strict=True):
            page, value = divmod(pair, width)
            found[Key("crossed", month, drawn.dimension, names[value], paths[page])] = vector


def _drawn(name: str) -> bool:
    try:
        return bool(texts(name))
    except KeyError:
        return False


def _joined(parts: list[Numbers | None]) -> Numbers | None:
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if there else None
