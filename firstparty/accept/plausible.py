"""Plausible's call: `POST /api/event`, as its script, its npm packages and its Events API send it.

Its reference: https://plausible.io/docs/events-api
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from firstparty.accept import Answer, Call, Fields, Left, Peer
from firstparty.accept.fields import event, host, json_object, page, referrer

_LONG: Final = {"n": "name", "u": "url", "r": "referrer", "p": "props", "h": "hashMode"}
"""The fields that are read, each by its other name."""


def read(call: Call) -> Iterable[Fields | Left]:
    """What one call says."""
    said = json_object(call.body)
    fields = {short: said.get(short, said.get(long)) for short, long in _LONG.items()}
    name = fields["n"]
    u = page(fields["u"], routes_behind_hash=str(fields["h"]).lower() in {"1", "true"})
    if name == "engagement":
        # Several come for one view, and nothing here tells the first from the others.
        return ()
    r = referrer(fields["r"])
    if name == "pageview":
        return ({"u": u, "r": r, "n": "navigate", "k": "enter", "c": True},)
    if name == "404":
        return ({"e": "missing", "u": u, "r": r},)
    properties = fields["p"] if fields["p"] is not None else said.get("m", said.get("meta"))
    found = event(name, u, properties)
    link = _url(found["p"])
    if name == "Outbound Link: Click":
        return ({"e": "outbound", "u": u, "v": host(link)},)
    if name == "File Download":
        return ({"e": "download", "u": u, "v": page(link).partition("?")[0]},)
    return (found,)


def _url(properties: object) -> object:
    return properties.get("url") if isinstance(properties, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


PEER: Final = Peer(("/api/event",), ("POST",), 16 * 1024, read, Answer(202, "text/plain", b"ok"))
