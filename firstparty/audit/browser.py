"""Opening pages in Chromium, which runs their scripts: what those load is seen here alone."""

from __future__ import annotations

import shutil
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from firstparty.audit import urls
from firstparty.audit.answers import AuditError
from firstparty.audit.crawl import Crawled, Load, Note

KINDS: Final = {
    "script": "script",
    "document": "frame",
    "stylesheet": "style",
    "font": "font",
    "image": "image",
    "xhr": "connect",
    "fetch": "connect",
    "ping": "connect",
    "eventsource": "connect",
    "websocket": "connect",
}
"""Playwright's types of resource, and the kind of load that each is."""
SETTLED: Final = 1_000
"""Milliseconds for which a page is left alone once it has loaded."""
TIMEOUT: Final = 20_000
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


async def look(found: Crawled, base: str, own: frozenset[str], *, most: int) -> None:
    """Open up to `most` of the pages that were read, and add what they load from elsewhere."""
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError:
        raise AuditError(
            "--browser needs Playwright: pip install playwright, and playwright install chromium"
        ) from None
    parts = urlsplit(base)
    home = f"{parts.scheme}://{parts.netloc}"
    ours = own | {parts.hostname or ""}
    try:
        async with async_playwright() as playwright:
            browser = await _launched(playwright)
            context = await browser.new_context()
            await context.route("**/*", partial(_routed, found, home, ours))
            for path in found.pages[:most]:
                page = await context.new_page()
                page.on("request", partial(_note, found, ours, path))
                try:
                    await page.goto(f"{home}{path}", wait_until="load", timeout=TIMEOUT)
                    await page.wait_for_timeout(SETTLED)
                except Error as error:
                    found.failed[path] = f"in the browser: {str(error).splitlines()[0]}"
                await page.close()
            await browser.close()
    except Error as error:
        why = str(error).splitlines()[0]
        raise AuditError(f"the browser could not be started: {why}") from None


async def _launched(playwright: Any) -> Any:
    """Playwright's own Chromium, or the one of this machine."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        return await playwright.chromium.launch()
    except Exception:
        if path is None:
            raise
        return await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


async def _routed(found: Crawled, home: str, own: frozenset[str], route: Any) -> None:
    """To our own host we say that this is no visit; others get what anybody gets.

    A page that leads away is not followed: what is there is no page of the site.
    """
    request = route.request
    if _leaves(request, own):
        what = f"leads to {_host(request.url)} in the browser"
        found.notes.add(Note("redirect", what, urls.page(request.frame.url)))
        await route.abort()
    elif request.url.startswith(f"{home}/"):
        await route.continue_(headers={**request.headers, "sec-gpc": "1"})
    else:
        await route.continue_()


def _leaves(request: Any, own: frozenset[str]) -> bool:
    if not request.is_navigation_request() or request.frame.parent_frame is not None:
        return False
    return not _is_own(_host(request.url), own)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_own(host: str, own: frozenset[str]) -> bool:
    return bool({host, f"www.{host}", host.removeprefix("www.")} & own)


def _note(found: Crawled, own: frozenset[str], path: str, request: Any) -> None:
    url: str = request.url
    if not url.startswith(("http://", "https://", "ws://", "wss://")):
        return
    host = _host(url)
    if not host or _is_own(host, own) or _leaves(request, own):
        return
    kind = KINDS.get(request.resource_type, "other")
    found.loads.add(Load(host, kind, path, "browser", url.partition("?")[0][:200]))
