"""Content-Security-Policies in Chromium: what `stops` says of each, and whether a beacon counts."""

import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect
from playwright.sync_api import Route as Intercepted
from serving import PASSWORD, running, until
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from firstparty import AnalyticsMiddleware, snippet_tag
from firstparty.collect import UNSEEN
from firstparty.policy import stops

SNIPPET: Final = Path(__file__).parents[2] / "js" / "tally.js"
HOST: Final = "shop.localhost"
"""A name with a dot, for wildcards: browsers take all below `localhost` for this machine."""

POLICIES: Final[list[tuple[str, ...]]] = [
    # Whole policies, as sites have them.
    (),
    ("default-src 'self'",),
    ("default-src 'none'; script-src 'self'; connect-src 'self'",),
    ("default-src 'none'; script-src 'self'",),
    ("default-src 'none'; connect-src 'self'",),
    ("default-src 'self'; connect-src https://api.example",),
    ("img-src 'none'; style-src 'none'; frame-ancestors 'none'",),
    # Which directive decides.
    ("script-src 'none'; script-src-elem 'self'",),
    ("script-src 'self'; script-src-elem 'none'",),
    ("script-src 'self'; script-src-attr 'none'; worker-src 'none'",),
    ("script-src 'none'; script-src 'self'",),
    ("SCRIPT-SRC 'SELF'; Connect-Src 'Self'; default-src 'NONE'",),
    ("script-src",),
    ("connect-src 'none' 'self'",),
    ("script-src 'sélf'",),
    # Several policies, of which each must allow.
    ("script-src 'self'", "connect-src 'none'"),
    ("script-src 'self', connect-src https:",),
    ("script-src 'self', , default-src *",),
    # Nonces, and what they put out of force.
    ("script-src 'nonce-right'",),
    ("script-src 'NONCE-right'",),
    ("script-src 'nonce-RIGHT'",),
    ("script-src 'nonce-other' 'self'",),
    ("script-src 'nonce-other' 'strict-dynamic' 'self' http: *",),
    ("script-src 'nonce-right' 'strict-dynamic'",),
    ("default-src 'strict-dynamic' 'self'; connect-src 'self'",),
    ("script-src 'unsafe-inline' 'unsafe-eval' 'unsafe-hashes' 'report-sample'",),
    # Sources by scheme, host, port and path. PORT is the server's.
    ("default-src *",),
    ("default-src http:",),
    ("default-src https:",),
    ("default-src HTTP: data:",),
    ("default-src shop.localhost:PORT",),
    ("default-src http://SHOP.localhost:PORT",),
    ("default-src https://shop.localhost:PORT",),
    ("default-src shop.localhost",),
    ("default-src shop.localhost:*",),
    ("default-src *.localhost:PORT",),
    ("default-src *:PORT",),
    ("default-src http://*",),
    ("default-src http://*:*",),
    ("default-src *.shop.localhost:PORT",),
    ("default-src localhost:PORT",),
    ("default-src ws://shop.localhost:PORT",),
    ("default-src ws:",),
    ("default-src shop.localhost:PORT/",),
    ("default-src shop.localhost:PORT/_tally/",),
    ("default-src shop.localhost:PORT/_tally",),
    ("default-src shop.localhost:PORT/_tally/tally.js",),
    ("default-src shop.localhost:PORT/_tall%79/",),
    ("default-src shop.localhost:PORT/_TALLY/",),
    ("script-src shop.localhost:PORT/_tally/tally.js?v=1",),
    ("script-src shop.localhost:PORT/_tally/tally.js#v1",),
    # What is no list of sources.
    ("sandbox",),
    ("sandbox allow-scripts",),
    ("sandbox allow-scripts; default-src 'self'",),
    ("sandbox allow-same-origin",),
    ("sandbox Allow-Scripts allow-same-origin",),
    ("require-trusted-types-for 'script'; trusted-types 'none'",),
    ("upgrade-insecure-requests; block-all-mixed-content",),
]

NONCE: Final = "right"

SECURE: Final[list[tuple[str, str]]] = [
    ("https://shop.example", policy)
    for policy in (
        "default-src https:",
        "default-src http:",
        "default-src wss:",
        "default-src shop.example",
        "default-src http://shop.example",
        "default-src http://shop.example:80",
        "default-src http://shop.example:443",
        "default-src https://shop.example:80",
        "default-src shop.example:443",
        "default-src shop.example:80",
        "default-src shop.example:0443",
        "default-src *.example",
        "default-src *.shop.example",
        "default-src example",
        "default-src https://*",
        "default-src https://*/_tally/",
        "default-src shop.example.",
        "default-src shop_example shop..example *shop.example //shop.example https://",
        "upgrade-insecure-requests",
    )
] + [
    ("https://shop.example:8443", policy)
    for policy in (
        "default-src 'self'",
        "default-src shop.example",
        "default-src shop.example:8443",
        "default-src http://shop.example:8443",
        "default-src http://shop.example:*",
        "default-src http://shop.example",
        "default-src http:",
    )
]
"""Origins over https, and a policy of each."""


