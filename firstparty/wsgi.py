"""The WSGI middleware: the same counts, for Flask, Django and other applications without a loop."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, Final

from starlette.types import Message, Scope

from firstparty import environs, headers, receipt, sources
from firstparty.analytics import Analytics
from firstparty.background import BACKGROUND
from firstparty.environs import Environ
from firstparty.exposure.sampling import ASKS
from firstparty.here import ENVIRON, STATE, Here
from firstparty.middleware import NOT_HTML, AnalyticsMiddleware
from firstparty.scales import SERVED
from firstparty.settings import SettingError
from firstparty.verdicts import FOR_SNIPPET

log: Final = logging.getLogger("firstparty")

StartResponse = Callable[..., Callable[[bytes], object]]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]
Header = tuple[str, str]

MOST_BODY: Final = 64 * 1024
"""Bytes that one of our own endpoints takes at most; each has a bound of its own, not above it."""
LONGEST: Final = 30.0
"""Seconds after which an endpoint of ours is given up: a worker that waits serves nobody."""
TALLY: Final = "Tally"
PHRASES: Final = {
    200: "OK",
    202: "Accepted",
    204: "No Content",
    303: "See Other",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    503: "Service Unavailable",
}
"""What a status line says beside the number, where it is one of ours (RFC 9110 §15)."""


class AnalyticsWSGIMiddleware:
    """Counts page views of a WSGI application, and shows them.

        app.wsgi_app = AnalyticsWSGIMiddleware(app.wsgi_app, store="sqlite:///stats.db")  # Flask

    The options are those of `AnalyticsMiddleware`. Functions among them get what they get there, an
    ASGI scope or a Starlette `Request`; the scope has the WSGI environ as `scope["environ"]`.

    Counts are written by one loop in a thread of its own, which starts with the first request: a
    server that forks its workers may load the application before. The response is the
    application's own: its status, its headers and the very iterable that it answered.
    """

    def __init__(
        self,
        app: WSGIApp,
        *,
        analytics: Analytics | None = None,
        clock: Callable[[], float] = time.time,
        **options: Any,
    ) -> None:
        self.app = app
        # What is ours is served by the ASGI middleware, around an application that it never calls.
        self._inner = self._around(analytics=analytics, clock=clock, **options)
        self.analytics = self._inner.analytics
        self.settings = settings = self.analytics.settings
        if settings.exposure == "block":
            raise SettingError(
                "exposure='block' is for ASGI alone so far: write exposure='report', or put the"
                " policy into your web server"
            )
        self._debug = settings.debug
        self._script = settings.collect == "script"
        self._wanted = environs.keys(settings.headers_read)
        open_ = self._wanted | environs.keys(environs.OURS)
        self._asked = {
            **dict.fromkeys(self.analytics.counting.ours.below, open_),
            settings.prefix: open_ | environs.keys(environs.DOOR),
        }
        self._failed = False
        self._take()

    def _around(self, **options: Any) -> AnalyticsMiddleware:
        app: Any = self.app
        return AnalyticsMiddleware(app, **options)

    def _take(self) -> None:
        counting = self.analytics.counting
        counting.accumulator.share()
        self._collector = counting.collector
        self._document = counting.document
        self._own = counting.ours.begins
        self._under = counting.ours.under
        self._timed = any(row.source is sources.served for row in counting.table.values())
        self._learned = False
        # Last: in a fork it tells other threads that all of this is the fork's own.
        self._counting = counting

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on, and count it if it is a page view."""
        local = environs.text(environ.get("PATH_INFO", ""))
        if self.analytics.counting is not self._counting:  # this process is a fork
            self._inner = self._around(analytics=self.analytics)
            self._take()
        if not self._learned:
            self._learn(environs.text(environ.get("SCRIPT_NAME", "")))
        if local.startswith(self._own):
            own = self._under(local, environ["REQUEST_METHOD"])
            if own is not None:
                return self._serve(environs.scope(environ, self._asked[own]), start_response)
        try:
            scope = environs.scope(environ, self._wanted)
            environ[ENVIRON] = here = Here(self.analytics, scope, scope["path"], scope["root_path"])
            sent = headers.read(scope, self.settings.headers_read)
            document = headers.document(scope, sent)
            counts = document or (
                headers.undressed(scope, sent) and self._collector.agent(scope, sent).bot
            )
        except Exception:
            self._fails()
            return self.app(environ, start_response)
        if not counts:
            return self.app(environ, _telling(start_response) if self._debug else start_response)
        began = perf_counter() if self._timed else 0.0
        ours: list[Header] | None = None

        def counting(*args: Any, **named: Any) -> Callable[[bytes], object]:
            nonlocal ours
            # An application may begin its response anew, as long as nothing is sent (`exc_info`):
            # it has been counted, and the snippet is to know.
            if len(args) >= 2 and isinstance(args[1], list):
                if ours is None:
                    ours = self._counted(scope, sent, here, document, began, args)
                args = (args[0], [*args[1], *ours], *args[2:])
            return start_response(*args, **named)

        return self.app(environ, counting)

    def _learn(self, root: str) -> None:
        self._learned = True
        self._counting.app = self.app
        try:
            self._counting.paths.learn(self.app, root)
        except Exception:
            log.exception("the route table could not be read: pages count by their paths")
        self._counting.accepted.leave(self._counting.paths, root)

    def _fails(self) -> None:
        if not self._failed:
            self._failed = True
            log.exception("counting failed; the page is served as it is (logged once)")

    def _counted(
        self,
        scope: Scope,
        sent: headers.Headers,
        here: Here,
        document: bool,
        began: float,
        args: tuple[Any, ...],
    ) -> list[Header]:
        """Count, and give our headers. `args` are those of `start_response`."""
        ours: list[Header] = []
        try:
            status, listed = int(args[0][:3]), list[Header](args[1])
            response = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in listed]
            if self._counting.flusher.idle:
                BACKGROUND.keep(self.analytics)
            if document:
                served = SERVED.label(1000 * (perf_counter() - began)) if self._timed else None
                scope[STATE] = here
                verdict = self._document(scope, sent, here.page, status, response, served)
            else:
                verdict = self._collector.machine(scope, sent, here.page, status, response)
            if verdict is None:
                said, mark = NOT_HTML.decode(), None
            else:
                said, mark = verdict.said, verdict.mark
                nonce = here.nonce
                if (nonce is not None or self._script) and verdict in FOR_SNIPPET:
                    host = sent.get(b"host", b"")
                    self._collector.policy.look(response, scope["scheme"], host, here.root, nonce)
            if self._debug:
                ours.append((TALLY, said))
            if mark is not None:
                ours.append((mark[0].decode(), mark[1].decode()))
            asks: list[tuple[bytes, bytes]] = scope.get(ASKS, [])
            ours.extend((name.decode(), value.decode()) for name, value in asks)
        except Exception:
            self._fails()
        return ours

    def _serve(self, scope: Scope, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request for what is ours, in the loop."""
        try:
            BACKGROUND.keep(self.analytics)
            body = environs.body(scope["environ"], MOST_BODY)
            status, sent, answer = BACKGROUND.answer(
                lambda: _asked(self._inner, scope, body), LONGEST
            )
        except Exception as error:
            log.exception("%s could not be answered", scope["path"])
            status, answer = 503, f"{type(error).__name__}: see the log.\n".encode()
            sent = [("content-type", "text/plain"), ("content-length", str(len(answer)))]
        start_response(f"{status} {PHRASES.get(status, 'Answered')}", sent)
        return [] if scope["method"] == "HEAD" else [answer]


async def _asked(
    app: AnalyticsMiddleware, scope: Scope, body: bytes
) -> tuple[int, list[Header], bytes]:
    """The answer of an ASGI application to one request."""
    arrived = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        return arrived.pop() if arrived else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *parts = sent
    listed = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return start["status"], listed, b"".join(part.get("body", b"") for part in parts)


def _telling(start_response: StartResponse) -> StartResponse:
    """A `start_response` that says in the debug header that the request is no navigation."""

    def telling(*args: Any, **named: Any) -> Callable[[bytes], object]:
        if len(args) >= 2 and isinstance(args[1], list):
            args = (args[0], [*args[1], (TALLY, receipt.NO_PAGE)], *args[2:])
        return start_response(*args, **named)

    return telling
