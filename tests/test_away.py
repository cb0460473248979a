"""While the store is away requests are answered, counts wait and go in, and one line says why."""

import asyncio
import contextlib
import logging
import os
import resource
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from firstparty import AnalyticsMiddleware, accumulate
from firstparty.counts import Batch
from firstparty.outage import AGAIN, Outage
from firstparty.row import Dimension
from firstparty.stores import StoreError, sqlite_file
from firstparty.stores.sqlite import SQLiteStore
from firstparty.stores.sqlite_copy import copy
from firstparty.stores.sqlite_opened import DELETED, REPLACED
from tests.driving import api, ask, counting, page, request

BEFORE, DURING = 3, 4
"""Views before the store is away, and while it is."""
AWAY = "the store cannot be used, counts wait in memory: "
BACK = "the store can be used again"


@dataclass
class Told:
    """What was answered, and what was said."""

    health: dict[str, Any]
    views: int
    log: list[str]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "TIMEOUT", 0.05)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stats.db"


async def view(site: AnalyticsMiddleware, at: str = "/") -> None:
    """One view, answered as the application does without us, but for what debug adds."""
    reply, bare = await request(site, at), await request(page(), at)
    assert (reply.status, reply.body, reply.tally) == (bare.status, bare.body, "counted; visit")


async def settled(site: AnalyticsMiddleware, state: str) -> None:
    async with asyncio.timeout(5):
        while site.flusher.state != state:  # noqa: ASYNC110 - as an operator does
            await asyncio.sleep(0.02)


