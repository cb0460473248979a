"""No answer gives a small crossed count away, and neither does the difference of two answers."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstparty.answer import Context, answer
from firstparty.counts import Cells, Counts, Key, Selection, asked, select
from firstparty.dimensions import table
from firstparty.metrics import ZERO, add, vector
from firstparty.periods import Calendar
from firstparty.question import QuestionError, parse
from firstparty.withhold import Cross, Line, shown
from tests.driving import ask as ask_of
from tests.driving import counting, request
from tests.privacy_probes import DAY, visited

MIN = 10
TABLE = table()
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
MONTHS = (202609, 202610, 202611)
PAGES = ("/a", "/b", "/c")
BROWSERS = ("Chrome", "Edge", "Firefox", "Safari", "Opera")

# Most numbers are near the threshold, where mistakes are.
NUMBERS = st.one_of(st.integers(0, 25), st.sampled_from((0, 1, 9, 10, 11, 19, 20, 100)))
CROSSED = st.dictionaries(
    st.tuples(st.sampled_from(MONTHS), st.sampled_from(PAGES), st.sampled_from(BROWSERS)),
    NUMBERS.filter(bool),
    max_size=30,
)


def stored(crossed: dict[tuple[int, str, str], int]) -> Counts:
    """The counts that views leave, of which these many were of a page with a browser."""
    counts = dict[Key, tuple[int, ...]]()
    for (month, path, browser), number in crossed.items():
        seen = vector(pageviews=number, visits=number, confirmed=number)
        for key in (
            Key("crossed", month, "browser", browser, path),
            Key("month", month, "browser", browser, ""),
            Key("month", month, "path", path, ""),
            Key("month", month, "", "", ""),
        ):
            counts[key] = add(counts.get(key, ZERO), seen)
    return counts


def ask(counts: Counts, *, public: bool = False, **question: Any) -> dict[str, Any]:
    async def read(selection: Selection) -> Cells:
        return asked(select(counts, selection), selection)

    body = {"metrics": ["pageviews"], "date_range": ["2026-09-01", "2026-11-23"]} | question
    context = Context(TABLE, Calendar(ZoneInfo("UTC")), NOW, MIN, public)
    return asyncio.run(answer(parse(body, TABLE, TODAY, None), context, read))


def numbers(answered: dict[str, Any]) -> dict[tuple[str, ...], int | None]:
    return {tuple(row["dimensions"]): row["metrics"][0] for row in answered["results"]}


def total(crossed: dict[tuple[int, str, str], int], month: int, path: str) -> int:
    return sum(number for (at, page, _), number in crossed.items() if (at, page) == (month, path))


def test_of_the_period_before_only_the_values_that_are_shown_are_read():
    counts = stored({(month, page, "Edge"): 10 for month in (202609, 202610) for page in PAGES})
    read = list[Selection]()

    async def noted(selection: Selection) -> Cells:
        read.append(selection)
        return select(counts, selection)

    body = {
        "metrics": ["pageviews"],
        "date_range": ["2026-10-01", "2026-10-31"],
        "dimensions": ["path"],
        "pagination": {"limit": 2, "offset": 0},
        "include": {"comparison": ["2026-09-01", "2026-09-30"]},
    }
    context = Context(TABLE, Calendar(ZoneInfo("UTC")), NOW, MIN, public=False)
    answered = asyncio.run(answer(parse(body, TABLE, TODAY, None), context, noted))

    assert [(each.at, each.values) for each in read] == [
        ((202610,), None),
        ((202609,), frozenset({"/a", "/b"})),
    ]
    assert [row["comparison"] for row in answered["results"]] == [{"metrics": [10]}] * 2


# The rule itself ---------------------------------------------------------------------------------

CELLS = st.dictionaries(
    st.builds(Cross, st.sampled_from(MONTHS), st.sampled_from(PAGES), st.sampled_from(BROWSERS)),
    NUMBERS,
)
EXTRA = st.dictionaries(
    st.tuples(st.sampled_from(MONTHS), st.sampled_from(PAGES)), st.integers(0, 30)
)


@given(CELLS, EXTRA, st.integers(10, 30))
def test_what_is_shown_is_large_and_so_is_what_is_not_shown_of_a_page(cells, extra, least):
    margins = dict[Line, int]()
    for cell, number in cells.items():
        line = (cell.at, cell.path)
        margins[line] = margins.get(line, extra.get(line, 0)) + number

    kept = shown(cells, margins, least)

    assert all(cells[cell] >= least for cell in kept)
    for line, margin in margins.items():
        rest = margin - sum(cells[cell] for cell in kept if (cell.at, cell.path) == line)
        assert rest == 0 or rest >= least or not any(c[:2] == line for c in kept)


@given(CELLS)
def test_a_page_without_a_total_of_its_own_has_the_sum_of_its_cells(cells):
    margins = dict[Line, int]()
    for cell, number in cells.items():
        line = (cell.at, cell.path)
        margins[line] = margins.get(line, 0) + number

    assert shown(cells, {}, MIN) == shown(cells, margins, MIN)


def test_the_smallest_that_is_large_goes_with_a_small_rest():
    large = {Cross(1, "/a", "x"): 30, Cross(1, "/a", "y"): 12}
    small = {Cross(1, "/a", "z"): 4}

    assert shown(large, {(1, "/a"): 46}, MIN) == {Cross(1, "/a", "x")}
    assert shown(large, {(1, "/a"): 52}, MIN) == set(large)
    assert shown(large | small, {(1, "/a"): 46}, MIN) == {Cross(1, "/a", "x")}
    # Other answers may tell that 6 of the 10 others have no value, and so that z is 4.
    assert shown(large | small, {(1, "/a"): 52}, MIN) == {Cross(1, "/a", "x")}


# Through the API's answers ------------------------------------------------------------------------


@given(CROSSED)
@settings(max_examples=60)
def test_no_answer_about_a_page_and_no_difference_from_its_total_is_small(crossed):
    counts = stored(crossed)
    by_month = numbers(ask(counts, dimensions=["path", "browser", "time:month"]))
    labels = {month: f"{month // 100}-{month % 100:02}-01" for month in MONTHS}

    assert all(number is not None and number >= MIN for number in by_month.values())
    for month in MONTHS:
        for path in PAGES:
            seen = [
                number
                for (page, _, label), number in by_month.items()
                if (page, label) == (path, labels[month])
            ]
            rest = total(crossed, month, path) - sum(seen)
            assert rest == 0 or rest >= MIN or not seen

    # However it is asked, it is these cells that are summed.
    over_all = numbers(ask(counts, dimensions=["path", "browser"]))
    for (path, browser), number in over_all.items():
        assert number == sum(
            each for (page, value, _), each in by_month.items() if (page, value) == (path, browser)
        )
    for operator, values in (
        ("is", ["Firefox"]),
        ("is_not", ["Firefox"]),
        ("contains", ["e"]),
        ("contains_not", ["fox", "xyz"]),
    ):
        for path in PAGES:
            filters = [["is", "path", [path]], [operator, "browser", values]]
            sought = {
                value
                for value in BROWSERS
                if (
                    value in values
                    if operator.startswith("is")
                    else any(part in value.lower() for part in values)
                )
                != operator.endswith("not")
            }
            (number,) = numbers(ask(counts, filters=filters)).values()
            parts = [n for (p, value), n in over_all.items() if p == path and value in sought]
            assert number == (sum(parts) if parts else None)
            series = numbers(ask(counts, filters=filters, dimensions=["time:month"]))
            assert all(each is None or each >= MIN for each in series.values())


@given(CROSSED, st.sampled_from(PAGES), st.integers(1, MIN - 1))
@settings(max_examples=60)
def test_a_cell_that_is_small_is_answered_byte_for_byte_like_one_that_is_not_there(
    crossed, path, small
):
    """Another browser takes the views, so that the page's total is the same."""
    base = {cell: n for cell, n in crossed.items() if cell[1] != path or cell[2] != "Opera"}
    base[202610, path, "Safari"] = base.get((202610, path, "Safari"), 0) + 2 * MIN
    there = base | {(202610, path, "Opera"): small}
    gone = base | {(202610, path, "Edge"): base.get((202610, path, "Edge"), 0) + small}
    asked = [["is", "path", [path]], ["is", "browser", ["Opera"]]]
    for question in (
        {"filters": asked},
        {"filters": asked, "dimensions": ["time:month"]},
        {"filters": asked, "dimensions": ["browser"]},
        {"filters": asked, "metrics": ["visits", "coverage", "confirmed"]},
        {"filters": asked, "dimensions": ["path"], "include": {"total_rows": True}},
        {"filters": asked, "include": {"comparison": "previous_period"}},
        {"filters": asked, "order_by": [["pageviews", "asc"]], "dimensions": ["path", "browser"]},
    ):
        assert json.dumps(ask(stored(there), **question)) == json.dumps(
            ask(stored(gone), **question)
        )


