"""A WSGI application behaves the same with and without us, and is counted as an ASGI one is."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest

from firstparty import Analytics, AnalyticsWSGIMiddleware, Dimension, SettingError, snippet_tag
from firstparty.background import BACKGROUND
from tests.driving import BEACON, CHROME, KEY, NAVIGATION, PASSWORD
from tests.wsgi_driving import App, counting, environ, page, request

ROOT = Path(__file__).parent.parent
OURS = {"server-timing", "tally"}
HTML = [("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]

Start = Callable[..., Any]


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    """No loop of one test goes on in the next."""
    yield
    BACKGROUND.end()


def asked(site: App, *by: str, metrics: Iterable[str] = ("pageviews",)) -> list[tuple[Any, ...]]:
    """The rows of an answer of the stats API: dimensions first, metrics behind."""
    question = {"metrics": list(metrics), "date_range": "day", "dimensions": list(by)}
    made = environ(
        "/stats/api/query",
        {"authorization": KEY},
        method="POST",
        body=json.dumps(question).encode(),
    )
    reply = request(site, made)
    assert reply.status == 200, reply.body
    return [(*row["dimensions"], *row["metrics"]) for row in json.loads(reply.body)["results"]]


def stored(path: Path, metric: str = "pageviews") -> int:
    """The site's number in a file."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        row = db.execute(
            f"select sum({metric}) from counts where dimension = 0 and period = 2"  # noqa: S608
        )
        return int(row.fetchone()[0] or 0)


# The application.


def exchange(app: App, made: dict[str, Any]) -> list[Any]:
    """Everything that an application does to its server, and how it ends."""
    seen: list[Any] = []

    def write(part: bytes) -> None:
        seen.append(("write", part))

    def start_response(*args: Any, **named: Any) -> Any:
        status, headers, *rest = args
        if isinstance(headers, list):
            headers = [pair for pair in headers if pair[0].lower() not in OURS]
        seen.append(("start", status, headers, [bool(each) for each in rest], named))
        if seen[0] != seen[-1] and rest and rest[0]:
            raise rest[0][1]
        return write

    try:
        answered = app(made, start_response)
        seen.append(type(answered))
        try:
            seen.extend(answered)
        finally:
            if hasattr(answered, "close"):
                answered.close()
                seen.append("closed")
    except BaseException as error:
        seen.append((type(error), str(error)))
    return seen


