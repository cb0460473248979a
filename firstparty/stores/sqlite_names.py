"""What the command line asks of the SQLite store: names to be struck out, and every count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import aiosqlite

from firstparty.blocks import MOST_BLOCKS
from firstparty.metrics import COUNTED
from firstparty.stores import StoreError

TABLE: Final = """
create table blocked ( -- patterns that the owner has typed: what they take is never written
    site integer not null,
    dimension integer not null,
    pattern text not null,
    primary key (site, dimension, pattern)
) without rowid;
"""

_COLUMNS = ", ".join(COUNTED)
_ADDS = ", ".join(f"{name} = {name} + excluded.{name}" for name in COUNTED)

MOVE: Final = f"""
insert into counts (site, period, dimension, at, path, value, {_COLUMNS})
select site, period, dimension, at,
    case when path in (select value from json_each(:ids)) then :unlisted else path end,
    case when value in (select value from json_each(:ids)) then :unlisted else value end,
    {_COLUMNS}
from counts
where site = :site and (
    path in (select value from json_each(:ids)) or value in (select value from json_each(:ids))
)
on conflict do update set {_ADDS}
"""
DROP: Final = """
delete from counts where site = :site and (
    path in (select value from json_each(:ids)) or value in (select value from json_each(:ids))
)
"""
EVERY: Final = f"""
select counts.period, counts.at, counts.dimension, value_name.name, path_name.name, {_COLUMNS}
from counts
left join names value_name on value_name.site = counts.site and value_name.id = counts.value
left join names path_name on path_name.site = counts.site and path_name.id = counts.path
where counts.site = ?
order by counts.period, counts.dimension, counts.at, counts.path, counts.value
"""
"""In the order of the table's key, so that nothing has to be sorted."""


async def strike(db: aiosqlite.Connection, site: int, names: Iterable[int], unlisted: int) -> int:
    """Move the counts of names to that of `(unlisted)`, and drop the names; answers how many."""
    ids = json.dumps(list(names))
    values = {"site": site, "ids": ids, "unlisted": unlisted}
    await db.execute(MOVE, values)
    moved = await db.execute(DROP, values)
    await db.execute(
        "delete from names where site = ? and id in (select value from json_each(?))", (site, ids)
    )
    await db.execute("update changes set number = number + 1")
    return moved.rowcount


async def block(db: aiosqlite.Connection, site: int, dimension: int, pattern: str) -> None:
    """Add a pattern, once. Raises StoreError where there are too many."""
    await db.execute(
        "insert into blocked values (?, ?, ?) on conflict do nothing", (site, dimension, pattern)
    )
    async with db.execute("select count(*) from blocked where site = ?", (site,)) as cursor:
        row = await cursor.fetchone()
    if row and row[0] > MOST_BLOCKS:
        raise StoreError(f"more than {MOST_BLOCKS} patterns are blocked: allow one first")
    await db.execute("update changes set number = number + 1")


async def allow(db: aiosqlite.Connection, site: int, dimension: int, pattern: str) -> None:
    """Drop a pattern."""
    await db.execute(
        "delete from blocked where site = ? and dimension = ? and pattern = ?",
        (site, dimension, pattern),
    )
    await db.execute("update changes set number = number + 1")


async def blocks(db: aiosqlite.Connection, site: int) -> list[tuple[int, str]]:
    """The patterns of a site, each with the number of its vocabulary."""
    async with db.execute(
        "select dimension, pattern from blocked where site = ?", (site,)
    ) as cursor:
        return [(row[0], row[1]) async for row in cursor]
