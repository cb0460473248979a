"""Ways to arrive at the site, and what each adds to the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rows import OURS, Row, Topics

if TYPE_CHECKING:
    from visiting import Visitor


def typed(visitor: Visitor) -> None:
    visitor.type("/")


def typed_again(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.type("/pricing")


def typed_same(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.type("/")


def redirected(visitor: Visitor) -> None:
    visitor.type("/docs", "/docs/")


def started(visitor: Visitor) -> None:
    visitor.open_free("/lab/ahead", app=True)
    visitor.wait_until_said("visible")


def linked(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing")


def linked_noreferrer(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing", "noreferrer")


def linked_quietly(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing", "quiet")


def linked_opener(visitor: Visitor) -> None:
    visitor.come_in_new_tab("/pricing", "opener")


def linked_window(visitor: Visitor) -> None:
    visitor.come_in_new_tab("/pricing", "window")


def linked_replace(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing", "replace")


def linked_and_redirected(visitor: Visitor) -> None:
    for status in (301, 302, 303, 307, 308):
        visitor.come_from_elsewhere(f"/lab/redirect/{status}", ends="/lab/answer")


def linked_through_redirector(visitor: Visitor) -> None:
    there = visitor.elsewhere(visitor.base + "/pricing", "redirect")
    visitor.page.goto(visitor.elsewhere(there, host="third.localhost"))
    visitor.page.locator("a").click()
    visitor.page.wait_for_url(visitor.base + "/pricing")


def elsewhere_and_back(visitor: Visitor) -> None:
    visitor.type("/")
    visitor.come_from_elsewhere("/pricing")


def posted_from_elsewhere(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/lab/answer", "post", click="button")


def posted_from_elsewhere_and_redirected(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/lab/redirect/303", "post", ends="/lab/answer", click="button")


def own_subdomain(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing", host="shop.fennel.localhost")


def own_subdomain_quietly(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing", "quiet", host="shop.fennel.localhost")


def foreign_subdomain(visitor: Visitor) -> None:
    visitor.come_from_elsewhere("/pricing", host="blog.fennel.localhost")


def returned(visitor: Visitor) -> None:
    visitor.type("/contact")
    there = visitor.elsewhere(visitor.base + "/contact/thanks", "redirect")
    visitor.link(there, "/contact/thanks")


def returned_by_our_redirect(visitor: Visitor) -> None:
    visitor.type("/contact")
    there = visitor.elsewhere(visitor.base + "/contact/thanks", "redirect")
    visitor.link("/lab/out?" + there, "/contact/thanks")


def returned_from_page(visitor: Visitor) -> None:
    visitor.type("/contact")
    visitor.leave(visitor.base + "/contact/thanks")
    visitor.page.locator("a").click()
    visitor.page.wait_for_url(visitor.base + "/contact/thanks")


TOPICS: Final[Topics] = {
    "Addresses": (
        Row("An address is typed", typed, "1 1 1 1 0 0", "1 1"),
        Row(
            "An address is typed in a tab that shows the site",
            typed_again,
            "2 2 2 1 1 0",
            "2 2",
            "2 1 2 1 1 0",
        ),
        Row("The same address is typed once more", typed_same, "2 2 2 2 0 0", "2 2"),
        Row("An address that redirects is typed", redirected, "1 1 1 1 0 0", "1 1"),
        Row(
            "The site is started as an installed application",
            started,
            "1 1 1 1 0 0",
            "1 1",
            browser="free",
        ),
    ),
    "Links from elsewhere": (
        Row("A link on another site", linked, "1 1 1 1 0 0", "1 1"),
        Row("… with `rel=noreferrer`", linked_noreferrer, "1 1 1 1 0 0", "1 1"),
        Row("… with `Referrer-Policy: no-referrer`", linked_quietly, "1 1 1 1 0 0", "1 1"),
        Row(
            "… with `target=_blank rel=opener`",
            linked_opener,
            "1 1 1 1 0 0",
            "1 1",
        ),
        Row("… by `window.open`", linked_window, "1 1 1 1 0 0", "1 1"),
        Row("… by `location.replace`", linked_replace, "1 1 1 1 0 0", "1 1"),
        Row(
            "… through a third site that redirects",
            linked_through_redirector,
            "1 1 1 1 0 0",
            "1 1",
        ),
        Row(
            "… to five addresses of ours that redirect (301, 302, 303, 307, 308)",
            linked_and_redirected,
            "5 5 5 5 0 0",
            "5 5",
        ),
        Row(
            "A form on another site, posted to us",
            posted_from_elsewhere,
            "1 1 1 1 0 0",
            "1 1",
        ),
        Row(
            "… and answered by a redirect (303)",
            posted_from_elsewhere_and_redirected,
            "1 0 1 1 0 0",
            "1 0",
            "1 1 1 1 0 0",
        ),
        Row(
            "The site, and there again by a link on another site",
            elsewhere_and_back,
            "2 2 2 2 0 0",
            "2 2",
        ),
        Row(
            "A link on a host of ours (`Site(hosts=…)`)",
            own_subdomain,
            "1 0 1 0 0 0",
            "1 0",
            host=OURS,
        ),
        Row(
            "… with `Referrer-Policy: no-referrer`",
            own_subdomain_quietly,
            "1 1 1 1 0 0",
            "1 1",
            host=OURS,
        ),
        Row(
            "A link on a host of the same domain that is not ours",
            foreign_subdomain,
            "1 1 1 1 0 0",
            "1 1",
            host=OURS,
        ),
    ),
    "Over another site and back": (
        Row(
            "A link to another site, which redirects back",
            returned,
            "2 1 2 1 1 0",
            "2 1",
            "2 1 2 1 1 1",
        ),
        Row(
            "A redirect of ours to another site, which redirects back",
            returned_by_our_redirect,
            "2 1 2 1 1 0",
            "2 1",
            "2 1 2 1 1 1",
        ),
        Row(
            "A page of another site, and its link back",
            returned_from_page,
            "2 2 2 2 0 0",
            "2 2",
        ),
    ),
}
