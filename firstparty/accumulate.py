"""Counts in memory, waiting to be stored."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from firstparty.counts import Counts, Key, storable
from firstparty.dimensions import PATH, SITE
from firstparty.hits import KINDS, Kind
from firstparty.metrics import COUNTED
from firstparty.names import Names
from firstparty.periods import KEPT_MINUTES, Moment, Period
from firstparty.row import OTHER, UNLISTED, Dimension
from firstparty.sources import OF_CAMPAIGNS, Seen
from firstparty.tallies import FullError, Line, Place, Sheet, Step, Tally, gains, line, sharing

CROSSED_BOUND: Final = 100_000
"""How many counts may wait in memory before new ones are no longer crossed with their page."""
BOUND: Final = 200_000
"""How many may wait in all; past it, new ones are lost, and that they were is counted."""
UNCROSSED: Final = "\0"
"""In the place of the page, of what is not crossed with it for want of room."""


class Accumulator:
    """Adds hits to counts, in bounded memory.

    A dimension waits crossed with its page, or its event, by the hour or the day. The coarser
    periods, and the dimension by itself, are sums of these, worked out when a batch is taken.
    """

    def __init__(self, table: Mapping[str, Dimension], names: Names) -> None:
        self.names = names
        self.waiting = 0
        """How many counts wait."""
        self._lost = 0
        self._sharing = sharing(table)
        firsts = [rows[0] for rows in self._sharing.values() if rows[0] is not PATH]
        self._blank = {
            kind.name: tuple(line(row, kind, names) for row in firsts if kind.name in row.kinds)
            for kind in KINDS
        }
        self._adds = {
            (kind.name, row.name): gains(kind.vector, row.metrics)
            for kind in KINDS
            for row in table.values()
        }
        self._adds |= {(kind.name, SITE): gains(kind.vector, COUNTED) for kind in KINDS}
        self._alone: dict[str, tuple[Period, ...]] = {
            row.name: tuple(period for period in row.kept if period != "crossed")
            for row in table.values()
        }
        """The periods that a row is kept for by itself."""
        self._crosses = any("crossed" in row.kept for row in table.values())
        """Whether any row is: else one cell does for all pages."""
        self._keys = {kind.name: table[kind.of] for kind in KINDS if kind.of in table}
        self._vocabularies = {row.name: row.vocabulary for row in table.values()}
        self._places = {row.name: table[row.by].vocabulary for row in table.values() if row.by}
        self.clear()

    def clear(self) -> None:
        """Drop what waits."""
        self.waiting = 0
        self._minutes = defaultdict[Moment, dict[str, int]](lambda: defaultdict(int))
        self._tallies = dict[Place, Tally]()
        self._moment = Moment(-1, -1, -1, -1)
        self._sheets = dict[str, Sheet]()
        self._campaign_sheets = dict[str, Sheet]()

    @property
    def lost(self) -> int:
        """How many counts, since the start, found no room: alone, or crossed with their page."""
        return self._lost + self._uncrossed()

    def _uncrossed(self) -> int:
        return sum(
            sum(tally.values()) for place, tally in self._tallies.items() if place.path == UNCROSSED
        )

    def share(self) -> None:
        """From now on several threads may use this at once.

        It costs each hit a lock, which one event loop does without.
        """
        lock = threading.RLock()  # a user's own dimension may count an event

        def locked(name: str, *args: Any) -> Any:
            with lock:
                return getattr(type(self), name)(self, *args)

        for name in ("add", "counts", "take", "names_waiting", "_uncrossed"):
            setattr(self, name, partial(locked, name))

    def add(self, kind: Kind, seen: Seen, moment: Moment, times: int = 1) -> None:
        """Count one hit, or a number of them that have all in common."""
        if moment is not self._moment:
            self._turn(moment)
        name = kind.name
        self._minute[name] += times
        # Few hits come from a campaign: the others skip the rows that are about one.
        sheets = self._campaign_sheets if seen.campaign else self._sheets
        sheet = sheets.get(name) or self._open(kind, sheets)
        path = kind.place(seen) or ""
        if path:
            if path not in sheet.known:
                path = self._place(kind, path)
            if kind.paged:
                try:
                    sheet.pages[path] += times
                except FullError:
                    self._lost += times
        page = path if self._crosses else ""
        cell = sheet.cells.get(page)
        if cell is None:
            cell = sheet.cells[page] = list(sheet.blank)
        for source, coarsen, values, step, tally in cell:
            value = source(seen)
            if value is None:
                continue
            if coarsen is not None:
                value = coarsen(value)
            if values is not None and value not in values:
                value = self._admit(step, value)
                if not value:
                    continue
            if tally is None:
                tally = self._tallied(kind, path, cell, step)
            try:
                tally[value] += times
            except FullError:
                self._lost += times

    def _turn(self, moment: Moment) -> None:
        """A new minute has begun, and perhaps a new hour."""
        if moment.hour != self._moment.hour:
            self._sheets.clear()
            self._campaign_sheets.clear()
        self._moment = moment
        if len(self._minutes) >= KEPT_MINUTES:
            self._fold(moment.minute - KEPT_MINUTES)
        self._minute = self._minutes[moment]

    def _fold(self, minute: int) -> None:
        """Count minutes up to this one in their hours: no minute is kept for longer."""
        for moment in [each for each in self._minutes if 0 <= each.minute <= minute]:
            hour = self._minutes[replace(moment, minute=-1)]
            for name, number in self._minutes.pop(moment).items():
                hour[name] += number

    def _open(self, kind: Kind, sheets: dict[str, Sheet]) -> Sheet:
        """Where hits of this kind are counted in this hour."""
        blank = self._blank[kind.name]
        if sheets is self._sheets:
            blank = tuple(line for line in blank if line[0] not in OF_CAMPAIGNS)
        known = self.names.known(self._keys[kind.name])
        sheet = sheets[kind.name] = Sheet(known, self._tally(kind, PATH, ""), blank, {})
        return sheet

    def _tallied(self, kind: Kind, path: str, cell: list[Line], step: Step) -> Tally:
        """The tally of a step, which had none in this cell."""
        tally = self._tally(kind, step.row, path)
        place = next(place for place, line in enumerate(cell) if line[3] is step)
        cell[place] = (*cell[place][:4], tally)
        return tally

    def _tally(self, kind: Kind, row: Dimension, path: str) -> Tally:
        """The tally of a dimension and a page in this hour, or this day where that will do."""
        now = self._moment
        hour = now.hour if row.waits_hourly else 0
        crossed = path if "crossed" in row.kept else ""
        if crossed and self.waiting >= CROSSED_BOUND:
            crossed = UNCROSSED
        place = Place(Moment(hour, hour, now.day, now.month), kind.name, row.name, crossed)
        tally = self._tallies.get(place)
        if tally is None:
            tally = Tally(self._begin)
            if self.waiting < BOUND:  # else it stays empty
                self._tallies[place] = tally
        return tally

    def _begin(self) -> None:
        """One more count waits, if there is room."""
        if self.waiting >= BOUND:
            raise FullError
        self.waiting += 1

    def _place(self, kind: Kind, raw: str) -> str:
        """The name of a page that is not among the names yet, or of what else is crossed with."""
        row = self._keys[kind.name]
        text = raw
        if type(raw) is str and (row is not PATH or raw.startswith("/")):
            text = row.minimise(raw)
        # A page is seen by being shown: that another page, or a referrer, names it is no sighting.
        shown = kind.paged or (row is PATH and not text.startswith("/"))
        if kind.sighting and shown:
            return self.names.see(row, text, self._moment.day)
        return self.names.look(row, text)

    def _admit(self, step: Step, raw: str) -> str:
        """The name of a value that is not among the names yet; empty where it says nothing."""
        row = step.row
        if row.closed:
            return OTHER
        text = row.minimise(raw) if type(raw) is str else raw
        if not text:
            return ""
        if step.sighting:
            return self.names.see(row, text, self._moment.day)
        return self.names.look(row, text)

    def names_waiting(self) -> Mapping[str, set[str]]:
        """The names of what waits, by vocabulary: the store may not know them yet."""
        found = defaultdict[str, set[str]](set)
        for place, tally in self._tallies.items():
            for row in self._sharing[place.dimension]:
                if not row.closed:
                    found[row.vocabulary].update(tally)
            if place.path not in {"", UNCROSSED}:
                found[self._keys[place.kind].vocabulary].add(place.path)
        return found

    @property
    def counting(self) -> bool:
        """Whether anything waits."""
        return bool(self._minutes)

    def counts(self) -> Counts:
        """What waits, as it would be stored."""
        found = defaultdict[Key, list[int]](lambda: [0] * len(COUNTED))
        for key, adds, number in self._expand():
            if self.names.gone:
                key = self._without_gone(key)
            vector = found[key]
            for place, amount in adds:
                vector[place] += amount * number
        return {key: tuple(vector) for key, vector in found.items()}

    def take(self) -> Counts:
        """What waits, as it is to be stored; after it, nothing waits."""
        counts = self.counts()
        self._lost += self._uncrossed()
        self.clear()
        self.names.gone.clear()
        return counts

    def _without_gone(self, key: Key) -> Key:
        """The key without names that have been struck out since they were counted."""
        gone = self.names.gone
        if key.path and (self._places[key.dimension], key.path) in gone:
            key = key._replace(path=UNLISTED)
        if key.dimension and (self._vocabularies[key.dimension], key.value) in gone:
            key = key._replace(value=UNLISTED)
        return key

    def _expand(self) -> Iterator[tuple[Key, list[tuple[int, int]], int]]:
        """Each waiting number once for each count that it is part of."""
        for moment, totals in self._minutes.items():
            for kind in KINDS:
                if kind.totalled and (number := totals.get(kind.name)):
                    adds = self._adds[kind.name, SITE]
                    for period in SITE_KEPT if moment.minute >= 0 else SITE_KEPT[1:]:
                        yield Key(period, moment.at(period), SITE, "", ""), adds, number
        for (moment, kind_name, name, page), tally in self._tallies.items():
            path = storable(page) if page != UNCROSSED else ""
            for row in self._sharing[name]:
                adds = self._adds[kind_name, row.name]
                alone = _at(moment, self._alone[row.name])
                gives = [(COUNTED.index(row.gives), 1)] if row.gives else []
                given = _at(moment, self._alone[PATH.name]) if gives else []
                for waiting, number in tally.items():
                    value = storable(row.minimise(waiting) if row.shared else waiting)
                    for period, at in alone:
                        yield Key(period, at, row.name, value, ""), adds, number
                    if path:
                        yield Key("crossed", moment.month, row.name, value, path), adds, number
                    for period, at in given:
                        yield Key(period, at, PATH.name, value, ""), gives, number
                        yield Key(period, at, SITE, "", ""), gives, number


def _at(moment: Moment, periods: Iterable[Period]) -> list[tuple[Period, int]]:
    """Periods, with their numbers."""
    return [(period, moment.at(period)) for period in periods]


SITE_KEPT: Final[tuple[Period, ...]] = ("minute", "hour", "day", "month")
"""The site's own total is kept by each of them."""
