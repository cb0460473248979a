"""Counting for one site, from anywhere in an application: `Analytics`."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from typing import Any, Final, Self

from starlette.types import Scope

from firstparty import events, headers
from firstparty import settings as settings_
from firstparty.agents import PERSON
from firstparty.counting import Counting
from firstparty.flush import Flusher
from firstparty.sources import Listed, Seen
from firstparty.stores import StoreError

log: Final = logging.getLogger("firstparty")


class Stored:
    """What `event` answers: await it, or `wait()` in a thread, to know that the event is on disk.

    Neither is needed for the event to be counted, and it is counted once, however often and by how
    many it is waited for, and whether or not they give up. Both raise StoreError where the program
    ends while the store is away.
    """

    __slots__ = ("_batch", "_flusher")

    def __init__(self, flusher: Flusher, batch: Future[int]) -> None:
        self._flusher = flusher
        self._batch = batch

    def __await__(self) -> Generator[Any, None, None]:
        """Wait until the event is on disk; while the store is away, until it is back."""
        return self._wait().__await__()

    async def _wait(self) -> None:
        batch = await asyncio.wrap_future(self._batch)
        if self._flusher.loop is None:
            self._flusher.run()
        await _until(self._flusher, batch)

    def wait(self, timeout: float | None = None) -> None:
        """Wait in a thread that has no event loop, for about `timeout` seconds at most.

        Raises TimeoutError, and RuntimeError where waiting would stop the loop that writes.
        """
        if _running() is not None:
            raise RuntimeError("wait() would stop the event loop: write await in its place")
        flusher = self._flusher
        end = None if timeout is None else time.monotonic() + timeout
        batch = self._batch.result(timeout)
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            try:
                if flusher.loop is not None:
                    _in_thread(flusher, batch, left)
                elif ALONE.acquire(timeout=-1 if left is None else left):
                    try:
                        if flusher.loop is None:
                            asyncio.run(_alone(flusher, batch, left))
                    finally:
                        ALONE.release()
                else:
                    raise TimeoutError
                return
            except StoreError:
                # Another thread's loop has ended, which is no reason to give up.
                if flusher.state == "away" or flusher.loop is not None:
                    raise


class Analytics:
    """Counts for one site. The middleware makes one, or takes yours:

        analytics = Analytics(store="sqlite:///stats.db", password="…")
        app.add_middleware(AnalyticsMiddleware, analytics=analytics)

        analytics.event("renewal", amount=4200, currency="EUR")

    The options are those of the middleware. In a program of its own (a cron job, a worker), use it
    in a `with` block, or `async with`: at its end everything is on disk.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time, **options: Any) -> None:
        self.settings = settings_.load(options)
        self.counting = Counting(self.settings, clock)
        self._failed = False

    def event(
        self,
        name: str,
        properties: Mapping[str, object] | None = None,
        *,
        amount: int | None = None,
        currency: str | None = None,
    ) -> Stored:
        """Count an event that no request of a visitor is the cause of.

        `properties`: at most five, `{"plan": "pro"}`. `amount`: whole smallest units (cents) of a
        `currency` of ISO 4217, negative for a refund. May be called in any thread. Raises
        EventError, a ValueError, for what is none. Await the answer to wait until it is on disk.
        """
        return self._event(
            Seen(self.counting.paths, {}, "", PERSON), name, properties, amount, currency
        )

    def event_of(
        self,
        scope: Scope,
        page: str,
        name: str,
        properties: Mapping[str, object] | None,
        amount: int | None,
        currency: str | None,
    ) -> Stored:
        """Count an event of a visitor's request for `page`: see `Here.event`."""
        try:
            seen = self._seen(scope, page)
        except Exception:
            seen = None
            self._fails()
        return self._event(seen, name, properties, amount, currency)

    def _seen(self, scope: Scope, page: str) -> Seen | None:
        """What a request shows; None for one whose events are not counted."""
        collector = self.counting.collector
        sent = headers.read(scope, self.settings.headers_read)
        agent = collector.agent(scope, sent)
        if headers.objects(sent) or agent.bot or collector.excluded(scope, page):
            return None
        return collector.see(scope, sent, page, agent)

    def _event(
        self,
        seen: Seen | None,
        name: str,
        properties: Mapping[str, object] | None,
        amount: int | None,
        currency: str | None,
    ) -> Stored:
        # The application has made the name, not a visitor: it may be written at once.
        said = {"event": Listed(events.coarse(name))}
        found = events.properties(properties)
        sum_, code = events.money(amount, currency)
        flusher, batch = self.counting.flusher, Future[int]()
        batch.set_running_or_notify_cancel()  # who waits may give up; the event is counted

        def count() -> None:
            if seen is None:
                batch.set_result(0)
                return
            try:
                self.counting.events.count(seen, said, found, sum_, code)
            except Exception:
                self._fails()
            batch.set_result(flusher.last_batch)

        here = _running()
        if here is not None and flusher.loop in {None, here}:
            flusher.run()
            count()
        else:
            flusher.later(count)
        return Stored(flusher, batch)

    def _fails(self) -> None:
        if not self._failed:
            self._failed = True
            log.exception("an event could not be counted (logged once)")

    def __enter__(self) -> Self:
        if _running() is not None:
            raise RuntimeError("with would stop the event loop: write async with in its place")
        return self

    def __exit__(self, *_: object) -> None:
        flusher = self.counting.flusher
        with ALONE:
            if flusher.loop is None:
                asyncio.run(_write(flusher))
                return
        self._all().wait()

    async def __aenter__(self) -> Self:
        if self.counting.flusher.loop in {None, asyncio.get_running_loop()}:
            await self.counting.flusher.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.counting.flusher.loop in {None, asyncio.get_running_loop()}:
            await self.counting.flusher.stop()
        else:
            await self._all()

    def _all(self) -> Stored:
        """What waits, all of it, where a loop of another thread writes it."""
        flusher, batch = self.counting.flusher, Future[int]()
        batch.set_running_or_notify_cancel()
        flusher.later(lambda: batch.set_result(flusher.last_batch))
        return Stored(flusher, batch)


ALONE: Final = threading.Lock()
"""Held by the thread that is the loop, where there is none."""


async def _write(flusher: Flusher) -> None:
    """Write what waits, once, from a program that has no loop."""
    flusher.run()
    await flusher.stop()


async def _alone(flusher: Flusher, batch: int, most: float | None) -> None:
    """Wait until a batch is on disk, in a program that has no loop: be it meanwhile."""
    flusher.run()
    try:
        await asyncio.wait_for(_until(flusher, batch), most)
    finally:
        await flusher.stop()


async def _until(flusher: Flusher, batch: int) -> None:
    written = flusher.written(batch)
    try:
        await asyncio.wrap_future(written)
    finally:
        flusher.unwatch(written)


def _in_thread(flusher: Flusher, batch: int, timeout: float | None) -> None:
    written = flusher.written(batch)
    try:
        written.result(timeout)
    finally:
        flusher.unwatch(written)


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
