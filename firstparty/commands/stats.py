"""`firstparty stats`, `report` and `alert`: the numbers in the terminal, by cron and by mail."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentTypeError, Namespace
from typing import Final

from firstparty import printed
from firstparty.commands import Command, argument, say, where
from firstparty.figures import figures
from firstparty.ranges import RANGES
from firstparty.reports import alerted, reported

NAMED: Final = {"today": "day", **{name: name for name in RANGES if name != "day"}}
"""The ranges that have a name, and what the API calls them."""


async def run(args: Namespace) -> None:
    """Print the numbers of a range."""
    counting = where.counting(args)
    async with where.opened(counting):
        found = await figures(counting, args.range, args.most)
    say(printed.text(found, plain=not _has_blocks()).rstrip())


def _range(text: str) -> str | list[str]:
    """A range as the API takes it: its name, or two dates."""
    first, dots, last = text.partition("..")
    if all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", each) for each in (first, last if dots else first)):
        return [first, last or first]
    if text not in NAMED and text not in RANGES:
        raise ArgumentTypeError(
            f"{text!r} is no range: write {', '.join(NAMED)}, a date as 2026-01-31, or two as"
            " 2026-01-01..2026-01-31"
        )
    return NAMED.get(text, text)


def _has_blocks() -> bool:
    """Whether the terminal, or the file, can take the letters that bars are made of."""
    try:
        printed.FULL.encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


async def report(args: Namespace) -> None:
    """Print the report of a period that is over."""
    counting = where.counting(args)
    async with where.opened(counting):
        say((await reported(counting, args.period, args.format)).rstrip())


async def alert(args: Namespace) -> None:
    """Print a sentence if yesterday was unusual, and nothing if it was not."""
    counting = where.counting(args)
    async with where.opened(counting):
        found = await alerted(counting, args.spike, args.drop, args.least)
    if found is not None:
        say(f"{counting.settings.site_name}: {found}")


def _most(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise ValueError
    return int(text)


_most.__name__ = "number"

STATS: Command = Command(
    "stats",
    run,
    "Print the numbers of a site, with bars.",
    (
        argument(
            "range",
            nargs="?",
            default="30d",
            type=_range,
            metavar="RANGE",
            help=f"{', '.join(NAMED)}, a date, or two: 2026-01-01..2026-01-31; 30d",
        ),
        argument("--most", type=_most, default=10, help="values of each kind: 10"),
    ),
    "What a running site has not written yet, for ten seconds by default, is not in them.",
)

REPORT = Command(
    "report",
    report,
    "Print the numbers of the last day, week or month that is over: for cron and mail.",
    (
        argument("--period", choices=("day", "week", "month"), default="week", help="week"),
        argument("--format", choices=("text", "html"), default="text", help="text"),
    ),
    "A week is from Monday to Sunday. The HTML loads nothing, and can be sent as a mail as it is.",
)

ALERT = Command(
    "alert",
    alert,
    "Say whether yesterday had unusually many or few page views, and nothing if it had not.",
    (
        argument("--spike", type=float, default=2.0, help="many: so many times the usual; 2"),
        argument("--drop", type=float, default=0.5, help="few: so many times the usual; 0.5"),
        argument("--least", type=int, default=50, help="page views more or less, at least: 50"),
    ),
    "Usual is the median of the same day of the week in the four weeks before. As cron sends what a"
    " command writes, this is a mail on days that deserve one.",
)
