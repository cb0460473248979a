"""Whether the store can be used: told in health, and in one line of the log when that changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from firstparty.stores import StoreError

log: Final = logging.getLogger("firstparty")

AGAIN: Final = 3600.0
"""Seconds for which the same trouble is not logged again, however often it comes and goes."""
MOST: Final = 20
"""Different troubles that are logged in that time."""


class Outage:
    """What a process knows of its store. `lost` says how many counts found no room meanwhile."""

    def __init__(self, clock: Callable[[], float], lost: Callable[[], int]) -> None:
        self.state = "starting"
        """`starting`, `ok`, or `away` while the store cannot be used."""
        self.detail: str | None = None
        """Why the store is away."""
        self._clock = clock
        self._lost = lost
        self._lost_before = 0
        self._said = dict[str, float]()
        self._loud = False

    def away(self, error: Exception) -> None:
        """The store cannot be used now."""
        # What others say of a batch may quote a name that a visitor brought.
        quoted = not isinstance(error, StoreError | OSError)
        detail = "" if quoted else str(error)
        if not isinstance(error, StoreError):
            detail = f"{type(error).__name__}: {detail}".removesuffix(": ")
        if self.state != "away":
            self._lost_before = self._lost()
        if self.detail != detail and self._new(detail):
            self._loud = True
            log.error("the store cannot be used, counts wait in memory: %s", detail)
        self.state, self.detail = "away", detail

    def _new(self, detail: str) -> bool:
        now = self._clock()
        self._said = {text: at for text, at in self._said.items() if abs(now - at) < AGAIN}
        if detail in self._said or len(self._said) >= MOST:
            return False
        self._said[detail] = now
        return True

    def opened(self) -> None:
        """The store has been opened. That ends no outage: it may be that nothing can be written."""
        if self.state == "starting":
            self.state = "ok"

    def over(self) -> None:
        """All that was to be done has been done."""
        if self.state == "away" and (lost := self._lost() - self._lost_before):
            log.error("the store can be used again; %d counts found no room, and are lost", lost)
        elif self._loud:
            log.warning("the store can be used again")
        self._loud = False
        self.state, self.detail = "ok", None
