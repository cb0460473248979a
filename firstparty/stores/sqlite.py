"""Counts in one SQLite file, through aiosqlite: the default store, which needs nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Mapping, Set
from contextlib import aclosing
from pathlib import Path

from firstparty.aside import aside
from firstparty.closing import Closing
from firstparty.counts import Batch, Cell, Cells, Key, Selection
from firstparty.imports import HERE, Import
from firstparty.links import Link
from firstparty.marks import Mark
from firstparty.metrics import Vector
from firstparty.periods import Period
from firstparty.stores import (
    Shape,
    sqlite_blocks,
    sqlite_closings,
    sqlite_copy,
    sqlite_forget,
    sqlite_imports,
    sqlite_links,
    sqlite_marks,
    sqlite_migrate,
    sqlite_read,
    sqlite_write,
)
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import Connection
from firstparty.stores.sqlite_opened import OpenFile
from firstparty.stores.sqlite_read import look as look


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
        self.path = Path(path).absolute()  # the program may change its working folder
        self._shape = shape
        self._file = OpenFile(self.path)
        self._using = self._file.using
        self._vacuumed = True
        self._owed = True  # a process that was killed may not have written the file anew

    async def open(self) -> None:
        """Make the file or migrate it; open it anew if it is not the one that was opened."""
        await self._file.open(self._prepare)

    async def _prepare(self, db: Connection) -> None:
        self._names = await db.at_once(sqlite_migrate.migrate, self.path, self._shape)
        db.undone = self._names.doubt

    async def write(self, batch: Batch) -> int:
        """Add a batch and its mark in one transaction, then truncate the write-ahead log."""
        late = await self._write(batch)
        if self._file.elsewhere():
            # It went into a file that nobody finds any more.
            await self.open()
            late = await self._write(batch)
        return late

    async def _write(self, batch: Batch) -> int:
        async with self._using() as db:
            late = await db.write(sqlite_write.write, self._names, batch)
            self._vacuumed = False
        return late

    async def select(self, selection: Selection) -> Cells:
        """Sum counts, as they are at one instant."""
        async with self._using() as db:
            return await db.at_once(sqlite_read.select, self._names, selection)

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary, if one has come or gone since the last call."""
        async with self._using() as db:
            await db.at_once(self._names.learn)
        return self._names.tell(again)

    async def first_day(self) -> int | None:
        """The first day that has a page view."""
        async with self._using() as db:
            return await db.at_once(sqlite_read.first_day, self._names.site)

    async def oldest(self) -> int | None:
        """The first day that has any count."""
        async with self._using() as db:
            return await db.at_once(sqlite_read.oldest, self._names.site)

    async def forget(self, before: Mapping[Period, int]) -> None:
        """Delete what is older, the names that no count has any more, and the free pages."""
        async with self._using() as db:
            if await db.change(sqlite_forget.forget, before, self._names.sums):
                self._vacuumed = False
            # Closing deletes counts too: names go with the next that forgets more than minutes.
            more = any(period != "minute" for period in before)
            if more and await db.at_once(sqlite_forget.forget_names):
                self._vacuumed = False
            if "day" in before:
                await aside(sqlite_copy.forget, self.path, before)
            if more:
                await db.at_once(sqlite_forget.free)
            if self._owed or not self._vacuumed:
                most = schema.DAILY_VACUUM if "day" in before else schema.MINUTE_VACUUM
                self._vacuumed = await db.at_once(sqlite_forget.shuffle, most)
                self._owed = self._owed and not self._vacuumed
            await db.truncate()

    async def closings(self) -> frozenset[Closing]:
        """What has been closed."""
        async with self._using() as db:
            return await db.at_once(sqlite_closings.read, self._names.site)

    async def close_off(self, *closings: Closing, small: Collection[Cell] = ()) -> None:
        """Note that something is closed, and delete what goes with it, in one transaction."""
        async with self._using() as db:
            if await db.change(sqlite_write.close_off, self._names, closings, small):
                self._vacuumed = False

    async def mark(self, mark: Mark) -> None:
        """Add a mark, once."""
        async with self._using() as db:
            if not await db.at_once(sqlite_marks.has, self._names.site, mark):
                await db.write(sqlite_marks.add, self._names.site, mark)

    async def marks(self) -> list[Mark]:
        """The marks, in time."""
        async with self._using() as db:
            return await db.at_once(sqlite_marks.read, self._names.site)

    async def unmark(self, mark: Mark) -> None:
        """Take a mark away."""
        async with self._using() as db:
            await db.write(sqlite_marks.remove, self._names.site, mark)

    async def link(self, link: Link) -> None:
        """Keep a link."""
        async with self._using() as db:
            await db.write(sqlite_links.add, self._names.site, link)

    async def unlink(self, token: str) -> None:
        """Take a link away."""
        async with self._using() as db:
            await db.write(sqlite_links.remove, self._names.site, token)

    async def links(self) -> list[Link]:
        """The links, in the order in which they were made."""
        async with self._using() as db:
            return await db.at_once(sqlite_links.read, self._names.site)

    async def strike(self, vocabulary: str, names: Set[str]) -> int:
        """Move the counts of names to `(unlisted)`, and write the file anew without them."""
        async with self._using() as db:
            moved = await db.change(self._names.strike, vocabulary, set(names))
            await aside(sqlite_copy.drop, self.path)
            # Also where nothing moved: a text may be left of earlier, or of an interrupted one.
            await db.executescript("vacuum")
            await db.truncate()
        return moved

    async def block(self, vocabulary: str, pattern: str) -> None:
        """Keep a pattern, once."""
        names = self._names
        async with self._using() as db:
            await db.write(sqlite_blocks.add, names.site, names.dimensions[vocabulary], pattern)

    async def allow(self, vocabulary: str, pattern: str) -> None:
        """Drop a pattern."""
        names = self._names
        async with self._using() as db:
            await db.write(sqlite_blocks.drop, names.site, names.dimensions[vocabulary], pattern)

    async def blocks(self) -> Mapping[str, set[str]]:
        """The patterns by vocabulary."""
        found = defaultdict[str, set[str]](set)
        async with self._using() as db:
            blocked = await db.at_once(sqlite_blocks.read, self._names.site)
        for vocabulary, pattern in blocked:
            found[vocabulary].add(pattern)
        return found

    async def days(self, origin: str = HERE) -> set[int]:
        """The days of which an origin has a total."""
        async with self._using() as db:
            return await db.at_once(
                sqlite_imports.days, self._names.site, origin, schema.CODES["day"]
            )

    async def imports(self) -> list[Import]:
        """The imports, in the order in which they began."""
        async with self._using() as db:
            return await db.at_once(sqlite_imports.read, self._names.site)

    async def begin(self, brought: Import) -> None:
        """Note an import."""
        async with self._using() as db:
            await db.write(sqlite_imports.begin, self._names.site, brought)

    async def finish(self, brought: Import) -> None:
        """Note that an import is done."""
        async with self._using() as db:
            await db.write(sqlite_imports.finish, self._names.site, brought)

    async def undo(self, name: str) -> int:
        """Take an import away, and write the file anew without it."""
        async with self._using() as db:
            gone = await db.change(sqlite_imports.undo, self._names.site, name, schema.CODES["day"])
            await db.at_once(sqlite_forget.forget_names)
            await aside(sqlite_copy.drop, self.path)
            await db.executescript("vacuum")
            await db.truncate()
        return gone

    async def counts(self, origin: str = HERE) -> AsyncGenerator[tuple[Key, Vector]]:
        """Every count of an origin, in one statement: what is written meanwhile is not in it."""
        async with (
            self._using() as db,
            aclosing(sqlite_read.every(db, self._names, origin)) as every,
        ):
            async for each in every:
                yield each

    async def rows(self) -> Mapping[tuple[str, str], int]:
        """How many counts there are of each dimension in each period."""
        async with self._using() as db:
            return await db.at_once(sqlite_read.numbers, self._names)

    async def writers(self) -> Mapping[str, int]:
        """The last batch of each writer."""
        async with (
            self._using() as db,
            db.execute("select writer, seq from batches") as cursor,
        ):
            return {row[0]: row[1] async for row in cursor}

    async def close(self) -> None:
        """Disconnect."""
        await self._file.close(None if self._vacuumed else self._shuffle)

    async def _shuffle(self, db: Connection) -> None:
        # A site may be stopped for good: its file is not to tell who came first.
        self._vacuumed = await db.at_once(sqlite_forget.shuffle, schema.MINUTE_VACUUM)
        await db.truncate()
