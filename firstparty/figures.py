"""The numbers of a range of days, those of the days before beside them: for terminal and mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from firstparty.answer import answer
from firstparty.counting import Counting
from firstparty.counts import Read
from firstparty.metrics import BY_NAME, Number
from firstparty.periods import first_of_month, number_day
from firstparty.plan import Context
from firstparty.question import parse
from firstparty.row import Dimension

Reported = Literal["day", "week", "month"]
"""The period that a report is about: the last that is over."""

TOTALS: Final = ("pageviews", "visits", "views_per_visit", "bounce_rate", "time_on_page", "misses")
"""The site's own numbers, in the order in which they are shown."""
MOST_DAYS: Final = 92
"""Days that are shown one by one; a longer range is shown by the month."""


@dataclass(frozen=True, slots=True)
class Total:
    """One number of the site, and the same of the period before; None where there is none."""

    label: str
    unit: str
    now: Number
    before: Number


@dataclass(frozen=True, slots=True)
class Panel:
    """A dimension: its largest values, with their number of what `counted` says."""

    label: str
    counted: str
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown of a site."""

    site: str
    timezone: str
    first: date
    last: date
    totals: tuple[Total, ...]
    series: tuple[tuple[str, int], ...]
    panels: tuple[Panel, ...]


def last(period: Reported, today: date) -> tuple[date, date]:
    """The first and the last day of the last day, week (of ISO 8601) or month that is over."""
    if period == "day":
        return today - timedelta(days=1), today - timedelta(days=1)
    if period == "week":
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(days=7), monday - timedelta(days=1)
    return first_of_month(today, -1), first_of_month(today) - timedelta(days=1)


CENTS: Final = "Smallest units"


async def figures(counting: Counting, date_range: object, most: int = 10) -> Figures:
    """The numbers of a range of the API (`30d`, or two dates). Raises QuestionError.

    `most` values of each dimension that has any, largest first. Reads the store and what this
    process has not written yet.
    """
    async with counting.flusher.reading() as read:
        stored = await counting.store.first_day()
        first = None if stored is None else number_day(stored)
        context = Context(
            counting.table,
            counting.calendar,
            counting.clock(),
            counting.settings.min_count,
            public=False,
            closed=counting.flusher.closed,
        )
        return await _figures(counting.settings.site_name, date_range, most, context, first, read)


async def _figures(
    site: str, date_range: object, most: int, context: Context, first: date | None, read: Read
) -> Figures:
    async def ask(metrics: list[str], **rest: Any) -> list[tuple[tuple[str, ...], list[Any], Any]]:
        body = {"metrics": metrics, "date_range": date_range, **rest}
        question = parse(body, context.table, context.today, first)
        found = await answer(question, context, read)
        return [
            (tuple(row["dimensions"]), row["metrics"], row.get("comparison"))
            for row in found["results"]
        ]

    range_ = parse(
        {"metrics": ["pageviews"], "date_range": date_range}, context.table, context.today, first
    ).range
    days = (range_.last - range_.first).days + 1
    interval = "day" if days <= MOST_DAYS else "month"
    # A day that has just begun is less than any that is over.
    runs = range_.first == context.today
    compared = {} if runs else {"include": {"comparison": "previous_period"}}
    (_, now, before) = (await ask(list(TOTALS), **compared))[0]
    series = await ask(["pageviews"], dimensions=[f"time:{interval}"])
    panels = [await _panel(row, most, ask) for row in context.table.values() if _is_shown(row)]
    return Figures(
        site,
        context.calendar.zone.key,
        range_.first,
        range_.last,
        tuple(
            Total(BY_NAME[name].label, BY_NAME[name].unit, value, earlier)
            for name, value, earlier in zip(TOTALS, now, _before(before), strict=True)
        ),
        tuple((labels[0], values[0] or 0) for labels, values, _ in series) if days > 1 else (),
        tuple(panel for panel in panels if panel.rows),
    )


def _before(comparison: Mapping[str, Any] | None) -> list[Number]:
    return [None] * len(TOTALS) if comparison is None else list(comparison["metrics"])


def _is_shown(row: Dimension) -> bool:
    """Whether a dimension is a list of names: no range of numbers, and not of a page alone."""
    return row.alone and not row.ordered


async def _panel(row: Dimension, most: int, ask: Any) -> Panel:
    """Of sums of money the sums, as the number of events says nothing of them."""
    money = row.display == "currency"
    metric, counted = ("amount", CENTS) if money else (row.basis, BY_NAME[row.basis].label)
    rows = await ask([metric], dimensions=[row.name], pagination={"limit": most})
    found = tuple((values[0], number[0]) for values, number, _ in rows if number[0])
    return Panel(row.label, counted, found)
