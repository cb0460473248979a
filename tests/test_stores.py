"""The contract that every store keeps, and what the SQLite file promises beside it."""

import asyncio
import contextlib
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firstparty.counts import Batch, Cell, Counts, Key, Selection
from firstparty.marks import MOST_MARKS, Mark
from firstparty.metrics import COUNTED, vector
from firstparty.stores import Shape, Store, StoreError, connect

SHAPE = Shape(
    site="example",
    timezone="UTC",
    names={"path": 20, "source": 4, "previous": 20},
    pairs={"path": 0, "source": 3, "previous": 100},
    vocabularies={"path": "path", "source": "source", "previous": "path"},
    places={"source": "path", "previous": "path"},
)
DAY, MONTH = 20261123, 202611
ONE, TWO = vector(pageviews=1), vector(pageviews=2, visits=1)

Run = Callable[[Callable[[Store], Awaitable[Any]]], Any]


def day(value: str, dimension: str = "path", at: int = DAY) -> Key:
    return Key("day", at, dimension, value, "")


def cross(path: str, value: str, dimension: str = "source", at: int = MONTH) -> Key:
    return Key("crossed", at, dimension, value, path)


def batch(seq: int, counts: Counts, writer: str = "w") -> Batch:
    return Batch(writer, seq, counts)


async def used(url: str, act: Callable[[Store], Awaitable[Any]], shape: Shape = SHAPE) -> Any:
    store = connect(url, shape)
    await store.open()
    try:
        return await act(store)
    finally:
        await store.close()