@given(CROSSED)
@settings(max_examples=40)
def test_order_pages_and_shares_are_made_of_what_is_shown(crossed):
    crossed = {cell: number for cell, number in crossed.items() if cell[0] == MONTHS[0]}
    counts = stored(crossed)
    question = {
        "dimensions": ["path", "browser"],
        "order_by": [["pageviews", "desc"]],
        "include": {"total_rows": True},
    }
    everything = ask(counts, **question)
    assert everything["meta"]["total_rows"] == len(everything["results"])
    without = {
        cell: number
        for cell, number in crossed.items()
        if (cell[1], cell[2]) in numbers(everything)
    }
    rest = {key: value for key, value in counts.items() if key.period != "crossed"}
    visible = {key: v for key, v in stored(without).items() if key.period == "crossed"}
    assert ask(rest | visible, **question) == everything
    paged = [
        row
        for offset in range(0, len(everything["results"]) + 2, 2)
        for row in ask(counts, **question, pagination={"limit": 2, "offset": offset})["results"]
    ]
    assert paged == everything["results"]


@given(CROSSED)
@settings(max_examples=40)
def test_the_public_sees_named_values_of_past_months_only_and_none_that_is_small(crossed):
    counts = stored(crossed)
    of_site = numbers(ask(counts, dimensions=["time:month"], public=True))
    for dimensions in (["browser"], ["path"], ["path", "browser"]):
        by_month = ask(counts, dimensions=[*dimensions, "time:month"], public=True)
        seen = numbers(by_month)
        assert all(number is not None and number >= MIN for number in seen.values())
        assert {group[-1] for group in seen} <= {"2026-09-01", "2026-10-01"}
        assert by_month["meta"]["range"] == ["2026-09-01", "2026-10-31"]
        if len(dimensions) == 1:
            for label in ("2026-09-01", "2026-10-01"):
                shown_here = [n for group, n in seen.items() if group[-1] == label]
                rest = (of_site.get((label,)) or 0) - sum(n or 0 for n in shown_here)
                assert rest == 0 or rest >= MIN or not shown_here
        for date_range in ("day", "7d", "month", ["2026-11-01", "2026-11-20"]):
            running = ask(counts, dimensions=dimensions, date_range=date_range, public=True)
            assert running["results"] == []
            assert running["meta"]["withheld"]


