"""The imports of the PostgreSQL store: a table beside the counts, and the rows of each."""

from __future__ import annotations

from typing import Final

from firstparty.imports import HERE, Import
from firstparty.periods import PERIODS
from firstparty.stores import check_import, gone
from firstparty.stores.postgresql_connections import SWEEPING, Db

TABLE: Final = """
create table firstparty.imports ( -- what another tool had counted, and was brought in
    id smallint generated always as identity primary key, -- the origin of its counts
    site smallint not null,
    name text collate "C" not null,
    writer text collate "C" not null unique,
    kind text collate "C" not null, -- which tool
    made integer not null, -- 20261123, on which it was brought in
    first integer not null,
    last integer not null,
    done boolean not null,
    unique (site, name)
);
alter table firstparty.counts
    add column origin smallint not null default 0, -- of imports; 0 where it was counted here
    drop constraint counts_pkey;
alter table firstparty.counts
    add primary key (site, period, dimension, at, path, value, origin);
"""

UNDO: Final = """
with gone as (delete from firstparty.counts where site = $1 and origin = $2 returning 1)
select count(*) from gone
"""
OPEN: Final = """
delete from firstparty.closings where site = $1 and kind = 'quiet' and at not in
    (select at from firstparty.counts where site = $1 and period = $2)
"""


async def origin(db: Db, site: int, writer: str) -> int:
    """The number of an origin. Raises StoreError for an import that is no more."""
    if writer == HERE:
        return 0
    found = await db.fetchval(
        "select id from firstparty.imports where site = $1 and writer = $2", site, writer
    )
    if found is None:
        raise gone(writer)
    return int(found)


async def read(db: Db, site: int) -> list[Import]:
    """The imports of a site."""
    rows = await db.fetch(
        "select name, writer, kind, made, first, last, done from firstparty.imports"
        " where site = $1 order by id",
        site,
    )
    return [Import(*row) for row in rows]


async def days(db: Db, site: int, writer: str) -> set[int]:
    """The days of which an origin has a total."""
    rows = await db.fetch(
        "select at from firstparty.counts"
        " where site = $1 and period = $2 and dimension = 0 and origin = $3",
        *(site, PERIODS.index("day"), await origin(db, site, writer)),
    )
    return {row[0] for row in rows}


async def begin(db: Db, site: int, brought: Import) -> None:
    """Note an import. Holds the lock."""
    if check_import(await read(db, site), brought):
        return
    await db.execute(
        "insert into firstparty.imports (site, name, writer, kind, made, first, last, done)"
        " values ($1, $2, $3, $4, $5, $6, $7, false)",
        *(site, brought.name, brought.writer, brought.kind),
        *(brought.made, brought.first, brought.last),
    )


async def finish(db: Db, site: int, brought: Import) -> None:
    """Note that it is done."""
    await db.execute(
        "update firstparty.imports set first = $3, last = $4, done = true"
        " where site = $1 and writer = $2",
        *(site, brought.writer, brought.first, brought.last),
    )


async def undo(db: Db, site: int, name: str) -> int:
    """Take an import away; answers how many counts went. Holds the lock."""
    found = await db.fetchrow(
        "delete from firstparty.imports where site = $1 and name = $2 returning id, writer",
        *(site, name),
    )
    if found is None:
        return 0
    gone = int(await db.fetchval(UNDO, site, found[0], timeout=SWEEPING))
    await db.execute("delete from firstparty.batches where writer = $1", found[1])
    await db.execute(OPEN, site, PERIODS.index("day"), timeout=SWEEPING)
    return gone
