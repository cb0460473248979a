"""The same small application, bare and wrapped. Each name makes a new one."""

from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from firstparty import AnalyticsMiddleware

PAGE = b"<!doctype html><title>A page</title><p>Hello."
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(PAGE)).encode()),
    ],
}
BODY = {"type": "http.response.body", "body": PAGE}


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """One page at every address: the least that a server can do."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({**START, "headers": [*START["headers"]]})
    await send(BODY)


class DoesNothing:
    """The least that a middleware can do."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class DoesNothingSlowly(BaseHTTPMiddleware):
    """What most middleware is made with: the yardstick."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)


def bare() -> ASGIApp:
    return page


def wrapped() -> ASGIApp:
    return DoesNothing(page)


def base_http() -> ASGIApp:
    return DoesNothingSlowly(page)


def counted() -> ASGIApp:
    return AnalyticsMiddleware(page, store="memory://", public=True)


def exposing() -> ASGIApp:
    return AnalyticsMiddleware(page, store="memory://", public=True, exposure="report")


def blocking() -> ASGIApp:
    return AnalyticsMiddleware(page, store="memory://", public=True, exposure="block")
