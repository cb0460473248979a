"""What the owner may change from the stats page, read and checked: notes on days, links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from firstparty import links
from firstparty.links import Link, LinkError
from firstparty.marks import Mark, noted
from firstparty.periods import Calendar
from firstparty.question import QuestionError
from firstparty.shapes import is_object

NOTES = frozenset({"add", "remove"})
LINKS = frozenset({"make", "revoke"})


@dataclass(frozen=True, slots=True)
class Notes:
    """The note that comes, the note that goes, or both."""

    add: Mark | None
    remove: Mark | None


@dataclass(frozen=True, slots=True)
class Links:
    """The link that is made, or the token of the one that is revoked."""

    make: Link | None
    revoke: str | None


def note_asked(body: object, calendar: Calendar, today: date) -> Notes:
    """Read a change of notes: `{"add": {"day", "text"}, "remove": {"day", "text"}}`.

    Raises QuestionError.
    """
    fields = _fields(body, NOTES)
    add, remove = (
        _note(fields[name], calendar) if name in fields else None for name in ("add", "remove")
    )
    if add is not None and (add.day > today.year * 10_000 + today.month * 100 + today.day):
        raise QuestionError("a note is on a day that has come")
    return Notes(add, remove)


def _note(value: object, calendar: Calendar) -> Mark:
    if is_object(value) and set(value) == {"day", "text"}:
        day, text = value["day"], value["text"]
        if isinstance(day, str) and isinstance(text, str):
            try:
                return noted(text, _day(day), calendar)
            except ValueError:
                pass
    raise QuestionError(
        'a note has a day and a text: {"day": "2026-01-31", "text": "Campaign started"}'
    )


def _day(text: str) -> date:
    if len(text) != 10 or not "1970" < text[:4] < "3000":
        raise ValueError
    return date.fromisoformat(text)


def link_asked(body: object, today: date) -> Links:
    """Read a change of links: `{"make": {"name", "until"}}` or `{"revoke": "token"}`.

    Raises QuestionError.
    """
    fields = _fields(body, LINKS)
    revoke = fields.get("revoke")
    if revoke is not None and not isinstance(revoke, str):
        raise QuestionError("revoke is the token of a link")
    make: Link | None = None
    if "make" in fields:
        value = fields["make"]
        if not is_object(value) or set(value) != {"name", "until"}:
            raise QuestionError('a link is made of {"name": "Agency", "until": "2026-12-31"}')
        try:
            make = links.made(value["name"], value["until"], today)
        except LinkError as error:
            raise QuestionError(str(error)) from None
    return Links(make, revoke)


def _fields(body: object, known: frozenset[str]) -> Mapping[str, object]:
    if not is_object(body) or not body or set(body) - known:
        raise QuestionError(f"a change is a JSON object with {' or '.join(sorted(known))}")
    return body
