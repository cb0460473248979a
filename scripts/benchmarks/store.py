"""What a store holds and how fast it answers, with a synthetic year in it (`year.py`).

Beside the answers, in the same rounds, those of DuckDB over the raw rows of the same views.
"""

import asyncio
import gc
import multiprocessing
import os
import shutil
import sqlite3
import time
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from firstparty import Analytics
from firstparty.accumulate import BOUND, Accumulator
from firstparty.agents import PERSON
from firstparty.counts import Batch, Counts
from firstparty.dimensions import table
from firstparty.hits import ENTRY
from firstparty.links import Link
from firstparty.names import Names
from firstparty.paths import Paths
from firstparty.sources import Listed, Seen

from .duck import Duck
from .fill import NOW, Filler
from .in_process import verdict
from .questions import PASSWORD, Page
from .year import YEAR, Year

RAW_MOST = 10_000_000
"""Views that are also kept as raw rows."""
KEYS, FLUSHES, WRITING = 5_000, 20, 6.0

PATH_STATE = {"range": "12mo", "filters": [["is", "path", ["/section-00/the-page-0"]]]}
COUNTRY_STATE = {"range": "12mo", "filters": [["is", "country", ["AE"]]]}
CUT = (f"{YEAR}-01-15", f"{YEAR}-12-20")
WHOLE = (f"{YEAR}-01-01", f"{YEAR}-12-31")
CASES: list[tuple[str, dict[str, Any], tuple[str, str, str], float]] = [
    ("12 whole months", {"range": "12mo"}, (*WHOLE, ""), 60),
    ("months that are cut", {"range": list(CUT)}, (*CUT, ""), 250),
    ("the last 30 days", {"range": "30d"}, (f"{YEAR}-12-02", f"{YEAR}-12-31", ""), 250),
    ("one page, the busiest", PATH_STATE, (*WHOLE, " and path = '/section-00/the-page-0'"), 60),
    ("one country, the largest", COUNTRY_STATE, (*WHOLE, " and country = 'AE'"), 60),
]
EVERY, CLICK, ANEW = ", every panel", ", after a click", ", summed anew"
SOMETHING = Link("bench", "what changes the file", 20260101)


def case(name: str) -> str:
    """The case that a list of questions is of."""
    return name.removesuffix(EVERY).removesuffix(CLICK).removesuffix(ANEW)


def analytics(store: str) -> Analytics:
    return Analytics(
        clock=lambda: NOW, store=store, password=PASSWORD, country="header:cf-ipcountry"
    )