@pytest.mark.parametrize("interval", ["time:day", "time:week", "time:hour"])
def test_the_public_cannot_ask_for_named_values_by_anything_finer_than_a_month(interval):
    for question in ({"dimensions": [interval, "path"]}, {"filters": [["is", "path", ["/a"]]]}):
        asked = {"dimensions": [interval], "date_range": "7d"} | question
        with pytest.raises(QuestionError, match="month"):
            ask({}, public=True, **asked)


def test_answers_are_the_same_before_and_after_a_flush(tmp_path):
    async def scenario() -> None:
        async with visited(tmp_path) as site:

            async def visits() -> None:
                for number in range(60):
                    language = ("de", "fr", "it-IT")[number % 7 % 3]
                    await site.view("/pricing", accept_language=language)
                    await site.view(
                        f"/account/{number % 3}",
                        referer="https://www.google.com/",
                        sec_fetch_site="cross-site",
                    )
                    await site.beacon({"u": "/about", "c": bool(number % 2), "k": "enter"})
                    await site.view(f"/gone-{number % 2}", referer="https://a.example/")

            def timeless(said: str) -> str:
                lines = said.splitlines()
                kept = "\n".join(line for line in lines if '"last_flush"' not in line)
                # The first flush notes since when each setting is in force.
                return re.sub(r'<section id="since">.*?</section>', "", kept, flags=re.DOTALL)

            for _ in range(3):
                await visits()
                before = timeless(await site.answers())
                await site.flush()
                assert timeless(await site.answers()) == before
                site.clock.now += 9 * DAY

    asyncio.run(scenario())