def outage(
    path: Path,
    caplog: pytest.LogCaptureFixture,
    away: Callable[[], Any],
    back: Callable[[], Any],
    before: int = BEFORE,
) -> Told:
    """Views before and during an outage, what health says in it, and the sum at the end."""

    async def run() -> tuple[dict[str, Any], int]:
        site = counting(store=f"sqlite:///{path}", flush_interval=0.1, release="")
        if before:
            await site.flusher.start()
        for _ in range(before):
            await view(site)
        if before:
            await site.flusher.flush()
        caplog.clear()
        away()
        for _ in range(DURING):
            await view(site)
            await asyncio.sleep(0.12)
        await settled(site, "away")
        status, health = await api(site, "health")
        assert status == 200
        back()
        await settled(site, "ok")
        ((views,),) = await ask(site, ["pageviews"])
        await site.flusher.stop()
        assert not site.flusher.unflushed
        return health, views

    health, views = asyncio.run(run())
    lines = [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    return Told(health, views, lines)


def stored(path: Path) -> int:
    """The page views in a file, which must be whole."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        row = db.execute("select sum(pageviews) from counts where dimension = 0 and period = 2")
        return int(row.fetchone()[0] or 0)


def is_away(told: Told, sentence: str) -> None:
    """Health has the sentence and how much waits; the log has it once, and that it is over."""
    store = told.health["store"]
    assert (store["state"], sentence in store["detail"]) == ("away", True), store
    assert told.health["unflushed"] > 0
    assert told.health["warnings"] == [
        f"the store is away, counts wait in memory: {store['detail']}"
    ]
    assert told.log == [AWAY + store["detail"], BACK]


def test_a_folder_that_is_missing_at_the_start(tmp_path: Path, caplog: Any) -> None:
    path = tmp_path / "later" / "stats.db"
    told = outage(path, caplog, lambda: None, path.parent.mkdir, before=0)
    is_away(told, f"the folder {path.parent} does not exist: make it first")
    assert told.views == stored(path) == DURING


@contextlib.contextmanager
def no_file_grows_past(size: int) -> Iterator[None]:
    """For this process; writing more fails, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more(path: Path, caplog: Any) -> None:
    stack = contextlib.ExitStack()

    def away() -> None:
        stack.enter_context(no_file_grows_past(4096))

    with stack:
        told = outage(path, caplog, away, stack.close)
    is_away(told, f"the disk of {path} cannot be read or written")
    assert told.views == stored(path) == BEFORE + DURING


def test_a_full_disk_on_which_reading_goes_on(
    path: Path, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That something can be read is no reason to say that all is well again."""
    real, pages = sqlite_file.connect, [29]

    async def connect(path: Path) -> Any:
        found = await real(path)
        if pages:
            await found[0].execute_fetchall(f"pragma max_page_count = {pages[0]}")
        return found

    monkeypatch.setattr(sqlite_file, "connect", connect)

    async def run() -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
        site = counting(store=f"sqlite:///{path}", flush_interval=0.1, release="", listed=("/*",))
        await site.flusher.start()
        await view(site)
        await site.flusher.flush()
        for number in range(90):
            await view(site, f"/{'much too long a name ' * 4}/{number}")
        await settled(site, "away")
        for _ in range(5):
            assert await ask(site, ["pageviews"]) == [(91,)]
            await asyncio.sleep(0.1)
            assert site.flusher.state == "away"
        _, health = await api(site, "health")
        pages.clear()
        await settled(site, "ok")
        found = await ask(site, ["pageviews"])
        await site.flusher.stop()
        return health, found

    health, found = asyncio.run(run())
    assert health["store"]["detail"] == f"the disk of {path} is full: make room"
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [AWAY + health["store"]["detail"], BACK]
    assert (found, stored(path)) == ([(91,)], 91)


def test_a_database_that_another_process_holds(path: Path, caplog: Any) -> None:
    held = list[sqlite3.Connection]()

    def away() -> None:
        held.append(sqlite3.connect(path, isolation_level=None))
        held[0].execute("begin immediate")

    told = outage(path, caplog, away, lambda: held[0].close())
    is_away(told, f"another program has held {path} for more than 5 seconds: end it, or wait")
    assert told.views == stored(path) == BEFORE + DURING


def test_a_new_file_that_another_process_is_about_to_write_to_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As where several workers begin at once: SQLite refuses to change such a file's mode at once.
    monkeypatch.setattr(sqlite_file, "TIMEOUT", 5.0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("create table begun (x)")
    other.execute("begin immediate")

    async def run() -> None:
        asyncio.get_running_loop().call_later(0.2, other.close)
        db, _ = await sqlite_file.connect(path)
        await sqlite_file.end(db)

    asyncio.run(run())


@pytest.fixture
def ours() -> Generator[Path]:
    """A folder in which this process, also as root, has the rights that its modes say."""
    folder = Path(tempfile.mkdtemp(prefix="firstparty-", dir="/var/tmp"))
    root = os.geteuid() == 0
    if root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        shutil.rmtree(folder)


@pytest.mark.parametrize("what", ["the file", "the folder"])
def test_a_file_or_folder_that_may_only_be_read(ours: Path, caplog: Any, what: str) -> None:
    path = ours / "stats.db"
    with contextlib.closing(sqlite3.connect(path)):
        path.touch(0o600)
    shut, mode = (path, 0o400) if what == "the file" else (ours, 0o500)
    open_ = stat.S_IMODE(shut.stat().st_mode)
    told = outage(path, caplog, lambda: shut.chmod(mode), lambda: shut.chmod(open_), before=0)
    is_away(told, "the user that runs the program needs to read and write it, and its folder")
    assert told.views == stored(path) == DURING


def test_a_file_that_is_deleted_while_the_program_runs_is_made_anew(
    path: Path, caplog: Any
) -> None:
    async def run() -> list[tuple[Any, ...]]:
        site = counting(store=f"sqlite:///{path}", flush_interval=0.1, release="")
        await site.flusher.start()
        await view(site)
        await site.flusher.flush()
        for old in path.parent.glob("stats.db*"):
            old.unlink()
        for _ in range(DURING):
            await view(site)
            await asyncio.sleep(0.12)
        found = await ask(site, ["pageviews"])
        await site.flusher.stop()
        return found

    assert asyncio.run(run()) == [(DURING,)]
    assert stored(path) == DURING
    assert [record.getMessage() for record in caplog.records] == [DELETED % path]


def test_a_file_that_is_deleted_in_the_middle_of_a_write_loses_nothing_of_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, delete = SQLiteStore._write, path.unlink

    async def write(self: SQLiteStore, batch: Batch) -> int:
        answer = await real(self, batch)
        if batch.seq == 2:
            delete()
            monkeypatch.setattr(SQLiteStore, "_write", real)
        return answer

    monkeypatch.setattr(SQLiteStore, "_write", write)

    async def run() -> None:
        site = counting(store=f"sqlite:///{path}", release="")
        await site.flusher.start()
        await view(site)
        await site.flusher.flush()
        await view(site)
        await view(site)
        await site.flusher.flush()
        await site.flusher.stop()

    asyncio.run(run())
    assert stored(path) == 2


def test_a_folder_that_is_deleted_with_the_file(tmp_path: Path, caplog: Any) -> None:
    path = tmp_path / "var" / "stats.db"
    path.parent.mkdir()
    told = outage(path, caplog, lambda: shutil.rmtree(path.parent), path.parent.mkdir)
    detail = f"the folder {path.parent} does not exist: make it first"
    assert told.health["store"]["detail"] == detail
    assert told.log == [AWAY + detail, DELETED % path, BACK]
    assert told.views == stored(path) == DURING


def test_a_backup_that_is_put_in_the_place_of_the_file_is_gone_on_with(
    path: Path, caplog: Any
) -> None:
    async def run() -> list[tuple[Any, ...]]:
        site = counting(store=f"sqlite:///{path}", flush_interval=0.1, release="")
        await site.flusher.start()
        await view(site)
        await site.flusher.flush()
        copy(path, path.with_name("backup.db"))
        await view(site)
        await site.flusher.flush()
        path.with_name("backup.db").replace(path)
        await view(site)
        await asyncio.sleep(0.25)
        found = await ask(site, ["pageviews"])
        await site.flusher.stop()
        return found

    assert asyncio.run(run()) == [(2,)]
    assert stored(path) == 2
    assert [record.getMessage() for record in caplog.records] == [REPLACED % path]


def test_a_database_that_is_damaged_is_left_as_it_is_until_a_backup_is_put_there(
    path: Path, caplog: Any
) -> None:
    damaged = list[bytes]()

    def away() -> None:
        with contextlib.closing(sqlite3.connect(path)) as db:  # else all is in its cache
            db.execute("update changes set number = number + 1")
            db.commit()
            db.execute("pragma wal_checkpoint(truncate)")
            pages, size = (
                db.execute(f"pragma page_{what}").fetchone()[0] for what in ("count", "size")
            )
        copy(path, path.with_name("backup.db"))
        with path.open("r+b") as file:
            file.seek(size)
            file.write(b"\xa5" * size * (pages - 1))
        damaged.append(path.read_bytes())

    def back() -> None:
        assert path.read_bytes() == damaged[0]
        path.with_name("backup.db").replace(path)

    told = outage(path, caplog, away, back)
    detail = told.health["store"]["detail"]
    assert detail.startswith(f"{path} is damaged, or is no SQLite database (")
    assert detail.endswith(
        "): stop the program and put a backup in its place, as docs/how-to/backup.md says. Nothing"
        " has been deleted from it"
    )
    assert told.log[0] == AWAY + detail
    assert told.log[-1] == BACK
    assert len(told.log) <= 3
    assert told.views == stored(path) == BEFORE + DURING


def test_a_schema_that_is_newer_than_the_program(path: Path, caplog: Any) -> None:
    def version(number: int) -> None:
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute(f"pragma user_version = {number}")

    async def make() -> None:
        site = counting(store=f"sqlite:///{path}")
        await site.flusher.start()
        await site.flusher.stop()

    asyncio.run(make())
    with contextlib.closing(sqlite3.connect(path)) as db:
        (ours,) = db.execute("pragma user_version").fetchone()
    version(999)
    told = outage(path, caplog, lambda: None, lambda: version(ours), before=0)
    is_away(told, "was written by a newer firstparty (schema 999, ")
    assert told.views == stored(path) == DURING


def test_a_text_that_no_store_can_keep_keeps_nothing_else_from_it(path: Path, caplog: Any) -> None:
    values = iter(["\ud800 half", "nul \0", "plain"])
    row = Dimension(
        name="mine",
        values="open",
        source=lambda seen: next(values),
        minimise=lambda text: text,
        told="A dimension of a user's own.",
    )

    async def run() -> tuple[Any, Any]:
        site = counting(store=f"sqlite:///{path}", dimensions=(row,), admit_after=1, release="")
        await site.flusher.start()
        for _ in range(3):
            await view(site)
        here = await ask(site, ["pageviews"], "day", "mine")
        await site.flusher.flush()
        found = here, await ask(site, ["pageviews"], "day", "mine")
        await site.flusher.stop()
        return found

    here, there = asyncio.run(run())
    assert sorted(here) == sorted(there) == [("? half", 1), ("nul ?", 1), ("plain", 1)]
    assert "the store" not in caplog.text


def test_a_batch_that_cannot_be_written_is_dropped_counted_and_holds_up_no_other(
    path: Path, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SQLiteStore.write

    async def write(self: SQLiteStore, batch: Batch) -> int:
        if batch.seq == 1:
            raise OverflowError("/a-path-of-a-visitor")
        return await real(self, batch)

    monkeypatch.setattr(SQLiteStore, "write", write)

    async def run() -> tuple[Any, int, list[tuple[Any, ...]]]:
        site = counting(store=f"sqlite:///{path}", flush_interval=0.1, release="")
        await view(site)
        waits = site.analytics.event("done")
        with pytest.raises(StoreError, match="the event is lost: OverflowError"):
            await waits
        dropped = site.flusher.lost
        await view(site)
        await site.flusher.flush()
        await waits  # of what has been written since there is nothing to wait for
        _, health = await api(site, "health")
        found = await ask(site, ["pageviews"])
        await site.flusher.stop()
        return health, dropped, found

    health, dropped, found = asyncio.run(run())
    assert dropped > 0
    assert (health["lost"], health["store"]["state"], found) == (dropped, "ok", [(1,)])
    assert health["warnings"] == [
        f"{dropped} counts were lost: they found no room, or no store took them"
    ]
    lines = [record.getMessage() for record in caplog.records]
    assert lines[1] == f"{dropped} counts could not be written, and are lost: OverflowError"
    assert len(lines) == 3
    assert "/a-path" not in caplog.text


def test_what_finds_no_room_is_counted_and_the_total_of_the_site_is_not_lost(
    tmp_path: Path, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accumulate, "CROSSED_BOUND", 60)
    monkeypatch.setattr(accumulate, "BOUND", 100)
    path = tmp_path / "later" / "stats.db"
    views = 40

    async def run() -> tuple[Any, Any, list[tuple[Any, ...]], int]:
        site = counting(store=f"sqlite:///{path}", flush_interval=0.1, release="", listed=("/*",))
        for number in range(views):
            await view(site, f"/page-{chr(97 + number // 26)}{chr(97 + number % 26)}")
        await settled(site, "away")
        _, away = await api(site, "health")
        path.parent.mkdir()
        await settled(site, "ok")
        _, back = await api(site, "health")
        found = await ask(site, ["pageviews"])
        lost = site.flusher.lost
        await site.flusher.stop()
        return away, back, found, lost

    away, back, found, lost = asyncio.run(run())
    assert found == [(views,)]
    assert stored(path) == views
    assert away["lost"] == back["lost"] == lost > 0
    sentence = f"{lost} counts were lost: they found no room, or no store took them"
    assert sentence in away["warnings"]
    assert back["warnings"] == [sentence]


def test_waiting_takes_bounded_memory_however_long_it_lasts(monkeypatch: Any) -> None:
    monkeypatch.setattr(accumulate, "CROSSED_BOUND", 200)
    monkeypatch.setattr(accumulate, "BOUND", 300)
    now = [1_790_000_000.0]

    async def run() -> tuple[int, int, int, list[tuple[Any, ...]]]:
        site = counting(clock=lambda: now[0], release="", listed=("/*",), flush_interval=3600)
        waiting = site.analytics.counting.accumulator
        hours = 12 * 24
        for minute in range(0, 60 * hours, 7):
            now[0] += 7 * 60
            await request(site, f"/{'abcdefgh'[minute % 8]}")
        minutes, tallies, counts = len(waiting._minutes), len(waiting._tallies), waiting.waiting
        total = await ask(site, ["pageviews"], "30d")
        return minutes, tallies, counts, total

    minutes, tallies, counts, total = asyncio.run(run())
    assert (minutes <= 60 + 12 * 24 + 2, tallies <= 400, counts) == (True, True, 300)
    assert total == [(12 * 24 * 60 // 7 + 1,)]


def test_trouble_that_comes_and_goes_is_told_once_an_hour(caplog: Any) -> None:
    now = [0.0]
    outage = Outage(lambda: now[0], lambda: 0)
    for _ in range(100):
        outage.away(StoreError("the disk is full"))
        outage.away(StoreError("the disk is full"))
        outage.over()
        now[0] += 10
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [AWAY + "the disk is full", BACK]
    now[0] += AGAIN
    outage.away(StoreError("the disk is full"))
    assert len(caplog.records) == 3


def test_questions_while_the_store_is_away_are_not_logged_one_by_one(
    tmp_path: Path, caplog: Any
) -> None:
    async def run() -> Any:
        site = counting(store=f"sqlite:///{tmp_path}/later/stats.db", flush_interval=3600)
        answers = [await api(site, "query", {"metrics": ["visits"]}) for _ in range(5)]
        assert site.flusher.state == "away"
        (tmp_path / "later").mkdir()
        await site.flusher.stop()
        return answers

    sentence = f"the folder {tmp_path / 'later'} does not exist: make it first"
    assert asyncio.run(run()) == [(503, {"error": f"the store cannot be read: {sentence}"})] * 5
    assert caplog.records[0].getMessage() == AWAY + sentence
    assert len(caplog.records) <= 2


def test_a_program_that_changes_its_working_folder_goes_on_with_its_file(
    tmp_path: Path, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)

    async def run() -> None:
        site = counting(store="sqlite:///stats.db", release="")
        await site.flusher.start()
        await view(site)
        await site.flusher.flush()
        monkeypatch.chdir(tmp_path / "elsewhere")
        await view(site)
        await site.flusher.stop()

    asyncio.run(run())
    assert (stored(tmp_path / "stats.db"), list((tmp_path / "elsewhere").iterdir())) == (2, [])
    assert caplog.records == []


def test_a_dimension_that_another_program_adds_does_not_keep_the_store_away(
    path: Path, caplog: Any
) -> None:
    row = Dimension(
        name="plan", values=("free", "pro"), source=lambda seen: "pro", told="The plan."
    )

    async def run() -> list[tuple[Any, ...]]:
        one = counting(store=f"sqlite:///{path}", release="")
        await one.flusher.start()
        two = counting(store=f"sqlite:///{path}", release="", dimensions=(row,))
        await two.flusher.start()
        await view(two)
        await two.flusher.stop()
        await view(one)
        await one.flusher.flush()
        found = await ask(one, ["pageviews"])
        await one.flusher.stop()
        return found

    assert asyncio.run(run()) == [(2,)]
    assert caplog.records == []


@pytest.mark.parametrize(("takes", "rests"), [(0.0, 10.0), (4.0, 6.0), (9.0, 5.0), (-60.0, 10.0)])
def test_an_interval_is_from_one_write_to_the_next(
    monkeypatch: pytest.MonkeyPatch, takes: float, rests: float
) -> None:
    """Else a process that is killed would lose what came while it wrote, too. Between two writes of
    a slow store half of the interval is left to answers; a clock that was set changes nothing."""
    now, rested = [time.time()], list[float]()

    async def go() -> None:
        site = counting(clock=lambda: now[0], flush_interval=10, release="")
        store = site.flusher._store
        whole = store.write

        async def write(batch: Batch) -> int:
            now[0] += takes
            return await whole(batch)

        async def wait_for(waiting: Any, seconds: float) -> None:
            rested.append(seconds)
            waiting.close()
            await asyncio.sleep(0)
            raise TimeoutError

        monkeypatch.setattr(store, "write", write)
        monkeypatch.setattr("firstparty.flush.asyncio.wait_for", wait_for)
        await site.flusher.start()
        for _ in range(3):
            await view(site)
            await asyncio.sleep(0.01)
        monkeypatch.undo()
        await site.flusher.stop()

    asyncio.run(go())
    assert rested[0] == 10.0
    assert rests in rested[1:]
