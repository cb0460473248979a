"""The table of navigations: what a visitor does, and what it adds to the counts in each mode.

`python tests/browser/navigations.py` writes it into docs/counting.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from visiting import Visitor

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "counting.md"
BEGIN: Final = "<!-- The table is written by tests/browser/navigations.py. -->\n"
END: Final = "<!-- End of the table. -->\n"


class Counts(NamedTuple):
    """What a row of the table expects of the whole site."""

    pageviews: int = 0
    visits: int = 0
    confirmed: int = 0
    confirmed_visits: int = 0
    continued: int = 0
    departures: int = 0
    misses: int = 0


Pages = dict[str, dict[str, int]]
Browser = Literal["bfcache", "http cache", "free"]
"""With the back/forward cache, without it, or with no debugger attached (so that it prerenders)."""


class Row(NamedTuple):
    """One way to move, and its counts: by the server with the snippet on the page, by the server
    where the snippet is blocked, and by the snippet (`collect="script"`).

    `pages` is what each page has, where that says more; the same in both modes with the snippet.
    """

    name: str
    steps: Callable[[Visitor], None]
    server: Counts
    alone: Counts
    script: Counts
    pages: Pages | None = None
    browser: Browser = "bfcache"


ONE: Final = Counts(1, 1, 1, 1, 0, 0)
SERVED: Final = Counts(1, 1)
NONE: Final = Counts()


def typed(visitor: Visitor) -> None:
    visitor.type("/")


def typed_again(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.type("/pricing")


def redirected(visitor: Visitor) -> None:
    visitor.type("/docs", "/docs/")


def linked(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing")


def followed(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.follow("/pricing")


def followed_twice(visitor: Visitor) -> None:
    followed(visitor)
    visitor.follow("/about")


def reloaded(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing")
    visitor.reload()


def back(visitor: Visitor) -> None:
    followed(visitor)
    visitor.back("/")


def forward(visitor: Visitor) -> None:
    back(visitor)
    visitor.forward("/pricing")


def another_link(visitor: Visitor) -> None:
    back(visitor)
    visitor.follow("/about")


def back_to_fresh(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/lab/fresh")
    visitor.follow("/about")
    visitor.back("/lab/fresh")


def elsewhere_and_back(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.come_from_elsewhere("/pricing")


def new_tab(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.follow_in_new_tab("/pricing")


def kept(visitor: Visitor) -> None:
    visitor.type("/lab/kept")
    visitor.follow("/about")
    visitor.script("location.assign('/lab/kept')", "/lab/kept")


def public(visitor: Visitor) -> None:
    visitor.type("/lab/public")


def searched(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.fill("header input[name=q]", "cheese")
    visitor.press("header input[name=q]", "Enter", "/search")


def posted(visitor: Visitor) -> None:
    visitor.type("/contact")
    visitor.fill("[name=email]", "ada@example.org")
    visitor.fill("[name=message]", "Good morning.")
    visitor.press("[name=email]", "Enter", "/contact/thanks")


def pushed(visitor: Visitor) -> None:
    visitor.type("/app/")
    visitor.follow("/app/reports")
    visitor.follow("/app/settings")


def popped(visitor: Visitor) -> None:
    visitor.type("/app/")
    visitor.follow("/app/reports")
    visitor.back("/app/")


def replaced(visitor: Visitor) -> None:
    visitor.type("/app/")
    visitor.script("history.replaceState(null, '', '/app/settings')", "/app/settings")


def navigated(visitor: Visitor) -> None:
    visitor.type("/app/")
    visitor.script(
        "navigation.addEventListener('navigate', (event) => event.intercept());"
        "navigation.navigate('/app/reports')",
        "/app/reports",
    )


def same_route(visitor: Visitor) -> None:
    visitor.type("/app/")
    visitor.script(
        "history.replaceState({ scroll: 9 }, '');"
        "history.pushState(null, '', '?tab=2#top');"
        "history.pushState(null, '', '/app/')",
        "/app/",
    )


def fragment(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.script("document.querySelector('.skip').click()", "/")


def hash_routes(visitor: Visitor) -> None:
    visitor.type("/lab/hash")
    visitor.follow("#/b", "/lab/hash")
    visitor.follow("#/c", "/lab/hash")
    visitor.back("/lab/hash")


def prefetched(visitor: Visitor) -> None:
    visitor.type("/lab/prefetch")
    visitor.wait_for_prefetch("/pricing")


def prefetched_and_shown(visitor: Visitor) -> None:
    prefetched(visitor)
    visitor.follow("/pricing")


def prerendered(visitor: Visitor) -> None:
    visitor.open_free("/lab/prerender")
    visitor.wait_until_said("prerendered")


def prerendered_and_shown(visitor: Visitor) -> None:
    prerendered(visitor)
    visitor.say("click")
    visitor.wait_until_said("shown")


def missing(visitor: Visitor) -> None:
    visitor.type("/blog/weighing-cheese")
    visitor.follow("/docs/scales")


def framed(visitor: Visitor) -> None:
    visitor.type("/about")
    visitor.frame("/pricing")


def framed_elsewhere(visitor: Visitor) -> None:
    visitor.frame_elsewhere("/pricing")


ROWS: Final = (
    Row("An address is typed", typed, ONE, SERVED, ONE),
    Row(
        "An address is typed in a tab that shows the site",
        typed_again,
        server=Counts(2, 2, 2, 1, 1, 0),
        alone=Counts(2, 2),
        script=Counts(2, 1, 2, 1, 1, 0),
    ),
    Row("An address that redirects is typed", redirected, ONE, SERVED, ONE),
    Row("A link on another site", linked, ONE, SERVED, ONE),
    Row(
        "The site, and there again by a link on another site",
        elsewhere_and_back,
        server=Counts(2, 2, 2, 2, 0, 0),
        alone=Counts(2, 2),
        script=Counts(2, 2, 2, 2, 0, 0),
    ),
    Row(
        "A link within the site",
        followed,
        server=Counts(2, 1, 2, 1, 1, 1),
        alone=Counts(2, 1, departures=1),
        script=Counts(2, 1, 2, 1, 1, 1),
        pages={
            "/": {
                "pageviews": 1,
                "visits": 1,
                "confirmed": 1,
                "confirmed_visits": 1,
                "continued": 1,
                "departures": 1,
            },
            "/pricing": {"pageviews": 1, "confirmed": 1},
        },
    ),
    Row(
        "Two links, one after the other",
        followed_twice,
        server=Counts(3, 1, 3, 1, 1, 2),
        alone=Counts(3, 1, departures=2),
        script=Counts(3, 1, 3, 1, 1, 2),
    ),
    Row(
        "A link on another site, then a reload",
        reloaded,
        server=Counts(2, 1, 2, 1, 0, 0),
        alone=Counts(2, 1),
        script=Counts(2, 1, 2, 1, 0, 0),
    ),
    Row(
        "A link, then back, the page still in memory",
        back,
        server=Counts(3, 1, 3, 1, 1, 1),
        alone=Counts(2, 1, departures=1),
        script=Counts(3, 1, 3, 1, 1, 1),
        pages={
            "/": {
                "pageviews": 2,
                "visits": 1,
                "confirmed": 2,
                "confirmed_visits": 1,
                "continued": 1,
                "departures": 1,
            },
            "/pricing": {"pageviews": 1, "confirmed": 1},
        },
    ),
    Row(
        "A link, then back, the page in the HTTP cache",
        back,
        server=Counts(3, 1, 3, 1, 1, 1),
        alone=Counts(2, 1, departures=1),
        script=Counts(3, 1, 3, 1, 1, 1),
        browser="http cache",
    ),
    Row(
        "A link on another site, a link, then back to a page that may not be kept",
        back_to_fresh,
        server=Counts(3, 2, 3, 1, 1, 1),
        alone=Counts(3, 2, departures=1),
        script=Counts(3, 1, 3, 1, 1, 1),
        browser="http cache",
    ),
    Row(
        "A link, back, and forward again",
        forward,
        server=Counts(4, 1, 4, 1, 1, 1),
        alone=Counts(2, 1, departures=1),
        script=Counts(4, 1, 4, 1, 1, 1),
    ),
    Row(
        "A link, back, and another link",
        another_link,
        server=Counts(4, 1, 4, 1, 2, 2),
        alone=Counts(3, 1, departures=2),
        script=Counts(4, 1, 4, 1, 2, 2),
    ),
    Row(
        "A link in a new tab",
        new_tab,
        server=Counts(2, 1, 2, 1, 0, 1),
        alone=Counts(2, 1, departures=1),
        script=Counts(2, 1, 2, 1, 0, 1),
    ),
    Row(
        "A page, a link, and a link to the page, which the browser has kept",
        kept,
        server=Counts(3, 1, 3, 1, 1, 2),
        alone=Counts(2, 1, departures=1),
        script=Counts(3, 1, 3, 1, 1, 2),
    ),
    Row("A page that shared caches may keep", public, ONE, NONE, ONE),
    Row(
        "A search form",
        searched,
        server=Counts(2, 1, 2, 1, 1, 1),
        alone=Counts(2, 1, departures=1),
        script=Counts(2, 1, 2, 1, 1, 1),
        pages={
            "/": {
                "pageviews": 1,
                "visits": 1,
                "confirmed": 1,
                "confirmed_visits": 1,
                "continued": 1,
                "departures": 1,
            },
            "/search": {"pageviews": 1, "confirmed": 1},
        },
    ),
    Row(
        "A form that is posted, and answered by a redirect",
        posted,
        server=Counts(2, 1, 2, 1, 1, 0),
        alone=Counts(2, 1),
        script=Counts(2, 1, 2, 1, 1, 1),
    ),
    Row(
        "Two routes of a single-page application (`pushState`)",
        pushed,
        server=Counts(3, 1, 3, 1, 1, 2),
        alone=SERVED,
        script=Counts(3, 1, 3, 1, 1, 2),
        pages={
            "/app/": {
                "pageviews": 1,
                "visits": 1,
                "confirmed": 1,
                "confirmed_visits": 1,
                "continued": 1,
                "departures": 1,
            },
            "/app/reports": {"pageviews": 1, "confirmed": 1, "departures": 1},
            "/app/settings": {"pageviews": 1, "confirmed": 1},
        },
    ),
    Row(
        "A route, and back (`popstate`)",
        popped,
        server=Counts(3, 1, 3, 1, 1, 1),
        alone=SERVED,
        script=Counts(3, 1, 3, 1, 1, 1),
    ),
    Row(
        "A route in place of another (`replaceState`)",
        replaced,
        server=Counts(2, 1, 2, 1, 0, 1),
        alone=SERVED,
        script=Counts(2, 1, 2, 1, 0, 1),
    ),
    Row(
        "A route by `navigation.navigate`",
        navigated,
        server=Counts(2, 1, 2, 1, 1, 1),
        alone=SERVED,
        script=Counts(2, 1, 2, 1, 1, 1),
    ),
    Row("New state, query or fragment under the same route", same_route, ONE, SERVED, ONE),
    Row("A link to a place on the same page", fragment, ONE, SERVED, ONE),
    Row(
        "Two routes behind `#`, and back, with `snippet_tag(request, hash=True)`",
        hash_routes,
        server=Counts(4, 1, 4, 1, 1, 2),
        alone=SERVED,
        script=Counts(4, 1, 4, 1, 1, 2),
    ),
    Row("A page that is prefetched, and not shown", prefetched, ONE, SERVED, ONE),
    Row(
        "A page that is prefetched, and shown",
        prefetched_and_shown,
        server=Counts(2, 1, 2, 1, 1, 1),
        alone=SERVED,
        script=Counts(2, 1, 2, 1, 1, 1),
    ),
    Row("A page that is prerendered, and not shown", prerendered, ONE, SERVED, ONE, browser="free"),
    Row(
        "A page that is prerendered, and shown",
        prerendered_and_shown,
        server=Counts(2, 1, 2, 1, 1, 1),
        alone=SERVED,
        script=Counts(2, 1, 2, 1, 1, 1),
        browser="free",
    ),
    Row(
        "A link to a page that is not there",
        missing,
        server=Counts(1, 1, 1, 1, misses=1),
        alone=Counts(1, 1, misses=1),
        script=Counts(1, 1, 1, 1, misses=1),
    ),
    Row("A page with another of ours in a frame", framed, ONE, SERVED, ONE),
    Row("Another site's page with one of ours in a frame", framed_elsewhere, NONE, NONE, NONE),
)


def cell(counts: Counts) -> str:
    """The numbers of one mode, as the table shows them."""
    numbers = " · ".join(str(number) for number in counts[:-1])
    return f"{numbers} (+ {counts.misses} not found)" if counts.misses else numbers


def table() -> str:
    """The table in Markdown."""
    lines = [
        "| what happens | server | server, snippet blocked | script |",
        "|---|---|---|---|",
        *(
            f"| {row.name} | {cell(row.server)} | {cell(row.alone)} | {cell(row.script)} |"
            for row in ROWS
        ),
    ]
    return "\n".join(lines) + "\n"


def split(text: str) -> tuple[str, str, str]:
    """A document's text before the table, the table, and what is behind it."""
    before, rest = text.split(BEGIN)
    found, after = rest.split(END)
    return before, found, after


if __name__ == "__main__":
    before, _, after = split(DOCUMENT.read_text("utf-8"))
    DOCUMENT.write_text(f"{before}{BEGIN}{table()}{END}{after}", "utf-8")
