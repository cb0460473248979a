"""What the tests drive the middleware with: small applications, browsers' headers, questions."""

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, NamedTuple

from firstparty import AnalyticsMiddleware

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HOST = "example.org"
PASSWORD = "open sesame"
KEY = "Basic " + b64encode(f"any:{PASSWORD}".encode()).decode()

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

NAVIGATION = {
    "accept": "text/html,application/xhtml+xml",
    "accept-language": "en-GB,en;q=0.9",
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "none",
    "user-agent": CHROME,
}
"""What Chrome sends for an address that was typed in."""

BEACON = {
    "accept-language": "en-GB,en;q=0.9",
    "content-type": "text/plain;charset=UTF-8",
    "sec-fetch-dest": "empty",
    "sec-fetch-mode": "cors",
    "sec-fetch-site": "same-origin",
    "user-agent": CHROME,
}
"""What Chrome sends with a beacon."""


class Reply(NamedTuple):
    """A response: its status, its headers (the last of each name) and its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def tally(self) -> str | None:
        """What the header says about counting."""
        return self.headers.get("tally")


def page(status: int = 200, headers: Mapping[str, str] | None = None) -> App:
    """An application that answers every request with one small page."""
    sent = {"content-type": "text/html; charset=utf-8", **(headers or {})}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raw = [(name.encode(), value.encode()) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"<p>Hello."})

    return app


def counting(app: App | None = None, **options: Any) -> AnalyticsMiddleware:
    """The middleware around an application, in memory, saying what it counts."""
    chosen = {"store": "memory://", "password": PASSWORD, "debug": True, **options}
    return AnalyticsMiddleware(app or page(), **chosen)


async def request(
    app: App,
    path: str = "/",
    headers: Mapping[str, str] = NAVIGATION,
    *,
    method: str = "GET",
    query: str = "",
    body: bytes = b"",
    scheme: str = "https",
    host: str = HOST,
    **scope: Any,
) -> Reply:
    """Send one request, as a server does."""
    raw = [(b"host", host.encode())] if host else []
    raw += [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]
    arrived: list[Message] = []
    waiting: list[Message] = [
        {"type": "http.request", "body": body, "more_body": False},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        arrived.append(message)

    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": scheme,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": raw,
            "server": (host, 443),
            "client": ("203.0.113.9", 50000),
            **scope,
        },
        receive,
        send,
    )
    start = next(message for message in arrived if message["type"] == "http.response.start")
    bodies = [m.get("body", b"") for m in arrived if m["type"] == "http.response.body"]
    return Reply(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(bodies),
    )


async def beacon(app: App, fields: object, headers: Mapping[str, str] = BEACON) -> Reply:
    """Send a beacon; `fields` are its JSON, or its bytes as they are."""
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return await request(app, "/_tally/view", headers, method="POST", body=body)


async def api(app: App, path: str, asked: object = None, **headers: str) -> tuple[int, Any]:
    """The status and the JSON of one answer of the stats API."""
    body = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    method = "GET" if asked is None else "POST"
    reply = await request(
        app, f"/stats/api/{path}", {"authorization": KEY, **headers}, method=method, body=body
    )
    return reply.status, json.loads(reply.body)


async def ask(
    app: App, metrics: Iterable[str], date_range: object = "day", *by: str, **rest: Any
) -> list[tuple[Any, ...]]:
    """The rows of an answer: dimensions first, metrics behind."""
    asked = {"metrics": list(metrics), "date_range": date_range, "dimensions": list(by), **rest}
    status, answer = await api(app, "query", asked)
    assert status == 200, answer
    return [(*row["dimensions"], *row["metrics"]) for row in answer["results"]]
