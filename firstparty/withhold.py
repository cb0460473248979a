"""Small crossed counts are not shown (DESIGN §3.5): which cells of a table may be answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from firstparty.counts import Cell, Cells
from firstparty.metrics import COUNTED
from firstparty.row import Dimension


class Line(NamedTuple):
    """One month of one page: the margin that every small cell of it is hidden in."""

    at: int
    path: str


class Cross(NamedTuple):
    """One cell: a value in a month of a page."""

    at: int
    path: str
    value: str


C = TypeVar("C", Cell, Cross)


def shown(
    cells: Mapping[C, int],
    margins: Mapping[Line, int],
    min_count: int,
    totals: Mapping[Line, int] | None = None,
) -> set[C]:
    """The cells that may be shown.

    A cell below `min_count` is not. What all hidden cells of a line amount to is the line's margin
    less what is shown; where that remainder is itself below `min_count` and not zero, the smallest
    cell shown is hidden with it, so that no subtraction gives a small number away. A line without
    a margin has the sum of its cells as one. With `totals`, the sums of all cells of each line,
    those below `min_count` need not be among the cells.

    The rule is that of statistical disclosure control: the ONS's threshold of 10, with secondary
    suppression. The remainder is looked at twice, of the margin and of the cells themselves, since
    another answer may tell how much of the margin has no value at all. It is a control over views,
    not k-anonymity over people.
    """
    lines = dict[tuple[int, str], list[tuple[int, str, C]]]()
    for cell, count in cells.items():
        lines.setdefault((cell.at, cell.path), []).append((count, cell.value, cell))
    kept = set[C]()
    for place, values in lines.items():
        line = Line(*place)
        large = sorted(each for each in values if each[0] >= min_count)
        total = totals[line] if totals is not None else sum(each[0] for each in values)
        margin = margins.get(line, total)
        visible = sum(each[0] for each in large)
        remainders = (margin - visible, total - visible)
        if large and any(0 < remainder < min_count for remainder in remainders):
            del large[0]
        kept.update(each[2] for each in large)
    return kept


def kept(
    row: Dimension, cells: Cells, margins: Cells, min_count: int, totals: Cells | None = None
) -> set[Cell]:
    """The cells of a dimension that may be shown, or kept when their month closes.

    `cells` by month, value and page; `margins` by month and, as their value, the page; `totals` by
    month and page, of a dimension whose values are not made of two parts.
    """
    basis = COUNTED.index(row.basis)
    numbers = {cell: vector[basis] for cell, vector in cells.items()}
    of_pages = {Line(cell.at, cell.value): vector[basis] for cell, vector in margins.items()}
    if not row.apart:
        wholes = None
        if totals is not None:
            wholes = {Line(cell.at, cell.path): vec[basis] for cell, vec in totals.items()}
        there = {line: margin for line, margin in of_pages.items() if margin}
        return shown(numbers, there, min_count, wholes)
    crosses = {cell: cross(row, cell) for cell in cells}
    stay = shown(
        {crosses[cell]: number for cell, number in numbers.items()},
        {
            Line(cell.at, each.path): margin
            for cell, each in crosses.items()
            if (margin := of_pages.get(Line(cell.at, cell.path), 0))
        },
        min_count,
    )
    return {cell for cell, each in crosses.items() if each in stay}


def cross(row: Dimension, cell: Cell) -> Cross:
    """A cell among those that add up to a whole with it."""
    path = cell.path
    if row.apart:
        path += row.apart + cell.value.partition(row.apart)[0]
    return Cross(cell.at, path, cell.value)
