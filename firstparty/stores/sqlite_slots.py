"""The slots of the SQLite store: a small number for a site, a period, a dimension and a time."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable
from typing import Final

from firstparty.stores.sqlite_file import one

Place = tuple[int, int, int]
"""The code of a period, the number of a dimension, and when."""

SMALL, MOST = 2**15 - 1, 2**23 - 1
"""Numbers take two bytes in a row of counts, or three where there are many."""

TABLE: Final = """
create table slots (
    id integer primary key, -- drawn at random: what came together has no numbers in a row
    site integer not null,
    period integer not null, -- {codes}
    dimension integer not null, -- 0 is the site's own total
    at integer not null, -- minutes since 1970 for minute and hour, 20261123, 202611
    unique (site, period, dimension, at)
);
"""
"""As schema 6 made it."""
TABLE_WITH_ORIGIN: Final = TABLE.replace(
    "    unique (site, period, dimension, at)",
    "    origin integer not null, -- of imports; 0 where it was counted here\n"
    "    unique (site, period, dimension, at, origin)",
)

FIND: Final = """
select period, dimension, at, slots.id from json_each(?) as place cross join slots
on site = ? and origin = ? and period = json_extract(place.value, '$[0]')
    and dimension = json_extract(place.value, '$[1]') and at = json_extract(place.value, '$[2]')
"""


def find(
    db: sqlite3.Connection, site: int, places: Iterable[Place], origin: int = 0
) -> dict[Place, int]:
    """The slots of these places, as far as there are any."""
    values = (json.dumps(list(places)), site, origin)
    cursor = db.execute(FIND, values)
    return {(row[0], row[1], row[2]): row[3] for row in cursor}


def make(
    db: sqlite3.Connection, site: int, places: Iterable[Place], origin: int = 0
) -> dict[Place, int]:
    """The slots of these places, within a transaction: those that are new are drawn.

    A slot says no more than its first count did. Numbers in the order of writing would say which
    dimensions a quiet site's batch had, that is, a visit.
    """
    wanted = set(places)
    found = find(db, site, wanted, origin)
    while missing := wanted - found.keys():
        taken = one(db, "select count(*) from slots")
        most = SMALL if taken + len(missing) < 0.75 * SMALL else MOST
        db.executemany(
            "insert into slots (id, site, period, dimension, at, origin)"
            " values (?, ?, ?, ?, ?, ?)"
            " on conflict do nothing",  # of a number that is taken: another is drawn
            [(1 + secrets.randbelow(most), site, *place, origin) for place in missing],
        )
        found |= find(db, site, missing, origin)
    return found


def deletes(where: str) -> tuple[str, str, str]:
    """The statements that delete slots and all their counts: the slots last, as counts need them.

    A slot that stayed would tell what had been counted.
    """
    slots = f"(select id from slots where {where})"
    return (
        f"delete from narrow where slot in {slots}",
        f"delete from wide where slot in {slots}",
        f"delete from slots where {where}",
    )


def delete(db: sqlite3.Connection, where: str, values: Iterable[int | str]) -> int:
    """Delete slots with all their counts, within a transaction; answers how many rows went."""
    given, gone = tuple(values), 0
    for statement in deletes(where):
        cursor = db.execute(statement, given)
        gone += cursor.rowcount
    return gone
