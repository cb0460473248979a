"""Umami's call: `POST /api/send`, as its tracker and `@umami/node` send it.

Its reference: https://umami.is/docs/api/sending-stats
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from firstparty.accept import Answer, Call, Fields, Left, Peer
from firstparty.accept.fields import event, json_object, page_or, referrer
from firstparty.beacon import BeaconError
from firstparty.shapes import is_object


def read(call: Call) -> Iterable[Fields | Left]:
    """What one call says."""
    said = json_object(call.body)
    if said.get("type", "event") != "event":
        return ()  # it tells who somebody is, or how fast a page was
    payload = said.get("payload")
    if not is_object(payload):
        raise BeaconError("the call has no payload")
    url = payload.get("url")
    u = page_or(url, call.page)
    if payload.get("name"):
        return (event(payload["name"], u, payload.get("data")),)
    r = referrer(payload.get("referrer"))
    if r and _is_route(url, r, call.page):
        return ({"u": u, "r": r, "n": "route", "k": "later"},)
    # Later trackers leave out a referrer of the site's own, so none may be one of those.
    told = r or ("referrer" in payload and str(url).startswith("/"))
    return ({"u": u, "r": r, "n": "navigate", "k": "enter" if told else "later", "c": True},)


def _is_route(url: object, r: str, page: str) -> bool:
    """Whether a view is a route within a page.

    Up to version 2.15 the tracker sends paths, and the page before a route as a path; of a page it
    sends `document.referrer`, whole. Later ones send whole addresses, and of a page no referrer of
    its own site: so one that is can only be a route's.
    """
    if r.startswith("/"):
        return True
    own = "/".join(page.split("/", 3)[:3])
    return "://" in own and str(url).startswith(f"{own}/") and r.startswith(f"{own}/")


# The tracker takes JSON for an answer: here with nothing in it to send back next time.
PEER: Final = Peer(
    ("/api/send",), ("POST",), 16 * 1024, read, Answer(200, "application/json", b"{}")
)
