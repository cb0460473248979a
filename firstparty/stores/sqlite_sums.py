"""Sums over days and months that are over, kept in memory while nothing has changed them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import repeat
from operator import add
from typing import Any, Final

from firstparty.counts import Selection
from firstparty.stores.sqlite_file import one

KEPT: Final = frozenset({"day", "month", "crossed"})
"""The periods whose sums are kept. The number of a day is never that of a month."""
MOST: Final = 60_000
"""Numbers that are kept, in 6 MB or so; each sum weighs at least `LIGHT`."""
LIGHT: Final = 100

Columns = list[list[int]]
"""Periods, values, pages, and sums for each metric, side by side."""
Added = list[dict[Any, int]]
"""Sums by value, or by value and page, for each metric: in the same order in each."""


class Sums:
    """What the days or months but the last of a question amount to, by value.

    A year of ten thousand pages is 120,000 rows, 30 days are 300,000, and the pages of a country
    are among 90,000. But for the last day or month they are what they were when they were asked
    for before. Whatever anybody changes in the file ends that, but for what is said to have changed
    none that is kept (`spare`): so it is exact, at any time.
    """

    def __init__(self) -> None:
        self._kept: dict[Selection, Added] = {}
        self._spared = 0
        self._version = (-1, 0)

    def columns(
        self, db: sqlite3.Connection, selection: Selection, read: Callable[[Selection], Columns]
    ) -> Columns:
        """What a selection asks for, of which `read` reads what is not kept."""
        times = sorted(set(selection.at))
        if len(times) < 2 or not _keeps(selection):
            return read(selection)
        version = (one(db, "pragma data_version"), db.total_changes - self._spared)
        if version != self._version:
            self._kept.clear()
            self._version = version
        older = replace(selection, at=tuple(times[:-1]))
        kept = self._kept.get(older)
        if kept is None:
            kept = self._kept[older] = _added(selection, [], read(older))
            while sum(map(_weight, self._kept, self._kept.values())) > MOST:
                del self._kept[next(iter(self._kept))]
        sums = _added(selection, kept, read(replace(selection, at=(times[-1],))))
        zeros = [0] * len(sums[0])
        values, pages = list(sums[0]), zeros
        if selection.by_path:
            pages = [page for _, page in values]
            values = [value for value, _ in values]
        return [zeros, values, pages, *(list(column.values()) for column in sums)]

    def spare(self, times: Collection[int], changes: int) -> None:
        """So many rows were changed, of which those of `KEPT` were of these times alone."""
        if not any(at in older.at for older in self._kept for at in times):
            self._spared += changes


def _keeps(selection: Selection) -> bool:
    """Whether it is for all values of days or months, or for those of one page, or one's pages."""
    if selection.by_at or not selection.by_value or selection.least is not None:
        return False
    if selection.period == "crossed":
        return selection.by_path and (selection.values or selection.paths) is not None
    return selection.period in KEPT and selection.values is None


def _weight(selection: Selection, sums: Added) -> int:
    return LIGHT + sum(map(len, sums)) * (2 if selection.by_path else 1)


def _added(selection: Selection, kept: Added, columns: Columns) -> Added:
    """New sums, with these columns added. A value may be in several of their rows."""
    _, values, pages, *metrics = columns
    keys = list(zip(values, pages, strict=True)) if selection.by_path else values
    sums = [dict(column) for column in kept] or [dict[Any, int]() for _ in metrics]
    for column, numbers in zip(sums, metrics, strict=True):
        # One after the other: a value that comes again finds what it had.
        column.update(zip(keys, map(add, map(column.get, keys, repeat(0)), numbers), strict=True))
    return sums
