"""The schema of the SQLite store, and the statements that write to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from sqlite3 import complete_statement
from typing import Final

from firstparty.metrics import COUNTED
from firstparty.periods import PERIODS, Period
from firstparty.stores import sqlite_blocks, sqlite_closings, sqlite_links, sqlite_marks

APPLICATION_ID: Final = 0x66707274
"""`fprt`, in `pragma application_id`: tells our files from other SQLite files."""

MOST_IDS: Final = 2**23 - 1
"""Ids of names are drawn below this: three bytes in a row of `counts`."""

MINUTE_VACUUM: Final = 2**20
DAILY_VACUUM: Final = 2**26
"""Files of at most so many bytes are written anew each minute in which something came, and each
day: 5 ms for 0.6 MB. Larger ones belong to sites where the order within a page tells nothing."""

CODES: Final[Mapping[Period, int]] = {period: code for code, period in enumerate(PERIODS)}
CROSSED: Final = CODES["crossed"]

_COUNTS = f"""
create table sites (
    id integer primary key,
    name text not null,
    timezone text not null,
    unique (name, timezone)
);
create table dimensions (
    id integer primary key,
    name text not null unique
);
create table names (
    site integer not null,
    id integer not null, -- drawn at random, so that it does not tell which name came first
    dimension integer not null,
    name text not null,
    primary key (site, id),
    unique (site, dimension, name)
) without rowid;
create table counts (
    site integer not null,
    period integer not null, -- {", ".join(f"{code} {period}" for period, code in CODES.items())}
    dimension integer not null, -- 0 is the site's own total
    at integer not null, -- minutes since 1970 for minute and hour, 20261123, 202611
    path integer not null, -- 0 where the count is not crossed with a page
    value integer not null,
    primary key (site, period, dimension, at, path, value)
) without rowid;
create table pairs ( -- how many crossed counts a month has
    site integer not null,
    dimension integer not null,
    month integer not null,
    number integer not null,
    primary key (site, dimension, month)
) without rowid;
create trigger pair_added after insert on counts when new.period = {CROSSED} begin
    insert into pairs values (new.site, new.dimension, new.at, 1)
    on conflict do update set number = number + 1;
end;
create trigger pair_gone after delete on counts when old.period = {CROSSED} begin
    update pairs set number = number - 1
    where site = old.site and dimension = old.dimension and month = old.at;
end;
create table batches ( -- the last batch of each writer, so that a retry adds nothing
    writer text primary key,
    seq integer not null,
    day integer not null
) without rowid;
create table changes ( -- how often names were added or deleted
    number integer not null
);
insert into changes values (0);
"""

STEPS: Final = (
    _COUNTS,
    sqlite_marks.TABLE,
    sqlite_closings.TABLE,
    sqlite_blocks.TABLE,
    sqlite_links.TABLE,
)
"""What made the schema, version by version: a file is brought forward by the steps it lacks.

The columns of `counts` follow the metric table, and are no step.
"""
VERSION: Final = len(STEPS)
"""Of the schema, in `pragma user_version`."""

_ADDS = ", ".join(f"{name} = {name} + excluded.{name}" for name in COUNTED)
_COLUMNS = ", ".join(COUNTED)
_MARKS = ", ".join("?" * (6 + len(COUNTED)))

UPSERT: Final = f"""
insert into counts (site, period, dimension, at, path, value, {_COLUMNS}) values ({_MARKS})
on conflict do update set {_ADDS}
"""
UPDATE: Final = f"""
update counts set {", ".join(f"{name} = {name} + ?" for name in COUNTED)}
where site = ? and period = ? and dimension = ? and at = ? and path = ? and value = ?
"""
INSERT_WHERE_ROOM: Final = f"""
insert into counts (site, period, dimension, at, path, value, {_COLUMNS})
select {_MARKS}
where (select coalesce(sum(number), 0) from pairs where site = ? and dimension = ? and month = ?)
    < ?
on conflict do nothing
"""


def statements(version: int) -> Iterator[str]:
    """The statements that bring a file forward from a version, 0 for a new one.

    One by one: `executescript` would end our transaction.
    """
    statement = ""
    for line in "".join(STEPS[version:]).splitlines(keepends=True):
        statement += line
        if complete_statement(statement):
            yield statement
            statement = ""
