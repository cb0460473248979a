"""A visitor: a page in Chromium, and the ways to move that the table of navigations names."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from serving import PATIENCE, Site, until

AGENT: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)
SWITCHES: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    f"--user-agent={AGENT}",
)


def chromium() -> str:
    """The browser's path. Without a browser a test fails; it is not skipped."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("there is no chromium on PATH: install Debian's package 'chromium'")
    return found


@contextmanager
def launched(playwright: Playwright, *, bfcache: bool = True) -> Iterator[Browser]:
    """Chromium, with or without its back/forward cache."""
    browser = playwright.chromium.launch(
        executable_path=chromium(),
        args=[*SWITCHES],
        # Playwright switches it off; people have it.
        ignore_default_args=["--disable-back-forward-cache"] if bfcache else None,
    )
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def visiting(context: BrowserContext, site: Site) -> Iterator["Visitor"]:
    """Somebody with a new tab."""
    with ExitStack() as stack:
        visitor = Visitor(context, site, stack)
        yield visitor
        for page in context.pages:
            page.close()


class Visitor:
    """Moves about the site. Each step waits until the page has loaded."""

    def __init__(self, context: BrowserContext, site: Site, stack: ExitStack) -> None:
        context.set_default_timeout(1000 * PATIENCE)
        self.context = context
        self.site = site
        self.page: Page = context.new_page()
        self._stack = stack

    def type(self, path: str, ends: str = "") -> None:
        """Open an address, as one that is typed or bookmarked."""
        self.page.goto(self.site.base + path)
        self._arrived(ends or path)

    def come_from_elsewhere(self, path: str) -> None:
        """Open another site, and follow its link."""
        self.page.goto(f"{self.site.other}/?{self.site.base}{path}")
        self.page.locator("a").click()
        self._arrived(path)

    def follow(self, link: str, path: str = "") -> None:
        """Click on a link."""
        self.page.locator(f'a[href="{link}"]').first.click()
        self._arrived(path or link)

    def follow_in_new_tab(self, link: str) -> None:
        """Click on a link with the key for a new tab."""
        with self.context.expect_page() as opened:
            self.page.locator(f'a[href="{link}"]').first.click(modifiers=["ControlOrMeta"])
        opened.value.wait_for_load_state()

    def reload(self) -> None:
        """Reload the page."""
        self.page.reload()

    def back(self, path: str) -> None:
        """Go back."""
        # A page that comes out of memory loads nothing.
        self.page.go_back(wait_until="commit")
        self._arrived(path)

    def forward(self, path: str) -> None:
        """Go forward."""
        self.page.go_forward(wait_until="commit")
        self._arrived(path)

    def fill(self, field: str, text: str) -> None:
        """Write into a field of a form."""
        self.page.locator(field).fill(text)

    def press(self, field: str, key: str, path: str) -> None:
        """Press a key that leads to another page."""
        self.page.locator(field).press(key)
        self._arrived(path)

    def script(self, text: str, path: str) -> None:
        """Do what the application's own script would do."""
        self.page.evaluate(f"() => {{ {text} }}")
        self._arrived(path)

    def frame(self, path: str) -> None:
        """Put a page of the site into the page."""
        self.page.evaluate(
            """(path) => new Promise((loaded) => {
                const frame = document.createElement("iframe");
                frame.onload = loaded;
                frame.src = path;
                document.body.append(frame);
            })""",
            path,
        )

    def frame_elsewhere(self, path: str) -> None:
        """Open another site's page that has a page of ours in it."""
        self.page.goto(f"{self.site.other}/frame?{self.site.base}{path}")

    def wait_for_prefetch(self, path: str) -> None:
        """Wait until the browser has fetched a page ahead."""

        def ahead() -> bool:
            return any(
                one.path == path and "prefetch" in one.headers.get("sec-purpose", "")
                for one in self.site.asked
            )

        assert until(ahead, bool), f"{path} was not prefetched"

    def open_free(self, path: str) -> None:
        """Open an address in a browser that no debugger is attached to, and leave it open."""
        folder = self._stack.enter_context(_folder())
        browser = subprocess.Popen(
            [
                chromium(),
                "--headless=new",
                "--no-first-run",
                *SWITCHES,
                f"--user-data-dir={folder}",
                self.site.base + path,
            ],
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(_end, browser)

    def say(self, text: str) -> None:
        """Tell the pages of the laboratory something."""
        self.site.said.append(text)

    def wait_until_said(self, text: str) -> None:
        """Wait until a page of the laboratory has reported something."""
        assert until(lambda: text in self.site.said, bool), f"no page said {text!r}"

    def settle(self) -> None:
        """Let each page ask the server for something more: what it had to say has arrived then."""
        for page in self.context.pages:
            if page.url.startswith(self.site.base):
                page.evaluate("() => fetch('/lab/said').then((reply) => reply.text())")

    def _arrived(self, path: str) -> None:
        self.page.wait_for_function(
            "(path) => location.pathname === path && document.readyState === 'complete'",
            arg=urlsplit(path).path,
        )


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name)


def _end(browser: "subprocess.Popen[bytes]") -> None:
    browser.terminate()
    try:
        browser.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        browser.kill()
        browser.wait(PATIENCE)
