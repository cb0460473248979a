"""Answers: the rows of a question in their order, beside those of the period before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from firstparty import ranges
from firstparty.counts import Read
from firstparty.importers import KINDS
from firstparty.metrics import COUNTED, ZERO, Vector, show
from firstparty.order import Row, ordered
from firstparty.periods import KEPT_HOURS_DAYS, day_number, number_day
from firstparty.plan import Context, Plan, plan
from firstparty.question import (
    MOST_ROWS,
    MOST_VALUES,
    PUBLIC_ROWS,
    Filter,
    Question,
    QuestionError,
)
from firstparty.ranges import Piece, Range, RangeError
from firstparty.row import UNLISTED, Dimension
from firstparty.scales import PERCENTILES, Scale
from firstparty.shapes import is_list
from firstparty.subject import subject
from firstparty.tabulate import Table, tabulate


async def answer(question: Question, context: Context, read: Read) -> dict[str, Any]:
    """Answer a question, as JSON. Raises QuestionError for what is not stored."""
    about = subject(question, context.table)
    now = plan(question, about, question.range, context)
    table = await tabulate(question, now, context, read)
    rows = _filled(question, table)
    last = question.offset + min(question.limit, PUBLIC_ROWS if context.public else MOST_ROWS)
    if about.dimension is not None and about.dimension.scale is not None:
        rows = ordered(question, rows, len(rows))  # percentiles are of all, and follow them
        shown_rows = rows[question.offset : last]
    else:
        shown_rows = ordered(question, rows, last)[question.offset :]
    before: Plan | None = None
    compared: list[Row] = []
    if question.comparison is not None:
        before = plan(question, about, _comparison(question, context), context)
        # Hours that have been deleted are not zero: the series stands alone.
        if question.interval != "hour" or before.range is None or _hourly(before.range, context):
            beside = question if before.hidden else _only(question, shown_rows)
            compared = _filled(question, await tabulate(beside, before, context, read))
    results = [
        {"dimensions": list(group), "metrics": _shown(question, vector)}
        for group, vector in shown_rows
    ]
    if before is not None:
        empty = None if before.hidden else ZERO
        _compare(question, rows, compared, shown_rows, results, empty)
    return {
        **({"columns": columnar(question, results)} if question.columns else {"results": results}),
        "meta": _meta(question, table, before, rows, context),
        "query": question.normalised(),
    }


def columnar(question: Question, results: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows of an answer as a list for each dimension and each metric: half the bytes.

    What a row is not compared with is null.
    """
    dimensions, metrics = range(len(question.dimensions)), range(len(question.metrics))
    found: dict[str, Any] = {
        "dimensions": [[row["dimensions"][place] for row in results] for place in dimensions],
        "metrics": [[row["metrics"][place] for row in results] for place in metrics],
    }
    before = [row.get("comparison") for row in results]
    if any(before):
        found["comparison"] = {
            "metrics": [[row and row["metrics"][place] for row in before] for place in metrics]
        }
        if any(row and "dimensions" in row for row in before):
            found["comparison"]["dimensions"] = [
                [row and row["dimensions"][place] for row in before] for place in dimensions
            ]
    return found


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


def _only(question: Question, shown_rows: list[Row]) -> Question:
    """The question about the values that are shown alone, where it is about few of many."""
    if question.dimensions != question.groups or not 0 < len(shown_rows) <= MOST_VALUES:
        return question
    filters = (
        Filter("is", name, tuple({group[place] for group, _ in shown_rows}))
        for place, name in enumerate(question.groups)
    )
    return replace(question, filters=(*question.filters, *filters))


def _hourly(range_: Range, context: Context) -> bool:
    """Whether the hours of a range are still kept."""
    return range_.first > context.today - timedelta(days=KEPT_HOURS_DAYS)


def _filled(question: Question, table: Table) -> list[Row]:
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


