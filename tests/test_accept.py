"""Calls of other tools' clients: what they say in our fields, and what they add."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route

from firstparty import AnalyticsMiddleware
from firstparty.accept import GIF, TOOLS, Answer, Call, Fields, Left, Peer
from firstparty.accept.goatcounter import PEER as GOATCOUNTER
from firstparty.accept.matomo import PEER as MATOMO
from firstparty.accept.plausible import PEER as PLAUSIBLE
from firstparty.accept.umami import PEER as UMAMI
from firstparty.beacon import BeaconError, Report, understood
from tests import driving
from tests import wsgi_driving as wsgi
from tests.driving import BEACON, HOST, NAVIGATION, Reply, api, ask, counting, request

OWN = f"https://{HOST}"
ALL = tuple(TOOLS)
COUNTS = ["pageviews", "visits", "departures", "confirmed", "confirmed_visits", "continued"]
ADDRESSES = {
    "plausible": "/_tally/plausible/api/event",
    "umami": "/_tally/umami/api/send",
    "goatcounter": "/_tally/goatcounter/count",
    "matomo": "/_tally/matomo/matomo.php",
}


def said(peer: Peer, *, body: object = None, page: str = "", **query: str) -> list[Fields | Left]:
    """What one call says. `body` is its JSON, or its bytes."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return [*peer.read(Call(urlencode(query), raw, page))]


def umami(kind: str = "event", **payload: object) -> dict[str, object]:
    return {"type": kind, "payload": {"website": "w", "hostname": HOST, **payload}}


def opened(u: str, r: str = "", **more: object) -> dict[str, object]:
    """A page that was opened: the server has counted it, if it counts."""
    return {"u": u, "r": r, "n": "navigate", "k": "enter", "c": True, **more}


