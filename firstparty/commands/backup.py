"""`firstparty backup`: a copy of the database, while the site runs."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

from firstparty.commands import Command, CommandError, argument, files, say, where
from firstparty.stores.sqlite_copy import copy


async def run(args: Namespace) -> None:
    """Copy the database to a file."""
    await asyncio.to_thread(_backup, args)


def _backup(args: Namespace) -> None:
    place, target = where.store_url(args), Path(args.file)
    where.looked(place)
    scheme, _, address = place.partition("://")
    if scheme != "sqlite":
        raise CommandError(
            f"backup copies an SQLite file, and the store is {scheme}: use what the database has"
            " for it (pg_dump), or firstparty export"
        )
    source = Path(address.removeprefix("/"))
    if target.exists() and target.samefile(source):
        raise CommandError(f"{target} is the database itself: name another file")
    with files.new(target, force=args.force) as part:
        copy(source, part)
    say(f"{target}: {target.stat().st_size:,} bytes")


COMMAND = Command(
    "backup",
    run,
    "Copy the database to a file, while the site runs.",
    (
        argument("file", metavar="FILE", help="the file to write, with mode 0600"),
        argument("--force", action="store_true", help="write over a file that is there"),
    ),
    "The copy is the database as it is at one instant, without the counts by the minute. To go back"
    " to it, stop the site and put it in the place of the database. Nothing is deleted from a copy"
    " on time: delete old ones yourself.",
)
