"""What adds to the counts of the SQLite store, and what closing deletes of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import aiosqlite

from firstparty.closing import Closed, Closing
from firstparty.counts import Batch, Cell, Key
from firstparty.dimensions import PATH
from firstparty.metrics import Vector
from firstparty.stores import sqlite_closings
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one
from firstparty.stores.sqlite_names import Names


async def write(db: aiosqlite.Connection, names: Names, batch: Batch) -> int:
    """Add a batch and its mark, once, within a transaction; answers how many counts are late."""
    counts = batch.counts
    seq = await one(db, "select seq from batches where writer = ?", (batch.writer,))
    if seq is not None and seq >= batch.seq:
        return 0
    closings = await sqlite_closings.read(db, names.site, {key.at for key in counts})
    counts = Closed.of(closings).accepted(counts)
    await names.learn(db)
    await names.add(db, counts)
    await _add(db, names, counts)
    day = max((key.at for key in batch.counts if key.period == "day"), default=0)
    await db.execute(
        "insert into batches values (?, ?, ?)"
        " on conflict do update set seq = excluded.seq, day = excluded.day",
        (batch.writer, batch.seq, day),
    )
    return len(batch.counts) - len(counts)


async def _add(db: aiosqlite.Connection, names: Names, counts: Mapping[Key, Vector]) -> None:
    shape = names.shape
    rows = list[tuple[int, ...]]()
    crossed = defaultdict[tuple[str, int], list[tuple[int, ...]]](list)
    for key, vector in counts.items():
        vocabulary = shape.vocabularies.get(key.dimension, "")
        row = (
            names.site,
            schema.CODES[key.period],
            names.dimensions[key.dimension],
            key.at,
            names.id(shape.places[key.dimension], key.path) if key.path else 0,
            names.id(vocabulary, key.value) if key.dimension else 0,
            *vector,
        )
        if key.period == "crossed":
            crossed[key.dimension, key.at].append(row)
        else:
            rows.append(row)
    for (dimension, month), pairs in crossed.items():
        place = (names.site, names.dimensions[dimension], month)
        cap = shape.pairs[dimension]
        number = await one(
            db, "select number from pairs where site = ? and dimension = ? and month = ?", place
        )
        if (number or 0) + len(pairs) <= cap:
            rows.extend(pairs)
            continue
        # Close to the cap: counts of pairs that are there go on, new pairs only where room is.
        await db.executemany(schema.UPDATE, [(*row[6:], *row[:6]) for row in pairs])
        if (number or 0) < cap:
            await db.executemany(schema.INSERT_WHERE_ROOM, [(*row, *place, cap) for row in pairs])
    # In the order of the table's key, so that neighbouring pages are written together.
    await db.executemany(schema.UPSERT, sorted(rows))


async def close_off(
    db: aiosqlite.Connection, names: Names, closing: Closing, small: Collection[Cell]
) -> bool:
    """Note that something is closed, and delete what goes with it; false if it was closed."""
    if not await sqlite_closings.add(db, names.site, closing):
        return False
    if closing.kind == "quiet":
        path = names.dimensions[PATH.name]
        await sqlite_closings.hush(db, names.site, closing.at, schema.CODES["day"], path)
    elif closing.kind == "month":
        await names.learn(db)
        await _close_month(db, names, closing, small)
    return True


async def _close_month(
    db: aiosqlite.Connection, names: Names, closing: Closing, small: Collection[Cell]
) -> None:
    place = (names.site, schema.CROSSED, closing.at)
    if closing.dimension:
        vocabulary = names.shape.vocabularies[closing.dimension]
        by = names.shape.places[closing.dimension]
        dimension = names.dimensions[closing.dimension]
        await db.executemany(
            "delete from counts where site = ? and period = ? and at = ? and dimension = ?"
            " and path = ? and value = ?",
            [
                (*place, dimension, names.find(by, cell.path), names.find(vocabulary, cell.value))
                for cell in small
            ],
        )
    else:
        known = str([names.dimensions[name] for name in names.shape.places])
        await db.execute(
            "delete from counts where site = ? and period = ? and at = ?"
            " and dimension not in (select value from json_each(?))"
            # Another program may know them, whose table has more.
            " and dimension not in"
            " (select dimension from counts where site = ? and period = ? and at > ?)",
            (*place, known, *place),
        )
