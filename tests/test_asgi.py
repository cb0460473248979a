"""The application behaves the same with and without us, and counts survive however it ends."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from firstparty import AnalyticsMiddleware, Dimension, snippet_tag
from firstparty.collect import EXCLUDE_FAILED
from firstparty.row import as_it_is
from tests.driving import (
    CHROME,
    NAVIGATION,
    PASSWORD,
    App,
    Message,
    Receive,
    Scope,
    Send,
    api,
    ask,
    counting,
    page,
    request,
)

OURS = {b"server-timing", b"tally"}
HTML = [(b"content-type", b"text/html"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]


def start(status: int = 200, headers: Any = HTML, **more: Any) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers, **more}


def body(part: bytes = b"", more: bool = False) -> Message:
    return {"type": "http.response.body", "body": part, "more_body": more}


async def exchange(app: App, scope: Scope, received: list[Message], stop: int) -> list[Any]:
    """Everything that an application does: asks, sends, and how it ends.

    It is cancelled after `stop` messages, if there are so many.
    """
    seen = list[Any]()
    waiting = list(received)

    async def receive() -> Message:
        seen.append("receive")
        await asyncio.sleep(0)
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        told = dict(message)
        if "headers" in told:
            told["headers"] = [h for h in map(tuple, told["headers"]) if h[0] not in OURS]
            if not told["headers"]:  # none is as good as an empty list (ASGI)
                del told["headers"]
        seen.append(told)
        await asyncio.sleep(0)
        if sum(isinstance(each, dict) for each in seen) == stop:
            raise asyncio.CancelledError

    try:
        seen.append(await app(scope, receive, send))  # type: ignore[func-returns-value]
    except BaseException as error:
        seen.append((type(error), error.args))
    return seen


def scope_of(**more: Any) -> Scope:
    headers = [(name.encode(), value.encode()) for name, value in NAVIGATION.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"example.org"), *headers],
        "client": ("203.0.113.9", 1),
        "server": ("example.org", 443),
        "extensions": {"http.response.debug": {}, "http.response.pathsend": {}},
        "state": {"mine": 1},
        **more,
    }


async def raises_before(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("before")


async def raises_after(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    raise LookupError("after")


async def raises_between(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(b"half", more=True))
    raise LookupError("between")


async def streams(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    for part in (b"a", b"", b"\x00\xff", b"d" * 70_000):
        await send(body(part, more=True))
        await asyncio.sleep(0)
    await send(body())


async def says_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    return None


async def sends_no_body(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(204, []))


async def sends_bare_messages(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body"})


async def sends_trailers(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]})
    await send({"type": "http.response.debug", "info": {"template": object}})
    await send(start(trailers=True))
    await send(body(b"x"))
    trailers = [(b"digest", b"y")]
    await send({"type": "http.response.trailers", "headers": trailers, "more_trailers": False})


async def sends_a_path(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    await send({"type": "http.response.pathsend", "path": "/tmp/page.html"})  # noqa: S108


async def sends_an_iterator(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(headers=iter(HTML)))
    await send(body(b"x"))


async def sends_lists(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(headers=[list(each) for each in HTML]))
    await send(body(b"x"))


async def sends_nonsense(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": "200", "headers": [(b"content-type",)]})
    await send({"type": "http.response.unheard-of"})


async def reads_slowly(scope: Scope, receive: Receive, send: Send) -> None:
    parts = b""
    while True:
        await asyncio.sleep(0.001)
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts += message["body"]
    await send(start())
    await send(body(parts))


async def never_reads(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(413))
    await send(body(b"too much"))


async def echoes_its_scope(scope: Scope, receive: Receive, send: Send) -> None:
    mine = {name: value for name, value in scope.items() if name != "firstparty"}
    mine["state"] = {name: of for name, of in scope["state"].items() if name != "analytics"}
    scope["state"]["theirs"] = 2
    await send(start(headers=[(b"content-type", b"text/html")]))
    await send(body(repr(sorted(mine.items())).encode()))


async def suppresses_cancelling(scope: Scope, receive: Receive, send: Send) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await send(start())
    await send(body(b"still here"))


APPS = [
    raises_before,
    raises_after,
    raises_between,
    streams,
    says_nothing,
    sends_no_body,
    sends_bare_messages,
    sends_trailers,
    sends_a_path,
    sends_an_iterator,
    sends_lists,
    sends_nonsense,
    reads_slowly,
    never_reads,
    echoes_its_scope,
    suppresses_cancelling,
]
REQUESTS: dict[str, dict[str, Any]] = {
    "page": {},
    "post": {"method": "POST"},
    "head": {"method": "HEAD"},
    "odd method": {"method": "PURGE"},
    "no headers": {"headers": []},
    "fetch": {"headers": [(b"sec-fetch-dest", b"empty"), (b"accept", b"*/*")]},
    "odd path": {"path": "/\ufffd\x00/../%"},
    "odd query": {"query_string": b"\xff\x00=&&=%zz"},
    "http2": {"http_version": "2"},
}
BODY: list[Message] = [
    {"type": "http.request", "body": b"a=1", "more_body": True},
    {"type": "http.request", "body": b"&b=2", "more_body": False},
]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("app", APPS, ids=lambda app: app.__name__)
def test_every_message_is_the_same_with_and_without_us(app: App, debug: bool) -> None:
    async def run() -> None:
        for name, more in REQUESTS.items():
            for stop in (0, 1, 2):
                bare = await exchange(app, scope_of(**more, state={}), BODY, stop)
                ours = counting(app, debug=debug)
                assert await exchange(ours, scope_of(**more, state={}), BODY, stop) == bare, name

    asyncio.run(run())


def test_headers_of_the_application_keep_their_order_and_their_doubles() -> None:
    sent = list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def run(debug: bool) -> Any:
        sent.clear()
        await counting(streams, debug=debug)(scope_of(), receive, send)
        return sent[0]["headers"][3:], sent[0]["headers"][:3]

    assert asyncio.run(run(False)) == ([(b"server-timing", b"tally")], HTML)
    added, kept = asyncio.run(run(True))
    assert (sorted(added), kept) == (
        [(b"server-timing", b"tally"), (b"tally", b"counted; visit")],
        HTML,
    )


def test_a_page_is_one_however_the_application_writes_the_names_of_its_headers() -> None:
    """Django (5.2) writes `Content-Type`, though ASGI asks for lower case."""

    def answers(*headers: tuple[bytes, bytes]) -> App:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send(start(headers=list(headers)))
            await send(body())

        return app

    async def run() -> list[Any]:
        pages = answers(written), answers(written, (b"Cache-Control", b"public"))
        return [(await request(counting(app))).tally for app in pages]

    written = (b"Content-Type", b"text/html")
    assert asyncio.run(run()) == ["counted; visit", "ignored; shared cache: left to the snippet"]


def test_websockets_pass_through_untouched() -> None:
    async def chat(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept", "headers": [(b"content-type", b"text/html")]})
        await send({"type": "websocket.send", "bytes": b"\x00"})
        raise LookupError("gone")

    received: list[Message] = [{"type": "websocket.connect"}]
    scope = {**scope_of(), "type": "websocket"}

    async def run() -> None:
        for path in ("/", "/stats/", "/_tally/view"):
            bare = await exchange(chat, {**scope, "path": path}, received, 0)
            assert await exchange(counting(chat), {**scope, "path": path}, received, 0) == bare

    asyncio.run(run())


def test_a_request_without_a_host_or_client_is_served() -> None:
    async def run() -> int:
        scope = scope_of(headers=[], client=None, server=None)
        return len(await exchange(counting(streams), scope, [], 0))

    assert asyncio.run(run()) == 7


@pytest.mark.parametrize("kind", [tuple, iter, frozenset])
def test_headers_are_whatever_can_be_gone_through_and_the_application_has_them_too(
    kind: Callable[[Any], Any],
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(scope["headers"])
        await send(start(headers=[*HTML, (b"x-host", asked[b"host"])]))
        await send(body())

    sent = list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = scope_of()
    scope["headers"] = kind(scope["headers"])
    asyncio.run(counting(app, debug=True)(scope, receive, send))
    told = dict(sent[0]["headers"])
    assert (told[b"x-host"], told[b"tally"]) == (b"example.org", b"counted; visit")


# Our own failures.


def broken(_: Any) -> Any:
    raise RuntimeError("broken on purpose")


@pytest.mark.parametrize(
    "row",
    [
        Dimension(name="plan", values=("free",), source=broken),
        Dimension(name="plan", values=("a",), source=lambda _: "x", minimise=broken),
        Dimension(name="plan", values=("a",), source=lambda _: [1]),  # type: ignore[arg-type, return-value]
    ],
    ids=["source", "minimise", "a value that is no text"],
)
def test_a_dimension_that_fails_is_missing_from_a_view_that_is_counted_once(
    row: Dimension, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> Any:
        site = counting(dimensions=(row,))
        for _ in range(3):
            assert (await request(site)).tally == "counted; visit"
        totals = await api(site, "query", {"metrics": ["pageviews"], "date_range": "day"})
        rows = await api(
            site, "query", {"metrics": ["pageviews"], "date_range": "day", "dimensions": ["plan"]}
        )
        health = await api(site, "health")
        await site.flusher.stop()
        return totals[1]["results"], rows[1]["results"], health[1]["warnings"]

    totals, rows, warnings = asyncio.run(run())
    assert totals == [{"dimensions": [], "metrics": [3]}]
    assert rows == []
    assert warnings == ["dimension plan could not be read for a view: the log says why"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.parametrize("more", [{"shared": True}, {"minimise": as_it_is}, {"minimise": str}])
def test_a_closed_list_of_a_users_own_is_closed_whatever_the_row_says(more: Any) -> None:
    row = Dimension(name="plan", values=("free",), source=lambda _: "ada@example.org", **more)

    async def run() -> Any:
        site = counting(dimensions=(row,))
        await request(site)
        return await ask(site, ["pageviews"], "day", "plan")

    assert asyncio.run(run()) == [("(other)", 1)]


def test_a_failure_of_ours_is_logged_once_and_the_page_is_served_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> None:
        bare = await exchange(streams, scope_of(), [], 0)
        site = counting(streams)
        site.analytics.counting.accumulator.add = broken  # type: ignore[method-assign]
        for _ in range(3):
            assert await exchange(site, scope_of(), [], 0) == bare

    asyncio.run(run())
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "the page is served as it is (logged once)" in caplog.text


def test_a_response_that_begins_twice_is_counted_once() -> None:
    async def starts_twice(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(start())

    async def run() -> Any:
        site = counting(starts_twice)
        assert await exchange(site, scope_of(), [], 0) == await exchange(
            starts_twice, scope_of(), [], 0
        )
        return await ask(site, ["pageviews", "visits"])

    assert asyncio.run(run()) == [(1, 1)]


def test_the_error_page_of_an_application_that_raised_has_no_snippet_and_adds_nothing() -> None:
    async def page(request: Request) -> Response:
        raise LookupError

    async def failed(request: Request, error: Exception) -> Response:
        return HTMLResponse(str(snippet_tag(request, more=True)), 500)

    async def run() -> Any:
        app = Starlette(
            routes=[Route("/", page)],
            middleware=[Middleware(AnalyticsMiddleware, store="memory://", password=PASSWORD)],
            exception_handlers={500: failed},
        )
        started, shown, ended = await exchange(app, scope_of(), [], 0)
        added = await ask(app, ["pageviews", "misses", "ignored"])
        return started["status"], shown["body"], ended, added

    assert asyncio.run(run()) == (500, b"", (LookupError, ()), [(0, 0, 0)])


@pytest.mark.parametrize("kind", ["a missing folder", "a file of another program", "a folder"])
def test_a_store_that_cannot_be_opened_breaks_no_page_and_is_logged_once(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "stats.db"
    if kind == "a missing folder":
        path = tmp_path / "missing" / "stats.db"
    elif kind == "a folder":
        path.mkdir()
    else:
        path.write_bytes(b"no database" * 100)

    async def run() -> tuple[Any, Any]:
        site = counting(store=f"sqlite:///{path}", flush_interval=0.1)
        await site.flusher.start()
        for _ in range(5):
            assert (await request(site)).tally == "counted; visit"
            await asyncio.sleep(0.07)
        answers = await api(site, "health"), await api(site, "query", {"metrics": ["visits"]})
        await site.flusher.stop()
        return answers

    (status, health), (refused, answer) = asyncio.run(run())
    assert (status, health["store"]["state"], health["unflushed"] > 0) == (200, "away", True)
    assert health["warnings"][0].startswith("the store is away, counts wait in memory: ")
    assert refused == 503
    assert answer["error"].startswith("the store cannot be read: ")
    assert caplog.text.count("the store cannot be used, counts wait in memory") == 1


def test_what_waited_while_the_store_was_away_is_stored_once_it_is_back(tmp_path: Path) -> None:
    async def run() -> list[tuple[Any, ...]]:
        site = counting(store=f"sqlite:///{tmp_path}/late/stats.db", flush_interval=0.1)
        for _ in range(3):
            await request(site)
        await asyncio.sleep(0.15)
        (tmp_path / "late").mkdir()
        await asyncio.sleep(0.2)
        await request(site)
        found = await ask(site, ["pageviews"])
        await site.flusher.stop()
        return found

    assert asyncio.run(run()) == [(4,)]
    assert stored(tmp_path / "late" / "stats.db") == 4


# Lifespan.


def stored(path: Path) -> int:
    """The page views of the site in a file."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        row = db.execute("select sum(pageviews) from counts where dimension = 0 and period = 2")
        return int(row.fetchone()[0] or 0)


