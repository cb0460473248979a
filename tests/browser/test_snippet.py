"""The snippet in Chromium: what it says, what it never does, and what it puts up with."""

import gzip
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from navigations import Counts
from playwright.sync_api import Browser, BrowserContext
from serving import Site, site, until
from visiting import Visitor, visiting

SNIPPET = Path(__file__).parents[2] / "js" / "tally.js"
BUDGET = 760
"""Bytes, as `gzip -9` makes them."""

NONE = Counts()._asdict()
ONE = Counts(1, 1, 1, 1)._asdict()

Visit = Callable[..., AbstractContextManager[Visitor]]


@pytest.fixture
def visit(browsers: dict[str, Browser], other: str, tmp_path: Path) -> Visit:
    """A visitor with a fresh profile on a site with these settings.

    `before` runs in each page before its own scripts; `browser` are options of the profile.
    """

    @contextmanager
    def start(
        before: str = "", browser: dict[str, Any] | None = None, **settings: Any
    ) -> Iterator[Visitor]:
        with ExitStack() as stack:
            shown = stack.enter_context(site(tmp_path, other, **settings))
            context = stack.enter_context(browsers["bfcache"].new_context(**(browser or {})))
            if before:
                context.add_init_script(before)
            yield stack.enter_context(visiting(context, shown))

    return start


def counted(visitor: Visitor, expected: dict[str, int]) -> None:
    """The site's counts become these, and stay these when everything has arrived."""
    until(visitor.site.total, lambda found: found == expected)
    visitor.settle()
    assert visitor.site.total() == expected


def beacons(shown: Site, number: int) -> list[Any]:
    """What this many beacons said."""
    return [one.beacon for one in until(lambda: shown.beacons, lambda all_: len(all_) == number)]


def test_the_snippet_is_as_small_as_we_say() -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(SNIPPET.name, "wb", 9, packed) as file:
        file.write(SNIPPET.read_bytes())
    assert len(packed.getvalue()) <= BUDGET


def test_the_snippet_is_served_as_it_is(visit: Visit) -> None:
    with visit() as visitor:
        visitor.type("/")
        body = visitor.page.request.get(visitor.site.base + "/_tally/tally.js").body()
    assert body == SNIPPET.read_bytes()


@pytest.mark.parametrize("collect", ["server", "script"])
def test_nothing_stays_in_the_browser_and_nothing_goes_to_another_host(
    visit: Visit, collect: str
) -> None:
    asked: list[str] = []
    with visit(collect=collect) as visitor:
        visitor.context.on("request", lambda request: asked.append(request.url))
        for path in ("/", "/pricing", "/app/", "/stats/privacy"):
            visitor.type(path)
        visitor.type("/")
        visitor.follow("/app/")
        visitor.follow("/app/reports")
        visitor.settle()
        left = visitor.page.evaluate(
            """async () => ({
                local: localStorage.length,
                session: sessionStorage.length,
                databases: (await indexedDB.databases()).length,
                caches: (await caches.keys()).length,
                workers: (await navigator.serviceWorker.getRegistrations()).length,
                cookie: document.cookie,
            })"""
        )
        assert left == {
            "local": 0,
            "session": 0,
            "databases": 0,
            "caches": 0,
            "workers": 0,
            "cookie": "",
        }
        assert visitor.context.cookies() == []
        assert {urlsplit(url).netloc for url in asked} == {urlsplit(visitor.site.base).netloc}
        assert [one.path for one in visitor.site.asked if "cookie" in one.headers] == []


def test_no_validator_comes_back_with_the_snippet(visit: Visit) -> None:
    with visit() as visitor:
        visitor.type("/")
        visitor.reload()
        visitor.settle()
        names = {
            name
            for one in visitor.site.asked
            if one.path.startswith("/_tally/")
            for name in one.headers
        }
    assert names & {"if-none-match", "if-modified-since", "cookie", "authorization"} == set()


