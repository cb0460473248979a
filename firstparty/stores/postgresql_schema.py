"""The schema of the PostgreSQL store, and how it is made and brought forward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firstparty.dimensions import SITE
from firstparty.metrics import COUNTED
from firstparty.periods import PERIODS, Period
from firstparty.stores import Found, Shape, StoreError, postgresql_imports, postgresql_marks
from firstparty.stores.postgresql_connections import Db

CODES: Final[Mapping[Period, int]] = {period: code for code, period in enumerate(PERIODS)}
CROSSED: Final = CODES["crossed"]

_COUNTS = f"""
create table firstparty.version (number integer not null);
insert into firstparty.version values (0);
create table firstparty.sites (
    id smallint generated always as identity primary key,
    name text collate "C" not null,
    timezone text collate "C" not null,
    unique (name, timezone)
);
create table firstparty.dimensions (
    id smallint generated always as identity primary key,
    name text collate "C" not null unique
);
create table firstparty.names (
    site smallint not null,
    id integer not null, -- drawn at random, so that it does not tell which name came first
    dimension smallint not null,
    name text collate "C" not null,
    primary key (site, id),
    unique (site, dimension, name)
);
-- The planner's samples would be copies of texts, and stay when a name is forgotten.
alter table firstparty.names alter column name set statistics 0;
create table firstparty.counts (
    site smallint not null,
    period smallint not null, -- {", ".join(f"{code} {period}" for period, code in CODES.items())}
    dimension smallint not null, -- 0 is the site's own total
    at integer not null, -- minutes since 1970 for minute and hour, 20261123, 202611
    path integer not null, -- 0 where the count is not crossed with a page
    value integer not null,
    primary key (site, period, dimension, at, path, value)
) with (fillfactor = 70); -- room for a row's next version beside it, with no new entry in the index
create table firstparty.pairs ( -- how many crossed counts a month has
    site smallint not null,
    dimension smallint not null,
    month integer not null,
    number integer not null,
    primary key (site, dimension, month)
);
create function firstparty.pairs_added() returns trigger language plpgsql as $$ begin
    insert into firstparty.pairs as pairs
    select site, dimension, at, count(*) from added where period = {CROSSED}
    group by site, dimension, at order by site, dimension, at
    on conflict (site, dimension, month) do update set number = pairs.number + excluded.number;
    return null;
end $$;
create function firstparty.pairs_gone() returns trigger language plpgsql as $$ begin
    update firstparty.pairs set number = pairs.number - gone.number
    from (
        select site, dimension, at, count(*) as number from gone where period = {CROSSED}
        group by site, dimension, at
    ) as gone
    where (pairs.site, pairs.dimension, pairs.month) = (gone.site, gone.dimension, gone.at);
    return null;
end $$;
create trigger pairs_added after insert on firstparty.counts
    referencing new table as added for each statement execute function firstparty.pairs_added();
create trigger pairs_gone after delete on firstparty.counts
    referencing old table as gone for each statement execute function firstparty.pairs_gone();
create table firstparty.batches ( -- the last batch of each writer, so that a retry adds nothing
    writer text collate "C" primary key,
    seq bigint not null,
    day integer not null
);
create table firstparty.changes (
    number bigint not null, -- another one whenever names were added or deleted
    hour integer not null, -- since 1970, in which rows were last laid anew
    day integer not null -- 20261123, up to which they were
);
insert into firstparty.changes values (0, 0, 0);
create table firstparty.closings ( -- what has been closed, and may not be added to any more
    site smallint not null,
    kind text collate "C" not null, -- day, quiet, empty, month
    at integer not null, -- 20261123, 202611
    dimension text collate "C" not null, -- of a month: whose small counts are gone; '' for itself
    least integer not null, -- by which min_count
    primary key (site, kind, at, dimension)
);
create table firstparty.marks ( -- what happened to the site: a release that first ran
    id integer generated always as identity primary key,
    site smallint not null,
    at integer not null, -- minutes since 1970 at which the hour starts
    day integer not null, -- 20261123
    kind text collate "C" not null,
    text text collate "C" not null
);
create unique index releases on firstparty.marks (site, kind, text) where kind = 'release';
create table firstparty.blocked ( -- patterns that the owner has typed: what they take has no name
    site smallint not null,
    dimension smallint not null,
    pattern text collate "C" not null,
    primary key (site, dimension, pattern)
);
"""

STEPS: Final = (_COUNTS, postgresql_marks.LINKS_TABLE, postgresql_imports.TABLE)
"""What made the schema, version by version: one is brought forward by the steps it lacks.

