"""Who waits until a batch is on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from firstparty.stores import StoreError

NOT_WRITTEN: Final = "the event is counted, but the program ended before the store could be used"


class Waiters:
    """Those that wait for batches of this process, in any thread or loop.

    Whoever gives up calls `drop`: while the store is away, that may be many.
    """

    def __init__(self) -> None:
        self.written = 0
        """The number of the last batch that is on disk."""
        self._waiting = dict[Future[None], int]()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, batch: int, going_on: Callable[[], bool]) -> Future[None]:
        """What is done when a batch is on disk, and fails with StoreError if nobody writes it.

        `going_on` says whether somebody does.
        """
        waiter = Future[None]()
        waiter.set_running_or_notify_cancel()  # who waits may give up; the future is ours
        with self._lock:
            if batch <= self.written:
                waiter.set_result(None)
            elif going_on():
                self._waiting[waiter] = batch
            else:
                waiter.set_exception(StoreError(NOT_WRITTEN))
        return waiter

    def drop(self, waiter: Future[None]) -> None:
        """Nobody waits for this any more."""
        with self._lock:
            self._waiting.pop(waiter, None)

    def tell(self, written: int) -> None:
        """All up to this batch is on disk."""
        with self._lock:
            self.written = written
            done = [waiter for waiter, batch in self._waiting.items() if batch <= written]
            for waiter in done:
                del self._waiting[waiter]
                waiter.set_result(None)

    def fail(self, lost: int, error: StoreError) -> None:
        """This batch will never be on disk; all that come after it are unaffected."""
        with self._lock:
            self.written = lost
            for waiter in [each for each, batch in self._waiting.items() if batch <= lost]:
                del self._waiting[waiter]
                waiter.set_exception(error)

    def end(self) -> None:
        """Nobody writes any more, so nobody is to wait."""
        with self._lock:
            for waiter in self._waiting:
                waiter.set_exception(StoreError(NOT_WRITTEN))
            self._waiting.clear()
