"""Brings the file of the SQLite store to the schema of today, and makes the site known in it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import aiosqlite

from firstparty.metrics import COUNTED
from firstparty.stores import Shape, StoreError
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one, transaction
from firstparty.stores.sqlite_names import Names

log: Final = logging.getLogger("firstparty")


async def migrate(db: aiosqlite.Connection, path: Path, shape: Shape) -> Names:
    """Make or bring forward the schema, all of it or nothing; answers the names of the site."""
    version = await one(db, "pragma user_version")
    tables = await one(db, "select count(*) from sqlite_master")
    if tables and await one(db, "pragma application_id") != schema.APPLICATION_ID:
        raise StoreError(f"{path} is a database of another program: name another file")
    if version > schema.VERSION:
        raise StoreError(
            f"{path} was written by a newer firstparty (schema {version}, this one knows"
            f" {schema.VERSION}): upgrade the package"
        )
    async with transaction(db):
        await _step(db)
        site = await _introduce(db, shape)
        async with db.execute("select name, timezone from sites where id != ?", (site,)) as cursor:
            others = [f"{name} in {zone}" async for name, zone in cursor]
        async with db.execute("select name, id from dimensions") as cursor:
            dimensions = {row[0]: row[1] async for row in cursor}
    if others:
        log.warning(
            "%s also holds counts of %s, which are not shown for site %s in %s",
            *(path, ", ".join(others), shape.site, shape.timezone),
        )
    return Names(shape, site, dimensions)


async def _step(db: aiosqlite.Connection) -> None:
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
            await db.execute(f"alter table counts add column {name} integer not null default 0")


async def _introduce(db: aiosqlite.Connection, shape: Shape) -> int:
    """Add the site and its dimensions, where they are new; answers the number of the site."""
    await db.execute(
        "insert or ignore into sites (name, timezone) values (?, ?)", (shape.site, shape.timezone)
    )
    await db.executemany(
        "insert or ignore into dimensions (name) values (?)", [(name,) for name in shape.pairs]
    )
    site: int = await one(
        db, "select id from sites where name = ? and timezone = ?", (shape.site, shape.timezone)
    )
    return site
