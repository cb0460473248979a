"""Third parties in Chromium: what it reports of them, and what it does not load."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from serving import PASSWORD, Watched, running, until
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from visiting import SWITCHES, chromium

from firstparty import AnalyticsMiddleware, ThirdParty
from firstparty.counts import Key
from firstparty.metrics import ZERO

SITE: Final = "shop.localhost"
TRACKER: Final = "t.tracker.example"
FONTS: Final = "fonts.example"
HOSTS: Final = "--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.example 127.0.0.1"

PAGE: Final = """<!doctype html><title>Shop</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="http://{fonts}/f.css">
<script>window.inline = true</script>
<script src="/own.js"></script>
<script src="http://{tracker}/t.js"></script>
<img src="http://{tracker}/p.gif" alt="" onerror="window.handled = true">
<iframe src="/frame"></iframe>
<script>fetch("http://{tracker}/c", {{mode: "no-cors"}}).catch(() => 0)</script>
<script>window.checked = eval("1 + 1") === 2</script>
<p>Hello.
"""
FRAME: Final = '<!doctype html><title>Frame</title><img src="http://{tracker}/framed.gif" alt="">'
FOUND: Final = "() => [window.inline, window.own, window.tracked, window.checked].map(Boolean)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, which finds all hosts below `example` on this machine."""
    switches = [each for each in SWITCHES if not each.startswith("--host-resolver-rules")]
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=[*switches, HOSTS])
        yield found
        found.close()


class Shop:
    """A site, and what its pages have asked of a tracker and of a host for fonts."""

    def __init__(self, base: str, other: Watched, counting: Any) -> None:
        self.base = base
        self._other = other
        self._counting = counting

    @property
    def asked(self) -> set[str]:
        """What was asked of the others, by host and path."""
        return {one.headers["host"].partition(":")[0] + one.path for one in self._other.asked}

    def forget(self) -> None:
        self._other.asked.clear()

    def counts(self) -> dict[Key, tuple[int, ...]]:
        return dict(self._counting.accumulator.counts())


@contextmanager
def shop(**options: Any) -> Iterator[Shop]:
    """The site with the middleware around it, and the others on another port."""

    async def elsewhere(request: Request) -> Response:
        kinds = {"js": "text/javascript", "css": "text/css"}
        body = "window.tracked = true" if request.url.path == "/t.js" else ""
        kind = kinds.get(request.url.path.rpartition(".")[2], "image/gif")
        return Response(body, media_type=kind)

    async def own(request: Request) -> Response:
        return Response("window.own = true", media_type="text/javascript")

    other = Watched(Starlette(routes=[Route("/{path:path}", elsewhere)]))
    with running(other) as there:
        port = urlsplit(there).port
        names = {"tracker": f"{TRACKER}:{port}", "fonts": f"{FONTS}:{port}"}

        async def show(request: Request) -> Response:
            policy = {"content-security-policy": "script-src 'self' 'unsafe-inline' 'unsafe-eval'"}
            strict = request.url.path == "/strict"
            return HTMLResponse(PAGE.format(**names), headers=policy if strict else {})

        async def frame(request: Request) -> Response:
            return HTMLResponse(FRAME.format(**names))

        async def agree(request: Request) -> Response:
            response = RedirectResponse("/", 303)
            response.set_cookie("agreed", "1")
            return response

        def consent(scope: Any) -> list[str]:
            agreed = Request(scope).cookies.get("agreed") == "1"
            return [names["tracker"]] if agreed else []

        app = Starlette(
            routes=[
                Route("/", show),
                Route("/strict", show),
                Route("/frame", frame),
                Route("/agree", agree),
                Route("/own.js", own),
            ]
        )
        if options["exposure"] == "block":
            options |= {"consent": consent, "accepted": (ThirdParty(names["fonts"]),)}
        middleware = AnalyticsMiddleware(app, store="memory://", password=PASSWORD, **options)
        with running(middleware, SITE) as base:
            yield Shop(base, other, middleware.analytics.counting)


def opened(page: Page, url: str) -> list[bool]:
    """What ran on a page: inline, own, the tracker's, and code from a text."""
    page.goto(url, wait_until="load")
    page.wait_for_timeout(300)
    found: list[bool] = page.evaluate(FOUND)
    return found


EVERYTHING: Final = {f"{FONTS}/f.css"} | {
    f"{TRACKER}/{name}" for name in ("t.js", "p.gif", "c", "framed.gif")
}


