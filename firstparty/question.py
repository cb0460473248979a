"""Questions: the JSON of the stats API, read and checked, with Plausible's names as aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from firstparty import ranges
from firstparty.metrics import BY_NAME
from firstparty.periods import KEPT_HOURS_DAYS
from firstparty.ranges import INTERVALS, Interval, Range
from firstparty.row import Dimension
from firstparty.shapes import is_list, is_object, is_texts

Operator = Literal["is", "is_not", "contains", "contains_not"]
OPERATORS: Final[Mapping[str, Operator]] = {
    "is": "is",
    "is_not": "is_not",
    "contains": "contains",
    "contains_not": "contains_not",
}

ALIASES: Final = {
    "event:page": "path",
    "visit:source": "source",
    "visit:channel": "channel",
    "visit:referrer": "referrer",
    "visit:utm_source": "utm_source",
    "visit:utm_medium": "utm_medium",
    "visit:utm_campaign": "utm_campaign",
    "visit:utm_content": "utm_content",
    "visit:utm_term": "utm_term",
    "visit:browser": "browser",
    "visit:os": "os",
    "visit:device": "device",
}
"""Plausible's names of dimensions, from its Stats API v2 reference."""

MOST_ROWS: Final = 10_000
PUBLIC_ROWS: Final = 1_000
"""In one answer; fewer on a public page, where anybody may ask."""
MOST_VALUES: Final = 100
"""In one filter."""
MOST_DAYS: Final = 800
"""In a series by the day: all that is kept."""
FIELDS: Final = frozenset(
    {
        "site_id",
        "metrics",
        "date_range",
        "dimensions",
        "filters",
        "order_by",
        "pagination",
        "include",
    }
)


class QuestionError(ValueError):
    """The question cannot be answered; the sentence says why, and what can be asked."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one dimension."""

    operator: Operator
    dimension: str
    values: tuple[str, ...]

    def takes(self, value: str) -> bool:
        """Whether a value meets the condition."""
        if self.operator in {"is", "is_not"}:
            return (value in self.values) == (self.operator == "is")
        lower = value.lower()
        found = any(part.lower() in lower for part in self.values)
        return found == (self.operator == "contains")


@dataclass(frozen=True, slots=True)
class Question:
    """A checked question. `interval` is set where it asks for a series in time."""

    metrics: tuple[str, ...]
    asked: Any
    range: Range
    dimensions: tuple[str, ...]
    interval: Interval | None
    filters: tuple[Filter, ...]
    order_by: tuple[tuple[str, Literal["asc", "desc"]], ...]
    limit: int
    offset: int
    comparison: Any
    total_rows: bool
    columns: bool
    """Whether the answer is a list for each dimension and metric, in place of rows."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The dimensions that it asks by, without time."""
        return tuple(name for name in self.dimensions if not name.startswith("time:"))

    def normalised(self) -> dict[str, Any]:
        """The question as it was understood."""
        return {
            "metrics": list(self.metrics),
            "date_range": self.asked,
            "dimensions": list(self.dimensions),
            "filters": [[f.operator, f.dimension, list(f.values)] for f in self.filters],
            "order_by": [list(order) for order in self.order_by],
            "pagination": {"limit": self.limit, "offset": self.offset},
            "include": {
                "comparison": self.comparison,
                "total_rows": self.total_rows,
                "columns": self.columns,
            },
        }


def parse(
    body: object, table: Mapping[str, Dimension], today: date, first_day: date | None
) -> Question:
    """Read a question. Raises QuestionError."""
    if not is_object(body):
        raise QuestionError("a question is a JSON object")
    if unknown := sorted(set(body) - FIELDS, key=str):
        raise QuestionError(
            f"there is no field {unknown[0]!r}: a question has {', '.join(sorted(FIELDS))}"
        )
    try:
        range_ = ranges.parse(body.get("date_range"), today, first_day)
    except ranges.RangeError as error:
        raise QuestionError(str(error)) from None
    metrics = tuple(_metric(name) for name in _list(body, "metrics"))
    if not metrics:
        raise QuestionError(f"metrics is empty: name some of {', '.join(BY_NAME)}")
    dimensions, interval = _dimensions(body, table, range_, today)
    filters = tuple(_filter(each, table) for each in _list(body, "filters"))
    pagination = _object(body, "pagination", {"limit", "offset"})
    include = _object(body, "include", {"columns", "comparison", "total_rows"})
    return Question(
        metrics=metrics,
        asked=body.get("date_range"),
        range=range_,
        dimensions=dimensions,
        interval=interval,
        filters=filters,
        order_by=tuple(_order(each, metrics, dimensions) for each in _list(body, "order_by")),
        limit=_whole(pagination, "limit", 1, MOST_ROWS, MOST_ROWS),
        offset=_whole(pagination, "offset", 0, 10**9, 0),
        comparison=include.get("comparison"),
        total_rows=include.get("total_rows") is True,
        columns=include.get("columns") is True,
    )


