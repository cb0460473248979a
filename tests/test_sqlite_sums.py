"""Sums over days and months that are over are kept, and are those of the file at any time."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from firstparty.contract.place import ONE, SHAPE, batch, cross, views
from firstparty.counts import Cell, Cells, Counts, Key, Selection
from firstparty.imports import Import
from firstparty.metrics import vector
from firstparty.periods import Period
from firstparty.stores import Store, connect, sqlite_read, sqlite_sums

MONTHS = (202607, 202608, 202609, 202610, 202611)
DAYS = tuple(range(20261124, 20261131))
YEAR = Selection("month", MONTHS, "path", by_value=True)
WEEK = Selection("day", DAYS, "path", by_value=True)
CROSSED = Selection("crossed", MONTHS, "previous", by_value=True, by_path=True)
OF_A_PAGE = replace(CROSSED, paths=frozenset({"/1", "/2", "/not"}))
OF_A_VALUE = replace(CROSSED, values=frozenset({"/3", "/not"}))
LINES = replace(CROSSED, by_value=False, by_at=True)
QUESTIONS = {
    "a year of pages": YEAR,
    "a week of pages": WEEK,
    "two pages": OF_A_PAGE,
    "a value": OF_A_VALUE,
    "a value's pages, month by month": replace(OF_A_VALUE, by_at=True),
    "pages, month by month": LINES,
    "two pages, month by month": replace(LINES, paths=OF_A_PAGE.paths),
    "pages of a month": replace(LINES, at=MONTHS[-1:], by_at=False),
    "pages of all months": replace(LINES, by_at=False),
    "all in one": replace(YEAR, by_value=False),
}
WIDE = vector(pageviews=2, confirmed=1)
BIG = replace(SHAPE, names=dict.fromkeys(SHAPE.names, 500))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stats.db"


@contextlib.asynccontextmanager
async def opened(*urls: str) -> AsyncGenerator[list[Store]]:
    stores = [connect(url, BIG) for url in urls]
    for store in stores:
        await store.open()
    try:
        yield stores
    finally:
        for store in stores:
            await store.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The months of which rows were read, question by question."""
    found = list[tuple[int, ...]]()
    real = sqlite_read._columns

    def rows(db: Any, names: Any, selection: Selection) -> Any:
        found.append(selection.at)
        return real(db, names, selection)

    monkeypatch.setattr(sqlite_read, "_columns", rows)
    return found


def of(month: int, *names: str, period: Period = "month") -> Counts:
    return {Key(period, month, "path", name, ""): ONE for name in names}


def seen(cells: Cells) -> dict[str, int]:
    return {cell.value: counts[0] for cell, counts in cells.items()}


def test_what_came_this_month_leaves_the_sums_of_the_others(
    path: Path, read: list[tuple[int, ...]]
) -> None:
    async def run() -> None:
        async with opened(f"sqlite:///{path}") as (store,):
            await store.write(batch(1, {**of(202608, "/a", "/b"), **of(202611, "/a")}))
            assert seen(await store.select(YEAR)) == {"/a": 2, "/b": 1}
            minute = {Key("minute", 7, "", "", ""): ONE}
            await store.write(batch(2, {**of(202611, "/a", "/c"), **minute}))
            assert seen(await store.select(YEAR)) == {"/a": 3, "/b": 1, "/c": 1}
            await store.forget({"minute": 8})
            assert seen(await store.select(YEAR)) == {"/a": 3, "/b": 1, "/c": 1}
            await store.forget({"month": 202609})
            assert seen(await store.select(YEAR)) == {"/a": 2, "/c": 1}

    asyncio.run(run())
    older, last = MONTHS[:-1], MONTHS[-1:]
    assert read == [older, last, last, last, older, last]


def test_what_came_today_leaves_the_sums_of_the_days_before(
    path: Path, read: list[tuple[int, ...]]
) -> None:
    today = partial(of, 20261130, period="day")

    async def run() -> None:
        async with opened(f"sqlite:///{path}") as (store,):
            yesterday = of(20261129, "/a", "/b", period="day")
            await store.write(batch(1, {**yesterday, **today("/a")}))
            assert seen(await store.select(WEEK)) == {"/a": 2, "/b": 1}
            await store.write(batch(2, {**today("/a", "/c"), **of(202611, "/a")}))
            await store.forget({"minute": 8})
            assert seen(await store.select(WEEK)) == {"/a": 3, "/b": 1, "/c": 1}
            await store.write(batch(3, of(20261125, "/a", period="day")))
            assert seen(await store.select(WEEK)) == {"/a": 4, "/b": 1, "/c": 1}
            await store.forget({"day": 20261126})
            assert seen(await store.select(WEEK)) == {"/a": 3, "/b": 1, "/c": 1}

    asyncio.run(run())
    older, last = WEEK.at[:-1], WEEK.at[-1:]
    assert read == [older, last, last, older, last, older, last]


