"""The numbers in the terminal, in a report and in an alert."""

from __future__ import annotations

import asyncio
import re
import shlex
from datetime import UTC, date, datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from firstparty import Analytics
from firstparty.cli import main, parser
from firstparty.figures import Figures, Panel, Total, figures, last
from firstparty.printed import bar, html, shown, text
from firstparty.reports import alert, judged, report
from tests.driving import NAVIGATION, PASSWORD, counting, request
from tests.serving import ROOT

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
"""A Monday."""
DAY = timedelta(days=1).total_seconds()


def filled(file: Path, views: dict[int, int]) -> None:
    """A store in which, so many days before that Monday, so many pages were viewed."""

    async def run() -> None:
        for ago, times in views.items():
            site = counting(
                store=f"sqlite:///{file}",
                site="example.org",
                listed=("/*",),
                clock=partial(float, NOON - ago * DAY),
            )
            for number in range(times):
                inside = {"sec-fetch-site": "same-origin"} if number % 2 else {}
                await request(site, f"/{number % 2}", NAVIGATION | inside)
            await site.flusher.stop()

    asyncio.run(run())


def analytics(file: Path) -> Analytics:
    return Analytics(
        store=f"sqlite:///{file}", site="example.org", password=PASSWORD, clock=lambda: NOON
    )


def asked(file: Path, what: Any, **options: Any) -> Any:
    async def run() -> Any:
        async with analytics(file) as found:
            return await what(found, **options)

    return asyncio.run(run())


def test_a_report_is_of_the_period_that_is_over() -> None:
    today = date(2026, 11, 23)
    assert last("day", today) == (date(2026, 11, 22), date(2026, 11, 22))
    assert last("week", today) == (date(2026, 11, 16), date(2026, 11, 22))
    assert last("week", date(2026, 11, 22)) == (date(2026, 11, 9), date(2026, 11, 15))
    assert last("month", today) == (date(2026, 10, 1), date(2026, 10, 31))


def test_a_weekly_report_has_the_weeks_numbers_beside_those_of_the_week_before(
    tmp_path: Path,
) -> None:
    filled(tmp_path / "stats.db", {0: 5, 1: 20, 3: 10, 9: 20})
    lines = asked(tmp_path / "stats.db", report).splitlines()
    assert lines[:5] == [
        "example.org, 2026-11-16 to 2026-11-22 (UTC)",
        "",
        "Page views                    30  +50 %",
        "Visits                        15  +50 %",
        "Views per visit              2.0  +0 %",
    ]
    assert f"2026-11-22  {'█' * 24}         20" in lines
    assert f"2026-11-20  {'█' * 12}                     10" in lines
    assert f"/0  {'█' * 24}         15" in lines
    assert f"Chrome  {'█' * 24}         30" in lines


def test_revenue_is_how_much_was_paid_and_not_how_often(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/stats.db"

    async def run() -> None:
        async with Analytics(store=store, site="example.org", clock=lambda: NOON - DAY) as found:
            for amount in (4200, 800):
                await found.event("renewal", amount=amount, currency="EUR")

    asyncio.run(run())
    lines = asked(tmp_path / "stats.db", report, period="day").splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("Revenue"))
    assert [" ".join(line.split()) for line in lines[place : place + 2]] == [
        "Revenue Smallest units",
        f"EUR {'█' * 24} 5,000",
    ]


class Reader(HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "img", "link", "iframe", "a"}:
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name in {"src", "href", "onload", "style"}]


HOSTILE = Figures(
    "<b>example.org",
    "UTC",
    date(2026, 11, 22),
    date(2026, 11, 22),
    (Total("Page views", "count", 1234, 0), Total("Bounce rate", "percent", 40.5, 50.0)),
    (),
    (Panel("Pages", "Page views", (("<script>x\x1b[2J\u202e", 3), ("/" + "a" * 60, 1))),),
)


def test_a_report_as_html_loads_nothing_and_runs_nothing_of_what_a_visitor_wrote() -> None:
    page = html(HOSTILE)
    reader = Reader()
    reader.feed(page)
    assert reader.found == []
    assert "&lt;script&gt;x?[2J?" in page
    assert "<b>" not in page


def test_a_terminal_does_not_obey_what_a_visitor_wrote() -> None:
    lines = text(HOSTILE).splitlines()
    assert all(line.isprintable() for line in lines)
    assert lines[2:4] == [
        "Page views                 1,234",
        "Bounce rate               40.5 %  -9.5 points",
    ]
    assert shown("/" + "a" * 60) == f"/{'a' * 38}…"
    assert text(HOSTILE, plain=True).isascii()


