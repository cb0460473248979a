"""Goals and funnels: what a site hopes for, worked out when asked from counts that are there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from firstparty import minimise
from firstparty.answer import answer
from firstparty.counts import Read
from firstparty.dimensions import PATH
from firstparty.metrics import COUNTED
from firstparty.paths import matcher
from firstparty.plan import Context, plan
from firstparty.question import QuestionError, parse
from firstparty.ranges import Range
from firstparty.shapes import is_object
from firstparty.subject import subject
from firstparty.tabulate import Table, tabulate

EVENT: Final = "event"
"""The dimension that the events of goals are values of."""

LONGEST_NAME: Final = 60
STEPS: Final = (2, 10)
"""How many steps a funnel has, at least and at most."""
FIELDS: Final = frozenset({"date_range", "include"})


@dataclass(frozen=True, slots=True)
class Goal:
    """What the site hopes for: views of a page, or an event.

        Goal("sign-up", event="signup")
        Goal("prices", path="/pricing*")

    Its count is a count of views or of events, not of people: who does it twice counts twice.
    Raises ValueError unless it has a name, and either a path or an event.
    """

    name: str
    """What people read; a text of at most 60 characters, its own among the goals."""
    path: str | None = field(default=None, kw_only=True)
    """The page by its name, or a pattern in which `*` stands for anything. Such pages have a name
    from their first view on, as if the setting `listed` named them. What the setting `query` keeps
    of a page's parameters may stand behind."""
    event: str | None = field(default=None, kw_only=True)
    """The name of the event, exactly."""

    def __post_init__(self) -> None:
        _check_name("Goal", self.name)
        if (self.path is None) == (self.event is None):
            raise ValueError(
                f"goal {self.name!r} needs either a path or an event: write"
                f" Goal({self.name!r}, path='/thanks') or Goal({self.name!r}, event='signup')"
            )
        if self.path is not None:
            _check_path(self.name, self.path)
        if self.event is not None:
            _check_event(self.name, self.event)


@dataclass(frozen=True, slots=True)
class Funnel:
    """Goals in the order in which a site hopes for them, each compared with the one before.

        Funnel("trial", steps=("prices", "sign-up", "welcome"))

    Nobody is followed from one step to the next: each step is the count of its goal, so a step may
    be larger than the one before. Raises ValueError without a name and 2 to 10 different steps.
    """

    name: str
    """What people read; a text of at most 60 characters, its own among the funnels."""
    steps: tuple[str, ...]
    """Names of goals, in their order."""

    def __post_init__(self) -> None:
        _check_name("Funnel", self.name)
        least, most = STEPS
        if isinstance(self.steps, str):
            raise ValueError(
                f"funnel {self.name!r}: steps={self.steps!r} is one text: write a list"
            )
        steps = tuple(self.steps)
        if not least <= len(steps) <= most or len(set(steps)) < len(steps):
            raise ValueError(
                f"funnel {self.name!r}: steps={steps!r}: write {least} to {most} different goals"
            )
        object.__setattr__(self, "steps", steps)


def _check_name(kind: str, name: object) -> None:
    if not isinstance(name, str) or name != name.strip() or not 1 <= len(name) <= LONGEST_NAME:
        raise ValueError(
            f"{kind}({name!r}) needs a name of 1 to {LONGEST_NAME} characters first: write"
            f" {kind}('sign-up', …)"
        )


def _check_path(name: str, path: object) -> None:
    if not isinstance(path, str) or not path.startswith("/"):
        raise ValueError(f"goal {name!r}: path={path!r} is no path: start it with /")
    # An exact path is a name as it stands; of what a pattern matches, only the masked text is kept.
    if "*" in path and (masked := minimise.path(path)) != path:
        raise ValueError(
            f"goal {name!r}: path={path!r} matches no page, as names of pages are masked: write"
            f" {masked!r}"
        )


def _check_event(name: str, event: object) -> None:
    if not isinstance(event, str) or not event or event.startswith("("):
        raise ValueError(f"goal {name!r}: event={event!r} is no event: write its name, as 'signup'")
    if (masked := minimise.text(event)) != event:
        raise ValueError(
            f"goal {name!r}: event={event!r} is never counted, as names of events are masked: write"
            f" {masked!r}"
        )


def check(goals: Iterable[Goal], funnels: Iterable[Funnel]) -> None:
    """Raise ValueError for a name that stands twice, and for steps that are no goals."""
    names = [goal.name for goal in goals]
    for kind, given in (("goal", names), ("funnel", [funnel.name for funnel in funnels])):
        if twice := [name for name, times in Counter(given).items() if times > 1]:
            raise ValueError(f"{kind}s: {twice[0]!r} is there twice: choose another name")
    for funnel in funnels:
        if unknown := [step for step in funnel.steps if step not in names]:
            known = ", ".join(map(repr, names)) or "no goals yet: write goals=(Goal(…), …)"
            raise ValueError(
                f"funnel {funnel.name!r}: {unknown[0]!r} is the name of no goal; there are {known}"
            )


def paths(goals: Iterable[Goal]) -> tuple[str, ...]:
    """The paths and patterns that goals name, whose pages have a name at once."""
    return tuple(goal.path for goal in goals if goal.path is not None)


def events(goals: Iterable[Goal]) -> frozenset[str]:
    """The events that goals name, which have a name at once."""
    return frozenset(goal.event for goal in goals if goal.event is not None)