@pytest.fixture(params=["memory", "sqlite"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Runs a test on a fresh store of each kind."""
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/stats.db"
    return lambda act: asyncio.run(used(url, act))


async def sums(store: Store, period: Any = "day", dimension: str = "path", **by: Any) -> Any:
    """The sums by value (and page), as a dictionary."""
    at = by.pop("at", (DAY if period == "day" else MONTH,))
    chosen = {"by_value": True, "by_path": period == "crossed", **by}
    cells = await store.select(Selection(period, at, dimension, **chosen))
    return {
        (cell.path, cell.value) if period == "crossed" else cell.value: counts
        for cell, counts in cells.items()
    }


def test_a_batch_is_added_to_what_is_there(run: Run) -> None:
    async def act(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): ONE, day("/b"): TWO}))
        await store.write(batch(2, {day("/a"): TWO}))
        await store.write(batch(1, {day("/a"): ONE}, writer="another"))
        return await sums(store)

    assert run(act) == {"/a": vector(pageviews=4, visits=1), "/b": TWO}


def test_a_batch_is_written_once_however_often_it_is_tried(run: Run) -> None:
    async def act(store: Store) -> Any:
        for seq in (1, 1, 2, 2, 1):
            await store.write(batch(seq, {day("/a"): ONE}))
        return await sums(store)

    assert run(act) == {"/a": TWO[:1] + ONE[1:]}


def test_a_selection_sums_over_what_it_does_not_tell_apart(run: Run) -> None:
    async def act(store: Store) -> Any:
        other = DAY + 1
        await store.write(
            batch(
                1,
                {
                    day("/a"): ONE,
                    day("/a", at=other): ONE,
                    day("/b"): ONE,
                    Key("day", DAY, "", "", ""): TWO,
                    Key("month", MONTH, "path", "/a", ""): TWO,
                },
            )
        )
        select = store.select
        return [
            await select(Selection("day", (DAY, other), "path")),
            await select(Selection("day", (DAY, other), "path", by_at=True)),
            await select(Selection("day", (DAY,), "path", by_value=True)),
            await select(Selection("day", (DAY, other), "path", frozenset({"/a", "/no"}))),
            await select(Selection("day", (DAY,), "path", frozenset({"/no"}), by_value=True)),
            await select(Selection("day", (DAY,), "path", frozenset())),
            await select(Selection("day", (DAY,), "")),
            await select(Selection("hour", (DAY,), "path")),
        ]

    three = vector(pageviews=3)
    assert run(act) == [
        {Cell(0, "", ""): three},
        {Cell(DAY, "", ""): vector(pageviews=2), Cell(DAY + 1, "", ""): ONE},
        {Cell(0, "/a", ""): ONE, Cell(0, "/b", ""): ONE},
        {Cell(0, "", ""): vector(pageviews=2)},
        {},
        {},
        {Cell(0, "", ""): TWO},
        {},
    ]


def test_crossed_counts_are_selected_by_page_and_by_value(run: Run) -> None:
    async def act(store: Store) -> Any:
        counts = {cross("/a", "x"): ONE, cross("/a", "y"): TWO, cross("/b", "x"): ONE}
        await store.write(batch(1, counts))
        return [
            await sums(store, "crossed", "source"),
            await sums(store, "crossed", "source", paths=frozenset({"/a"})),
            await sums(store, "crossed", "source", values=frozenset({"x"})),
        ]

    x, y, b = ("/a", "x"), ("/a", "y"), ("/b", "x")
    assert run(act) == [{x: ONE, y: TWO, b: ONE}, {x: ONE, y: TWO}, {x: ONE, b: ONE}]


def test_a_selection_gives_at_least_the_metrics_and_the_cells_that_it_asks_for(run: Run) -> None:
    some, many = vector(pageviews=9, visits=2, misses=5), vector(pageviews=10, visits=3, misses=7)

    async def act(store: Store) -> Any:
        counts = {cross("/a", "x"): some, cross("/a", "y"): many, cross("/b", "x"): many}
        await store.write(batch(1, counts))
        asked = {"metrics": frozenset({"visits"}), "least": ("pageviews", 10), "by_at": True}
        alone = await sums(store, "crossed", "source", **asked)
        by_page = await sums(store, "crossed", "source", **asked, by_value=False)
        return alone, by_page

    alone, by_page = run(act)
    visits = COUNTED.index("visits")
    given = {place: counts[visits] for place, counts in alone.items()}
    assert given.items() >= {("/a", "y"): 3, ("/b", "x"): 3}.items()
    assert given.get(("/a", "x"), 2) == 2
    assert {place: counts[visits] for place, counts in by_page.items()} == {
        ("/a", ""): 5,
        ("/b", ""): 3,
    }


def test_past_the_cap_of_names_values_count_as_other_and_nothing_is_lost(run: Run) -> None:
    async def act(store: Store) -> Any:
        await store.write(batch(1, {day(f"s{n}", "source"): ONE for n in range(10)}))
        await store.write(batch(2, {day("late", "source"): ONE, day("(unlisted)", "source"): ONE}))
        return await sums(store, dimension="source")

    found = run(act)
    named = {name for name in found if not name.startswith("(")}
    assert sum(counts[0] for counts in found.values()) == 12
    assert len(named) in {3, 4}
    assert named < {f"s{n}" for n in range(10)}
    assert (found["(unlisted)"], found["(other)"]) == (ONE, vector(pageviews=11 - len(named)))


def test_past_the_cap_of_pairs_new_ones_are_not_kept_and_old_ones_go_on(run: Run) -> None:
    async def act(store: Store) -> Any:
        await store.write(batch(1, {cross("/a", "x"): ONE, cross("/b", "x"): ONE}))
        counts = {cross(path, "x"): ONE for path in ("/a", "/c", "/d", "/e")}
        await store.write(batch(2, {**counts, day("/e"): ONE}))
        await store.write(batch(3, {cross("/a", "x", at=MONTH + 1): ONE}))
        here = await sums(store, "crossed", "source")
        return here, await sums(store, "crossed", "source", at=(MONTH + 1,)), await sums(store)

    here, later, days = run(act)
    assert (here[("/a", "x")], here[("/b", "x")], len(here)) == (vector(pageviews=2), ONE, 3)
    assert later == {("/a", "x"): ONE}
    assert days == {"/e": ONE}


def test_what_is_old_is_forgotten_and_the_names_that_nothing_has(run: Run) -> None:
    async def act(store: Store) -> Any:
        counts = {
            day("/old", at=20240101): ONE,
            Key("month", 202401, "path", "/old", ""): ONE,
            cross("/old", "gone", at=202401): ONE,
            Key("hour", 100, "path", "/old", ""): ONE,
            Key("minute", 100, "", "", ""): ONE,
            day("/new"): ONE,
            cross("/new", "kept"): ONE,
        }
        await store.write(batch(1, counts))
        before = await store.names(again=True)
        await store.forget(
            {"minute": 101, "hour": 101, "day": 20240102, "month": 202402, "crossed": 202402}
        )
        names = await store.names(again=True)
        assert before is not None
        assert names is not None
        left = [
            await sums(store, at=(20240101, DAY)),
            await sums(store, "month", at=(202401,)),
            await sums(store, "crossed", "source", at=(202401, MONTH)),
            await sums(store, "hour", at=(100,)),
            await sums(store, "minute", "", at=(100,), by_value=False),
        ]
        return left, before["path"] - names["path"], before["source"] - names["source"]

    left, paths, sources = run(act)
    assert left == [{"/new": ONE}, {}, {("/new", "kept"): ONE}, {}, {}]
    assert (paths - {"(other)"}, sources - {"(other)"}) == ({"/old"}, {"gone"})


def test_names_are_told_when_they_change_and_again_when_asked(run: Run) -> None:
    async def act(store: Store) -> Any:
        await store.names(again=True)
        await store.write(batch(1, {day("/a"): ONE, day("x", "source"): ONE}))
        first, second, third = (
            await store.names(),
            await store.names(),
            await store.names(again=True),
        )
        assert first is not None
        assert third is not None
        return first["path"] - {"(other)"}, first["source"] - {"(other)"}, second, first == third

    assert run(act) == ({"/a"}, {"x"}, None, True)


def test_the_first_day_is_the_first_that_has_a_count(run: Run) -> None:
    async def act(store: Store) -> Any:
        before = await store.first_day()
        total = {Key("day", at, "", "", ""): ONE for at in (DAY, DAY - 3, DAY + 1)}
        await store.write(batch(1, total))
        return before, await store.first_day()

    assert run(act) == (None, DAY - 3)


def test_every_metric_is_kept(run: Run) -> None:
    counts = vector(**{name: number + 1 for number, name in enumerate(COUNTED)})

    async def act(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): counts}))
        return await sums(store)

    assert run(act) == {"/a": counts}


def mark(text: str, hour: int = 100, at: int = DAY) -> Mark:
    return Mark("release", text, 60 * hour, at)


def test_a_mark_is_kept_once_where_it_was_first_and_marks_are_told_in_time(run: Run) -> None:
    async def act(store: Store) -> Any:
        before = await store.marks()
        for each in (mark("1.5", 102), mark("1.4", 101), mark("1.5", 103), mark("1.4", 101)):
            await store.mark(each)
        return before, await store.marks()

    assert run(act) == ([], [mark("1.4", 101), mark("1.5", 102)])


def test_marks_are_forgotten_with_the_days_they_are_on_and_with_nothing_else(run: Run) -> None:
    async def act(store: Store) -> Any:
        for each in (mark("old", 1, 20240101), mark("kept", 2, 20240102), mark("new", 3)):
            await store.mark(each)
        await store.forget({"minute": 10**9, "hour": 10**9, "month": 202402, "crossed": 202402})
        before = [each.text for each in await store.marks()]
        await store.forget({"day": 20240102})
        return before, [each.text for each in await store.marks()]

    assert run(act) == (["old", "kept", "new"], ["kept", "new"])


def test_of_too_many_marks_the_oldest_leave_first(run: Run) -> None:
    async def act(store: Store) -> Any:
        for hour in (MOST_MARKS, *range(MOST_MARKS), MOST_MARKS + 1):
            await store.mark(mark(str(hour), hour))
        return [each.text for each in await store.marks()]

    assert run(act) == [str(hour) for hour in range(2, MOST_MARKS + 2)]


# The SQLite file.


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/stats.db"


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_two_processes_on_one_file_learn_each_others_names(url: str) -> None:
    async def act(first: Store) -> Any:
        async def with_another(second: Store) -> Any:
            await first.names(again=True)
            await second.names(again=True)
            await first.write(batch(1, {day("/a"): ONE, day("/b"): ONE}, "first"))
            told = await second.names()
            await second.write(batch(1, {day("/b"): ONE, day("/c"): ONE}, "second"))
            await first.write(batch(2, {day("/c"): ONE}, "first"))
            assert told is not None
            assert told["path"] - {"(other)"} == {"/a", "/b"}
            assert await sums(first) == await sums(second)
            return await sums(first)

        return await used(url, with_another)

    two = vector(pageviews=2)
    assert asyncio.run(used(url, act)) == {"/a": ONE, "/b": two, "/c": two}


def test_a_name_that_another_process_forgot_can_come_back(url: str) -> None:
    async def act(first: Store) -> Any:
        async def with_another(second: Store) -> Any:
            await first.write(batch(1, {day("/a", at=20240101): ONE}, "first"))
            await second.names(again=True)
            await first.forget({"day": 20240102})
            await second.write(batch(1, {day("/b"): ONE, day("/a"): ONE}, "second"))
            return await sums(first), await sums(second)

        return await used(url, with_another)

    rows = {"/a": ONE, "/b": ONE}
    assert asyncio.run(used(url, act)) == (rows, rows)


def test_a_file_of_a_newer_package_is_refused_with_a_sentence(url: str) -> None:
    async def nothing(store: Store) -> None: ...

    asyncio.run(used(url, nothing))
    with sqlite3.connect(file_of(url)) as db:
        db.execute("pragma user_version = 999")
    db.close()
    with pytest.raises(StoreError, match=r"newer firstparty \(schema 999.*upgrade the package"):
        asyncio.run(used(url, nothing))


def test_a_file_of_another_program_is_refused_and_left_as_it_is(url: str) -> None:
    async def nothing(store: Store) -> None: ...

    with sqlite3.connect(file_of(url)) as db:
        db.execute("create table diary (page text)")
    db.close()
    with pytest.raises(StoreError, match="another program: name another file"):
        asyncio.run(used(url, nothing))
    with sqlite3.connect(file_of(url)) as db:
        tables = db.execute("select name from sqlite_master").fetchall()
    db.close()
    assert tables == [("diary",)]


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(url: str) -> None:
    async def nothing(store: Store) -> None: ...

    file_of(url).write_bytes(b"Dear diary" * 500)
    with pytest.raises(sqlite3.DatabaseError):
        asyncio.run(used(url, nothing))
    assert file_of(url).read_bytes() == b"Dear diary" * 500


def test_a_metric_that_is_new_becomes_a_column_of_an_old_file(url: str) -> None:
    async def write(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): TWO}, "before"))

    async def add(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): vector(pageviews=1, misses=5)}, "after"))
        return await sums(store)

    asyncio.run(used(url, write))
    with sqlite3.connect(file_of(url)) as db:
        db.execute("alter table counts drop column misses")
    db.close()
    assert asyncio.run(used(url, add)) == {"/a": vector(pageviews=3, visits=1, misses=5)}


def schema_of(url: str) -> set[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(file_of(url))) as db:
        (version,) = db.execute("pragma user_version").fetchone()
        rows = db.execute("select name, sql from sqlite_master where name != 'counts'").fetchall()
    return {("version", version), *rows}


def test_a_file_of_the_first_schema_is_brought_forward_with_its_counts(tmp_path: Path) -> None:
    old, new = f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/new.db"
    with contextlib.closing(sqlite3.connect(file_of(old))) as db:
        db.executescript((Path(__file__).parent / "schema_1.sql").read_text("utf-8"))

    async def act(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): TWO}))  # which it has already
        await store.write(batch(2, {day("/a"): ONE}))
        await store.mark(mark("1.4"))
        crossed = await sums(store, "crossed", "source")
        return await sums(store), crossed, await store.marks()

    async def read(store: Store) -> Any:
        return await store.marks()

    assert asyncio.run(used(old, act)) == (
        {"/a": vector(pageviews=3, visits=1), "/b": ONE},
        {("/a", "x"): ONE},
        [mark("1.4")],
    )
    assert asyncio.run(used(old, read)) == [mark("1.4")]
    assert asyncio.run(used(new, read)) == []
    assert schema_of(old) == schema_of(new)


def test_processes_that_bring_a_file_forward_or_mark_at_once_do_it_once(url: str) -> None:
    with contextlib.closing(sqlite3.connect(file_of(url))) as db:
        db.executescript((Path(__file__).parent / "schema_1.sql").read_text("utf-8"))

    async def act(store: Store) -> Any:
        await store.mark(mark("1.4"))
        return await store.marks()

    async def all_at_once() -> Any:
        return await asyncio.gather(*(used(url, act) for _ in range(4)))

    assert asyncio.run(all_at_once()) == [[mark("1.4")]] * 4


def test_marks_are_those_of_the_site_and_go_in_every_site_of_the_file(url: str) -> None:
    async def old(store: Store) -> Any:
        await store.mark(mark("1.4", 1, 20240101))
        await store.mark(mark("1.5"))
        return await store.marks()

    async def new(store: Store) -> Any:
        await store.mark(mark("1.5", 7))
        await store.forget({"day": 20240102})
        return await store.marks()

    async def read(store: Store) -> Any:
        return await store.marks()

    paris = replace(SHAPE, timezone="Europe/Paris")
    assert asyncio.run(used(url, old)) == [mark("1.4", 1, 20240101), mark("1.5")]
    assert asyncio.run(used(url, new, paris)) == [mark("1.5", 7)]
    assert asyncio.run(used(url, read)) == [mark("1.5")]


def test_the_log_is_empty_after_a_mark(url: str) -> None:
    async def act(store: Store) -> int:
        await store.mark(mark("1.4"))
        return file_of(f"{url}-wal").stat().st_size

    assert asyncio.run(used(url, act)) == 0


def test_another_time_zone_is_a_new_start_and_the_old_one_is_kept(url: str) -> None:
    writers = iter("abc")

    async def write(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): ONE}, next(writers)))
        return await sums(store)

    paris = replace(SHAPE, timezone="Europe/Paris")
    found = [asyncio.run(used(url, write, shape)) for shape in (SHAPE, paris, SHAPE)]
    assert found == [{"/a": ONE}, {"/a": ONE}, {"/a": vector(pageviews=2)}]


def test_what_is_old_goes_in_every_site_of_the_file(url: str) -> None:
    async def write(store: Store) -> Any:
        await store.write(batch(1, {day("/a", at=20240101): ONE}, "w"))

    async def forget(store: Store) -> Any:
        await store.forget({"day": 20240102, "month": 202402, "crossed": 202402})

    paris = replace(SHAPE, timezone="Europe/Paris")
    asyncio.run(used(url, write))
    asyncio.run(used(url, forget, paris))
    with sqlite3.connect(file_of(url)) as db:
        left = db.execute("select count(*) from counts").fetchone()
        names = db.execute("select name from names").fetchall()
    db.close()
    assert (left, names) == ((0,), [])


def test_the_log_is_empty_after_a_write_and_all_files_are_the_owners_alone(url: str) -> None:
    async def act(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): ONE}))
        files = {path.name: path.stat() for path in file_of(url).parent.iterdir()}
        assert files["stats.db-wal"].st_size == 0
        return {stat.S_IMODE(each.st_mode) for each in files.values()}

    before = os.umask(0)
    try:
        assert asyncio.run(used(url, act)) == {0o600}
    finally:
        os.umask(before)


def test_a_reader_in_another_process_does_not_hold_up_a_write(url: str) -> None:
    async def act(store: Store) -> float:
        await store.write(batch(1, {day("/a"): ONE}))
        with contextlib.closing(sqlite3.connect(file_of(url), isolation_level=None)) as reader:
            reader.execute("begin")
            reader.execute("select * from counts").fetchone()
            start = time.monotonic()
            await store.write(batch(2, {day("/a"): ONE}))
            taken = time.monotonic() - start
        await store.write(batch(3, {day("/a"): ONE}))
        assert file_of(f"{url}-wal").stat().st_size == 0
        assert await sums(store) == {"/a": vector(pageviews=3)}
        return taken

    assert asyncio.run(used(url, act)) < 2


def test_what_is_deleted_is_overwritten_and_its_pages_given_back(url: str) -> None:
    async def act(store: Store) -> None:
        shape = {f"/secret-{number:05}": number for number in range(3000)}
        counts = {day(name, at=20240101): ONE for name in shape}
        await store.write(batch(1, {**counts, day("/kept"): ONE}))
        size = file_of(url).stat().st_size
        await store.forget({"day": 20240102})
        left = file_of(url).read_bytes() + file_of(f"{url}-wal").read_bytes()
        assert b"/secret-" not in left
        assert b"/kept" in left
        assert len(left) < size / 4

    names = dict.fromkeys(SHAPE.names, 10000)
    shape = replace(SHAPE, names=names)
    asyncio.run(used(url, act, shape))
    with sqlite3.connect(file_of(url)) as db:
        assert db.execute("pragma auto_vacuum").fetchone() == (2,)
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    db.close()


def test_a_missing_folder_is_told_by_name(tmp_path: Path) -> None:
    async def nothing(store: Store) -> None: ...

    with pytest.raises(StoreError, match="missing does not exist: make it first"):
        asyncio.run(used(f"sqlite:///{tmp_path}/missing/stats.db", nothing))


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite://stats.db", "sqlite:///a?b=c", "memory://x"]
)
def test_a_url_that_names_no_store_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match=r"write (sqlite:///stats\.db|memory://)"):
        connect(url, SHAPE)


def test_a_connection_that_is_given_up_leaves_no_thread_behind(tmp_path: Path) -> None:
    async def run() -> int:
        opening = asyncio.create_task(connect(f"sqlite:///{tmp_path}/stats.db", SHAPE).open())
        before = threading.active_count()
        await asyncio.sleep(0)
        opening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await opening
        return threading.active_count() - before

    assert [asyncio.run(run()) for _ in range(20)] == [0] * 20
