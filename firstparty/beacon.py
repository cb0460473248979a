"""The beacons of the snippet: what they may say, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from firstparty import events
from firstparty.minimise import unescaped
from firstparty.readings import MEASURES, READINGS, ZONE
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
    """One view, as the snippet saw it. It is raw until `Beacons.take` has counted it.

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


@dataclass(frozen=True, slots=True)
class Report:
    """What the optional files tell of a view: what was done, or, at its end, what was measured.

    `said` has values of dimensions by their names, raw but for measurements, which are ranges
    already. `kind` is one of `KINDS`, `seconds` how long the page was visible.
    """

    kind: str
    page: str
    query: str
    referrer: str
    said: Mapping[str, str]
    properties: Mapping[str, str]
    seconds: int


ACTS: Final = ("event", "outbound", "download", "form")
"""The kinds that name a dimension, of which `v` is the value."""
KINDS: Final = (*ACTS, "missing", *MEASURES)

FIELDS: Final = frozenset(field for reading in (*READINGS, ZONE) for field in reading.fields)
"""Every field that has a switch."""


def parse(body: bytes, allowed: Collection[str] = FIELDS) -> Beacon | Report:
    """Read a beacon: `{"u": "/a?utm_source=x", "r": "https://…", "n": …, "k": …, "c": false}`.

    See `understood`. Raises BeaconError.
    """
    try:
        fields: object = json.loads(body)
    except (ValueError, RecursionError):
        raise BeaconError("the beacon is not JSON") from None
    if not is_object(fields):
        raise BeaconError("the beacon is not a JSON object")
    return understood(fields, allowed)


def understood(fields: Mapping[str, object], allowed: Collection[str] = FIELDS) -> Beacon | Report:
    """What the fields of a beacon say.

    `u` is required; a field that the site switched off is missing, or dropped if it is not among
    those `allowed`. With `e` it is one of the optional files'. Raises BeaconError.
    """
    fields = {name: value for name, value in fields.items() if name not in FIELDS - set(allowed)}
    url = _text(fields, "u", None)
    if not url.startswith("/"):
        raise BeaconError("u is not a path that starts with /")
    url, hash_, fragment = url.partition("#")
    page, query = [*_QUERY.split(url, 1), ""][:2]
    page = unescaped(f"{page}{hash_}{fragment}")
    if "e" in fields:
        return _report(fields, page, query, allowed)
    navigation = _choice(fields, "n", NAVIGATIONS, "navigate")
    kind = _choice(fields, "k", CLASSES, "later")
    counted = fields.get("c", False)
    if not isinstance(counted, bool):
        raise BeaconError("c is neither true nor false")
    moves = navigation in MOVES
    return Beacon(
        page=page,
        query=query,
        referrer=_text(fields, "r", ""),
        enters=kind == "enter" and navigation in LOADS,
        second=kind == "second" and moves,
        moves=moves,
        counted=counted,
    )


def _report(fields: dict[str, object], page: str, query: str, allowed: Collection[str]) -> Report:
    kind = _choice(fields, "e", KINDS, "")
    if kind not in MEASURES and kind not in allowed:
        raise BeaconError(f"{kind} is switched off")
    said = dict[str, str]()
    properties = dict[str, str]()
    seconds = 0
    if kind in ACTS:
        try:
            said[kind] = events.name(_text(fields, "v", None)) if kind == "event" else _v(fields)
            properties = events.properties(fields.get("p")) if kind == "event" else {}
        except events.EventError as error:
            raise BeaconError(str(error)) from None
    elif kind in MEASURES:
        for field, (dimension, read) in MEASURES[kind].items():
            value = read(fields.get(field))
            if value is not None:
                said[dimension] = value
        if "visible" in said:
            seconds = int(str(fields["t"]))
        if zone := _text(fields, "z", ""):
            said["country"] = zone
    return Report(kind, page, query, _text(fields, "r", ""), said, properties, seconds)


def _v(fields: dict[str, object]) -> str:
    value = _text(fields, "v", None)
    if not value:
        raise BeaconError("v is empty")
    return value


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
