"""From the files of logs to what an import gathers; what is not taken is told by its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Final

from firstparty.counting import Counting
from firstparty.importers import Left
from firstparty.importers.gather import Gathered
from firstparty.logs import formats, reasons
from firstparty.logs.counter import LogCounter
from firstparty.logs.gather import WAITING, LogGatherer
from firstparty.logs.line import OBJECTIONS, Format
from firstparty.logs.reading import LogError, Reading, opened
from firstparty.settings import Settings, Site

COUNTED: Final = "counted"
"""What is said of a line that is taken begins with this."""

UNTOLD: Final = (
    "the log does not have these headers: whoever objected by them is in the numbers, and the stats"
    " page and the page for visitors say so"
)

Told = Callable[[int, int], None]
"""Is told how many bytes of how many have been read."""


def own(settings: Settings, hosts: Sequence[str]) -> Settings:
    """The settings with the hosts whose pages are the site's own.

    They are those that are named, else those of the settings, else the site's name where that is a
    host.
    """
    name = settings.site_name
    if not hosts:
        hosts = sorted(settings.hosts)
    if not hosts and "." in name:
        hosts = (name, f"www.{name.removeprefix('www.')}")
    return replace(settings, site=Site(name, tuple(host.lower() for host in hosts)))


class LogImport:
    """Reads logs into `gathered`.

    `form` is their format where it is known, `more` the headers behind its fields, `hosts` are the
    site's, where its settings do not name them.
    """

    def __init__(
        self,
        counting: Counting,
        gathered: Gathered,
        form: str | None = None,
        more: Sequence[str] = (),
        hosts: Sequence[str] = (),
    ) -> None:
        settings = own(counting.settings, hosts)
        self._gathered = gathered
        self._lines = LogGatherer(counting, settings, gathered)
        self._hosts = settings.hosts
        self._format = formats.makes(form, more)
        self._asked = form is not None
        self._counters = dict[frozenset[bytes], LogCounter]()
        self._made = Counter[str]()

    def read(self, names: Sequence[str], told: Told) -> None:
        """Read these files, in any order, and tell how far it is. Raises LogError."""
        total = sum(Path(name).stat().st_size for name in names if name != "-")
        before = 0
        for name in names:
            with opened(name) as reading:
                for _ in self._read(reading):
                    told(before + reading.done, total)
                before += reading.size
        for counter in self._counters.values():
            self._lines.gather(counter)
        self._report(self._gathered.left)

    def _read(self, reading: Reading) -> Iterable[None]:
        blocks = reading.lines()
        first = next(blocks, list[bytes]())
        if not any(first):
            return  # a log that nobody has come to yet
        form = self._format(first, reading.name)
        for raw in first:
            if raw.startswith(b"#"):
                form.parse(raw)  # which says what the others have
        counter = self._counter(form, reading.name)
        parse, made = form.parse, self._made
        for lines in chain([first], blocks):
            take = counter.take
            for raw in lines:
                line = parse(raw)
                if line is not None:
                    made[take(line)] += 1
                elif raw[:1] == b"#":
                    counter = self._counter(form, reading.name)
                    take = counter.take
                elif raw.strip():
                    made[reasons.MALFORMED] += 1
            if counter.accumulator.waiting >= WAITING:
                self._lines.gather(counter)
            yield

    def _counter(self, form: Format, name: str) -> LogCounter:
        """What counts the lines of a file."""
        carries = form.carries
        if b"user-agent" not in carries and not self._asked:
            raise LogError(
                f"{name} has no User-Agent, which tells machines from people: write"
                f" --format {form.name} to count all of its requests as views"
            )
        if b"referer" in carries and b"host" not in carries and not self._hosts:
            raise LogError(
                f"{name} does not say which host was asked, so that no link can be told for one of"
                " the site's own: write --host example.org, or give the site its name"
            )
        if carries not in self._counters:
            self._counters[carries] = self._lines.counter(carries)
        return self._counters[carries]

    def _report(self, left: Left) -> None:
        for said, number in self._made.items():
            if said.startswith(COUNTED):
                self._gathered.rows += number
            elif said != reasons.OBJECTS:
                left.row(reasons.TOLD.get(said) or said.removeprefix("ignored; "), number)
        for carries, counter in self._counters.items():
            self._gathered.rows_of.update(counter.of_day)
            if missing := OBJECTIONS - carries:
                names = " and ".join(sorted(name.decode() for name in missing))
                left.all(names, UNTOLD)
