"""A server of its own, for sites of any other stack: the snippet, beacons, the stats page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from firstparty.middleware import AnalyticsMiddleware
from firstparty.settings import Settings, Site, load

MOST_PAGES: Final = 10_000
"""Pages of a folder that have a name from their first view on; others get it as visitors come."""
INDEX: Final = "index.html"


def application(
    site: str, root: Path | None = None, options: Mapping[str, Any] | None = None
) -> AnalyticsMiddleware:
    """What `firstparty serve` serves: nothing but ours, or the files of the folder `root`, too.

    With a folder, pages are counted as they are served. Without one they are served by somebody
    else, and it is left to the snippet. `options` are settings; the environment gives the rest.
    Raises SettingError.
    """
    chosen: dict[str, Any] = {
        "site": Site(site, hosts=(site, f"www.{site.removeprefix('www.')}")),
        "collect": "script" if root is None else "server",
        **(options or {}),
    }
    settings = load(chosen)
    if root is None:
        return AnalyticsMiddleware(_Nothing(settings), **chosen)
    chosen["listed"] = (*settings.listed, *pages(root))
    return AnalyticsMiddleware(_Files(root), **chosen)


def pages(root: Path) -> tuple[str, ...]:
    """The paths of the pages in a folder: nobody but the site's owner has made these."""
    found = list[str]()
    for path in _pages(root):
        found.append(path)
        if len(found) == MOST_PAGES:
            break
    return tuple(found)


def _pages(root: Path) -> Iterator[str]:
    for file in sorted(root.rglob("*.html")):
        path = f"/{file.relative_to(root).as_posix()}"
        if "*" not in path:  # which would be a family of paths
            yield path.removesuffix(INDEX) if file.name == INDEX else path


class _Files:
    """The files of a folder, but for those that begin with a dot: `.git`, `.env`, `.htpasswd`."""

    def __init__(self, root: Path) -> None:
        self._files = StaticFiles(directory=root, html=True)
        self._missing = PlainTextResponse("There is no such page.\n", 404)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        hidden = f"{scope['path']}/".replace("/.well-known/", "/", 1)
        try:
            await (self._missing if "/." in hidden else self._files)(scope, receive, send)
        except HTTPException as error:
            answer = PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)
            await answer(scope, receive, send)


class _Nothing:
    """Says what is here to whoever comes to the server itself."""

    routes = ()
    """It has no pages of its own: other tools' paths are free."""

    def __init__(self, settings: Settings) -> None:
        self._answer = PlainTextResponse(
            f"This is firstparty: {settings.prefix}/ shows the numbers, {settings.prefix}/privacy"
            f" what is counted; {settings.collector}/tally.js counts.\n"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