class RefusalError(Exception): ...


def lifespan_app(kind: str) -> App:
    """An application that treats the lifespan protocol in one of the ways there are."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await page()(scope, receive, send)
            return
        if kind == "returns at once":
            return
        if kind == "refuses before it reads":
            raise RefusalError
        assert (await receive())["type"] == "lifespan.startup"
        if kind == "refuses after it has read":
            raise RefusalError
        if kind == "fails at startup":
            await send({"type": "lifespan.startup.failed", "message": "no database"})
            raise RefusalError
        await send({"type": "lifespan.startup.complete"})
        if kind == "ends after startup":
            return
        assert (await receive())["type"] == "lifespan.shutdown"
        if kind == "raises at shutdown":
            raise RefusalError
        kind_ = "failed" if kind == "fails at shutdown" else "complete"
        await send({"type": f"lifespan.shutdown.{kind_}"})

    return app


async def serve(app: App, during: Callable[[], Any]) -> list[Any]:
    """Run an application's lifespan as a server does; what it sends, and what it raises."""
    told = list[Any]()
    queue = asyncio.Queue[Message]()
    started = asyncio.Event()

    async def send(message: Message) -> None:
        told.append(message["type"].removeprefix("lifespan."))
        started.set()

    async def live() -> None:
        try:
            await app({"type": "lifespan", "asgi": {}, "state": {}}, queue.get, send)
        except RefusalError:
            told.append("raised")
        started.set()

    task = asyncio.create_task(live())
    await queue.put({"type": "lifespan.startup"})
    await started.wait()
    if told != ["startup.failed", "raised"] and told != ["startup.failed"]:
        await during()
    await queue.put({"type": "lifespan.shutdown"})
    await task
    return told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("speaks it", ["startup.complete", "shutdown.complete"]),
        ("returns at once", ["startup.complete", "shutdown.complete"]),
        ("refuses before it reads", ["startup.complete", "shutdown.complete"]),
        ("refuses after it has read", ["startup.complete", "shutdown.complete"]),
        ("raises at shutdown", ["startup.complete", "raised"]),
        ("fails at shutdown", ["startup.complete", "shutdown.failed"]),
        ("ends after startup", ["startup.complete"]),
    ],
)
def test_counts_are_stored_however_the_application_treats_its_lifespan(
    kind: str, told: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "stats.db"
    site = counting(lifespan_app(kind), store=f"sqlite:///{path}", flush_interval=3600)

    async def during() -> None:
        for _ in range(3):
            await request(site)

    assert asyncio.run(serve(site, during)) == told
    assert stored(path) == 3
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)


