"""Counts: what a key is, what a batch is, and how batches are read. Values in, values out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import mul
from typing import NamedTuple, TypeVar

from firstparty.imports import HERE
from firstparty.metrics import COUNTED, Vector, add
from firstparty.periods import Period


class Key(NamedTuple):
    """What a count is of. `dimension` and `value` are empty for the site's own total.

    `at` is the period's number (`firstparty.periods.Moment`); `path` is empty unless the count is
    crossed with a page, or with what else the dimension is crossed with.
    """

    period: Period
    at: int
    dimension: str
    value: str
    path: str


Counts = Mapping[Key, Vector]


def storable(text: str) -> str:
    """The text without what some store cannot keep: half a surrogate pair, and NUL.

    No rule of ours lets them through; a dimension of a user's own might, and the batch that it is
    in would then be tried for ever.
    """
    if "\0" in text:
        text = text.replace("\0", "?")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Batch:
    """Counts on their way to the store: frozen before the first send, and retried as they are.

    `writer` names the process (drawn when it starts to write, after any fork), `seq` numbers its
    batches: a store adds each (writer, seq) once.
    """

    writer: str
    seq: int
    counts: Counts
    origin: str = HERE
    """The writer of the import that they are of (`firstparty.imports`), if they are of one."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which counts to sum. `values` and `paths` are None for all of them.

    What is not in `by` is summed over. `metrics` are those that are asked for, None for all.
    `least` is a metric, and how many of it a cell has at least that is asked for. A store may give
    more than the metrics and the cells that are asked for, or 0 for what is not.
    """

    period: Period
    at: tuple[int, ...]
    dimension: str
    values: frozenset[str] | None = None
    paths: frozenset[str] | None = None
    by_at: bool = False
    by_value: bool = False
    by_path: bool = False
    metrics: frozenset[str] | None = None
    least: tuple[str, int] | None = None

    def takes(self, key: Key) -> bool:
        """Whether a count of `key` is among them."""
        return (
            key.period == self.period
            and key.dimension == self.dimension
            and key.at in self.at
            and (self.values is None or key.value in self.values)
            and (self.paths is None or key.path in self.paths)
        )

    def cell(self, key: Key) -> Cell:
        """What the count of `key` is summed into."""
        return Cell(
            key.at if self.by_at else 0,
            key.value if self.by_value else "",
            key.path if self.by_path else "",
        )


class Cell(NamedTuple):
    """What an answer of a store tells apart: period, value and page, as far as was asked for."""

    at: int
    value: str
    path: str


Cells = dict[Cell, Vector]
K = TypeVar("K")

Read = Callable[[Selection], Awaitable[Cells]]
"""Sums counts, wherever they are."""


def total(parts: Iterable[Mapping[K, Vector]]) -> dict[K, Vector]:
    """The sums of several tables of counts, key by key."""
    sums: dict[K, Vector] = {}
    for part in parts:
        for key, vector in part.items():
            sums[key] = add(sums[key], vector) if key in sums else vector
    return sums


def select(counts: Counts, selection: Selection) -> Cells:
    """The sums of `counts` that `selection` asks for."""
    return total(
        {selection.cell(key): vector} for key, vector in counts.items() if selection.takes(key)
    )


def asked(cells: Cells, selection: Selection) -> Cells:
    """Of these cells what `selection` asks for, and no more: as sparing as a store may be."""
    found = cells
    if selection.least is not None:
        name, number = selection.least
        place = COUNTED.index(name)
        found = {cell: vector for cell, vector in found.items() if vector[place] >= number}
    if selection.metrics is not None:
        wanted = [name in selection.metrics for name in COUNTED]
        found = {cell: tuple(map(mul, vector, wanted)) for cell, vector in found.items()}
    return found
