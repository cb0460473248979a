"""Plans which periods a question sums, and whether its small counts are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from firstparty import ranges
from firstparty.closing import NOTHING_CLOSED, Closed
from firstparty.imports import Import
from firstparty.periods import Calendar, Period
from firstparty.question import Question, QuestionError
from firstparty.ranges import Piece, Range
from firstparty.row import Dimension
from firstparty.subject import Subject


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer depends on beside the question and the counts."""

    table: Mapping[str, Dimension]
    calendar: Calendar
    now: float
    min_count: int
    public: bool
    closed: Closed = NOTHING_CLOSED
    imports: tuple[Import, ...] = ()

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


def plan(question: Question, about: Subject, range_: Range, context: Context) -> Plan:
    """Plan one range of a question.

    Counts that cross two things, and every named value on a public page, are answered by whole
    months; everything else by the coarsest periods that cover the range exactly.
    """
    hidden = about.crossed or (context.public and about.dimension is not None)
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
