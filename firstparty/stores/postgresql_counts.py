"""Counts in PostgreSQL: how they are summed, read one by one, and deleted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from firstparty.counts import Cell, Cells, Key, Selection
from firstparty.metrics import COUNTED, ZERO, Vector, span
from firstparty.periods import PERIODS, Period
from firstparty.stores import Shape, postgresql_imports
from firstparty.stores.postgresql_connections import SWEEPING, Db, allow
from firstparty.stores.postgresql_names import storable
from firstparty.stores.postgresql_schema import CODES, Numbers

STEP: Final = 20_000
"""How many rows are deleted before others have their turn: about a tenth of a second."""
FETCHED: Final = 1_000
"""Rows that are in memory at a time where all are read."""

EVERY: Final = f"""
select counts.period, counts.at, dimensions.name, value_name.name, path_name.name,
    {", ".join(f"counts.{name}" for name in COUNTED)}
from firstparty.counts
left join firstparty.dimensions on dimensions.id = counts.dimension
left join firstparty.names value_name
    on value_name.site = counts.site and value_name.id = counts.value
left join firstparty.names path_name
    on path_name.site = counts.site and path_name.id = counts.path
where counts.site = $1 and counts.origin = $2
order by counts.period, counts.dimension, counts.at, counts.path, counts.value
"""

FIRST_DAY: Final = f"""
select min(at) from firstparty.counts
where site = $1 and period = {CODES["day"]} and dimension = 0 and pageviews > 0
"""
OLDEST: Final = f"""
select min(oldest) from (
    -- One look into the index for each dimension, instead of reading every day there is.
    select (
        select min(at) from firstparty.counts
        where site = $1 and period = {CODES["day"]} and dimension = each.id
    ) as oldest
    from (select id from firstparty.dimensions union all select 0) as each
) as found
"""

TAKEN: Final = """
select sum(pg_total_relation_size(oid)) from pg_class
where relkind = 'r' and relnamespace = 'firstparty'::regnamespace
"""

NUMBERS: Final = """
select coalesce(dimensions.name, ''), found.period, found.number
from (
    select dimension, period, count(*) as number
    from firstparty.counts where site = $1 group by dimension, period
) as found
left join firstparty.dimensions on dimensions.id = found.dimension
"""

FORGET: Final = """
with gone as (
    delete from firstparty.counts where ctid = any (array(
        select ctid from firstparty.counts
        -- Every site of the database: one that was renamed, or was counted in another time zone,
        -- has nobody else to delete what is old.
        where site = any (array(select id from firstparty.sites)) and period = $1
        and dimension = any (array(select id from firstparty.dimensions union select 0)) and at < $2
        limit $3
    ))
    returning 1
)
select count(*) from gone
"""


async def select(db: Db, numbers: Numbers, selection: Selection) -> Cells:
    """Sum counts, in one statement."""
    first, end = span(selection.metrics)
    statement, values = _question(selection, numbers.shape, COUNTED[first:end])
    dimension = numbers.dimensions[selection.dimension]
    rows = await db.fetch(statement, numbers.site, dimension, *values)
    before, behind = ZERO[:first], ZERO[end:]
    # Without groups there is one row always, of no counts where there is nothing to sum.
    return {Cell._make(row[1:4]): (*before, *row[4:], *behind) for row in rows if row[0]}


def _question(
    selection: Selection, shape: Shape, metrics: Sequence[str]
) -> tuple[str, list[object]]:
    """The statement that sums counts, and its values from the third on.

    The first two are the site and the dimension. Its rows are the number of counts, at, value, page
    and the sums. Counts are summed by numbers, and only the sums are given their names.
    """
    values: list[object] = [CODES[selection.period], list(selection.at)]
    where, joins = "", ""
    for column, names, vocabulary in (
        ("path", selection.paths, shape.places.get(selection.dimension, "")),
        ("value", selection.values, shape.vocabularies.get(selection.dimension, "")),
    ):
        if names is not None:
            values += [vocabulary, [name for name in names if storable(name)]]
            where += (
                f" and {column} = any (array("
                "select names.id from firstparty.names"
                " join firstparty.dimensions on dimensions.id = names.dimension"
                f" where names.site = $1 and dimensions.name = ${len(values) + 1}"
                f" and names.name = any (${len(values) + 2}::text[])"
                + (" union select 0" if "" in names else "")
                + "))"
            )
    shown, groups = ["at" if selection.by_at else "0"], ["at"] if selection.by_at else []
    for column, wanted in (("value", selection.by_value), ("path", selection.by_path)):
        shown.append(f"{column}_name.name" if wanted else "''")
        if wanted:
            groups.append(column)
            joins += (
                f" join firstparty.names as {column}_name"
                f" on {column}_name.site = $1 and {column}_name.id = sums.{column}"
            )
    # Each row is a group of its own where all that tells it apart is asked for.
    single = len(groups) == 3
    summed = [name if single else f"sum({name})::bigint as {name}" for name in metrics]
    least, having = selection.least, ""
    if least and single:
        where += f" and {least[0]} >= {least[1]}"
    elif least:
        having = f" having sum({least[0]}) >= {least[1]}"
    inner = (*groups, "1 as number" if single else "count(*) as number", *summed)
    shown += [f"coalesce({name}, 0)" for name in metrics]
    return (
        f"select number, {', '.join(shown)} from ("
        f"select {', '.join(inner)} from firstparty.counts"
        " where site = $1 and dimension = $2 and period = $3"
        f" and at = any ($4::integer[]){where}"
        + (f" group by {', '.join(groups)}" if groups and not single else "")
        + f"{having}) as sums{joins}",
        values,
    )


async def every(db: Db, site: int, writer: str) -> AsyncGenerator[tuple[Key, Vector]]:
    """Every count of an origin as it is at one instant."""
    async with db.transaction(isolation="repeatable_read", readonly=True):
        await allow(db, SWEEPING)
        # Whoever takes them may be slow, and nobody waits for a transaction that only reads.
        await db.execute("set local idle_in_transaction_session_timeout = 0")
        origin = await postgresql_imports.origin(db, site, writer)
        async for row in db.cursor(EVERY, site, origin, prefetch=FETCHED, timeout=SWEEPING):
            period, at, dimension, value, path, *vector = row
            key = Key(PERIODS[period], at, dimension or "", value or "", path or "")
            yield key, tuple(number or 0 for number in vector)


async def numbers(db: Db, site: int) -> dict[tuple[str, str], int]:
    """How many counts there are of each dimension in each period."""
    rows = await db.fetch(NUMBERS, site, timeout=SWEEPING)
    return {(dimension, PERIODS[period]): number for dimension, period, number in rows}


async def forget(db: Db, *, period: Period, before: int) -> int:
    """Delete counts that are older, at most so many as are a step; answers how many."""
    return int(await db.fetchval(FORGET, CODES[period], before, STEP, timeout=SWEEPING))
