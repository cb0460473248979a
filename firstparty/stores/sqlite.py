"""Counts in one SQLite file, through aiosqlite: the default store, which needs nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Set
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiosqlite

from firstparty.closing import Closed, Closing
from firstparty.counts import Batch, Cell, Cells, Key, Selection
from firstparty.dimensions import PATH, SITE
from firstparty.links import Link
from firstparty.marks import Mark
from firstparty.metrics import COUNTED, Vector
from firstparty.periods import PERIODS, Period
from firstparty.row import OTHER, UNLISTED
from firstparty.stores import (
    Found,
    Shape,
    StoreError,
    sqlite_closings,
    sqlite_links,
    sqlite_marks,
    sqlite_names,
)
from firstparty.stores import sqlite_schema as schema

log: Final = logging.getLogger("firstparty")

TIMEOUT: Final = 5.0
"""Seconds to wait for another process that writes."""


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
        self._changes = -1
        self._told = -1
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
        # At DEBUG, aiosqlite would log each statement with the counts in it.
        if logging.getLogger("aiosqlite").level == logging.NOTSET:
            logging.getLogger("aiosqlite").setLevel(logging.INFO)
        # SQLite gives its -wal and -shm files the mode of the database, so it is set at birth.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        db = aiosqlite.connect(self.path, isolation_level=None, timeout=TIMEOUT)
        try:
            await db
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
            await _ended(db)
            raise

    async def _one(self, statement: str, values: Iterable[Any] = ()) -> Any:
        async with self._connection.execute(statement, tuple(values)) as cursor:
            row = await cursor.fetchone()
        return row[0] if row else None

    async def _migrate(self) -> None:
        version = await self._one("pragma user_version")
        tables = await self._one("select count(*) from sqlite_master")
        if tables and await self._one("pragma application_id") != schema.APPLICATION_ID:
            raise StoreError(f"{self.path} is a database of another program: name another file")
        if version > schema.VERSION:
            raise StoreError(
                f"{self.path} was written by a newer firstparty (schema {version}, this one knows"
                f" {schema.VERSION}): upgrade the package"
            )
        async with self._transaction() as db:
            # Another process may have been first: look again, now that we hold the lock.
            tables = await self._one("select count(*) from sqlite_master")
            version = await self._one("pragma user_version") if tables else 0
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
            self._site = await self._one(
                "select id from sites where name = ? and timezone = ?",
                (shape.site, shape.timezone),
            )
            async with db.execute(
                "select name, timezone from sites where id != ?", (self._site,)
            ) as cursor:
                others = [f"{name} in {zone}" async for name, zone in cursor]
            async with db.execute("select name, id from dimensions") as cursor:
                self._dimensions = {row[0]: row[1] async for row in cursor}
        if others:
            log.warning(
                "%s also holds counts of %s, which are not shown for site %s in %s",
                *(self.path, ", ".join(others), shape.site, shape.timezone),
            )
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
            with contextlib.suppress(sqlite3.OperationalError):  # it was committed, or never begun
                await db.execute("rollback")
            raise

    async def write(self, batch: Batch) -> int:
        """Add a batch and its mark in one transaction, then truncate the write-ahead log."""
        counts = batch.counts
        async with self._transaction() as db:
            seq = await self._one("select seq from batches where writer = ?", (batch.writer,))
            if seq is None or seq < batch.seq:
                closings = await sqlite_closings.read(db, self._site, {key.at for key in counts})
                counts = Closed.of(closings).accepted(counts)
                await self._learn_ids()
                await self._name(counts)
                await self._add(counts)
                day = max((key.at for key in batch.counts if key.period == "day"), default=0)
                await db.execute(
                    "insert into batches values (?, ?, ?)"
                    " on conflict do update set seq = excluded.seq, day = excluded.day",
                    (batch.writer, batch.seq, day),
                )
        self._vacuumed = False
        await self._truncate()
        return len(batch.counts) - len(counts)

    async def closings(self) -> frozenset[Closing]:
        """What has been closed."""
        return await sqlite_closings.read(self._connection, self._site)

    async def close_off(self, closing: Closing, small: Collection[Cell] = ()) -> None:
        """Note that something is closed, and delete what goes with it, in one transaction."""
        async with self._transaction() as db:
            if not await sqlite_closings.add(db, self._site, closing):
                return
            if closing.kind == "quiet":
                await sqlite_closings.hush(
                    db, self._site, closing.at, schema.CODES["day"], self._dimensions[PATH.name]
                )
            elif closing.kind == "month":
                await self._learn_ids()
                await self._close_month(db, closing, small)
        self._vacuumed = False

    async def _close_month(
        self, db: aiosqlite.Connection, closing: Closing, small: Collection[Cell]
    ) -> None:
        place = (self._site, schema.CROSSED, closing.at)
        if closing.dimension:
            vocabulary = self._shape.vocabularies[closing.dimension]
            by = self._shape.places[closing.dimension]
            await db.executemany(
                "delete from counts where site = ? and period = ? and at = ? and dimension = ?"
                " and path = ? and value = ?",
                [
                    (
                        *place,
                        self._dimensions[closing.dimension],
                        self._ids.get((by, cell.path), -1),
                        self._ids.get((vocabulary, cell.value), -1),
                    )
                    for cell in small
                ],
            )
        else:
            known = str([self._dimensions[name] for name in self._shape.places])
            await db.execute(
                "delete from counts where site = ? and period = ? and at = ?"
                " and dimension not in (select value from json_each(?))"
                # Another program may know them, whose table has more.
                " and dimension not in"
                " (select dimension from counts where site = ? and period = ? and at > ?)",
                (*place, known, *place),
            )

    async def _learn_ids(self) -> None:
        """The ids of names, where any process has added or deleted one since we last looked."""
        changes = await self._one("select number from changes")
        if changes == self._changes:
            return
        async with self._connection.execute(
            "select dimension, name, id from names where site = ?", (self._site,)
        ) as cursor:
            rows = await cursor.fetchall()
        self._ids = {(self._dimension_names[row[0]], row[1]): row[2] for row in rows}
        self._changes = changes

    def _uses(self, key: Key) -> list[tuple[str, str]]:
        """The names that a key is made of, each with its vocabulary."""
        uses = [(self._shape.vocabularies[key.dimension], key.value)] if key.dimension else []
        return [*uses, (self._shape.places[key.dimension], key.path)] if key.path else uses

    async def _name(self, counts: Mapping[Key, Any]) -> None:
        """Write the names that are new, as far as their caps allow."""
        new = {use for key in counts for use in self._uses(key) if use not in self._ids}
        if not new:
            return
        taken = defaultdict[str, int](int)
        for vocabulary, _ in self._ids:
            taken[vocabulary] += 1
        added = dict[tuple[str, str], int]()
        used = set(self._ids.values())
        for vocabulary, name in sorted({*new, *((vocabulary, OTHER) for vocabulary, _ in new)}):
            if (vocabulary, name) not in self._ids and (
                name.startswith("(") or taken[vocabulary] < self._shape.names[vocabulary]
            ):
                taken[vocabulary] += 1
                while (id_ := 1 + secrets.randbelow(schema.MOST_IDS)) in used:
                    pass
                used.add(id_)
                added[vocabulary, name] = id_
        await self._connection.executemany(
            "insert into names (site, dimension, name, id) values (?, ?, ?, ?)",
            [
                (self._site, self._dimensions[vocabulary], name, id_)
                for (vocabulary, name), id_ in added.items()
            ],
        )
        await self._connection.execute("update changes set number = number + 1")
        # Should the transaction fail, the number is not the file's, and all is learned again.
        self._changes += 1
        self._ids |= added

    def _id(self, vocabulary: str, name: str) -> int:
        return self._ids.get((vocabulary, name)) or self._ids[vocabulary, OTHER]

    async def _add(self, counts: Mapping[Key, tuple[int, ...]]) -> None:
        rows = list[tuple[int, ...]]()
        crossed = defaultdict[tuple[str, int], list[tuple[int, ...]]](list)
        for key, vector in counts.items():
            vocabulary = self._shape.vocabularies.get(key.dimension, "")
            row = (
                self._site,
                schema.CODES[key.period],
                self._dimensions[key.dimension],
                key.at,
                self._id(self._shape.places[key.dimension], key.path) if key.path else 0,
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
            await self._connection.executemany(
                schema.UPDATE, [(*row[6:], *row[:6]) for row in pairs]
            )
            await self._connection.executemany(
                schema.INSERT_WHERE_ROOM, [(*row, *place, cap) for row in pairs]
            )
        # In the order of the table's key, so that neighbouring pages are written together.
        await self._connection.executemany(schema.UPSERT, sorted(rows))

    async def _truncate(self) -> None:
        """Empty the write-ahead log. A reader in another process can delay that: try again."""
        # It would wait for the reader, up to the timeout of the connection, and everybody for it.
        await self._one("pragma busy_timeout = 0")
        try:
            for pause in (0.01, 0.05, 0.2, 0):
                if not await self._one("pragma wal_checkpoint(truncate)"):
                    return
                await asyncio.sleep(pause)
        finally:
            await self._one(f"pragma busy_timeout = {round(1000 * TIMEOUT)}")

    async def select(self, selection: Selection) -> Cells:
        """Sum counts, in one statement."""
        shape = self._shape
        joins, where = "", ["counts.site = ?", "counts.period = ?", "counts.dimension = ?"]
        values: list[Any] = [
            self._site,
            schema.CODES[selection.period],
            self._dimensions[selection.dimension],
        ]
        where.append(f"counts.at in ({', '.join('?' * len(selection.at))})")
        values += selection.at
        vocabulary = shape.vocabularies.get(selection.dimension, "")
        if selection.values is not None or selection.paths is not None:
            await self._learn_ids()
        for column, names, source in (
            ("path", selection.paths, shape.places.get(selection.dimension, "")),
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
                joins += (
                    f" join names {column}_name on {column}_name.site = counts.site"
                    f" and {column}_name.id = counts.{column}"
                )
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
            f"select {', '.join(shown)}, {schema.SUMS} from counts{joins}"
            f" where {' and '.join(where)}" + (f" group by {', '.join(groups)}" if groups else "")
        )
        async with self._connection.execute(statement, values) as cursor:
            rows = await cursor.fetchall()
        # Without groups there is one row always: of nulls, where there is nothing to sum.
        return {Cell(*row[:3]): tuple(row[3:]) for row in rows if row[3] is not None}

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary, if one has come or gone since the last call."""
        await self._learn_ids()
        if self._told == self._changes and not again:
            return None
        self._told = self._changes
        names = defaultdict[str, set[str]](set)
        for vocabulary, name in self._ids:
            names[vocabulary].add(name)
        return names

    async def first_day(self) -> int | None:
        """The first day that has a page view."""
        found = await self._one(
            "select min(at) from counts where site = ? and period = ? and dimension = 0"
            " and pageviews > 0",
            (self._site, schema.CODES["day"]),
        )
        return int(found) if found is not None else None

    async def mark(self, mark: Mark) -> None:
        """Add a mark, once."""
        if await sqlite_marks.has(self._connection, self._site, mark):
            return
        async with self._transaction() as db:
            await sqlite_marks.add(db, self._site, mark)
        await self._truncate()

    async def unmark(self, mark: Mark) -> None:
        """Take a mark away."""
        async with self._transaction() as db:
            await sqlite_marks.remove(db, self._site, mark)
        await self._truncate()

    async def link(self, link: Link) -> None:
        """Keep a link."""
        async with self._transaction() as db:
            await sqlite_links.add(db, self._site, link)
        await self._truncate()

    async def unlink(self, token: str) -> None:
        """Take a link away."""
        async with self._transaction() as db:
            await sqlite_links.remove(db, self._site, token)
        await self._truncate()

    async def links(self) -> list[Link]:
        """The links, in the order in which they were made."""
        return await sqlite_links.read(self._connection, self._site)

    async def marks(self) -> list[Mark]:
        """The marks, in time."""
        return await sqlite_marks.read(self._connection, self._site)

    async def oldest(self) -> int | None:
        """The first day that has any count."""
        found = await self._one(
            "select min(at) from counts where site = ? and period = ?",
            (self._site, schema.CODES["day"]),
        )
        return int(found) if found is not None else None

    async def strike(self, vocabulary: str, names: Set[str]) -> int:
        """Move the counts of names to `(unlisted)`, and write the file anew without them."""
        moved = 0
        async with self._transaction() as db:
            await self._learn_ids()
            ids = [
                id_ for (of, name), id_ in self._ids.items() if of == vocabulary and name in names
            ]
            if ids:
                await self._name({Key("day", 0, vocabulary, UNLISTED, ""): ()})
                unlisted = self._ids[vocabulary, UNLISTED]
                moved = await sqlite_names.strike(db, self._site, ids, unlisted)
        # Also where nothing moved: a text may be left of an earlier time, or an interrupted one.
        await self._connection.executescript("vacuum")
        await self._truncate()
        return moved

    async def block(self, vocabulary: str, pattern: str) -> None:
        """Keep a pattern, once."""
        async with self._transaction() as db:
            await sqlite_names.block(db, self._site, self._dimensions[vocabulary], pattern)
        await self._truncate()

    async def allow(self, vocabulary: str, pattern: str) -> None:
        """Drop a pattern."""
        async with self._transaction() as db:
            await sqlite_names.allow(db, self._site, self._dimensions[vocabulary], pattern)
        await self._truncate()

    async def blocks(self) -> Mapping[str, set[str]]:
        """The patterns by vocabulary."""
        found = defaultdict[str, set[str]](set)
        for dimension, pattern in await sqlite_names.blocks(self._connection, self._site):
            found[self._dimension_names[dimension]].add(pattern)
        return found

    async def counts(self) -> AsyncGenerator[tuple[Key, Vector]]:
        """Every count, in one statement: what is written meanwhile is not in it."""
        async with self._connection.execute(sqlite_names.EVERY, (self._site,)) as cursor:
            while rows := list(await cursor.fetchmany(1000)):
                for period, at, dimension, value, path, *vector in rows:
                    name = self._dimension_names[dimension]
                    yield Key(PERIODS[period], at, name, value or "", path or ""), tuple(vector)

    async def writers(self) -> Mapping[str, int]:
        """The last batch of each writer."""
        async with self._connection.execute("select writer, seq from batches") as cursor:
            return {row[0]: row[1] async for row in cursor}

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
                    (schema.CODES[period], at),
                )
                gone += cursor.rowcount if period in {"day", "month", "crossed"} else 0
            if "day" in before:
                await sqlite_closings.forget(db, before["day"], before.get("month", 0))
                # Closing deletes counts too: their names go with the next of these.
                gone += 1
            if gone:
                await db.execute("delete from pairs where number = 0")
                await db.execute(
                    "delete from names where (site, id) not in"
                    " (select site, value from counts union select site, path from counts)"
                )
                await db.execute("update changes set number = number + 1")
            if "day" in before:
                await db.execute("delete from batches where day < ?", (before["day"],))
                await sqlite_marks.forget(db, before["day"])
        if gone:
            # Steps to its end; `execute` would free one page and hold the table locked.
            await db.executescript("pragma incremental_vacuum")
        await self._shuffle(schema.DAILY_VACUUM if "day" in before else schema.MINUTE_VACUUM)
        await self._truncate()

    async def _shuffle(self, most: int) -> None:
        """Write a file of at most so many bytes anew, in the order of its keys.

        Within a page SQLite keeps rows in the order in which they came: on a quiet site that would
        tell who came first. Another process may hold the file; then the next call does it.
        """
        size = await self._one("pragma page_count") * await self._one("pragma page_size")
        if self._vacuumed or size > most:
            return
        with contextlib.suppress(sqlite3.OperationalError):
            await self._connection.executescript("vacuum")
            self._vacuumed = True

    async def close(self) -> None:
        """Disconnect."""
        if self._db is not None:
            db, self._db = self._db, None
            await db.close()


async def _ended(db: Any) -> None:
    """Wait for the thread of a connection that was given up: it must not outlive its loop.

    Where `aiosqlite.connect` is cancelled, its thread goes on alone, and nothing public tells when
    it has ended. Before aiosqlite 0.22 the connection is the thread.
    """
    thread = getattr(db, "_thread", db)
    while thread.is_alive():  # noqa: ASYNC110 - the thread sets no event of ours
        await asyncio.sleep(0.001)


def look(address: str) -> Found | None:
    """The sites and the dimensions of a file; None where there is none."""
    path = Path(address.removeprefix("/"))
    if not path.exists():
        return None
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            if db.execute("pragma application_id").fetchone() != (schema.APPLICATION_ID,):
                raise StoreError(f"{path} is no database of firstparty: name another file")
            sites = tuple(
                (row[0], row[1]) for row in db.execute("select name, timezone from sites")
            )
            names = tuple(row[0] for row in db.execute("select name from dimensions"))
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path} cannot be read: {error}") from None
    return Found(sites, names)
