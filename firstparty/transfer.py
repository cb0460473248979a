"""Counts on their way from one store to another.

What is added carries an id as a batch carries its writer, and is added once however often it is
tried. A store also remembers the writers whose counts have come into it: counts that have a writer
in common with it are, in part at least, there already.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, NamedTuple

from firstparty.blocks import Blocks
from firstparty.counts import Batch, Key
from firstparty.dimensions import SITE
from firstparty.imports import HERE, Import
from firstparty.marks import Mark
from firstparty.metrics import COUNTED, ZERO, Vector, add
from firstparty.periods import Calendar, day_number
from firstparty.row import UNLISTED, Dimension
from firstparty.stores import Store

LEFT_OUT: Final = "minute"
"""The period that does not travel: minutes are kept for an hour, and a file would keep them."""
CHUNK: Final = 5_000
"""Counts of one batch: also how many are in memory at a time."""


class TransferError(Exception):
    """What is read are no counts that can be added; the sentence says why."""


class AgainError(TransferError):
    """The counts, or some of them, are there already."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of counts before the first of them: the first line of a file.

    `day` is the last day that has any: until it is forgotten, the store remembers the `id`.
    """

    id: str
    site: str
    timezone: str
    day: int
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    writers: Mapping[str, int]


class Blocked(NamedTuple):
    """A pattern that the owner has blocked."""

    vocabulary: str
    pattern: str


Item = tuple[Key, Vector] | Mark | Blocked | Import
"""Counts that stand behind an import are its own."""


async def header(
    store: Store,
    site: str,
    timezone: str,
    dimensions: Iterable[str],
    now: float,
    calendar: Calendar,
) -> Header:
    """The header of all counts of a store that is open."""
    writers = await store.writers()
    day = max(await store.days(), default=day_number(calendar.today(now)))
    # The same counts have the same id, without a random number or anything made of the counts.
    id_ = f"{min(writers, default='none')}-{sum(writers.values())}"
    return Header(id_, site, timezone, day, COUNTED, tuple(dimensions), writers)


async def items(store: Store) -> AsyncGenerator[Item]:
    """All that a store has, what is blocked first."""
    for vocabulary, patterns in sorted((await store.blocks()).items()):
        for pattern in sorted(patterns):
            yield Blocked(vocabulary, pattern)
    async with aclosing(store.counts()) as every:
        async for key, counts in every:
            if key.period != LEFT_OUT:
                yield key, counts
    for brought in await store.imports():
        if brought.done:
            yield brought
            async with aclosing(store.counts(brought.writer)) as every:
                async for item in every:
                    yield item
    for mark in await store.marks():
        yield mark


async def add_all(
    store: Store,
    header: Header,
    items: AsyncGenerator[Item],
    table: Mapping[str, Dimension],
    *,
    empty: bool,
) -> int:
    """Add what is not there yet; answers how many counts were added now.

    `table` has every dimension of the header. With `empty`, a store that has counts is refused.
    Raises AgainError for counts that came before, in part or under another id.
    """
    id_ = f"import-{header.id}"
    there = await store.writers()
    if id_ not in there:
        await _check(store, header, there, empty)
    # In every batch, so that the store remembers all of this for as long as it keeps the counts.
    last = {Key("day", header.day, SITE, "", ""): ZERO}
    await store.write(Batch(id_, 1, last))
    for writer, seq in header.writers.items():
        await store.write(Batch(writer, seq, last))
    blocks = {name: Blocks(each) for name, each in (await store.blocks()).items()}
    done, seq, added, size = there.get(id_, 0), 1, 0, 0
    chunk = dict[Key, Vector]()
    brought: Import | None = None

    async def send() -> None:
        nonlocal seq, added, size
        seq += 1
        if seq > done and size:
            of = {**last, **chunk} if brought is None else dict(chunk)
            await store.write(Batch(id_, seq, of, brought.writer if brought else HERE))
            added += size
        chunk.clear()
        size = 0

    async def begin(new: Import | None) -> None:
        nonlocal brought
        await send()
        if brought is not None:
            await store.finish(brought)
        brought = new
        if new is not None:
            await store.begin(new)

    async with aclosing(items):
        async for item in items:
            if isinstance(item, Mark):
                await store.mark(item)
            elif isinstance(item, Import):
                await begin(item)
            elif isinstance(item, Blocked):
                await store.block(item.vocabulary, item.pattern)
                blocks[item.vocabulary] = Blocks((await store.blocks())[item.vocabulary])
            else:
                key = without_blocked(item[0], table, blocks)
                chunk[key] = add(chunk[key], item[1]) if key in chunk else item[1]
                size += 1
                if size >= CHUNK:
                    await send()
    await begin(None)
    return added


async def _check(store: Store, header: Header, there: Mapping[str, int], empty: bool) -> None:
    if common := there.keys() & header.writers.keys():
        raise AgainError(
            f"the database has counts of {len(common)} of the {len(header.writers)} processes"
            " that wrote these: they would count twice"
        )
    if empty and await _has_counts(store):
        raise AgainError(f"the database has counts of {header.site} already")


async def _has_counts(store: Store) -> bool:
    if await store.imports():
        return True
    async with aclosing(store.counts()) as every:
        async for _ in every:
            return True
    return False


def without_blocked(key: Key, table: Mapping[str, Dimension], blocks: Mapping[str, Blocks]) -> Key:
    """The key without names that are blocked. Raises TransferError for one that cannot be."""
    if not key.dimension:
        return key
    row = table[key.dimension]
    if key.path and not row.by:
        raise TransferError(f"{key.dimension} is crossed with nothing")
    if not row.closed and key.value in blocks.get(row.vocabulary, ()):
        key = key._replace(value=UNLISTED)
    if key.path and key.path in blocks.get(table[row.by].vocabulary, ()):
        key = key._replace(path=UNLISTED)
    return key
