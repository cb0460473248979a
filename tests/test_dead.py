"""Dead pages: which of the application's own pages nobody opened, and which cannot be told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from firstparty import AnalyticsMiddleware
from firstparty.dead import unopened
from tests.driving import App, api, counting, page, request

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


async def show(request: Request) -> Response:
    return HTMLResponse("<p>Hello.")


async def talk(socket: WebSocket) -> None:
    await socket.close()


async def documentation(request: Request) -> Response:
    return HTMLResponse("<p>Made by FastAPI.")


documentation.__module__ = "fastapi.applications"


class Form(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return HTMLResponse("<form>")


class Hook(HTTPEndpoint):
    async def post(self, request: Request) -> Response:
        return Response(status_code=204)


def pages(*paths: str) -> list[BaseRoute]:
    return [Route(path, show) for path in paths]


def asked(
    app: App, *views: tuple[str, int] | str, question: object = None, **options: Any
) -> tuple[int, Any]:
    """The answer about dead pages after these views, some of them days ago."""

    async def run() -> tuple[int, Any]:
        now = NOW
        site = counting(app, clock=lambda: now.timestamp(), **options)
        dated = [(view, 0) if isinstance(view, str) else view for view in views]
        for path, ago in sorted(dated, key=lambda view: -view[1]):
            now = NOW - timedelta(days=ago)
            name, _, query = path.partition("?")
            assert (await request(site, name, query=query)).status == 200
        now = NOW
        return await api(site, "dead", {"date_range": "7d"} if question is None else question)

    return asyncio.run(run())


def dead(routes: Iterable[BaseRoute], *views: tuple[str, int] | str, **options: Any) -> list[str]:
    status, answer = asked(Starlette(routes=list(routes)), *views, **options)
    assert status == 200, answer
    found: list[str] = answer["pages"]
    return found


def test_pages_that_nobody_opened_in_the_range_are_dead() -> None:
    routes = pages("/", "/pricing", "/about", "/old", "/people/{id:int}", "/teams/{id:int}")
    app = Starlette(routes=routes)
    views = ("/", "/pricing", "/people/3", ("/old", 7), ("/about", 6))
    assert asked(app, *views) == (
        200,
        {
            "pages": ["/old", "/teams/{id}"],
            "routes": 6,
            "meta": {"range": ["2026-11-17", "2026-11-23"], "unlisted": 0.0},
        },
    )


def test_the_first_page_is_none_where_there_is_no_such_route() -> None:
    assert dead(pages("/a", "/b"), "/a") == ["/b"]


def test_mounted_applications_have_pages_too_and_mounted_files_have_none(tmp_path: Any) -> None:
    shop = Starlette(routes=pages("/", "/cart", "/items/{id:int}"))
    inner = Router(routes=[Mount("/deep", routes=pages("/", "/down"))])
    routes = [
        *pages("/"),
        Mount("/shop", app=shop),
        Mount("/in", app=inner),
        Mount("/{team}/board", routes=pages("/")),
        Mount("/static", StaticFiles(directory=tmp_path)),
        Host("other.example", app=Starlette(routes=pages("/there"))),
    ]
    every = {"/", "/shop/", "/shop/cart", "/shop/items/{id}", "/in/deep/", "/in/deep/down"}
    assert dead(routes) == sorted({*every, "/{team}/board/"})
    views = ("/shop/items/7", "/in/deep/down", *["/red/board/"] * 3)
    assert dead(routes, *views) == ["/", "/in/deep/", "/shop/", "/shop/cart"]


def test_routers_that_are_included_as_one_entry_of_the_table_have_pages_too() -> None:
    class Context:
        """What FastAPI has for a route of an included router."""

        def __init__(self, path: str, mounted: BaseRoute | None = None) -> None:
            self.path, self.endpoint, self.methods = path, show, {"GET"}
            self.starlette_route = mounted

    class Included(BaseRoute):
        def effective_route_contexts(self) -> Iterable[Context]:
            yield Context("/blog/{id:int}")
            yield Context("/blog/")
            yield Context("", Mount("/shop", routes=pages("/cart")))

    assert dead([Included(), *pages("/")]) == ["/", "/blog/", "/blog/{id}", "/shop/cart"]


def test_only_what_can_be_opened_is_a_page() -> None:
    routes = [
        Route("/both", show, methods=["GET", "POST"]),
        Route("/send", show, methods=["POST"]),
        Route("/send/{id}", show, methods=["POST", "DELETE"]),
        Route("/form", Form),
        Route("/hook", Hook),
        Route("/asgi", HTMLResponse("<p>Hello.")),
        Route("/docs", documentation),
        WebSocketRoute("/talk", talk),
    ]
    assert dead(routes) == ["/asgi", "/both", "/form"]
    assert asked(Starlette(routes=routes))[1]["routes"] == 3


def test_texts_as_parameters_count_under_their_paths_and_keep_the_page_alive() -> None:
    routes = pages("/blog/{slug}", "/blog/{slug}/comments", "/docs/{rest:path}")
    listed = {"listed": ["/*"]}
    assert dead(routes, "/blog/hello", **listed) == ["/blog/{slug}/comments", "/docs/{rest}"]
    assert dead(routes, "/docs/a/b", **listed) == ["/blog/{slug}", "/blog/{slug}/comments"]
    assert dead(routes, "/blog/12345678", **listed) == ["/blog/{slug}/comments", "/docs/{rest}"]
    assert dead(routes, "/blog/a/comments", paths="route") == ["/blog/{slug}", "/docs/{rest}"]


def test_a_view_is_of_one_page_alone() -> None:
    routes = pages("/blog/new", "/blog/{slug}", "/{section}/{name}")
    assert dead(routes, "/blog/new") == ["/blog/{slug}", "/{section}/{name}"]
    assert dead(routes, "/blog/x", listed=["/*"]) == ["/blog/new", "/{section}/{name}"]


def test_views_without_a_name_yet_may_be_of_a_page_with_parameters() -> None:
    _, answer = asked(Starlette(routes=pages("/", "/blog/{slug}")), "/", "/blog/a", "/blog/b")
    assert (answer["pages"], answer["meta"]["unlisted"]) == (["/blog/{slug}"], 0.6667)


def test_parameters_that_are_kept_are_of_their_page() -> None:
    routes = pages("/search", "/searches")
    views = ["/search?q=shoes"] * 3
    assert dead(routes, *views, query=["q"]) == ["/searches"]


def test_a_page_is_called_as_the_templates_of_the_settings_call_it() -> None:
    routes = pages("/users/me", "/users/{name}", "/other")
    options = {"templates": ["/users/{any}"]}
    assert dead(routes, **options) == ["/other", "/users/{any}", "/users/{name}"]
    assert dead(routes, "/users/me", **options) == ["/other", "/users/{name}"]


def test_what_is_ours_or_excluded_is_no_dead_page() -> None:
    routes = pages("/", "/stats", "/stats/x", "/_tally/x", "/statsy", "/admin/x", "/api/{id}")
    assert dead(routes, exclude=["/admin/*", "/api/*"]) == ["/", "/statsy"]
    told = pages("/visible", "/numbers/x")
    assert dead(told, collector="/numbers", exclude=lambda _: True) == ["/visible"]


@pytest.mark.parametrize("nested", [False, True])
def test_the_middleware_of_a_mounted_application_tells_its_pages(nested: bool) -> None:
    options: dict[str, Any] = {"store": "memory://", "password": "open sesame"}
    shop = Starlette(
        routes=[*pages("/", "/cart", "/stats/x")],
        middleware=[Middleware(AnalyticsMiddleware, clock=lambda: NOW.timestamp(), **options)],
    )
    app: Any = Starlette(routes=[*pages("/home"), Mount("/shop", app=shop)]) if nested else shop
    prefix = "/shop" if nested else ""

    async def run() -> Any:
        await request(app, f"{prefix}/cart")
        headers = {"authorization": "Basic OnB3"}
        reply = await request(app, f"{prefix}/stats/api/dead", headers, method="POST", body=b"{}")
        assert reply.status == 401
        headers = {"authorization": "Basic Om9wZW4gc2VzYW1l"}
        body = b'{"date_range": "day"}'
        return await request(app, f"{prefix}/stats/api/dead", headers, method="POST", body=body)

    reply = asyncio.run(run())
    assert (reply.status, b'"pages":["%s/"],"routes":2' % prefix.encode() in reply.body) == (
        200,
        True,
    )


def test_without_a_route_table_nothing_is_known() -> None:
    status, answer = asked(page(), "/", "/a")
    assert (status, answer["pages"], answer["routes"]) == (200, [], 0)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ([], "a question is a JSON object"),
        ({}, "date_range is missing: write one of day, 7d"),
        ({"date_range": "60m"}, "minutes are kept for the site's total alone"),
        ({"date_range": "9d"}, "date_range '9d' is not known: write one of day"),
        (
            {"date_range": "7d", "include": {}},
            "there is no field 'include': a question about dead pages has date_range",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(question: object, sentence: str) -> None:
    status, answer = asked(page(), question=question)
    assert (status, answer["error"][: len(sentence)]) == (400, sentence)


def test_dead_pages_are_not_public() -> None:
    async def run() -> Any:
        site = counting(Starlette(routes=pages("/a")), public=True)
        body = b'{"date_range": "day"}'
        public = await request(site, "/stats/api/dead", {}, method="POST", body=body)
        return public.status, public.body, (await api(site, "dead", {"date_range": "day"}))[0]

    assert asyncio.run(run()) == (403, b'{"error":"dead pages are not public"}', 200)


def test_answers_are_as_they_are_described() -> None:
    _, answer = asked(Starlette(routes=pages("/", "/a")), "/")
    described = asyncio.run(api(counting(), "openapi.json"))[1]
    operation = described["paths"]["/dead"]["post"]
    given = operation["responses"]["200"]["content"]["application/json"]["schema"]
    question = operation["requestBody"]["content"]["application/json"]["schema"]
    Draft202012Validator(given).validate(answer)
    Draft202012Validator(question).validate({"date_range": "7d"})
    assert not Draft202012Validator(question).is_valid({"date_range": "7d", "include": {}})


STATIC = ("/", "/a", "/b", "/a/b")


@given(st.sets(st.sampled_from(STATIC)), st.lists(st.sampled_from((*STATIC, "/c", "(unlisted)"))))
def test_pages_without_parameters_are_dead_unless_one_of_the_views_is_theirs(
    routed: set[str], viewed: list[str]
) -> None:
    found = unopened([(name, None) for name in routed], viewed)
    assert found == sorted(routed - set(viewed))


@given(st.lists(st.sampled_from(("/a/x", "/a/y", "/b/x", "/c", "/a/{id}")), max_size=4))
def test_each_view_opens_the_first_page_that_takes_it(viewed: list[str]) -> None:
    routed = [("/a/{id}", re.compile("^/a/[^/]+$")), ("/{s}/{id}", re.compile("^/[^/]+/[^/]+$"))]
    opened = {
        "/a/{id}" if view.startswith("/a/") else "/{s}/{id}" for view in viewed if view != "/c"
    }
    assert unopened(routed, viewed) == sorted({"/a/{id}", "/{s}/{id}"} - opened)
