"""The marks and the links of the PostgreSQL store: tables beside the counts."""

from __future__ import annotations

from typing import Final

from firstparty.links import MOST_LINKS, Link
from firstparty.marks import MOST_MARKS, Mark
from firstparty.stores.postgresql_connections import Db

LINKS_TABLE: Final = """
create table firstparty.links ( -- who else may read the stats page, and until when
    id integer generated always as identity primary key,
    site smallint not null,
    token text collate "C" not null unique, -- random text
    name text collate "C" not null,
    until integer not null -- 20261123
);
"""

SAME: Final = "site = $1 and kind = $2 and text = $3 and (kind = 'release' or day = $4)"
"""Which row is a mark's own, as `Mark.same` says."""


def _same(site: int, mark: Mark) -> tuple[int, str, str, int]:
    return (site, mark.kind, mark.text, mark.day)


async def has_mark(db: Db, site: int, mark: Mark) -> bool:
    """Whether a mark is there, so that a start of one process more need not write."""
    statement = f"select exists (select from firstparty.marks where {SAME})"
    return bool(await db.fetchval(statement, *_same(site, mark)))


async def mark(db: Db, site: int, mark: Mark) -> None:
    """Add a mark, unless another process has; the oldest leaves where there are too many."""
    if await has_mark(db, site, mark):
        return
    await db.execute(
        "insert into firstparty.marks (site, kind, text, at, day) values ($1, $2, $3, $4, $5)",
        *(site, mark.kind, mark.text, mark.at, mark.day),
    )
    await db.execute(
        "delete from firstparty.marks where id in"
        " (select id from firstparty.marks where site = $1 order by at desc, id desc offset $2)",
        *(site, MOST_MARKS),
    )


async def unmark(db: Db, site: int, mark: Mark) -> None:
    """Take a mark away."""
    await db.execute(f"delete from firstparty.marks where {SAME}", *_same(site, mark))


async def marks(db: Db, site: int) -> list[Mark]:
    """The marks of a site, in time."""
    rows = await db.fetch(
        "select kind, text, at, day from firstparty.marks where site = $1 order by at, id", site
    )
    return [Mark(*row) for row in rows]


async def link(db: Db, site: int, link: Link) -> None:
    """Keep a link; the oldest leaves where there are too many."""
    await db.execute(
        "insert into firstparty.links (site, token, name, until) values ($1, $2, $3, $4)"
        " on conflict do nothing",
        *(site, link.token, link.name, link.until),
    )
    await db.execute(
        "delete from firstparty.links where id in"
        " (select id from firstparty.links where site = $1 order by id desc offset $2)",
        *(site, MOST_LINKS),
    )


async def unlink(db: Db, site: int, token: str) -> None:
    """Take a link away."""
    await db.execute("delete from firstparty.links where site = $1 and token = $2", site, token)


async def links(db: Db, site: int) -> list[Link]:
    """The links of a site, in the order in which they were made."""
    rows = await db.fetch(
        "select token, name, until from firstparty.links where site = $1 order by id", site
    )
    return [Link(*row) for row in rows]
