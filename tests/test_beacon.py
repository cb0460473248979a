"""Beacons: what they add, and what happens to those that are wrong."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstparty import AnalyticsMiddleware, Dimension
from tests.driving import (
    BEACON,
    HOST,
    NAVIGATION,
    PASSWORD,
    Message,
    Reply,
    api,
    ask,
    beacon,
    counting,
    page,
    request,
)

COUNTS = ["pageviews", "visits", "departures", "confirmed", "confirmed_visits", "continued"]
OWN = f"https://{HOST}"


def send(body: object, headers: Mapping[str, str] = BEACON, **options: Any) -> Reply:
    """What a fresh site answers to one beacon."""
    return asyncio.run(beacon(counting(**options), body, headers))


@pytest.mark.parametrize(
    ("fields", "said", "counts"),
    [
        pytest.param(
            {"u": "/", "n": "navigate", "k": "enter", "c": True},
            "confirmed",
            (0, 0, 0, 1, 1, 0),
            id="an entry that the server has counted is confirmed",
        ),
        pytest.param(
            {"u": "/", "n": "navigate", "k": "enter", "c": False},
            "counted",
            (1, 1, 0, 1, 1, 0),
            id="an entry that the server has not seen is counted",
        ),
        pytest.param(
            {"u": "/", "n": "navigate", "k": "enter", "r": "https://news.example/"},
            "counted",
            (1, 1, 0, 1, 1, 0),
            id="an entry from another site",
        ),
        pytest.param(
            {"u": "/", "n": "navigate", "k": "enter", "r": f"{OWN}/a"},
            "counted",
            (1, 0, 1, 1, 0, 0),
            id="no page of ours leads to an entry",
        ),
        pytest.param(
            {"u": "/", "n": "navigate", "k": "second", "r": f"{OWN}/a", "c": True},
            "confirmed",
            (0, 0, 0, 1, 0, 1),
            id="a second page continues the visit",
        ),
        pytest.param(
            {"u": "/", "n": "route", "k": "later", "r": f"{OWN}/a"},
            "counted",
            (1, 0, 1, 1, 0, 0),
            id="a change of route departs from the page before",
        ),
        pytest.param(
            {"u": "/", "n": "reload", "k": "enter", "r": "https://news.example/"},
            "counted",
            (1, 0, 0, 1, 0, 0),
            id="a reload enters nothing",
        ),
        pytest.param(
            {"u": "/", "n": "back_forward", "k": "second", "r": f"{OWN}/a"},
            "counted",
            (1, 0, 0, 1, 0, 0),
            id="going back departs from nothing",
        ),
        pytest.param({"u": "/"}, "counted", (1, 0, 0, 1, 0, 0), id="nothing but the path"),
    ],
)
def test_a_beacon_adds_what_it_says(
    fields: dict[str, Any], said: str, counts: tuple[int, ...]
) -> None:
    async def run() -> tuple[Any, ...]:
        site = counting()
        reply = await beacon(site, fields)
        assert (reply.status, reply.tally, reply.body) == (204, said, b"")
        return (await ask(site, COUNTS))[0]

    assert asyncio.run(run()) == counts


def test_in_script_mode_a_beacon_counts_whatever_it_says_of_the_server() -> None:
    assert send({"u": "/", "c": True}, collect="script").tally == "counted"


NESTED = b'{"u":' + b"[" * 500 + b"]" * 500 + b"}"
BAD = {
    "nothing": b"",
    "no JSON": b"u=/",
    "half of it": b'{"u": "/',
    "invalid UTF-8": b'{"u": "/\xff\xfe"}',
    "a byte of zero": b'\x00{"u": "/"}',
    "a raw control character": b'{"u": "/\x00"}',
    "deep nesting": NESTED,
    "brackets alone": b"[" * 1024,
    "a list": b'["/"]',
    "a text": b'"/"',
    "null": b"null",
    "NaN": b"NaN",
    "no path": b"{}",
    "path: number": b'{"u": 1}',
    "path: null": b'{"u": null}',
    "path: list": b'{"u": ["/"]}',
    "path: empty": b'{"u": ""}',
    "path: URL": b'{"u": "https://example.org/"}',
    "path: script": b'{"u": "javascript:alert(1)"}',
    "referrer: number": b'{"u": "/", "r": 7}',
    "referrer: object": b'{"u": "/", "r": {}}',
    "navigation: unknown": b'{"u": "/", "n": "jump"}',
    "navigation: list": b'{"u": "/", "n": ["navigate"]}',
    "navigation: null": b'{"u": "/", "n": null}',
    "class: unknown": b'{"u": "/", "k": "third"}',
    "class: object": b'{"u": "/", "k": {"a": 1}}',
    "counted: number": b'{"u": "/", "c": 1}',
    "counted: text": b'{"u": "/", "c": "false"}',
    "counted: null": b'{"u": "/", "c": null}',
    "counted: a huge number": b'{"u": "/", "c": ' + b"9" * 900 + b"}",
    "counted: infinity": b'{"u": "/", "c": 1e999}',
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_beacon_of_the_wrong_shape_is_refused_with_a_sentence(body: bytes) -> None:
    reply = send(body)
    assert (reply.status, reply.tally) == (400, "ignored; bad beacon")
    assert reply.body.decode().endswith(".\n")
    assert len(reply.body) > 15


ODD = {
    "lone surrogate in the path": rb'{"u": "/\ud800"}',
    "lone surrogate in a kept parameter": rb'{"u": "/s?q=\udfff"}',
    "lone surrogate in a campaign": rb'{"u": "/?utm_source=\ud800", "k": "enter"}',
    "lone surrogate in the referrer": rb'{"u": "/", "k": "enter", "r": "https://\ud800.example/"}',
    "lone surrogate in a page of ours": rb'{"u": "/", "r": "https://example.org/s?q=\ud800"}',
    "NUL in the path": rb'{"u": "/a\u0000b"}',
    "NUL in a campaign": rb'{"u": "/?utm_campaign=\u0000", "k": "enter"}',
    "half an escape": b'{"u": "/%"}',
    "escapes that are no UTF-8": b'{"u": "/%ff%fe%ed%a0%80"}',
    "a path with line ends": rb'{"u": "/a\r\nTally: forged"}',
    "right to left": '{"u": "/\u202egnp.exe"}'.encode(),
    "a referrer that is no URL": b'{"u": "/", "k": "enter", "r": "]["}',
    "a referrer with a bad address": b'{"u": "/", "k": "enter", "r": "http://[::1"}',
    "a referrer with a bad port": b'{"u": "/", "k": "enter", "r": "http://a:b:c/"}',
    "unknown fields": b'{"u": "/", "x": {"y": [1, 2, 3]}, "": null}',
    "a field twice": b'{"u": "/a", "u": "/b"}',
    "a path of slashes": b'{"u": "//////"}',
    "a path of dots": b'{"u": "/../../etc/passwd"}',
    "UTF-16": '{"u": "/"}'.encode("utf-16"),
    "a thousand parameters": b'{"u": "/?' + b"&" * 1000 + b'"}',
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_an_odd_but_well_formed_beacon_is_counted_and_stored(body: bytes, tmp_path: Any) -> None:
    async def run() -> tuple[Reply, Any]:
        store = f"sqlite:///{tmp_path}/stats.db"
        site = counting(store=store, admit_after=2, query=("q",))
        replies = [await beacon(site, body) for _ in range(4)]
        assert replies[0] == replies[3]
        await site.flusher.flush()
        found = await ask(site, ["pageviews"]), await api(site, "health")
        await site.flusher.stop()
        return replies[0], found

    reply, (views, (status, health)) = asyncio.run(run())
    assert (reply.status, reply.tally, views, status) == (204, "counted", [(4,)], 200)
    assert health["store"]["state"] == "ok"


def test_a_beacon_of_more_than_a_kilobyte_is_too_large() -> None:
    most = json.dumps({"u": "/" + "a" * 1024}).encode()[:1022] + b'"}'
    assert len(most) == 1024
    assert send(most).status == 204
    reply = send(most + b" ")
    assert (reply.status, reply.tally) == (413, "ignored; beacon too large")


def test_an_endless_beacon_is_refused_before_it_ends() -> None:
    async def run() -> tuple[int, int]:
        asked, statuses = 0, list[int]()

        async def receive() -> Message:
            nonlocal asked
            asked += 1
            return {"type": "http.request", "body": b"x" * 600, "more_body": True}

        async def respond(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        headers = [(name.encode(), value.encode()) for name, value in BEACON.items()]
        scope = {"type": "http", "method": "POST", "path": "/_tally/view", "headers": headers}
        await counting()({**scope, "query_string": b"", "root_path": ""}, receive, respond)
        return asked, statuses[0]

    assert asyncio.run(run()) == (2, 413)


def test_a_visitor_who_leaves_in_the_middle_of_a_beacon_is_no_failure() -> None:
    async def run() -> list[int]:
        messages = [
            {"type": "http.request", "body": b'{"u":', "more_body": True},
            {"type": "http.disconnect"},
        ]
        statuses = list[int]()

        async def receive() -> Message:
            return messages.pop(0)

        async def respond(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        headers = [(name.encode(), value.encode()) for name, value in BEACON.items()]
        scope = {"type": "http", "method": "POST", "path": "/_tally/view", "headers": headers}
        await counting()({**scope, "query_string": b"", "root_path": ""}, receive, respond)
        return statuses

    assert asyncio.run(run()) in ([], [400])


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"sec-fetch-site": "cross-site"}, id="from another site"),
        pytest.param({"sec-fetch-site": "same-site"}, id="from another host of the site"),
        pytest.param({"sec-fetch-site": "none"}, id="from no page"),
        pytest.param({"sec-fetch-site": "SAME-ORIGIN"}, id="in capitals"),
        pytest.param(
            {"sec-fetch-site": "cross-site", "origin": OWN}, id="from another site, forged origin"
        ),
        pytest.param({"sec-fetch-site": ""}, id="with an empty header"),
        pytest.param({}, id="with neither header"),
        pytest.param({"origin": "https://evil.example"}, id="with a foreign origin"),
        pytest.param({"origin": "https://example.org.evil.example"}, id="with our host in front"),
        pytest.param({"origin": "https://evil.example/example.org"}, id="with our host behind"),
        pytest.param({"origin": f"{OWN}:8443"}, id="with another port"),
        pytest.param({"origin": "null"}, id="with a null origin"),
        pytest.param({"origin": HOST}, id="with an origin that is a bare host"),
        pytest.param({"referer": f"{OWN}/"}, id="with a referer alone"),
    ],
)
def test_a_foreign_beacon_is_refused(headers: dict[str, str]) -> None:
    base = {name: value for name, value in BEACON.items() if not name.startswith("sec-fetch")}
    reply = send({"u": "/"}, {**base, **headers})
    assert (reply.status, reply.tally) == (403, "ignored; foreign beacon")


def test_over_plain_http_the_origin_tells_that_a_beacon_is_ours() -> None:
    base = {name: value for name, value in BEACON.items() if not name.startswith("sec-fetch")}

    async def run() -> list[Any]:
        site = counting()
        fields = {"origin": f"http://{HOST}:8000", **base}
        body = b'{"u": "/"}'
        return [
            (
                await request(
                    site,
                    "/_tally/view",
                    fields,
                    method="POST",
                    body=body,
                    scheme="http",
                    host=host,
                )
            ).tally
            for host in (f"{HOST}:8000", f"{HOST}:8001", "")
        ]

    assert asyncio.run(run()) == ["counted", "ignored; foreign beacon", "ignored; foreign beacon"]


@pytest.mark.parametrize("name", [*BEACON, "referer", "cookie", "x-forwarded-for", "x-odd"])
def test_a_header_of_16_kilobytes_does_no_harm(name: str) -> None:
    reply = send({"u": "/"}, {**BEACON, name: "a1:;,% " * 2340})
    assert reply.status in {204, 403}
    assert reply.tally is not None


@pytest.mark.parametrize("name", [*BEACON, "referer", "cookie"])
def test_a_header_of_bytes_that_are_no_text_does_no_harm(name: str) -> None:
    reply = send({"u": "/"}, {**BEACON, name: "\xff\x00\u202e\U0001f600"})
    assert reply.status in {204, 403}
    assert reply.tally is not None


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"sec-gpc": "1"}, "ignored; objects"),
        ({"dnt": "1"}, "ignored; objects"),
        ({"user-agent": "curl/8"}, "ignored; bot"),
        ({"user-agent": ""}, "ignored; bot"),
    ],
)
def test_a_beacon_that_is_not_counted_says_why(headers: dict[str, str], said: str) -> None:
    reply = send({"u": "/"}, {**BEACON, **headers})
    assert (reply.status, reply.tally) == (204, said)


def test_a_beacon_of_an_excluded_page_is_left_out() -> None:
    assert send({"u": "/admin/users"}, exclude=("/admin/*",)).tally == "ignored; excluded"


def test_beacons_left_out_are_counted_by_reason_but_those_of_objectors_are_not() -> None:
    async def run() -> list[tuple[Any, ...]]:
        site = counting()
        for body in (b"[]", b"x" * 2000, b"[]"):
            await beacon(site, body)
            await beacon(site, body, {**BEACON, "sec-gpc": "1"})
        await beacon(site, {"u": "/"}, {**BEACON, "sec-fetch-site": "cross-site"})
        return await ask(site, ["ignored"], "day", "left_out")

    assert asyncio.run(run()) == [
        ("bad beacon", 2),
        ("beacon too large", 1),
        ("foreign beacon", 1),
    ]


def test_a_failure_of_ours_is_no_failure_of_the_beacon(caplog: Any) -> None:
    def broken(seen: Any) -> str:
        raise RuntimeError("broken on purpose")

    plan = Dimension(name="plan", values=("free",), source=broken)
    site = counting(dimensions=(plan,))

    async def run() -> list[Reply]:
        return [await beacon(site, {"u": "/"}) for _ in range(3)]

    replies = asyncio.run(run())
    assert [(reply.status, reply.tally is not None) for reply in replies] == [(204, True)] * 3
    assert caplog.text.count("logged once") == 1


def test_only_a_post_is_a_beacon() -> None:
    site = AnalyticsMiddleware(page(), store="memory://", password=PASSWORD)
    for method in ("GET", "PUT", "DELETE"):
        reply = asyncio.run(request(site, "/_tally/view", BEACON, method=method))
        assert (reply.status, reply.headers["allow"]) == (405, "POST")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
fields = st.dictionaries(
    st.sampled_from("urnkc"),
    json_values
    | st.sampled_from(("navigate", "reload", "route", "enter", "second", "later", "https://a.b/"))
    | st.text().map(lambda text: "/" + text),
)


@given(st.binary(max_size=1100) | fields.map(lambda f: json.dumps(f).encode()))
def test_no_body_at_all_makes_a_5xx(body: bytes) -> None:
    reply = send(body, query=("q",))
    assert reply.status in {204, 400, 413}
    assert reply.tally is not None
    assert (reply.status == 204) == (not reply.tally.startswith("ignored; b"))


def test_pages_survive_the_headers_that_beacons_do() -> None:
    for name in [*NAVIGATION, "referer", "cache-control", "dnt", "sec-purpose"]:
        for value in ("a1:;,% " * 2340, "\xff\x00\u202e\U0001f600", ""):
            headers = {**NAVIGATION, name: value}
            reply = asyncio.run(request(counting(), headers=headers))
            assert (reply.status, reply.body) == (200, b"<p>Hello.")
            assert name == "sec-fetch-dest" or reply.tally is not None, (name, value)
