"""The ASGI middleware: counts the documents that pass, and serves the two prefixes of ours."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from time import perf_counter
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from firstparty import endpoints, headers, lifespan, parsed, receipt, sources
from firstparty.analytics import Analytics
from firstparty.api import Api
from firstparty.doors import Door
from firstparty.exposure.blocking import Blocking
from firstparty.exposure.sampling import ASKS
from firstparty.here import STATE, Here
from firstparty.scales import SERVED
from firstparty.settings import SettingError
from firstparty.verdicts import FOR_SNIPPET

log: Final = logging.getLogger("firstparty")

NO_NAVIGATION: Final = receipt.NO_PAGE.encode()
NOT_HTML: Final = b"ignored; the answer is no page"
"""Said with `debug=True` of what is none of our business."""


class AnalyticsMiddleware:
    """Counts page views of the application, and shows them.

        app.add_middleware(AnalyticsMiddleware, store="sqlite:///stats.db", password="…")

    The options are the fields of `Settings`; all but functions and dimensions can also be set as
    FIRSTPARTY_<NAME>. A wrong one raises `SettingError`. Or give `analytics`, which has options of
    its own. Requests never fail because of us: what goes wrong while counting is logged once, and
    the response goes through as it is.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        analytics: Analytics | None = None,
        clock: Callable[[], float] = time.time,
        **options: Any,
    ) -> None:
        self.app = app
        try:
            if analytics is not None and options:
                raise SettingError(
                    f"{', '.join(options)}: with analytics=, the options are those of Analytics(…)"
                )
            self.analytics = analytics or Analytics(clock=clock, **options)
        except SettingError as error:
            # Starlette makes its middleware within the lifespan protocol, where servers may take
            # any exception for "no lifespan", and go on: so the sentence is in the log, too.
            log.error("%s", error)
            raise
        parsed.prepare()  # not in a request, and not for a command that only reads
        self._counting = counting = self.analytics.counting
        if counting.settings.exposure == "block":
            accepted = (party.host for party in counting.settings.accepted)
            self.app = Blocking(app, (*counting.own_hosts, *accepted), counting.settings.consent)
        self.settings = settings = counting.settings
        self.flusher = counting.flusher
        self._collector = counting.collector
        self._document = counting.document
        self._count = self._counted if counting.exposures is None else self._counted_and_asked
        self._paths = counting.paths
        door = Door(counting)
        self._endpoints = endpoints.application(
            settings,
            counting.beacons,
            counting.exposures,
            Api(counting, door),
            door,
            counting,
            lambda scope, path: receipt.told(counting, scope, path),
        )
        self._own = counting.ours.begins
        self._under = counting.ours.under
        self._debug = settings.debug
        self._script = settings.collect == "script"
        self._wanted = settings.headers_read
        self._timed = any(row.source is sources.served for row in counting.table.values())
        self._failed = False
        self._learned = False
        self._theirs = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it if it is a page view."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                self._counting.app = scope.get("app") or self.app
                await lifespan.run(
                    self.app, scope, receive, send, self.flusher.start, self.flusher.stop
                )
            else:
                if scope["type"] == "websocket":
                    self._be_there(scope, scope["path"], scope.get("root_path", ""))
                await self.app(scope, receive, send)
            return
        page: str = scope["path"]
        root: str = scope.get("root_path", "")
        local = page.removeprefix(root) if root else page
        if not self._learned:
            # Now: a mounted application puts itself, and where it is mounted, into the scope.
            self._learned = True
            self._counting.app = scope.get("app") or self.app
            try:
                self._paths.learn(self._counting.app, root)
            except Exception:
                log.exception("the route table could not be read: pages count by their paths")
            self._counting.accepted.leave(self._paths, root)
        if local.startswith(self._own) and self._under(local, scope["method"]) is not None:
            self.flusher.run()
            await self._endpoints({**scope, "firstparty.root": root}, receive, send)
            return
        here = self._be_there(scope, page, root)
        asked: Iterable[tuple[bytes, bytes]] = scope["headers"]
        if not isinstance(asked, list):
            # ASGI has them in anything to go through; and who comes after us goes through it, too.
            asked = scope["headers"] = list(asked)
        # Most requests are for a part of a page, and say so: no more of them is read. Browsers
        # say it near the end.
        for name, value in reversed(asked):
            if name == b"sec-fetch-dest":
                if value != b"document":
                    await self.app(scope, receive, _telling(send) if self._debug else send)
                    return
                break
        sent = headers.read(scope, self._wanted)
        document = headers.document(scope, sent)
        if not document and not self._asks_undressed(scope, sent):
            await self.app(scope, receive, _telling(send) if self._debug else send)
            return
        began = perf_counter() if self._timed else 0.0
        starts = True

        def counting(message: Message) -> Awaitable[None]:
            nonlocal starts
            if starts and message["type"] == "http.response.start":
                starts = False
                message = self._count(scope, sent, here, document, began, message)
            return send(message)

        try:
            await self.app(scope, receive, counting)
        except Exception:
            here.failed = True
            raise

    def _asks_undressed(self, scope: Scope, sent: headers.Headers) -> bool:
        """Whether a machine asks, in a request that does not tell what it is for."""
        try:
            return headers.undressed(scope, sent) and self._collector.agent(scope, sent).bot
        except Exception:
            self._fails()
            return False

    def _fails(self) -> None:
        if not self._failed:
            self._failed = True
            log.exception("counting failed; the page is served as it is (logged once)")

    def _be_there(self, scope: Scope, page: str, root: str) -> Here:
        """Give the application what it has of us in this request."""
        scope[STATE] = here = Here(self.analytics, scope, page, root)
        state: MutableMapping[str, Any] | None = scope.get("state")
        if state is None:
            scope["state"] = {"analytics": here}
        elif (found := state.get("analytics")) is None or type(found) is Here:
            state["analytics"] = here
        elif not self._theirs:
            self._theirs = True
            log.warning(
                'the application has a state["analytics"] of its own, which stays: ours is in'
                ' scope["firstparty"] (logged once)'
            )
        return here

    def _counted(
        self,
        scope: Scope,
        sent: headers.Headers,
        here: Here,
        document: bool,
        began: float,
        message: Message,
    ) -> Message:
        """Count, and give the message with our headers. Whatever happens, the message goes on."""
        try:
            if self.flusher.idle:
                self.flusher.run()
            raw = message.get("headers", ())
            response: list[tuple[bytes, bytes]] = list(raw)
            if not isinstance(raw, (list, tuple)):
                # ASGI allows an iterator, and the server is to read it too.
                message = {**message, "headers": response}
            told = headers.lowered(response)
            status, page = message["status"], here.page
            if document:
                served = SERVED.label(1000 * (perf_counter() - began)) if self._timed else None
                verdict = self._document(scope, sent, page, status, told, served)
            else:
                verdict = self._collector.machine(scope, sent, page, status, told)
            if verdict is None:
                return _told(message, NOT_HTML) if self._debug else message
            nonce = here.nonce
            if (nonce is not None or self._script) and verdict in FOR_SNIPPET:
                host = sent.get(b"host", b"")
                self._collector.policy.look(told, scope.get("scheme", ""), host, here.root, nonce)
            if self._debug:
                response.append((b"tally", verdict.said.encode()))
            if verdict.mark is not None:
                response.append(verdict.mark)
            return {**message, "headers": response}
        except Exception:
            self._fails()
            return message

    def _counted_and_asked(
        self,
        scope: Scope,
        sent: headers.Headers,
        here: Here,
        document: bool,
        began: float,
        message: Message,
    ) -> Message:
        """As `_counted`, with the headers that ask for reports, where the document is to."""
        message = self._counted(scope, sent, here, document, began, message)
        asks: list[tuple[bytes, bytes]] = scope.pop(ASKS, [])
        return {**message, "headers": [*message["headers"], *asks]} if asks else message


def _told(message: Message, said: bytes) -> Message:
    """The start of a response with the debug header."""
    return {**message, "headers": [*message.get("headers", ()), (b"tally", said)]}


def _telling(send: Send) -> Send:
    """A `send` that says in the debug header that the request is no navigation."""

    def telling(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            message = _told(message, NO_NAVIGATION)
        return send(message)

    return telling
