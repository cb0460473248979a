"""Pages that the example site has no use for: all that a response can say to a browser."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from page_scripts import DRIVE, REGISTER, WORKERS
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from examples.starlette_app import POLICY
from firstparty import snippet_tag

Endpoint = Callable[[Request], Awaitable[Response]]

LINKS: Final = """\
<p><a href="/about">About</a> <a href="/pricing">Prices</a> <a href="/contact">Contact</a>
<a href="/lab/kept">Kept</a> <a href="/lab/nothing">204</a> <a href="/lab/file">A file</a>
<a href="/lab/broken">500</a> <a href="/lab/refresh">Refresh</a>
<a href="/lab/raising">Raises</a> <a href="/lab/cut">Breaks off</a>
<a href="/lab/fresh" rel="noreferrer">Fresh</a>
<a href="/lab/redirects/301-302-303-307">Redirects</a>
<a href="/lab/revalidated">Asks again</a> <a href="/lab/slow">Slow</a>
<a href="/docs/start" download>Save</a>
<a href="/app/" target="_blank" rel="noreferrer">App</a>
<a href="/lab/links">Here</a> <a href="/lab/links?page=2">Next</a>
"""
FORM: Final = '<form method="post" action="{}"><button>Send</button></form>'
DRIVEN: Final = '<script defer src="/lab/drive.js"></script><a href="/lab/ahead">Ahead</a>'
WORKED: Final = """\
<script defer src="/lab/worked/register.js"></script>
<a href="a">A</a> <a href="b">B</a>
"""


def text(request: Request, body: str, *, hash_routes: bool = False) -> str:
    """A page with the snippet."""
    tag = snippet_tag(request, hash=hash_routes)
    return f"<!doctype html><title>Laboratory</title>{tag}<body>{body}"


def shown(body: str, *, hash_routes: bool = False, **headers: str) -> Endpoint:
    """A page with these headers: `cache_control` stands for `Cache-Control`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def show(request: Request) -> Response:
        page = text(request, body, hash_routes=hash_routes)
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY, **named})

    return show


