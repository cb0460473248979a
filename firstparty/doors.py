"""Who may read the stats page: the application's own check, a password, or everybody."""

from __future__ import annotations

import base64
import binascii
import inspect
import logging
import secrets
from typing import Final, Literal

from starlette.requests import Request

from firstparty.settings import Settings

log: Final = logging.getLogger("firstparty")

Viewer = Literal["owner", "public"]

CHALLENGE: Final = {"www-authenticate": 'Basic realm="firstparty", charset="UTF-8"'}


class Door:
    """Lets readers of the stats page in. HTTP Basic, so that no cookie is needed."""

    def __init__(self, settings: Settings) -> None:
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
        """Who asks; None is nobody who may read, also where `authorize` raises."""
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
