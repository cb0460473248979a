"""Asking an application in process, with no server and no network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

from firstparty.audit.answers import ASKS, MOST_BYTES, Answer, AuditError, Fetch

PATIENCE: Final = 30.0
"""Seconds that an application may take for one answer."""

Message = MutableMapping[str, Any]


@asynccontextmanager
async def inside(app: Any) -> AsyncGenerator[Fetch]:
    """The application, started and later stopped by the lifespan protocol if it knows it."""
    if not callable(app):
        raise AuditError(f"{app!r} is no application: write myapp:app")
    stop = asyncio.Event()
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(_live(app, started, stop))
    failure = await started
    try:
        if failure:
            raise AuditError(f"the application did not start: {failure}")
        yield lambda url: _get(app, url)
    finally:
        stop.set()
        await task


async def _live(app: Any, started: asyncio.Future[str], stop: asyncio.Event) -> None:
    begun = False

    async def receive() -> Message:
        nonlocal begun
        if begun:
            await stop.wait()
            return {"type": "lifespan.shutdown"}
        begun = True
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        if started.done():
            return
        if message["type"] == "lifespan.startup.complete":
            started.set_result("")
        elif message["type"] == "lifespan.startup.failed":
            started.set_result(message.get("message") or "it says no more")

    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    try:
        await app(scope, receive, send)
    except Exception:
        begun = True  # many applications refuse the protocol, and run without it
    if not started.done():
        started.set_result("")


async def _get(app: Any, url: str) -> Answer:
    parts = urlsplit(url)
    path = parts.path or "/"
    headers = [(b"host", parts.netloc.encode())]
    headers += [(name.encode(), value.encode()) for name, value in ASKS.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": parts.scheme,
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": headers,
        "server": (parts.hostname or "localhost", 443),
        "state": {},
    }
    start: Message = {"status": 500, "headers": []}
    body = bytearray()
    ended = asyncio.Event()
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await ended.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
        elif message["type"] == "http.response.body":
            if len(body) < MOST_BYTES:
                body.extend(message.get("body", b""))
            if not message.get("more_body"):
                ended.set()

    try:
        await asyncio.wait_for(app(scope, receive, send), PATIENCE)
    except TimeoutError:
        raise OSError(f"no answer in {PATIENCE:.0f} seconds") from None
    except Exception as error:
        # The application's own failure: its traceback is its own affair.
        raise OSError(f"it raised {type(error).__name__}") from error
    found = [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in start["headers"]
    ]
    return Answer(start["status"], tuple(found), bytes(body[:MOST_BYTES]))
