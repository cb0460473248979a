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
    """Delete what is older, within a transaction; answers whether pages may be free now."""
    gone = 0
    for period, at in before.items():
        cursor = await db.execute(
            # Every site of the file: one that was renamed, or was counted in another
            # time zone, has nobody else to delete what is old.
            "delete from counts where site in (select id from sites) and period = ?"
            " and dimension in (select id from dimensions union select 0) and at < ?",
            (schema.CODES[period], at),
        )
        gone += cursor.rowcount if period in {"day", "month", "crossed"} else 0
    if "day" in before:
        await sqlite_closings.forget(db, before["day"], before.get("month", 0))
        # Closing deletes counts too: their names go with the next of these.
        gone += 1
    if gone:
        await db.execute("delete from pairs where number = 0")
        await db.execute(
            "delete from names where (site, id) not in"
            " (select site, value from counts union select site, path from counts)"
        )
        await db.execute("update changes set number = number + 1")
    if "day" in before:
        await db.execute("delete from batches where day < ?", (before["day"],))
        await sqlite_marks.forget(db, before["day"])
    return gone > 0


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
