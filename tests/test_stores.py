"""The contract that every store keeps, and what the SQLite file promises beside it."""

import asyncio
import contextlib
import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firstparty.contract import CONTRACT, SHARED, Check
from firstparty.contract.place import DAY, ONE, SHAPE, TWO, batch, day, mark, pairs, sums
from firstparty.links import Link
from firstparty.marks import Mark
from firstparty.metrics import vector
from firstparty.stores import STORES, Shape, Store, StoreError, connect
from tests.places import KINDS, place


async def used(url: str, act: Callable[[Store], Awaitable[Any]], shape: Shape = SHAPE) -> Any:
    store = connect(url, shape)
    await store.open()
    try:
        return await act(store)
    finally:
        await store.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
def test_every_store_keeps_the_contract(
    check: Check, kind: str, request: pytest.FixtureRequest
) -> None:
    url = place(kind, request)
    asyncio.run(check(lambda shape: connect(url, shape)))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "memory"])
@pytest.mark.parametrize("check", SHARED, ids=lambda check: check.__name__)
def test_a_store_that_several_processes_share_keeps_the_rest_of_it(
    check: Check, kind: str, request: pytest.FixtureRequest
) -> None:
    url = place(kind, request)
    asyncio.run(check(lambda shape: connect(url, shape)))


def test_the_contract_is_kept_by_the_stores_of_every_scheme() -> None:
    assert {STORES[kind] for kind in KINDS} == set(STORES.values())


def test_no_check_of_the_contract_is_left_out() -> None:
    modules = [sys.modules[name] for name in {check.__module__ for check in CONTRACT + SHARED}]
    written = {
        each
        for module in modules
        for each in vars(module).values()
        if asyncio.iscoroutinefunction(each)
        and each.__module__ == module.__name__
        and not each.__name__.startswith("_")
    }
    assert written == {*CONTRACT, *SHARED}


def test_the_page_about_stores_shows_a_test_that_runs(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent
    text = (root / "docs/how-to/stores.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "test_mine.py").write_text(code)
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "added or learn"]
    here = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(run, cwd=tmp_path, env=here, capture_output=True, text=True)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_a_store_that_breaks_the_contract_is_told(tmp_path: Path) -> None:
    """A store that adds a batch again, where a retry must add nothing."""

    class Twice:
        def __init__(self, store: Store) -> None:
            self._store = store

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        async def write(self, batch: Any) -> int:
            await self._store.write(replace(batch, writer=f"{batch.writer}-again"))
            return await self._store.write(batch)

    broken = set[str]()
    for check in CONTRACT:
        try:
            asyncio.run(check(lambda shape: Twice(connect("memory://", shape))))  # type: ignore[arg-type,return-value]
        except AssertionError:
            broken.add(check.__name__)
    assert {"a_batch_is_added_to_what_is_there", "every_count_is_told_once"} < broken


def test_a_store_whose_package_is_missing_says_which_extra_installs_it() -> None:
    code = (
        "import sys; sys.modules['asyncpg'] = None\n"
        "from firstparty.stores import *; from firstparty.stores import connect, Shape\n"
        "try: connect('postgresql://u:secret@h/d', Shape('', '', {}, {}, {}, {}))\n"
        "except ValueError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == (
        "store 'postgresql://…' needs asyncpg: pip install \"firstparty[postgres]\""
    )


# The SQLite file.


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/stats.db"


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


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
    with pytest.raises(StoreError, match="is damaged, or is no SQLite database"):
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
        db.execute("drop view counts")  # as a release without the metric had it
        db.execute("alter table wide drop column misses")
    db.close()
    assert asyncio.run(used(url, add)) == {"/a": vector(pageviews=3, visits=1, misses=5)}


def schema_of(url: str) -> set[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(file_of(url))) as db:
        (version,) = db.execute("pragma user_version").fetchone()
        rows = db.execute("select name, sql from sqlite_master").fetchall()
    return {("version", version), *rows}


def test_a_file_of_the_first_schema_is_brought_forward_with_its_counts(tmp_path: Path) -> None:
    old, new = f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/new.db"
    with contextlib.closing(sqlite3.connect(file_of(old))) as db:
        db.executescript((Path(__file__).parent / "schema_1.sql").read_text("utf-8"))

    async def act(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): TWO}))  # which it has already
        await store.write(batch(2, {day("/a"): ONE}))
        await store.mark(mark("1.4"))
        crossed = await pairs(store)
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


def test_the_log_is_empty_after_a_mark(url: str) -> None:
    async def act(store: Store) -> int:
        await store.mark(mark("1.4"))
        return file_of(f"{url}-wal").stat().st_size

    assert asyncio.run(used(url, act)) == 0


def test_no_byte_of_a_revoked_link_or_of_a_deleted_note_stays(url: str) -> None:
    words = Mark("note", "a note to forget", 60, DAY)

    async def make(store: Store) -> Any:
        await store.link(Link("a-random-token", "Agency", DAY))
        await store.mark(words)

    async def revoke(store: Store) -> Any:
        await store.unlink("a-random-token")
        await store.unmark(words)

    kept = [b"a-random-token", b"a note to forget"]
    asyncio.run(used(url, make))
    assert [each in file_of(url).read_bytes() for each in kept] == [True, True]
    asyncio.run(used(url, revoke))
    assert [each in file_of(url).read_bytes() for each in kept] == [False, False]


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
        shape = {f"/secret-{number:05}": number for number in range(4000)}
        counts = {day(name, at=20240101): ONE for name in shape}
        await store.write(batch(1, {**counts, day("/kept"): ONE}))
        size = file_of(url).stat().st_size
        await store.forget({"day": 20240102})
        left = file_of(url).read_bytes() + file_of(f"{url}-wal").read_bytes()
        assert b"/secret-" not in left
        assert b"/kept" in left
        assert len(left) < size / 3

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


def test_a_batch_that_was_undone_leaves_no_name_that_the_file_does_not_have(url: str) -> None:
    async def act(store: Store) -> Any:
        other = connect(url, SHAPE)
        await other.open()
        too_large = (2**64, *ONE[1:])
        with pytest.raises(OverflowError):
            await store.write(batch(1, {day("/new"): ONE, day("/x"): too_large}, "a"))
        await other.write(batch(1, {day("/other"): ONE}, "b"))
        await store.write(batch(2, {day("/new"): ONE}, "a"))
        found = await sums(other)
        await other.close()
        return found

    assert asyncio.run(used(url, act)) == {"/new": ONE, "/other": ONE}
