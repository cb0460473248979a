"""Machines are counted apart, for what they ask of a site; never among the views of people."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from firstparty import AnalyticsMiddleware
from firstparty.headers import FILES
from tests.driving import CHROME, FIREFOX, HOST, NAVIGATION, ask, beacon, counting, request
from tests.test_collect import NO_NAVIGATION, NO_PAGE

GPTBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
ANY = {"accept": "*/*"}
"""What most machines say of what they want."""
PEOPLE = ["pageviews", "visits", "confirmed", "events", "misses", "measured"]


async def html(request: Request) -> Response:
    return HTMLResponse("<p>Hello.")


async def text(request: Request) -> Response:
    return PlainTextResponse("User-agent: *\n")


async def feed(request: Request) -> Response:
    kinds = {"/rss": "application/rss+xml", "/atom": "application/atom+xml; charset=utf-8"}
    kinds |= {"/json": "application/feed+json", "/xml": "text/xml", "/post.md": "text/markdown"}
    return Response("", media_type=kinds[request.url.path])


async def picture(request: Request) -> Response:
    return Response(b"", media_type="image/png")


def site(**options: Any) -> AnalyticsMiddleware:
    app = Starlette(
        routes=[
            Route("/", html, methods=["GET", "HEAD", "POST"]),
            Route("/blog/{title}", html),
            *(Route(path, text) for path in sorted(FILES)),
            *(Route(path, feed) for path in ("/rss", "/atom", "/json", "/xml", "/post.md")),
            Route("/notes.txt", text),
            Route("/logo.png", picture),
        ]
    )
    return counting(app, **options)


async def asked(app: AnalyticsMiddleware, path: str, agent: str, **rest: Any) -> str | None:
    """What the debug header says to a machine."""
    headers = {**ANY, "user-agent": agent, **rest.pop("headers", {})}
    return (await request(app, path, headers, **rest)).tally


async def of_people(app: AnalyticsMiddleware) -> tuple[Any, ...]:
    return (await ask(app, PEOPLE))[0]


def run(scenario: Any) -> Any:
    return asyncio.run(scenario)


@pytest.mark.parametrize(
    ("agent", "name", "kind"),
    [
        (GPTBOT, "GPTBot", "AI crawler"),
        ("OAI-SearchBot/1.0; +https://openai.com/searchbot", "OAI-SearchBot", "AI search"),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0",
            "ChatGPT-User",
            "AI assistant",
        ),
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html)", "Feedly", "Feed reader"),
        ("Mozilla/5.0+(compatible; UptimeRobot/2.0)", "UptimeRobot", "Uptime check"),
        ("curl/8.5.0", "curl", "HTTP library"),
        ("some-new-crawler/0.1", "(other)", "Other"),
    ],
)
def test_a_page_that_a_machine_opens_is_a_request_of_its_family(
    agent: str, name: str, kind: str
) -> None:
    async def scenario() -> None:
        app = site()
        for headers in ({}, {"accept": "text/html"}, {"sec-fetch-dest": "document"}):
            assert await asked(app, "/", agent, headers=headers) == "ignored; bot"
        assert await ask(app, ["requests"], "day", "machine") == [(name, 3)]
        assert await ask(app, ["requests"], "day", "machine_kind") == [(kind, 3)]
        assert await ask(app, ["ignored"], "day", "left_out") == [("bot", 3)]
        assert await of_people(app) == (0,) * len(PEOPLE)

    run(scenario())


@pytest.mark.parametrize("path", [*sorted(FILES), "/rss", "/atom", "/json", "/xml", "/post.md"])
def test_texts_for_machines_and_feeds_are_requests_too(path: str) -> None:
    async def scenario() -> None:
        app = site()
        for _ in range(10):
            assert await asked(app, path, GPTBOT) == "ignored; bot"
        assert await ask(app, ["requests"], "day", "machine") == [("GPTBot", 10)]
        assert await ask(app, ["requests"], "month", "path", "machine") == [(path, "GPTBot", 10)]
        assert await of_people(app) == (0,) * len(PEOPLE)

    run(scenario())


@pytest.mark.parametrize("path", ["/logo.png", "/notes.txt", "/none"])
def test_pictures_other_texts_and_what_is_not_there_are_no_requests(path: str) -> None:
    async def scenario() -> None:
        app = site()
        assert await asked(app, path, GPTBOT) == NO_PAGE
        assert await ask(app, ["requests", "ignored"]) == [(0, 0)]

    run(scenario())


def test_what_is_not_there_is_no_request_and_no_page_not_found() -> None:
    async def scenario() -> None:
        app = site()
        for accept in ("*/*", "text/html"):
            await asked(app, "/none", GPTBOT, headers={"accept": accept})
            await asked(app, "/robots.txt/none", GPTBOT, headers={"accept": accept})
        assert await ask(app, ["requests"]) == [(0,)]
        assert await of_people(app) == (0,) * len(PEOPLE)

    run(scenario())


def test_robots_txt_that_is_not_there_is_no_request() -> None:
    async def scenario() -> None:
        app = counting(Starlette())
        assert await asked(app, "/robots.txt", GPTBOT) == NO_PAGE
        assert await ask(app, ["requests"]) == [(0,)]

    run(scenario())


def test_an_uptime_check_may_ask_for_the_head_alone() -> None:
    async def scenario() -> None:
        app = site()
        agent = "Mozilla/5.0+(compatible; UptimeRobot/2.0)"
        assert await asked(app, "/", agent, method="HEAD") == "ignored; bot"
        assert await ask(app, ["requests"], "day", "machine") == [("UptimeRobot", 1)]

    run(scenario())


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "DELETE"])
def test_other_methods_are_no_requests_for_a_page(method: str) -> None:
    async def scenario() -> None:
        app = site()
        assert await asked(app, "/", GPTBOT, method=method) == NO_NAVIGATION
        assert await ask(app, ["requests", "ignored"]) == [(0, 0)]

    run(scenario())


@pytest.mark.parametrize("signal", ["sec-gpc", "dnt"])
@pytest.mark.parametrize("path", ["/", "/robots.txt", "/rss"])
def test_a_machine_that_objects_is_not_counted_either(path: str, signal: str) -> None:
    async def scenario() -> None:
        app = site()
        await asked(app, path, GPTBOT, headers={signal: "1"})
        await asked(app, path, GPTBOT, headers={signal: "1", "accept": "text/html"})
        assert await ask(app, ["requests", "ignored"]) == [(0, 0)]
        assert not app.analytics.counting.accumulator.counting

    run(scenario())


def test_machines_give_no_page_a_name() -> None:
    async def scenario() -> None:
        app = site(listed=("/blog/*",))
        known = app.analytics.counting.names.known(app.analytics.counting.table["path"])
        for number in range(20):
            await asked(app, "/blog/a-secret-page", GPTBOT)
            await asked(app, f"/blog/page-{number}", GPTBOT, headers={"accept": "text/html"})
        assert known == set()
        await asked(app, "/", GPTBOT)
        await asked(app, "/robots.txt", GPTBOT)
        assert known == {"/", "/robots.txt"}  # the application's own name, and one of our table
        assert await ask(app, ["requests"], "month", "path", "machine") == [
            ("(unlisted)", "GPTBot", 40)
        ]

    run(scenario())


def test_a_machine_at_a_page_that_people_have_named_counts_under_its_name() -> None:
    async def scenario() -> None:
        app = site()
        for _ in range(3):
            await request(app, "/blog/news")
        for _ in range(10):
            await asked(app, "/blog/news", GPTBOT)
        assert await ask(app, ["requests"], "month", "path", "machine") == [
            ("/blog/news", "GPTBot", 10)
        ]
        assert await ask(app, ["pageviews"]) == [(3,)]

    run(scenario())


@pytest.mark.parametrize(
    ("agent", "scheme", "said"),
    [
        pytest.param(CHROME, "https", "ignored; bot", id="Chrome over https"),
        pytest.param(FIREFOX, "https", "ignored; bot", id="Firefox over https"),
        pytest.param(CHROME, "http", "counted; visit", id="Chrome over plain http"),
        pytest.param(
            CHROME.replace("140.0", "79.0"), "https", "counted; visit", id="an old Chrome"
        ),
    ],
)
def test_a_browser_that_sends_no_fetch_metadata_over_https_is_a_machine_of_no_family(
    agent: str, scheme: str, said: str
) -> None:
    async def scenario() -> None:
        app = site()
        headers = {"accept": "text/html"}
        assert await asked(app, "/", agent, headers=headers, scheme=scheme) == said
        machine = said == "ignored; bot"
        names = await ask(app, ["requests"], "day", "machine")
        kinds = await ask(app, ["requests"], "day", "machine_kind")
        assert (names, kinds) == (([("(other)", 1)], [("Other", 1)]) if machine else ([], []))
        assert (await of_people(app))[0] == (0 if machine else 1)

    run(scenario())


def test_a_machine_adds_nothing_about_people() -> None:
    async def scenario() -> None:
        app = site(country="header:cf-ipcountry")
        headers = {
            "accept": "text/html",
            "accept-language": "fr",
            "cf-ipcountry": "FR",
            "referer": "https://news.example/",
        }
        await asked(app, "/", GPTBOT, headers=headers, query="utm_source=news")
        await beacon(
            app,
            {"u": "/", "k": "enter"},
            {**NAVIGATION, "user-agent": GPTBOT, "sec-fetch-site": "same-origin"},
        )
        about = {key.dimension for key in app.analytics.counting.accumulator.counts()}
        assert about == {"", "machine", "machine_kind", "left_out"}

    run(scenario())


def test_a_person_at_a_text_for_machines_adds_nothing() -> None:
    async def scenario() -> None:
        app = site()
        for path in ("/robots.txt", "/rss"):
            assert (await request(app, path)).tally == NO_PAGE
        assert not app.analytics.counting.accumulator.counting

    run(scenario())


# Spam -------------------------------------------------------------------------------------------

SPAM = "https://semalt.com/project"


@pytest.mark.parametrize("spammer", [SPAM, "http://www.semalt.com", "https://a.semalt.com:80/x"])
def test_a_referrer_that_is_made_up_is_left_out_by_its_reason_on_the_server(spammer: str) -> None:
    async def scenario() -> None:
        app = site()
        headers = {**NAVIGATION, "sec-fetch-site": "cross-site", "referer": spammer}
        for path in ("/", "/none"):
            reply = await request(app, path, headers)
            assert reply.tally == "ignored; referrer spam"
            assert reply.headers["server-timing"] == "no-tally"  # nor does the snippet count it
        assert await ask(app, ["ignored"], "day", "left_out") == [("referrer spam", 2)]
        assert await of_people(app) == (0,) * len(PEOPLE)
        assert await ask(app, ["visits"], "day", "referrer") == []

    run(scenario())


@pytest.mark.parametrize("collect", ["server", "script"])
def test_a_referrer_that_is_made_up_is_left_out_by_its_reason_in_a_beacon(collect: str) -> None:
    async def scenario() -> None:
        app = site(collect=collect)
        body = {"u": "/", "n": "navigate", "k": "enter", "r": SPAM}
        assert (await beacon(app, body)).tally == "ignored; referrer spam"
        missing = {"e": "missing", "u": "/none", "r": SPAM}
        assert (await beacon(app, missing)).tally == "ignored; referrer spam"
        assert await ask(app, ["ignored"], "day", "left_out") == [("referrer spam", 2)]
        assert await of_people(app) == (0,) * len(PEOPLE)

    run(scenario())


def test_a_host_that_only_ends_like_a_spammer_is_none() -> None:
    async def scenario() -> None:
        app = site()
        for host in ("notsemalt.com", "semalt.com.example", HOST):
            headers = {**NAVIGATION, "sec-fetch-site": "cross-site", "referer": f"https://{host}/"}
            assert (await request(app, "/", headers)).tally in {"counted; visit", "counted"}

    run(scenario())
