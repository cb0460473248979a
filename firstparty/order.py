"""In which order the rows of an answer come."""

from __future__ import annotations

from collections.abc import Callable
from heapq import nsmallest
from math import inf

from firstparty.metrics import COUNTED, Vector, show
from firstparty.question import Question

Row = tuple[tuple[str, ...], Vector | None]
"""What a row is of, and its counts; None where they are withheld."""


def ordered(question: Question, rows: list[Row], most: int) -> list[Row]:
    """The first of the rows in their order, `most` of them."""
    orders = question.order_by
    if not orders and question.interval:
        return sorted(rows, key=lambda row: row[0])[:most]
    orders = orders or ((question.metrics[0], "desc"),)
    if len(orders) == 1 and most < len(rows) and orders[0][0] not in question.dimensions:
        # A panel shows eight of ten thousand pages: the others need no order.
        first = _ranking(orders[0][0], -1 if orders[0][1] == "desc" else 1)
        ranks = [first(vector) for _, vector in rows]
        last = nsmallest(most, ranks)[-1]
        rows = [row for row, rank in zip(rows, ranks, strict=True) if rank <= last]
    rows = sorted(rows, key=lambda row: row[0])
    for name, direction in reversed(orders):
        sign = -1 if direction == "desc" else 1
        if name in question.dimensions:
            place = question.dimensions.index(name)
            rows.sort(key=lambda row: row[0][place], reverse=sign < 0)
        else:
            rank = _ranking(name, sign)
            rows.sort(key=lambda row: rank(row[1]))
    return rows[:most]


def _ranking(name: str, sign: int) -> Callable[[Vector | None], float]:
    """By what rows are ordered. What has no number comes last."""
    place = COUNTED.index(name) if name in COUNTED else None

    def rank(vector: Vector | None) -> float:
        if vector is None:
            return inf
        number = show(name, vector) if place is None else vector[place]
        return inf if number is None else sign * number

    return rank
