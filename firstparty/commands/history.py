"""`firstparty import KIND FILE…`: what another tool had counted, brought in under a name."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from firstparty.commands import CommandError, logs, note, say, where
from firstparty.counting import Counting
from firstparty.dimensions import SITE, table
from firstparty.importers import KINDS, ImporterError, Left, importer, looks_like
from firstparty.importers.bring import Brought, bring, undo
from firstparty.importers.gather import Gathered
from firstparty.importers.plan import HERE as COUNTED_HERE
from firstparty.importers.plan import THERE, Taken
from firstparty.importers.sheets import Sheet, opened
from firstparty.logs.formats import UnknownError
from firstparty.metrics import BY_NAME, COUNTED
from firstparty.periods import number_day
from firstparty.stores import Found, look, shown

EVERY: Final = 0.2
"""Seconds between two lines of progress, on a terminal alone."""


def day(text: str) -> date:
    """A day, as the argument `--until` takes it."""
    return date.fromisoformat(text)


async def run(args: Namespace, kind: str, names: Sequence[str]) -> None:
    """Bring in what files say."""
    if args.follow:
        if not KINDS[kind].lines:
            raise CommandError(f"--follow is of a log, and not of {KINDS[kind].label}")
        await logs.follow(args, _target(args), names)
        return
    sheets = [] if KINDS[kind].lines else opened(list(names))
    counting = _target(args)
    left = Left()
    if KINDS[kind].lines:
        gathered = _gathered(counting, left)
        progress = _Progress("bytes read")
        try:
            logs.read(args, counting, names, gathered, progress.tell)
        except UnknownError:
            with suppress(OSError):
                _check_kind(kind, opened([name for name in names if name != "-"]))
            raise
        finally:
            progress.end()
    else:
        gathered = _gather(counting, kind, sheets, left)
    async with where.opened(counting) as store:
        found = await bring(
            store,
            counting,
            gathered,
            kind,
            args.name,
            args.until,
            dry=args.dry_run,
            told=_Progress("counts written").tell,
        )
    _tell(found, gathered, left, kind, counting, dry=args.dry_run)


async def run_list(args: Namespace) -> None:
    """Tell what has been brought in."""
    async with where.opened(where.counting(args)) as store:
        for each in await store.imports():
            days = f"{number_day(each.first)} to {number_day(each.last)}" if each.first else ""
            end = "" if each.done else ", not finished"
            say(f"{each.name}  {days}  brought in on {number_day(each.made)}{end}")


async def run_undo(args: Namespace) -> None:
    """Take away what was brought in under a name."""
    async with where.opened(where.counting(args)) as store:
        gone = await undo(store, args.undo)
    say(f"{args.undo!r} is taken away: {gone:,} counts")


def _target(args: Namespace) -> Counting:
    """The store to add to: one that is not there yet is made for the site of the settings."""
    place = where.store_url(args)
    found = look(place) or Found()
    if found.sites:
        site, zone = where.chosen(found, place, args.site, args.timezone)
        return where.of(place, site, zone, found.dimensions)
    counting = where.of(place, args.site, args.timezone)
    settings = counting.settings
    note(
        f"{shown(place)} is not there yet: it is for site {settings.site_name!r} in"
        f" {settings.timezone}, and the application is to have the same settings"
    )
    return counting


def _gathered(counting: Counting, left: Left) -> Gathered:
    settings = counting.settings
    # Dimensions that only the application knows may be of any kind: nothing is brought into them.
    known = table(country=settings.country, exposure=settings.exposure)
    rows = {name: row for name, row in counting.table.items() if name in known}
    own = {*settings.hosts, *([settings.site_name] if settings.site_name else [])}
    return Gathered(rows, counting.paths, left, own)


def _gather(counting: Counting, kind: str, sheets: Sequence[Sheet], left: Left) -> Gathered:
    gathered = _gathered(counting, left)
    progress = _Progress("rows read")
    try:
        for sheet in sheets:
            gathered.open(sheet.name)
            for row in importer(kind).rows(sheet, left, counting.calendar):
                gathered.take(row)
                progress.tell(gathered.rows)
    except ImporterError:
        _check_kind(kind, sheets)
        raise
    finally:
        progress.end()
    if not gathered.rows:
        _check_kind(kind, sheets)
        reasons = [*(f"{what}: {why}" for what, why in left.whole.items()), *left.rows]
        raise ImporterError(
            f"there is nothing of {KINDS[kind].label} in it that can be taken"
            + (f" ({reasons[0]})" if reasons else "")
        )
    return gathered


def _check_kind(kind: str, sheets: Sequence[Sheet]) -> None:
    other = next((found for each in sheets if (found := looks_like(each))), kind)
    if other != kind:
        raise ImporterError(
            f"this looks like an export of {KINDS[other].label}: firstparty import {other}"
        )


class _Progress:
    """Says how far it is, on a terminal."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = sys.stderr.isatty()
        self._next = 0.0

    def tell(self, done: int, of: int | None = None) -> None:
        """So many are done."""
        if self._shown and (time.monotonic() >= self._next or done == of):
            self._next = time.monotonic() + EVERY
            share = f" of {of:,}" if of else ""
            end = "\n" if done == of else ""
            sys.stderr.write(f"\r{done:,}{share} {self._what}{end}")
            sys.stderr.flush()

    def end(self) -> None:
        """Leaves the line."""
        if self._shown:
            sys.stderr.write("\n")


