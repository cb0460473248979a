"""The rows of counts in the SQLite store, narrow and wide, and how they are added to.

Each count has one row: a narrow one while it has none but the common metrics, a wide one from the
moment that it has another.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Final

from firstparty.counts import total
from firstparty.metrics import COMMON, Vector
from firstparty.stores import sqlite_schema as schema

Row = tuple[int, int, int, Vector]
"""Slot, path, value, and all metrics."""
Flat = tuple[int, ...]
"""The same in one, with the metrics of a table."""


TOGETHER: Final = 50
"""Rows of one statement: to begin and to end one costs as much as a row."""


@cache
def _insert(table: str, rows: int) -> str:
    """Adds so many rows of slot, path, value and metrics."""
    metrics = schema.TABLES[table]
    marks = f"({', '.join('?' * (3 + len(metrics)))})"
    # Not `select ?, …`: what is selected is laid aside first, which takes as long again.
    return f"""
insert into {table} (slot, path, value, {", ".join(metrics)}) values {", ".join([marks] * rows)}
on conflict do update set {", ".join(f"{name} = {name} + excluded.{name}" for name in metrics)}
"""


ADD_COMMON: Final = {
    table: f"""
update {table} set {", ".join(f"{name} = {name} + ?{4 + n}" for n, name in enumerate(COMMON))}
where (slot, path, value) = (?1, ?2, ?3)
"""
    for table in schema.TABLES
}
"""For a count that is there."""
WIDE_SLOTS: Final = """
select slots.value from json_each(?) as slots
where exists (select 1 from wide where slot = slots.value)
"""
THERE: Final = " union all ".join(
    f"select 1 from {table} where (slot, path, value) = (?1, ?2, ?3)" for table in schema.TABLES
)


def add(db: sqlite3.Connection, rows: Iterable[Row], room: int | None = None) -> None:
    """Add rows, within a transaction; with `room`, at most so many that are new."""
    if room is not None:
        # Several names may have become `(other)`: they are one that is new.
        found = total({row[:3]: row[3]} for row in rows)
        rows = [(*place, vector) for place, vector in found.items()]
    narrow, wide = list[Flat](), list[Flat]()
    end = len(COMMON)
    # In the order of the tables' key: so they tell no other, and neighbouring pages are near.
    for slot, path, value, vector in sorted(rows):
        if any(vector[end:]):
            wide.append((slot, path, value, *vector))
        else:
            narrow.append((slot, path, value, *vector[:end]))
    # Most slots have no wide count on a site without the snippet.
    slots = json.dumps(list({row[0] for row in narrow}))
    mixed = {row[0] for row in db.execute(WIDE_SLOTS, (slots,))}
    narrow = [row for row in narrow if row[0] not in mixed or not _added(db, "wide", row)]
    if room is not None:
        narrow = [row for row in narrow if not _added(db, "narrow", row)][:room]
        new = [row for row in wide if not db.execute(THERE, row[:3]).fetchone()]
        left_out = set(new[room - len(narrow) :])
        wide = [row for row in wide if row not in left_out]
    _write(db, "narrow", narrow)
    # A trigger takes the narrow row of the same count into it.
    _write(db, "wide", wide)


def _added(db: sqlite3.Connection, table: str, row: Flat) -> bool:
    """Add the common metrics to a count that is in this table; false where it is not."""
    return db.execute(ADD_COMMON[table], row).rowcount > 0


def _write(db: sqlite3.Connection, table: str, rows: Sequence[Flat]) -> None:
    for start in range(0, len(rows), TOGETHER):
        some = rows[start : start + TOGETHER]
        db.execute(_insert(table, len(some)), list(chain.from_iterable(some)))