class Answered:
    """An application around another one, which remembers the beacons that were counted."""

    def __init__(self, app: Any) -> None:
        self.counted = set[int]()
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/_tally/view":
            await self._app(scope, receive, send)
            return
        body = bytearray()

        async def reading() -> Any:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def sending(message: Any) -> None:
            if message.get("status") == 204:
                self.counted.add(int(body.split(b'"')[3].rpartition(b"/")[2]))
            await send(message)

        await self._app(scope, reading, sending)


@contextmanager
def site() -> Iterator[tuple[str, Answered]]:
    """A site with a page for each policy, its tag with a nonce where the policy has one."""

    async def show(request: Request) -> Response:
        policies = with_port(POLICIES[request.path_params["row"]], request.url.port)
        tag = str(snippet_tag(request))
        if "nonce-" in "".join(policies).lower():
            tag = tag.replace("<script", f'<script nonce="{NONCE}"')
        response = Response(f"<!doctype html><title>Row</title>{tag}", media_type="text/html")
        for policy in policies:
            response.headers.append("content-security-policy", policy)
        response.headers["content-security-policy-report-only"] = "default-src 'none'"
        return response

    app = Starlette(routes=[Route("/row/{row:int}", show)])
    answered = Answered(AnalyticsMiddleware(app, store="memory://", password=PASSWORD))
    with running(answered, HOST) as base:
        yield base, answered


def with_port(policies: tuple[str, ...], port: int | None) -> tuple[str, ...]:
    return tuple(policy.replace("PORT", str(port)) for policy in policies)


def test_the_snippet_counts_under_exactly_the_policies_that_are_said_to_let_it(
    browsers: dict[str, Browser],
) -> None:
    with site() as (base, answered):
        port = urlsplit(base).port
        said = {
            row
            for row, policies in enumerate(POLICIES)
            if not stops(
                with_port(policies, port),
                "/_tally/tally.js",
                "/_tally/view",
                base,
                NONCE,
            )
        }
        page = browsers["bfcache"].new_page()
        for row in range(len(POLICIES)):
            page.goto(f"{base}/row/{row}", wait_until="load")
        until(lambda: answered.counted, lambda counted: counted >= said)
        # What is said to be stopped has had the time to arrive nonetheless.
        page.wait_for_timeout(500)
        page.close()
        counted = answered.counted
    assert {POLICIES[row]: row in counted for row in range(len(POLICIES))} == {
        POLICIES[row]: row in said for row in range(len(POLICIES))
    }


def test_the_same_over_https(browsers: dict[str, Browser]) -> None:
    counted = set[tuple[str, str]]()
    now: tuple[str, str]

    def answer(route: Intercepted) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            text = '<!doctype html><script defer src="/_tally/tally.js"></script>'
            headers = {"content-type": "text/html", "content-security-policy": now[1]}
            route.fulfill(body=text, headers=headers)
        elif path == "/_tally/tally.js":
            route.fulfill(path=SNIPPET)
        else:
            counted.add(now)
            route.fulfill(status=204)

    # Chromium judges before it asks, so that no certificate is needed for answers of our own.
    page = browsers["bfcache"].new_page()
    page.route("https://shop.example*/**", answer)
    for now in SECURE:
        page.goto(f"{now[0]}/", wait_until="load")
        page.wait_for_timeout(50)
    page.close()
    said = {
        (origin, policy): not stops([policy], "/_tally/tally.js", "/_tally/view", origin)
        for origin, policy in SECURE
    }
    assert {one: one in counted for one in SECURE} == said


def test_the_stats_page_tells_what_stops_the_snippet_and_who_is_not_seen(
    browsers: dict[str, Browser],
) -> None:
    async def stopped(request: Request) -> Response:
        policy = {"content-security-policy": "script-src 'none'"}
        return Response(str(snippet_tag(request)), media_type="text/html", headers=policy)

    async def kept(request: Request) -> Response:
        public = {"cache-control": "public, max-age=600"}
        return Response("Kept", media_type="text/html", headers=public)

    app = Starlette(routes=[Route("/stopped", stopped), Route("/kept", kept)])
    counting = AnalyticsMiddleware(app, store="memory://", password=PASSWORD)
    sign_in: Any = {"username": "any", "password": PASSWORD}
    with (
        running(counting) as base,
        browsers["bfcache"].new_context(http_credentials=sign_in) as context,
    ):
        page = context.new_page()
        page.goto(f"{base}/stopped")
        page.goto(f"{base}/kept")
        page.goto(f"{base}/stats/")
        lines = page.locator(".warnings li")
        expect(lines).to_have_text(
            [UNSEEN, re.compile("^the Content-Security-Policy .*script-src")]
        )
