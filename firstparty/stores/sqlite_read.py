"""What is read from the SQLite store: sums, every count, and what a file holds."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping
from functools import partial
from itertools import compress, count, repeat
from pathlib import Path
from typing import Any, Final

from firstparty.counts import Cell, Cells, Key, Selection, total
from firstparty.metrics import COUNTED, Vector, span
from firstparty.periods import PERIODS
from firstparty.stores import Found, StoreError, sqlite_imports
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import Connection, instant, one
from firstparty.stores.sqlite_names import Names
from firstparty.stores.sqlite_sums import Columns


def _every(table: str, metrics: Collection[str]) -> str:
    return f"""
select period as by_period, at as by_at, dimension as by_dimension,
    (select name from names where site = slots.site and id = value),
    (select name from names where site = slots.site and id = path),
    {", ".join(name if name in metrics else "0" for name in COUNTED)}
from slots cross join {table} on slot = slots.id
where site = ?1 and origin = ?2
"""


EVERY: Final = f"""
{" union all ".join(_every(table, metrics) for table, metrics in schema.TABLES.items())}
order by by_period, by_dimension, by_at
"""
"""In the order of the key of slots, so that nothing has to be sorted."""

NUMBERS: Final = """
select dimension, period, count(*) from slots cross join {table} on slot = slots.id
where site = ? group by dimension, period
"""


def select(db: sqlite3.Connection, names: Names, selection: Selection) -> Cells:
    """Sum counts; what has been summed before, and is as it was, is not summed again."""
    first, end = span(selection.metrics)
    with instant(db):
        names.learn(db)
        columns = names.sums.columns(db, selection, partial(_columns, db, names))
    zeros = first, len(COUNTED) - end
    try:
        return _cells(columns, names.texts, *zeros)
    except KeyError:  # of a name that we do not know
        known = names.texts.keys()
        kept = [{value, page} <= known for value, page in zip(*columns[1:3], strict=True)]
        return _cells([list(compress(column, kept)) for column in columns], names.texts, *zeros)


def _columns(db: sqlite3.Connection, names: Names, selection: Selection) -> Columns:
    """What a selection asks for, in one statement: period, value, page, and the metrics' span."""
    shape = names.shape
    slots = (
        "site = ?1 and period = ?2 and dimension = ?3 and at in (select value from json_each(?4))"
    )
    values: list[Any] = [
        names.site,
        schema.CODES[selection.period],
        names.dimensions[selection.dimension],
        str(list(selection.at)),
    ]
    where = list[str]()
    paths, crossed = selection.paths, selection.period == "crossed"
    if not crossed:
        paths = frozenset({""})  # there is no other, and so the key leads to the value
    for column, chosen, source in (
        ("path", paths, shape.places.get(selection.dimension, "")),
        ("value", selection.values, shape.vocabularies.get(selection.dimension, "")),
    ):
        if chosen is not None:
            values.append(str([names.find(source, name) if name else 0 for name in chosen]))
            where.append(f"{column} in (select value from json_each(?{len(values)}))")
    by = {"at": selection.by_at, "value": selection.by_value, "path": selection.by_path}
    # Each row is a group of its own where all that tells it apart is asked for, but that a value
    # of a month may also have counts of imports. No crossed count has.
    apart = selection.by_at or len(selection.at) == 1
    single = apart and selection.by_value and (selection.by_path or not crossed)
    least = selection.least if single and crossed else None
    if least:
        values.append(least[1])
    first, end = span(selection.metrics)
    shown = [column if wanted else "0" for column, wanted in by.items()]
    # The empty text groups all in one, but where there is nothing, in none.
    groups = [column for column, wanted in by.items() if wanted] or ["''"]
    if crossed and apart and selection.by_path and not selection.by_value:
        # In the order of the key, in which rows need not be laid aside to be grouped.
        groups = ["slot", "path"]
        shown[0] = "(select at from slots where id = slot)" if selection.by_at else "0"
        source, slots = "{table}", f"slot in (select id from slots where {slots})"
    else:
        source = "slots cross join {table} on slot = slots.id"
    arms = list[str]()
    for table, metrics in schema.TABLES.items():
        there = [name if name in metrics else "0" for name in COUNTED[first:end]]
        if least and least[0] not in metrics:
            continue  # it has none
        sums = there if single else [f"sum({name})" for name in there]
        conditions = [slots, *where, *([f"{least[0]} >= ?{len(values)}"] if least else ())]
        arms.append(
            f"select {', '.join(map('{} as c{}'.format, (*shown, *sums), count()))}"
            f" from {source.format(table=table)} where {' and '.join(conditions)}"
            + ("" if single else f" group by {', '.join(groups)}")
        )
    # In one row: to step to ten thousand and make each a tuple takes twice as long.
    packed = ", ".join(f"json_group_array(c{place})" for place in range(3 + end - first))
    found = db.execute(f"select {packed} from ({' union all '.join(arms)})", values).fetchone()
    return [json.loads(column) for column in found]


