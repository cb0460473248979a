"""What the browser is shown: the example site on a real server, and what it has counted."""

import json
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, Final, NamedTuple, TypeVar

import httpx
import uvicorn
from laboratory import failed, laboratory
from starlette.responses import Response

from examples.starlette_app import create_app

PASSWORD: Final = "open sesame"
METRICS: Final = ("pageviews", "visits", "confirmed", "confirmed_visits", "continued", "departures")
PATIENCE: Final = 10.0
"""Seconds after which a test gives up waiting. Nothing takes as long where it works."""
NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
"""The time of the site: tests know no midnight."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Counts = dict[str, int]
T = TypeVar("T")


class Asked(NamedTuple):
    """A request that reached the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def beacon(self) -> Any:
        """What a beacon says."""
        return json.loads(self.body)


class Watched:
    """An application around another one, which remembers what was asked for.

    With `blocked`, the path that it names is not there: what a content blocker does, without
    `Page.route`, which would switch the browser's HTTP cache off.
    """

    def __init__(self, app: Any, blocked: str = "") -> None:
        self.asked: list[Asked] = []
        self._app = app
        self._blocked = blocked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == self._blocked:
            await Response(status_code=404)(scope, receive, send)
            return
        body = bytearray()

        async def reading() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        await self._app(scope, reading, send)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(Asked(scope["method"], scope["path"], headers, bytes(body)))


class Site:
    """A running site, and what its stats API answers."""

    def __init__(self, base: str, watched: Watched, other: str, said: list[str]) -> None:
        self.base = base
        self.other = other
        """The address of a page elsewhere: it leads to what follows its `?`."""
        self.said = said
        """What the pages of the laboratory have reported."""
        self._watched = watched
        self._client = httpx.Client(base_url=base, auth=("any", PASSWORD), timeout=PATIENCE)
        self._before: dict[str, Counts] = {}

    def begin(self) -> None:
        """Forget what was asked and said so far; counts are from now on."""
        self._watched.asked.clear()
        self.said.clear()
        self._before = {}
        self._before = {"": self.total(), **self.pages()}

    @property
    def asked(self) -> list[Asked]:
        """Every request that was answered, but for the tests' own."""
        return [one for one in self._watched.asked if not one.path.startswith("/stats/api/")]

    @property
    def beacons(self) -> list[Asked]:
        """Every beacon that arrived."""
        return [one for one in self.asked if one.path == "/_tally/view"]

    def total(self) -> Counts:
        """The site's counts, with the pages that were not found."""
        names = (*METRICS, "misses")
        rows = self._ask(*names)
        return self._since(
            "", dict(zip(names, rows[0]["metrics"] if rows else (0,) * 7, strict=True))
        )

    def pages(self) -> dict[str, Counts]:
        """What each page has, without the zeros."""
        found = {
            row["dimensions"][0]: dict(zip(METRICS, row["metrics"], strict=True))
            for row in self._ask(*METRICS, by="path")
        }
        counts = {page: self._since(page, has) for page, has in found.items()}
        nonzero = {
            page: {name: number for name, number in has.items() if number}
            for page, has in counts.items()
        }
        return {page: has for page, has in nonzero.items() if has}

    def _since(self, page: str, now: Counts) -> Counts:
        before = self._before.get(page, {})
        return {name: number - before.get(name, 0) for name, number in now.items()}

    def left_out(self) -> Counts:
        """What was not counted, by reason."""
        rows = self._ask("ignored", by="left_out")
        return {row["dimensions"][0]: row["metrics"][0] for row in rows}

    def _ask(self, *metrics: str, by: str = "") -> Any:
        question = {"metrics": metrics, "date_range": "day", "dimensions": [by] if by else []}
        reply = self._client.post("/stats/api/query", json=question)
        assert reply.status_code == 200, reply.text
        return reply.json()["results"]

    def by(self, metric: str, dimension: str) -> Counts:
        """What each value of a dimension has."""
        return {row["dimensions"][0]: row["metrics"][0] for row in self._ask(metric, by=dimension)}

    def close(self) -> None:
        """Ask no more."""
        self._client.close()


def until(read: Callable[[], T], right: Callable[[T], bool]) -> T:
    """Read again and again until it is right; after `PATIENCE`, what it was at the end."""
    end = time.monotonic() + PATIENCE
    while not right(found := read()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


@contextmanager
def running(app: Any, host: str = "127.0.0.1") -> Iterator[str]:
    """A real uvicorn on a free port of the loopback, for as long as the block lasts."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        assert until(lambda: server.started, bool), "the server did not start"
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()
    assert not thread.is_alive(), "the server did not stop"


@contextmanager
def site(
    folder: Path, other: str, *, snippet: bool = True, more: bool = False, **options: Any
) -> Iterator[Site]:
    """The example site with the laboratory, on a store of its own."""
    said: list[str] = []
    app = create_app(
        more=more,
        store=f"sqlite:///{folder / 'stats.db'}",
        password=PASSWORD,
        flush_interval=0.1,
        clock=lambda: NOON,
        **options,
    )
    app.router.routes[:0] = laboratory(said, folder)
    app.add_exception_handler(Exception, failed)
    watched = Watched(app, blocked="" if snippet else "/_tally/tally.js")
    with running(watched) as base:
        shown = Site(base, watched, other, said)
        try:
            yield shown
        finally:
            shown.close()
