"""Answers: plans which periods to sum for a question, sums them, and hides what is too small."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from firstparty import ranges
from firstparty.counts import Cell, Cells, Read, Selection
from firstparty.dimensions import PATH, SITE, UNLISTED, Dimension
from firstparty.metrics import COUNTED, ZERO, Vector, add, show
from firstparty.periods import KEPT_HOURS_DAYS, Calendar, Period
from firstparty.question import Filter, Question, QuestionError, Subject, subject
from firstparty.ranges import Piece, Range, RangeError
from firstparty.shapes import is_list
from firstparty.withhold import Cross, Line, shown

Rows = dict[tuple[str, ...], Vector]
"""Sums by what the question asks for, in the order of its dimensions."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer depends on beside the question and the counts."""

    table: Mapping[str, Dimension]
    calendar: Calendar
    now: float
    min_count: int
    public: bool

    @property
    def today(self) -> date:
        """The site's local date."""
        return self.calendar.today(self.now)


@dataclass(frozen=True, slots=True)
class Plan:
    """The periods that answer a question, and whether its small counts are hidden.

    `range` is what is really answered: None where nothing is. `labels` holds the buckets of a
    series in time.
    """

    about: Subject
    range: Range | None
    labels: Mapping[str, Piece]
    pieces: tuple[Piece, ...]
    hidden: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What was summed for one range."""

    plan: Plan
    rows: Rows
    withheld: bool


def plan(question: Question, about: Subject, range_: Range, context: Context) -> Plan:
    """Plan one range of a question.

    Counts that cross two things, and every named value on a public page, are answered by whole
    months; everything else by the coarsest periods that cover the range exactly.
    """
    named = about.dimension is not None or about.by_page
    hidden = about.crossed or (context.public and named)
    if hidden:
        if question.interval not in {None, "month"}:
            raise QuestionError(
                "a public page shows named values by whole months only: ask for time:month"
            )
        months = ranges.whole_months(range_, context.today, running=not context.public)
        if months is None:
            return Plan(about, None, {}, (), hidden)
        range_ = months
    labels = dict[str, Piece]()
    if question.interval or range_.minutes:
        interval = question.interval or "minute"
        labels = ranges.buckets(range_, interval, context.calendar, context.now)
        pieces = _joined(labels.values())
        labels = labels if question.interval else {}
    else:
        pieces = tuple(ranges.cover(range_, context.today))
    return Plan(about, range_, labels, pieces, hidden)


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    at = dict[Period, list[int]]()
    for piece in pieces:
        at.setdefault(piece.period, []).extend(piece.at)
    return tuple(Piece(period, tuple(numbers)) for period, numbers in at.items())


async def tabulate(question: Question, plan_: Plan, context: Context, read: Read) -> Table:
    """Sum what a plan asks for."""
    if plan_.hidden:
        return await _tabulate_hidden(question, plan_, context, read)
    rows: Rows = {}
    row = plan_.about.dimension or (PATH if plan_.about.by_page else None)
    filters = question.filters
    labels = _labels_of(plan_.labels)
    for piece in plan_.pieces:
        selection = Selection(
            piece.period,
            piece.at,
            row.name if row else SITE,
            values=_named(filters, row.name) if row else None,
            by_at=question.interval is not None,
            by_value=bool(question.groups) or any(f.operator != "is" for f in filters),
        )
        for cell, vector in (await read(selection)).items():
            if selection.by_value and not all(each.takes(cell.value) for each in filters):
                continue
            label = labels[piece.period, cell.at] if question.interval else ""
            _add(rows, _group(question, label, "", cell.value), vector)
    return Table(plan_, rows, withheld=False)


def _add(rows: Rows, group: tuple[str, ...], vector: Vector) -> None:
    rows[group] = add(rows[group], vector) if group in rows else vector


def _labels_of(labels: Mapping[str, Piece]) -> dict[tuple[Period, int], str]:
    return {(piece.period, at): label for label, piece in labels.items() for at in piece.at}


def _named(filters: Iterable[Filter], name: str) -> frozenset[str] | None:
    """The values that `is` filters leave of a dimension; None for all."""
    found: frozenset[str] | None = None
    for each in filters:
        if each.dimension == name and each.operator == "is":
            found = frozenset(each.values) if found is None else found & frozenset(each.values)
    return found


def _group(question: Question, label: str, path: str, value: str) -> tuple[str, ...]:
    """The row of the answer. `value` is the page where no other dimension is asked about."""
    return tuple(
        label if name.startswith("time") else (path or value) if name == PATH.name else value
        for name in question.dimensions
    )


async def _tabulate_hidden(question: Question, plan_: Plan, context: Context, read: Read) -> Table:
    about = plan_.about
    row = about.dimension or PATH
    if plan_.range is None:
        return Table(plan_, {}, withheld=True)
    months = tuple(at for piece in plan_.pieces for at in piece.at)
    pages = _named(question.filters, PATH.name) if about.crossed else None
    cells = await read(
        Selection(
            "crossed" if about.crossed else "month",
            months,
            row.name,
            paths=pages,
            by_at=True,
            by_value=True,
            by_path=about.crossed,
        )
    )
    basis = COUNTED.index(row.basis)
    margins = await read(
        Selection(
            "month",
            months,
            PATH.name if about.crossed else SITE,
            values=pages,
            by_at=True,
            by_value=about.crossed,
        )
    )
    kept = shown(
        {Cross(cell.at, cell.path, cell.value): vector[basis] for cell, vector in cells.items()},
        {
            Line(cell.at, cell.value): vector[basis]
            for cell, vector in margins.items()
            if vector[basis]
        },
        context.min_count,
    )
    rows: Rows = {}
    labels = _labels_of(plan_.labels)
    for cell, vector in cells.items():
        if Cross(cell.at, cell.path, cell.value) in kept and _takes(question, about, cell):
            label = labels["month", cell.at] if question.interval else ""
            _add(rows, _group(question, label, cell.path, cell.value), vector)
    return Table(plan_, rows, _withheld(question, about, kept, cells, margins, months, basis))


def _takes(question: Question, about: Subject, cell: Cell) -> bool:
    return all(
        each.takes(cell.path if about.crossed and each.dimension == PATH.name else cell.value)
        for each in question.filters
    )


def _withheld(
    question: Question,
    about: Subject,
    kept: set[Cross],
    cells: Cells,
    margins: Cells,
    months: tuple[int, ...],
    basis: int,
) -> bool:
    """Whether something may be missing: told from what is shown and from the margins alone.

    So the answer is the same for a cell that is small and for one that is empty.
    """
    row = about.dimension or PATH
    values = _named(question.filters, row.name)
    if values is not None:
        pages = (_named(question.filters, PATH.name) if about.crossed else None) or {""}
        if about.crossed and pages == {""}:
            return True
        return any(Cross(*each) not in kept for each in product(months, pages, values))
    if question.filters and not all(f.dimension == PATH.name for f in question.filters):
        return True
    pages_taken = [
        cell
        for cell in margins
        if not about.crossed
        or all(f.takes(cell.value) for f in question.filters if f.dimension == PATH.name)
    ]
    total = sum(margins[cell][basis] for cell in pages_taken)
    visible = sum(
        vector[basis]
        for cell, vector in cells.items()
        if Cross(cell.at, cell.path, cell.value) in kept and _takes(question, about, cell)
    )
    return total > visible or not margins


async def answer(question: Question, context: Context, read: Read) -> dict[str, Any]:
    """Answer a question, as JSON. Raises QuestionError for what is not stored."""
    about = subject(question, context.table)
    now = plan(question, about, question.range, context)
    table = await tabulate(question, now, context, read)
    rows = _filled(question, table)
    before: Plan | None = None
    compared: list[tuple[tuple[str, ...], Vector | None]] = []
    if question.comparison is not None:
        before = plan(question, about, _comparison(question, context), context)
        compared = _filled(question, await tabulate(question, before, context, read))
    rows = _ordered(question, rows)
    shown_rows = rows[question.offset : question.offset + question.limit]
    results = [
        {"dimensions": list(group), "metrics": _shown(question, vector)}
        for group, vector in shown_rows
    ]
    if before is not None:
        _compare(question, rows, compared, shown_rows, results)
    return {
        "results": results,
        "meta": _meta(question, table, before, rows, context),
        "query": question.normalised(),
    }


def _comparison(question: Question, context: Context) -> Range:
    try:
        if question.comparison == "previous_period":
            return ranges.before(question.range, context.today)
        if question.comparison == "previous_year":
            return ranges.year_before(question.range)
        if is_list(question.comparison):
            found = ranges.parse(question.comparison, context.today, None)
            if question.interval == "hour" and (found.last - found.first).days >= KEPT_HOURS_DAYS:
                raise RangeError("hours are kept for 35 days: compare with a shorter range")
            if question.range.minutes:
                raise RangeError("minutes have no comparison")
            return found
    except (RangeError, ValueError) as error:
        raise QuestionError(str(error)) from None
    raise QuestionError(
        f"comparison {question.comparison!r} is not known: write previous_period, previous_year or"
        " two dates"
    )


def _filled(question: Question, table: Table) -> list[tuple[tuple[str, ...], Vector | None]]:
    """The rows of the answer, with those that are zero, or withheld, where they must not lack."""
    empty = None if table.plan.hidden else ZERO
    if question.dimensions == ():
        return [((), table.rows.get((), empty))]
    if not question.groups:
        return [((label,), table.rows.get((label,), empty)) for label in table.plan.labels]
    return list(table.rows.items())


def _shown(question: Question, vector: Vector | None) -> list[Any]:
    if vector is None:
        return [None] * len(question.metrics)
    return [show(name, vector) for name in question.metrics]


def _ordered(
    question: Question, rows: list[tuple[tuple[str, ...], Vector | None]]
) -> list[tuple[tuple[str, ...], Vector | None]]:
    orders = question.order_by
    if not orders and question.interval:
        return sorted(rows, key=lambda row: row[0])
    rows = sorted(rows, key=lambda row: row[0])
    for name, direction in reversed(orders or ((question.metrics[0], "desc"),)):
        sign = -1 if direction == "desc" else 1
        if name in question.dimensions:
            place = question.dimensions.index(name)
            rows.sort(key=lambda row: row[0][place], reverse=sign < 0)
        else:
            rows.sort(key=lambda row: _rank(name, row[1], sign))
    return rows


def _rank(name: str, vector: Vector | None, sign: int) -> tuple[bool, float]:
    """What has no number comes last."""
    number = show(name, vector) if vector is not None else None
    return number is None, sign * (number or 0)


def _compare(
    question: Question,
    rows: list[tuple[tuple[str, ...], Vector | None]],
    compared: list[tuple[tuple[str, ...], Vector | None]],
    shown_rows: list[tuple[tuple[str, ...], Vector | None]],
    results: list[dict[str, Any]],
) -> None:
    """Put beside each row what it was in the period before: by its place in time, or its name."""
    if question.interval and not question.groups:
        places = {group: place for place, (group, _) in enumerate(sorted(rows, key=lambda r: r[0]))}
        for (group, _), result in zip(shown_rows, results, strict=True):
            place = places[group]
            if place < len(compared):
                label, vector = compared[place]
                result["comparison"] = {
                    "dimensions": list(label),
                    "metrics": _shown(question, vector),
                }
        return
    by_group = dict(compared)
    for (group, _), result in zip(shown_rows, results, strict=True):
        vector = by_group.get(group, ZERO if group else None)
        result["comparison"] = {"metrics": _shown(question, vector)}


def _meta(
    question: Question,
    table: Table,
    before: Plan | None,
    rows: list[tuple[tuple[str, ...], Vector | None]],
    context: Context,
) -> dict[str, Any]:
    answered = table.plan.range
    meta: dict[str, Any] = {
        "range": _dates(answered),
        "comparison_range": _dates(before.range if before else None),
        "interval": question.interval,
        "running": _running(table.plan.labels, context),
        "whole_months": table.plan.hidden,
        "unlisted": _unlisted(question, table),
        "quiet": [],
        "withheld": table.withheld,
        "timezone": context.calendar.zone.key,
        "now": context.calendar.local(context.now).isoformat(timespec="minutes"),
    }
    if question.total_rows:
        meta["total_rows"] = len(rows)
    return meta


def _dates(range_: Range | None) -> list[str] | None:
    return [range_.first.isoformat(), range_.last.isoformat()] if range_ else None


def _running(labels: Mapping[str, Piece], context: Context) -> str | None:
    """The label of the bucket that is not over yet."""
    moment = context.calendar.moment(context.now)
    for label, piece in labels.items():
        if moment.at(piece.period) in piece.at:
            return label
    return None


def _unlisted(question: Question, table: Table) -> float | None:
    """The share of what is counted that has no name yet, where the question asks for names."""
    for place, name in enumerate(question.dimensions):
        row = PATH if name == PATH.name else table.plan.about.dimension
        if name.startswith("time") or row is None or row.closed:
            continue
        basis = COUNTED.index((table.plan.about.dimension or row).basis)
        total = sum(vector[basis] for vector in table.rows.values())
        share = sum(v[basis] for group, v in table.rows.items() if group[place] == UNLISTED)
        return round(share / total, 4) if total else 0.0
    return None
