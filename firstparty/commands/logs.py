"""`firstparty import log FILE…`: what a web server has written of requests."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Final

from firstparty.commands import argument
from firstparty.counting import Counting
from firstparty.importers.gather import Gathered
from firstparty.logs import formats
from firstparty.logs.bringing import LogImport

ARGUMENTS: Final = (
    argument(
        "--format",
        choices=[*formats.FORMATS],
        help="of a log: its format, which is recognised otherwise",
    ),
    argument(
        "--fields",
        metavar="HEADERS",
        type=formats.fields,
        default=(),
        help="of a log: the headers that stand in quotes behind the fields of combined, in their"
        " order, as sec-gpc,dnt; - for one that is not to be looked at",
    ),
    argument(
        "--host",
        action="append",
        default=[],
        help="of a log: a host of the site, as example.org; may be given several times",
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
    LogImport(counting, gathered, args.format, args.fields, args.host).read(names, told)
