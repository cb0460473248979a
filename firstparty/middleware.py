"""The ASGI middleware: counts the documents that pass, and serves the two prefixes of ours."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from firstparty import collect, endpoints, lifespan, snippet, transparency
from firstparty import settings as settings_
from firstparty.api import Api
from firstparty.counting import Counting
from firstparty.doors import Door

log: Final = logging.getLogger("firstparty")


class AnalyticsMiddleware:
    """Counts page views of the application, and shows them.

        app.add_middleware(AnalyticsMiddleware, store="sqlite:///stats.db", password="…")

    The options are the fields of `Settings`; all but functions and dimensions can also be set as
    FIRSTPARTY_<NAME>. A wrong one raises `SettingError`. Requests never fail because of us: what
    goes wrong while counting is logged once, and the response goes through as it is.
    """

    def __init__(
        self, app: ASGIApp, *, clock: Callable[[], float] = time.time, **options: Any
    ) -> None:
        self.app = app
        try:
            self.settings = settings = settings_.load(options)
        except settings_.SettingError as error:
            # Starlette makes its middleware within the lifespan protocol, where servers may take
            # any exception for "no lifespan", and go on: so the sentence is in the log, too.
            log.error("%s", error)
            raise
        self._counting = counting = Counting(settings, clock)
        self.flusher = counting.flusher
        self._collector = counting.collector
        self._paths = counting.paths
        door = Door(settings)
        api = Api(counting, door)
        self._endpoints = endpoints.application(
            settings,
            counting.collector,
            api,
            door,
            lambda: transparency.page(settings, counting.table),
        )
        self._own = (settings.prefix, settings.collector)
        self._debug = settings.debug
        self._script = settings.collect == "script"
        self._failed = False
        self._learned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it if it is a page view."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                self._counting.app = scope.get("app") or self.app
                await lifespan.run(
                    self.app, scope, receive, send, self.flusher.start, self.flusher.stop
                )
            else:
                await self.app(scope, receive, send)
            return
        page: str = scope["path"]
        root: str = scope.get("root_path", "")
        local = page.removeprefix(root) if root else page
        if not self._learned:
            # Now: a mounted application puts itself, and where it is mounted, into the scope.
            self._learned = True
            self._counting.app = scope.get("app") or self.app
            self._paths.learn(self._counting.app, root)
        if local.startswith(self._own) and self._serves(local):
            self.flusher.run()
            await self._endpoints({**scope, "firstparty.root": root}, receive, send)
            return
        scope[snippet.STATE] = tagged = snippet.Tagged(self.settings, root)
        headers = collect.read(scope)
        if not collect.document(scope, headers):
            await self.app(scope, receive, send)
            return

        def counting(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message = self._counted(scope, headers, tagged, page, message)
            return send(message)

        await self.app(scope, receive, counting)

    def _serves(self, local: str) -> bool:
        """Whether a path is below one of our prefixes, and not merely begins like one."""
        return any(local == own or local.startswith(own + "/") for own in self._own)

    def _counted(
        self,
        scope: Scope,
        headers: collect.Headers,
        tagged: snippet.Tagged,
        page: str,
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
            verdict = self._collector.document(scope, headers, page, message["status"], response)
            if verdict is None:
                return message
            nonce = tagged.nonce
            if (nonce is not None or self._script) and verdict in collect.FOR_SNIPPET:
                self._collector.policy.look(
                    response, scope.get("scheme", ""), headers.get(b"host", b""), tagged.root, nonce
                )
            if self._debug:
                response.append((b"tally", verdict.said.encode()))
            if verdict.mark is not None:
                response.append(verdict.mark)
            return {**message, "headers": response}
        except Exception:
            if not self._failed:
                self._failed = True
                log.exception("counting failed; the page is served as it is (logged once)")
            return message
