"""Connections of a process to PostgreSQL: who may use them, and what is said when one fails."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from firstparty.stores import StoreError
from firstparty.stores.postgresql_address import FAILURES, Address, make_pool

Db = PoolConnectionProxy
T = TypeVar("T")

TURN: Final = 0x66707274
"""`fprt`, the key of the advisory lock that whoever writes holds until its transaction ends."""
AGAIN: Final = {"40001", "40P01"}
"""SQLSTATEs after which a transaction is begun anew: it could not be put in order with others, or
was chosen to end a deadlock. Ours take turns; somebody else's statement may be in the way."""
PAUSES: Final = (0.02, 0.1, 0.5)
"""Seconds before each new beginning."""
CLOSING: Final = 5.0
"""Seconds to wait for the server's goodbye."""
SWEEPING: Final = 600.0
"""Seconds that what reads or deletes all counts may take."""

PLAIN: Final = {"08", "25", "28", "3D", "40", "42", "53", "54", "55", "57", "58"}
"""Classes of SQLSTATE whose messages name objects of the schema and causes, and no values: of the
connection, transaction, login, database, rights, resources, and what the operator or system did."""


class ServerError(StoreError):
    """What the server would not do, with its SQLSTATE."""

    def __init__(self, text: str, state: str) -> None:
        super().__init__(text)
        self.state = state


def told(error: Exception) -> StoreError:
    """An error as it may be logged.

    Details, and messages about values, may quote a name that a visitor brought: of those only the
    type and the SQLSTATE are told.
    """
    name = type(error).__name__
    if not isinstance(error, asyncpg.PostgresError):
        return StoreError(name)  # of asyncpg: it quotes the argument that it cannot send
    state = str(error.sqlstate or "")
    said = f": {error.args[0]}" if state[:2] in PLAIN and error.args else ""
    return ServerError(f"{name} ({state}){said}", state)


class Connections:
    """A pool that serves one loop of one process: another one gets a pool of its own."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._pool: asyncpg.Pool | None = None
        self._home: tuple[asyncio.AbstractEventLoop, int] | None = None
        self._inherited = list[asyncpg.Pool]()

    async def open(self) -> bool:
        """Make a pool, unless there is one for this loop and process; whether one was made."""
        home = asyncio.get_running_loop(), os.getpid()
        if self._pool is not None and self._home == home:
            return False
        self._leave()
        self._pool, self._home = await make_pool(self.address), home
        return True

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

    def terminate(self) -> None:
        """Give up every connection at once."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def close(self) -> None:
        """Say goodbye on every connection."""
        if self._home != (asyncio.get_running_loop(), os.getpid()):
            self._leave()
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), CLOSING)
            except FAILURES:  # TimeoutError among them
                pool.terminate()

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[Db]:
        """One connection, for statements that may run beside anybody's."""
        if self._pool is None:
            raise StoreError(f"{self.address} is not open")
        try:
            async with self._pool.acquire() as db:
                yield db
        except OSError:
            raise
        except FAILURES as error:
            raise told(error) from None

    async def turn(self, act: Callable[[Db], Awaitable[T]], *, within: float | None = None) -> T:
        """Do something in a transaction that no other one of ours runs beside, from any host.

        `within` are the seconds that a statement may take, where that is more than usual. Where the
        server asks for it, all is done once more.
        """
        for pause in (*PAUSES, None):
            try:
                async with self.one() as db, db.transaction(isolation="read_committed"):
                    await db.execute("select pg_advisory_xact_lock($1)", TURN)
                    if within is not None:
                        await allow(db, within)
                    return await act(db)
            except ServerError as error:
                if error.state not in AGAIN or pause is None:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError  # the last pass returns or raises

    async def vacuum(self, table: str) -> None:
        """Have the server give back the room of deleted rows. Only the table's owner can."""
        async with self.one() as db:
            await db.execute(f"set statement_timeout = '{SWEEPING:.0f}s'")
            try:
                await db.execute(f"vacuum {table}", timeout=SWEEPING)
            finally:
                await db.execute("reset statement_timeout")


async def allow(db: Db, seconds: float) -> None:
    """Let the statements of this transaction take so long."""
    await db.execute(f"set local statement_timeout = '{seconds:.0f}s'")
