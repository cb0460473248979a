"""Sums the periods that a question is planned with, and leaves out what is too small to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product

from firstparty.counts import Cell, Cells, Read, Selection, total
from firstparty.dimensions import SITE
from firstparty.metrics import COUNTED, Vector, add, needs
from firstparty.periods import Period
from firstparty.plan import Context, Plan
from firstparty.question import Filter, Question
from firstparty.ranges import Piece
from firstparty.row import Dimension
from firstparty.subject import Subject
from firstparty.withhold import kept

Rows = dict[tuple[str, ...], Vector]
"""Sums by what the question asks for, in the order of its dimensions."""


@dataclass(frozen=True, slots=True)
class Table:
    """What was summed for one range."""

    plan: Plan
    rows: Rows
    withheld: bool


async def tabulate(question: Question, plan_: Plan, context: Context, read: Read) -> Table:
    """Sum what a plan asks for."""
    if plan_.hidden:
        return await _tabulate_hidden(question, plan_, context, read)
    rows: Rows = {}
    row = plan_.about.dimension
    filters = question.filters
    labels = _labels_of(plan_.labels)
    group = _grouping(question, plan_.about)
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
            _add(rows, group(label, cell), vector)
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


def _grouping(question: Question, about: Subject) -> Callable[[str, Cell], tuple[str, ...]]:
    """Which row of the answer a cell of a labelled time belongs to."""
    key = about.key.name if about.key else ""
    places = [
        0 if name.startswith("time:") else 2 if name == key else 1 for name in question.dimensions
    ]

    def group(label: str, cell: Cell) -> tuple[str, ...]:
        told = (label, cell.value, cell.path)
        return tuple([told[place] for place in places])

    return group


async def _tabulate_hidden(question: Question, plan_: Plan, context: Context, read: Read) -> Table:
    about = plan_.about
    row, key = about.dimension, about.key
    if plan_.range is None or row is None:
        return Table(plan_, {}, withheld=True)
    months = tuple(at for piece in plan_.pieces for at in piece.at)
    asked = pages = _named(question.filters, key.name) if key else None
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
        if values is not None and key:
            # A value is weighed among all of its page, but no other page matters.
            of_values = await read(replace(selection, values=values))
            pages = frozenset(cell.path for cell in of_values if cell.value in values)
            selection = replace(selection, paths=pages)
        found = await read(selection)
        if found and not row.apart:
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
    group = _grouping(question, about)
    others = [each for each in question.filters if each.operator != "is"]
    visible = 0
    for cell, vector in cells.items():
        # A store may give more than it is asked for.
        if (
            cell in stay
            and (values is None or cell.value in values)
            and (asked is None or cell.path in asked)
            and (not others or _takes(others, key, cell))
        ):
            visible += vector[basis]
            label = labels["month", cell.at] if question.interval else ""
            _add(rows, group(label, cell), vector)
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


def _takes(filters: Iterable[Filter], key: Dimension | None, cell: Cell) -> bool:
    of_key = key.name if key else ""
    return all(
        each.takes(cell.path if each.dimension == of_key else cell.value) for each in filters
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
