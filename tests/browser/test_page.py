"""The stats page in a real browser: what it shows, what it asks for, and that it says no error."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect
from serving import running
from showing import counted, filled, opened, panel


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the example site with three days of made-up traffic."""
    with filled(tmp_path_factory.mktemp("full") / "stats.db") as base:
        yield base


GROUPS: Final = [
    *("Pages", "Sources", "Places", "Devices", "Events"),
    *("Engagement", "Vitals", "Server", "Machines", "Coverage"),
]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 1200), ("light", 390)])
def test_every_group_with_counts_is_a_panel_and_nothing_is_wider_than_the_screen(
    browsers: dict[str, Browser], full: str, scheme: Any, width: int
) -> None:
    size = {"width": width, "height": 844}
    with opened(browsers["free"], full, color_scheme=scheme, viewport=size) as shown:
        expect(shown.page.locator("#panels h2")).to_have_text(GROUPS)
        assert shown.page.evaluate("document.documentElement.scrollWidth") == width
        expect(shown.page.locator("#heads .label").last).to_have_text("Events")


def test_a_site_without_events_has_one_quiet_line_and_is_not_asked_about_them(
    browsers: dict[str, Browser], tmp_path: Path
) -> None:
    app = counted(tmp_path / "stats.db", country=None)
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:157.0) Gecko/20100101 Firefox/157.0"}
    with running(app) as base:
        context = browsers["free"].new_context(extra_http_headers=agent)
        context.new_page().goto(f"{base}/pricing")
        context.close()
        with opened(browsers["free"], base) as shown:
            quiet = shown.page.locator("#folded summary").first
            expect(quiet).to_contain_text("Events, Engagement, Vitals, Machines")
            expect(quiet).to_contain_text("Countries, Flow")
            assert not {"event", "visible", "lcp", "machine"} & shown.questions
            quiet.click()
            expect(shown.page.locator("#folded p").first).to_contain_text("event()")
            shown.page.get_by_role("button", name="Pages: More").click()
            shown.page.get_by_role("button", name="Dead", exact=True).click()
            expect(shown.page.locator(".dead")).to_contain_text("/about")


def test_an_event_opens_its_properties_and_closes_what_is_not_kept_with_it(
    browsers: dict[str, Browser], full: str
) -> None:
    with opened(browsers["free"], full) as shown:
        panel(shown, "Events").get_by_role("button", name="Events", exact=True).click()
        shown.page.get_by_role("button", name="signup").click()
        expect(shown.page.locator("#panels h2")).to_have_text(["Pages", "Events"])
        shown.page.get_by_role("button", name="Properties").click()
        shown.page.get_by_role("button", name="plan=free").click()
        assert "filter=is:property:plan%3Dfree" in shown.page.url
        expect(shown.page.locator("#panels h2")).to_have_text(["Events"])
        shown.page.get_by_role("button", name="Remove the filter Event is signup").click()
        expect(shown.page.locator(".chip")).to_have_count(0)
        expect(shown.page.locator("#panels h2")).to_have_text(GROUPS)


def test_money_has_the_currency_of_its_row(browsers: dict[str, Browser], full: str) -> None:
    with opened(browsers["free"], full, "#tab=currency&filter=is:currency:EUR") as shown:
        expect(shown.page.locator("#heads .label").last).to_have_text("Amount")
        expect(shown.page.locator("#heads strong").last).to_contain_text("€")
        expect(shown.page.locator("#panels .row").first).to_contain_text("Euro")


def test_a_release_is_a_mark_that_the_read_out_names(
    browsers: dict[str, Browser], full: str
) -> None:
    with opened(browsers["free"], full, "#range=day") as shown:
        expect(shown.page.locator("path.mark")).to_have_count(1)
        shown.page.locator(".plot").hover()  # scrolls, if it must
        place = shown.page.locator("path.mark").bounding_box()
        assert place is not None
        shown.page.mouse.move(place["x"], place["y"] + 60)
        expect(shown.page.locator(".tip")).to_contain_text("09:00")
        expect(shown.page.locator(".tip")).to_contain_text("Release 2.0.0")


def test_goals_come_first_among_the_events_unless_there_is_a_filter(
    browsers: dict[str, Browser], full: str
) -> None:
    with opened(browsers["free"], full) as shown:
        events = panel(shown, "Events")
        expect(events.locator(".row").first).to_contain_text("Prices")
        events.get_by_role("button", name="Funnels").click()
        expect(events.locator("h3")).to_have_text(["From prices to a plan"])
        shown.page.get_by_role("button", name="/pricing").first.click()
        expect(events.get_by_role("button", name="Funnels")).to_have_count(0)