def _compare(
    question: Question,
    rows: list[Row],
    compared: list[Row],
    shown_rows: list[Row],
    results: list[dict[str, Any]],
    empty: Vector | None,
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
        vector = by_group.get(group, empty)
        result["comparison"] = {"metrics": _shown(question, vector)}


def _meta(
    question: Question,
    table: Table,
    before: Plan | None,
    rows: list[Row],
    context: Context,
) -> dict[str, Any]:
    answered = table.plan.range
    meta: dict[str, Any] = {
        "range": _dates(answered),
        "comparison_range": _dates(before.range if before else None),
        "interval": question.interval,
        "running": _running(table.plan.labels, context),
        "whole_months": table.plan.hidden,
        "unlisted": _unlisted(question, table, context),
        "quiet": _quiet(table.plan, context),
        "imported": _imported(table.plan, context),
        "withheld": table.withheld,
        "timezone": context.calendar.zone.key,
        "now": context.calendar.local(context.now).isoformat(timespec="minutes"),
    }
    if question.total_rows:
        meta["total_rows"] = len(rows)
    if (row := table.plan.about.dimension) is not None and row.scale is not None:
        meta["percentiles"] = _percentiles(question, row, row.scale, rows)
    return meta


def _quiet(plan_: Plan, context: Context) -> list[str]:
    """The days of an answer that have lost what it asks for."""
    row = plan_.about.dimension
    if row is None or row.hourly:
        return []
    asked = {at for piece in plan_.pieces if piece.period == "day" for at in piece.at}
    return [number_day(day).isoformat() for day in sorted(asked & context.closed.quiet)]


def _imported(plan_: Plan, context: Context) -> list[dict[str, Any]]:
    """What another tool had counted of the days of an answer."""
    if plan_.range is None:
        return []
    first, last = day_number(plan_.range.first), day_number(plan_.range.last)
    return [
        {
            "tool": KINDS[each.kind].label if each.kind in KINDS else each.kind,
            "first": number_day(each.first).isoformat(),
            "last": number_day(each.last).isoformat(),
            "visits": KINDS[each.kind].visits if each.kind in KINDS else "",
            "lines": each.kind in KINDS and KINDS[each.kind].lines,
        }
        for each in context.imports
        if each.first and each.first <= last and first <= each.last
    ]


def _percentiles(
    question: Question, row: Dimension, scale: Scale, rows: list[Row]
) -> list[dict[str, Any]]:
    """What the ranges of a scale amount to: one row for each group of the other dimensions."""
    if row.name not in question.dimensions:
        return []
    place, basis = question.dimensions.index(row.name), COUNTED.index(row.basis)
    groups = dict[tuple[str, ...], dict[str, int]]()
    for group, vector in rows:
        if vector is not None:
            counts = groups.setdefault((*group[:place], *group[place + 1 :]), {})
            counts[group[place]] = vector[basis]
    return [
        {
            "dimensions": list(group),
            **{f"p{percent}": scale.percentile(counts, percent) for percent in PERCENTILES},
            "unit": scale.unit,
            "ratings": scale.rated(counts),
        }
        for group, counts in groups.items()
    ]


def _dates(range_: Range | None) -> list[str] | None:
    return [range_.first.isoformat(), range_.last.isoformat()] if range_ else None


def _running(labels: Mapping[str, Piece], context: Context) -> str | None:
    """The label of the bucket that is not over yet."""
    moment = context.calendar.moment(context.now)
    for label, piece in labels.items():
        if moment.at(piece.period) in piece.at:
            return label
    return None


def _unlisted(question: Question, table: Table, context: Context) -> float | None:
    """The share of what is counted that has no name yet, where the question asks for names."""
    about = table.plan.about.dimension
    for place, name in enumerate(question.dimensions):
        if name.startswith("time:") or about is None or context.table[name].closed:
            continue
        basis = COUNTED.index(about.basis)
        total = sum(vector[basis] for vector in table.rows.values())
        share = sum(v[basis] for group, v in table.rows.items() if group[place] == UNLISTED)
        return round(share / total, 4) if total else 0.0
    return None
