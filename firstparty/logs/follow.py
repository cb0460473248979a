"""Counts the lines of a log as they come: `firstparty import log --follow`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from firstparty.accumulate import Accumulator
from firstparty.counting import Counting
from firstparty.counts import Batch
from firstparty.flush import Flusher
from firstparty.logs.counter import LogCounter, readable
from firstparty.logs.line import OBJECTIONS, Format
from firstparty.logs.position import Place, Position
from firstparty.logs.reading import LogError
from firstparty.logs.tail import Tail
from firstparty.logs.when import Now
from firstparty.settings import Settings

log: Final = logging.getLogger("firstparty")

PAUSE: Final = 0.25
"""Seconds between two looks at a log that has no new line."""
BEHIND: Final = 20_000
"""Counts that the store does not have yet, from which on no line is read: they wait in the log."""


class Follower:
    """Follows one log for one site, until it is stopped.

    `make` finds the format by a file's first lines. `settings` are those of `counting`, with the
    hosts of the site.
    """

    def __init__(
        self,
        counting: Counting,
        settings: Settings,
        tail: Tail,
        position: Position,
        make: Callable[[list[bytes], str], Format],
    ) -> None:
        self.stopping = asyncio.Event()
        self.counted = 0
        """How many lines have been counted."""
        self._counting = counting
        self._settings = settings
        self._tail = tail
        self._position = position
        self._make = make
        self._form: Format | None = None
        self._counter: LogCounter | None = None
        self._flusher: Flusher | None = None
        self._hour = 0
        self._sent: Batch | None = None
        self._before = self._after = Place(0, 0, 0)

    async def run(self, begun: Callable[[], None] = lambda: None) -> None:
        """Count until `stopping` is set; then write what waits. Raises LogError, StoreError.

        `begun` is called when each line that is added will be counted.
        """
        store = self._counting.store
        await store.open()
        try:
            self._begin(await store.writers())
            begun()
            while not self.stopping.is_set():
                if not self._step():
                    await self._pause()
                await asyncio.sleep(0)
        finally:
            self._tail.close()
            if self._flusher is not None:
                await self._flusher.stop()
            await store.close()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), PAUSE)
        except TimeoutError:
            return

    def _begin(self, written: Mapping[str, int]) -> None:
        """Go on where the log has been counted to, or begin at its end."""
        tail, place = self._tail, self._position.read(written)
        if place is None:
            tail.open()
        elif not tail.open(place.file, place.offset) or self._renewed(place):
            log.warning(
                "%s is another file than the one that was followed, which is gone: it is counted"
                " from its beginning, and what was between them is not",
                tail.path,
            )
            tail.open(offset=0)
        self._known()
        self._hour = place.hour if place else 0
        self._before = self._after = self._place()
        self._position.write(self._before, self._before)

    def _renewed(self, place: Place) -> bool:
        """Whether the file has begun since: its number is that of one that was deleted."""
        form, first = self._known(), self._tail.first()
        lines = (line for raw in first if form and (line := form.parse(raw)) is not None)
        line = next(lines, None)
        return line is not None and line.minute // 60 > place.hour > 0

    def _place(self) -> Place:
        return Place(self._tail.number, self._tail.offset, self._hour)

    def _known(self) -> Format | None:
        """The format, as soon as the log has a line. Raises LogError where nobody could object."""
        if self._form is None and (first := self._tail.first()):
            form = self._make(first, str(self._tail.path))
            for raw in first:
                if raw.startswith(b"#"):
                    form.parse(raw)
            self._check(form)
            self._form = form
        return self._form

    def _check(self, form: Format) -> None:
        missing = sorted(name.decode() for name in OBJECTIONS - form.carries)
        if missing:
            raise LogError(
                f"{self._tail.path} does not carry the headers {' and '.join(missing)}, by which"
                " visitors object to being counted: have your server write them, and name them by"
                " --fields (docs/how-to/import-logs.md); or bring the log in without --follow, as"
                " history"
            )
        if b"host" not in form.carries and not self._settings.hosts:
            raise LogError(
                f"{self._tail.path} does not say which host was asked: write --host example.org"
            )

    def _step(self) -> bool:
        """Count some lines; false where there were none."""
        flusher = self._flusher
        if flusher is not None and flusher.unflushed >= BEHIND:
            return False
        lines = self._tail.lines(time.monotonic())
        form = self._known() if lines else None
        if form is None:
            return False
        if self._counter is None or flusher is None:
            self._counter, flusher = self._start(form)
        for raw in lines:
            line = form.parse(raw)
            if line is not None:
                self._hour = max(self._hour, line.minute // 60)
                self.counted += self._counter.take(line).startswith("counted")
            elif raw.startswith(b"#"):
                self._check(form)
        flusher.run()
        return True

    def _start(self, form: Format) -> tuple[LogCounter, Flusher]:
        counting = self._counting
        rows = readable(counting.table, form.carries)
        accumulator = Accumulator(rows, counting.names)
        when = Now(counting.calendar, counting.clock)
        self._counter = LogCounter(self._settings, counting, form.carries, accumulator, when.of)
        self._flusher = Flusher(
            accumulator,
            counting.store,
            counting.calendar,
            self._settings.flush_interval,
            forget_names=counting.forget_names,
            close_off=counting.close_off,
            sends=self._sends,
            clock=counting.clock,
        )
        return self._counter, self._flusher

    def _sends(self, batch: Batch) -> None:
        """Note how far the log is counted with this batch, each time before it is sent."""
        if batch is not self._sent:
            self._sent = batch
            self._before, self._after = self._after, self._place()
        self._position.write(self._before, self._after, batch)
