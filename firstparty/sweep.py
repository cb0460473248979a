"""Has the store forget in time: minutes each minute, and once a day what has closed or is old."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from firstparty.accumulate import Accumulator
from firstparty.closing import NOTHING_CLOSED, Closed
from firstparty.periods import KEPT_MINUTES, Calendar, oldest
from firstparty.stores import Store


class Sweeper:
    """What goes, for one process. `close_off` closes what is over; `forget_names` drops names."""

    def __init__(
        self,
        accumulator: Accumulator,
        store: Store,
        calendar: Calendar,
        *,
        forget_names: Callable[[], None],
        close_off: Callable[[date], Awaitable[Closed]],
    ) -> None:
        self.closed = NOTHING_CLOSED
        """The days and months that are closed, as this process knows."""
        self._accumulator = accumulator
        self._store = store
        self._calendar = calendar
        self._forget_names = forget_names
        self._close_off = close_off
        self._minute = self._day = 0  # the last that were swept

    async def sweep(self, now: float) -> None:
        """Forget what is due, once a minute and a day. Raises what the store raises."""
        moment = self._calendar.moment(now)
        if moment.minute != self._minute:
            await self._store.forget({"minute": moment.minute - KEPT_MINUTES + 1})
            self._minute = moment.minute
        if moment.day != self._day:
            try:
                self.closed = await self._close_off(self._calendar.today(now))
            finally:  # what is old goes, whatever became of what is small
                await self._store.open()
                await self._store.forget(oldest(self._calendar, now))
            await self._relearn()
            self._day = moment.day

    async def _relearn(self) -> None:
        """Know the names that the store still has, and those of what waits: it may be ahead."""
        names = await self._store.names(again=True) or {}
        waiting = self._accumulator.names_waiting()
        self._forget_names()
        self._accumulator.names.learn(names)
        self._accumulator.names.keep(waiting)
