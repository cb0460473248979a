"""Years that are as large as may be, and what a person does with the page that shows one.

The tests see that all of it is there; `scripts/bench page` measures how long a hand waits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, expect
from serving import running
from showing import Shown, counted, opened, panel, write

from firstparty.counts import Key
from firstparty.dimensions import COUNTRIES, DIMENSIONS
from firstparty.metrics import Vector, vector
from firstparty.minimise import PATH_MAX

PAGES = 10_000
TODAY = date(2026, 11, 24)
PATIENCE = 30_000
"""Milliseconds after which nobody waits for an answer: twenty thousand names are read for it."""
WATCH = """
window.tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: "longtask", buffered: true });
const drawn = new MutationObserver(() => {
    const stats = document.getElementById("stats");
    if (!stats || stats.classList.contains("skeleton")) return;
    drawn.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => { window.drawn = performance.now(); }));
});
drawn.observe(document, { attributes: true, childList: true, subtree: true });
"""
DRAWING = """() => {
    const [first] = performance.getEntriesByName(new URL("api/query", location.href).href);
    return window.drawn - first.responseEnd;
}"""
ASKED = """() => performance.getEntriesByName(new URL("api/query", location.href).href).length"""


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


@contextmanager
def served(counts: Callable[[], dict[Key, Vector]]) -> Iterator[str]:
    """The address of a site with these counts."""
    with TemporaryDirectory() as folder:
        store = Path(folder) / "stats.db"
        write(store, counts())
        with running(counted(store)) as base:
            yield base


@contextmanager
def watched(browser: Browser, base: str) -> Iterator[Shown]:
    """The page of twelve months, drawn while a clock runs: `DRAWING`, and `tasks` of the window."""
    expect.set_options(timeout=PATIENCE)
    try:
        with opened(browser, base, "#range=12mo") as shown:
            shown.page.context.add_init_script(WATCH)
            shown.page.reload()
            while not shown.page.evaluate("window.drawn"):  # what waits for it would be `eval`
                shown.page.wait_for_timeout(50)
            yield shown
    finally:
        expect.set_options(timeout=5_000)


def draw(shown: Shown) -> None:
    """Wait until the page stands."""
    expect(panel(shown, "Pages").locator("footer .link")).to_have_text("All 10,000")


def look_through(shown: Shown) -> None:
    """Go through lists of a year of ten thousand pages: tabs, all of it, search, another grain."""
    page = shown.page
    pages = panel(shown, "Pages")
    draw(shown)
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


def take_all(shown: Shown) -> None:
    """Take everything away as CSV where every dimension has as many names as it may have."""
    page = shown.page
    pages = panel(shown, "Pages")
    expect(pages.locator("footer .link")).to_have_text("All 20,000")
    pages.locator("footer .link").click()
    box = page.locator("dialog")
    expect(box.locator(".row")).to_have_count(50)
    with page.expect_download(timeout=2 * PATIENCE) as taken:
        box.get_by_role("button", name="CSV").click()
    assert len(Path(taken.value.path()).read_text("utf-8-sig").splitlines()) == 20_001
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More: share").click()
    with page.expect_download(timeout=4 * PATIENCE) as taken:
        page.get_by_role("button", name="Download CSV").click()
    table = Path(taken.value.path()).read_text("utf-8-sig").splitlines()
    assert sum(line.startswith("path,") and ",pageviews," in line for line in table) == 20_000
    panel(shown, "Sources").get_by_role("button", name="Referrers").click()
    expect(panel(shown, "Sources").locator("footer .link")).to_have_text("All 1,000")
