"""A synthetic year of a site, as the counts that a store holds at its end.

What is assumed, so that a figure can be judged:

- Each view is drawn, and then summed; no count is made up. A day has a Poisson number of views, with
  weekdays busier than weekends, and each view an hour, in which afternoons are busier than nights.
- 10,000 pages, by Zipf's law (the page of rank r has a share of 1/r), all of them with their names.
- 40 % of views are visits, which have a source: 30 % of them none ("Direct"), the others one of 500 by
  Zipf's law, with one referrer each; 10 % of visits come from one of 50 campaigns, with ten campaign
  sources and four media. Other views have a page before.
- 200 countries, 40 languages, and all browsers, systems, devices and ranges of server time of our
  tables, by Zipf's law. 2 % of views do one of 20 events, machines ask for a fifth as many pages as
  people, and there are a few requests left out and pages not found.
- **All of these are drawn independently of each other**, which crosses worst: real visitors from one
  country read some pages more than others, and so have fewer pairs. There is no snippet on the pages.
- The year is 2025 in UTC, and it is the last minute of it: eleven months have closed, by the program's
  own closing, with what is small gone; December is open. Hours are there for the last 35 days.
- Of a month, the crossed pairs are kept that came first, as many as the dimension's cap allows.
- Counts come in several parts a day, in no order, so that pages of a file are split as in a running one.
"""

import calendar as months_of
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np

from firstparty import agents, channels, closing, countries, languages, machines, reasons, scales
from firstparty.counting import Counting
from firstparty.counts import Batch, Key
from firstparty.flush import oldest
from firstparty.metrics import COUNTED
from firstparty.periods import day_number, days, month_number

YEAR = 2025
NOW = datetime(YEAR, 12, 31, 23, 59, 30, tzinfo=timezone.utc).timestamp()
PAGES, SEED, PARTS = 10_000, 20261124, 8
HOURS_FROM = date(YEAR, 12, 31) - timedelta(days=35)

WEEKDAYS = np.array([1.15, 1.2, 1.2, 1.15, 1.05, 0.6, 0.65])
HOURS = np.array([2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 9, 8, 9, 9, 9, 8, 7, 6, 6, 6, 5, 4, 3], float)

Numbers = np.ndarray[Any, Any]


def zipf(number: int, power: float = 1.0) -> Numbers:
    """The shares of so many values, summed up."""
    shares = 1 / np.arange(1, number + 1) ** power
    return np.cumsum(shares / shares.sum())


def texts(dimension: str) -> list[str]:
    """The values of a dimension, those first that are most."""
    made = {
        "path": (PAGES, "/section-{0:02}/the-page-{1}"),
        "previous": (PAGES, "/section-{0:02}/the-page-{1}"),
        "not_found": (300, "/missing/page-{1}"),
        "source": (500, "source-{1}.example"),
        "referrer": (500, "source-{1}.example"),
        "utm_campaign": (50, "campaign-{1}"),
        "utm_source": (10, "sender-{1}"),
        "utm_medium": (4, "medium-{1}"),
        "event": (20, "event-{1}"),
    }
    ours: Mapping[str, Sequence[str]] = {
        "channel": channels.CHANNELS,
        "country": sorted(countries.CODES)[:200],
        "language": languages.LANGUAGES[:40],
        "browser": agents.BROWSERS,
        "os": agents.SYSTEMS,
        "device": agents.DEVICES,
        "served": scales.SERVED.labels,
        "machine": machines.NAMES,
        "machine_kind": machines.KINDS,
        "left_out": tuple(reasons.REASONS),
    }
    if dimension in ours:
        return list(ours[dimension])
    number, form = made[dimension]
    return [form.format(rank % 40, rank) for rank in range(number)]


@dataclass
class Drawn:
    """What one dimension has of one day: values and pages by number, in the order in which they came.

    `metric` is what each counts; `visits`, where there is one, says which of them are visits too.
    """

    dimension: str
    metric: str
    values: Numbers
    pages: Numbers | None = None
    visits: Numbers | None = None


@dataclass
class Day:
    """One day: its columns, and the hours of its views in their order."""

    at: date
    hours: Numbers
    columns: list[Drawn]
    others: dict[str, int] = field(default_factory=dict)
    """What else the site's total has."""


