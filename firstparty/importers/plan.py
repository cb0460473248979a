"""Which of the gathered counts are taken: pure, and the same for a dry run and a real one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from firstparty.blocks import Blocks
from firstparty.closing import hushed
from firstparty.counts import Key, total
from firstparty.dimensions import PATH, SITE
from firstparty.importers.gather import Days, Gathered, Values
from firstparty.logs.reasons import OLD
from firstparty.metrics import COUNTED, Vector
from firstparty.names import RESERVED
from firstparty.row import OTHER, UNLISTED, Dimension

VIEWS: Final = COUNTED.index("pageviews")

LATER: Final = "behind the last day to take: the site counts from then on, or --until says so"
HERE: Final = "counted here"
THERE: Final = "there already, from another import"
NO_TOTAL: Final = (
    "without their page views in all, which tell whether a day is too quiet to keep more: add the"
    " file that has them, or the pages, to the same command"
)
QUIET: Final = "too quiet beside the other days of the month: total and pages alone are kept"


@dataclass(frozen=True, slots=True)
class There:
    """What the store has already, and what is kept.

    `last` is the last day to take; `hour`, `day` and `month` are the oldest that are kept. `here`
    are the days that were counted here, `days` those of other imports by dimension, `views` the
    page views of a day, `quiet` the days that keep their total and their pages alone. `names` and
    `blocks` are by vocabulary.
    """

    last: int
    hour: int
    day: int
    month: int
    here: Set[int] = frozenset()
    days: Mapping[str, Set[int]] = field(default_factory=dict[str, Set[int]])
    views: Mapping[int, int] = field(default_factory=dict[int, int])
    quiet: Set[int] = frozenset()
    names: Mapping[str, Set[str]] = field(default_factory=dict[str, Set[str]])
    blocks: Mapping[str, Blocks] = field(default_factory=dict[str, Blocks])


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken of a dimension: on how many days, under how many names, and how much.

    `unlisted` is how much of what it counts has no name.
    """

    dimension: str
    days: int
    names: int
    counts: Vector
    unlisted: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is taken, and why the rest is not."""

    days: Mapping[str, Days]
    hours: Mapping[str, Days]
    quiet: Set[int]
    """Days that are to be closed as quiet."""
    bare: Set[int]
    """These, and those that are closed already: they keep their total and their pages alone."""
    month: int
    """The oldest that is kept."""
    left: Mapping[str, Set[int]]
    """Days that are not taken, by the reason."""
    taken: tuple[Taken, ...]

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last day, 0 where there is none."""
        every = {day for days in self.days.values() for day in days}
        return min(every, default=0), max(every, default=0)

    def counts(self) -> Iterator[tuple[Key, Vector]]:
        """Every count, by the hour, the day and the month: a month is the sum of its days."""
        for name, hours in self.hours.items():
            for hour, values in hours.items():
                for value, counts in values.items():
                    yield Key("hour", hour, name, value, ""), counts
        for name, days in self.days.items():
            whole = name in {SITE, PATH.name}
            months = defaultdict[int, list[Values]](list)
            for day, values in days.items():
                if day // 100 >= self.month:
                    months[day // 100].append(values)
                if whole or day not in self.bare:
                    for value, counts in values.items():
                        yield Key("day", day, name, value, ""), counts
            for month, parts in months.items():
                for value, counts in total(parts).items():
                    yield Key("month", month, name, value, ""), counts


def plan(
    gathered: Gathered,
    there: There,
    table: Mapping[str, Dimension],
    *,
    admit_after: int,
    min_count: int,
) -> Plan:
    """What is taken of what was gathered, beside what is there."""
    left = defaultdict[str, set[int]](set)
    days = {SITE: _free(SITE, _totals(gathered.days), there, left)}
    hours = {SITE: _totals(gathered.hours)}
    views = {day: values[""][VIEWS] for day, values in days[SITE].items()}
    quiet = _quiet(views, min_count)
    known = views.keys() | there.views.keys()
    for name, row in table.items():
        free = _free(name, gathered.days.get(name, {}), there, left) if row.alone else {}
        if row is not PATH:
            dropped = _few(free.keys() & quiet, views, min_count)
            left[NO_TOTAL] |= free.keys() - known
            left[QUIET] |= dropped
            free = {day: free[day] for day in free if day in known and day not in dropped}
        basis = COUNTED.index(row.basis)
        sums = total(free.values())
        if not any(counts[basis] for counts in sums.values()):
            if free:
                left[f"{name}: without its {row.basis}"] |= free.keys()
            continue
        amounts = {value: counts[basis] for value, counts in sums.items()}
        at_once = gathered.at_once[name]
        names = _names(row, amounts, at_once, there, admit_after) if not row.closed else {}
        days[name] = {day: _renamed(values, names) for day, values in free.items()}
        if row.hourly:
            hours[name] = {
                hour: _renamed(values, names) for hour, values in gathered.hours[name].items()
            }
    return Plan(
        days=days,
        hours={name: _kept(hours[name], days[name], gathered.of_hours, there) for name in hours},
        quiet=quiet,
        bare=quiet | there.quiet,
        month=there.month,
        left={reason: found for reason, found in left.items() if found},
        taken=tuple(_taken(name, each, table) for name, each in days.items() if each),
    )


def _totals(days: Mapping[str, Days]) -> Days:
    """The total of each day; what the files do not say of it is the sum of its pages."""
    of_site, of_pages = days.get(SITE, {}), days.get(PATH.name, {})
    found: Days = {}
    for day in of_site.keys() | of_pages.keys():
        said = of_site[day][""] if day in of_site else None
        pages = total({"": counts} for counts in of_pages.get(day, {}).values()).get("")
        if said is None or pages is None:
            counts = said or pages
        else:
            counts = tuple(number or other for number, other in zip(said, pages, strict=True))
        if counts is not None and counts[VIEWS]:
            found[day] = {"": counts}
    return found


def _free(name: str, days: Days, there: There, left: dict[str, set[int]]) -> Days:
    """The days of which there is no count yet, and which are kept.

    Of a quiet day that is there the month has the counts, though the day has them no longer.
    """
    taken: Days = {}
    for day, values in days.items():
        if day < there.day:
            left[OLD].add(day)
        elif day in there.here:
            left[HERE].add(day)
        elif day > there.last:
            left[LATER].add(day)
        elif day in there.days.get(name, ()) or (
            day in there.quiet and day in there.views and name not in {SITE, PATH.name}
        ):
            left[THERE].add(day)
        else:
            taken[day] = values
    return taken


def _quiet(views: Mapping[int, int], min_count: int) -> set[int]:
    """The days that keep their total and their pages alone, as `closing.hushed` says of a month."""
    hidden = set[int]()
    for day in sorted(views):
        hidden |= hushed(day, views, hidden, min_count)
    return hidden


def _few(days: Set[int], views: Mapping[int, int], min_count: int) -> set[int]:
    """Those of the quiet days that have a count whose month may not have it either.

    A month less its other days would give them away where they have few views together: these come
    with another import perhaps, so that each has to be safe by itself.
    """
    together = Counter[int]()
    for day in days:
        together[day // 100] += views[day]
    return {day for day in days if together[day // 100] < min_count}


def _names(
    row: Dimension,
    amounts: Mapping[str, int],
    at_once: Set[str],
    there: There,
    admit_after: int,
) -> dict[str, str]:
    """The names that open values get, those of more counts first, where not their own."""
    known = there.names.get(row.vocabulary, frozenset())
    blocked = there.blocks.get(row.vocabulary, Blocks())
    room = row.cap - len(known)
    names = dict[str, str]()
    for value in sorted(amounts, key=lambda each: (each not in at_once, -amounts[each], each)):
        if value in blocked:
            names[value] = UNLISTED
        elif value in known or value in {UNLISTED, OTHER}:
            continue
        elif value not in at_once and amounts[value] < admit_after:
            names[value] = UNLISTED
        elif room <= (0 if value in at_once else row.cap // RESERVED):
            names[value] = OTHER
        else:
            room -= 1
    return names


def _renamed(values: Values, names: Mapping[str, str]) -> Values:
    return total({names.get(value, value): counts} for value, counts in values.items())


def _kept(hours: Days, days: Iterable[int], of_hours: Mapping[int, int], there: There) -> Days:
    """The hours that are kept, of days that are taken."""
    taken = {*days}
    return {
        hour: values
        for hour, values in hours.items()
        if hour >= there.hour and of_hours[hour] in taken
    }


def _taken(name: str, days: Days, table: Mapping[str, Dimension]) -> Taken:
    sums = total(days.values())
    counts = total({"": vector} for vector in sums.values())[""]
    basis = COUNTED.index(table[name].basis) if name in table else VIEWS
    unlisted = sums[UNLISTED][basis] if UNLISTED in sums else 0
    named = sum(value not in {"", UNLISTED, OTHER} for value in sums)
    return Taken(name, len(days), named, counts, unlisted)
