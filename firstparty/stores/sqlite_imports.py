"""The imports of the SQLite store: a table beside the counts, and slots that are theirs alone."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final

from firstparty.imports import HERE, Import
from firstparty.stores import check_import, gone, sqlite_slots
from firstparty.stores.sqlite_file import one

TABLE: Final = """
create table imports ( -- what another tool had counted, and was brought in
    id integer primary key, -- the origin of its slots
    site integer not null,
    name text not null,
    writer text not null unique,
    kind text not null, -- which tool
    made integer not null, -- 20261123, on which it was brought in
    first integer not null,
    last integer not null,
    done integer not null,
    unique (site, name)
);
"""
SLOTS: Final = """
drop trigger narrow_added;
drop trigger narrow_gone;
drop trigger wide_added;
drop trigger wide_gone;
drop view if exists counts;
alter table slots rename to slots_before;
{table}
insert into slots (id, site, period, dimension, at, origin)
select id, site, period, dimension, at, 0 from slots_before order by id;
drop table slots_before;
"""
"""The step of the schema that gives slots an origin; the triggers are made anew behind it."""


HOW_MANY: Final = """
select count(*) from slots cross join
    (select slot from narrow union all select slot from wide) on slot = slots.id
where origin = ?
"""


def origin(db: sqlite3.Connection, site: int, writer: str) -> int:
    """The number of an origin. Raises StoreError for an import that is no more."""
    if writer == HERE:
        return 0
    found = one(db, "select id from imports where site = ? and writer = ?", (site, writer))
    if found is None:
        raise gone(writer)
    return int(found)


def read(db: sqlite3.Connection, site: int) -> list[Import]:
    """The imports of a site."""
    statement = (
        "select name, writer, kind, made, first, last, done from imports where site = ? order by id"
    )
    cursor = db.execute(statement, (site,))
    return [replace(Import(*row[:6]), done=bool(row[6])) for row in cursor]


def days(db: sqlite3.Connection, site: int, writer: str, day: int) -> set[int]:
    """The days of which an origin has a total. `day` is the code of the period."""
    number = origin(db, site, writer)
    statement = (
        "select at from slots where site = ? and period = ? and dimension = 0 and origin = ?"
    )
    cursor = db.execute(statement, (site, day, number))
    return {row[0] for row in cursor}


def begin(db: sqlite3.Connection, site: int, brought: Import) -> None:
    """Note an import, within a transaction."""
    if check_import(read(db, site), brought):
        return
    db.execute(
        "insert into imports (site, name, writer, kind, made, first, last, done)"
        " values (?, ?, ?, ?, ?, ?, ?, 0)",
        (site, brought.name, brought.writer, brought.kind, brought.made, *_days(brought)),
    )


def finish(db: sqlite3.Connection, site: int, brought: Import) -> None:
    """Note that it is done."""
    db.execute(
        "update imports set first = ?, last = ?, done = 1 where site = ? and writer = ?",
        (*_days(brought), site, brought.writer),
    )


def _days(brought: Import) -> tuple[int, int]:
    return brought.first, brought.last


def undo(db: sqlite3.Connection, site: int, name: str, day: int) -> int:
    """Take an import away, within a transaction; answers how many counts went.

    `day` is the code of the period.
    """
    found = one(db, "select id from imports where site = ? and name = ?", (site, name))
    if found is None:
        return 0
    number = one(db, HOW_MANY, (found,))
    sqlite_slots.delete(db, "origin = ?", (found,))
    db.execute(
        "delete from batches where writer = (select writer from imports where id = ?)", (found,)
    )
    db.execute("delete from imports where id = ?", (found,))
    db.execute(
        "delete from closings where site = ? and kind = 'quiet' and at not in"
        " (select at from slots where site = ? and period = ?)",
        (site, site, day),
    )
    return int(number)


def forget(db: sqlite3.Connection, day: int) -> None:
    """Delete those whose counts are all gone, in every site of the file."""
    db.execute("delete from imports where done and last < ?", (day,))
