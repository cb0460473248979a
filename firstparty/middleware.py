"""The ASGI middleware: counts the documents that pass, and serves the two prefixes of ours."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from firstparty import collect, endpoints, lifespan, snippet, transparency
from firstparty import settings as settings_
from firstparty.accumulate import Accumulator
from firstparty.api import Api
from firstparty.collect import Collector
from firstparty.dimensions import PATH, table
from firstparty.doors import Door
from firstparty.flush import Flusher
from firstparty.names import Names
from firstparty.paths import Paths
from firstparty.periods import Calendar
from firstparty.stores import Shape, connect

log: Final = logging.getLogger("firstparty")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class AnalyticsMiddleware:
    """Counts page views of the application, and shows them.

        app.add_middleware(AnalyticsMiddleware, store="sqlite:///stats.db", password="…")

    The options are the fields of `Settings`; each can also be set as FIRSTPARTY_<NAME>. A wrong
    one raises `SettingError`. Requests never fail because of us: what goes wrong while counting is
    logged once, and the response goes through as it is.
    """

    def __init__(
        self, app: ASGIApp, *, clock: Callable[[], float] = time.time, **options: Any
    ) -> None:
        self.app = app
        self.settings = settings = settings_.load(options)
        rows = table(settings.dimensions)
        calendar = Calendar(ZoneInfo(settings.timezone))
        shape = Shape(
            site=settings.site_name,
            timezone=settings.timezone,
            names={name: row.cap for name, row in rows.items()},
            pairs={name: row.pairs for name, row in rows.items()},
            vocabularies={name: row.vocabulary for name, row in rows.items()},
        )
        store = connect(settings.store, shape)
        names = Names(settings.admit_after)
        accumulator = Accumulator(rows, names)
        paths = Paths(
            templates=settings.templates,
            listed=settings.listed,
            query=settings.query,
            paths=settings.paths,
            known=names.known(PATH),
        )

        def forget_names() -> None:
            names.forget()
            paths.forget()

        self.flusher = Flusher(
            accumulator,
            store,
            calendar,
            settings.flush_interval,
            forget_names=forget_names,
            clock=clock,
        )
        self._collector = Collector(settings, accumulator, paths, calendar, clock)
        door = Door(settings)
        api = Api(
            settings,
            rows,
            calendar,
            self.flusher,
            self._collector,
            door,
            first_day=store.first_day,
            lost=lambda: accumulator.lost,
            clock=clock,
        )
        self._endpoints = endpoints.application(
            settings, self._collector, api, door, lambda: transparency.page(settings, rows)
        )
        self._own = (settings.prefix, settings.collector)
        self._debug = settings.debug
        self._failed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it if it is a page view."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await lifespan.run(
                    self.app, scope, receive, send, self.flusher.start, self.flusher.stop
                )
            else:
                await self.app(scope, receive, send)
            return
        page: str = scope["path"]
        root: str = scope.get("root_path", "")
        local = page.removeprefix(root) if root else page
        if local.startswith(self._own) and self._serves(local):
            self.flusher.run()
            await self._endpoints({**scope, "firstparty.root": root}, receive, send)
            return
        scope[snippet.STATE] = self.settings
        headers = collect.read(scope)
        if not collect.document(scope, headers):
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, self._watching(scope, headers, page, send))

    def _serves(self, local: str) -> bool:
        """Whether a path is below one of our prefixes, and not merely begins like one."""
        return any(local == own or local.startswith(own + "/") for own in self._own)

    def _watching(self, scope: Scope, headers: collect.Headers, page: str, send: Send) -> Send:
        """A `send` that counts the document when its response starts."""

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = self._counted(scope, headers, page, message)
            await send(message)

        return counting

    def _counted(
        self, scope: Scope, headers: collect.Headers, page: str, message: Message
    ) -> Message:
        """Count, and give the message with our headers. Whatever happens, the message goes on."""
        try:
            if self.flusher.idle:
                self.flusher.run()
            response = message.get("headers", ())
            verdict = self._collector.document(scope, headers, page, message["status"], response)
            if verdict is None:
                return message
            if self._debug:
                response = [*response, (b"tally", verdict.said.encode())]
            if verdict.mark is not None:
                response = [*response, verdict.mark]
            return {**message, "headers": response}
        except Exception:
            if not self._failed:
                self._failed = True
                log.exception("counting failed; the page is served as it is (logged once)")
            return message