@dataclass(frozen=True, slots=True)
class Sums:
    """What one range has of visits, and of views and events by name.

    `range` is what is really answered; `hidden` says that small counts are left out.
    """

    range: Range | None
    visits: int
    views: Mapping[str, int]
    events: Mapping[str, int]
    hidden: bool
    withheld: bool


async def report(
    asked: object,
    goals: tuple[Goal, ...],
    funnels: tuple[Funnel, ...],
    context: Context,
    first: date | None,
    read: Read,
) -> dict[str, Any]:
    """The answer of `POST /stats/api/goals`, as JSON. Raises QuestionError.

    `first` is the first day with counts.
    """
    if not is_object(asked):
        raise QuestionError("a question is a JSON object")
    _check_fields(asked, FIELDS, "a question about goals")
    include = asked.get("include", {})
    if is_object(include):
        _check_fields(include, frozenset({"comparison"}), "include")
    # The site's visits are asked for as anywhere: this reads both ranges, and refuses wrong ones.
    question = parse({**asked, "metrics": ["visits"]}, context.table, context.today, first)
    site = (await answer(question, context, read))["meta"]
    now = await _sums(question.range, goals, context, read)
    counts = await _counts(goals, now)
    before: Sums | None = None
    compared: Mapping[str, int | None] = {}
    if dates := site["comparison_range"]:
        range_ = Range(date.fromisoformat(dates[0]), date.fromisoformat(dates[1]))
        before = await _sums(range_, goals, context, read)
        compared = await _counts(goals, before)
    found = list[dict[str, Any]]()
    for goal in goals:
        row: dict[str, Any] = {"name": goal.name, **_converted(counts[goal.name], now)}
        if before is not None:
            row["comparison"] = _converted(compared[goal.name], before)
        found.append(row)
    return {
        "goals": found,
        "funnels": [{"name": f.name, "steps": _steps(f, counts)} for f in funnels],
        "meta": {
            "range": _dates(now.range),
            "comparison_range": _dates(before.range if before else None),
            "timezone": site["timezone"],
            "whole_months": now.hidden,
            "withheld": now.withheld,
        },
    }


def _check_fields(given: Mapping[str, object], known: frozenset[str], what: str) -> None:
    if unknown := sorted(set(given) - known, key=str):
        raise QuestionError(
            f"there is no field {unknown[0]!r}: {what} has {', '.join(sorted(known))}"
        )


async def _tabled(
    metric: str, by: str, range_: Range, context: Context, read: Read
) -> tuple[Table, dict[str, int]]:
    """One metric in a range by the values of a dimension, as a question for it is answered.

    Every row, and the numbers alone. `by` empty asks for the site's total, whose value is empty.
    """
    body = {"metrics": [metric], "date_range": "day", "dimensions": [by] if by else []}
    question = replace(parse(body, context.table, context.today, None), range=range_)
    planned = plan(question, subject(question, context.table), range_, context)
    table = await tabulate(question, planned, context, read)
    place = COUNTED.index(metric)
    return table, {"".join(group): vector[place] for group, vector in table.rows.items()}


async def _sums(range_: Range, goals: tuple[Goal, ...], context: Context, read: Read) -> Sums:
    of_pages, views = await _tabled("pageviews", PATH.name, range_, context, read)
    withheld = bool(paths(goals)) and of_pages.withheld
    happened: dict[str, int] = {}
    if events(goals):
        of_events, happened = await _tabled("events", EVENT, range_, context, read)
        withheld = withheld or of_events.withheld
    answered = of_pages.plan.range
    visits = 0
    if answered is not None:  # of the same days, which are whole months for the public
        visits = (await _tabled("visits", "", answered, context, read))[1].get("", 0)
    return Sums(answered, visits, views, happened, of_pages.plan.hidden, withheld)


async def _counts(goals: tuple[Goal, ...], sums: Sums) -> dict[str, int | None]:
    """The count of each goal by its name; None where all of it is withheld."""
    found = dict[str, int | None]()
    for goal in goals:
        await asyncio.sleep(0)  # page views go first
        counted = _counted(goal, sums)
        found[goal.name] = None if sums.hidden and not counted else sum(counted)
    return found


def _counted(goal: Goal, sums: Sums) -> list[int]:
    """The counts that add up to a goal."""
    if goal.event is not None:
        return [sums.events[goal.event]] if goal.event in sums.events else []
    pattern = goal.path or ""
    takes = matcher([pattern]) if "*" in pattern else pattern.__eq__
    return [
        count
        for page, count in sums.views.items()
        if takes(page) or ("?" in page and takes(page.partition("?")[0]))
    ]


def _converted(count: int | None, sums: Sums) -> dict[str, Any]:
    return {"count": count, "conversion": _percent(count, sums.visits)}


def _steps(funnel: Funnel, counts: Mapping[str, int | None]) -> list[dict[str, Any]]:
    found = list[dict[str, Any]]()
    before: int | None = None
    for name in funnel.steps:
        count = counts[name]
        found.append(
            {
                "name": name,
                "count": count,
                "from_before": _percent(count, before),
                "from_first": _percent(count, counts[funnel.steps[0]]),
            }
        )
        before = count
    return found


def _percent(part: int | None, whole: int | None) -> float | None:
    """A share in percent; more than 100 is shown as it is."""
    return round(100 * part / whole, 1) if part is not None and whole else None


def _dates(range_: Range | None) -> list[str] | None:
    return [range_.first.isoformat(), range_.last.isoformat()] if range_ else None
