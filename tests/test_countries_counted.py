"""Countries are counted by a CDN's header or by the time zone, of which nothing else is kept."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from firstparty.countries import CODES
from firstparty.dimensions import DIMENSIONS
from tests.driving import (
    BEACON,
    CHROME,
    KEY,
    NAVIGATION,
    AnalyticsMiddleware,
    api,
    ask,
    beacon,
    counting,
    request,
)

HEADER = "header:cf-ipcountry"


def run(scenario: Any) -> Any:
    return asyncio.run(scenario)


async def countries(app: AnalyticsMiddleware, metric: str) -> list[tuple[Any, ...]]:
    return sorted(await ask(app, [metric], "day", "country"))


def test_no_country_is_counted_unless_it_is_asked_for() -> None:
    async def scenario() -> None:
        app = counting()
        await request(app, headers={**NAVIGATION, "cf-ipcountry": "FR"})
        await beacon(app, {"e": "left", "u": "/", "t": 5, "z": "Europe/Paris"})
        status, answer = await api(
            app, "query", {"metrics": ["pageviews"], "date_range": "day", "dimensions": ["country"]}
        )
        assert status == 400, answer

    run(scenario())


@pytest.mark.parametrize(
    ("sent", "country"),
    [
        ("FR", "FR"),
        ("fr", "FR"),
        ("UK", "GB"),
        ("XX", "(unknown)"),
        ("T1", "(unknown)"),
        ("", "(unknown)"),
        (None, "(unknown)"),
        ("Europe/Paris", "FR"),
        ("FR, DE", "(unknown)"),
        ("anna@example.com", "(unknown)"),
        ("F" * 16_000, "(unknown)"),
        ("\xff\U0001f600", "(unknown)"),
    ],
)
def test_the_header_of_a_cdn_tells_the_country_of_a_view(sent: str | None, country: str) -> None:
    async def scenario() -> None:
        app = counting(country=HEADER)
        more = {} if sent is None else {"cf-ipcountry": sent}
        assert (await request(app, headers={**NAVIGATION, **more})).tally == "counted; visit"
        assert (await beacon(app, {"u": "/", "n": "route"}, {**BEACON, **more})).status == 204
        assert await countries(app, "pageviews") == [(country, 2)]

    run(scenario())


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Paris", "FR"),
        ("Asia/Calcutta", "IN"),
        ("US/Pacific", "US"),
        ("UTC", "(unknown)"),
        ("Etc/GMT+3", "(unknown)"),
        ("CET", "(unknown)"),
        ("Europe/Atlantis", "(unknown)"),
        ("europe/paris", "(unknown)"),
        ("anna@example.com", "(unknown)"),
        ("/" * 500, "(unknown)"),
    ],
)
def test_the_time_zone_of_a_browser_tells_the_country_of_a_measured_view(
    zone: str, country: str
) -> None:
    async def scenario() -> None:
        app = counting(country="timezone")
        assert (await beacon(app, {"e": "left", "u": "/", "t": 5, "z": zone})).tally == "counted"
        assert await countries(app, "measured") == [(country, 1)]

    run(scenario())


def test_a_browser_that_tells_no_zone_has_no_country() -> None:
    async def scenario() -> None:
        app = counting(country="timezone")
        for body in ({"z": ""}, {}):
            await beacon(app, {"e": "left", "u": "/", "t": 5, **body})
        assert await countries(app, "measured") == []
        assert await ask(app, ["measured"]) == [(2,)]

    run(scenario())


def test_a_zone_is_read_of_what_is_measured_alone() -> None:
    async def scenario() -> None:
        app = counting(country="timezone")
        await request(app, headers={**NAVIGATION, "cf-ipcountry": "FR"})
        for body in ({}, {"e": "event", "v": "signup"}, {"e": "missing"}):
            await beacon(app, {"u": "/", "z": "Europe/Paris", **body})
        assert await countries(app, "measured") == []

    run(scenario())


def test_a_country_is_crossed_with_the_page_by_the_month() -> None:
    async def scenario() -> None:
        app = counting(country="timezone")
        for zone in ("Europe/Paris", "Indian/Reunion"):
            for _ in range(12):
                await beacon(app, {"e": "left", "u": "/", "t": 5, "z": zone})
        rows = await ask(app, ["measured"], "month", "path", "country")
        assert sorted(rows) == [("/", "FR", 12), ("/", "RE", 12)]

    run(scenario())


@pytest.mark.parametrize("country", ["timezone", HEADER])
def test_the_text_itself_is_nowhere(
    country: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = ("Europe/Paris", "Europe/Zebulon", "zebulon@example.com")

    async def scenario() -> str:
        app = counting(country=country, store=f"sqlite:///{tmp_path}/stats.db", admit_after=1)
        for text in texts:
            for _ in range(12):
                await request(app, headers={**NAVIGATION, "cf-ipcountry": text})
                sent = {**BEACON, "cf-ipcountry": text}
                await beacon(app, {"e": "left", "u": "/", "t": 5, "z": text}, sent)
                await beacon(app, {"e": "event", "u": "/", "v": "a", "z": text}, sent)
        said = list[str]()
        for _ in range(2):
            metric = "measured" if country == "timezone" else "pageviews"
            assert ("FR", 12) in await countries(app, metric)
            for name in ("country", *(row.name for row in DIMENSIONS if row.alone)):
                row = app.analytics.counting.table[name]
                said.append(str(await ask(app, row.metrics, "day", name)))
            said.append(str(await api(app, "health")))
            page = await request(app, "/stats/privacy", {"authorization": KEY})
            said.append(page.body.decode())
            await app.flusher.flush()
        said.append(on_disk())  # while it is open, so with the log that is written ahead
        await app.flusher.stop()
        return "\n".join(said)

    def on_disk() -> str:
        return b"".join(file.read_bytes() for file in tmp_path.iterdir()).decode("latin-1")

    found = (run(scenario()) + on_disk() + caplog.text).lower()
    for text in ("europe/", "zebulon", "example.com"):
        assert text not in found


def test_countries_are_a_closed_list() -> None:
    async def scenario() -> None:
        app = counting(country=HEADER)
        for number in range(200):
            await request(app, headers={**NAVIGATION, "cf-ipcountry": f"{CHROME}{number}"})
        assert await countries(app, "pageviews") == [("(unknown)", 200)]

    run(scenario())
    assert len(CODES) == len(set(CODES)) < 260
