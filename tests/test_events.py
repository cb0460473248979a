"""Events from Python: where they may be counted, what they add, and when they are on disk."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from firstparty import Analytics, AnalyticsMiddleware, Dimension, EventError, StoreError
from tests.driving import NAVIGATION, PASSWORD, api, ask, counting, page, request

OPTIONS: dict[str, Any] = {"password": PASSWORD, "flush_interval": 3600}
LONG = 10.0
"""Seconds after which something hangs."""


def on_disk(file: Path) -> dict[str, int]:
    """The events by name of this month, as another program reads them."""
    statement = (
        "select names.name, counts.events from counts"
        " join names on names.id = counts.value and names.site = counts.site"
        " join dimensions on dimensions.id = counts.dimension"
        " where counts.period = 3 and dimensions.name = 'event'"
    )
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        return dict(db.execute(statement).fetchall())


def in_memory(analytics: Analytics) -> dict[str, int]:
    """The events by name that wait."""
    return {
        key.value: vector[8]
        for key, vector in analytics.counting.accumulator.counts().items()
        if key.period == "month" and key.dimension == "event"
    }


def stored(folder: Path, **options: Any) -> Analytics:
    return Analytics(store=f"sqlite:///{folder}/stats.db", **{**OPTIONS, **options})


def run(scenario: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; what hangs fails."""

    async def bounded() -> Any:
        return await asyncio.wait_for(scenario, LONG)

    return asyncio.run(bounded())


