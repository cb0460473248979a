"""Asking a site over the network: the only room of this package that can, and no request of a
visitor comes here. It is opened by `firstparty audit URL`, which somebody has typed."""

from __future__ import annotations

import asyncio
import http.client
import socket
import urllib.error
import urllib.request
from contextlib import suppress
from functools import partial
from threading import Timer
from typing import Any, Final

from firstparty.audit.answers import ASKS, MOST_BYTES, Answer

TIMEOUT: Final = 20.0
"""Seconds in which nothing comes."""
LONGEST: Final = 60.0
"""Seconds for one answer, however it drips."""

Sockets = list[socket.socket]


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the crawl decides, which leaves no host that it was not sent to."""

    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any
    ) -> None:
        return None


class _Watched(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    """Tells which sockets it has opened, so that they can be shut."""

    def __init__(self, opened: Sockets) -> None:
        super().__init__()
        self._opened = opened

    def http_open(self, req: Any) -> Any:
        return self.do_open(partial(self._made, http.client.HTTPConnection), req)

    def https_open(self, req: Any) -> Any:
        return self.do_open(partial(self._made, http.client.HTTPSConnection), req)

    def _made(self, kind: Any, *args: Any, **kwargs: Any) -> Any:
        connection = kind(*args, **kwargs)
        plainly = connection.connect

        def connect() -> None:
            plainly()
            self._opened.append(connection.sock)

        connection.connect = connect
        return connection


async def fetch(url: str) -> Answer:
    """Ask for a URL, which is http or https. Raises OSError where nothing answers."""
    return await asyncio.to_thread(_get, url)


def _get(url: str) -> Answer:
    if not url.startswith(("http://", "https://")):
        raise OSError("neither http nor https")
    opened = Sockets()
    opener = urllib.request.build_opener(_Stays(), _Watched(opened))
    asked = urllib.request.Request(url, headers=ASKS)  # noqa: S310 - looked at above
    late = Timer(LONGEST, _shut, [opened])
    late.daemon = True
    late.start()
    try:
        with opener.open(asked, timeout=TIMEOUT) as found:
            answer = _answer(found.status, found.headers, found.read(MOST_BYTES))
    except urllib.error.HTTPError as found:
        with found:
            answer = _answer(found.code, found.headers, found.read(MOST_BYTES))
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
    finally:
        late.cancel()
    if late.finished.is_set() and not opened:
        raise OSError(f"no answer in {LONGEST:.0f} seconds")
    return answer


def _shut(opened: Sockets) -> None:
    for each in opened:
        with suppress(OSError):
            socket.socket.shutdown(each, socket.SHUT_RDWR)
    opened.clear()


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    return Answer(status, tuple((name.lower(), value) for name, value in headers.items()), body)