def did(u: str, v: str, **p: object) -> dict[str, object]:
    return {"e": "event", "u": u, "v": v, "p": p}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param(
            {"n": "pageview", "u": f"{OWN}/a?utm_source=x#part", "d": HOST, "r": None, "v": 36},
            [opened("/a?utm_source=x")],
            id="a page view of the package",
        ),
        pytest.param(
            {"name": "pageview", "url": f"{OWN}/a", "domain": HOST, "referrer": "https://b.test/"},
            [opened("/a", "https://b.test/")],
            id="a page view of the Events API",
        ),
        pytest.param(
            {"n": "pageview", "u": f"{OWN}/app?a=1#/b?c=2", "d": HOST, "h": 1},
            [opened("/app?a=1#/b")],
            id="a route behind #",
        ),
        pytest.param({"n": "pageview", "u": OWN}, [opened("/")], id="a host alone"),
        pytest.param(
            {"n": "Signup", "u": f"{OWN}/a", "p": {"plan": "pro"}, "$": {"amount": 3}, "i": False},
            [did("/a", "Signup", plan="pro")],
            id="an event, without what was paid",
        ),
        pytest.param(
            {"n": "Signup", "u": f"{OWN}/a", "p": '{"plan": "pro", "paid": true}'},
            [did("/a", "Signup", plan="pro", paid=True)],
            id="an event whose properties are a text, as the older package sends them",
        ),
        pytest.param(
            {"n": "Signup", "u": f"{OWN}/a", "meta": {"plan": "pro"}},
            [did("/a", "Signup", plan="pro")],
            id="an event of an older version",
        ),
        pytest.param(
            {"n": "Outbound Link: Click", "u": f"{OWN}/a", "p": {"url": "https://x@b.test/c?d"}},
            [{"e": "outbound", "u": "/a", "v": "b.test"}],
            id="a link that leaves",
        ),
        pytest.param(
            {"n": "File Download", "u": f"{OWN}/a", "p": {"url": f"{OWN}/f/x.pdf?key=1"}},
            [{"e": "download", "u": "/a", "v": "/f/x.pdf"}],
            id="a file",
        ),
        pytest.param(
            {"n": "404", "u": f"{OWN}/a", "r": "https://b.test/", "p": {"path": "/a"}},
            [{"e": "missing", "u": "/a", "r": "https://b.test/"}],
            id="a page that is not found",
        ),
        pytest.param(
            {"n": "engagement", "u": f"{OWN}/a", "sd": 40, "e": 3000}, [], id="how long it was read"
        ),
    ],
)
def test_a_call_of_plausible_says(body: object, fields: list[Fields]) -> None:
    assert said(PLAUSIBLE, body=body) == fields


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param(
            umami(url=f"{OWN}/a?b=c", referrer="https://b.test/", screen="1920x1080", title="A"),
            [opened("/a?b=c", "https://b.test/")],
            id="a page from elsewhere",
        ),
        pytest.param(
            umami(url=f"{OWN}/a", referrer=""),
            [opened("/a", k="later")],
            id="a page from nowhere, which may be our own",
        ),
        pytest.param(
            umami(url=f"{OWN}/b", referrer=f"{OWN}/a"),
            [{"u": "/b", "r": f"{OWN}/a", "n": "route", "k": "later"}],
            id="a route",
        ),
        pytest.param(
            umami(url="/b", referrer="/a"),
            [{"u": "/b", "r": "/a", "n": "route", "k": "later"}],
            id="a route of version 2",
        ),
        pytest.param(
            umami(url="/b", referrer=f"{OWN}/a"),
            [opened("/b", f"{OWN}/a")],
            id="a page of version 2, from a page of ours",
        ),
        pytest.param(
            umami(url="/a", referrer=""), [opened("/a")], id="a page of version 2, from nowhere"
        ),
        pytest.param(umami(url="/a"), [opened("/a", k="later")], id="a page of a program"),
        pytest.param(
            umami(name="signup", url=f"{OWN}/a", data={"plan": "pro", "revenue": 3, "more": {}}),
            [did("/a", "signup", plan="pro")],
            id="an event, without what was paid",
        ),
        pytest.param(
            umami(name="signup"), [did("/here", "signup")], id="an event that names no page"
        ),
        pytest.param(umami("identify", id="visitor-7", data={"a": 1}), [], id="who somebody is"),
    ],
)
def test_a_call_of_umami_says(body: object, fields: list[Fields]) -> None:
    assert said(UMAMI, body=body, page=f"{OWN}/here") == fields


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        pytest.param(
            {"p": "/a", "r": "https://b.test/", "t": "A", "s": "1920,1080,1", "q": "?utm_source=x"},
            [opened("/a?utm_source=x", "https://b.test/")],
            id="a page with a campaign",
        ),
        pytest.param({"p": "/a?b=1", "b": "0"}, [opened("/a?b=1")], id="a pixel"),
        pytest.param({"p": "a"}, [opened("/a")], id="a path without a slash"),
        pytest.param({"p": "signup", "e": "true"}, [did("/here", "signup")], id="an event"),
        pytest.param({"p": "/a", "b": "153"}, [Left("bot")], id="a browser that is driven"),
    ],
)
def test_a_call_of_goatcounter_says(query: dict[str, str], fields: list[Fields]) -> None:
    assert said(GOATCOUNTER, page=f"{OWN}/here", **query) == fields


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        pytest.param(
            {"url": f"{OWN}/a?b", "urlref": "https://b.test/", "_id": "0123456789abcdef"},
            [opened("/a?b", "https://b.test/")],
            id="a page",
        ),
        pytest.param({}, [opened("/here")], id="a page that is not named"),
        pytest.param(
            {"url": f"{OWN}/a", "e_c": "Video", "e_a": "play", "e_n": "Intro", "e_v": "7"},
            [did("/a", "Video: play", name="Intro")],
            id="an event, without its value",
        ),
        pytest.param(
            {"url": f"{OWN}/a", "link": "https://b.test/c"},
            [{"e": "outbound", "u": "/a", "v": "b.test"}],
            id="a link that leaves",
        ),
        pytest.param(
            {"url": f"{OWN}/a", "download": f"{OWN}/x.pdf?key=1"},
            [{"e": "download", "u": "/a", "v": "/x.pdf"}],
            id="a file",
        ),
        pytest.param(
            {"url": f"{OWN}/a", "search": "my illness", "search_cat": "help"},
            [did("/a", "Site search", category="help")],
            id="a search, without what was searched",
        ),
        pytest.param(
            {"url": f"{OWN}/a", "idgoal": "3", "revenue": "9"}, [did("/a", "Goal 3")], id="a goal"
        ),
        pytest.param({"url": f"{OWN}/a", "idgoal": "0", "ec_id": "A1"}, [], id="an order"),
        pytest.param({"url": f"{OWN}/a", "ping": "1"}, [], id="a heartbeat"),
        pytest.param({"url": f"{OWN}/a", "c_n": "banner"}, [], id="a part that was shown"),
        pytest.param(
            {"url": f"{OWN}/a", "action_name": "404/URL = %2Fa/From = "},
            [{"e": "missing", "u": "/a", "r": ""}],
            id="a page that is not found",
        ),
    ],
)
def test_a_call_of_matomo_says(query: dict[str, str], fields: list[Fields]) -> None:
    always = {"idsite": "1", "rec": "1", "res": "1920x1080", "uid": "jo", "cid": "0123456789abcdef"}
    page = f"{OWN}/here"
    assert said(MATOMO, page=page, **always, **query) == fields
    assert said(MATOMO, page=page, body=urlencode({**always, **query}).encode()) == fields
    many = {"requests": [f"?{urlencode({**always, **query})}", {**always, **query}]}
    assert said(MATOMO, page=page, body=many) == fields * 2


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *("n", "u", "d", "r", "p", "h", "name", "url", "props", "meta", "type", "payload", "data"),
        *("referrer", "requests", "urlref", "link", "download", "search", "idgoal", "e_c", "e_a"),
        *("action_name", "send_image", "q", "b", "e", "ping"),
    ]
)
LIKELY = st.sampled_from(
    ["pageview", "404", "Outbound Link: Click", "File Download", "event", "/a?b#c", "true", OWN]
)
SAID = st.dictionaries(NAMES, GARBAGE | LIKELY | st.dictionaries(NAMES, GARBAGE | LIKELY))
FIELDS = {"u", "r", "n", "k", "c", "e", "v", "p"}


@pytest.mark.parametrize("peer", [PLAUSIBLE, UMAMI, GOATCOUNTER, MATOMO], ids=ALL)
@given(
    body=st.binary(max_size=200)
    | SAID.map(lambda value: json.dumps(value).encode())
    | st.lists(SAID, max_size=3).map(lambda many: json.dumps({"requests": many}).encode()),
    query=st.text(max_size=100)
    | st.dictionaries(NAMES, st.text(max_size=40) | LIKELY).map(lambda value: urlencode(value)),
    page=st.text(max_size=40),
)
def test_whatever_a_call_says_becomes_a_beacon_or_is_an_error(
    peer: Peer, body: bytes, query: str, page: str
) -> None:
    call = Call(query, body, page)
    try:
        found = [*peer.read(call)]
    except BeaconError:
        return
    for each in found:
        if isinstance(each, Left):
            assert each.reason in {"bot", "bad beacon"}
            continue
        assert set(each) <= FIELDS
        try:
            beacon = understood(each)
        except BeaconError:
            continue
        assert beacon.page.startswith("/")
        if isinstance(beacon, Report):
            assert len(beacon.properties) <= 5
    assert peer.result is None or isinstance(peer.result(call, len(found), 0), Answer)