@pytest.mark.parametrize(
    ("number", "largest", "drawn"),
    [(0, 0, ""), (0, 9, ""), (9, 9, "█" * 24), (1, 48, "▌"), (3, 8, "█" * 9)],
)
def test_a_bar_is_as_long_as_its_number(number: int, largest: int, drawn: str) -> None:
    assert bar(number, largest) == drawn


def test_a_site_without_counts_has_a_report() -> None:
    found = asyncio.run(report(Analytics(store="memory://", public=True), "month", "html"))
    assert "Page views" in found


SUNDAYS = [date(2026, 11, 22) - timedelta(days=7 * week) for week in range(5)]


@pytest.mark.parametrize(
    ("views", "sentence"),
    [
        ([500, 100, 120, 80, 100], "more than usual: the Sundays before had 100"),
        ([20, 100, 120, 80, 100], "fewer than usual: the Sundays before had 100"),
        ([0, 100, 120, 80, 100], "fewer than usual"),
        ([150, 100, 120, 80, 100], None),
        ([40, 4, 5, 6, 5], None),
        ([500, 100], None),
        ([500], None),
    ],
)
def test_a_day_that_is_unlike_the_same_days_before_is_told(
    views: list[int], sentence: str | None
) -> None:
    told = judged(SUNDAYS[0], dict(zip(SUNDAYS, views, strict=False)), 2.0, 0.5, 50)
    assert (told and sentence and sentence in told) or (told, sentence) == (None, None)


def test_an_alert_reads_the_days_of_the_store(tmp_path: Path) -> None:
    file = tmp_path / "stats.db"
    filled(file, {1: 40, 8: 10, 15: 10})
    assert asked(file, alert, least=20) == (
        "2026-11-22 had 40 page views, more than usual: the Sundays before had 10"
    )
    assert asked(file, alert) is None


def test_the_commands_print_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stats.db"
    filled(file, {0: 4, 1: 6})
    asked = ["--store", str(file)]
    assert main(["stats", "2026-11-22..2026-11-23", "--most", "1", *asked]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("example.org, 2026-11-22 to 2026-11-23 (UTC)\n\nPage views")
    assert "/0" in printed
    assert "/1" not in printed
    assert main(["report", "--period", "month", "--format", "html", *asked]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>\n")
    assert main(["alert", *asked]) == 0
    assert capsys.readouterr().out == ""
    assert main(["stats", "2026-11-22", *asked]) == 0
    assert capsys.readouterr().out.startswith("example.org, 2026-11-22 (UTC)")
    today = date.today().isoformat()
    assert main(["stats", "today", *asked]) == 0
    assert today in capsys.readouterr().out.splitlines()[0]
    assert main(["stats", "day", *asked]) == 0  # as the API calls it
    assert today in capsys.readouterr().out.splitlines()[0]
    assert main(["stats", "yesteryear", *asked]) == 2
    assert "'yesteryear' is no range: write today, 7d," in capsys.readouterr().err


def test_a_day_that_has_just_begun_is_not_set_beside_one_that_is_over(tmp_path: Path) -> None:
    file = tmp_path / "stats.db"
    filled(file, {0: 1, 1: 40, 2: 30})

    async def compared(found: Analytics, date_range: object) -> list[tuple[str, Any, Any]]:
        shown = await figures(found.counting, date_range)
        return [(each.label, each.now, each.before) for each in shown.totals][:1]

    assert asked(file, compared, date_range="day") == [("Page views", 1, None)]
    yesterday = ["2026-11-22", "2026-11-22"]
    assert asked(file, compared, date_range=yesterday) == [("Page views", 40, 30)]


def test_the_page_about_reports_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs/how-to/reports.md").read_text()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTPARTY_PASSWORD", PASSWORD)
    filled(tmp_path / "stats.db", {1: 3})
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    sent: list[str] = []
    names: dict[str, Any] = {"send_mail": lambda subject, body: sent.append(body)}
    exec(block, names)  # noqa: S102 - it is our own page
    asyncio.run(names["every_monday"]())
    assert sent[0].startswith("<!doctype html>")
    lines = re.findall(r"firstparty ((?:stats|report|alert).*?)(?: [>|]|$)", page, re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        parser().parse_args(shlex.split(line, comments=True))
