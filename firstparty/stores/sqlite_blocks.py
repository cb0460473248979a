"""The patterns that the owner has blocked, in the SQLite store: a table beside the counts."""

from __future__ import annotations

import sqlite3
from typing import Final

from firstparty.blocks import MOST_BLOCKS
from firstparty.stores import StoreError
from firstparty.stores.sqlite_file import one

TABLE: Final = """
create table blocked ( -- patterns that the owner has typed: what they take is never written
    site integer not null,
    dimension integer not null,
    pattern text not null,
    primary key (site, dimension, pattern)
) without rowid;
"""


def add(db: sqlite3.Connection, site: int, dimension: int, pattern: str) -> None:
    """Add a pattern, once. Raises StoreError where there are too many."""
    db.execute(
        "insert into blocked values (?, ?, ?) on conflict do nothing", (site, dimension, pattern)
    )
    if one(db, "select count(*) from blocked where site = ?", (site,)) > MOST_BLOCKS:
        raise StoreError(f"more than {MOST_BLOCKS} patterns are blocked: allow one first")
    db.execute("update changes set number = number + 1")


def drop(db: sqlite3.Connection, site: int, dimension: int, pattern: str) -> None:
    """Drop a pattern."""
    db.execute(
        "delete from blocked where site = ? and dimension = ? and pattern = ?",
        (site, dimension, pattern),
    )
    db.execute("update changes set number = number + 1")


def read(db: sqlite3.Connection, site: int) -> list[tuple[str, str]]:
    """The patterns of a site, each after its vocabulary."""
    cursor = db.execute(
        "select name, pattern from blocked join dimensions on dimensions.id = blocked.dimension"
        " where site = ?",
        (site,),
    )
    return [(row[0], row[1]) for row in cursor]
