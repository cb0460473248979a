"""Counts in memory: for tests, and for trying things out. They end with the process."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Set
from dataclasses import replace

from firstparty.closing import KINDS, Closed, Closing
from firstparty.counts import Batch, Cell, Cells, Key, Selection, asked, select, total
from firstparty.dimensions import SITE
from firstparty.imports import HERE, Import
from firstparty.links import MOST_LINKS, Link
from firstparty.marks import MOST_MARKS, Mark
from firstparty.metrics import COUNTED, Vector, add
from firstparty.periods import Period
from firstparty.row import OTHER, UNLISTED
from firstparty.stores import Found, Shape, check_import, gone


class MemoryStore:
    """The `Store` protocol over a dictionary."""

    def __init__(self, address: str, shape: Shape) -> None:
        if address:
            raise ValueError(f"store 'memory://{address}' takes no address: write memory://")
        self._shape = shape
        self._of: dict[str, dict[Key, Vector]] = {HERE: {}}
        self._imports = dict[str, Import]()
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
        counts = Closed.of(self._closings).accepted(batch.counts, batch.origin)
        there = self._of.get(batch.origin)
        if there is None:
            raise gone(batch.origin)
        for key, vector in counts.items():
            named = self._named(key)
            before = there.get(named)
            if before is not None:
                there[named] = add(before, vector)
            elif named.period != "crossed" or self._room(named.at, named.dimension):
                there[named] = vector
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
        sums = total(select(counts, selection) for counts in self._of.values())
        return asked(sums, selection)

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary, if any is new."""
        changed, self._changed = self._changed or again, False
        return {name: set(values) for name, values in self._names.items()} if changed else None

    async def first_day(self) -> int | None:
        """The first day that has a page view."""
        place = COUNTED.index("pageviews")
        days = (
            key.at
            for counts in self._of.values()
            for key, vector in counts.items()
            if key.period == "day" and vector[place]
        )
        return min(days, default=None)

    async def oldest(self) -> int | None:
        """The first day that has any count."""
        return min((key.at for key in self._keys() if key.period == "day"), default=None)

    def _keys(self) -> Iterator[Key]:
        return (key for counts in self._of.values() for key in counts)

    def _delete(self, goes: Callable[[Key], bool]) -> None:
        for counts in self._of.values():
            for key in [key for key in counts if goes(key)]:
                del counts[key]
                if key.period == "crossed":
                    self._pairs[key.at, key.dimension] -= 1

    async def forget(self, before: Mapping[Period, int]) -> None:
        """Delete what is older."""
        self._delete(lambda key: key.at < before.get(key.period, 0))
        self._forget_names()
        old = before.get("day", 0)
        for each in [each for each in self._imports.values() if each.done and each.last < old]:
            del self._imports[each.writer], self._of[each.writer]
        self._marks = [mark for mark in self._marks if mark.day >= before.get("day", 0)]
        oldest = {kind: before.get("month" if kind == "month" else "day", 0) for kind in KINDS}
        self._closings = {each for each in self._closings if each.at >= oldest[each.kind]}

    def _forget_names(self) -> None:
        shape = self._shape
        used = {(shape.vocabularies[key.dimension], key.value) for key in self._keys() if key[2]}
        used |= {(shape.places[key.dimension], key.path) for key in self._keys() if key.path}
        for vocabulary, names in self._names.items():
            names.intersection_update({value for name, value in used if name == vocabulary})
        self._changed = True

    async def closings(self) -> frozenset[Closing]:
        """What has been closed."""
        return frozenset(self._closings)

    async def close_off(self, *closings: Closing, small: Collection[Cell] = ()) -> None:
        """Note that something is closed, and delete what goes with it."""
        for closing in closings:
            if closing not in self._closings:
                self._close_off(closing, small)

    def _close_off(self, closing: Closing, small: Collection[Cell]) -> None:
        self._closings.add(closing)
        if closing.kind == "quiet":
            self._delete(Closed.of([closing]).late)
        elif closing.kind == "month":
            crossed = [key for key in self._keys() if key.period == "crossed"]
            later = {key.dimension for key in crossed if key.at > closing.at}
            known = {*self._shape.places, *later}
            self._delete(lambda key: _goes(key, closing, small, known))

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
        moved = sum(self._strike(counts, vocabulary, names) for counts in self._of.values())
        self._names[vocabulary] -= names
        self._changed = True
        return moved

    def _strike(self, counts: dict[Key, Vector], vocabulary: str, names: Set[str]) -> int:
        moved = 0
        for key in list(counts):
            if not key.dimension:
                continue
            new = key
            if self._shape.vocabularies[key.dimension] == vocabulary and key.value in names:
                new = new._replace(value=UNLISTED)
            if key.path in names and self._shape.places[key.dimension] == vocabulary:
                new = new._replace(path=UNLISTED)
            if new != key:
                vector = counts.pop(key)
                there = new in counts
                counts[new] = add(counts[new], vector) if there else vector
                if key.period == "crossed" and there:
                    self._pairs[key.at, key.dimension] -= 1
                self._names[vocabulary].add(UNLISTED)
                moved += 1
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

    async def days(self, origin: str = HERE) -> set[int]:
        """The days of which an origin has a total."""
        return {key.at for key in self._of[origin] if key[:3:2] == ("day", SITE)}

    async def imports(self) -> list[Import]:
        """The imports."""
        return list(self._imports.values())

    async def begin(self, brought: Import) -> None:
        """Note an import."""
        if not check_import(self._imports.values(), brought):
            self._imports[brought.writer] = replace(brought, done=False)
            self._of[brought.writer] = {}

    async def finish(self, brought: Import) -> None:
        """Note that it is done."""
        if brought.writer in self._imports:
            self._imports[brought.writer] = replace(brought, done=True)

    async def undo(self, name: str) -> int:
        """Take it away."""
        found = [each.writer for each in self._imports.values() if each.name == name]
        gone = 0
        for writer in found:
            gone += len(self._of.pop(writer))
            del self._imports[writer]
            self._written.pop(writer, None)
        if not found:
            return 0
        left = {key.at for key in self._keys() if key.period == "day"}
        self._closings = {
            each for each in self._closings if each.kind != "quiet" or each.at in left
        }
        self._forget_names()
        return gone

    async def counts(self, origin: str = HERE) -> AsyncGenerator[tuple[Key, Vector]]:
        """Every count of an origin."""
        for item in list(self._of[origin].items()):
            yield item

    async def rows(self) -> Mapping[tuple[str, str], int]:
        """How many counts there are of each dimension in each period."""
        keys = (key for counts in self._of.values() for key in counts)
        return Counter((key.dimension, key.period) for key in keys)

    async def writers(self) -> Mapping[str, int]:
        """The last batch of each writer."""
        return dict(self._written)

    async def close(self) -> None:
        """Nothing to do."""


def look(address: str) -> Found | None:
    """Nothing: what is in memory is in another process's memory."""


def _goes(key: Key, closing: Closing, small: Collection[Cell], known: Collection[str]) -> bool:
    """Whether a count goes with a month."""
    if key.period != "crossed" or key.at != closing.at:
        return False
    if not closing.dimension:
        return key.dimension not in known
    return key.dimension == closing.dimension and Cell(key.at, key.value, key.path) in small
