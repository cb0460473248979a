"""What we serve ourselves: the collector's two endpoints, the stats page and its API."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import Scope

from firstparty import assets, reasons, transparency
from firstparty.accept import Peer
from firstparty.accept.taking import Taking
from firstparty.api import Api, reply
from firstparty.assets import SECURITY
from firstparty.beacon import MOST_BYTES, BeaconError, parse
from firstparty.beacons import Beacons
from firstparty.counting import Counting
from firstparty.doors import CHALLENGE, Door, Viewer, same_origin
from firstparty.exposure import parsing
from firstparty.exposure.taking import Exposures
from firstparty.headers import Headers, read
from firstparty.readings import FILES
from firstparty.receipt import PathError
from firstparty.settings import Settings
from firstparty.stores import StoreError

log: Final = logging.getLogger("firstparty")

SCRIPT_CACHE: Final = "public, max-age=86400"
"""The snippet is the same for everyone, and has no validator that a browser would send back."""


def application(
    settings: Settings,
    beacons: Beacons,
    exposures: Exposures | None,
    api: Api,
    door: Door,
    counting: Counting,
    typed: Callable[[Scope, str], Mapping[str, object]],
) -> Starlette:
    """The application behind our two prefixes.

    `counting` is what the transparency page tells of, `typed` makes the receipt of a path for a
    visitor's request.
    """
    scripts = {name: assets.read(name) for name in FILES}
    allowed = {field for reading in settings.read_in_browser for field in reading.fields}
    taking = Taking(beacons, allowed, settings.collect == "script")
    calls = {**counting.accepted.own, **counting.accepted.below}
    files = {**assets.read_all("stats"), "privacy.css": assets.read("privacy.css")}

    async def script(request: Request) -> Response:
        return scripts[request.url.path.rpartition("/")[2]].response(request, SCRIPT_CACHE)

    async def view(request: Request) -> Response:
        return await _take(request, beacons, read(request.scope, settings.headers_read), allowed)

    def understood(peer: Peer) -> Callable[[Request], Awaitable[Response]]:
        async def call(request: Request) -> Response:
            return await taking.take(request, peer, read(request.scope, settings.headers_read))

        return call

    async def exposed(request: Request) -> Response:
        if exposures is None:
            return PlainTextResponse("No reports are asked for.\n", 404, SECURITY)
        return await _take_reports(request, exposures, read(request.scope, settings.headers_read))

    def refusal() -> Response:
        if not door.asks:
            return PlainTextResponse("You may not read these numbers.\n", 403, SECURITY)
        headers = {**SECURITY, **CHALLENGE}
        return PlainTextResponse("The password is missing or wrong.\n", 401, headers)

    async def viewer(request: Request) -> Viewer | None:
        try:
            return await door.viewer(request)
        except (StoreError, OSError) as error:  # a link is looked up in the store
            counting.flusher.outage.away(error)
            return None

    async def page(request: Request) -> Response:
        if await viewer(request) is None:
            return refusal()
        return files["index.html"].response(request, "no-store")

    async def shared(request: Request) -> Response:
        """The page for who has a link. It is open: no number is in it, and no key reaches it.

        The link's key stays in the fragment, which a browser sends nowhere; the page shows it with
        each question that it asks.
        """
        return files["index.html"].response(request, "no-store")

    async def sign_in(request: Request) -> Response:
        """Has the browser ask for the password on a page that is public."""
        if await viewer(request) == "owner":
            return RedirectResponse("./", 303)
        return refusal()

    async def asset(request: Request) -> Response:
        found = files.get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("There is no such file.\n", 404, SECURITY)
        return found.response(request, "no-cache")

    async def privacy(request: Request) -> Response:
        headers = {**SECURITY, "cache-control": "no-store"}
        accepted = request.headers.get("accept-language", "")
        lang = transparency.language(request.query_params.get("lang"), accepted)
        base = ""
        if request.url.path.endswith(settings.privacy or "/privacy/"):
            base = f"{request.scope.get('firstparty.root', '')}{settings.prefix}/"
        wanted = request.headers.get("accept", "")
        if "application/json" in wanted and "text/html" not in wanted:
            return reply(transparency.told(counting, lang, base))
        page = transparency.page(counting, lang, base)
        return Response(page, media_type="text/html", headers=headers)

    def promise(request: Request) -> Response:
        """The tests of the promise, to be read. No `async`: their file is read in a thread."""
        return Response(transparency.tests(), media_type="text/html", headers=SECURITY)

    async def slash(request: Request) -> Response:
        return RedirectResponse(request.url.path.rstrip("/") + "/", 308)

    async def refused(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        headers = {**SECURITY, **(error.headers or {})}
        return PlainTextResponse(f"{error.detail}\n", error.status_code, headers)

    own = Starlette(
        exception_handlers={HTTPException: refused},
        routes=[
            *(Route(f"{settings.collector}/{name}", script) for name in scripts),
            Route(settings.collector + "/view", view, methods=["POST"]),
            Route(settings.collector + "/exposure", exposed, methods=["POST"]),
            *(Route(at, understood(peer), methods=[*peer.methods]) for at, peer in calls.items()),
            Route(settings.prefix, slash),
            Route(settings.prefix + "/", page),
            Route(settings.prefix + "/shared", shared),
            Route(settings.prefix + "/privacy", privacy),
            *([Route(settings.privacy, privacy)] if settings.privacy else []),
            Route(settings.prefix + "/promise", promise),
            Route(settings.prefix + "/receipt", _receipt(typed)),
            Route(settings.prefix + "/sign-in", sign_in),
            Route(settings.prefix + "/assets/{name}", asset),
            Mount(settings.prefix + "/api", app=Router(api.routes(), redirect_slashes=False)),
        ],
    )
    # A redirect to the same path with a slash would be made of the Host header, which is not ours.
    own.router.redirect_slashes = False
    return own


def _receipt(
    typed: Callable[[Scope, str], Mapping[str, object]],
) -> Callable[[Request], Awaitable[Response]]:
    """`GET /stats/receipt?path=/pricing`: what the visitor would add by opening a page."""

    async def receipt(request: Request) -> Response:
        scope = request.scope
        try:
            path = request.query_params.get("path", scope.get("firstparty.root", "") + "/")
            return reply(typed(scope, path))
        except PathError as error:
            return reply({"error": str(error)}, 400)

    return receipt


async def _take(
    request: Request, beacons: Beacons, headers: Headers, allowed: Collection[str]
) -> Response:
    """`POST /_tally/view`: count a beacon, and answer at once."""
    scope = request.scope

    def refuse(status: int, reason: str, sentence: str) -> Response:
        beacons.refuse(scope, headers, reason)
        return PlainTextResponse(f"{sentence}\n", status, {"tally": f"ignored; {reason}"})

    if not same_origin(headers):
        return refuse(403, reasons.FOREIGN_BEACON, "A beacon comes from a page of the same origin.")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return refuse(
                    413, reasons.LARGE_BEACON, f"A beacon is at most {MOST_BYTES} bytes of JSON."
                )
    except ClientDisconnect:
        return refuse(400, reasons.BAD_BEACON, "The beacon did not arrive whole.")
    try:
        beacon = parse(bytes(body), allowed)
    except BeaconError as error:
        return refuse(400, reasons.BAD_BEACON, f"{str(error).capitalize()}.")
    try:
        said = beacons.take(scope, headers, beacon)
    except Exception:
        said = "ignored; failure"
        if not beacons.failed:
            beacons.failed = True
            log.exception("counting a beacon failed (logged once)")
    return Response(status_code=204, headers={"tally": said, "cache-control": "no-store"})


async def _take_reports(request: Request, exposures: Exposures, headers: Headers) -> Response:
    """`POST /_tally/exposure`: count the reports of a browser, and answer at once.

    A page of another site can send neither media type unasked, as we answer no preflight. Chromium
    sends `Sec-Fetch-Site` with the older format and not with the other (156, measured).
    """

    def refuse(status: int, sentence: str) -> Response:
        return PlainTextResponse(f"{sentence}\n", status, SECURITY)

    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in {parsing.ONE, parsing.LIST}:
        return refuse(415, f"A report is {parsing.ONE} or {parsing.LIST}.")
    if headers.get(b"sec-fetch-site") not in {None, b"same-origin", b"same-site"}:
        return refuse(403, "A report comes from a page of this site.")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > parsing.MOST_BYTES:
                return refuse(413, f"A report is at most {parsing.MOST_BYTES} bytes.")
        reports = parsing.parse(bytes(body), media)
    except ClientDisconnect:
        return refuse(400, "The report did not arrive whole.")
    except parsing.ReportError as error:
        return refuse(400, f"{str(error).capitalize()}.")
    try:
        said = exposures.take(request.scope, headers, reports)
    except Exception:
        said = "ignored; failure"
        if not exposures.failed:
            exposures.failed = True
            log.exception("counting a report failed (logged once)")
    return Response(status_code=204, headers={"tally": said, "cache-control": "no-store"})
