"""The receipt: which counts one request adds, told without adding any."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from starlette.types import Scope

from firstparty import headers, sources
from firstparty.accumulate import Accumulator
from firstparty.counts import Key
from firstparty.dimensions import PATH, SITE
from firstparty.metrics import BY_NAME, COUNTED, Vector
from firstparty.names import Names
from firstparty.own import Guarded
from firstparty.periods import PERIODS, Calendar, number_day
from firstparty.row import UNLISTED, Dimension
from firstparty.verdicts import SAID_OBJECTS

if TYPE_CHECKING:
    from firstparty.counting import Counting

MOST_PATH: Final = 2048
"""Characters of a path that is asked about."""
LATER: Final = "(not known yet)"
"""Stands for the range of the time that the answer takes: it has not been given."""
NEVER: Final = sys.maxsize
"""Sightings after which a text gets a name, where none is to get one."""

NO_PAGE: Final = "ignored; not a page that is opened"
NOT_OURS: Final = "ignored; not a page of the application"
FAILURE: Final = "ignored; failure"

SHOWN: Final = ((b"content-type", b"text/html"),)
"""What the answer is taken to be: a page, with status 200."""

TYPED: Final = {
    b"sec-fetch-dest": b"document",
    b"sec-fetch-mode": b"navigate",
    b"sec-fetch-site": b"none",
}
"""What a browser says of an address that was typed in, if it says anything of the kind."""
ABOUT_ASKING: Final = frozenset(
    {
        b"accept",
        b"cache-control",
        b"origin",
        b"purpose",
        b"referer",
        b"sec-purpose",
        b"x-moz",
        b"x-purpose",
    }
)
"""Headers that tell how the receipt was asked for, and nothing of the page."""

ONE_MORE: Final = {
    "pageviews": "one more page view",
    "visits": "one more visit",
    "departures": "one more departure to another page",
    "ignored": "one more request left out",
    "requests": "one more request of a machine",
}
"""How visitors are told what is added. Other metrics are those of beacons and events."""


class PathError(ValueError):
    """A path that is asked about is none; the sentence says what is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One count that grows."""

    period: str
    """`minute`, `hour`, `day` or `month`."""
    at: str
    """Local time of the site: `2026-11-23T14:00+01:00`, `2026-11-23` or `2026-11`."""
    dimension: str
    """The dimension's name; empty for the site's total."""
    value: str
    page: str
    """The page that the value is crossed with; empty where it is counted by itself."""
    metrics: Mapping[str, int]
    """What is added to each additive metric."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a request adds."""

    said: str
    """What the debug header of the answer says: `counted; visit`, `ignored; objects` …"""
    counts: tuple[Row, ...] = ()
    """Every count that grows, the site's total first, the rest as in the dimension table. What is
    left out has some too, but for who objects."""

    def json(self) -> dict[str, Any]:
        """The receipt as JSON values."""
        return {"said": self.said, "counts": [asdict(row) for row in self.counts]}


def of(counting: Counting, scope: Scope, page: str) -> Receipt:
    """What a request of the application adds: see `Here.receipt`."""
    return _receipt(counting, scope, page, counting.names.copy())


def typed(counting: Counting, scope: Scope, path: str) -> Receipt:
    """What a visitor would add by typing the address `path` of this host, query included.

    `scope` is that of any request of theirs. What the application would know only when it answers
    is not in it. Raises PathError.

    Whether a text has been seen often enough to have a name tells of others' visits, and this is
    answered to everybody. So a text that neither the application nor a table of ours has made is
    `(unlisted)` here, whatever it counts as.
    """
    if not path.startswith("/") or len(path) > MOST_PATH:
        raise PathError(f"path is at most {MOST_PATH} characters, and begins with /, as /pricing")
    address, _, query = path.partition("#")[0].partition("?")
    page, root = unquote(address), str(scope.get("firstparty.root", ""))
    settings = counting.settings
    local = page.removeprefix(root) if root else page
    inside = page == root or page.startswith(root + "/")
    if not inside or counting.ours.under(local, "GET") is not None:
        return Receipt(NOT_OURS)
    asked = {
        **{key: value for key, value in scope.items() if key not in OF_ROUTING},
        "method": "GET",
        "path": page,
        "raw_path": address.encode(),
        "query_string": query.encode(),
        "headers": list(_as_typed(scope["headers"])),
    }
    # With `admit_after=1` every text has its name at once, and that tells nothing.
    return _receipt(counting, asked, page, Names(1 if settings.admit_after == 1 else NEVER))


