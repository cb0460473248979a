"""Files of every earlier schema are brought forward with all their counts, and a copy is kept."""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from firstparty import AnalyticsMiddleware
from firstparty.stores import Shape, StoreError, sqlite_copy
from firstparty.stores.sqlite import SQLiteStore
from firstparty.stores.sqlite_schema import VERSION
from tests.driving import api, ask, counting, request

KEPT = sorted((Path(__file__).parent / "kept").glob("schema-*.db"))
NOW = 1795428000.0
"""2026-11-23 10:00 UTC, when the files were made."""
DAY = 86_400.0


def version_of(path: Path) -> int:
    return int(path.stem.split("-")[1])


OLD = [path for path in KEPT if version_of(path) < VERSION]
EARLIER = OLD[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stats.db"


def opened(path: Path, now: float = NOW, views: int = 0, **options: Any) -> dict[str, Any]:
    """What the code of today answers about a file, having counted some views more."""

    async def run() -> dict[str, Any]:
        site = counting(
            store=f"sqlite:///{path}",
            clock=lambda: now,
            listed=("/pricing", "/about"),
            release="",
            **options,
        )
        await site.flusher.start()
        for _ in range(views):
            await request(site)
        await site.flusher.flush()
        found = {
            "site": await ask(site, ["pageviews", "visits"]),
            "path": sorted(await ask(site, ["pageviews", "visits"], "day", "path")),
            "hours": [row for row in await ask(site, ["pageviews"], "day", "time:hour") if row[1]],
            "source": await ask(site, ["visits"], "month", "source"),
            "browser": await ask(site, ["pageviews"], "month", "browser"),
            "crossed": await ask(
                site, ["visits"], "month", "source", filters=[["is", "path", ["/"]]]
            ),
            "health": (await api(site, "health"))[1]["store"]["state"],
        }
        await site.flusher.stop()
        return found

    return asyncio.run(run())


SUMS = {
    "site": [(17, 14)],
    "path": [("/", 12, 12), ("/about", 2, 2), ("/pricing", 3, 0)],
    "hours": [("2026-11-23T10:00+00:00", 17)],
    "source": [("Mastodon", 12)],
    "browser": [("Chrome", 17)],
    "crossed": [("Mastodon", 12)],
    "health": "ok",
}
"""What scripts/kept counted."""


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(statement).fetchall()


def schema(path: Path) -> set[tuple[str, str]]:
    return set(rows(path, "select name, sql from sqlite_master where name not like 'sqlite_%'"))


def test_there_is_a_small_file_of_each_schema() -> None:
    assert {version_of(path) for path in KEPT} == set(range(1, VERSION + 1)), "see scripts/kept"
    assert all(path.stat().st_size < 40_000 for path in KEPT)


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.stem)
def test_a_file_of_any_schema_has_the_same_sums_today(kept: Path, path: Path) -> None:
    shutil.copy(kept, path)
    assert opened(path) == SUMS
    assert rows(path, "pragma integrity_check") == [("ok",)]
    assert rows(path, "pragma user_version") == [(VERSION,)]
    more = opened(path, views=3)
    assert (more["site"], more["path"][0]) == ([(20, 17)], ("/", 15, 15))


