"""Marks the release that runs, once in the life of a process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from firstparty.aside import aside
from firstparty.marks import released
from firstparty.periods import Calendar
from firstparty.stores import Store

log: Final = logging.getLogger("firstparty")


class Releases:
    """The mark of this process. `release` says which release runs: it may read files."""

    def __init__(
        self,
        store: Store,
        calendar: Calendar,
        release: Callable[[], str | None],
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._calendar = calendar
        self._release = release
        self._clock = clock
        self._began: float | None = None
        self._marked = False

    def begin(self) -> None:
        """The process has begun to count, if it has not long since."""
        if self._began is None:
            self._began = self._clock()

    async def mark(self) -> None:
        """Mark the release, unless that is done."""
        if self._marked:
            return
        began = self._clock() if self._began is None else self._began
        if text := await self._running():
            await self._store.mark(released(text, self._calendar.moment(began)))
        self._marked = True

    async def _running(self) -> str | None:
        try:
            return await aside(self._release)
        except Exception as error:
            log.warning("no mark is made of the release: it could not be read: %s", error)
            return None
