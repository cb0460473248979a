"""The kinds of hit: which counts each adds, and to which page.

A hit is the minimised observation of one page view or event. It lives for microseconds, and is
never kept: what is kept are the counts that it adds to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firstparty import sources
from firstparty.metrics import Vector, vector


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of hit.

    `place` reads the page that it adds to; `sighting` says whether its open values have now been
    seen once more. A beacon that confirms a view is no second sighting of it, and a reload none
    at all: otherwise one person could give a name to a page alone.
    """

    name: str
    vector: Vector
    place: Callable[[sources.Seen], sources.Raw]
    sighting: bool
    paged: bool = True
    """Whether the page itself gets a count, and is not only crossed with what does."""
    of: str = "path"
    """The dimension whose value `place` reads: the page, but for what is a part of an event."""
    totalled: bool = True
    """Whether the site's total gets a count."""


ENTRY: Final = Kind("entry", vector(pageviews=1, visits=1), sources.path, sighting=True)
VIEW: Final = Kind("view", vector(pageviews=1), sources.path, sighting=True)
AGAIN: Final = Kind("again", vector(pageviews=1), sources.path, sighting=False)
"""The same page once more: reloaded, gone back to, or behind its own form."""
CONFIRMED_ENTRY: Final = Kind(
    "confirmed_entry", vector(confirmed=1, confirmed_visits=1), sources.path, sighting=False
)
CONFIRMED: Final = Kind("confirmed", vector(confirmed=1), sources.path, sighting=False)
CONTINUED: Final = Kind("continued", vector(continued=1), sources.previous, sighting=False)
MISS: Final = Kind("miss", vector(misses=1), sources.linker, sighting=True, paged=False)
EVENT: Final = Kind("event", vector(events=1), sources.path, sighting=True, paged=False)
PROPERTY: Final = Kind(
    "property",
    vector(events=1),
    sources.said("event"),
    sighting=True,
    paged=False,
    of="event",
    totalled=False,
)
"""One property of an event, which has been counted by itself."""
AMOUNT: Final = Kind(
    "amount", vector(amount=1), sources.nowhere, sighting=False, paged=False, totalled=False
)
"""One smallest unit of a currency: counted as many times as were paid."""
MEASURED: Final = Kind("measured", vector(measured=1), sources.path, sighting=False)
PACED: Final = Kind(
    "paced", vector(measured=1), sources.path, sighting=False, paged=False, totalled=False
)
"""The vitals of a load: another file measures them, and they are no second measured view."""
SECOND: Final = Kind("second", vector(seconds=1), sources.path, sighting=False)
"""One second for which a page was visible."""
MACHINE: Final = Kind("machine", vector(requests=1), sources.path, sighting=False, paged=False)
SAMPLED: Final = Kind("sampled", vector(sampled=1), sources.nowhere, sighting=False, paged=False)
"""A document that has asked its browser for reports of what it loads from elsewhere."""
EXPOSED: Final = Kind("exposed", vector(reports=1), sources.path, sighting=False, paged=False)
"""Such a report: a page has loaded something from a third party."""
LEFT_OUT: Final = Kind("left_out", vector(ignored=1), sources.nowhere, sighting=False, paged=False)

KINDS: Final = (
    ENTRY,
    VIEW,
    AGAIN,
    CONFIRMED_ENTRY,
    CONFIRMED,
    CONTINUED,
    MISS,
    EVENT,
    PROPERTY,
    AMOUNT,
    MEASURED,
    PACED,
    SECOND,
    MACHINE,
    SAMPLED,
    EXPOSED,
    LEFT_OUT,
)
VIEWS: Final = frozenset({ENTRY.name, VIEW.name, AGAIN.name, CONFIRMED_ENTRY.name, CONFIRMED.name})
