"""What a question is about, and whether that is stored: refused with the reason where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firstparty.metrics import BY_NAME, needs
from firstparty.question import Question, QuestionError
from firstparty.row import Dimension


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about: a dimension, the one that it is crossed with, or neither."""

    dimension: Dimension | None
    key: Dimension | None

    @property
    def crossed(self) -> bool:
        """Whether it crosses a dimension with another, which is the page but for few."""
        return self.key is not None


def subject(question: Question, table: Mapping[str, Dimension]) -> Subject:
    """What a question is about. Raises QuestionError where that is not stored, and says why."""
    names = dict.fromkeys([*question.groups, *(each.dimension for each in question.filters)])
    rows = [table[name] for name in names]
    row, key = _crossed(rows)
    if row is None:
        _check_site_metrics(question)
        return Subject(None, None)
    if key is None and not row.alone:
        by = table[row.by]
        raise QuestionError(
            f"{row.label} is kept for each {by.one} only: filter or group by {by.name} too"
        )
    if key is not None and "crossed" not in row.kept:
        raise QuestionError(f"{row.label} is not stored by {key.one}, by design")
    about = Subject(row, key)
    _check_interval(question, about, row)
    _check_metrics(question, about, row)
    return about


def _crossed(rows: list[Dimension]) -> tuple[Dimension | None, Dimension | None]:
    """The dimension that a question is about, and the one that it is crossed with."""
    if not rows:
        return None, None
    if len(rows) == 1:
        return rows[0], None
    for row, key in (rows[:2], rows[1::-1]):
        if len(rows) == 2 and row.by == key.name:
            return row, key
    keys = {row.by for row in rows}
    first, *rest = [row for row in rows if row.name not in keys] or rows
    second = rest[0] if rest else next(row for row in rows if row is not first)
    raise QuestionError(
        f"{first.label} by {second.label.lower()} is not stored, by design: only pages are crossed"
        " with something else, so that no combination can single a visitor out"
    )


def _check_interval(question: Question, about: Subject, row: Dimension) -> None:
    if question.range.minutes:
        raise QuestionError("minutes are kept for the site's total alone, so that nobody is seen")
    if question.interval is None:
        return
    if about.key is not None and question.interval != "month":
        raise QuestionError(
            f"{row.label} by {about.key.one} is kept by the month only: ask for time:month"
        )
    if question.interval == "hour" and not row.hourly:
        raise QuestionError(f"{row.label} is kept by the day: ask for time:day")


def _check_site_metrics(question: Question) -> None:
    for metric in question.metrics:
        if not all(BY_NAME[name].of_site for name in needs(metric)):
            raise QuestionError(f"{metric} has no total for the site: ask for it by a dimension")


def _check_metrics(question: Question, about: Subject, row: Dimension) -> None:
    without = about.key.without if about.key else frozenset[str]()
    able = [name for name in row.shows if name not in without]
    for metric in question.metrics:
        if metric not in able:
            raise QuestionError(
                f"{metric} is not kept for {row.label.lower()}: ask for {', '.join(able)}"
            )