OF_ROUTING: Final = frozenset({"app", "endpoint", "path_params", "route", "router"})
"""What Starlette has put into the scope of the request for the receipt."""


def _as_typed(sent: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """The headers of a request, as they would be for an address that was typed in.

    A browser over plain http, or a program, sends no Fetch Metadata: nor does it here.
    """
    yield b"accept", b"text/html"
    for name, value in sent:
        if name not in ABOUT_ASKING:
            yield name, TYPED.get(name, value)


def _receipt(counting: Counting, scope: Scope, page: str, names: Names) -> Receipt:
    """What the collector itself makes of a request, with counts and names that are thrown away."""
    scratch = copy(counting.collector)
    scratch.accumulator = Accumulator(dict(_rows(counting.table)), names)
    sent = headers.read(scope, counting.settings.headers_read)
    try:
        # As the middleware asks, and in that order.
        if headers.document(scope, sent):
            verdict = scratch.document(scope, sent, page, 200, SHOWN)
        elif headers.undressed(scope, sent) and scratch.agent(scope, sent).bot:
            verdict = scratch.machine(scope, sent, page, 200, SHOWN) or SAID_OBJECTS
        else:
            verdict = None
    except Exception:
        # The middleware, when it comes to that, serves the page, and logs why.
        return Receipt(FAILURE)
    grown = scratch.accumulator.counts()
    order = [SITE, *counting.table]
    keys = sorted(
        (key for key, vector in grown.items() if any(vector)),
        key=lambda key: (order.index(key.dimension), key.value, PERIODS.index(key.period)),
    )
    return Receipt(
        NO_PAGE if verdict is None else verdict.said,
        tuple(_row(key, grown[key], counting.calendar) for key in keys),
    )


def _rows(table: Mapping[str, Dimension]) -> Iterator[tuple[str, Dimension]]:
    """The dimension table, for a request that has not been answered."""
    for name, row in table.items():
        if row.source is sources.served:
            yield name, replace(row, source=_later)
        elif isinstance(row.source, Guarded):
            # If it fails here, that is no failure to count: health and the log need not know.
            quiet = copy(row.source)
            quiet.failed = True
            yield name, replace(row, source=quiet)
        else:
            yield name, row


def _later(_: sources.Seen) -> str:
    return LATER


def _row(key: Key, vector: Vector, calendar: Calendar) -> Row:
    if key.period in {"minute", "hour"}:
        at = calendar.label(key.at)
    elif key.period == "day":
        at = number_day(key.at).isoformat()
    else:
        at = f"{key.at // 100}-{key.at % 100:02}"
    metrics = {name: number for name, number in zip(COUNTED, vector, strict=True) if number}
    period = "month" if key.period == "crossed" else key.period
    return Row(period, at, key.dimension, key.value, key.path, metrics)


def told(counting: Counting, scope: Scope, path: str) -> Mapping[str, object]:
    """The receipt of `typed` as JSON, with a plain sentence for each count, in their order."""
    receipt = typed(counting, scope, path)
    explained = [_sentence(row, counting.table) for row in receipt.counts]
    return {**receipt.json(), "explained": explained}


def _sentence(row: Row, table: Mapping[str, Dimension]) -> str:
    value = row.value
    if value == UNLISTED:
        value += ", or its own name if that has been seen often enough,"
    if row.dimension == SITE:
        what = "The site"
    elif row.dimension == PATH.name:
        what = value
    else:
        what = f"In “{table[row.dimension].label}”, {value}"
    added = " and ".join(
        ONE_MORE.get(name, f"{number} more in “{BY_NAME[name].label}”")
        for name, number in row.metrics.items()
    )
    on = f", on the page {row.page}" if row.page else ""
    return f"{what} had {added} {_when(row)}{on}."


def _when(row: Row) -> str:
    if row.period in {"minute", "hour"}:
        return f"in the {row.period} that began at {row.at[11:16]}"
    return f"{'on' if row.period == 'day' else 'in the month'} {row.at}"
