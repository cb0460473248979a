"""Asking a site over the network: the only room of this package that can, and no request of a
visitor comes here. It is opened by `firstparty audit URL`, which somebody has typed."""

from __future__ import annotations

import asyncio
import http.client
import urllib.error
import urllib.request
from typing import Any, Final

from firstparty.audit.answers import ASKS, MOST_BYTES, Answer

TIMEOUT: Final = 20.0
"""Seconds for one answer."""


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the crawl decides, which leaves no host that it was not sent to."""

    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any
    ) -> None:
        return None


async def fetch(url: str) -> Answer:
    """Ask for a URL, which is http or https. Raises OSError where nothing answers."""
    return await asyncio.to_thread(_get, url)


def _get(url: str) -> Answer:
    if not url.startswith(("http://", "https://")):
        raise OSError("neither http nor https")
    opener = urllib.request.build_opener(_Stays())
    asked = urllib.request.Request(url, headers=ASKS)  # noqa: S310 - looked at above
    try:
        with opener.open(asked, timeout=TIMEOUT) as found:
            return _answer(found.status, found.headers, found.read(MOST_BYTES))
    except urllib.error.HTTPError as found:
        with found:
            return _answer(found.code, found.headers, found.read(MOST_BYTES))
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    return Answer(status, tuple((name.lower(), value) for name, value in headers.items()), body)
