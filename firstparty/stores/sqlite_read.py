"""What is read from the SQLite store: sums, every count, and what a file holds."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Collection
from pathlib import Path
from typing import Any, Final

import aiosqlite

from firstparty.counts import Cell, Cells, Key, Selection
from firstparty.metrics import COUNTED, ZERO, Vector
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
    await names.learn(db)
    where = ["site = ?", "period = ?", "dimension = ?"]
    values: list[Any] = [
        names.site,
        schema.CODES[selection.period],
        names.dimensions[selection.dimension],
    ]
    where.append(f"at in ({', '.join('?' * len(selection.at))})")
    values += selection.at
    paths, crossed = selection.paths, selection.period == "crossed"
    if not crossed:
        paths = frozenset({""})  # there is no other, and so the key leads to the value
    for column, chosen, source in (
        ("path", paths, shape.places.get(selection.dimension, "")),
        ("value", selection.values, shape.vocabularies.get(selection.dimension, "")),
    ):
        if chosen is not None:
            ids = [names.find(source, name) if name else 0 for name in chosen]
            where.append(f"{column} in (select value from json_each(?))")
            values.append(str(ids))
    by = {"at": selection.by_at, "value": selection.by_value, "path": selection.by_path}
    # Each row is a group of its own where all that tells it apart is asked for.
    single = selection.by_at and selection.by_value and (selection.by_path or not crossed)
    if single and selection.least:
        where.append(f"{selection.least[0]} >= ?")
        values.append(selection.least[1])
    first, end = _span(selection.metrics)
    shown = [
        *(column if wanted else "0" for column, wanted in by.items()),
        *(name if single else f"sum({name})" for name in COUNTED[first:end]),
    ]
    groups = [column for column, wanted in by.items() if wanted and not single]
    statement = f"select {', '.join(shown)} from counts where {' and '.join(where)}" + (
        f" group by {', '.join(groups)}" if groups else ""
    )
    rows = await db.execute_fetchall(statement, values)
    if not all(row[1] in names.texts and row[2] in names.texts for row in rows):
        # Another process has named something since we asked for the names.
        await names.learn(db)
        rows = await db.execute_fetchall(statement, values)
    texts, before, behind = names.texts, ZERO[:first], ZERO[end:]
    # Without groups there is one row always: of nulls, where there is nothing to sum.
    return {
        Cell(row[0], texts[row[1]], texts[row[2]]): before + row[3:] + behind
        for row in rows
        if row[3] is not None and row[1] in texts and row[2] in texts
    }


def _span(metrics: Collection[str] | None) -> tuple[int, int]:
    """The part of the metric table that has all of these: few columns are read faster than all."""
    places = [COUNTED.index(name) for name in metrics or COUNTED]
    return min(places), max(places) + 1


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
    await names.learn(db)
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