def _tell(
    found: Brought,
    gathered: Gathered,
    left: Left,
    kind: str,
    counting: Counting,
    *,
    dry: bool,
) -> None:
    plan, settings = found.plan, counting.settings
    place = f"{settings.site_name} in {settings.timezone}, {shown(settings.store)}"
    unit = "lines" if KINDS[kind].lines else "rows"
    say(f"{gathered.rows:,} {unit} of {KINDS[kind].label}")
    if found.name is None:
        if plan.left.keys() & {THERE, COUNTED_HERE}:
            say(f"nothing is taken: all of it is there already: {place}")
        else:
            say("nothing is taken")
    else:
        first, last = (number_day(each).isoformat() for each in plan.span)
        taken = "would be taken" if dry else "taken"
        say(f"{taken}: {first} to {last}, as {found.name!r}: {place}")
        for each in plan.taken:
            say(f"  {_taken(each, counting)}")
        if plan.quiet:
            say(
                f"  {_days(len(plan.quiet))} with fewer than {settings.min_count} page views, or as"
                " company of one: the day keeps its total and its pages alone, the month the rest"
            )
    if left.rows or left.whole or plan.left:
        say("not taken:")
    for reason, days in plan.left.items():
        lines = sum(gathered.rows_of[day] for day in days)
        say(f"  {_days(len(days))}{f', {lines:,} lines' if lines else ''}: {reason}")
    for reason, number in left.rows.items():
        say(f"  {number:,} {unit}: {reason}")
    for what, why in left.whole.items():
        say(f"  {what}: {why}")
    if found.name and KINDS[kind].visits and any(t.dimension == SITE for t in plan.taken):
        say(f"visits: {KINDS[kind].visits} Ours are page views that enter the site.")
    if found.name and not dry:
        say(f'to take it away: firstparty import --undo "{found.name}"')


def _days(number: int) -> str:
    return f"{number:,} {'day' if number == 1 else 'days'}"


def _taken(taken: Taken, counting: Counting) -> str:
    row = counting.table.get(taken.dimension)
    sums = ", ".join(
        f"{number:,} {BY_NAME[name].label.lower()}"
        for name, number in zip(COUNTED, taken.counts, strict=True)
        if number
    )
    if row is None:
        return f"Site: {_days(taken.days)}, {sums}"
    names = f", {taken.names} names" if not row.closed else ""
    unlisted = f", {taken.unlisted:,} of them without a name" if taken.unlisted else ""
    return f"{row.label}: {_days(taken.days)}{names}, {sums}{unlisted}"


def chosen(args: Namespace) -> tuple[str, Sequence[str]] | None:
    """The kind and the files that are asked for; None where it is an export of our own.

    Raises CommandError where neither can be meant.
    """
    first, *rest = args.what
    if first in KINDS and rest:
        return first, rest
    if first in KINDS and not Path(first).exists():
        raise CommandError(f"which files of {KINDS[first].label}? firstparty import {first} FILE…")
    if rest:
        kinds = ", ".join(KINDS)
        raise CommandError(f"{first!r} is no tool that is known here: write one of {kinds}")
    return None


def hint(name: str) -> str:
    """What to write for a file that is no export of ours, if it is one of another tool's."""
    try:
        kind = next((found for each in opened([name]) if (found := looks_like(each))), None)
    except (ImporterError, OSError):
        kind = None
    if kind is None:
        return ""
    return f": it looks like one of {KINDS[kind].label}, firstparty import {kind} {name}"
