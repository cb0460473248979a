"""Backup, export, import and merge: nothing is lost, and nothing counts twice."""

import asyncio
import io
import json
import os
import random
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from firstparty import Analytics, Dimension, jsonlines, transfer
from firstparty.cli import main
from firstparty.counts import Batch, Key
from firstparty.marks import Mark
from firstparty.metrics import vector
from firstparty.stores import Store
from firstparty.stores.sqlite import SQLiteStore
from tests.driving import CHROME, FIREFOX, IPHONE, NAVIGATION, api, beacon, counting, request
from tests.places import KINDS, place

DAY, MONTH = 20261123, 202611
ONE = vector(pageviews=1)
NOW = 1795435200.0  # 2026-11-23, 08:00 UTC

PLAN = Dimension(name="plan", values=("free", "team"), source=lambda seen: "team")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with no settings of the environment."""
    for name in list(os.environ):
        if name.startswith("FIRSTPARTY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def used(url: str, act: Callable[[Store], Awaitable[Any]], **options: Any) -> Any:
    async def run() -> Any:
        store = Analytics(store=url, **options).counting.store
        await store.open()
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())


async def all_of(store: Store) -> dict[Key, tuple[int, ...]]:
    return {key: counts async for key, counts in store.counts() if any(counts)}


def counts_of(file: str, **options: Any) -> dict[Key, tuple[int, ...]]:
    found = used(f"sqlite:///{file}", all_of, **options)
    assert isinstance(found, dict)
    return found


def write(file: str, counts: dict[Key, tuple[int, ...]], writer: str = "w", seq: int = 1) -> None:
    used(f"sqlite:///{file}", lambda store: store.write(Batch(writer, seq, counts)))


def page(path: str, at: int = DAY) -> dict[Key, tuple[int, ...]]:
    return {Key("day", at, "", "", ""): ONE, Key("day", at, "path", path, ""): ONE}


SITE = {"site": "shop", "timezone": "Europe/Paris", "dimensions": (PLAN,), "country": "timezone"}


def site(url: str) -> Any:
    return counting(store=url, clock=lambda: clock[0], release="1.4", **SITE)


clock = [NOW]


async def visits(app: Any) -> None:
    """A year of made-up visits, sent as browsers send them."""
    draw = random.Random(7)  # noqa: S311 - no secret
    agents = (CHROME, IPHONE, FIREFOX)
    try:
        for day in (*range(400, 40, -20), *range(40, 0, -3), 0):
            clock[0] = NOW - 86400 * day
            for _ in range(25):
                path = draw.choice(("/", "/pricing", "/docs", "/blog/one", "/blog/ünïcode"))
                sent = {**NAVIGATION, "user-agent": draw.choice(agents)}
                if draw.random() < 0.5:
                    sent["referer"] = draw.choice(
                        (
                            "https://mastodon.social/@x",
                            "https://example.net/",
                            "https://example.org/",
                        )
                    )
                    sent["sec-fetch-site"] = "cross-site"
                await request(app, path, sent, query=draw.choice(("", "utm_source=news")))
            await beacon(app, {"u": "/docs", "k": "enter", "n": "navigate", "c": True})
            app.analytics.event("signup", {"plan": "pro"}, amount=4200, currency="EUR")
            await app.flusher.flush()
    finally:
        clock[0] = NOW


async def answers(app: Any) -> list[Any]:
    """What is answered to a question about each dimension, alone and by page, in many ranges."""
    found = list[Any]()
    for name, row in app.analytics.counting.table.items():
        for date_range in (
            "day",
            "7d",
            "30d",
            "month",
            "12mo",
            "all",
            ["2026-01-05", "2026-11-02"],
        ):
            for by in ([name], ["path", name], ["time:month", name]):
                asked = {"metrics": [row.basis], "date_range": date_range, "dimensions": by}
                found.append(await api(app, "query", asked))
    found.append(
        await api(
            app,
            "query",
            {"metrics": ["pageviews"], "date_range": "day", "dimensions": ["time:hour"]},
        )
    )
    found.append(await api(app, "marks"))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_exported_and_imported_answers_every_question_alike(
    kind: str, request: pytest.FixtureRequest
) -> None:
    new = place(kind, request)

    async def first() -> Any:
        app = site("sqlite:///old.db")
        await app.flusher.start()
        await visits(app)
        found = await answers(app)
        await app.flusher.stop()
        return found

    before = asyncio.run(first())
    assert sum(bool(answer.get("results")) for _, answer in before) > 150
    assert main(["export", "counts.jsonl", "--store", "old.db"]) == 0

    async def second() -> Any:
        app = site(new)
        if kind == "memory":
            await _import(app)
        await app.flusher.start()
        found = await answers(app)
        await app.flusher.stop()
        return found

    async def _import(app: Any) -> None:
        lines = iter(Path("counts.jsonl").read_text("utf-8").splitlines())  # noqa: ASYNC240
        header = jsonlines.read_header(next(lines))
        items = jsonlines.read_items(lines, header.dimensions)
        counts = app.analytics.counting
        await transfer.add_all(counts.store, header, items, counts.table, empty=True)

    if kind != "memory":
        assert main(["import", "counts.jsonl", "--store", new]) == 0
        assert stored(new, **SITE) == stored("sqlite:///old.db", **SITE)
        assert main(["export", "again.jsonl", "--store", new, "--site", "shop"]) == 0
        assert lines_of("again.jsonl") == lines_of("counts.jsonl")
    after = asyncio.run(second())
    assert after == before


def stored(url: str, **options: Any) -> Any:
    counts = used(url, all_of, **options)
    return {key: vector for key, vector in counts.items() if key.period != "minute"}


def lines_of(file: str) -> list[str]:
    """What an export says, in no order: that of keys is a store's own."""
    return sorted(Path(file).read_text("utf-8").splitlines()[1:])


