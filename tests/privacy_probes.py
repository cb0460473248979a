"""A small site to visit, and what `test_privacy.py` looks for afterwards in every corner of it."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import re
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from itertools import count, product
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

import firstparty
from firstparty import AnalyticsMiddleware

PACKAGE = Path(firstparty.__file__).parent
JS = PACKAGE.parent / "js"

HOST = "shop.example"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)
PASSWORD = "made up for this test"
OWNER = {"authorization": "Basic " + b64encode(f"owner:{PASSWORD}".encode()).decode()}
NAVIGATION = {
    "accept": "text/html",
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "none",
    "user-agent": CHROME,
}
ADDRESS_HEADERS = (
    "x-forwarded-for",
    "forwarded",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
)
COUNTRY = "cf-ipcountry"
"""Where a network in front of a site puts a country, if its owner has us read it."""
CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")

NOW = 1_795_000_000.0  # in November 2026
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def marks() -> Iterator[str]:
    """Made-up words, each one new. They look like words, so that no mask takes them away."""
    syllables = [a + b for a, b in product("bdfgklmnprst", "aeiou")]
    for number in count():
        digits = (number, number // 60, number // 3600, number // 216_000)
        yield "zeb" + "".join(syllables[digit % 60] for digit in digits)


def found(*places: object) -> set[str]:
    """Every mark in these texts and bytes."""
    return {
        mark.lower().decode()
        for place in places
        for mark in re.findall(
            rb"zeb(?:[bdfgklmnprst][aeiou]){4}",
            place if isinstance(place, bytes) else str(place).encode("utf-8", "replace"),
            re.IGNORECASE,
        )
    }


class Clock:
    """A clock that we move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


async def page(request: Request) -> Response:
    """A page. What is posted to it is an event, too, and one that says more than it should."""
    if request.method == "POST":
        request.state.analytics.event(
            "posted", {"account": request.path_params.get("token", ""), "plan": "pro"}
        )
    return HTMLResponse("<h1>A page</h1>")


async def missing(request: Request, error: Exception) -> Response:
    return HTMLResponse("<h1>There is no such page</h1>", 404)


def application() -> Starlette:
    """A shop, some of whose pages take any text as a part of their path."""
    return Starlette(
        routes=[
            Route("/", page, methods=["GET", "POST"]),
            Route("/pricing", page),
            Route("/about", page),
            Route("/account/{token}", page, methods=["GET", "POST"]),
            Route("/people/{id:int}", page),
            Mount("/help", app=Starlette(routes=[Route("/start", page)])),
        ],
        exception_handlers={404: missing},
    )


class Visited:
    """The shop with the middleware around it."""

    def __init__(self, file: Path, **options: Any) -> None:
        self.file = file
        self.clock = Clock()
        settings = {"store": f"sqlite:///{file}", "password": PASSWORD, "flush_interval": 3600.0}
        self.app = AnalyticsMiddleware(application(), clock=self.clock, **(settings | options))
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}")

    async def view(self, path: str = "/", **headers: str) -> httpx.Response:
        """A page, opened by somebody."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=NAVIGATION | named)

    async def beacon(self, body: object, **headers: str) -> httpx.Response:
        """A beacon, as the snippet sends it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        base = {"user-agent": CHROME, "sec-fetch-site": "same-origin"}
        content = body if isinstance(body, bytes) else json.dumps(body)
        return await self.client.post("/_tally/view", content=content, headers=base | named)

    async def flush(self) -> None:
        await self.app.flusher.flush()

    async def ask(self, **question: Any) -> Any:
        """One question to the API, as the owner."""
        question = {"metrics": ["pageviews"], "date_range": "all"} | question
        answer = await self.client.post("/stats/api/query", json=question, headers=OWNER)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def answers(self) -> str:
        """All that the API and the two pages say about everything that is counted."""
        said = list[str]()
        for path in ("", "privacy", "api/dimensions", "api/health", "api/openapi.json"):
            answer = await self.client.get(f"/stats/{path}", headers=OWNER)
            assert answer.status_code == 200
            said.append(answer.text)
        for row in self.app.analytics.counting.table.values():
            metrics = list(row.metrics)
            for dimensions in ([row.name], [row.name, "time:day"], [row.by, row.name]):
                if "crossed" in row.kept if row.by in dimensions else row.alone:
                    body = {"metrics": metrics, "date_range": "all", "dimensions": dimensions}
                    said.append(json.dumps(await self.ask(**body)))
        said.append(json.dumps(await self.ask(dimensions=["time:hour"], date_range="day")))
        said.append(json.dumps(await self.ask(dimensions=["time:minute"], date_range="60m")))
        return "\n".join(said)

    def files(self) -> list[Path]:
        """The database, its write-ahead log, its shared memory."""
        return sorted(self.file.parent.glob(self.file.name + "*"))

    def bytes(self) -> bytes:
        """All that is on the disk."""
        return b"\n".join(file.read_bytes() for file in self.files())

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What another program reads from the file."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as db:
            return db.execute(statement).fetchall()

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        names = [row[0] for row in self.rows("select name from sqlite_master where type = 'table'")]
        return {name: sorted(self.rows(f'select * from "{name}"')) for name in names}  # noqa: S608


