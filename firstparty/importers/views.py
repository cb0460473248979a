"""Files with a line for each page view, of which counts alone are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from firstparty.importers import Came, Past, Row
from firstparty.metrics import vector
from firstparty.periods import Calendar

_VIEW = vector(pageviews=1)
_VISIT = vector(visits=1)
_EVENT = vector(events=1)


class When(NamedTuple):
    """When a view was: its day, and its hour as stored."""

    moment: datetime
    hour: int


def when(text: str, calendar: Calendar) -> When | None:
    """The local time of an instant that is written as ISO 8601, in UTC where it does not say."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = moment.timestamp()
        return When(calendar.local(seconds), calendar.moment(seconds).hour)
    except (ValueError, OverflowError, OSError):
        return None


def viewed(at: When, path: str, values: Mapping[str, str]) -> Iterator[Row]:
    """A page view: `values` by the dimensions that it has one of."""
    day = at.moment.date()
    yield Past(day, "", "", _VIEW, at.hour)
    yield Past(day, "path", path, _VIEW, at.hour)
    for dimension, value in values.items():
        yield Past(day, dimension, value, _VIEW)


def entered(at: When, path: str, values: Mapping[str, str], came: Came) -> Iterator[Row]:
    """What a page view adds beside, if it came from elsewhere."""
    day = at.moment.date()
    yield Past(day, "", "", _VISIT, at.hour)
    yield Past(day, "path", path, _VISIT, at.hour)
    for dimension, value in values.items():
        yield Past(day, dimension, value, _VISIT)
    yield came


def happened(at: When, name: str) -> Iterator[Row]:
    """An event."""
    yield Past(at.moment.date(), "", "", _EVENT, at.hour)
    yield Past(at.moment.date(), "event", name, _EVENT)
