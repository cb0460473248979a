"""What the server counts as a page view, and which page views it counts as visits."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from firstparty import AnalyticsMiddleware, Site
from firstparty.collect import UNSEEN, UNSEEN_AFTER
from tests.driving import (
    CHROME,
    FIREFOX,
    IPHONE,
    NAVIGATION,
    PASSWORD,
    App,
    api,
    ask,
    counting,
    page,
    request,
)

ENTRY, VIEW = "counted; visit", "counted"
PLAIN = {"accept": "text/html,application/xhtml+xml", "user-agent": CHROME}
"""What a browser sends over plain http: no Fetch Metadata."""

NO_NAVIGATION = "ignored; not a page that is opened"
NO_PAGE = "ignored; the answer is no page"


def told(path: str = "/", app: App | None = None, /, **rest: Any) -> str | None:
    """What the debug header says about one request; `options` go to the middleware."""

    async def run() -> str | None:
        options = rest.pop("options", {})
        reply = await request(counting(app, **options), path, **rest)
        return reply.tally

    return asyncio.run(run())


def navigated(**headers: str) -> dict[str, str]:
    """The headers of a navigation, with some changed: `sec_fetch_site="same-origin"`."""
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return {name: value for name, value in {**NAVIGATION, **changed}.items() if value}


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        pytest.param({}, ENTRY, id="typed in"),
        pytest.param({"sec_fetch_site": "cross-site"}, ENTRY, id="from a site that sends nothing"),
        pytest.param(
            {"sec_fetch_site": "cross-site", "referer": "https://news.example/"},
            ENTRY,
            id="from another site",
        ),
        pytest.param(
            {"sec_fetch_site": "same-site", "referer": "https://blog.example.org/"},
            ENTRY,
            id="from another host of the same site",
        ),
        pytest.param(
            {"sec_fetch_site": "same-origin", "referer": "https://example.org/a"},
            VIEW,
            id="from a page of ours",
        ),
        pytest.param(
            {"sec_fetch_site": "same-origin"}, VIEW, id="from a page of ours with no-referrer"
        ),
        pytest.param(
            {"sec_fetch_site": "same-origin", "referer": "https://EXAMPLE.org/a"},
            VIEW,
            id="a host is the same in capitals",
        ),
        pytest.param(
            {"sec_fetch_site": "cross-site", "referer": "https://example.org.evil.example/"},
            ENTRY,
            id="a host that only begins like ours",
        ),
        pytest.param({"cache_control": "max-age=0"}, VIEW, id="reload of a page typed in"),
        pytest.param({"cache_control": "no-cache", "pragma": "no-cache"}, VIEW, id="hard reload"),
        pytest.param(
            {
                "sec_fetch_site": "cross-site",
                "referer": "https://news.example/",
                "cache_control": "max-age=0",
            },
            VIEW,
            id="reload of a page that another site linked to",
        ),
    ],
)
def test_a_visit_is_a_view_that_comes_from_elsewhere_and_is_no_reload(
    headers: dict[str, str], said: str
) -> None:
    assert told(headers=navigated(**headers)) == said


@pytest.mark.parametrize(
    ("referer", "said"),
    [
        pytest.param(None, ENTRY, id="no referer"),
        pytest.param("https://news.example/", ENTRY, id="another site"),
        pytest.param("http://example.org/a?b=c", VIEW, id="ours"),
        pytest.param("http://example.org", VIEW, id="ours, without a path"),
        pytest.param("http://example.org:8080/", ENTRY, id="our host at another port"),
        pytest.param("about:blank", ENTRY, id="no host"),
        pytest.param("://", ENTRY, id="nothing but the separator"),
    ],
)
def test_the_referer_decides_where_fetch_metadata_is_missing(
    referer: str | None, said: str
) -> None:
    headers = {**PLAIN, "referer": referer} if referer else PLAIN
    assert told(headers=headers, scheme="http") == said


@pytest.mark.parametrize(
    ("referer", "said"),
    [
        ("https://shop.example/", VIEW),
        ("https://shop.example:8443/a", VIEW),
        ("https://www.shop.example/", ENTRY),
    ],
)
def test_hosts_of_the_setting_site_are_ours(referer: str, said: str) -> None:
    headers = navigated(sec_fetch_site="cross-site", referer=referer)
    site = Site("shop", hosts=("Shop.example",))
    assert told(headers=headers, options={"site": site}) == said


@pytest.mark.parametrize(
    ("method", "headers", "said"),
    [
        pytest.param("GET", {}, ENTRY, id="GET"),
        pytest.param("POST", {"sec_fetch_site": "same-origin"}, VIEW, id="a form's answer"),
        pytest.param("HEAD", {}, NO_NAVIGATION, id="HEAD"),
        pytest.param("PUT", {}, NO_NAVIGATION, id="PUT"),
        pytest.param("OPTIONS", {}, NO_NAVIGATION, id="OPTIONS"),
        pytest.param("GET", {"sec_fetch_dest": "iframe"}, NO_NAVIGATION, id="iframe"),
        pytest.param(
            "GET", {"sec_fetch_dest": "empty", "accept": "*/*"}, NO_NAVIGATION, id="fetch"
        ),
        pytest.param(
            "GET", {"sec_fetch_dest": "empty"}, NO_NAVIGATION, id="fetch that asks for HTML"
        ),
        pytest.param("GET", {"sec_fetch_dest": "image"}, NO_NAVIGATION, id="image"),
        pytest.param("GET", {"sec_fetch_dest": "embed"}, NO_NAVIGATION, id="embed"),
        pytest.param("GET", {"sec_purpose": "prefetch"}, "ignored; prefetch", id="prefetch"),
        pytest.param(
            "GET", {"sec_purpose": "prefetch;prerender"}, "ignored; prefetch", id="prerender"
        ),
        pytest.param("GET", {"purpose": "prefetch"}, "ignored; prefetch", id="old prefetch"),
        pytest.param("GET", {"x_purpose": "preview"}, "ignored; prefetch", id="preview"),
        pytest.param("GET", {"x_moz": "prefetch"}, "ignored; prefetch", id="Firefox's prefetch"),
        pytest.param("GET", {"sec_gpc": "1"}, "ignored; objects", id="Global Privacy Control"),
        pytest.param("GET", {"dnt": "1"}, "ignored; objects", id="Do Not Track"),
        pytest.param("GET", {"dnt": "0", "sec_gpc": "0"}, ENTRY, id="no objection"),
    ],
)
def test_only_a_navigation_to_a_document_is_a_view(
    method: str, headers: dict[str, str], said: str
) -> None:
    assert told(method=method, headers=navigated(**headers)) == said


def test_without_fetch_metadata_a_request_that_does_not_ask_for_html_is_no_view() -> None:
    headers = {**PLAIN, "accept": "image/webp,*/*"}
    assert told(headers=headers, scheme="http") == NO_NAVIGATION


@pytest.mark.parametrize(
    ("agent", "scheme", "metadata", "said"),
    [
        pytest.param("curl/8.5", "http", False, "ignored; bot", id="curl"),
        pytest.param(
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "https",
            False,
            "ignored; bot",
            id="Googlebot",
        ),
        pytest.param("", "https", True, "ignored; bot", id="no name"),
        pytest.param(CHROME, "https", True, ENTRY, id="Chrome"),
        pytest.param(CHROME, "https", False, "ignored; bot", id="Chrome without its headers"),
        pytest.param(CHROME, "http", False, ENTRY, id="Chrome over plain http"),
        pytest.param(FIREFOX, "https", False, "ignored; bot", id="Firefox without its headers"),
        pytest.param(IPHONE, "https", False, "ignored; bot", id="an iPhone without its headers"),
        pytest.param(
            CHROME.replace("Chrome/140", "Chrome/70"), "https", False, ENTRY, id="an old Chrome"
        ),
    ],
)
def test_machines_are_left_out(agent: str, scheme: str, metadata: bool, said: str) -> None:
    headers = {**(NAVIGATION if metadata else PLAIN), "user-agent": agent}
    assert told(headers=headers, scheme=scheme) == said


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        pytest.param(200, {}, ENTRY, id="200"),
        pytest.param(201, {}, ENTRY, id="201"),
        pytest.param(304, {}, ENTRY, id="304"),
        pytest.param(301, {"location": "/b"}, NO_PAGE, id="redirect"),
        pytest.param(303, {"location": "/b"}, NO_PAGE, id="redirect after a form"),
        pytest.param(404, {}, "counted; not found", id="404"),
        pytest.param(410, {}, "counted; not found", id="410"),
        pytest.param(403, {}, "ignored; error page", id="403"),
        pytest.param(422, {}, "ignored; error page", id="422"),
        pytest.param(500, {}, "ignored; error page", id="500"),
        pytest.param(200, {"content-type": "application/xhtml+xml"}, ENTRY, id="XHTML"),
        pytest.param(200, {"content-type": "application/pdf"}, NO_PAGE, id="PDF"),
        pytest.param(200, {"content-type": "application/json"}, NO_PAGE, id="JSON"),
        pytest.param(404, {"content-type": "text/plain"}, "counted; not found", id="plain 404"),
        pytest.param(
            200, {"content-disposition": 'attachment; filename="a.html"'}, NO_PAGE, id="a download"
        ),
        pytest.param(200, {"content-disposition": "inline"}, ENTRY, id="inline"),
        pytest.param(200, {"cache-control": "no-store"}, ENTRY, id="no-store"),
        pytest.param(200, {"cache-control": "private, max-age=60"}, ENTRY, id="private"),
        pytest.param(
            200,
            {"cache-control": "public, max-age=60"},
            "ignored; shared cache: left to the snippet",
            id="public",
        ),
        pytest.param(
            200,
            {"cache-control": "max-age=0, s-maxage=60"},
            "ignored; shared cache: left to the snippet",
            id="s-maxage",
        ),
        pytest.param(204, {}, NO_PAGE, id="204, as Django sends it"),
        pytest.param(205, {}, NO_PAGE, id="205"),
        pytest.param(
            200, {"content-type": "Text/HTML; Charset=UTF-8"}, ENTRY, id="HTML in capitals"
        ),
        pytest.param(
            200, {"content-disposition": "Attachment; filename=a"}, NO_PAGE, id="a Download"
        ),
        pytest.param(
            200,
            {"cache-control": "Public, Max-Age=60"},
            "ignored; shared cache: left to the snippet",
            id="Public",
        ),
    ],
)
def test_the_response_says_whether_a_page_was_shown(
    status: int, headers: dict[str, str], said: str
) -> None:
    assert told("/", page(status, headers)) == said


def test_a_304_without_a_content_type_is_a_view() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 304, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    assert told("/", app) == ENTRY


def test_a_page_is_left_to_the_snippet_if_one_of_several_cache_controls_is_public() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [
            (b"content-type", b"text/html"),
            (b"cache-control", b"public"),
            (b"cache-control", b"max-age=60"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    assert told("/", app) == "ignored; shared cache: left to the snippet"


@pytest.mark.parametrize(
    ("status", "collect", "headers", "mark"),
    [
        (200, "server", {}, "tally"),
        (404, "server", {}, "no-tally"),
        (500, "server", {}, "no-tally"),
        (200, "script", {}, None),
        (200, "server", {"sec_gpc": "1"}, None),
        (200, "server", {"sec_purpose": "prefetch"}, "tally-ahead"),
    ],
)
def test_the_snippet_is_told_whether_the_server_has_counted(
    status: int, collect: str, headers: dict[str, str], mark: str | None
) -> None:
    app = counting(page(status), collect=collect)
    reply = asyncio.run(request(app, headers=navigated(**headers)))
    assert reply.headers.get("server-timing") == mark


def test_collect_script_leaves_views_to_the_snippet_but_counts_what_is_not_found() -> None:
    async def run() -> list[tuple[Any, ...]]:
        shown, missing = page(), page(404)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await (missing if scope["path"] == "/gone" else shown)(scope, receive, send)

        site = counting(app, collect="script")
        first, second = await request(site), await request(site, "/gone")
        assert first.tally == 'ignored; collect="script": left to the snippet'
        assert second.tally == "counted; not found"
        return await ask(site, ["pageviews", "visits", "misses"])

    assert asyncio.run(run()) == [(0, 0, 1)]


def test_without_debug_no_response_says_what_was_counted() -> None:
    reply = asyncio.run(request(counting(debug=False)))
    assert reply.headers == {
        "content-type": "text/html; charset=utf-8",
        "server-timing": "tally",
    }


def test_excluded_paths_are_left_out_and_the_snippet_is_told() -> None:
    async def run() -> list[Any]:
        site = counting(exclude=("/admin/*", "/health"))
        replies = [await request(site, path) for path in ("/admin/users", "/health", "/healthy")]
        return [(reply.tally, reply.headers["server-timing"]) for reply in replies]

    assert asyncio.run(run()) == [
        ("ignored; excluded", "no-tally"),
        ("ignored; excluded", "no-tally"),
        (ENTRY, "tally"),
    ]


def test_a_function_excludes_by_the_scope() -> None:
    async def run() -> list[str | None]:
        site = counting(exclude=lambda scope: scope.get("staff", False))
        return [(await request(site, staff=staff)).tally for staff in (True, False)]

    assert asyncio.run(run()) == ["ignored; excluded", ENTRY]


def test_what_is_left_out_is_counted_by_reason_and_an_objection_is_not() -> None:
    async def run() -> tuple[Any, Any]:
        site = counting(exclude=("/admin",))
        await request(site, "/admin")
        await request(site, headers=navigated(user_agent="curl/8"))
        await request(site, headers=navigated(user_agent="Wget/1.21"))
        await request(site, headers=navigated(sec_purpose="prefetch"))
        await request(site, headers=navigated(sec_gpc="1", user_agent="curl/8"))
        return (
            await ask(site, ["ignored"], "day", "left_out"),
            await ask(site, ["pageviews", "ignored"]),
        )

    assert asyncio.run(run()) == ([("bot", 2), ("excluded", 1), ("prefetch", 1)], [(0, 4)])


def test_a_departure_belongs_to_the_page_before_and_a_reload_is_none() -> None:
    internal = {"sec_fetch_site": "same-origin", "referer": "https://example.org/"}

    async def run() -> list[tuple[Any, ...]]:
        site = counting(listed=("/a",))
        await request(site)
        await request(site, "/a", navigated(**internal))
        await request(site, "/a", navigated(**internal, cache_control="max-age=0"))
        return await ask(site, ["pageviews", "visits", "departures"], "day", "path")

    assert asyncio.run(run()) == [("/a", 2, 0, 0), ("/", 1, 1, 1)]


async def named(site: App, *paths: str, by: str = "path", **rest: Any) -> list[tuple[Any, ...]]:
    """The page views by name, after a view of each path; `?` divides path and query."""
    for each in paths:
        path, _, query = each.partition("?")
        await request(site, path, query=query, **rest)
    return await ask(site, ["pageviews" if by == "path" else "misses"], "day", by)


def test_templates_of_the_settings_name_all_paths_that_match() -> None:
    site = counting(templates=("/users/{id}",))
    found = asyncio.run(named(site, "/users/anna", "/users/ben", "/users/ben/posts"))
    assert found == [("/users/{id}", 2), ("(unlisted)", 1)]


def test_listed_paths_have_a_name_at_once_and_are_minimised_all_the_same() -> None:
    site = counting(listed=("/about", "/blog/*"))
    paths = ("/about", "/blog/a", "/blog/john@example.com", "/other")
    assert asyncio.run(named(site, *paths)) == [
        ("(unlisted)", 1),
        ("/about", 1),
        ("/blog/a", 1),
        ("/blog/{email}", 1),
    ]


def test_a_path_has_a_name_from_its_third_view_on() -> None:
    found = asyncio.run(named(counting(), *["/a"] * 5))
    assert found == [("/a", 3), ("(unlisted)", 2)]


def test_named_query_parameters_are_part_of_the_path_and_others_are_dropped() -> None:
    site = counting(query=("q",), admit_after=2)
    found = asyncio.run(named(site, "/s?q=shoes&page=2", "/s?q=shoes", "/s?sort=up", "/s"))
    assert found == [("(unlisted)", 2), ("/s", 1), ("/s?q=shoes", 1)]


async def show(request: Request) -> Response:
    return HTMLResponse("<p>Hello.")


ROUTES = [
    Route("/", show),
    Route("/pricing", show),
    Route("/people/{id:int}", show),
    Route("/posts/{slug}", show),
    Mount("/shop", routes=[Route("/", show), Route("/cart", show), Route("/{item}", show)]),
]


def site_of(**options: Any) -> App:
    """A Starlette application with the middleware as its users add it."""
    app = Starlette(routes=ROUTES)
    app.add_middleware(
        AnalyticsMiddleware, store="memory://", password=PASSWORD, debug=True, **options
    )
    return app


def test_static_routes_have_a_name_at_once_mounts_included() -> None:
    found = asyncio.run(named(site_of(), "/", "/pricing", "/shop/", "/shop/cart"))
    assert found == [("/", 1), ("/pricing", 1), ("/shop/", 1), ("/shop/cart", 1)]


def test_numbers_and_uuids_count_as_their_route() -> None:
    uuid = "7b1d9c1e-3b1f-4f55-9a54-0c3d6f1f2a77"
    found = asyncio.run(named(site_of(), "/people/7", "/posts/12", f"/shop/{uuid}", "/posts/hello"))
    assert found == [
        ("(unlisted)", 1),
        ("/people/{id}", 1),
        ("/posts/{slug}", 1),
        ("/shop/{item}", 1),
    ]


def test_paths_route_counts_every_path_as_its_route() -> None:
    site = site_of(paths="route")
    found = asyncio.run(named(site, "/posts/hello", "/posts/bye", "/shop/tea", "/shop/cart"))
    assert found == [("/posts/{slug}", 2), ("/shop/cart", 1), ("/shop/{item}", 1)]


def test_an_application_mounted_below_a_path_counts_by_the_whole_path() -> None:
    site = Starlette(routes=[Mount("/app", site_of())])

    async def run() -> list[tuple[Any, ...]]:
        for path in ("/app/", "/app/pricing", "/app/shop/cart"):
            assert (await request(site, path)).tally == ENTRY
        mounted = site.routes[0].app  # type: ignore[attr-defined]
        return await ask(mounted, ["pageviews"], "day", "path")

    assert asyncio.run(run()) == [("/app/", 1), ("/app/pricing", 1), ("/app/shop/cart", 1)]


def test_not_found_is_counted_with_who_linked_to_it() -> None:
    linked = navigated(sec_fetch_site="cross-site", referer="https://news.example/today")

    async def run() -> tuple[Any, Any]:
        site = counting(page(404))
        for _ in range(16):
            await request(site, "/gone", linked)
        alone = await ask(site, ["misses"], "day", "not_found")
        crossed = await ask(site, ["misses"], "month", "path", "not_found")
        return alone, crossed

    alone, crossed = asyncio.run(run())
    assert alone == [("/gone", 14), ("(unlisted)", 2)]
    assert crossed == [("news.example", "/gone", 14)]


def test_pages_of_a_shared_cache_that_no_snippet_reports_are_warned_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> Any:
        site = counting(page(headers={"cache-control": "public, max-age=60"}))
        for _ in range(2 * UNSEEN_AFTER):
            await request(site)
        return (await api(site, "health"))[1]["warnings"]

    assert asyncio.run(run()) == [UNSEEN]
    assert caplog.text.count(UNSEEN) == 1


def test_a_form_that_another_site_posts_to_us_is_a_visit_though_it_looks_like_a_reload() -> None:
    sent = navigated(sec_fetch_site="cross-site", cache_control="max-age=0")
    assert told("/paid", None, headers=sent, method="POST") == ENTRY
    assert told("/paid", None, headers=sent) == VIEW


def test_a_page_of_another_host_of_ours_that_hides_its_path_is_no_page_before() -> None:
    async def run() -> Any:
        site = counting(site=Site("shop", hosts=("blog.example.org",)))
        sent = navigated(sec_fetch_site="same-site", referer="https://blog.example.org/")
        await request(site, "/", sent)
        return await ask(site, ["pageviews", "visits", "departures"])

    assert asyncio.run(run()) == [(1, 0, 0)]