@asynccontextmanager
async def visited(
    folder: Path, *, file: str = "counts.db", **options: Any
) -> AsyncIterator[Visited]:
    """The shop, open; its counts are on the disk when it closes."""
    site = Visited(folder / file, **options)
    await site.app.flusher.start()
    try:
        async with site.client:
            yield site
    finally:
        await site.app.flusher.stop()


def run(scenario: Any) -> Any:
    """Run an async scenario to its end."""
    return asyncio.run(scenario)


def logged(records: list[logging.LogRecord]) -> str:
    """All that the server's side has logged; httpx is the visitor here, and logs what it asks."""
    return "\n".join(
        f"{record.getMessage()} {record.args!r} {record.exc_text}"
        for record in records
        if not record.name.startswith(("httpx", "httpcore"))
    )


class ReadError(AssertionError):
    """Something was read that nobody may read."""


def _refuse(self: object, *args: object, **keywords: object) -> Any:
    raise ReadError


READING = (
    *("__add__", "__bool__", "__contains__", "__eq__", "__ge__", "__getitem__", "__gt__"),
    *("__hash__", "__iter__", "__le__", "__len__", "__lt__", "__mod__", "__ne__", "__radd__"),
    *("__repr__", "__str__", "__format__", "__bytes__", "__reduce__", "count", "decode"),
    *("endswith", "find", "hex", "index", "join", "lower", "partition", "removeprefix", "replace"),
    *("rpartition", "rsplit", "split", "startswith", "strip", "title", "translate", "upper"),
)
"""The ways to read a header's value, or a client's address."""

SealedBytes: Any = type("SealedBytes", (bytes,), dict.fromkeys(READING, _refuse))
"""Bytes that raise when they are read."""
SealedPair: Any = type("SealedPair", (tuple,), dict.fromkeys(READING, _refuse))
"""A pair (host, port) that raises when it is read."""


class SealedScope(dict[str, Any]):
    """An ASGI scope that raises when its client is looked up, by whatever way."""

    def __getitem__(self, key: str) -> Any:
        if key == "client":
            raise ReadError
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in list(self) else default

    def __contains__(self, key: object) -> bool:
        if key == "client":
            raise ReadError
        return super().__contains__(key)


async def request(
    app: Any,
    method: str,
    path: str,
    headers: list[tuple[bytes, bytes]],
    body: bytes = b"",
    query: bytes = b"",
    scope: type[dict[str, Any]] = SealedScope,
) -> int:
    """One bare ASGI request, whose client's address cannot be read; its status."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    asked = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": SealedPair(("203.0.113.9", 50_000)),
        "server": (HOST, 443),
    }
    await app(scope(asked), receive, send)
    return status


def sources() -> Iterator[tuple[str, ast.Module]]:
    """The package's modules, as syntax trees."""
    for file in sorted(PACKAGE.rglob("*.py")):
        yield file.relative_to(PACKAGE).as_posix(), ast.parse(file.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """The modules that a module imports, and the names that it takes from them."""
    names = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
