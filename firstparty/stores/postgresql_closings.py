"""What the PostgreSQL store has closed: a table beside the counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from firstparty.closing import Closing
from firstparty.counts import Cell
from firstparty.dimensions import PATH
from firstparty.stores.postgresql_connections import SWEEPING, Db
from firstparty.stores.postgresql_names import Names
from firstparty.stores.postgresql_schema import CODES, CROSSED, Numbers

READ: Final = "select kind, at, dimension, least from firstparty.closings where site = $1"
NOTE: Final = """
insert into firstparty.closings (site, kind, at, dimension, least)
select $1, * from unnest($2::text[], $3::integer[], $4::text[], $5::integer[])
on conflict do nothing returning kind, at, dimension, least
"""

HUSH: Final = """
delete from firstparty.counts
where site = $1 and period = $2 and at = $3 and dimension <> all ($4::smallint[])
and dimension = any (array(select id from firstparty.dimensions))
"""
SMALL: Final = """
delete from firstparty.counts using unnest($5::integer[], $6::integer[]) as small (path, value)
where counts.site = $1 and counts.period = $2 and counts.dimension = $3 and counts.at = $4
and counts.path = small.path and counts.value = small.value
"""
STRANGE: Final = """
delete from firstparty.counts
where site = $1 and period = $2 and at = $3 and dimension <> all ($4::smallint[])
-- Another program may know them, whose table has more.
and dimension <> all (array(
    select distinct dimension from firstparty.counts where site = $1 and period = $2 and at > $3
))
"""


async def read(db: Db, site: int, at: Iterable[int] | None = None) -> frozenset[Closing]:
    """The closings of a site; with `at`, those of these days and months alone."""
    if at is None:
        rows = await db.fetch(READ, site)
    else:
        rows = await db.fetch(f"{READ} and at = any ($2::integer[])", site, list(at))
    return frozenset(Closing(*row) for row in rows)


async def close_off(
    db: Db, numbers: Numbers, names: Names, closings: Collection[Closing], small: Collection[Cell]
) -> None:
    """Note closings, and delete what goes with them. Holds the lock."""
    columns = (
        [each.kind for each in closings],
        [each.at for each in closings],
        [each.dimension for each in closings],
        [each.least for each in closings],
    )
    for noted in await db.fetch(NOTE, numbers.site, *columns):
        await _delete(db, numbers, names, Closing(*noted), small)


async def _delete(
    db: Db, numbers: Numbers, names: Names, closing: Closing, small: Collection[Cell]
) -> None:
    month = (numbers.site, CROSSED, closing.at)
    if closing.kind == "quiet":
        kept = [0, numbers.dimensions[PATH.name]]
        await db.execute(HUSH, numbers.site, CODES["day"], closing.at, kept)
    elif closing.kind == "month" and closing.dimension:
        await names.learn(db)
        await _drop(db, numbers, names, closing, small)
    elif closing.kind == "month":
        known = [numbers.dimensions[name] for name in numbers.shape.places]
        await db.execute(STRANGE, *month, known)


async def _drop(
    db: Db, numbers: Numbers, names: Names, closing: Closing, small: Collection[Cell]
) -> None:
    """Delete the crossed counts of a month that are small."""
    by = numbers.shape.places[closing.dimension]
    vocabulary = numbers.shape.vocabularies[closing.dimension]
    pairs = [
        (names.known(by, [each.path]), names.known(vocabulary, [each.value])) for each in small
    ]
    there = [(path[0], value[0]) for path, value in pairs if path and value]
    await db.execute(
        SMALL,
        *(numbers.site, CROSSED, numbers.dimensions[closing.dimension], closing.at),
        [path for path, _ in there],
        [value for _, value in there],
        timeout=SWEEPING,
    )


async def forget(db: Db, day: int, month: int) -> None:
    """Delete what is older in the tables beside the counts, in every site of the database."""
    await db.execute(
        "delete from firstparty.closings"
        " where at < case kind when 'month' then $1::integer else $2::integer end",
        *(month, day),
    )
    await db.execute("delete from firstparty.marks where day < $1", day)
    await db.execute("delete from firstparty.imports where done and last < $1", day)
    await db.execute("delete from firstparty.batches where day < $1", day)
    await db.execute("delete from firstparty.pairs where number = 0")
