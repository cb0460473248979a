"""What a person does on the stats page: filters, dates, notes, links, downloads, keys, print."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from serving import PASSWORD, running
from showing import Shown, counted, filled, opened, panel
from starlette.applications import Starlette
from starlette.routing import Mount

from firstparty import AnalyticsMiddleware, Dimension


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with filled(tmp_path_factory.mktemp("full") / "stats.db") as base:
        yield base


@pytest.fixture
def browser(browsers: dict[str, Browser]) -> Browser:
    return browsers["free"]


def press(shown: Shown, key: str) -> None:
    """A key of the page, once its shortcuts are there."""
    expect(shown.page.get_by_role("button", name="More: share")).to_be_visible()
    expect(shown.page.locator("dialog")).to_have_count(0)
    shown.page.keyboard.press(key)


def row(card: Locator, name: str) -> Locator:
    return card.locator("button.row", has=card.page.get_by_text(name, exact=True))


def chosen(page: Page) -> str:
    return page.url.partition("#")[2]


# Filters.


def test_rows_are_chosen_one_by_one_or_several_and_the_chip_says_it(
    browser: Browser, full: str
) -> None:
    with opened(browser, full) as shown:
        pages = panel(shown, "Pages")
        row(pages, "/pricing").click()
        expect(shown.page.locator(".chip")).to_have_text(["Page is /pricing"])
        row(pages, "/app/").click(modifiers=["Control"])
        expect(shown.page.locator(".chip")).to_have_text(["Page is /pricing or /app/"])
        assert chosen(shown.page) == "filter=is:path:/pricing%7C/app/"
        row(pages, "/pricing").click(modifiers=["Control"])
        expect(shown.page.locator(".chip")).to_have_text(["Page is /app/"])
        shown.page.go_back()
        expect(shown.page.locator(".chip")).to_have_text(["Page is /pricing or /app/"])


def test_a_filter_is_made_changed_and_taken_away_in_its_editor(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        page = shown.page
        page.get_by_role("button", name="Filter", exact=True).click()
        editor = page.locator("dialog")
        editor.get_by_label("How").select_option("contains")
        editor.get_by_label("Type a value").fill("blog")
        expect(editor.locator(".names li").first).to_contain_text("/blog")
        editor.get_by_role("button", name="Show").click()
        expect(page.locator(".chip")).to_have_text(["Page contains blog"])
        assert chosen(page) == "filter=contains:path:blog"

        page.get_by_role("button", name="Change the filter").click()
        editor.get_by_label("What").select_option("browser")
        editor.get_by_label("How").select_option("is_not")
        editor.locator(".names button", has_text="Firefox").click()
        editor.locator(".names button", has_text="Safari").click()
        editor.get_by_role("button", name="Show").click()
        expect(page.locator(".chip")).to_have_text(["Browser is not Firefox or Safari"])

        page.get_by_role("button", name="Change the filter").click()
        editor.get_by_role("button", name="Remove this filter").click()
        expect(page.locator(".chip")).to_have_count(0)


def test_a_headline_has_no_number_of_the_whole_site_beside_a_filter(
    browser: Browser, full: str
) -> None:
    with opened(browser, full) as shown:
        heads = shown.page.locator(".head .label")
        expect(heads.last).to_have_text("Events")
        panel(shown, "Pages").locator(".row").first.click()
        with opened(browser, full, shown.page.evaluate("location.hash")) as anew:
            expect(anew.page.locator(".head strong").first).not_to_have_text("–")
            assert (
                heads.all_text_contents() == anew.page.locator(".head .label").all_text_contents()
            )


def test_what_is_not_kept_with_a_filter_says_why(browser: Browser, full: str) -> None:
    with opened(browser, full, "#filter=is:event:signup") as shown:
        shown.page.locator("#folded summary", has_text="Not kept with this filter").click()
        expect(shown.page.locator("#folded p").last).to_contain_text("no combination")


def test_small_crossed_counts_are_called_withheld_and_never_nothing(
    browser: Browser, full: str
) -> None:
    with opened(browser, full, "#filter=is:path:/no-such-page") as shown:
        expect(panel(shown, "Devices").locator(".calm")).to_contain_text("Too small to show")
        expect(panel(shown, "Devices").locator(".calm")).to_contain_text("withheld")


def test_the_pages_around_a_page_are_its_flow(browser: Browser, full: str) -> None:
    with opened(browser, full, "#filter=is:path:/pricing") as shown:
        flow = panel(shown, "Flow")
        expect(flow.locator(".tab")).to_have_text(["Came from", "Went to"])
        flow.get_by_role("button", name="Went to").click()
        flow.locator("button.row").first.click()
        expect(shown.page.locator(".chip")).not_to_have_text(["Page is /pricing"])


# Dates.


def test_a_range_is_chosen_in_a_calendar_and_stepped(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        page = shown.page
        page.get_by_role("button", name="Period: ").click()
        page.get_by_role("button", name="Choose dates…").click()
        page.get_by_role("button", name="22 Nov 2026", exact=True).click()
        page.get_by_role("button", name="23 Nov 2026", exact=True).click()
        page.locator("dialog").get_by_role("button", name="Show").click()
        expect(page.get_by_role("button", name="Period: ")).to_contain_text("22")
        assert chosen(page) == "range=2026-11-22~2026-11-23"
        page.get_by_role("button", name="Period after").click()
        assert chosen(page) == "range=2026-11-23~2026-11-24"


def test_the_calendar_is_walked_by_keys(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        page = shown.page
        page.get_by_role("button", name="Period: ").click()
        page.get_by_role("button", name="Choose dates…").click()
        page.get_by_role("button", name="24 Nov 2026", exact=True).focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        page.locator("dialog").get_by_role("button", name="Show").click()
        expect(page.locator("dialog")).to_have_count(0)
        assert chosen(page) == "range=2026-11-22~2026-11-23"


def test_a_week_begins_on_sunday_where_the_readers_does(browser: Browser, full: str) -> None:
    for locale, first in (("en-US", "Sun"), ("en-GB", "Mon")):
        with opened(browser, full, locale=locale) as shown:
            shown.page.get_by_role("button", name="Period: ").click()
            shown.page.get_by_role("button", name="Choose dates…").click()
            expect(shown.page.locator(".month th").first).to_have_text(first)


def test_a_comparison_is_the_period_before_the_year_before_or_other_dates(
    browser: Browser, full: str
) -> None:
    with opened(browser, full, "#range=day") as shown:
        page = shown.page
        menu = page.get_by_role("button", name="Comparison: ")
        menu.click()
        page.get_by_role("button", name="vs. year before").click()
        assert "compare=previous_year" in chosen(page)
        menu.click()
        page.get_by_role("button", name="Choose dates…").click()
        page.locator("dialog").get_by_label("From").fill("2026-11-22")
        page.locator("dialog").get_by_label("To").fill("2026-11-22")
        page.locator("dialog").get_by_role("button", name="Show").click()
        expect(menu).to_contain_text("22 Nov")
        assert "compare=2026-11-22~2026-11-22" in chosen(page)
        expect(page.locator("#legend")).to_contain_text("22 November")


def test_a_day_is_drawn_whole_beside_the_whole_day_before(browser: Browser, full: str) -> None:
    with opened(browser, full, "#range=day") as shown:
        expect(shown.page.locator(".chart tbody tr")).to_have_count(24)
        cells = shown.page.locator(".chart tbody tr").last.locator("td")
        expect(cells.first).to_have_text("–")
        expect(cells.last).to_have_text(re.compile(r"^\d+$"))
        expect(shown.page.locator(".head .note").nth(1)).to_contain_text("before")


def test_any_headline_number_is_charted_and_its_interval_chosen(
    browser: Browser, full: str
) -> None:
    with opened(browser, full, "#range=7d") as shown:
        for nth in range(shown.page.locator(".head").count()):
            head = shown.page.locator(".head").nth(nth)
            head.click()
            expect(head).to_have_attribute("aria-pressed", "true")
            name = head.locator(".label").text_content() or ""
            expect(shown.page.locator(".chart caption")).to_contain_text(name)
        shown.page.get_by_role("button", name="Hours").click()
        expect(shown.page.locator(".chart caption")).to_contain_text("by hour")
        assert chosen(shown.page) == "range=7d&by=hour&metric=events"


# Tabs and lists.


def test_every_tab_of_every_panel_shows_something(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        seen = 0
        for card in shown.page.locator(".panel").all():
            names = [name for name in card.locator(".tab").all_text_contents() if name]
            if card.locator(".tabs .menu").count():
                names += card.locator(".choices button").all_text_contents()
            for name in names:
                if card.locator(".tabs").get_by_text(name, exact=True).count() == 0 or not (
                    card.locator(".tabs").get_by_text(name, exact=True).first.is_visible()
                ):
                    card.locator(".tabs .menu > button").click()
                card.locator(".tabs").get_by_text(name, exact=True).first.click()
                expect(card).not_to_have_class(re.compile("waiting"))
                what = card.locator(".row, .dead li, .calm:not([hidden])").first
                expect(what).to_be_visible()
                expect(card).not_to_contain_text("could not be loaded")
                seen += 1
        assert seen >= 30


@pytest.mark.parametrize(
    ("tab", "card", "first", "columns"),
    [
        ("events:goals", "Events", "Prices", ["name", "count", "conversion"]),
        ("events:funnels", "Events", "Prices", ["table", "name", "count", "from_before"]),
        ("pages:slow", "Pages", "/", ["name", "p75_ms", "p95_ms"]),
    ],
)
def test_all_of_a_tab_that_no_query_answers_is_searched_sorted_and_taken_away(
    browser: Browser, full: str, tab: str, card: str, first: str, columns: list[str]
) -> None:
    with opened(browser, full, f"#tab={tab}") as shown:
        panel(shown, card).locator("footer .link").click()
        box = shown.page.locator("dialog")
        expect(box.locator(".row").first).to_contain_text(first)
        whole = box.locator(".row").count()
        if tab != "events:funnels":  # whose steps stand in their order
            numbers = box.locator(".row .number:first-child")
            last = numbers.last.text_content()
            sort = box.locator(".columns button").first
            sort.click()
            expect(sort).to_have_class(re.compile("asc"))
            if tab == "pages:slow":
                expect(numbers.first).to_have_text(last or "")
        with shown.page.expect_download() as taken:
            box.get_by_role("button", name="CSV").click()
        rows = list(csv.reader(Path(taken.value.path()).read_text("utf-8-sig").splitlines()))
        assert rows[0][: len(columns)] == columns
        assert len(rows) == 1 + whole
        box.get_by_role("searchbox").fill("no such name")
        expect(box.locator(".row")).to_have_count(0)
        expect(box.locator(".calm")).to_contain_text("No name contains")


def test_goals_say_how_they_changed(browser: Browser, full: str) -> None:
    compared = "#range=2026-11-24~2026-11-24&compare=2026-11-23~2026-11-23"
    with opened(browser, full, "#range=2026-11-23~2026-11-23&tab=events:goals") as shown:
        cells = panel(shown, "Events").locator(".moved")
        expect(cells.first).to_have_text(re.compile(r"^([+−±]\d+%|×\d.*|new)$"))
    with opened(browser, full, f"{compared}&tab=events:goals") as shown:
        expect(panel(shown, "Events").locator(".row").first).to_contain_text("Prices")
        expect(panel(shown, "Events").locator(".moved")).to_have_count(0)


def test_slow_pages_are_ranked_by_how_long_the_server_took(browser: Browser, full: str) -> None:
    with opened(browser, full, "#tab=pages:slow") as shown:
        card = panel(shown, "Pages")
        expect(card.locator(".columns").last).to_contain_text("75% within")
        expect(card.locator(".row").first).to_contain_text(re.compile(r"/.* ms"))
        card.get_by_text("By whole months").click()
        expect(card.locator(".notes p").first).to_contain_text("by the calendar month only")


def test_a_dimension_of_ones_own_is_a_panel_by_itself(browser: Browser, tmp_path: Path) -> None:
    plan = Dimension(
        name="plan",
        values=("free", "team"),
        group="Customers",
        source=lambda seen: "team",
        told="Which plan the page was viewed under.",
    )
    app = counted(tmp_path / "stats.db", dimensions=[plan])
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:157.0) Gecko/20100101 Firefox/157.0"
    with running(app) as base:
        visitor = browser.new_context(extra_http_headers={"User-Agent": agent})
        visitor.new_page().goto(f"{base}/pricing")
        visitor.close()
        with opened(browser, base) as shown:
            expect(panel(shown, "Customers").locator(".row")).to_contain_text("team")
            panel(shown, "Customers").locator(".row").click()
            expect(shown.page.locator(".chip")).to_have_text(["Plan is team"])


def test_a_list_is_searched_sorted_and_paged(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        shown.page.get_by_role("button", name=re.compile("^All .*: Pages")).click()
        box = shown.page.locator("dialog")
        expect(box.locator(".row").first).to_contain_text("/")
        box.get_by_role("button", name="Sort by Visits").click()
        expect(box.get_by_role("button", name="Sort by Visits")).to_have_class(re.compile("desc"))
        box.get_by_role("button", name="Sort by Visits").click()
        expect(box.get_by_role("button", name="Sort by Visits")).to_have_class(re.compile("asc"))
        box.get_by_role("searchbox").fill("docs")
        expect(box.locator(".row").first).to_contain_text("docs")
        box.get_by_role("button", name="Filter the page by “docs”").click()
        expect(shown.page.locator(".chip")).to_have_text(["Page contains docs"])


# Taking away.


def test_a_list_and_everything_are_taken_away_as_csv_and_json(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        page = shown.page
        page.get_by_role("button", name=re.compile("^All .*: Pages")).click()
        with page.expect_download() as taken:
            page.locator("dialog").get_by_role("button", name="CSV").click()
        assert taken.value.suggested_filename == "fennel.example-path-2026-10-26-2026-11-24.csv"
        rows = list(csv.reader(Path(taken.value.path()).read_text("utf-8-sig").splitlines()))
        assert rows[0][:3] == ["path", "pageviews", "visits"]
        assert rows[1][0] == "/"
        page.keyboard.press("Escape")

        for name, read in (("Download CSV", _long), ("Download JSON", _answers)):
            page.get_by_role("button", name="More: share").click()
            with page.expect_download() as taken:
                page.get_by_role("button", name=name).click()
            tables = read(Path(taken.value.path()))
            assert {"totals", "series", "path", "browser", "machine", "lcp"} <= tables
            assert {"pages:slow", "events:goals", "events:funnels"} <= tables


def _long(file: Path) -> set[str]:
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["table", "name", "metric", "value"]
    return {row[0] for row in rows[1:]}


def _answers(file: Path) -> set[str]:
    return set(json.loads(file.read_text())["answers"])


# Notes and links.


def test_a_note_is_added_edited_and_deleted(browser: Browser, tmp_path: Path) -> None:
    with filled(tmp_path / "stats.db") as base, opened(browser, base) as shown:
        page = shown.page
        expect(page.locator("path.mark")).to_have_count(1)
        press(shown, "n")
        box = page.locator("dialog")
        box.get_by_label("Day").fill("2026-11-23")
        box.get_by_label("Note", exact=True).fill("Campaign started")
        box.get_by_role("button", name="Add note").click()
        expect(page.locator("svg", has_text="Campaign started")).to_have_count(1)
        box.get_by_role("button", name="Edit 23 Nov 2026: Campaign started").click()
        box.get_by_label("Note", exact=True).fill("Sale")
        box.get_by_role("button", name="Save").click()
        expect(box.locator(".line bdi")).to_have_text(["Sale"])
        page.keyboard.press("Escape")
        page.reload()
        expect(page.locator("svg", has_text="Sale")).to_have_count(1)
        press(shown, "n")
        box.get_by_role("button", name="Delete 23 Nov 2026: Sale").click()
        expect(box).to_contain_text("No notes yet")
        expect(page.locator("svg", has_text="Sale")).to_have_count(0)


def test_a_link_opens_the_same_view_without_a_password_until_it_is_revoked(
    browser: Browser, full: str
) -> None:
    with opened(browser, full, "#range=7d") as shown:
        page = shown.page
        press(shown, "s")
        box = page.locator("dialog")
        box.get_by_label("For whom").fill("Agency")
        box.get_by_role("button", name="Make a link").click()
        address = box.locator("li input").input_value()
        assert "/stats/shared#link=" in address
        assert address.endswith("&range=7d")

        guest = browser.new_context(locale="en-GB")
        try:
            theirs = guest.new_page()
            sent: list[str] = []
            theirs.on("request", lambda request: sent.append(request.url))
            theirs.goto(address)
            expect(theirs.locator("#stats:not(.skeleton)")).to_be_visible()
            expect(theirs.locator("#site")).to_have_text("fennel.example")
            theirs.get_by_role("button", name="More: share").click()
            expect(theirs.get_by_role("button", name="Notes…")).to_have_count(0)
            theirs.keyboard.press("Escape")
            theirs.get_by_role("button", name="Entry").click()
            assert "link=" in theirs.url
            token = theirs.url.partition("link=")[2].partition("&")[0]
            assert [url for url in sent if token in url.partition("#")[0]] == []
            assert guest.cookies() == []

            box.get_by_role("button", name="Revoke the link for Agency").click()
            expect(box).to_contain_text("No links yet")
            theirs.reload()
            expect(theirs.locator("#notice")).to_contain_text("has ended or was revoked")
        finally:
            guest.close()


def test_the_public_has_no_notes_no_links_and_a_way_to_sign_in(
    browser: Browser, tmp_path: Path
) -> None:
    with filled(tmp_path / "stats.db", public=True) as base:
        options = {"http_credentials": None}
        with opened(browser, base, "#range=all", **options) as shown:
            press(shown, "n")
            shown.page.wait_for_timeout(300)
            expect(shown.page.locator("dialog")).to_have_count(0)
            press(shown, "s")
            expect(shown.page.locator("dialog h3")).to_have_text(["This view"])
            shown.page.keyboard.press("Escape")
            expect(shown.page.get_by_text("Sign in for all of it")).to_be_visible()


# Several sites.


def test_the_title_is_a_switch_between_sites_that_each_keep_their_own_door(
    browser: Browser, tmp_path: Path
) -> None:
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:157.0) Gecko/20100101 Firefox/157.0"}
    names = {"/shop": "shop.example", "/blog": "blog.example", "/closed": "closed.example"}
    sites = [f"{name}={path}/stats/" for path, name in names.items()]
    store = tmp_path / "stats.db"
    shop, blog = (counted(store, site=f"{name}.example", sites=sites) for name in ("shop", "blog"))
    closed = AnalyticsMiddleware(
        Starlette(), store=f"sqlite:///{store}", site="closed.example", password="another"
    )
    parts = [Mount("/shop", shop), Mount("/blog", blog), Mount("/closed", closed)]
    with running(Starlette(routes=list(parts))) as base:
        visitor = browser.new_context(extra_http_headers=agent)
        for path in ("/shop/pricing", "/blog/about"):
            visitor.new_page().goto(base + path)
        visitor.close()
        with opened(browser, f"{base}/shop", "#range=7d&filter=is:path:/shop/pricing") as shown:
            page, shown.base = shown.page, base
            expect(page.locator("h1")).to_have_text("shop.example")
            switch = page.get_by_role("button", name="Site: shop.example")
            switch.click()
            expect(page.locator(".sites .choices button")).to_have_text(sorted(names.values()))
            page.get_by_role("button", name="blog.example").click()
            expect(page).to_have_url(f"{base}/blog/stats/#range=7d")
            expect(page.locator("h1")).to_have_text("blog.example")
            expect(panel(shown, "Pages").locator(".row")).to_contain_text("/blog/about")
            assert page.request.get(f"{base}/closed/stats/api/dimensions").status == 401
            # A link opens one site, and tells nothing of the others.
            press(shown, "s")
            page.get_by_label("For whom").fill("Agency")
            page.get_by_role("button", name="Make a link").click()
            address = page.locator("dialog li input").input_value()
            guest = browser.new_context(locale="en-GB")
            try:
                theirs = guest.new_page()
                theirs.goto(address)
                expect(theirs.locator("#stats:not(.skeleton)")).to_be_visible()
                expect(theirs.locator("h1")).to_have_text("blog.example")
                assert theirs.locator(".sites").count() == 0
                assert "closed.example" not in theirs.content()
                link = address.partition("link=")[2].partition("&")[0]
                reply = theirs.request.post(
                    f"{base}/shop/stats/api/query",
                    headers={"Firstparty-Link": link},
                    data={"metrics": ["visits"], "date_range": "day"},
                )
                assert reply.status == 403
            finally:
                guest.close()


# Keys, print, languages, looks.


def test_light_and_dark_are_as_the_system_has_them_or_as_the_address_says(
    browser: Browser, full: str
) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(246, 246, 243)", "rgb(17, 19, 21)"
    with opened(browser, full, color_scheme="dark") as shown:
        page = shown.page
        assert page.evaluate(background) == dark
        expect(page.get_by_role("button", name="More: share")).to_be_visible()
        page.get_by_role("button", name="More: share").click()
        page.get_by_role("button", name="Look and language…").click()
        page.locator("dialog select").first.select_option("light")
        assert page.evaluate(background) == light
        assert chosen(page) == "look=light"
        page.reload()
        expect(page.locator("#stats:not(.skeleton)")).to_be_visible()
        assert page.evaluate(background) == light
        expect(page.get_by_role("button", name="More: share")).to_be_visible()
        page.get_by_role("button", name="More: share").click()
        page.get_by_role("button", name="Look and language…").click()
        page.locator("dialog select").last.select_option("fr")
        expect(page.locator(".head .label").first).to_have_text("Visites")
        assert chosen(page) == "lang=fr&look=light"
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_every_shortcut_of_the_list_does_what_it_says(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        page = shown.page
        for key, then in (
            ("d", "range=day"),
            ("w", "range=7d"),
            ("y", "range=year"),
            ("a", "range=all"),
            ("m", ""),
            ("c", "compare=previous_year"),
            ("c", "compare=none"),
            ("c", ""),
            ("1", "metric=visits"),
            ("2", ""),
            ("i", "by=week"),
            ("i", "by=hour"),
            ("i", ""),
        ):
            press(shown, key)
            expect(page).to_have_url(f"{full}/stats/" + (f"#{then}" if then else ""))
        for key, title in (("?", "Keyboard shortcuts"), ("f", "Filter"), ("n", "Notes")):
            press(shown, key)
            expect(page.locator("dialog h2")).to_have_text(title)
            page.keyboard.press("Escape")
        press(shown, "d")
        press(shown, "ArrowLeft")
        expect(page).to_have_url(f"{full}/stats/#range=2026-11-23~2026-11-23")
        press(shown, "ArrowRight")
        expect(page).to_have_url(f"{full}/stats/#range=day")


def test_the_whole_page_is_walked_by_tab_and_focus_is_seen(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        expect(shown.page.get_by_role("button", name="More: share")).to_be_visible()
        names = set[str]()
        for _ in range(40):
            shown.page.keyboard.press("Tab")
            found = shown.page.evaluate(
                "() => { const e = document.activeElement; const s = getComputedStyle(e);"
                " return [e.className, s.outlineStyle, e.tagName]; }"
            )
            assert found[1] == "solid", found
            names.add(found[0].split(" ")[0] or found[2])
        assert {"control", "head", "plot", "tab", "row"} <= names


def test_print_has_no_controls_and_no_dark(browser: Browser, full: str) -> None:
    with opened(browser, full, color_scheme="dark") as shown:
        expect(shown.page.get_by_role("button", name="More: share")).to_be_visible()
        shown.page.emulate_media(media="print", color_scheme="dark")
        expect(shown.page.locator(".controls")).to_be_hidden()
        background = "getComputedStyle(document.body).backgroundColor"
        assert shown.page.evaluate(background) == "rgb(255, 255, 255)"
        assert len(shown.page.pdf()) > 20_000


def test_the_page_speaks_the_language_of_the_browser_or_that_of_the_address(
    browser: Browser, full: str
) -> None:
    with opened(browser, full, locale="fr-FR") as shown:
        expect(shown.page.locator(".head .label").first).to_have_text("Visites")
        expect(shown.page.locator("html")).to_have_attribute("lang", "fr")
        english = {"Page views", "Channels", "Search", "Share", "Today", "Filter", "Languages"}
        texts = set(shown.page.locator("body").inner_text().split("\n"))
        assert texts & english == set()
    with opened(browser, full, "#lang=fr") as shown:
        expect(shown.page.locator(".head .label").first).to_have_text("Visites")
        shown.page.get_by_role("button", name="Pages vues").click()
        assert chosen(shown.page) == "lang=fr"


def test_less_motion_is_no_motion(browser: Browser, full: str) -> None:
    with opened(browser, full, reduced_motion="reduce") as shown:
        moving = "document.getAnimations().length"
        shown.page.get_by_role("button", name="Entry").click()
        assert shown.page.evaluate(moving) == 0


# States.


def test_offline_keeps_the_numbers_and_says_how_old_they_are(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        expect(shown.page.get_by_role("button", name="More: share")).to_be_visible()
        shown.page.context.set_offline(True)
        expect(shown.page.locator("#notice")).to_contain_text("You are offline. The numbers below")
        expect(shown.page.locator(".head strong").first).not_to_have_text("–")
        shown.page.context.set_offline(False)
        expect(shown.page.locator("#notice")).to_be_hidden()


def test_a_server_that_fails_is_told_and_tried_again(browser: Browser, full: str) -> None:
    with opened(browser, full) as shown:
        expect(shown.page.get_by_role("button", name="More: share")).to_be_visible()
        sentence = '{"error": "the store cannot be read; counts go on"}'
        shown.page.route("**/api/query", lambda route: route.fulfill(status=503, body=sentence))
        shown.page.get_by_role("button", name="Weeks").click()
        notice = shown.page.locator("#notice")
        expect(notice).to_contain_text("The store cannot be read; counts go on.")
        expect(notice).to_contain_text("The numbers below are from")
        shown.page.unroute("**/api/query")
        notice.get_by_role("button", name="Try again").click()
        expect(notice).to_be_hidden()
        shown.wrong = [each for each in shown.wrong if "503" not in each]


def test_the_first_view_turns_waiting_into_the_page(browser: Browser, tmp_path: Path) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:157.0) Gecko/20100101 Firefox/157.0"
    with running(counted(tmp_path / "stats.db")) as base:
        context = browser.new_context(
            http_credentials={"username": "any", "password": PASSWORD}, locale="en-GB"
        )
        try:
            page = context.new_page()
            page.goto(f"{base}/stats/")
            expect(page.get_by_text("Waiting for the first view")).to_be_visible()
            expect(page.locator(".code")).to_contain_text("/_tally/tally.js")
            visitor = browser.new_context(extra_http_headers={"User-Agent": agent})
            visitor.new_page().goto(f"{base}/pricing")
            visitor.close()
            expect(page.locator("#stats:not(.skeleton)")).to_be_visible(timeout=10_000)
            expect(page.get_by_text("Waiting for the first view")).to_have_count(0)
            expect(page.get_by_role("button", name="Period: Today")).to_be_visible()
        finally:
            context.close()


def test_the_last_minutes_are_asked_for_only_while_the_page_is_seen(
    browser: Browser, full: str
) -> None:
    with opened(browser, full) as shown:
        expect(shown.page.locator("#live")).to_contain_text(re.compile(r"in 5 minutes · \d+ in 30"))
        page = shown.page
        page.clock.install()
        page.reload()
        expect(page.locator("#stats:not(.skeleton):not([aria-busy])")).to_be_visible()
        expect(page.get_by_role("button", name="More: share")).to_be_visible()
        page.wait_for_load_state("networkidle")
        asked: list[str] = []
        page.on("request", lambda one: "/api/" in one.url and asked.append(one.url))
        page.evaluate(
            "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
        )
        page.clock.run_for(60_000)
        assert asked == []
        page.evaluate(
            "Object.defineProperty(document, 'hidden', { value: false, configurable: true })"
        )
        page.clock.run_for(11_000)
        page.wait_for_timeout(200)
        assert asked
