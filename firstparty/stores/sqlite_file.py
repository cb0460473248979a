"""The file of the SQLite store: a connection to it, transactions, and its write-ahead log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar, TypeVarTuple

import aiosqlite

TIMEOUT: Final = 5.0
"""Seconds to wait for another process that writes."""


Place = tuple[int, int]
"""Which file it is: its device and its number there."""

Given = TypeVarTuple("Given")
Answer = TypeVar("Answer")


class Connection(aiosqlite.Connection):
    """A connection whose thread is given a whole piece of work at once.

    To go from the loop to the thread and back takes longer than most statements do, and a batch
    went sixty times. What was begun is done to its end, also where nobody waits for it any more.
    """

    undone: Callable[[], None] = staticmethod(lambda: None)
    """What is to be done where a transaction was not committed."""

    async def at_once(
        self,
        act: Callable[[sqlite3.Connection, *Given], Answer],
        *given: *Given,
    ) -> Answer:
        """Do this in the thread."""
        untyped: Any = self
        done: Answer = await untyped._execute(act, self._conn, *given)
        return done

    async def change(
        self,
        act: Callable[[sqlite3.Connection, *Given], Answer],
        *given: *Given,
    ) -> Answer:
        """Do this in a transaction: all or nothing, and nobody else writes meanwhile."""
        return await self.at_once(self._changed, act, *given)

    def _changed(
        self,
        db: sqlite3.Connection,
        act: Callable[[sqlite3.Connection, *Given], Answer],
        *given: *Given,
    ) -> Answer:
        try:
            with transaction(db):
                return act(db, *given)
        except BaseException:
            self.undone()
            raise

    async def write(
        self,
        act: Callable[[sqlite3.Connection, *Given], Answer],
        *given: *Given,
    ) -> Answer:
        """Do this in a transaction, and empty the write-ahead log behind it."""
        done, emptied = await self.at_once(self._written, act, *given)
        if not emptied:
            await self.truncate()
        return done

    def _written(
        self,
        db: sqlite3.Connection,
        act: Callable[[sqlite3.Connection, *Given], Answer],
        *given: *Given,
    ) -> tuple[Answer, bool]:
        return self._changed(db, act, *given), empty(db)

    async def truncate(self) -> None:
        """Empty the write-ahead log. A reader in another process can delay that: try again."""
        for pause in (0.01, 0.05, 0.2, 0):
            if await self.at_once(empty):
                return
            await asyncio.sleep(pause)


def place(path: Path) -> Place | None:
    """Which file is at a path, which may have been replaced meanwhile; None where there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


async def connect(path: Path) -> tuple[Connection, Place]:
    """A connection to the file, which is made where there is none, readable by its owner alone."""
    # At DEBUG, aiosqlite would log each statement with the counts in it.
    if logging.getLogger("aiosqlite").level == logging.NOTSET:
        logging.getLogger("aiosqlite").setLevel(logging.INFO)
    # SQLite gives its -wal and -shm files the mode of the database, so it is set at birth.
    opened = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    found = os.fstat(opened)
    os.close(opened)
    made = list[sqlite3.Connection]()

    def make() -> sqlite3.Connection:
        made.append(
            sqlite3.Connection(path, isolation_level=None, timeout=TIMEOUT, check_same_thread=False)
        )
        return made[-1]

    db = Connection(make, 64)
    try:
        await db
        await db.at_once(_set, not found.st_size)
    except BaseException:
        await end(db)
        # aiosqlite loses what it opened while it was cancelled. From 3.13 on, Python warns of that.
        for each in made:
            each.close()
        raise
    return db, (found.st_dev, found.st_ino)


def _set(db: sqlite3.Connection, new: bool) -> None:
    if new:
        # First of all: it is ignored once there are tables. It would write to a damaged file.
        db.execute("pragma auto_vacuum = incremental")
    _log_ahead(db)
    db.execute("pragma synchronous = normal")
    db.execute("pragma secure_delete = on")
    db.execute("pragma temp_store = memory")
    # 16 MB: what a batch touches, or a year of pages, is read once. Two MB are the default.
    db.execute("pragma cache_size = -16000")


def _log_ahead(db: sqlite3.Connection) -> None:
    """Have the file write ahead, waiting for others that are about to: SQLite refuses at once."""
    end = time.monotonic() + TIMEOUT
    while True:
        try:
            db.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)


async def end(db: aiosqlite.Connection) -> None:
    """Close a connection that was given up, and wait for its thread: it may not outlive its loop.

    Where `aiosqlite.connect` is cancelled, its thread goes on alone, and nothing public tells when
    it has ended. Before aiosqlite 0.22 the connection is the thread.
    """
    with contextlib.suppress(sqlite3.Error):  # of a damaged file, or a full disk
        await db.close()
    thread: Any = getattr(db, "_thread", db)
    while thread.is_alive():  # noqa: ASYNC110 - the thread sets no event of ours
        await asyncio.sleep(0.001)


def one(db: sqlite3.Connection, statement: str, values: Iterable[Any] = ()) -> Any:
    """The first column of the first row of an answer; None where there is no row."""
    row = db.execute(statement, tuple(values)).fetchone()
    return row[0] if row else None


@contextmanager
def transaction(db: sqlite3.Connection) -> Generator[None]:
    """All or nothing, and nobody else writes meanwhile."""
    try:
        db.execute("begin immediate")
        yield
        db.execute("commit")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # it was committed, or never begun
            db.execute("rollback")
        raise


@contextmanager
def instant(db: sqlite3.Connection) -> Generator[None]:
    """All that is read within is as it was at one instant, whoever writes meanwhile."""
    db.execute("begin")
    try:
        yield
    finally:
        with contextlib.suppress(sqlite3.Error):  # an error may have ended it
            db.execute("commit")


def empty(db: sqlite3.Connection) -> bool:
    """Empty the write-ahead log; answers whether nobody who reads was in the way."""
    # It would wait for the reader, up to the timeout of the connection, and everybody for it.
    db.execute("pragma busy_timeout = 0")
    try:
        return not one(db, "pragma wal_checkpoint(truncate)")
    finally:
        db.execute(f"pragma busy_timeout = {round(1000 * TIMEOUT)}")
