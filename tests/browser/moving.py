"""Ways to move about the site, and what each adds to the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rows import Row, Topics

if TYPE_CHECKING:
    from visiting import Visitor


def followed(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.follow("/pricing")


def followed_twice(visitor: Visitor) -> None:
    followed(visitor)
    visitor.follow("/about")


def followed_quietly(visitor: Visitor) -> None:
    visitor.type("/lab/quiet")
    visitor.follow("/about")


def followed_noreferrer(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.follow("/lab/fresh")


def followed_redirects(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.follow("/lab/redirects/301-302-303-307", "/lab/answer")


def changed_mind(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.change_mind("/lab/slow", "/about")


def followed_to_itself(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    with visitor.page.expect_navigation():
        visitor.page.locator('a[href="/lab/links"]').click()


def turned_over(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    with visitor.page.expect_navigation():
        visitor.page.locator('a[href="/lab/links?page=2"]').click()


def new_tab(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.follow_in_new_tab("/pricing")


def new_tab_noreferrer(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.open("/app/")


def window(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.open_by_script("/pricing")


def replaced_location(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.script("location.replace('/pricing')", "/pricing")


def refreshed(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.follow("/lab/refresh", "/about")


def hidden(visitor: Visitor) -> None:
    visitor.open_free("/lab/hidden", "--disable-popup-blocking")
    visitor.wait_until_said("hidden")


def reloaded(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing")
    visitor.reload()


def reloaded_hard(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing")
    visitor.reload_hard()


def reloaded_second(visitor: Visitor) -> None:
    followed(visitor)
    visitor.reload()


def reloaded_by_script(visitor: Visitor) -> None:
    visitor.type("/")
    with visitor.page.expect_navigation():
        visitor.page.evaluate("() => history.go(0)")


def refreshes(visitor: Visitor) -> None:
    with visitor.page.expect_navigation(url="**/lab/refreshing"):
        visitor.type("/lab/refreshing")


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


def back_from_elsewhere(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.leave()
    visitor.back("/")


def back_to_route(visitor: Visitor) -> None:
    visitor.type("/app/")
    visitor.follow("/app/reports")
    visitor.follow("/pricing")
    visitor.back("/app/reports")


def back_after_form(visitor: Visitor) -> None:
    posted(visitor)
    visitor.back("/contact")


def searched(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.fill("header input[name=q]", "cheese")
    visitor.press("header input[name=q]", "Enter", "/search")


def posted(visitor: Visitor) -> None:
    visitor.type("/contact")
    visitor.fill("[name=email]", "ada@example.org")
    visitor.fill("[name=message]", "Good morning.")
    visitor.press("[name=email]", "Enter", "/contact/thanks")


def posted_and_redirected(visitor: Visitor, status: int) -> None:
    visitor.type(f"/lab/form/{status}")
    visitor.send("/lab/answer")


def posted_302(visitor: Visitor) -> None:
    posted_and_redirected(visitor, 302)


def posted_307(visitor: Visitor) -> None:
    posted_and_redirected(visitor, 307)


def posted_to_itself(visitor: Visitor) -> None:
    visitor.type("/lab/form")
    with visitor.page.expect_navigation():
        visitor.page.locator("button").click()


def posted_and_reloaded(visitor: Visitor) -> None:
    posted_to_itself(visitor)
    visitor.reload()


TOPICS: Final[Topics] = {
    "Links within the site": (
        Row("A link", followed, "2 1 2 1 1 1", "2 1 0 0 0 1"),
        Row("Two links, one after the other", followed_twice, "3 1 3 1 1 2", "3 1 0 0 0 2"),
        Row(
            "A link on a page with `Referrer-Policy: no-referrer`",
            followed_quietly,
            "2 1 2 1 1 0",
            "2 1",
        ),
        Row("A link with `rel=noreferrer`", followed_noreferrer, "2 1 2 1 1 0", "2 1"),
        Row(
            "A link that redirects four times (301, 302, 303, 307)",
            followed_redirects,
            "2 1 2 1 1 1",
            "2 1 0 0 0 1",
        ),
        Row(
            "A link to a slow page, and another link before it comes",
            changed_mind,
            "3 1 2 1 1 2",
            "3 1 0 0 0 2",
            "2 1 2 1 1 1",
        ),
        Row("A link to the page itself", followed_to_itself, "2 1 2 1 0 0", "2 1"),
        Row("A link to the page with another query", turned_over, "2 1 2 1 1 0", "2 1"),
        Row("A link in a new tab", new_tab, "2 1 2 1 0 1", "2 1 0 0 0 1"),
        Row(
            "A link with `target=_blank rel=noreferrer`",
            new_tab_noreferrer,
            "2 1 2 2 0 0",
            "2 1",
            "2 2 2 2 0 0",
        ),
        Row(
            "A window opened by a script (`window.open`)",
            window,
            "2 1 2 1 0 1",
            "2 1 0 0 0 1",
        ),
        Row("`location.replace`", replaced_location, "2 1 2 1 0 1", "2 1 0 0 0 1"),
        Row(
            "A page that leads to another (`<meta http-equiv=refresh>`)",
            refreshed,
            "3 1 3 1 2 2",
            "3 1 0 0 0 2",
        ),
        Row(
            "A page that loads in a tab that is not looked at",
            hidden,
            "2 1 2 1 1 1",
            "2 1 0 0 0 1",
            browser="free",
        ),
    ),
    "Reloads": (
        Row("A link on another site, then a reload", reloaded, "2 1 2 1 0 0", "2 1"),
        Row(
            "… then a reload past the cache (Ctrl+Shift+R)",
            reloaded_hard,
            "2 1 2 1 0 0",
            "2 1",
        ),
        Row("A link, then a reload", reloaded_second, "3 1 3 1 1 1", "3 1 0 0 0 1"),
        Row("A reload by a script (`history.go(0)`)", reloaded_by_script, "2 1 2 1 0 0", "2 1"),
        Row(
            "A page that loads itself anew (`<meta http-equiv=refresh>`)",
            refreshes,
            "2 1 2 1 0 0",
            "2 1",
        ),
    ),
    "Back and forward": (
        Row("A link, then back, the page still in memory", back, "3 1 3 1 1 1", "2 1 0 0 0 1"),
        Row(
            "A link, then back, the page in the HTTP cache",
            back,
            "3 1 3 1 1 1",
            "2 1 0 0 0 1",
            browser="http cache",
        ),
        Row(
            "A link on another site, a link, then back to a page that may not be kept",
            back_to_fresh,
            "3 2 3 1 1 1",
            "3 2 0 0 0 1",
            "3 1 3 1 1 1",
            browser="http cache",
        ),
        Row("A link, back, and forward again", forward, "4 1 4 1 1 1", "2 1 0 0 0 1"),
        Row("A link, back, and another link", another_link, "4 1 4 1 2 2", "3 1 0 0 0 2"),
        Row(
            "To another site, and back, the page still in memory",
            back_from_elsewhere,
            "2 1 2 1 0 0",
            "1 1",
        ),
        Row(
            "To another site, and back, the page in the HTTP cache",
            back_from_elsewhere,
            "2 1 2 1 0 0",
            "1 1",
            browser="http cache",
        ),
        Row(
            "A route, another page, and back, the page still in memory",
            back_to_route,
            "4 1 4 1 1 2",
            "2 1 0 0 0 1",
        ),
        Row(
            "A route, another page, and back, the page not in memory",
            back_to_route,
            "4 1 4 1 1 2",
            "3 1 0 0 0 1",
            browser="http cache",
        ),
        Row(
            "A form that is posted, and back",
            back_after_form,
            "3 1 3 1 1 0",
            "2 1",
            "3 1 3 1 1 1",
        ),
    ),
    "Forms": (
        Row("A search form", searched, "2 1 2 1 1 1", "2 1 0 0 0 1"),
        Row(
            "A form that is posted, and answered by a redirect (303)",
            posted,
            "2 1 2 1 1 0",
            "2 1",
            "2 1 2 1 1 1",
        ),
        Row("… by a redirect (302)", posted_302, "2 1 2 1 1 0", "2 1", "2 1 2 1 1 1"),
        Row(
            "… by a redirect that repeats the post (307)",
            posted_307,
            "2 1 2 1 1 1",
            "2 1 0 0 0 1",
        ),
        Row("… by a page", posted_to_itself, "2 1 2 1 1 0", "2 1"),
        Row("… by a page, which is reloaded", posted_and_reloaded, "3 1 3 1 1 0", "3 1"),
    ),
}