SECRET = "51f0c7d2a9"
"""Stands for what would tell one visitor from the others."""
IDENTIFYING: dict[str, tuple[Peer, object, dict[str, str]]] = {
    "plausible": (
        PLAUSIBLE,
        {
            "n": "Signup",
            "u": f"{OWN}/a",
            "d": SECRET,
            "v": SECRET,
            "w": SECRET,
            "k": SECRET,
            "p": {"user_id": SECRET, "email": SECRET, "uid": SECRET, "revenue": SECRET},
            "$": {"amount": SECRET, "currency": SECRET},
        },
        {},
    ),
    "umami": (
        UMAMI,
        umami(
            **dict.fromkeys(("id", "vid", "ip", "userAgent", "screen", "title", "tag"), SECRET),
            website=SECRET,
            timestamp=SECRET,
            cache=SECRET,
            session=SECRET,
            url=f"{OWN}/a",
            name="signup",
            data={"userId": SECRET, "session-id": SECRET, "revenue": SECRET},
        ),
        {},
    ),
    "goatcounter": (
        GOATCOUNTER,
        None,
        {"p": "/a", "t": SECRET, "s": SECRET, "rnd": SECRET, "session": SECRET},
    ),
    "matomo": (
        MATOMO,
        None,
        {
            **dict.fromkeys(("_id", "uid", "cid", "cip", "token_auth", "pv_id", "rand"), SECRET),
            **dict.fromkeys(("res", "cookie", "ua", "uadata", "cvar", "_cvar", "ec_id"), SECRET),
            **dict.fromkeys(("_idts", "_idvc", "_viewts", "_refts", "revenue", "e_v"), SECRET),
            **dict.fromkeys(("dimension1", "country", "city", "lat", "long", "cdt"), SECRET),
            "url": f"{OWN}/a",
            "e_c": "Form",
            "e_a": "sent",
            "search_count": SECRET,
        },
    ),
}


@pytest.mark.parametrize(("peer", "body", "query"), IDENTIFYING.values(), ids=IDENTIFYING)
def test_what_identifies_somebody_is_thrown_away(
    peer: Peer, body: object, query: dict[str, str]
) -> None:
    found = said(peer, body=body, **query)
    assert found
    assert SECRET not in repr(found)


def calls(peer: str, page: str = f"{OWN}/a", before: str = "") -> tuple[str, str, bytes]:
    """The method, the query and the body of a page view of each client."""
    if peer == "plausible":
        return "POST", "", json.dumps({"n": "pageview", "u": page, "r": before}).encode()
    if peer == "umami":
        return "POST", "", json.dumps(umami(url=page, referrer=before)).encode()
    if peer == "goatcounter":
        return "GET", urlencode({"p": page.removeprefix(OWN), "r": before}), b""
    return "GET", urlencode({"idsite": 1, "rec": 1, "url": page, "urlref": before}), b""


async def call(
    site: Any,
    peer: str,
    page: str = f"{OWN}/a",
    before: str = "",
    *,
    at: str = "",
    headers: Mapping[str, str] = BEACON,
    **more: Any,
) -> Reply:
    method, query, body = calls(peer, page, before)
    at = at or ADDRESSES[peer]
    return await request(site, at, headers, method=method, query=query, body=body, **more)


PIXEL = (200, "image/gif", GIF.body)
ANSWERS = {
    "plausible": (202, "text/plain", b"ok"),
    "umami": (200, "application/json", b"{}"),
    "goatcounter": PIXEL,
    "matomo": PIXEL,
}
OWN_PATHS = {
    "plausible": "/api/event",
    "umami": "/api/send",
    "goatcounter": "/count",
    "matomo": "/matomo.php",
}


@pytest.mark.parametrize("peer", ALL)
def test_a_page_view_is_counted_at_both_addresses_and_answered_as_the_client_expects(
    peer: str,
) -> None:
    async def run() -> tuple[list[Reply], Any]:
        site = counting(own_routes(), accept=(peer,), collect="script")
        where = (OWN_PATHS[peer], ADDRESSES[peer])
        replies = [await call(site, peer, before="https://b.test/", at=at) for at in where]
        return replies, await ask(site, COUNTS)

    replies, counts = asyncio.run(run())
    for reply in replies:
        assert (reply.status, reply.headers["content-type"], reply.body) == ANSWERS[peer]
        assert (reply.tally, reply.headers["cache-control"]) == ("counted", "no-store")
    # Entries, but no confirmed visits: of those the client cannot tell whether they continued.
    assert counts == [(2, 2, 0, 2, 0, 0)]


@pytest.mark.parametrize("peer", ALL)
def test_a_page_that_the_server_has_counted_is_confirmed_and_not_counted_twice(peer: str) -> None:
    async def run() -> tuple[str | None, Any]:
        site = counting(accept=ALL)
        await request(site, "/a")
        reply = await call(site, peer)
        return reply.tally, await ask(site, COUNTS)

    assert asyncio.run(run()) == ("confirmed", [(1, 1, 0, 1, 0, 0)])


@pytest.mark.parametrize("collect", ["server", "script"])
def test_a_route_of_umami_is_counted_with_the_page_before_it(collect: str) -> None:
    async def run() -> tuple[str | None, Any]:
        site = counting(accept=("umami",), collect=collect)
        reply = await call(site, "umami", f"{OWN}/b", f"{OWN}/a", headers=FROM_A)
        old = json.dumps(umami(url="/b", referrer="/a")).encode()
        await request(site, ADDRESSES["umami"], BEACON, method="POST", body=old)
        return reply.tally, await ask(site, COUNTS)

    assert asyncio.run(run()) == ("counted", [(2, 0, 2, 2, 0, 0)])


