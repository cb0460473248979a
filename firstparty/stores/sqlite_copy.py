"""Copies of the file of the SQLite store: as a backup, and before a migration."""

from __future__ import annotations

import contextlib
import glob
import logging
import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from firstparty.periods import KEPT_HOURS_DAYS, Period
from firstparty.stores import StoreError, sqlite_slots
from firstparty.stores.sqlite_schema import CODES, SLOTS_SINCE

log: Final = logging.getLogger("firstparty")

ROOM: Final = 4
"""How many times the file's size has to be free: the copy takes as much, and what rewrites all
counts takes two times as much for a while (schema 5: 3.1 in all)."""


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at one instant, without the counts by the minute.

    Those are kept for an hour, and a copy would keep them. Writers do not wait for it. The source
    is opened for writing only so that its log is cleared away, should nobody else have it open.
    Raises StoreError where the copy is damaged.
    """
    uri = f"{source.absolute().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(uri, uri=True)) as old,
        closing(sqlite3.connect(target, isolation_level=None)) as new,
    ):
        old.backup(new)
        new.execute("pragma journal_mode = delete")
        _delete(new, "period = ?", (CODES["minute"],))
        new.execute("vacuum")
        (good,) = new.execute("pragma integrity_check").fetchone()
        if good != "ok":
            raise StoreError(f"the copy of {source} is damaged ({good}): so is the database")


def before(path: Path, old: int, new: int) -> None:
    """Keep the database as it is before a migration, beside it, readable by its owner alone.

    Nobody else may write to it meanwhile. Raises StoreError where there is no room.
    """
    target = path.with_name(f"{path.name}.before-{new}")
    if target.exists() and target.stat().st_mtime > path.stat().st_mtime:
        return  # of an attempt that was cut off
    part = target.with_name(f"{target.name}.part")
    try:
        size, room = path.stat().st_size, shutil.disk_usage(path.parent).free
        if room < ROOM * size:
            raise OSError(f"{room:,} bytes are free")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        copy(path, part)
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        for each in (part, part.with_name(f"{part.name}-journal")):
            with contextlib.suppress(OSError):
                each.unlink(missing_ok=True)
        raise StoreError(
            f"{path} has to be brought from schema {old} to {new}, and no copy of it as it is could"
            f" be made before ({error}): make room for {ROOM * path.stat().st_size:,} bytes beside"
            " it. Nothing has been changed"
        ) from error
    log.warning(
        "%s is brought from schema %d to %d; as it was it is kept in %s, for %d days",
        *(path, old, new, target, KEPT_HOURS_DAYS),
    )


def copies(path: Path) -> list[Path]:
    """What has been kept before migrations, unfinished ones included."""
    return sorted(path.parent.glob(f"{glob.escape(path.name)}.before-*"))


def drop(path: Path) -> None:
    """Delete these copies, as they may have what is to be nowhere."""
    for each in copies(path):
        each.unlink(missing_ok=True)
        log.warning("%s is deleted: it was from before what is forgotten now", each)


def forget(path: Path, older: Mapping[Period, int]) -> None:
    """Have these copies forget what the database forgets; after 35 days they go themselves."""
    for each in copies(path):
        made = each.stat()
        if made.st_mtime < 60 * older.get("hour", 0):
            each.unlink(missing_ok=True)
            log.warning("%s is deleted, %d days after it was made", each, KEPT_HOURS_DAYS)
        elif each.suffix != ".part":
            try:
                _forget(each, older)
                os.utime(each, ns=(made.st_atime_ns, made.st_mtime_ns))
            except sqlite3.Error as error:
                each.unlink(missing_ok=True)
                log.warning("%s is deleted: what is old cannot be deleted from it: %s", each, error)


def _delete(db: sqlite3.Connection, where: str, values: tuple[int, ...]) -> int:
    """Delete counts from a file of any schema; answers how many."""
    (version,) = db.execute("pragma user_version").fetchone()
    if version < SLOTS_SINCE:
        return db.execute(f"delete from counts where {where}", values).rowcount
    return sum(db.execute(each, values).rowcount for each in sqlite_slots.deletes(where))


def _forget(path: Path, older: Mapping[Period, int]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("pragma secure_delete = on")
        gone = 0
        for period, at in older.items():
            gone += _delete(db, "period = ? and at < ?", (CODES[period], at))
        if gone:
            db.execute(
                "delete from names where (site, id) not in"
                " (select site, value from counts union select site, path from counts)"
            )
            db.execute("vacuum")
