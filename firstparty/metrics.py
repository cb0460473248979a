"""The metric table: what is counted, and what is derived from it for display."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from operator import add as plus
from typing import Final, Literal

Vector = tuple[int, ...]
"""One whole number for each row of `COUNTED`, in its order."""

Number = int | float | None
"""What an answer shows: a count, a derived number, or None where there is nothing to divide by."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that the stats page and the API can show.

    Without `derive` it is an additive count, and a column of every store. With it, it is worked
    out from the two counts named in `needs` when an answer is made, and stored nowhere.
    """

    name: str
    label: str
    about: str
    unit: Literal["count", "percent", "ratio", "seconds", "money"] = "count"
    better: Literal["up", "down", "none"] = "up"
    needs: tuple[str, ...] = ()
    derive: Callable[[int, int], Number] | None = None
    of_site: bool = True
    """Whether the site has a total of it: money in different currencies has none."""
    common: bool = False
    """Whether most counts have it, on a site without the snippet. SQLite keeps counts that have no
    other in narrow rows. To change it is a step of that store's schema."""


def _percent(part: float, whole: int) -> Number:
    return round(100 * part / whole, 1) if whole else None


METRICS: Final = (
    Metric("pageviews", "Page views", "Pages that were shown to a person.", common=True),
    Metric("visits", "Visits", "Page views that enter the site. Entries, not people.", common=True),
    Metric(
        "departures",
        "Departures",
        "Page views of another page of the site that came from here.",
        common=True,
    ),
    Metric("confirmed", "Confirmed", "Page views that the snippet saw too.", better="none"),
    Metric("confirmed_visits", "Confirmed visits", "Visits that the snippet saw.", better="none"),
    Metric("continued", "Continued", "Confirmed visits that went on to a second page."),
    Metric("misses", "Not found", "Pages asked for that do not exist.", better="down"),
    Metric("ignored", "Left out", "Requests for a page that were not counted.", better="none"),
    Metric("events", "Events", "What was done: named events, links out, downloads, forms sent."),
    Metric(
        "measured",
        "Measured",
        "Page views that the optional files of the snippet measured.",
        better="none",
    ),
    Metric("seconds", "Seconds", "Seconds for which pages were visible.", unit="seconds"),
    Metric(
        "amount",
        "Amount",
        "The sum of the amounts given with events, in the smallest unit of the currency.",
        unit="money",
        of_site=False,
    ),
    Metric("requests", "Machines", "Requests of machines, which are no views.", better="none"),
    Metric(
        "reports",
        "Reports",
        "Loads from third parties, as the browsers of sampled documents have reported them.",
        better="down",
    ),
    Metric(
        "sampled",
        "Sampled",
        "Documents that have asked the browser for such reports.",
        better="none",
    ),
    Metric(
        "views_per_visit",
        "Views per visit",
        "Page views divided by visits.",
        unit="ratio",
        needs=("pageviews", "visits"),
        derive=lambda pageviews, visits: round(pageviews / visits, 2) if visits else None,
    ),
    Metric(
        "bounce_rate",
        "Bounce rate",
        "Share of confirmed visits with no second page: an estimate, and only where the snippet"
        " is on the page.",
        unit="percent",
        better="down",
        needs=("confirmed_visits", "continued"),
        derive=lambda visits, continued: _percent(max(0, visits - continued), visits),
    ),
    Metric(
        "coverage",
        "Coverage",
        "Share of page views that the snippet confirmed.",
        unit="percent",
        better="none",
        needs=("confirmed", "pageviews"),
        derive=lambda confirmed, pageviews: _percent(min(confirmed, pageviews), pageviews),
    ),
    Metric(
        "time_on_page",
        "Time on page",
        "Seconds for which a page was visible, per measured view.",
        unit="seconds",
        needs=("seconds", "measured"),
        derive=lambda seconds, measured: (
            round(seconds / measured) if seconds and measured else None
        ),
    ),
    Metric(
        "exits",
        "Exits",
        "Page views that no other page of the site followed: views less departures, an estimate.",
        better="none",
        needs=("pageviews", "departures"),
        derive=lambda pageviews, departures: max(0, pageviews - departures),
    ),
)

BY_NAME: Final[Mapping[str, Metric]] = {metric.name: metric for metric in METRICS}

_ADDITIVE = [metric for metric in METRICS if metric.derive is None]
COMMON: Final = tuple(metric.name for metric in _ADDITIVE if metric.common)
"""The additive metrics that most counts have: the first of `COUNTED`."""
COUNTED: Final = (*COMMON, *(metric.name for metric in _ADDITIVE if not metric.common))
"""The additive metrics, in the order of every `Vector` and of the columns of every store."""

ZERO: Final[Vector] = (0,) * len(COUNTED)


def vector(**counts: int) -> Vector:
    """The vector with these counts: `vector(pageviews=1, visits=1)`."""
    unknown = counts.keys() - set(COUNTED)
    if unknown:
        raise ValueError(f"not additive metrics: {', '.join(sorted(unknown))}")
    return tuple(counts.get(name, 0) for name in COUNTED)


def add(left: Vector, right: Vector) -> Vector:
    """The sum, number by number."""
    return tuple(map(plus, left, right))


def needs(name: str) -> tuple[str, ...]:
    """The additive metrics that the metric `name` is made of."""
    return BY_NAME[name].needs or (name,)


def span(names: Collection[str] | None) -> tuple[int, int]:
    """The part of `COUNTED` that has all of these: few columns are read faster than all."""
    places = [COUNTED.index(name) for name in names or COUNTED]
    return min(places), max(places) + 1


def show(name: str, counts: Vector) -> Number:
    """The metric `name` out of a vector of additive counts."""
    metric = BY_NAME[name]
    if metric.derive is None:
        return counts[COUNTED.index(name)]
    first, second = (counts[COUNTED.index(need)] for need in metric.needs)
    return metric.derive(first, second)
