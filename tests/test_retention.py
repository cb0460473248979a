"""After each limit, with a moved clock: nothing that is old is in the bytes of SQLite's files."""

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstparty import AnalyticsMiddleware
from firstparty.counts import Batch, Key
from firstparty.metrics import vector
from firstparty.stores import Shape, sqlite_schema
from firstparty.stores.sqlite import SQLiteStore
from tests.driving import NAVIGATION, counting, request

DAY = 86_400.0
START = 1_795_428_000.0
"""2026-11-23 10:00 UTC."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stats.db"


def files(path: Path) -> bytes:
    """The database with its log and its shared memory, used or not."""
    return b"".join(each.read_bytes() for each in sorted(path.parent.iterdir()))


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(statement).fetchall()


def hours_in(data: bytes, first: float, last: float) -> list[int]:
    """The hours between two instants whose number, as SQLite writes it, is among these bytes."""
    numbers = range(int(first // 3600) * 60, int(last // 60), 60)
    return [number for number in numbers if number.to_bytes(4, "big") in data]


class Site:
    """A process that counts, at a time of ours."""

    def __init__(self, path: Path) -> None:
        self.now = START
        self.path = path

    async def begin(self) -> AnalyticsMiddleware:
        site = counting(
            store=f"sqlite:///{self.path}",
            clock=lambda: self.now,
            listed=("/*",),
            flush_interval=3600,
            release="",
        )
        await site.flusher.start()
        return site


def names(draw: random.Random, word: str, number: int) -> Iterator[str]:
    """Paths in the order of nothing, so that pages of the file are split everywhere."""
    for each in draw.sample(range(number), number):
        letters = "".join("abcdefghij"[int(digit)] for digit in f"{each:04}")
        yield f"/{word}/{letters}{'long' * draw.randrange(12)}"


@pytest.mark.parametrize("restarted", [False, True], ids=["one process", "a new one each day"])
@pytest.mark.parametrize("large", [False, True], ids=["a small file", "a large file"])
def test_nothing_old_is_in_the_bytes_of_the_files(
    path: Path, restarted: bool, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the file is too large to be written anew, and by a process that only deletes."""
    if large:
        monkeypatch.setattr(sqlite_schema, "MINUTE_VACUUM", 0)
        monkeypatch.setattr(sqlite_schema, "DAILY_VACUUM", 0)
    draw = random.Random(35)  # noqa: S311

    async def run() -> None:
        process = Site(path)
        site = await process.begin()
        old, new = names(draw, "old", 400), names(draw, "new", 400)
        for _ in range(8):
            for _ in range(50):
                await request(site, next(old))
            await site.flusher.flush()
            process.now += 60
        process.now = START + 20 * DAY
        for _ in range(400):
            await request(site, next(new))
            if draw.random() < 0.05:
                await site.flusher.flush()
        await site.flusher.flush()
        assert len(hours_in(files(path), START, START + 3600)) == 1
        assert files(path).count(b"/old/") > 300

        async def at(day: float) -> bytes:
            nonlocal site
            process.now = START + day * DAY
            if restarted:
                await site.flusher.stop()
                site = await process.begin()
            await site.flusher.flush()
            assert site.flusher.detail is None
            return files(path)

        assert len(hours_in(await at(34.9), START, START + 3600)) == 1
        data = await at(36)
        assert rows(path, "select min(at) from counts where period = 1")[0][0] > START // 60
        if not large:
            assert hours_in(data, START, START + 3600) == []
        assert b"/old/" in await at(760)  # 2028-12-22
        data = await at(763)
        assert (b"/old/" in data, b"/new/" in data) == (False, True)
        data = await at(785)  # 2029-01-16
        assert (b"/old/" in data, b"/new/" in data) == (False, False)
        # What the program notes of its own settings stays, with the day since when.
        marks = "marks where kind != 'setting'"
        for table in ("counts", "names", "pairs", "batches", marks):
            assert rows(path, f"select * from {table}") == []  # noqa: S608
        assert rows(path, "select * from closings where at < 20261216 and kind != 'month'") == []
        assert rows(path, "pragma freelist_count") == [(0,)]
        await site.flusher.stop()

    asyncio.run(run())
    assert rows(path, "pragma integrity_check") == [("ok",)]


@pytest.mark.parametrize("large", [False, True], ids=["a small file", "a large file"])
def test_no_name_is_left_where_a_page_was_split(
    path: Path, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite moves rows when a page is full, and `secure_delete` knows where they are last.

    Whoever forgets here has not written: it is a process that began after a night.
    """
    if large:
        monkeypatch.setattr(sqlite_schema, "DAILY_VACUUM", 0)
    draw = random.Random(7)  # noqa: S311
    cap, one = {"path": 40_000}, {"path": "path"}
    shape = Shape("example", "UTC", cap, {"path": 0}, one, {})
    keys = [
        Key("day", day, "path", f"/{word}-{number:05}{'-long' * draw.randrange(12)}", "")
        for number in range(8_000)
        for word, day in (("old", 20241122), ("new", 20261122))
    ]
    draw.shuffle(keys)

    async def run() -> bytes:
        store = SQLiteStore(f"/{path}", shape)
        await store.open()
        for seq in range(0, len(keys), 400):
            counts = dict.fromkeys(keys[seq : seq + 400], vector(pageviews=1))
            await store.write(Batch("w", seq + 1, counts))
        await store.close()
        store = SQLiteStore(f"/{path}", shape)
        await store.open()
        await store.forget({"day": 20251122})
        data = files(path)
        assert len((await store.names(again=True) or {})["path"] - {"(other)"}) == 8_000
        await store.close()
        return data

    data = asyncio.run(run())
    assert (data.count(b"/old-"), data.count(b"/new-") >= 16_000) == (0, True)
    assert rows(path, "pragma integrity_check") == [("ok",)]


def test_what_a_closing_deletes_is_not_in_the_bytes_of_the_file(path: Path) -> None:
    """Small crossed counts, when their month is over, and what a quiet day had beside its pages."""

    async def run() -> None:
        process = Site(path)
        site = await process.begin()
        for page in ("/", "/pricing", "/about"):
            for source, times in (("https://mastodon.social/", 12), ("https://tiny.example/", 3)):
                for _ in range(times):
                    await request(
                        site,
                        page,
                        NAVIGATION | {"sec-fetch-site": "cross-site", "referer": source},
                    )
        process.now += DAY
        for _ in range(3):
            await request(site, "/quiet")
        await site.flusher.flush()
        ids = dict(rows(path, "select name, id from names"))
        pairs = rows(path, "select path, value from counts where period = 4 and visits < 10")
        assert any(value == ids["tiny.example"] for _, value in pairs)
        process.now = START + 12 * DAY
        await site.flusher.flush()
        small = "select path, value from counts where period = 4 and max(visits, pageviews) < 10"
        assert rows(path, small) == []
        kept = "select distinct dimension from counts where period = 2 and at = 20261124 order by 1"
        path_ = rows(path, "select id from dimensions where name = 'path'")[0]
        assert rows(path, kept) == [(0,), path_]
        # A row is its path and its value, three bytes each, one behind the other.
        data = files(path)
        kept_pairs = set(rows(path, "select path, value from counts where period = 4"))
        for page, value in set(pairs) - kept_pairs:
            both = page.to_bytes(3, "big") + value.to_bytes(3, "big")
            assert both not in data
        await site.flusher.stop()

    asyncio.run(run())
