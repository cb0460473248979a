"""The schema of the SQLite store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from sqlite3 import complete_statement
from typing import Final

from firstparty.metrics import COMMON, COUNTED
from firstparty.periods import PERIODS, Period
from firstparty.stores import (
    sqlite_blocks,
    sqlite_closings,
    sqlite_imports,
    sqlite_links,
    sqlite_marks,
    sqlite_slots,
)

APPLICATION_ID: Final = 0x66707274
"""`fprt`, in `pragma application_id`: tells our files from other SQLite files."""

MOST_IDS: Final = 2**23 - 1
"""Ids of names are drawn below this: three bytes in a row of counts."""

MINUTE_VACUUM: Final = 2**20
DAILY_VACUUM: Final = 2**26
"""Files of at most so many bytes are written anew each minute in which something came, and each
day: 5 ms for 0.6 MB. Larger ones belong to sites where the order within a page tells nothing."""

CODES: Final[Mapping[Period, int]] = {period: code for code, period in enumerate(PERIODS)}
CROSSED: Final = CODES["crossed"]

_CODES = ", ".join(f"{code} {period}" for period, code in CODES.items())

TABLES: Final[Mapping[str, tuple[str, ...]]] = {"narrow": COMMON, "wide": COUNTED}
"""The tables of counts, with their metrics. A count is in one of them: in the wide one where it has
had a number that the narrow one has no column for."""

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
    period integer not null, -- {_CODES}
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

_HAS_MORE = " or ".join(name for name in COUNTED if name not in COMMON)


def _pairs(table: str) -> str:
    """The triggers that count the crossed counts of a month."""
    return f"""
create trigger {table}_added after insert on {table}
when (select period from slots where id = new.slot) = {CROSSED} begin
    insert into pairs select site, dimension, at, 1 from slots where id = new.slot
    on conflict do update set number = number + 1;
end;
create trigger {table}_gone after delete on {table}
when (select period from slots where id = old.slot) = {CROSSED} begin
    update pairs set number = number - 1
    where (site, dimension, month) = (select site, dimension, at from slots where id = old.slot);
end;
"""


def _table(name: str) -> str:
    metrics = ", ".join(f"{each} integer not null default 0" for each in TABLES[name])
    return f"""
create table {name} (
    slot integer not null,
    path integer not null, -- 0 where the count is not crossed with a page
    value integer not null,
    {metrics},
    primary key (slot, path, value)
) without rowid;
"""


def _fill(name: str, which: str) -> str:
    metrics = ", ".join(TABLES[name])
    return f"""
insert into {name} (slot, path, value, {metrics})
select id, path, value, {metrics} from slots cross join counts using (site, period, dimension, at)
where {which}
order by id, path, value;
"""


_SLOTS = f"""
{sqlite_slots.TABLE.format(codes=_CODES)}
insert into slots (id, site, period, dimension, at)
select row_number() over (order by random()), site, period, dimension, at
from (select distinct site, period, dimension, at from counts);
{_table("narrow")}
{_table("wide")}
{_fill("narrow", f"not ({_HAS_MORE})")}
{_fill("wide", _HAS_MORE)}
drop trigger if exists pair_added;
drop trigger if exists pair_gone;
drop table counts;
{_pairs("narrow")}
{_pairs("wide")}
create trigger widened after insert on wide
when exists (select 1 from narrow where (slot, path, value) = (new.slot, new.path, new.value)) begin
    update wide set ({", ".join(COMMON)}) = (
        select {", ".join(f"wide.{name} + narrow.{name}" for name in COMMON)} from narrow
        where (slot, path, value) = (new.slot, new.path, new.value)
    )
    where (slot, path, value) = (new.slot, new.path, new.value);
    delete from narrow where (slot, path, value) = (new.slot, new.path, new.value);
end;
"""

_ORIGINS: Final = f"""
{sqlite_imports.TABLE}
{sqlite_imports.SLOTS.format(table=sqlite_slots.TABLE_WITH_ORIGIN.format(codes=_CODES))}
{_pairs("narrow")}
{_pairs("wide")}
"""

STEPS: Final = (
    _COUNTS,
    sqlite_marks.TABLE,
    sqlite_closings.TABLE,
    sqlite_blocks.TABLE,
    sqlite_links.TABLE,
    _SLOTS,
    _ORIGINS,
)
"""What made the schema, version by version: a file is brought forward by the steps it lacks.

The columns of the counts follow the metric table, and are no step.
"""
SLOTS_SINCE: Final = STEPS.index(_SLOTS) + 1
VERSION: Final = len(STEPS)
"""Of the schema, in `pragma user_version`."""

VIEW: Final = f"""
create view counts as -- all of them, for whoever looks into the file
select site, period, dimension, at, origin, path, value,
    {", ".join(name if name in COMMON else f"0 as {name}" for name in COUNTED)}
from narrow join slots on slots.id = slot
union all
select site, period, dimension, at, origin, path, value, {", ".join(COUNTED)}
from wide join slots on slots.id = slot
"""
"""It has the columns of the metric table, too."""


def statements(version: int) -> Iterator[str]:
    """The statements that bring a file forward from a version to the next, from 0 for a new one.

    One by one: `executescript` would end our transaction.
    """
    statement = ""
    for line in STEPS[version].splitlines(keepends=True):
        statement += line
        if complete_statement(statement):
            yield statement
            statement = ""
