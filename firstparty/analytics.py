"""Counting for one site, from anywhere in an application: `Analytics`."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any, Final, Self

from starlette.types import Scope

from firstparty import events, headers, settings
from firstparty.agents import PERSON
from firstparty.counting import Counting
from firstparty.sources import Seen

NOTHING: Final = "nothing"


class Stored:
    """What `event` answers: await it, or `wait()` in a thread, to know that the event is on disk.

    Neither is needed for the event to be counted.
    """

    __slots__ = ("_analytics", "_batch")

    def __init__(self, analytics: Analytics, batch: int) -> None:
        self._analytics = analytics
        self._batch = batch

    def __await__(self) -> Generator[Any, None, None]:
        """Wait until the event is on disk; as long as the store is away."""
        return self._analytics.counting.flusher.stored(self._batch).__await__()

    def wait(self, timeout: float | None = None) -> None:
        """Wait in a thread that has no event loop, at most `timeout` seconds.

        Raises TimeoutError, and RuntimeError where waiting would stop the loop.
        """
        self._analytics.wait(self._batch, timeout)
