"""What is counted in other threads: done in the loop of the task that writes, where one runs."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable

Loop = asyncio.AbstractEventLoop


class Inbox:
    """Counts on their way from threads. `loop` says which loop they are done in, if any.

    Counts have no lock of their own. None is lost: what finds its loop gone is done when the task
    ends, or in the thread that brings the next.
    """

    def __init__(self, loop: Callable[[], Loop | None]) -> None:
        self.lock = threading.Lock()
        """Held while counts are done, and by whoever begins to do them in another loop."""
        self._loop = loop
        self._counts = deque[Callable[[], None]]()
        self._told = False  # the loop, that there is something

    def put(self, count: Callable[[], None]) -> None:
        """Count something from any thread."""
        self._counts.append(count)
        loop = self._loop()
        if loop is None:
            self.drain()
        elif not self._told:
            self._tell(loop)

    def drain(self) -> None:
        """Do what is there, where this is the thread for it; else have it done."""
        with self.lock:
            loop = self._loop()
            if loop is not None and loop is not _running():
                self._tell(loop)  # it has begun since we looked: counting is its affair now
                return
            self._told = False
            for _ in range(len(self._counts)):  # no more: threads may be faster than this
                self._counts.popleft()()

    def _tell(self, loop: Loop) -> None:
        self._told = True
        with contextlib.suppress(RuntimeError):  # closed just now
            loop.call_soon_threadsafe(self.drain)


def _running() -> Loop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
