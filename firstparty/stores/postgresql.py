"""Counts in PostgreSQL, through asyncpg: for an application that runs on several hosts."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from firstparty.counts import Batch, Cell, Cells, Counts, Key, Selection
from firstparty.dimensions import SITE
from firstparty.marks import MOST_MARKS, Mark
from firstparty.metrics import Vector, add
from firstparty.periods import Period
from firstparty.row import OTHER
from firstparty.stores import Shape, StoreError
from firstparty.stores import postgresql_schema as schema
from firstparty.stores.postgresql_address import make_pool, read
from firstparty.stores.postgresql_schema import Row

log: Final = logging.getLogger("firstparty")

CLOSING: Final = 5.0
"""Seconds to wait for the server's goodbye."""
SWEEPING: Final = 600.0
"""Seconds that deleting what is old may take: it reads all counts once a day."""


class PostgreSQLStore:
    """The `Store` protocol over the schema `firstparty` of one database.

    Whoever writes takes its turn, by a lock that ends with the transaction. It costs nothing: every
    batch adds to the site's own total, so that writers would wait for each other at that row. And
    caps are exact, names unique, and a deadlock cannot be.
    """

    def __init__(self, address: str, shape: Shape) -> None:
        self._address = read(address)
        self._shape = shape
        self._pool: asyncpg.Pool | None = None
        self._home: tuple[asyncio.AbstractEventLoop, int] | None = None
        self._inherited = list[asyncpg.Pool]()
        self._ids: dict[tuple[str, str], int] = {}
        self._changes: int | None = None
        self._told: int | None = None

    async def open(self) -> None:
        """Connect, and make the schema or bring it forward. A pool serves one loop of a process."""
        home = asyncio.get_running_loop(), os.getpid()
        if self._pool is not None and self._home == home:
            return
        self._leave()
        pool = make_pool(self._address)
        try:
            self._pool, self._home = await pool, home
            async with self._turn() as db:
                await schema.prepare(db, self._shape)
                others = await self._know(db)
        except BaseException:
            self._pool = None
            pool.terminate()
            raise
        if others:
            log.warning(
                "%s also holds counts of %s, which are not shown for site %s in %s",
                *(self._address, ", ".join(others), self._shape.site, self._shape.timezone),
            )

    async def _know(self, db: PoolConnectionProxy) -> list[str]:
        """Learn the numbers of the site and of the dimensions; answers the other sites."""
        rows = await db.fetch("select name, timezone, id from firstparty.sites order by id")
        sites: dict[tuple[str, str], int] = {(row[0], row[1]): row[2] for row in rows}
        self._site = sites.pop((self._shape.site, self._shape.timezone))
        rows = await db.fetch("select name, id from firstparty.dimensions")
        self._dimensions: dict[str, int] = {SITE: 0, **{row[0]: row[1] for row in rows}}
        self._changes = self._told = None
        return [f"{name} in {zone}" for name, zone in sites]

    def _leave(self) -> None:
        """Give up the pool of another loop, or of the process that this one was forked from."""
        pool, self._pool = self._pool, None
        if pool is None or self._home is None:
            return
        loop, process = self._home
        if process != os.getpid():
            self._inherited.append(pool)  # never closed here: the parent goes on talking over it
        elif not loop.is_closed():
            loop.call_soon_threadsafe(pool.terminate)

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[PoolConnectionProxy]:
        if self._pool is None:
            raise StoreError(f"{self._address} is not open")
        async with self._pool.acquire() as db:
            yield db

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[PoolConnectionProxy]:
        """A transaction that no other one of ours runs beside, from any host."""
        async with self._connection() as db, db.transaction(isolation="read_committed"):
            await db.execute("select pg_advisory_xact_lock($1)", schema.TURN)
            yield db

    async def write(self, batch: Batch) -> None:
        """Add a batch and its mark in one transaction."""
        try:
            async with self._turn() as db:
                found = await db.fetchrow(
                    "select (select seq from firstparty.batches where writer = $1), number"
                    " from firstparty.changes",
                    batch.writer,
                )
                seq, changes = found or (None, None)
                if seq is not None and seq >= batch.seq:
                    return
                await self._learn(db, changes)
                await self._name(db, batch.counts)
                rows = await self._with_room(db, self._rows(batch.counts))
                if rows:
                    await db.execute(schema.UPSERT, self._site, *schema.columns(rows.items()))
                await db.execute(
                    "insert into firstparty.batches values ($1, $2, $3) on conflict (writer)"
                    " do update set seq = excluded.seq, day = excluded.day",
                    *(batch.writer, batch.seq, schema.day_of(batch.counts)),
                )
        except BaseException:
            self._changes = None  # names that were added may not be there
            raise

    async def _learn(self, db: PoolConnectionProxy, changes: int | None) -> None:
        """The ids of names, where any process has added or deleted one since we last looked."""
        if changes is not None and changes == self._changes:
            return
        rows = await db.fetch(
            "select dimensions.name, names.name, names.id from firstparty.names"
            " join firstparty.dimensions on dimensions.id = names.dimension where site = $1",
            self._site,
        )
        self._ids = {(row[0], row[1]): row[2] for row in rows}
        self._changes = changes

    def _uses(self, key: Key) -> list[tuple[str, str]]:
        """The names that a key is made of, each with its vocabulary."""
        uses = [(self._shape.vocabularies[key.dimension], key.value)] if key.dimension else []
        return [*uses, (self._shape.places[key.dimension], key.path)] if key.path else uses

    async def _name(self, db: PoolConnectionProxy, counts: Counts) -> None:
        """Write the names that are new, as far as their caps allow."""
        new = {use for key in counts for use in self._uses(key) if use not in self._ids}
        if not new:
            return
        taken = defaultdict[str, int](int)
        for vocabulary, _ in self._ids:
            taken[vocabulary] += 1
        used = set(self._ids.values())
        added = dict[tuple[str, str], int]()
        for vocabulary, name in sorted({*new, *((vocabulary, OTHER) for vocabulary, _ in new)}):
            if (vocabulary, name) in self._ids or not schema.storable(name):
                continue
            if name.startswith("(") or taken[vocabulary] < self._shape.names[vocabulary]:
                taken[vocabulary] += 1
                while (id_ := 1 + secrets.randbelow(schema.MOST_IDS)) in used:
                    pass
                used.add(id_)
                added[vocabulary, name] = id_
        if added:
            await db.execute(
                "insert into firstparty.names (site, id, dimension, name)"
                " select $1, * from unnest($2::integer[], $3::smallint[], $4::text[])",
                self._site,
                list(added.values()),
                [self._dimensions[vocabulary] for vocabulary, _ in added],
                [name for _, name in added],
            )
            self._changes = await self._change(db)
            self._ids |= added

    async def _change(self, db: PoolConnectionProxy) -> int:
        """Tell every process that names have come or gone.

        By a number drawn anew, not the next one: a server that took over may lack the last ones,
        and would give them out once more.
        """
        number = 1 + secrets.randbelow(2**63 - 1)
        await db.execute("update firstparty.changes set number = $1", number)
        return number

    def _id(self, vocabulary: str, name: str) -> int:
        return self._ids.get((vocabulary, name)) or self._ids[vocabulary, OTHER]

    def _rows(self, counts: Counts) -> dict[Row, Vector]:
        """Counts as rows. Several names may have become `(other)`, and one row."""
        shape = self._shape
        rows = dict[Row, Vector]()
        for key, vector in counts.items():
            row = (
                schema.CODES[key.period],
                self._dimensions[key.dimension],
                key.at,
                self._id(shape.places[key.dimension], key.path) if key.path else 0,
                self._id(shape.vocabularies[key.dimension], key.value) if key.dimension else 0,
            )
            rows[row] = add(rows[row], vector) if row in rows else vector
        return rows

    async def _with_room(
        self, db: PoolConnectionProxy, rows: dict[Row, Vector]
    ) -> dict[Row, Vector]:
        """The rows without crossed counts of new pairs for which their month has no room."""
        crossed = defaultdict[tuple[int, int], list[Row]](list)
        for row in sorted(rows):
            if row[0] == schema.CROSSED:
                crossed[row[1], row[2]].append(row)
        found = await db.fetch(
            "select dimension, month, number from firstparty.pairs"
            " where site = $1 and month = any($2::integer[])",
            *(self._site, list({month for _, month in crossed})),
        )
        numbers = {(row[0], row[1]): row[2] for row in found}
        caps = {self._dimensions[name]: cap for name, cap in self._shape.pairs.items()}
        for (dimension, month), pairs in crossed.items():
            room = caps[dimension] - numbers.get((dimension, month), 0)
            if len(pairs) <= room:
                continue
            found = await db.fetch(
                "select path, value from firstparty.counts where site = $1 and period = $2"
                " and dimension = $3 and at = $4 and path = any($5::integer[])",
                *(self._site, schema.CROSSED, dimension, month, list({row[3] for row in pairs})),
            )
            there = {(row[0], row[1]) for row in found}
            new = [row for row in pairs if row[3:] not in there]
            for row in new[max(room, 0) :]:
                del rows[row]
        return rows

    async def select(self, selection: Selection) -> Cells:
        """Sum counts, in one statement."""
        statement, values = schema.question(selection, self._shape)
        dimension = self._dimensions[selection.dimension]
        async with self._connection() as db:
            rows = await db.fetch(statement, self._site, dimension, *values)
        # Without groups there is one row always: of nulls, where there is nothing to sum.
        return {Cell(*row[:3]): tuple(number or 0 for number in row[4:]) for row in rows if row[3]}

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary, if one has come or gone since the last call."""
        async with self._connection() as db:
            await self._learn(db, await db.fetchval("select number from firstparty.changes"))
        if self._told == self._changes and not again:
            return None
        self._told = self._changes
        names = defaultdict[str, set[str]](set)
        for vocabulary, name in self._ids:
            names[vocabulary].add(name)
        return names

    async def first_day(self) -> int | None:
        """The first day that has a page view."""
        async with self._connection() as db:
            found: int | None = await db.fetchval(schema.FIRST_DAY, self._site)
        return found

    async def mark(self, mark: Mark) -> None:
        """Add a mark, once."""
        values = (self._site, mark.kind, mark.text)
        async with self._connection() as db:
            if await db.fetchval(schema.HAS_MARK, *values):
                return
        async with self._turn() as db:
            await db.execute(schema.ADD_MARK, *values, mark.at, mark.day)
            await db.execute(schema.DROP_MARKS, self._site, MOST_MARKS)

    async def marks(self) -> list[Mark]:
        """The marks, in time."""
        async with self._connection() as db:
            return [Mark(*row) for row in await db.fetch(schema.MARKS, self._site)]

    async def forget(self, before: Mapping[Period, int]) -> None:
        """Delete what is older, and the names that no count has any more.

        The room is given back by the server's own vacuum, in its own time.
        """
        gone = 0
        async with self._turn() as db:
            await db.execute(f"set local statement_timeout = '{SWEEPING:.0f}s'")
            for period, at in before.items():
                code = schema.CODES[period]
                number = await db.fetchval(schema.FORGET, code, at, timeout=SWEEPING)
                gone += number if period in {"day", "month", "crossed"} else 0
            if gone:
                await db.execute("delete from firstparty.pairs where number = 0")
                await db.execute(schema.FORGET_NAMES, timeout=SWEEPING)
                await self._change(db)
            if "day" in before:
                await db.execute("delete from firstparty.batches where day < $1", before["day"])
                await db.execute("delete from firstparty.marks where day < $1", before["day"])

    async def close(self) -> None:
        """Disconnect."""
        if self._home != (asyncio.get_running_loop(), os.getpid()):
            self._leave()
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), CLOSING)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                pool.terminate()
