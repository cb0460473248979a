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

KEPT: Final = frozenset({"day", "month"})
"""The periods whose sums are kept. The number of a day is never that of a month."""
MOST: Final = 60_000
"""Numbers that are kept, in 6 MB or so; each sum weighs at least `LIGHT`."""
LIGHT: Final = 100

Rows = list[tuple[Any, ...]]
"""Period, value, page and sums, as a statement gives them."""
Columns = list[dict[int, int]]
"""The sums by value, metric by metric; the values are in the same order in each."""


class Sums:
    """What the days or months but the last of a question amount to, by value.

    A year of ten thousand pages is 120,000 rows, 30 days are 300,000, and but for the last of them
    they are what they were when they were asked for before. Whatever anybody changes in the file
    ends that, but for what is said to have changed none that is kept (`spare`): so it is exact, at
    any time.
    """

    def __init__(self) -> None:
        self._kept: dict[Selection, Columns] = {}
        self._spared = 0
        self._version = (-1, 0)

    def rows(
        self, db: sqlite3.Connection, selection: Selection, read: Callable[[Selection], Rows]
    ) -> Rows:
        """The rows of a selection, of which `read` reads what is not kept."""
        times = sorted(set(selection.at))
        if not (
            selection.period in KEPT
            and selection.by_value
            and not selection.by_at
            and selection.values is None
            and len(times) > 1
        ):
            return read(selection)
        version = (one(db, "pragma data_version"), db.total_changes - self._spared)
        if version != self._version:
            self._kept.clear()
            self._version = version
        older = replace(selection, at=tuple(times[:-1]))
        columns = self._kept.get(older)
        if columns is None:
            columns = self._kept[older] = _added([], read(older))
            while sum(map(_weight, self._kept.values())) > MOST:
                del self._kept[next(iter(self._kept))]
        columns = _added(columns, read(replace(selection, at=(times[-1],))))
        if not columns:
            return []
        sums = (column.values() for column in columns)
        return list(zip(repeat(0), columns[0], repeat(0), *sums, strict=False))

    def spare(self, times: Collection[int], changes: int) -> None:
        """So many rows were changed, of which those of `KEPT` were of these times alone."""
        if not any(at in older.at for older in self._kept for at in times):
            self._spared += changes


def _weight(columns: Columns) -> int:
    return LIGHT + sum(map(len, columns))


def _added(columns: Columns, rows: Rows) -> Columns:
    """New columns, with these rows added. A value may be in several of them."""
    if not rows:
        return columns
    _, values, _, *metrics = zip(*rows, strict=True)
    found = [dict(column) for column in columns] or [dict[int, int]() for _ in metrics]
    for column, numbers in zip(found, metrics, strict=True):
        # One after the other: a value that comes again finds what it had.
        column.update(
            zip(values, map(add, map(column.get, values, repeat(0)), numbers), strict=True)
        )
    return found
