"""The patterns that the owner has blocked, in the SQLite store: a table beside the counts."""

from __future__ import annotations

from typing import Final

import aiosqlite

from firstparty.blocks import MOST_BLOCKS
from firstparty.stores import StoreError

TABLE: Final = """
create table blocked ( -- patterns that the owner has typed: what they take is never written
    site integer not null,
    dimension integer not null,
    pattern text not null,
    primary key (site, dimension, pattern)
) without rowid;
"""


async def add(db: aiosqlite.Connection, site: int, dimension: int, pattern: str) -> None:
    """Add a pattern, once. Raises StoreError where there are too many."""
    await db.execute(
        "insert into blocked values (?, ?, ?) on conflict do nothing", (site, dimension, pattern)
    )
    async with db.execute("select count(*) from blocked where site = ?", (site,)) as cursor:
        row = await cursor.fetchone()
    if row and row[0] > MOST_BLOCKS:
        raise StoreError(f"more than {MOST_BLOCKS} patterns are blocked: allow one first")
    await db.execute("update changes set number = number + 1")


async def drop(db: aiosqlite.Connection, site: int, dimension: int, pattern: str) -> None:
    """Drop a pattern."""
    await db.execute(
        "delete from blocked where site = ? and dimension = ? and pattern = ?",
        (site, dimension, pattern),
    )
    await db.execute("update changes set number = number + 1")


async def read(db: aiosqlite.Connection, site: int) -> list[tuple[str, str]]:
    """The patterns of a site, each after its vocabulary."""
    async with db.execute(
        "select name, pattern from blocked join dimensions on dimensions.id = blocked.dimension"
        " where site = ?",
        (site,),
    ) as cursor:
        return [(row[0], row[1]) async for row in cursor]
