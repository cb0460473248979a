"""Counts as lines of JSON: what `firstparty export` writes and `firstparty import` reads."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import asdict
from typing import Any, Final, get_args

from firstparty.blocks import MOST_LETTERS
from firstparty.counts import Key
from firstparty.dimensions import SITE
from firstparty.imports import Import
from firstparty.marks import Kind, Mark
from firstparty.metrics import COUNTED
from firstparty.periods import PERIODS
from firstparty.shapes import is_object
from firstparty.transfer import Blocked, Header, Item, TransferError

FORMAT: Final = "firstparty counts"
VERSION: Final = 2
"""Version 1 has no imports."""


async def lines(header: Header, items: AsyncGenerator[Item]) -> AsyncGenerator[str]:
    """Lines of JSON: the header, each item, and one that says that nothing is missing."""
    yield _line({"format": FORMAT, "version": VERSION, **asdict(header)})
    number = 0
    async with aclosing(items):
        async for item in items:
            number += 1
            yield _line(_content(item))
    yield _line({"end": number})


def _content(item: Item) -> dict[str, Any]:
    if isinstance(item, Mark):
        return {"mark": asdict(item)}
    if isinstance(item, Blocked):
        return {"blocked": item._asdict()}
    if isinstance(item, Import):
        return {"import": asdict(item)}
    key, counts = item
    place: dict[str, Any] = {name: each for name, each in key._asdict().items() if each}
    return place | {name: each for name, each in zip(COUNTED, counts, strict=True) if each}


def _line(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def read_header(line: str) -> Header:
    """The header in a first line. Raises TransferError."""
    content = _read(line, 1)
    if content.pop("format", None) != FORMAT:
        raise TransferError("line 1 is no header: this is no export of firstparty")
    if content.pop("version", None) not in range(1, VERSION + 1):
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


async def read_items(lines: Iterable[str], dimensions: Iterable[str]) -> AsyncGenerator[Item]:
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
            if not (mark.kind in get_args(Kind) and _text(mark.text) and _whole(mark.at, mark.day)):
                raise TransferError(f"line {number} is no mark")
            return mark
        if "import" in content:
            brought = Import(**content["import"])
            texts = (brought.name, brought.writer, brought.kind)
            good = all(_text(each) for each in texts) and brought.done is True
            if not (good and _whole(brought.made, brought.first, brought.last)):
                raise TransferError(f"line {number} is no import")
            return brought
        if "blocked" in content:
            blocked = Blocked(**content["blocked"])
            if not (blocked.vocabulary in known and _text(blocked.pattern)):
                raise TransferError(f"line {number} is no pattern")
            return blocked
    except TypeError:
        raise TransferError(f"line {number} is no mark, pattern or import") from None
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
