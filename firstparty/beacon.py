"""The snippet's beacon: what it may say, and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from firstparty.shapes import is_object

MOST_BYTES: Final = 1024
"""A longer body is refused, unread."""

NAVIGATIONS: Final = ("navigate", "reload", "back_forward", "prerender", "route")
"""The types of a PerformanceNavigationTiming (W3C Navigation Timing 2), and our own `route`."""
LOADS: Final = frozenset({"navigate", "prerender"})
MOVES: Final = LOADS | {"route"}
CLASSES: Final = ("enter", "second", "later")


_QUERY: Final = re.compile(r"\?|&(?=[\w.-]{1,64}=)")
"""Where the query starts. The snippet cuts parameters out, and the first may be among them."""


class BeaconError(ValueError):
    """The body is no beacon; the sentence says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Beacon:
    """One view, as the snippet saw it. It is raw until `Collector.beacon` has counted it.

    `page` is the decoded path, `query` the part of the query string that counts, `referrer` the
    URL of the page before, `enters` and `second` its class, `moves` false for reloads and going
    back, `counted` whether the server has counted this load.
    """

    page: str
    query: str
    referrer: str
    enters: bool
    second: bool
    moves: bool
    counted: bool


def parse(body: bytes) -> Beacon:
    """Read a beacon: `{"u": "/a?utm_source=x", "r": "https://…", "n": …, "k": …, "c": false}`.

    `u` is required; a field that the site switched off is missing. Raises BeaconError.
    """
    try:
        fields: object = json.loads(body)
    except (ValueError, RecursionError):
        raise BeaconError("the beacon is not JSON") from None
    if not is_object(fields):
        raise BeaconError("the beacon is not a JSON object")
    url = _text(fields, "u", None)
    if not url.startswith("/"):
        raise BeaconError("u is not a path that starts with /")
    navigation = _choice(fields, "n", NAVIGATIONS, "navigate")
    kind = _choice(fields, "k", CLASSES, "later")
    counted = fields.get("c", False)
    if not isinstance(counted, bool):
        raise BeaconError("c is neither true nor false")
    url, hash_, fragment = url.partition("#")
    page, query = [*_QUERY.split(url, 1), ""][:2]
    moves = navigation in MOVES
    return Beacon(
        page=unquote(f"{page}{hash_}{fragment}"),
        query=query,
        referrer=_text(fields, "r", ""),
        enters=kind == "enter" and navigation in LOADS,
        second=kind == "second" and moves,
        moves=moves,
        counted=counted,
    )


def _text(fields: dict[str, object], name: str, default: str | None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise BeaconError(f"{name} is not a text")
    # JSON can escape half a surrogate pair, which is no text: nothing behind this could write it.
    return value.encode("utf-8", "replace").decode()


def _choice(fields: dict[str, object], name: str, choices: tuple[str, ...], default: str) -> str:
    value = fields.get(name, default)
    if value not in choices:
        raise BeaconError(f"{name} is none of {', '.join(choices)}")
    return str(value)
