"""`firstparty forget`: takes a name out of everything that is stored, and keeps names away."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from firstparty.blocks import MOST_LETTERS, Blocks
from firstparty.commands import Command, CommandError, argument, note, say, where
from firstparty.dimensions import PATH
from firstparty.row import Dimension
from firstparty.stores import Store

TRIES: Final = 5
PAUSE: Final = 0.3
"""Seconds after which it is looked whether a batch that was just being written brought it back."""


async def run(args: Namespace) -> None:
    """Take a name out, or change or print the list of what is blocked."""
    if sum((args.value is not None, args.list, args.allow is not None)) != 1:
        raise CommandError("write either a VALUE, or --list, or --allow PATTERN")
    counting = where.counting(args)
    vocabularies = _vocabularies(counting.table, args.dimension)
    async with where.opened(counting) as store:
        if args.list:
            await _list(store)
        elif args.allow is not None:
            await _allow(store, vocabularies, args.allow)
        else:
            await _forget(store, vocabularies, _typed(args.value), args.block)
            path: Path | None = getattr(store, "path", None)
            wal = path and path.with_name(f"{path.name}-wal")
            if wal and wal.exists() and wal.stat().st_size:
                note(
                    "a process that reads keeps the write-ahead log, which may still have the text:"
                    " the next batch of the site empties it"
                )


def _typed(value: str) -> str:
    text = sys.stdin.readline().strip("\r\n") if value == "-" else value
    if not text.strip("*") or text.startswith("(") or len(text) > MOST_LETTERS:
        raise CommandError(f"{text!r} names nothing that could be forgotten: write a name of yours")
    return text


def _vocabularies(table: Mapping[str, Dimension], name: str | None) -> tuple[str, ...]:
    """The open vocabularies that are meant: pages first."""
    opens = {row.name: row.vocabulary for row in table.values() if not row.closed}
    if name is None:
        return tuple(sorted(set(opens.values()), key=lambda each: (each != PATH.name, each)))
    if name in opens:
        return (opens[name],)
    if name in table:
        raise CommandError(f"the values of {name} are made by our own code: no text is among them")
    raise CommandError(f"there is no dimension {name!r}: write one of {', '.join(opens)}")


async def _forget(store: Store, vocabularies: tuple[str, ...], text: str, block: bool) -> None:
    pattern = "*" in text
    if pattern or block:
        # First: so that no process gives the name again while it is taken out.
        for vocabulary in vocabularies:
            await store.block(vocabulary, text)
    struck, moved = set[tuple[str, str]](), 0
    for number in range(TRIES):
        if number:
            await asyncio.sleep(PAUSE)
        found = await _found(store, vocabularies, text)
        if not found and number:
            break
        for vocabulary, names in found.items():
            moved += await store.strike(vocabulary, names)
            struck |= {(vocabulary, name) for name in names}
    for vocabulary, number in sorted(
        (vocabulary, sum(each == vocabulary for each, _ in struck))
        for vocabulary in {vocabulary for vocabulary, _ in struck}
    ):
        say(f"{vocabulary}: {number} {'name' if number == 1 else 'names'} forgotten")
    if struck:
        say(f"{moved} counts are now part of (unlisted).")
    elif not pattern and not block:
        raise CommandError(f"no name {text!r} is stored: write it as the stats page shows it")
    if pattern:
        say(f"Blocked from now on: {text}")
    elif block:
        say(f"Blocked from now on: {text}")
        note("the list of what is blocked now has this very text in it")
    else:
        say(
            "Not blocked: seen often enough it gets its name again. To keep it away without keeping"
            " its text, forget a pattern that takes it, as '/reset/*'."
        )


async def _found(store: Store, vocabularies: tuple[str, ...], text: str) -> dict[str, set[str]]:
    """The names that are meant, by vocabulary."""
    names = await store.names(again=True) or {}
    meant = Blocks((text,))
    found = {
        vocabulary: {name for name in names.get(vocabulary, ()) if name in meant}
        for vocabulary in vocabularies
    }
    return {vocabulary: taken for vocabulary, taken in found.items() if taken}


async def _list(store: Store) -> None:
    for vocabulary, patterns in sorted((await store.blocks()).items()):
        for pattern in sorted(patterns):
            say(f"{vocabulary}\t{pattern}")


async def _allow(store: Store, vocabularies: tuple[str, ...], pattern: str) -> None:
    blocks = await store.blocks()
    there = [each for each in vocabularies if pattern in blocks.get(each, ())]
    if not there:
        raise CommandError(f"{pattern!r} is not blocked: see firstparty forget --list")
    for vocabulary in there:
        await store.allow(vocabulary, pattern)
    say(f"No longer blocked: {pattern}")


COMMAND = Command(
    "forget",
    run,
    "Take a name that should not be there out of all counts, and block patterns of names.",
    (
        argument(
            "value",
            nargs="?",
            metavar="VALUE",
            help="the name as the stats page shows it, a pattern as '/reset/*', or - to read it"
            " from standard input, so that it is in no history of a shell",
        ),
        argument("--dimension", metavar="NAME", help="only there; else wherever it is found"),
        argument(
            "--block",
            action="store_true",
            help="block a VALUE that is no pattern: its text is then kept in the list",
        ),
        argument("--list", action="store_true", help="print what is blocked"),
        argument("--allow", metavar="PATTERN", help="no longer block a pattern"),
    ),
    "Its counts go to (unlisted), so that every sum stays as it was, and the file is written anew,"
    " which takes as much room again for a moment. A pattern is also blocked: what it takes counts"
    " as (unlisted) from then on, in every process. A VALUE without * is not, as the list would"
    " keep the text that is to be forgotten. Copies, backups and exports are not changed.",
)
