"""What is read from the SQLite store: sums, every count, and what a file holds."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Collection, Mapping
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any, Final

from firstparty.counts import Cell, Cells, Key, Selection, total
from firstparty.metrics import COUNTED, Vector, span
from firstparty.periods import PERIODS
from firstparty.stores import Found, StoreError, sqlite_imports
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import Connection, instant, one
from firstparty.stores.sqlite_names import Names
from firstparty.stores.sqlite_sums import Rows


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


def select(db: sqlite3.Connection, names: Names, selection: Selection) -> Cells:
    """Sum counts; what has been summed before, and is as it was, is not summed again."""
    first, end = span(selection.metrics)
    with instant(db):
        names.learn(db)
        rows = names.sums.rows(db, selection, partial(_rows, db, names))
    # Without groups there is one row of each table always: of nulls, where it has nothing to sum.
    if not _known(rows, names) or any(row[3] is None for row in rows[:2]):
        rows = [row for row in rows if row[3] is not None and _known([row], names)]
    return _cells(rows, names.texts, first, len(COUNTED) - end) if rows else {}


def _known(rows: Rows, names: Names) -> bool:
    """Whether each of these has names that we know."""
    if not rows:
        return True
    _, values, pages, *_ = zip(*rows, strict=True)
    return {*values, *pages} <= names.texts.keys()


def _rows(db: sqlite3.Connection, names: Names, selection: Selection) -> Rows:
    """The rows of a selection, in one statement: period, value, page, and the metrics' span."""
    shape = names.shape
    where = ["site = ?1", "period = ?2", "dimension = ?3"]
    values: list[Any] = [
        names.site,
        schema.CODES[selection.period],
        names.dimensions[selection.dimension],
        str(list(selection.at)),
    ]
    where.append("at in (select value from json_each(?4))")
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
    groups = [column for column, wanted in by.items() if wanted and not single]
    arms = list[str]()
    for table, metrics in schema.TABLES.items():
        there = [name if name in metrics else "0" for name in COUNTED[first:end]]
        if least and least[0] not in metrics:
            continue  # it has none
        sums = there if single else [f"sum({name})" for name in there]
        conditions = [*where, f"{least[0]} >= ?{len(values)}"] if least else where
        arms.append(
            f"select {', '.join((*shown, *sums))} from slots cross join {table} on slot = slots.id"
            f" where {' and '.join(conditions)}"
            + (f" group by {', '.join(groups)}" if groups else "")
        )
    return db.execute(" union all ".join(arms), values).fetchall()


def _cells(rows: Rows, texts: Mapping[int, str], before: int, behind: int) -> Cells:
    """Rows as cells, with so many zeros around the sums."""
    ats, values, pages, *sums = zip(*rows, strict=True)
    told = texts.__getitem__
    keys = list(map(Cell._make, zip(ats, map(told, values), map(told, pages), strict=True)))
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
