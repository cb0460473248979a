"""`firstparty import log FILE…`: what a web server has written of requests, or is writing."""

from __future__ import annotations

import asyncio
import logging
import signal
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from firstparty.commands import CommandError, argument, note
from firstparty.counting import Counting
from firstparty.importers.gather import Gathered
from firstparty.logs import formats
from firstparty.logs.bringing import LogImport, own
from firstparty.logs.follow import Follower
from firstparty.logs.formats import makes
from firstparty.logs.position import Position
from firstparty.logs.tail import Tail

ARGUMENTS: Final = (
    argument(
        "--format",
        choices=[*formats.FORMATS],
        help="of a log: its format, which is recognised otherwise",
    ),
    argument(
        "--fields",
        metavar="HEADERS",
        default="",
        help="of a log: the headers that stand in quotes behind the fields of combined, in their"
        " order, as sec-gpc,dnt; - for one that is not to be looked at",
    ),
    argument(
        "--host",
        action="append",
        default=[],
        help="of a log: a host of the site, as example.org; may be given several times",
    ),
    argument(
        "--follow",
        action="store_true",
        help="of a log: count what is added to it from now on, until it is stopped; for formats"
        " that carry Sec-GPC and DNT",
    ),
    argument(
        "--position",
        metavar="PLACE",
        help="with --follow: the file that remembers how far the log is counted; else"
        " FILE.position beside the database",
    ),
)


def read(
    args: Namespace,
    counting: Counting,
    names: Sequence[str],
    gathered: Gathered,
    told: Callable[[int, int], None],
) -> None:
    """Read logs into what an import gathers."""
    more = formats.fields(args.fields)
    LogImport(counting, gathered, args.format, more, args.host).read(names, told)


async def follow(args: Namespace, counting: Counting, names: Sequence[str]) -> None:
    """Count what is added to a log, until SIGTERM or SIGINT."""
    if len(names) != 1 or names[0] == "-":
        raise CommandError(
            "--follow takes one file, and no input: firstparty import log --follow FILE"
        )
    if args.dry_run or args.name or args.until:
        raise CommandError("--follow counts what comes now: it has no --dry-run, --name or --until")
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    path = Path(names[0])
    settings = own(counting.settings, args.host)
    position = Position(_position(args, settings.store, path))
    with closing(position):
        follower = Follower(
            counting,
            settings,
            Tail(path),
            position,
            makes(args.format, formats.fields(args.fields)),
        )
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, follower.stopping.set)
        await follower.run(
            lambda: note(f"{path} is followed: {settings.site_name} in {settings.timezone}")
        )
    note(f"{follower.counted:,} lines counted")


def _position(args: Namespace, store: str, path: Path) -> Path:
    if args.position:
        return Path(args.position)
    scheme, _, file = store.partition(":///")
    folder = Path(file).parent if scheme == "sqlite" else Path()
    return folder / f"{path.name}.position"
