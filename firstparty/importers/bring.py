"""Brings what was gathered into a store: under a name, once, and so that it can be taken away."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from firstparty import since
from firstparty.blocks import Blocks
from firstparty.closing import Closed, Closing
from firstparty.counting import Counting
from firstparty.counts import Batch, Key, Selection
from firstparty.dimensions import SITE
from firstparty.importers import ImporterError
from firstparty.importers.gather import Gathered
from firstparty.importers.plan import VIEWS, Plan, There, plan
from firstparty.imports import HERE, Import
from firstparty.metrics import Vector
from firstparty.periods import day_number, number_day, oldest
from firstparty.stores import Store

CHUNK: Final = 5_000
"""Counts of one batch."""

Told = Callable[[int, int], None]
"""Is told how many counts of how many have been written."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import did, or would do: None for its name where nothing is taken."""

    name: str | None
    plan: Plan


def default_name(kind: str, gathered: Gathered) -> str:
    """The kind, and the days of the files."""
    days = {day for of_name in gathered.days.values() for day in of_name}
    if not days:
        raise ImporterError("the files have no day with a count: nothing can be taken")
    first, last = number_day(min(days)), number_day(max(days))
    return f"{kind} {first}" if first == last else f"{kind} {first} to {last}"


async def bring(
    store: Store,
    counting: Counting,
    gathered: Gathered,
    kind: str,
    name: str | None = None,
    until: date | None = None,
    *,
    dry: bool = False,
    told: Told = lambda done, of: None,
) -> Brought:
    """Add what is not there yet. Raises ImporterError where it cannot be.

    What an earlier attempt of the same name has left unfinished is taken away first. So one that
    was stopped and is run again ends with the same counts, whatever has changed meanwhile.
    """
    named = name or default_name(kind, gathered)
    there = {each.name: each for each in await store.imports()}
    unfinished = there.get(named)
    if unfinished is not None and not unfinished.done:
        if not dry:
            await undo(store, named)
    else:
        unfinished = None
    without = unfinished.writer if unfinished else HERE
    found = await _plan(store, counting, gathered, until, without)
    if not found.taken:
        return Brought(None, found)
    if named in there and unfinished is None:
        if name is not None:
            raise ImporterError(f"there is an import {name!r} already: choose another name")
        number = 2
        while f"{named} ({number})" in there:
            number += 1
        named = f"{named} ({number})"
    if dry:
        return Brought(named, found)
    first, last = found.span
    today = day_number(counting.calendar.today(counting.clock()))
    brought = Import(named, secrets.token_hex(8), kind, today, first, last)
    await store.begin(brought)
    # From here on no other import can begin: what is free now stays so.
    found = await _plan(store, counting, gathered, until, HERE)
    await _write(store, brought, found, told)
    first, last = found.span
    brought = replace(brought, first=first, last=last, done=True)
    await store.mark(since.history(brought))
    await store.finish(brought)
    return Brought(named, found)


async def undo(store: Store, name: str) -> int:
    """Take away all that an import added; answers how many counts went. Raises ImporterError."""
    there = {each.name: each for each in await store.imports()}
    if name not in there:
        names = ", ".join(f"{each!r}" for each in there) or "none"
        raise ImporterError(f"there is no import {name!r}: there is {names}")
    mark = since.history(there.pop(name))
    # Another of its kind, its days and its day of making has the same note.
    if not any(mark.same(since.history(other)) for other in there.values()):
        await store.unmark(mark)
    return await store.undo(name)


async def _write(store: Store, brought: Import, found: Plan, told: Told) -> None:
    counts = list(found.counts())
    for seq, start in enumerate(range(0, len(counts), CHUNK), start=1):
        part: dict[Key, Vector] = dict(counts[start : start + CHUNK])
        await store.write(Batch(brought.writer, seq, part, brought.writer))
        told(min(start + CHUNK, len(counts)), len(counts))
    await store.close_off(*(Closing("quiet", day) for day in sorted(found.quiet)))


async def _plan(
    store: Store, counting: Counting, gathered: Gathered, until: date | None, without: str
) -> Plan:
    """What is taken, beside what the store has. `without` is an origin that does not count."""
    now = counting.clock()
    kept = oldest(counting.calendar, now)
    here = await store.days(HERE)
    yesterday = counting.calendar.today(now) - timedelta(days=1)
    last = min(day_number(until or yesterday), day_number(yesterday))
    if until is None and here:
        last = min(last, day_number(number_day(min(here)) - timedelta(days=1)))
    origins = [each.writer for each in await store.imports() if each.writer != without]
    brought = set[int]().union(*[await store.days(each) for each in origins])
    days = tuple(sorted(here | brought))
    views = dict[int, int]()
    taken = dict[str, set[int]]()
    if days:
        for name in (SITE, *(row.name for row in counting.table.values() if row.alone)):
            cells = await store.select(Selection("day", days, name, by_at=True))
            taken[name] = {cell.at for cell in cells}
            if name == SITE:
                views = {cell.at: counts[VIEWS] for cell, counts in cells.items()}
    settings = counting.settings
    return plan(
        gathered,
        There(
            last=last,
            hour=kept["hour"],
            day=kept["day"],
            month=kept["month"],
            here=here,
            days=taken,
            views=views,
            quiet=Closed.of(await store.closings()).quiet,
            names=await store.names(again=True) or {},
            blocks={name: Blocks(each) for name, each in (await store.blocks()).items()},
        ),
        counting.table,
        admit_after=settings.admit_after,
        min_count=settings.min_count,
    )
