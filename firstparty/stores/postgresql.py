"""Counts in PostgreSQL, through asyncpg: for an application that runs on several hosts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from typing import Final

from firstparty.closing import Closing
from firstparty.counts import Batch, Cell, Cells, Key, Selection
from firstparty.imports import HERE, Import
from firstparty.links import Link
from firstparty.marks import Mark
from firstparty.metrics import Vector
from firstparty.periods import Period
from firstparty.stores import (
    Found,
    Shape,
    StoreError,
    postgresql_closings,
    postgresql_counts,
    postgresql_imports,
    postgresql_layout,
    postgresql_marks,
    postgresql_names,
    postgresql_schema,
    postgresql_write,
)
from firstparty.stores.postgresql_address import read
from firstparty.stores.postgresql_connections import SWEEPING, Connections, ServerError
from firstparty.stores.postgresql_names import Names
from firstparty.stores.postgresql_schema import Numbers

NAMES: Final = "firstparty.names"

log: Final = logging.getLogger("firstparty")

NOT_ALLOWED: Final = "42501"
"""The SQLSTATE of what a role may not do."""


class PostgreSQLStore:
    """The `Store` protocol over the schema `firstparty` of one database.

    Whoever writes takes its turn, by a lock that ends with the transaction. It costs nothing: every
    batch adds to the site's own total, so that writers would wait for each other at that row. And
    caps are exact, names unique, and a deadlock cannot be.
    """

    def __init__(self, address: str, shape: Shape) -> None:
        self._connections = Connections(read(address))
        self._shape = shape
        self._numbers = Numbers(0, {}, shape)
        self._names = Names(self._numbers)

    async def open(self) -> None:
        """Connect, and make the schema or bring it forward."""
        if not await self._connections.open():
            return
        try:
            prepare = partial(postgresql_schema.prepare, shape=self._shape)
            self._numbers, others = await self._connections.turn(prepare, within=SWEEPING)
        except BaseException as error:
            self._connections.terminate()
            if isinstance(error, ServerError) and error.state == NOT_ALLOWED:
                raise StoreError(
                    f"{error}: let a role that may make the schema run firstparty migrate, and"
                    " grant this one what docs/how-to/postgresql.md lists"
                ) from None
            raise
        self._names = Names(self._numbers)
        if others:
            log.warning(
                "%s also holds counts of %s, which are not shown for site %s in %s",
                *(self._connections.address, ", ".join(others)),
                *(self._shape.site, self._shape.timezone),
            )

    async def write(self, batch: Batch) -> int:
        """Add a batch and its mark in one transaction."""
        try:
            act = partial(postgresql_write.write, names=self._names, batch=batch)
            return await self._connections.turn(act)
        except BaseException:
            self._names.doubt()
            raise

    async def select(self, selection: Selection) -> Cells:
        """Sum counts, in one statement."""
        async with self._connections.one() as db:
            return await postgresql_counts.select(db, self._numbers, selection)

    async def days(self, origin: str = HERE) -> set[int]:
        """The days of which an origin has a total."""
        async with self._connections.one() as db:
            return await postgresql_imports.days(db, self._numbers.site, origin)

    async def imports(self) -> list[Import]:
        """The imports, in the order in which they began."""
        async with self._connections.one() as db:
            return await postgresql_imports.read(db, self._numbers.site)

    async def begin(self, brought: Import) -> None:
        """Note an import."""
        act = partial(postgresql_imports.begin, site=self._numbers.site, brought=brought)
        await self._connections.turn(act)

    async def finish(self, brought: Import) -> None:
        """Note that an import is done."""
        act = partial(postgresql_imports.finish, site=self._numbers.site, brought=brought)
        await self._connections.turn(act)

    async def undo(self, name: str) -> int:
        """Take an import away, and the names that no other count has."""
        act = partial(postgresql_imports.undo, site=self._numbers.site, name=name)
        gone = await self._connections.turn(act, within=SWEEPING)
        await self._connections.turn(postgresql_names.forget, within=SWEEPING)
        for table in postgresql_layout.TABLES:
            await postgresql_layout.compact(self._connections, table)
        return gone

    async def counts(self, origin: str = HERE) -> AsyncGenerator[tuple[Key, Vector]]:
        """Every count of an origin, in one statement: what is written meanwhile is not in it."""
        async with (
            self._connections.one() as db,
            aclosing(postgresql_counts.every(db, self._numbers.site, origin)) as rows,
        ):
            async for row in rows:
                yield row

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary, if one has come or gone since the last call."""
        async with self._connections.one() as db:
            return await self._names.tell(db, again=again)

    async def first_day(self) -> int | None:
        """The first day that has a page view."""
        return await self._day(postgresql_counts.FIRST_DAY)

    async def oldest(self) -> int | None:
        """The first day that has any count."""
        return await self._day(postgresql_counts.OLDEST)

    async def _day(self, statement: str) -> int | None:
        async with self._connections.one() as db:
            day: int | None = await db.fetchval(statement, self._numbers.site)
        return day

    async def rows(self) -> Mapping[tuple[str, str], int]:
        """How many counts there are of each dimension in each period."""
        async with self._connections.one() as db:
            return await postgresql_counts.numbers(db, self._numbers.site)

    async def writers(self) -> Mapping[str, int]:
        """The last batch of each writer."""
        async with self._connections.one() as db:
            rows = await db.fetch("select writer, seq from firstparty.batches")
        return {row[0]: row[1] for row in rows}

    async def taken(self) -> int:
        """The bytes of all tables and indexes, of every site of the database."""
        async with self._connections.one() as db:
            return int(await db.fetchval(postgresql_counts.TAKEN))

    async def closings(self) -> frozenset[Closing]:
        """What has been closed."""
        async with self._connections.one() as db:
            return await postgresql_closings.read(db, self._numbers.site)

    async def close_off(self, *closings: Closing, small: Collection[Cell] = ()) -> None:
        """Note that something is closed, and delete what goes with it, in one transaction."""
        act = partial(
            postgresql_closings.close_off,
            numbers=self._numbers,
            names=self._names,
            closings=closings,
            small=small,
        )
        await self._connections.turn(act, within=SWEEPING)

    async def mark(self, mark: Mark) -> None:
        """Add a mark, once."""
        site = self._numbers.site
        async with self._connections.one() as db:
            if await postgresql_marks.has_mark(db, site, mark):
                return
        await self._connections.turn(partial(postgresql_marks.mark, site=site, mark=mark))

    async def unmark(self, mark: Mark) -> None:
        """Take a mark away."""
        act = partial(postgresql_marks.unmark, site=self._numbers.site, mark=mark)
        await self._connections.turn(act)

    async def marks(self) -> list[Mark]:
        """The marks, in time."""
        async with self._connections.one() as db:
            return await postgresql_marks.marks(db, self._numbers.site)

    async def link(self, link: Link) -> None:
        """Keep a link."""
        act = partial(postgresql_marks.link, site=self._numbers.site, link=link)
        await self._connections.turn(act)

    async def unlink(self, token: str) -> None:
        """Take a link away."""
        act = partial(postgresql_marks.unlink, site=self._numbers.site, token=token)
        await self._connections.turn(act)

    async def links(self) -> list[Link]:
        """The links, in the order in which they were made."""
        async with self._connections.one() as db:
            return await postgresql_marks.links(db, self._numbers.site)

    async def strike(self, vocabulary: str, names: Set[str]) -> int:
        """Move the counts of names to `(unlisted)`, and write the table of names anew without them.

        The write-ahead log and copies made of it keep a text for as long as the server keeps them.
        """
        try:
            act = partial(self._names.strike, vocabulary=vocabulary, names=names)
            moved = await self._connections.turn(act, within=SWEEPING)
        except BaseException:
            self._names.doubt()
            raise
        # Also where nothing moved: a text may be left of an interrupted time.
        if not await postgresql_layout.compact(self._connections, NAMES, patience="30s"):
            log.warning(
                "what was forgotten is still in the files of %s: have the table's owner run"
                " vacuum full %s while nothing reads it",
                *(NAMES, NAMES),
            )
        return moved

    async def block(self, vocabulary: str, pattern: str) -> None:
        """Keep a pattern, once."""
        act = partial(
            postgresql_names.block, numbers=self._numbers, vocabulary=vocabulary, pattern=pattern
        )
        await self._connections.turn(act)

    async def allow(self, vocabulary: str, pattern: str) -> None:
        """Drop a pattern."""
        act = partial(
            postgresql_names.allow, numbers=self._numbers, vocabulary=vocabulary, pattern=pattern
        )
        await self._connections.turn(act)

    async def blocks(self) -> Mapping[str, set[str]]:
        """The patterns by vocabulary."""
        async with self._connections.one() as db:
            return await postgresql_names.blocks(db, self._numbers.site)

    async def forget(self, before: Mapping[Period, int]) -> None:
        """Delete what is older, and the names that no count has any more.

        A step at a time, so that others have their turn; whoever comes after an end too soon goes
        on where it was. How long the server keeps what is deleted: docs/how-to/postgresql.md.
        """
        gone = 0
        for period, at in before.items():
            step = partial(postgresql_counts.forget, period=period, before=at)
            number = postgresql_counts.STEP
            while number >= postgresql_counts.STEP:
                number = await self._connections.turn(step)
                gone += number if period in {"day", "month", "crossed"} else 0
        if "day" in before:
            sweep = partial(
                postgresql_closings.forget, day=before["day"], month=before.get("month", 0)
            )
            await self._connections.turn(sweep, within=SWEEPING)
            # Closing deletes counts too: their names go with the next of these.
            gone += 1
        if gone and await self._connections.turn(postgresql_names.forget, within=SWEEPING):
            await postgresql_layout.compact(self._connections, NAMES)
        await postgresql_layout.lay(self._connections, before)

    async def close(self) -> None:
        """Disconnect."""
        await self._connections.close()


def look(address: str) -> Found | None:
    """The sites and the dimensions of a database; None where no schema of ours is there."""
    # In a thread of its own, as whoever asks may be in a loop.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _look(address)).result()


async def _look(address: str) -> Found | None:
    connections = Connections(read(address))
    await connections.open()
    try:
        async with connections.one() as db:
            return await postgresql_schema.look(db)
    finally:
        await connections.close()
