"""What adds to the counts of the SQLite store, and what closing deletes of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import aiosqlite

from firstparty.closing import Closed, Closing
from firstparty.counts import Batch, Cell, Key
from firstparty.dimensions import PATH
from firstparty.metrics import Vector
from firstparty.periods import Period
from firstparty.stores import sqlite_closings, sqlite_imports, sqlite_rows, sqlite_slots
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
    counts = Closed.of(closings).accepted(counts, batch.origin)
    origin = await sqlite_imports.origin(db, names.site, batch.origin)
    await names.learn(db)
    await names.add(db, counts)
    await _add(db, names, counts, origin)
    day = max((key.at for key in batch.counts if key.period == "day"), default=0)
    await db.execute(
        "insert into batches values (?, ?, ?)"
        " on conflict do update set seq = excluded.seq, day = excluded.day",
        (batch.writer, batch.seq, day),
    )
    return len(batch.counts) - len(counts)


async def _add(
    db: aiosqlite.Connection, names: Names, counts: Mapping[Key, Vector], origin: int
) -> None:
    shape = names.shape
    places = dict[tuple[Period, str, int], sqlite_slots.Place]()
    for key in counts:
        if (key.period, key.dimension, key.at) not in places:
            place = (schema.CODES[key.period], names.dimensions[key.dimension], key.at)
            places[key.period, key.dimension, key.at] = place
    slots = await sqlite_slots.make(db, names.site, places.values(), origin)
    rows = list[tuple[int, ...]]()
    crossed = defaultdict[tuple[str, int], list[tuple[int, ...]]](list)
    for key, vector in counts.items():
        vocabulary = shape.vocabularies.get(key.dimension, "")
        row = (
            slots[places[key.period, key.dimension, key.at]],
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
        else:
            # Close to the cap: counts of pairs that are there go on, new ones only where room is.
            limit = (*place, cap)
            await sqlite_rows.add(db, pairs, room=limit)
    await sqlite_rows.add(db, rows)


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
    if not closing.dimension:
        known = str([names.dimensions[name] for name in names.shape.places])
        await sqlite_slots.delete(
            db,
            "site = ? and period = ? and at = ?"
            " and dimension not in (select value from json_each(?))"
            # Another program may know them, whose table has more.
            " and dimension not in"
            " (select dimension from slots where site = ? and period = ? and at > ?)",
            (*place, known, *place),
        )
        return
    vocabulary = names.shape.vocabularies[closing.dimension]
    by = names.shape.places[closing.dimension]
    there = (schema.CROSSED, names.dimensions[closing.dimension], closing.at)
    slot = (await sqlite_slots.find(db, names.site, [there])).get(there)
    if slot is None:
        return
    for table in schema.TABLES:
        await db.executemany(
            f"delete from {table} where slot = ? and path = ? and value = ?",
            [
                (slot, names.find(by, cell.path), names.find(vocabulary, cell.value))
                for cell in small
            ],
        )
    empty = " and ".join(
        f"not exists (select 1 from {table} where slot = slots.id)" for table in schema.TABLES
    )
    await db.execute(f"delete from slots where id = ? and {empty}", (slot,))
