"""Plans which periods a question sums, sums them, and leaves out what is too small to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from firstparty import ranges
from firstparty.counts import Cell, Cells, Read, Selection
from firstparty.dimensions import PATH, SITE, Dimension
from firstparty.metrics import COUNTED, Vector, add
from firstparty.periods import Calendar, Period
from firstparty.question import Filter, Question, QuestionError, Subject
from firstparty.ranges import Piece, Range
from firstparty.withhold import Cross, Line, shown

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
    named = about.dimension is not None or about.by_page
    hidden = about.crossed or (context.public and named)
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
    row = plan_.about.dimension or (PATH if plan_.about.by_page else None)
    filters = question.filters
    labels = _labels_of(plan_.labels)
    for piece in plan_.pieces:
        selection = Selection(
            piece.period,
            piece.at,
            row.name if row else SITE,
            values=_named(filters, row.name) if row else None,
            by_at=question.interval is not None,
            by_value=bool(question.groups) or any(f.operator != "is" for f in filters),
        )
        for cell, vector in (await read(selection)).items():
            if selection.by_value and not all(each.takes(cell.value) for each in filters):
                continue
            label = labels[piece.period, cell.at] if question.interval else ""
            _add(rows, _group(question, label, "", cell.value), vector)
    return Table(plan_, rows, withheld=False)


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


def _group(question: Question, label: str, path: str, value: str) -> tuple[str, ...]:
    """The row of the answer. `value` is the page where no other dimension is asked about."""
    return tuple(
        label if name.startswith("time") else (path or value) if name == PATH.name else value
        for name in question.dimensions
    )


async def _tabulate_hidden(question: Question, plan_: Plan, context: Context, read: Read) -> Table:
    about = plan_.about
    row = about.dimension or PATH
    if plan_.range is None:
        return Table(plan_, {}, withheld=True)
    months = tuple(at for piece in plan_.pieces for at in piece.at)
    pages = _named(question.filters, PATH.name) if about.crossed else None
    cells = await read(
        Selection(
            "crossed" if about.crossed else "month",
            months,
            row.name,
            paths=pages,
            by_at=True,
            by_value=True,
            by_path=about.crossed,
        )
    )
    basis = COUNTED.index(row.basis)
    margins = await read(
        Selection(
            "month",
            months,
            PATH.name if about.crossed else SITE,
            values=pages,
            by_at=True,
            by_value=about.crossed,
        )
    )
    kept = shown(
        {Cross(cell.at, cell.path, cell.value): vector[basis] for cell, vector in cells.items()},
        {
            Line(cell.at, cell.value): vector[basis]
            for cell, vector in margins.items()
            if vector[basis]
        },
        context.min_count,
    )
    rows: Rows = {}
    labels = _labels_of(plan_.labels)
    for cell, vector in cells.items():
        if Cross(cell.at, cell.path, cell.value) in kept and _takes(question, about, cell):
            label = labels["month", cell.at] if question.interval else ""
            _add(rows, _group(question, label, cell.path, cell.value), vector)
    return Table(plan_, rows, _withheld(question, about, kept, cells, margins, months, basis))


def _takes(question: Question, about: Subject, cell: Cell) -> bool:
    return all(
        each.takes(cell.path if about.crossed and each.dimension == PATH.name else cell.value)
        for each in question.filters
    )


def _withheld(
    question: Question,
    about: Subject,
    kept: set[Cross],
    cells: Cells,
    margins: Cells,
    months: tuple[int, ...],
    basis: int,
) -> bool:
    """Whether something may be missing: told from what is shown and from the margins alone.

    So the answer is the same for a cell that is small and for one that is empty.
    """
    row = about.dimension or PATH
    values = _named(question.filters, row.name)
    if values is not None:
        pages = (_named(question.filters, PATH.name) if about.crossed else None) or {""}
        if about.crossed and pages == {""}:
            return True
        return any(Cross(*each) not in kept for each in product(months, pages, values))
    if question.filters and not all(f.dimension == PATH.name for f in question.filters):
        return True
    if about.crossed and row.basis not in PATH.metrics:
        return True  # what pages have no total of cannot be compared with one
    pages_taken = [
        cell
        for cell in margins
        if not about.crossed
        or all(f.takes(cell.value) for f in question.filters if f.dimension == PATH.name)
    ]
    total = sum(margins[cell][basis] for cell in pages_taken)
    visible = sum(
        vector[basis]
        for cell, vector in cells.items()
        if Cross(cell.at, cell.path, cell.value) in kept and _takes(question, about, cell)
    )
    return total > visible or not margins
