"""What we promise to visitors, line by line, each tried with marked requests on a real file.

Every request here carries made-up words ("marks") wherever a visitor could carry something of
their own. Afterwards they are looked for in every file, log line, answer and object in memory.
"""

from __future__ import annotations

import ast
import asyncio
import gc
import itertools
import json
import logging
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from firstparty.background import BACKGROUND
from firstparty.cli import main
from firstparty.metrics import COUNTED
from firstparty.verify import verify
from tests.driving import BEACON, KEY
from tests.postgres_server import Server
from tests.privacy_probes import (
    ADDRESS_HEADERS,
    CAMPAIGN,
    CHROME,
    COUNTRY,
    DAY,
    HOST,
    HOUR,
    JS,
    MINUTE,
    NAVIGATION,
    NOW,
    OWNER,
    ReadError,
    SealedBytes,
    SealedPair,
    Visited,
    found,
    imported,
    logged,
    marks,
    request,
    run,
    sources,
    visited,
)
from tests.wsgi_driving import Sealed, environ
from tests.wsgi_driving import counting as wsgi
from tests.wsgi_driving import request as wsgi_request

MOBILE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0"


async def visit_everywhere(site: Visited, mark: Any, times: int, everywhere: int) -> None:
    """`everywhere` rounds of requests of every sort, each with new marks, each sent `times`."""

    def personal() -> dict[str, str]:
        return {
            **{name: f"for={next(mark)}" for name in ADDRESS_HEADERS},
            "cookie": f"session={next(mark)}; {next(mark)}=1",
            "authorization": f"Bearer {next(mark)}",
            "user-agent": f"{CHROME} {next(mark)}/1.0",
            "accept-language": next(mark),
            "referer": f"https://{next(mark)}.{next(mark)}.example/{next(mark)}?{next(mark)}=1",
            "origin": f"https://{HOST}",
            COUNTRY: next(mark),
        }

    def reports(u: str) -> list[dict[str, Any]]:
        """What the optional file of the snippet may tell."""
        properties = {next(mark): next(mark), "of": next(mark)}
        return [
            {"u": u, "e": "event", "v": next(mark), "p": properties},
            {"u": u, "e": "outbound", "v": f"{next(mark)}.{next(mark)}.example"},
            {"u": u, "e": "download", "v": f"/{next(mark)}/{next(mark)}.pdf"},
            {"u": u, "e": "form", "v": next(mark)},
            {"u": f"/{next(mark)}", "e": "missing", "r": f"https://{next(mark)}.example/"},
            {"u": u, "e": "left", "t": 7, "d": 2, "w": next(mark), "z": f"Europe/{next(mark)}"},
        ]

    def exposed() -> list[Any]:
        """What a browser may report of a load from elsewhere."""
        load = {
            "blocked-uri": f"https://{next(mark)}.{next(mark)}.example/{next(mark)}?{next(mark)}",
            "document-uri": f"https://{HOST}/account/{next(mark)}?{next(mark)}={next(mark)}",
            "effective-directive": "script-src-elem",
            "referrer": f"https://{next(mark)}.example/{next(mark)}",
            "script-sample": next(mark),
            "source-file": f"https://{HOST}/{next(mark)}.js",
            next(mark): next(mark),
        }
        other = {"blockedURL": f"https://{next(mark)}.example/", "documentURL": next(mark)}
        listed = [{"type": "csp-violation", "body": other}, {"type": next(mark)}, next(mark)]
        return [{"csp-report": load}, listed, {next(mark): 1}, b"{" + next(mark).encode()]

    def campaign() -> dict[str, str]:
        return {name: next(mark) for name in CAMPAIGN} | {next(mark): next(mark), "q": next(mark)}

    for _ in range(everywhere):
        entry, missing, inside = personal(), personal(), personal()
        inside["referer"] = f"https://{HOST}/account/{next(mark)}?q={next(mark)}"
        inside["sec-fetch-site"] = "same-origin"
        broken = inside | {"referer": f"https://{HOST}/{next(mark)}/{next(mark)}"}
        account, query, form = f"/account/{next(mark)}", campaign(), {next(mark): next(mark)}
        posted, elsewhere = f"/account/{next(mark)}", personal()["referer"]
        gone, also_gone = f"/{next(mark)}", f"/{next(mark)}/{next(mark)}"
        path = f"/account/{next(mark)}?{next(mark)}={next(mark)}&utm_campaign={next(mark)}"
        beacon = {"u": path, "r": elsewhere, "n": "navigate", "k": "enter", "c": False}
        confirm = beacon | {"u": account, "c": True, "k": "second", "r": inside["referer"]}
        strange = beacon | {next(mark): next(mark), "n": next(mark)}
        told, loads = reports(f"/account/{next(mark)}"), exposed()
        for _ in range(times):
            client = site.client
            await client.get(account, params=query, headers=NAVIGATION | entry)
            await client.get("/", headers=NAVIGATION | inside)
            await client.post(posted, data=form, headers=NAVIGATION | inside)
            await client.get(gone, params=query, headers=NAVIGATION | missing)
            await client.get("/gone", headers=NAVIGATION | broken)
            await client.post(also_gone, data=form, headers=NAVIGATION | inside)
            await client.get(account, headers=NAVIGATION | entry | {"sec-purpose": "prefetch"})
            await client.get(account, headers=NAVIGATION | entry | {"user-agent": f"bot {gone}"})
            for body in (beacon, confirm, strange, {"u": next(mark)}, b"{" + gone.encode(), *told):
                await site.beacon(body, **entry)
            await site.beacon(beacon, **entry | {"sec-fetch-site": "cross-site"})
            for body in loads:
                await site.report(body, **entry)


# 1 -----------------------------------------------------------------------------------------------


def test_nothing_that_we_answer_sets_a_cookie_or_gives_the_browser_something_to_send_back(tmp_path):
    """No cookie is set; no storage, no cache validator in the visitor's browser."""

    async def scenario() -> None:
        async with visited(tmp_path, debug=True) as site:
            client, question = site.client, {"metrics": ["pageviews"], "date_range": "day"}
            answers = [
                await site.view("/"),
                await site.view("/nowhere"),
                await site.beacon({"u": "/"}),
                await site.beacon(b"nonsense"),
                await site.beacon({"u": "/"}, sec_fetch_site="cross-site"),
                *[await client.get(f"/_tally/{name}") for name in ("tally.js", "none", "view")],
                *[
                    await client.get(f"/stats{path}", headers=headers)
                    for path in (
                        "",
                        "/",
                        "/privacy",
                        "/receipt",
                        "/promise",
                        "/assets/none",
                        "/api/health",
                        "/api/none",
                    )
                    for headers in (OWNER, {})
                ],
                *[
                    await client.get(f"/stats/assets/{file.name}", headers=OWNER)
                    for file in sorted((JS / "stats").iterdir())
                ],
                await client.post("/stats/api/query", json=question, headers=OWNER),
                await client.post("/stats/api/query", json={}, headers=OWNER),
            ]
            for answer in answers:
                assert not {"set-cookie", "etag", "last-modified", "clear-site-data"} & set(
                    answer.headers
                ), answer.url

    run(scenario())


