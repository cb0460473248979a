"""Counts on their way from one store to another: as lines of JSON, or without a file between.

What is added carries an id as a batch carries its writer, and is added once however often it is
tried. A store also remembers the writers whose counts have come into it: counts that have a writer
in common with it are, in part at least, there already.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

from firstparty.blocks import MOST_LETTERS, Blocks
from firstparty.counts import Batch, Key, Selection
from firstparty.dimensions import SITE
from firstparty.marks import Mark
from firstparty.metrics import COUNTED, ZERO, Vector, add
from firstparty.periods import PERIODS, Calendar, day_number, days, number_day
from firstparty.row import UNLISTED, Dimension
from firstparty.shapes import is_object
from firstparty.stores import Store

FORMAT: Final = "firstparty counts"
VERSION: Final = 1
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


Item = tuple[Key, Vector] | Mark | Blocked


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
    today, first = calendar.today(now), await store.first_day()
    day = day_number(today)
    if first is not None:
        at = tuple(day_number(each) for each in days(number_day(first), today))
        there = await store.select(Selection("day", at, SITE, by_at=True))
        day = max((cell.at for cell in there), default=day)
    # The same counts have the same id, without a random number or anything made of the counts.
    id_ = f"{min(writers, default='none')}-{sum(writers.values())}-{day_number(today)}"
    return Header(id_, site, timezone, day, COUNTED, tuple(dimensions), writers)


async def items(store: Store) -> AsyncIterator[Item]:
    """All that a store has, what is blocked first."""
    for vocabulary, patterns in sorted((await store.blocks()).items()):
        for pattern in sorted(patterns):
            yield Blocked(vocabulary, pattern)
    async for key, counts in store.counts():
        if key.period != LEFT_OUT:
            yield key, counts
    for mark in await store.marks():
        yield mark


# As lines.


async def lines(header: Header, items: AsyncIterator[Item]) -> AsyncIterator[str]:
    """Lines of JSON: the header, each item, and one that says that nothing is missing."""
    yield _line({"format": FORMAT, "version": VERSION, **asdict(header)})
    number = 0
    async for item in items:
        number += 1
        if isinstance(item, Mark):
            yield _line({"mark": asdict(item)})
        elif isinstance(item, Blocked):
            yield _line({"blocked": item._asdict()})
        else:
            key, counts = item
            named = {name: each for name, each in zip(COUNTED, counts, strict=True) if each}
            yield _line({**{name: text for name, text in key._asdict().items() if text}, **named})
    yield _line({"end": number})


def _line(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def read_header(line: str) -> Header:
    """The header in a first line. Raises TransferError."""
    content = _read(line, 1)
    if content.pop("format", None) != FORMAT:
        raise TransferError("line 1 is no header: this is no export of firstparty")
    if content.pop("version", None) != VERSION:
        raise TransferError("the file was written by a newer firstparty: upgrade the package")
    try:
        id_, site, zone = content["id"], content["site"], content["timezone"]
        metrics, dimensions = (
            tuple[Any, ...](content["metrics"]),
            tuple[Any, ...](content["dimensions"]),
        )
        writers: dict[Any, Any] = dict(content["writers"])
        good = all(
            isinstance(each, str) for each in (id_, site, zone, *metrics, *dimensions, *writers)
        )
        if not good or not _whole(content["day"], *writers.values()):
            raise TypeError
    except (KeyError, TypeError, ValueError):
        raise TransferError("line 1 is no header that can be read: export once more") from None
    found = Header(id_, site, zone, content["day"], metrics, dimensions, writers)
    if unknown := [name for name in found.metrics if name not in COUNTED]:
        raise TransferError(
            f"the file counts {unknown[0]!r}, which is not known: upgrade the package"
        )
    return found


async def read_items(lines: Iterable[str], dimensions: Iterable[str]) -> AsyncIterator[Item]:
    """The items in the lines below the header. Raises TransferError at the first that is none."""
    known = {SITE, *dimensions}
    number = 1
    for number, line in enumerate(lines, 2):
        content = _read(line, number)
        if "end" in content:
            if content["end"] != number - 2:
                raise TransferError(f"{content['end']} lines were written, {number - 2} are here")
            return
        yield _item(content, known, number)
    raise TransferError(
        f"the file ends after {number} lines and is not whole: import the whole one with --add, and"
        " what is missing is added"
    )


def _read(line: str, number: int) -> dict[str, Any]:
    try:
        content: object = json.loads(line)
    except (ValueError, RecursionError):
        content = None
    if not is_object(content):
        raise TransferError(f"line {number} is no JSON object")
    return dict(content)


def _item(content: Mapping[str, Any], known: set[str], number: int) -> Item:
    try:
        if "mark" in content:
            mark = Mark(**content["mark"])
            if not (mark.kind == "release" and _text(mark.text) and _whole(mark.at, mark.day)):
                raise TransferError(f"line {number} is no mark")
            return mark
        if "blocked" in content:
            blocked = Blocked(**content["blocked"])
            if not (blocked.vocabulary in known and _text(blocked.pattern)):
                raise TransferError(f"line {number} is no pattern")
            return blocked
    except TypeError:
        raise TransferError(f"line {number} is no mark and no pattern") from None
    rest = dict(content)
    period, at = rest.pop("period", None), rest.pop("at", None)
    dimension, value, path = (rest.pop(name, "") for name in ("dimension", "value", "path"))
    counts = tuple(rest.pop(name, 0) for name in COUNTED)
    key = Key(period, at, dimension, value, path)
    if (
        rest
        or period not in PERIODS
        or dimension not in known
        or not _whole(at, *counts)
        or not all(isinstance(text, str) and len(text) <= MOST_LETTERS for text in (value, path))
        or bool(dimension) != bool(value)
        or (period == "crossed") != bool(path)
    ):
        raise TransferError(f"line {number} is no count of what the header names")
    return key, counts


def _text(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= MOST_LETTERS


def _whole(*numbers: object) -> bool:
    return all(type(number) is int and abs(number) < 2**53 for number in numbers)


# Into a store.


async def add_all(
    store: Store,
    header: Header,
    items: AsyncIterator[Item],
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
        if common := there.keys() & header.writers.keys():
            raise AgainError(
                f"the database has counts of {len(common)} of the {len(header.writers)} processes"
                " that wrote these: they would count twice"
            )
        if empty and await _has_counts(store):
            raise AgainError(f"the database has counts of {header.site} already")
    # In every batch, so that the store remembers all of this for as long as it keeps the counts.
    last = {Key("day", header.day, SITE, "", ""): ZERO}
    await store.write(Batch(id_, 1, last))
    for writer, seq in header.writers.items():
        await store.write(Batch(writer, seq, last))
    blocks = {name: Blocks(each) for name, each in (await store.blocks()).items()}
    done, seq, added, size = there.get(id_, 0), 1, 0, 0
    chunk = dict[Key, Vector]()

    async def send() -> None:
        nonlocal seq, added, size
        seq += 1
        if seq > done and size:
            await store.write(Batch(id_, seq, {**last, **chunk}))
            added += size
        chunk.clear()
        size = 0

    async for item in items:
        if isinstance(item, Mark):
            await store.mark(item)
        elif isinstance(item, Blocked):
            await store.block(item.vocabulary, item.pattern)
            blocks[item.vocabulary] = Blocks((await store.blocks())[item.vocabulary])
        else:
            key = without_blocked(item[0], table, blocks)
            if key.path and not table[key.dimension].by:
                raise TransferError(f"{key.dimension} is crossed with nothing")
            chunk[key] = add(chunk[key], item[1]) if key in chunk else item[1]
            size += 1
            if size >= CHUNK:
                await send()
    await send()
    return added


async def _has_counts(store: Store) -> bool:
    async for _ in store.counts():
        return True
    return False


def without_blocked(key: Key, table: Mapping[str, Dimension], blocks: Mapping[str, Blocks]) -> Key:
    """The key without names that are blocked."""
    if not blocks or not key.dimension:
        return key
    row = table[key.dimension]
    if not row.closed and key.value in blocks.get(row.vocabulary, ()):
        key = key._replace(value=UNLISTED)
    if key.path and key.path in blocks.get(table[row.by].vocabulary, ()):
        key = key._replace(path=UNLISTED)
    return key