@pytest.mark.parametrize("question", [OF_A_PAGE, OF_A_VALUE])
def test_of_one_page_or_one_value_only_the_last_month_is_read_again(
    path: Path, read: list[tuple[int, ...]], question: Selection
) -> None:
    def some(*months: int) -> Counts:
        return {cross("/1", "/3", "previous", month): ONE for month in months}

    found = list[Cells]()

    async def run() -> None:
        async with opened(f"sqlite:///{path}") as (store,):
            await store.write(batch(1, some(202608, 202611)))
            found.append(await store.select(question))
            await store.write(batch(2, some(202611)))
            found.append(await store.select(question))
            await store.write(batch(3, some(202609)))
            found.append(await store.select(question))

    asyncio.run(run())
    assert found == [{Cell(0, "/3", "/1"): views(number)} for number in (2, 3, 4)]
    older, last = MONTHS[:-1], MONTHS[-1:]
    assert read == [older, last, last, older, last]


@pytest.mark.parametrize("who", ["this process", "another"])
def test_what_comes_late_is_summed_anew_whoever_wrote_it(
    path: Path, read: list[tuple[int, ...]], who: str
) -> None:
    async def run() -> None:
        async with opened(f"sqlite:///{path}", f"sqlite:///{path}") as (store, other):
            await store.write(batch(1, of(202608, "/a")))
            assert seen(await store.select(YEAR)) == {"/a": 1}
            writes = store if who == "this process" else other
            await writes.write(batch(2, of(202610, "/a", "/b")))
            assert seen(await store.select(YEAR)) == {"/a": 2, "/b": 1}

    asyncio.run(run())
    assert read == [MONTHS[:-1], MONTHS[-1:]] * 2


def test_an_answer_is_of_one_instant_whoever_writes_meanwhile(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite_read._columns
    later = {**of(202610, "/a", "/b"), **of(202611, "/a", "/b")}

    async def run() -> None:
        url = f"sqlite:///{path}"
        async with opened(url, url) as (store, other):
            await store.write(batch(1, {**of(202610, "/a"), **of(202611, "/a")}))
            loop = asyncio.get_running_loop()

            def rows(db: Any, names: Any, selection: Selection) -> Any:
                found = real(db, names, selection)
                if selection.at == MONTHS[:-1]:
                    monkeypatch.setattr(sqlite_read, "_columns", real)
                    asyncio.run_coroutine_threadsafe(other.write(batch(2, later)), loop).result()
                return found

            monkeypatch.setattr(sqlite_read, "_columns", rows)
            assert seen(await store.select(YEAR)) == {"/a": 2}
            assert seen(await store.select(YEAR)) == {"/a": 4, "/b": 2}

    asyncio.run(run())


def test_no_more_sums_are_kept_than_there_is_room_for(
    path: Path, read: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_sums, "MOST", 2 * sqlite_sums.LIGHT + 30)
    questions = [replace(YEAR, at=MONTHS[first:]) for first in range(3)]

    async def run() -> None:
        async with opened(f"sqlite:///{path}") as (store,):
            await store.write(batch(1, of(202610, "/a")))
            for question in (*questions, questions[2], questions[1], questions[0]):
                assert seen(await store.select(question)) == {"/a": 1}

    asyncio.run(run())
    again = [at for at in read if len(at) > 1]
    assert again == [question.at[:-1] for question in (*questions, questions[0])]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_several_processes_change_sums_are_as_in_memory(path: Path, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    number = 0

    async def change(stores: list[Store], memory: Store) -> None:
        nonlocal number
        number += 1
        which = draw.choice(stores)
        name = f"/{draw.randrange(8)}"
        match draw.randrange(8):
            case 0:
                moved = {await each.strike("path", {name}) for each in (which, memory)}
                assert len(moved) == 1
            case 1:
                before = {"month": draw.choice(MONTHS[:3])} if number > 30 else {"minute": number}
                for each in (which, memory):
                    await each.forget(before)
            case 2:
                found = Import(
                    f"import {number}", f"w{number}", "ga4", 20261120, 20260701, 20260702
                )
                counts = of(draw.choice(MONTHS), name)
                for each in (which, memory):
                    await each.begin(found)
                    brought = replace(batch(1, counts, found.writer), origin=found.writer)
                    await each.write(brought)
                    await each.finish(found)
                    if draw.random() < 0.5 and each is memory:
                        await which.undo(found.name)
                        await memory.undo(found.name)
            case _:
                month, day = (draw.choice((*at, *at[-1:] * 5)) for at in (MONTHS, DAYS))
                counts = {**of(month, name), **of(day, name, period="day"), **of(MONTHS[-1], "/x")}
                if draw.random() < 0.5:
                    from_ = f"/{draw.randrange(8)}"
                    counts = {**counts, cross(name, from_, "previous", month): ONE}
                some = batch(number, counts, "w")
                if draw.random() < 0.3:
                    some = replace(some, counts=dict.fromkeys(some.counts, WIDE))
                for each in (which, memory):
                    await each.write(some)

    async def run() -> None:
        url = f"sqlite:///{path}"
        async with opened(url, url, "memory://") as (one, two, memory):
            for _ in range(60):
                await change([one, two], memory)
                first = draw.randrange(3)
                for each in QUESTIONS.values():
                    question = replace(each, at=each.at[first:] or each.at)
                    found = (await memory.select(question)).items()
                    expected = {cell: counts for cell, counts in found if any(counts)}
                    for store in (one, two):
                        assert await store.select(question) == expected

    asyncio.run(run())
