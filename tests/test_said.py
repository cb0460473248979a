"""What a response says of counting is what was added, of any request and any answer."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from firstparty import AnalyticsMiddleware
from firstparty.dimensions import PATH, SITE
from firstparty.metrics import COUNTED
from firstparty.verdicts import SAID_ENTRY, SAID_MISS, SAID_VIEW
from tests.driving import BEACON, CHROME, FIREFOX, HOST, NAVIGATION, Receive, Scope, Send, counting

HTML = b"text/html; charset=utf-8"
NAMES = (
    *("accept", "accept-language", "cache-control", "dnt", "origin", "purpose", "referer"),
    *("sec-fetch-dest", "sec-fetch-site", "sec-gpc", "sec-purpose", "user-agent", "x-moz", "host"),
)
VALUES = (
    *("document", "text/html", "none", "cross-site", "same-origin", "same-site", "1", "max-age=0"),
    *("prefetch", f"https://{HOST}/", f"https://{HOST}/a?utm_source=x", "https://news.example/"),
    *("https://semalt.com/", CHROME, FIREFOX, "curl/8", HOST, "en-GB,en"),
)
hostile = st.binary(max_size=40)
changes = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(VALUES).map(str.encode) | hostile | st.none()
    ),
    max_size=4,
)
answers = st.fixed_dictionaries(
    {
        "status": st.sampled_from((200, 200, 200, 201, 204, 206, 301, 304, 400, 404, 410, 500)),
        "headers": st.lists(
            st.tuples(
                st.sampled_from((b"content-type", b"cache-control", b"content-disposition", b"x")),
                st.sampled_from((HTML, b"application/json", b"public", b"attachment")) | hostile,
            ),
            max_size=3,
        ),
        "fails": st.sampled_from((None, None, None, 0, 1, 2)),
    }
)
beacons = st.dictionaries(
    st.sampled_from("urnkcevtp"),
    st.sampled_from(
        (
            *("/", "/a?utm_source=q", "/\ud800", f"https://{HOST}/a", "https://news.example/"),
            *("navigate", "reload", "back_forward", "route", "enter", "second", "later", True),
            *(False, 7, -1, None, "left", "event", "outbound", "missing", "pace", {"plan": 1}, []),
        )
    ),
).map(lambda fields: json.dumps(fields).encode())
hits = st.tuples(
    st.sampled_from(("GET", "GET", "GET", "GET", "POST", "HEAD")),
    st.sampled_from(("/", "/a", "/b/7", "/\ufffd\x00", "/x@y.example", "/_tally/view")),
    st.sampled_from(("none", "cross-site", "same-origin")),
    changes,
    answers,
    beacons | hostile,
)


class Site:
    """An application that answers as it is told, and fails where it is told to."""

    def __init__(self) -> None:
        self.answer: Mapping[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", HTML), *self.answer["headers"]]
        messages = (
            {"type": "http.response.start", "status": self.answer["status"], "headers": headers},
            {"type": "http.response.body", "body": b"a", "more_body": True},
            {"type": "http.response.body", "body": b"b", "more_body": False},
        )
        for number, message in enumerate(messages):
            if number == self.answer["fails"]:
                raise LookupError
            await send(message)


def totals(app: AnalyticsMiddleware, dimension: str) -> Counter[str]:
    """The metrics that wait to be stored, of the site or of all its pages together."""
    found = Counter[str]()
    for key, vector in app.analytics.counting.accumulator.counts().items():
        if key.period == "month" and key.dimension == dimension:
            found.update(dict(zip(COUNTED, vector, strict=True)))
    return +found


async def send_one(app: AnalyticsMiddleware, hit: Any) -> tuple[str | None, int | None]:
    """What a hit's response says, and its status; None where there is none."""
    method, path, origin, changed, _, body = hit
    ours = path == "/_tally/view"
    sent = {"host": HOST, **(BEACON if ours else {**NAVIGATION, "sec-fetch-site": origin})}
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    for name, value in changed:
        headers = [each for each in headers if each[0] != name.encode()]
        headers += [] if value is None else [(name.encode(), value)]
    arrived: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        arrived.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "https",
        "method": "POST" if ours else method,
        "path": path,
        "raw_path": b"",
        "root_path": "",
        "query_string": b"utm_source=x&q=1",
        "headers": headers,
        "server": (HOST, 443),
    }
    try:
        await app(scope, receive, send)
    except LookupError:
        assert not ours
    starts = [one for one in arrived if one["type"] == "http.response.start"]
    if not starts:
        return None, None
    (said,) = [value.decode() for name, value in starts[0]["headers"] if name == b"tally"]
    return said, starts[0]["status"]


def added_by(said: str | None) -> dict[str, int]:
    """What a document adds whose response says this."""
    match said:
        case SAID_ENTRY.said:
            return {"pageviews": 1, "visits": 1}
        case SAID_VIEW.said:
            return {"pageviews": 1}
        case SAID_MISS.said:
            return {"misses": 1}
        case "ignored; prefetch" | "ignored; referrer spam":
            return {"ignored": 1}
    return {}


PLAIN = {"status": 200, "headers": [], "fails": None}


@given(st.lists(hits, min_size=1, max_size=12), st.sampled_from(("server", "script")))
@example([("GET", "/", "none", [], {**PLAIN, "fails": 1}, b"")] * 2, "server")
@example([("GET", "/", "none", [], {**PLAIN, "fails": 0}, b"")], "server")
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_is_said_is_what_is_added(drawn: list[Any], collect: str) -> None:
    async def run() -> None:
        site = Site()
        app = counting(site, collect=collect, query=("q",))
        before = totals(app, SITE)
        for hit in drawn:
            site.answer = hit[4]
            said, status = await send_one(app, hit)
            now = totals(app, SITE)
            added, before = now - before, now
            if hit[1] != "/_tally/view":
                expected = added_by(said)
                known = {name: added[name] for name in added if name != "departures"}
                if said == "ignored; bot":
                    assert known in ({"ignored": 1}, {"ignored": 1, "requests": 1})
                else:
                    assert known == expected, (said, hit)
            elif status == 204 and said in {"counted", "confirmed"}:
                assert added["pageviews"] <= (said == "counted")
                assert added["visits"] <= added["pageviews"] <= added["confirmed"] <= 1
            else:
                assert set(added) <= {"ignored"}, (said, hit)
            pages = totals(app, PATH.name)
            for name in ("pageviews", "visits", "confirmed", "confirmed_visits"):
                assert pages[name] == now[name], name

    asyncio.run(run())