@pytest.mark.parametrize("kept", OLD, ids=lambda kept: kept.stem)
def test_a_copy_of_before_is_kept_once_for_its_owner_alone(
    kept: Path, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copy(kept, path)
    mask = os.umask(0)
    try:
        opened(path)
    finally:
        os.umask(mask)
    copy = path.with_name(f"stats.db.before-{VERSION}")
    assert {each.name for each in path.parent.iterdir()} == {"stats.db", copy.name}
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert schema(copy) == schema(kept)
    assert rows(copy, "pragma user_version") == [(version_of(kept),)]
    everything = "select * from counts where period > 0 order by 1, 2, 3, 4, 5, 6"
    assert rows(copy, everything) == rows(kept, everything)
    assert rows(copy, "select * from counts where period = 0") == []
    said = (
        f"{path} is brought from schema {version_of(kept)} to {VERSION}; as it was it is kept in"
        f" {copy}, for 35 days"
    )
    assert [record.getMessage() for record in caplog.records] == [said]
    made = copy.stat()
    opened(path)
    assert (copy.stat().st_ino, copy.stat().st_mtime) == (made.st_ino, made.st_mtime)


def test_a_new_file_and_one_of_today_need_no_copy(path: Path) -> None:
    opened(path)
    opened(path)
    assert [each.name for each in path.parent.iterdir()] == ["stats.db"]


def test_the_copy_can_be_put_back(path: Path) -> None:
    shutil.copy(EARLIER, path)
    opened(path, views=5)
    copy = path.with_name(f"stats.db.before-{VERSION}")
    copy.replace(path)
    assert opened(path) == SUMS
    assert copy.exists()


async def comes(site: AnalyticsMiddleware, state: str) -> None:
    """Wait until the flusher has tried."""
    async with asyncio.timeout(20):
        while site.flusher.state != state:  # noqa: ASYNC110 - the flusher sets no event of ours
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("what", ["no room", "a disk that fills meanwhile"])
def test_where_no_copy_can_be_made_nothing_is_changed_and_counts_wait(
    path: Path, what: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copy(EARLIER, path)
    before = schema(path), rows(path, "pragma user_version")
    with monkeypatch.context() as patch:
        if what == "no room":
            usage = shutil.disk_usage(path.parent)._replace(free=10_000)
            patch.setattr(shutil, "disk_usage", lambda _: usage)
            why = "(10,000 bytes are free)"
        else:

            def copy(source: Path, target: Path) -> None:
                target.write_bytes(b"half of it")
                raise sqlite3.OperationalError("database or disk is full")

            patch.setattr(sqlite_copy, "copy", copy)
            why = "(database or disk is full)"

        async def run() -> Any:
            site = counting(store=f"sqlite:///{path}", clock=lambda: NOW, flush_interval=0.1)
            await site.flusher.start()
            assert (await request(site)).tally == "counted; visit"
            await comes(site, "away")
            _, health = await api(site, "health")
            assert health["unflushed"] > 0
            patch.undo()
            await comes(site, "ok")
            await site.flusher.stop()
            return health["store"]["detail"]

        detail = asyncio.run(run())
    size = EARLIER.stat().st_size
    assert detail.startswith(f"{path} has to be brought from schema 1 to {VERSION}, and no copy")
    assert detail.endswith(
        f" could be made before {why}: make room for {4 * size:,} bytes beside it. Nothing has been"
        " changed"
    )
    assert before == (schema(EARLIER), [(1,)])
    assert caplog.text.count("the store cannot be used") == 1
    assert opened(path)["site"] == [(18, 15)]
    assert not list(path.parent.glob("*.part*"))


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(EARLIER, path)
    shape = Shape("default", "UTC", {}, {}, {}, {})
    with monkeypatch.context() as patch:
        patch.setattr("firstparty.stores.sqlite_schema.statements", lambda _: ["create nonsense"])
        with pytest.raises(StoreError, match="syntax error"):
            asyncio.run(SQLiteStore(f"/{path}", shape).open())
    assert (schema(path), rows(path, "pragma user_version")) == (schema(EARLIER), [(1,)])
    assert opened(path) == SUMS


def test_processes_that_bring_a_file_forward_at_once_keep_one_copy(path: Path) -> None:
    shutil.copy(EARLIER, path)

    async def run() -> list[Any]:
        sites = [counting(store=f"sqlite:///{path}", clock=lambda: NOW) for _ in range(4)]
        await asyncio.gather(*(site.flusher.start() for site in sites))
        found = [await ask(site, ["pageviews"]) for site in sites]
        for site in sites:
            await site.flusher.stop()
        return found

    assert asyncio.run(run()) == [[(17,)]] * 4
    copy = path.with_name(f"stats.db.before-{VERSION}")
    assert rows(copy, "pragma user_version") == [(1,)]
    assert {each.name for each in path.parent.iterdir()} == {"stats.db", copy.name}


def test_the_copy_forgets_as_the_database_does_and_goes_after_35_days(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A copy that everybody has forgotten does not keep what is to be gone."""
    shutil.copy(EARLIER, path)
    opened(path)
    copy = path.with_name(f"stats.db.before-{VERSION}")
    with contextlib.closing(sqlite3.connect(copy)) as db:
        # A day that was old when the copy was made, with a name of its own.
        statement = "select site, dimension from names where name = '/about'"
        site, path_ = db.execute(statement).fetchone()
        db.execute(
            "insert into names (site, dimension, id, name) values (?, ?, 77, '/an-old-name')",
            (site, path_),
        )
        db.execute(
            "insert into counts (site, period, dimension, at, path, value, pageviews)"
            " values (?, 2, ?, 20241023, 0, 77, 9)",
            (site, path_),
        )
        db.commit()
    os.utime(copy, (NOW, NOW))
    assert b"/an-old-name" in copy.read_bytes()
    opened(path, NOW + DAY)
    assert b"/an-old-name" not in copy.read_bytes()
    hours = "select sum(pageviews) from counts where dimension = 0 and period = 1"
    assert rows(copy, hours) == [(17,)]
    opened(path, NOW + 34.9 * DAY)
    assert rows(copy, hours) == [(17,)]
    caplog.clear()
    opened(path, NOW + 35.2 * DAY)
    assert [each.name for each in path.parent.iterdir()] == ["stats.db"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{copy} is deleted, 35 days after it was made"
    ]


def test_a_name_that_is_struck_out_is_in_no_copy_of_before(path: Path) -> None:
    shutil.copy(EARLIER, path)

    async def run() -> int:
        site = counting(store=f"sqlite:///{path}", clock=lambda: NOW)
        await site.flusher.start()
        moved = await site.analytics.counting.store.strike("path", {"/about"})
        await site.flusher.stop()
        return moved

    assert asyncio.run(run()) > 0
    assert b"/about" not in b"".join(each.read_bytes() for each in path.parent.iterdir())
