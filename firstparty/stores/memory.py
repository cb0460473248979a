"""Counts in memory: for tests, and for trying things out. They end with the process."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping, Set

from firstparty.closing import KINDS, Closed, Closing
from firstparty.counts import Batch, Cell, Cells, Key, Selection, asked, select
from firstparty.links import MOST_LINKS, Link
from firstparty.marks import MOST_MARKS, Mark
from firstparty.metrics import COUNTED, Vector, add
from firstparty.periods import Period
from firstparty.row import OTHER, UNLISTED
from firstparty.stores import Found, Shape


class MemoryStore:
    """The `Store` protocol over a dictionary."""

    def __init__(self, address: str, shape: Shape) -> None:
        if address:
            raise ValueError(f"store 'memory://{address}' takes no address: write memory://")
        self._shape = shape
        self._counts = dict[Key, Vector]()
        self._pairs = Counter[tuple[int, str]]()
        self._written = dict[str, int]()
        self._names: dict[str, set[str]] = {name: set() for name in shape.names}
        self._changed = False
        self._closings = set[Closing]()
        self._marks = list[Mark]()
        self._links = list[Link]()
        self._blocks = dict[str, set[str]]()

    async def open(self) -> None:
        """Nothing to do."""

    async def write(self, batch: Batch) -> int:
        """Add a batch, once."""
        if self._written.get(batch.writer, -1) >= batch.seq:
            return 0
        counts = Closed.of(self._closings).accepted(batch.counts)
        for key, vector in counts.items():
            named = self._named(key)
            before = self._counts.get(named)
            if before is not None:
                self._counts[named] = add(before, vector)
            elif named.period != "crossed" or self._room(named.at, named.dimension):
                self._counts[named] = vector
        self._written[batch.writer] = batch.seq
        return len(batch.counts) - len(counts)

    def _named(self, key: Key) -> Key:
        if not key.dimension:
            return key
        value = self._name(self._shape.vocabularies[key.dimension], key.value)
        path = self._name(self._shape.places[key.dimension], key.path) if key.path else ""
        return key._replace(value=value, path=path)

    def _name(self, vocabulary: str, value: str) -> str:
        names = self._names[vocabulary]
        if value in names:
            return value
        if len(names) >= self._shape.names[vocabulary] and not value.startswith("("):
            return OTHER
        names.add(value)
        self._changed = True
        return value

    def _room(self, month: int, dimension: str) -> bool:
        if self._pairs[month, dimension] >= self._shape.pairs[dimension]:
            return False
        self._pairs[month, dimension] += 1
        return True

    async def select(self, selection: Selection) -> Cells:
        """Sum counts, and tell no more than is asked for: tests are to see what may be missing."""
        return asked(select(self._counts, selection), selection)

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary, if any is new."""
        changed, self._changed = self._changed or again, False
        return {name: set(values) for name, values in self._names.items()} if changed else None

    async def first_day(self) -> int | None:
        """The first day that has a page view."""
        place = COUNTED.index("pageviews")
        days = (key.at for key, vector in self._counts.items() if key[0] == "day" and vector[place])
        return min(days, default=None)

    async def oldest(self) -> int | None:
        """The first day that has any count."""
        return min((key.at for key in self._counts if key.period == "day"), default=None)

    async def forget(self, before: Mapping[Period, int]) -> None:
        """Delete what is older."""
        for key in [key for key in self._counts if key.at < before.get(key.period, 0)]:
            del self._counts[key]
            if key.period == "crossed":
                self._pairs[key.at, key.dimension] -= 1
        used = {(self._shape.vocabularies[k.dimension], k.value) for k in self._counts if k[2]}
        used |= {(self._shape.places[k.dimension], k.path) for k in self._counts if k.path}
        for vocabulary, names in self._names.items():
            names.intersection_update({value for name, value in used if name == vocabulary})
        self._changed = True
        self._marks = [mark for mark in self._marks if mark.day >= before.get("day", 0)]
        oldest = {kind: before.get("month" if kind == "month" else "day", 0) for kind in KINDS}
        self._closings = {each for each in self._closings if each.at >= oldest[each.kind]}

    async def closings(self) -> frozenset[Closing]:
        """What has been closed."""
        return frozenset(self._closings)

    async def close_off(self, closing: Closing, small: Collection[Cell] = ()) -> None:
        """Note that something is closed, and delete what goes with it."""
        if closing in self._closings:
            return
        self._closings.add(closing)
        crossed = [key for key in self._counts if key.period == "crossed"]
        later = {key.dimension for key in crossed if key.at > closing.at}
        known = {*self._shape.places, *later}
        for key in [key for key in self._counts if _goes(key, closing, small, known)]:
            del self._counts[key]
            if key.period == "crossed":
                self._pairs[key.at, key.dimension] -= 1

    async def mark(self, mark: Mark) -> None:
        """Add a mark, once."""
        if not any(each.same(mark) for each in self._marks):
            marks = sorted([*self._marks, mark], key=lambda each: each.at)
            self._marks = marks[-MOST_MARKS:]

    async def unmark(self, mark: Mark) -> None:
        """Take a mark away."""
        self._marks = [each for each in self._marks if not each.same(mark)]

    async def marks(self) -> list[Mark]:
        """The marks, in time."""
        return list(self._marks)

    async def link(self, link: Link) -> None:
        """Keep a link."""
        links = {each.token: each for each in (*self._links, link)}
        self._links = list(links.values())[-MOST_LINKS:]

    async def unlink(self, token: str) -> None:
        """Take a link away."""
        self._links = [each for each in self._links if each.token != token]

    async def links(self) -> list[Link]:
        """The links."""
        return list(self._links)

    async def strike(self, vocabulary: str, names: Set[str]) -> int:
        """Move the counts of names to `(unlisted)`."""
        moved = 0
        for key in list(self._counts):
            if not key.dimension:
                continue
            new = key
            if self._shape.vocabularies[key.dimension] == vocabulary and key.value in names:
                new = new._replace(value=UNLISTED)
            if key.path in names and self._shape.places[key.dimension] == vocabulary:
                new = new._replace(path=UNLISTED)
            if new != key:
                vector = self._counts.pop(key)
                there = new in self._counts
                self._counts[new] = add(self._counts[new], vector) if there else vector
                if key.period == "crossed" and there:
                    self._pairs[key.at, key.dimension] -= 1
                self._names[vocabulary].add(UNLISTED)
                moved += 1
        self._names[vocabulary] -= names
        self._changed = True
        return moved

    async def block(self, vocabulary: str, pattern: str) -> None:
        """Keep a pattern."""
        self._blocks.setdefault(vocabulary, set()).add(pattern)
        self._changed = True

    async def allow(self, vocabulary: str, pattern: str) -> None:
        """Drop a pattern."""
        self._blocks.get(vocabulary, set()).discard(pattern)
        self._changed = True

    async def blocks(self) -> Mapping[str, set[str]]:
        """The patterns by vocabulary."""
        return {name: set(patterns) for name, patterns in self._blocks.items() if patterns}

    async def counts(self) -> AsyncGenerator[tuple[Key, Vector]]:
        """Every count."""
        for item in list(self._counts.items()):
            yield item

    async def writers(self) -> Mapping[str, int]:
        """The last batch of each writer."""
        return dict(self._written)

    async def close(self) -> None:
        """Nothing to do."""


def look(address: str) -> Found | None:
    """Nothing: what is in memory is in another process's memory."""


def _goes(key: Key, closing: Closing, small: Collection[Cell], known: Collection[str]) -> bool:
    if closing.kind == "quiet":
        return Closed.of([closing]).late(key)
    if closing.kind != "month" or key.period != "crossed" or key.at != closing.at:
        return False
    if not closing.dimension:
        return key.dimension not in known
    return key.dimension == closing.dimension and Cell(key.at, key.value, key.path) in small
