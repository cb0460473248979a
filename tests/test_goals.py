"""Goals and funnels: what they count, what they are compared with, and what stays hidden."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from firstparty import AnalyticsMiddleware, Funnel, Goal, SettingError, Settings
from firstparty import settings as settings_
from firstparty.answer import answer as answer_
from firstparty.counts import Cells, Counts, Key, Read, Selection, select
from firstparty.dimensions import table
from firstparty.goals import STEPS, events, paths, report
from firstparty.metrics import ZERO, add, vector
from firstparty.periods import Calendar, day_number, month_number
from firstparty.plan import Context
from firstparty.question import parse
from tests.driving import api, ask, beacon, counting, page, request

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
TODAY = NOW.date()
TABLE = table()
PRICES = Goal("prices", path="/pricing*")
SIGN_UP = Goal("sign-up", event="signup")
WELCOME = Goal("welcome", path="/welcome")
GOALS = (PRICES, SIGN_UP, WELCOME)
TRIAL = Funnel("trial", steps=("prices", "sign-up", "welcome"))

Happened = tuple[str, int]
"""A path that was viewed, or the name of an event; and how many days ago."""


def reached(
    *happened: Happened, asked: object = None, headers: Any = None, **options: Any
) -> tuple[int, Any]:
    """The answer about the goals of a site on which all of this happened."""

    async def run() -> tuple[int, Any]:
        now = NOW
        chosen = {"goals": GOALS, "funnels": [TRIAL], **options}
        site = counting(clock=lambda: now.timestamp(), **chosen)
        for name, ago in sorted(happened, key=lambda each: -each[1]):
            now = NOW - timedelta(days=ago)
            if name.startswith("/"):
                path, _, query = name.partition("?")
                await request(site, path, query=query)
            else:
                await beacon(site, {"e": "event", "u": "/", "v": name})
        now = NOW
        question = {"date_range": "7d"} if asked is None else asked
        if headers is None:
            return await api(site, "goals", question)
        body = json.dumps(question).encode()
        reply = await request(site, "/stats/api/goals", headers, method="POST", body=body)
        return reply.status, json.loads(reply.body)

    return asyncio.run(run())


# What is wrong says what to write -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"name": "a"},
            "goal 'a' needs either a path or an event: write Goal('a', path='/thanks')",
        ),
        ({"name": "a", "path": "/", "event": "b"}, "goal 'a' needs either a path or an event"),
        ({"name": "", "path": "/"}, "Goal('') needs a name of 1 to 60 characters first: write"),
        ({"name": " a", "path": "/"}, "Goal(' a') needs a name of 1 to 60 characters"),
        ({"name": "a" * 61, "path": "/"}, f"Goal('{'a' * 61}') needs a name of 1 to 60"),
        ({"name": 7, "path": "/"}, "Goal(7) needs a name of 1 to 60 characters"),
        ({"name": "a", "path": "a"}, "goal 'a': path='a' is no path: start it with /"),
        ({"name": "a", "path": ""}, "goal 'a': path='' is no path: start it with /"),
        ({"name": "a", "path": 7}, "goal 'a': path=7 is no path: start it with /"),
        (
            {"name": "a", "path": "/order/123456/*"},
            (
                "goal 'a': path='/order/123456/*' matches no page, as names of pages are masked:"
                " write '/order/{number}/*'"
            ),
        ),
        ({"name": "a", "event": ""}, "goal 'a': event='' is no event: write its name"),
        ({"name": "a", "event": 7}, "goal 'a': event=7 is no event: write its name"),
        ({"name": "a", "event": "(other)"}, "goal 'a': event='(other)' is no event: write its"),
        (
            {"name": "a", "event": "plan 1234567"},
            (
                "goal 'a': event='plan 1234567' is never counted, as names of events are masked:"
                " write 'plan {number}'"
            ),
        ),
    ],
)
def test_a_wrong_goal_says_what_to_write(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        Goal(**given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("", ("a", "b")), "Funnel('') needs a name of 1 to 60 characters first"),
        (("f", "ab"), "funnel 'f': steps='ab' is one text: write a list"),
        (("f", ("a",)), "funnel 'f': steps=('a',): write 2 to 10 different goals"),
        (("f", ("a", "b", "a")), "funnel 'f': steps=('a', 'b', 'a'): write 2 to 10 different"),
        (("f", tuple("abcdefghijk")), "funnel 'f': steps=('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'"),
    ],
)
def test_a_wrong_funnel_says_what_to_write(given: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        Funnel(*given)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"goals": (PRICES, PRICES)}, "goals: 'prices' is there twice: choose another name"),
        ({"goals": GOALS, "funnels": (TRIAL, TRIAL)}, "funnels: 'trial' is there twice: choose"),
        (
            {"goals": (PRICES, WELCOME), "funnels": (TRIAL,)},
            "funnel 'trial': 'sign-up' is the name of no goal; there are 'prices', 'welcome'",
        ),
        (
            {"funnels": (TRIAL,)},
            "funnel 'trial': 'prices' is the name of no goal; there are no goals yet: write goals=",
        ),
        (
            {"goals": PRICES},
            "goals=Goal(name='prices', path='/pricing*', event=None): write a list",
        ),
        ({"goals": "/pricing"}, "goals='/pricing' is one text: write goals=('/pricing',)"),
        ({"goals": ("/a",)}, "goals: '/a' is none: write goals=(Goal('sign-up', event='signup'),)"),
        (
            {"goals": GOALS, "omit": ("event",)},
            "goals: the event 'signup' is not counted, as omit has 'event': drop either",
        ),
        ({"funnels": (PRICES,)}, "funnels: Goal(name='prices', path='/pricing*', event=None) is"),
    ],
)
def test_wrong_settings_say_what_to_write(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError) as caught:
        AnalyticsMiddleware(page(), store="memory://", password="x", **options)
    assert str(caught.value).startswith(sentence)


def test_lists_will_do_and_the_environment_will_not(caplog: pytest.LogCaptureFixture) -> None:
    funnel = Funnel("trial", steps=["prices", "welcome"])  # type: ignore[arg-type]
    loaded = settings_.load(
        {"goals": [PRICES, WELCOME], "funnels": [funnel]}, {"FIRSTPARTY_GOALS": "/pricing"}
    )
    assert (loaded.goals, loaded.funnels) == (
        (PRICES, WELCOME),
        (Funnel("trial", ("prices", "welcome")),),
    )
    assert "FIRSTPARTY_GOALS is no setting" in caplog.text
    assert Settings().goals == Settings().funnels == ()


# What is counted ----------------------------------------------------------------------------------


def test_goals_count_views_and_events_and_divide_them_by_visits() -> None:
    status, answer = reached(
        *[("/", 0)] * 4,
        ("/pricing", 0),
        ("/pricing/teams", 6),
        ("/pricing", 7),  # a day too early
        *[("signup", 1)] * 3,
        ("logout", 1),
        asked={"date_range": "7d"},
    )
    assert (status, answer) == (
        200,
        {
            "goals": [
                {"name": "prices", "count": 2, "conversion": 33.3},
                {"name": "sign-up", "count": 3, "conversion": 50.0},
                {"name": "welcome", "count": 0, "conversion": 0.0},
            ],
            "funnels": [
                {
                    "name": "trial",
                    "steps": [
                        {"name": "prices", "count": 2, "from_before": None, "from_first": 100.0},
                        {"name": "sign-up", "count": 3, "from_before": 150.0, "from_first": 150.0},
                        {"name": "welcome", "count": 0, "from_before": 0.0, "from_first": 0.0},
                    ],
                }
            ],
            "meta": {
                "range": ["2026-11-17", "2026-11-23"],
                "comparison_range": None,
                "timezone": "UTC",
                "whole_months": False,
                "withheld": False,
            },
        },
    )


def test_a_percentage_of_nothing_is_null_and_of_more_than_all_is_shown_as_it_is() -> None:
    _, nothing = reached(asked={"date_range": "day"})
    assert nothing["goals"][0] == {"name": "prices", "count": 0, "conversion": None}
    assert {step["from_before"] for step in nothing["funnels"][0]["steps"]} == {None}
    assert {step["from_first"] for step in nothing["funnels"][0]["steps"]} == {None}
    _, more = reached(("/", 0), *[("signup", 0)] * 7, asked={"date_range": "day"})
    assert more["goals"][1] == {"name": "sign-up", "count": 7, "conversion": 700.0}


def test_the_period_before_stands_beside_each_goal_also_what_is_gone_since() -> None:
    _, answer = reached(
        ("/", 0),
        ("/pricing", 1),
        *[("/pricing/old", 8)] * 2,
        ("/", 9),
        ("/", 9),
        ("signup", 10),
        asked={"date_range": "7d", "include": {"comparison": "previous_period"}},
    )
    assert [goal["comparison"] for goal in answer["goals"]] == [
        {"count": 2, "conversion": 50.0},
        {"count": 1, "conversion": 25.0},
        {"count": 0, "conversion": 0.0},
    ]
    assert [goal["count"] for goal in answer["goals"]] == [1, 0, 0]
    assert answer["meta"]["comparison_range"] == ["2026-11-10", "2026-11-16"]


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/search", 3),
        ("/search?q=cheese", 1),
        ("/search*", 4),
        ("/*=bread", 1),
        ("/searches", 1),
        ("/Search", 0),
    ],
)
def test_a_page_is_itself_also_with_the_parameters_that_are_kept(path: str, count: int) -> None:
    views = [("/search", 0), ("/search?q=cheese", 0), ("/search?q=bread", 0), ("/searches", 0)]
    goal = Goal("g", path=path)
    options = {"goals": [goal], "funnels": [], "query": ["q"], "admit_after": 1}
    _, answer = reached(*views, **options)
    assert answer["goals"][0]["count"] == count


def test_a_page_that_counts_as_its_template_is_named_so() -> None:
    goals = [Goal("one", path="/people/{id}"), Goal("all", path="/people/*")]
    options = {"goals": goals, "funnels": [], "templates": ["/people/{id}"]}
    _, answer = reached(("/people/3", 0), ("/people/4", 0), **options)
    assert [goal["count"] for goal in answer["goals"]] == [2, 2]


def test_pages_of_goals_have_a_name_from_their_first_view_on() -> None:
    async def run() -> Any:
        site = counting(goals=[PRICES, WELCOME, SIGN_UP])
        for path in ("/pricing/teams", "/welcome", "/other"):
            await request(site, path)
        return await ask(site, ["pageviews"], "day", "path", order_by=[["path", "asc"]])

    assert asyncio.run(run()) == [("(unlisted)", 1), ("/pricing/teams", 1), ("/welcome", 1)]


def test_events_of_goals_have_a_name_from_the_first_time_on() -> None:
    async def run() -> Any:
        site = counting(goals=[SIGN_UP])
        for name in ("signup", "other"):
            await beacon(site, {"e": "event", "u": "/", "v": name})
        return await ask(site, ["events"], "day", "event", order_by=[["event", "asc"]])

    assert asyncio.run(run()) == [("(unlisted)", 1), ("signup", 1)]


def test_what_goals_name_is_what_is_admitted() -> None:
    assert paths(GOALS) == ("/pricing*", "/welcome")
    assert events(GOALS) == frozenset({"signup"})


# Against a count by hand --------------------------------------------------------------------------

NAMES = ("/", "/a", "/a/b", "/a/b?q=1", "/ab", "/b", "/b?q=2", "(unlisted)")
PATTERNS = ("/", "/*", "/a", "/a*", "/a/*", "/*b", "/b", "/b?q=2", "/c", "/*q=*")
EVENTS = ("x", "y")
DAYS = st.integers(0, 100).map(lambda ago: TODAY - timedelta(days=ago))
SAW = st.lists(st.tuples(DAYS, st.sampled_from(NAMES), st.booleans()), max_size=40)
DID = st.lists(st.tuples(DAYS, st.sampled_from(EVENTS)), max_size=20)
ALL = (
    *(Goal(f"p{n}", path=pattern) for n, pattern in enumerate(PATTERNS)),
    *(Goal(f"e{n}", event=event) for n, event in enumerate((*EVENTS, "z"))),
)


def stored(saw: Iterable[tuple[date, str, bool]], did: Iterable[tuple[date, str]]) -> Counts:
    """The counts that these views and events leave."""
    counts = dict[Key, tuple[int, ...]]()

    def count(day: date, name: str, value: str, seen: tuple[int, ...]) -> None:
        for key in (
            Key("day", day_number(day), name, value, ""),
            Key("month", month_number(day), name, value, ""),
            Key("day", day_number(day), "", "", ""),
            Key("month", month_number(day), "", "", ""),
        ):
            counts[key] = add(counts.get(key, ZERO), seen)

    for day, path, enters in saw:
        count(day, "path", path, vector(pageviews=1, visits=int(enters)))
    for day, event in did:
        count(day, "event", event, vector(events=1))
    return counts


def matches(pattern: str, path: str) -> bool:
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    return any(re.fullmatch(expression, each) for each in (path, path.partition("?")[0]))


def reading(counts: Counts) -> Read:
    async def read(selection: Selection) -> Cells:
        return select(counts, selection)

    return read


def told(counts: Counts, asked: object, *, public: bool = False) -> dict[str, Any]:
    context = Context(TABLE, Calendar(ZoneInfo("UTC")), NOW.timestamp(), 10, public)
    return asyncio.run(report(asked, ALL, (), context, None, reading(counts)))


def told_by_page(counts: Counts) -> dict[str, int]:
    """The pages of six months as the public may ask for them."""
    context = Context(TABLE, Calendar(ZoneInfo("UTC")), NOW.timestamp(), 10, public=True)
    asked = {"metrics": ["pageviews"], "date_range": "6mo", "dimensions": ["path"]}
    question = parse(asked, TABLE, TODAY, None)
    rows = asyncio.run(answer_(question, context, reading(counts)))["results"]
    return {row["dimensions"][0]: row["metrics"][0] for row in rows}


@settings(max_examples=60)
@given(SAW, DID, DAYS, DAYS)
def test_every_goal_is_the_count_by_hand(saw: Any, did: Any, one: date, other: date) -> None:
    first, last = sorted((one, other))
    answer = told(stored(saw, did), {"date_range": [first.isoformat(), last.isoformat()]})

    views = [path for day, path, _ in saw if first <= day <= last]
    done = [event for day, event in did if first <= day <= last]
    visits = sum(enters for day, _, enters in saw if first <= day <= last)
    for goal, row in zip(ALL, answer["goals"], strict=True):
        count = done.count(goal.event or "") + sum(
            goal.path is not None and path.startswith("/") and matches(goal.path, path)
            for path in views
        )
        conversion = round(100 * count / visits, 1) if visits else None
        assert row == {"name": goal.name, "count": count, "conversion": conversion}


MANY = st.lists(
    st.tuples(DAYS, st.sampled_from(NAMES), st.booleans(), st.sampled_from((1, 9, 10, 11, 30))),
    max_size=12,
)


@settings(max_examples=60)
@given(MANY)
def test_in_public_a_goal_is_what_the_public_pages_of_it_add_up_to(many: Any) -> None:
    saw = [(day, path, enters) for day, path, enters, times in many for _ in range(times)]
    counts = stored(saw, ())
    answer = told(counts, {"date_range": "6mo"}, public=True)

    shown = told_by_page(counts)
    for goal, row in zip(ALL, answer["goals"], strict=True):
        found = [
            number
            for path, number in shown.items()
            if goal.path is not None and path.startswith("/") and matches(goal.path, path)
        ]
        assert row["count"] == (sum(found) if found else None)
        assert row["count"] is None or row["count"] >= 10
    assert answer["meta"]["whole_months"] is True
    assert answer["meta"]["range"] == ["2026-06-01", "2026-10-31"]


# In public ----------------------------------------------------------------------------------------

IN_OCTOBER = 40
"""Days ago."""


def test_in_public_goals_are_of_whole_past_months_and_small_ones_are_withheld() -> None:
    happened = [
        *[("/", IN_OCTOBER)] * 20,
        *[("/pricing", IN_OCTOBER)] * 12,
        *[("/pricing", 0)] * 50,
        *[("/welcome", IN_OCTOBER)] * 10,
        *[("signup", IN_OCTOBER)] * 9,
    ]
    asked = {"date_range": "30d"}  # begins in October
    _, answer = reached(*happened, asked=asked, headers={}, public=True)
    assert [(goal["count"], goal["conversion"]) for goal in answer["goals"]] == [
        (12, 28.6),
        (None, None),
        (10, 23.8),
    ]
    assert answer["funnels"][0]["steps"] == [
        {"name": "prices", "count": 12, "from_before": None, "from_first": 100.0},
        {"name": "sign-up", "count": None, "from_before": None, "from_first": None},
        {"name": "welcome", "count": 10, "from_before": None, "from_first": 83.3},
    ]
    assert answer["meta"] == {
        "range": ["2026-10-01", "2026-10-31"],
        "comparison_range": None,
        "timezone": "UTC",
        "whole_months": True,
        "withheld": True,
    }


@pytest.mark.parametrize("few", [0, 1, 9])
def test_in_public_few_and_none_look_the_same(few: int) -> None:
    shown = [("/", IN_OCTOBER)] * 30
    goals = [WELCOME]
    options = {"goals": goals, "funnels": [], "public": True, "listed": ["/other"]}
    # As many others as make the total the same.
    rest = [("/other", IN_OCTOBER)] * (9 - few)
    asked = {"date_range": "91d"}
    _, answer = reached(
        *shown, *[("/welcome", IN_OCTOBER)] * few, *rest, asked=asked, headers={}, **options
    )
    assert answer["goals"] == [{"name": "welcome", "count": None, "conversion": None}]
    assert answer["meta"]["withheld"] is True


def test_in_public_a_range_without_a_past_month_has_no_numbers() -> None:
    asked = {"date_range": "7d", "include": {"comparison": "previous_period"}}
    _, answer = reached(*[("/pricing", 1)] * 20, asked=asked, headers={}, public=True)
    nothing = {"count": None, "conversion": None}
    assert answer["goals"][0] == {"name": "prices", **nothing, "comparison": nothing}
    assert answer["meta"]["range"] is answer["meta"]["comparison_range"] is None
    assert answer["meta"]["withheld"] is True


# Refused, and described ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ([], 400, "a question is a JSON object"),
        ({}, 400, "date_range is missing: write one of day, 7d"),
        ({"date_range": "8d"}, 400, "date_range '8d' is not known: write one of day, 7d"),
        ({"date_range": "5m"}, 400, "minutes are kept for the site's total alone"),
        (
            {"date_range": "7d", "metrics": ["visits"]},
            400,
            "there is no field 'metrics': a question about goals has date_range, include",
        ),
        (
            {"date_range": "7d", "include": {"total_rows": True}},
            400,
            "there is no field 'total_rows': include has comparison",
        ),
        (
            {"date_range": "7d", "include": 7},
            400,
            "include is not an object with columns, comparison",
        ),
        (
            {"date_range": "7d", "include": {"comparison": "last_week"}},
            400,
            "comparison 'last_week' is not known: write previous_period, previous_year or two",
        ),
        ({"date_range": "x" * 70_000}, 413, "the question is larger than 65536 bytes"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    asked: object, status: int, sentence: str
) -> None:
    got, answer = reached(asked=asked)
    assert (got, answer["error"][: len(sentence)]) == (status, sentence)


def test_a_site_without_goals_has_none() -> None:
    status, answer = reached(("/", 0), goals=(), funnels=())
    assert (status, answer["goals"], answer["funnels"]) == (200, [], [])


def test_who_may_not_read_the_numbers_may_not_read_the_goals() -> None:
    assert reached(headers={})[0] == 401


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("comparison", [None, "previous_period", ["2026-01-01", "2026-02-28"]])
def test_answers_are_as_they_are_described(public: bool, comparison: Any) -> None:
    happened = [("/", 40), *[("/pricing", 40)] * 12, ("signup", 3)]
    asked = {"date_range": "91d", "include": {"comparison": comparison}}
    headers = {} if public else None
    status, answer = reached(*happened, asked=asked, headers=headers, public=public)
    described = asyncio.run(api(counting(), "openapi.json"))[1]
    operation = described["paths"]["/goals"]["post"]
    given = operation["responses"]["200"]["content"]["application/json"]["schema"]
    question = operation["requestBody"]["content"]["application/json"]["schema"]
    Draft202012Validator(given).validate(answer)
    Draft202012Validator(question).validate(asked)
    assert status == 200
    assert STEPS == (2, 10)
