"""The audit: what pages would load from third parties, found before anybody opens them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from examples.starlette_app import create_app
from firstparty import AnalyticsMiddleware, ThirdParty
from firstparty.audit import css, html, runs, scripts, verdict
from firstparty.audit.answers import AuditError
from firstparty.audit.apps import load
from firstparty.audit.crawl import Crawled, Note
from firstparty.cli import main
from firstparty.exposure.register import Register
from firstparty.testing import assert_no_third_parties

TRACKER = "https://www.google-analytics.com/analytics.js"


def kinds(text: str) -> list[tuple[str, str]]:
    return [(each.kind, each.url) for each in html.read(text).references]


# What is read in a page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<script src="//a.example/x.js"></script>', [("script", "//a.example/x.js")]),
        ("<SCRIPT SRC=https://a.example/x.js></SCRIPT>", [("script", "https://a.example/x.js")]),
        ('<img src="https://a.example/p.gif?x=1&amp;y=2">', [("image", "https://a.example/p.gif?x=1&y=2")]),
        ('<img srcset="https://a.example/1.png 1x, https://b.example/2.png 2x">',
         [("image", "https://a.example/1.png"), ("image", "https://b.example/2.png")]),
        ('<iframe src="https://a.example/"></iframe>', [("frame", "https://a.example/")]),
        ('<iframe srcdoc="<img src=https://a.example/p>"></iframe>', [("image", "https://a.example/p")]),
        ('<object data="https://a.example/o"></object>', [("frame", "https://a.example/o")]),
        ('<video poster="https://a.example/p"><source src="https://a.example/v"></video>',
         [("image", "https://a.example/p"), ("other", "https://a.example/v")]),
        ('<link rel=stylesheet href="https://a.example/a.css">', [("style", "https://a.example/a.css")]),
        ('<link rel="dns-prefetch preconnect" href="//a.example">',
         [("preconnect", "//a.example"), ("preconnect", "//a.example")]),
        ('<link rel=preload as=font href="https://a.example/f">', [("font", "https://a.example/f")]),
        ('<link rel=canonical href="https://a.example/">', []),
        ('<form action="https://a.example/send">', [("form", "https://a.example/send")]),
        ('<button formaction="https://a.example/send">', [("form", "https://a.example/send")]),
        ('<a ping="https://a.example/p" href="/x">x</a>', [("connect", "https://a.example/p")]),
        ('<a href="https://a.example/">a link is no load</a>', []),
        ('<style>@import "https://a.example/a.css"; b{background:url(//b.example/i)}</style>',
         [("style", "https://a.example/a.css"), ("image", "//b.example/i")]),
        ('<p style="background:url(https://a.example/i)">', [("image", "https://a.example/i")]),
        ('<noscript><img src="https://a.example/p"></noscript>', [("image", "https://a.example/p")]),
        ('<svg><image href="https://a.example/i"/></svg>', [("image", "https://a.example/i")]),
        ('<!-- <script src="https://a.example/x.js"></script> -->', []),
        ('<script type="application/ld+json">{"url": "https://a.example/"}</script>', []),
        ('<script type=importmap>{"imports": {"a": "https://a.example/a.js"}}</script>',
         [("script", "https://a.example/a.js")]),
        ('<body onload="fetch(\'https://a.example/x\')">', [("connect", "https://a.example/x")]),
        ("<script>var s = document.createElement('script'); s.src = 'https://a.example/x.js'</script>",
         [("script", "https://a.example/x.js")]),
        (f'<script>load("{TRACKER}")</script>', [("script", TRACKER)]),
        ("<script>ga.src = (s ? 'https://ssl' : '') + '.google-analytics.com/ga.js'</script>",
         [("script", "//google-analytics.com/ga.js")]),
        ('<script>navigator.sendBeacon("https://a.example/b", x)</script>', [("connect", "https://a.example/b")]),
        ('<script>new WebSocket("wss://a.example/s")</script>', [("connect", "wss://a.example/s")]),
        ('<script>const NS = "http://www.w3.org/2000/svg"</script>', []),
        ('<script>const file = "jquery.min.js"</script>', []),
        ("not html at all < > & <<<", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_a_page_loads(text: str, found: list[tuple[str, str]]) -> None:
    assert kinds(text) == found


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    html.read(text)
    css.loads(text)
    scripts.loads(text)
    html.read(f"<script>{text}</script><style>{text}</style><img srcset='{text}'>")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('@import url("https://a.example/a.css") screen;', [("style", "https://a.example/a.css")]),
        ("@import 'a.css';", [("style", "a.css")]),
        ("@font-face { font-family: F; src: url(https://a.example/f.woff2) format('woff2') }",
         [("font", "https://a.example/f.woff2")]),
        ("a { background: image-set('https://a.example/1.png' 1x) }", [("image", "https://a.example/1.png")]),
        ("/* url(https://a.example/i) */ a { color: red }", []),
        ("a { background: url(data:image/png,AA) }", [("image", "data:image/png,AA")]),
    ],
)  # fmt: skip
def test_what_a_style_sheet_loads(text: str, found: list[tuple[str, str]]) -> None:
    assert css.loads(text) == found


@pytest.mark.parametrize(
    "letters", ["'a.", "url(", "@import ", "/*", "image-set(", '"//a.', "a.a."]
)
def test_a_hostile_style_sheet_or_script_takes_no_minute(letters: str) -> None:
    text = letters * (100_000 // len(letters))
    began = time.process_time()
    html.read(f"<script>{text}</script>")
    css.loads(text)
    assert time.process_time() - began < 5


# A site with a tracker


PLANTED = """<!doctype html><title>Shop</title>
<link rel="stylesheet" href="/own.css">
<link rel="preconnect" href="https://fonts.gstatic.com">
<script src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
<script src="https://cdn.example/a.js" integrity="sha384-x"></script>
<script src="/own.js"></script>
<script>localStorage.visitor = 1</script>
<a href="/hidden">Hidden</a> <a href="https://elsewhere.example/">Elsewhere</a>
<a href="/away">Away</a> <a href="/broken">Broken</a> <a href="/file.pdf">File</a>
<form action="https://pay.example/send"></form>
"""


def planted(**options: Any) -> Starlette:
    async def home(request: Request) -> Response:
        response = HTMLResponse(PLANTED, headers={"referrer-policy": "unsafe-url"})
        response.set_cookie("session", "s3cr3t", httponly=True, samesite="lax")
        return response

    async def hidden(request: Request) -> Response:
        return HTMLResponse('<img src="//pixel.example/p.gif">')

    async def own_css(request: Request) -> Response:
        return Response("@font-face{src:url(https://type.example/f.woff2)}", media_type="text/css")

    async def own_js(request: Request) -> Response:
        text = 'fetch("https://api.example/x"); const NS = "http://www.w3.org/2000/svg"'
        return Response(text, media_type="text/javascript")

    async def away(request: Request) -> Response:
        return RedirectResponse("https://elsewhere.example/")

    async def broken(request: Request) -> Response:
        raise RuntimeError("s3cr3t")

    async def robots(request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /hidden\n")

    async def only_routed(request: Request) -> Response:
        return HTMLResponse("<p>Nobody links here.")

    app = Starlette(
        routes=[
            Route("/", home),
            Route("/hidden", hidden),
            Route("/own.css", own_css),
            Route("/own.js", own_js),
            Route("/away", away),
            Route("/broken", broken),
            Route("/robots.txt", robots),
            Route("/only-routed", only_routed),
            Route("/file.pdf", lambda request: Response(b"%PDF", media_type="application/pdf")),
        ]
    )
    app.add_middleware(AnalyticsMiddleware, store="memory://", password="x", **options)
    return app


def audited(app: Any, **options: Any) -> Crawled:
    return asyncio.run(runs.of_app(app, **options))


HOSTS = {
    "api.example": ["connect"],
    "cdn.example": ["script"],
    "fonts.gstatic.com": ["preconnect"],
    "pay.example": ["form"],
    "pixel.example": ["image"],
    "type.example": ["font"],
    "www.googletagmanager.com": ["script"],
}


def hosts(told: Mapping[str, Any]) -> dict[str, list[str]]:
    return {row["host"]: row["kinds"] for row in told["third_parties"]}


def test_the_third_parties_of_an_application_are_found_in_process() -> None:
    found = audited(planted())
    told = verdict.told("planted", found, Register(()))
    assert hosts(told) == HOSTS
    assert told["fails"]
    assert sorted(found.pages) == ["/", "/hidden", "/only-routed"]
    assert found.failed == {"/broken": "it raised RuntimeError"}
    assert {(note.kind, note.what) for note in found.notes} == {
        ("cookie", "session, httponly, samesite=lax"),
        ("integrity", "https://www.googletagmanager.com/gtag/js has no integrity"),
        ("referrer", "unsafe-url tells others the whole address"),
        ("redirect", "leads to elsewhere.example"),
        ("storage", "an inline script names a cookie or storage"),
        ("mention", "www.w3.org"),
    }
    assert "s3cr3t" not in json.dumps(told)


def test_what_is_accepted_or_in_the_baseline_does_not_fail() -> None:
    found = audited(planted())
    register = Register([ThirdParty("*.example"), ThirdParty("googletagmanager.com")])
    assert verdict.told("x", found, register)["fails"]
    assert not verdict.told("x", found, register, {"fonts.gstatic.com"})["fails"]


def test_an_audit_counts_nothing() -> None:
    middleware = AnalyticsMiddleware(planted(), store="memory://", password="x")
    audited(middleware)
    assert not middleware.analytics.counting.accumulator.counting


def test_the_hosts_of_the_application_are_its_own() -> None:
    from firstparty import Site

    app = planted(site=Site("shop", hosts=("cdn.example", "www.pixel.example")))
    assert set(hosts(verdict.told("x", audited(app), Register(())))) == set(HOSTS) - {
        "cdn.example",
        "pixel.example",
    }


def test_the_example_site_has_no_third_party_until_one_slips_in() -> None:
    app = create_app(store="memory://", password="x")
    assert_no_third_parties(app)

    async def slipped(request: Request) -> Response:
        return HTMLResponse(f'<script src="{TRACKER}"></script>')

    app.router.routes.insert(0, Route("/new-page", slipped))
    with pytest.raises(AssertionError) as caught:
        assert_no_third_parties(app)
    assert f"script: {TRACKER}  by <script src> on /new-page" in str(caught.value)
    assert_no_third_parties(app, accepted=[ThirdParty("www.google-analytics.com")])


def test_an_application_that_refuses_the_lifespan_protocol_is_read_all_the_same() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError("I know http only")
        await HTMLResponse("<img src=https://a.example/p>")(scope, receive, send)

    assert {load.host for load in audited(app).loads} == {"a.example"}


def test_an_application_of_which_nothing_can_be_read_says_so() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("no")

    with pytest.raises(AuditError, match="no page of https://localhost could be read: it raised"):
        audited(app)


def test_no_more_pages_are_read_than_asked_for() -> None:
    async def page(request: Request) -> Response:
        number = request.path_params["n"]
        return HTMLResponse("".join(f'<a href="/{number * 10 + each}">x</a>' for each in range(10)))

    async def home(request: Request) -> Response:
        return HTMLResponse('<a href="/1">x</a>')

    found = audited(Starlette(routes=[Route("/", home), Route("/{n:int}", page)]), most=7)
    assert len(found.pages) == 7
    assert found.left > 0


# Over the network


@pytest.fixture
def served() -> Iterator[str]:
    config = uvicorn.Config(planted(), "127.0.0.1", 0, log_level="critical")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def test_a_site_is_read_as_its_robots_txt_allows(served: str) -> None:
    found = asyncio.run(runs.of_url(f"{served}/", delay=0))
    told = verdict.told(served, found, Register(()))
    assert set(hosts(told)) == set(HOSTS) - {"pixel.example"}  # /hidden is disallowed
    assert (found.pages, found.disallowed) == (["/"], 1)
    assert Note("redirect", "leads to elsewhere.example", "/away") in found.notes


def test_a_crawl_asks_no_other_host(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from firstparty.audit import fetch

    asked = list[str]()
    plain = fetch._get
    monkeypatch.setattr(fetch, "_get", lambda url: asked.append(url) or plain(url))  # type: ignore[func-returns-value]
    asyncio.run(runs.of_url(served, delay=0))
    assert len(asked) > 4
    assert [url for url in asked if not url.startswith(served)] == []


def test_an_address_that_is_none_says_what_to_write() -> None:
    for url in ("ftp://a.example", "https://", "://"):
        with pytest.raises(AuditError, match="is no address: write https"):
            asyncio.run(runs.of_url(url))
    with pytest.raises(AuditError, match=r"no page of http://127\.0\.0\.1:9 could be"):
        asyncio.run(runs.of_url("http://127.0.0.1:9/", delay=0))


# The command


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An application that can be named."""
    name = "audited_application"
    (tmp_path / f"{name}.py").write_text("from tests.test_audit import planted\napp = planted()\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return f"{name}:app"


def test_the_command_fails_on_a_third_party_that_is_not_accepted(
    module: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", module]) == 1
    text = capsys.readouterr().out
    assert "www.googletagmanager.com  (Google, tag-manager)  FOUND" in text
    assert "    image: https://pixel.example/p.gif  by <img src> on /hidden" in text
    assert text.endswith("3 pages read; 7 third parties that nobody has accepted.\n")
    assert main(["audit", module, "--format", "json"]) == 1
    answer = capsys.readouterr().out
    assert hosts(json.loads(answer)) == HOSTS

    (tmp_path / "baseline.json").write_text(answer)
    assert main(["audit", module, "--baseline", str(tmp_path / "baseline.json")]) == 0
    assert "0 third parties that nobody has accepted; 7 accepted" in capsys.readouterr().out
    (tmp_path / "baseline.json").write_text('["fonts.gstatic.com", "www.googletagmanager.com"]')
    assert main(["audit", module, "--baseline", str(tmp_path / "baseline.json")]) == 1
    arguments = ["--baseline", str(tmp_path / "baseline.json"), "--accept", "*.example"]
    assert main(["audit", module, *arguments]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "'nowhere' names no application: write myapp:app"),
        (["nowhere:app"], "'nowhere:app' cannot be loaded"),
        (["tests.test_audit:PLANTED"], "is no application: write myapp:app"),
        (["https://"], "'https://' is no address"),
        (["tests.test_audit:planted", "--baseline", "nowhere.json"], "nowhere.json"),
        (["tests.test_audit:planted", "--pages", "0"], "write a number from 1 to 10000"),
        (["tests.test_audit:planted", "--accept", "https://a"], "'https://a' is no host"),
    ],
)
def test_what_cannot_be_audited_is_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *arguments]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "7", '{"third_parties": [7]}', "[7]", '{"a": 1}'])
def test_a_baseline_that_is_none_says_so(text: str) -> None:
    if text == '{"third_parties": [7]}':
        assert verdict.baseline(text) == frozenset()
        return
    with pytest.raises(AuditError, match="the baseline"):
        verdict.baseline(text)


def test_an_application_is_loaded_by_its_name() -> None:
    assert load("tests.test_audit:planted") is planted
