"""Marks on the chart: a release that first ran in an hour, a note that the owner put on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from firstparty.periods import Calendar, Moment, day_number

Kind = Literal["release", "note", "setting"]
"""What a mark tells of. That of a setting is for the log of settings, and is not on the chart."""

MOST_LETTERS: Final = 64
"""Of a mark's text."""
MOST_MARKS: Final = 1_000
"""Of a site; the oldest leave first."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark, with no time finer than an hour.

    `at` is the hour as counts have it, minutes since 1970 UTC at which the site's local hour
    starts; `day` its local date, as 20261123. `text` is what `clean` leaves.
    """

    kind: Kind
    text: str
    at: int
    day: int

    def same(self, other: Mark) -> bool:
        """Whether they are one: a release has its text once, a note its text once a day."""
        days = self.kind == "release" or self.day == other.day
        return (self.kind, self.text) == (other.kind, other.text) and days


def clean(text: str) -> str:
    """The text without what cannot be printed, and at most 64 characters of it."""
    return "".join(each for each in text if each.isprintable()).strip()[:MOST_LETTERS].strip()


def released(text: str, moment: Moment) -> Mark:
    """The mark of a release that first ran at a moment."""
    return Mark("release", clean(text), moment.hour, moment.day)


def noted(text: str, day: date, calendar: Calendar) -> Mark:
    """The note on a local day: it stands at the day's first hour. Raises ValueError."""
    words = clean(text)
    if not words:
        raise ValueError("a note has a text")
    return Mark("note", words, calendar.hours(day)[0], day_number(day))
