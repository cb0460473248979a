"""What other tools have counted: a table of them, and what an importer makes of their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, cast

from firstparty.metrics import Vector

if TYPE_CHECKING:
    from firstparty.importers.sheets import Sheet
    from firstparty.periods import Calendar


class ImporterError(Exception):
    """The files are not what an importer can read; the sentence says why, and what to do."""


class Kind(NamedTuple):
    """One row: a tool, the module that reads its files, and what it calls a visit."""

    label: str
    module: str
    visits: str
    """How its visits differ from ours; empty where it has none that come along."""
    lines: bool = False
    """Whether its files have a line for each request, which is counted as one that comes now."""

    @property
    def told(self) -> str:
        """What visitors are told of days that it has counted."""
        if self.lines:
            return (
                f"counted from {self.label}, and brought in; where these do not tell who objects,"
                " those are in the numbers"
            )
        return f"counted by {self.label}, and brought in"


KINDS: Final = {
    "ga4": Kind(
        "Google Analytics 4",
        "firstparty.importers.ga4",
        "A visit of Google Analytics 4 is a session of somebody whom it recognises, which ends"
        " after 30 minutes without an event.",
    ),
    "plausible": Kind(
        "Plausible",
        "firstparty.importers.plausible",
        "A visit of Plausible is a session that ends after 30 minutes without a page view.",
    ),
    "matomo": Kind(
        "Matomo",
        "firstparty.importers.matomo",
        "A visit of Matomo is a session that ends after 30 minutes without an action.",
    ),
    "goatcounter": Kind(
        "GoatCounter",
        "firstparty.importers.goatcounter",
        "GoatCounter's file tells entries from elsewhere by their referrer alone: visits without"
        " one are not among them.",
    ),
    "umami": Kind(
        "Umami",
        "firstparty.importers.umami",
        "Umami's file tells entries from elsewhere by their referrer or campaign alone: visits"
        " without one are not among them.",
    ),
    "cloudflare": Kind(
        "Cloudflare",
        "firstparty.importers.cloudflare",
        "A visit of Cloudflare is a page view that another site led to, estimated from a sample.",
    ),
    "log": Kind(
        "access logs",
        "firstparty.logs.looks",
        "In a log they are told by the referrer alone, and a reload of the first page is one more.",
        lines=True,
    ),
}
"""The tools by the name that the command line has for them; a module is loaded when chosen."""


class Past(NamedTuple):
    """Something that was counted on a day: the counts of one value of a dimension.

    `dimension` is a row's name, empty for the site's total; `value` is as the tool had it. `hour`
    is the hour of the day, as stored, where that is known too: the day's counts are then the sum.
    """

    day: date
    dimension: str
    value: str
    counts: Vector
    hour: int = 0


class Came(NamedTuple):
    """Visits that came in one way on a day: every dimension about that is worked out from it.

    `referrer` is a URL or a host, `campaign` has the parameters `utm_…`; `source` is what the tool
    calls the source, where it says no more. `part` tells reports apart that share out a day's
    visits, each a part of them; empty where one report has them all.
    """

    day: date
    visits: int
    referrer: str = ""
    campaign: Mapping[str, str] = {}
    source: str = ""
    part: str = ""


Row = Past | Came


@dataclass(slots=True)
class Left:
    """What is not taken, and why: of how many rows, or of which columns or files."""

    rows: Counter[str] = field(default_factory=Counter[str])
    whole: dict[str, str] = field(default_factory=dict[str, str])
    """Why a column, a file or a number is not taken at all."""

    def row(self, why: str, number: int = 1) -> None:
        """Rows that are not taken."""
        self.rows[why] += number

    def all(self, what: str, why: str) -> None:
        """A column, a file or a number that is not taken."""
        self.whole.setdefault(what, why)


class Importer(Protocol):
    """What a module of the table has."""

    def looks(self, sheet: Sheet) -> bool:
        """Whether a file is one of this tool's, as its name and its beginning look."""
        ...

    # Not of a kind whose files have lines.
    def rows(self, sheet: Sheet, left: Left, calendar: Calendar) -> Iterator[Row]:
        """What a file says, in any order; in `left` what of it is not taken.

        `calendar` tells the day of an instant. Raises ImporterError where the file cannot be read.
        """
        ...


VISITORS: Final = "visitors are people told apart, which is not done here: nothing is made of them"


def importer(kind: str) -> Importer:
    """The importer of a kind, which is one of `KINDS`."""
    return cast("Importer", import_module(KINDS[kind].module))


def looks_like(sheet: Sheet) -> str | None:
    """The kind that a file looks like, if it is any."""
    return next((kind for kind in KINDS if importer(kind).looks(sheet)), None)
