"""Counts of other tools are brought in once, made coarse, and taken away without a trace."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from firstparty.counts import Batch, Key
from firstparty.imports import Import
from firstparty.metrics import vector
from firstparty.stores import Store, StoreError
from tests import importing
from tests.driving import ask, counting, request
from tests.importing import FIRST, Says, counts, packed, plausible, summed, table, used

NAME = "plausible 2026-01-01 to 2026-01-31"
STORE = "sqlite:///stats.db"
DAY = 20260105


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with no settings of the environment."""
    for name in list(os.environ):
        if name.startswith("FIRSTPARTY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str]) -> Says:
    return importing.saying(capsys)


def brought(says: Says, *arguments: object) -> str:
    code, told, errors = says("import", *arguments, "--store", "stats.db")
    assert code == 0, errors
    return told


def write(counts: dict[Key, tuple[int, ...]]) -> None:
    used(STORE, lambda store: store.write(Batch("w", 1, counts)))


def test_an_export_of_plausible_becomes_counts_of_days_and_months(
    says: Says, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTPARTY_COUNTRY", "header:cf-ipcountry")
    told = brought(says, "plausible", plausible(folder / "export.zip"))
    assert summed(STORE, "", at=DAY) == {"": {"pageviews": 60, "visits": 25}}
    assert summed(STORE, "", "month") == {
        "": {"pageviews": 60 * 31, "visits": 25 * 31, "events": 7}
    }
    assert summed(STORE, "path", "month") == {
        "/": {"pageviews": 40 * 31, "visits": 25 * 31},
        "/pricing": {"pageviews": 15 * 31},
        "/u/{email}": {"pageviews": 4 * 31},
        "(unlisted)": {"pageviews": 1},
    }
    assert summed(STORE, "source", at=DAY) == {"Google": {"visits": 12}, "news": {"visits": 5}}
    assert summed(STORE, "channel", at=DAY) == {
        "Search": {"visits": 12},
        "E-mail": {"visits": 5},
        "Direct": {"visits": 8},
    }
    assert summed(STORE, "referrer", at=DAY) == {"google.com": {"visits": 12}}
    assert summed(STORE, "browser", at=DAY) == {
        "Safari": {"pageviews": 20, "visits": 10},
        "(other)": {"pageviews": 2, "visits": 1},
    }
    assert summed(STORE, "country", at=DAY) == {"DE": {"pageviews": 20, "visits": 10}}
    assert summed(STORE, "event") == {"Signup": {"events": 4}}
    assert summed(STORE, "outbound") == {"other.example": {"events": 3}}
    assert {key.period for _, key in counts(STORE)} == {"day", "month"}
    assert "taken: 2026-01-01 to 2026-01-31, as 'plausible 2026-01-01 to 2026-01-31'" in told
    assert "Pages: 31 days, 3 names, 1,830 page views, 775 visits, 1 of them without a name" in told
    assert "visitors: visitors are people told apart" in told
    assert "imported_exit_pages_20260101_20260131.csv: exits are worked out here" in told


def test_what_is_imported_twice_or_overlaps_counts_once(says: Says, folder: Path) -> None:
    brought(says, "plausible", plausible(folder / "export.zip"))
    before = counts(STORE)
    told = brought(says, "plausible", folder / "export.zip")
    assert "nothing is taken: all of it is there already" in told
    assert "31 days: there already, from another import" in told
    longer = plausible(folder / "longer.zip", first=date(2026, 1, 20), number=20)
    told = brought(says, "plausible", longer)
    assert "taken: 2026-02-01 to 2026-02-08" in told
    after = counts(STORE)
    assert before == {place: after[place] for place in before}
    assert summed(STORE, "", "month")[""]["pageviews"] == 60 * 39
    listed = brought(says, "--list").splitlines()
    assert [line.split("  ")[0] for line in listed] == [NAME, "plausible 2026-01-20 to 2026-02-08"]


def test_a_dry_run_says_what_the_real_one_does_and_writes_nothing(says: Says, folder: Path) -> None:
    write({Key("day", 20260301, "", "", ""): vector(pageviews=3)})
    before = counts(STORE)
    dry = brought(says, "plausible", plausible(folder / "export.zip"), "--dry-run")
    assert (counts(STORE), used(STORE, lambda store: store.imports())) == (before, [])
    real = brought(says, "plausible", folder / "export.zip")
    ours = [line for line in real.splitlines() if not line.startswith("to take it away")]
    assert dry.replace("would be taken", "taken").splitlines() == ours


def test_undo_leaves_the_store_as_it_was_and_no_text_in_the_file(says: Says, folder: Path) -> None:
    write({Key("day", 20260301, "", "", ""): vector(pageviews=3)})
    before = counts(STORE), used(STORE, lambda store: store.writers())
    brought(says, "plausible", plausible(folder / "export.zip"))
    assert b"/pricing" in (folder / "stats.db").read_bytes()
    assert "is taken away" in brought(says, "--undo", NAME)
    assert (counts(STORE), used(STORE, lambda store: store.writers())) == before
    for table_ in ("imports", "closings", "marks"):
        rows = used(STORE, lambda store, name=table_: _rows(store, name))
        assert rows == 0, table_
    left = b"".join(each.read_bytes() for each in folder.glob("stats.db*"))
    assert b"/pricing" not in left
    assert b"plausible" not in left
    code, _, errors = says("import", "--undo", NAME, "--store", "stats.db")
    assert (code, "there is no import" in errors) == (2, True)


async def _rows(store: Any, name: str) -> int:
    statement = f"select count(*) from {name}"  # noqa: S608 - a name of ours
    async with store._using() as db, db.execute(statement) as cursor:
        found: int = (await cursor.fetchone())[0]
    return found


def test_days_from_the_first_that_was_counted_here_are_not_taken(says: Says, folder: Path) -> None:
    write({Key("day", 20260111, "", "", ""): vector(pageviews=3)})
    told = brought(says, "plausible", plausible(folder / "export.zip"))
    assert "taken: 2026-01-01 to 2026-01-10" in told
    assert "1 day: counted here" in told
    assert "20 days: behind the last day to take" in told
    brought(says, "plausible", folder / "export.zip", "--until", "2026-01-20")
    days = {key.at for _, key in counts(STORE) if key.period == "day" and not key.dimension}
    assert days == {*range(20260101, 20260121)}
    assert summed(STORE, "", at=20260111) == {"": {"pageviews": 3}}
    assert summed(STORE, "path", at=20260111) == {}


def test_a_quiet_day_keeps_its_total_and_its_pages_and_its_month_the_rest(
    says: Says, folder: Path
) -> None:
    files = [plausible(folder / "loud.zip", number=30, views=60)]
    quiet = plausible(folder / "quiet.zip", first=date(2026, 1, 31), number=1, views=9)
    told = brought(says, "plausible", *files, quiet)
    # The quiet day has nine views: the next quietest goes with it, so that the month tells neither.
    assert "2 days with fewer than 10 page views" in told
    assert summed(STORE, "", at=20260131) == {"": {"pageviews": 9, "visits": 25}}
    assert summed(STORE, "source", at=20260131) == {}
    assert summed(STORE, "source", at=20260101) == {}
    assert summed(STORE, "source", at=20260102) != {}
    assert summed(STORE, "source", "month")["Google"] == {"visits": 12 * 31}
    assert "nothing is taken" in brought(says, "plausible", *files, quiet)


def test_the_few_views_of_a_quiet_day_are_not_what_a_month_has_beside_those_counted_here(
    says: Says, folder: Path
) -> None:
    counted = {
        Key(period, at, "", "", ""): vector(pageviews=90)  # type: ignore[arg-type]
        for period, at in (("day", 20260120), ("month", 202601))
    }
    write(counted)
    told = brought(says, "plausible", plausible(folder / "few.zip", number=1, views=9))
    assert "1 day: too quiet beside the other days of the month" in told
    assert summed(STORE, "", "month") == {"": {"pageviews": 99, "visits": 25, "events": 7}}
    assert summed(STORE, "source", "month") == {}


def test_the_rest_of_a_month_that_comes_later_does_not_give_away_a_quiet_day(
    says: Says, folder: Path
) -> None:
    told = brought(says, "plausible", plausible(folder / "few.zip", date(2026, 1, 2), 1, views=9))
    assert "1 day: too quiet beside the other days of the month" in told
    assert summed(STORE, "source", "month") == {}
    brought(says, "plausible", plausible(folder / "rest.zip", date(2026, 1, 3), 29))
    assert summed(STORE, "", "month") == {"": {"pageviews": 9 + 60 * 29, "visits": 25 * 30}}
    assert summed(STORE, "source", "month")["Google"] == {"visits": 12 * 29}
    assert summed(STORE, "source")["Google"] == {"visits": 12 * 29}


def test_a_dimension_that_quiet_company_has_no_count_of_does_not_give_a_quiet_day_away(
    says: Says, folder: Path
) -> None:
    header = "date,visitors,pageviews,bounces,visits,visit_duration"
    views = {"2026-01-05": 3, "2026-01-06": 12, "2026-01-07": 60}
    browsers = [(day, "Chrome", 1, 1, views[day]) for day in ("2026-01-05", "2026-01-07")]
    files = {
        "imported_visitors.csv": table(header, [(day, 1, n, 0, 1, 1) for day, n in views.items()]),
        "imported_browsers.csv": table("date,browser,visitors,visits,pageviews", browsers),
    }
    told = brought(says, "plausible", packed(folder / "export.zip", files))
    assert "2 days with fewer than 10 page views" in told
    assert "1 day: too quiet beside the other days of the month" in told
    assert summed(STORE, "browser", "month") == {"Chrome": {"pageviews": 60, "visits": 1}}


def test_what_visitors_are_told_stays_while_another_import_says_the_same(
    says: Says, folder: Path
) -> None:
    whole = table(
        "date,visitors,pageviews,bounces,visits,visit_duration", [(FIRST, 9, 60, 1, 9, 1)]
    )
    browsers = table("date,browser,visitors,visits,pageviews", [(FIRST, "Chrome", 9, 9, 60)])
    totals = packed(folder / "totals.zip", {"imported_visitors.csv": whole})
    details = packed(folder / "details.zip", {"imported_browsers.csv": browsers})
    brought(says, "plausible", totals, "--name", "totals")
    brought(says, "plausible", details, "--name", "details")

    def told() -> list[str]:
        marks = used(STORE, lambda store: store.marks())
        return [mark.text.partition("=")[0] for mark in marks]

    brought(says, "--undo", "details")
    assert told() == ["2026-01-01 to 2026-01-01"]
    brought(says, "--undo", "totals")
    assert told() == []


def test_what_is_older_than_counts_are_kept_is_not_taken(says: Says, folder: Path) -> None:
    told = brought(says, "plausible", plausible(folder / "old.zip", first=date(2019, 5, 1)))
    assert "31 days: older than 25 months" in told
    assert counts(STORE) == {}


def test_breakdowns_without_their_total_are_not_taken(says: Says, folder: Path) -> None:
    rows = [(FIRST, "Chrome", 9, 9, 50)]
    header = "date,browser,visitors,visits,pageviews"
    alone = packed(folder / "alone.zip", {"imported_browsers.csv": table(header, rows)})
    told = brought(says, "plausible", alone)
    assert "1 day: without their page views in all" in told
    assert counts(STORE) == {}


def test_a_stopped_import_that_is_run_again_ends_as_one_that_was_not(
    says: Says, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = plausible(folder / "export.zip")
    brought(says, "plausible", export)
    whole = counts(STORE)
    brought(says, "--undo", NAME)
    monkeypatch.setattr("firstparty.importers.bring.CHUNK", 50)

    def stopping(original: Callable[..., Awaitable[int]]) -> Callable[..., Awaitable[int]]:
        async def write(store: Store, batch: Batch) -> int:
            if batch.seq == 3:
                raise StoreError("the disk is full")
            return await original(store, batch)

        return write

    from firstparty.stores.sqlite import SQLiteStore

    with monkeypatch.context() as patch:
        patch.setattr(SQLiteStore, "write", stopping(SQLiteStore.write))
        code, _, errors = says("import", "plausible", export, "--store", "stats.db")
    assert (code, errors.splitlines()[-1]) == (2, "firstparty: the disk is full")
    assert "not finished" in brought(says, "--list")
    code, _, errors = says("import", "plausible", export, "--name", "x", "--store", "stats.db")
    assert code == 2
    assert "is not finished: wait for it, run it again, or take it away" in errors
    dry = brought(says, "plausible", export, "--dry-run")
    assert "would be taken: 2026-01-01 to 2026-01-31" in dry
    brought(says, "plausible", export)
    assert counts(STORE) == whole


def test_answers_say_which_days_another_tool_had_counted(folder: Path, says: Says) -> None:
    brought(says, "plausible", plausible(folder / "export.zip"), "--name", "before")

    async def run() -> tuple[Any, Any]:
        site = counting(store=STORE, clock=lambda: 1769947200.0)  # 2026-02-01, 12:00 UTC
        await site.flusher.start()
        for _ in range(4):
            await request(site)
        found = await ask(site, ["pageviews"], "all"), await _meta(site)
        await site.flusher.stop()
        return found

    total, meta = asyncio.run(run())
    assert total == [(60 * 31 + 4,)]
    assert meta == [
        {
            "tool": "Plausible",
            "first": "2026-01-01",
            "last": "2026-01-31",
            "visits": "A visit of Plausible is a session that ends after 30 minutes without a page"
            " view.",
            "lines": False,
        }
    ]


async def _meta(site: Any) -> Any:
    from tests.driving import api

    answers = [
        (await api(site, "query", {"metrics": ["visits"], "date_range": date_range}))[1]
        for date_range in (["2026-01-31", "2026-02-01"], ["2026-02-01", "2026-02-01"])
    ]
    assert answers[1]["meta"]["imported"] == []
    return answers[0]["meta"]["imported"]


def test_an_import_travels_with_an_export_and_can_be_undone_there(says: Says, folder: Path) -> None:
    write({Key("month", 202601, "path", "/", ""): vector(pageviews=3)})
    brought(says, "plausible", plausible(folder / "export.zip"))
    assert says("export", "all.jsonl", "--store", "stats.db")[0] == 0
    assert says("import", "all.jsonl", "--store", "other.db")[0] == 0
    assert _any("sqlite:///other.db") == counts(STORE)
    assert says("import", "all.jsonl", "--add", "--store", "other.db")[0] == 0
    assert _any("sqlite:///other.db") == counts(STORE)
    assert says("import", "--undo", NAME, "--store", "other.db")[0] == 0
    here = {("", Key("month", 202601, "path", "/", "")): vector(pageviews=3)}
    assert _any("sqlite:///other.db") == here


def _any(url: str) -> dict[tuple[str, Key], tuple[int, ...]]:
    return {place: each for place, each in counts(url).items() if any(each)}


def test_a_file_of_another_kind_is_refused_by_the_name_of_its_own(says: Says, folder: Path) -> None:
    export = plausible(folder / "export.zip")
    code, _, errors = says("import", export, "--store", "stats.db")
    assert (code, "it looks like one of Plausible, firstparty import plausible" in errors) == (
        2,
        True,
    )
    code, _, errors = says("import", "nothing", export, "--store", "stats.db")
    assert (code, "'nothing' is no tool that is known here: write one of" in errors) == (2, True)
    code, _, errors = says("import", "plausible", "--store", "stats.db")
    assert (code, "which files of Plausible?" in errors) == (2, True)


def test_blocked_and_full_names_are_kept_as_in_counting(says: Says, folder: Path) -> None:
    write({Key("day", 20260301, "", "", ""): vector(pageviews=3)})
    used(STORE, lambda store: store.block("path", "/pri*"))
    brought(says, "plausible", plausible(folder / "export.zip"))
    assert set(summed(STORE, "path")) == {"/", "/u/{email}", "(unlisted)"}
    assert summed(STORE, "path", "month")["(unlisted)"] == {"pageviews": 15 * 31 + 1}


def test_the_transparency_page_says_what_was_brought_in(says: Says, folder: Path) -> None:
    brought(says, "plausible", plausible(folder / "export.zip"))
    code, told, _ = says("privacy", "--store", "stats.db")
    assert code == 0
    assert "2026-01-01 to 2026-01-31 | counted by Plausible, and brought in" in told


def test_an_import_keeps_what_verify_asks_for(says: Says, folder: Path) -> None:
    brought(says, "plausible", plausible(folder / "export.zip"))
    assert says("verify", "stats.db")[0] == 0
    assert used(STORE, lambda store: store.imports()) == [
        Import(
            NAME,
            used(STORE, lambda store: store.imports())[0].writer,
            "plausible",
            used(STORE, lambda store: store.imports())[0].made,
            20260101,
            20260131,
            done=True,
        )
    ]