def test_an_export_is_lines_of_json_for_its_owner_alone_and_has_no_minutes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    counts = {**page("/a"), Key("minute", 29923920, "", "", ""): ONE}
    write("stats.db", counts)
    used("sqlite:///stats.db", lambda store: store.mark(Mark("release", "1.4", 60, DAY)))
    used("sqlite:///stats.db", lambda store: store.block("path", "/reset/*"))
    assert main(["export", "out.jsonl", "--store", "stats.db"]) == 0
    assert stat.S_IMODE(Path("out.jsonl").stat().st_mode) == 0o600
    header, *lines = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert (header["format"], header["version"]) == ("firstparty counts", 2)
    assert (header["site"], header["timezone"], header["day"]) == ("default", "UTC", DAY)
    assert header["writers"] == {"w": 1}
    assert lines == [
        {"blocked": {"vocabulary": "path", "pattern": "/reset/*"}},
        {"period": "day", "at": DAY, "pageviews": 1},
        {"period": "day", "at": DAY, "dimension": "path", "value": "/a", "pageviews": 1},
        {"mark": {"kind": "release", "text": "1.4", "at": 60, "day": DAY}},
        {"end": 4},
    ]
    assert main(["export", "out.jsonl", "--store", "stats.db"]) == 2
    assert "out.jsonl is there already: name another file" in capsys.readouterr().err
    assert main(["export", "out.jsonl", "--force", "--store", "stats.db"]) == 0
    assert main(["export", "-", "--store", "stats.db"]) == 0
    assert capsys.readouterr().out == Path("out.jsonl").read_text()
    assert sorted(os.listdir()) == ["out.jsonl", "stats.db"]  # noqa: PTH208


def test_an_import_adds_once_however_often_it_is_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("old.db", page("/a"))
    write("new.db", page("/b"), "another")
    assert main(["export", "out.jsonl", "--store", "old.db"]) == 0
    assert main(["import", "out.jsonl", "--store", "new.db"]) == 2
    assert "has counts of default already; to add to other counts, write --add" in (
        capsys.readouterr().err
    )
    expected = {
        Key("day", DAY, "", "", ""): vector(pageviews=2),
        Key("day", DAY, "path", "/a", ""): ONE,
        Key("day", DAY, "path", "/b", ""): ONE,
    }
    for said in ("2 counts added to", "all of it is there already", "all of it is there already"):
        assert main(["import", "out.jsonl", "--add", "--store", "new.db"]) == 0
        assert said in capsys.readouterr().out
        assert counts_of("new.db") == expected
    monkeypatch.setattr("sys.stdin", io.StringIO(Path("out.jsonl").read_text()))
    assert main(["import", "-", "--store", "third.db"]) == 0
    assert counts_of("third.db") == page("/a")