def test_a_report_lets_everything_pass_and_tells_who_was_loaded_from(browser: Browser) -> None:
    clock = [time.time()]
    with shop(exposure="report", clock=lambda: clock[0]) as site:
        page = browser.new_page()
        for _ in range(4):
            assert opened(page, f"{site.base}/") == [True] * 4
            clock[0] += 3600
        assert site.asked == EVERYTHING
        page.close()

        def kept() -> set[tuple[str, str, str]]:
            return {
                (key.dimension, key.value, key.path)
                for key, counts in site.counts().items()
                if key.period == "crossed" and counts == ZERO
            }

        there = {
            ("third_party_style", FONTS, "/"),
            ("third_party_script", "t.tracker.example", "/"),
            ("third_party_image", "t.tracker.example", "/"),
            ("third_party_connect", "t.tracker.example", "/"),
        }
        assert until(kept, lambda found: found >= there) == there


def test_a_visitor_who_objects_is_asked_for_nothing(browser: Browser) -> None:
    with shop(exposure="report") as site:
        context = browser.new_context(extra_http_headers={"sec-gpc": "1"})
        assert opened(context.new_page(), f"{site.base}/") == [True] * 4
        context.close()
        assert site.counts() == {}


def test_a_tracker_is_not_loaded_before_consent_and_is_after(browser: Browser) -> None:
    with shop(exposure="block") as site:
        context = browser.new_context()
        page = context.new_page()
        # Inline code, own code and eval work; the tracker does not, in a frame of ours either.
        assert opened(page, f"{site.base}/") == [True, True, False, True]
        assert site.asked == {f"{FONTS}/f.css"}
        assert page.evaluate("() => window.handled")
        page.goto(f"{site.base}/agree")
        site.forget()
        assert opened(page, f"{site.base}/") == [True, True, True, True]
        assert site.asked >= EVERYTHING - {f"{FONTS}/f.css"}
        context.close()


def test_the_policy_of_the_application_wins_where_it_is_stricter(browser: Browser) -> None:
    with shop(exposure="block") as site:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{site.base}/agree")
        site.forget()
        assert opened(page, f"{site.base}/strict") == [True, True, False, True]
        assert f"{TRACKER}/t.js" not in site.asked
        assert f"{TRACKER}/p.gif" in site.asked
        context.close()


def test_what_is_stopped_is_reported(browser: Browser) -> None:
    with shop(exposure="block") as site:
        page = browser.new_page()
        opened(page, f"{site.base}/")
        page.close()

        def reported() -> bool:
            return any(key.dimension == "third_party" for key in site.counts())

        assert until(reported, bool)


def test_the_stats_page_is_as_it_was(browser: Browser) -> None:
    with shop(exposure="block") as site:
        context = browser.new_context(http_credentials={"username": "a", "password": PASSWORD})
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{site.base}/stats/", wait_until="load")
        page.wait_for_timeout(500)
        assert [each for each in said if "Security Policy" in each] == []
        context.close()


def audited(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """An audit of an application with one page, which has this script."""
    (folder / "sly.py").write_text(SLY.format(script=repr(script)))
    command = [sys.executable, "-m", "firstparty", "audit", "sly:app", *arguments]
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        command, cwd=folder, env=path, capture_output=True, text=True, check=False
    )


def test_the_audit_sees_in_a_browser_what_a_script_loads(tmp_path: Path) -> None:
    assert audited(tmp_path, PUT_TOGETHER).returncode == 0
    seen = audited(tmp_path, PUT_TOGETHER, "--browser", "--format", "json")
    assert seen.returncode == 1, seen.stderr
    (row,) = json.loads(seen.stdout)["third_parties"]
    assert (row["host"], row["kinds"]) == ("tracker.invalid", ["script"])
    assert row["loads"][0]["how"] == "browser"


def test_the_audit_does_not_follow_a_page_that_leads_away(tmp_path: Path) -> None:
    seen = audited(tmp_path, LEADS_AWAY, "--browser", "--format", "json")
    assert seen.returncode == 0, seen.stderr
    told = json.loads(seen.stdout)
    assert told["third_parties"] == []
    (note,) = (each for each in told["notes"] if each["kind"] == "redirect")
    assert note["what"] == "leads to elsewhere.invalid in the browser"


SLY: Final = """
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

async def page(request):
    return HTMLResponse("<link rel=icon href='data:,'><script>" + {script} + "</script>")

app = Starlette(routes=[Route("/", page)])
"""
PUT_TOGETHER: Final = """
const s = document.createElement('script');
s.setAttribute('src', ['http:', '', 'tracker' + '.invalid', 't.js'].join('/'));
document.head.append(s);
"""
"""A script that puts an address together from parts."""
LEADS_AWAY: Final = "location.href = ['http:', '', 'elsewhere' + '.invalid', ''].join('/');"