def test_an_application_that_fails_at_startup_fails_as_it_would_without_us(tmp_path: Path) -> None:
    site = counting(lifespan_app("fails at startup"), store=f"sqlite:///{tmp_path}/stats.db")

    async def never() -> None:
        raise AssertionError

    assert asyncio.run(serve(site, never)) == ["startup.failed", "raised"]


def test_counts_are_stored_when_the_loop_ends_without_any_lifespan(tmp_path: Path) -> None:
    path = tmp_path / "stats.db"
    site = counting(store=f"sqlite:///{path}", flush_interval=3600)

    async def views(number: int, pause: float) -> None:
        for _ in range(number):
            await request(site)
        await asyncio.sleep(pause)

    asyncio.run(views(2, 0))
    assert stored(path) == 2
    asyncio.run(views(3, 0.01))
    assert stored(path) == 5


def test_a_loop_that_ends_in_the_middle_of_a_flush_stores_everything_once(tmp_path: Path) -> None:
    path = tmp_path / "stats.db"
    site = counting(store=f"sqlite:///{path}", flush_interval=0.1)

    async def views(pause: float) -> None:
        for _ in range(3):
            await request(site)
        await asyncio.sleep(pause)

    pauses = [0.1 + step * 0.0006 for step in range(25)]
    for number, pause in enumerate(pauses, 1):
        asyncio.run(views(pause))
        assert stored(path) == 3 * number