def test_what_was_imported_is_remembered_for_as_long_as_it_is_kept() -> None:
    write("old.db", {**page("/a"), Key("hour", 60, "path", "/a", ""): ONE})
    assert main(["export", "out.jsonl", "--store", "old.db"]) == 0
    assert main(["import", "out.jsonl", "--store", "new.db"]) == 0
    used("sqlite:///new.db", lambda store: store.forget({"hour": 61, "day": DAY, "month": MONTH}))
    assert main(["import", "out.jsonl", "--add", "--store", "new.db"]) == 0
    assert counts_of("new.db") == page("/a")


def test_an_import_that_was_stopped_goes_on_where_it_was(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "CHUNK", 10)
    counts = {Key("day", DAY, "path", f"/{number}", ""): ONE for number in range(95)}
    write("old.db", {**counts, Key("day", DAY, "", "", ""): vector(pageviews=95)})
    assert main(["export", "out.jsonl", "--store", "old.db"]) == 0
    lines = Path("out.jsonl").read_text().splitlines(keepends=True)
    Path("half.jsonl").write_text("".join(lines[:48]))
    assert main(["import", "half.jsonl", "--store", "new.db"]) == 2
    assert "the file ends after 48 lines and is not whole" in capsys.readouterr().err
    assert len(counts_of("new.db")) == 40
    assert main(["import", "out.jsonl", "--add", "--store", "new.db"]) == 0
    assert "56 counts added" in capsys.readouterr().out
    assert counts_of("new.db") == counts_of("old.db")


def test_a_later_export_of_the_same_counts_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    write("old.db", page("/a"))
    assert main(["export", "first.jsonl", "--store", "old.db"]) == 0
    write("old.db", page("/b"), seq=2)
    assert main(["export", "second.jsonl", "--store", "old.db"]) == 0
    assert main(["import", "first.jsonl", "--store", "new.db"]) == 0
    assert main(["import", "second.jsonl", "--add", "--store", "new.db"]) == 2
    assert "counts of 1 of the 1 processes that wrote these" in capsys.readouterr().err
    assert main(["import", "first.jsonl", "--add", "--store", "old.db"]) == 2
    assert counts_of("new.db") == page("/a")


