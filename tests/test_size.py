"""How large a database can become: no store ever has more, and it comes close."""

import asyncio
import contextlib
import json
import random
import sqlite3
import tracemalloc
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from firstparty import closing, size
from firstparty.accumulate import Accumulator
from firstparty.agents import PERSON
from firstparty.cli import main
from firstparty.dimensions import table
from firstparty.flush import Flusher
from firstparty.hits import KINDS
from firstparty.names import Names
from firstparty.paths import Paths
from firstparty.periods import Calendar
from firstparty.row import Dimension, as_it_is
from firstparty.sources import Listed, Seen
from firstparty.stores import Shape, connect
from tests import places

NOW = 1_795_000_000.0  # 2026-11-18
CAP, PAIRS, PAGES = 4, 30, 6
DAYS = 800


def small() -> dict[str, Dimension]:
    """The table with small caps. What a row counts, the test puts into the scope."""

    def read(name: str) -> Any:
        return lambda seen: seen.scope.get(name)

    return {
        name: row
        if name == "path"
        else replace(
            row,
            source=read(name),
            minimise=as_it_is,
            shared=False,
            cap=CAP if row.vocabulary == name else 20_000,
            pairs=PAIRS,
        )
        for name, row in table(country="timezone").items()
    }


def shape_of(rows: Mapping[str, Dimension]) -> Shape:
    return Shape(
        site="example",
        timezone="UTC",
        names={name: PAGES if name == "path" else row.cap for name, row in rows.items()},
        pairs={name: row.pairs for name, row in rows.items()},
        vocabularies={name: row.vocabulary for name, row in rows.items()},
        places={name: rows[row.by].vocabulary for name, row in rows.items() if row.by},
    )


def seen_at_random(draw: random.Random, rows: Mapping[str, Dimension], paths: Paths) -> Seen:
    values = {}
    for name, row in rows.items():
        if row.values == "open":
            text = f"/{draw.randrange(9)}"
            values[name] = text if name == "previous" else Listed(text)
        else:
            values[name] = draw.choice(row.values)
    seen = Seen(paths, values, f"/{draw.randrange(9)}", PERSON)
    seen.previous = f"/{draw.randrange(9)}"
    seen.said = {"event": Listed(values["event"])}
    seen.campaign = {"utm_source": "any"}
    return seen


@pytest.mark.parametrize("kind", places.KINDS)
def test_random_traffic_never_has_more_rows_than_the_bound_says(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def left_as_they_are(*_: Any) -> None: ...

    # Each of 800 days would write its tables anew, which changes no row.
    monkeypatch.setattr("firstparty.stores.postgresql_layout.lay", left_as_they_are)
    draw = random.Random(4)  # noqa: S311 - no secret
    rows, clock = small(), [0.0]
    calendar, names = Calendar(ZoneInfo("UTC")), Names(1)
    accumulator = Accumulator(rows, names)
    shape = shape_of(rows)
    store = connect(places.place(kind, request), shape)

    async def closes(_: date) -> closing.Closed:
        return closing.NOTHING_CLOSED  # it only takes away, and all is small here

    flusher = Flusher(
        accumulator,
        store,
        calendar,
        10,
        forget_names=names.forget,
        close_off=closes,
        clock=lambda: clock[0],
    )
    paths = Paths()

    async def fill() -> Counter[tuple[str, str]]:
        for day in range(DAYS):
            last = day >= DAYS - 37
            for hour in range(24) if last else (12,):
                clock[0] = NOW - 86400 * (DAYS - day) + 3600 * hour
                for each in KINDS:
                    dense = last and each.name == "entry"
                    for _ in range(20 if dense else 2 if hour == 12 else 0):
                        accumulator.add(
                            each, seen_at_random(draw, rows, paths), calendar.moment(clock[0])
                        )
            if last or not day % 10:
                await flusher.flush()
        for minute in range(90):
            clock[0] += 60
            accumulator.add(KINDS[0], seen_at_random(draw, rows, paths), calendar.moment(clock[0]))
            if not minute % 10:
                await flusher.flush()
        await flusher.flush()
        found = Counter[tuple[str, str]]()
        async for key, _ in store.counts():
            found[key.dimension, key.period] += 1
        await store.close()
        return found

    found = asyncio.run(fill())
    slots = size.slots(calendar, 10, NOW)
    most = {
        (part.dimension, part.period): part.rows
        for part in size.counts(rows, shape.names, shape.pairs, slots)
    }
    assert found.keys() == most.keys()
    assert {place: rows for place, rows in found.items() if rows > most[place]} == {}
    # And it is no idle bound: much of it is reached where traffic is dense enough.
    for place in (
        *(("", period) for period in ("minute", "hour", "day", "month")),
        ("path", "hour"),
        ("channel", "month"),
        ("source", "month"),
        ("source", "crossed"),
    ):
        assert found[place] > 0.4 * most[place], (place, found[place], most[place])


def test_what_waits_in_memory_takes_no_more_than_is_said() -> None:
    rows = dict(table())
    names = Names(1)
    accumulator = Accumulator(rows, names)
    paths, moment = Paths(), Calendar(ZoneInfo("UTC")).moment(NOW)
    kinds = {kind.name: kind for kind in KINDS}
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(800):
            seen = Seen(paths, {}, Listed(f"/{number:04}" + "\U0001f600" * 195), PERSON)
            seen.said = {"event": Listed(f"{number:04}" + "\U0001f600" * 196)}
            accumulator.add(kinds["event"], seen, moment)
            seen.host = Listed(f"{number:04}" + "\U0001f600" * 196)
            accumulator.add(kinds["entry"], seen, moment)
        counts = accumulator.counts()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert counts
    assert taken / accumulator.waiting < size.WAITING


def test_every_table_has_its_bound(tmp_path: Path) -> None:
    async def make() -> None:
        store = connect(f"sqlite:///{tmp_path}/stats.db", shape_of(small()))
        await store.open()
        await store.close()

    asyncio.run(make())
    with contextlib.closing(sqlite3.connect(tmp_path / "stats.db")) as db:
        found = {row[0] for row in db.execute("select name from sqlite_schema where type='table'")}
    rows = small()
    slots = size.slots(Calendar(ZoneInfo("UTC")), 10, NOW)
    bound = {part.dimension for part in size.beside(rows, shape_of(rows).names, slots, 1)}
    counts = {"narrow", "wide"}  # whose bounds are those of the dimensions
    assert {name for name in found if not name.startswith("sqlite_")} - counts == bound


def test_the_command_prints_the_bound_and_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["size", "--store", "stats.db", "--json", "--processes", "2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["present"] == {"rows": 0, "bytes": None}
    assert told["largest"]["processes"] == 2
    assert told["largest"]["rows"] == sum(
        each["largest_rows"] for part in ("counts", "beside") for each in told[part]
    )
    rows = {(each["dimension"], each["period"]): each["largest_rows"] for each in told["counts"]}
    kept = told["kept"]
    assert rows["path", "day"] == kept["day"] * 20_002
    assert rows["source", "crossed"] == kept["crossed"] * 50_000
    assert rows["", "minute"] == kept["minute"] == 62

    assert main(["size", "--store", "stats.db"]) == 0
    text = capsys.readouterr().out
    assert f"{told['largest']['rows'] + 2 * kept['day']:,}" in text
    assert not (tmp_path / "stats.db").exists()
