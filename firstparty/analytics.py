"""Counting for one site, from anywhere in an application: `Analytics`."""

from __future__ import annotations

import asyncio
import logging
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

log: Final = logging.getLogger("firstparty")


class Stored:
    """What `event` answers: await it, or `wait()` in a thread, to know that the event is on disk.

    Neither is needed for the event to be counted.
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
        loop = self._flusher.loop
        if loop is None or loop is asyncio.get_running_loop():
            self._flusher.run()
            await self._flusher.stored(batch)
        else:
            there = asyncio.run_coroutine_threadsafe(self._flusher.stored(batch), loop)
            await asyncio.wrap_future(there)

    def wait(self, timeout: float | None = None) -> None:
        """Wait in a thread that has no event loop, at most `timeout` seconds.

        Raises TimeoutError, and RuntimeError where waiting would stop the loop that writes.
        """
        if _running() is not None:
            raise RuntimeError("wait() would stop the event loop: write await in its place")
        batch = self._batch.result(timeout)
        loop = self._flusher.loop
        if loop is None:
            asyncio.run(_write(self._flusher))
        else:
            asyncio.run_coroutine_threadsafe(self._flusher.stored(batch), loop).result(timeout)


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
        name: str,
        properties: Mapping[str, object] | None,
        amount: int | None,
        currency: str | None,
    ) -> Stored:
        """Count an event of a visitor's request: see `Here.event`."""
        collector = self.counting.collector
        sent = headers.read(scope)
        agent = collector.agent(scope, sent)
        page = scope["path"]
        seen: Seen | None = collector.see(scope, sent, page, agent)
        if headers.objects(sent) or agent.bot or collector.excluded(scope, page):
            seen = None
        return self._event(seen, name, properties, amount, currency)

    def _event(
        self,
        seen: Seen | None,
        name: str,
        properties: Mapping[str, object] | None,
        amount: int | None,
        currency: str | None,
    ) -> Stored:
        # The application has made the name, not a visitor: it may be written at once.
        said = {"event": Listed(events.name(name))}
        found = events.properties(properties)
        sum_, code = events.money(amount, currency)
        flusher, batch = self.counting.flusher, Future[int]()

        def count() -> None:
            if seen is None:
                batch.set_result(0)
                return
            try:
                self.counting.events.count(seen, said, found, sum_, code)
            except Exception:
                log.exception("an event could not be counted")
            batch.set_result(flusher.next_batch)

        here = _running()
        if flusher.loop is not None and flusher.loop is not here:
            flusher.loop.call_soon_threadsafe(count)
        else:
            count()
            if here is not None:
                flusher.run()
        return Stored(flusher, batch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run(_write(self.counting.flusher))

    async def __aenter__(self) -> Self:
        await self.counting.flusher.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.counting.flusher.stop()


async def _write(flusher: Flusher) -> None:
    """Write what waits, from a program that has no loop."""
    flusher.run()
    await flusher.stop()


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
