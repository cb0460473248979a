"""Texts that mean harm, in every name that the page shows: inert there, in links and in files."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect
from serving import running
from showing import counted, opened, panel, write

from firstparty import Funnel, Goal
from firstparty.counts import Key
from firstparty.dimensions import DIMENSIONS
from firstparty.metrics import vector

HOSTILE: Final = (
    "<img src=x onerror=window.harmed=1>",
    '"><script>window.harmed=1</script>',
    "'-alert(1)-'",
    "</title><svg onload=window.harmed=1>",
    "javascript:window.harmed=1",
    "data:text/html,<script>window.harmed=1</script>",
    "//evil.example/x",
    "https://evil.example/",
    "\u202egpj.exe",
    "\u2066a\u2067b",
    "a\u0000b\u0007c\u001b[31m",
    "one\r\nSet-Cookie: two=3",
    '=HYPERLINK("https://evil.example")',
    "@SUM(1)",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "\t=1",
    "＝1",
    "__proto__",
    "constructor",
    "toString",
    "${7*7}{{7*7}}",
    "%3Cscript%3E",
    "a|b\\c:d&e=f#g",
    "../../etc/passwd",
    "مرحبا بالعالم",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "👩‍👩‍👧‍👦" * 20,
    "x" * 2_000,
    "w o r d " * 250,
)
DAY, MONTH = 20261124, 202611
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝")


def counts() -> dict[Key, Any]:
    """Each text in each open dimension, as if the door before the store had let it in."""
    every = vector(pageviews=900, visits=300, confirmed=800, confirmed_visits=200, events=60)
    found = {Key(period, at, "", "", ""): every for period, at in (("day", DAY), ("month", MONTH))}
    for row in DIMENSIONS:
        if row.values != "open":
            continue
        for number, text in enumerate(HOSTILE):
            numbers = vector(**dict.fromkeys(row.metrics, 30 + number))
            for period, at in (("day", DAY), ("month", MONTH)):
                if period in row.kept:
                    found[Key(period, at, row.name, text, "")] = numbers
            if "crossed" in row.kept:
                found[Key("crossed", MONTH, row.name, text, HOSTILE[0])] = numbers
    return found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = tmp_path_factory.mktemp("hostile") / "stats.db"
    goals = tuple(Goal(text[:60].strip(), path="/x") for text in HOSTILE[:6])
    settings: dict[str, Any] = {
        "goals": goals,
        "funnels": (Funnel(goals[0].name, steps=(goals[1].name, goals[2].name)),),
    }
    write(store, counts(), **settings)
    with running(counted(store, **settings)) as base:
        yield base


MADE: Final = "img, script, iframe, object, embed, form[action], base, image, foreignObject"


def harmless(page: Any) -> None:
    assert page.evaluate("window.harmed === undefined")
    assert page.locator("body").locator(MADE).count() == 0
    hrefs = page.evaluate("[...document.querySelectorAll('[href]')].map((e) => e.href)")
    outside = [href for href in hrefs if not href.startswith(page.url.partition("/stats/")[0])]
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1200, 390])
def test_hostile_names_are_inert_in_every_panel(
    browsers: dict[str, Browser], hostile: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    with opened(browsers["free"], hostile, "#range=day", viewport=size) as shown:
        page = shown.page
        for name in ("Pages", "Sources", "Events"):
            card = panel(shown, name)
            views = [view.strip() for view in card.locator(".tab").all_text_contents()]
            for view in views:
                card.get_by_role("button", name=view, exact=True).first.click()
                expect(card.locator(".row, .calm").first).to_be_attached()
                harmless(page)
        # A filter by each: chips, the address, the way back.
        for number in range(8):
            panel(shown, "Pages").locator("button.row").nth(number).click()
            expect(page.locator(".chip")).to_have_count(1)
            harmless(page)
            url = page.url
            page.reload()
            expect(page.locator(".chip")).to_have_count(1)
            assert page.url == url
            page.locator(".chip .cross").click()
            expect(page.locator(".chip")).to_have_count(0)


def test_hostile_names_are_inert_in_dialogs_and_files(
    browsers: dict[str, Browser], hostile: str, tmp_path: Path
) -> None:
    with opened(browsers["free"], hostile, "#range=day") as shown:
        page = shown.page
        panel(shown, "Pages").locator("footer .link").click()
        box = page.locator("dialog")
        expect(box.locator(".row")).to_have_count(len(HOSTILE))
        harmless(page)
        with page.expect_download() as taken:
            box.get_by_role("button", name="CSV").click()
        name = taken.value.suggested_filename
        assert name == "fennel.example-path-2026-11-24-2026-11-24.csv"
        taken.value.save_as(tmp_path / "list.csv")
        with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) == 1 + len(HOSTILE)
        assert {len(row) for row in rows} == {len(rows[0])}
        names = [row[0] for row in rows[1:]]
        assert [each for each in names if each.lstrip(" \0").startswith(FORMULAS)] == []
        assert {each.removeprefix("'") for each in names} == {
            each.removeprefix("'") for each in HOSTILE
        }
        page.keyboard.press("Escape")

        page.get_by_role("button", name="Filter", exact=True).click()
        expect(box.locator(".names button")).to_have_count(30)
        harmless(page)
        box.locator(".names button").first.click()
        box.get_by_role("button", name="Show").click()
        expect(page.locator(".chip")).to_have_count(1)


def test_hostile_notes_and_names_of_links_are_inert(
    browsers: dict[str, Browser], hostile: str
) -> None:
    with opened(browsers["free"], hostile, "#range=day") as shown:
        page = shown.page
        expect(page.get_by_role("button", name="More: share")).to_be_visible()
        box = page.locator("dialog")
        for text in HOSTILE[:4]:
            page.keyboard.press("n")
            box.get_by_label("Note", exact=True).fill(text)
            box.get_by_role("button", name="Add note").click()
            expect(box.locator(".line", has_text=text[:20])).to_have_count(1)
            page.keyboard.press("Escape")
            expect(box).to_have_count(0)
        page.keyboard.press("s")
        box.get_by_label("For whom").fill(HOSTILE[0])
        box.get_by_role("button", name="Make a link").click()
        expect(box.locator("bdi")).to_have_text([HOSTILE[0]])
        harmless(page)


@pytest.mark.parametrize(
    "fragment",
    [
        "#filter=is:path:%3Cimg%20src=x%20onerror=window.harmed=1%3E",
        "#filter=is:__proto__:x&tab=__proto__&metric=__proto__",
        "#metric=constructor&tab=constructor&by=toString",
        "#range=javascript:1&compare=9999-99-99~0000-00-00",
        "#lang=../&link=../../../../etc/passwd",
        "#lang=constructor",
        "#filter=" + "is:path:" + "%7C".join(map(str, range(3000))),
        "#%E0%A4%A&&&===&filter",
    ],
)
def test_hostile_addresses_open_a_page(
    browsers: dict[str, Browser], hostile: str, fragment: str
) -> None:
    with opened(browsers["free"], hostile, fragment) as shown:
        harmless(shown.page)
        shown.wrong = [each for each in shown.wrong if "400" not in each]