def test_the_snippet_and_the_stats_page_never_name_a_cookie_or_a_storage():
    """No cookie is set or read; no storage in the visitor's browser."""
    words = r"cookie|localStorage|sessionStorage|indexedDB|caches\.|serviceWorker|\.name\s*="
    for file in JS.rglob("*.js"):
        code = re.sub(r"/\*.*?\*/|//.*", "", file.read_text("utf-8"), flags=re.DOTALL)
        assert re.findall(words, code) == [], file.name


def test_every_visitor_gets_the_same_header_that_says_counted(tmp_path):
    """One response header that says "counted", the same for everyone."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            mark = marks()
            answers = [
                await site.view(
                    "/",
                    cookie=next(mark),
                    user_agent=f"{CHROME} {next(mark)}",
                    x_forwarded_for=next(mark),
                )
                for _ in range(20)
            ]
            assert {tuple(answer.headers.multi_items()) for answer in answers} == {
                (
                    ("content-length", "15"),
                    ("content-type", "text/html; charset=utf-8"),
                    ("server-timing", "tally"),
                )
            }

    run(scenario())


# 2 -----------------------------------------------------------------------------------------------


def test_the_package_has_no_means_to_make_a_hash_or_an_identifier():
    """No identifier and no hash of a visitor exists anywhere: no hashlib, hmac, uuid, no hash()."""
    forbidden = {"hashlib", "hmac", "uuid", "zlib", "binascii.crc32", "random", "crypt"}
    for name, tree in sources():
        modules = imported(tree)
        assert not {module.partition(".")[0] for module in modules} & forbidden, name
        assert not modules & forbidden, name
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & {"hash", "id", "__import__", "eval", "exec"}, name


def test_random_numbers_are_drawn_for_no_visitor():
    """No identifier of a visitor exists: what is random is listed here.

    `doors` makes a password where none is set, and compares it in constant time; `links` makes what
    the owner gives to others, and compares it so too; `flush` names the process that writes, and
    `importers/bring` an import; the store numbers names and slots, so that no number tells which
    came first, or with which others.
    """
    uses = {
        (name, node.attr)
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "secrets"
    }
    assert uses == {
        ("doors.py", "compare_digest"),
        ("doors.py", "token_urlsafe"),
        ("flush.py", "token_hex"),
        ("importers/bring.py", "token_hex"),
        ("stores/postgresql_names.py", "randbelow"),
        ("stores/sqlite_names.py", "randbelow"),
        ("links.py", "compare_digest"),
        ("links.py", "token_urlsafe"),
        ("stores/sqlite_slots.py", "randbelow"),
    }
    assert {name for name, tree in sources() if "secrets" in imported(tree)} == {
        "doors.py",
        "flush.py",
        "importers/bring.py",
        "links.py",
        "stores/postgresql_names.py",
        "stores/sqlite_names.py",
        "stores/sqlite_slots.py",
    }


TEXTS = (str, bytes, bytearray)


def kept_in_memory() -> set[str]:
    """Every text with a mark in it that an object of this process holds."""
    gc.collect()
    texts = set[str]()
    seen = set[int]()
    things: list[Any] = gc.get_objects()
    while things:
        thing = things.pop()
        # By its type: an object may say something else of its class, or fail (Django's settings).
        if issubclass(type(thing), TEXTS):
            if found(thing):
                texts.add(str(thing))
        elif id(thing) not in seen and thing is not texts:
            seen.add(id(thing))
            # The collector says of a dict what its values are. What it does not track, such as a
            # dict of numbers, is reached from what holds it.
            names = list(dict.keys(thing)) if issubclass(type(thing), dict) else []
            things += [
                each
                for each in [*gc.get_referents(thing), *names]
                if issubclass(type(each), TEXTS) or not gc.is_tracked(each)
            ]
    return texts


def test_no_object_of_the_process_keeps_what_a_visitor_sent(tmp_path):
    """No identifier exists, not even for a second.

    Two bounded places in memory, neither ever written, are what a text outlives its request in:
    User-Agent texts with their families, and the candidates, which are minimised names that have
    not been seen often enough.
    """
    texts = set[str]()

    async def scenario() -> None:
        async with visited(tmp_path, country="timezone", exposure="report") as site:
            mark = marks()
            for number in range(50):
                headers = [
                    (b"accept", b"text/html"),
                    (b"sec-fetch-site", b"cross-site"),
                    (b"sec-fetch-dest", b"document"),
                    (b"host", HOST.encode()),
                    (b"accept-language", next(mark).encode()),
                    (b"user-agent", f"{CHROME} agent={next(mark)}".encode()),
                    (b"cookie", f"cookie={next(mark)}".encode()),
                    (b"authorization", f"authorization={next(mark)}".encode()),
                    *((name.encode(), f"for={next(mark)}".encode()) for name in ADDRESS_HEADERS),
                    (b"referer", f"https://linked.example/{next(mark)}?a={next(mark)}".encode()),
                ]
                path = "/pricing" if number % 2 else "/gone"
                query = f"a={next(mark)}&utm_campaign=campaign-{next(mark)}".encode()
                await request(site.app, "GET", path, headers, query=query)
                beacon = {
                    "u": f"/about?a={next(mark)}",
                    "r": f"https://linked.example/{next(mark)}",
                }
                origin = (b"origin", f"https://{HOST}".encode())
                sent = [*headers, origin, (b"sec-fetch-site", b"same-origin")]
                event = f"event-{next(mark)}"
                left = {"u": "/about", "e": "left", "t": 7, "z": f"Europe/{next(mark)}"}
                for told in (beacon, {"u": "/about", "e": "event", "v": event}, left):
                    body = json.dumps(told).encode()
                    await request(site.app, "POST", "/_tally/view", sent, body)
                load = {
                    "blocked-uri": f"https://load-{next(mark)}.example/{next(mark)}",
                    "document-uri": f"https://{HOST}/about?{next(mark)}",
                    "effective-directive": "img-src",
                    "referrer": next(mark),
                }
                body = json.dumps({"csp-report": load}).encode()
                media = (b"content-type", b"application/csp-report")
                await request(site.app, "POST", "/_tally/exposure", [*sent, media], body)
                del headers, sent, beacon, body, query, event, left, told, load
            nonlocal texts
            texts = kept_in_memory()

    run(scenario())
    agents = {text for text in texts if text.startswith("b'Mozilla/5.0")}
    assert 0 < len(agents) <= 50  # the probe sees what there is
    others = texts - agents
    assert len(others) == 25 + 50 + 50
    candidate = r"(campaign|event)-[a-z]+|load-[a-z]+\.example"
    assert [text for text in others if not re.fullmatch(candidate, text)] == []


# 3 -----------------------------------------------------------------------------------------------

PAGES_ASKED = (
    "/",
    "/account/some-text",
    "/people/7",
    "/gone",
    "/stats/privacy",
    "/stats/receipt",
    "/stats/promise",
    "/_tally/tally.js",
)


def sealed(name: str) -> tuple[bytes, Any]:
    return name.encode(), SealedBytes(b"198.51.100.7")


def test_a_sealed_value_raises_when_it_is_read():
    """The seals of the next tests do break."""
    for reading in (
        lambda: SealedBytes(b"a").decode(),
        lambda: SealedBytes(b"a") == b"a",
        lambda: b"," in SealedBytes(b"a"),
        lambda: SealedPair(("a", 1))[0],
        lambda: {SealedBytes(b"a"): 1},
        lambda: f"{SealedPair(('a', 1))}",
    ):
        with pytest.raises(ReadError):
            reading()


def test_documents_and_beacons_are_counted_without_reading_address_cookie_or_authorization(
    tmp_path, caplog
):
    """The client's address is never read: neither scope["client"] nor a forwarding header.

    No cookie is read, nor what the visitor is authorized with. Reading any of them raises here.
    """

    async def scenario() -> int:
        async with visited(tmp_path, debug=True) as site:
            values = [sealed(name) for name in (*ADDRESS_HEADERS, "cookie", "authorization")]
            plain = [(name.encode(), value.encode()) for name, value in NAVIGATION.items()]
            host = [(b"host", HOST.encode()), (b"origin", f"https://{HOST}".encode())]
            form = [*values, *plain, *host]
            assert await request(site.app, "POST", "/account/some-text", form) == 200  # an event
            for path in PAGES_ASKED:
                status = await request(site.app, "GET", path, [*values, *plain, *host])
                assert status == (404 if path == "/gone" else 200)
            same = (b"sec-fetch-site", b"same-origin")
            beacon = [*values, *plain, *host, same]
            event = b'{"u": "/", "e": "event", "v": "signup"}'
            for body, status in (
                (b'{"u": "/"}', 204),
                (event, 204),
                (b"[]", 400),
                (b" " * 1025, 413),
            ):
                assert await request(site.app, "POST", "/_tally/view", beacon, body) == status
            answer = await site.ask()
            return int(answer["results"][0]["metrics"][0])

    assert run(scenario()) == 5  # four pages and one beacon
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_stats_page_reads_the_password_of_its_reader_and_no_address_or_cookie(tmp_path):
    """Who reads the numbers is asked for a password: only there is `authorization` read."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            values = [sealed(name) for name in (*ADDRESS_HEADERS, "cookie")]
            owner = (b"authorization", OWNER["authorization"].encode())
            body = b'{"metrics": ["pageviews"], "date_range": "day"}'
            for method, path in (
                ("GET", "/stats/"),
                ("GET", "/stats/api/health"),
                ("GET", "/stats/api/dimensions"),
                ("POST", "/stats/api/query"),
            ):
                # Starlette copies the scope on its way, so the pair inside is sealed too.
                assert await request(site.app, method, path, [*values, owner], body) == 200

    run(scenario())


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (environ(), (200, "counted; visit")),
        (
            environ("/a.png", NAVIGATION | {"sec-fetch-dest": "image"}),
            (200, "ignored; not a page that is opened"),
        ),
        (environ(headers={"user-agent": "curl/8"}), (200, "ignored; bot")),
        (environ("/_tally/tally.js"), (200, None)),
        (environ("/_tally/view", BEACON, method="POST", body=b'{"u": "/"}'), (204, "counted")),
        (environ("/stats/", {"authorization": KEY}), (200, None)),
    ],
    ids=["page", "picture", "machine", "snippet", "beacon", "stats page"],
)
def test_it_is_so_too_under_wsgi_where_one_dictionary_has_all_that_the_server_knows(made, said):
    """What raises when it is read is not in the answer: each is what it is without."""
    sealed_keys = {"REMOTE_ADDR", "REMOTE_HOST", "REMOTE_PORT", "REMOTE_USER", "HTTP_COOKIE"}
    sealed_keys |= {f"HTTP_{name.upper().replace('-', '_')}" for name in ADDRESS_HEADERS}
    if "HTTP_AUTHORIZATION" not in made:
        sealed_keys.add("HTTP_AUTHORIZATION")
    try:
        reply = wsgi_request(wsgi(), Sealed(made, sealed_keys))
    finally:
        BACKGROUND.end()
    assert (reply.status, reply.tally) == said


