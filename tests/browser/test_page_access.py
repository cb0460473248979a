"""The stats page has no barrier that axe-core finds: light and dark, desktop and phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from serving import PASSWORD, running
from showing import counted, filled, opened


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with filled(tmp_path_factory.mktemp("full") / "stats.db") as base:
        yield base


def barriers(page: Page) -> list[Any]:
    """What axe-core calls a violation: the rule, and where."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]


LOOKS = [("light", 1200), ("dark", 1200), ("light", 390), ("dark", 390)]


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_page_and_each_of_its_dialogs_have_no_barrier(
    browsers: dict[str, Browser], full: str, scheme: Any, width: int
) -> None:
    look: dict[str, Any] = {
        "color_scheme": scheme,
        "viewport": {"width": width, "height": 844},
        "reduced_motion": "reduce",
    }
    with opened(browsers["free"], full, "#filter=is:path:/pricing", **look) as shown:
        page = shown.page
        expect(page.get_by_text("? for shortcuts")).to_be_visible()
        assert barriers(page) == []
        page.locator(".chip .cross").click()
        expect(page.locator(".chip")).to_have_count(0)
        expect(page.locator("#stats:not([aria-busy])")).to_be_visible()
        page.wait_for_timeout(100)
        assert barriers(page) == []
        box = page.locator("dialog")
        for key in "?fns":
            page.keyboard.press(key)
            expect(box).to_be_visible()
            page.wait_for_timeout(200)
            assert (key, barriers(page)) == (key, [])
            page.keyboard.press("Escape")
            expect(box).to_have_count(0)
        page.get_by_role("button", name="Period: ").click()
        assert barriers(page) == []
        page.get_by_role("button", name="Choose dates…").click()
        expect(box).to_be_visible()
        assert barriers(page) == []
        page.keyboard.press("Escape")
        page.locator(".panel footer .link").first.click()
        expect(box.locator(".row").first).to_be_visible()
        assert barriers(page) == []


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_first_run_has_no_barrier(
    browsers: dict[str, Browser], tmp_path: Path, scheme: Any, width: int
) -> None:
    with running(counted(tmp_path / "stats.db")) as base:
        context = browsers["free"].new_context(
            http_credentials={"username": "any", "password": PASSWORD},
            color_scheme=scheme,
            viewport={"width": width, "height": 844},
        )
        try:
            page = context.new_page()
            page.goto(f"{base}/stats/")
            expect(page.locator(".first")).to_be_visible()
            assert barriers(page) == []
        finally:
            context.close()
