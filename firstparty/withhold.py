"""Small crossed counts are not shown (DESIGN §3.5): which cells of a table may be answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from firstparty.counts import Cell, Cells
from firstparty.metrics import COUNTED
from firstparty.row import Dimension

Line = tuple[int, str]
"""One month of one page: the margin that every small cell of it is hidden in."""


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
    large = {cell: count for cell, count in cells.items() if count >= min_count}
    visible = _by_line(large)
    totals = _by_line(cells) if totals is None else totals
    given_away = {
        line
        for line, seen in visible.items()
        if 0 < totals[line] - seen < min_count
        or 0 < margins.get(line, totals[line]) - seen < min_count
    }
    smallest = dict[Line, tuple[int, str, C]]()
    for cell, count in large.items():
        line = (cell.at, cell.path)
        if line in given_away:
            each = (count, cell.value, cell)
            smallest[line] = min(each, smallest.get(line, each))
    return large.keys() - {cell for _, _, cell in smallest.values()}


def _by_line(cells: Mapping[C, int]) -> dict[Line, int]:
    sums = dict[Line, int]()
    for cell, count in cells.items():
        line = (cell.at, cell.path)
        sums[line] = sums.get(line, 0) + count
    return sums


def kept(
    row: Dimension, cells: Cells, margins: Cells, min_count: int, totals: Cells | None = None
) -> set[Cell]:
    """The cells of a dimension that may be shown, or kept when their month closes.

    `cells` by month, value and page; `margins` by month and, as their value, the page; `totals` by
    month and page, of a dimension whose values are not made of two parts.
    """
    basis = COUNTED.index(row.basis)
    numbers = {cell: vector[basis] for cell, vector in cells.items()}
    of_pages = {(cell.at, cell.value): vector[basis] for cell, vector in margins.items()}
    if not row.apart:
        wholes = None
        if totals is not None:
            wholes = {(cell.at, cell.path): vector[basis] for cell, vector in totals.items()}
        there = {line: margin for line, margin in of_pages.items() if margin}
        return shown(numbers, there, min_count, wholes)
    crosses = {cell: cross(row, cell) for cell in cells}
    stay = shown(
        {crosses[cell]: number for cell, number in numbers.items()},
        {
            (cell.at, each.path): margin
            for cell, each in crosses.items()
            if (margin := of_pages.get((cell.at, cell.path), 0))
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
