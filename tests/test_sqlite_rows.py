"""In the SQLite file each count has one row, narrow or wide, and no slot outlives its counts."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firstparty.closing import Closing
from firstparty.contract.place import DAY, MONTH, ONE, SHAPE, batch, cross, day, every, pairs
from firstparty.counts import Cell, Counts, Key
from firstparty.metrics import Vector, add, vector
from firstparty.stores import Store, connect, sqlite_rows

NARROW, WIDE = vector(pageviews=2, visits=1), vector(pageviews=1, confirmed=1)
RARE = vector(misses=3)

BOTH = (
    "select count(*) from narrow join wide on (narrow.slot, narrow.path, narrow.value)"
    " = (wide.slot, wide.path, wide.value)"
)
EMPTY = (
    "select count(*) from slots where id not in"
    " (select slot from narrow union all select slot from wide)"
)
LOST = (
    "select count(*) from (select slot from narrow union all select slot from wide)"
    " where slot not in (select id from slots)"
)
WRONG = (
    "select count(*) from (select site, dimension, at, count(*) as number from counts"
    " where period = 4 group by 1, 2, 3) counted"
    " full join pairs on (pairs.site, pairs.dimension, pairs.month)"
    " = (counted.site, counted.dimension, counted.at)"
    " where coalesce(pairs.number, 0) != coalesce(counted.number, 0)"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stats.db"


@contextlib.asynccontextmanager
async def opened(path: Path, **options: Any) -> Any:
    store: Store = connect(f"sqlite:///{path}", replace(SHAPE, **options))
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(statement).fetchall()


def sound(path: Path) -> bool:
    return all(rows(path, each) == [(0,)] for each in (BOTH, LOST, EMPTY)) and not any(
        number for (number,) in rows(path, WRONG)
    )


@pytest.mark.parametrize("order", list(itertools.permutations((NARROW, WIDE, RARE, ONE))))
def test_a_count_has_one_row_whichever_of_its_numbers_comes_first(
    path: Path, order: tuple[Vector, ...]
) -> None:
    async def run() -> None:
        async with opened(path) as store:
            for number, each in enumerate(order):
                counts = {day("/a"): each, cross("/a", "x"): each}
                await store.write(batch(number, counts))
                assert sound(path)
            both = vector(pageviews=4, visits=1, confirmed=1, misses=3)
            assert await every(store) == {day("/a"): both, cross("/a", "x"): both}

    asyncio.run(run())
    assert rows(path, "select count(*) from narrow") == [(0,)]


def test_a_page_view_alone_has_a_narrow_row(path: Path) -> None:
    async def run() -> None:
        async with opened(path) as store:
            await store.write(batch(1, {day("/a"): NARROW}))

    asyncio.run(run())
    assert rows(path, "select pageviews, visits, departures from narrow") == [(2, 1, 0)]
    assert rows(path, "select * from wide") == []


def test_whatever_is_written_forgotten_and_struck_it_is_as_in_memory(path: Path) -> None:
    draw = random.Random(7)  # noqa: S311 - no secret
    names = [f"/{number}" for number in range(9)]

    def counts() -> dict[Key, Vector]:
        found = dict[Key, Vector]()
        for _ in range(12):
            name, other, at = *draw.sample(names, 2), draw.randrange(3)
            one = draw.choice((NARROW, WIDE, RARE, ONE))
            found[day(name, at=DAY + at)] = one
            found[day("x", "source", at=DAY + at)] = one
            found[cross(name, other, "previous", at=MONTH + at)] = one
        return found

    async def run() -> None:
        async with opened(path) as store:
            memory = connect("memory://", SHAPE)
            await memory.open()
            for number in range(60):
                new, struck = batch(number, counts()), set(draw.sample(names, 2))
                for each in (store, memory):
                    await each.write(new)
                    if number % 10 == 9:
                        await each.strike("path", struck)
                    if number % 20 == 19:
                        await each.forget({"day": DAY + 1, "crossed": MONTH + 1})
                assert await every(store) == await every(memory)
                assert sound(path), number

    asyncio.run(run())


def test_close_to_the_cap_pairs_that_are_there_go_on_and_new_ones_find_the_room_that_is(
    path: Path,
) -> None:
    async def run() -> None:
        async with opened(path, pairs={"path": 0, "source": 3, "previous": 9}) as store:
            await store.write(batch(1, {cross("/a", "x"): NARROW, cross("/b", "x"): NARROW}))
            more = {
                cross("/a", "x"): ONE,
                cross("/b", "x"): RARE,
                cross("/c", "x"): RARE,
                cross("/d", "x"): RARE,
                cross("/e", "x"): WIDE,
            }
            await store.write(batch(2, more))
            assert sound(path)
            found = await pairs(store)
            assert found.pop(("/a", "x")) == vector(pageviews=3, visits=1)
            assert found.pop(("/b", "x")) == vector(pageviews=2, visits=1, misses=3)
            assert len(found) == 1

    asyncio.run(run())


@pytest.mark.parametrize("each", [NARROW, WIDE])
def test_at_the_cap_of_names_several_pairs_that_became_one_need_the_room_of_one(
    path: Path, each: Vector
) -> None:
    counts = {cross(f"/{number}", "x"): each for number in range(3)} | {cross("/3", "x"): RARE}
    names = {**SHAPE.names, "path": 1}

    async def run() -> None:
        async with opened(path, names=names, pairs=dict.fromkeys(SHAPE.pairs, 1)) as store:
            await store.write(batch(1, counts))
            whole = add(add(each, each), add(each, RARE))
            assert await pairs(store) == {("(other)", "x"): whole}

    asyncio.run(run())
    assert sound(path)


def test_what_is_closed_leaves_no_slot_that_would_tell_what_there_was(path: Path) -> None:
    counts = {
        day("/a"): ONE,
        day("x", "source"): WIDE,
        Key("day", DAY, "", "", ""): ONE,
        cross("/a", "x"): WIDE,
        cross("/a", "/b", "previous"): ONE,
        Key("minute", 100, "", "", ""): ONE,
    }

    async def run() -> None:
        async with opened(path) as store:
            await store.write(batch(1, counts))
            await store.close_off(Closing("quiet", DAY))
            await store.close_off(
                Closing("month", MONTH, "source", 10), small=[Cell(MONTH, "x", "/a")]
            )
            await store.close_off(Closing("month", MONTH, "previous", 10))
            await store.forget({"minute": 101})
            assert sound(path)

    asyncio.run(run())
    left = "select period, name from slots left join dimensions on dimensions.id = dimension"
    assert sorted(rows(path, left), key=str) == [(2, "path"), (2, None), (4, "previous")]
    assert rows(path, "select number from pairs order by number") == [(0,), (1,)]


def test_at_the_cap_of_pairs_what_is_there_goes_on_and_no_more_than_fits_is_new(
    path: Path,
) -> None:
    first = {cross("/a", "x"): NARROW, cross("/b", "x"): WIDE}
    more = {
        cross("/a", "x"): WIDE,
        cross("/b", "x"): NARROW,
        cross("/c", "x"): NARROW,
        cross("/d", "x"): WIDE,
        cross("/e", "x"): RARE,
    }

    async def run() -> None:
        async with opened(path) as store:  # three pairs a month
            await store.write(batch(1, first))
            await store.write(batch(2, more))
            both = vector(pageviews=3, visits=1, confirmed=1)
            here = {("/a", "x"): both, ("/b", "x"): both, ("/c", "x"): NARROW}
            assert await pairs(store) == here
        async with opened(path, pairs=dict.fromkeys(SHAPE.pairs, 1)) as store:
            await store.write(batch(3, {cross("/c", "x"): RARE, cross("/f", "x"): WIDE}))
            await store.write(batch(4, {cross("/f", "x"): NARROW, cross("/a", "x"): ONE}))
            here["/c", "x"] = vector(pageviews=2, visits=1, misses=3)
            here["/a", "x"] = vector(pageviews=4, visits=1, confirmed=1)
            assert await pairs(store) == here

    asyncio.run(run())
    assert sound(path)


def test_more_rows_than_one_statement_takes_are_all_added_twice(path: Path) -> None:
    counts = {day(f"/{number:03}"): (NARROW, WIDE)[number % 2] for number in range(251)}

    async def run() -> None:
        async with opened(path, names=dict.fromkeys(SHAPE.names, 300)) as store:
            await store.write(batch(1, counts))
            await store.write(batch(2, counts))
            assert await every(store) == {key: add(each, each) for key, each in counts.items()}

    asyncio.run(run())
    assert sound(path)


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program writes meanwhile."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("begin immediate")
        yield
        db.execute("rollback")


async def cancelled(store: Store, counts: Counts, path: Path) -> None:
    """Ends waiting for a batch before it has its turn."""
    with held(path):
        writing = asyncio.create_task(store.write(batch(1, counts)))
        await asyncio.sleep(0.1)
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing
    await asyncio.sleep(0.3)


def test_a_batch_that_nobody_waits_for_any_more_is_written_whole(path: Path) -> None:
    async def run() -> None:
        async with opened(path) as store, opened(path) as other:
            await cancelled(store, {day("/a"): ONE, day("/b"): WIDE}, path)
            assert await every(other) == {day("/a"): ONE, day("/b"): WIDE}
            assert await store.write(batch(1, {day("/a"): ONE})) == 0
            assert await every(store) == {day("/a"): ONE, day("/b"): WIDE}

    asyncio.run(run())


def test_names_of_a_batch_that_failed_when_nobody_waited_are_not_taken_as_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def run() -> None:
        async with opened(path) as store, opened(path) as other:
            with monkeypatch.context() as patch:
                patch.setattr(sqlite_rows, "add", failing)
                await cancelled(store, {day("/a"): ONE}, path)
            # As often as this process believes that names have changed.
            await other.write(batch(1, {day("/b"): ONE}, "other"))
            await store.write(batch(1, {day("/a"): ONE}))
            assert await every(other) == {day("/a"): ONE, day("/b"): ONE}

    asyncio.run(run())
