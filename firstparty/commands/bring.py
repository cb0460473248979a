"""`firstparty import` and `firstparty merge`: counts of elsewhere, added once."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from itertools import chain
from typing import Final, TextIO

from firstparty import jsonlines, transfer
from firstparty.commands import (
    Command,
    CommandError,
    argument,
    export,
    files,
    history,
    logs,
    say,
    where,
)
from firstparty.counting import Counting
from firstparty.importers import KINDS
from firstparty.settings import PREFIX
from firstparty.stores import Found, look, shown
from firstparty.transfer import AgainError, TransferError

MOST_CHARACTERS: Final = 2**24
"""Of a line; the first has a name for each process that ever wrote."""


async def run_import(args: Namespace) -> None:
    """Add the counts of a file, ours or another tool's; or tell of imports, or undo one."""
    if args.list:
        await history.run_list(args)
    elif args.undo is not None:
        await history.run_undo(args)
    elif not args.what:
        raise CommandError("which file? firstparty import FILE, or firstparty import KIND FILE")
    elif (other := history.chosen(args)) is not None:
        await history.run(args, *other)
    else:
        await _import(args, args.what[0])


async def _import(args: Namespace, name: str) -> None:
    with files.reading(name) as file:
        lines = _lines(file)
        try:
            header = jsonlines.read_header(next(lines, ""))
        except (TransferError, UnicodeDecodeError) as error:
            if more := history.hint(name):
                raise CommandError(f"this is no export of firstparty{more}") from None
            if isinstance(error, UnicodeDecodeError):
                raise CommandError("this is no export of firstparty: it is not UTF-8") from None
            raise
        counting = _target(args, header.site, header.timezone, header.dimensions)
        items = jsonlines.read_items(lines, header.dimensions)
        async with where.opened(counting) as store:
            try:
                added = await transfer.add_all(
                    store, header, items, counting.table, empty=not args.add
                )
            except AgainError as error:
                more = "" if args.add else "; to add to other counts, write --add"
                raise CommandError(f"{error}{more}") from None
    _tell(added, counting)


def _lines(file: TextIO) -> Iterator[str]:
    return iter(lambda: file.readline(MOST_CHARACTERS), "")


def _target(args: Namespace, site: str, zone: str, dimensions: tuple[str, ...]) -> Counting:
    """The store to add to: one that is not there yet is made for the site of the counts."""
    place = where.store_url(args)
    found = look(place) or Found()
    asked = args.timezone or os.environ.get(f"{PREFIX}TIMEZONE")
    if asked not in {None, zone}:
        raise CommandError(
            f"these counts are by days of {zone}, and cannot become days of {asked}: write"
            f" --timezone {zone}"
        )
    name = args.site or os.environ.get(f"{PREFIX}SITE") or site
    return where.of(place, name, zone, (*found.dimensions, *dimensions))


async def run_merge(args: Namespace) -> None:
    """Add the counts of another database."""
    counting = where.counting(args)
    settings = counting.settings
    place = where.url(args.other)
    found = where.looked(place)
    sites = [each for each in found.sites if args.other_site in {None, each[0]}]
    there = ", ".join(f"{name} in {zone}" for name, zone in found.sites) or "no site"
    if len(sites) != 1:
        sites = [each for each in sites if each == (settings.site_name, settings.timezone)]
    if len(sites) != 1:
        raise CommandError(f"{shown(place)} holds {there}: choose one by --other-site")
    site, zone = sites[0]
    if zone != settings.timezone:
        raise CommandError(
            f"{shown(place)} counts by days of {zone}, which cannot become days of"
            f" {settings.timezone}"
        )
    other = where.of(place, site, zone, found.dimensions)
    counting = where.of(
        settings.store, settings.site_name, zone, chain(counting.table, other.table)
    )
    async with where.opened(other) as source, where.opened(counting) as store:
        header = await export.header(other, source)
        items = transfer.items(source)
        added = await transfer.add_all(store, header, items, counting.table, empty=False)
    _tell(added, counting)


def _tell(added: int, counting: Counting) -> None:
    settings = counting.settings
    where_ = f"{settings.site_name} in {settings.timezone}, {shown(settings.store)}"
    say(f"{added} counts added to {where_}" if added else f"all of it is there already: {where_}")


IMPORT = Command(
    "import",
    run_import,
    "Add the counts of an export, or those of another tool, once however often it is tried.",
    (
        argument(
            "what",
            metavar="FILE",
            nargs="*",
            help="what firstparty export wrote, - for input; or KIND FILE… of another tool,"
            f" where KIND is {', '.join(KINDS)}",
        ),
        argument(
            "--add", action="store_true", help="also to a site that has counts already: add to them"
        ),
        argument("--name", help="of another tool: the import's name, else the kind and the days"),
        argument(
            "--until",
            metavar="DAY",
            type=history.day,
            help="of another tool: the last day to take, as 2026-01-31; else the day before the"
            " first that was counted here",
        ),
        argument(
            "--dry-run",
            action="store_true",
            help="of another tool: say what would be taken, and take nothing",
        ),
        *logs.ARGUMENTS,
        argument("--list", action="store_true", help="the imports of other tools that there are"),
        argument("--undo", metavar="NAME", help="take away what an import of that name added"),
    ),
    "A store that is not there yet is made, for the site and the time zone of the export. An import"
    " that was stopped goes on where it was, if it is run again with --add. Counts that have come"
    " by another way, or in an earlier export, are refused: they would count twice."
    " What another tool had counted is taken for days of which there is no count yet, so that it"
    " counts once however often it is tried: docs/how-to/import-history.md.",
)

MERGE = Command(
    "merge",
    run_merge,
    "Add the counts of another database, once.",
    (
        argument("other", metavar="OTHER", help="the other database: a file, or a store's URL"),
        argument("--other-site", metavar="NAME", help="the site in it, where it holds several"),
    ),
    "Let no site write to the other database any more: what it counts later is refused, as its"
    " earlier counts would be added twice. It is opened as a site opens it: an older schema is"
    " brought forward. Its counts stay as they are.",
)
