"""The tag that puts the snippet on a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final
from urllib.parse import quote

from firstparty.settings import READS, Settings

STATE: Final = "firstparty"
"""Where the middleware leaves a `Tagged` in an ASGI scope."""


class Tagged:
    """What the tag needs of the middleware, and what it tells: that it is on the page.

    One object a request, as applications may copy the scope. `root` is the path at which the
    middleware is: in a mounted application `root_path` is another. `nonce` is the tag's, "" if it
    has none, None while there is no tag.
    """

    __slots__ = ("nonce", "root", "settings")

    def __init__(self, settings: Settings, root: str = "") -> None:
        self.settings = settings
        self.root = root
        self.nonce: str | None = None


KEEP: Final = "^[^?#]*|[?&]utm_[^&#]*"
"""What the snippet keeps of a URL by itself: the path, and campaign parameters."""


class Markup(str):
    """Text that is markup already: template engines (Jinja2, Django) leave it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def tag(
    collector: str,
    query: Iterable[str] = (),
    sends: Iterable[str] = tuple(READS),
    *,
    hash: bool = False,  # noqa: A002 - the word of the URL standard for scripts
    nonce: str = "",
) -> Markup:
    """The markup of the tag, for a collector at this path.

    `query` are the parameters that are part of a page's path; the snippet cuts all others off,
    but for `utm_…`, before anything is sent. `sends` are names of `READS`. With `hash` the
    fragment is part of the path too.
    """
    attributes = {"src": f"{collector}/tally.js"}
    names = "|".join(["utm_", *(f"{re.escape(quote(name))}=" for name in query)])
    names = f"({names})" if "|" in names else names
    keep = f"^[^?#]*|[?&]{names}[^&#]*" + ("|#[^?]*" if hash else "")
    if keep != KEEP:
        attributes["data-keep"] = keep
    chosen = set(sends)
    if chosen != set(READS):
        fields = ["u", "c", *(field for name, field in READS.items() if name in chosen)]
        attributes["data-send"] = ",".join(fields)
    if nonce:
        attributes["nonce"] = nonce
    text = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return Markup(f"<script defer {text}></script>")


def snippet_tag(request: Any, *, hash: bool = False, nonce: str = "") -> Markup:  # noqa: A002
    """The `<script>` tag of the snippet, for the `<head>` of a page; it needs no escaping.

    `request` is an ASGI scope, or anything with a `scope` such as Starlette's `Request`. Without
    the middleware around the application the answer is empty, so that templates work in tests.
    `hash=True` is for single-page applications whose routes are fragments (`#/settings`); `nonce`
    is that of a Content-Security-Policy which asks for one.

        snippet_tag(request)  # <script defer src="/_tally/tally.js"></script>
    """
    scope: Mapping[str, Any] = getattr(request, "scope", request)
    tagged: Tagged | None = scope.get(STATE)
    if tagged is None:
        return Markup()
    tagged.nonce = nonce
    settings = tagged.settings
    collector = tagged.root + settings.collector
    return tag(collector, settings.query, settings.sends, hash=hash, nonce=nonce)
