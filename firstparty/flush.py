"""Moves counts from memory to the store, again and again, and has the store forget in time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from datetime import date
from typing import Final

from firstparty import forks
from firstparty.accumulate import Accumulator
from firstparty.closing import Closed
from firstparty.counts import Batch, Cells, Counts, Read, Selection, select, total
from firstparty.inbox import Inbox
from firstparty.marks import Mark
from firstparty.outage import Outage
from firstparty.periods import Calendar
from firstparty.releases import Releases
from firstparty.stores import Store, StoreError
from firstparty.sweep import Sweeper
from firstparty.waiters import Waiters
from firstparty.waiting import both

log: Final = logging.getLogger("firstparty")


TOGETHER: Final = 0.05
"""Seconds for which whoever waits for the disk waits for others to share a write."""

UNWRITABLE: Final = (ValueError, TypeError, ArithmeticError, LookupError)
"""What a store raises where the fault is in the batch, and not in the store."""
TRIES: Final = 3
"""How often such a batch is tried."""


class Flusher:
    """One task for each process: takes what waits, as one frozen batch, and writes it.

    A batch that cannot be written is tried again as it is, so that no count is added twice; what
    comes meanwhile waits in the accumulator's bounded memory. No page view waits for any of this.
    """

    def __init__(
        self,
        accumulator: Accumulator,
        store: Store,
        calendar: Calendar,
        interval: float,
        *,
        forget_names: Callable[[], None],
        close_off: Callable[[date], Awaitable[Closed]],
        release: Callable[[], str | None] = lambda: None,
        sends: Callable[[Batch], None] = lambda batch: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.outage = Outage(clock, lambda: self.lost)
        """Whether the store can be used."""
        self.idle = True
        """Whether no task is running, and `run` has to be called before anything is written."""
        self.last_flush: float | None = None
        """When a batch was last written, in seconds since 1970."""
        self.late = 0
        """How many counts, since the start, were for a day or month that had closed."""
        self._accumulator = accumulator
        self._store = store
        self._interval = interval
        self._sweeper = Sweeper(
            accumulator, store, calendar, forget_names=forget_names, close_off=close_off
        )
        self._releases = Releases(store, calendar, release, clock)
        self._sends = sends
        """Is told of each batch before each time that it is sent."""
        self._clock = clock
        self._pending: Batch | None = None
        self._tries = 0
        self._dropped = 0
        self._writer, self._seq = "", 0
        self._waiters = Waiters()
        self._inbox = Inbox(lambda: self.loop)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake, self._stopping = asyncio.Event(), False
        self._lock = asyncio.Lock()
        forks.tell(self)

    def forked(self) -> None:
        """This is another process now: what waits is its parent's to write, and to name."""
        forks.keep(self._task, self._loop)
        self._loop = self._task = self._pending = None
        self._writer, self._seq, self._tries = "", 0, 0
        self._inbox, self._waiters = Inbox(lambda: self.loop), Waiters()
        self.idle = True
        self._accumulator.clear()

    @property
    def state(self) -> str:
        """`starting`, `ok`, or `away` while the store cannot be used."""
        return self.outage.state

    @property
    def detail(self) -> str | None:
        """Why the store is away."""
        return self.outage.detail

    @property
    def lost(self) -> int:
        """How many counts, since the start, found no room or could not be written at all."""
        return self._accumulator.lost + self._dropped

    @property
    def closed(self) -> Closed:
        """The days and months that are closed, as this process knows."""
        return self._sweeper.closed

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop that the task runs in, if it does."""
        loop = self._loop
        return None if self.idle or loop is None or loop.is_closed() else loop

    @property
    def last_batch(self) -> int:
        """The number of the batch that what was counted last is, or will be, part of."""
        return self._seq + 1 if self._accumulator.counting else self._seq

    @property
    def unflushed(self) -> int:
        """How many counts this process holds that the store does not have yet."""
        return self._accumulator.waiting + (len(self._pending.counts) if self._pending else 0)

    def waiting(self) -> Counts:
        """The counts that this process holds and the store does not have yet."""
        counts = self._accumulator.counts()
        return total([self._pending.counts, counts]) if self._pending else counts

    def run(self) -> None:
        """Make sure that the task runs in the running loop. Cheap when it does."""
        loop = asyncio.get_running_loop()
        if loop is self._loop and self._task is not None and not self._task.done():
            return
        with self._inbox.lock:  # whoever counts without a loop ends first
            self._loop = loop
            self._wake, self._lock, self._stopping = asyncio.Event(), asyncio.Lock(), False
            # Drawn after any fork, so that no two processes write under one name.
            self._writer = self._writer or secrets.token_hex(8)
            self._releases.begin()
            self._task = loop.create_task(self._work(), name="firstparty flush")
            self.idle = False

    async def start(self) -> None:
        """Begin, and wait until the store has been opened once, or could not be."""
        self.run()
        await self._attempt(self._open)

    async def stop(self) -> None:
        """Write what waits, end the task and close the store."""
        if self._task is not None and self._loop is asyncio.get_running_loop():
            self._stopping = True
            self._wake.set()
            await self._task
        self._task = None
        await self._store.close()

    async def _work(self) -> None:
        try:
            stopped, spent = False, 0.0
            while not stopped:  # at least once: it may be stopped before it has begun
                # A process that is killed loses what came since the last write began.
                rest = min(self._interval, max(self._interval - spent, self._interval / 2))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), rest)
                if self._waiters and not self._stopping:
                    await asyncio.sleep(TOGETHER)
                self._wake.clear()
                stopped, began = self._stopping, self._clock()
                await self._attempt(self.flush)
                spent = self._clock() - began
        except asyncio.CancelledError:
            # A server that knows no lifespan ends its loop like this. There is time to write: over
            # a new connection, as a flush that was cancelled may have left half a transaction.
            await self._attempt(self._close)
            await self._attempt(self.flush)
            # The thread behind an open SQLite connection would keep the process alive for ever.
            await self._attempt(self._close)
            raise
        finally:
            self.idle = True
            self._inbox.drain()
            self._waiters.end()
            if self.unflushed:
                log.error("%d counts could not be stored before the end", self.unflushed)

    def later(self, count: Callable[[], None]) -> None:
        """Count something from a thread. Where the task runs, it is done in its loop."""
        self._inbox.put(count)

    def written(self, batch: int) -> Future[None]:
        """What is done when a batch of this process is on disk: see `Waiters.add`.

        May be called in any thread. Give it to `unwatch` when nobody waits for it any more.
        """
        waiter = self._waiters.add(batch, lambda: self.loop is not None)
        loop = self.loop
        if loop is not None and not waiter.done():
            with contextlib.suppress(RuntimeError):  # closed just now
                loop.call_soon_threadsafe(self._wake.set)
        return waiter

    def unwatch(self, waiter: Future[None]) -> None:
        """Nobody waits for this any more."""
        self._waiters.drop(waiter)

    async def _attempt(self, action: Callable[[], Awaitable[None]]) -> None:
        """Do it, and take note of whether the store can be used. Never raises."""
        try:
            await asyncio.shield(action())
        except Exception as error:
            self.outage.away(error)

    async def _open(self) -> None:
        async with self._lock:
            await self._ready()

    async def _close(self) -> None:
        async with self._lock:  # a flush or an answer that was cancelled ends first
            await self._store.close()

    async def _ready(self) -> None:
        """Open the store if it is not, and learn the names that it has."""
        await self._store.open()
        names = await self._store.names()
        if names is not None:
            self._accumulator.names.learn(names)
            self._accumulator.names.block(await self._store.blocks())
        self.outage.opened()

    async def flush(self) -> None:
        """Write what waits, once, and forget what is old. Raises what the store raises."""
        async with self._lock:
            await self._ready()
            if self._pending is not None:
                await self._write(self._pending)
            self._inbox.drain()
            # Once: on a busy site something has come again whenever a write ends.
            if self._accumulator.counting:
                self._seq += 1
                self._pending = Batch(self._writer, self._seq, self._accumulator.take())
                await self._write(self._pending)
            await self._sweeper.sweep(self._clock())
            await self._releases.mark()
            self.outage.over()

    async def marks(self) -> list[Mark]:
        """The marks on the chart, that of this process among them."""
        async with self._lock:
            await self._ready()
            await self._releases.mark()
            return await self._store.marks()

    async def _write(self, batch: Batch) -> None:
        self._sends(batch)
        try:
            self.late += await self._store.write(batch)
        except UNWRITABLE as error:
            self._tries += 1
            if self._tries < TRIES:
                raise
            # It would keep all that comes after it waiting for ever.
            why, number = type(error).__name__, len(batch.counts)  # its text may quote a name
            log.error("%d counts could not be written, and are lost: %s", number, why)
            self._dropped += number
            self._waiters.fail(batch.seq, StoreError(f"the event is lost: {why}"))
        self._pending, self._tries = None, 0
        self._waiters.tell(batch.seq)
        self.last_flush = self._clock()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Read]:
        """A function that sums counts of the store and of this process, as they are now."""
        async with self._lock:
            await self._ready()
            self._inbox.drain()
            here = self.closed.accepted(self.waiting())
            asked = dict[Selection, Cells]()

            async def read(selection: Selection) -> Cells:
                if selection not in asked:
                    asked[selection] = await both(self._store, selection, select(here, selection))
                return asked[selection]

            yield read
