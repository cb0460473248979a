"""The receipt: what it says is what is counted, and asking for it changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from firstparty import AnalyticsMiddleware, Dimension
from firstparty.assets import SECURITY
from firstparty.metrics import COUNTED
from firstparty.receipt import LATER, Receipt
from firstparty.scales import SERVED
from tests.driving import CHROME, FIREFOX, NAVIGATION, Reply, api, counting, request

NOW = 1_795_439_100.0
AT = {
    "minute": "2026-11-23T14:05+01:00",
    "hour": "2026-11-23T14:00+01:00",
    "day": "2026-11-23",
    "month": "2026-11",
    "crossed": "2026-11",
}
"""The periods of that moment in Paris."""

PLAN = Dimension(name="plan", values=("free", "team"), source=lambda seen: seen.scope["plan"])


def site(received: list[Receipt] | None = None, times: int = 1, **options: Any) -> Any:
    """A site in Paris, whose pages take their own receipt, so many times."""

    async def page(asked: Request) -> Response:
        for _ in range(times):
            found = asked.state.analytics.receipt()
            if received is not None:
                received.append(found)
        return HTMLResponse("<p>Hello.")

    paths = ("/", "/pricing", "/people/{id:int}", "/account/{token:path}", "/admin/{rest:path}")
    routes = [Route(path, page, methods=["GET", "POST"]) for path in (*paths, "/blog/{post}")]
    return counting(
        Starlette(routes=routes),
        clock=lambda: NOW,
        timezone="Europe/Paris",
        listed=("/blog/*",),
        exclude=("/admin/*",),
        dimensions=(PLAN,),
        **options,
    )


def counts(middleware: AnalyticsMiddleware) -> Counter[tuple[str, ...]]:
    """All that is counted, number by number: nothing has been flushed yet."""
    found = Counter[tuple[str, ...]]()
    for key, vector in middleware.flusher.waiting().items():
        value = LATER if key.dimension == "served" and key.value in SERVED.labels else key.value
        place = (key.period.replace("crossed", "month"), AT[key.period], key.dimension, value)
        for metric, number in zip(COUNTED, vector, strict=True):
            found[*place, key.path, metric] += number
    return +found


def told(found: Receipt) -> Counter[tuple[str, ...]]:
    """The same numbers, out of a receipt."""
    return Counter(
        {
            (row.period, row.at, row.dimension, row.value, row.page, metric): number
            for row in found.counts
            for metric, number in row.metrics.items()
        }
    )


INTERNAL = {"sec-fetch-site": "same-origin", "referer": "https://example.org/account/before"}
KINDS: dict[str, dict[str, str]] = {
    "typed in": {},
    "from a known site": {"sec-fetch-site": "cross-site", "referer": "https://www.google.com/"},
    "from another": {"sec-fetch-site": "cross-site", "referer": "https://news.example/a"},
    "from spam": {"sec-fetch-site": "cross-site", "referer": "https://semalt.com/"},
    "internal": INTERNAL,
    "internal, from a page with a name": {**INTERNAL, "referer": "https://example.org/pricing"},
    "reload": {"cache-control": "max-age=0"},
    "with another browser": {"user-agent": FIREFOX, "accept-language": "fr"},
    "machine": {"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"},
    "machine that says nothing more": {
        **dict.fromkeys(("sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "accept"), ""),
        "user-agent": "curl/8.5.0",
    },
    "pretender": {"sec-fetch-dest": "", "sec-fetch-site": ""},
    "objects": {"sec-gpc": "1"},
    "objects in the older way": {"dnt": "1", "user-agent": "curl/8.5.0"},
    "prefetch": {"sec-purpose": "prefetch"},
    "fetched by a script": {"sec-fetch-dest": "empty"},
}
PATHS = (
    "/",
    "/pricing",
    "/people/7",
    "/account/some-text",
    "/account/before",
    "/account/1234567890",
    "/account/9876543210",
    "/blog/first",
    "/admin/x",
)
QUERIES = ("", "utm_source=newsletter&utm_campaign=spring", "utm_source=google&gclid=1")


def headers_of(kind: str) -> dict[str, str]:
    changed = {**NAVIGATION, **KINDS[kind]}
    return {name: value for name, value in changed.items() if value}


requests = st.lists(
    st.tuples(st.sampled_from(PATHS), st.sampled_from(sorted(KINDS)), st.sampled_from(QUERIES)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(requests, st.sampled_from(["server", "script"]))
def test_a_receipt_is_what_the_counts_grow_by(
    asked: list[tuple[str, str, str]], collect: str
) -> None:
    async def run() -> None:
        received = list[Receipt]()
        app = site(received, collect=collect)
        for path, kind, query in asked:
            before = counts(app)
            reply = await request(app, path, headers_of(kind), query=query, plan="team")
            assert counts(app) - before == told(received[-1])
            assert reply.tally in {None, received[-1].said}
        await app.flusher.stop()

    asyncio.run(run())


def once(path: str = "/pricing", /, kind: str = "typed in", **options: Any) -> Receipt:
    """The receipt that a page takes of its own first request."""

    async def run() -> Receipt:
        received = list[Receipt]()
        app = site(received, **options)
        await request(app, path, headers_of(kind), plan="team")
        await app.flusher.stop()
        return received[0]

    return asyncio.run(run())


def test_the_receipt_of_an_entry_tells_the_site_its_page_and_all_it_is_counted_with() -> None:
    omit = ("served", "browser", "os", "device", "channel", "source", "referrer")
    both = {"pageviews": 1, "visits": 1}

    def row(period: str, dimension: str, value: str, page: str = "") -> dict[str, Any]:
        return {
            "period": period,
            "at": AT[period],
            "dimension": dimension,
            "value": value,
            "page": page,
            "metrics": both,
        }

    found = once("/pricing", omit=omit)
    counted = [
        *(row(period, "", "") for period in ("minute", "hour", "day", "month")),
        *(row(period, "path", "/pricing") for period in ("hour", "day", "month")),
        *(row(period, "language", "en") for period in ("day", "month")),
        row("month", "language", "en", "/pricing"),
        *(row(period, "plan", "team") for period in ("day", "month")),
        row("month", "plan", "team", "/pricing"),
    ]
    assert found.json() == {"said": "counted; visit", "counts": counted}


def test_what_the_answer_takes_is_not_known_before_it_is_given() -> None:
    rows = [row for row in once().counts if row.dimension == "served"]
    assert {(row.value, *row.metrics) for row in rows} == {(LATER, "pageviews")}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("objects", "ignored; objects"),
        ("objects in the older way", "ignored; objects"),
        ("fetched by a script", "ignored; not a page that is opened"),
    ],
)
def test_who_is_not_counted_at_all_gets_a_receipt_of_nothing(kind: str, said: str) -> None:
    assert once("/", kind) == Receipt(said)


def test_what_is_left_to_the_snippet_is_no_count_of_this_request() -> None:
    said = 'ignored; collect="script": left to the snippet'
    assert once(collect="script") == Receipt(said)


def test_what_is_left_out_is_told_with_its_reason() -> None:
    found = once("/", "prefetch")
    rows = {(row.period, row.dimension, row.value) for row in found.counts if row.dimension}
    assert found.said == "ignored; prefetch"
    assert rows == {("day", "left_out", "prefetch"), ("month", "left_out", "prefetch")}


def test_asking_a_hundred_times_gives_no_text_a_name() -> None:
    async def run() -> list[str]:
        received = list[Receipt]()
        app = site(received, times=100)
        for _ in range(4):
            await request(app, "/account/some-text", plan="free")
        await app.flusher.stop()
        return [
            next(row.value for row in found.counts if row.dimension == "path") for found in received
        ]

    names = asyncio.run(run())
    assert names == ["(unlisted)"] * 200 + ["/account/some-text"] * 200


def test_an_exclude_that_raises_leaves_the_page_and_its_receipt_whole() -> None:
    def fails(scope: Any) -> bool:
        raise RuntimeError

    async def run() -> tuple[int, list[Receipt]]:
        received = list[Receipt]()

        async def page(asked: Request) -> Response:
            received.append(asked.state.analytics.receipt())
            return HTMLResponse("<p>Hello.")

        app = counting(Starlette(routes=[Route("/", page)]), exclude=fails)
        status = (await request(app)).status
        await app.flusher.stop()
        return status, received

    status, (received,) = asyncio.run(run())
    assert (status, received.said) == (200, "ignored; excluded")


# For everybody.


ASKED = {
    **NAVIGATION,
    "sec-fetch-site": "same-origin",
    "referer": "https://example.org/stats/privacy",
    "cache-control": "max-age=0",
}
"""What Chrome sends for the link on the transparency page, reloaded."""


async def asked(
    app: AnalyticsMiddleware,
    path: str | None = "/pricing",
    headers: dict[str, str] = ASKED,
    root: str = "",
    **rest: Any,
) -> Reply:
    query = "" if path is None else urlencode({"path": path})
    path = root + "/stats/receipt"
    return await request(app, path, headers, query=query, root_path=root, **rest)


def given_to(*args: Any, options: Any = None, before: Callable[[Any], Any] | None = None) -> Any:
    """The status and the JSON of an open receipt."""

    async def run() -> Any:
        app = site(**(options or {}))
        await request(app, "/stats/privacy")  # so that it has learned the application's routes
        if before is not None:
            await before(app)
        reply = await asked(app, *args)
        await app.flusher.stop()
        return reply.status, json.loads(reply.body)

    return asyncio.run(run())


def in_json(found: Receipt) -> list[dict[str, Any]]:
    """Its counts, without those that only the application knows of."""
    return [row for row in found.json()["counts"] if row["dimension"] != "plan"]


@pytest.mark.parametrize(
    "kind", ["typed in", "with another browser", "machine", "pretender", "objects"]
)
def test_everybody_may_ask_and_is_told_what_typing_the_address_adds(kind: str) -> None:
    headers = {**headers_of(kind), "referer": "https://example.org/stats/privacy"}
    status, answer = given_to("/pricing", headers)
    really = once("/pricing", kind)
    assert (status, answer["said"], answer["counts"]) == (200, really.said, in_json(really))


def test_a_script_that_fetches_the_receipt_gets_the_same() -> None:
    fetched = {**NAVIGATION, "accept": "*/*", "sec-fetch-dest": "empty", "sec-fetch-mode": "cors"}
    assert given_to("/pricing", fetched) == given_to("/pricing")


def test_each_count_is_explained_in_one_sentence() -> None:
    options = {"omit": ("served", "browser", "os", "device", "source", "referrer", "language")}
    _, answer = given_to("/pricing", options=options)
    assert answer["explained"] == [
        "The site had one more page view and one more visit in the minute that began at 14:05.",
        "The site had one more page view and one more visit in the hour that began at 14:00.",
        "The site had one more page view and one more visit on 2026-11-23.",
        "The site had one more page view and one more visit in the month 2026-11.",
        "/pricing had one more page view and one more visit in the hour that began at 14:00.",
        "/pricing had one more page view and one more visit on 2026-11-23.",
        "/pricing had one more page view and one more visit in the month 2026-11.",
        "In “Channels”, Direct had one more visit on 2026-11-23.",
        "In “Channels”, Direct had one more visit in the month 2026-11.",
        "In “Channels”, Direct had one more visit in the month 2026-11, on the page /pricing.",
    ]


def paths_in(answer: Any) -> set[str]:
    return {row["value"] for row in answer["counts"] if row["dimension"] == "path"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "/"),
        ("/people/7", "/people/{id}"),
        ("/blog/first", "/blog/first"),
        ("/pricing#plans", "/pricing"),
        ("/%70ricing", "/pricing"),
        ("/account/some-text", "(unlisted)"),
        ("/nowhere", "(unlisted)"),
        (None, "/"),
    ],
)
def test_a_page_has_the_name_that_the_application_gives_it(path: str | None, name: str) -> None:
    assert paths_in(given_to(path)[1]) == {name}


def test_the_receipt_does_not_tell_whether_others_were_there() -> None:
    async def visited(app: Any) -> None:
        for _ in range(5):
            await request(app, "/account/some-text", query="utm_source=letter", plan="free")

    path = "/account/some-text?utm_source=letter"
    status, answer = given_to(path, before=visited)
    assert (status, answer) == given_to(path)
    assert paths_in(answer) == {"(unlisted)"}
    values = {row["value"] for row in answer["counts"] if row["dimension"].startswith("utm")}
    assert values == {"(unlisted)"}
    sentences = [text for text in answer["explained"] if text.startswith("(unlisted)")]
    start = "(unlisted), or its own name if that has been seen often enough, had one more page view"
    assert [text for text in sentences if not text.startswith(start)] == []
    assert len(sentences) == 3


def test_a_text_that_has_its_name_at_its_first_sighting_is_told_with_it() -> None:
    answer = given_to("/account/some-text", options={"admit_after": 1})[1]
    assert paths_in(answer) == {"/account/some-text"}


def test_asking_changes_nothing() -> None:
    async def run() -> None:
        app = site()
        names = app.analytics.counting.names
        for path, kind in (("/account/a", "typed in"), ("/nowhere", "internal"), ("/", "machine")):
            await request(app, path, headers_of(kind), plan="free")
        counted, health = counts(app), await api(app, "health")
        known, waiting = repr(dict(names._known)), repr(dict(names._waiting))
        for path in ("/", "/blog/new", "/account/a", "/nowhere", "/admin/x", "nothing"):
            for kind in KINDS:
                await asked(app, path, headers_of(kind))
        assert (counts(app), await api(app, "health")) == (counted, health)
        assert (repr(dict(names._known)), repr(dict(names._waiting))) == (known, waiting)
        await app.flusher.stop()

    asyncio.run(run())


def test_a_dimension_that_fails_without_the_application_is_no_news(
    caplog: pytest.LogCaptureFixture,
) -> None:
    status, answer = given_to()
    assert (status, caplog.records) == (200, [])
    assert "plan" not in {row["dimension"] for row in answer["counts"]}


@pytest.mark.parametrize("path", ["", "pricing", "https://example.org/", "/" + "a" * 2048])
def test_what_is_no_path_is_refused_with_a_sentence(path: str) -> None:
    sentence = "path is at most 2048 characters, and begins with /, as /pricing"
    assert given_to(path) == (400, {"error": sentence})


@pytest.mark.parametrize("path", ["/stats", "/stats/privacy", "/%73tats/", "/_tally/view"])
def test_pages_of_ours_add_nothing(path: str) -> None:
    nothing = {"said": "ignored; not a page of the application", "counts": [], "explained": []}
    assert given_to(path) == (200, nothing)


def test_below_a_root_the_pages_of_that_root_are_the_applications() -> None:
    ours, theirs, first = (
        given_to(path, ASKED, "/shop")[1] for path in ("/shop/stats/", "/other", None)
    )
    assert {ours["said"], theirs["said"]} == {"ignored; not a page of the application"}
    assert first["said"] == "counted; visit"


def test_excluded_pages_are_told_to_be() -> None:
    assert given_to("/admin/x")[1]["said"] == "ignored; excluded"


@pytest.mark.parametrize("password", ["p", None])
def test_the_receipt_is_open_and_kept_by_no_cache(password: str | None) -> None:
    async def run() -> Reply:
        app = site(password=password, authorize=lambda _: False)
        reply = await asked(app, "/", {"user-agent": CHROME})
        await app.flusher.stop()
        return reply

    reply = asyncio.run(run())
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
    assert {name: reply.headers.get(name) for name in SECURITY} == SECURITY
    assert not {"etag", "last-modified", "set-cookie"} & set(reply.headers)


def test_the_transparency_page_links_to_the_receipt() -> None:
    reply = asyncio.run(request(counting(), "/stats/privacy"))
    assert '<a href="receipt">' in reply.body.decode()