# What is not right yet ----------------------------------------------------------------------------


def test_a_withheld_number_of_the_period_before_is_null_and_not_zero():
    counts = stored({(202610, "/a", "Edge"): 5, (202611, "/a", "Edge"): 50})

    (row,) = ask(
        counts,
        date_range="month",
        dimensions=["path", "browser"],
        include={"comparison": "previous_period"},
    )["results"]

    assert row["metrics"] == [50]
    assert row["comparison"]["metrics"] == [None]


def test_missing_pages_that_are_withheld_are_said_to_be():
    miss = vector(misses=4)
    counts = {
        **stored({(202611, "/a", "Edge"): 50}),
        Key("crossed", 202611, "not_found", "/gone", "/a"): miss,
        Key("month", 202611, "not_found", "/gone", ""): miss,
    }

    answered = ask(
        counts, metrics=["misses"], dimensions=["not_found"], filters=[["is", "path", ["/a"]]]
    )

    assert answered["results"] == []
    assert answered["meta"]["withheld"]


def test_the_channel_does_not_tell_how_few_visits_a_hidden_source_has():
    """Direct visits have a channel and no source: what is left of the others is 1, and hidden."""
    visits = [("Direct", None, 20), ("Search", "Google", 11), ("Search", "Kagi", 1)]
    counts = dict[Key, tuple[int, ...]]()
    for channel, source, number in visits:
        seen = vector(pageviews=number, visits=number)
        for key in (
            Key("month", 202610, "", "", ""),
            Key("month", 202610, "path", "/a", ""),
            Key("crossed", 202610, "channel", channel, "/a"),
            *([Key("crossed", 202610, "source", source, "/a")] if source else []),
        ):
            counts[key] = add(counts.get(key, ZERO), seen)

    def shown_of(name: str) -> dict[str, int]:
        page = [["is", "path", ["/a"]]]
        answered = ask(counts, metrics=["visits"], dimensions=[name], filters=page)
        return {value: number or 0 for (value,), number in numbers(answered).items()}

    with_a_source = sum(shown_of("channel").values()) - shown_of("channel").get("Direct", 0)
    rest = with_a_source - sum(shown_of("source").values())
    assert rest == 0 or rest >= MIN


def test_what_is_large_only_with_what_is_not_written_yet_is_shown(tmp_path):
    async def act():
        app = counting(store=f"sqlite:///{tmp_path}/stats.db", flush_interval=3600)
        page = {"filters": [["is", "path", ["/"]]]}
        for _ in range(6):
            await request(app)
        small = await ask_of(app, ["pageviews"], "month", "browser", **page)
        await app.flusher.flush()
        for _ in range(5):
            await request(app)
        large = await ask_of(app, ["pageviews"], "month", "browser", **page)
        await app.flusher.stop()
        return small, large

    assert asyncio.run(act()) == ([], [("Chrome", 11)])
