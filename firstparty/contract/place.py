"""What the checks of the contract share: a small site, its counts, and how it is read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from firstparty.counts import Batch, Counts, Key, Selection
from firstparty.marks import Mark
from firstparty.metrics import Vector, vector
from firstparty.periods import Period
from firstparty.stores import Shape, Store

T = TypeVar("T")

Make = Callable[[Shape], Store]
"""Makes a store for a place: the same one each time, and not yet open."""

SHAPE: Final = Shape(
    site="example",
    timezone="UTC",
    names={"path": 20, "source": 4, "previous": 20},
    pairs={"path": 0, "source": 3, "previous": 100},
    vocabularies={"path": "path", "source": "source", "previous": "path"},
    places={"source": "path", "previous": "path"},
)
DAY: Final = 20261123
MONTH: Final = 202611
ONE: Final = vector(pageviews=1)
TWO: Final = vector(pageviews=2, visits=1)


@asynccontextmanager
async def opened(make: Make, shape: Shape = SHAPE) -> AsyncGenerator[Store]:
    """A store, opened, and closed at the end."""
    store = make(shape)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def agree(found: T, expected: T) -> None:
    """Raises AssertionError where it does not; also where Python leaves out `assert`."""
    if found != expected:
        raise AssertionError(f"{found!r} should be {expected!r}")


def views(number: int) -> Vector:
    """So many page views."""
    return vector(pageviews=number)


def total(at: int = DAY) -> Key:
    """The site's own total of a day."""
    return Key("day", at, "", "", "")


def day(value: str, dimension: str = "path", at: int = DAY) -> Key:
    """The count of a value on a day."""
    return Key("day", at, dimension, value, "")


def cross(path: str, value: str, dimension: str = "source", at: int = MONTH) -> Key:
    """The count of a value on a page in a month."""
    return Key("crossed", at, dimension, value, path)


def batch(seq: int, counts: Counts, writer: str = "w") -> Batch:
    """The batch of a number."""
    return Batch(writer, seq, counts)


def mark(text: str, hour: int = 100, at: int = DAY) -> Mark:
    """The mark of a release."""
    return Mark("release", text, 60 * hour, at)


async def sums(
    store: Store, dimension: str = "path", at: Iterable[int] = (DAY,), period: Period = "day"
) -> dict[str, Vector]:
    """The sums by value."""
    cells = await store.select(Selection(period, tuple(at), dimension, by_value=True))
    return {cell.value: counts for cell, counts in cells.items()}


async def pairs(
    store: Store, dimension: str = "source", at: Iterable[int] = (MONTH,)
) -> dict[tuple[str, str], Vector]:
    """The sums of crossed counts by page and value."""
    selection = Selection("crossed", tuple(at), dimension, by_value=True, by_path=True)
    return {(cell.path, cell.value): each for cell, each in (await store.select(selection)).items()}


async def names_of(store: Store, vocabulary: str = "path") -> set[str]:
    """The names of a vocabulary, without `(other)`, which a store may have or not."""
    names = await store.names(again=True)
    return set((names or {}).get(vocabulary, ())) - {"(other)"}


async def every(store: Store) -> dict[Key, Vector]:
    """Every count. Raises AssertionError for one that is told twice."""
    told = [item async for item in store.counts()]
    agree(len(told), len({key for key, _ in told}))
    return dict(told)
