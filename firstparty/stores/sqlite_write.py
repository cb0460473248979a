"""What adds to the counts of the SQLite store, and what closing deletes of them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final

from firstparty.closing import Closed, Closing
from firstparty.counts import Batch, Cell, Key
from firstparty.dimensions import PATH
from firstparty.metrics import Vector
from firstparty.periods import Period
from firstparty.stores import sqlite_closings, sqlite_imports, sqlite_rows, sqlite_slots
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one
from firstparty.stores.sqlite_names import Names
from firstparty.stores.sqlite_sums import KEPT

PAIRS: Final = "select number from pairs where site = ? and dimension = ? and month = ?"


def write(db: sqlite3.Connection, names: Names, batch: Batch) -> int:
    """Add a batch and its mark, once, within a transaction; answers how many counts are late."""
    counts, changes = batch.counts, db.total_changes
    seq = one(db, "select seq from batches where writer = ?", (batch.writer,))
    if seq is not None and seq >= batch.seq:
        return 0
    closings = sqlite_closings.read(db, names.site, {key.at for key in counts})
    counts = Closed.of(closings).accepted(counts, batch.origin)
    origin = sqlite_imports.origin(db, names.site, batch.origin)
    names.learn(db)
    _add(db, names, counts, origin)
    day = max((key.at for key in batch.counts if key.period == "day"), default=0)
    db.execute(
        "insert into batches values (?, ?, ?)"
        " on conflict do update set seq = excluded.seq, day = excluded.day",
        (batch.writer, batch.seq, day),
    )
    times = {key.at for key in counts if key.period in KEPT}
    names.sums.spare(times, db.total_changes - changes)
    return len(batch.counts) - len(counts)


@dataclass(slots=True)
class _Found:
    """What a batch has of one place, side by side."""

    values: list[str] = field(default_factory=list[str])
    paths: list[str] = field(default_factory=list[str])
    vectors: list[Vector] = field(default_factory=list[Vector])


def _add(db: sqlite3.Connection, names: Names, counts: Mapping[Key, Vector], origin: int) -> None:
    shape = names.shape
    found = defaultdict[tuple[Period, str, int], _Found](_Found)
    for (period, at, dimension, value, path), vector in counts.items():
        of_place = found[period, dimension, at]
        of_place.values.append(value)
        of_place.paths.append(path)
        of_place.vectors.append(vector)
    new = defaultdict[str, set[str]](set)
    for (period, dimension, _), each in found.items():
        if dimension:
            new[shape.vocabularies[dimension]].update(each.values)
        if period == "crossed":
            new[shape.places[dimension]].update(each.paths)
    names.add(db, new)
    places = {
        (period, dimension, at): (schema.CODES[period], names.dimensions[dimension], at)
        for period, dimension, at in found
    }
    slots = sqlite_slots.make(db, names.site, places.values(), origin)
    rows = list[sqlite_rows.Row]()
    for place, each in found.items():
        period, dimension, month = place
        crossed = period == "crossed"
        added = list(
            zip(
                repeat(slots[places[place]]),
                names.ids(shape.places[dimension], each.paths) if crossed else repeat(0),
                names.ids(shape.vocabularies[dimension], each.values) if dimension else repeat(0),
                each.vectors,
                strict=False,
            )
        )
        if crossed:
            number = one(db, PAIRS, (names.site, names.dimensions[dimension], month)) or 0
            room = max(0, shape.pairs[dimension] - number)
            if room < len(added):
                # Close to the cap: pairs that are there go on, new ones only where room is.
                sqlite_rows.add(db, added, room)
                continue
        rows.extend(added)
    sqlite_rows.add(db, rows)


def close_off(
    db: sqlite3.Connection, names: Names, closings: Iterable[Closing], small: Collection[Cell]
) -> bool:
    """Note that these are closed, and delete what goes with them; false if all of them were."""
    new = [each for each in closings if sqlite_closings.add(db, names.site, each)]
    for closing in new:
        if closing.kind == "quiet":
            path = names.dimensions[PATH.name]
            sqlite_closings.hush(db, names.site, closing.at, schema.CODES["day"], path)
        elif closing.kind == "month":
            names.learn(db)
            _close_month(db, names, closing, small)
    return bool(new)


def _close_month(
    db: sqlite3.Connection, names: Names, closing: Closing, small: Collection[Cell]
) -> None:
    place = (names.site, schema.CROSSED, closing.at)
    if not closing.dimension:
        known = str([names.dimensions[name] for name in names.shape.places])
        sqlite_slots.delete(
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
    slot = sqlite_slots.find(db, names.site, [there]).get(there)
    if slot is None:
        return
    for table in schema.TABLES:
        db.executemany(
            f"delete from {table} where slot = ? and path = ? and value = ?",
            [
                (slot, names.find(by, cell.path), names.find(vocabulary, cell.value))
                for cell in small
            ],
        )
    empty = " and ".join(
        f"not exists (select 1 from {table} where slot = slots.id)" for table in schema.TABLES
    )
    db.execute(f"delete from slots where id = ? and {empty}", (slot,))