SHARED = {"cache-control": "public, max-age=60"}
FROM_A = {**BEACON, "referer": f"{OWN}/a"}


@pytest.mark.parametrize(
    ("peer", "before", "visits"),
    [
        ("plausible", "", 1),
        ("plausible", "https://b.test/", 1),
        ("plausible", f"{OWN}/b", 0),
        ("umami", "https://b.test/", 1),
        ("umami", "", 0),
        ("goatcounter", "", 1),
        ("goatcounter", f"{OWN}/b", 0),
        ("matomo", "", 1),
        ("matomo", f"{OWN}/b", 0),
    ],
)
def test_the_referrer_decides_what_is_a_visit(peer: str, before: str, visits: int) -> None:
    async def run(**options: Any) -> Any:
        site = counting(accept=ALL, collect="script", **options)
        await call(site, peer, before=before)
        return (await ask(site, ["pageviews", "visits"]))[0]

    assert asyncio.run(run()) == (1, visits)
    assert asyncio.run(run(sends=("referrer", "navigation"))) == (1, 0), "visits are switched off"


def test_an_event_is_counted_on_its_page_with_what_it_may_say() -> None:
    async def run() -> Any:
        site = counting(accept=("plausible",), admit_after=1, listed=("/a",))
        properties = {"plan": "pro", "user_id": "7", "a=b": "c", "list": [1], "revenue": "3"}
        many = {f"p{number}": number for number in range(9)}
        body = {"n": "Sign up" + "!" * 99, "u": f"{OWN}/a", "p": {**properties, **many}}
        raw = json.dumps(body).encode()
        # Ten times: crossed counts that are smaller are not shown.
        said = [
            (await request(site, ADDRESSES["plausible"], BEACON, method="POST", body=raw)).tally
            for _ in range(10)
        ]
        events = await ask(site, ["events"], "day", "event")
        name = events[0][0]
        found = await ask(site, ["events"], "month", "property", filters=[["is", "event", [name]]])
        return set(said), events, sorted(row[0] for row in found)

    assert asyncio.run(run()) == (
        {"counted"},
        [("Sign up" + "!" * 57, 10)],
        ["p0=0", "p1=1", "p2=2", "p3=3", "plan=pro"],
    )


def test_a_page_that_is_not_found_is_the_clients_to_tell_only_where_all_views_are() -> None:
    body = json.dumps({"n": "404", "u": f"{OWN}/gone", "r": "https://b.test/x"}).encode()

    async def run(collect: str) -> tuple[str | None, Any]:
        site = counting(accept=("plausible",), collect=collect)
        reply = await request(site, ADDRESSES["plausible"], BEACON, method="POST", body=body)
        return reply.tally, await ask(site, ["misses"])

    assert asyncio.run(run("script")) == ("counted", [(1,)])
    assert asyncio.run(run("server")) == (
        "ignored; the server counts pages that are not found",
        [(0,)],
    )


def test_what_is_switched_off_is_not_counted_and_no_error() -> None:
    body = json.dumps({"n": "Signup", "u": f"{OWN}/a"}).encode()

    async def run() -> tuple[int, str | None, Any]:
        site = counting(accept=("plausible",), sends=("referrer",))
        reply = await request(site, ADDRESSES["plausible"], BEACON, method="POST", body=body)
        return reply.status, reply.tally, await ask(site, ["events", "ignored"])

    assert asyncio.run(run()) == (202, "ignored; event is switched off", [(0, 0)])


def test_many_of_matomo_in_one_are_each_counted_and_one_that_is_wrong_stops_none() -> None:
    query = urlencode({"url": f"{OWN}/a", "_id": "0123456789abcdef"})

    async def run(more: Mapping[str, object]) -> tuple[Reply, Any, Any]:
        site = counting(accept=("matomo",), collect="script")
        requests = [f"?{query}", {"url": f"{OWN}/a", "urlref": f"{OWN}/b"}, 7, {"url": "x:y"}]
        body = json.dumps({"requests": requests, **more}).encode()
        reply = await request(site, ADDRESSES["matomo"], BEACON, method="POST", body=body)
        left = await ask(site, ["ignored"], "day", "left_out")
        return reply, await ask(site, ["pageviews", "visits"]), left

    reply, counts, left = asyncio.run(run({"token_auth": "secret"}))
    assert (reply.status, json.loads(reply.body)) == (
        200,
        {"status": "success", "tracked": 2, "invalid": 2},
    )
    assert (reply.tally, counts, left) == (
        "counted, ignored; bad beacon",
        [(2, 1)],
        [("bad beacon", 2)],
    )
    reply, counts, _ = asyncio.run(run({"send_image": 0}))
    assert (reply.status, reply.body, counts) == (204, b"", [(2, 1)])


def test_matomo_is_answered_by_nothing_where_no_pixel_is_wanted() -> None:
    async def run() -> list[tuple[int, bytes]]:
        site = counting(accept=("matomo",))
        query = urlencode({"url": f"{OWN}/a", "send_image": 0})
        get = await request(site, "/_tally/matomo/piwik.php", BEACON, query=query)
        form = await request(site, ADDRESSES["matomo"], BEACON, method="POST", body=query.encode())
        return [(get.status, get.body), (form.status, form.body)]

    assert asyncio.run(run()) == [(204, b""), (204, b"")]


WITHOUT_FETCH = {name: BEACON[name] for name in BEACON if not name.startswith("sec-fetch")}


