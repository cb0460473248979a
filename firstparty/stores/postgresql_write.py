"""What adds a batch to the counts of the PostgreSQL store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
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

_TYPES: Final = {"path": "integer", "value": "integer"}

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
"""How many crossed counts months have."""
OLD: Final = """
select new.path, new.value
from unnest($5::text::integer[], $6::text::integer[]) as new (path, value)
where exists (
    select from firstparty.counts
    where site = $1 and period = $2 and dimension = $3 and at = $4
    and path = new.path and value = new.value
)
"""
"""Which of some pairs there are."""


async def write(db: Db, names: Names, batch: Batch) -> int:
    """Add a batch and its mark, once, within a transaction; answers how many counts are late."""
    numbers = names.numbers
    times = {key[:2] for key in batch.counts}
    day = max((at for period, at in times if period == "day"), default=0)
    if not await db.fetchval(MARK, batch.writer, batch.seq, day):
        return 0
    closings = await postgresql_closings.read(db, numbers.site, {at for _, at in times})
    counts = Closed.of(closings).accepted(batch.counts, batch.origin)
    origin = await postgresql_imports.origin(db, numbers.site, batch.origin)
    await names.learn(db)
    await names.add(db, postgresql_names.uses(numbers.shape, counts))
    places = _places(names, counts)
    full = await _full(db, numbers, places)
    room = {place: cells for place, cells in places.items() if place not in full}
    await _add(db, numbers.site, origin, room, new=True)
    await _add(db, numbers.site, origin, {place: places[place] for place in full}, new=False)
    return len(batch.counts) - len(counts)


def _places(names: Names, counts: Counts) -> dict[Place, Cells]:
    """Counts by numbers. Several names may have become `(other)`, and one count."""
    numbers, shape = names.numbers, names.numbers.shape
    found = dict[tuple[Period, int, str], tuple[Mapping[str, int], Mapping[str, int], Cells]]()
    places = dict[Place, Cells]()
    for period, at, dimension in {key[:3] for key in counts}:
        paths = names.of(shape.places.get(dimension, ""))
        values = names.of(shape.vocabularies.get(dimension, ""))
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


async def _add(db: Db, site: int, origin: int, places: Mapping[Place, Cells], *, new: bool) -> None:
    """Add counts: those that are there already, and those that are `new` unless there is no room.

    They are sent as a row for each place, and in it as arrays: paths, values, and each metric that
    one of its counts has. They are in the order of the table's key: whoever writes beside us in the
    same order cannot wait for us while we wait for it. A zero is kept as null, which takes no room.
    """
    if not places:
        return
    ordered = sorted(places)
    texts = [_texts(places[place]) for place in ordered]
    metrics = [name for name in COUNTED if any(name in each for each in texts)]
    lists = ["path", "value", *metrics]
    columns = zip(*ordered, strict=True), ([each.get(name) for each in texts] for name in lists)
    await db.execute(
        _insert(metrics) if new else _update(metrics),
        *(site, origin),
        *map(list, chain.from_iterable(columns)),
    )


def _texts(cells: Cells) -> dict[str, str]:
    """The counts of a place as arrays, without the metrics that none of them has."""
    ordered = sorted(cells)
    found = {
        "path": _text(path for path, _ in ordered),
        "value": _text(value for _, value in ordered),
    }
    vectors = zip(*[cells[cell] for cell in ordered], strict=True)
    for name, column in zip(COUNTED, vectors, strict=True):
        if any(column):
            found[name] = _text(column)
    return found


def _text(numbers: Iterable[int]) -> str:
    """An array as the server reads it. Asyncpg would ask of each number whether it is a list."""
    return f"{{{str(list(numbers))[1:-1]}}}"


def _sent(metrics: Sequence[str]) -> str:
    """What is sent, as a table of counts."""
    lists = ["path", "value", *metrics]
    given = ", ".join(f"${place}::text[]" for place, _ in enumerate(lists, start=6))
    arrays = ", ".join(f"{name}s::{_TYPES.get(name, 'bigint')}[]" for name in lists)
    return f"""
    select period, dimension, at, new.*
    from unnest($3::smallint[], $4::smallint[], $5::integer[], {given})
        as places (period, dimension, at, {", ".join(f"{name}s" for name in lists)})
    cross join unnest({arrays}) as new ({", ".join(lists)})
"""


def _insert(metrics: Sequence[str]) -> str:
    """The statement that adds counts, whether they are there or not."""
    named = "".join(f", {name}" for name in metrics)
    adds = _adds(metrics, "excluded")
    return f"""
insert into firstparty.counts as counts (site, origin, period, dimension, at, path, value{named})
select $1, $2, period, dimension, at, path, value{"".join(f", nullif({n}, 0)" for n in metrics)}
from ({_sent(metrics)}) as new
on conflict (site, period, dimension, at, path, value, origin)
do {f"update set {adds}" if adds else "nothing"}
"""


def _update(metrics: Sequence[str]) -> str:
    """The statement that adds to the counts that are there."""
    return f"""
update firstparty.counts as counts set {_adds(metrics, "new") or "origin = counts.origin"}
from ({_sent(metrics)}) as new
where counts.site = $1 and counts.period = new.period and counts.dimension = new.dimension
and counts.at = new.at and counts.path = new.path and counts.value = new.value
and counts.origin = $2
"""


def _adds(metrics: Sequence[str], new: str) -> str:
    return ", ".join(
        f"{name} = nullif(coalesce(counts.{name}, 0) + coalesce({new}.{name}, 0), 0)"
        for name in metrics
    )
