"""What adds a batch to the counts of the PostgreSQL store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Final

from firstparty.closing import Closed
from firstparty.counts import Batch, Counts
from firstparty.metrics import COUNTED, Vector, add
from firstparty.periods import Period
from firstparty.row import OTHER
from firstparty.stores import postgresql_closings, postgresql_imports, postgresql_names
from firstparty.stores.postgresql_connections import Db
from firstparty.stores.postgresql_names import Names
from firstparty.stores.postgresql_schema import CODES, CROSSED, Numbers

Place = tuple[int, int, int]
"""Period, dimension and at of counts, as numbers."""
Cells = dict[tuple[int, int], Vector]
"""The counts of a place, by the numbers of path and value."""

MARK: Final = """
insert into firstparty.batches as batches values ($1, $2, $3)
on conflict (writer) do update set seq = excluded.seq, day = excluded.day
where batches.seq < excluded.seq
returning true
"""
PAIRS: Final = """
select dimension, month, number from firstparty.pairs
where site = $1 and month = any ($2::integer[])
"""
OLD: Final = """
select new.path, new.value
from unnest($5::text::integer[], $6::text::integer[]) as new (path, value)
where exists (
    select from firstparty.counts
    where site = $1 and period = $2 and dimension = $3 and at = $4
    and path = new.path and value = new.value
)
"""


async def write(db: Db, numbers: Numbers, names: Names, batch: Batch) -> int:
    """Add a batch and its mark, once, within a transaction; answers how many counts are late."""
    day = max((key.at for key in batch.counts if key.period == "day"), default=0)
    if not await db.fetchval(MARK, batch.writer, batch.seq, day):
        return 0
    days = {key.at for key in batch.counts}
    closings = await postgresql_closings.read(db, numbers.site, days)
    counts = Closed.of(closings).accepted(batch.counts, batch.origin)
    origin = await postgresql_imports.origin(db, numbers.site, batch.origin)
    await names.learn(db)
    await names.add(db, postgresql_names.uses(numbers.shape, counts))
    places = _places(numbers, names, counts)
    full = await _full(db, numbers, places)
    if places:
        statement, columns = _merge(places, full)
        await db.execute(statement, numbers.site, origin, *columns)
    return len(batch.counts) - len(counts)


def _places(numbers: Numbers, names: Names, counts: Counts) -> dict[Place, Cells]:
    """Counts by numbers. Several names may have become `(other)`, and one count."""
    shape = numbers.shape
    found = dict[tuple[Period, int, str], tuple[Mapping[str, int], Mapping[str, int], Cells]]()
    places = dict[Place, Cells]()
    for period, at, dimension in {key[:3] for key in counts}:
        paths = names.numbers(shape.places.get(dimension, ""))
        values = names.numbers(shape.vocabularies.get(dimension, ""))
        cells = places[CODES[period], numbers.dimensions[dimension], at] = {}
        found[period, at, dimension] = paths, values, cells
    for key, vector in counts.items():
        period, at, dimension, value, path = key
        paths, values, cells = found[period, at, dimension]
        cell = (
            (paths.get(path) or paths[OTHER]) if path else 0,
            (values.get(value) or values[OTHER]) if dimension else 0,
        )
        cells[cell] = add(cells[cell], vector) if cell in cells else vector
    return places


async def _full(db: Db, numbers: Numbers, places: dict[Place, Cells]) -> set[Place]:
    """The places that take no new pair; from those that take some, drops the pairs past it."""
    crossed = [place for place in places if place[0] == CROSSED]
    if not crossed:
        return set()
    found = await db.fetch(PAIRS, numbers.site, list({month for _, _, month in crossed}))
    there = {(row[0], row[1]): row[2] for row in found}
    caps = {numbers.dimensions[name]: cap for name, cap in numbers.shape.pairs.items()}
    full = set[Place]()
    for place in crossed:
        cells = places[place]
        room = caps[place[1]] - there.get(place[1:], 0)
        if room <= 0:
            full.add(place)
        elif len(cells) > room:
            pairs = sorted(cells)
            texts = _text(path for path, _ in pairs), _text(value for _, value in pairs)
            old = {(row[0], row[1]) for row in await db.fetch(OLD, numbers.site, *place, *texts)}
            for pair in [pair for pair in pairs if pair not in old][room:]:
                del cells[pair]
    return full


def _merge(places: dict[Place, Cells], full: Set[Place]) -> tuple[str, list[list[object]]]:
    """The statement that adds counts, and the columns that it takes from the third value on.

    The first two are the site and the origin. There is a row for each place, and in it the counts
    of the place as arrays: of paths, of values, and of each metric that one of them has.

    All are in the order of the table's key: whoever writes beside us in the same order cannot wait
    for us while we wait for it. A zero is kept as null, which takes no room in a row.
    """
    ordered = sorted(places)
    columns: list[list[object]] = [list(column) for column in zip(*ordered, strict=True)]
    columns.append([place not in full for place in ordered])
    texts = [dict[str, str]() for _ in ordered]
    for place, text in zip(ordered, texts, strict=True):
        cells = sorted(places[place].items())
        vectors = zip(*[vector for _, vector in cells], strict=True)
        text["path"] = _text([path for (path, _), _ in cells])
        text["value"] = _text([value for (_, value), _ in cells])
        for name, column in zip(COUNTED, vectors, strict=True):
            if any(column):
                text[name] = _text(column)
    metrics = [name for name in COUNTED if any(name in text for text in texts)]
    lists = ("path", "value", *metrics)
    columns += [[text.get(name) for text in texts] for name in lists]
    given = ", ".join(f"${place}::text[]" for place in range(7, 7 + len(lists)))
    named = ", ".join(lists)
    arrays = ", ".join(
        f"places.{name}::{'bigint' if name in metrics else 'integer'}[]" for name in lists
    )
    adds = ", ".join(
        f"{name} = nullif(coalesce(counts.{name}, 0) + coalesce(new.{name}, 0), 0)"
        for name in metrics
    )
    news = "".join(f", nullif(new.{name}, 0)" for name in metrics)
    statement = f"""
merge into firstparty.counts as counts using (
    select places.period, places.dimension, places.at, places.room, each.*
    from unnest($3::smallint[], $4::smallint[], $5::integer[], $6::boolean[], {given})
        as places (period, dimension, at, room, {named})
    cross join unnest({arrays}) as each ({named})
) as new
on counts.site = $1 and counts.period = new.period and counts.dimension = new.dimension
and counts.at = new.at and counts.path = new.path and counts.value = new.value
and counts.origin = $2
when matched then {f"update set {adds}" if adds else "do nothing"}
when not matched and new.room then
    insert (site, origin, period, dimension, at, {named})
    values ($1, $2, new.period, new.dimension, new.at, new.path, new.value{news})
"""
    return statement, columns


def _text(numbers: Iterable[int]) -> str:
    """An array as the server reads it. Asyncpg would ask of each number whether it is a list."""
    return f"{{{str(list(numbers))[1:-1]}}}"