class Year:
    """Draws the days of a year of so many views: the same ones for the same number."""

    def __init__(self, views: int) -> None:
        self.views = views
        self._draw = np.random.default_rng([SEED, views])
        self._shares = dict[tuple[int, float], Numbers]()

    def _pick(self, number: int, of: int, power: float = 1.0) -> Numbers:
        if (of, power) not in self._shares:
            self._shares[of, power] = zipf(of, power)
        shares = self._shares[of, power]
        return np.minimum(np.searchsorted(shares, self._draw.random(number)), of - 1)

    def days(self) -> Iterator[Day]:
        """Day by day."""
        dates = list(days(date(YEAR, 1, 1), date(YEAR, 12, 31)))
        weights = np.array([WEEKDAYS[each.weekday()] for each in dates])
        for each, weight in zip(dates, weights / weights.sum(), strict=True):
            yield self.day(each, int(self._draw.poisson(self.views * weight)))

    def day(self, at: date, views: int) -> Day:
        """One day of so many views."""
        hours = np.sort(np.searchsorted(np.cumsum(HOURS / HOURS.sum()), self._draw.random(views)))
        pages = self._pick(views, PAGES)
        visits = self._draw.random(views) < 0.4
        view = [
            Drawn(name, "pageviews", self._pick(views, len(texts(name)), power), pages, visits)
            for name, power in (
                ("country", 1.2),
                ("language", 1.5),
                ("browser", 1.3),
                ("os", 1.0),
                ("device", 1.5),
            )
        ]
        view.append(Drawn("served", "pageviews", self._pick(views, len(texts("served"))), pages))
        entries = pages[visits]
        named = self._draw.random(len(entries)) > 0.3
        sources = self._pick(len(entries), 500)
        channel = np.where(named, 1 + sources % (len(channels.CHANNELS) - 1), 0)
        campaigns = self._pick(len(entries), 50)
        sent = self._draw.random(len(entries)) < 0.1
        entry = [Drawn("channel", "visits", channel, entries)]
        entry += [Drawn(n, "visits", sources[named], entries[named]) for n in ("source", "referrer")]
        entry += [
            Drawn(name, "visits", campaigns[sent] % of, entries[sent])
            for name, of in (("utm_campaign", 50), ("utm_source", 10), ("utm_medium", 4))
        ]
        inner = pages[~visits]
        asked, gone, done = views // 5, views // 200, views // 50
        wild = self._pick(asked, len(machines.NAMES))
        by_kind = wild % len(machines.KINDS)
        of_machines = self._pick(asked, PAGES)
        columns = [
            Drawn("path", "pageviews", pages, visits=visits),
            *view,
            *entry,
            Drawn("previous", "pageviews", self._pick(len(inner), PAGES), inner),
            Drawn("machine", "requests", wild, of_machines),
            Drawn("machine_kind", "requests", by_kind, of_machines),
            Drawn("not_found", "misses", self._pick(gone, 300), self._pick(gone, PAGES)),
            Drawn("event", "events", self._pick(done, 20), self._pick(done, PAGES)),
            Drawn("left_out", "ignored", self._pick(views // 20, len(texts("left_out")))),
        ]
        others = {"misses": gone, "requests": asked, "events": done, "ignored": views // 20}
        return Day(at, hours, columns, others)


Counts = dict[Key, tuple[int, ...]]


def vectors(**counts: Numbers) -> list[tuple[int, ...]]:
    """A vector for each place of these columns."""
    length = len(next(iter(counts.values())))
    zeros = [0] * length
    return list(
        zip(*(counts[n].tolist() if n in counts else zeros for n in COUNTED), strict=True)
    )


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
        """What the program does on the days after a month; of December, what it does on its last."""
        ended = day.month < 12
        today = day + timedelta(days=closing.DELAY + 1 if ended else 0)
        counting = self._counting
        least = counting.settings.min_count
        counting.flusher.closed = await closing.close(self._store, counting.table, least, today)
        noon = datetime(today.year, today.month, today.day, 12, tzinfo=timezone.utc)
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
            midnight = datetime(day.at.year, day.at.month, day.at.day, tzinfo=timezone.utc)
            start = int(midnight.timestamp()) // 60
            for hour in range(24):
                self._of_hour(found, day, hour, start + 60 * hour)
        return found

    def _of_hour(self, found: Counts, day: Day, hour: int, at: int) -> None:
        now = day.hours == hour
        drawn = day.columns[0]
        assert drawn.visits is not None
        inner = now[~drawn.visits]
        before = next(each for each in day.columns if each.dimension == "previous")
        columns = [
            Drawn("path", "pageviews", drawn.values[now], visits=drawn.visits[now]),
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
            assert path.visits is not None
            visits = int(path.visits.sum())
            each = {
                "pageviews": len(path.values),
                "visits": visits,
                "departures": len(path.values) - visits,
                **day.others,
            }
            total = {name: total.get(name, 0) + each[name] for name in each}
        found[Key(period, at, "", "", "")] = tuple(total.get(name, 0) for name in COUNTED)

    def _crossed(self, found: Counts, month: int, drawn: Drawn, cap: int) -> None:
        assert drawn.pages is not None
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