def test_no_module_names_the_client_a_cookie_or_a_forwarding_header():
    """The client's address is never read, and no cookie: the package has no word for them."""
    words = {
        *ADDRESS_HEADERS,
        "client",
        "cookie",
        "set-cookie",
        "x-client-ip",
        "x-cluster-client-ip",
    }
    # The audit reads what the site's own pages answer, and no request of a visitor.
    for name, tree in not_of_the_audit(sources()):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                value = node.value
                text = value.decode("latin-1") if isinstance(value, bytes) else value
                assert text.strip().lower() not in words, f"{name}:{node.lineno}"
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"client", "cookies"}, f"{name}:{node.lineno}"


# 4 -----------------------------------------------------------------------------------------------


def not_of_the_audit(trees: Iterable[tuple[str, ast.AST]]) -> list[tuple[str, ast.AST]]:
    return [(name, tree) for name, tree in trees if not name.startswith("audit/")]


def test_what_counts_never_loads_what_can_ask_a_site():
    """Nothing is sent to another host: `firstparty audit URL`, which somebody types, is apart.

    What can ask over the network is one file, `audit/fetch.py` (and a browser's driver in
    `audit/browser.py`), which is loaded by that command alone.
    """
    asks = {"firstparty.audit.fetch", "firstparty.audit.browser", "firstparty.audit.serving"}
    for name, tree in sources():
        loaded = imported(tree) & asks
        if name in {"audit/runs.py", "commands/audit.py"}:
            # Within functions: to import these files loads none of them.
            top = {
                alias
                for node in ast.iter_child_nodes(tree)
                for alias in imported(ast.Module([node], []))
                if isinstance(node, ast.Import | ast.ImportFrom)
            }
            assert not top & asks, name
        else:
            assert not loaded, name
    code = (
        "import sys, firstparty, firstparty.cli, firstparty.testing;"
        "firstparty.AnalyticsMiddleware(print, store='memory://', exposure='block', password='x');"
        f"sys.exit(len({asks!r} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_has_no_means_to_send_anything_anywhere():
    """Nothing is sent to another host, but by the audit that somebody starts by hand."""
    clients = {
        *("http", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "socket", "ssl"),
        *("smtplib", "ftplib", "telnetlib", "xmlrpc", "websockets", "subprocess", "pickle"),
    }
    for name, tree in sources():
        if name == "audit/fetch.py":
            continue  # see above
        modules = imported(tree)
        assert not modules & clients, name
        assert not {module.partition(".")[0] for module in modules} & clients, name
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not attributes & {"open_connection", "create_connection", "popen"}, name


def test_no_page_of_ours_loads_anything_from_another_host(tmp_path):
    """No page of ours loads anything from another host, and the browser is told not to."""
    ways = r"src=|<link[^>]*href=|url\(|import\s*\(?|from\s|fetch\(|open\("
    loads = rf"""(?:{ways})\s*["'`]?\w*:?//[^"'`)\s]+"""
    for file in sorted(JS.rglob("*")):
        if file.is_file():
            assert re.findall(loads, file.read_text("utf-8")) == [], file.name

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            for path in ("/stats/", "/stats/privacy", "/stats/promise"):
                answer = await site.client.get(path, headers=OWNER)
                assert re.findall(loads, answer.text) == []
                policy = answer.headers["content-security-policy"].split("; ")
                assert policy[0] == "default-src 'none'"
                assert {rule.partition(" ")[2] for rule in policy} == {"'none'", "'self'"}
                assert answer.headers["referrer-policy"] == "no-referrer"

    run(scenario())


# 5 -----------------------------------------------------------------------------------------------


def test_a_thousand_more_visits_add_numbers_and_no_row(tmp_path):
    """Of visitors, only counts are stored. There is no row per visit.

    (How long the program took to answer is left out: it has a row for each of eleven ranges.)
    """

    async def scenario() -> None:
        async with visited(tmp_path, omit=("served",)) as site:

            async def visits(times: int) -> dict[str, int]:
                for number in range(times):
                    await site.view(("/", "/pricing", "/about")[number % 3])
                    if number % 50 == 0:
                        await site.flush()
                await site.flush()
                return {name: len(rows) for name, rows in site.tables().items()}

            before = await visits(30)
            assert await visits(1000) == before
            total = site.rows(
                "select pageviews from counts where dimension = 0 and period = 3 and value = 0"
            )
            assert total == [(1030,)]

    run(scenario())


def test_no_time_in_the_file_is_finer_than_an_hour_but_the_bare_total_of_the_last_one(tmp_path):
    """No time finer than an hour but for the site's bare total per minute, kept for one hour."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            minutes = "select at, dimension, path, value from counts where period = 0"
            for _ in range(90):
                await site.view("/pricing", referer="https://www.google.com/")
                await site.flush()
                site.clock.now += MINUTE
            now = int(site.clock.now // 60)
            rows = site.rows(minutes)
            assert [row[1:] for row in rows] == [(0, 0, 0)] * len(rows)  # of nothing but the site
            assert 58 <= len(rows) <= 60
            assert min(row[0] for row in rows) >= now - 60
            hours = site.rows("select distinct at % 60 from counts where period = 1")
            assert hours == [(0,)]
            days = site.rows("select distinct length(at) from counts where period > 1 order by 1")
            assert days == [(6,), (8,)]  # 202611, 20261123
            texts = [
                value
                for name, rows in site.tables().items()
                for row in rows
                for value in row
                if isinstance(value, str) and re.search(r"\d\d:\d\d|1795\d{6}", value)
            ]
            assert texts == []

            site.clock.now += 61 * MINUTE  # and nobody comes
            await site.flush()
            assert site.rows(minutes) == []

    run(scenario())


def test_the_write_ahead_log_is_empty_after_each_write(tmp_path):
    """The write-ahead log is truncated after each batch, so that it replays nothing."""

    async def scenario() -> None:
        async with visited(tmp_path, flush_interval=0.1) as site:
            for path in ("/", "/pricing", "/about") * 5:
                await site.view(path)
                await site.flush()
                assert site.file.with_name("counts.db-wal").stat().st_size == 0

    run(scenario())


async def counted_in_order(folder: Path, order: tuple[str, ...], warm: bool = True) -> Visited:
    file = f"{'-'.join(order).replace('/', '')}.db"
    # How long the program took to answer differs from run to run, whoever came.
    async with visited(folder, file=file, omit=("served",)) as site:
        if warm:  # an hour ago, so that every name is known
            for path in ("/about", "/account/a", "/account/b", "/pricing"):
                await site.view(path)
            await site.flush()
            site.clock.now += HOUR
        for path in order:
            await site.view(path)
            await site.flush()
    return site


ORDERS = tuple(itertools.permutations(("/", "/pricing", "/about")))


def test_the_tables_are_the_same_whoever_came_first(tmp_path):
    """The file does not replay who came in which order: each order of views, one for each write,
    leaves the same rows.

    What is left to tell batches apart is the name of the process that wrote last.
    """

    async def scenario() -> None:
        left = list[Any]()
        for order in ORDERS:
            site = await counted_in_order(tmp_path, order)
            tables = site.tables()
            assert [row[1:] for row in tables.pop("batches")] == [(4, 20261118)]
            named = {row[1]: row[3] for row in tables.pop("names")}
            slots = {row[0]: row[1:] for row in tables.pop("slots")}
            for name in ("narrow", "wide"):
                tables[name] = sorted(
                    [
                        (slots[slot], named.get(path), named.get(value), *metrics)
                        for slot, path, value, *metrics in tables[name]
                    ],
                    key=str,
                )
            left.append((sorted(slots.values()), sorted(named.values()), tables))
        assert all(each == left[0] for each in left)

    run(scenario())


def test_the_bytes_of_a_quiet_site_are_those_of_a_file_written_at_once(tmp_path):
    """The file does not replay who came in which order, to an expert with its bytes either.

    Within a minute it is written anew in the order of its keys, as a fresh copy of it would be.
    """

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            for path in ("/pricing", "/", "/about", "/account/a"):
                await site.view(path)
                await site.flush()
            site.clock.now += 60
            await site.flush()
            with closing(sqlite3.connect(site.file)) as db:
                db.execute("vacuum into ?", (str(tmp_path / "copy.db"),))
            page = 4096  # the first holds the schema, and counters of writes
            copy = (tmp_path / "copy.db").read_bytes()[page:]
            assert site.file.read_bytes()[page:] == copy

    run(scenario())


def test_the_numbers_of_names_do_not_tell_which_name_came_first(tmp_path):
    """The file does not replay the order in which pages were first seen."""

    async def scenario() -> None:
        numbered = list[bool]()
        for order in (*ORDERS, *ORDERS):
            site = await counted_in_order(tmp_path, order, warm=False)
            names = site.rows("select name from names where name like '/%' order by id")
            numbered.append(tuple(name for (name,) in names) == order)
            site.file.unlink()
        assert not all(numbered)  # by chance once in two billion runs

    run(scenario())


def test_the_numbers_of_slots_do_not_tell_what_was_counted_together(tmp_path):
    """The file does not replay a visit: numbers in a row would say which dimensions it had."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            for path in ("/", "/pricing"):
                await site.view(path)
                await site.flush()
                site.clock.now += DAY
            numbers = [id_ for (id_,) in site.rows("select id from slots order by at, period")]
            assert len(numbers) > 30
            near = [one for one, two in itertools.pairwise(sorted(numbers)) if two - one == 1]
            assert len(near) < len(numbers) / 5
            assert numbers != sorted(numbers)

    run(scenario())


def test_the_files_can_be_read_by_their_owner_alone(tmp_path):
    """Whoever can read the database could watch counts grow: it is readable by its owner alone."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            await site.view("/")
            await site.flush()
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in site.files()}
            assert modes == dict.fromkeys(("counts.db", "counts.db-shm", "counts.db-wal"), 0o600)

    run(scenario())


# 6 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["timezone", f"header:{COUNTRY}"])
def test_what_a_visitor_sends_is_on_no_disk_in_no_log_and_in_no_answer(tmp_path, caplog, country):
    """Text that came from a visitor is written only after several sightings.

    Each of thousands of requests, sent twice where three sightings make a name, has marks of its
    own in address headers, User-Agent, cookie, authorization, languages, path, query, referrer,
    campaign, form and beacon; in events and their properties, from the browser and from Python; in
    links that leave the site, downloads and the names of forms; and where the country is read, a
    time zone or a header, of which nothing but the country is kept, however often it comes.
    """
    caplog.set_level(logging.DEBUG)

    async def scenario() -> None:
        options = {"query": ("q",), "country": country, "exposure": "block"}
        async with visited(tmp_path, **options) as site:
            await visit_everywhere(site, marks(), times=2, everywhere=60)
            place = "zebsosososo/zebtutututu"
            assert found(place)
            for _ in range(20):
                await site.view("/", **{COUNTRY: place})
                await site.beacon({"u": "/", "e": "left", "t": 7, "z": place})
            before = await site.answers()
            await site.flush()
            assert found(before, await site.answers()) == set()
            assert found(site.bytes(), site.tables()) == set()
            health = await site.client.get("/stats/api/health", headers=OWNER)
            assert health.json()["left_out"]["bot"] == 120  # they did arrive
            total = (await site.ask(metrics=["pageviews", "events", "measured"]))["results"]
            assert all(number >= 100 for number in total[0]["metrics"])
            exposed = await site.ask(metrics=["reports"], dimensions=["third_party"])
            assert exposed["results"] == [{"dimensions": ["(unlisted)"], "metrics": [120]}]
        assert found(site.bytes(), site.tables()) == set()
        nonlocal file
        file = site.file

    file = Path()
    run(scenario())
    # Nor is it in a copy, in what is taken elsewhere, or in anything else that is not allowed.
    copies = (tmp_path / "copy.db", tmp_path / "counts.jsonl")
    store = ("--store", f"sqlite:///{file}")
    assert main(["backup", str(copies[0]), *store]) == 0
    assert main(["export", str(copies[1]), *store]) == 0
    assert found(*(copy.read_bytes() for copy in copies)) == set()
    assert [each.what for each in verify(file, NOW)] == []
    assert len(caplog.records) > 1000
    assert found(logged(caplog.records)) == set()


def test_of_a_report_the_host_the_page_and_the_kind_are_kept_and_nothing_else(tmp_path):
    """Text that came from a visitor is minimised first: also what a browser reports of a page."""

    async def scenario() -> None:
        async with visited(tmp_path, exposure="report") as site:
            mark = marks()
            never = {"cookie": next(mark), "referer": f"https://{HOST}/{next(mark)}"}
            for _ in range(5):
                load = {
                    "blocked-uri": f"https://tracker.example/{next(mark)}.js?{next(mark)}=1",
                    "document-uri": f"https://{HOST}/pricing?{next(mark)}={next(mark)}",
                    "effective-directive": "script-src-elem",
                    "source-file": f"https://{HOST}/{next(mark)}.js",
                    "script-sample": next(mark),
                }
                reply = await site.report({"csp-report": load}, **never)
                assert reply.headers["tally"] == "counted"
                site.clock.now += HOUR
            await site.flush()
            assert found(site.bytes(), site.tables(), await site.answers()) == set()
            named = site.rows("select name from names where name like '%tracker%'")
            assert named == [("tracker.example",)]
            crossed = "select count(*), sum(reports), sum(pageviews) from counts where period = 4"
            assert site.rows(crossed) == [(1, 0, 0)]  # that it was so: no number

    run(scenario())


def test_no_error_repeats_what_a_visitor_sent(tmp_path, caplog):
    """Errors are sentences of ours: what was wrong is not in them, nor in the log."""
    caplog.set_level(logging.DEBUG)

    async def scenario() -> None:
        options = {"exposure": "block", "consent": lambda scope: scope["path"], "debug": True}
        async with visited(tmp_path, **options) as site:
            mark = marks()
            for _ in range(20):
                text = next(mark)
                headers = {"referer": f"https://{HOST}/{text}", "user-agent": f"{CHROME} {text}"}
                answers = [
                    await site.beacon(text.encode(), **headers),
                    await site.beacon({"u": text}, **headers),
                    await site.beacon({"u": "/", "n": text}, **headers),
                    await site.beacon({"u": "/", "e": text}, **headers),
                    await site.beacon({"u": "/", "e": "event", "v": text * 20}, **headers),
                    await site.beacon({"u": "/", "e": "event", "v": "a", "p": {f"{text}=": 1}}),
                    await site.beacon({"u": "/"}, **headers | {"sec-fetch-site": text}),
                    await site.report(text.encode(), **headers),
                    await site.report({text: 1}, **headers),
                    await site.report(b"[]", **headers | {"content-type": text}),
                    await site.report(b"{}", **headers | {"sec-fetch-site": text}),
                    await site.client.get(f"/stats/{text}", headers=headers),
                    await site.client.get(f"/stats/assets/{text}", headers=headers),
                    await site.client.get(f"/stats/receipt?path={text}", headers=headers),
                    await site.client.get("/stats/", headers={"authorization": f"Basic {text}"}),
                ]
                for answer in answers:
                    assert answer.status_code >= 400
                    assert found(answer.text, str(answer.headers)) == set()
                page = await site.view(f"/account/{text}", **headers)
                assert found(str(page.headers)) == set()

    run(scenario())
    assert found(logged(caplog.records)) == set()


def test_what_has_been_seen_often_is_found_by_this_test(tmp_path):
    """The probe works: a text that three requests send is a name, and only where it belongs."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            mark = marks()
            path, host, campaign, event, plan = (next(mark) for _ in range(5))
            never = {"cookie": next(mark), "x-forwarded-for": next(mark)}
            for _ in range(3):
                await site.view(
                    f"/account/{path}?utm_campaign={campaign}",
                    referer=f"https://{host}.example/{next(mark)}",
                    sec_fetch_site="cross-site",
                    **never,
                )
                properties = {"plan": plan}
                await site.beacon({"u": "/", "e": "event", "v": event, "p": properties}, **never)
            await site.flush()
            assert found(site.bytes()) == {path, host, campaign, event, plan}
            # What is crossed, as a property is with its event, is not shown below ten.
            assert found(await site.answers()) == {path, host, campaign, event}

    run(scenario())


PERSONAL = {
    "an e-mail address": ("anna.miller@mail.example", "anna%2emiller%40mail.example"),
    "a UUID": ("6f1d8c3e-52ab-4e0b-9c1d-7a2b3c4d5e6f", "6F1D8C3E52AB4E0B9C1D7A2B3C4D5E6F"),
    "a token": ("Xk7Pq2Lm9Rt4Vw8Yz1Bc", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl"),
    "a long number": ("4711081512345", "0049-171-5550199"),
    "an address": ("203.0.113.77", "2001:db8::ff00:42:8329"),
}


@pytest.mark.parametrize("texts", PERSONAL.values(), ids=PERSONAL)
def test_what_may_identify_someone_is_masked_however_often_it_comes(tmp_path, texts):
    """E-mails, UUIDs, long digit runs and token-like segments are masked in every open value."""

    async def scenario() -> None:
        async with visited(tmp_path, query=("q",)) as site:
            for text, _ in itertools.product(texts, range(100)):
                query = f"?q={text}&" + "&".join(f"{name}={text}" for name in CAMPAIGN)
                foreign = {"sec_fetch_site": "cross-site", "referer": f"https://a.example/{text}"}
                own = {"sec_fetch_site": "same-origin", "referer": f"https://{HOST}/account/{text}"}
                await site.view(f"/account/{text}{query}", **foreign)
                await site.view(f"/gone/{text}", **own)
                await site.view("/", **own)
                await site.beacon({"u": f"/account/{text}{query}", "r": foreign["referer"]})
                await site.client.post(f"/account/{text}", headers=NAVIGATION)  # is an event
                for kind in ("event", "download", "form"):
                    told = {"u": "/", "e": kind, "v": text, "p": {"of": text}}
                    await site.beacon(told, referer=own["referer"])
                link = f"user:{text}@b.example/{text}?q={text}"  # of which the host is kept
                await site.beacon({"u": "/", "e": "outbound", "v": f"https://{link}"})
            await site.flush()
            said = (await site.answers()).lower()
            kept = json.dumps(site.tables()).lower().encode() + site.bytes().lower()
            for secret in (*texts, "anna", "171-555", "42:8329", "9rt4vw8"):
                assert secret.lower() not in said
                assert secret.lower().encode() not in kept
            assert b"/account/{" in kept  # under its mask it is there

    run(scenario())


async def paths_after(folder: Path, views: tuple[str, ...], **options: Any) -> set[str]:
    """The paths on the disk after five rounds of these views."""
    async with visited(folder, **options) as site:
        for path in views * 5:
            await site.view(path)
        await site.flush()
        return {row[0] for row in site.rows("select name from names where name like '/%'")}


def test_the_number_of_an_account_is_counted_as_its_template(tmp_path):
    """A parameter that the application says is a number has no name of its own."""
    assert run(paths_after(tmp_path, ("/people/4242",))) == {"/people/{id}"}


def test_it_is_so_too_when_the_first_page_was_one_of_a_mounted_application(tmp_path):
    """A parameter that the application says is a number has no name of its own."""
    views = ("/help/start", "/people/4242")
    assert run(paths_after(tmp_path, views)) == {"/help/start", "/people/{id}"}


def test_it_is_so_too_with_a_parameter_that_the_site_keeps(tmp_path):
    """A parameter that the application says is a number has no name of its own."""
    names = run(paths_after(tmp_path, ("/people/4242?q=a",), query=("q",)))
    assert names == {"/people/{id}?q=a"}


@pytest.mark.parametrize("path", ["/pricing", "/gone"])
def test_a_page_that_a_visitor_only_claims_to_come_from_gets_no_name(tmp_path, path):
    """Text that came from a visitor is written only after several sightings."""

    async def scenario() -> None:
        async with visited(tmp_path, listed=("/account/*",)) as site:
            await site.view(
                path, sec_fetch_site="same-origin", referer=f"https://{HOST}/account/{'ab' * 4}"
            )
            await site.flush()
            assert b"abababab" not in site.bytes()

    run(scenario())


# 7 -----------------------------------------------------------------------------------------------


def test_counts_that_cross_two_things_are_kept_by_the_month_only(tmp_path):
    """Counts that cross two things are kept by the month only."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            for day in range(40):
                site.clock.now += DAY
                await site.view("/pricing", referer="https://www.google.com/", user_agent=MOBILE)
                await site.view(f"/account/a?utm_campaign=sale-{day % 2}")
            await site.flush()
            # 0 minute, 1 hour, 2 day, 3 month, 4 a month crossed: only that has a page and a value
            assert site.rows("select distinct period from counts where path != 0") == [(4,)]
            assert site.rows("select distinct at from counts where period = 4 order by 1") == [
                (202611,),
                (202612,),
            ]
            # Time finer than a day is there for the site and its pages alone.
            named = dict(site.rows("select id, name from dimensions")) | {0: "the site"}
            fine = site.rows("select distinct dimension from counts where period = 1")
            assert {named[row[0]] for row in fine} == {"the site", "path"}

    run(scenario())


def test_a_small_crossed_count_is_answered_as_if_it_were_not_there(tmp_path):
    """Counts that cross two things are not shown when small: below 10, like none at all."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            for number in range(40):
                await site.view("/pricing")
                await site.view("/pricing", accept_language="fr" if number < 9 else "de")
                await site.view("/about", accept_language="de")
            asked = [["is", "path", ["/pricing"]]]
            small, none, large = [
                json.dumps(await site.ask(filters=[*asked, ["is", "language", [language]]]))
                for language in ("fr", "it", "de")
            ]
            assert small.replace('"fr"', '"it"') == none
            assert json.loads(none)["results"] == [{"dimensions": [], "metrics": [None]}]
            assert json.loads(large)["results"] == [{"dimensions": [], "metrics": [None]}] or (
                json.loads(large)["results"][0]["metrics"][0] >= 10
            )

    run(scenario())


def test_what_is_small_when_its_month_closes_is_deleted_from_the_file_and_its_copies(tmp_path):
    """Counts that cross two things are not kept when small: three days after the month, they go."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            for number in range(42):
                language = "fr" if number < 9 else "it" if number < 21 else "de"
                await site.view("/pricing", accept_language=language)
            await site.flush()
            crossed = (
                "select language.name, pageviews from counts"
                " join names language on language.id = counts.value"
                " join dimensions on dimensions.id = counts.dimension"
                " where counts.period = 4 and dimensions.name = 'language' order by 1"
            )
            assert site.rows(crossed) == [("de", 21), ("fr", 9), ("it", 12)]
            site.clock.now += 17 * DAY
            await site.flush()
            # The smallest that is left goes with what is small: a subtraction would show it.
            assert site.rows(crossed) == [("de", 21)]
        now = site.clock.now
        # In a thread, as a command has a loop of its own.
        command = ["backup", str(copied), "--store", f"sqlite:///{site.file}"]
        assert await asyncio.to_thread(main, command) == 0
        assert [each.what for each in verify(copied, now)] == []
        with closing(sqlite3.connect(copied)) as db:
            assert db.execute(crossed).fetchall() == [("de", 21)]

    copied = tmp_path / "copy.db"
    run(scenario())


# 8 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signal", ["sec-gpc", "dnt"])
def test_whoever_objects_changes_no_number_anywhere(tmp_path, signal):
    """A visitor who objects (Sec-GPC: 1, DNT: 1) is not counted at all, not even as left out."""

    async def scenario() -> None:
        async with visited(tmp_path, exclude=("/about",)) as site:
            await site.view("/")
            await site.beacon({"u": "/"})
            await site.flush()
            before, tables = await site.answers(), site.tables()

            no = {signal: "1"}
            for _ in range(5):
                for path in ("/", "/pricing", "/about", "/gone", "/account/abc?utm_source=x"):
                    await site.view(path, **no)
                    await site.view(path, **no, user_agent="a bot")
                    await site.view(path, **no, sec_purpose="prefetch")
                    await site.view(path, **no, referer="https://a.example/")
                    await site.client.post(path, headers=NAVIGATION | {signal: "1"})
                event = {"u": "/", "e": "event", "v": "signup", "p": {"plan": "pro"}}
                left = {"u": "/", "e": "left", "t": 7}
                views = ({"u": "/"}, {"u": "/", "c": True})
                for body in (*views, event, left, b"nonsense", b" " * 2000):
                    await site.beacon(body, **no)
                    await site.beacon(body, **no, user_agent="a bot")
                    await site.beacon(body, **no, sec_fetch_site="cross-site")
            assert await site.answers() == before
            assert not site.app.flusher.unflushed
            await site.flush()
            assert (await site.answers(), site.tables()) == (before, tables)

    run(scenario())


# 9 -----------------------------------------------------------------------------------------------


def test_after_its_time_nothing_of_an_expired_name_is_left_in_the_bytes_of_the_file(tmp_path):
    """What is kept is deleted on time, by the program, and overwritten where it was."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            mark = marks()
            for number in range(40):
                path, campaign, host = next(mark), next(mark), next(mark)
                for _ in range(3):
                    await site.view(
                        f"/account/{path}?utm_campaign={campaign}",
                        referer=f"https://{host}.example/",
                        sec_fetch_site="cross-site",
                    )
                    await site.view(f"/{path}")  # is missing
                if number % 4 == 3:
                    await site.flush()
            await site.flush()
            assert len(found(site.bytes())) == 120

            for _ in range(24):
                site.clock.now += 30 * DAY
                await site.view("/")
                await site.flush()
            assert len(found(site.bytes())) == 120  # not before its time
            size = site.file.stat().st_size

            site.clock.now += 62 * DAY
            await site.view("/")
            await site.flush()
            assert found(site.bytes(), site.tables()) == set()
            assert site.rows("pragma freelist_count") == [(0,)]
            assert site.file.stat().st_size < size
            assert site.app.flusher.detail is None

    run(scenario())


def test_hours_are_gone_after_35_days_and_days_after_25_months(tmp_path):
    """What is kept is deleted on time, by the program, also where nobody comes any more."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            kept = "select distinct period from counts order by 1"
            await site.view("/")
            await site.flush()
            assert site.rows(kept) == [(0,), (1,), (2,), (3,), (4,)]
            site.clock.now += 36 * DAY
            await site.flush()
            # The month has closed meanwhile: what crossed two things was small, and is gone.
            assert site.rows(kept) == [(2,), (3,)]
            site.clock.now += (25 * 31 - 36) * DAY
            await site.flush()
            assert site.rows(kept) == []
            assert site.rows("select name from names") == []

    run(scenario())


def test_a_note_says_nothing_of_who_wrote_it_and_goes_with_its_day(tmp_path):
    """What the owner writes on a day is kept with that day alone, and deleted on time, too."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            mark = marks()
            word = next(mark)
            body = {"add": {"day": "2026-11-17", "text": f"Campaign {word}"}}
            names = ("cookie", "user-agent", "referer", "x-forwarded-for", "accept-language")
            told = {name: next(mark) for name in names} | {"sec-fetch-site": "same-origin"}
            answer = await site.client.post("/stats/api/marks", json=body, headers=OWNER | told)
            assert answer.status_code == 200
            assert found(site.bytes()) == {word}
            rows = site.rows("select at, day, kind, text from marks where kind = 'note'")
            ((at, *rest),) = rows
            assert rest == [20261117, "note", f"Campaign {word}"]
            assert at % (24 * 60) == 0
            site.clock.now += 26 * 31 * DAY
            await site.flush()
            assert found(site.bytes(), site.tables()) == set()

    run(scenario())


def test_the_file_is_an_ordinary_database_that_anyone_can_open_and_check(tmp_path):
    """There is nothing else to look up: these are all the tables, and all the columns of counts."""

    async def scenario() -> None:
        async with visited(tmp_path) as site:
            await site.view("/")
        with sqlite3.connect(site.file) as db:
            tables = {
                row[0]: [column[1] for column in db.execute(f"pragma table_info({row[0]})")]
                for row in db.execute("select name from sqlite_master where type = 'table'")
            }
        db.close()
        key, common = ["slot", "path", "value"], ["pageviews", "visits", "departures"]
        assert tables == {
            "slots": ["id", "site", "period", "dimension", "at", "origin"],
            "narrow": [*key, *common],
            "wide": [*key, *COUNTED],
            "sites": ["id", "name", "timezone"],
            "dimensions": ["id", "name"],
            "names": ["site", "id", "dimension", "name"],
            "pairs": ["site", "dimension", "month", "number"],
            "batches": ["writer", "seq", "day"],
            "changes": ["number"],
            "blocked": ["site", "dimension", "pattern"],
            "closings": ["site", "kind", "at", "dimension", "least"],
            "marks": ["id", "site", "at", "day", "kind", "text"],
            "links": ["id", "site", "token", "name", "until"],
            "imports": ["id", "site", "name", "writer", "kind", "made", "first", "last", "done"],
        }

    run(scenario())


# PostgreSQL --------------------------------------------------------------------------------------

BESIDE = {
    "version": ["number"],
    "sites": ["id", "name", "timezone"],
    "dimensions": ["id", "name"],
    "names": ["site", "id", "dimension", "name"],
    "pairs": ["site", "dimension", "month", "number"],
    "batches": ["writer", "seq", "day"],
    "changes": ["number", "hour", "day"],
    "blocked": ["site", "dimension", "pattern"],
    "closings": ["site", "kind", "at", "dimension", "least"],
    "marks": ["id", "site", "at", "day", "kind", "text"],
    "links": ["id", "site", "token", "name", "until"],
    "imports": ["id", "site", "name", "writer", "kind", "made", "first", "last", "done"],
}
"""Every table of the store for several hosts but that of the counts, with its columns."""


async def everything(server: Server, name: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that a database has, as a dump would show it."""
    tables = await server.sql(
        "select oid::regclass::text from pg_class where relkind in ('r', 'm', 'v')"
        " and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        " and relnamespace::regnamespace::text not like 'pg_toast%'",
        database=name,
    )
    return {
        table.removeprefix("firstparty."): [
            dict(row)
            for row in await server.sql(f"select xmin::text, * from {table}", database=name)  # noqa: S608
        ]
        for (table,) in tables
    }


def test_the_store_for_several_hosts_has_these_tables_and_nothing_else(tmp_path, postgres):
    """There is nothing else to look up: these are all the tables, and all the columns of counts."""
    name = postgres.database()

    async def scenario() -> None:
        async with visited(tmp_path, store=postgres.url(name)) as site:
            await site.view("/")
        columns = await postgres.sql(
            "select table_name, column_name from information_schema.columns"
            " where table_schema not in ('pg_catalog', 'information_schema')"
            " order by table_name, ordinal_position",
            database=name,
        )
        tables = {table: [each for of, each in columns if of == table] for table, _ in columns}
        counts = tables.pop("counts")
        key = ["site", "period", "dimension", "at", "path", "value", "origin"]
        assert counts == [*key, *COUNTED]
        assert tables == BESIDE

    run(scenario())


def test_what_a_visitor_sends_is_in_no_table_no_file_and_no_log_of_postgresql(
    tmp_path, caplog, postgres
):
    """Of visitors, only counts are stored, also where several hosts share them.

    Of what the server writes, its write-ahead log too is searched, and the log of the server, which
    is told to say everything.
    """
    caplog.set_level(logging.DEBUG)
    name = postgres.database()

    async def scenario() -> None:
        await postgres.sql(f"alter database {name} set log_statement = 'all'", database=name)
        async with visited(tmp_path, store=postgres.url(name), query=("q",)) as site:
            await visit_everywhere(site, marks(), times=2, everywhere=20)
            await site.flush()
            assert found(await site.answers()) == set()
            tables = await everything(postgres, name)
            assert len(tables["counts"]) > 50
            assert found(tables) == set()
        await postgres.sql("checkpoint", database=name)
        for file in postgres.folder.rglob("*"):
            if file.is_file():
                assert found(file.read_bytes()) == set(), file.name
        assert found(postgres.log()) == set()
        assert "insert into firstparty.counts" in postgres.log()
        await postgres.sql(f"alter database {name} reset log_statement", database=name)

    run(scenario())
    assert found(logged(caplog.records)) == set()


def test_what_expires_leaves_every_table_and_file_of_postgresql_but_its_log(tmp_path, postgres):
    """What is kept is deleted on time, by the program, and what it leaves behind is cleared away.

    The write-ahead log of the server keeps what it was told for as long as its owner has it do so.
    """
    name = postgres.database()

    async def scenario() -> None:
        (row,) = await postgres.sql(
            "select oid from pg_database where datname = current_database()", database=name
        )

        async def on_disk() -> set[str]:
            await postgres.sql("checkpoint", database=name)
            folder = postgres.folder / "base" / str(row[0])
            return found(*(file.read_bytes() for file in folder.iterdir() if file.is_file()))

        async with visited(tmp_path, store=postgres.url(name)) as site:
            for mark in itertools.islice(marks(), 40):
                for _ in range(3):
                    await site.view(f"/account/{mark}")
            await site.flush()
            assert len(await on_disk()) == 40
            site.clock.now += (25 * 31 + 1) * DAY
            await site.view("/")
            await site.flush()
            assert await on_disk() == set()
            rows = await everything(postgres, name)
            assert {each["name"] for each in rows["names"]} & {"/"}
            assert found(rows) == set()
            assert {each["at"] for each in rows["counts"] if each["period"] == 2} == {20290102}
            assert site.app.flusher.detail is None

    run(scenario())


def test_a_dump_of_postgresql_does_not_tell_what_belongs_to_one_visit(tmp_path, postgres):
    """The database does not replay who came in which order.

    Each row of PostgreSQL says which transaction wrote it. Three visits, each written by itself,
    are after an hour rows of one transaction, in the order of their keys.
    """
    name = postgres.database()

    async def scenario() -> None:
        async with visited(tmp_path, store=postgres.url(name)) as site:
            for path, agent in (("/about", CHROME), ("/pricing", MOBILE), ("/", CHROME)):
                await site.view(path, user_agent=agent)
                await site.flush()
            rows = (await everything(postgres, name))["counts"]
            assert len({row["xmin"] for row in rows}) > 2
            site.clock.now += HOUR
            await site.flush()
            tables = await everything(postgres, name)
        keys = ["site", "period", "dimension", "at", "path", "value"]
        counts = [tuple(row[key] for key in keys) for row in tables["counts"]]
        assert counts == sorted(counts)
        assert len({row["xmin"] for row in tables["counts"]}) == 1
        assert len({row["xmin"] for row in tables["names"]}) == 1

    run(scenario())
