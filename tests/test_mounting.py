"""What somebody meets who mounts the middleware for the first time."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from firstparty import Analytics, AnalyticsMiddleware, SettingError, snippet_tag
from firstparty.here import Here
from tests.driving import counting, request

BASE = "http://testserver"


def ask(app: Any, *paths: str, **headers: str) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            answers = [
                await client.get(path, headers=headers, follow_redirects=False) for path in paths
            ]
        await app.flusher.stop()
        return answers

    return asyncio.run(run())


def test_the_tag_is_markup_for_template_engines() -> None:
    scope: dict[str, Any] = {"path": "/"}
    analytics = Analytics(store="memory://", public=True)
    scope["firstparty"] = Here(analytics, scope, "/", "/shop")
    tag = snippet_tag(scope)
    assert tag == '<script defer src="/shop/_tally/tally.js"></script>'
    assert tag.__html__() == tag
    assert snippet_tag(scope, more=True, nonce="n").splitlines() == [
        '<script defer src="/shop/_tally/tally.js" nonce="n"></script>',
        '<script defer src="/shop/_tally/more.js" nonce="n"></script>',
        '<script defer src="/shop/_tally/acts.js" nonce="n"></script>',
        '<script defer src="/shop/_tally/pace.js" nonce="n"></script>',
    ]


def test_the_tag_switches_off_what_the_settings_switch_off() -> None:
    scope: dict[str, Any] = {"path": "/"}
    analytics = Analytics(
        store="memory://", public=True, sends=("visit", "time", "events"), country="timezone"
    )
    scope["firstparty"] = Here(analytics, scope, "/", "")
    assert snippet_tag(scope, more=True).splitlines() == [
        '<script defer src="/_tally/tally.js" data-send="u,c,k"></script>',
        '<script defer src="/_tally/more.js" data-reads="time zone"></script>',
        '<script defer src="/_tally/acts.js" data-reads="events"></script>',
    ]


def test_the_tag_of_a_mounted_application_finds_the_collector() -> None:
    async def shown(request: Any) -> PlainTextResponse:
        return PlainTextResponse(snippet_tag(request))

    inner = Starlette(routes=[Route("/page", shown)])
    site = AnalyticsMiddleware(
        Starlette(routes=[Mount("/sub", inner)]), store="memory://", public=True
    )
    (answer,) = ask(site, "/sub/page")
    assert answer.text == '<script defer src="/_tally/tally.js"></script>'


def test_a_wrong_setting_is_in_the_log_too_as_servers_may_swallow_the_exception(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(SettingError):
        AnalyticsMiddleware(Starlette(), timezone="Paris")
    assert [(r.levelno, r.message.split(":")[0]) for r in caplog.records] == [
        (logging.ERROR, "timezone='Paris' is not known")
    ]


def test_an_environment_variable_that_is_no_setting_is_said_to_be_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FIRSTPARTY_TIMEZON", "Europe/Paris")
    AnalyticsMiddleware(Starlette(), public=True)
    assert caplog.messages[0].startswith("FIRSTPARTY_TIMEZON is no setting; there are ")


def test_another_time_zone_or_name_is_a_new_start_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = f"sqlite:///{tmp_path}/stats.db"
    for zone in ("UTC", "Europe/Paris"):
        ask(
            AnalyticsMiddleware(Starlette(), store=store, timezone=zone, password="p"),
            "/stats/api/health",
            authorization="Basic OnA=",
        )
    assert [record.message.partition("stats.db ")[2] for record in caplog.records] == [
        "also holds counts of default in UTC, which are not shown for site default in Europe/Paris"
    ]


def test_the_owner_of_a_public_page_can_sign_in() -> None:
    def site() -> AnalyticsMiddleware:
        return AnalyticsMiddleware(Starlette(), store="memory://", public=True, password="p")

    page, told, refused = ask(site(), "/stats/", "/stats/api/dimensions", "/stats/sign-in")
    assert (page.status_code, told.json()["viewer"], told.json()["sign_in"]) == (
        200,
        "public",
        "sign-in",
    )
    assert (refused.status_code, "Basic" in refused.headers["www-authenticate"]) == (401, True)
    let_in, told = ask(
        site(), "/stats/sign-in", "/stats/api/dimensions", authorization="Basic OnA="
    )
    assert (let_in.status_code, let_in.headers["location"]) == (303, "./")
    assert (told.json()["viewer"], told.json()["sign_in"]) == ("owner", None)


def test_an_authorize_that_fails_lets_nobody_in_and_says_what_to_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def staff(request: Any) -> bool:
        return bool(request.session["staff"])

    site = AnalyticsMiddleware(Starlette(), store="memory://", authorize=staff)
    closed = ("/stats/", "/stats/api/health", "/stats/sign-in")
    assert [answer.status_code for answer in ask(site, *closed)] == [403] * 3
    assert "add AnalyticsMiddleware before the middleware that provides them" in caplog.text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"authorize": lambda: True}, "authorize is called with one argument"),
        ({"exclude": lambda: True}, "exclude is called with one argument"),
        ({"site": "https://example.org"}, "site='https://example.org': write a plain name"),
        ({"templates": ("/users/{id",)}, "templates: '/users/{id' has no whole parameter"),
    ],
)
def test_a_slip_is_told_at_construction(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError, match="^" + sentence.replace("{", r"\{")):
        AnalyticsMiddleware(Starlette(), **options)


def test_counts_are_stored_when_the_site_is_stopped_before_its_task_has_begun(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        site = AnalyticsMiddleware(Starlette(), store=f"sqlite:///{tmp_path}/s.db", password="p")
        site.flusher.run()
        site.analytics.counting.beacons.refuse({"headers": []}, {}, "bot")
        await site.flusher.stop()
        assert site.flusher.unflushed == 0

    asyncio.run(run())
    assert caplog.records == []


def test_a_state_of_the_applications_own_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    """Lifespan state is the application's, also under the name that we use."""
    seen = list[Any]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["state"]["analytics"])
        seen.append(scope["firstparty"])
        await PlainTextResponse("Hello.")(scope, receive, send)

    async def run() -> None:
        for state in ({"analytics": "theirs"}, {"analytics": "theirs"}, {"db": 1}, {}, None):
            assert (await request(site, state=state)).status == 200
        await site.flusher.stop()

    site = counting(app)
    asyncio.run(run())
    assert [each if each == "theirs" else type(each) for each in seen] == [
        *("theirs", Here, "theirs", Here, Here, Here, Here, Here, Here, Here),
    ]
    told = (
        'the application has a state["analytics"] of its own, which stays: ours is in'
        ' scope["firstparty"] (logged once)'
    )
    assert [record.getMessage() for record in caplog.records] == [told]


def test_of_two_of_us_one_within_the_other_each_is_what_its_application_sees() -> None:
    seen = list[Any]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["state"]["analytics"]._analytics)
        await PlainTextResponse("Hello.")(scope, receive, send)

    async def run() -> None:
        await request(outer)
        await inner.flusher.stop()
        await outer.flusher.stop()

    inner = counting(app)
    outer = counting(inner, prefix="/all", collector="/_all")
    asyncio.run(run())
    assert seen == [inner.analytics]


def test_the_flusher_runs_and_names_are_known_before_the_first_request(tmp_path: Path) -> None:
    async def run() -> tuple[bool, bool, str]:
        site = counting(Starlette(), store=f"sqlite:///{tmp_path}/stats.db")
        told = asyncio.Queue[Any]()
        asked = asyncio.Queue[Any]()
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        serving = asyncio.create_task(site(scope, asked.get, told.put))  # type: ignore[arg-type]
        await asked.put({"type": "lifespan.startup"})
        assert (await told.get())["type"] == "lifespan.startup.complete"
        found = site.flusher.idle, (tmp_path / "stats.db").exists(), site.flusher.state
        await asked.put({"type": "lifespan.shutdown"})
        await serving
        return found

    assert asyncio.run(run()) == (False, True, "ok")
