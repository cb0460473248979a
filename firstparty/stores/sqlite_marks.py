"""The marks of the SQLite store: a table beside the counts."""

from __future__ import annotations

import sqlite3
from typing import Final

from firstparty.marks import MOST_MARKS, Mark
from firstparty.stores.sqlite_file import one

TABLE: Final = """
create table marks ( -- what happened to the site: a release that first ran
    id integer primary key,
    site integer not null,
    at integer not null, -- minutes since 1970 at which the hour starts
    day integer not null, -- 20261123
    kind text not null,
    text text not null
);
create unique index releases on marks (site, kind, text) where kind = 'release';
"""

SAME: Final = "site = ? and kind = ? and text = ? and (kind = 'release' or day = ?)"
"""Which row is a mark's own, as `Mark.same` says."""


def _same(site: int, mark: Mark) -> tuple[int, str, str, int]:
    return (site, mark.kind, mark.text, mark.day)


def has(db: sqlite3.Connection, site: int, mark: Mark) -> bool:
    """Whether a mark is there, so that a start of one process more need not write."""
    return one(db, f"select 1 from marks where {SAME}", _same(site, mark)) is not None


def add(db: sqlite3.Connection, site: int, mark: Mark) -> None:
    """Add a mark, unless another process has; the oldest leaves where there are too many."""
    db.execute(
        "insert into marks (site, at, day, kind, text) select ?, ?, ?, ?, ?"
        f" where not exists (select 1 from marks where {SAME})",
        (site, mark.at, mark.day, mark.kind, mark.text, *_same(site, mark)),
    )
    db.execute(
        "delete from marks where site = ? and id not in"
        " (select id from marks where site = ? order by at desc, id desc limit ?)",
        (site, site, MOST_MARKS),
    )


def remove(db: sqlite3.Connection, site: int, mark: Mark) -> None:
    """Take a mark away."""
    db.execute(f"delete from marks where {SAME}", _same(site, mark))


def read(db: sqlite3.Connection, site: int) -> list[Mark]:
    """The marks of a site, in time."""
    cursor = db.execute(
        "select kind, text, at, day from marks where site = ? order by at, id", (site,)
    )
    return [Mark(*row) for row in cursor]


def forget(db: sqlite3.Connection, day: int) -> None:
    """Delete what is older than a day, in every site of the file."""
    db.execute("delete from marks where day < ?", (day,))
