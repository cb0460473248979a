"""What the accumulator counts in: tallies by value, and where each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from firstparty.hits import Kind
from firstparty.metrics import COUNTED, Vector
from firstparty.names import Names
from firstparty.periods import Moment
from firstparty.row import Dimension, as_it_is
from firstparty.sources import Seen


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A dimension that a kind of hit counts in, with what the hot path needs of its row.

    `values` is the closed vocabulary, or the names so far of an open one; None where the values
    come from a table of ours as they are. `sighting` says whether a value of an open one counts as
    seen.
    """

    source: Callable[[Seen], str | None]
    coarsen: Callable[[str], str] | None
    values: Set[str] | None
    row: Dimension
    sighting: bool


class Place(NamedTuple):
    """What waiting counts are of, but for their value: hour or day, kind, dimension and page."""

    moment: Moment
    kind: str
    dimension: str
    path: str


class FullError(Exception):
    """There is no room for one more count."""


class Tally(dict[str, int]):
    """How many hits wait, by value: `tally[value] += 1`, which asks for room for a new value."""

    __slots__ = ("_begin",)

    def __init__(self, begin: Callable[[], None]) -> None:
        super().__init__()
        self._begin = begin

    def __missing__(self, value: str) -> int:
        self._begin()
        return 0


Line = tuple[
    Callable[[Seen], str | None], Callable[[str], str] | None, Set[str] | None, Step, Tally | None
]
"""A step with its tally, which is made when needed. What each hit reads stands first, unwrapped."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where hits of one kind are counted in this hour: `pages` by path, `cells` by page and step.

    A page's cell begins as a copy of `blank`. `known` are the names that a page may have.
    """

    known: Set[str]
    pages: Tally
    blank: tuple[Line, ...]
    cells: dict[str, list[Line]]


def line(row: Dimension, kind: Kind, names: Names) -> Line:
    """The step of a row for a kind of hit, without a tally yet."""
    step = _step(row, kind, names)
    return step.source, step.coarsen, step.values, step, None


def _step(row: Dimension, kind: Kind, names: Names) -> Step:
    if not row.closed:
        own = row.vocabulary == row.name
        return Step(row.source, None, names.known(row), row, sighting=kind.sighting and own)
    if row.shared or row.minimise is as_it_is:
        return Step(row.source, None, None, row, sighting=False)
    return Step(row.source, row.minimise, frozenset(row.values), row, sighting=False)


def sharing(table: Mapping[str, Dimension]) -> Mapping[str, tuple[Dimension, ...]]:
    """The rows that are counted together, by the name of the first: most rows stand alone."""
    found = dict[str, tuple[Dimension, ...]]()
    for row in table.values():
        first = next(
            (name for name, rows in found.items() if row.shared and rows[0].source is row.source),
            row.name,
        )
        found[first] = (*found.get(first, ()), row)
    return found


def gains(vector: Vector, metrics: tuple[str, ...]) -> list[tuple[int, int]]:
    """The places and amounts of a vector, as far as `metrics` keep them."""
    return [
        (place, amount)
        for place, (name, amount) in enumerate(zip(COUNTED, vector, strict=True))
        if amount and name in metrics
    ]
