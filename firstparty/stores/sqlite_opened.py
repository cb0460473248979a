"""The file that a SQLite store has open: found anew if replaced, given up where it fails."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from firstparty import forks
from firstparty.stores import StoreError, sqlite_file
from firstparty.stores import sqlite_troubles as troubles
from firstparty.stores.sqlite_file import Connection, Place

log: Final = logging.getLogger("firstparty")

DELETED: Final = (
    "%s was deleted while the program ran: it is made anew, and the counts that were in it are gone"
)
REPLACED: Final = (
    "%s was replaced while the program ran: counts go on in the file that is there now"
)


class OpenFile:
    """One file, and the connection to it while there is one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: Connection | None = None
        self._place: Place | None = None
        self._pid = 0
        self._was = ""  # what became of the file that was open, until that is told

    @asynccontextmanager
    async def using(self) -> AsyncGenerator[Connection]:
        """The connection. What SQLite says is wrong becomes a sentence, and the connection ends."""
        if self._db is None:
            raise StoreError(f"{self._path} is not open")
        try:
            yield self._db
        except (sqlite3.Error, OSError) as error:
            if not troubles.held(error):
                db, self._db = self._db, None
                await sqlite_file.end(db)
            raise troubles.sentence(error, self._path) from error

    async def open(self, prepare: Callable[[Connection], Awaitable[None]]) -> None:
        """Open the file, unless it is open and the one that was opened; `prepare` what is new."""
        try:
            await self._open(prepare)
        except (sqlite3.Error, OSError) as error:
            raise troubles.sentence(error, self._path) from error

    async def _open(self, prepare: Callable[[Connection], Awaitable[None]]) -> None:
        if self._db is not None and self._pid != os.getpid():
            # SQLite's connections may not be used, nor closed, on the other side of a fork.
            forks.keep(self._db)
            self._db = None
        if self._db is not None:
            there = sqlite_file.place(self._path)
            if there == self._place:
                return
            self._was = REPLACED if there else DELETED
            db, self._db = self._db, None
            await sqlite_file.end(db)
        if not self._path.parent.is_dir():
            raise StoreError(f"the folder {self._path.parent} does not exist: make it first")
        db, self._place = await sqlite_file.connect(self._path)
        try:
            await prepare(db)
        except BaseException:
            await sqlite_file.end(db)
            raise
        self._db, self._pid = db, os.getpid()
        if self._was:
            log.warning(self._was, self._path)
            self._was = ""

    def elsewhere(self) -> bool:
        """Whether what is open is not what is at the path."""
        return sqlite_file.place(self._path) != self._place

    async def close(self, last: Callable[[Connection], Awaitable[None]] | None) -> None:
        """Close it, if it is open; before, do what is `last`, unless the process was forked."""
        if self._db is not None:
            db, self._db = self._db, None
            with contextlib.suppress(sqlite3.Error):  # of a damaged file, or a full disk
                if last is not None and self._pid == os.getpid():
                    await last(db)
            with contextlib.suppress(sqlite3.Error):
                await db.close()
