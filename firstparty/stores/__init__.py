"""Where counts are kept: one protocol, and a table of the stores that follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol

from firstparty.counts import Batch, Cells, Selection
from firstparty.marks import Mark
from firstparty.periods import Period


class StoreError(Exception):
    """The store cannot be used as it is; the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a store needs to know of the site and of the dimension table.

    `names` is the cap of names by vocabulary, `pairs` the cap of (page, value) pairs of a month
    by dimension, `vocabularies` the vocabulary that a dimension's values are names of, `places`
    that which the pages are names of that it is crossed with.
    """

    site: str
    timezone: str
    names: Mapping[str, int]
    pairs: Mapping[str, int]
    vocabularies: Mapping[str, str]
    places: Mapping[str, str]


class Store(Protocol):
    """Keeps the counts of one site. Any method may raise; the caller goes on and tries again."""

    async def open(self) -> None:
        """Connect, and make or migrate the schema. Raises StoreError for what time cannot mend."""
        ...

    async def write(self, batch: Batch) -> None:
        """Add a batch: all of it or nothing, and each (writer, seq) once."""
        ...

    async def select(self, selection: Selection) -> Cells:
        """Sum counts."""
        ...

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary; None where nothing has changed since the last call.

        With `again`, every name in any case.
        """
        ...

    async def first_day(self) -> int | None:
        """The first day that has a page view, as 20261123."""
        ...

    async def forget(self, before: Mapping[Period, int]) -> None:
        """Delete the counts of each period older than the given one, and names that none has.

        Marks are kept as long as days are.
        """
        ...

    async def mark(self, mark: Mark) -> None:
        """Add a mark: once, also where it is tried again or by another process.

        A release is the same by its kind and text. Of more than MOST_MARKS the oldest leave.
        """
        ...

    async def marks(self) -> list[Mark]:
        """The marks of the site, in time."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...


STORES: Final = {
    "sqlite": "firstparty.stores.sqlite:SQLiteStore",
    "postgresql": "firstparty.stores.postgresql:PostgreSQLStore",
    "postgres": "firstparty.stores.postgresql:PostgreSQLStore",
    "memory": "firstparty.stores.memory:MemoryStore",
}
"""The store of each URL scheme, loaded only when it is chosen."""

EXTRAS: Final = {"asyncpg": "postgres"}
"""The extra that installs the package that a store needs."""


def connect(url: str, shape: Shape) -> Store:
    """The store of a URL, not yet opened. Raises ValueError for a URL that is none."""
    scheme, separator, address = url.partition("://")
    if not separator or scheme not in STORES:
        # An address may have a password in it, which belongs into no log.
        shown = f"{scheme}://…" if separator and {"@", "?"} & set(address) else url
        raise ValueError(
            f"store {shown!r} is not known: write sqlite:///stats.db,"
            " postgresql://user:password@host/name, or memory:// for tests"
        )
    module, _, name = STORES[scheme].partition(":")
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(error.name or "")
        if extra is None:
            raise
        raise ValueError(
            f"store '{scheme}://…' needs {error.name}: pip install \"firstparty[{extra}]\""
        ) from None
    store: Store = getattr(loaded, name)(address, shape)
    return store
