"""The links of the SQLite store: a table beside the counts."""

from __future__ import annotations

import sqlite3
from typing import Final

from firstparty.links import MOST_LINKS, Link

TABLE: Final = """
create table links ( -- who else may read the stats page, and until when
    id integer primary key,
    site integer not null,
    token text not null unique, -- random text
    name text not null,
    until integer not null -- 20261123
);
"""


def add(db: sqlite3.Connection, site: int, link: Link) -> None:
    """Keep a link; the oldest leaves where there are too many."""
    db.execute(
        "insert or ignore into links (site, token, name, until) values (?, ?, ?, ?)",
        (site, link.token, link.name, link.until),
    )
    db.execute(
        "delete from links where site = ? and id not in"
        " (select id from links where site = ? order by id desc limit ?)",
        (site, site, MOST_LINKS),
    )


def remove(db: sqlite3.Connection, site: int, token: str) -> None:
    """Take a link away."""
    db.execute("delete from links where site = ? and token = ?", (site, token))


def read(db: sqlite3.Connection, site: int) -> list[Link]:
    """The links of a site, in the order in which they were made."""
    statement = "select token, name, until from links where site = ? order by id"
    cursor = db.execute(statement, (site,))
    return [Link(*row) for row in cursor]
