"""Who may read the stats page: the application's own check, a password, a link, or everybody."""

from __future__ import annotations

import base64
import binascii
import inspect
import logging
import secrets
from typing import Final, Literal

from starlette.requests import Request

from firstparty import headers, links
from firstparty.counting import Counting
from firstparty.headers import Headers

log: Final = logging.getLogger("firstparty")

Viewer = Literal["owner", "guest", "public"]
"""Who reads: the owner everything; a guest, who has a link, the numbers and the notes; the public
whole months alone. Only the owner changes anything."""

CHALLENGE: Final = {"www-authenticate": 'Basic realm="firstparty", charset="UTF-8"'}


class Door:
    """Lets readers of the stats page in. HTTP Basic, so that no cookie is needed."""

    def __init__(self, counting: Counting) -> None:
        settings = counting.settings
        self._counting = counting
        self._authorize = settings.authorize
        self._public = settings.public
        self._password = settings.password
        if self._authorize is None and self._password is None and not self._public:
            self._password = secrets.token_urlsafe(12)
            log.warning(
                "the stats page %s/ is open with the password %s, made for this process (any user"
                " name); set password= or FIRSTPARTY_PASSWORD to choose one, as you must with"
                " several workers",
                settings.prefix,
                self._password,
            )

    @property
    def asks(self) -> bool:
        """Whether a password helps."""
        return self._password is not None

    async def viewer(self, request: Request) -> Viewer | None:
        """Who asks; None is nobody who may read, also where `authorize` raises.

        Who shows a link is a guest, whatever else they may be, so that the owner sees what a guest
        does. Raises what the store raises, if a link is shown.
        """
        if (token := request.headers.get(links.HEADER)) is not None:
            return "guest" if await self._opens(token) else None
        if self._password is not None and self._knows(request.headers.get("authorization", "")):
            return "owner"
        if self._authorize is not None:
            try:
                allowed = self._authorize(request)
                if inspect.isawaitable(allowed):
                    allowed = await allowed
            except Exception:
                log.exception(
                    "authorize= failed, and let nobody in; if it needs a session or a user, add"
                    " AnalyticsMiddleware before the middleware that provides them, so that it is"
                    " inside"
                )
                allowed = False
            if allowed:
                return "owner"
        return "public" if self._public else None

    async def _opens(self, token: str) -> bool:
        counting = self._counting
        async with counting.flusher.reading():
            found = await counting.store.links()
        return links.opens(found, token, counting.calendar.today(counting.clock()))

    def _knows(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            given = base64.b64decode(encoded.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return False
        # Takes as long for a wrong first letter as for a wrong last one.
        return secrets.compare_digest(given, (self._password or "").encode())


def same_origin(sent: Headers) -> bool:
    """Whether a request comes from a page of the same origin; a script cannot forge either header.

    `Sec-Fetch-Site` where the browser sends it (https, loopback), else the `Origin`.
    """
    site = sent.get(b"sec-fetch-site")
    if site is not None:
        return site == b"same-origin"
    origin = sent.get(b"origin")
    host = sent.get(b"host")
    return origin is not None and host is not None and origin.partition(b"://")[2] == host


def refusal(request: Request, viewer: Viewer) -> str | None:
    """Why a request may not change anything; None for the owner's, from a page of ours.

    A browser adds the password to requests that other sites make, so these are told apart.
    """
    if viewer != "owner":
        return "only the owner may change this"
    if not same_origin(headers.read(request.scope)):
        return "this is asked for by a page of the same origin only"
    return None
