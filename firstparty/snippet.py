"""The tag that puts the snippet on a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final
from urllib.parse import quote

from firstparty.here import ENVIRON, STATE, Here
from firstparty.readings import FILES, READINGS
from firstparty.settings import Settings

KEEP: Final = "^[^?#]*|[?&]utm_[^&#]*"
"""What the snippet keeps of a URL by itself: the path, and campaign parameters."""


class Markup(str):
    """Text that is markup already: template engines (Jinja2, Django) leave it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def tag(settings: Settings, root: str = "", *, hash_routes: bool = False, nonce: str = "") -> str:
    """The markup of the tag of `tally.js`, for a site whose middleware is at `root`."""
    attributes = {"src": f"{root}{settings.collector}/tally.js", **_keep(settings, hash_routes)}
    chosen = [each for each in settings.read_in_browser if each.file == "tally.js"]
    if len(chosen) < len([each for each in READINGS if each.file == "tally.js"]):
        fields = ["u", "c", *(field for each in chosen for field in each.fields)]
        attributes["data-send"] = ",".join(fields)
    return _script(attributes, nonce)


def more_tags(
    settings: Settings, root: str = "", *, hash_routes: bool = False, nonce: str = ""
) -> list[str]:
    """The markup of the tags of the optional files, as far as their readings are switched on."""
    tags = list[str]()
    for file in FILES[1:]:
        attributes = {"src": f"{root}{settings.collector}/{file}", **_keep(settings, hash_routes)}
        chosen = [each.name for each in settings.read_in_browser if each.file == file]
        if chosen != [each.name for each in READINGS if each.file == file]:
            attributes["data-reads"] = " ".join(chosen)
        if chosen:
            tags.append(_script(attributes, nonce))
    return tags


def _keep(settings: Settings, hash_routes: bool) -> dict[str, str]:
    """What the snippet may keep of a URL: all else is cut off before anything is sent."""
    names = "|".join(["utm_", *(f"{re.escape(quote(name))}=" for name in settings.query)])
    names = f"({names})" if "|" in names else names
    keep = f"^[^?#]*|[?&]{names}[^&#]*" + ("|#[^?]*" if hash_routes else "")
    return {"data-keep": keep} if keep != KEEP else {}


def _script(attributes: dict[str, str], nonce: str) -> str:
    if nonce:
        attributes["nonce"] = nonce
    text = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<script defer {text}></script>"


def snippet_tag(
    request: Any,
    *,
    more: bool = False,
    hash: bool = False,  # noqa: A002 - the word of the URL standard for scripts
    nonce: str = "",
) -> Markup:
    """The `<script>` tag of the snippet, for the `<head>` of a page; it needs no escaping.

    `request` is an ASGI scope or a WSGI environ, or anything with a `scope` or an `environ`, such
    as the request of Starlette, Litestar, Quart, Flask or Django. Without the middleware around
    the application the answer is empty, so that templates work in tests; so it is on the page
    that Starlette shows when the application has raised (`exception_handlers={500: …}`), as an
    error page is no view.
    `more=True` adds the optional files: `more.js` measures how a view went, `acts.js` reports what
    was done, `pace.js` how fast the page was; each as far as the setting `sends` says. `hash=True`
    is for single-page applications whose routes are fragments (`#/settings`); `nonce` is that of a
    Content-Security-Policy which asks for one.

        snippet_tag(request)  # <script defer src="/_tally/tally.js"></script>
    """
    here = here_of(request)
    if here is None or here.failed:
        return Markup()
    here.nonce = nonce
    settings, root = here.settings, here.root
    tags = [tag(settings, root, hash_routes=hash, nonce=nonce)]
    if more:
        tags += more_tags(settings, root, hash_routes=hash, nonce=nonce)
    return Markup("\n".join(tags))


def here_of(request: Any) -> Here | None:
    """What the middleware has left in a request, of whatever framework."""
    for place in (request, getattr(request, "scope", None), getattr(request, "environ", None)):
        if isinstance(place, Mapping):
            found: Any = place.get(STATE) or place.get(ENVIRON)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if isinstance(found, Here):
                return found
    return None