def test_days_of_one_zone_do_not_become_days_of_another(capsys: pytest.CaptureFixture[str]) -> None:
    write("old.db", page("/a"))
    assert main(["export", "out.jsonl", "--store", "old.db"]) == 0
    assert main(["import", "out.jsonl", "--store", "new.db", "--timezone", "Asia/Tokyo"]) == 2
    assert "cannot become days of Asia/Tokyo" in capsys.readouterr().err
    assert not Path("new.db").exists()
    assert main(["import", "out.jsonl", "--store", "new.db", "--site", "shop"]) == 0
    assert counts_of("new.db", site="shop") == page("/a")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("[]", "line 2 is no JSON object"),
        ("{", "line 2 is no JSON object"),
        ('{"period":"day","at":"x"}', "line 2 is no count"),
        ('{"period":"week","at":1}', "line 2 is no count"),
        ('{"period":"day","at":1,"dimension":"nose","value":"x"}', "line 2 is no count"),
        ('{"period":"day","at":1,"pageviews":0.5}', "line 2 is no count"),
        ('{"period":"day","at":1,"visitor":"Alice"}', "line 2 is no count"),
        ('{"period":"crossed","at":1,"dimension":"path","value":"/","path":"/"}', "with nothing"),
        ('{"mark":{"kind":"release"}}', "line 2 is no mark"),
        ('{"end":7}', "7 lines were written, 0 are here"),
    ],
)
def test_a_line_that_is_no_count_is_told_by_its_number(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("old.db", page("/a"))
    assert main(["export", "out.jsonl", "--store", "old.db"]) == 0
    header = Path("out.jsonl").read_text().splitlines()[0]
    Path("bad.jsonl").write_text(f"{header}\n{line}\n")
    assert main(["import", "bad.jsonl", "--store", "new.db"]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        ("", "line 1 is no JSON object"),
        ("{}", "this is no export of firstparty"),
        ('{"format":"firstparty counts","version":3}', "a newer firstparty: upgrade"),
        ('{"format":"firstparty counts","version":1}', "no header that can be read"),
    ],
)
def test_a_file_that_is_no_export_is_refused_and_makes_no_database(
    first: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.jsonl").write_text(first)
    assert main(["import", "bad.jsonl", "--store", "new.db"]) == 2
    assert sentence in capsys.readouterr().err
    assert main(["import", "none.jsonl", "--store", "new.db"]) == 2
    assert not Path("new.db").exists()


def test_what_is_blocked_comes_with_the_counts_and_holds_for_those_that_come() -> None:
    write("old.db", page("/reset/x"))
    write("new.db", page("/b"), "another")
    used("sqlite:///new.db", lambda store: store.block("path", "/reset/*"))
    used("sqlite:///old.db", lambda store: store.block("path", "/private*"))
    assert main(["export", "out.jsonl", "--store", "old.db"]) == 0
    assert main(["import", "out.jsonl", "--add", "--store", "new.db"]) == 0
    assert counts_of("new.db")[Key("day", DAY, "path", "(unlisted)", "")] == ONE
    assert used("sqlite:///new.db", lambda store: store.blocks()) == {
        "path": {"/reset/*", "/private*"}
    }


def test_a_database_is_merged_once_and_never_with_a_copy_of_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("one.db", page("/a"), "first")
    write("two.db", {**page("/a"), **page("/b")}, "second")
    assert main(["merge", "two.db", "--store", "one.db"]) == 0
    assert "3 counts added" in capsys.readouterr().out
    merged = {
        Key("day", DAY, "", "", ""): vector(pageviews=2),
        Key("day", DAY, "path", "/a", ""): vector(pageviews=2),
        Key("day", DAY, "path", "/b", ""): ONE,
    }
    assert counts_of("one.db") == merged
    assert main(["merge", "two.db", "--store", "one.db"]) == 0
    assert "all of it is there already" in capsys.readouterr().out
    write("two.db", page("/c"), "second", seq=2)
    assert main(["merge", "two.db", "--store", "one.db"]) == 2
    assert "they would count twice" in capsys.readouterr().err
    assert main(["backup", "copy.db", "--store", "one.db"]) == 0
    assert main(["merge", "copy.db", "--store", "one.db"]) == 2
    assert main(["merge", "one.db", "--store", "one.db"]) == 2
    assert main(["merge", "none.db", "--store", "one.db"]) == 2
    assert counts_of("one.db") == merged


def test_a_merge_that_was_stopped_goes_on_where_it_was(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "CHUNK", 10)
    write("one.db", page("/a"), "first")
    write("two.db", {Key("day", DAY, "path", f"/{n}", ""): ONE for n in range(95)}, "second")
    real, calls = SQLiteStore.write, list[int]()

    async def failing(self: SQLiteStore, batch: Batch) -> None:
        calls.append(batch.seq)
        if len(calls) > 7:
            raise OSError("the disk is full")
        await real(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(SQLiteStore, "write", failing)
        assert main(["merge", "two.db", "--store", "one.db"]) == 2
    assert capsys.readouterr().err.endswith("firstparty: the disk is full\n")
    assert 10 < len(counts_of("one.db")) < 90
    assert main(["merge", "two.db", "--store", "one.db"]) == 0
    assert counts_of("one.db") == {**counts_of("two.db"), **page("/a")}


def test_a_backup_is_the_database_of_an_instant_while_the_site_writes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = counting(store="sqlite:///stats.db", clock=lambda: NOW, flush_interval=0.1)

    async def run() -> None:
        await app.flusher.start()
        for number in range(200):
            await request(app, "/")
            await app.flusher.flush()
            if number == 100:
                assert (
                    await asyncio.to_thread(main, ["backup", "copy.db", "--store", "stats.db"]) == 0
                )
        await app.flusher.stop()

    asyncio.run(run())
    assert counts_of("copy.db")[Key("day", DAY, "path", "/", "")] == vector(
        pageviews=101, visits=101
    )
    assert {key.period for key in counts_of("copy.db")} == {"hour", "day", "month", "crossed"}
    assert {key.period for key in counts_of("stats.db")} >= {"minute", "hour"}


def test_a_backup_is_its_owners_alone_and_overwrites_nothing_unasked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("stats.db", page("/a"))
    before = os.umask(0)
    try:
        assert main(["backup", "copy.db", "--store", "stats.db"]) == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600
    Path("diary").write_text("Dear diary")
    assert main(["backup", "diary", "--store", "stats.db"]) == 2
    assert Path("diary").read_text() == "Dear diary"
    assert main(["backup", "stats.db", "--force", "--store", "stats.db"]) == 2
    assert "is the database itself" in capsys.readouterr().err
    assert main(["backup", "none/copy.db", "--store", "stats.db"]) == 2
    assert main(["backup", "diary", "--force", "--store", "stats.db"]) == 0
    with closing(sqlite3.connect("diary")) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    assert sorted(os.listdir()) == ["copy.db", "diary", "stats.db"]  # noqa: PTH208
