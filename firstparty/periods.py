"""Periods: which minute, hour, day and month of the site's time zone an instant falls into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Period = Literal["minute", "hour", "day", "month", "crossed"]
"""What counts are kept for. `crossed` is the month too: its rows cross a dimension with a page."""

PERIODS: Final[tuple[Period, ...]] = ("minute", "hour", "day", "month", "crossed")

KEPT_MINUTES: Final = 60
KEPT_HOURS_DAYS: Final = 35
KEPT_MONTHS: Final = 25
"""How long each is kept: 60 minutes, 35 days of hours, 25 months of days and months (§3.3).

25 months is the limit that the French regulator sets to audience measurement without consent.
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """The periods that an instant falls into, as the numbers that are stored.

    `minute` and `hour` are whole minutes since 1970 UTC at which they start; an hour starts with
    the site's local hour, so that half-hour zones sum to their day. `day` is 20261123 and `month`
    202611, local dates of the site.
    """

    minute: int
    hour: int
    day: int
    month: int

    def at(self, period: Period) -> int:
        """The number of this moment's period."""
        return self.month if period == "crossed" else int(getattr(self, period))


def day_number(day: date) -> int:
    """2026-11-23 → 20261123."""
    return day.year * 10_000 + day.month * 100 + day.day


def month_number(day: date) -> int:
    """2026-11-23 → 202611."""
    return day.year * 100 + day.month


def number_day(number: int) -> date:
    """20261123 → 2026-11-23."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def first_of_month(day: date, months: int = 0) -> date:
    """The first day of the month that is `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def last_of_month(day: date) -> date:
    """The last day of the month of `day`."""
    return first_of_month(day, 1) - timedelta(days=1)


def days(first: date, last: date) -> Iterator[date]:
    """Each day from `first` to `last`, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


class Calendar:
    """The site's time zone, applied to instants (seconds since 1970 UTC)."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._last = Moment(-1, 0, 0, 0)

    def local(self, now: float) -> datetime:
        """The instant as a local time of the site."""
        return datetime.fromtimestamp(now, self.zone)

    def today(self, now: float) -> date:
        """The site's local date."""
        return self.local(now).date()

    def moment(self, now: float) -> Moment:
        """The periods that `now` falls into. Cheap within one minute."""
        if now // 60 != self._last.minute:
            minute = int(now // 60)
            local = self.local(minute * 60)
            hour = minute - local.minute
            # Where clocks have changed since by half an hour, the hour starts with the change.
            while self.local(hour * 60).utcoffset() != local.utcoffset():
                hour += 1
            self._last = Moment(minute, hour, day_number(local), month_number(local))
        return self._last

    def hours(self, day: date) -> tuple[int, ...]:
        """The hours of a local day, as stored: 23, 24 or 25 of them."""
        minute = self.minute(day)
        end = self.minute(day + timedelta(days=1))
        found = list[int]()
        while minute < end:
            start = self.moment(minute * 60)
            if start.day == day_number(day) and start.hour not in found:
                found.append(start.hour)
            minute += 30
        return tuple(found)

    def minute(self, day: date) -> int:
        """Minutes since 1970 UTC at which a local day starts."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return int(midnight.timestamp() // 60)

    def label(self, minute: int) -> str:
        """A minute or hour as the API writes it: local time with its offset from UTC."""
        local = datetime.fromtimestamp(minute * 60, UTC).astimezone(self.zone)
        return local.isoformat(timespec="minutes")


def oldest(calendar: Calendar, now: float) -> dict[Period, int]:
    """The oldest hour, day and month that are kept at `now`.

    A day is kept until the same date 25 months later; a month goes with its first day, so that
    nothing in it is ever older.
    """
    today = calendar.today(now)
    month = first_of_month(today, -KEPT_MONTHS)
    day = month.replace(day=min(today.day, last_of_month(month).day))
    whole = day if day.day == 1 else first_of_month(day, 1)
    return {
        "hour": calendar.moment(now - timedelta(days=KEPT_HOURS_DAYS).total_seconds()).hour,
        "day": day_number(day),
        "month": month_number(whole),
        "crossed": month_number(whole),
    }