def in_thread(function: Callable[[], Any]) -> Any:
    """What a thread answers, or raises; one that hangs fails."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(LONG)


@asynccontextmanager
async def started(site: AnalyticsMiddleware) -> Any:
    await site.flusher.start()
    try:
        yield site
    finally:
        await site.flusher.stop()


def shop(**options: Any) -> AnalyticsMiddleware:
    """An application that counts events in endpoints of both sorts, and all around them."""

    async def signup(request: Request) -> Response:
        request.state.analytics.event("signup", {"plan": "pro"}, amount=4200, currency="EUR")
        return HTMLResponse("<p>Welcome.")

    def order(request: Request) -> Response:  # Starlette runs it in a thread
        request.state.analytics.event("order", {"plan": "pro"}, amount=4200, currency="EUR")
        return HTMLResponse("<p>Thanks.")

    async def later(request: Request) -> Response:
        here = request.state.analytics
        return HTMLResponse("<p>Soon.", background=BackgroundTask(here.event, "done"))

    async def none(request: Request) -> Response:
        request.state.analytics.event("lost")
        return HTMLResponse("<p>Not here.", 404)

    routes = [
        Route("/signup", signup, methods=["GET", "POST"]),
        Route("/order", order, methods=["GET", "POST"]),
        Route("/later", later),
        Route("/none", none),
        Mount("/shop", app=Starlette(routes=[Route("/signup", signup)])),
    ]
    return counting(Starlette(routes=routes), **options)


# Where ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name"), [("/signup", "signup"), ("/order", "order")], ids=["async", "in a thread"]
)
def test_an_endpoint_counts_an_event_with_a_property_and_an_amount(path: str, name: str) -> None:
    async def scenario() -> None:
        async with started(shop()) as site:
            site.analytics.counting.names.learn({"property": ["plan=pro"]})
            for _ in range(10):
                assert (await request(site, path)).status == 200
            assert await ask(site, ["events"]) == [(10,)]
            assert await ask(site, ["events"], "day", "event") == [(name, 10)]
            of_it = [["is", "event", [name]]]
            assert await ask(site, ["events"], "month", "property", filters=of_it) == [
                ("plan=pro", 10)
            ]
            assert await ask(site, ["events", "amount"], "day", "currency") == [("EUR", 10, 42000)]
            assert await ask(site, ["events"], "month", "path", "event") == [(path, name, 10)]

    run(scenario())


def test_an_endpoint_is_of_the_same_page_as_its_view() -> None:
    async def scenario() -> None:
        async with started(shop()) as site:
            for _ in range(10):
                await request(site, "/shop/signup")
            assert await ask(site, ["events"], "month", "path", "event") == [
                ("/shop/signup", "signup", 10)
            ]

    run(scenario())


def test_an_event_is_of_the_page_that_was_asked_for_whatever_the_application_writes_there() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["path"] = "/rewritten"
        scope["state"]["analytics"].event("signup")
        await HTMLResponse("<p>Hello.")(scope, receive, send)

    async def scenario() -> None:
        async with started(counting(app, listed=("/asked", "/rewritten"))) as site:
            for _ in range(10):
                await request(site, "/asked")
            assert await ask(site, ["events"], "month", "path", "event") == [
                ("/asked", "signup", 10)
            ]

    run(scenario())


def test_a_background_task_and_an_error_page_count_events() -> None:
    async def scenario() -> None:
        async with started(shop()) as site:
            await request(site, "/later")
            assert (await request(site, "/none")).status == 404
            assert await ask(site, ["events"], "day", "event") == [("done", 1), ("lost", 1)]

    run(scenario())


def test_a_middleware_that_copies_the_scope_keeps_what_counts_events() -> None:
    async def dispatch(request: Request, call_next: Any) -> Response:
        return await call_next(request)

    async def scenario() -> None:
        site = shop()
        site.app = BaseHTTPMiddleware(site.app, dispatch)
        async with started(site):
            assert (await request(site, "/order")).status == 200
            assert await ask(site, ["events"], "day", "event") == [("order", 1)]

    run(scenario())


def test_the_application_counts_an_event_outside_a_request() -> None:
    async def scenario() -> None:
        analytics = Analytics(store="memory://", **OPTIONS)
        async with started(AnalyticsMiddleware(shop().app, analytics=analytics)) as site:
            analytics.event("renewal", {"plan": "team"}, amount=900, currency="CHF")
            await asyncio.to_thread(analytics.event, "renewal", amount=900, currency="CHF")
            assert await ask(site, ["events"], "day", "event") == [("renewal", 2)]
            assert await ask(site, ["amount"], "day", "currency") == [("CHF", 1800)]

    run(scenario())


def test_events_of_many_threads_are_each_counted_once(tmp_path: Path) -> None:
    def many(analytics: Analytics) -> None:
        for _ in range(500):
            analytics.event("tick")

    async def scenario() -> None:
        async with stored(tmp_path) as analytics:
            threads = [asyncio.to_thread(many, analytics) for _ in range(8)]
            for _ in range(500):
                analytics.event("tick")
                await asyncio.sleep(0)
            await asyncio.gather(*threads)

    run(scenario())
    assert on_disk(tmp_path / "stats.db") == {"tick": 4500}


def test_events_of_many_threads_of_a_program_without_a_loop_are_each_counted_once(
    tmp_path: Path,
) -> None:
    def many(_: int) -> None:
        for _ in range(500):
            analytics.event("tick")

    with stored(tmp_path) as analytics, ThreadPoolExecutor(8) as pool:
        list(pool.map(many, range(8)))
    assert on_disk(tmp_path / "stats.db") == {"tick": 4000}


def test_what_a_with_block_of_a_program_without_a_loop_counts_is_on_disk_behind_it(
    tmp_path: Path,
) -> None:
    with stored(tmp_path) as analytics:
        analytics.event("import", amount=-250, currency="EUR")
    assert on_disk(tmp_path / "stats.db") == {"import": 1}
    with analytics:
        analytics.event("import")
    assert on_disk(tmp_path / "stats.db") == {"import": 2}


def test_a_with_block_that_raises_keeps_what_it_has_counted(tmp_path: Path) -> None:
    def job() -> None:
        with stored(tmp_path) as analytics:
            analytics.event("import")
            raise KeyError

    with pytest.raises(KeyError):
        job()
    assert on_disk(tmp_path / "stats.db") == {"import": 1}


def test_what_an_async_with_block_counts_is_on_disk_behind_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stored(tmp_path) as analytics:
            analytics.event("import")

    run(scenario())
    assert on_disk(tmp_path / "stats.db") == {"import": 1}


def test_a_with_block_in_a_loop_says_what_to_write() -> None:
    async def scenario() -> None:
        with pytest.raises(RuntimeError, match="write async with"), Analytics(store="memory://"):
            pass

    run(scenario())


def test_a_with_block_in_a_thread_leaves_the_loop_of_the_server_at_its_work(tmp_path: Path) -> None:
    def job(analytics: Analytics) -> dict[str, int]:
        with analytics:
            analytics.event("job")
        return on_disk(tmp_path / "stats.db")

    async def other_loop(analytics: Analytics) -> None:
        async with analytics:
            await analytics.event("job")

    async def scenario() -> None:
        async with stored(tmp_path) as analytics:
            flusher = analytics.counting.flusher
            assert await asyncio.to_thread(job, analytics) == {"job": 1}
            await asyncio.to_thread(asyncio.run, other_loop(analytics))
            assert on_disk(tmp_path / "stats.db") == {"job": 2}
            assert flusher.loop is asyncio.get_running_loop()

    run(scenario())


# Waiting ----------------------------------------------------------------------------------------


def test_await_waits_until_the_event_is_on_disk(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stored(tmp_path) as analytics:
            for number in range(1, 4):
                answer = analytics.event("paid")
                await answer
                assert on_disk(tmp_path / "stats.db") == {"paid": number}
                await answer  # as often as anybody likes

    run(scenario())


def test_await_starts_what_writes_where_nothing_has_started_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        analytics = stored(tmp_path)
        await analytics.event("paid")
        assert on_disk(tmp_path / "stats.db") == {"paid": 1}
        await analytics.counting.flusher.stop()

    run(scenario())


def test_many_that_wait_share_few_writes(tmp_path: Path) -> None:
    async def scenario() -> int:
        async with stored(tmp_path) as analytics:

            async def one() -> None:
                await analytics.event("paid")

            await asyncio.gather(*(one() for _ in range(500)))
            return analytics.counting.flusher.last_batch

    assert run(scenario()) <= 5
    assert on_disk(tmp_path / "stats.db") == {"paid": 500}


def test_wait_waits_in_a_thread_until_the_event_is_on_disk(tmp_path: Path) -> None:
    def work(analytics: Analytics) -> dict[str, int]:
        analytics.event("paid").wait(LONG)
        return on_disk(tmp_path / "stats.db")

    async def scenario() -> None:
        async with stored(tmp_path) as analytics:
            assert await asyncio.to_thread(work, analytics) == {"paid": 1}

    run(scenario())


def test_wait_writes_by_itself_in_a_program_without_a_loop(tmp_path: Path) -> None:
    analytics = stored(tmp_path)
    for number in range(1, 4):
        analytics.event("paid").wait()
        assert on_disk(tmp_path / "stats.db") == {"paid": number}


def test_threads_of_a_program_without_a_loop_wait_side_by_side(tmp_path: Path) -> None:
    analytics = stored(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(lambda: analytics.event("paid").wait(LONG)) for _ in range(40)]
        for each in waiting:
            each.result(LONG)
    assert on_disk(tmp_path / "stats.db") == {"paid": 40}


def test_wait_in_the_loop_raises_for_it_would_stop_what_it_waits_for() -> None:
    async def scenario() -> None:
        async with Analytics(store="memory://", **OPTIONS) as analytics:
            answer = analytics.event("paid")
            with pytest.raises(RuntimeError, match="write await"):
                answer.wait()

    run(scenario())


def test_another_loop_may_wait_too(tmp_path: Path) -> None:
    async def elsewhere(analytics: Analytics) -> dict[str, int]:
        await analytics.event("paid")
        return on_disk(tmp_path / "stats.db")

    async def scenario() -> None:
        async with stored(tmp_path) as analytics:
            there = await asyncio.to_thread(asyncio.run, elsewhere(analytics))
            assert there == {"paid": 1}

    run(scenario())


# The store is away ------------------------------------------------------------------------------


def away(folder: Path, **options: Any) -> Analytics:
    """Counts for a store whose folder is not there yet."""
    return stored(folder / "none", **{"flush_interval": 0.1, **options})


def test_while_the_store_is_away_await_waits_and_the_event_is_counted_once_when_it_is_back(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with away(tmp_path) as analytics:
            waiting = asyncio.ensure_future(analytics.event("paid")._wait())
            await asyncio.sleep(0.35)
            assert not waiting.done()
            assert analytics.counting.flusher.state == "away"
            (tmp_path / "none").mkdir()
            await waiting
            assert on_disk(tmp_path / "none/stats.db") == {"paid": 1}
        assert on_disk(tmp_path / "none/stats.db") == {"paid": 1}

    run(scenario())


def test_who_gives_up_waiting_has_counted_the_event_once_nonetheless(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with away(tmp_path) as analytics:
            answer = analytics.event("paid")
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(answer, 0.05)
            assert not analytics.counting.flusher._waiters  # and nothing is kept of it
            (tmp_path / "none").mkdir()
            await answer
        assert on_disk(tmp_path / "none/stats.db") == {"paid": 1}

    run(scenario())


def test_who_gives_up_in_another_loop_leaves_the_others_waiting(tmp_path: Path) -> None:
    async def elsewhere(answer: Any) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(answer, 0.05)

    async def scenario() -> None:
        async with away(tmp_path) as analytics:
            answer = analytics.event("paid")
            await asyncio.to_thread(asyncio.run, elsewhere(answer))
            (tmp_path / "none").mkdir()
            await answer
        assert on_disk(tmp_path / "none/stats.db") == {"paid": 1}

    run(scenario())


def test_wait_gives_up_after_its_time(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with away(tmp_path) as analytics:
            answer = analytics.event("paid")
            with pytest.raises(TimeoutError):
                await asyncio.to_thread(answer.wait, 0.1)
            (tmp_path / "none").mkdir()
            await asyncio.to_thread(answer.wait, LONG)

    run(scenario())
    assert on_disk(tmp_path / "none/stats.db") == {"paid": 1}


def test_wait_in_a_program_without_a_loop_does_not_say_that_it_is_on_disk_when_it_is_not(
    tmp_path: Path,
) -> None:
    analytics = away(tmp_path)
    answer = analytics.event("paid")
    with pytest.raises(TimeoutError):
        answer.wait(0.3)
    (tmp_path / "none").mkdir()
    answer.wait(LONG)
    assert on_disk(tmp_path / "none/stats.db") == {"paid": 1}


def test_an_end_while_somebody_waits_for_a_store_that_is_away_hangs_nobody(tmp_path: Path) -> None:
    async def scenario() -> None:
        analytics = away(tmp_path)
        async with analytics:
            answer = analytics.event("paid")
            loop = asyncio.ensure_future(answer._wait())
            thread = asyncio.ensure_future(asyncio.to_thread(answer.wait))
            await asyncio.sleep(0.1)
        for waiting in (loop, thread):
            with pytest.raises(StoreError, match="before the store could be used"):
                await waiting
        assert in_memory(analytics) == {"paid": 1}

    run(scenario())


def test_a_loop_that_ends_without_a_word_hangs_nobody(tmp_path: Path) -> None:
    analytics = away(tmp_path)

    async def scenario() -> None:  # as a server that knows no lifespan: nothing is stopped
        analytics.event("paid")
        await asyncio.sleep(0.15)

    run(scenario())
    (tmp_path / "none").mkdir()
    in_thread(lambda: analytics.event("paid").wait(LONG))
    assert on_disk(tmp_path / "none/stats.db") == {"paid": 2}


def test_threads_that_count_while_the_server_ends_lose_nothing(tmp_path: Path) -> None:
    analytics = stored(tmp_path)
    ends = threading.Event()
    counted = [0] * 4

    def work(number: int) -> None:
        while not ends.is_set():
            analytics.event("tick")
            counted[number] += 1
            time.sleep(0)

    async def scenario() -> None:
        async with analytics:
            await asyncio.sleep(0.05)

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(work, number) for number in range(4)]
        for _ in range(5):
            run(scenario())
        ends.set()
        for each in working:
            each.result(LONG)
    with analytics:
        pass
    assert on_disk(tmp_path / "stats.db") == {"tick": sum(counted)}


def test_a_site_where_something_always_happens_writes_by_its_interval_and_answers(
    tmp_path: Path,
) -> None:
    async def visits(analytics: Analytics) -> None:
        while True:
            analytics.event("tick")
            await asyncio.sleep(0)

    async def scenario() -> int:
        analytics = stored(tmp_path)
        async with started(AnalyticsMiddleware(shop().app, analytics=analytics)) as site:
            busy = asyncio.ensure_future(visits(analytics))
            for _ in range(3):
                await site.flusher.flush()
                await ask(site, ["events"])
            busy.cancel()
            return site.flusher.last_batch

    assert run(scenario()) <= 4


# What is counted --------------------------------------------------------------------------------


class Plan(str, Enum):  # noqa: UP042 - such ones, too, are texts
    PRO = "pro"


WRONG: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "no name": (("",), {}),
    "a name of blanks": (("  ",), {}),
    "a name that nobody can see": (("\u200b",), {}),
    "a name that is none": ((None,), {}),
    "a number as a name": ((7,), {}),
    "bytes as a name": ((b"signup",), {}),
    "a long name": (("x" * 65,), {}),
    "six properties": (("signup", dict.fromkeys("abcdef", 1)), {}),
    "properties in a list": (("signup", ["plan"]), {}),
    "a property without a name": (("signup", {"": 1}), {}),
    "a property with a number for a name": (("signup", {1: 1}), {}),
    "a property with a = in its name": (("signup", {"a=b": 1}), {}),
    "a long name of a property": (("signup", {"a" * 65: 1}), {}),
    "a property of nothing": (("signup", {"plan": None}), {}),
    "a property of many": (("signup", {"plan": ["pro"]}), {}),
    "a name of ours": (("(unlisted)",), {}),
    "a property of a huge number": (("signup", {"plan": 10**6000}), {}),
    "a property that tells one user": (("signup", {"user_id": "anna"}), {}),
    "a property that tells one address": (("signup", {"E-Mail": "anna"}), {}),
    "an amount in fractions": (("paid",), {"amount": 42.0, "currency": "EUR"}),
    "an amount in words": (("paid",), {"amount": "4200", "currency": "EUR"}),
    "an amount that is a switch": (("paid",), {"amount": True, "currency": "EUR"}),
    "an amount of no currency": (("paid",), {"amount": 4200}),
    "an amount of everything": (("paid",), {"amount": 10**12 + 1, "currency": "EUR"}),
    "an amount of a huge number": (("paid",), {"amount": -(10**6000), "currency": "EUR"}),
    "a currency without an amount": (("paid",), {"currency": "EUR"}),
    "a currency in small letters": (("paid",), {"amount": 1, "currency": "eur"}),
    "a currency of none": (("paid",), {"amount": 1, "currency": "XXX"}),
    "a currency that is a list": (("paid",), {"amount": 1, "currency": ["EUR"]}),
}


@pytest.mark.parametrize(("args", "options"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_raise_a_sentence_and_count_nothing(
    args: tuple[Any, ...], options: dict[str, Any]
) -> None:
    analytics = Analytics(store="memory://", **OPTIONS)
    with pytest.raises(EventError) as raised:
        analytics.event(*args, **options)
    assert len(str(raised.value)) > 20
    assert not analytics.counting.accumulator.counting


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"sec-gpc": "1"}, id="Global Privacy Control"),
        pytest.param({"dnt": "1"}, id="Do Not Track"),
        pytest.param({"user-agent": "GPTBot/1.2"}, id="a machine"),
        pytest.param({"sec-fetch-site": ""}, id="a pretender"),
    ],
)
@pytest.mark.parametrize("path", ["/signup", "/order"])
def test_who_objects_and_who_is_no_person_adds_no_event_and_may_be_waited_for(
    path: str, headers: dict[str, str]
) -> None:
    async def scenario() -> None:
        async with started(shop()) as site:
            sent = {name: value for name, value in {**NAVIGATION, **headers}.items() if value}
            assert (await request(site, path, sent)).status == 200
            assert await ask(site, ["events"]) == [(0,)]
            assert await ask(site, ["events"], "day", "event") == []
            assert await ask(site, ["amount"], "day", "currency") == []

    run(scenario())


@pytest.mark.parametrize("path", ["/signup", "/order"])
@pytest.mark.parametrize(
    "exclude", [("/signup", "/order"), lambda scope: True], ids=["a path", "a function"]
)
def test_a_page_that_is_excluded_adds_no_event(path: str, exclude: Any) -> None:
    async def scenario() -> None:
        async with started(shop(exclude=exclude)) as site:
            await request(site, path)
            assert await ask(site, ["events"]) == [(0,)]

    run(scenario())


def test_what_is_not_counted_is_stored_at_once() -> None:
    waited = list[bool]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await scope["state"]["analytics"].event("signup")
        waited.append(True)
        await HTMLResponse("")(scope, receive, send)

    async def scenario() -> None:
        async with started(counting(app)) as site:
            await request(site, headers={**NAVIGATION, "sec-gpc": "1"})

    run(scenario())
    assert waited == [True]


def test_a_refund_is_a_negative_amount() -> None:
    async def scenario() -> None:
        async with started(shop()) as site:
            event = site.analytics.event
            event("order", amount=4200, currency="EUR")
            event("refund", amount=-5000, currency="EUR")
            event("gift", amount=0, currency="EUR")
            event("order", amount=10**12, currency="JPY")
            assert await ask(site, ["events", "amount"], "day", "currency") == [
                ("EUR", 3, -800),
                ("JPY", 1, 10**12),
            ]
            assert await ask(site, ["events"]) == [(4,)]

    run(scenario())


def test_revenue_is_crossed_with_nothing() -> None:
    async def scenario() -> None:
        async with started(shop()) as site:
            for _ in range(20):
                await request(site, "/signup")
            for other in ("path", "event", "browser"):
                asked = {"metrics": ["amount"], "date_range": "month"}
                status, answer = await api(
                    site, "query", {**asked, "dimensions": [other, "currency"]}
                )
                assert status == 400, answer
                status, answer = await api(
                    site,
                    "query",
                    {**asked, "dimensions": ["currency"], "filters": [["is", other, ["/signup"]]]},
                )
                assert status == 400, answer
            crossed = [
                key
                for key in site.analytics.counting.accumulator.counts()
                if key.dimension == "currency" and key.path
            ]
            assert crossed == []

    run(scenario())


def test_a_public_page_shows_no_revenue_of_fewer_than_ten() -> None:
    now = 1_795_000_000.0  # in November 2026
    month = ["2026-11-01", "2026-11-30"]

    async def scenario() -> None:
        nonlocal now
        site = shop(public=True, clock=lambda: now)
        async with started(site):
            for currency, number in (("EUR", 9), ("CHF", 5), ("USD", 10)):
                for _ in range(number):
                    site.analytics.event("order", amount=700, currency=currency)
            metrics = ["events", "amount"]
            asked = {"metrics": metrics, "date_range": month, "dimensions": ["currency"]}
            status, answer = await api(site, "query", asked, authorization="")
            assert (status, answer.get("results", [])) in ((400, []), (200, []))  # it still runs
            now += 20 * 86_400
            status, answer = await api(site, "query", asked, authorization="")
            assert status == 200
            assert [(*r["dimensions"], *r["metrics"]) for r in answer["results"]] == [
                ("USD", 10, 7000)
            ]
            assert await ask(site, metrics, month, "currency") == [
                ("USD", 10, 7000),
                ("EUR", 9, 6300),
                ("CHF", 5, 3500),
            ]

    run(scenario())


def test_the_names_of_python_are_written_at_once_and_properties_after_three() -> None:
    async def scenario() -> None:
        async with started(shop()) as site:
            for _ in range(12):
                site.analytics.event("signup", {"plan": "pro"})
            site.analytics.event("once", {"plan": "rare"})
            assert await ask(site, ["events"], "day", "event") == [("signup", 12), ("once", 1)]
            names = site.analytics.counting.names
            assert names.known(site.analytics.counting.table["property"]) == {"plan=pro"}

    run(scenario())


def test_what_may_identify_someone_is_masked_in_properties_and_in_names() -> None:
    async def scenario() -> None:
        async with started(shop()) as site:
            for _ in range(12):
                site.analytics.event(
                    "invited anna@example.com",
                    {"who": "anna@example.com", "order": 4711081512, "at": "203.0.113.9"},
                )
            counting = site.analytics.counting
            assert await ask(site, ["events"], "day", "event") == [("invited {email}", 12)]
            assert counting.names.known(counting.table["property"]) == {
                "who={email}",
                "order={number}",
                "at={address}",
            }

    run(scenario())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (3, "3"),
        (1.5, "1.5"),
        (-2, "-2"),
        (float("nan"), "nan"),
        (Plan.PRO, "pro"),
        ("a=b", "a=b"),
        ("", ""),
        ("half \ud800 a pair", "half ? a pair"),
    ],
    ids=repr,
)
def test_a_property_is_a_text_a_number_or_a_switch(
    value: object, shown: str, tmp_path: Path
) -> None:
    with stored(tmp_path) as analytics:
        for _ in range(3):
            analytics.event("signup", {"plan": value})
        counting = analytics.counting
        assert counting.names.known(counting.table["property"]) == {f"plan={shown}"}
    assert on_disk(tmp_path / "stats.db") == {"signup": 3}


@pytest.mark.parametrize("name", ["half \ud800 a pair", "null \0", "\u202egnp", Plan.PRO, "a" * 64])
def test_an_odd_name_does_not_keep_the_rest_from_being_stored(name: str, tmp_path: Path) -> None:
    with stored(tmp_path) as analytics:
        analytics.event(name)
        analytics.event("signup")
    names = on_disk(tmp_path / "stats.db")
    assert len(names) == 2
    assert names["signup"] == 1


def test_made_up_names_do_not_fill_the_memory_or_the_disk() -> None:
    with Analytics(store="memory://", **OPTIONS) as analytics:
        for number in range(3000):
            analytics.event(f"event {number}")
        table = analytics.counting.table
        assert len(analytics.counting.names.known(table["event"])) == table["event"].cap == 1000
        assert in_memory(analytics)["(other)"] == 2000


# It never breaks the page -----------------------------------------------------------------------


def test_a_setting_that_raises_breaks_neither_the_page_nor_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(scope: Any) -> bool:
        raise RuntimeError("broken on purpose")

    def also_broken(seen: Any) -> str:
        raise RuntimeError("broken on purpose")

    plan = Dimension(
        name="plan",
        values=("a",),
        source=also_broken,
        kinds=frozenset({"event"}),
        metrics=("events",),
        basis="events",
    )

    async def scenario() -> None:
        async with started(shop(exclude=broken)) as site:
            for path in ("/signup", "/order") * 3:
                assert (await request(site, path)).status == 200
        async with started(shop(dimensions=(plan,))) as site:
            for path in ("/signup", "/order"):
                assert (await request(site, path)).status == 200
            assert await ask(site, ["events"]) == [(2,)]

    with caplog.at_level(logging.ERROR):
        run(scenario())
    assert [record.message.partition(" ")[0] for record in caplog.records] == [
        "exclude=",
        "dimension",
    ]


def test_a_request_that_is_cancelled_while_it_waits_has_counted_its_event_once(
    tmp_path: Path,
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await scope["state"]["analytics"].event("paid")

    async def scenario() -> None:
        site = counting(app, store=f"sqlite:///{tmp_path}/none/stats.db", flush_interval=0.1)
        async with started(site):
            asked = asyncio.ensure_future(request(site))
            await asyncio.sleep(0.1)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            (tmp_path / "none").mkdir()
        assert on_disk(tmp_path / "none/stats.db") == {"paid": 1}

    run(scenario())


def test_a_property_of_any_length_is_cut_and_breaks_no_page() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["analytics"].event("search", {"q": "word " * 100})
        await page()(scope, receive, send)

    async def scenario() -> Any:
        async with started(counting(app, admit_after=1)) as site:
            for _ in range(12):
                assert (await request(site)).status == 200
            asked = [["is", "event", ["search"]]]
            return await ask(site, ["events"], "day", "property", filters=asked)

    ((value, number),) = run(scenario())
    assert (value, number) == (("q=" + "word " * 13)[:66].rstrip(), 12)


def test_a_member_of_an_enumeration_is_a_name() -> None:
    class Name(str, Enum):  # noqa: UP042 - str() of it is Name.SIGNUP, unlike StrEnum's
        SIGNUP = "signup"

    async def scenario() -> Any:
        async with started(counting()) as site:
            site.analytics.event(Name.SIGNUP)
            return await ask(site, ["events"], "day", "event")

    assert run(scenario()) == [("signup", 1)]


def test_a_thread_does_not_count_beside_the_loop_that_has_begun_meanwhile() -> None:
    async def scenario() -> list[str]:
        counted: list[str] = []
        site = counting()
        flusher = site.flusher
        flusher._inbox._counts.append(lambda: counted.append(threading.current_thread().name))
        flusher.run()
        await asyncio.to_thread(flusher._inbox.drain)
        await asyncio.sleep(0.01)
        await flusher.stop()
        return counted

    assert run(scenario()) == [threading.current_thread().name]
