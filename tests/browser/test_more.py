"""js/more.js, js/acts.js and js/pace.js in Chromium: what they send, and what they never do."""

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from more_pages import JS, ROOMS, Beacon, Lab, opened
from playwright.sync_api import Browser, Page
from serving import until
from visiting import Visitor

BUDGET = 1024
"""Bytes of each file, as `gzip -9` makes them."""
CLOCK = "performance.now = () => self.now ??= 1000"
"""A clock that stands still until a test moves it."""
OBJECTIONS = {
    "GPC": "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })",
    "DNT": "Object.defineProperty(navigator, 'doNotTrack', { value: '1' })",
}


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A laboratory that has heard nothing yet."""
    with opened() as found:
        yield found


@pytest.fixture
def page(browsers: dict[str, Browser], lab: Lab) -> Iterator[Page]:
    """A tab of somebody new. What goes wrong in it fails the test."""
    complaints: list[str] = []
    with browsers["bfcache"].new_context(
        base_url=lab.base, viewport={"width": 1280, "height": 720}, timezone_id="Europe/Lisbon"
    ) as context:
        context.on("console", lambda message: complaints.append(message.text))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        yield context.new_page()
    assert complaints == []
    assert [len(body) for body in lab.bodies if len(body) > 1024] == []


def visible(page: Page, yes: bool, now: float | None = None) -> None:
    """Show the tab, or hide it."""
    page.evaluate(
        """([hidden, now]) => {
            if (now) self.now = now;
            const state = hidden ? "hidden" : "visible";
            const become = (name, value) =>
                Object.defineProperty(document, name, { value, configurable: true });
            become("hidden", hidden);
            become("visibilityState", state);
            document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        }""",
        [not yes, now],
    )


def ordered(beacons: list[Beacon]) -> list[Beacon]:
    """In one order: several connections carry them, so they arrive in any."""
    return sorted(beacons, key=lambda one: json.dumps(one, sort_keys=True))


def settled(page: Page, lab: Lab, number: int = 1) -> list[Beacon]:
    """What was sent: as soon as there are this many, and whatever else is on its way."""
    lab.told(number)
    page.evaluate("() => fetch('/lab/said').then((reply) => reply.text())")
    return ordered(lab.beacons)


def clicks(page: Page, lab: Lab, *selectors: str, sends: int, **how: Any) -> list[Beacon]:
    """Click on these, and hear what was sent."""
    for selector in selectors:
        page.locator(selector).click(**how)
    return settled(page, lab, sends)


@pytest.mark.parametrize("room", ROOMS)
def test_each_file_is_as_small_as_we_say(room: str) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(f"{room}.js", "wb", 9, packed) as file:
        file.write((JS / f"{room}.js").read_bytes())
    assert len(packed.getvalue()) <= BUDGET


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_names_what_stores_or_identifies(room: str) -> None:
    text = (JS / f"{room}.js").read_text()
    names = (
        "cookie",
        "Storage",
        "indexedDB",
        "caches",
        ".key",
        "currentEntry.",
        "random",
        "crypto",
    )
    assert [name for name in names if name in text] == []


# How a view went.


def test_a_view_that_ends_tells_how_it_went(page: Page, lab: Lab) -> None:
    page.add_init_script(CLOCK)
    page.goto("/tall?reads=time scroll screen zone&token=secret#part")
    visible(page, False, 43_600)
    assert settled(page, lab) == [
        {"e": "left", "u": "/tall", "t": 42, "d": 1, "w": "l", "z": "Europe/Lisbon"}
    ]


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ("?reads=time", [{"t"}]),
        ("?reads=scroll", [{"d"}]),
        ("?reads=screen", [{"w"}]),
        ("?reads=zone", [{"z"}]),
        ("?reads=vitals", [{"lcp", "cls", "ttfb"}]),
        ("?reads=forms", []),
        ("?reads=", []),
        ("?rooms=more", [{"t", "d", "w"}]),
    ],
)
def test_what_is_switched_off_is_not_sent(
    page: Page, lab: Lab, reads: str, expected: list[set[str]]
) -> None:
    page.goto("/plain" + reads)
    painted(page)
    visible(page, False)
    sent = [set(one) - {"e", "u"} for one in settled(page, lab, len(expected))]
    assert sent == expected


def test_a_view_is_told_once(page: Page, lab: Lab) -> None:
    page.goto("/tall?reads=time")
    for yes in (False, True, False):
        visible(page, yes)
    page.goto("/plain?reads=forms")
    assert len(settled(page, lab)) == 1


def test_time_that_nobody_sees_does_not_count(page: Page, lab: Lab) -> None:
    page.add_init_script(CLOCK)
    page.add_init_script(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
    )
    page.goto("/plain?reads=time")
    visible(page, True, 100_000)
    visible(page, False, 105_500)
    assert settled(page, lab) == [{"e": "left", "u": "/plain", "t": 5}]


def test_a_page_that_nobody_saw_tells_nothing(page: Page, lab: Lab) -> None:
    page.add_init_script(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
    )
    page.goto("/plain")
    page.goto("/next?reads=forms")
    assert settled(page, lab, 0) == []


def test_a_page_is_left_also_where_leaving_does_not_hide_it(page: Page, lab: Lab) -> None:
    page.add_init_script(
        """addEventListener("visibilitychange", (event) => event.stopImmediatePropagation(), true);
        Object.defineProperty(document, "hidden", { value: false });"""
    )
    page.goto("/plain?reads=time vitals")
    page.goto("/next?reads=forms")
    assert [one["u"] for one in settled(page, lab, 2)] == ["/plain", "/plain"]


def test_time_is_at_most_half_an_hour(page: Page, lab: Lab) -> None:
    page.add_init_script(CLOCK)
    page.goto("/plain?reads=time")
    visible(page, False, 1e9)
    assert [one["t"] for one in settled(page, lab)] == [1800]


def test_depth_is_the_deepest_quarter_seen(page: Page, lab: Lab) -> None:
    page.goto("/tall?reads=scroll")
    page.evaluate(
        """async () => {
            const moved = (to) => new Promise((seen) => {
                addEventListener("scroll", seen, { once: true });
                scrollTo(0, to);
            });
            for (const to of [0, 100, 1000, 2160, 9999]) {
                history.pushState(0, "", `/${to}`);
                if (!to) continue;
                await moved(to);
                await moved(0);
            }
        }"""
    )
    visible(page, False)
    assert {one["u"]: one["d"] for one in settled(page, lab, 6)} == {
        "/tall": 1,
        "/0": 1,
        "/100": 2,
        "/1000": 3,
        "/2160": 4,
        "/9999": 4,
    }


def test_a_screen_is_one_of_five_sizes(page: Page, lab: Lab) -> None:
    sizes = {479: "xs", 480: "s", 767: "s", 768: "m", 1023: "m", 1024: "l", 1439: "l", 1440: "xl"}
    page.goto("/plain?reads=screen")
    page.evaluate(
        """(widths) => {
            for (const value of widths) {
                history.pushState(0, "", `/${value}`);
                Object.defineProperty(screen, "width", { value, configurable: true });
            }
            history.pushState(0, "", "/end");
        }""",
        list(sizes),
    )
    sent = {one["u"]: one["w"] for one in settled(page, lab, 9)}
    assert sent == {"/plain": "l", **{f"/{width}": size for width, size in sizes.items()}}


@pytest.mark.parametrize("navigation", [True, False])
def test_a_route_ends_one_view_and_begins_another(page: Page, lab: Lab, navigation: bool) -> None:
    page.add_init_script(CLOCK)
    if not navigation:
        page.add_init_script("Object.defineProperty(self, 'navigation', { value: undefined })")
    page.goto("/plain?reads=time")
    page.evaluate("() => { self.now = 3000; history.pushState(0, '', '/plain?page=2'); }")
    page.evaluate("() => { self.now = 4000; history.pushState(0, '', '/route?token=secret'); }")
    lab.told(1)
    visible(page, False, 9000)
    assert settled(page, lab, 2) == [
        {"e": "left", "u": "/plain", "t": 3},
        {"e": "left", "u": "/route", "t": 5},
    ]


def test_a_route_in_the_fragment_is_one_where_it_is_kept(page: Page, lab: Lab) -> None:
    page.goto("/plain?reads=time&keep=^[^?%23]*|%23[^?]*")
    page.evaluate("() => { location.hash = '/settings\\\\a'; }")
    visible(page, False)
    assert [one["u"] for one in settled(page, lab, 2)] == ["/plain", "/plain#/settings\\a"]


def test_a_page_that_comes_back_from_memory_is_a_view_of_its_own(page: Page, lab: Lab) -> None:
    page.goto("/slow?reads=time scroll vitals")
    painted(page)
    page.evaluate("() => { self.kept = true; }")
    page.goto("/plain?reads=forms")
    lab.told(2)
    page.go_back(wait_until="commit")
    page.wait_for_function("() => self.kept && document.visibilityState == 'visible'")
    page.goto("/plain?reads=forms")
    assert sorted(map(sorted, lab.told(3))) == [
        ["cls", "e", "lcp", "ttfb", "u"],
        ["d", "e", "t", "u"],
        ["d", "e", "t", "u"],
    ]


# How fast a page was.


def painted(page: Page) -> None:
    """Wait until the largest thing so far has been painted and reported."""
    page.evaluate(
        """() => new Promise((seen) => new PerformanceObserver(() => setTimeout(seen, 50))
            .observe({ type: "largest-contentful-paint", buffered: true }))"""
    )


def test_vitals_are_those_of_the_page(page: Page, lab: Lab) -> None:
    page.goto("/slow?reads=vitals", wait_until="load")
    painted(page)
    page.evaluate(
        """() => new Promise((shifted) => {
            new PerformanceObserver(shifted).observe({ type: "layout-shift" });
            document.querySelector("img").height = 600;
        })"""
    )
    page.locator("button").click()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    visible(page, False)
    (sent,) = settled(page, lab)
    assert sent.pop("e") == "pace"
    assert sent.pop("u") == "/slow"
    assert {name: type(value) for name, value in sent.items()} == dict.fromkeys(
        ("lcp", "cls", "inp", "ttfb"), int
    )
    assert 0 < sent["ttfb"] <= sent["lcp"] < 5000
    assert 120 <= sent["inp"] < 1000
    assert 0 < sent["cls"] < 1000


def test_a_quiet_page_has_no_shift_and_no_interaction(page: Page, lab: Lab) -> None:
    page.goto("/plain?reads=vitals")
    painted(page)
    visible(page, False)
    (sent,) = settled(page, lab)
    assert sent["cls"] == 0
    assert "inp" not in sent


def test_shifts_are_summed_in_windows(page: Page, lab: Lab) -> None:
    page.add_init_script(
        """self.PerformanceObserver = class {
            static supportedEntryTypes = ["layout-shift"];
            constructor(see) { self.shift = (entries) => see({ getEntries: () => entries.map(
                ([startTime, value, hadRecentInput = false]) =>
                    ({ entryType: "layout-shift", startTime, value, hadRecentInput })) }); }
            observe() {} disconnect() {} takeRecords() { return []; }
        }"""
    )
    page.goto("/plain?reads=vitals")
    page.evaluate(
        """() => shift([
            [500, 0.03], [1400, 0.04], [1500, 0.9, true],
            [2500, 0.01], [3400, 0.01], [4300, 0.01], [5200, 0.01], [6100, 0.01], [7000, 0.01],
            [7900, 0.05], [8600, 0.03],
        ])"""
    )
    visible(page, False)
    # Windows: 500-1400 with 0.07; 2500-7000 with 0.06, for five seconds; 7900-8600 with 0.08.
    assert [one["cls"] for one in settled(page, lab)] == [80]


def test_a_page_that_was_opened_in_the_background_has_no_vitals(page: Page, lab: Lab) -> None:
    page.add_init_script(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
    )
    page.goto("/plain?reads=vitals")
    visible(page, True)
    visible(page, False)
    assert settled(page, lab, 0) == []


# What was done.


def test_an_event_is_sent_with_its_properties(page: Page, lab: Lab) -> None:
    page.goto("/plain?token=secret")
    page.evaluate("() => tally('signup', { plan: 'pro', seats: 3, trial: false, none: null })")
    page.evaluate("() => tally('bare')")
    properties = {"plan": "pro", "seats": "3", "trial": "false", "none": "null"}
    assert settled(page, lab, 2) == ordered(
        [
            {"e": "event", "u": "/plain", "v": "signup", "p": properties},
            {"e": "event", "u": "/plain", "v": "bare", "p": {}},
        ]
    )


def test_no_argument_makes_an_event_throw(page: Page, lab: Lab) -> None:
    page.goto("/plain")
    page.evaluate(
        """() => {
            const own = { plan: 3 };
            tally("kept", own);
            if (own.plan !== 3) throw Error("the object of the page was changed");
            tally();
            tally(Symbol("a"), null);
            tally({}, { get a() { throw Error("a"); } });
            tally("a", { a: Object.create(null) });
            tally("a", { a: 1n, b: Symbol("b") });
            tally("404", 7);
        }"""
    )
    names = {one.get("v") for one in settled(page, lab, 5)}
    assert names == {"kept", "undefined", "Symbol(a)", "a", None}


def test_an_event_is_sent_by_attributes(page: Page, lab: Lab) -> None:
    page.goto("/events")
    assert clicks(page, lab, "#bare", "#rich b", sends=2) == [
        {"e": "event", "u": "/events", "v": "signup", "p": {"plan": "pro", "plan-length": "12"}},
        {"e": "event", "u": "/events", "v": "signup", "p": {}},
    ]


def test_the_middle_button_presses_nothing(page: Page, lab: Lab) -> None:
    page.goto("/events")
    assert clicks(page, lab, "#rich", sends=0, button="middle") == []


def test_a_page_that_is_not_found_tells_which_page_came_before(page: Page, lab: Lab) -> None:
    page.goto("/plain?reads=events&token=secret")
    page.evaluate("() => tally('404')")
    page.evaluate("() => { history.pushState(0, '', '/gone?token=secret'); tally('404'); }")
    assert settled(page, lab, 2) == ordered(
        [
            {"e": "missing", "u": "/plain", "r": ""},
            {"e": "missing", "u": "/gone", "r": f"{lab.base}/plain"},
        ]
    )


def test_a_link_to_elsewhere_tells_the_host(page: Page, lab: Lab) -> None:
    page.goto("/links")
    assert clicks(page, lab, "#inside", "#outside b", sends=1) == [
        {"e": "outbound", "u": "/links", "v": "elsewhere.example"}
    ]


def test_the_middle_button_follows_a_link_and_the_right_one_does_not(page: Page, lab: Lab) -> None:
    page.goto("/links")
    clicks(page, lab, "#outside", sends=0, button="right")
    assert clicks(page, lab, "#outside", sends=1, button="middle") == [
        {"e": "outbound", "u": "/links", "v": "elsewhere.example"}
    ]


def test_a_download_tells_the_path_of_the_file(page: Page, lab: Lab) -> None:
    page.goto("/links")
    assert clicks(page, lab, "#file b", "#named", "#paper", sends=4) == ordered(
        [
            {"e": "download", "u": "/links", "v": "/files/report.PDF"},
            {"e": "download", "u": "/links", "v": "/files/report"},
            {"e": "outbound", "u": "/links", "v": "elsewhere.example"},
            {"e": "download", "u": "/links", "v": "/paper.pdf"},
        ]
    )


def test_links_that_lead_nowhere_are_no_trouble(page: Page, lab: Lab) -> None:
    page.goto("/links")
    page.evaluate(
        """() => {
            const detached = document.createElement("a");
            detached.href = "https://elsewhere.example/";
            detached.addEventListener("click", (event) => event.preventDefault());
            detached.click();
            for (const target of [document, self, document.createTextNode("")]) {
                document.body.append(target.nodeType === 3 ? target : "");
                target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
                target.dispatchEvent(new Event("submit", { bubbles: true }));
            }
        }"""
    )
    nowhere = ("#mail", "#script", "#data", "#broken", "#empty", "#svg")
    assert clicks(page, lab, *nowhere, sends=0) == []


def test_a_form_tells_its_name_and_none_of_its_values(page: Page, lab: Lab) -> None:
    page.goto("/forms")
    buttons = ("form >> nth=0 >> button", "#search button", ".neither button")
    assert clicks(page, lab, *buttons, sends=2) == [
        {"e": "form", "u": "/forms", "v": "letter"},
        {"e": "form", "u": "/forms", "v": "search"},
    ]


@pytest.mark.parametrize(
    ("reads", "kinds"),
    [
        ("events", ["event", "missing"]),
        ("outbound", ["outbound"]),
        ("downloads", ["download"]),
        ("time", []),
    ],
)
def test_what_is_done_has_switches_too(page: Page, lab: Lab, reads: str, kinds: list[str]) -> None:
    page.goto(f"/links?reads={reads}")
    page.evaluate("() => { tally('a'); tally('404'); }")
    assert [one["e"] for one in clicks(page, lab, "#outside", "#file", sends=len(kinds))] == kinds


def test_forms_have_a_switch_too(page: Page, lab: Lab) -> None:
    page.goto("/forms?reads=forms")
    page.evaluate("() => tally('a')")
    assert [one["e"] for one in clicks(page, lab, "#search button", sends=1)] == ["form"]
    lab.beacons.clear()
    page.goto("/forms?reads=events")
    assert clicks(page, lab, "#search button", sends=0) == []


# What they never do.


def test_the_files_work_as_one_too(page: Page, lab: Lab) -> None:
    page.goto("/links?rooms=all")
    clicks(page, lab, "#outside", sends=1)
    visible(page, False)
    fields = [set(one) - {"e", "u", "lcp", "inp"} for one in settled(page, lab, 3)]
    assert sorted(map(sorted, fields)) == [["cls", "ttfb"], ["d", "t", "w"], ["v"]]


@pytest.mark.parametrize("objection", OBJECTIONS.values(), ids=OBJECTIONS.keys())
def test_who_objects_is_not_read(page: Page, lab: Lab, objection: str) -> None:
    page.add_init_script(objection)
    page.goto("/links?reads=time scroll screen zone vitals events outbound downloads forms")
    page.evaluate("() => { tally('signup'); tally('404'); history.pushState(0, '', '/route'); }")
    visible(page, False)
    assert clicks(page, lab, "#outside", "#file", sends=0) == []


@pytest.mark.parametrize("path", ["/excluded", "/framing"])
def test_a_page_that_is_not_counted_is_not_read(page: Page, lab: Lab, path: str) -> None:
    page.goto(path + ("" if path == "/excluded" else "?reads=forms"))
    frame = page.frames[-1]
    frame.evaluate("() => tally('signup')")
    frame.locator("#rich").click()
    page.goto("/plain?reads=forms")
    assert settled(page, lab, 0) == []


def test_a_strict_policy_nothing_stored_no_cookie(page: Page, lab: Lab) -> None:
    page.context.add_cookies([{"name": "session", "value": "theirs", "url": lab.base}])
    answer = page.goto("/events")
    assert answer is not None
    assert "script-src 'self'; connect-src 'self'" in answer.headers["content-security-policy"]
    clicks(page, lab, "#rich", sends=1)
    visible(page, False)
    settled(page, lab, 3)
    stored = page.evaluate(
        """async () => [localStorage.length, sessionStorage.length,
            (await indexedDB.databases()).length, (await caches.keys()).length, document.cookie]"""
    )
    assert stored == [0, 0, 0, 0, "session=theirs"]
    assert (len(lab.cookies), set(lab.cookies)) == (3, {None})


def test_no_function_of_the_page_is_replaced(page: Page, lab: Lab) -> None:
    page.goto("/plain")
    functions = "[history.pushState, history.replaceState, fetch, addEventListener].map(String)"
    assert all(text.endswith("{ [native code] }") for text in page.evaluate(functions))


def test_a_very_long_address_is_not_lost(page: Page, lab: Lab) -> None:
    long = "x" * 3000
    page.goto("/links")
    page.evaluate("(long) => history.pushState(0, '', '/' + long)", long)
    page.evaluate("(long) => { document.querySelector('#file').href = `/${long}.pdf`; }", long)
    page.evaluate("() => tally('404')")
    sent = clicks(page, lab, "#file", sends=3)
    assert {one["e"] for one in sent} == {"left", "missing", "download"}


def test_a_prerendered_page_begins_when_it_is_shown(browsers: dict[str, Browser], lab: Lab) -> None:
    with browsers["bfcache"].new_context() as context, ExitStack() as stack:
        visitor = Visitor(context, lab, stack)  # type: ignore[arg-type]
        visitor.open_free("/lab/prerender")
        assert until(lambda: "prerendered" in lab.said, bool)
        assert lab.beacons == []
        lab.said.append("click")
        sent = lab.told(3)
    assert [one.get("v") for one in sent if one["e"] == "event"] == ["late"]
    (view,) = (one for one in sent if "t" in one)
    (speed,) = (one for one in sent if "ttfb" in one)
    assert view == {"e": "left", "u": "/lab/ahead", "t": 0, "d": 1, "w": view["w"]}
    assert speed["ttfb"] == 0
