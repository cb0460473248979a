"""Counts in PostgreSQL: how they are added, summed, read one by one, and deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Final

from firstparty.counts import Cell, Cells, Counts, Key, Selection
from firstparty.metrics import COUNTED, ZERO, Vector, add, span
from firstparty.periods import PERIODS, Period
from firstparty.stores import Shape, postgresql_imports
from firstparty.stores.postgresql_connections import SWEEPING, Db, allow
from firstparty.stores.postgresql_names import Names, storable
from firstparty.stores.postgresql_schema import CODES, CROSSED, Numbers

Row = tuple[int, int, int, int, int]
"""Period, dimension, at, path and value of a count, all as numbers."""

STEP: Final = 20_000
"""How many rows are deleted before others have their turn: about a tenth of a second."""
FETCHED: Final = 1_000
"""Rows that are in memory at a time where all are read."""

_ROW: Final = ("period", "dimension", "at", "path", "value")
_TYPES: Final = ("smallint[]", "smallint[]", "integer[]", "integer[]", "integer[]")

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


async def write(db: Db, numbers: Numbers, names: Names, counts: Counts, origin: int) -> None:
    """Add counts whose names have their numbers, as far as months have room for new pairs."""
    rows = await _with_room(db, numbers, _rows(numbers, names, counts))
    if rows:
        statement, columns = _upsert(rows)
        await db.execute(statement, numbers.site, *columns, origin)


def _rows(numbers: Numbers, names: Names, counts: Counts) -> dict[Row, Vector]:
    """Counts as rows. Several names may have become `(other)`, and one row."""
    shape = numbers.shape
    rows = dict[Row, Vector]()
    for key, vector in counts.items():
        row = (
            CODES[key.period],
            numbers.dimensions[key.dimension],
            key.at,
            names.number(shape.places[key.dimension], key.path) if key.path else 0,
            names.number(shape.vocabularies[key.dimension], key.value) if key.dimension else 0,
        )
        rows[row] = add(rows[row], vector) if row in rows else vector
    return rows


async def _with_room(db: Db, numbers: Numbers, rows: dict[Row, Vector]) -> dict[Row, Vector]:
    """The rows without crossed counts of new pairs for which their month has no room."""
    crossed = defaultdict[tuple[int, int], list[Row]](list)
    for row in sorted(rows):
        if row[0] == CROSSED:
            crossed[row[1], row[2]].append(row)
    if not crossed:
        return rows
    found = await db.fetch(
        "select dimension, month, number from firstparty.pairs"
        " where site = $1 and month = any ($2::integer[])",
        *(numbers.site, list({month for _, month in crossed})),
    )
    there = {(row[0], row[1]): row[2] for row in found}
    caps = {numbers.dimensions[name]: cap for name, cap in numbers.shape.pairs.items()}
    for (dimension, month), pairs in crossed.items():
        room = caps[dimension] - there.get((dimension, month), 0)
        if len(pairs) <= room:
            continue
        found = await db.fetch(
            "select path, value from firstparty.counts where site = $1 and period = $2"
            " and dimension = $3 and at = $4 and path = any ($5::integer[])",
            *(numbers.site, CROSSED, dimension, month, list({row[3] for row in pairs})),
        )
        old = {(row[0], row[1]) for row in found}
        new = [row for row in pairs if row[3:] not in old]
        for row in new[max(room, 0) :]:
            del rows[row]
    return rows


def _upsert(rows: dict[Row, Vector]) -> tuple[str, list[Sequence[int | None]]]:
    """The statement that adds rows, and the arrays that it takes after the site, before the origin.

    They are in the order of the table's key: whoever writes beside us in the same order cannot wait
    for us while we wait for it. Of the metrics it names those that some row has, which are few. A
    zero is kept as null, which takes no room in a row.
    """
    ordered = sorted(rows)
    columns = list[Sequence[int | None]](zip(*ordered, strict=True))
    metrics = list[str]()
    for place, name in enumerate(COUNTED):
        column = [rows[row][place] or None for row in ordered]
        if any(column):
            metrics.append(name)
            columns.append(column)
    types = _TYPES + ("bigint[]",) * len(metrics)
    given = ", ".join(f"${place}::{kind}" for place, kind in enumerate(types, start=2))
    named = ", ".join((*_ROW, *metrics))
    adds = ", ".join(
        f"{name} = nullif(coalesce(counts.{name}, 0) + coalesce(excluded.{name}, 0), 0)"
        for name in metrics
    )
    statement = (
        f"insert into firstparty.counts as counts (site, {named}, origin)"
        f" select $1, {named}, ${len(types) + 2} from unnest({given}) as new ({named})"
        " on conflict (site, period, dimension, at, path, value, origin) do"
    )
    return f"{statement} update set {adds}" if adds else f"{statement} nothing", columns


async def select(db: Db, numbers: Numbers, selection: Selection) -> Cells:
    """Sum counts, in one statement."""
    first, end = span(selection.metrics)
    statement, values = _question(selection, numbers.shape, COUNTED[first:end])
    dimension = numbers.dimensions[selection.dimension]
    rows = await db.fetch(statement, numbers.site, dimension, *values)
    before, behind = ZERO[:first], ZERO[end:]
    # Without groups there is one row always, of no counts where there is nothing to sum.
    return {
        Cell(*row[1:4]): before + tuple(number or 0 for number in row[4:]) + behind
        for row in rows
        if row[0]
    }


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
    return (
        f"select number, {', '.join((*shown, *metrics))} from ("
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


async def forget(db: Db, *, period: Period, before: int) -> int:
    """Delete counts that are older, at most so many as are a step; answers how many."""
    return int(await db.fetchval(FORGET, CODES[period], before, STEP, timeout=SWEEPING))


def day_of(keys: Iterable[Key]) -> int:
    """The last day that keys are of, 0 where they are of none."""
    return max((key.at for key in keys if key.period == "day"), default=0)
