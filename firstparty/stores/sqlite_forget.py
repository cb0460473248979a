"""What is old goes from the SQLite store, and nothing of it stays behind in the file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from typing import Final

from firstparty.periods import Period
from firstparty.row import OTHER
from firstparty.stores import sqlite_closings, sqlite_imports, sqlite_marks, sqlite_slots
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one, transaction
from firstparty.stores.sqlite_sums import KEPT, Sums

Unused = tuple[int, int]
"""A name that no count has: its site, and its number there."""

_MONTHS = " union all ".join(
    f"select site, value from slots cross join {table} on slot = slots.id where period = ?1"
    for table in schema.TABLES
)
DOUBTFUL: Final = f"""
select site, dimension, id, name = ?2 from names where (site, id) not in ({_MONTHS})
"""
"""What no month has counted by itself: it costs little to find, and mostly there is none."""
USED: Final = " union ".join(
    f"select site, {column} from slots cross join {table} on slot = slots.id"
    f" where {column} in (select value from json_each(?1))"
    for table in schema.TABLES
    for column in ("value", "path")
)


def forget(db: sqlite3.Connection, before: Mapping[Period, int], sums: Sums) -> bool:
    """Delete what is older, within a transaction; answers whether there was anything."""
    gone, changes = 0, db.total_changes
    for period, at in before.items():
        # Every site of the file: one that was renamed, or was counted in another
        # time zone, has nobody else to delete what is old.
        gone += sqlite_slots.delete(db, "period = ? and at < ?", (schema.CODES[period], at))
    if "day" in before:
        sqlite_closings.forget(db, before["day"], before.get("month", 0))
        db.execute("delete from batches where day < ?", (before["day"],))
        sqlite_marks.forget(db, before["day"])
        sqlite_imports.forget(db, before["day"])
    if any(period != "minute" for period in before):
        db.execute("delete from pairs where number = 0")
    if KEPT.isdisjoint(before):
        sums.spare((), db.total_changes - changes)
    return gone > 0


def forget_names(db: sqlite3.Connection) -> bool:
    """Delete the names that no count has any more; answers whether there were any.

    They are looked for before the transaction, as that reads every count. Only where another
    connection has written meanwhile is it done again, when nobody else may.
    """
    version = one(db, "pragma data_version")
    unused = _unused(db)
    if not unused:
        return False
    with transaction(db):
        if one(db, "pragma data_version") != version:
            unused = _unused(db)
        db.executemany("delete from names where site = ? and id = ?", list(unused))
        if unused:
            _rewrite_names(db)
    return bool(unused)


def _unused(db: sqlite3.Connection) -> set[Unused]:
    doubtful = db.execute(DOUBTFUL, (schema.CODES["month"], OTHER)).fetchall()
    if not doubtful:
        return set()
    statement = "select site, dimension, count(*) from names group by site, dimension"
    left = {(row[0], row[1]): row[2] for row in db.execute(statement)}
    for site, dimension, _, _ in doubtful:
        left[site, dimension] -= 1
    # `(other)` waits beside other names of its vocabulary, and goes with the last of them.
    found = {(row[0], row[2]) for row in doubtful if not row[3] or not left[row[0], row[1]]}
    if not found:
        return found
    ids = str([id_ for _, id_ in found])
    return found - {(row[0], row[1]) for row in db.execute(USED, (ids,))}


def _rewrite_names(db: sqlite3.Connection) -> None:
    """Write the names anew: pages that were split keep texts where no row is any more.

    `secure_delete` overwrites the row that is deleted, and not what had been left of it when it was
    moved. Of numbers without names nothing can be told; a file that is not too large is written
    anew as a whole (`shuffle`).
    """
    db.execute("create temp table kept as select * from names")
    db.execute("delete from names")
    columns = "site, id, dimension, name"
    db.execute(f"insert into names ({columns}) select {columns} from kept order by site, id")
    db.execute("drop table temp.kept")
    db.execute("update changes set number = number + 1")


def free(db: sqlite3.Connection) -> None:
    """Give free pages back."""
    # Steps to its end; `execute` would free one page and hold the table locked.
    db.executescript("pragma incremental_vacuum")


def shuffle(db: sqlite3.Connection, most: int) -> bool:
    """Write a file of at most so many bytes anew, in the order of its keys; answers if it was.

    Within a page SQLite keeps rows in the order in which they came: on a quiet site that would
    tell who came first. Another process may hold the file; then the next call does it.
    """
    if one(db, "pragma page_count") * one(db, "pragma page_size") > most:
        return False
    with contextlib.suppress(sqlite3.OperationalError):
        db.executescript("vacuum")
        return True
    return False
