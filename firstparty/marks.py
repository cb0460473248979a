"""Marks on the chart: what happened to the site in an hour, as a release that first ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from firstparty.periods import Moment

Kind = Literal["release", "setting"]
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


def clean(text: str) -> str:
    """The text without what cannot be printed, and at most 64 characters of it."""
    return "".join(each for each in text if each.isprintable()).strip()[:MOST_LETTERS].strip()


def released(text: str, moment: Moment) -> Mark:
    """The mark of a release that first ran at a moment."""
    return Mark("release", clean(text), moment.hour, moment.day)
