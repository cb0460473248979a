"""Counts in one SQLite file, through aiosqlite: the default store, which needs nothing else."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiosqlite

from firstparty.counts import Batch, Cell, Cells, Key, Selection
from firstparty.dimensions import OTHER, PATH, SITE
from firstparty.metrics import COUNTED
from firstparty.periods import PERIODS, Period
from firstparty.stores import Shape, StoreError

VERSION: Final = 1
"""Of the schema, in `pragma user_version`. The columns of `counts` follow the metric table."""

APPLICATION_ID: Final = 0x66707274
"""`fprt`, in `pragma application_id`: tells our files from other SQLite files."""

CODES: Final[Mapping[Period, int]] = {period: code for code, period in enumerate(PERIODS)}
CROSSED: Final = CODES["crossed"]

SCHEMA: Final = f"""
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
    id integer primary key autoincrement, -- never given twice, so that a stale id names nothing
    site integer not null,
    dimension integer not null,
    name text not null,
    unique (site, dimension, name)
);
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
create table changes ( -- how often names were deleted
    number integer not null
);
insert into changes values (0);
"""

_SUMS = ", ".join(f"sum(counts.{name})" for name in COUNTED)
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


class SQLiteStore:
    """The `Store` protocol over one file, readable by its owner alone (mode 0600).

    One connection, on a thread of aiosqlite's. The write-ahead log is truncated after every batch,
    so that no file on the disk replays in which order counts came.
    """

    def __init__(self, address: str, shape: Shape) -> None:
        path = address.removeprefix("/")
        if not address.startswith("/") or not path or "?" in path:
            raise ValueError(
                f"store 'sqlite://{address}' names no file: write sqlite:///stats.db for a file in"
                " the working folder, sqlite:////var/lib/stats.db for an absolute path"
            )
        self.path = Path(path)
        self._shape = shape
        self._db: aiosqlite.Connection | None = None
        self._ids: dict[tuple[str, str], int] = {}
        self._last_id = 0
        self._changes = -1
        self._told = (-1, -1)

    @property
    def _connection(self) -> aiosqlite.Connection:
        if self._db is None:
            raise StoreError(f"{self.path} is not open")
        return self._db

    async def open(self) -> None:
        """Make the file or migrate it."""
        if self._db is not None:
            return
        if not self.path.parent.is_dir():
            raise StoreError(f"the folder {self.path.parent} does not exist: make it first")
        # SQLite gives its -wal and -shm files the mode of the database, so it is set at birth.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        db = await aiosqlite.connect(self.path, isolation_level=None, timeout=5.0)
        try:
            # First of all: it is ignored once there are tables.
            await db.execute("pragma auto_vacuum = incremental")
            await db.execute("pragma journal_mode = wal")
            await db.execute("pragma synchronous = normal")
            await db.execute("pragma secure_delete = on")
            await db.execute("pragma temp_store = memory")
            self._db = db
            await self._migrate()
        except BaseException:
            self._db = None
            await db.close()
            raise

    async def _one(self, statement: str, values: Iterable[Any] = ()) -> Any:
        async with self._connection.execute(statement, tuple(values)) as cursor:
            row = await cursor.fetchone()
        return row[0] if row else None

    async def _migrate(self) -> None:
        version = await self._one("pragma user_version")
        tables = await self._one("select count(*) from sqlite_master")
        if tables and await self._one("pragma application_id") != APPLICATION_ID:
            raise StoreError(f"{self.path} is a database of another program: name another file")
        if version > VERSION:
            raise StoreError(
                f"{self.path} was written by a newer firstparty (schema {version}, this one knows"
                f" {VERSION}): upgrade the package"
            )
        async with self._transaction() as db:
            # Another process may have been first: look again, now that we hold the lock.
            if not await self._one("select count(*) from sqlite_master"):
                for statement in _statements(SCHEMA):
                    await db.execute(statement)
                await db.execute(f"pragma application_id = {APPLICATION_ID}")
                await db.execute(f"pragma user_version = {VERSION}")
            async with db.execute("select name from pragma_table_info('counts')") as cursor:
                columns = {row[0] async for row in cursor}
            for name in COUNTED:
                if name not in columns:
                    await db.execute(
                        f"alter table counts add column {name} integer not null default 0"
                    )
            shape = self._shape
            await db.execute(
                "insert or ignore into sites (name, timezone) values (?, ?)",
                (shape.site, shape.timezone),
            )
            await db.executemany(
                "insert or ignore into dimensions (name) values (?)",
                [(name,) for name in shape.pairs],
            )
            self._site = await self._one(
                "select id from sites where name = ? and timezone = ?",
                (shape.site, shape.timezone),
            )
            async with db.execute("select name, id from dimensions") as cursor:
                self._dimensions = {row[0]: row[1] async for row in cursor}
        self._dimensions[SITE] = 0
        self._dimension_names = {id_: name for name, id_ in self._dimensions.items()}

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[aiosqlite.Connection]:
        db = self._connection
        await db.execute("begin immediate")
        try:
            yield db
            await db.execute("commit")
        except BaseException:
            await db.execute("rollback")
            raise

    async def write(self, batch: Batch) -> None:
        """Add a batch and its mark in one transaction, then truncate the write-ahead log."""
        async with self._transaction() as db:
            seq = await self._one("select seq from batches where writer = ?", (batch.writer,))
            if seq is None or seq < batch.seq:
                await self._learn_ids()
                await self._name(batch.counts)
                await self._add(batch.counts)
                day = max((key.at for key in batch.counts if key.period == "day"), default=0)
                await db.execute(
                    "insert into batches values (?, ?, ?)"
                    " on conflict do update set seq = excluded.seq, day = excluded.day",
                    (batch.writer, batch.seq, day),
                )
        await self._truncate()

    async def _learn_ids(self) -> None:
        """The ids of names that other processes have written or deleted since we last looked."""
        changes = await self._one("select number from changes")
        if changes != self._changes:
            self._changes, self._last_id = changes, 0
            self._ids.clear()
        async with self._connection.execute(
            "select id, dimension, name from names where site = ? and id > ?",
            (self._site, self._last_id),
        ) as cursor:
            async for id_, dimension, name in cursor:
                self._ids[self._dimension_names[dimension], name] = id_
                self._last_id = max(self._last_id, id_)

    def _uses(self, key: Key) -> list[tuple[str, str]]:
        """The names that a key is made of, each with its vocabulary."""
        uses = [(self._shape.vocabularies[key.dimension], key.value)] if key.dimension else []
        return [*uses, (PATH.name, key.path)] if key.path else uses

    async def _name(self, counts: Mapping[Key, Any]) -> None:
        """Write the names that are new, as far as their caps allow."""
        new = {use for key in counts for use in self._uses(key) if use not in self._ids}
        if not new:
            return
        taken = defaultdict[str, int](int)
        for vocabulary, _ in self._ids:
            taken[vocabulary] += 1
        rows = list[tuple[int, int, str]]()
        # In the alphabet's order, so that ids do not tell in which order names first came.
        for vocabulary, name in sorted({*new, *((vocabulary, OTHER) for vocabulary, _ in new)}):
            if name.startswith("(") or taken[vocabulary] < self._shape.names[vocabulary]:
                taken[vocabulary] += 1
                rows.append((self._site, self._dimensions[vocabulary], name))
        await self._connection.executemany(
            "insert or ignore into names (site, dimension, name) values (?, ?, ?)", rows
        )
        await self._learn_ids()

    def _id(self, vocabulary: str, name: str) -> int:
        return self._ids.get((vocabulary, name)) or self._ids[vocabulary, OTHER]

    async def _add(self, counts: Mapping[Key, tuple[int, ...]]) -> None:
        rows = list[tuple[int, ...]]()
        crossed = defaultdict[tuple[str, int], list[tuple[int, ...]]](list)
        for key, vector in counts.items():
            vocabulary = self._shape.vocabularies.get(key.dimension, "")
            row = (
                self._site,
                CODES[key.period],
                self._dimensions[key.dimension],
                key.at,
                self._id(PATH.name, key.path) if key.path else 0,
                self._id(vocabulary, key.value) if key.dimension else 0,
                *vector,
            )
            if key.period == "crossed":
                crossed[key.dimension, key.at].append(row)
            else:
                rows.append(row)
        for (dimension, month), pairs in crossed.items():
            place = (self._site, self._dimensions[dimension], month)
            cap = self._shape.pairs[dimension]
            number = await self._one(
                "select number from pairs where site = ? and dimension = ? and month = ?", place
            )
            if (number or 0) + len(pairs) <= cap:
                rows.extend(pairs)
                continue
            # Close to the cap: counts of pairs that are there go on, new pairs only where room is.
            await self._connection.executemany(UPDATE, [(*row[6:], *row[:6]) for row in pairs])
            await self._connection.executemany(
                INSERT_WHERE_ROOM, [(*row, *place, cap) for row in pairs]
            )
        # In the order of the table's key, so that neighbouring pages are written together.
        await self._connection.executemany(UPSERT, sorted(rows))

    async def _truncate(self) -> None:
        """Empty the write-ahead log. A reader in another process can delay that: try again."""
        for pause in (0.01, 0.05, 0.2):
            if not await self._one("pragma wal_checkpoint(truncate)"):
                return
            await asyncio.sleep(pause)

    async def select(self, selection: Selection) -> Cells:
        """Sum counts, in one statement."""
        shape = self._shape
        joins, where = "", ["counts.site = ?", "counts.period = ?", "counts.dimension = ?"]
        values: list[Any] = [
            self._site,
            CODES[selection.period],
            self._dimensions[selection.dimension],
        ]
        where.append(f"counts.at in ({', '.join('?' * len(selection.at))})")
        values += selection.at
        vocabulary = shape.vocabularies.get(selection.dimension, "")
        if selection.values is not None or selection.paths is not None:
            await self._learn_ids()
        for column, names, source in (
            ("path", selection.paths, PATH.name),
            ("value", selection.values, vocabulary),
        ):
            if names is not None:
                ids = [self._ids.get((source, name), -1) if name else 0 for name in names]
                where.append(f"counts.{column} in (select value from json_each(?))")
                values.append(str(ids))
        shown = ["counts.at" if selection.by_at else "0"]
        for column, wanted in (("value", selection.by_value), ("path", selection.by_path)):
            shown.append(f"{column}_name.name" if wanted else "''")
            if wanted:
                joins += f" join names {column}_name on {column}_name.id = counts.{column}"
        groups = [
            f"counts.{column}"
            for column, wanted in (
                ("at", selection.by_at),
                ("value", selection.by_value),
                ("path", selection.by_path),
            )
            if wanted
        ]
        statement = (
            f"select {', '.join(shown)}, {_SUMS} from counts{joins} where {' and '.join(where)}"
            + (f" group by {', '.join(groups)}" if groups else "")
        )
        async with self._connection.execute(statement, values) as cursor:
            rows = await cursor.fetchall()
        # Without groups there is one row always: of nulls, where there is nothing to sum.
        return {Cell(*row[:3]): tuple(row[3:]) for row in rows if row[3] is not None}

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary, if one has come or gone since the last call."""
        await self._learn_ids()
        if self._told == (self._changes, self._last_id) and not again:
            return None
        self._told = (self._changes, self._last_id)
        names = defaultdict[str, set[str]](set)
        for vocabulary, name in self._ids:
            names[vocabulary].add(name)
        return names

    async def first_day(self) -> int | None:
        """The first day that has a page view."""
        found = await self._one(
            "select min(at) from counts where site = ? and period = ? and dimension = 0"
            " and pageviews > 0",
            (self._site, CODES["day"]),
        )
        return int(found) if found is not None else None

    async def forget(self, before: Mapping[Period, int]) -> None:
        """Delete what is older, the names that no count has any more, and the free pages."""
        gone = 0
        async with self._transaction() as db:
            for period, at in before.items():
                cursor = await db.execute(
                    # Every site of the file: one that was renamed, or was counted in another
                    # time zone, has nobody else to delete what is old.
                    "delete from counts where site in (select id from sites) and period = ?"
                    " and dimension in (select id from dimensions union select 0) and at < ?",
                    (CODES[period], at),
                )
                gone += cursor.rowcount if period in {"day", "month", "crossed"} else 0
            if gone:
                await db.execute("delete from pairs where number = 0")
                await db.execute(
                    "delete from names where id not in"
                    " (select value from counts union select path from counts)"
                )
                await db.execute("update changes set number = number + 1")
            if "day" in before:
                await db.execute("delete from batches where day < ?", (before["day"],))
        if gone:
            # Steps to its end; `execute` would free one page and hold the table locked.
            await db.executescript("pragma incremental_vacuum")
        await self._truncate()

    async def close(self) -> None:
        """Disconnect."""
        if self._db is not None:
            db, self._db = self._db, None
            await db.close()


def _statements(script: str) -> list[str]:
    """The statements of a script, one by one: `executescript` would end our transaction."""
    found, statement = list[str](), ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found
