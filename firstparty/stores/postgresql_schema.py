"""The schema of the PostgreSQL store, how it is made and brought forward, and what writes to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from asyncpg.pool import PoolConnectionProxy

from firstparty.counts import Key, Selection
from firstparty.metrics import COUNTED
from firstparty.periods import PERIODS, Period
from firstparty.stores import Shape, StoreError

TURN: Final = 0x66707274
"""`fprt`, the key of the advisory lock that whoever writes holds until its transaction ends."""

MOST_IDS: Final = 2**31 - 1
"""Ids of names are drawn below this."""
MOST_BYTES: Final = 2_000
"""Of a name: a key of an index has at most about 2,700. Names of visitors are far shorter."""

CODES: Final[dict[Period, int]] = {period: code for code, period in enumerate(PERIODS)}
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
create table firstparty.changes ( -- another number whenever names were added or deleted
    number bigint not null
);
insert into firstparty.changes values (0);
create table firstparty.marks ( -- what happened to the site: a release that first ran
    id integer generated always as identity primary key,
    site smallint not null,
    at integer not null, -- minutes since 1970 at which the hour starts
    day integer not null, -- 20261123
    kind text collate "C" not null,
    text text collate "C" not null
);
create unique index releases on firstparty.marks (site, kind, text) where kind = 'release';
"""

STEPS: Final = (_COUNTS,)
"""What made the schema, version by version: one is brought forward by the steps it lacks.

The columns of `counts` follow the metric table, and are no step.
"""
VERSION: Final = len(STEPS)
"""Of the schema, in `firstparty.version`."""

SUMS: Final = ", ".join(f"sum(counts.{name})::bigint" for name in COUNTED)

_ROW: Final = ("period", "dimension", "at", "path", "value")
_TYPES: Final = (*("smallint[]", "smallint[]"), *("integer[]",) * 3, *("bigint[]",) * len(COUNTED))
_GIVEN: Final = ", ".join(f"${place}::{kind}" for place, kind in enumerate(_TYPES, start=2))
_COLUMNS: Final = ", ".join((*_ROW, *COUNTED))
_ADDS: Final = ", ".join(
    f"{name} = nullif(coalesce(counts.{name}, 0) + coalesce(excluded.{name}, 0), 0)"
    for name in COUNTED
)

UPSERT: Final = f"""
insert into firstparty.counts as counts (site, {_COLUMNS})
select $1, {_COLUMNS} from unnest({_GIVEN}) as new ({_COLUMNS})
on conflict (site, period, dimension, at, path, value) do update set {_ADDS}
"""

FIRST_DAY: Final = f"""
select min(at) from firstparty.counts
where site = $1 and period = {CODES["day"]} and dimension = 0 and pageviews > 0
"""

FORGET: Final = """
with gone as (
    delete from firstparty.counts
    -- Every site of the database: one that was renamed, or was counted in another time zone, has
    -- nobody else to delete what is old.
    where site = any (array(select id from firstparty.sites)) and period = $1
    and dimension = any (array(select id from firstparty.dimensions union select 0)) and at < $2
    returning 1
)
select count(*) from gone
"""
FORGET_NAMES: Final = """
delete from firstparty.names
where not exists (select from firstparty.counts where site = names.site and value = names.id)
and not exists (select from firstparty.counts where site = names.site and path = names.id)
"""

HAS_MARK: Final = "select 1 from firstparty.marks where site = $1 and kind = $2 and text = $3"
ADD_MARK: Final = """
insert into firstparty.marks (site, kind, text, at, day) values ($1, $2, $3, $4, $5)
on conflict do nothing
"""
DROP_MARKS: Final = """
delete from firstparty.marks where id in
(select id from firstparty.marks where site = $1 order by at desc, id desc offset $2)
"""
MARKS: Final = "select kind, text, at, day from firstparty.marks where site = $1 order by at, id"

Row = tuple[int, int, int, int, int]
"""Period, dimension, at, path and value of a count, all as numbers."""


def columns(rows: Iterable[tuple[Row, Sequence[int]]]) -> Iterator[Sequence[int | None]]:
    """The arrays that `UPSERT` takes, in the order of the table's key.

    A zero is kept as null, which takes no room in a row; most metrics of a row are zero.
    """
    whole = sorted((*row, *vector) for row, vector in rows)
    for place, column in enumerate(zip(*whole, strict=True)):
        if place < len(_ROW):
            yield column
        else:
            # `unnest` fills up the shorter arrays with nulls.
            yield [number or None for number in column] if any(column) else []


def storable(name: str) -> bool:
    """Whether the server can keep a text as a name, however it came to be one."""
    try:
        return "\0" not in name and len(name.encode()) <= MOST_BYTES
    except UnicodeEncodeError:
        return False


def question(selection: Selection, shape: Shape) -> tuple[str, list[object]]:
    """The statement that sums counts, and its values from the third on.

    The first two are the site and the dimension. Its rows are at, value, page, the number of counts
    and the sums.
    """
    values: list[object] = [CODES[selection.period], list(selection.at)]
    where, joins = "", ""
    for column, names, vocabulary in (
        ("path", selection.paths, shape.places.get(selection.dimension, "")),
        ("value", selection.values, shape.vocabularies.get(selection.dimension, "")),
    ):
        if names is not None:
            values += [vocabulary, [name for name in names if storable(name)]]
            where += (
                f" and counts.{column} = any (array("
                "select names.id from firstparty.names"
                " join firstparty.dimensions on dimensions.id = names.dimension"
                f" where names.site = $1 and dimensions.name = ${len(values) + 1}"
                f" and names.name = any (${len(values) + 2}::text[])"
                + (" union select 0" if "" in names else "")
                + "))"
            )
    shown = ["counts.at" if selection.by_at else "0"]
    groups = ["counts.at"] if selection.by_at else []
    for column, wanted in (("value", selection.by_value), ("path", selection.by_path)):
        shown.append(f"{column}_name.name" if wanted else "''")
        if wanted:
            groups.append(f"{column}_name.name")
            joins += (
                f" join firstparty.names as {column}_name"
                f" on {column}_name.site = $1 and {column}_name.id = counts.{column}"
            )
    return (
        f"select {', '.join(shown)}, count(*), {SUMS} from firstparty.counts{joins}"
        " where counts.site = $1 and counts.dimension = $2 and counts.period = $3"
        f" and counts.at = any ($4::integer[]){where}"
        + (f" group by {', '.join(groups)}" if groups else ""),
        values,
    )


def day_of(keys: Iterable[Key]) -> int:
    """The last day that keys are of, 0 where they are of none."""
    return max((key.at for key in keys if key.period == "day"), default=0)


async def prepare(db: PoolConnectionProxy, shape: Shape) -> None:
    """Make the schema or bring it forward, and add the site and the dimensions that are new.

    To be called by whoever holds the lock. It changes nothing where all is there, so that an owner
    who made the schema need not leave the right to.
    """
    if await db.fetchval("show server_encoding") != "UTF8":
        raise StoreError("the database does not keep texts as UTF-8: make one with encoding UTF8")
    version = 0
    if await db.fetchval("select to_regclass('firstparty.version') is not null"):
        version = int(await db.fetchval("select number from firstparty.version"))
    elif await db.fetchval(
        "select exists (select from pg_class where relnamespace = to_regnamespace('firstparty'))"
    ):
        raise StoreError(
            "the schema firstparty of this database is another program's: use another database"
        )
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