def _cells(columns: Columns, texts: Mapping[int, str], before: int, behind: int) -> Cells:
    """Columns as cells, with so many zeros around the sums. Raises KeyError for a name we lack."""
    ats, values, pages, *sums = columns
    told = texts.__getitem__
    places = zip(ats, map(told, values), map(told, pages), strict=True)
    keys = list(map(Cell._make, places))
    vectors = list(zip(*repeat(repeat(0), before), *sums, *repeat(repeat(0), behind), strict=False))
    cells: Cells = dict(zip(keys, vectors, strict=True))
    if len(cells) < len(keys):
        # Of a sum each table has a part, and so may an import.
        cells = total({key: vector} for key, vector in zip(keys, vectors, strict=True))
    return cells


def first_day(db: sqlite3.Connection, site: int) -> int | None:
    """The first day that has a page view."""
    found = one(
        db,
        "select min(at) from ("
        + " union all ".join(
            f"select at from slots cross join {table} on slot = slots.id"
            " where site = ?1 and period = ?2 and dimension = 0 and pageviews > 0"
            for table in schema.TABLES
        )
        + ")",
        (site, schema.CODES["day"]),
    )
    return int(found) if found is not None else None


def oldest(db: sqlite3.Connection, site: int) -> int | None:
    """The first day that has any count."""
    found = one(
        db,
        "select min(at) from slots where site = ? and period = ?",
        (site, schema.CODES["day"]),
    )
    return int(found) if found is not None else None


async def every(db: Connection, names: Names, writer: str) -> AsyncGenerator[tuple[Key, Vector]]:
    """Every count of an origin, in one statement: what is written meanwhile is not in it."""
    origin = await db.at_once(sqlite_imports.origin, names.site, writer)
    await db.at_once(names.learn)
    async with db.execute(EVERY, (names.site, origin)) as cursor:
        while rows := list(await cursor.fetchmany(1000)):
            for period, at, dimension, value, path, *vector in rows:
                name = names.dimension_names[dimension]
                yield Key(PERIODS[period], at, name, value or "", path or ""), tuple(vector)


def numbers(db: sqlite3.Connection, names: Names) -> dict[tuple[str, str], int]:
    """How many counts there are of each dimension in each period."""
    names.learn(db)
    found = Counter[tuple[str, str]]()
    for table in schema.TABLES:
        for dimension, period, number in db.execute(NUMBERS.format(table=table), (names.site,)):
            found[names.dimension_names[dimension], PERIODS[period]] += number
    return dict(found)


def look(address: str) -> Found | None:
    """The sites and the dimensions of a file; None where there is none."""
    path = Path(address.removeprefix("/"))
    if not path.exists():
        return None
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            if db.execute("pragma application_id").fetchone() != (schema.APPLICATION_ID,):
                raise StoreError(f"{path} is no database of firstparty: name another file")
            sites = tuple(
                (row[0], row[1]) for row in db.execute("select name, timezone from sites")
            )
            names = tuple(row[0] for row in db.execute("select name from dimensions"))
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path} cannot be read: {error}") from None
    return Found(sites, names)
