"""How rows lie in PostgreSQL's tables: laid anew, so that none tells which others it came with.

Each row names the transaction that wrote it last (`xmin`), and lies where there was room then. On a
quiet site a batch has one page view: its rows would tell which page, browser and source belong
together, as no count may. So small tables are written anew, all rows in one transaction and in the
order of their keys. In large ones a batch has page views of many.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firstparty.periods import Period
from firstparty.stores.postgresql_connections import SWEEPING, Connections, Db, ServerError

HOURLY: Final = 2**20
DAILY: Final = 2**24
"""Tables of at most so many bytes are laid anew each hour, and each day: some 10,000 rows in
0.1 s, and 200,000 in 2 s."""
PATIENCE: Final = "1s"
"""How long to wait for whoever reads a table, a dump for example: others wait behind us."""

NOT_NOW: Final = {"42501", "55P03"}
"""SQLSTATEs of who may not, and of who would have to wait."""

TABLES: Final = {"firstparty.counts": "counts_pkey", "firstparty.names": "names_pkey"}

_DUE: Final = "select hour < $1, day < $2 from firstparty.changes"
_SIZE: Final = "select pg_relation_size('firstparty.counts')"
_DONE: Final = """
update firstparty.changes set hour = greatest(hour, $1), day = greatest(day, $2)
where hour < $1 or day < $2 returning true
"""
_MIXED: Final = """
select exists (
    select from firstparty.counts
    where xmin::text <> (select xmin::text from firstparty.counts limit 1)
)
"""
_ANEW: Final = (
    """
    with gone as (delete from firstparty.counts returning *)
    insert into firstparty.counts select * from gone
    order by site, period, dimension, at, path, value, origin
    """,
    """
    with gone as (delete from firstparty.names returning *)
    insert into firstparty.names select * from gone order by site, id
    """,
)


async def lay(connections: Connections, before: Mapping[Period, int]) -> None:
    """Lay the tables anew, if that is due: once by one process of all.

    `before` is what is forgotten: its minute tells the hour, its day the day.
    """
    hour, day = before.get("minute", 0) // 60, before.get("day", 0)
    async with connections.one() as db:
        hourly, daily = await db.fetchrow(_DUE, hour, day) or (False, False)
        size = int(await db.fetchval(_SIZE))
    if not (hourly or daily):
        return
    small = size <= (DAILY if daily else HOURLY)

    async def anew(db: Db) -> bool:
        if not await db.fetchval(_DONE, hour, day):
            return False  # another process was first
        if small and await db.fetchval(_MIXED):
            for statement in _ANEW:
                await db.execute(statement, timeout=SWEEPING)
        return True

    if await connections.turn(anew, within=SWEEPING):
        if small:
            for table in TABLES:
                await compact(connections, table)
        elif daily:
            await connections.vacuum("firstparty.counts")


async def compact(connections: Connections, table: str, patience: str = PATIENCE) -> bool:
    """Write a table's files anew, without what is deleted; false where that cannot be now.

    Nobody else can read it meanwhile, and only its owner may.
    """

    async def cluster(db: Db) -> None:
        await db.execute(f"set local lock_timeout = '{patience}'")
        await db.execute(f"cluster {table} using {TABLES[table]}", timeout=SWEEPING)

    try:
        await connections.turn(cluster, within=SWEEPING)
    except ServerError as error:
        if error.state not in NOT_NOW:
            raise
        await connections.vacuum(table)
        return False
    return True
