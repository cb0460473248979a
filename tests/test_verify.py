"""`firstparty verify`: a database of ours, and everything that may be wrong with one."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from firstparty import dictionary, verify
from firstparty.cli import main
from firstparty.stores import StoreError, sqlite_schema
from tests.driving import BEACON, NAVIGATION, beacon, counting, request
from tests.test_exposure import csp, report

NOW = time.time()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database that a site has written, with something in every table."""
    path = tmp_path / "stats.db"

    async def run() -> None:
        now = [NOW - 5 * 86_400]
        site = counting(
            store=f"sqlite:///{path}",
            clock=lambda: now[0],
            exposure="report",
            release="1.0",
            country="timezone",
        )
        for _ in range(12):
            for name in ("/", "/a", "/reset/token-17a8f2c9d3b4e5f6"):
                await request(site, name, {**NAVIGATION, "referer": "https://linked.example/x"})
            await beacon(
                site, {"u": "/", "e": "event", "v": "signup", "p": {"plan": "pro"}}, BEACON
            )
            await report(site, csp("https://tracker.example/t.js"))
            await site.flusher.flush()
            now[0] += 3600
        await site.analytics.counting.store.block("path", "/private/*")
        now[0] = NOW
        await request(site)
        await site.flusher.flush()
        await site.flusher.stop()

    asyncio.run(run())
    return path


def found(file: Path) -> list[str]:
    return [f"{each.where}: {each.what}" for each in verify.verify(file, NOW)]


def test_a_database_that_we_have_written_is_as_promised(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert found(file) == []
    for named in (str(file), f"sqlite:///{file}"):
        assert main(["verify", named]) == 0
        assert "holds what the promise allows:" in capsys.readouterr().out


def test_the_dictionary_has_every_table_and_column(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        named = "select name from sqlite_master where type = 'table'"
        there = {
            name: {row[1] for row in db.execute(f"pragma table_info({name})")}
            for (name,) in db.execute(named)
        }
    told = {name: set(columns) for name, columns in dictionary.TABLES.items()}
    counts = told.pop("counts")  # the view of both tables; in PostgreSQL it is one
    assert there == told
    assert counts > there["wide"] - {"slot"}


NUMBERED = """update narrow set visits = 3 where slot in (select id from slots where period = 4 and
dimension = (select id from dimensions where name = 'third_party_script'))"""


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("create table visits (id, address)", "visits: this table is not in the data dictionary"),
        ("alter table narrow add column address", "narrow.address: this column is not in the"),
        ("create view v as select * from names", "v: this view is not of ours"),
        ("update marks set at = 1795518000123", "marks.at: 10 values are not: minutes since 1970"),
        ("update marks set kind = 'visit'", "marks.kind: 10 values are not: release, note,"),
        ("update sites set name = cast('x' as blob)", "sites.name: 1 values are not: text of the"),
        ("update narrow set pageviews = -1", "narrow.pageviews:"),
        ("update batches set writer = '{long}'", "batches.writer: 1 values are not: 16 random"),
        ("update names set name = 'john@example.com' where name = 'linked.example'",
         "names of referrer: a name is not masked"),
        ("update names set name = '/u/17a8f2c9d3b4e5f6' where name = '/a'",
         "names of path: a name is not masked"),
        ("update names set name = 'Netscape 4.7.1' where name = 'Chrome'",
         "names of browser: a name is not of the fixed list"),
        ("update narrow set path = 1 where slot in (select id from slots where period = 2)",
         "are crossed with a page, and not by the"),
        ("update slots set dimension = 1 where period = 0", "are not the site's bare total"),
        ("update slots set at = at + 7 where period = 1", "not of the site or a page, or of no"),
        ("update slots set at = 20261399 where period = 2", "counts by the day are of no day"),
        ("update slots set at = 202613 where period = 3", "counts by the month are of no month"),
        ("update slots set at = 20200101 where period = 2 and dimension = 0",
         "counts by the day are too old"),
        ("update slots set at = at - 90 where period = 0", "counts by the minute are too old"),
        ("update slots set at = 202001 where period = 4", "counts by the crossed are too old"),
        ("update marks set day = 20200101", "marks: 10 marks are too old"),
        (NUMBERED, "counts of third_party_script have a number"),
        ("insert into closings select 1, 'month', at, 'browser', 1000 from counts where period=4",
         "counts of browser in the closed"),
    ],
)  # fmt: skip
def test_what_is_not_as_promised_is_found(
    file: Path, statement: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(file)) as db:
        statement = statement.replace("{long}", "x" * 200)
        db.execute(statement.replace("update ", "update or replace ").replace(
            "insert into", "insert or ignore into"))  # fmt: skip
        db.commit()
    assert [each for each in found(file) if said in each or each.startswith(said)], found(file)
    assert main(["verify", str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"]


def test_no_text_of_a_visitor_is_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("update names set name = 'john@example.com' where name = 'linked.example'")
        db.commit()
    assert main(["verify", str(file)]) == 1
    assert "john" not in capsys.readouterr().out


def test_a_file_that_others_may_read_is_found(file: Path) -> None:
    file.chmod(0o644)
    assert found(file) == ["stats.db: others than its owner may read this file: chmod 600"]


def test_verifying_changes_nothing(file: Path) -> None:
    before = {each.name: each.read_bytes() for each in file.parent.iterdir()}
    verify.verify(file, NOW)
    assert {each.name: each.read_bytes() for each in file.parent.iterdir()} == before


@pytest.mark.parametrize("made", ["nothing", "text", "other"])
def test_a_file_that_is_none_of_ours_is_a_sentence(tmp_path: Path, made: str) -> None:
    path = tmp_path / "x.db"
    if made == "text":
        path.write_text("nonsense, " * 1000)
    elif made == "other":
        with closing(sqlite3.connect(path)) as db:
            db.execute("create table t (a)")
    with pytest.raises(StoreError):
        verify.verify(path, NOW)
    assert main(["verify", str(path)]) == 2


def test_the_dictionary_is_of_this_schema() -> None:
    assert sqlite_schema.VERSION == 7, "a new table or column needs a row in dictionary.py"


def test_every_value_that_a_check_takes_is_of_its_shape() -> None:
    for column in dictionary.COLUMNS:
        assert not any(column.check(value) for value in (None, 1.5, "x" * 3000, b"x")), column
