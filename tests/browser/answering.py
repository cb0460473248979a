"""What the server answers, and what of it is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from arriving import linked, typed, typed_again
from loading import boosted
from moving import back, followed, reloaded
from rows import PLAIN, Row, Topics

if TYPE_CHECKING:
    from visiting import Visitor


def zipped(visitor: Visitor) -> None:
    visitor.type("/lab/zipped")


def streamed(visitor: Visitor) -> None:
    visitor.type("/lab/streamed")


def static(visitor: Visitor) -> None:
    visitor.type("/lab/static/page.html")


def nonce(visitor: Visitor) -> None:
    visitor.type("/lab/nonce")


def twice(visitor: Visitor) -> None:
    visitor.type("/lab/twice")


def missing(visitor: Visitor) -> None:
    visitor.type("/blog/weighing-cheese")
    visitor.follow("/docs/scales")


def broken(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.follow("/lab/broken")


def raising(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.follow("/lab/raising")


def cut(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.page.locator('a[href="/lab/cut"]').click(no_wait_after=True)
    # Chromium shows what has come, and takes the page for one that is loading still.
    visitor.page.wait_for_url("**/lab/cut", wait_until="commit")


def nothing(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.stay("/lab/nothing")


def attached(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.stay("/lab/file")


def saved(visitor: Visitor) -> None:
    visitor.type("/lab/links")
    visitor.stay("/docs/start")


def framed(visitor: Visitor) -> None:
    visitor.type("/about")
    visitor.frame("/pricing")


def framed_elsewhere(visitor: Visitor) -> None:
    visitor.frame_elsewhere("/pricing")


TOPICS: Final[Topics] = {
    "How the page is served": (
        Row("Compressed (`GZipMiddleware`)", zipped, "1 1 1 1 0 0", "1 1"),
        Row("In pieces (`StreamingResponse`)", streamed, "1 1 1 1 0 0", "1 1"),
        Row("From a folder (`StaticFiles`)", static, "1 1 1 1 0 0", "1 1"),
        Row("With a policy that allows scripts by nonce", nonce, "1 1 1 1 0 0", "1 1"),
        Row("With the snippet on it twice", twice, "1 1 2 2 0 0", "1 1", "2 2 2 2 0 0"),
    ),
    "Over plain http, on a host that is not this machine": (
        Row("An address is typed", typed, "1 1 1 1 0 0", "1 1", host=PLAIN),
        Row(
            "… in a tab that shows the site",
            typed_again,
            "2 2 2 1 1 0",
            "2 2",
            "2 1 2 1 1 0",
            host=PLAIN,
        ),
        Row("A link on another site", linked, "1 1 1 1 0 0", "1 1", host=PLAIN),
        Row("… then a reload", reloaded, "2 1 2 1 0 0", "2 1", host=PLAIN),
        Row("A link within the site", followed, "2 1 2 1 1 1", "2 1 0 0 0 1", host=PLAIN),
        Row("… then back", back, "3 1 3 1 1 1", "2 1 0 0 0 1", host=PLAIN),
        Row(
            "A page fetched by a script that asks for `text/html` (Turbo)",
            boosted,
            "3 1 2 1 1 2",
            "2 1 0 0 0 1",
            "2 1 2 1 1 1",
            host=PLAIN,
        ),
        Row(
            "A page with another of ours in a frame",
            framed,
            "2 1 1 1 0 1",
            "2 1 0 0 0 1",
            "1 1 1 1 0 0",
            host=PLAIN,
        ),
    ),
    "What is no page view": (
        Row(
            "A link to a page that is not there",
            missing,
            "1 1 1 1 0 0 1",
            "1 1 0 0 0 0 1",
        ),
        Row("A link to a page that fails (500)", broken, "1 1 1 1 0 0", "1 1"),
        Row("… that raises, before the site's own error page", raising, "1 1 1 1 0 0", "1 1"),
        Row("… that breaks off in the middle", cut, "2 1 1 1 0 1", "2 1 0 0 0 1", "1 1 1 1 0 0"),
        Row("A link that is answered by nothing (204)", nothing, "1 1 1 1 0 0", "1 1"),
        Row(
            "A link to a file (`Content-Disposition: attachment`)",
            attached,
            "1 1 1 1 0 0",
            "1 1",
        ),
        Row("A link that saves a page (`download`)", saved, "1 1 1 1 0 0", "1 1"),
        Row("A page with another of ours in a frame", framed, "1 1 1 1 0 0", "1 1"),
        Row("Another site's page with one of ours in a frame", framed_elsewhere, "0", "0"),
    ),
}