The columns of `counts` follow the metric table, and are no step.
"""
VERSION: Final = len(STEPS)
"""Of the schema, in `firstparty.version`."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known by number: the site, and dimensions by name (0 is the site's own total)."""

    site: int
    dimensions: Mapping[str, int]
    shape: Shape

    def named(self, number: int) -> str:
        """The dimension of a number."""
        return next(name for name, each in self.dimensions.items() if each == number)


async def prepare(db: Db, shape: Shape) -> tuple[Numbers, list[str]]:
    """Make the schema or bring it forward; answers the numbers, and the other sites that are there.

    To be called by whoever holds the lock. It changes nothing where all is there, so that an owner
    who made the schema need not leave the right to.
    """
    if await db.fetchval("show server_encoding") != "UTF8":
        raise StoreError("the database does not keep texts as UTF-8: make one with encoding UTF8")
    version = await _version(db)
    if version > VERSION:
        raise StoreError(
            f"the database was written by a newer firstparty (schema {version}, this one knows"
            f" {VERSION}): upgrade the package"
        )
    if version < VERSION:
        if not await db.fetchval("select to_regnamespace('firstparty') is not null"):
            await db.execute("create schema firstparty")
        await db.execute("".join(STEPS[version:]))
        await db.execute("update firstparty.version set number = $1", VERSION)
    there = await db.fetch(
        "select attname from pg_attribute where attrelid = 'firstparty.counts'::regclass"
    )
    for name in COUNTED:
        if name not in {row[0] for row in there}:
            await db.execute(f"alter table firstparty.counts add column {name} bigint")
    await db.execute(
        "insert into firstparty.sites (name, timezone) select $1, $2 where not exists"
        " (select from firstparty.sites where name = $1 and timezone = $2)",
        *(shape.site, shape.timezone),
    )
    await db.execute(
        "insert into firstparty.dimensions (name) select name from unnest($1::text[]) as name"
        " where name not in (select name from firstparty.dimensions)",
        list(shape.pairs),
    )
    return await _known(db, shape)


async def _version(db: Db) -> int:
    """The version of the schema, 0 where there is none. Raises StoreError for another program's."""
    if await db.fetchval("select to_regclass('firstparty.version') is not null"):
        return int(await db.fetchval("select number from firstparty.version"))
    if await db.fetchval(
        "select exists (select from pg_class where relnamespace = to_regnamespace('firstparty'))"
    ):
        raise StoreError(
            "the schema firstparty of this database is another program's: use another database"
        )
    return 0


async def _known(db: Db, shape: Shape) -> tuple[Numbers, list[str]]:
    sites = {(name, zone): number for name, zone, number in await _sites(db)}
    site = sites.pop((shape.site, shape.timezone))
    rows = await db.fetch("select name, id from firstparty.dimensions")
    numbers = Numbers(site, {SITE: 0, **{row[0]: row[1] for row in rows}}, shape)
    return numbers, [f"{name} in {zone}" for name, zone in sites]


async def _sites(db: Db) -> list[tuple[str, str, int]]:
    """The sites of the database: name, time zone and number."""
    rows = await db.fetch("select name, timezone, id from firstparty.sites order by id")
    return [(row[0], row[1], row[2]) for row in rows]


async def look(db: Db) -> Found | None:
    """The sites and the dimensions of a database, None where there is no schema of ours yet."""
    if not await _version(db):
        return None
    rows = await db.fetch("select name from firstparty.dimensions order by id")
    sites = tuple((name, zone) for name, zone, _ in await _sites(db))
    return Found(sites, tuple(row[0] for row in rows))
