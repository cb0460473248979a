"""Since when each collection setting is in force: a log that the program keeps of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from firstparty.dimensions import DIMENSIONS
from firstparty.importers import KINDS
from firstparty.imports import Import
from firstparty.marks import Mark
from firstparty.periods import KEPT_MONTHS, Moment, day_number, first_of_month, number_day
from firstparty.row import Dimension

if TYPE_CHECKING:
    from firstparty.settings import Settings
    from firstparty.stores import Store

NOTED: Final = ("collect", "country", "exposure", "admit_after", "min_count")
"""The settings that are noted by their value."""
LONGEST: Final = 200
"""Letters of a value."""


@dataclass(frozen=True, slots=True)
class Change:
    """A setting has had a value since a day (a local date of the site)."""

    name: str
    value: str
    since: date


def values(settings: Settings, table: Mapping[str, Dimension]) -> dict[str, str]:
    """What is noted: what is read in the browser, and what is counted beside the usual table."""
    usual = {row.name for row in DIMENSIONS}
    found = {name: str(getattr(settings, name) or "off") for name in NOTED}
    found["sends"] = ", ".join(settings.sends) or "nothing"
    found["accept"] = ", ".join(settings.accept) or "nothing"
    found["omit"] = ", ".join(sorted(usual - set(table))) or "nothing"
    own = sorted(name for name, row in table.items() if name not in usual and row.metrics)
    found["counts also"] = ", ".join(own) or "nothing"
    return {name: _plain(value) for name, value in found.items()}


def _plain(text: str) -> str:
    """A value that the text of a mark has room for."""
    plain = "".join(each if each.isprintable() and each not in "=@" else " " for each in text)
    return plain[:LONGEST].strip() or "?"


def log(marks: Iterable[Mark]) -> list[Change]:
    """The changes that marks tell of, in time."""
    found = dict[tuple[str, str, date], Change]()
    for mark in marks:
        name, equals, rest = mark.text.partition("=")
        value, _, days = rest.rpartition("@")
        since = days.partition("~")[0]
        if mark.kind == "setting" and equals and since.isdecimal() and len(since) == 8:
            change = Change(name, value, number_day(int(since)))
            found[name, value, change.since] = change
    return sorted(found.values(), key=lambda change: (change.since, change.name))


def latest(changes: Iterable[Change]) -> dict[str, Change]:
    """The last change of each setting."""
    return {change.name: change for change in changes}


async def note(
    store: Store, settings: Settings, table: Mapping[str, Dimension], moment: Moment
) -> list[Change]:
    """Note what differs from the last note, once a day and at the start; the answer is the log.

    A note is deleted with the counts of its day. So one that is about to go is written again, and
    says in its text since when.
    """
    marks = [mark for mark in await store.marks() if mark.kind == "setting"]
    now = values(settings, table)
    last = latest(log(marks))
    written = dict[str, int]()
    for mark in marks:
        name = mark.text.partition("=")[0]
        written[name] = max(mark.day, written.get(name, 0))
    old = day_number(first_of_month(number_day(moment.day), -(KEPT_MONTHS - 1)))
    for name, value in now.items():
        change = last.get(name)
        if change is None or change.value != value:
            text = f"{name}={value}@{moment.day}"
        elif written[name] < old:
            text = f"{name}={value}@{day_number(change.since)}~{moment.day}"
        else:
            continue
        mark = Mark("setting", text, _midnight(moment.day), moment.day)
        await store.mark(mark)
        marks.append(mark)
    return log(marks)


def history(brought: Import) -> Mark:
    """What is noted of an import: that days were counted by another tool."""
    first, last = number_day(brought.first), number_day(brought.last)
    told = KINDS[brought.kind].told if brought.kind in KINDS else f"counted by {brought.kind}"
    text = f"{first} to {last}={told}@{brought.made}"
    return Mark("setting", text, _midnight(brought.made), brought.made)


def _midnight(day: int) -> int:
    """Where a note stands: at the start of its day, as nothing finer is of use."""
    return (number_day(day) - date(1970, 1, 1)).days * 24 * 60
