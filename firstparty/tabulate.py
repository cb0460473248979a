"""Plans which periods a question sums, sums them, and leaves out what is too small to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from firstparty import ranges
from firstparty.closing import NOTHING_CLOSED, Closed
from firstparty.counts import Cell, Cells, Read, Selection, total
from firstparty.dimensions import SITE
from firstparty.imports import Import
from firstparty.metrics import COUNTED, Vector, add, needs
from firstparty.periods import Calendar, Period
from firstparty.question import Filter, Question, QuestionError
from firstparty.ranges import Piece, Range
from firstparty.row import Dimension
from firstparty.subject import Subject
from firstparty.withhold import kept

Rows = dict[tuple[str, ...], Vector]
"""Sums by what the question asks for, in the order of its dimensions."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer depends on beside the question and the counts."""

    table: Mapping[str, Dimension]
    calendar: Calendar
    now: float
    min_count: int
    public: bool
    closed: Closed = NOTHING_CLOSED
    imports: tuple[Import, ...] = ()

    @property
    def today(self) -> date:
        """The site's local date."""
        return self.calendar.today(self.now)


@dataclass(frozen=True, slots=True)
class Plan:
    """The periods that answer a question, and whether its small counts are hidden.

    `range` is what is really answered: None where nothing is. `labels` holds the buckets of a
    series in time.
    """

    about: Subject
    range: Range | None
    labels: Mapping[str, Piece]
    pieces: tuple[Piece, ...]
    hidden: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What was summed for one range."""

    plan: Plan
    rows: Rows
    withheld: bool


def plan(question: Question, about: Subject, range_: Range, context: Context) -> Plan:
    """Plan one range of a question.

    Counts that cross two things, and every named value on a public page, are answered by whole
    months; everything else by the coarsest periods that cover the range exactly.
    """
    hidden = about.crossed or (context.public and about.dimension is not None)
    if hidden:
        if question.interval not in {None, "month"}:
            raise QuestionError(
                "a public page shows named values by whole months only: ask for time:month"
            )
        months = ranges.whole_months(range_, context.today, running=not context.public)
        if months is None:
            return Plan(about, None, {}, (), hidden)
        range_ = months
    labels = dict[str, Piece]()
    if question.interval or range_.minutes:
        interval = question.interval or "minute"
        labels = ranges.buckets(range_, interval, context.calendar, context.now)
        pieces = _joined(labels.values())
        labels = labels if question.interval else {}
    else:
        pieces = tuple(ranges.cover(range_, context.today))
    return Plan(about, range_, labels, pieces, hidden)


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    at = dict[Period, list[int]]()
    for piece in pieces:
        at.setdefault(piece.period, []).extend(piece.at)
    return tuple(Piece(period, tuple(numbers)) for period, numbers in at.items())


async def tabulate(question: Question, plan_: Plan, context: Context, read: Read) -> Table:
    """Sum what a plan asks for."""
    if plan_.hidden:
        return await _tabulate_hidden(question, plan_, context, read)
    rows: Rows = {}
    row = plan_.about.dimension
    filters = question.filters
    labels = _labels_of(plan_.labels)
    named = question.dimensions == question.groups != ()
    for piece in plan_.pieces:
        selection = Selection(
            piece.period,
            piece.at,
            row.name if row else SITE,
            values=_named(filters, row.name) if row else None,
            by_at=question.interval is not None,
            by_value=bool(question.groups) or any(f.operator != "is" for f in filters),
            metrics=_needed(question, row),
        )
        cells = await read(selection)
        if named and not filters:  # ten thousand pages, and nothing to decide
            found: Rows = {(cell.value,): vector for cell, vector in cells.items()}
            rows = total((rows, found)) if rows else found
            continue
        for cell, vector in cells.items():
            if selection.by_value and not all(each.takes(cell.value) for each in filters):
                continue
            label = labels[piece.period, cell.at] if question.interval else ""
            _add(rows, _group(question, plan_.about, label, cell), vector)
    return Table(plan_, rows, withheld=False)


def _needed(question: Question, row: Dimension | None) -> frozenset[str]:
    """The additive metrics that the answer is made of."""
    basis = [row.basis] if row else []
    return frozenset(basis).union(*(needs(name) for name in question.metrics))


def _add(rows: Rows, group: tuple[str, ...], vector: Vector) -> None:
    rows[group] = add(rows[group], vector) if group in rows else vector


def _labels_of(labels: Mapping[str, Piece]) -> dict[tuple[Period, int], str]:
    return {(piece.period, at): label for label, piece in labels.items() for at in piece.at}


def _named(filters: Iterable[Filter], name: str) -> frozenset[str] | None:
    """The values that `is` filters leave of a dimension; None for all."""
    found: frozenset[str] | None = None
    for each in filters:
        if each.dimension == name and each.operator == "is":
            found = frozenset(each.values) if found is None else found & frozenset(each.values)
    return found


def _group(question: Question, about: Subject, label: str, cell: Cell) -> tuple[str, ...]:
    """The row of the answer that a cell belongs to."""
    key = about.key.name if about.key else ""
    return tuple(
        label if name.startswith("time:") else cell.path if name == key else cell.value
        for name in question.dimensions
    )


async def _tabulate_hidden(question: Question, plan_: Plan, context: Context, read: Read) -> Table:
    about = plan_.about
    row, key = about.dimension, about.key
    if plan_.range is None or row is None:
        return Table(plan_, {}, withheld=True)
    months = tuple(at for piece in plan_.pieces for at in piece.at)
    pages = _named(question.filters, key.name) if key else None
    # What is small is gone from these already, so that what is asked for is all that is read.
    gone: Mapping[tuple[int, str], int] = context.closed.suppressed if key else {}
    done = tuple(month for month in months if gone.get((month, row.name), 0) >= context.min_count)
    open_ = tuple(month for month in months if month not in done)
    basis = COUNTED.index(row.basis)
    cells: Cells = {}
    needed = _needed(question, row)
    values = _named(question.filters, row.name)
    if done:
        # One by one only where a series, or what may be missing, is told by month.
        alone = question.interval is not None or None not in (values, pages)
        selection = _crossing(row, done, needed, pages, values)
        cells = dict(await read(replace(selection, by_at=alone)))
    stay = set(cells)
    found: Cells = {}
    totals: Cells | None = None
    if open_:
        least = (row.basis, context.min_count)
        selection = _crossing(row, open_, needed, pages)
        if not key:
            selection = replace(selection, period="month", by_path=False)
        if not row.apart:  # else a page has several wholes, and all their parts are needed
            selection = replace(selection, least=least)
        found = await read(selection)
        if values is not None:
            # A value is weighed among all of its page, but no other page matters.
            lines = {(cell.at, cell.path) for cell in found if cell.value in values}
            found = {c: vector for c, vector in found.items() if (c.at, c.path) in lines}
            pages = frozenset(path for _, path in lines) if key else None
        if not row.apart:
            sums = replace(selection, paths=pages, by_value=False, least=None)
            totals = await read(replace(sums, metrics=frozenset({row.basis})))
    margins: Cells = {}
    if open_ or _compares(question, row, key):
        margins = await read(
            Selection(
                "month",
                months if _compares(question, row, key) else open_,
                key.name if key else SITE,
                values=pages,
                by_at=True,
                by_value=key is not None,
                metrics=frozenset({row.basis}),
            )
        )
    if open_:
        stay |= kept(row, found, margins, context.min_count, totals)
        cells |= {cell: each for cell, each in found.items() if not values or cell.value in values}
    rows: Rows = {}
    labels = _labels_of(plan_.labels)
    visible = 0
    for cell, vector in cells.items():
        if cell in stay and _takes(question, about, cell):
            visible += vector[basis]
            label = labels["month", cell.at] if question.interval else ""
            _add(rows, _group(question, about, label, cell), vector)
    withheld = _withheld(question, about, row, stay, margins, months, visible)
    return Table(plan_, rows, withheld)


def _crossing(
    row: Dimension,
    months: tuple[int, ...],
    metrics: frozenset[str],
    pages: frozenset[str] | None,
    values: frozenset[str] | None = None,
) -> Selection:
    return Selection(
        "crossed",
        months,
        row.name,
        values,
        pages,
        by_at=True,
        by_value=True,
        by_path=True,
        metrics=metrics,
    )


def _compares(question: Question, row: Dimension, key: Dimension | None) -> bool:
    """Whether what is shown is compared with a total, to tell if something may be missing."""
    if any(key is None or each.dimension != key.name for each in question.filters):
        return False
    return key is None or not (row.apart or row.basis not in key.metrics)


def _takes(question: Question, about: Subject, cell: Cell) -> bool:
    key = about.key.name if about.key else ""
    return all(
        each.takes(cell.path if each.dimension == key else cell.value) for each in question.filters
    )


def _withheld(
    question: Question,
    about: Subject,
    row: Dimension,
    stay: set[Cell],
    margins: Cells,
    months: tuple[int, ...],
    visible: int,
) -> bool:
    """Whether something may be missing: told from what is shown and from the margins alone.

    So the answer is the same for a cell that is small and for one that is empty. `visible` is the
    sum of what is shown.
    """
    key = about.key
    values = _named(question.filters, row.name)
    if values is not None:
        pages = _named(question.filters, key.name) if key else frozenset({""})
        if not pages:
            return True
        asked = (Cell(at, value, page) for at, page, value in product(months, pages, values))
        return any(cell not in stay for cell in asked)
    if not _compares(question, row, key):
        return True
    basis = COUNTED.index(row.basis)
    total = sum(
        vector[basis]
        for cell, vector in margins.items()
        if key is None or all(each.takes(cell.value) for each in question.filters)
    )
    return total > visible or not margins
