"""A visitor: a page in Chromium, and the ways to move that the table of navigations names."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
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
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    f"--user-agent={AGENT}",
)
OTHER: Final = {"www.fennel.test": "elsewhere.test"}
"""Where another site is, for who visits us at a name that is none of this machine's own."""
LINK: Final = """(address) => {
    const link = document.createElement("a");
    link.href = address;
    document.body.append(link);
    link.click();
}"""
"""Puts a link into the page, and clicks on it."""
INSTEAD: Final = """([first, then]) => {
    const click = (path) => document.querySelector(`a[href="${path}"]`).click();
    const instead = async () => {
        const said = await (await fetch("/lab/said")).text();
        said.includes("asked") ? click(then) : setTimeout(instead, 20);
    };
    click(first);
    instead();
}"""
"""Clicks on a link, and on another when the page behind the first says that it was asked for."""


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
def visiting(context: BrowserContext, site: Site, host: str = "127.0.0.1") -> Iterator["Visitor"]:
    """Somebody with a new tab, who knows the site by this host."""
    with ExitStack() as stack:
        visitor = Visitor(context, site, stack, host)
        yield visitor
        for page in context.pages:
            page.close()


class Visitor:
    """Moves about the site. Each step waits until the page has loaded."""

    def __init__(
        self, context: BrowserContext, site: Site, stack: ExitStack, host: str = "127.0.0.1"
    ) -> None:
        context.set_default_timeout(1000 * PATIENCE)
        self.context = context
        self.site = site
        self.base = f"http://{host}:{urlsplit(site.base).port}"
        self.page: Page = context.new_page()
        self._other = OTHER.get(host, "localhost")
        self._stack = stack

    def elsewhere(self, target: str, way: str = "", host: str = "") -> str:
        """The address of another site's page that leads, in a way, to what is named."""
        return f"http://{host or self._other}:{urlsplit(self.site.other).port}/{way}?{target}"

    def type(self, path: str, ends: str = "") -> None:
        """Open an address, as one that is typed or bookmarked."""
        self.page.goto(self.base + path)
        self._arrived(ends or path)

    def come_from_elsewhere(
        self, path: str, way: str = "", *, host: str = "", ends: str = "", click: str = "a"
    ) -> None:
        """Open another site, and follow its link."""
        self.page.goto(self.elsewhere(self.base + path, way, host))
        self.page.locator(click).click()
        self._arrived(ends or path)

    def come_in_new_tab(self, path: str, way: str) -> None:
        """Open another site, and follow its link, which opens a tab."""
        self.page.goto(self.elsewhere(self.base + path, way))
        self._opened(lambda: self.page.locator("a").click())

    def leave(self, target: str = "") -> None:
        """Click on a link of the page to another site."""
        address = self.elsewhere(target)
        self.page.evaluate(LINK, address)
        self.page.wait_for_url(address)

    def link(self, address: str, path: str) -> None:
        """Click on a link that the page has been given."""
        self.page.evaluate(LINK, address)
        self._arrived(path)

    def follow(self, link: str, path: str = "") -> None:
        """Click on a link."""
        self.page.locator(f'a[href="{link}"]').first.click()
        self._arrived(path or link)

    def stay(self, link: str) -> None:
        """Click on a link that leads to no page, and wait until the server has answered."""
        self.page.locator(f'a[href="{link}"]').first.click(no_wait_after=True)

        def answered() -> bool:
            return any(one.path == link for one in self.site.asked)

        assert until(answered, bool), f"{link} was not asked for"

    def change_mind(self, first: str, then: str) -> None:
        """Click on a link to a page that says when it is asked for, and then on another."""
        # Playwright would wait for the first click's page.
        self.page.evaluate(INSTEAD, [first, then])
        self._arrived(then)

    def send(self, path: str) -> None:
        """Click on the button of a form."""
        self.page.locator("button").click()
        self._arrived(path)

    def follow_in_new_tab(self, link: str) -> None:
        """Click on a link with the key for a new tab."""
        place = self.page.locator(f'a[href="{link}"]').first
        self._opened(lambda: place.click(modifiers=["ControlOrMeta"]))

    def open(self, link: str) -> None:
        """Click on a link that opens a tab by itself."""
        self._opened(self.page.locator(f'a[href="{link}"]').first.click)

    def open_by_script(self, path: str) -> None:
        """Have the application's script open a window."""
        self._opened(lambda: self.page.evaluate(f"() => {{ open({path!r}) }}"))

    def _opened(self, act: Callable[[], object]) -> None:
        with self.context.expect_page() as opened:
            act()
        opened.value.wait_for_load_state()

    def reload(self) -> None:
        """Reload the page."""
        self.page.reload()

    def reload_hard(self) -> None:
        """Reload the page, past all that the browser has kept."""
        with self.page.expect_navigation():
            session = self.context.new_cdp_session(self.page)
            session.send("Page.reload", {"ignoreCache": True})

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
        self.page.goto(self.elsewhere(self.base + path, "frame"))

    def wait_for_prefetch(self, path: str) -> None:
        """Wait until the browser has fetched a page ahead."""

        def ahead() -> bool:
            return any(
                one.path == path and "prefetch" in one.headers.get("sec-purpose", "")
                for one in self.site.asked
            )

        assert until(ahead, bool), f"{path} was not prefetched"

    def wait_for_worker(self) -> None:
        """Wait until a service worker is in charge of the page."""
        self.page.wait_for_function(
            "() => document.documentElement.dataset.worker && navigator.serviceWorker.controller"
        )

    def open_free(self, path: str, *switches: str, app: bool = False) -> None:
        """Open an address in a browser that no debugger is attached to, and leave it open.

        `app` opens it as an installed application does, in a window without an address bar.
        """
        folder = self._stack.enter_context(_folder())
        browser = subprocess.Popen(
            [
                chromium(),
                "--headless=new",
                "--no-first-run",
                *SWITCHES,
                *switches,
                f"--user-data-dir={folder}",
                ("--app=" if app else "") + self.base + path,
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
            if page.url.startswith(self.base):
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
