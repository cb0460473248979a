"""Stopping loads from third parties: an enforcing policy on every page, but for who is let in."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from firstparty.exposure.policies import enforcing
from firstparty.exposure.register import is_host
from firstparty.headers import lowered

log: Final = logging.getLogger("firstparty")

Consent = Callable[[Scope], Collection[str]]
"""The hosts that the visitor of this response has agreed to."""

PAGES: Final = (b"text/html", b"application/xhtml+xml", b"image/svg+xml")
"""What a browser runs scripts of when it is opened."""
MOST_HOSTS: Final = 100
"""Of one answer of `consent`."""

FAILED: Final = (
    "consent= failed, and no third party is let in by it: it is called with the ASGI scope, and"
    " answers a list of hosts (logged once)"
)


class Blocking:
    """An ASGI application around another: its pages load from the hosts that are let in, and from
    no others. A policy of the application stays as it is, and a browser obeys both."""

    def __init__(self, app: ASGIApp, let_in: Iterable[str], consent: Consent | None) -> None:
        self.app = app
        self._let_in = tuple(let_in)
        self._consent = consent
        self._plain = enforcing(self._let_in)
        self._told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        def blocking(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message = self._stopped(scope, message)
            return send(message)

        await self.app(scope, receive, blocking)

    def _stopped(self, scope: Scope, message: Message) -> Message:
        headers = list(message.get("headers", ()))
        # A 304 renews the headers of the page that the browser has kept (RFC 9111 §3.2).
        if message["status"] == 304 or any(
            name == b"content-type" and value.lower().startswith(PAGES)
            for name, value in lowered(headers)
        ):
            headers.append(self._policy(scope))
        return {**message, "headers": headers}

    def _policy(self, scope: Scope) -> tuple[bytes, bytes]:
        if self._consent is None:
            return self._plain
        try:
            agreed = self._consent(scope)
            hosts = sorted(set(agreed))[:MOST_HOSTS]
            if isinstance(agreed, str) or not all(map(is_host, hosts)):
                # What is no host could end the directive, and begin another. It may come from the
                # visitor, so that no log has it.
                raise ValueError("what it answered is no list of hosts, as ['fonts.example']")
        except Exception:
            if not self._told:
                self._told = True
                log.exception(FAILED)
            return self._plain
        return enforcing((*self._let_in, *hosts)) if hosts else self._plain