@pytest.mark.parametrize("peer", ALL)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({**BEACON, "sec-fetch-site": "cross-site"}, id="another site"),
        pytest.param({**WITHOUT_FETCH, "origin": "https://b.test"}, id="another origin"),
        pytest.param({**WITHOUT_FETCH, "referer": "https://b.test/"}, id="a page elsewhere"),
        pytest.param({"user-agent": "python-requests/2"}, id="a program"),
        pytest.param(WITHOUT_FETCH, id="a program that says it is a browser"),
    ],
)
def test_a_call_from_elsewhere_and_a_programs_own_are_refused(
    peer: str, headers: dict[str, str]
) -> None:
    async def run() -> tuple[Reply, Any]:
        site = counting(accept=ALL, collect="script")
        reply = await call(site, peer, headers=headers)
        return reply, await ask(site, ["pageviews"])

    reply, counts = asyncio.run(run())
    assert (reply.status, reply.tally, counts) == (403, "ignored; foreign beacon", [(0,)])
    assert reply.body.startswith(b"A call comes from a page of the same origin. A program that")
    assert not {name for name in reply.headers if name.startswith("access-control")}


def test_a_program_that_passes_on_what_the_browser_sent_speaks_for_it() -> None:
    async def run(**more: str) -> tuple[str | None, Any]:
        site = counting(accept=("umami",), collect="script")
        headers = {**WITHOUT_FETCH, "origin": OWN, "sec-fetch-site": "same-origin", **more}
        return (await call(site, "umami", headers=headers)).tally, await ask(site, ["pageviews"])

    assert asyncio.run(run()) == ("counted", [(1,)])
    assert asyncio.run(run(dnt="1")) == ("ignored; objects", [(0,)])


@pytest.mark.parametrize("peer", ["goatcounter", "matomo"])
def test_a_pixel_over_plain_http_is_told_by_the_page_that_asks_for_it(peer: str) -> None:
    async def run(referer: str) -> int:
        site = counting(accept=ALL, collect="script")
        headers = {**WITHOUT_FETCH, "referer": referer}
        reply = await call(site, peer, headers=headers, scheme="http")
        return reply.status

    assert asyncio.run(run(f"http://{HOST}/a")) == 200
    assert asyncio.run(run(f"http://{HOST}.b.test/a")) == 403


@pytest.mark.parametrize("peer", ALL)
@pytest.mark.parametrize("header", ["sec-gpc", "dnt"])
def test_who_objects_is_not_counted_and_the_call_is_not_looked_at(peer: str, header: str) -> None:
    async def run() -> tuple[int, str | None, Any]:
        site = counting(accept=ALL, collect="script")
        reply = await call(site, peer, headers={**BEACON, header: "1"})
        return reply.status, reply.tally, await ask(site, ["pageviews", "ignored"])

    assert asyncio.run(run()) == (ANSWERS[peer][0], "ignored; objects", [(0, 0)])


UNREADABLE = [
    pytest.param({"body": b"{"}, id="no JSON"),
    pytest.param({"query": "&".join(f"a{number}=b" for number in range(300))}, id="300 parameters"),
    pytest.param({"body": b"&".join([b"a=b"] * 300)}, id="300 fields"),
    pytest.param({"body": b" " * 70_000}, id="a body above every bound"),
]


@pytest.mark.parametrize("peer", ALL)
@pytest.mark.parametrize("sent", UNREADABLE)
@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"sec-gpc": "1"}, "ignored; objects"),
        ({"dnt": "1"}, "ignored; objects"),
        ({"sec-purpose": "prefetch"}, "ignored; prefetch"),
    ],
)
def test_a_call_that_is_not_looked_at_is_answered_whatever_is_in_it(
    peer: str, sent: dict[str, Any], header: dict[str, str], said: str
) -> None:
    async def run() -> Reply:
        site = counting(accept=ALL)
        headers = {**BEACON, **header}
        return await request(site, ADDRESSES[peer], headers, method="POST", **sent)

    reply = asyncio.run(run())
    assert (reply.status, reply.headers["content-type"], reply.body) == ANSWERS[peer]
    assert reply.tally == said


class ReadError(AssertionError):
    """The body of a call was asked for."""


