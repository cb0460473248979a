"""Which third parties have a name: those that were reported in three separate hours."""

from __future__ import annotations

from typing import Final

from firstparty.names import Names
from firstparty.row import Dimension
from firstparty.sources import Listed

HOURS: Final = 3
"""A host has a name once it was reported in so many separate hours.

One visitor's browser extension is reported by one visit; a tracker on one page by each."""
CANDIDATES: Final = 1_000
"""How many hosts may wait in memory for a name; the least recently reported leaves first."""
PER_DAY: Final = 50
"""How many get a name in a day in one process."""
RESERVED: Final = 4
"""A quarter of the cap is left to the hosts that the application itself accepts."""


class Hosts:
    """The hosts that wait for a name, with the hours in which they were reported.

    They are coarse (`minimise.host`), in memory only, and never written before they have a name.
    """

    def __init__(self, names: Names, row: Dimension) -> None:
        self._known = names.known(row)
        self._most = row.cap - row.cap // RESERVED
        self._waiting = dict[str, tuple[int, int]]()
        self._day = -1
        self._new_today = 0

    def see(self, host: str, hour: int, day: int) -> str:
        """The host, reported in this hour once more: `Listed` if it has a name from now on."""
        if host in self._known:
            return host
        last, hours = self._waiting.pop(host, (-1, 0))
        hours += last != hour
        if hours < HOURS or not self._room(day):
            self._waiting[host] = (hour, min(hours, HOURS))
            if len(self._waiting) > CANDIDATES:
                del self._waiting[next(iter(self._waiting))]
            return host
        self._new_today += 1
        return Listed(host)

    def named(self, host: str) -> bool:
        """Whether what `see` has answered has a name."""
        return type(host) is Listed or host in self._known

    def _room(self, day: int) -> bool:
        if day != self._day:
            self._day = day
            self._new_today = 0
        return self._new_today < PER_DAY and len(self._known) < self._most
