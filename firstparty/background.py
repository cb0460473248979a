"""One event loop in a thread of its own, for programs that have none: WSGI servers."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from firstparty.analytics import ALONE, Analytics
from firstparty.counting import Counting

log: Final = logging.getLogger("firstparty")

Answer = TypeVar("Answer")

LOOK: Final = 0.2
"""Seconds between two looks at whether the program ends."""
LAST: Final = 10.0
"""Seconds that the end of a program waits at most for what is written last."""

PATCHED: Final = (
    "gevent has patched threads after firstparty was imported, so that nothing can be written: let"
    " it be first, with 'from gevent import monkey; monkey.patch_all()' at the top of the file that"
    " the server reads first (gunicorn.conf.py)"
)
_IDENT: Final = threading.get_ident
"""Another function from the moment on that gevent patches threads."""


class Background:
    """The loop that writes what threads count, of this process.

    It begins when it is first needed, which is after a server has forked its workers, and ends with
    the program's main thread, once all is written. A process that is forked later begins anew.
    """

    def __init__(self) -> None:
        self._left: list[object] = []
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._over = asyncio.Event()
        self._kept: list[Analytics] = []
        self._starting = set[asyncio.Task[None]]()

    def keep(self, analytics: Analytics) -> None:
        """See to it that what is counted is written. Raises RuntimeError where it cannot be."""
        # A thread that writes without a loop ends first; but it may wait for a store that is away.
        if not ALONE.acquire(timeout=LAST):
            raise RuntimeError("another thread is the loop, and waits for the store")
        try:
            with self._lock:
                loop = self._begun()
                if analytics not in self._kept:
                    self._kept.append(analytics)
                    asyncio.run_coroutine_threadsafe(self._start(analytics), loop)
                runs = asyncio.run_coroutine_threadsafe(_runs(analytics), loop)
            # From now on every thread knows that it does: two loops would be in each other's way.
            runs.result(LAST)
        finally:
            ALONE.release()

    def answer(self, work: Callable[[], Coroutine[Any, Any, Answer]], timeout: float) -> Answer:
        """Do this in the loop, and wait for it. Raises what it raises, or TimeoutError."""
        with self._lock:
            asked = asyncio.run_coroutine_threadsafe(work(), self._begun())
        try:
            return asked.result(timeout)
        except TimeoutError:
            asked.cancel()
            raise

    def _begun(self) -> asyncio.AbstractEventLoop:
        """The loop, which runs."""
        if self._loop is None:
            if threading.get_ident is not _IDENT:
                raise RuntimeError(PATCHED)
            loop = asyncio.new_event_loop()
            # No daemon, whatever thread this is: the interpreter waits for what it writes last. To
            # wait for threads of gevent would be to wait for ever: those are ended by atexit.
            self._thread = threading.Thread(
                target=self._live, args=(loop,), name="firstparty loop", daemon=_has_gevent()
            )
            self._over = asyncio.Event()
            self._thread.start()
            self._loop = loop
        return self._loop

    async def _start(self, analytics: Analytics) -> None:
        task = asyncio.get_running_loop().create_task(_started(analytics))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    def _live(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_until_complete(self._until_the_end())
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    async def _until_the_end(self) -> None:
        main = threading.main_thread()
        while main.is_alive() and not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), LOOK)
        with self._lock:
            # What is counted after this, by a thread that outlives the main one, begins a new loop.
            self._loop = None
            kept, self._kept = self._kept, []
        await asyncio.sleep(0)  # what was asked for before this begins
        if self._starting:
            await asyncio.wait(self._starting, timeout=LAST)
        for analytics in kept:
            flusher = analytics.counting.flusher
            flusher.run()
            try:
                await flusher.stop()
            except Exception:
                log.exception("the store could not be closed")
        # As asyncio.run ends, but for the executor: since Python 3.12 no thread begins at its end.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def end(self) -> None:
        """Write all, and end: for who ends before the main thread does."""
        loop, thread = self._loop, self._thread
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(self._over.set)
            thread.join(LAST)

    def forked(self) -> None:
        """This process is a fork of one in which the loop may run: here it does not.

        What waited there is counted there. The connections of its store are not to be used here,
        nor closed (https://sqlite.org/howtocorrupt.html#_carrying_an_open_database_across_a_fork_).
        """
        kept = self._kept
        self._left.append(self._loop)
        self._reset()
        if ALONE.locked():  # by a thread that is not here
            ALONE.release()
        for analytics in kept:
            old = analytics.counting
            self._left.append(old)
            analytics.counting = Counting(analytics.settings, old.clock)


def _has_gevent() -> bool:
    monkey: Any = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


async def _runs(analytics: Analytics) -> None:
    analytics.counting.flusher.run()


async def _started(analytics: Analytics) -> None:
    flusher = analytics.counting.flusher
    await flusher.start()
    with contextlib.suppress(Exception):  # the flusher has said so
        # Now, as an interpreter that ends has no thread to look for the release in.
        await flusher.marks()


BACKGROUND: Final = Background()
"""That of this process."""

# For gevent, see above.
atexit.register(BACKGROUND.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=BACKGROUND.forked)
