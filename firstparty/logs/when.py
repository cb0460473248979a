"""Which hour and day of the site a line belongs to, or why it belongs to none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from firstparty.closing import DELAY
from firstparty.logs import reasons
from firstparty.logs.stamps import MOST
from firstparty.periods import KEPT_MINUTES, Calendar, Moment, oldest

_DAY: Final = 24 * 60
_AHEAD: Final = 5
"""Minutes by which the clock of who writes the log may be ahead."""


class Now:
    """Puts minutes of the latest days into the periods that they are in: for what comes now.

    `clock` gives seconds since 1970.
    """

    def __init__(self, calendar: Calendar, clock: Callable[[], float]) -> None:
        self._calendar = calendar
        self._clock = clock
        self._known: dict[int, Moment] = {}

    def of(self, minute: int) -> Moment | str:
        """The periods of a minute, or the reason why it counts for none."""
        now = int(self._clock() // 60)
        if minute > now + _AHEAD:
            return reasons.AHEAD
        if minute < now - DELAY * _DAY:
            return reasons.LATE
        if len(self._known) >= MOST:
            self._known.clear()
        known = self._known.get(minute)
        if known is None:
            known = self._known[minute] = self._calendar.moment(minute * 60)
        if known.minute >= 0 and minute <= now - KEPT_MINUTES:
            known = self._known[minute] = replace(known, minute=-1)
        return known


class When:
    """Puts minutes into hours and days of the site; none of them is kept as a minute.

    Days of which the hours are kept no more, at `now`, are one moment each.
    """

    def __init__(self, calendar: Calendar, now: float) -> None:
        self._calendar = calendar
        self._oldest = oldest(calendar, now)
        self._today = calendar.moment(now).day
        self._now = int(now // 60)
        self._known: dict[int, Moment | str] = {}
        self._moments: dict[int, Moment] = {}

    def of(self, minute: int) -> Moment | str:
        """The hour and day that a minute falls into, or the reason why it counts for none."""
        try:
            return self._known[minute]
        except KeyError:
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[minute] = self._of(minute)
            return found

    def _of(self, minute: int) -> Moment | str:
        # A day or more at each end, so that the calendar need not know the year 1.
        if minute > self._now + _DAY:
            return reasons.TODAY
        if minute < self._now - 3 * 366 * _DAY:
            return reasons.OLD
        moment = self._calendar.moment(minute * 60)
        if moment.day >= self._today:
            return reasons.TODAY
        if moment.day < self._oldest["day"]:
            return reasons.OLD
        # One for each: whoever counts tells by that whether another has begun.
        key = moment.hour if moment.hour >= self._oldest["hour"] else -moment.day
        return self._moments.setdefault(key, replace(moment, minute=-1))
