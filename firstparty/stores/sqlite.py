"""Counts in one SQLite file, through aiosqlite: the default store, which needs nothing else."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Mapping, Set
from contextlib import aclosing
from pathlib import Path
from typing import Final

import aiosqlite

from firstparty.closing import Closing
from firstparty.counts import Batch, Cell, Cells, Key, Selection
from firstparty.marks import Mark
from firstparty.metrics import COUNTED, Vector
from firstparty.periods import Period
from firstparty.stores import (
    Shape,
    StoreError,
    sqlite_blocks,
    sqlite_closings,
    sqlite_file,
    sqlite_forget,
    sqlite_marks,
    sqlite_read,
    sqlite_write,
)
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one, transaction
from firstparty.stores.sqlite_names import Names
from firstparty.stores.sqlite_read import look as look

log: Final = logging.getLogger("firstparty")


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
        self._vacuumed = True

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
        db = await sqlite_file.connect(self.path)
        try:
            self._names = await self._migrate(db)
        except BaseException:
            await sqlite_file.end(db)
            raise
        self._db = db

    async def _migrate(self, db: aiosqlite.Connection) -> Names:
        version = await one(db, "pragma user_version")
        tables = await one(db, "select count(*) from sqlite_master")
        if tables and await one(db, "pragma application_id") != schema.APPLICATION_ID:
            raise StoreError(f"{self.path} is a database of another program: name another file")
        if version > schema.VERSION:
            raise StoreError(
                f"{self.path} was written by a newer firstparty (schema {version}, this one knows"
                f" {schema.VERSION}): upgrade the package"
            )
        async with transaction(db):
            # Another process may have been first: look again, now that we hold the lock.
            tables = await one(db, "select count(*) from sqlite_master")
            version = await one(db, "pragma user_version") if tables else 0
            if version < schema.VERSION:
                for statement in schema.statements(version):
                    await db.execute(statement)
                await db.execute(f"pragma application_id = {schema.APPLICATION_ID}")
                await db.execute(f"pragma user_version = {schema.VERSION}")
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
            site = await one(
                db,
                "select id from sites where name = ? and timezone = ?",
                (shape.site, shape.timezone),
            )
            async with db.execute(
                "select name, timezone from sites where id != ?", (site,)
            ) as cursor:
                others = [f"{name} in {zone}" async for name, zone in cursor]
            async with db.execute("select name, id from dimensions") as cursor:
                dimensions = {row[0]: row[1] async for row in cursor}
        if others:
            log.warning(
                "%s also holds counts of %s, which are not shown for site %s in %s",
                *(self.path, ", ".join(others), shape.site, shape.timezone),
            )
        return Names(shape, site, dimensions)

    async def write(self, batch: Batch) -> int:
        """Add a batch and its mark in one transaction, then truncate the write-ahead log."""
        async with transaction(self._connection) as db:
            late = await sqlite_write.write(db, self._names, batch)
        self._vacuumed = False
        await sqlite_file.truncate(db)
        return late

    async def select(self, selection: Selection) -> Cells:
        """Sum counts, in one statement."""
        return await sqlite_read.select(self._connection, self._names, selection)

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary, if one has come or gone since the last call."""
        await self._names.learn(self._connection)
        return self._names.tell(again)

    async def first_day(self) -> int | None:
        """The first day that has a page view."""
        return await sqlite_read.first_day(self._connection, self._names.site)

    async def oldest(self) -> int | None:
        """The first day that has any count."""
        return await sqlite_read.oldest(self._connection, self._names.site)

    async def forget(self, before: Mapping[Period, int]) -> None:
        """Delete what is older, the names that no count has any more, and the free pages."""
        async with transaction(self._connection) as db:
            gone = await sqlite_forget.forget(db, before)
        if gone:
            await sqlite_forget.free(db)
        if not self._vacuumed:
            most = schema.DAILY_VACUUM if "day" in before else schema.MINUTE_VACUUM
            self._vacuumed = await sqlite_forget.shuffle(db, most)
        await sqlite_file.truncate(db)

    async def closings(self) -> frozenset[Closing]:
        """What has been closed."""
        return await sqlite_closings.read(self._connection, self._names.site)

    async def close_off(self, closing: Closing, small: Collection[Cell] = ()) -> None:
        """Note that something is closed, and delete what goes with it, in one transaction."""
        async with transaction(self._connection) as db:
            if await sqlite_write.close_off(db, self._names, closing, small):
                self._vacuumed = False

    async def mark(self, mark: Mark) -> None:
        """Add a mark, once."""
        if await sqlite_marks.has(self._connection, self._names.site, mark):
            return
        async with transaction(self._connection) as db:
            await sqlite_marks.add(db, self._names.site, mark)
        await sqlite_file.truncate(db)

    async def marks(self) -> list[Mark]:
        """The marks, in time."""
        return await sqlite_marks.read(self._connection, self._names.site)

    async def strike(self, vocabulary: str, names: Set[str]) -> int:
        """Move the counts of names to `(unlisted)`, and write the file anew without them."""
        async with transaction(self._connection) as db:
            moved = await self._names.strike(db, vocabulary, set(names))
        # Also where nothing moved: a text may be left of an earlier time, or an interrupted one.
        await db.executescript("vacuum")
        await sqlite_file.truncate(db)
        return moved

    async def block(self, vocabulary: str, pattern: str) -> None:
        """Keep a pattern, once."""
        names = self._names
        async with transaction(self._connection) as db:
            await sqlite_blocks.add(db, names.site, names.dimensions[vocabulary], pattern)
        await sqlite_file.truncate(db)

    async def allow(self, vocabulary: str, pattern: str) -> None:
        """Drop a pattern."""
        names = self._names
        async with transaction(self._connection) as db:
            await sqlite_blocks.drop(db, names.site, names.dimensions[vocabulary], pattern)
        await sqlite_file.truncate(db)

    async def blocks(self) -> Mapping[str, set[str]]:
        """The patterns by vocabulary."""
        found = defaultdict[str, set[str]](set)
        for dimension, pattern in await sqlite_blocks.read(self._connection, self._names.site):
            found[self._names.dimension_names[dimension]].add(pattern)
        return found

    async def counts(self) -> AsyncGenerator[tuple[Key, Vector]]:
        """Every count, in one statement: what is written meanwhile is not in it."""
        async with aclosing(sqlite_read.every(self._connection, self._names)) as every:
            async for each in every:
                yield each

    async def writers(self) -> Mapping[str, int]:
        """The last batch of each writer."""
        async with self._connection.execute("select writer, seq from batches") as cursor:
            return {row[0]: row[1] async for row in cursor}

    async def close(self) -> None:
        """Disconnect."""
        if self._db is not None:
            db, self._db = self._db, None
            await db.close()
