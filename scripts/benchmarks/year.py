"""A synthetic year of a site: every view of it, day by day.

What is assumed, so that a figure can be judged:

- Each view is drawn, and then summed; no count is made up. A day has a Poisson number of views,
  weekdays more than weekends, and each view has an hour, of which afternoons are the busiest.
- 10,000 pages, by Zipf's law (the page of rank r has a share of 1/r), all with their names.
- 40 % of views are visits, which have a source: 30 % of them none ("Direct"), the others one of 500
  by Zipf's law, with one referrer each; 10 % of visits come from one of 50 campaigns, with ten
  campaign sources and four media. Other views have a page before.
- 200 countries, 40 languages, and all browsers, systems, devices and ranges of server time of our
  tables, by Zipf's law. 2 % of views do one of 20 events, machines ask for a fifth as many pages as
  people, and there are a few requests left out and pages not found.
- **All of these are drawn independently of each other**, which crosses worst: real visitors from
  one country read some pages more than others, and so make fewer pairs. No snippet is on the pages.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from firstparty import agents, channels, countries, languages, machines, reasons, scales
from firstparty.periods import days

YEAR = 2025
PAGES, SEED = 10_000, 20261124

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
    """What one dimension has of one day: values and pages by number, in the order of their coming.

    `metric` is what each counts; `visits`, where there is one, says which of them are visits too.
    """

    dimension: str
    metric: str
    values: Numbers
    pages: Numbers | None = None
    visits: Numbers | None = None

    @property
    def entering(self) -> Numbers:
        """Which of them are visits."""
        return np.zeros(len(self.values), bool) if self.visits is None else self.visits


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
        entry += [
            Drawn(n, "visits", sources[named], entries[named]) for n in ("source", "referrer")
        ]
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
