"""Brings the file of the SQLite store to the schema of today, and makes the site known in it."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Final

from firstparty.metrics import COUNTED
from firstparty.stores import Shape, StoreError, sqlite_copy
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one, transaction
from firstparty.stores.sqlite_names import Names

log: Final = logging.getLogger("firstparty")


COLUMNS: Final = (
    *(("counts", name, 0) for name in COUNTED),  # the table before schema 5
    *((table, name, 0) for table, names in schema.TABLES.items() for name in names),
    # Early files of schema 3 and 4 were without: nobody could set a smaller `min_count` than 10.
    ("closings", "least", 10),
)
"""What may be missing in a file of the right version, with what was true where it is."""


def migrate(db: sqlite3.Connection, path: Path, shape: Shape) -> Names:
    """Make or bring forward the schema, all of it or nothing; answers the names of the site."""
    version = one(db, "pragma user_version")
    tables = one(db, "select count(*) from sqlite_master")
    if tables and one(db, "pragma application_id") != schema.APPLICATION_ID:
        raise StoreError(f"{path} is a database of another program: name another file")
    if version > schema.VERSION:
        raise StoreError(
            f"{path} was written by a newer firstparty (schema {version}, this one knows"
            f" {schema.VERSION}): upgrade the package"
        )
    with transaction(db):
        _step(db, path)
        site = _introduce(db, shape)
        cursor = db.execute("select name, timezone from sites where id != ?", (site,))
        others = [f"{name} in {zone}" for name, zone in cursor]
        cursor = db.execute("select name, id from dimensions")
        dimensions = {row[0]: row[1] for row in cursor}
    if others:
        log.warning(
            "%s also holds counts of %s, which are not shown for site %s in %s",
            *(path, ", ".join(others), shape.site, shape.timezone),
        )
    return Names(shape, site, dimensions)


def _step(db: sqlite3.Connection, path: Path) -> None:
    # Another process may have been first: look again, now that we hold the lock.
    tables = one(db, "select count(*) from sqlite_master")
    version = one(db, "pragma user_version") if tables else 0
    if version < schema.VERSION:
        if tables:
            sqlite_copy.before(path, version, schema.VERSION)
        for step in range(version, schema.VERSION):
            _columns(db)
            for statement in schema.statements(step):
                db.execute(statement)
        db.execute(f"pragma application_id = {schema.APPLICATION_ID}")
        db.execute(f"pragma user_version = {schema.VERSION}")
    _columns(db)
    if not {("counts", name) for name in COUNTED} <= _found(db, "view"):
        db.execute("drop view if exists counts")
        db.execute(schema.VIEW)


def _columns(db: sqlite3.Connection) -> None:
    """Add the columns that tables are without."""
    found = _found(db, "table")
    tables = {table for table, _ in found}
    for table, column, default in COLUMNS:
        if table in tables and (table, column) not in found:
            db.execute(
                f"alter table {table} add column {column} integer not null default {default}"
            )


def _found(db: sqlite3.Connection, kind: str) -> set[tuple[str, str]]:
    """The columns of all tables, or views, each after its table."""
    cursor = db.execute(
        "select made.name, info.name from sqlite_master made"
        " cross join pragma_table_info(made.name) info where made.type = ?",
        (kind,),
    )
    return {(row[0], row[1]) for row in cursor}


def _introduce(db: sqlite3.Connection, shape: Shape) -> int:
    """Add the site and its dimensions, where they are new; answers the number of the site."""
    db.execute(
        "insert or ignore into sites (name, timezone) values (?, ?)", (shape.site, shape.timezone)
    )
    db.executemany(
        "insert or ignore into dimensions (name) values (?)", [(name,) for name in shape.pairs]
    )
    site: int = one(
        db, "select id from sites where name = ? and timezone = ?", (shape.site, shape.timezone)
    )
    return site
