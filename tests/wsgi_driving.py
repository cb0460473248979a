"""What the tests drive the WSGI middleware with: environs as servers make them, and a gateway."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from firstparty import AnalyticsWSGIMiddleware
from tests.driving import HOST, NAVIGATION, PASSWORD, Reply

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def environ(
    path: str = "/",
    headers: Mapping[str, str] = NAVIGATION,
    *,
    method: str = "GET",
    query: str = "",
    body: bytes = b"",
    root: str = "",
    **more: Any,
) -> dict[str, Any]:
    """A request as PEP 3333 has it: every text is bytes, one a character."""
    made: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": root.encode().decode("latin-1"),
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "203.0.113.9",
        "HTTP_HOST": HOST,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if body:
        made |= {"CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json"}
    for name, value in headers.items():
        if name != "content-type":
            made["HTTP_" + name.upper().replace("-", "_")] = value.encode().decode("latin-1")
    return {**made, **more}


def page(status: str = "200 OK", headers: Mapping[str, str] | None = None) -> App:
    """An application that answers every request with one small page."""
    sent = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(status, list(sent.items()))
        return [b"<p>Hello."]

    return app


def counting(app: App | None = None, **options: Any) -> AnalyticsWSGIMiddleware:
    """The middleware around an application, in memory, saying what it counts."""
    chosen = {"store": "memory://", "password": PASSWORD, "debug": True, **options}
    return AnalyticsWSGIMiddleware(app or page(), **chosen)


def request(app: App, made: dict[str, Any] | None = None) -> Reply:
    """Send one request, as a server does."""
    began: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        began[:] = [status, headers]
        return None

    answered = app(environ() if made is None else made, start_response)
    try:
        body = b"".join(answered)
    finally:
        if hasattr(answered, "close"):
            answered.close()
    status, headers = began
    return Reply(int(status[:3]), {name.lower(): value for name, value in headers}, body)


class Sealed(dict[str, Any]):
    """An environ that does not let itself be searched for who asks."""

    def __init__(self, made: dict[str, Any], forbidden: Iterable[str]) -> None:
        self._forbidden = frozenset(forbidden)
        super().__init__({**made, **dict.fromkeys(self._forbidden, "203.0.113.9")})

    def _look(self, name: object) -> None:
        assert name not in self._forbidden, f"{name} is read"

    def __getitem__(self, name: str) -> Any:
        self._look(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._look(name)
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:  # type: ignore[override]
        self._look(name)
        return super().get(name, default)

    def _all(self, *_: Any) -> Any:
        raise AssertionError("all of the environ is read")

    __iter__ = items = values = keys = copy = __or__ = pop = _all  # type: ignore[assignment]