def run(views: int, store: str, folder: Path, rounds: int) -> None:
    """Fill a store (unless it is full), and measure it. Files stay in the folder, to go on with."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"year-{views}.db"
    url = store or f"sqlite:///{file}"
    machine()
    print(f"{views:,} views a year in {url.partition('://')[0]}")
    asyncio.run(filled(views, url))
    if not store:
        told_size(file, views)
    raw = min(views, RAW_MOST)
    raw_file = folder / f"raw-{raw}.duckdb"
    if not raw_file.exists():
        Duck(raw_file).fill(Year(raw))
    duck = Duck(raw_file)
    asyncio.run(answered(url, duck, raw, rounds))
    duck.close()
    # What writes, writes to a copy.
    if not store:
        copy = folder / "copy.db"
        shutil.copy(file, copy)
        url = f"sqlite:///{copy}"
    asyncio.run(flushed(url))
    together(url)
    memory()
    machine()


def machine() -> None:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{date.today()}, {os.cpu_count()} cores, load {load}")


async def filled(views: int, url: str) -> None:
    counting = analytics(url).counting
    await counting.store.open()
    try:
        if await counting.store.first_day() is None:
            start = perf_counter()
            filler = Filler(counting)
            await filler.fill(Year(views))
            spent = perf_counter() - start
            print(f"filled with {filler.written:,} counts in {spent:.0f} s")
    finally:
        await counting.store.close()


def told_size(file: Path, views: int) -> None:
    size = file.stat().st_size
    target = 10 if views <= 10**7 else 4
    with sqlite3.connect(file) as db:
        rows = db.execute("select count(*) from counts").fetchone()[0]
    print(f"{size:,} bytes for {rows:,} rows, {size / rows:.1f} each")
    print(f"{size / views:.2f} bytes a view  {verdict(size / views, target)}")


async def answered(url: str, duck: Duck, raw: int, rounds: int) -> None:
    """The page's first request in each case, and DuckDB's answers, in turns."""
    counted = analytics(url)
    page = Page(counted)
    start = perf_counter()
    await counted.counting.flusher.flush()
    daily = perf_counter() - start
    print(f"once a day, closing what is over and forgetting what is old: {daily:.1f} s")
    states = [state for _, state, _, _ in CASES]
    first = await page.questions(states)
    whole = await page.whole(states[:1])
    known = [query["query"] for query in first[0]]
    asked = {name: plan for (name, _, _, _), plan in zip(CASES, first, strict=True)}
    lists = {name: [each["query"] for each in plan] for name, plan in asked.items()}
    # SQLite keeps sums of what is over, until another process changes the file.
    anew = {f"{name}{ANEW}": lists[name] for name, _, _, _ in CASES}
    lists[f"{CASES[0][0]}{EVERY}"] = [each["query"] for each in whole[0]]
    for name in (CASES[3][0], CASES[4][0]):
        # Who chooses a filter on the page has its other answers: only what is new is asked for.
        lists[f"{name}{CLICK}"] = [each for each in lists[name] if each not in known]
    lists |= anew
    other = analytics(url).counting.store
    await other.open()
    limits = {name: limit for name, _, _, limit in CASES}
    ranges = {name: range_ for name, _, range_, _ in CASES}
    ours: dict[str, list[float]] = {name: [] for name in lists}
    busy: dict[str, list[float]] = {name: [] for name in lists}
    theirs: dict[str, list[float]] = {name: [] for name in lists}
    gc.collect()
    gc.freeze()  # what numpy and DuckDB have in memory is nothing that a site has
    for _ in range(rounds + 1):
        for name, questions in lists.items():
            if name in anew:
                await other.link(SOMETHING)
                await other.unlink(SOMETHING.token)
            else:
                await page.ask("query", questions)  # so that it has what it keeps
            began = process_time()
            answers, spent = await page.ask("query", questions)
            busy[name].append(1000 * (process_time() - began))
            if wrong := [each["error"] for each in answers if "error" in each]:
                raise SystemExit(f"the stats API answered: {wrong[0]}")
            ours[name].append(1000 * spent)
        for name in lists:
            theirs[name].append(1000 * duck.page(*ranges[case(name)]))
    await other.close()
    await counted.counting.flusher.stop()
    print(f"\n{'milliseconds, medians':40}{'questions':>10}{'ours':>7}{'CPU':>7}{'DuckDB':>8}")
    for name, questions in lists.items():
        mine, duck_ms = median(ours[name][1:]), median(theirs[name][1:])
        said = verdict(mine, limits[case(name)])
        cpu = median(busy[name][1:])
        print(f"{name:40}{len(questions):>10}{mine:7.0f}{cpu:7.0f}{duck_ms:8.0f}  {said}")
    print("CPU: of ours, which the load of the machine changes less than the time that passes")
    print(f"DuckDB: {raw:,} raw rows, only panels of views; ours has the live number and more\n")


def batches(number: int, seed: int = 0) -> Iterator[Counts]:
    """Counts as one flush has them on the last day of the year: 5,000 distinct ones each."""
    year = Year(1 + seed)
    filler = Filler(analytics("memory://").counting)
    for _ in range(number):
        counts = filler.counts(year.day(date(YEAR, 12, 31), 600))
        if len(counts) < KEYS:
            raise SystemExit(f"a batch has only {len(counts)} counts")
        keys = sorted(counts, key=lambda key: (key.value, key.path, key.at))
        yield {key: counts[key] for key in keys[:: len(keys) // KEYS][:KEYS]}


async def flushed(url: str) -> None:
    """How long one flush takes in a store that holds the year."""
    store = analytics(url).counting.store
    await store.open()
    spent, busy = list[float](), list[float]()
    for seq, counts in enumerate(batches(FLUSHES + 1)):
        start, began = perf_counter(), process_time()
        await store.write(Batch("flush", seq, counts))
        spent.append(1000 * (perf_counter() - start))
        busy.append(1000 * (process_time() - began))
    await store.close()
    middle = median(spent[1:])
    print(
        f"flush of {KEYS:,} counts: {middle:.0f} ms ({median(busy[1:]):.0f} of CPU),"
        f" {max(spent):.0f} at most  {verdict(middle, 50)}"
    )


def together(url: str) -> None:
    """Counts a second that two processes write into one store, against one process alone."""
    context = multiprocessing.get_context("spawn")
    rates = list[float]()
    for processes in (1, 2, 1, 2, 1, 2):
        with context.Pool(processes) as pool:
            names = [(url, f"{len(rates)}-{number}", number) for number in range(processes)]
            rates.append(sum(pool.starmap(written, names)))
    alone, both = median(rates[::2]), median(rates[1::2])
    met = "met" if both >= 0.6 * alone else "MISSED"
    print(
        f"counts a second: one process {alone:,.0f}, two {both:,.0f},"
        f" {both / alone:.2f} ×  ≥ 0.6 {met}"
    )


def written(url: str, writer: str, number: int) -> float:
    """Counts a second that one process writes for a while."""
    prepared = list(batches(4, number))

    async def write() -> float:
        store = analytics(url).counting.store
        await store.open()
        done, start = 0, time.time()
        while time.time() < start + WRITING:
            await store.write(Batch(writer, done, prepared[done % len(prepared)]))
            done += 1
        spent = time.time() - start
        await store.close()
        return done * KEYS / spent

    return asyncio.run(write())


def memory() -> None:
    """What an accumulator takes that is as full as it gets, and while it becomes a batch."""
    names, paths = Names(1), Paths()
    accumulator = Accumulator(dict(table()), names)
    moment = analytics("memory://").counting.calendar.moment(NOW)
    tracemalloc.start()
    number = 0
    while accumulator.waiting < BOUND and number < 10**6:
        seen = Seen(
            paths, {}, Listed(f"/section-{number % 40:02}/the-page-{number % 15_000}"), PERSON
        )
        seen.host = Listed(f"source-{number % 700}.example")
        accumulator.add(ENTRY, seen, moment)
        number += 1
    waits = tracemalloc.get_traced_memory()[0]
    counts = accumulator.take()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(
        f"accumulator: {BOUND:,} waiting counts of {number:,} visits take {waits / 1e6:.0f} MB,"
        f" {peak / 1e6:.0f} MB while they become a batch of {len(counts):,}"
    )
