"""Parts of other tools' calls as the fields of our own beacon. Pure.

What is not asked for by name is never looked at: visitor and session ids, user ids, addresses,
titles, sizes of screens and amounts of money are in these calls, and are thrown away unread.
"""

from __future__ import annotations

import json
import re
from typing import Final

from firstparty import events
from firstparty.beacon import BeaconError
from firstparty.shapes import is_object

LONGEST: Final = 2048
"""Characters of an address that are read."""
MONEY: Final = frozenset({"amount", "currency", "revenue"})
"""Properties that say what was paid: anybody can forge them. Python is asked for these."""

_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:(//)?")


def json_object(body: bytes) -> dict[str, object]:
    """A body that is a JSON object. Raises BeaconError."""
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        raise BeaconError("the call is not JSON") from None
    if not is_object(found):
        raise BeaconError("the call is not a JSON object")
    return found


def page(address: object, *, routes_behind_hash: bool = False) -> str:
    """The path of an address with its query: our `u`. Raises BeaconError.

    Of the query the campaign and what the setting `query` names are read later on, nothing else.
    """
    if not isinstance(address, str) or not address.strip():
        raise BeaconError("the call names no page")
    address = address.strip()[:LONGEST]
    scheme = _SCHEME.match(address)
    if scheme is not None:
        if scheme[1] is None:
            raise BeaconError("the page of the call is no address")
        address = address[scheme.end() :]
        end = re.search(r"[/?#]", address)
        address = address[end.start() :] if end else "/"
    whole, _, fragment = address.partition("#")
    if not whole.startswith("/"):
        whole = f"/{whole}"
    if routes_behind_hash and fragment:
        path, mark, query = whole.partition("?")
        return f"{path}{mark}{query}#{fragment.partition('?')[0]}"
    return whole


def page_or(address: object, other: str) -> str:
    """The page that a call names, or else the one that the browser says it came from."""
    return page(address if isinstance(address, str) and address.strip() else other or "/")


def referrer(address: object) -> str:
    """The page before: our `r`; empty where there is none."""
    return address[:LONGEST] if isinstance(address, str) else ""


def host(address: object) -> str:
    """The host of a link: `v` of an outbound link."""
    if not isinstance(address, str):
        return ""
    rest = address[:LONGEST].partition("://")[2]
    return re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]


def event(name: object, page: str, properties: object = None) -> dict[str, object]:
    """An event, cut to what ours may be. Raises BeaconError for one with no name."""
    if not isinstance(name, str) or not name.strip():
        raise BeaconError("the event of the call has no name")
    return {
        "e": "event",
        "u": page,
        "v": name.strip()[: events.LONGEST],
        "p": _properties(properties),
    }


def _properties(given: object) -> dict[str, object]:
    """The first few of the properties that ours may have: none that tells one visitor apart."""
    if isinstance(given, str):
        try:
            given = json_object(given.encode("utf-8", "replace"))
        except BeaconError:
            return {}
    if not is_object(given):
        return {}
    found = dict[str, object]()
    for key, value in given.items():
        if len(found) == events.MOST_PROPERTIES:
            break
        if key.lower() in MONEY:
            continue
        try:
            events.properties({key: value})
        except events.EventError:
            continue
        found[key] = value
    return found
