"""What is wrong with the file of the SQLite store, as a sentence that says what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from firstparty.stores import StoreError
from firstparty.stores.sqlite_file import TIMEOUT

_RIGHTS: Final = "the user that runs the program needs to read and write it, and its folder"
_HELD: Final = (
    f"another program has held {{path}} for more than {TIMEOUT:.0f} seconds: end it, or wait for it"
    " (an open sqlite3 shell, a copy, a migration)"
)
_DAMAGED: Final = (
    "{path} is damaged, or is no SQLite database ({error}): stop the program and put a backup in"
    " its place, as docs/how-to/backup.md says. Nothing has been deleted from it"
)

SENTENCES: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: _HELD,
    sqlite3.SQLITE_LOCKED: _HELD,
    sqlite3.SQLITE_FULL: "the disk of {path} is full: make room",
    sqlite3.SQLITE_READONLY: f"{{path}} can only be read ({{error}}): {_RIGHTS}",
    sqlite3.SQLITE_PERM: f"{{path}} may not be used ({{error}}): {_RIGHTS}",
    sqlite3.SQLITE_CANTOPEN: f"{{path}} cannot be opened ({{error}}): {_RIGHTS}",
    sqlite3.SQLITE_IOERR: "the disk of {path} cannot be read or written ({error}): look at the"
    " disk, its quota and the limits of the process",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
"""By the primary result code: https://www.sqlite.org/rescode.html"""


def code(error: Exception) -> int:
    """The primary result code of an error of SQLite's; 0 of another."""
    found: int = getattr(error, "sqlite_errorcode", 0)
    return found & 0xFF


def held(error: Exception) -> bool:
    """Whether it is only another process that holds the file, so that the connection is good."""
    return code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def sentence(error: Exception, path: Path) -> StoreError:
    """What is wrong, and what to do."""
    if isinstance(error, OSError):
        return StoreError(f"{path} cannot be opened ({error.strerror or error}): {_RIGHTS}")
    found = SENTENCES.get(code(error), "{path} cannot be used: {error}")
    return StoreError(found.format(path=path, error=error))
