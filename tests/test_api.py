"""The stats API: what can be asked, what is answered, what is refused, and who may ask."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from firstparty import AnalyticsMiddleware
from firstparty.api import MOST_QUESTIONS
from firstparty.assets import SECURITY
from firstparty.metrics import BY_NAME
from firstparty.question import MOST_DAYS, MOST_VALUES
from firstparty.ranges import RANGES
from tests.driving import (
    BEACON,
    FIREFOX,
    HOST,
    KEY,
    NAVIGATION,
    App,
    api,
    ask,
    beacon,
    counting,
    page,
    request,
)

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
TODAY = NOW.date()
VIEWS = ("pageviews", "visits")


def site_with(*views: tuple[str, int], **options: Any) -> Callable[[Any], Any]:
    """Runs a question on a site that had these views: (path, days ago)."""

    def run(act: Callable[[App], Any]) -> Any:
        async def go() -> Any:
            now = NOW
            site = counting(clock=lambda: now.timestamp(), listed=("/*",), **options)
            for path, ago in sorted(views, key=lambda view: -view[1]):
                now = NOW - timedelta(days=ago)
                await request(site, path)
            now = NOW
            return await act(site)

        return asyncio.run(go())

    return run


YEAR = site_with(*(("/", ago) for ago in range(400)))
"""One view a day, for four hundred days."""


@pytest.mark.parametrize(
    ("name", "first", "views"),
    [
        ("day", date(2026, 11, 23), 1),
        ("7d", date(2026, 11, 17), 7),
        ("28d", date(2026, 10, 27), 28),
        ("30d", date(2026, 10, 25), 30),
        ("91d", date(2026, 8, 25), 91),
        ("month", date(2026, 11, 1), 23),
        ("6mo", date(2026, 6, 1), 176),
        ("12mo", date(2025, 12, 1), 358),
        ("year", date(2026, 1, 1), 327),
        ("all", date(2025, 10, 20), 400),
        (["2026-01-01", "2026-01-31"], date(2026, 1, 1), 31),
        (["2026-02-10", "2026-04-09"], date(2026, 2, 10), 59),
    ],
)
def test_a_range_covers_its_days(name: object, first: date, views: int) -> None:
    async def act(site: App) -> Any:
        status, answer = await api(site, "query", {"metrics": VIEWS, "date_range": name})
        assert status == 200
        return answer

    answer = YEAR(act)
    last = name[1] if isinstance(name, list) else TODAY.isoformat()
    assert answer["results"] == [{"dimensions": [], "metrics": [views, views]}]
    assert answer["meta"]["range"] == [first.isoformat(), last]


def test_every_range_that_has_a_name_is_tested_here() -> None:
    marks = test_a_range_covers_its_days.pytestmark  # type: ignore[attr-defined]
    tested = {case[0] for case in marks[0].args[1] if isinstance(case[0], str)}
    assert tested == set(RANGES)


def test_the_last_minutes_are_those_of_now() -> None:
    async def run() -> Any:
        now = NOW.timestamp()
        site = counting(clock=lambda: now)
        for ago in (59, 30, 4, 3, 0):
            now = NOW.timestamp() - 60 * ago
            await request(site)
        now = NOW.timestamp()
        series = await ask(site, ["pageviews"], "5m", "time")
        return await ask(site, ["pageviews"], "5m"), await ask(site, ["pageviews"], "60m"), series

    few, all_, series = asyncio.run(run())
    assert (few, all_) == ([(3,)], [(5,)])
    assert series == [
        (f"2026-11-23T12:{minute}+00:00", count)
        for minute, count in zip(range(26, 31), (1, 1, 0, 0, 1), strict=True)
    ]


@pytest.mark.parametrize(
    ("date_range", "by", "labels"),
    [
        ("day", "time", [f"2026-11-23T{hour:02}:00+00:00" for hour in range(13)]),
        ("7d", "time", [f"2026-11-{day}" for day in range(17, 24)]),
        ("7d", "time:week", ["2026-11-16", "2026-11-23"]),
        ("6mo", "time", [f"2026-{month:02}-01" for month in range(6, 12)]),
        (["2026-01-05", "2026-01-05"], "time", ["2026-01-05"]),
        (["2026-01-31", "2026-02-01"], "time:month", ["2026-01-01", "2026-02-01"]),
    ],
)
def test_a_series_in_time_has_every_bucket(date_range: object, by: str, labels: list[str]) -> None:
    rows = YEAR(lambda site: ask(site, ["pageviews"], date_range, by))
    assert [label for label, _ in rows] == labels
    assert sum(count for _, count in rows) == sum(
        count for (count,) in YEAR(lambda site: ask(site, ["pageviews"], date_range))
    )


@pytest.mark.parametrize(
    ("date_range", "comparison", "dates", "before"),
    [
        ("7d", "previous_period", ["2026-11-10", "2026-11-16"], 7),
        ("day", "previous_period", ["2026-11-22", "2026-11-22"], 1),
        ("month", "previous_period", ["2026-10-01", "2026-10-23"], 23),
        ("12mo", "previous_period", ["2024-12-01", "2025-11-23"], 35),
        ("7d", "previous_year", ["2025-11-17", "2025-11-23"], 7),
        ("7d", ["2026-01-01", "2026-01-03"], ["2026-01-01", "2026-01-03"], 3),
    ],
)
def test_a_comparison_is_beside_each_number(
    date_range: str, comparison: object, dates: list[str], before: int
) -> None:
    async def act(site: App) -> Any:
        asked = {
            "metrics": ["pageviews"],
            "date_range": date_range,
            "include": {"comparison": comparison},
        }
        status, answer = await api(site, "query", asked)
        assert status == 200, answer
        return answer

    answer = YEAR(act)
    assert answer["results"][0]["comparison"] == {"metrics": [before]}
    assert answer["meta"]["comparison_range"] == dates


COMPARED = {"comparison": ["2026-11-19", "2026-11-20"]}
"""Of a range of three days: the last of them has nothing beside it."""


@pytest.mark.parametrize("dimensions", [[], ["path"], ["time"], ["time", "path"]])
@pytest.mark.parametrize("include", [{}, COMPARED])
def test_columns_hold_what_rows_do(dimensions: list[str], include: dict[str, Any]) -> None:
    asked = {
        "metrics": ["pageviews", "visits", "bounce_rate"],
        "date_range": ["2026-11-21", "2026-11-23"],
        "dimensions": dimensions,
        "include": include,
    }

    async def act(site: App) -> Any:
        columns = {**asked, "include": {**include, "columns": True}}
        return (await api(site, "query", [asked, columns]))[1]

    rows, columns = YEAR(act)
    assert rows["results"]
    assert "results" not in columns
    assert columns["meta"] == rows["meta"]
    assert _transposed(columns["columns"], len(dimensions)) == rows["results"]
    if len(rows["results"]) > 2:
        assert len(json.dumps(columns["columns"])) < len(json.dumps(rows["results"]))


def _transposed(columns: dict[str, Any], dimensions: int) -> list[dict[str, Any]]:
    """The rows of an answer that was given in columns."""

    def row(table: dict[str, Any], place: int) -> dict[str, Any]:
        return {name: [column[place] for column in table[name]] for name in table}

    found = list[dict[str, Any]]()
    for place in range(len(columns["metrics"][0])):
        about = {"dimensions": columns["dimensions"], "metrics": columns["metrics"]}
        found.append(row(about, place))
        assert len(found[-1]["dimensions"]) == dimensions
        if "comparison" in columns:
            before = row(columns["comparison"], place)
            if before.get("dimensions", [""]) != [None]:
                found[-1]["comparison"] = before
    return found


def test_hours_that_are_deleted_are_not_compared_with() -> None:
    async def act(site: App) -> Any:
        asked = {
            "metrics": ["pageviews"],
            "date_range": ["2026-11-01", "2026-11-01"],
            "dimensions": ["time:hour"],
        }
        found = []
        for before in (["2026-10-25", "2026-10-25"], ["2026-10-10", "2026-10-10"]):
            _, answer = await api(site, "query", {**asked, "include": {"comparison": before}})
            found.append(any("comparison" in row for row in answer["results"]))
        return found

    assert YEAR(act) == [True, False]


def test_a_comparison_of_a_series_stands_beside_its_place_and_of_a_value_beside_its_name() -> None:
    async def act(site: App) -> Any:
        asked = {
            "metrics": ["pageviews"],
            "date_range": ["2026-11-20", "2026-11-21"],
            "include": {"comparison": "previous_period"},
        }
        series = await api(site, "query", {**asked, "dimensions": ["time:day"]})
        pages = await api(site, "query", {**asked, "dimensions": ["path"]})
        return series[1]["results"], pages[1]["results"]

    views = [("/a", 3), ("/a", 3), ("/b", 2), ("/b", 5), ("/a", 5)]
    series, pages = site_with(*views)(act)
    assert series == [
        {
            "dimensions": ["2026-11-20"],
            "metrics": [2],
            "comparison": {"dimensions": ["2026-11-18"], "metrics": [2]},
        },
        {
            "dimensions": ["2026-11-21"],
            "metrics": [1],
            "comparison": {"dimensions": ["2026-11-19"], "metrics": [0]},
        },
    ]
    assert pages == [
        {"dimensions": ["/a"], "metrics": [2], "comparison": {"metrics": [1]}},
        {"dimensions": ["/b"], "metrics": [1], "comparison": {"metrics": [1]}},
    ]


PAGES = site_with(*[("/a", 0)] * 3, *[("/b", 0)] * 5, ("/c", 0), ("/blog/x", 0), ("/blog/y", 1))


@pytest.mark.parametrize(
    ("order", "paths"),
    [
        ([], ["/b", "/a", "/blog/x", "/c"]),
        ([["pageviews", "asc"]], ["/blog/x", "/c", "/a", "/b"]),
        ([["path", "desc"]], ["/c", "/blog/x", "/b", "/a"]),
        ([["visits", "asc"], ["path", "desc"]], ["/c", "/blog/x", "/a", "/b"]),
        ([["event:page", "asc"]], ["/a", "/b", "/blog/x", "/c"]),
    ],
)
def test_rows_come_in_the_order_that_was_asked_for(order: Any, paths: list[str]) -> None:
    rows = PAGES(lambda site: ask(site, VIEWS, "day", "path", order_by=order))
    assert [row[0] for row in rows] == paths


def test_pages_of_an_answer_have_no_gap_and_no_double() -> None:
    async def act(site: App) -> Any:
        found = list[Any]()
        for offset in range(6):
            asked = {
                "metrics": ["pageviews"],
                "date_range": "day",
                "dimensions": ["path"],
                "pagination": {"limit": 1, "offset": offset},
                "include": {"total_rows": True},
            }
            answer = (await api(site, "query", asked))[1]
            assert answer["meta"]["total_rows"] == 4
            found += [row["dimensions"][0] for row in answer["results"]]
        return found

    assert PAGES(act) == ["/b", "/a", "/blog/x", "/c"]


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ([["is", "path", ["/a"]]], [("/a", 3)]),
        ([["is", "path", ["/a", "/c", "/no"]]], [("/a", 3), ("/c", 1)]),
        ([["is_not", "path", ["/a", "/b"]]], [("/blog/x", 1), ("/c", 1)]),
        ([["contains", "path", ["BLOG"]]], [("/blog/x", 1)]),
        ([["contains_not", "path", ["blog", "b"]]], [("/a", 3), ("/c", 1)]),
        ([["contains", "path", ["/"]], ["is_not", "path", ["/b"]]], None),
        ([["is", "path", ["/a"]], ["is", "path", ["/b"]]], []),
        ([["is", "event:page", ["/c"]]], [("/c", 1)]),
        ([["contains", "path", ["%", "_"]]], []),
    ],
)
def test_filters_choose_among_the_values(filters: Any, rows: Any) -> None:
    rows = [("/a", 3), ("/blog/x", 1), ("/c", 1)] if rows is None else rows
    found = PAGES(lambda site: ask(site, ["pageviews"], "day", "path", filters=filters))
    total = PAGES(lambda site: ask(site, ["pageviews"], "day", filters=filters))
    assert found == rows
    assert total == [(sum(row[1] for row in rows),)]


def test_names_of_plausible_are_understood() -> None:
    async def act(site: App) -> Any:
        asked = {
            "site_id": "example.org",
            "metrics": ["visits"],
            "date_range": "day",
            "dimensions": ["visit:source"],
            "filters": [["is", "visit:source", ["Google"]]],
        }
        linked = {"sec-fetch-site": "cross-site", "referer": "https://www.google.de/"}
        await request(site, "/", {**NAVIGATION, **linked})
        return (await api(site, "query", asked))[1]

    answer = site_with()(act)
    assert answer["results"] == [{"dimensions": ["Google"], "metrics": [1]}]
    assert answer["query"]["dimensions"] == ["source"]
    assert answer["query"]["filters"] == [["is", "source", ["Google"]]]


GOOD = {"metrics": ["pageviews"], "date_range": "7d"}
REFUSED: list[tuple[dict[str, Any] | bytes | list[Any] | str, str]] = [
    (b"", "the body is not JSON"),
    (b"{", "the body is not JSON"),
    (b"\xff\xfe\xff", "the body is not JSON"),
    (b"[" * 60_000, "the body is not JSON"),
    (b"9" * 60_000, "the body is not JSON"),
    ("text", "a question is a JSON object"),
    ({}, "date_range is missing: write one of day, 7d"),
    ({**GOOD, "metric": 1}, "there is no field 'metric': a question has date_range, dimensions"),
    ({**GOOD, "metrics": ["visitors"]}, "there are no visitors here: nobody is recognised"),
    ({**GOOD, "metrics": []}, "metrics is empty: name some of pageviews, visits"),
    ({**GOOD, "metrics": "visits"}, "metrics is not a list of at most 50"),
    ({**GOOD, "metrics": ["visits"] * 51}, "metrics is not a list of at most 50"),
    ({**GOOD, "metrics": [None]}, "there is no metric None; there are pageviews"),
    ({**GOOD, "metrics": [["visits"]]}, "there is no metric ['visits']; there are pageviews"),
    ({**GOOD, "date_range": "8d"}, "date_range '8d' is not known: write one of day, 7d"),
    ({**GOOD, "date_range": 7}, "date_range 7 is not known"),
    ({**GOOD, "date_range": "61m"}, "minutes are kept for an hour: write 1m to 60m"),
    ({**GOOD, "date_range": "0m"}, "minutes are kept for an hour: write 1m to 60m"),
    ({**GOOD, "date_range": "99999999m"}, "minutes are kept for an hour: write 1m to 60m"),
    ({**GOOD, "date_range": ["2026-01-01"]}, "date_range ['2026-01-01'] is not known"),
    ({**GOOD, "date_range": ["2026-02-30", "2026-03-01"]}, "'2026-02-30' is not a date: write it"),
    ({**GOOD, "date_range": ["1.1.2026", "2026-03-01"]}, "'1.1.2026' is not a date: write it as"),
    ({**GOOD, "date_range": ["2026-03-01", None]}, "None is not a date: write it as 2026-01-31"),
    ({**GOOD, "date_range": ["0001-01-01", "0001-01-02"]}, "'0001-01-01' is not a date"),
    ({**GOOD, "date_range": ["2026-01-01", "9999-12-31"]}, "'9999-12-31' is not a date"),
    ({**GOOD, "date_range": ["2026-03-02", "2026-03-01"]}, "date_range ends before it begins"),
    ({**GOOD, "date_range": ["1990-01-01", "2026-03-01"]}, "date_range is longer than ten years"),
    ({**GOOD, "dimensions": ["country"]}, "there is no dimension 'country'; there are path"),
    ({**GOOD, "dimensions": [1]}, "there is no dimension 1; there are path"),
    ({**GOOD, "dimensions": ["path", "event:page"]}, "a dimension is asked for twice"),
    ({**GOOD, "dimensions": ["time", "time:day"]}, "time is asked for twice"),
    ({**GOOD, "dimensions": ["time:year"]}, "there is no 'time:year'; there are time:minute"),
    ({**GOOD, "dimensions": ["time:minute"]}, "time:minute goes with a range of minutes"),
    (
        {**GOOD, "date_range": "91d", "dimensions": ["time:hour"]},
        "hours are kept for 35 days: ask for time:day",
    ),
    (
        {**GOOD, "date_range": ["2026-01-01", "2026-01-02"], "dimensions": ["time:hour"]},
        "hours are kept for 35 days: ask for time:day",
    ),
    (
        {**GOOD, "dimensions": ["browser", "os"]},
        "Browsers by systems is not stored, by design: only pages are crossed with something",
    ),
    (
        {**GOOD, "dimensions": ["browser"], "filters": [["is", "os", ["Linux"]]]},
        "Browsers by systems is not stored, by design",
    ),
    (
        {**GOOD, "dimensions": ["source"]},
        "pageviews is not kept for sources: ask for visits",
    ),
    (
        {"metrics": ["bounce_rate"], "date_range": "7d", "dimensions": ["browser"]},
        "bounce_rate is not kept for browsers: ask for pageviews",
    ),
    (
        {**GOOD, "dimensions": ["previous"]},
        "Page before is kept for each page only: filter or group by path",
    ),
    (
        {"metrics": ["ignored"], "date_range": "7d", "dimensions": ["path", "left_out"]},
        "Left out is not stored by page, by design",
    ),
    (
        {**GOOD, "dimensions": ["path", "browser", "time:day"]},
        "Browsers by page is kept by the month only: ask for time:month",
    ),
    ({**GOOD, "dimensions": ["browser", "time:hour"]}, "Browsers is kept by the day: ask for"),
    (
        {**GOOD, "date_range": "5m", "dimensions": ["path"]},
        "minutes are kept for the site's total alone",
    ),
    (
        {**GOOD, "date_range": ["2017-01-01", "2026-12-31"], "dimensions": ["time:day"]},
        f"a series by the day has at most {MOST_DAYS} days",
    ),
    ({**GOOD, "filters": {"is": 1}}, "filters is not a list of at most 50"),
    ({**GOOD, "filters": ["path"]}, "filter 'path' is not of the form"),
    ({**GOOD, "filters": [["is", "path"]]}, "filter ['is', 'path'] is not of the form"),
    ({**GOOD, "filters": [["like", "path", ["/"]]]}, "there is no operator 'like'; there are is"),
    ({**GOOD, "filters": [[[], "path", ["/"]]]}, "there is no operator []; there are is"),
    ({**GOOD, "filters": [["is", "path", "/"]]}, "the filter on 'path' needs a list of 1 to 100"),
    ({**GOOD, "filters": [["is", "path", []]]}, "the filter on 'path' needs a list of 1 to 100"),
    ({**GOOD, "filters": [["is", "path", [1]]]}, "the filter on 'path' needs a list of 1 to 100"),
    ({**GOOD, "filters": [["is", {}, ["/"]]]}, "there is no dimension {}; there are path"),
    ({**GOOD, "order_by": [["visits", "desc"]]}, "order_by ['visits', 'desc'] is not of the form"),
    ({**GOOD, "order_by": [["pageviews", "up"]]}, "order_by ['pageviews', 'up'] is not of"),
    ({**GOOD, "order_by": ["pageviews"]}, "order_by 'pageviews' is not of the form"),
    ({**GOOD, "pagination": 5}, "pagination is not an object with limit, offset"),
    ({**GOOD, "pagination": {"page": 2}}, "pagination is not an object with limit, offset"),
    ({**GOOD, "pagination": {"limit": 0}}, "limit is not a whole number from 1 to 10000"),
    ({**GOOD, "pagination": {"limit": 1.5}}, "limit is not a whole number from 1 to 10000"),
    ({**GOOD, "pagination": {"limit": True}}, "limit is not a whole number from 1 to 10000"),
    ({**GOOD, "pagination": {"offset": -1}}, "offset is not a whole number from 0 to"),
    ({**GOOD, "pagination": {"offset": 10**40}}, "offset is not a whole number from 0 to"),
    ({**GOOD, "include": []}, "include is not an object with columns, comparison, total_rows"),
    ({**GOOD, "include": {"comparison": "last"}}, "comparison 'last' is not known: write"),
    ({**GOOD, "include": {"comparison": 1}}, "comparison 1 is not known: write previous_period"),
    ({**GOOD, "include": {"comparison": ["2026-01-01"]}}, "date_range ['2026-01-01'] is not known"),
    (
        {**GOOD, "date_range": "5m", "include": {"comparison": "previous_period"}},
        "minutes have no comparison",
    ),
    (
        {
            **GOOD,
            "dimensions": ["time:hour"],
            "include": {"comparison": ["2017-01-01", "2026-01-01"]},
        },
        "hours are kept for 35 days: compare with a shorter range",
    ),
    ([GOOD] * (MOST_QUESTIONS + 1), f"at most {MOST_QUESTIONS} questions in one request"),
]


@pytest.mark.parametrize(("asked", "sentence"), REFUSED, ids=[said[:60] for _, said in REFUSED])
def test_what_cannot_be_answered_is_refused_with_a_sentence(asked: Any, sentence: str) -> None:
    status, answer = site_with()(lambda site: api(site, "query", asked))
    assert (status, list(answer)) == (400, ["error"])
    assert answer["error"].startswith(sentence)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({**GOOD, "filters": [["is", "path", ["\ud800", "\x00"]]]}, id="surrogate"),
        pytest.param({**GOOD, "filters": [["contains", "path", [""]]]}, id="empty text"),
        pytest.param({**GOOD, "filters": [["is", "path", ["/"] * MOST_VALUES]]}, id="many values"),
        pytest.param({**GOOD, "filters": [["is_not", "path", ["'; drop"]]] * 50}, id="50 filters"),
        pytest.param({**GOOD, "date_range": ["2100-01-01", "2109-12-31"]}, id="days to come"),
        pytest.param(
            {**GOOD, "date_range": ["2017-01-01", "2026-12-31"], "dimensions": ["time:month"]},
            id="ten years of months",
        ),
        pytest.param(
            {
                **GOOD,
                "date_range": ["1970-01-01", "1971-01-01"],
                "include": {"comparison": "previous_period"},
            },
            id="before 1970",
        ),
        pytest.param({**GOOD, "pagination": {"offset": 10**9}}, id="a far offset"),
    ],
)
def test_odd_but_well_formed_questions_are_answered(asked: Any) -> None:
    status, answer = site_with(("/", 0))(lambda site: api(site, "query", asked))
    assert (status, "results" in answer) == (200, True)


def test_too_large_a_question_is_refused() -> None:
    status, answer = site_with()(lambda site: api(site, "query", b" " * 70_000))
    assert (status, answer) == (413, {"error": "the question is larger than 65536 bytes"})


def test_several_questions_are_answered_in_their_order_and_a_wrong_one_by_itself() -> None:
    async def act(site: App) -> Any:
        wrong = {**GOOD, "metrics": ["visitors"]}
        return await api(site, "query", [GOOD, wrong, {**GOOD, "date_range": "day"}, 7])

    status, answers = site_with(("/", 0), ("/", 3))(act)
    assert (status, len(answers)) == (200, 4)
    assert [list(answer) for answer in answers] == [
        ["results", "meta", "query"],
        ["error"],
        ["results", "meta", "query"],
        ["error"],
    ]
    assert [answers[place]["results"][0]["metrics"] for place in (0, 2)] == [[2], [1]]


# Crossed and public: whole months, and nothing small.


def test_a_crossed_question_is_answered_by_whole_months_and_says_so() -> None:
    async def act(site: App) -> Any:
        asked = {
            "metrics": ["pageviews"],
            "date_range": ["2026-10-20", "2026-11-02"],
            "dimensions": ["browser"],
            "filters": [["is", "path", ["/a"]]],
        }
        return (await api(site, "query", asked))[1]

    answer = site_with(*[("/a", 1)] * 12, *[("/a", 40)] * 11, *[("/a", 60)] * 40)(act)
    assert answer["results"] == [{"dimensions": ["Chrome"], "metrics": [23]}]
    meta = answer["meta"]
    assert (meta["range"], meta["whole_months"], meta["withheld"]) == (
        ["2026-10-01", "2026-11-23"],
        True,
        False,
    )


@pytest.mark.parametrize("firefox", [0, 3])
def test_a_small_crossed_count_is_withheld_and_looks_like_none(firefox: int) -> None:
    async def act(site: App) -> Any:
        for _ in range(firefox):
            await request(site, "/a", {**NAVIGATION, "user-agent": FIREFOX})
        for _ in range(3 - firefox):
            await request(site, "/a")
        asked = {**GOOD, "date_range": "month"}
        is_firefox = ["is", "browser", ["Firefox"]]
        one = {**asked, "filters": [["is", "path", ["/a"]], is_firefox]}
        total = (await api(site, "query", one))[1]
        rows = (await api(site, "query", {**one, "dimensions": ["browser"]}))[1]
        return [(answer["results"], answer["meta"]["withheld"]) for answer in (total, rows)]

    assert site_with(*[("/a", 0)] * 30)(act) == [
        ([{"dimensions": [], "metrics": [None]}], True),
        ([], True),
    ]


def test_a_series_of_withheld_months_is_null() -> None:
    async def act(site: App) -> Any:
        filters = [["is", "path", ["/a"]], ["is", "browser", ["Chrome"]]]
        asked = ("pageviews",), ["2026-10-01", "2026-11-23"], "time:month"
        return await ask(site, *asked, filters=filters)

    found = site_with(*[("/a", 0)] * 9, *[("/a", 30)] * 10)(act)
    assert found == [("2026-10-01", 10), ("2026-11-01", None)]


def test_a_public_page_names_values_by_whole_past_months_only() -> None:
    views = [*[("/a", 0)] * 20, *[("/a", 30)] * 15, *[("/b", 30)] * 12, *[("/c", 30)] * 9]

    async def act(site: App) -> Any:
        async def see(asked: Any, path: str = "query") -> Any:
            return await api(site, path, asked, authorization="")

        pages = {**GOOD, "date_range": "91d", "dimensions": ["path"]}
        return [
            await see({**GOOD, "date_range": "91d"}),
            await see(pages),
            await see({**pages, "date_range": "day"}),
            await see({**pages, "dimensions": ["path", "time:day"]}),
            await see(None, "health"),
        ]

    total, pages, today, daily, health = site_with(*views, public=True)(act)
    assert total[1]["results"] == [{"dimensions": [], "metrics": [56]}]
    # What is hidden, 9 views of /c, would show by subtraction: the next smallest goes with it.
    assert pages[1]["results"] == [{"dimensions": ["/a"], "metrics": [15]}]
    assert pages[1]["meta"]["range"] == ["2026-08-01", "2026-10-31"]
    assert (today[1]["results"], today[1]["meta"]["withheld"]) == ([], True)
    assert daily == (
        400,
        {"error": "a public page shows named values by whole months only: ask for time:month"},
    )
    assert health == (403, {"error": "health is not public"})


# Health, and the description.


def test_health_tells_what_is_not_in_the_numbers() -> None:
    async def run() -> Any:
        site = counting(clock=lambda: NOW.timestamp(), exclude=("/admin",))
        await request(site, "/secret")
        await request(site, "/")
        await request(site, "/admin")
        await request(site, headers={**NAVIGATION, "user-agent": "curl/8"})
        before = (await api(site, "health"))[1]
        await site.flusher.flush()
        return before, (await api(site, "health"))[1]

    before, after = asyncio.run(run())
    assert before.pop("unflushed") > 0
    warnings = before.pop("warnings")
    assert len(warnings) == 1
    assert warnings[0].startswith("50 % of page views are (unlisted)")
    assert before == {
        "store": {"kind": "memory", "state": "ok", "detail": None},
        "lost": 0,
        "late": 0,
        "left_out": {"bot": 1, "excluded": 1},
        "unlisted": 0.5,
        "last_flush": None,
    }
    assert (after["unflushed"], after["last_flush"]) == (0, "2026-11-23T12:30:00+00:00")


def test_health_says_when_a_shared_cache_hides_pages_and_no_beacon_comes() -> None:
    async def run() -> Any:
        site = counting(page(200, {"cache-control": "public, max-age=60"}))
        await request(site)
        before = (await api(site, "health"))[1]["warnings"]
        await beacon(site, {"u": "/"})
        return before, (await api(site, "health"))[1]["warnings"]

    before, after = asyncio.run(run())
    assert [text[:46] for text in before] == ["pages that a shared cache may keep are left to"]
    assert after == []


ANSWERED: list[Any] = [
    GOOD,
    {**GOOD, "metrics": [name for name, metric in BY_NAME.items() if metric.of_site]},
    {**GOOD, "date_range": "5m", "dimensions": ["time"]},
    {**GOOD, "dimensions": ["time:day"], "include": {"comparison": "previous_period"}},
    {**GOOD, "dimensions": ["path"], "include": {"comparison": "previous_year"}},
    {**GOOD, "dimensions": ["path"], "include": {"comparison": None, "total_rows": True}},
    {**GOOD, "dimensions": ["time"], "include": {"comparison": "previous_year", "columns": True}},
    {**GOOD, "dimensions": ["path", "browser"], "filters": [["contains", "path", ["/"]]]},
    {"metrics": ["visits"], "date_range": "all", "dimensions": ["visit:source"]},
    {**GOOD, "date_range": ["2026-01-01", "2026-01-31"], "pagination": {"limit": 1, "offset": 1}},
    {**GOOD, "order_by": [["pageviews", "asc"]]},
]


def schema_of(described: Any, name: str) -> Draft202012Validator:
    schema = {
        "$ref": f"#/components/schemas/{name}",
        "components": described["components"],
    }
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_description_is_true_to_questions_and_answers() -> None:
    async def act(site: App) -> Any:
        await beacon(site, {"u": "/", "c": True}, BEACON)
        described = (await api(site, "openapi.json"))[1]
        answers = [await api(site, "query", asked) for asked in ANSWERED]
        refused = [
            await api(site, "query", asked) for asked, _ in REFUSED if isinstance(asked, dict)
        ]
        return described, answers, refused

    described, answers, refused = site_with(("/", 0), ("/a", 0))(act)
    question, answer, error = (schema_of(described, n) for n in ("Question", "Answer", "Error"))
    for asked, (status, given) in zip(ANSWERED, answers, strict=True):
        question.validate(asked)
        assert status == 200
        answer.validate(given)
        question.validate(given["query"])
        undescribed = set(given["meta"]) - set(
            described["components"]["schemas"]["Answer"]["properties"]["meta"]["properties"]
        )
        assert undescribed == set()
    for status, given in refused:
        assert status == 400
        error.validate(given)
    shape = dict.fromkeys(("metric", "metrics", "date_range"), 1)
    assert not question.is_valid(shape)


ASKED = {"/query": GOOD, "/goals": {"date_range": "7d"}, "/dead": {"date_range": "7d"}}


def test_the_description_names_every_endpoint_and_every_answer_fits_it() -> None:
    async def act(site: App) -> Any:
        described = (await api(site, "openapi.json"))[1]
        answers = dict[str, Any]()
        for path, methods in described["paths"].items():
            asked = ASKED.get(path) if "post" in methods else None
            answers[path] = await api(site, path.removeprefix("/"), asked)
        return described, answers

    described, answers = site_with(("/", 0))(act)
    names = ("/dimensions", "/marks", "/links", "/exposure", "/health", "/openapi.json")
    assert set(answers) == {*ASKED, *names}
    for path, (status, given) in answers.items():
        operations = described["paths"][path]
        operation = operations["post" if path in ASKED else "get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": described["components"]}).validate(given)
        assert status == 200


def test_dimensions_tell_what_a_page_needs_to_begin() -> None:
    given = site_with(("/", 0), ("/", 9))(lambda site: api(site, "dimensions"))[1]
    first = given["dimensions"][0]
    assert {name: value for name, value in given.items() if not isinstance(value, list)} == {
        "site": HOST,
        "timezone": "UTC",
        "today": "2026-11-23",
        "first_day": given["first_day"],
        "viewer": "owner",
        "min_count": 10,
        "admit_after": 3,
        "collect": "server",
        "tag": '<script defer src="/_tally/tally.js"></script>',
        "privacy": "privacy",
        "sign_in": None,
    }
    assert (first["name"], first["hourly"], first["by"]) == ("path", True, None)
    assert [metric["name"] for metric in given["metrics"]] == list(BY_NAME)


def test_all_begins_with_the_first_day_also_while_it_has_not_been_stored() -> None:
    found = site_with(("/", 0), ("/", 9))(lambda site: ask(site, ["pageviews"], "all"))
    assert found == [(2,)]


# Doors.

PATHS = ("/stats/", "/stats/api/health", "/stats/api/dimensions", "/stats/api/openapi.json")


def basic(text: bytes) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(text).decode()}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"authorization": KEY}, 200, id="right"),
        pytest.param(basic(b":open sesame"), 200, id="without a name"),
        pytest.param({"authorization": KEY.replace("Basic", "BASIC")}, 200, id="in capitals"),
        pytest.param({}, 401, id="missing"),
        pytest.param(basic(b"any:wrong"), 401, id="wrong"),
        pytest.param(basic(b"any:open sesame "), 401, id="a space too long"),
        pytest.param(basic(b"any:open"), 401, id="its beginning"),
        pytest.param(basic(b"open sesame"), 401, id="without a colon"),
        pytest.param(basic("a:pässword".encode()), 401, id="not ASCII"),
        pytest.param(basic(b"\xff\xfe:\xff"), 401, id="no text"),
        pytest.param({"authorization": "Basic"}, 401, id="nothing behind Basic"),
        pytest.param({"authorization": "Basic ====="}, 401, id="no base64"),
        pytest.param({"authorization": "Basic é"}, 401, id="letters of another alphabet"),
        pytest.param({"authorization": f"Bearer {KEY[6:]}"}, 401, id="another scheme"),
        pytest.param({"authorization": "Basic " + "A" * 16_000}, 401, id="16 kilobytes"),
    ],
)
def test_the_password_opens_every_door_and_nothing_else_does(
    headers: dict[str, str], status: int
) -> None:
    async def run() -> set[int]:
        site = counting()
        return {(await request(site, path, headers)).status for path in PATHS}

    assert asyncio.run(run()) == {status}


def test_who_has_no_password_is_asked_for_one() -> None:
    reply = asyncio.run(request(counting(), "/stats/", {}))
    assert reply.headers["www-authenticate"] == 'Basic realm="firstparty", charset="UTF-8"'


def test_a_password_that_is_not_ascii_opens() -> None:
    site = counting(password="Ünïcode ключ")
    headers = basic("a:Ünïcode ключ".encode())
    assert asyncio.run(request(site, "/stats/", headers)).status == 200


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_applications_own_check_opens(kind: str) -> None:
    def check(asked: Any) -> bool:
        return bool(asked.headers.get("x-staff") == "yes")

    async def check_later(asked: Any) -> bool:
        await asyncio.sleep(0)
        return check(asked)

    authorize = check if kind == "sync" else check_later
    site = AnalyticsMiddleware(page(), store="memory://", authorize=authorize)

    async def run() -> Any:
        return [
            ((reply := await request(site, path, {"x-staff": staff})).status, reply.body)
            for staff in ("yes", "no")
            for path in PATHS[1:2]
        ]

    (allowed, _), refused = asyncio.run(run())
    assert allowed == 200
    assert refused == (403, b'{"error":"you may not read these numbers"}')


def test_public_opens_the_page_and_its_numbers_but_not_health() -> None:
    async def run() -> dict[str, int]:
        site = AnalyticsMiddleware(page(), store="memory://", public=True)
        return {path: (await request(site, path, {})).status for path in PATHS}

    assert asyncio.run(run()) == dict(zip(PATHS, (200, 403, 200, 200), strict=True))


def test_without_any_door_a_password_is_made_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    site = AnalyticsMiddleware(page(), store="memory://")
    (record,) = caplog.records
    password = record.args[1]  # type: ignore[index]
    sentence = f"the stats page /stats/ is open with the password {password}, made for this process"
    assert record.getMessage().startswith(sentence)
    assert len(str(password)) == 16
    other = AnalyticsMiddleware(page(), store="memory://")
    headers = basic(f"a:{password}".encode())
    assert asyncio.run(request(site, "/stats/", headers)).status == 200
    assert asyncio.run(request(other, "/stats/", headers)).status == 401


@pytest.mark.parametrize(
    "path", [*PATHS, "/stats/privacy", "/stats/receipt", "/stats/assets/app.js", "/stats/no"]
)
@pytest.mark.parametrize("key", [KEY, ""])
def test_every_answer_of_the_stats_page_carries_the_security_headers(path: str, key: str) -> None:
    reply = asyncio.run(request(counting(), path, {"authorization": key}))
    assert {name: reply.headers.get(name) for name in SECURITY} == SECURITY
    assert not {"etag", "last-modified", "set-cookie"} & set(reply.headers)


def test_the_snippet_carries_the_security_headers_and_no_validator() -> None:
    reply = asyncio.run(request(counting(), "/_tally/tally.js", {}))
    assert (reply.status, reply.headers["cache-control"]) == (200, "public, max-age=86400")
    assert {name: reply.headers.get(name) for name in SECURITY} == SECURITY
    assert not {"etag", "last-modified", "set-cookie"} & set(reply.headers)


def test_a_wrong_method_or_path_is_no_failure() -> None:
    async def run() -> list[int]:
        site, key = counting(), {"authorization": KEY}
        return [
            (await request(site, "/stats/api/query", key)).status,
            (await request(site, "/stats/api/health", key, method="POST")).status,
            (await request(site, "/stats/api/none", key)).status,
            (await request(site, "/stats/assets/none.js", key)).status,
            (await request(site, "/stats", key)).status,
            (await request(site, "/statsy", NAVIGATION)).status,
        ]

    assert asyncio.run(run()) == [405, 405, 404, 404, 308, 200]


def test_answers_are_json_that_no_cache_keeps() -> None:
    body = json.dumps(GOOD).encode()
    key = {"authorization": KEY}
    sent = request(counting(), "/stats/api/query", key, method="POST", body=body)
    reply = asyncio.run(sent)
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-type"] == "application/json"
