"""Matomo's call: `matomo.php` with a query, a form, or many of them as JSON.

Its reference: https://developer.matomo.org/api-reference/tracking-api
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import parse_qs

from firstparty import reasons
from firstparty.accept import GIF, Answer, Call, Fields, Left, Peer
from firstparty.accept.fields import event, host, json_object, page, page_or, referrer
from firstparty.beacon import BeaconError
from firstparty.shapes import is_list, is_object

MOST_REQUESTS: Final = 100
"""Of many in one body; with more none is counted."""
MOST_FIELDS: Final = 200
"""Parameters of one; the script sends about thirty."""
NOT_FOUND: Final = "404/URL = "
"""How a page's title begins that was not found, by Matomo's own advice."""

Said = Mapping[str, object]


def read(call: Call) -> Iterable[Fields | Left]:
    """What one call says, or each of the many in it. Raises BeaconError, at the latest when asked
    for the next."""
    if _is_bulk(call):
        return _many(json_object(call.body), call)
    return _one({**_parameters(call.query), **_parameters(_form(call))}, call)


def _is_bulk(call: Call) -> bool:
    return call.body.lstrip()[:1] == b"{"


def _form(call: Call) -> str:
    return call.body.decode("utf-8", "replace")


def _parameters(text: str) -> dict[str, object]:
    try:
        found = parse_qs(text.lstrip("?"), max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BeaconError(f"the call has more than {MOST_FIELDS} parameters") from None
    return {name: each[0] for name, each in found.items()}


def _many(said: Said, call: Call) -> Iterator[Fields | Left]:
    requests = said.get("requests")
    if not is_list(requests):
        raise BeaconError("the call has no list of requests")
    if len(requests) > MOST_REQUESTS:
        raise BeaconError(f"the call has more than {MOST_REQUESTS} requests")
    for each in requests:
        try:
            if isinstance(each, str):
                each = _parameters(each.partition("?")[2] or each)
            if not is_object(each):
                raise BeaconError("a request of the call is neither a text nor an object")
            yield from _one(each, call)
        except BeaconError as error:
            yield Left(reasons.BAD_BEACON, str(error))  # it does not stop those behind it


def _one(said: Said, call: Call) -> tuple[Fields | Left, ...]:
    """What one request says: our fields, or nothing where it is none to count."""
    u = page_or(said.get("url"), call.page)
    r = referrer(said.get("urlref"))
    if "link" in said:
        return ({"e": "outbound", "u": u, "v": host(said["link"])},)
    if "download" in said:
        return ({"e": "download", "u": u, "v": page(said["download"]).partition("?")[0]},)
    if "e_c" in said or "e_a" in said:
        named = ": ".join(str(said[name]) for name in ("e_c", "e_a") if said.get(name))
        label = said.get("e_n")
        return (event(named, u, {"name": label} if label else None),)
    if "search" in said:
        category = said.get("search_cat")
        return (event("Site search", u, {"category": category} if category else None),)
    if (goal := said.get("idgoal")) is not None:
        # 0 is a cart or an order: those are Python's to tell, with their amounts.
        return () if str(goal) == "0" else (event(f"Goal {str(goal)[:8]}", u),)
    if any(name in said for name in ("ping", "ca", "c_n", "ec_id")):
        return ()  # a heartbeat, an action of a plugin, a part of a page that was shown
    if str(said.get("action_name", "")).startswith(NOT_FOUND):
        return ({"e": "missing", "u": u, "r": r},)
    return ({"u": u, "r": r, "n": "navigate", "k": "enter", "c": True},)


def result(call: Call, understood: int, refused: int) -> Answer:
    """What is said to a call that was read: nothing where no pixel is wanted, JSON to many."""
    if not _is_bulk(call):
        said = {**_parameters(call.query), **_parameters(_form(call))}
        return Answer(204) if said.get("send_image") == "0" else GIF
    if json_object(call.body).get("send_image") in (0, "0"):
        return Answer(204)
    told = {"status": "success", "tracked": understood, "invalid": refused}
    return Answer(200, "application/json", json.dumps(told).encode())


PEER: Final = Peer(("/matomo.php", "/piwik.php"), ("GET", "POST"), 64 * 1024, read, GIF, result)
