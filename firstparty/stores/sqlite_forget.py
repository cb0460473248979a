"""What is old goes from the SQLite store, and nothing of it stays behind in the file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping

import aiosqlite

from firstparty.periods import Period
from firstparty.stores import sqlite_closings, sqlite_marks
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one


async def forget(db: aiosqlite.Connection, before: Mapping[Period, int]) -> bool:
    """Delete what is older, within a transaction; answers whether there was anything."""
    gone = 0
    for period, at in before.items():
        cursor = await db.execute(
            # Every site of the file: one that was renamed, or was counted in another
            # time zone, has nobody else to delete what is old.
            "delete from counts where site in (select id from sites) and period = ?"
            " and dimension in (select id from dimensions union select 0) and at < ?",
            (schema.CODES[period], at),
        )
        gone += cursor.rowcount
    if "day" in before:
        await sqlite_closings.forget(db, before["day"], before.get("month", 0))
        await db.execute("delete from batches where day < ?", (before["day"],))
        await sqlite_marks.forget(db, before["day"])
    if any(
        period != "minute" for period in before
    ):  # closing deletes counts too: names go with the next of these
        await db.execute("delete from pairs where number = 0")
        cursor = await db.execute(
            "delete from names where (site, id) not in"
            " (select site, value from counts union select site, path from counts where path > 0)"
        )
        if cursor.rowcount:
            gone += cursor.rowcount
            await _rewrite_names(db)
    return gone > 0


async def _rewrite_names(db: aiosqlite.Connection) -> None:
    """Write the names anew: pages that were split keep texts where no row is any more.

    `secure_delete` overwrites the row that is deleted, and not what had been left of it when it was
    moved. Of numbers without names nothing can be told; a file that is not too large is written
    anew as a whole (`shuffle`).
    """
    await db.execute("create temp table kept as select * from names")
    await db.execute("delete from names")
    columns = "site, id, dimension, name"
    await db.execute(f"insert into names ({columns}) select {columns} from kept order by site, id")
    await db.execute("drop table temp.kept")
    await db.execute("update changes set number = number + 1")


async def free(db: aiosqlite.Connection) -> None:
    """Give free pages back."""
    # Steps to its end; `execute` would free one page and hold the table locked.
    await db.executescript("pragma incremental_vacuum")


async def shuffle(db: aiosqlite.Connection, most: int) -> bool:
    """Write a file of at most so many bytes anew, in the order of its keys; answers if it was.

    Within a page SQLite keeps rows in the order in which they came: on a quiet site that would
    tell who came first. Another process may hold the file; then the next call does it.
    """
    if await one(db, "pragma page_count") * await one(db, "pragma page_size") > most:
        return False
    with contextlib.suppress(sqlite3.OperationalError):
        await db.executescript("vacuum")
        return True
    return False
