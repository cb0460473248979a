"""The links of the SQLite store: a table beside the counts."""

from __future__ import annotations

from typing import Final

import aiosqlite

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


async def add(db: aiosqlite.Connection, site: int, link: Link) -> None:
    """Keep a link; the oldest leaves where there are too many."""
    await db.execute(
        "insert or ignore into links (site, token, name, until) values (?, ?, ?, ?)",
        (site, link.token, link.name, link.until),
    )
    await db.execute(
        "delete from links where site = ? and id not in"
        " (select id from links where site = ? order by id desc limit ?)",
        (site, site, MOST_LINKS),
    )


async def remove(db: aiosqlite.Connection, site: int, token: str) -> None:
    """Take a link away."""
    await db.execute("delete from links where site = ? and token = ?", (site, token))


async def read(db: aiosqlite.Connection, site: int) -> list[Link]:
    """The links of a site, in the order in which they were made."""
    statement = "select token, name, until from links where site = ? order by id"
    async with db.execute(statement, (site,)) as cursor:
        return [Link(*row) async for row in cursor]
