"""Pages that come without a request for them: routes, pages fetched ahead, pages kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rows import Row, Topics

if TYPE_CHECKING:
    from visiting import Visitor


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


def boosted(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.script(
        "fetch('/pricing', { headers: { Accept: 'text/html' } })"
        ".then((reply) => reply.text())"
        ".then(() => history.pushState(null, '', '/pricing'))",
        "/pricing",
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


def reopened(visitor: Visitor) -> None:
    """A page that writes itself anew."""
    visitor.type("/lab/links")
    visitor.script(
        "const page = document.documentElement.outerHTML;"
        "document.open(); document.write(page); document.close()",
        "/lab/links",
    )


def prefetched(visitor: Visitor) -> None:
    visitor.type("/lab/prefetch")
    visitor.wait_for_prefetch("/pricing")


def prefetched_and_shown(visitor: Visitor) -> None:
    prefetched(visitor)
    visitor.follow("/pricing")


def link_prefetched(visitor: Visitor) -> None:
    visitor.type("/lab/link-prefetch")
    visitor.wait_for_prefetch("/pricing")


def link_prefetched_and_shown(visitor: Visitor) -> None:
    link_prefetched(visitor)
    visitor.follow("/pricing")


def link_prefetched_and_kept(visitor: Visitor) -> None:
    visitor.type("/lab/link-prefetch-kept")
    visitor.wait_for_prefetch("/lab/kept-ahead")
    visitor.follow("/lab/kept-ahead")


def prefetched_once_more(visitor: Visitor) -> None:
    visitor.type("/lab/revalidated")
    visitor.type("/lab/prefetch-again")
    visitor.wait_for_prefetch("/lab/revalidated")
    visitor.follow("/lab/revalidated")


def prerendered(visitor: Visitor) -> None:
    visitor.open_free("/lab/prerender")
    visitor.wait_until_said("prerendered")


def prerendered_and_shown(visitor: Visitor) -> None:
    prerendered(visitor)
    visitor.say("click")
    visitor.wait_until_said("shown")


def kept(visitor: Visitor) -> None:
    visitor.type("/lab/kept")
    visitor.follow("/about")
    visitor.script("location.assign('/lab/kept')", "/lab/kept")


def kept_and_reloaded(visitor: Visitor) -> None:
    visitor.type("/lab/kept-too")
    visitor.reload()


def revalidated(visitor: Visitor) -> None:
    visitor.type("/lab/revalidated")
    visitor.follow("/about")
    visitor.script("location.assign('/lab/revalidated')", "/lab/revalidated")


def public(visitor: Visitor) -> None:
    visitor.type("/lab/public")


def worked(visitor: Visitor, kind: str) -> None:
    visitor.type(f"/lab/worked/{kind}/a")
    visitor.wait_for_worker()
    visitor.follow("b", f"/lab/worked/{kind}/b")
    visitor.follow("a", f"/lab/worked/{kind}/a")
    visitor.follow("b", f"/lab/worked/{kind}/b")


def worked_passing(visitor: Visitor) -> None:
    worked(visitor, "passing")


def worked_preloading(visitor: Visitor) -> None:
    worked(visitor, "preloading")


def worked_storing(visitor: Visitor) -> None:
    worked(visitor, "storing")


def worked_keeping(visitor: Visitor) -> None:
    worked(visitor, "keeping")


TOPICS: Final[Topics] = {
    "Single-page applications": (
        Row("Two routes (`pushState`)", pushed, "3 1 3 1 1 2", "1 1"),
        Row("A route, and back (`popstate`)", popped, "3 1 3 1 1 1", "1 1"),
        Row("A route in place of another (`replaceState`)", replaced, "2 1 2 1 0 1", "1 1"),
        Row("A route by `navigation.navigate`", navigated, "2 1 2 1 1 1", "1 1"),
        Row(
            "A page fetched by a script, and shown (htmx, Turbo)",
            boosted,
            "2 1 2 1 1 1",
            "1 1",
        ),
        Row(
            "New state, query or fragment under the same route",
            same_route,
            "1 1 1 1 0 0",
            "1 1",
        ),
        Row("A link to a place on the same page", fragment, "1 1 1 1 0 0", "1 1"),
        Row(
            "Two routes behind `#`, and back, with `snippet_tag(request, hash=True)`",
            hash_routes,
            "4 1 4 1 1 2",
            "1 1",
        ),
        Row(
            "A page that writes itself anew (`document.open`)",
            reopened,
            "1 1 2 2 0 0",
            "1 1",
            "2 2 2 2 0 0",
        ),
    ),
    "Fetched ahead": (
        Row("A page that is prefetched, and not shown", prefetched, "1 1 1 1 0 0", "1 1"),
        Row("… and shown", prefetched_and_shown, "2 1 2 1 1 1", "1 1"),
        Row(
            "A page that is prefetched by `<link rel=prefetch>`, and not shown",
            link_prefetched,
            "1 1 1 1 0 0",
            "1 1",
        ),
        Row("… and shown", link_prefetched_and_shown, "2 1 2 1 1 1", "2 1 0 0 0 1"),
        Row(
            "… kept by the browser (`max-age`), and shown",
            link_prefetched_and_kept,
            "2 1 2 1 1 1",
            "1 1",
        ),
        Row(
            "A page that is seen, then prefetched (304), and shown again",
            prefetched_once_more,
            "3 2 3 1 1 1",
            "2 2",
            "3 1 3 1 1 1",
        ),
        Row(
            "A page that is prerendered, and not shown",
            prerendered,
            "1 1 1 1 0 0",
            "1 1",
            browser="free",
        ),
        Row("… and shown", prerendered_and_shown, "2 1 2 1 1 1", "1 1", browser="free"),
    ),
    "Caches": (
        Row(
            "A page, a link, and a link to the page, which the browser has kept (`max-age`)",
            kept,
            "3 1 3 1 1 2",
            "2 1 0 0 0 1",
        ),
        Row(
            "… which the browser asks about (`ETag`, 304)",
            revalidated,
            "3 1 3 1 1 2",
            "3 1 0 0 0 2",
        ),
        Row(
            "A page that the browser has kept, and a reload",
            kept_and_reloaded,
            "2 1 2 1 0 0",
            "2 1",
        ),
        Row("A page that shared caches may keep", public, "1 1 1 1 0 0", "0"),
        Row(
            "Four pages under a service worker that hands requests on",
            worked_passing,
            "4 1 4 1 1 3",
            "1 1",
        ),
        Row("… that lets the browser preload", worked_preloading, "4 1 4 1 1 3", "4 1 0 0 0 3"),
        Row(
            "… that lets the browser preload, and keeps pages, the fourth among them",
            worked_storing,
            "5 1 4 1 1 4",
            "4 1 0 0 0 3",
            "4 1 4 1 1 3",
        ),
        Row("… that keeps pages, the fourth among them", worked_keeping, "4 1 4 1 1 3", "1 1"),
    ),
}
