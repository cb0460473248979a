"""The file of the SQLite store: a connection to it, transactions, and its write-ahead log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiosqlite

TIMEOUT: Final = 5.0
"""Seconds to wait for another process that writes."""


Place = tuple[int, int]
"""Which file it is: its device and its number there."""


def place(path: Path) -> Place | None:
    """Which file is at a path, which may have been replaced meanwhile; None where there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


async def connect(path: Path) -> tuple[aiosqlite.Connection, Place]:
    """A connection to the file, which is made where there is none, readable by its owner alone."""
    # At DEBUG, aiosqlite would log each statement with the counts in it.
    if logging.getLogger("aiosqlite").level == logging.NOTSET:
        logging.getLogger("aiosqlite").setLevel(logging.INFO)
    # SQLite gives its -wal and -shm files the mode of the database, so it is set at birth.
    opened = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    found = os.fstat(opened)
    os.close(opened)
    made = list[sqlite3.Connection]()

    def make(*given: Any, **named: Any) -> sqlite3.Connection:
        made.append(sqlite3.Connection(*given, **named))
        return made[-1]

    db = aiosqlite.connect(
        path, isolation_level=None, timeout=TIMEOUT, factory=make, check_same_thread=False
    )
    try:
        await db
        if not found.st_size:
            # First of all: it is ignored once there are tables. It would write to a damaged file.
            await db.execute("pragma auto_vacuum = incremental")
        await db.execute("pragma journal_mode = wal")
        await db.execute("pragma synchronous = normal")
        await db.execute("pragma secure_delete = on")
        await db.execute("pragma temp_store = memory")
        # 16 MB: what a batch touches, or a year of pages, is read once. Two MB are the default.
        await db.execute("pragma cache_size = -16000")
    except BaseException:
        await end(db)
        # aiosqlite loses what it opened while it was cancelled. From 3.13 on, Python warns of that.
        for each in made:
            each.close()
        raise
    return db, (found.st_dev, found.st_ino)


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


async def one(db: aiosqlite.Connection, statement: str, values: Iterable[Any] = ()) -> Any:
    """The first column of the first row of an answer; None where there is no row."""
    async with db.execute(statement, tuple(values)) as cursor:
        row = await cursor.fetchone()
    return row[0] if row else None


@asynccontextmanager
async def transaction(db: aiosqlite.Connection) -> AsyncGenerator[aiosqlite.Connection]:
    """All or nothing, and nobody else writes meanwhile."""
    try:
        # Within: whoever is cancelled here leaves no lock behind.
        await db.execute("begin immediate")
        yield db
        await db.execute("commit")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # it was committed, or never begun
            await db.execute("rollback")
        raise


async def truncate(db: aiosqlite.Connection) -> None:
    """Empty the write-ahead log. A reader in another process can delay that: try again."""
    # It would wait for the reader, up to the timeout of the connection, and everybody for it.
    await one(db, "pragma busy_timeout = 0")
    try:
        for pause in (0.01, 0.05, 0.2, 0):
            if not await one(db, "pragma wal_checkpoint(truncate)"):
                return
            await asyncio.sleep(pause)
    finally:
        await one(db, f"pragma busy_timeout = {round(1000 * TIMEOUT)}")
