"""What the tests of imports share: a store, files as tools write them, and what comes of them."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from firstparty import Analytics
from firstparty.cli import main
from firstparty.counts import Key
from firstparty.imports import HERE
from firstparty.metrics import COUNTED
from firstparty.periods import days
from firstparty.stores import Store

FIRST = date(2026, 1, 1)
JANUARY = tuple(days(FIRST, date(2026, 1, 31)))


def table(header: str, rows: Iterable[Sequence[object]], end: str = "\n") -> str:
    """A table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue()


def packed(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """A zip of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def used(url: str, act: Callable[[Store], Awaitable[Any]], **options: Any) -> Any:
    """What comes of using a store."""

    async def run() -> Any:
        store = Analytics(store=url, **options).counting.store
        await store.open()
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())


async def every(store: Store) -> dict[tuple[str, Key], tuple[int, ...]]:
    """Every count, after its origin: 0 for here, then the imports in their order."""
    found = dict[tuple[str, Key], tuple[int, ...]]()
    for brought in [None, *await store.imports()]:
        origin = brought.writer if brought else HERE
        async for key, counts in store.counts(origin):
            found[brought.name if brought else HERE, key] = counts
    return found


def counts(url: str, **options: Any) -> dict[tuple[str, Key], tuple[int, ...]]:
    """Every count of a store."""
    found: dict[tuple[str, Key], tuple[int, ...]] = used(url, every, **options)
    return found


def summed(
    url: str, dimension: str, period: str = "day", at: int | None = None
) -> dict[str, dict[str, int]]:
    """The sums of the values of a dimension, over all days or one."""
    found = dict[str, dict[str, int]]()
    for (_, key), vector in counts(url).items():
        if (key.period, key.dimension) == (period, dimension) and at in {None, key.at}:
            sums = found.setdefault(key.value, {})
            for name, number in zip(COUNTED, vector, strict=True):
                if number:
                    sums[name] = sums.get(name, 0) + number
    return found


Says = Callable[..., tuple[int, str, str]]


def saying(capsys: pytest.CaptureFixture[str]) -> Says:
    """Runs a command: its exit code, what it wrote, and what it said beside that."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(each) for each in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def plausible(path: Path, first: date = FIRST, number: int = 31, views: int = 60) -> Path:
    """An export of Plausible: so many days, each with so many page views."""
    on = [first + timedelta(days=each) for each in range(number)]
    span = f"{on[0]:%Y%m%d}_{on[-1]:%Y%m%d}"
    pages = [("/", views - 20), ("/pricing?plan=pro", 15), ("/u/jane.doe@example.com", 4)]
    sources = [
        ("Google", "google.com/", "", "", 12),
        ("news", "", "news", "email", 5),
        ("", "", "", "", 8),
    ]
    members = {
        "imported_visitors": table(
            "date,visitors,pageviews,bounces,visits,visit_duration",
            [(day, 20, views, 5, 25, 1000) for day in on],
        ),
        "imported_pages": table(
            "date,hostname,page,visits,visitors,pageviews",
            [(day, "example.org", page, 9, 8, each) for day in on for page, each in pages]
            + [(on[0], "example.org", "/reset/8f14e45fceea167a5a36dedd4bea2543", 1, 1, 1)],
        ),
        "imported_entry_pages": table(
            "date,entry_page,visitors,entrances,visit_duration,bounces,pageviews",
            [(day, "/", 20, 25, 1000, 5, 60) for day in on],
        ),
        "imported_exit_pages": table("date,exit_page,visitors,exits", [(on[0], "/", 1, 1)]),
        "imported_sources": table(
            "date,source,referrer,utm_source,utm_medium,utm_campaign,utm_content,utm_term,"
            "pageviews,visitors,visits,visit_duration,bounces",
            [
                (day, source, referrer, campaign, medium, "", "", "", 9, 9, visits, 1, 1)
                for day in on
                for source, referrer, campaign, medium, visits in sources
            ],
        ),
        "imported_browsers": table(
            "date,browser,browser_version,visitors,visits,visit_duration,bounces,pageviews",
            [(day, "Mobile Safari", "17.1", 1, 10, 3, 4, 20) for day in on]
            + [(day, "Netscape", "4", 1, 1, 3, 4, 2) for day in on],
        ),
        "imported_locations": table(
            "date,country,region,city,visitors,visits,visit_duration,bounces,pageviews",
            [(day, "DE", "DE-BE", 2950159, 1, 10, 3, 4, 20) for day in on],
        ),
        "imported_custom_events": table(
            "date,name,link_url,path,visitors,events",
            [
                (FIRST, "Signup", "", "", 3, 4),
                (FIRST, "Outbound Link: Click", "https://other.example/a?b=c", "", 3, 3),
            ]
            if first == FIRST
            else [],
        ),
    }
    return packed(path, {f"{name}_{span}.csv": text for name, text in members.items()})