def _list(body: Mapping[str, object], name: str) -> list[object]:
    value = body.get(name, [])
    if not is_list(value) or len(value) > 50:
        raise QuestionError(f"{name} is not a list of at most 50")
    return value


def _object(body: Mapping[str, object], name: str, fields: set[str]) -> dict[str, object]:
    value = body.get(name, {})
    if not is_object(value) or set(value) - fields:
        raise QuestionError(f"{name} is not an object with {', '.join(sorted(fields))}")
    return value


def _whole(body: Mapping[str, object], name: str, least: int, most: int, default: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise QuestionError(f"{name} is not a whole number from {least} to {most}")
    return value


def _metric(name: object) -> str:
    if isinstance(name, str) and name in BY_NAME:
        return name
    if name in ("visitors", "unique_visitors"):
        raise QuestionError(
            "there are no visitors here: nobody is recognised from one page to the next. Ask for"
            " visits, which are page views that enter the site"
        )
    raise QuestionError(f"there is no metric {name!r}; there are {', '.join(BY_NAME)}")


def _name(name: object, table: Mapping[str, Dimension]) -> str:
    found = ALIASES.get(name, name) if isinstance(name, str) else name
    if isinstance(found, str) and found in table:
        return found
    raise QuestionError(f"there is no dimension {name!r}; there are {', '.join(table)}, time")


def _dimensions(
    body: Mapping[str, object], table: Mapping[str, Dimension], range_: Range, today: date
) -> tuple[tuple[str, ...], Interval | None]:
    interval: Interval | None = None
    names = list[str]()
    for name in _list(body, "dimensions"):
        if isinstance(name, str) and name.split(":")[0] == "time":
            if interval is not None:
                raise QuestionError("time is asked for twice")
            interval = _interval(name, range_, today)
            names.append(f"time:{interval}")
        else:
            names.append(_name(name, table))
    if len(set(names)) < len(names):
        raise QuestionError("a dimension is asked for twice")
    return tuple(names), interval


def _interval(name: str, range_: Range, today: date) -> Interval:
    wanted = name.partition(":")[2]
    length = (range_.last - range_.first).days + 1
    kept = length <= KEPT_HOURS_DAYS and range_.first > today - timedelta(days=KEPT_HOURS_DAYS)
    if not wanted:
        if range_.minutes:
            return "minute"
        return "hour" if length == 1 and kept else "day" if length <= 92 else "month"
    for interval in INTERVALS:
        if interval == wanted:
            if (interval == "minute") != bool(range_.minutes):
                raise QuestionError("time:minute goes with a range of minutes such as 60m")
            if interval == "hour" and not kept:
                raise QuestionError(
                    "hours are kept for 35 days: ask for time:day, or a range of the last 35 days"
                )
            if interval == "day" and length > MOST_DAYS:
                raise QuestionError(f"a series by the day has at most {MOST_DAYS} days")
            return interval
    raise QuestionError(
        f"there is no {name!r}; there are {', '.join(f'time:{each}' for each in INTERVALS)}"
    )


def _filter(each: object, table: Mapping[str, Dimension]) -> Filter:
    if not is_list(each) or len(each) != 3:
        raise QuestionError(f'filter {each!r} is not of the form ["is", "path", ["/a", "/b"]]')
    operator, name, values = each
    known = OPERATORS.get(operator) if isinstance(operator, str) else None
    if known is None:
        raise QuestionError(f"there is no operator {operator!r}; there are {', '.join(OPERATORS)}")
    if not is_texts(values) or not 1 <= len(values) <= MOST_VALUES:
        raise QuestionError(f"the filter on {name!r} needs a list of 1 to {MOST_VALUES} texts")
    # Half a surrogate pair, which JSON can escape, is no text: no answer could be written with it.
    texts = (value.encode("utf-8", "replace").decode() for value in values)
    return Filter(known, _name(name, table), tuple(texts))


def _order(
    each: object, metrics: tuple[str, ...], dimensions: tuple[str, ...]
) -> tuple[str, Literal["asc", "desc"]]:
    if is_list(each) and len(each) == 2 and isinstance(each[0], str):
        name = ALIASES.get(each[0], each[0])
        name = next((d for d in dimensions if name == "time" and d.startswith("time:")), name)
        for direction in ("asc", "desc"):
            if each[1] == direction and name in (*metrics, *dimensions):
                return name, direction
    raise QuestionError(
        f'order_by {each!r} is not of the form ["pageviews", "desc"], by what the question asks for'
    )
