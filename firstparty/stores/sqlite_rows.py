"""The rows of counts in the SQLite store, narrow and wide, and how they are added to.

Each count has one row: a narrow one while it has none but the common metrics, a wide one from the
moment that it has another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import aiosqlite

from firstparty.metrics import COMMON, COUNTED
from firstparty.stores import sqlite_schema as schema


def _add_to(table: str, where: str) -> str:
    """Adds a row of slot, path, value and metrics."""
    metrics = schema.TABLES[table]
    marks = ", ".join(f"?{place}" for place in range(1, 4 + len(metrics)))
    return f"""
insert into {table} (slot, path, value, {", ".join(metrics)}) select {marks} where {where}
on conflict do update set {", ".join(f"{name} = {name} + excluded.{name}" for name in metrics)}
"""


def _there(table: str) -> str:
    return f"exists (select 1 from {table} where (slot, path, value) = (?1, ?2, ?3))"


def _room(first: int) -> str:
    """Whether a month has room for a pair more; its four values have numbers from `first` on."""
    site, dimension, month, cap = (f"?{first + place}" for place in range(4))
    return (
        "(select coalesce(sum(number), 0) from pairs"
        f" where site = {site} and dimension = {dimension} and month = {month}) < {cap}"
    )


ADD_COMMON: Final = f"""
update wide set {", ".join(f"{name} = {name} + ?{4 + n}" for n, name in enumerate(COMMON))}
where (slot, path, value) = (?1, ?2, ?3)
"""
"""For a count that is wide already. It comes first, so that no count is added twice."""
ADD_NARROW: Final = _add_to("narrow", f"not {_there('wide')}")
ADD_NARROW_ALONE: Final = _add_to("narrow", "true")
"""Where the slot has no wide count, which is most of them on a site without the snippet."""
WIDE_SLOTS: Final = """
select slots.value from json_each(?) as slots
where exists (select 1 from wide where slot = slots.value)
"""
ADD_WIDE: Final = _add_to("wide", "true")
"""A trigger takes the narrow row of the same count into it."""
ADD_NARROW_WHERE_ROOM: Final = _add_to(
    "narrow",
    f"not {_there('wide')} and ({_there('narrow')} or {_room(4 + len(COMMON))})",
)
ADD_WIDE_WHERE_ROOM: Final = _add_to(
    "wide", f"{_there('wide')} or {_there('narrow')} or {_room(4 + len(COUNTED))}"
)


async def add(
    db: aiosqlite.Connection, rows: Iterable[tuple[int, ...]], room: tuple[int, ...] = ()
) -> None:
    """Add rows of slot, path, value and all metrics; with `room`, where a month has any."""
    narrow, wide = list[tuple[int, ...]](), list[tuple[int, ...]]()
    end = 3 + len(COMMON)
    # In the order of the tables' key, so that neighbouring pages are written together.
    for row in sorted(rows):
        if any(row[end:]):
            wide.append(row + room)
        else:
            narrow.append(row[:end] + room)
    if not room:
        slots = json.dumps(list({row[0] for row in narrow}))
        mixed = {row[0] for row in await db.execute_fetchall(WIDE_SLOTS, (slots,))}
        await db.executemany(ADD_NARROW_ALONE, [row for row in narrow if row[0] not in mixed])
        narrow = [row for row in narrow if row[0] in mixed]
    await db.executemany(ADD_COMMON, [row[:end] for row in narrow])
    await db.executemany(ADD_NARROW_WHERE_ROOM if room else ADD_NARROW, narrow)
    await db.executemany(ADD_WIDE_WHERE_ROOM if room else ADD_WIDE, wide)
