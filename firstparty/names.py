"""Names are admitted: an open value is `(unlisted)` until it has been seen several times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from firstparty.blocks import Blocks
from firstparty.row import OTHER, UNLISTED, Dimension
from firstparty.sources import Family, Listed

CANDIDATES: Final = 10_000
"""How many values of a dimension may wait in memory; the least recently seen leaves first."""

PER_DAY: Final = 50
RESERVED: Final = 4
"""In a day one process admits `PER_DAY` values that came from visitors, or a fiftieth of the
dimension's cap where that is more; a quarter of the cap is left to names that the application
makes. So a flood of made-up texts does not take the place of real ones."""


class Names:
    """The names that may be written, by vocabulary, and the candidates that wait.

    Candidates are minimised texts with a number of sightings. They are in memory only, and an
    earlier sighting is never moved to the name that a value gets later.
    """

    def __init__(self, admit_after: int) -> None:
        self._admit_after = admit_after
        self._known = defaultdict[str, set[str]](set)
        self._waiting = defaultdict[str, dict[str, int]](dict)
        self._new_today = defaultdict[str, int](int)
        self._day = 0
        self._told = defaultdict[str, set[str]](set)
        self._blocks = dict[str, Blocks]()
        self.gone = set[tuple[str, str]]()
        """Names, each after its vocabulary, under which counts may wait that are not to be written
        under them: somebody has struck them out meanwhile. Whoever takes what waits clears it."""

    def copy(self) -> Names:
        """The same names and candidates, to try a sighting on; this one learns nothing of it.

        May be called in any thread: whole tables are copied, none is walked through.
        """
        other = Names(self._admit_after)
        other._known.update({key: set(names) for key, names in dict(self._known).items()})
        other._waiting.update({key: dict(texts) for key, texts in dict(self._waiting).items()})
        other._new_today.update(dict(self._new_today))
        other._day = self._day
        return other

    def known(self, dimension: Dimension) -> set[str]:
        """The names of a dimension's values: a live set, to look into. A name is coarse already."""
        return self._known[dimension.vocabulary]

    def learn(self, names: Mapping[str, Iterable[str]]) -> None:
        """Names that the store has, from this process or another: all that it has.

        Those that it had when it last told, and has no longer, are names no more.
        """
        for vocabulary in self._told.keys() | names.keys():
            told = set(names.get(vocabulary, ()))
            self._drop(vocabulary, self._told[vocabulary] - told)
            self._known[vocabulary].update(told)
            self._told[vocabulary] = told

    def keep(self, names: Mapping[str, Iterable[str]]) -> None:
        """Names under which counts wait, that the store may not know yet."""
        for vocabulary, each in names.items():
            self._known[vocabulary].update(
                name for name in each if (vocabulary, name) not in self.gone
            )

    def block(self, patterns: Mapping[str, Iterable[str]]) -> None:
        """From now on what these patterns take, by vocabulary, has no name; all others may."""
        self._blocks = {vocabulary: Blocks(each) for vocabulary, each in patterns.items()}
        for vocabulary, blocked in self._blocks.items():
            known = set(self._known[vocabulary])  # another thread may add to it
            self._drop(vocabulary, {name for name in known if name in blocked})

    def _drop(self, vocabulary: str, names: set[str]) -> None:
        self._known[vocabulary] -= names
        self.gone |= {(vocabulary, name) for name in names}

    def _blocked(self, dimension: Dimension, value: str) -> bool:
        blocked = self._blocks.get(dimension.vocabulary)
        return blocked is not None and value in blocked

    def forget(self) -> None:
        """Drop every name; `learn` brings back those that the store still has."""
        self._told.clear()
        for names in self._known.values():
            names.clear()

    def look(self, dimension: Dimension, value: str) -> str:
        """The name to count `value` under, without taking it as a sighting."""
        known = self._known[dimension.vocabulary]
        if value in known:
            return value
        if type(value) is not Listed or self._blocked(dimension, value):
            return UNLISTED
        return self._admit(dimension, value, known)

    def see(self, dimension: Dimension, value: str, day: int) -> str:
        """The name to count `value` under, having seen it once more on `day`."""
        known = self._known[dimension.vocabulary]
        if value in known:
            return value
        if self._blocked(dimension, value):
            return UNLISTED
        if type(value) is Listed:
            return self._admit(dimension, value, known)
        if value.startswith("("):
            return UNLISTED  # ours alone: "(other)" is no campaign
        waiting = self._waiting[dimension.vocabulary]
        seen = waiting.pop(value, 0) + 1
        if seen < self._admit_after and type(value) is not Family:
            waiting[value] = seen
            if len(waiting) > CANDIDATES:
                del waiting[next(iter(waiting))]
            return UNLISTED
        if day != self._day:
            self._day = day
            self._new_today.clear()
        if self._new_today[dimension.vocabulary] >= max(PER_DAY, dimension.cap // 50):
            return UNLISTED
        if len(known) >= dimension.cap - dimension.cap // RESERVED:
            return OTHER
        self._new_today[dimension.vocabulary] += 1
        return self._admit(dimension, value, known)

    def _admit(self, dimension: Dimension, value: str, known: set[str]) -> str:
        if len(known) >= dimension.cap:
            return OTHER
        known.add(str(value))
        return str(value)
