"""Which hour and day of the site a line belongs to, or why it is not taken."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import Final

from firstparty.logs import reasons
from firstparty.logs.stamps import MOST
from firstparty.periods import Calendar, Moment, oldest

_DAY: Final = 24 * 60


class When:
    """Puts minutes into the days that may be counted, and no minute is kept.

    `now` is the present, `taken` the days that have been counted already, as 20261123.
    """

    def __init__(self, calendar: Calendar, now: float, taken: Container[int]) -> None:
        self._calendar = calendar
        self._first = oldest(calendar, now)["day"]
        self._today = calendar.moment(now).day
        self._now = int(now // 60)
        self._taken = taken
        self._known: dict[int, Moment | str] = {}
        self._hours: dict[int, Moment] = {}

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
        # A day more at each end, so that the calendar need not know the year 1.
        if minute > self._now + _DAY:
            return reasons.TODAY
        if minute < self._now - 3 * 366 * _DAY:
            return reasons.OLD
        moment = self._calendar.moment(minute * 60)
        if moment.day >= self._today:
            return reasons.TODAY
        if moment.day < self._first:
            return reasons.OLD
        if moment.day in self._taken:
            return reasons.TAKEN
        # One for each hour: whoever counts tells by that whether a new one has begun.
        return self._hours.setdefault(moment.hour, replace(moment, minute=-1))
