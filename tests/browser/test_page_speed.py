"""A year of ten thousand pages is drawn at once, and stays fluid."""

import statistics
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from serving import running
from showing import counted, opened, panel, write

from firstparty.counts import Key
from firstparty.dimensions import COUNTRIES, DIMENSIONS
from firstparty.metrics import Vector, vector
from firstparty.minimise import PATH_MAX

PAGES = 10_000
TODAY = date(2026, 11, 24)
MOST_DRAWING = 300
"""Milliseconds from the answer to the drawn page."""
PATIENCE = 30_000
"""Milliseconds after which a test gives up on an answer: twenty thousand names are read for it."""
MOST_TASK = 200
"""Milliseconds for which the page may not answer a hand."""
WATCH = """
window.tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: "longtask", buffered: true });
const drawn = new MutationObserver(() => {
    const stats = document.getElementById("stats");
    if (!stats || stats.classList.contains("skeleton")) return;
    drawn.disconnect();
    window.asked = performance.getEntriesByName(new URL("api/query", location.href).href).length;
    requestAnimationFrame(() => requestAnimationFrame(() => { window.drawn = performance.now(); }));
});
drawn.observe(document, { attributes: true, childList: true, subtree: true });
"""
DRAWING = """() => {
    const [first] = performance.getEntriesByName(new URL("api/query", location.href).href);
    return window.drawn - first.responseEnd;
}"""


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """Answers about so much may take their time; what is measured is the page."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


def year() -> dict[Key, Vector]:
    counts = dict[Key, Vector]()

    def add(period: str, at: int, views: int, dimension: str = "", value: str = "") -> None:
        visits = views // 2
        numbers = {"pageviews": views, "visits": visits} if dimension != "source" else {}
        key = Key(period, at, dimension, value, "")  # type: ignore[arg-type]
        counts[key] = vector(**(numbers or {"visits": visits}))

    for back in range(400):
        day = TODAY - timedelta(days=back)
        add("day", day.year * 10_000 + day.month * 100 + day.day, PAGES + 37 * back % 900)
    for month in (*(202_500 + each for each in (11, 12)), *(202_600 + n for n in range(1, 12))):
        add("month", month, 30 * PAGES)
        for page in range(PAGES):
            add("month", month, 3 + page % 400, "path", f"/articles/{page}/of-some-length")
        for number in range(900):
            add("month", month, 10 + number, "source", f"source-{number}.example")
    return counts


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = tmp_path_factory.mktemp("large") / "stats.db"
    write(store, year())
    with running(counted(store)) as base:
        yield base


def test_a_year_of_ten_thousand_pages_is_drawn_in_time(
    browsers: dict[str, Browser], large: str
) -> None:
    drawing = list[float]()
    for _ in range(3):
        with opened(browsers["free"], large, "#range=12mo") as shown:
            shown.page.context.add_init_script(WATCH)
            shown.page.reload()
            expect(panel(shown, "Pages").locator("footer .link")).to_have_text("All 10,000")
            shown.page.wait_for_timeout(300)
            assert shown.page.evaluate("window.asked") == 1  # all of the first screen in one
            drawing.append(shown.page.evaluate(DRAWING))
    assert statistics.median(drawing) <= MOST_DRAWING, drawing


NAME = "of-a-length-that-no-line-has-room-for/" * 6
"""What makes a name as long as any may be."""


def bounds() -> dict[Key, Vector]:
    """A year in which every dimension has as many names as it may have, and long ones."""
    counts = dict[Key, Vector]()
    for back in range(400):
        day = TODAY - timedelta(days=back)
        at = day.year * 10_000 + day.month * 100 + day.day
        counts[Key("day", at, "", "", "")] = vector(pageviews=90_000, visits=40_000, events=900)
    for month in (202_512, 202_611):
        counts[Key("month", month, "", "", "")] = vector(
            pageviews=2_700_000, visits=1_200_000, events=27_000, ignored=9, requests=9
        )
        for row in (*DIMENSIONS, COUNTRIES):
            if "month" not in row.kept:
                continue
            names = row.values
            if names == "open":
                names = tuple(f"/{number}/{NAME}"[:PATH_MAX] for number in range(row.cap))
            for place, name in enumerate(names):
                numbers = vector(**dict.fromkeys(row.metrics, 20 + place % 700))
                counts[Key("month", month, row.name, name, "")] = numbers
    return counts


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = tmp_path_factory.mktemp("bounds") / "stats.db"
    write(store, bounds())
    with running(counted(store)) as base:
        yield base


def test_no_hand_waits_at_the_bounds_of_every_dimension(
    browsers: dict[str, Browser], full: str
) -> None:
    longest = list[float]()
    for _ in range(3):
        with opened(browsers["free"], full, "#range=12mo") as shown:
            page = shown.page
            page.context.add_init_script(WATCH)
            page.reload()
            pages = panel(shown, "Pages")
            expect(pages.locator("footer .link")).to_have_text("All 20,000", timeout=PATIENCE)
            pages.locator("footer .link").click()
            box = page.locator("dialog")
            expect(box.locator(".row")).to_have_count(50, timeout=PATIENCE)
            with page.expect_download(timeout=2 * PATIENCE) as taken:
                box.get_by_role("button", name="CSV").click()
            assert len(Path(taken.value.path()).read_text("utf-8-sig").splitlines()) == 20_001
            page.keyboard.press("Escape")
            page.get_by_role("button", name="More: share").click()
            with page.expect_download(timeout=4 * PATIENCE) as taken:
                page.get_by_role("button", name="Download CSV").click()
            table = Path(taken.value.path()).read_text("utf-8-sig").splitlines()
            assert sum(line.startswith("path,") and ",pageviews," in line for line in table) == (
                20_000
            )
            panel(shown, "Sources").get_by_role("button", name="Referrers").click()
            expect(panel(shown, "Sources").locator("footer .link")).to_have_text(
                "All 1,000", timeout=PATIENCE
            )
            longest.append(max(page.evaluate("window.tasks"), default=0))
    assert statistics.median(longest) <= MOST_TASK, longest


def test_no_hand_waits_while_a_year_is_looked_through(
    browsers: dict[str, Browser], large: str
) -> None:
    longest = list[float]()
    for _ in range(3):
        with opened(browsers["free"], large, "#range=12mo") as shown:
            page = shown.page
            page.context.add_init_script(WATCH)
            page.reload()
            pages = panel(shown, "Pages")
            expect(pages.locator("footer .link")).to_have_text("All 10,000")
            pages.get_by_role("button", name="Entry").click()
            expect(pages).not_to_have_class("waiting")
            pages.locator("footer .link").click()
            box = page.locator("dialog")
            expect(box.locator(".row")).to_have_count(50)
            box.get_by_role("button", name="Next").click()
            expect(box.locator(".shown")).to_have_text("51–100 of 10,000")
            box.get_by_role("searchbox").fill("999")
            expect(box.locator(".shown")).to_contain_text("of 19")
            box.get_by_role("button", name="Close").click()
            page.get_by_role("button", name="Days", exact=True).click()
            expect(page.locator(".chart caption")).to_contain_text("by day")
            longest.append(max(page.evaluate("window.tasks"), default=0))
    assert statistics.median(longest) <= MOST_TASK, longest
