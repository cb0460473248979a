"""Small crossed counts are not shown (DESIGN §3.5): which cells of a table may be answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

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


def shown(
    cells: Mapping[Cross, int],
    margins: Mapping[Line, int],
    min_count: int,
    totals: Mapping[Line, int] | None = None,
) -> set[Cross]:
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
    lines = dict[Line, list[tuple[int, str]]]()
    for cell, count in cells.items():
        lines.setdefault(Line(cell.at, cell.path), []).append((count, cell.value))
    kept = set[Cross]()
    for line, values in lines.items():
        large = sorted(pair for pair in values if pair[0] >= min_count)
        total = totals[line] if totals is not None else sum(count for count, _ in values)
        margin = margins.get(line, total)
        visible = sum(count for count, _ in large)
        remainders = (margin - visible, total - visible)
        if large and any(0 < remainder < min_count for remainder in remainders):
            del large[0]
        kept.update(Cross(line.at, line.path, value) for _, value in large)
    return kept


def kept(
    row: Dimension, cells: Cells, margins: Cells, min_count: int, totals: Cells | None = None
) -> set[Cell]:
    """The cells of a dimension that may be shown, or kept when their month closes.

    `cells` by month, value and page; `margins` by month and, as their value, the page; `totals` by
    month and page, of a dimension whose values are not made of two parts.
    """
    basis = COUNTED.index(row.basis)
    crosses = {cell: cross(row, cell) for cell in cells}
    of_pages = {(cell.at, cell.value): vector[basis] for cell, vector in margins.items()}
    stay = shown(
        {crosses[cell]: vector[basis] for cell, vector in cells.items()},
        {
            Line(cell.at, each.path): margin
            for cell, each in crosses.items()
            if (margin := of_pages.get((cell.at, cell.path), 0))
        },
        min_count,
        None
        if totals is None
        else {Line(cell.at, cell.path): vector[basis] for cell, vector in totals.items()},
    )
    return {cell for cell, each in crosses.items() if each in stay}


def cross(row: Dimension, cell: Cell) -> Cross:
    """A cell among those that add up to a whole with it."""
    path = cell.path
    if row.apart:
        path += row.apart + cell.value.partition(row.apart)[0]
    return Cross(cell.at, path, cell.value)
