"""The panel of third parties on the stats page: whose they are, on which pages, and who agreed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect
from serving import running
from showing import counted, opened, panel, write
from test_page_access import LOOKS, barriers
from test_page_hostile import HOSTILE, harmless

from firstparty import ThirdParty
from firstparty.counts import Key
from firstparty.metrics import ZERO, vector

MONTH: Final = 202611
ON: Final[dict[str, Any]] = {
    "exposure": "report",
    "accepted": (
        ThirdParty("fonts.example", purpose="our typeface", contract="DPA of 2026-03-01"),
    ),
}
PARTIES: Final[dict[str, tuple[int, int, dict[str, tuple[str, ...]]]]] = {
    "google-analytics.com": (20261123, 20261124, {"script": ("/checkout", "/"), "connect": ("/",)}),
    "pixel.example": (20261102, 20261103, {"image": ("/pricing",)}),
    "fonts.example": (20261102, 20261124, {"font": ("/",)}),
}
"""By host: the first and the last day of reports, and by kind of load the pages."""


def counts() -> dict[Key, Any]:
    found = {
        Key("day", 20261124, "", "", ""): vector(pageviews=900, visits=300, sampled=40, reports=97),
        Key("month", MONTH, "", "", ""): vector(pageviews=900, visits=300, sampled=40, reports=97),
        Key("month", MONTH, "third_party", "(unlisted)", ""): vector(reports=7),
    }
    for host, (first, last, loads) in PARTIES.items():
        for day in (first, last):
            found[Key("day", day, "third_party", host, "")] = vector(reports=15)
        found[Key("month", MONTH, "third_party", host, "")] = vector(reports=30)
        for kind, paths in loads.items():
            for path in paths:
                found[Key("crossed", MONTH, f"third_party_{kind}", host, path)] = ZERO
    return found


WHOSE: Final = "Google · analytics · scripts, connections0.75"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = tmp_path_factory.mktemp("parties") / "stats.db"
    write(store, counts(), **ON)
    with running(counted(store, **ON)) as base:
        yield base


def test_the_panel_tells_whose_they_are_what_they_get_and_who_agreed(
    browsers: dict[str, Browser], site: str
) -> None:
    with opened(browsers["free"], site) as shown:
        card = panel(shown, "Third parties")
        expect(card.locator(".party summary")).to_have_text(
            [
                "google-analytics.comnot acceptednew this week" + WHOSE,
                "pixel.examplenot acceptedcompany not known · images0.75",
                "fonts.exampleacceptedcompany not known · fonts0.75",
            ]
        )
        first = card.locator(".party").first
        first.locator("summary").click()
        about = first.locator(".about")
        expect(about).to_contain_text("what is typed into forms included")
        expect(about.locator("li")).to_have_text(
            ["/ – scripts, connections", "/checkout – scripts"]
        )
        expect(about).to_contain_text("30 reports, first seen 23 Nov 2026, last 24 Nov 2026")
        card.locator(".party summary").last.click()
        expect(card.locator(".party").last).to_contain_text("Purpose: our typeface")
        expect(card.locator(".party").last).to_contain_text("Contract: DPA of 2026-03-01")
        notes = card.locator(".notes summary")
        expect(notes).to_have_text(
            ["40 documents asked", "7 reports without a name", "Whose they are"]
        )
        card.get_by_role("button", name="Reports").click()
        expect(card.locator(".row")).to_have_text(  # of today
            ["fonts.example1515%", "google-analytics.com1515%"]
        )


def test_the_panel_speaks_french(browsers: dict[str, Browser], site: str) -> None:
    with opened(browsers["free"], site, locale="fr-FR") as shown:
        first = panel(shown, "Tiers").locator(".party").first
        expect(first.locator("summary")).to_contain_text(
            "Google · mesure d’audience · scripts, connexions"
        )
        first.locator("summary").click()
        expect(first).to_contain_text("Un script fait partie de la page")
        expect(first).to_contain_text("30 signalements, vu la première fois : 23 nov. 2026")


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_panel_has_no_barrier_and_is_no_wider_than_the_screen(
    browsers: dict[str, Browser], site: str, scheme: Any, width: int
) -> None:
    look: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 844}}
    with opened(browsers["free"], site, reduced_motion="reduce", **look) as shown:
        party = panel(shown, "Third parties").locator(".party")
        party.first.locator("summary").click()
        expect(party.first.locator(".about")).to_be_visible()
        assert barriers(shown.page) == []
        assert shown.page.evaluate("document.documentElement.scrollWidth") == width


def test_the_panel_says_that_there_is_none(browsers: dict[str, Browser], tmp_path: Path) -> None:
    store = tmp_path / "stats.db"
    write(store, {key: each for key, each in counts().items() if not key.dimension}, **ON)
    with (
        running(counted(store, **ON)) as base,
        opened(browsers["free"], base) as shown,
    ):
        card = panel(shown, "Third parties")
        expect(card).to_contain_text("No third party has been reported")
        expect(card).to_contain_text("40 documents asked")
        expect(shown.page.locator("#folded summary").first).not_to_contain_text("Third parties")


def test_where_nothing_is_reported_a_quiet_line_says_how(
    browsers: dict[str, Browser], tmp_path: Path
) -> None:
    store = tmp_path / "stats.db"
    write(store, {key: each for key, each in counts().items() if not key.dimension})
    with running(counted(store)) as base, opened(browsers["free"], base) as shown:
        expect(panel(shown, "Third parties")).to_have_count(0)
        quiet = shown.page.locator("#folded summary").first
        expect(quiet).to_contain_text("Third parties")
        quiet.click()
        expect(shown.page.locator("#folded")).to_contain_text('exposure="report"')


def test_hostile_names_are_inert_in_the_panel(browsers: dict[str, Browser], tmp_path: Path) -> None:
    found = counts()
    for text in HOSTILE:
        found[Key("month", MONTH, "third_party", text, "")] = vector(reports=5)
        found[Key("day", 20261124, "third_party", text, "")] = vector(reports=5)
        found[Key("crossed", MONTH, "third_party_script", text, text)] = ZERO
    write(tmp_path / "stats.db", found, **ON)
    size = {"width": 390, "height": 844}
    with (
        running(counted(tmp_path / "stats.db", **ON)) as base,
        opened(browsers["free"], base, viewport=size) as shown,
    ):
        party = panel(shown, "Third parties").locator(".party")
        expect(party).to_have_count(len(HOSTILE) + len(PARTIES))
        for each in party.all():
            each.locator("summary").click()
        harmless(shown.page)
