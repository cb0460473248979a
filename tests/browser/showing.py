"""The stats page in a browser, for the tests that look at it: filled, opened, watched."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page, expect
from serving import NOON, PASSWORD, running
from starlette.applications import Starlette

from examples.fill import SETTINGS, fill
from examples.starlette_app import create_app
from firstparty.counting import Counting
from firstparty.counts import Batch, Key
from firstparty.metrics import Vector
from firstparty.settings import load

DAYS: Final = 3


def counted(store: Path, **settings: Any) -> Starlette:
    return create_app(
        more=False,
        store=f"sqlite:///{store}",
        password=PASSWORD,
        flush_interval=0.1,
        clock=lambda: NOON,
        **{**SETTINGS, **settings},
    )


@contextmanager
def filled(store: Path, days: int = DAYS, **settings: Any) -> Iterator[str]:
    """The address of the example site with some days of made-up traffic."""
    app = counted(store, **settings)
    _aside(fill(f"sqlite:///{store}", app, now=NOON, days=days))
    with running(app) as base:
        yield base


def write(store: Path, counts: Mapping[Key, Vector], **settings: Any) -> None:
    """Put counts into a store as they are, whatever their names."""

    async def put() -> None:
        options = {"store": f"sqlite:///{store}", **SETTINGS, **settings}
        counting = Counting(load(options, {}))
        await counting.store.open()
        await counting.store.write(Batch("tests", 1, counts))
        await counting.store.close()

    _aside(put())


def _aside(work: Any) -> None:
    with ThreadPoolExecutor(1) as aside:  # this thread's loop is Playwright's
        aside.submit(asyncio.run, work).result()


class Shown:
    """The stats page, with what it asked for and what went wrong."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.wrong: list[str] = []
        self.questions: set[str] = set()
        """The dimensions that it asked about."""
        page.on("pageerror", lambda error: self.wrong.append(f"{error} {error.stack}"))
        page.on("console", lambda said: self.wrong.append(said.text))
        page.on("request", self._asked)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.base, "blob:")):
            self.wrong.append(f"asked another host: {request.url}")
        if request.url.endswith("/api/query"):
            asked = json.loads(request.post_data)
            self.questions.update(name for one in asked for name in one["dimensions"])


@contextmanager
def opened(browser: Browser, base: str, fragment: str = "", **options: Any) -> Iterator[Shown]:
    context = browser.new_context(
        **{
            "http_credentials": {"username": "any", "password": PASSWORD},
            "locale": "en-GB",
            **options,
        }
    )
    try:
        shown = Shown(context.new_page(), base)
        shown.page.goto(f"{base}/stats/{fragment}")
        expect(shown.page.locator("#stats:not(.skeleton):not([aria-busy])")).to_be_visible()
        expect(shown.page.locator(".panel.waiting")).to_have_count(0)
        yield shown
        assert shown.wrong == [], shown.wrong
    finally:
        context.close()


def panel(shown: Shown, name: str) -> Locator:
    return shown.page.locator(f'.panel[aria-label="{name}"]')