def test_a_beacon_carries_no_cookie_even_where_the_site_has_one(visit: Visit) -> None:
    with visit() as visitor:
        visitor.context.add_cookies(
            [{"name": "session", "value": "of the application", "url": visitor.site.base}]
        )
        visitor.type("/")
        counted(visitor, ONE)
        cookies = {one.path: one.headers.get("cookie") for one in visitor.site.asked}
    assert cookies["/"] == "session=of the application"
    assert cookies["/_tally/view"] is None


@pytest.mark.parametrize("collect", ["server", "script"])
@pytest.mark.parametrize(
    ("header", "signal"),
    [
        ("Sec-GPC", "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"),
        ("DNT", "Object.defineProperty(navigator, 'doNotTrack', { value: '1' })"),
    ],
)
def test_who_objects_is_neither_counted_nor_sends_anything(
    visit: Visit, header: str, signal: str, collect: str
) -> None:
    with visit(signal, {"extra_http_headers": {header: "1"}}, collect=collect) as visitor:
        visitor.type("/app/")
        visitor.follow("/app/reports")
        visitor.follow("/pricing")
        visitor.type("/nothing-here")
        visitor.settle()
        assert visitor.site.total() == NONE
        assert visitor.site.left_out() == {}
        assert visitor.site.beacons == []


def test_do_not_track_that_is_switched_off_is_no_objection(visit: Visit) -> None:
    unset = "Object.defineProperty(navigator, 'doNotTrack', { value: 'unspecified' })"
    with visit(unset) as visitor:
        visitor.type("/")
        counted(visitor, ONE)


def test_a_strict_policy_has_nothing_to_complain_of(visit: Visit) -> None:
    complaints: list[str] = []
    with visit() as visitor:
        visitor.context.on("console", lambda message: complaints.append(message.text))
        visitor.context.on("weberror", lambda error: complaints.append(str(error.error)))
        policy = visitor.page.goto(visitor.site.base + "/")
        assert policy is not None
        assert "unsafe" not in policy.headers["content-security-policy"]
        assert policy.headers["content-security-policy"].startswith("default-src 'self'")
        visitor.follow("/app/")
        visitor.follow("/app/reports")
        visitor.back("/app/")
        counted(visitor, Counts(4, 1, 4, 1, 1, 2)._asdict())
    assert complaints == []


def test_a_beacon_says_its_five_things(visit: Visit) -> None:
    with visit() as visitor:
        visitor.come_from_elsewhere("/app/")
        visitor.follow("/app/reports")
        said = beacons(visitor.site, 2)
        base, other = visitor.site.base, visitor.site.other
    assert said == [
        {"u": "/app/", "r": f"{other}/", "n": "navigate", "k": "enter", "c": True},
        {"u": "/app/reports", "r": f"{base}/app/", "n": "route", "k": "second"},
    ]


def test_a_beacon_says_no_more_than_the_settings_allow(visit: Visit) -> None:
    with visit(sends=()) as visitor:
        visitor.type("/")
        assert beacons(visitor.site, 1) == [{"u": "/", "c": True}]


def test_parameters_and_fragments_do_not_leave_the_page(visit: Visit) -> None:
    with visit() as visitor:
        visitor.type("/search?q=secret&utm_source=letter&token=hidden#private")
        visitor.script("location.assign('/about?token=hidden')", "/about")
        first, second = beacons(visitor.site, 2)
        assert first["u"] == "/search&utm_source=letter"
        assert (second["u"], second["r"]) == (
            "/about",
            f"{visitor.site.base}/search&utm_source=letter",
        )


def test_a_parameter_that_the_site_keeps_is_part_of_the_path(visit: Visit) -> None:
    with visit(query=("q",), collect="script", admit_after=1) as visitor:
        visitor.type("/search?page=2&q=cheese&token=hidden")
        assert [one["u"] for one in beacons(visitor.site, 1)] == ["/search&q=cheese"]
        counted(visitor, ONE)
        assert list(visitor.site.pages()) == ["/search?q=cheese"]


