"""Third parties: what a browser reports of them, what is kept of it, and what is told."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from firstparty import AnalyticsMiddleware, ThirdParty
from firstparty.cli import main
from firstparty.counts import Key
from firstparty.exposure import companies
from firstparty.exposure.loads import LOADS
from firstparty.exposure.parsing import LIST, ONE, Reported, ReportError, parse
from firstparty.exposure.sampling import Budget
from firstparty.metrics import ZERO, vector
from tests.driving import BEACON, CHROME, HOST, NAVIGATION, App, Reply, api, counting, page, request

HOUR = 3600
NOON = 1_795_518_000.0  # 2026-11-24 11:00 UTC
DAY, MONTH = 20261124, 202611
REPORT_ONLY = "content-security-policy-report-only"


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def csp(
    blocked: str, directive: str = "script-src-elem", document: str = f"https://{HOST}/"
) -> bytes:
    """One report as Chromium 156 sends it by `report-uri`."""
    body = {
        "document-uri": document,
        "referrer": "",
        "violated-directive": directive,
        "effective-directive": directive,
        "original-policy": "default-src 'self'",
        "disposition": "report",
        "blocked-uri": blocked,
        "status-code": 200,
        "script-sample": "",
    }
    return json.dumps({"csp-report": body}).encode()


def listed(*blocked: str, document: str = f"https://{HOST}/") -> bytes:
    """Reports as Chromium 156 sends them by `report-to`."""
    return json.dumps(
        [
            {
                "age": 1,
                "type": "csp-violation",
                "url": document,
                "user_agent": CHROME,
                "body": {
                    "blockedURL": each,
                    "documentURL": document,
                    "effectiveDirective": "img-src",
                    "disposition": "report",
                    "originalPolicy": "default-src 'self'",
                    "statusCode": 200,
                },
            }
            for each in blocked
        ]
    ).encode()


BY_URI = {
    "content-type": ONE,
    "origin": f"https://{HOST}",
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "no-cors",
    "sec-fetch-dest": "report",
    "user-agent": CHROME,
}
BY_API = {"content-type": LIST, "origin": f"https://{HOST}", "user-agent": CHROME}
"""Chromium sends no Fetch Metadata with these."""


async def report(app: App, body: bytes, headers: Mapping[str, str] = BY_URI) -> Reply:
    return await request(app, "/_tally/exposure", headers, method="POST", body=body)


def exposing(app: App | None = None, **options: Any) -> tuple[AnalyticsMiddleware, Clock]:
    clock = Clock()
    return counting(app, **{"exposure": "report", "clock": clock, **options}), clock


def kept(site: AnalyticsMiddleware) -> dict[Key, tuple[int, ...]]:
    """What waits to be stored of third parties."""
    found = site.analytics.counting.accumulator.counts()
    return {key: counts for key, counts in found.items() if key.dimension.startswith("third_party")}


async def three_hours(site: App, clock: Clock, *bodies: bytes) -> None:
    """The same reports in three hours, after which their hosts have names; then once more."""
    for _ in range(4):
        for body in bodies:
            assert (await report(site, body)).tally == "counted"
        clock.now += HOUR


def run(act: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(act())  # type: ignore[arg-type]


# What a report says


def test_both_formats_say_the_same() -> None:
    url, document = "https://Tracker.example:8443/t.js?id=7", f"https://{HOST}/pricing?a=b"
    one = parse(csp(url, document=document), ONE)
    assert one == (Reported(document, "tracker.example", "script"),)
    many = parse(listed(url, "http://pixel.example/", document=document), LIST)
    assert many == (
        Reported(document, "tracker.example", "image"),
        Reported(document, "pixel.example", "image"),
    )


@pytest.mark.parametrize(
    "blocked",
    [
        *(
            "inline",
            "eval",
            "self",
            "data",
            "blob",
            "",
            "about:blank",
            "chrome-extension://abc/x.js",
        ),
        *(
            "moz-extension://abc",
            "wss://tracker.example/",
            "data:text/plain,x",
            "https://",
            "//a.b",
        ),
        *("http://[", "javascript:alert(1)", "x" * 3000, "https://" + "a" * 3000),
    ],
)
def test_what_is_no_load_over_http_is_dropped(blocked: str) -> None:
    assert parse(csp(blocked), ONE) == ()


def test_a_directive_that_loads_nothing_is_dropped() -> None:
    for directive in ("frame-ancestors", "base-uri", "", "trusted-types"):
        assert parse(csp("https://a.example/", directive), ONE) == ()


def test_a_list_is_read_up_to_its_twentieth_report() -> None:
    hosts = [f"https://h{number}.example/" for number in range(40)]
    assert len(parse(listed(*hosts), LIST)) == 20


def test_reports_of_other_things_are_dropped() -> None:
    other: list[Any] = [
        {"type": "deprecation", "body": {"id": "x"}},
        7,
        None,
        {"type": "csp-violation"},
    ]
    assert parse(json.dumps(other).encode(), LIST) == ()


@pytest.mark.parametrize(
    ("body", "media"),
    [
        *((b"", ONE), (b"{", ONE), (b"[]", ONE), (b"{}", ONE), (b'{"csp-report": 7}', ONE)),
        *((b"{}", LIST), (b"7", LIST), (b"\xff", LIST), (b"[" * 16_000, LIST)),
    ],
)
def test_what_is_no_report_says_so(body: bytes, media: str) -> None:
    with pytest.raises(ReportError):
        parse(body, media)


# What is kept


def test_a_host_has_a_name_once_it_was_reported_in_three_separate_hours() -> None:
    async def act() -> list[set[str]]:
        site, clock = exposing()
        seen = []
        for hour in range(3):
            for _ in range(50):
                await report(site, csp("https://tracker.example/t.js"))
            seen.append({key.value for key in kept(site)})
            clock.now += HOUR * (hour + 1)
        return seen

    assert run(act) == [{"(unlisted)"}, {"(unlisted)"}, {"(unlisted)", "tracker.example"}]


def test_a_host_is_counted_by_the_day_and_its_pages_are_kept_as_present_or_not() -> None:
    async def act() -> dict[Key, tuple[int, ...]]:
        site, clock = exposing(listed=("/checkout",))
        image = listed("https://tracker.example/p.gif", document=f"https://{HOST}/checkout?card=4")
        for _ in range(4):
            await report(site, csp("https://tracker.example/t.js"))
            await report(site, image, BY_API)
            clock.now += HOUR
        return kept(site)

    # Three sightings of the first kind and two of the other are before the host had a name.
    assert run(act) == {
        Key("day", DAY, "third_party", "(unlisted)", ""): vector(reports=4),
        Key("month", MONTH, "third_party", "(unlisted)", ""): vector(reports=4),
        Key("day", DAY, "third_party", "tracker.example", ""): vector(reports=4),
        Key("month", MONTH, "third_party", "tracker.example", ""): vector(reports=4),
        Key("crossed", MONTH, "third_party_script", "tracker.example", "/"): ZERO,
        Key("crossed", MONTH, "third_party_image", "tracker.example", "/checkout"): ZERO,
    }


def test_a_page_without_a_name_and_a_drawn_label_are_masked() -> None:
    async def act() -> dict[Key, tuple[int, ...]]:
        site, clock = exposing()
        secret = csp(
            "https://d1a2b3c4e5f6g7h8.cloudfront.example/x", document=f"https://{HOST}/reset/s3cr3t"
        )
        await three_hours(site, clock, secret)
        return kept(site)

    assert {(key.value, key.path) for key in run(act)} == {
        ("(unlisted)", ""),
        ("{token}.cloudfront.example", ""),
        ("{token}.cloudfront.example", "(unlisted)"),
    }


def test_an_accepted_host_has_a_name_at_once() -> None:
    async def act() -> dict[Key, tuple[int, ...]]:
        accepted = (ThirdParty("www.fonts.example"), ThirdParty("*.cdn.example"))
        site, _ = exposing(accepted=accepted)
        await report(site, csp("https://fonts.example/a.woff2", "font-src"))
        await report(site, csp("https://a.cdn.example/a.js"))
        return kept(site)

    assert {(key.dimension, key.value) for key in run(act)} == {
        ("third_party", "fonts.example"),
        ("third_party_font", "fonts.example"),
        ("third_party", "(unlisted)"),
    }


def test_the_pages_of_a_host_survive_the_closing_of_their_month() -> None:
    async def act() -> Any:
        site, clock = exposing()
        await three_hours(site, clock, csp("https://tracker.example/t.js"))
        await site.flusher.flush()
        clock.now += 40 * 24 * HOUR
        await request(site)
        await site.flusher.flush()
        return {
            key
            async for key, _ in site.analytics.counting.store.counts()
            if key.period == "crossed"
        }

    presence = Key("crossed", MONTH, "third_party_script", "tracker.example", "/")
    assert presence in run(act)


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (csp("https://a.example/"), {**BY_URI, "sec-gpc": "1"}, "ignored; objects"),
        (csp("https://a.example/"), {**BY_URI, "dnt": "1"}, "ignored; objects"),
        (csp("https://a.example/"), {**BY_URI, "user-agent": "curl/8"}, "ignored; bot"),
        (csp(f"https://{HOST}/a.js"), BY_URI, "ignored; nothing from elsewhere"),
        (csp(f"https://{HOST}:8443/a.js"), BY_URI, "ignored; nothing from elsewhere"),
        (csp("https://static.own.example/"), BY_URI, "ignored; nothing from elsewhere"),
        (csp("https://www.static.own.example/"), BY_URI, "ignored; nothing from elsewhere"),
        (csp(f"https://www.{HOST}/a.js"), BY_URI, "ignored; nothing from elsewhere"),
        (csp(f"https://{HOST.upper()}.:8443/a.js"), BY_URI, "ignored; nothing from elsewhere"),
        (csp("https://трекер.example/"), BY_URI, "ignored; nothing from elsewhere"),
        (
            csp("https://a.example/", document="https://evil.example/"),
            BY_URI,
            "ignored; nothing from elsewhere",
        ),
        (
            csp("https://a.example/", document=f"https://{HOST}/staff/x"),
            BY_URI,
            "ignored; nothing from elsewhere",
        ),
        (csp("inline"), BY_URI, "ignored; nothing from elsewhere"),
        (listed(), BY_API, "ignored; nothing from elsewhere"),
        (csp("https://a.example/"), BY_URI, "counted"),
        (listed("https://a.example/"), BY_API, "counted"),
        (csp("https://\\ud800.example/"), BY_URI, "ignored; nothing from elsewhere"),
    ],
)
def test_a_report_is_answered_with_what_it_added(
    body: bytes, headers: Mapping[str, str], said: str
) -> None:
    from firstparty import Site

    async def act() -> tuple[Reply, int]:
        own = Site("s", hosts=("static.own.example",))
        site, _ = exposing(site=own, exclude=("/staff/*",))
        return await report(site, body, headers), len(kept(site))

    reply, counts = run(act)
    assert (reply.status, reply.tally) == (204, said)
    assert bool(counts) == (said == "counted")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", BEACON, 415),
        (csp("https://a.example/"), {**BY_URI, "content-type": "text/plain"}, 415),
        (csp("https://a.example/"), {**BY_URI, "sec-fetch-site": "cross-site"}, 403),
        (b" " * (16 * 1024 + 1), BY_URI, 413),
        (b"nonsense", BY_URI, 400),
        (b"{}", BY_URI, 400),
    ],
)
def test_what_is_no_report_is_refused(body: bytes, headers: Mapping[str, str], status: int) -> None:
    async def act() -> tuple[int, int]:
        site, _ = exposing()
        return (await report(site, body, headers)).status, len(kept(site))

    assert run(act) == (status, 0)


def test_no_report_is_taken_where_none_is_asked_for() -> None:
    async def act() -> int:
        return (await report(counting(), csp("https://a.example/"))).status

    assert run(act) == 404


def test_a_flood_of_hosts_gets_no_more_names_than_a_day_has() -> None:
    async def act() -> set[str]:
        site, clock = exposing()
        for _ in range(4):
            for start in range(0, 300, 20):
                hosts = (
                    f"https://x{number}.{number}.example/" for number in range(start, start + 20)
                )
                await report(site, listed(*hosts), BY_API)
            clock.now += HOUR
        return {key.value for key in kept(site)}

    assert len(run(act)) <= 51


# Which documents ask


def test_a_document_asks_its_browser_for_reports() -> None:
    async def act() -> tuple[Reply, Reply]:
        site, _ = exposing()
        return await request(site), await request(site, "/b", scheme="http")

    secure, plain = run(act)
    policy = (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem: mediastream:;"
        " form-action 'self'; report-uri /_tally/exposure"
    )
    assert secure.headers[REPORT_ONLY] == f"{policy}; report-to tally-exposure"
    assert secure.headers["reporting-endpoints"] == 'tally-exposure="/_tally/exposure"'
    assert plain.headers[REPORT_ONLY] == policy
    assert "reporting-endpoints" not in plain.headers


def test_a_mounted_application_asks_below_its_own_path() -> None:
    async def act() -> Reply:
        site, _ = exposing()
        return await request(site, "/shop/a", root_path="/shop")

    assert "report-uri /shop/_tally/exposure;" in run(act).headers[REPORT_ONLY]


def test_the_policies_of_the_application_stay_as_they_are() -> None:
    own = [
        (b"content-type", b"text/html"),
        (b"content-security-policy", b"default-src 'self'"),
        (b"content-security-policy-report-only", b"img-src 'none'; report-uri /mine"),
        (b"reporting-endpoints", b'mine="/mine"'),
    ]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body", "body": b""})

    async def act() -> list[tuple[bytes, bytes]]:
        sent: list[Any] = []

        async def remember(scope: Any, receive: Any, send: Any) -> None:
            async def note(message: Any) -> None:
                sent.append(message)
                await send(message)

            await site(scope, receive, note)

        site, _ = exposing(app, exposure="block")
        await request(remember)
        return sent[0]["headers"]

    headers = run(act)
    assert headers[: len(own)] == own
    added = [name.decode() for name, _ in headers[len(own) :]]
    assert [name for name in added if name not in {"tally", "server-timing"}] == [
        "content-security-policy",
        REPORT_ONLY,
        "reporting-endpoints",
    ]


@pytest.mark.parametrize(
    ("options", "path", "headers", "answer"),
    [
        ({"exposure": "off"}, "/", NAVIGATION, page()),
        ({"exposure_budget": 0}, "/", NAVIGATION, page()),
        ({"exclude": ("/staff",)}, "/staff", NAVIGATION, page()),
        ({}, "/", {**NAVIGATION, "sec-gpc": "1"}, page()),
        ({}, "/", {**NAVIGATION, "dnt": "1"}, page()),
        ({}, "/", {**NAVIGATION, "sec-purpose": "prefetch"}, page()),
        ({}, "/", {**NAVIGATION, "user-agent": "curl/8"}, page()),
        ({}, "/", {**NAVIGATION, "sec-fetch-dest": "iframe"}, page()),
        ({}, "/", NAVIGATION, page(404)),
        ({}, "/", NAVIGATION, page(304)),
        ({}, "/", NAVIGATION, page(headers={"cache-control": "public, max-age=60"})),
        ({}, "/", NAVIGATION, page(headers={"content-type": "application/pdf"})),
    ],
)
def test_no_other_document_asks(
    options: Mapping[str, Any], path: str, headers: Mapping[str, str], answer: App
) -> None:
    async def act() -> Reply:
        return await request(exposing(answer, **options)[0], path, headers)

    assert REPORT_ONLY not in run(act).headers


def test_documents_that_ask_are_counted_for_the_site() -> None:
    async def act() -> int:
        site, _ = exposing(collect="script")
        asked = [REPORT_ONLY in (await request(site)).headers for _ in range(5)]
        total = site.analytics.counting.accumulator.counts()[Key("day", DAY, "", "", "")]
        return sum(asked), total

    asked, total = run(act)
    assert total == vector(sampled=asked)


def test_a_rare_page_asks_though_another_has_spent_the_budget() -> None:
    budget = Budget(500)
    start = 29_000_000
    spent = sum(budget.takes("/", start + minute // 20, 1) for minute in range(20 * 60 * 10))
    assert 150 < spent < 200  # in ten hours: half the day's budget evenly, and what is saved
    assert budget.takes("/checkout", start + 60 * 10, 1)
    assert not all(budget.takes("/", start + 60 * 10, 1) for _ in range(2))


@pytest.mark.parametrize("budget", [0, 1, 10, 500])
@pytest.mark.parametrize("pages", [1, 10, 10_000])
def test_no_day_asks_more_than_the_budget(budget: int, pages: int) -> None:
    purse = Budget(budget)
    start = 29_000_000
    for day in range(3):
        views = range(24 * 60 * 20)
        asked = sum(
            purse.takes(f"/{view % pages}", start + 24 * 60 * day + view // 20, day)
            for view in views
        )
        assert asked <= budget
        if budget >= 10:
            assert asked >= budget // 2


def test_each_page_of_a_site_asks_in_three_separate_hours_of_a_day() -> None:
    budget = Budget(500)
    hours: dict[str, set[int]] = {f"/{number}": set() for number in range(60)}
    for minute in range(24 * 60):
        for number in range(60):
            if budget.takes(f"/{number}", 29_000_000 + minute, 1):
                hours[f"/{number}"].add(minute // 60)
    assert min(map(len, hours.values())) >= 3


def test_a_tracker_on_a_checkout_page_that_is_opened_three_times_a_day_is_found() -> None:
    async def act() -> tuple[set[str], int]:
        site, clock = exposing(exposure_budget=20, listed=("/checkout",))
        asked = 0
        for minute in range(0, 3 * 24 * 60, 5):
            clock.now = NOON + 60 * minute
            asked += REPORT_ONLY in (await request(site)).headers
            if minute % (24 * 60) in {0, 4 * 60, 8 * 60}:  # at eleven, three and seven
                headers = (await request(site, "/checkout")).headers
                if REPORT_ONLY in headers:
                    asked += 1
                    page = f"https://{HOST}/checkout"
                    await report(site, csp("https://tracker.example/t.js", document=page))
        found = {(key.dimension, key.value, key.path) for key in kept(site)}
        return found, asked

    found, asked = run(act)
    assert ("third_party_script", "tracker.example", "/checkout") in found
    assert asked <= 4 * 20


def test_texts_of_visitors_are_not_remembered_as_pages() -> None:
    async def act() -> Any:
        site, _ = exposing()
        for number in range(20):
            await request(site, f"/reset/secret-{number}")
        document: Any = site.analytics.counting.document
        return set(document.__self__._budget._asked)

    assert run(act) == {""}


# What is stopped


def blocking(**options: Any) -> AnalyticsMiddleware:
    return exposing(**{"exposure": "block", "exposure_budget": 0, **options})[0]


POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem: mediastream:"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, POLICY),
        ({"accepted": (ThirdParty("fonts.example"), ThirdParty("*.cdn.example:8443"))},
         f"{POLICY} fonts.example *.cdn.example:8443"),
        ({"consent": lambda scope: ["b.example", "a.example"]}, f"{POLICY} a.example b.example"),
        ({"consent": lambda scope: ()}, POLICY),
        ({"consent": lambda scope: "a.example"}, POLICY),
        ({"consent": lambda scope: ["a.example; script-src *"]}, POLICY),
        ({"consent": lambda scope: ["*"]}, POLICY),
        ({"consent": lambda scope: [7]}, POLICY),
        ({"consent": lambda scope: scope["none"]}, POLICY),
    ],
)  # fmt: skip
def test_a_page_may_load_from_whom_it_is_let(options: Mapping[str, Any], said: str) -> None:
    async def act() -> Reply:
        return await request(blocking(**options))

    assert run(act).headers["content-security-policy"] == said


def test_consent_is_asked_with_what_the_application_has_put_into_the_scope() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"] = {"agreed": ["video.example"]}
        await page()(scope, receive, send)

    async def act() -> Reply:
        return await request(blocking(app=app, consent=lambda scope: scope["session"]["agreed"]))

    assert run(act).headers["content-security-policy"] == f"{POLICY} video.example"


@pytest.mark.parametrize(
    ("headers", "answer", "stopped"),
    [
        (NAVIGATION, page(), True),
        (NAVIGATION, page(404), True),
        (NAVIGATION, page(304), True),
        ({**NAVIGATION, "sec-gpc": "1"}, page(), True),
        ({**NAVIGATION, "sec-fetch-dest": "iframe"}, page(), True),
        (NAVIGATION, page(headers={"Content-Type": "Text/HTML"}), True),
        (NAVIGATION, page(headers={"content-type": "image/svg+xml"}), True),
        (NAVIGATION, page(headers={"content-type": "application/json"}), False),
    ],
)  # fmt: skip
def test_every_page_is_stopped_and_nothing_else(
    headers: Mapping[str, str], answer: App, stopped: bool
) -> None:
    async def act() -> Reply:
        return await request(blocking(app=answer), "/", headers)

    assert ("content-security-policy" in run(act).headers) is stopped


@pytest.mark.parametrize(
    "host",
    ["", "https://a.example", "A.example", "a.example/", "a b", "*", "a;b", "*.*.a", None, 7],
)
def test_a_third_party_is_a_host(host: Any) -> None:
    with pytest.raises(ValueError, match="is no host: write ThirdParty"):
        ThirdParty(host)


# What is told


def test_a_company_is_told_where_the_list_knows_it() -> None:
    asked = ("fonts.gstatic.com", "google-analytics.com", "js.stripe.com", "x.example", "com", "")
    found = [companies.of(host) for host in asked]
    assert [each and (each.name, each.category) for each in found] == [
        ("Google", "cdn"),
        ("Google", "analytics"),
        ("Stripe", "utility"),
        None,
        None,
        None,
    ]


def test_every_category_of_the_list_has_words() -> None:
    assert {each.category for each in companies._listed().values()} == set(companies.CATEGORIES)


def test_the_api_tells_what_nobody_has_agreed_to_first() -> None:
    async def act() -> tuple[int, Any]:
        site, clock = exposing(accepted=(ThirdParty("fonts.example", purpose="our typeface"),))
        await request(site)
        await three_hours(
            site,
            clock,
            csp("https://fonts.example/a.woff2", "font-src"),
            csp("https://www.google-analytics.com/a.js"),
            csp("https://pixel.example/", "img-src"),
        )
        return await api(site, "exposure")

    status, told = run(act)
    assert status == 200
    assert told["third_parties"] == [
        {
            "host": "google-analytics.com",
            "company": "Google",
            "category": "analytics",
            "kinds": ["script"],
            "paths": [{"path": "/", "kinds": ["script"]}],
            "total_paths": 1,
            "reports": 2,
            "reports_per_document": 2.0,
            "first_seen": "2026-11-24",
            "last_seen": "2026-11-24",
            "new": True,
            "accepted": False,
            "purpose": "",
            "contract": "",
        },
        {
            "host": "pixel.example",
            "company": None,
            "category": None,
            "kinds": ["image"],
            "paths": [{"path": "/", "kinds": ["image"]}],
            "total_paths": 1,
            "reports": 2,
            "reports_per_document": 2.0,
            "first_seen": "2026-11-24",
            "last_seen": "2026-11-24",
            "new": True,
            "accepted": False,
            "purpose": "",
            "contract": "",
        },
        {
            "host": "fonts.example",
            "company": None,
            "category": None,
            "kinds": ["font"],
            "paths": [{"path": "/", "kinds": ["font"]}],
            "total_paths": 1,
            "reports": 4,
            "reports_per_document": 4.0,
            "first_seen": "2026-11-24",
            "last_seen": "2026-11-24",
            "new": True,
            "accepted": True,
            "purpose": "our typeface",
            "contract": "",
        },
    ]
    assert {name: told[name] for name in ("exposure", "months", "sampled", "unnamed_reports")} == {
        "exposure": "report",
        "months": ["2026-10", "2026-11"],
        "sampled": 1,
        "unnamed_reports": 4,
    }
    assert set(told["kinds"]) == {load.kind for load in LOADS}
    assert told["companies_from"].startswith("third-party-web ")


def test_an_answer_about_third_parties_fits_its_description() -> None:
    from jsonschema import Draft202012Validator

    from firstparty.exposure.described import ANSWER

    async def act() -> list[Any]:
        site, clock = exposing()
        await three_hours(site, clock, csp("https://pixel.example/", "img-src"))
        return [(await api(each, "exposure"))[1] for each in (site, counting())]

    for told in run(act):
        Draft202012Validator(ANSWER).validate(told)


def test_third_parties_are_not_public() -> None:
    async def act() -> tuple[int, Any]:
        return await api(exposing(public=True)[0], "exposure", authorization="")

    assert run(act) == (403, {"error": "third parties are not public"})


@pytest.mark.parametrize(("days", "new"), [(9, None), (20, False)])
def test_a_host_whose_quiet_days_are_closed_is_told_by_its_month(
    days: int, new: bool | None
) -> None:
    async def act() -> Any:
        site, clock = exposing()
        await three_hours(site, clock, csp("https://pixel.example/", "img-src"))
        await site.flusher.flush()
        clock.now += days * 24 * HOUR
        await request(site)
        await site.flusher.flush()
        (told,) = (await api(site, "exposure"))[1]["third_parties"]
        return told["first_seen"], told["last_seen"], told["new"]

    assert run(act) == ("2026-11", "2026-11", new)


def test_the_command_tells_the_third_parties_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "stats.db"
    monkeypatch.setenv("FIRSTPARTY_STORE", f"sqlite:///{file}")

    async def act() -> None:
        site, clock = exposing(store=f"sqlite:///{file}")
        clock.now = __import__("time").time() - 4 * HOUR
        await request(site)
        await three_hours(site, clock, csp("https://www.google-analytics.com/a.js"))
        await site.flusher.stop()

    run(act)
    assert main(["exposure", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["third_parties"]
    assert (told["host"], told["company"], told["accepted"]) == (
        "google-analytics.com",
        "Google",
        False,
    )
    assert (
        main(["exposure", "--accept", "*.google-analytics.com", "--accept", "google-analytics.com"])
        == 0
    )
    said = capsys.readouterr().out
    assert "google-analytics.com  (Google, analytics)  accepted, new" in said
    assert "    on /: script" in said
    assert main(["exposure", "--months", "0"]) == 2
    assert main(["exposure", "--accept", "https://a"]) == 2


def test_the_command_says_where_nothing_was_ever_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIRSTPARTY_STORE", f"sqlite:///{tmp_path / 'stats.db'}")

    async def act() -> None:
        site = counting(store=f"sqlite:///{tmp_path / 'stats.db'}")
        await request(site)
        await site.flusher.stop()

    run(act)
    assert main(["exposure"]) == 0
    said = capsys.readouterr()
    assert said.out == "No third party has been reported.\n"
    assert 'write exposure="report"' in said.err


def test_a_root_that_a_visitor_has_chosen_puts_nothing_into_the_header() -> None:
    async def run() -> dict[str, str]:
        site = counting(exposure="report")
        root = "/a\r\nSet-Cookie: x=1;script-src b,c"
        reply = await request(site, f"{root}/", root_path=root)
        return dict(reply.headers)

    sent = asyncio.run(run())
    policy = sent["content-security-policy-report-only"]
    asked = "report-uri /a%0D%0ASet-Cookie%3A%20x%3D1%3Bscript-src%20b%2Cc/_tally/exposure"
    assert asked in policy.split("; ")
    assert "script-src" not in policy.replace(asked, "")


@pytest.mark.parametrize("root", ["/a\udc80", "/é", '/a"><b', "/a%0d%0a"])
def test_a_root_of_any_letters_is_counted_and_asks_in_ascii(root: str) -> None:
    async def run() -> tuple[dict[str, str], int]:
        async def as_server(scope: Any, receive: Any, send: Any) -> None:
            await site({**scope, "path": f"{root}/", "root_path": root}, receive, send)

        site = counting(exposure="report", debug=True)
        reply = await request(as_server)
        return dict(reply.headers), site.analytics.counting.accumulator.counting

    sent, counted = asyncio.run(run())
    assert counted
    assert re.fullmatch(
        r"tally-exposure=\"[\w/%.-]+/_tally/exposure\"", sent["reporting-endpoints"]
    )


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("1.2.3.4", "{address}"),
        ("[2001:db8::1]", "{address}"),
        ("127.0.0.1:8080", "{address}"),
        ("router", "{address}"),
        ("me:s3cr3t@tracker.example:444", "tracker.example"),
        (f"tracker.example\\@{HOST}", "tracker.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_a_host_is_named_without_port_user_or_address(host: str, named: str) -> None:
    async def run() -> set[str]:
        site, clock = exposing()
        await three_hours(site, clock, csp(f"https://{host}/x"))
        return {key.value for key in kept(site)}

    assert asyncio.run(run()) == {"(unlisted)", named}


def test_guests_and_the_public_do_not_read_third_parties() -> None:
    async def run() -> list[Any]:
        site = counting(exposure="report", public=True)
        asked = {"metrics": ["reports"], "date_range": "month", "dimensions": ["third_party"]}
        body = json.dumps(asked).encode()
        query = await request(site, "/stats/api/query", NAVIGATION, method="POST", body=body)
        told = await request(site, "/stats/api/dimensions", NAVIGATION)
        names = {row["name"] for row in json.loads(told.body)["dimensions"]}
        return [query.status, {name for name in names if name.startswith("third_party")}]

    assert asyncio.run(run()) == [400, set()]
