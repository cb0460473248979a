"""Closing: days and months that are over lose what is small, once and for all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

from firstparty.aside import aside
from firstparty.counts import Cell, Cells, Counts, Key, Selection
from firstparty.dimensions import PATH, SITE
from firstparty.imports import HERE
from firstparty.metrics import COUNTED
from firstparty.periods import (
    day_number,
    days,
    first_of_month,
    last_of_month,
    month_number,
    number_day,
)
from firstparty.row import Dimension
from firstparty.withhold import kept

if TYPE_CHECKING:
    from firstparty.stores import Store

DELAY: Final = 3
"""Days after its end at which a day or a month closes, so that late batches are in."""

_VIEWS: Final = COUNTED.index("pageviews")


Kind = Literal["day", "quiet", "empty", "month"]
KINDS: Final[tuple[Kind, ...]] = ("day", "quiet", "empty", "month")


@dataclass(frozen=True, slots=True, order=True)
class Closing:
    """Something that has been closed; with it goes what it deletes.

    `day`: every day up to this one has been looked at, and nothing is deleted. `quiet`: this day
    keeps its total and its pages, and no other count; `empty`: so it would, but has none. `month`:
    no crossed count of this month is added any more; with a dimension, those of the dimension that
    are small are gone, by a `min_count` of `least`.
    """

    kind: Kind
    at: int
    dimension: str = ""
    least: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Closed:
    """What has been closed, for whoever adds counts or answers questions."""

    quiet: frozenset[int] = frozenset()
    """The days that were too quiet to keep more than their total and their pages."""
    empty: frozenset[int] = frozenset()
    """The days that had no count at all."""
    months: frozenset[int] = frozenset()
    """The months that take no crossed count any more."""
    suppressed: Mapping[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])
    """The months and dimensions whose small counts are gone, with the `min_count` of then."""

    @classmethod
    def of(cls, closings: Iterable[Closing]) -> Closed:
        """What these closings have closed."""
        months = [each for each in closings if each.kind == "month"]
        return cls(
            frozenset(each.at for each in closings if each.kind == "quiet"),
            frozenset(each.at for each in closings if each.kind == "empty"),
            frozenset(each.at for each in months if not each.dimension),
            {(each.at, each.dimension): each.least for each in months if each.dimension},
        )

    def late(self, key: Key) -> bool:
        """Whether a count comes too late to be added."""
        if key.period == "crossed":
            return key.at in self.months
        silent = key.period == "day" and (key.at in self.quiet or key.at in self.empty)
        return silent and key.dimension not in {SITE, PATH.name}

    def accepted(self, counts: Counts, origin: str = HERE) -> Counts:
        """Those that are not late. A day that was empty may have had counts elsewhere."""
        if not (self.months or self.quiet or self.empty):
            return counts
        closed = self if origin == HERE else replace(self, empty=frozenset())
        return {key: vector for key, vector in counts.items() if not closed.late(key)}


NOTHING_CLOSED: Final = Closed()


async def close(
    store: Store, table: Mapping[str, Dimension], min_count: int, today: date
) -> Closed:
    """Close the days and months that are over; the answer is all that is closed now.

    May be called by several processes, and again after it was cut off at any point.
    """
    first = await store.oldest()
    if first is not None:
        closings = await store.closings()
        await _close_days(store, closings, min_count, number_day(first), today)
        await _close_months(store, closings, table, min_count, number_day(first), today)
    return Closed.of(await store.closings())


async def _close_days(
    store: Store, closings: frozenset[Closing], min_count: int, first: date, today: date
) -> None:
    done = max((number_day(each.at) for each in closings if each.kind == "day"), default=None)
    # What an import brought is judged by itself when it comes, and may be undone: no company of it.
    here = await store.days(HERE)
    start = max(first, done + timedelta(days=1)) if done else first
    last = today - timedelta(days=DELAY + 1)
    if start > last:
        return
    span = [day_number(day) for day in days(first_of_month(start), last)]
    cells = await store.select(Selection("day", tuple(span), SITE, by_at=True))
    views = {cell.at: vector[_VIEWS] for cell, vector in cells.items() if cell.at in here}
    hidden = {each.at for each in closings if each.kind in {"quiet", "empty"}}
    gone = list[int]()
    for day in span:
        if day >= day_number(start):
            quiet = hushed(day, views, hidden, min_count)
            hidden |= quiet
            gone += sorted(quiet)
    # At once: an import may bring two years of days that were empty here.
    closed = [Closing("quiet" if day in views else "empty", day) for day in gone]
    await store.close_off(*closed, Closing("day", span[-1]))


def hushed(day: int, views: Mapping[int, int], hidden: Collection[int], min_count: int) -> set[int]:
    """The days whose breakdowns go when `day` closes: it, if it is quiet, and perhaps others.

    A month less the days that are shown must not tell those of a quiet day: where the hidden days
    of a month have fewer than `min_count` views together, the quietest day that is left goes too.
    `views` are those of the days that are over and have any count. A day without one takes no
    company: there is nothing of it to tell.
    """
    gone = {day} if views.get(day, 0) < min_count and day not in hidden else set[int]()
    of_month = {other for other in views if other // 100 == day // 100}
    quiet = of_month & {*hidden, *gone}
    together = sum(views[other] for other in quiet)
    for other in sorted(of_month - quiet, key=lambda other: (views[other], other)):
        if not quiet or together >= min_count:
            break
        gone.add(other)
        together += views[other]
    return gone


async def _close_months(
    store: Store,
    closings: frozenset[Closing],
    table: Mapping[str, Dimension],
    min_count: int,
    first: date,
    today: date,
) -> None:
    start = first_of_month(first)
    while last_of_month(start) + timedelta(days=DELAY) < today:
        month = month_number(start)
        for row in table.values():
            closing = Closing("month", month, row.name, min_count)
            # A row without a metric has no number that could be small.
            if "crossed" in row.kept and row.metrics and closing not in closings:
                # From here on nothing is added, so that what is found small stays so.
                await store.close_off(Closing("month", month))
                small = await _small(store, row, table, month, min_count)
                await store.close_off(closing, small=small)
        start = first_of_month(start, 1)


async def _small(
    store: Store, row: Dimension, table: Mapping[str, Dimension], month: int, min_count: int
) -> list[Cell]:
    """The crossed counts of a month that are not to be kept."""
    basis = frozenset({row.basis})
    found = await store.select(
        Selection(
            "crossed", (month,), row.name, by_at=True, by_value=True, by_path=True, metrics=basis
        )
    )
    if not found:
        return []
    margins = await store.select(
        Selection("month", (month,), table[row.by].name, by_at=True, by_value=True, metrics=basis)
    )
    # A large month takes a second or so: page views go on meanwhile.
    return await aside(_not_kept, row, found, margins, min_count)


def _not_kept(row: Dimension, cells: Cells, margins: Cells, min_count: int) -> list[Cell]:
    stay = kept(row, cells, margins, min_count)
    return [cell for cell in cells if cell not in stay]