def test_an_ampersand_in_a_path_belongs_to_the_path(visit: Visit) -> None:
    with visit(collect="script") as visitor:
        visitor.type("/lab/fish&chips?utm_source=letter")
        counted(visitor, ONE)
        assert list(visitor.site.pages()) == ["/lab/fish&chips"]


def test_a_very_long_address_is_not_lost(visit: Visit) -> None:
    long = "x" * 3000
    with visit(collect="script") as visitor:
        visitor.type(f"/search?utm_source={long}&utm_campaign={long}")
        visitor.script(f"location.assign('/about?utm_source={long}')", "/about")
        counted(visitor, Counts(2, 1, 2, 1, 1, 1)._asdict())
        assert max(len(one.body) for one in visitor.site.beacons) <= 1024


def test_timings_of_the_application_are_not_taken_for_ours(visit: Visit) -> None:
    with visit() as visitor:
        visitor.type("/lab/talkative")
        counted(visitor, ONE)
        assert [one["c"] for one in beacons(visitor.site, 1)] == [False]


NO_TIMINGS = {
    "no timings of the server": "delete PerformanceResourceTiming.prototype.serverTiming",
    "no timings": "performance.getEntriesByType = () => []",
}


@pytest.mark.parametrize("before", NO_TIMINGS.values(), ids=NO_TIMINGS.keys())
def test_where_the_browser_shows_no_mark_a_load_is_taken_as_counted(
    visit: Visit, before: str
) -> None:
    with visit(before) as visitor:
        visitor.type("/")
        counted(visitor, ONE)


def test_routes_are_seen_without_the_navigation_api(visit: Visit) -> None:
    older = "Object.defineProperty(window, 'navigation', { value: undefined })"
    with visit(older) as visitor:
        visitor.type("/app/")
        visitor.follow("/app/reports")
        counted(visitor, Counts(2, 1, 2, 1, 0, 1)._asdict())


def test_a_page_without_a_current_entry_is_counted(visit: Visit) -> None:
    with visit("Object.defineProperty(navigation, 'currentEntry', { value: null })") as visitor:
        visitor.type("/")
        counted(visitor, ONE)


def test_what_identifies_an_entry_of_the_history_is_never_read(visit: Visit) -> None:
    trap = """for (const name of ["key", "id"]) {
        Object.defineProperty(NavigationHistoryEntry.prototype, name, {
            get() { throw Error(name); },
        });
    }"""
    with visit(trap) as visitor:
        visitor.type("/app/")
        visitor.follow("/app/reports")
        visitor.back("/app/")
        counted(visitor, Counts(3, 1, 3, 1, 1, 1)._asdict())


def test_no_function_of_the_page_is_replaced(visit: Visit) -> None:
    functions = "[history.pushState, history.replaceState, fetch, addEventListener].map(String)"
    with visit() as visitor:
        visitor.type("/app/")
        counted(visitor, ONE)
        texts = visitor.page.evaluate(functions)
    assert [text.endswith("{ [native code] }") for text in texts] == [True] * 4


@pytest.mark.parametrize("status", [400, 500, None])
def test_a_failing_collector_does_not_disturb_the_page(visit: Visit, status: int | None) -> None:
    errors: list[str] = []
    with visit() as visitor:
        visitor.context.on("weberror", lambda error: errors.append(str(error.error)))
        fail(visitor.context, status)
        visitor.type("/app/")
        visitor.follow("/app/reports")
        visitor.settle()
        assert visitor.page.locator("h1").locator("visible=true").text_content() == "Reports"
    assert errors == []


def fail(context: BrowserContext, status: int | None) -> None:
    """Answer every beacon with this status, or not at all."""
    context.route(
        "**/_tally/view",
        lambda route: route.abort() if status is None else route.fulfill(status=status),
    )
