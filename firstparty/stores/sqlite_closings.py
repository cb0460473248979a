"""What the SQLite store has closed: a table beside the counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from firstparty.closing import Closing
from firstparty.stores import sqlite_slots

TABLE: Final = """
create table closings ( -- what has been closed, and may not be added to any more
    site integer not null,
    kind text not null, -- day, quiet, empty, month
    at integer not null, -- 20261123, 202611
    dimension text not null, -- of a month: whose small counts are gone; empty for the month as such
    least integer not null, -- by which min_count
    primary key (site, kind, at, dimension)
) without rowid;
"""


def read(db: sqlite3.Connection, site: int, at: Iterable[int] | None = None) -> frozenset[Closing]:
    """The closings of a site; with `at`, those of these days and months alone."""
    statement, values = (
        "select kind, at, dimension, least from closings where site = ?",
        [str(site)],
    )
    if at is not None:
        statement += " and at in (select value from json_each(?))"
        values.append(str(list(at)))
    cursor = db.execute(statement, values)
    return frozenset([Closing(*row) for row in cursor])


def add(db: sqlite3.Connection, site: int, closing: Closing) -> bool:
    """Note a closing; false if it is noted already."""
    cursor = db.execute(
        "insert into closings values (?, ?, ?, ?, ?) on conflict do nothing",
        (site, closing.kind, closing.at, closing.dimension, closing.least),
    )
    return cursor.rowcount > 0


def hush(db: sqlite3.Connection, site: int, day: int, code: int, path: int) -> None:
    """Delete what a quiet day does not keep. `code` is the period's, `path` the dimension's."""
    sqlite_slots.delete(
        db,
        "site = ? and period = ? and at = ? and dimension not in (0, ?)",
        (site, code, day, path),
    )


def forget(db: sqlite3.Connection, day: int, month: int) -> None:
    """Delete what is about counts that are gone, in every site of the file."""
    db.execute(
        "delete from closings where at < case kind when 'month' then ? else ? end", (month, day)
    )