async def revalidated(request: Request) -> Response:
    """A page that the browser keeps, and asks about each time."""
    headers = {"ETag": '"1"', "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == '"1"':
        return Response(status_code=304, headers=headers)
    return HTMLResponse(text(request, LINKS), headers=headers)


async def streamed(request: Request) -> Response:
    """A page that comes in pieces."""

    async def pieces() -> AsyncIterator[str]:
        yield text(request, "<p>One,")
        for number in range(40):
            yield f" {number}{' and' * 500}"
        yield " and the last.</p>"

    return StreamingResponse(pieces(), media_type="text/html")


async def cut(request: Request) -> Response:
    """A page that breaks off."""

    async def pieces() -> AsyncIterator[str]:
        yield text(request, "<p>One,")
        raise LookupError("the rest")

    return StreamingResponse(pieces(), media_type="text/html")


async def raising(request: Request) -> Response:
    raise LookupError(request.url.path)


async def failed(request: Request, error: Exception) -> Response:
    """The page that is shown where one has raised, in the layout of all pages."""
    return HTMLResponse(text(request, str(error)), 500)


async def nonce(request: Request) -> Response:
    """A page that allows scripts by a number used once, and no others."""
    policy = "script-src 'nonce-Zm9vZA' 'strict-dynamic'; object-src 'none'; base-uri 'none'"
    page = text(request, LINKS).replace("<script ", '<script nonce="Zm9vZA" ')
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


async def redirect(request: Request) -> Response:
    """A redirect to a page of ours."""
    return RedirectResponse("/lab/answer", request.path_params["status"])


async def redirects(request: Request) -> Response:
    """A redirect to the next of several, and at last to a page of ours."""
    status, _, rest = request.path_params["statuses"].partition("-")
    return RedirectResponse(f"/lab/redirects/{rest}" if rest else "/lab/answer", int(status))


async def out(request: Request) -> Response:
    """A redirect to wherever is said."""
    return RedirectResponse(request.url.query, 302)


async def rules(request: Request) -> Response:
    """Speculation rules, of one kind."""
    kind = request.path_params["kind"]
    page = {"prefetch": "/pricing", "again": "/lab/revalidated", "prerender": "/lab/ahead"}[kind]
    name = "prerender" if kind == "prerender" else "prefetch"
    body = json.dumps({name: [{"urls": [page], "eagerness": "immediate"}]})
    return Response(body, media_type="application/speculationrules+json")


async def drive(_: Request) -> Response:
    return Response(DRIVE, media_type="text/javascript")


async def register(_: Request) -> Response:
    return Response(REGISTER, media_type="text/javascript")


async def worker(request: Request) -> Response:
    """A service worker, of one kind."""
    return Response(WORKERS[request.path_params["kind"]], media_type="text/javascript")


async def worked(request: Request) -> Response:
    return HTMLResponse(text(request, WORKED))


def laboratory(said: list[str], folder: Path) -> list[BaseRoute]:
    """The routes. `said` is what pages report, `folder` where files are written."""

    async def say(request: Request) -> Response:
        said.append((await request.body()).decode())
        return Response(status_code=204)

    async def read(_: Request) -> Response:
        return Response(" ".join(said), media_type="text/plain")

    async def refreshing(request: Request) -> Response:
        """A page that loads itself once more."""
        once = "" if "refreshed" in said else '<meta http-equiv="refresh" content="0">'
        said.append("refreshed")
        return HTMLResponse(text(request, once))

    async def slow(request: Request) -> Response:
        """A page that keeps people waiting."""
        said.append("asked")
        await asyncio.sleep(0.5)
        return HTMLResponse(text(request, LINKS))

    async def twice(request: Request) -> Response:
        return HTMLResponse(text(request, str(snippet_tag(request))))

    static = '<!doctype html><script defer src="/_tally/tally.js"></script><a href="/about">About'
    (folder / "page.html").write_text(static)
    zipped = [Middleware(GZipMiddleware, minimum_size=1)]
    kept = "public, max-age=600"
    ways = ["GET", "POST"]
    return [
        Route("/lab/links", shown(LINKS)),
        Route("/lab/kept", shown(LINKS, cache_control="private, max-age=600")),
        Route("/lab/kept-too", shown(LINKS, cache_control="private, max-age=600")),
        Route("/lab/kept-ahead", shown(LINKS, cache_control="private, max-age=600")),
        Route("/lab/public", shown(LINKS, cache_control=kept)),
        Route("/lab/talkative", shown(LINKS, cache_control=kept, server_timing='db;desc="tally"')),
        Route("/lab/fresh", shown(LINKS, cache_control="no-store")),
        Route("/lab/revalidated", revalidated),
        Route("/lab/quiet", shown(LINKS, referrer_policy="no-referrer")),
        Route("/lab/zipped", shown(LINKS), middleware=zipped),
        Route("/lab/streamed", streamed),
        Route("/lab/nonce", nonce),
        Route("/lab/twice", twice),
        Mount("/lab/static", StaticFiles(directory=folder, html=True)),
        # As Django and Flask answer: with the media type of a page.
        Route("/lab/nothing", lambda _: Response(status_code=204, media_type="text/html")),
        Route("/lab/slow", slow),
        Route("/lab/broken", lambda _: HTMLResponse("Broken", 500)),
        Route("/lab/raising", raising),
        Route("/lab/cut", cut),
        Route(
            "/lab/file",
            lambda _: HTMLResponse("A file", headers={"Content-Disposition": "attachment"}),
        ),
        Route("/lab/form", shown(FORM.format("/lab/form")), methods=ways),
        Route("/lab/form/{status:int}", send),
        Route("/lab/redirect/{status:int}", redirect, methods=ways),
        Route("/lab/redirects/{statuses}", redirects),
        Route("/lab/answer", shown(LINKS), methods=ways),
        Route("/lab/out", out),
        Route("/lab/refresh", shown('<meta http-equiv="refresh" content="0; url=/about">')),
        Route("/lab/refreshing", refreshing),
        Route("/lab/link-prefetch", shown('<link rel="prefetch" href="/pricing">' + LINKS)),
        Route(
            "/lab/link-prefetch-kept",
            shown('<link rel="prefetch" href="/lab/kept-ahead"><a href="/lab/kept-ahead">Kept</a>'),
        ),
        Route("/lab/prefetch", shown(LINKS, speculation_rules='"/lab/rules/prefetch"')),
        Route("/lab/prefetch-again", shown(LINKS, speculation_rules='"/lab/rules/again"')),
        Route("/lab/prerender", shown(DRIVEN, speculation_rules='"/lab/rules/prerender"')),
        Route("/lab/ahead", shown(DRIVEN)),
        Route("/lab/hidden", shown(DRIVEN)),
        Route("/lab/hash", shown('<a href="#/b">B</a> <a href="#/c">C</a>', hash_routes=True)),
        Route("/lab/fish&chips", shown(LINKS)),
        Route("/lab/rules/{kind}", rules),
        Route("/lab/worked/register.js", register),
        Route("/lab/worked/{kind}/worker.js", worker),
        Route("/lab/worked/{kind}/{page}", worked),
        Route("/lab/say", say, methods=["POST"]),
        Route("/lab/said", read),
        Route("/lab/drive.js", drive),
    ]


async def send(request: Request) -> Response:
    """A form whose target redirects."""
    return HTMLResponse(
        text(request, FORM.format(f"/lab/redirect/{request.path_params['status']}"))
    )


def elsewhere() -> Starlette:
    """Another site: it leads, in one way or another, to the address behind its `?`."""

    def leading(body: str, **headers: str) -> Endpoint:
        async def lead(request: Request) -> Response:
            page = "<!doctype html><title>Elsewhere</title>" + body.format(request.url.query)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return HTMLResponse(page, headers=named)

        return lead

    link = '<a href="{}">There</a>'
    return Starlette(
        routes=[
            Route("/", leading(link)),
            Route("/noreferrer", leading('<a rel="noreferrer" href="{}">There</a>')),
            Route("/quiet", leading(link, referrer_policy="no-referrer")),
            Route("/opener", leading('<a target="_blank" rel="opener" href="{}">There</a>')),
            Route("/window", leading("""<a onclick="window.open('{}')">There</a>""")),
            Route("/replace", leading("""<a onclick="location.replace('{}')">There</a>""")),
            Route("/post", leading('<form method="post" action="{}"><button>Back</button></form>')),
            Route("/frame", leading('<iframe src="{}"></iframe>')),
            Route("/redirect", out),
        ]
    )
