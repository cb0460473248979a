"""What the optional file reports: what each kind adds, and what is made of nonsense."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Coroutine, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstparty import AnalyticsMiddleware
from firstparty.beacon import KINDS
from firstparty.metrics import COUNTED
from firstparty.readings import CURRENCIES, MEASURES
from firstparty.row import UNLISTED
from tests.driving import BEACON, HOST, Reply, api, ask, beacon, counting

OWN = f"https://{HOST}"


def run(scenario: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(scenario)


def send(body: object, headers: Mapping[str, str] = BEACON, **options: Any) -> Reply:
    """What a fresh site answers to one report."""
    return run(beacon(counting(**options), body, headers))


def counts(site: AnalyticsMiddleware) -> dict[tuple[str, str, str], dict[str, int]]:
    """What waits, by the month: for each dimension, value and page the numbers that are not 0."""
    return {
        (key.dimension, key.value, key.path): {
            name: number for name, number in zip(COUNTED, vector, strict=True) if number
        }
        for key, vector in site.analytics.counting.accumulator.counts().items()
        if key.period == ("crossed" if key.path else "month")
    }


def added(body: object, **options: Any) -> dict[tuple[str, str, str], dict[str, int]]:
    """What one report adds to a site that has the page `/` alone."""

    async def scenario() -> Any:
        site = counting(**options)
        reply = await beacon(site, body)
        assert reply.status < 500
        return counts(site)

    return run(scenario())


# What each kind adds ----------------------------------------------------------------------------

ONE = {"events": 1}
REPORTS: dict[str, tuple[dict[str, Any], dict[tuple[str, str], dict[str, int]]]] = {
    "event": (
        {"e": "event", "v": "signup"},
        {("", ""): ONE, ("event", UNLISTED): ONE},
    ),
    "event with properties": (
        {"e": "event", "v": "signup", "p": {"plan": "pro", "yearly": True}},
        {("", ""): ONE, ("event", UNLISTED): ONE},
    ),
    "outbound": (
        {"e": "outbound", "v": "www.example.net:8080"},
        {("", ""): ONE, ("outbound", UNLISTED): ONE},
    ),
    "download": (
        {"e": "download", "v": "/files/report.pdf"},
        {("", ""): ONE, ("download", UNLISTED): ONE},
    ),
    "form": (
        {"e": "form", "v": "newsletter"},
        {("", ""): ONE, ("form", UNLISTED): ONE},
    ),
    "left": (
        {"e": "left", "t": 12, "d": 3, "w": "l"},
        {
            ("", ""): {"measured": 1, "seconds": 12},
            ("path", "/"): {"measured": 1, "seconds": 12},
            ("visible", "5 s – 15 s"): {"measured": 1},
            ("scroll", "75 %"): {"measured": 1},
            ("screen", "1024 – 1439 px"): {"measured": 1},
        },
    ),
    "missing": (
        {"e": "missing"},
        {("", ""): {"misses": 1}, ("not_found", UNLISTED): {"misses": 1}},
    ),
}


@pytest.mark.parametrize(("body", "expected"), REPORTS.values(), ids=REPORTS)
def test_a_report_adds_this_and_no_page_view(
    body: dict[str, Any], expected: dict[tuple[str, str], dict[str, int]]
) -> None:
    found = added({"u": "/", **body})
    assert {key[:2]: numbers for key, numbers in found.items() if not key[2]} == expected


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("event", "signup", "signup"),
        ("event", "mail to anna@example.com", "mail to {email}"),
        ("outbound", "www.Example.net:8080", "example.net"),
        ("outbound", "203.0.113.9", "{address}"),
        ("download", "/files/report.pdf", "/files/report.pdf"),
        ("download", "/files/4711081512.pdf", "/files/{number}.pdf"),
        ("form", "newsletter", "newsletter"),
        ("form", "anna@example.com", "{email}"),
    ],
)
def test_what_was_done_has_a_name_after_three_sightings_and_is_masked(
    kind: str, text: str, shown: str
) -> None:
    async def scenario() -> None:
        site = counting()
        for _ in range(12):
            assert (await beacon(site, {"e": kind, "u": "/", "v": text})).tally == "counted"
        assert await ask(site, ["events"], "day", kind) == [(shown, 10), (UNLISTED, 2)]
        assert counts(site)[kind, shown, "/"] == {"events": 10}

    run(scenario())


def test_an_event_has_at_most_five_properties() -> None:
    five = dict.fromkeys("abcde", 1)
    assert send({"e": "event", "u": "/", "v": "signup", "p": five}).tally == "counted"
    reply = send({"e": "event", "u": "/", "v": "signup", "p": {**five, "f": 1}})
    assert (reply.status, reply.tally) == (400, "ignored; bad beacon")
    assert reply.body == b"An event has at most 5 properties, names with values.\n"


def test_properties_are_known_by_the_event_that_has_them() -> None:
    values = ["old=false", "plan=free", "plan=pro"]

    async def scenario() -> None:
        site = counting()
        site.analytics.counting.names.learn({"event": ["signup", "renewal"], "property": values})
        for number in range(24):
            properties = {"plan": ("free", "pro")[number % 2], "old": False}
            body = {"e": "event", "u": "/", "v": "signup", "p": properties}
            await beacon(site, body)
            await beacon(site, body | {"v": "renewal"})
        for event in ("signup", "renewal"):
            of_it = [["is", "event", [event]]]
            rows = await ask(site, ["events"], "month", "property", filters=of_it)
            assert sorted(rows) == [("old=false", 24), ("plan=free", 12), ("plan=pro", 12)]

    run(scenario())


def test_what_a_report_says_of_money_is_not_read() -> None:
    body = {"e": "event", "u": "/", "v": "paid", "amount": 10**9, "currency": CURRENCIES[0]}
    assert added(body) == added({"e": "event", "u": "/", "v": "paid"})


def test_a_page_of_a_single_page_application_that_is_not_found_tells_who_linked_to_it() -> None:
    async def scenario() -> None:
        site = counting()
        for referrer in ("https://blog.example.net/post", f"{OWN}/"):
            body = {"e": "missing", "u": "/gone", "r": referrer}
            for _ in range(12):
                assert (await beacon(site, body)).tally == "counted"
        rows = await ask(site, ["misses"], "month", "path", "not_found")
        assert rows == [("/", "/gone", 12), ("blog.example.net", "/gone", 10)]
        assert await ask(site, ["misses", "pageviews"]) == [(24, 0)]

    run(scenario())


# What is switched off ---------------------------------------------------------------------------

SWITCHED = {
    "events": ({"e": "event", "v": "signup"}, {"e": "missing"}),
    "outbound": ({"e": "outbound", "v": "example.net"},),
    "downloads": ({"e": "download", "v": "/a.pdf"},),
    "forms": ({"e": "form", "v": "newsletter"},),
}


@pytest.mark.parametrize("name", SWITCHED)
def test_a_kind_that_is_switched_off_is_refused(name: str) -> None:
    others = tuple(each for each in SWITCHED if each != name)
    for body in SWITCHED[name]:
        reply = send({"u": "/", **body}, sends=others)
        assert (reply.status, reply.tally) == (400, "ignored; bad beacon")
        assert reply.body.decode().endswith("is switched off.\n")
    for each in others:
        for body in SWITCHED[each]:
            assert send({"u": "/", **body}, sends=others).tally == "counted"


LEFT = {"e": "left", "u": "/", "t": 12, "d": 3, "w": "l", "z": "Europe/Paris"}


@pytest.mark.parametrize(
    ("name", "dimension"), [("time", "visible"), ("scroll", "scroll"), ("screen", "screen")]
)
def test_a_reading_that_is_switched_off_is_dropped(name: str, dimension: str) -> None:
    all_of_them = ("time", "scroll", "screen")
    others = tuple(each for each in all_of_them if each != name)
    before, after = added(LEFT, sends=all_of_them), added(LEFT, sends=others)
    gone = {key[0] for key in before} - {key[0] for key in after}
    assert gone == {dimension}
    assert ("seconds" in after["", "", ""]) == (name != "time")


def test_the_referrer_of_a_report_is_dropped_where_it_is_switched_off() -> None:
    body = {"e": "missing", "u": "/gone", "r": f"{OWN}/"}
    assert any(path == "/" for _, _, path in added(body))
    assert not any(path for _, _, path in added(body, sends=("events",)))


def test_the_time_zone_is_dropped_where_no_country_is_asked_for() -> None:
    assert not any(dimension == "country" for dimension, _, _ in added(LEFT))
    by_header = added(LEFT, country="header:cf-ipcountry")
    assert not any(dimension == "country" for dimension, _, _ in by_header)
    assert added(LEFT, country="timezone")["country", "FR", ""] == {"measured": 1}


@pytest.mark.parametrize("omitted", ["event", "property", "outbound", "visible", "not_found"])
@pytest.mark.parametrize("body", [body for body, _ in REPORTS.values()], ids=REPORTS)
def test_a_dimension_that_is_omitted_takes_no_other_along(
    omitted: str, body: dict[str, Any]
) -> None:
    of_it = {"event": {"event", "property"}}.get(omitted, {omitted})
    full = added({"u": "/", **body})
    rest = added({"u": "/", **body}, omit=(omitted,))
    assert rest == {key: numbers for key, numbers in full.items() if key[0] not in of_it}


@pytest.mark.parametrize(
    ("headers", "said"),
    [({"sec-gpc": "1"}, "ignored; objects"), ({"user-agent": "GPTBot/1.2"}, "ignored; bot")],
)
@pytest.mark.parametrize("body", [body for body, _ in REPORTS.values()], ids=REPORTS)
def test_who_objects_and_who_is_no_person_reports_nothing(
    body: dict[str, Any], headers: dict[str, str], said: str
) -> None:
    async def scenario() -> None:
        site = counting()
        reply = await beacon(site, {"u": "/", **body}, {**BEACON, **headers})
        assert (reply.status, reply.tally) == (204, said)
        found = {key[0]: numbers for key, numbers in counts(site).items()}
        assert found == (
            {} if "objects" in said else {"": {"ignored": 1}, "left_out": {"ignored": 1}}
        )

    run(scenario())


def test_a_report_of_an_excluded_page_is_left_out() -> None:
    for body, _ in REPORTS.values():
        reply = send({"u": "/admin/users", **body}, exclude=("/admin/*",))
        assert reply.tally == "ignored; excluded"


# Nonsense ---------------------------------------------------------------------------------------

ABSURD: list[Any] = [
    *(-1, 0.5, 12.0, 1e308, 10**18, -(10**18), True, False, None, "", "12", "m ", "XL"),
    *([], [12], {}, {"t": 12}, math.nan, math.inf, -math.inf, "Ω", "1e3"),
]


FIELDS = {
    field: (kind, dimension)
    for kind, fields in MEASURES.items()
    for field, (dimension, _) in fields.items()
} | {"z": ("left", "country")}


@pytest.mark.parametrize("field", FIELDS)
def test_an_absurd_measurement_is_no_measurement(field: str) -> None:
    kind, dimension = FIELDS[field]
    for value in ABSURD:
        found = added({"e": kind, "u": "/", field: value}, country="timezone")
        of_it = {shown for name, shown, _ in found if name == dimension}
        assert of_it <= {"(unknown)"}, value
        assert found.get(("", "", ""), {}).get("seconds", 0) == 0
        assert {name for name, _, _ in found} <= {"", "path", "country", "left_out"}, value


ACTS = ("event", "outbound", "download", "form")


@pytest.mark.parametrize("kind", ACTS)
@pytest.mark.parametrize("value", [*ABSURD, "(other)", "(unlisted)", "\u0000", "x" * 500], ids=repr)
def test_an_absurd_name_counts_as_no_other(kind: str, value: Any) -> None:
    async def scenario() -> None:
        site = counting()
        for _ in range(4):
            reply = await beacon(site, {"e": kind, "u": "/", "v": value})
            assert reply.status in {204, 400}
            assert (reply.status == 400) == (reply.tally == "ignored; bad beacon")
            assert isinstance(value, str) or reply.status == 400
        names = site.analytics.counting.names
        known = names.known(site.analytics.counting.table[kind])
        assert not any(name.startswith("(") for name in known)

    run(scenario())


@pytest.mark.parametrize(
    "properties",
    [
        *([], "plan", 7, True, [["plan", "pro"]], {"plan": None}, {"plan": ["pro"]}),
        *({"plan": {"a": 1}}, {"": 1}, {"a=b": 1}, {"a" * 65: 1}),
    ],
    ids=repr,
)
def test_properties_of_the_wrong_shape_are_refused_with_the_event(properties: Any) -> None:
    body = {"e": "event", "u": "/", "v": "signup", "p": properties}
    reply = send(body)
    assert (reply.status, reply.tally) == (400, "ignored; bad beacon")
    assert set(added(body)) == {("", "", ""), ("left_out", "bad beacon", "")}


@pytest.mark.parametrize("kind", [None, 7, "", "view", "LEFT", ["event"], {"e": "event"}])
def test_a_report_of_no_kind_is_refused(kind: Any) -> None:
    assert send({"e": kind, "u": "/", "v": "x"}).status == 400


def test_a_report_is_at_most_a_kilobyte() -> None:
    body = {"e": "download", "u": "/", "v": "/"}
    longest = json.dumps(body | {"v": "/" + "a" * (1024 - len(json.dumps(body)))}).encode()
    assert len(longest) == 1024
    assert send(longest).tally == "counted"
    reply = send(longest + b" ")
    assert (reply.status, reply.tally) == (413, "ignored; beacon too large")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
texts = st.text(st.characters(codec=None), max_size=80)
fields = st.fixed_dictionaries(
    {"u": texts.map(lambda text: "/" + text), "e": st.sampled_from(KINDS)},
    optional={
        **dict.fromkeys((*MEASURES, "r", "z", "p", "v", "extra"), json_values),
        "v": texts | json_values,
        "p": st.dictionaries(texts, json_values, max_size=6),
    },
)


@given(st.lists(fields, min_size=1, max_size=4))
def test_no_report_at_all_makes_a_5xx_or_something_that_cannot_be_stored(
    reports: list[dict[str, Any]],
) -> None:
    async def scenario() -> None:
        site = counting(country="timezone", admit_after=2, query=("q",))
        for report in [*reports, *reports]:
            reply = await beacon(site, report)
            assert reply.status in {204, 400, 413}
            assert (reply.status == 204) == (reply.tally == "counted")
        for key in site.analytics.counting.accumulator.counts():
            (key.value + key.path).encode()  # half a surrogate pair could not be written
            assert len(key.value) <= 200
        status, health = await api(site, "health")
        assert (status, health["store"]["state"]) == (200, "ok")

    run(scenario())


# Floods -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "cap"), [(kind, 1000) for kind in ("event", "outbound", "download", "form")]
)
def test_forged_names_are_bounded_and_leave_room_for_those_of_the_site(kind: str, cap: int) -> None:
    now = 1_795_000_000.0

    async def scenario() -> None:
        nonlocal now
        site = counting(admit_after=1, clock=lambda: now)
        counting_ = site.analytics.counting
        known = counting_.names.known(counting_.table[kind])
        shapes = {"event": "{}", "form": "{}", "outbound": "{}.example", "download": "/{}.pdf"}
        for day in range(30):
            now += 86_400
            before = len(known)
            for number in range(60):
                word = "".join(chr(97 + int(digit)) for digit in f"{day:02}{number:02}")
                body = {"e": kind, "u": "/", "v": shapes[kind].format(word)}
                assert (await beacon(site, body)).tally == "counted"
            assert len(known) - before <= 50
        assert len(known) == cap * 3 // 4
        site.analytics.event("of the site itself")
        assert (await ask(site, ["events"], "day"))[0][0] == 61
        if kind == "event":
            assert "of the site itself" in known

    run(scenario())


def test_forged_properties_are_bounded() -> None:
    async def scenario() -> None:
        site = counting(admit_after=1)
        for number in range(300):
            word = "".join(chr(97 + int(digit)) for digit in f"{number:03}")
            properties = {f"{each}{word}": word for each in "abcde"}
            await beacon(site, {"e": "event", "u": "/", "v": "signup", "p": properties})
        counting_ = site.analytics.counting
        assert len(counting_.names.known(counting_.table["property"])) == 50
        assert await ask(site, ["events"]) == [(300,)]

    run(scenario())


def test_a_forged_time_is_half_an_hour_at_most() -> None:
    assert added({"e": "left", "u": "/", "t": 1800})["", "", ""]["seconds"] == 1800
    assert "seconds" not in added({"e": "left", "u": "/", "t": 1801})["", "", ""]
