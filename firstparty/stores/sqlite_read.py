"""What is read from the SQLite store: sums, every count, and what a file holds."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Final

import aiosqlite

from firstparty.counts import Cell, Cells, Key, Selection
from firstparty.metrics import COUNTED, Vector
from firstparty.periods import PERIODS
from firstparty.stores import Found, StoreError
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one
from firstparty.stores.sqlite_names import Names

EVERY: Final = f"""
select counts.period, counts.at, counts.dimension, value_name.name, path_name.name,
    {", ".join(COUNTED)}
from counts
left join names value_name on value_name.site = counts.site and value_name.id = counts.value
left join names path_name on path_name.site = counts.site and path_name.id = counts.path
where counts.site = ?
order by counts.period, counts.dimension, counts.at, counts.path, counts.value
"""
"""In the order of the table's key, so that nothing has to be sorted."""


async def select(db: aiosqlite.Connection, names: Names, selection: Selection) -> Cells:
    """Sum counts, in one statement."""
    shape = names.shape
    joins, where = "", ["counts.site = ?", "counts.period = ?", "counts.dimension = ?"]
    values: list[Any] = [
        names.site,
        schema.CODES[selection.period],
        names.dimensions[selection.dimension],
    ]
    where.append(f"counts.at in ({', '.join('?' * len(selection.at))})")
    values += selection.at
    vocabulary = shape.vocabularies.get(selection.dimension, "")
    if selection.values is not None or selection.paths is not None:
        await names.learn(db)
    for column, chosen, source in (
        ("path", selection.paths, shape.places.get(selection.dimension, "")),
        ("value", selection.values, vocabulary),
    ):
        if chosen is not None:
            ids = [names.find(source, name) if name else 0 for name in chosen]
            where.append(f"counts.{column} in (select value from json_each(?))")
            values.append(str(ids))
    shown = ["counts.at" if selection.by_at else "0"]
    for column, wanted in (("value", selection.by_value), ("path", selection.by_path)):
        shown.append(f"{column}_name.name" if wanted else "''")
        if wanted:
            joins += (
                f" join names {column}_name on {column}_name.site = counts.site"
                f" and {column}_name.id = counts.{column}"
            )
    groups = [
        f"counts.{column}"
        for column, wanted in (
            ("at", selection.by_at),
            ("value", selection.by_value),
            ("path", selection.by_path),
        )
        if wanted
    ]
    statement = (
        f"select {', '.join(shown)}, {schema.SUMS} from counts{joins}"
        f" where {' and '.join(where)}" + (f" group by {', '.join(groups)}" if groups else "")
    )
    async with db.execute(statement, values) as cursor:
        rows = await cursor.fetchall()
    # Without groups there is one row always: of nulls, where there is nothing to sum.
    return {Cell(*row[:3]): tuple(row[3:]) for row in rows if row[3] is not None}


async def first_day(db: aiosqlite.Connection, site: int) -> int | None:
    """The first day that has a page view."""
    found = await one(
        db,
        "select min(at) from counts where site = ? and period = ? and dimension = 0"
        " and pageviews > 0",
        (site, schema.CODES["day"]),
    )
    return int(found) if found is not None else None


async def oldest(db: aiosqlite.Connection, site: int) -> int | None:
    """The first day that has any count."""
    found = await one(
        db,
        "select min(at) from counts where site = ? and period = ?",
        (site, schema.CODES["day"]),
    )
    return int(found) if found is not None else None


async def every(db: aiosqlite.Connection, names: Names) -> AsyncGenerator[tuple[Key, Vector]]:
    """Every count, in one statement: what is written meanwhile is not in it."""
    async with db.execute(EVERY, (names.site,)) as cursor:
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