def raises_before(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    raise LookupError("before")


def raises_after(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", HTML)
    raise LookupError("after")


def begins_again(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", HTML)
    try:
        raise LookupError("late")
    except LookupError:
        start("500 Oh", [("Content-Type", "text/html")], sys.exc_info())
    return [b"sorry"]


def generates(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", HTML)
    yield b"a"
    yield b""
    yield b"d" * 70_000


def fails_in_the_middle(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", HTML)
    yield b"half"
    raise LookupError("between")


def writes(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    write = start("200 OK", HTML, None)
    write(b"first")
    write(b"second")
    return [b"third"]


def answers_a_file(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", [*HTML, ("Content-Length", "3")])
    return FileWrapper(io.BytesIO(b"abc"), 2)


def answers_nothing(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("204 No Content", [])
    return []


def never_starts(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    return []


def sends_nonsense(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start(200, (("content-type",),))
    return [b"x"]


def names_its_arguments(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", HTML, exc_info=None)
    return [b"x"]


def reads_its_input(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", HTML)
    return [environ["wsgi.input"].read(1000)]


def echoes_its_environ(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", HTML)
    mine = {name: of for name, of in environ.items() if not name.startswith(("firstparty", "wsgi"))}
    return [repr(sorted(mine.items())).encode()]


APPS = [
    raises_before,
    raises_after,
    begins_again,
    generates,
    fails_in_the_middle,
    writes,
    answers_a_file,
    answers_nothing,
    never_starts,
    sends_nonsense,
    names_its_arguments,
    reads_its_input,
    echoes_its_environ,
]
REQUESTS: dict[str, dict[str, Any]] = {
    "page": {},
    "post": {"method": "POST", "body": b"a=1&b=2"},
    "head": {"method": "HEAD"},
    "odd method": {"method": "PURGE"},
    "no headers": {"headers": {}},
    "fetch": {"headers": {"sec-fetch-dest": "empty", "accept": "*/*"}},
    "odd path": {"path": "/\ufffd\x00/../%"},
    "no bytes in the path": {"PATH_INFO": "/\u20ac"},
    "odd query": {"query": "\xff\x00=&&=%zz"},
    "no path, no root": {"PATH_INFO": "", "SCRIPT_NAME": "/shop"},
}


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("app", APPS, ids=lambda app: app.__name__)
def test_all_that_an_application_does_is_the_same_with_and_without_us(
    app: App, debug: bool, caplog: pytest.LogCaptureFixture
) -> None:
    for name, more in REQUESTS.items():
        bare = exchange(app, environ(**more))
        assert exchange(counting(app, debug=debug), environ(**more)) == bare, name


@pytest.mark.parametrize("app", [generates, writes, answers_a_file, reads_its_input, page()])
def test_it_keeps_to_the_letter_of_wsgi_on_both_sides(app: App) -> None:
    site = validator(counting(validator(app)))
    for made in (
        environ(),
        environ("/caf\u00e9", root="/shop"),
        environ(method="POST", body=b"a=1"),
        environ("/stats/"),
        environ("/_tally/tally.js", method="HEAD"),
        environ("/_tally/view", BEACON, method="POST", body=b'{"u":"/"}'),
    ):
        exchange(site, made)
        assert not [
            each
            for each in exchange(site, made)
            if type(each) is tuple and each[0] is AssertionError
        ]


def test_the_iterable_is_the_very_one_that_the_application_answered() -> None:
    answer = FileWrapper(io.BytesIO(b"abc"))

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", HTML)
        return answer

    assert counting(app)(environ(), lambda *args: None) is answer


def test_headers_keep_their_order_and_their_doubles_and_the_applications_list_is_left_alone() -> (
    None
):
    kept = list(HTML)
    sent: list[Any] = []

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", kept)
        return []

    counting(app)(environ(), lambda *args: sent.append(args[1]))
    assert sent == [[*HTML, ("Tally", "counted; visit"), ("server-timing", "tally")]]
    assert kept == HTML


# What is counted.


def test_a_view_is_counted_and_a_picture_is_not() -> None:
    site = counting()
    picture = NAVIGATION | {"sec-fetch-dest": "image"}
    assert request(site).tally == "counted; visit"
    assert request(site, environ("/a.png", picture)).tally == "ignored; not a page that is opened"
    assert asked(site, metrics=("pageviews", "visits")) == [(1, 1)]


def test_paths_are_read_as_the_bytes_that_they_are_and_are_told_with_their_root() -> None:
    site = counting(admit_after=1)
    request(site, environ("/caf\u00e9", root="/d\u00e9"))
    request(site, environ("", root="/d\u00e9"))
    assert sorted(asked(site, "path")) == [("/d\u00e9", 1), ("/d\u00e9/caf\u00e9", 1)]


def test_what_is_ours_is_below_the_root_of_the_application() -> None:
    site = counting(page())
    reply = request(site, environ("/stats", root="/shop"))
    assert (reply.status, reply.headers["location"]) == (308, "/shop/stats/")
    assert request(site, environ("/statsforall", root="/shop")).body == b"<p>Hello."


def test_a_beacon_a_machine_and_an_objection_are_taken_as_everywhere() -> None:
    site = counting()
    sent = {"u": "/", "k": "enter", "n": "navigate", "c": False}
    body = json.dumps(sent).encode()
    assert (
        request(site, environ("/_tally/view", BEACON, method="POST", body=body)).tally == "counted"
    )
    large = environ("/_tally/view", BEACON, method="POST", body=b" " * 100_000)
    assert request(site, large).status == 413
    assert request(site, environ(headers={"user-agent": "curl/8"})).tally == "ignored; bot"
    objects = NAVIGATION | {"sec-gpc": "1"}
    assert request(site, environ(headers=objects)).tally == "ignored; objects"
    assert asked(site, metrics=("pageviews", "confirmed", "visits")) == [(1, 1, 1)]


def test_a_body_without_a_length_is_read_where_the_server_says_that_it_ends() -> None:
    site = counting()
    made = environ("/_tally/view", BEACON, method="POST", body=b'{"u": "/"}')
    del made["CONTENT_LENGTH"]
    assert request(site, dict(made)).status == 400
    assert request(site, {**made, "wsgi.input_terminated": True}).status == 204


def test_the_stats_page_asks_for_its_password_and_a_head_request_has_no_body() -> None:
    site = counting()
    assert request(site, environ("/stats/", {})).status == 401
    opened = request(site, environ("/stats/", {"authorization": KEY}))
    head = request(site, environ("/stats/", {"authorization": KEY}, method="HEAD"))
    assert (opened.status, b"<!doctype html>" in opened.body.lower()) == (200, True)
    assert (head.status, head.body, head.headers) == (200, b"", opened.headers)


def test_the_application_has_its_events_its_receipt_and_its_tag_in_the_environ() -> None:
    told: list[Any] = []

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        here = environ["firstparty.analytics"]
        here.event("signup", {"plan": "team"}, amount=1900, currency="EUR")
        told.append((here.receipt().said, str(snippet_tag(environ))))
        start("200 OK", HTML)
        return []

    site = counting(app)
    request(site, environ(root="/shop"))
    assert told == [
        ("counted; visit", '<script defer src="/shop/_tally/tally.js"></script>'),
    ]
    assert asked(site, metrics=("pageviews", "events")) == [(1, 1)]


def test_the_applications_own_functions_get_the_environ_in_the_scope() -> None:
    def staff(scope: Any) -> bool:
        return scope["environ"].get("app.user") == "staff"

    plan = Dimension(
        name="plan", values=("free",), source=lambda seen: seen.scope["environ"]["app.plan"]
    )

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        environ["app.plan"] = "free"
        environ["app.user"] = environ.get("HTTP_X_WHO", "")
        start("200 OK", HTML)
        return []

    site = counting(
        app,
        exclude=staff,
        dimensions=(plan,),
        password=None,
        authorize=lambda r: "HTTP_COOKIE" in r.scope["environ"],
    )
    assert request(site, environ(headers=NAVIGATION | {"x-who": "staff"})).tally == (
        "ignored; excluded"
    )
    request(site)
    shown = environ(
        "/stats/api/query",
        {"cookie": "session=1"},
        method="POST",
        body=b'{"metrics": ["pageviews"], "date_range": "day", "dimensions": ["plan"]}',
    )
    assert json.loads(request(site, shown).body)["results"] == [
        {"dimensions": ["free"], "metrics": [1]}
    ]


def test_a_view_begun_anew_by_an_error_page_is_counted_once() -> None:
    site = counting(begins_again)
    sent: list[Any] = []

    def start_response(status: str, headers: list[Any], *_: Any) -> Any:
        sent.append((status, dict(headers).get("server-timing")))

    list(site(environ(), start_response))
    # The snippet of that page, if it has one, is told so: else the view would count twice.
    assert sent == [("200 OK", "tally"), ("500 Oh", "tally")]
    assert asked(site) == [(1,)]


# Threads, processes, and the end.


def test_many_threads_lose_no_count() -> None:
    site = counting(flush_interval=0.1)

    def visit() -> None:
        for number in range(200):
            request(site, environ(f"/{number % 7}"))

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked(site) == [(1600,)]


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        timeout=30,
    )


BEGIN = """
import os, sys, threading, time
from firstparty import Analytics, AnalyticsWSGIMiddleware
from tests.wsgi_driving import environ, page, request
site = AnalyticsWSGIMiddleware(page(), store="sqlite:///" + sys.argv[1], password="x")

def opened():  # later, a program that ends starts no thread for it (Python 3.12)
    while site.analytics.counting.flusher.state == "starting":
        time.sleep(0.01)
"""


def test_a_program_that_ends_has_written_all_that_it_counted(tmp_path: Path) -> None:
    done = run(
        BEGIN + "request(site); opened()\nfor _ in range(4): request(site)", tmp_path / "stats.db"
    )
    assert (done.returncode, stored(tmp_path / "stats.db")) == (0, 5), done.stderr


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="at the end no thread can begin any more")
def test_a_thread_that_outlives_the_main_one_is_counted_too(tmp_path: Path) -> None:
    late = """
def work():
    time.sleep(0.7)
    request(site)
request(site)
threading.Thread(target=work).start()
"""
    done = run(BEGIN + late, tmp_path / "stats.db")
    assert (done.returncode, stored(tmp_path / "stats.db")) == (0, 2), done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are of POSIX")
@pytest.mark.parametrize("before", [0, 3], ids=["loaded before", "counting before"])
def test_processes_that_are_forked_count_each_for_itself(before: int, tmp_path: Path) -> None:
    forks = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)  # 3.12: of threads that fork
for _ in range(int(sys.argv[2])): request(site)
children = []
for _ in range(3):
    pid = os.fork()
    if not pid:
        request(site); opened()
        for _ in range(3): request(site)
        sys.exit(0)
    children.append(pid)
for pid in children: os.waitpid(pid, 0)
request(site); opened()
"""
    done = run(BEGIN + forks, tmp_path / "stats.db", before)
    assert stored(tmp_path / "stats.db") == before + 3 * 4 + 1, done.stderr


def test_two_sites_in_one_process_share_a_store_and_are_told_apart(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/stats.db"
    one, two = (counting(store=store, site=name) for name in ("one.example", "two.example"))
    for site, times in ((one, 2), (two, 3)):
        for _ in range(times):
            request(site)
    assert (asked(one), asked(two)) == ([(2,)], [(3,)])
    BACKGROUND.end()
    assert stored(tmp_path / "stats.db") == 5


def test_an_event_of_an_analytics_that_is_shared_can_wait_for_the_disk(tmp_path: Path) -> None:
    analytics = Analytics(store=f"sqlite:///{tmp_path}/stats.db", password=PASSWORD)
    site = AnalyticsWSGIMiddleware(page(), analytics=analytics)
    request(site)
    analytics.event("renewal").wait(10)
    assert stored(tmp_path / "stats.db", "events") == 1


# Our own failures.


def broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError("broken on purpose")


def test_a_failure_of_ours_is_logged_once_and_the_page_is_served_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = counting(writes)
    site.analytics.counting.accumulator.add = broken  # type: ignore[method-assign]
    for _ in range(3):
        assert exchange(site, environ()) == exchange(writes, environ())
    assert caplog.text.count("the page is served as it is (logged once)") == 1


def test_an_endpoint_that_cannot_answer_says_so_and_breaks_no_page(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site = counting()
    monkeypatch.setattr(BACKGROUND, "_begun", broken)
    assert request(site, environ("/stats/")).status == 503
    assert request(site).body == b"<p>Hello."
    assert "broken on purpose" in caplog.text


def test_a_user_agent_is_read_as_its_bytes() -> None:
    site = counting()
    made = environ(headers=NAVIGATION | {"user-agent": f"{CHROME} \u20ac"})
    assert request(site, made).tally == "counted; visit"
    assert asked(site, "browser") == [("Chrome", 1)]


def test_a_page_asks_for_reports_of_third_parties() -> None:
    site = counting(exposure="report")
    reply = request(site, environ("/"))
    assert "/_tally/exposure" in reply.headers["content-security-policy-report-only"]
    assert "content-security-policy" not in reply.headers


def test_blocking_is_refused_and_says_what_to_write() -> None:
    with pytest.raises(SettingError, match="exposure='report'"):
        counting(exposure="block")


def test_a_link_opens_the_numbers_to_whoever_has_it() -> None:
    site = counting()
    until = date.today() + timedelta(days=2)
    body = json.dumps({"make": {"name": "Agency", "until": until.isoformat()}}).encode()
    ours = {"authorization": KEY, "sec-fetch-site": "same-origin"}
    made = request(site, environ("/stats/api/links", ours, method="POST", body=body))
    token = json.loads(made.body)["links"][0]["token"]
    seen = [
        request(site, environ("/stats/api/dimensions", {"firstparty-link": each})).status
        for each in (token, token[::-1])
    ]
    assert seen == [200, 403]


def test_what_visitors_are_told_is_at_the_address_of_the_settings() -> None:
    site = counting(privacy="/privacy/analytics")
    assert request(site, environ("/privacy/analytics")).status == 200
