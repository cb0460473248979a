"""`firstparty export`: all counts of a site as lines of JSON."""

from __future__ import annotations

from argparse import Namespace
from contextlib import aclosing
from dataclasses import replace
from typing import TextIO

from firstparty import jsonlines, transfer
from firstparty.commands import Command, argument, files, note, where
from firstparty.counting import Counting
from firstparty.periods import day_number
from firstparty.stores import Store


async def run(args: Namespace) -> None:
    """Write the counts of a site to a file, or to standard output."""
    counting = where.counting(args)
    async with where.opened(counting) as store:
        with files.writing(args.file, force=args.force) as file:
            number = await _write(counting, store, file)
    note(f"{number} lines written")


async def header(counting: Counting, store: Store) -> transfer.Header:
    """The header of what a store has of its site."""
    settings = counting.settings
    return await transfer.header(
        store,
        settings.site_name,
        settings.timezone,
        counting.table,
        counting.clock(),
        counting.calendar,
    )


async def _write(counting: Counting, store: Store, file: TextIO) -> int:
    number = 0
    first = await header(counting, store)
    # By tomorrow the same counts may be fewer, as what is old is deleted.
    day = day_number(counting.calendar.today(counting.clock()))
    first = replace(first, id=f"{first.id}-{day}")
    async with aclosing(jsonlines.lines(first, transfer.items(store))) as lines:
        async for line in lines:
            file.write(f"{line}\n")
            number += 1
    file.flush()
    return number


COMMAND = Command(
    "export",
    run,
    "Write all counts of a site as lines of JSON, which any store can import.",
    (
        argument("file", metavar="FILE", help="the file to write, with mode 0600; - for output"),
        argument("--force", action="store_true", help="write over a file that is there"),
    ),
    "The counts are those of one instant, without those by the minute. Small crossed counts are in"
    " it, as they are in the database: give it to nobody whom you would not give the database.",
)
