"""Date ranges: from what a question says to days, and to the coarsest periods that cover them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from firstparty.periods import (
    Calendar,
    Period,
    day_number,
    days,
    first_of_month,
    last_of_month,
    month_number,
)
from firstparty.shapes import is_list

Interval = Literal["minute", "hour", "day", "week", "month"]
INTERVALS: Final[tuple[Interval, ...]] = ("minute", "hour", "day", "week", "month")

DAYS_BACK: Final = {"day": 1, "7d": 7, "28d": 28, "30d": 30, "91d": 91}
MONTHS_BACK: Final = {"month": 1, "6mo": 6, "12mo": 12}
RANGES: Final = (*DAYS_BACK, *MONTHS_BACK, "year", "all")
"""The ranges that have a name. All end today; those of months begin on the first of a month."""

MOST_DAYS: Final = 366 * 10
"""A longer custom range is refused."""


class RangeError(ValueError):
    """The range cannot be read; the sentence says what to write."""


@dataclass(frozen=True, slots=True)
class Range:
    """Whole local days, both ends included; `minutes` is set for "the last few minutes" instead."""

    first: date
    last: date
    minutes: int = 0


def parse(value: object, today: date, first_day: date | None) -> Range:
    """A range of the API: a name, `5m` for the last 5 minutes, or two dates. Raises RangeError."""
    if isinstance(value, str):
        if value in DAYS_BACK:
            return Range(today - timedelta(days=DAYS_BACK[value] - 1), today)
        if value in MONTHS_BACK:
            return Range(first_of_month(today, 1 - MONTHS_BACK[value]), today)
        if value == "year":
            return Range(date(today.year, 1, 1), today)
        if value == "all":
            return Range(first_day or today, today)
        if value.endswith("m") and value[:-1].isascii() and value[:-1].isdigit():
            minutes = int(value[:-1]) if len(value) < 5 else 0
            if 1 <= minutes <= 60:
                return Range(today, today, minutes)
            raise RangeError("minutes are kept for an hour: write 1m to 60m")
    if is_list(value) and len(value) == 2:
        first, last = _date(value[0]), _date(value[1])
        if first > last:
            raise RangeError(f"date_range ends before it begins: {first} is after {last}")
        if (last - first).days > MOST_DAYS:
            raise RangeError("date_range is longer than ten years")
        return Range(first, last)
    if value is None:
        raise RangeError(f"date_range is missing: write one of {', '.join(RANGES)}, or two dates")
    raise RangeError(
        f"date_range {value!r} is not known: write one of {', '.join(RANGES)}, a number of minutes"
        ' such as 5m, or two dates ["2026-01-01", "2026-01-31"]'
    )


def _date(value: object) -> date:
    try:
        if isinstance(value, str) and len(value) == 10 and "1970" <= value[:4] < "3000":
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise RangeError(f"{value!r} is not a date: write it as 2026-01-31")


def before(range_: Range, today: date) -> Range:
    """The period before: as many days, or, for whole months to date, as many months back."""
    if range_.minutes:
        raise RangeError("minutes have no comparison")
    if range_.first.day == 1 and range_.last in {today, last_of_month(range_.last)}:
        months = 12 * (range_.last.year - range_.first.year) + (
            range_.last.month - range_.first.month
        )
        first = first_of_month(range_.first, -months - 1)
        end = first_of_month(range_.last, -months - 1)
        day = 31 if range_.last == last_of_month(range_.last) else range_.last.day
        return Range(first, end.replace(day=min(day, last_of_month(end).day)))
    length = (range_.last - range_.first).days + 1
    return Range(range_.first - timedelta(days=length), range_.first - timedelta(days=1))


def year_before(range_: Range) -> Range:
    """The same dates a year earlier."""
    if range_.minutes:
        raise RangeError("minutes have no comparison")
    return Range(_year_before(range_.first), _year_before(range_.last))


def _year_before(day: date) -> date:
    month = first_of_month(day, -12)
    return month.replace(day=min(day.day, last_of_month(month).day))


def whole_months(range_: Range, today: date, *, running: bool = True) -> Range | None:
    """The whole calendar months that the range touches, the running one to date.

    Without `running` it is left out, and None means that nothing is left.
    """
    first = first_of_month(range_.first)
    last = min(last_of_month(range_.last), max(today, range_.first))
    if not running and last >= first_of_month(today):
        last = first_of_month(today) - timedelta(days=1)
    return Range(first, last) if first <= last else None


@dataclass(frozen=True, slots=True)
class Piece:
    """Periods of one length to sum."""

    period: Period
    at: tuple[int, ...]


def cover(range_: Range, today: date) -> list[Piece]:
    """The coarsest periods that cover a range of days exactly: months, and days at its ends.

    The running month is covered whole by a range that reaches today: its other days are to come.
    """
    months, single = list[int](), list[int]()
    day = range_.first
    while day <= range_.last:
        end = last_of_month(day)
        if day.day == 1 and (end <= range_.last or (day <= today <= range_.last)):
            months.append(month_number(day))
        else:
            end = min(end, range_.last)
            single += [day_number(each) for each in days(day, end)]
        day = end + timedelta(days=1)
    found = [Piece("month", tuple(months))] if months else []
    return [*found, Piece("day", tuple(single))] if single else found


def buckets(range_: Range, interval: Interval, calendar: Calendar, now: float) -> dict[str, Piece]:
    """The labels of a series in time, in order, each with the periods that it sums.

    A label is a local date (a week's is its Monday, a month's its first), or a local time with its
    offset. Hours that have not begun are left out.
    """
    if range_.minutes:
        minute = calendar.moment(now).minute
        return {
            calendar.label(at): Piece("minute", (at,))
            for at in range(minute - range_.minutes + 1, minute + 1)
        }
    if interval == "hour":
        hours = [hour for day in days(range_.first, range_.last) for hour in calendar.hours(day)]
        return {calendar.label(at): Piece("hour", (at,)) for at in hours if at * 60 <= now}
    if interval == "month":
        found = dict[str, Piece]()
        today = calendar.today(now)
        day = range_.first
        while day <= range_.last:
            end = min(last_of_month(day), range_.last)
            pieces = cover(Range(day, end), today)
            found[first_of_month(day).isoformat()] = pieces[0]
            day = last_of_month(day) + timedelta(days=1)
        return found
    grouped = dict[str, list[int]]()
    for day in days(range_.first, range_.last):
        start = day - timedelta(days=day.weekday()) if interval == "week" else day
        grouped.setdefault(start.isoformat(), []).append(day_number(day))
    return {label: Piece("day", tuple(at)) for label, at in grouped.items()}