def test_a_process_without_lifespan_ends_when_its_loop_does(tmp_path: Path) -> None:
    program = f"""
import asyncio
from tests.driving import counting, request
site = counting(store="sqlite:///{tmp_path}/stats.db")
async def main():
    await request(site)
    await site.flusher.flush()
    await request(site)
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=Path(__file__).parent.parent,
        timeout=20,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert stored(tmp_path / "stats.db") == 2


def test_the_middleware_can_be_called_before_its_loop_is_known() -> None:
    site = AnalyticsMiddleware(page(), store="memory://", password=PASSWORD)
    for _ in range(2):
        reply = asyncio.run(request(site, headers={**NAVIGATION, "user-agent": CHROME}))
        assert reply.status == 200


def test_an_event_of_a_websocket_is_counted() -> None:
    async def chat(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["analytics"].event("message")

    async def run() -> Any:
        site = counting(chat)
        await exchange(site, {**scope_of(), "type": "websocket", "scheme": "wss"}, [], 0)
        return await ask(site, ["events", "pageviews"])

    assert asyncio.run(run()) == [(1, 0)]


def test_an_exclude_that_fails_leaves_out_what_it_failed_for_and_says_how_to_mend_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> Any:
        site = counting(exclude=lambda scope: scope["session"]["staff"])
        said = [(await request(site)).tally for _ in range(2)]
        return said, (await api(site, "health"))[1]["warnings"]

    assert asyncio.run(run()) == (["ignored; excluded"] * 2, [EXCLUDE_FAILED])
    assert caplog.text.count("exclude= failed") == 1


def test_a_parser_that_raises_breaks_no_request(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("firstparty.agents.parse", broken)

    async def run() -> list[int]:
        site = counting()
        plain = {"accept": "application/json", "user-agent": CHROME}
        return [(await request(site, "/", sent)).status for sent in (plain, NAVIGATION)]

    assert asyncio.run(run()) == [200, 200]
    assert caplog.text.count("the page is served as it is (logged once)") == 1
