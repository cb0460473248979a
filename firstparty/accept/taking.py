"""Calls of other tools' clients, counted as beacons of ours, and answered as the client expects."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from firstparty import reasons
from firstparty.accept import Answer, Call, Fields, Left, Peer
from firstparty.beacon import Beacon, BeaconError, Report, understood
from firstparty.beacons import Beacons, own_host
from firstparty.doors import same_origin
from firstparty.headers import Headers, objects, prefetched
from firstparty.verdicts import SAID_OBJECTS

log: Final = logging.getLogger("firstparty")

FOREIGN: Final = (
    "A call comes from a page of the same origin. A program that speaks for a browser passes on the"
    " browser's own headers; from Python, write analytics.event(…)."
)
NOTHING: Final = "ignored; nothing to count"
SERVED: Final = "ignored; the server counts pages that are not found"
FAILURE: Final = "ignored; failure"

Understood = Beacon | Report | Left | str
"""What one part of a call says, or what its `Tally` header says where nothing is to be counted."""


class Taking:
    """Counts the calls of other tools' clients for one site.

    `allowed` are the fields and the kinds of beacon that the setting `sends` lets in; with `script`
    all views are the client's to tell, else the server has counted what it has served.
    """

    def __init__(self, beacons: Beacons, allowed: Collection[str], script: bool) -> None:
        self._beacons = beacons
        self._allowed = allowed
        self._script = script

    async def take(self, request: Request, peer: Peer, headers: Headers) -> Response:
        """Count what one request says, and answer at once."""

        def refuse(status: int, reason: str, sentence: str) -> Response:
            self._beacons.refuse(request.scope, headers, reason)
            return PlainTextResponse(_written(sentence), status, {"tally": f"ignored; {reason}"})

        if request.method not in peer.methods:  # HEAD, which Starlette adds to GET
            return Response(status_code=405, headers={"allow": ", ".join(peer.methods)})
        if not same_origin(headers) and not _pixel(request.method, headers):
            return refuse(403, reasons.FOREIGN_BEACON, FOREIGN)
        if objects(headers):  # nothing of the call is looked at
            return _response(peer.answer, [SAID_OBJECTS.said])
        if prefetched(headers):
            left = self._count(request.scope, headers, Left(reasons.PREFETCH))
            return _response(peer.answer, [left])
        query: bytes = request.scope["query_string"]
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > peer.most:
                    break
        except ClientDisconnect:
            return refuse(400, reasons.BAD_BEACON, "The call did not arrive whole.")
        if len(body) > peer.most or len(query) > peer.most:
            return refuse(413, reasons.LARGE_BEACON, f"A call is at most {peer.most} bytes.")
        page = headers.get(b"referer", b"")
        call = Call(query.decode("latin-1"), bytes(body), page.decode("latin-1"))
        try:
            told = [self._understood(each, headers) for each in peer.read(call)]
        except BeaconError as error:
            return refuse(400, reasons.BAD_BEACON, _sentence(str(error)))
        except Exception:
            return _response(peer.answer, [self._fails()])
        wrong = [each for each in told if isinstance(each, Left) and each.sentence]
        if wrong and len(told) == 1:
            return refuse(400, wrong[0].reason, _sentence(wrong[0].sentence))
        said = [self._count(request.scope, headers, each) for each in told]
        if peer.result is None:
            return _response(peer.answer, said)
        return _response(peer.result(call, len(told) - len(wrong), len(wrong)), said)

    def _understood(self, each: Fields | Left, headers: Headers) -> Understood:
        if isinstance(each, Left):
            return each
        kind = each.get("e")
        if kind is not None and kind not in self._allowed:
            return f"ignored; {kind} is switched off"
        if kind == "missing" and not self._script:
            return SERVED
        before = each.get("r")
        if isinstance(before, str) and before.startswith("/"):
            each = {**each, "r": f"https://{own_host(headers).decode('latin-1')}{before}"}
        try:
            return understood(each, self._allowed)
        except BeaconError as error:
            return Left(reasons.BAD_BEACON, str(error))

    def _count(self, scope: Scope, headers: Headers, each: Understood) -> str:
        try:
            if isinstance(each, str):
                return each
            if isinstance(each, Left):
                # What the server has seen, it has counted or left out itself.
                if self._script or each.sentence:
                    self._beacons.refuse(scope, headers, each.reason)
                return f"ignored; {each.reason}"
            return self._beacons.take(scope, headers, each, theirs=True)
        except Exception:
            return self._fails()

    def _fails(self) -> str:
        if not self._beacons.failed:
            self._beacons.failed = True
            log.exception("counting a call failed (logged once)")
        return FAILURE


def _pixel(method: str, headers: Headers) -> bool:
    """Whether a page of this host asks for a picture over plain http, where browsers tell no more
    than the page. No script can forge that either."""
    if method != "GET" or b"sec-fetch-site" in headers or b"origin" in headers:
        return False
    host = headers.get(b"referer", b"").partition(b"://")[2].partition(b"/")[0]
    return bool(host) and host == headers.get(b"host")


def _written(sentence: str) -> bytes:
    """A sentence as it is sent: what JSON has escaped into it may be half a character."""
    return f"{sentence}\n".encode("utf-8", "replace")


def _sentence(error: str) -> str:
    return f"{error[:1].upper()}{error[1:]}."


def _response(answer: Answer, said: Sequence[str]) -> Response:
    headers = {
        "tally": ", ".join(dict.fromkeys(said)) or NOTHING,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    if answer.media is not None:
        headers["content-type"] = answer.media
    return Response(answer.body, answer.status, headers)
