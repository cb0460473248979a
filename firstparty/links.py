"""Links to the stats page that are given to others: each with an end, each revocable."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from firstparty.marks import clean
from firstparty.periods import day_number

MOST_LINKS: Final = 100
"""Of a site; the oldest leave first."""
LONGEST_DAYS: Final = 366
"""From today to the last day of a link."""
HEADER: Final = "firstparty-link"
"""The request header that shows a link's token, which the page finds in its fragment."""


class LinkError(ValueError):
    """The link cannot be made; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `name` says for whom it is; `until` is its last local day, as 20261123.

    The token is random text and is stored as it is: nothing of ours is hashed, and who can read the
    store reads the numbers themselves.
    """

    token: str
    name: str
    until: int


def made(name: object, until: object, today: date) -> Link:
    """A new link. Raises LinkError."""
    words = clean(name) if isinstance(name, str) else ""
    if not words:
        raise LinkError("a link needs a name: write for whom it is")
    try:
        last = date.fromisoformat(until) if isinstance(until, str) else None
    except ValueError:
        last = None
    if last is None or not today <= last <= today + timedelta(days=LONGEST_DAYS):
        raise LinkError(f"a link ends on a day, today or at most {LONGEST_DAYS} days from now")
    return Link(secrets.token_urlsafe(24), words, day_number(last))


def over(link: Link, today: date) -> bool:
    """Whether the last day of a link has passed."""
    return link.until < day_number(today)


def opens(links: Iterable[Link], token: str, today: date) -> bool:
    """Whether a token is that of a link that has not ended."""
    given = token.encode("utf-8", "replace")
    # Takes as long for a wrong first letter as for a wrong last one, and for every link.
    same = [link for link in links if secrets.compare_digest(link.token.encode(), given)]
    return any(not over(link, today) for link in same)
