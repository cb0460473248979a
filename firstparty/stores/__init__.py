"""Where counts are kept: one protocol, and a table of the stores that follow it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol

from firstparty.closing import Closing
from firstparty.counts import Batch, Cell, Cells, Key, Selection
from firstparty.imports import HERE, MOST_IMPORTS, Import
from firstparty.links import Link
from firstparty.marks import Mark
from firstparty.metrics import Vector
from firstparty.periods import Period


class StoreError(Exception):
    """The store cannot be used as it is; the sentence says why, and what to do."""


def check_import(there: Iterable[Import], brought: Import) -> bool:
    """Whether an import is noted already, beside these. Raises StoreError where it cannot be."""
    imports = list(there)
    if any(each.writer == brought.writer for each in imports):
        return True
    if any(each.name == brought.name for each in imports):
        raise StoreError(f"there is an import {brought.name!r} already: choose another name")
    if unfinished := [each.name for each in imports if not each.done]:
        raise StoreError(
            f"the import {unfinished[0]!r} is not finished: wait for it, run it again, or take it"
            f' away: firstparty import --undo "{unfinished[0]}"'
        )
    if len(imports) >= MOST_IMPORTS:
        raise StoreError(f"there are {MOST_IMPORTS} imports already: undo one first")
    return False


def gone(origin: str) -> StoreError:
    """What is said of a batch whose import is no more."""
    return StoreError(f"the import of {origin} was undone meanwhile: nothing more of it is added")


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
    """Keeps the counts of one site. Any method may raise; the caller goes on and tries again.

    What a method does may be cut off at any point, and is then asked for again, by this process or
    another: done twice, or half and then whole, it comes to the same. A transaction is one way to
    that. Without one, what is to be done is taken in steps that can each be repeated, and what says
    that it is done is written last. One task at a time uses a store; several processes may use what
    it stands for. An error that may quote a name is told by its type (`flush` logs it).
    `firstparty.contract` has all this as checks.
    """

    async def open(self) -> None:
        """Connect, and make or migrate the schema. Raises StoreError for what time cannot mend.

        Does nothing where it is open. Several processes may do it at once.
        """
        ...

    async def write(self, batch: Batch) -> int:
        """Add a batch: each (writer, seq) once, however often it is tried, and by whomever.

        A batch that failed comes again exactly as it was, and before it has been written no other
        of its writer; a seq that is not above the last one of its writer is not added. So a store
        without transactions can give its inserts a token of writer and seq, and note the batch
        last.
        Counts that are late (`closing.Closed`) are left out; the answer is how many. Those of an
        import are kept apart from others of the same key, until it is undone: none of them is
        crossed. Everything but `counts` sums over origins.
        """
        ...

    async def select(self, selection: Selection) -> Cells:
        """Sum counts. What was written before is in it, whoever wrote it."""
        ...

    async def names(self, again: bool = False) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary; None where nothing has changed since the last call.

        With `again`, every name in any case.
        """
        ...

    async def first_day(self) -> int | None:
        """The first day that has a page view, as 20261123."""
        ...

    async def oldest(self) -> int | None:
        """The first day that has any count, as 20261123."""
        ...

    async def forget(self, before: Mapping[Period, int]) -> None:
        """Delete the counts of each period older than the given one, and names that none has.

        In every site that shares the store. Marks, and the numbers of batches, are kept as long as
        days are. What was half deleted goes with the next call.
        """
        ...

    async def closings(self) -> frozenset[Closing]:
        """What has been closed."""
        ...

    async def close_off(self, *closings: Closing, small: Collection[Cell] = ()) -> None:
        """Note that something is closed, and delete what goes with it: once.

        From the note on nothing late is added (`write`). A store without transactions notes that it
        begins, which makes late what it is about, deletes, and notes that it is done; `closings`
        tells what is done. So one that was cut off is asked for again, and goes on. Several are
        days, and the last of them says that they are done: one after the other is right as well.
        `small` are the crossed counts of `dimension` that go with a month. With a month
        as such go those of dimensions that the table does not have and nobody counts any more;
        with a quiet day every count of it that has a dimension, but the page's.
        """
        ...

    async def mark(self, mark: Mark) -> None:
        """Add a mark: once, also where it is tried again or by another process.

        Which are the same, `Mark.same` says. Of more than MOST_MARKS the oldest leave.
        """
        ...

    async def unmark(self, mark: Mark) -> None:
        """Take away the mark that is the same (`Mark.same`); nothing where there is none."""
        ...

    async def marks(self) -> list[Mark]:
        """The marks of the site, in time."""
        ...

    async def link(self, link: Link) -> None:
        """Keep a link to the stats page. Of more than MOST_LINKS the oldest leave."""
        ...

    async def unlink(self, token: str) -> None:
        """Take a link away: of its token no byte stays behind."""
        ...

    async def links(self) -> list[Link]:
        """The links of the site, in the order in which they were made; also those that are over."""
        ...

    async def strike(self, vocabulary: str, names: Set[str]) -> int:
        """Move all counts of these names to `(unlisted)` of the same dimension and period.

        Sums stay as they are. Of the texts no byte stays in the files of the store, as far as it
        can see to that: docs say what does. Answers how many counts moved.
        """
        ...

    async def block(self, vocabulary: str, pattern: str) -> None:
        """Keep a pattern, once: what it takes gets no name any more. `names` then tells again."""
        ...

    async def allow(self, vocabulary: str, pattern: str) -> None:
        """Drop a pattern that `block` keeps."""
        ...

    async def blocks(self) -> Mapping[str, set[str]]:
        """The patterns that are blocked, by vocabulary."""
        ...

    async def days(self, origin: str = HERE) -> set[int]:
        """The days of which an origin has a total."""
        ...

    async def imports(self) -> list[Import]:
        """The imports of the site, in the order in which they began; also those not done."""
        ...

    async def begin(self, brought: Import) -> None:
        """Note an import, before its first batch (`Batch.origin`); nothing where its writer is.

        Raises StoreError where the site has one of this name, one that is not done, or
        MOST_IMPORTS.
        """
        ...

    async def finish(self, brought: Import) -> None:
        """Note that an import is done, with its first and its last day."""
        ...

    async def undo(self, name: str) -> int:
        """Take all counts of an import away, and with them the names that no other count has.

        What was closed as quiet opens again where nothing is left of the day. Answers how many
        counts went. A batch of it that comes later raises StoreError.
        """
        ...

    def counts(self, origin: str = HERE) -> AsyncGenerator[tuple[Key, Vector]]:
        """Every count of an origin as it is at one instant, one by one, in any order.

        Close it (`contextlib.aclosing`) before the store, where it may not come to its end.
        """
        ...

    async def rows(self) -> Mapping[tuple[str, str], int]:
        """How many counts there are of each dimension in each period, whatever their origin."""
        ...

    async def writers(self) -> Mapping[str, int]:
        """The number of the last batch of each writer that the store remembers."""
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


def shown(url: str) -> str:
    """The URL of a store as it may be logged: without user, password and options."""
    scheme, separator, address = url.rpartition("://")
    if scheme == "sqlite":
        return url
    # However badly it is escaped: what is before the last @ may be a part of a password.
    return f"{scheme}{separator}{address.rpartition('@')[2].partition('?')[0]}"


def connect(url: str, shape: Shape) -> Store:
    """The store of a URL, not yet opened. Raises ValueError for a URL that is none."""
    scheme, separator, address = url.partition("://")
    if not separator or scheme not in STORES:
        raise ValueError(
            f"store {shown(url)!r} is not known: write sqlite:///stats.db,"
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


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a store before it is opened: sites with their time zones, and dimensions."""

    sites: tuple[tuple[str, str], ...] = ()
    dimensions: tuple[str, ...] = ()


def look(url: str) -> Found | None:
    """What a store holds, without opening it or changing it; None where it is not there yet.

    Raises ValueError for a URL that is none, StoreError for what is no store of ours.
    """
    connect(url, Shape("", "", {}, {}, {}, {}))
    scheme, _, address = url.partition("://")
    found: Found | None = import_module(STORES[scheme].partition(":")[0]).look(address)
    return found