@pytest.mark.parametrize("peer", ALL)
def test_nothing_of_the_body_of_who_objects_is_received(peer: str) -> None:
    async def run() -> int:
        sent: list[Any] = []

        async def receive() -> Any:
            raise ReadError

        async def send(message: Any) -> None:
            sent.append(message)

        headers = {**BEACON, "sec-gpc": "1", "host": HOST}
        scope = {
            "type": "http",
            "method": "POST",
            "scheme": "https",
            "path": ADDRESSES[peer],
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        await counting(accept=ALL)(scope, receive, send)
        return int(sent[0]["status"])

    assert asyncio.run(run()) == ANSWERS[peer][0]


BODIES = (
    st.binary(max_size=200)
    | SAID.map(lambda value: json.dumps(value).encode())
    | st.lists(SAID, max_size=3).map(lambda many: json.dumps({"requests": many}).encode())
    | st.integers(1, 40_000).map(lambda depth: b'{"e_c":' + b"[" * depth + b"]" * depth + b"}")
    | st.sampled_from(
        [b'{"requests":[{"e_c":"\\ud800"}]}', b'{"n":"\\ud800","u":"/\\udfff","p":{"\\ud800":1}}']
    )
)
QUERIES = (
    st.binary(max_size=100).map(quote)
    | st.dictionaries(NAMES, st.text(max_size=40) | LIKELY).map(lambda value: urlencode(value))
    | st.integers(0, 400).map(lambda count: "&".join(["a=b"] * count))
)
ABOUT = st.sampled_from(
    [{}, {"sec-gpc": "1"}, {"dnt": "1"}, {"sec-purpose": "prefetch"}, {"referer": "http://[::1"}]
)


@pytest.mark.parametrize("peer", ALL)
def test_no_call_ends_in_a_failure_of_ours(peer: str, caplog: pytest.LogCaptureFixture) -> None:
    site = counting(accept=ALL, collect="script")
    gateway = wsgi.counting(accept=ALL, collect="script")

    @settings(max_examples=60)
    @given(method=st.sampled_from(["GET", "POST"]), query=QUERIES, body=BODIES, about=ABOUT)
    def tried(method: str, query: str, body: bytes, about: dict[str, str]) -> None:
        headers = {**BEACON, **about}
        sent: dict[str, Any] = {"method": method, "query": query, "body": body}
        asgi = asyncio.run(request(site, ADDRESSES[peer], headers, **sent))
        made = wsgi.environ(ADDRESSES[peer], headers, **sent)
        for reply in (asgi, wsgi.request(gateway, made)):
            assert reply.status in {200, 202, 204, 400, 405, 413}
            if reply.status != 405 and about.keys() & {"sec-gpc", "dnt"}:
                assert reply.tally == "ignored; objects"

    with caplog.at_level(logging.ERROR):
        tried()
    assert caplog.messages == []


def test_a_fault_in_what_reads_a_call_is_logged_once_and_the_client_has_its_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read(_: Call) -> list[Fields]:
        raise ZeroDivisionError

    monkeypatch.setattr("firstparty.accept.plausible.PEER", replace(PLAUSIBLE, read=read))

    async def run() -> list[tuple[int, str | None]]:
        site = counting(accept=("plausible",))
        replies = [await call(site, "plausible") for _ in range(2)]
        return [(reply.status, reply.tally) for reply in replies]

    assert asyncio.run(run()) == [(202, "ignored; failure")] * 2
    assert caplog.messages.count("counting a call failed (logged once)") == 1


@pytest.mark.parametrize("collect", ["server", "script"])
@pytest.mark.parametrize("peer", ALL)
def test_a_bot_is_left_out_once(peer: str, collect: str) -> None:
    bot = {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}

    async def run() -> tuple[str | None, Any]:
        site = counting(accept=ALL, collect=collect)
        await request(site, "/a", {**NAVIGATION, **bot})
        reply = await call(site, peer, headers={**BEACON, **bot})
        return reply.tally, await ask(site, ["pageviews", "ignored"])

    # Where views are the client's to tell, the document and the call are two requests of its own.
    assert asyncio.run(run()) == ("ignored; bot", [(0, 1 if collect == "server" else 2)])


@pytest.mark.parametrize("collect", ["server", "script"])
def test_an_excluded_page_and_referrer_spam_are_left_out(collect: str) -> None:
    async def run() -> tuple[list[str | None], Any]:
        site = counting(accept=ALL, collect=collect, exclude=("/admin",))
        spam = "https://semalt.com/"
        replies = [
            await call(site, "plausible", f"{OWN}/admin"),
            await call(site, "matomo", before=spam),
        ]
        left = await ask(site, ["ignored"], "day", "left_out")
        return [reply.tally for reply in replies], sorted(left)

    found, left = asyncio.run(run())
    assert found == ["ignored; excluded", "ignored; referrer spam"]
    assert left == ([] if collect == "server" else [("excluded", 1), ("referrer spam", 1)])


@pytest.mark.parametrize("collect", ["server", "script"])
def test_a_page_that_is_rendered_ahead_is_not_counted(collect: str) -> None:
    async def run() -> tuple[str | None, Any]:
        site = counting(accept=ALL, collect=collect)
        headers = {**BEACON, "sec-purpose": "prefetch;prerender"}
        reply = await call(site, "matomo", headers=headers)
        return reply.tally, await ask(site, ["pageviews", "ignored"])

    assert asyncio.run(run()) == ("ignored; prefetch", [(0, 1 if collect == "script" else 0)])


@pytest.mark.parametrize(
    ("peer", "body", "sentence"),
    [
        ("plausible", b"[]", "The call is not a JSON object."),
        ("plausible", b"{", "The call is not JSON."),
        ("plausible", b'{"n": "pageview"}', "The call names no page."),
        ("plausible", b'{"n": "pageview", "u": "data:x"}', "The page of the call is no address."),
        ("plausible", b'{"u": "/a"}', "The event of the call has no name."),
        ("plausible", b'{"n": "Outbound Link: Click", "u": "/a"}', "V is empty."),
        ("umami", b'{"type": "event"}', "The call has no payload."),
        ("matomo", b'{"requests": 7}', "The call has no list of requests."),
        (
            "matomo",
            json.dumps({"requests": ["?"] * 101}).encode(),
            "The call has more than 100 requests.",
        ),
        ("matomo", b"&".join([b"a=b"] * 201), "The call has more than 200 parameters."),
    ],
)
def test_a_wrong_call_is_refused_with_a_sentence(peer: str, body: bytes, sentence: str) -> None:
    async def run() -> tuple[Reply, Any]:
        site = counting(accept=ALL)
        reply = await request(site, ADDRESSES[peer], BEACON, method="POST", body=body)
        return reply, await ask(site, ["ignored"], "day", "left_out")

    reply, left = asyncio.run(run())
    assert (reply.status, reply.tally) == (400, "ignored; bad beacon")
    assert (reply.body.decode(), left) == (f"{sentence}\n", [("bad beacon", 1)])


@pytest.mark.parametrize(
    ("peer", "most"),
    [("plausible", 16384), ("umami", 16384), ("goatcounter", 8192), ("matomo", 65536)],
)
def test_a_call_is_bounded(peer: str, most: int) -> None:
    async def run(**sent: Any) -> tuple[int, str | None]:
        site = counting(accept=ALL)
        reply = await request(site, ADDRESSES[peer], BEACON, method="POST", **sent)
        return reply.status, reply.tally

    large = (413, "ignored; beacon too large")
    assert asyncio.run(run(body=b" " * (most + 1))) == large
    assert asyncio.run(run(query="p=" + "a" * most)) == large
    assert asyncio.run(run(body=b" " * most))[0] != 413


def own_routes(*paths: str) -> Starlette:
    """An application with pages of its own at these paths."""

    async def answer(_: object) -> PlainTextResponse:
        return PlainTextResponse("mine")

    return Starlette(routes=[Route(path, answer, methods=["GET", "POST"]) for path in paths])


def test_a_path_that_the_application_serves_stays_its_own_and_the_log_and_health_say_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> tuple[list[bytes], Any]:
        site = AnalyticsMiddleware(
            own_routes("/api/event"),
            accept=("plausible", "umami"),
            store="memory://",
            password="open sesame",
        )
        replies = [await call(site, "plausible", at=at) for at in ("/api/event", "/api/event")]
        replies.append(await call(site, "plausible"))
        replies.append(await call(site, "umami", at="/api/send"))
        _, health = await api(site, "health")
        return [reply.body for reply in replies], health["warnings"]

    with caplog.at_level(logging.WARNING):
        bodies, warnings = asyncio.run(run())
    sentence = (
        "accept: /api/event is a page of your own application, which keeps it: point the client at"
        " /_tally/plausible/api/event"
    )
    assert (bodies, warnings) == ([b"mine", b"mine", b"ok", b"{}"], [sentence])
    assert caplog.messages.count(sentence) == 1


async def mine(_: object) -> PlainTextResponse:
    return PlainTextResponse("mine")


async def bare(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("mine")(scope, receive, send)


class Routed:
    """A WSGI application with a route table."""

    def __init__(self, app: wsgi.App, *routes: Route) -> None:
        self.app = app
        self.routes = routes

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return self.app(environ, start_response)


class Dispatching(Routed):
    """An application around others, as werkzeug has one."""

    mounts: Mapping[str, wsgi.App] = {"/api": wsgi.page()}


POST = ["POST"]


@pytest.mark.parametrize(
    "app",
    [
        pytest.param(Starlette(routes=[Route("/api/{do}", mine, methods=POST)]), id="parameters"),
        pytest.param(Starlette(routes=[Route("/{all:path}", mine, methods=POST)]), id="all"),
        pytest.param(Starlette(routes=[Route("/api/send/", mine, methods=POST)]), id="a slash"),
        pytest.param(Starlette(routes=[Mount("/api", bare)]), id="mounted"),
        pytest.param(Starlette(routes=[Mount("/", bare)]), id="mounted at the root"),
        pytest.param(
            Starlette(routes=[Mount("/api", routes=[Route("/{do}", mine, methods=POST)])]),
            id="mounted, with parameters",
        ),
        pytest.param(
            Starlette(routes=[Mount("/{lang}", bare)]), id="mounted at a path with parameters"
        ),
        pytest.param(Starlette(routes=[Host("example.org", bare)]), id="for a host"),
    ],
)
@pytest.mark.parametrize("root", ["", "/shop"])
def test_what_the_application_may_answer_at_a_tools_path_stays_its_own(
    app: Starlette, root: str
) -> None:
    async def run() -> tuple[list[Reply], Any]:
        site = counting(app, accept=("umami",), templates=("/api/{any}",))
        replies = [
            await call(site, "umami", at=f"{root}{at}", root_path=root, headers=SERVER)
            for at in ("/api/send", ADDRESSES["umami"])
        ]
        _, health = await api(site, "health")
        return replies, health["warnings"]

    (own, ours), warnings = asyncio.run(run())
    assert (own.status, own.body) in {(200, b"mine"), (307, b"")}
    assert ours.status == 403, "a server's own call is refused where we answer"
    sentence = (
        "accept: /api/send is a page of your own application, which keeps it: point the client at"
        " /_tally/umami/api/send"
    )
    assert warnings == [sentence]


SERVER = {"user-agent": "python-requests/2"}


@pytest.mark.parametrize(
    "app",
    [
        pytest.param(Starlette(routes=[Route("/{all:path}", mine)]), id="another method"),
        pytest.param(Starlette(routes=[Mount("/static", bare)]), id="mounted elsewhere"),
        pytest.param(
            Starlette(routes=[Mount("/api", routes=[Route("/other", mine, methods=POST)])]),
            id="mounted, without such a page",
        ),
    ],
)
def test_a_tools_path_is_taken_where_the_routes_leave_it_free(app: Starlette) -> None:
    async def run() -> tuple[bytes, bytes]:
        site = counting(app, accept=("umami",))
        return (
            (await call(site, "umami", at="/api/send")).body,
            (await request(site, "/api/send")).body,
        )

    taken, opened_there = asyncio.run(run())
    assert (taken, opened_there != b"{}") == (b"{}", True)


UNREAD = (
    "accept: the routes of your application cannot be read, so every path stays its own: point the"
    " client at /_tally/plausible/api/event or /_tally/umami/api/send"
)


@pytest.mark.parametrize("routes", [None, 7, [Route("/{a}/x", mine), 7]])
def test_where_no_routes_can_be_read_only_what_is_below_our_prefix_is_taken(
    routes: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class App:
        def __init__(self) -> None:
            if routes is not None:
                self.routes = routes

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await bare(scope, receive, send)

    async def run() -> tuple[list[bytes], Any]:
        site = counting(App(), accept=("plausible", "umami"))
        where = ("/api/event", "/api/event", ADDRESSES["plausible"])
        bodies = [(await call(site, "plausible", at=at)).body for at in where]
        _, health = await api(site, "health")
        return bodies, health["warnings"]

    bodies, warnings = asyncio.run(run())
    assert bodies == [b"mine", b"mine", b"ok"]
    if isinstance(routes, list):  # what is of no kind that we know may answer for everything
        assert [each[:30] for each in warnings] == [
            "accept: /api/event is a page o",
            "accept: /api/send is a page of",
        ]
    else:
        assert warnings == [UNREAD]
        assert caplog.messages.count(UNREAD) == 1


def test_an_application_without_routes_that_is_mounted_in_another_keeps_its_paths() -> None:
    async def run() -> tuple[bytes, bytes]:
        inner = counting(bare, accept=("umami",))
        site = Starlette(routes=[Mount("/shop", inner), Route("/", mine)])
        own = await call(site, "umami", at="/shop/api/send")
        return own.body, (await call(site, "umami", at=f"/shop{ADDRESSES['umami']}")).body

    assert asyncio.run(run()) == (b"mine", b"{}")


@pytest.mark.parametrize(
    "app",
    [
        pytest.param(wsgi.page(), id="no routes"),
        pytest.param(Routed(wsgi.page(), Route("/api/{do}", mine, methods=POST)), id="a parameter"),
        pytest.param(Dispatching(wsgi.page()), id="mounted beside"),
    ],
)
def test_under_wsgi_too_what_the_application_may_answer_stays_its_own(app: wsgi.App) -> None:
    site = wsgi.counting(app, accept=("umami",))
    for at, expected in (("/api/send", b"<p>Hello."), (ADDRESSES["umami"], b"{}")):
        method, query, body = calls("umami")
        made = wsgi.environ(at, BEACON, method=method, query=query, body=body)
        assert wsgi.request(site, made).body == expected
    assert len(site.analytics.counting.accepted.warnings) == 1


def test_with_nothing_accepted_every_path_is_the_applications() -> None:
    async def run() -> list[tuple[int, bytes]]:
        site = AnalyticsMiddleware(
            own_routes(*OWN_PATHS.values()), store="memory://", password="open sesame"
        )
        replies = [await call(site, peer, at=OWN_PATHS[peer]) for peer in ALL]
        below = [await call(site, peer) for peer in ALL]
        return [(reply.status, reply.body) for reply in (*replies, *below)]

    assert asyncio.run(run()) == [(200, b"mine")] * 4 + [(404, b"Not Found\n")] * 4


def test_only_the_very_path_is_taken() -> None:
    async def run() -> tuple[list[int], list[bytes]]:
        site = counting(own_routes("/count/days", "/counter", "/api/event/new"), accept=ALL)
        paths = ("/count/days", "/counter", "/api/event/new")
        taken = [await request(site, path, BEACON) for path in paths]
        wrong = [("/api/event", "GET"), ("/count", "HEAD"), ("/api/send", "OPTIONS")]
        theirs = [await request(site, at, BEACON, method=method) for at, method in wrong]
        below = [
            await request(site, ADDRESSES["plausible"], BEACON),
            await request(site, ADDRESSES["goatcounter"], BEACON, method="HEAD"),
        ]
        statuses = [reply.status for reply in (*theirs, *below)]
        return statuses, [reply.body for reply in taken]

    # With another method a tool's own path is the application's, which has no such page.
    assert asyncio.run(run()) == ([404, 404, 404, 405, 405], [b"mine"] * 3)


def test_below_a_root_path_the_clients_call_there() -> None:
    async def run() -> tuple[int, str | None]:
        site = counting(own_routes(), accept=("plausible",), collect="script")
        reply = await call(site, "plausible", at="/shop/api/event", root_path="/shop")
        return reply.status, reply.tally

    assert asyncio.run(run()) == (202, "counted")


@pytest.mark.parametrize("peer", ALL)
def test_under_wsgi_calls_are_understood_as_well(peer: str) -> None:
    site = wsgi.counting(Routed(wsgi.page()), accept=(peer,), collect="script")
    for at in (OWN_PATHS[peer], ADDRESSES[peer]):
        method, query, body = calls(peer)
        made = wsgi.environ(at, BEACON, method=method, query=query, body=body)
        reply = wsgi.request(site, made)
        assert (reply.status, reply.headers["content-type"], reply.body) == ANSWERS[peer]
        assert reply.tally == "counted"


def test_a_page_shared_caches_may_keep_stays_unseen_to_the_snippet_where_only_others_call() -> None:
    async def run() -> list[str]:
        site = counting(driving.page(headers=SHARED), accept=("plausible",))
        for _ in range(3):
            await request(site, "/a")
            await call(site, "plausible")
        _, health = await api(site, "health")
        return [each[:40] for each in health["warnings"] if not each.startswith("accept")]

    assert asyncio.run(run()) == ["pages that a shared cache may keep are l"]


def test_a_name_of_a_visitor_is_written_only_once_it_was_seen_often_enough() -> None:
    async def run() -> Any:
        site = counting(accept=("goatcounter",), collect="script")
        for _ in range(4):
            await call(site, "goatcounter", f"{OWN}/{quote('jo@example.org')}/x")
        return await ask(site, ["pageviews"], "day", "path")

    assert sorted(asyncio.run(run())) == [("(unlisted)", 2), ("/{email}/x", 2)]
