"""What the browser tests share. By module: Playwright's loop would be in the way of other tests."""

from collections.abc import Iterator

import pytest
from laboratory import elsewhere
from playwright.sync_api import Browser, sync_playwright
from serving import running
from visiting import launched


@pytest.fixture(scope="module")
def browsers() -> Iterator[dict[str, Browser]]:
    """Chromium with and without its back/forward cache."""
    with (
        sync_playwright() as playwright,
        launched(playwright) as whole,
        launched(playwright, bfcache=False) as without,
    ):
        yield {"bfcache": whole, "http cache": without, "free": whole}


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    """The address of another site: `localhost` is another site than `127.0.0.1`."""
    with running(elsewhere()) as base:
        yield base.replace("127.0.0.1", "localhost")
