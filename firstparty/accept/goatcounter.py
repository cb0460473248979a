"""GoatCounter's call: `/count` with a query, as `count.js` and the pixel send it.

Its reference: https://www.goatcounter.com/help/pixel
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qs

from firstparty import reasons
from firstparty.accept import GIF, Call, Fields, Left, Peer
from firstparty.accept.fields import event, page, page_or, referrer
from firstparty.beacon import BeaconError

_TRUE: Final = frozenset({"1", "true", "on"})


def read(call: Call) -> Iterable[Fields | Left]:
    """What one call says."""
    try:
        said = {name: each[0] for name, each in parse_qs(call.query, max_num_fields=40).items()}
    except ValueError:
        raise BeaconError("the call has more than 40 parameters") from None
    if said.get("b", "0") != "0":
        return (Left(reasons.BOT),)
    if said.get("e", "").lower() in _TRUE:
        return (event(said.get("p"), page_or(None, call.page)),)
    u = page(said.get("p"))
    if query := said.get("q"):
        u = f"{u.partition('?')[0]}?{query.removeprefix('?')}"
    r = referrer(said.get("r"))
    return ({"u": u, "r": r, "n": "navigate", "k": "enter", "c": True},)


# The script sends its calls by `navigator.sendBeacon`, which posts; a pixel is asked for.
PEER: Final = Peer(("/count",), ("GET", "POST"), 8 * 1024, read, GIF)
