"""What the SQLite store has closed: a table beside the counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import aiosqlite

from firstparty.closing import Closing
from firstparty.stores import sqlite_slots

TABLE: Final = """
create table closings ( -- what has been closed, and may not be added to any more
    site integer not null,
    kind text not null, -- day, quiet, empty, month
    at integer not null, -- 20261123, 202611
    dimension text not null, -- of a month: whose small counts are gone; empty for the month as such
    least integer not null, -- by which min_count
    primary key (site, kind, at, dimension)
) without rowid;
"""


async def read(
    db: aiosqlite.Connection, site: int, at: Iterable[int] | None = None
) -> frozenset[Closing]:
    """The closings of a site; with `at`, those of these days and months alone."""
    statement, values = (
        "select kind, at, dimension, least from closings where site = ?",
        [str(site)],
    )
    if at is not None:
        statement += " and at in (select value from json_each(?))"
        values.append(str(list(at)))
    async with db.execute(statement, values) as cursor:
        return frozenset([Closing(*row) async for row in cursor])


async def add(db: aiosqlite.Connection, site: int, closing: Closing) -> bool:
    """Note a closing; false if it is noted already."""
    cursor = await db.execute(
        "insert into closings values (?, ?, ?, ?, ?) on conflict do nothing",
        (site, closing.kind, closing.at, closing.dimension, closing.least),
    )
    return cursor.rowcount > 0


async def hush(db: aiosqlite.Connection, site: int, day: int, code: int, path: int) -> None:
    """Delete what a quiet day does not keep. `code` is the period's, `path` the dimension's."""
    await sqlite_slots.delete(
        db,
        "site = ? and period = ? and at = ? and dimension not in (0, ?)",
        (site, code, day, path),
    )


async def forget(db: aiosqlite.Connection, day: int, month: int) -> None:
    """Delete what is about counts that are gone, in every site of the file."""
    await db.execute(
        "delete from closings where at < case kind when 'month' then ? else ? end", (month, day)
    )
