"""Days and months that are over lose what is small: once, and whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstparty import AnalyticsMiddleware
from firstparty.answer import answer
from firstparty.closing import Closing, close, hushed
from firstparty.counts import Batch, Cell, Counts, Key, Selection
from firstparty.dimensions import table
from firstparty.imports import Import
from firstparty.metrics import COUNTED, ZERO, add, vector
from firstparty.plan import Context
from firstparty.question import parse
from firstparty.stores import Shape, Store, connect
from firstparty.withhold import kept
from tests.driving import App, api, ask, counting, request
from tests.places import KINDS, place
from tests.test_withhold import CROSSED, stored

TABLE = table()
MIN = 10
PAGEVIEWS = COUNTED.index("pageviews")
SHAPE = Shape(
    site="default",
    timezone="UTC",
    names={name: row.cap for name, row in TABLE.items()},
    pairs={name: row.pairs for name, row in TABLE.items()},
    vocabularies={name: row.vocabulary for name, row in TABLE.items()},
    places={name: TABLE[row.by].vocabulary for name, row in TABLE.items() if row.by},
)
LATE = date(2026, 12, 4)
"""The first day on which November 2026 is closed."""


class CutOffError(Exception):
    """Stands for a kill."""


class Cut:
    """A store whose process is killed after so many closings."""

    def __init__(self, store: Store, after: int) -> None:
        self._store = store
        self._left = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def close_off(self, *closings: Closing, small: Iterable[Cell] = ()) -> None:
        for closing in closings:
            if self._left == 0:
                raise CutOffError
            self._left -= 1
            await self._store.close_off(closing, small=list(small))


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str:
    """A new store of each kind."""
    return place(str(request.param), request)


async def crossed(store: Store, month: int, name: str = "browser") -> dict[Cell, Any]:
    return await store.select(
        Selection("crossed", (month,), name, by_at=True, by_value=True, by_path=True)
    )


def of_days(views: Mapping[int, Mapping[str, int]]) -> Counts:
    """The counts of days, each with its views by browser, all of one page."""
    counts = dict[Key, tuple[int, ...]]()
    for day, browsers in views.items():
        for browser, number in browsers.items():
            seen = vector(pageviews=number)
            month = day // 100
            for key in (
                Key("day", day, "", "", ""),
                Key("day", day, "path", "/", ""),
                Key("day", day, "browser", browser, ""),
                Key("month", month, "", "", ""),
                Key("month", month, "path", "/", ""),
                Key("month", month, "browser", browser, ""),
            ):
                counts[key] = add(counts.get(key, ZERO), seen)
    return counts


# Months.


@given(CROSSED, st.integers(0, 12))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_month_that_closes_keeps_what_could_be_shown_and_nothing_else_also_after_a_kill(
    drawn: dict[tuple[int, str, str], int], after: int
) -> None:
    counts = stored(drawn)

    async def run() -> None:
        store = connect("memory://", SHAPE)
        await store.write(Batch("w", 1, counts))
        await store.write(Batch("w", 2, {Key("day", 20260901, "", "", ""): vector(pageviews=1)}))
        before = {month: await crossed(store, month) for month in (202609, 202610, 202611)}
        margins = {
            month: await store.select(
                Selection("month", (month,), "path", by_at=True, by_value=True)
            )
            for month in before
        }
        expected = {
            month: kept(TABLE["browser"], cells, margins[month], MIN)
            for month, cells in before.items()
        }
        try:
            await close(Cut(store, after), TABLE, MIN, LATE)  # type: ignore[arg-type]
        except CutOffError:
            await close(store, TABLE, MIN, LATE)
        for month, cells in before.items():
            found = await crossed(store, month)
            assert found == {cell: cells[cell] for cell in expected[month]}

    asyncio.run(run())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_closing_that_ends_at_any_statement_is_done_by_whoever_comes_next(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three that go on at once leave what one leaves that is not cut off."""
    drawn = {(202611, "/a", "Chrome"): 30, (202611, "/a", "Opera"): 3, (202611, "/b", "Edge"): 12}
    days = of_days({20261101: {"Chrome": 33}, 20261102: {"Opera": 2}, 20261103: {"Edge": 12}})
    counts = {**stored(drawn), **days}
    endless = 10**9
    left = [endless]

    def counted(act: Any) -> Any:
        def run(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == -1:
                raise CutOffError
            return act(*given, **named)

        return run

    class Counted(sqlite3.Connection):
        execute = counted(sqlite3.Connection.execute)
        executemany = counted(sqlite3.Connection.executemany)

    monkeypatch.setattr(sqlite3, "Connection", Counted)
    if kind == "postgresql":
        for name in ("execute", "fetch", "fetchval", "fetchrow"):
            monkeypatch.setattr(
                asyncpg.Connection, name, counted(getattr(asyncpg.Connection, name))
            )

    def new(number: int) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/{number}.db"
        request.getfixturevalue("postgres").empty()
        return place(kind, request)

    async def closed(url: str, cut: int) -> tuple[int, Any]:
        stores = [connect(url, SHAPE) for _ in range(3)]
        for store in stores:
            await store.open()
        await stores[0].write(Batch("w", 1, counts))
        left[0] = cut
        with contextlib.suppress(CutOffError):
            await close(stores[0], TABLE, MIN, LATE)
        taken = cut - left[0]
        left[0] = endless
        ends = await asyncio.gather(*(close(store, TABLE, MIN, LATE) for store in stores))
        assert ends[0] == ends[1] == ends[2]
        found = {key: vector async for key, vector in stores[0].counts()}
        for store in stores:
            await store.close()
        return taken, (found, ends[0])

    statements, expected = asyncio.run(closed(new(endless), endless))
    assert expected[1].quiet == {20261102, 20261103}
    # Each of them in turn, or every few where there are many.
    for cut in range(0, statements, max(1, statements // 25)):
        assert asyncio.run(closed(new(cut), cut))[1] == expected, cut


def test_a_month_closes_on_the_fourth_day_after_its_end_and_not_before(url: str) -> None:
    counts = stored({(202611, "/a", "Chrome"): 30, (202611, "/a", "Opera"): 3})
    counts = {**counts, Key("day", 20261101, "", "", ""): vector(pageviews=33)}

    async def run() -> list[int]:
        store = connect(url, SHAPE)
        await store.open()
        await store.write(Batch("w", 1, counts))
        found = []
        for today in (LATE - timedelta(days=1), LATE):
            await close(store, TABLE, MIN, today)
            found.append(len(await crossed(store, 202611)))
        await store.close()
        return found

    # The 3 go, and the 30 with them: the month's total would have told the rest.
    assert asyncio.run(run()) == [2, 0]


def test_a_late_batch_adds_to_a_closed_month_what_is_not_crossed(url: str) -> None:
    async def run() -> tuple[int, Any, Any]:
        store = connect(url, SHAPE)
        await store.open()
        await store.close_off(Closing("month", 202611))
        left_out = await store.write(Batch("w", 1, stored({(202611, "/a", "Chrome"): 30})))
        again = await store.write(Batch("w", 1, stored({(202611, "/a", "Chrome"): 30})))
        total = await store.select(Selection("month", (202611,), "browser"))
        cells = await crossed(store, 202611)
        await store.close()
        assert again == 0
        return left_out, cells, [vector[PAGEVIEWS] for vector in total.values()]

    assert asyncio.run(run()) == (1, {}, [30])


def test_counts_of_dimensions_that_nobody_knows_any_more_go_when_their_month_closes(
    tmp_path: Path,
) -> None:
    async def run() -> int:
        url = f"sqlite:///{tmp_path}/stats.db"
        store = connect(url, SHAPE)
        await store.open()
        await store.write(Batch("w", 1, stored({(202611, "/a", "Chrome"): 30})))
        await store.close()
        without = table(omit=["browser", "os", "device"])
        known = {name: TABLE["path"].vocabulary for name, row in without.items() if row.by}
        shape = Shape(
            "default", "UTC", SHAPE.names, dict.fromkeys(without, 1), SHAPE.vocabularies, known
        )
        store = connect(url, shape)
        await store.open()
        await store.close_off(Closing("month", 202611))
        await store.close()
        with sqlite3.connect(tmp_path / "stats.db") as db:
            (number,) = db.execute("select count(*) from counts where period = 4").fetchone()
        db.close()
        return int(number)

    assert asyncio.run(run()) == 0


def test_what_a_closed_month_has_lost_is_not_on_the_disk_any_more(tmp_path: Path) -> None:
    name = "/only-here-and-nowhere-else"

    async def run() -> None:
        store = connect(f"sqlite:///{tmp_path}/stats.db", SHAPE)
        await store.open()
        counts = stored({(202611, "/a", "Chrome"): 30})
        # Seen as the page before, and by itself never: its name goes with the crossed count.
        rare = {Key("crossed", 202611, "previous", name, "/a"): vector(pageviews=2)}
        day = {Key("day", 20261101, "", "", ""): vector(pageviews=30)}
        await store.write(Batch("w", 1, {**counts, **rare, **day}))
        await close(store, TABLE, MIN, LATE)
        await store.forget({"day": 20240101, "month": 202401, "crossed": 202401})
        await store.close()

    asyncio.run(run())
    bytes_ = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert name.encode() not in bytes_
    assert b"/a" in bytes_


# Days.

VIEWS = st.dictionaries(
    st.integers(1, 30).map(lambda day: 20261100 + day),
    st.one_of(st.integers(0, 14), st.sampled_from((0, 1, 2, 9, 10, 11, 40))),
    min_size=1,
)


@given(VIEWS)
def test_what_a_month_says_less_its_other_days_is_never_about_few_views(
    views: dict[int, int],
) -> None:
    hidden = set[int]()
    for day in sorted(views):
        closed = {other for other in views if other <= day}
        hidden |= hushed(day, {other: views[other] for other in closed}, hidden, MIN)
        together = sum(views[other] for other in hidden)
        assert {other for other in closed if views[other] < MIN} <= hidden
        assert together == 0 or together >= MIN or hidden >= closed


def test_the_quietest_day_that_is_left_goes_with_a_quiet_one() -> None:
    views = {20261101: 40, 20261102: 12, 20261103: 3, 20261104: 11}
    assert hushed(20261103, views, set(), MIN) == {20261103, 20261104}
    assert hushed(20261104, views, {20261103, 20261104}, MIN) == set()


def test_a_quiet_day_keeps_its_total_and_its_pages_and_the_month_has_the_rest(url: str) -> None:
    counts = of_days({20261101: {"Chrome": 50}, 20261102: {"Opera": 2}, 20261103: {"Edge": 12}})

    async def run() -> Any:
        store = connect(url, SHAPE)
        await store.open()
        await store.write(Batch("w", 1, counts))
        quiet = await close(store, TABLE, MIN, date(2026, 11, 10))
        days = tuple(range(20261101, 20261104))
        found = {}
        for name in ("", "path", "browser"):
            cells = await store.select(Selection("day", days, name, by_at=True, by_value=True))
            found[name] = sorted((c.at, c.value, v[PAGEVIEWS]) for c, v in cells.items())
        cells = await store.select(Selection("month", (202611,), "browser", by_value=True))
        found["month"] = sorted((c.value, v[PAGEVIEWS]) for c, v in cells.items())
        left_out = await store.write(Batch("w", 2, of_days({20261102: {"Safari": 1}})))
        await store.close()
        return quiet.quiet, found, left_out

    quiet, found, left_out = asyncio.run(run())
    assert quiet == {20261102, 20261103}
    assert found["browser"] == [(20261101, "Chrome", 50)]
    assert [n for *_, n in found["path"]] == [50, 2, 12]
    assert found["month"] == [("Chrome", 50), ("Edge", 12), ("Opera", 2)]
    assert left_out == 1  # the browser of the day; the month has it


def test_a_quiet_day_takes_no_company_of_days_that_an_import_brought(url: str) -> None:
    """They could go again, and the month less its other days would tell the quiet one."""
    brought = Import("before", "old", "plausible", 20261102, 20261101, 20261101)

    async def run() -> Any:
        store = connect(url, SHAPE)
        await store.open()
        await store.begin(brought)
        await store.write(Batch("old", 1, of_days({20261101: {"Chrome": 12}}), "old"))
        await store.finish(brought)
        await store.write(Batch("w", 1, of_days({20261102: {"Opera": 2}, 20261103: {"Edge": 40}})))
        quiet = (await close(store, TABLE, MIN, date(2026, 11, 7))).quiet
        cells = await store.select(
            Selection("day", (20261101, 20261102, 20261103), "browser", by_at=True, by_value=True)
        )
        await store.close()
        return quiet, sorted((c.at, c.value, v[PAGEVIEWS]) for c, v in cells.items())

    assert asyncio.run(run()) == ({20261102, 20261103}, [(20261101, "Chrome", 12)])


def test_every_day_is_looked_at_once_and_none_too_early(url: str) -> None:
    counts = of_days({20261101 + n: {"Chrome": 1} for n in range(20)})

    async def run() -> list[int]:
        store = connect(url, SHAPE)
        await store.open()
        await store.write(Batch("w", 1, counts))
        numbers = [
            len((await close(store, TABLE, MIN, date(2026, 11, today))).quiet)
            for today in (4, 5, 10)
        ]
        await store.close()
        return numbers

    assert asyncio.run(run()) == [0, 1, 6]


# As somebody sees it who asks.


def test_an_answer_says_which_of_its_days_were_quiet() -> None:
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)

    async def run() -> Any:
        now = start
        site = counting(clock=lambda: now.timestamp())
        for ago, number in ((0, 12), (1, 2), (2, 14)):
            now = start + timedelta(days=ago)
            for _ in range(number):
                await request(site)
        await site.flusher.flush()
        now = start + timedelta(days=20)
        await site.flusher.flush()
        asked = {
            "metrics": ["pageviews"],
            "date_range": ["2026-11-01", "2026-11-03"],
            "dimensions": ["browser"],
        }
        by_browser = (await api(site, "query", asked))[1]
        by_page = (await api(site, "query", {**asked, "dimensions": ["path"]}))[1]
        whole = await ask(site, ["pageviews"], "month", "browser")
        return by_browser, by_page, whole

    by_browser, by_page, whole = asyncio.run(run())
    # The day of 2 is quiet, and the day of 12 goes with it.
    assert by_browser["meta"]["quiet"] == ["2026-11-01", "2026-11-02"]
    assert [row["metrics"] for row in by_browser["results"]] == [[14]]
    assert by_page["meta"]["quiet"] == []
    assert [row["metrics"] for row in by_page["results"]] == [[28]]
    assert whole == [("Chrome", 28)]


def test_a_site_closes_by_itself_and_what_it_answers_about_a_month_stays_the_same(
    tmp_path: Path,
) -> None:
    start = datetime(2026, 10, 5, 12, tzinfo=UTC)

    async def answers(site: App) -> Any:
        found = []
        for by in ("browser", "source", "previous"):
            metrics = ["visits"] if by == "source" else ["pageviews"]
            body = {
                "metrics": metrics,
                "date_range": ["2026-10-01", "2026-10-31"],
                "dimensions": ["path", by],
            }
            found.append((await api(site, "query", body))[1]["results"])
        return found

    async def run() -> tuple[Any, Any, int]:
        now = start
        site: AnalyticsMiddleware = counting(
            clock=lambda: now.timestamp(),
            store=f"sqlite:///{tmp_path}/stats.db",
            listed=("/*",),
        )
        for number, agent in ((25, "Firefox/140.0"), (11, "Chrome/140.0.0.0 Safari/537.36")):
            for _ in range(number):
                words = f"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 {agent}"
                await request(site, "/a", {**NAVIGATION_OF, "user-agent": words})
        await site.flusher.flush()
        before = await answers(site)
        now = start + timedelta(days=31)
        await site.flusher.flush()
        after = await answers(site)
        rows = len(await crossed(site.analytics.counting.store, 202610))
        await site.flusher.stop()
        return before, after, rows

    before, after, rows = asyncio.run(run())
    assert before == after
    assert before[0]
    assert rows == len(before[0])


NAVIGATION_OF = {
    "accept": "text/html",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "none",
}


def test_a_dimension_that_another_program_still_counts_is_left_to_it(url: str) -> None:
    counts = stored({(202611, "/a", "Chrome"): 100, (202612, "/a", "Chrome"): 100})
    without = {name: by for name, by in SHAPE.places.items() if name != "browser"}

    async def run() -> int:
        store = connect(url, SHAPE)
        await store.open()
        await store.write(Batch("w", 1, counts))
        store._shape = replace(SHAPE, places=without)  # type: ignore[attr-defined]
        await store.close_off(Closing("month", 202611))
        store._shape = SHAPE  # type: ignore[attr-defined]
        found = len(await crossed(store, 202611))
        await store.close()
        return found

    assert asyncio.run(run()) == 1


def test_a_site_that_nobody_has_viewed_closes_too(url: str) -> None:
    done = vector(events=1)
    counts = {
        Key("day", 20261103, "event", "renewal", ""): done,
        Key("month", 202611, "event", "renewal", ""): done,
        Key("crossed", 202611, "property", "plan=pro", "renewal"): done,
    }

    async def run() -> int:
        store = connect(url, SHAPE)
        await store.open()
        await store.write(Batch("w", 1, counts))
        await close(store, TABLE, MIN, LATE)
        found = len(await crossed(store, 202611, "property"))
        await store.close()
        return found

    assert asyncio.run(run()) == 0


def test_a_late_batch_does_not_fill_a_day_that_was_empty_when_it_closed(url: str) -> None:
    counts = of_days({20261101: {"Chrome": 50}, 20261103: {"Chrome": 50}})

    async def run() -> tuple[int, Any]:
        store = connect(url, SHAPE)
        await store.open()
        await store.write(Batch("w", 1, counts))
        closed = await close(store, TABLE, MIN, date(2026, 11, 10))
        left_out = await store.write(Batch("w", 2, of_days({20261102: {"Opera": 1}})))
        await store.close()
        return left_out, closed.quiet

    assert asyncio.run(run()) == (1, frozenset())


def test_a_day_of_no_views_but_with_other_counts_has_company_too() -> None:
    assert hushed(20261102, {20261101: 50, 20261102: 0}, set(), MIN) == {20261101, 20261102}
    assert hushed(20261102, {20261101: 50}, set(), MIN) == {20261102}


def test_a_larger_min_count_holds_for_months_that_closed_under_a_smaller_one() -> None:
    start = datetime(2026, 10, 5, 12, tzinfo=UTC)
    views = {"Firefox/140.0": 100, "Chrome/140.0.0.0 Safari/537.36": 15}

    async def shown(min_count: int) -> Any:
        now = start
        site = counting(clock=lambda: now.timestamp(), listed=("/*",))
        for agent, number in views.items():
            for _ in range(number):
                words = f"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 {agent}"
                await request(site, "/a", {**NAVIGATION_OF, "user-agent": words})
        now = start + timedelta(days=31)
        await site.flusher.flush()
        context = replace(
            Context(TABLE, site.analytics.counting.calendar, now.timestamp(), min_count, False),
            closed=site.flusher.closed,
        )
        body = {
            "metrics": ["pageviews"],
            "date_range": ["2026-10-01", "2026-10-31"],
            "dimensions": ["path", "browser"],
        }
        async with site.flusher.reading() as read:
            answered = await answer(parse(body, TABLE, date(2026, 11, 5), None), context, read)
        return [row["metrics"][0] for row in answered["results"]]

    assert asyncio.run(shown(10)) == [100, 15]
    assert asyncio.run(shown(20)) == []
