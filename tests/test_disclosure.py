"""Two sites that differ in small crossed counts alone answer alike, whatever is asked.

So no answer about a page tells one of its small counts, and neither does a sum, a difference or
anything else that can be worked out from any number of answers.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from firstparty.answer import answer
from firstparty.closing import Closed, close
from firstparty.counts import Batch, Counts, Key
from firstparty.metrics import ZERO, add, vector
from firstparty.periods import Calendar
from firstparty.plan import Context
from firstparty.question import QuestionError, parse
from firstparty.stores import Store, connect
from firstparty.withhold import Cross, shown
from tests.test_closing import SHAPE
from tests.test_withhold import BROWSERS, CROSSED, MIN, PAGES, TABLE

Crossed = dict[tuple[int, str, str], int]

OPEN = datetime(2026, 11, 23, 12, tzinfo=UTC)
OVER = datetime(2026, 12, 4, 12, tzinfo=UTC)
"""The first day on which November is closed, and so all three months."""

PATHS = st.lists(st.sampled_from(PAGES), min_size=1, max_size=2, unique=True)
NAMES = st.lists(st.sampled_from(BROWSERS), min_size=1, max_size=4, unique=True)
PARTS = st.lists(st.sampled_from(["e", "fox", "a", "Op"]), min_size=1, max_size=2, unique=True)
FILTERS = st.one_of(
    st.tuples(st.sampled_from(["is", "is_not"]), st.just("path"), PATHS),
    st.tuples(st.sampled_from(["is", "is_not"]), st.just("browser"), NAMES),
    st.tuples(st.sampled_from(["contains", "contains_not"]), st.just("browser"), PARTS),
).map(list)
METRICS = ["visits", "confirmed", "coverage"]
DAYS = st.dates(date(2026, 8, 20), date(2026, 11, 23)).map(str)
RANGES = st.one_of(
    st.sampled_from(["day", "7d", "30d", "month", "91d", "6mo", "12mo", "year", "all"]),
    st.tuples(DAYS, DAYS).map(sorted),
)
QUESTIONS = st.fixed_dictionaries(
    {
        "metrics": st.lists(st.sampled_from(METRICS), max_size=2, unique=True).map(
            lambda more: ["pageviews", *more]
        ),
        "date_range": RANGES,
        "dimensions": st.sampled_from(
            [
                *([], ["path"], ["browser"], ["path", "browser"], ["time:month"], ["time:day"]),
                *(["path", "time:month"], ["browser", "time:month"]),
                ["path", "browser", "time:month"],
            ]
        ),
        "filters": st.lists(FILTERS, max_size=3),
        "order_by": st.sampled_from([[], [["pageviews", "asc"]], [["pageviews", "desc"]]]),
        "pagination": st.fixed_dictionaries({"limit": st.integers(1, 5), "offset": st.just(1)})
        | st.just({"limit": 100, "offset": 0}),
        "include": st.fixed_dictionaries(
            {
                "total_rows": st.booleans(),
                "comparison": st.sampled_from([None, "previous_period", "previous_year"]),
            }
        ),
    }
)


def twin(crossed: Crossed) -> Crossed:
    """The same site, but for what is hidden of each page and month: its parts are others."""
    hidden = defaultdict[tuple[int, str], list[str]](list)
    for month, path, browser in crossed.keys() - visible(crossed).keys():
        hidden[month, path].append(browser)
    other = dict(crossed)
    for (month, path), values in hidden.items():
        one, *more = sorted(values)
        if more:
            two = more[0]
            a, b = crossed[month, path, one], crossed[month, path, two]
            a, b = (b, a) if a != b else (a - 1, b + 1)
        else:  # it is all that the page has: it is of another browser
            two = next(browser for browser in BROWSERS if browser != one)
            a, b = 0, crossed[month, path, one]
        other |= {(month, path, one): a, (month, path, two): b}
    return {cell: number for cell, number in other.items() if number}


def visible(crossed: Crossed) -> Crossed:
    """What may be shown."""
    cells = shown({Cross(*cell): number for cell, number in crossed.items()}, {}, MIN)
    return {cell: number for cell, number in crossed.items() if Cross(*cell) in cells}


def counts_of(crossed: Crossed, browsers: Crossed) -> Counts:
    """What is stored of a site. `browsers` are those of its browsers' own, uncrossed counts."""
    counts = dict[Key, tuple[int, ...]]()

    def seen(key: Key, number: int) -> None:
        hit = vector(pageviews=number, visits=number, confirmed=number, departures=number // 2)
        counts[key] = add(counts.get(key, ZERO), hit)

    for (month, path, browser), number in crossed.items():
        seen(Key("crossed", month, "browser", browser, path), number)
    for (month, path), number in pages_of(crossed).items():
        for dimension, value in (("path", path), ("", "")):
            seen(Key("month", month, dimension, value, ""), number)
            seen(Key("day", 100 * month + 5, dimension, value, ""), number)
    for (month, _, browser), number in browsers.items():
        seen(Key("month", month, "browser", browser, ""), number)
        seen(Key("day", 100 * month + 5, "browser", browser, ""), number)
    return counts


def pages_of(crossed: Crossed) -> dict[tuple[int, str], int]:
    pages = defaultdict[tuple[int, str], int](int)
    for (month, path, _), number in crossed.items():
        pages[month, path] += number
    return pages


async def answered(store: Store, asked: Any, now: datetime, closed: Closed) -> str:
    context = Context(TABLE, Calendar(ZoneInfo("UTC")), now.timestamp(), MIN, False, closed)
    try:
        question = parse(asked, TABLE, now.date(), date(2026, 9, 5))
        return json.dumps(await answer(question, context, store.select))
    except QuestionError as error:
        return str(error)


@given(CROSSED, st.lists(QUESTIONS, min_size=1, max_size=8), st.lists(QUESTIONS, max_size=8))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_asked_in_whatever_order_says_the_same_of_both(
    drawn: Crossed, before: list[Any], after: list[Any]
) -> None:
    other = twin(drawn)
    assert pages_of(other) == pages_of(drawn)
    assume(visible(other) == visible(drawn))

    async def told(crossed: Crossed) -> list[str]:
        store = connect("memory://", SHAPE)
        await store.write(Batch("w", 1, counts_of(crossed, drawn)))
        said = [await answered(store, each, OPEN, Closed.of([])) for each in before]
        closed = await close(store, TABLE, MIN, OVER.date())
        return said + [await answered(store, each, OVER, closed) for each in (*before, *after)]

    assert asyncio.run(told(other)) == asyncio.run(told(drawn))


def test_the_two_sites_do_differ_in_what_is_hidden() -> None:
    drawn = {(202611, "/a", "Chrome"): 40, (202611, "/a", "Edge"): 4, (202611, "/a", "Opera"): 7}
    assert twin(drawn) == {
        (202611, "/a", "Chrome"): 40,
        (202611, "/a", "Edge"): 7,
        (202611, "/a", "Opera"): 4,
    }
