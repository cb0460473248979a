"""An audit of a site that means harm, or is broken: bounded, polite, and nothing is overlooked."""

from __future__ import annotations

import asyncio
import gzip
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import pairwise
from threading import Event, Thread
from typing import Any

import pytest

from firstparty import ThirdParty
from firstparty.audit import fetch as fetching
from firstparty.audit import heads, html, robots, runs, verdict
from firstparty.audit.answers import Answer, AuditError
from firstparty.audit.crawl import IN_A_ROW, MOST_FOUND, MOST_KNOWN, Crawl, Crawled, Note
from firstparty.audit.robots import Robots
from firstparty.audit.urls import joined
from firstparty.cli import main
from firstparty.exposure.register import Register

HTML = (("content-type", "text/html"),)
EVIL = "https://evil.example/x.js"

Page = Callable[[str], Answer]


def page(text: str, headers: tuple[tuple[str, str], ...] = HTML) -> Answer:
    return Answer(200, headers, text.encode())


def away(to: str) -> Answer:
    return Answer(302, (("location", to),), b"")


def crawled(answer: Page, asked: list[str] | None = None, **options: Any) -> Crawled:
    """What a crawl finds of a site that answers so."""

    async def fetch(url: str) -> Answer:
        if asked is not None:
            asked.append(url)
        return answer(url)

    return asyncio.run(Crawl(fetch, "https://own.example", **options).run())


def hosts(found: Crawled) -> set[str]:
    return {load.host for load in found.loads}


# No end


def test_redirects_without_end_are_left() -> None:
    asked = list[str]()
    with pytest.raises(AuditError, match="redirects lead round and round"):
        crawled(lambda url: away(f"/{len(asked)}"), asked, most=5)
    assert len(asked) == 50
    asked.clear()
    with pytest.raises(AuditError, match="redirects lead round and round"):
        crawled(lambda url: away("/"), asked, most=5)
    assert asked == ["https://own.example/"]


def test_pages_without_end_take_bounded_memory() -> None:
    def answer(url: str) -> Answer:
        links = (f'<a href="/{url[20:]}-{number}">x</a>' for number in range(MOST_KNOWN))
        return page("".join(links) + f'<script src="{EVIL}"></script>')

    crawl = Crawl(lambda url: _soon(answer(url)), "https://own.example", most=3)
    found = asyncio.run(crawl.run())
    assert len(crawl._seen) == MOST_KNOWN
    assert len(found.pages) == 3
    assert found.left > MOST_KNOWN
    assert hosts(found) == {"evil.example"}


async def _soon(answer: Answer) -> Answer:
    return answer


def test_a_flood_of_loads_hides_no_third_party() -> None:
    flood = "".join(f'<img src="//cdn.example/{number}">' for number in range(MOST_FOUND + 10))
    found = crawled(lambda url: page(f'{flood}<script src="{EVIL}"></script>'), most=1)
    assert len(found.loads) == MOST_FOUND + 1
    told = verdict.told("x", found, Register([ThirdParty("cdn.example")]))
    assert [row["host"] for row in told["third_parties"] if row["fails"]] == ["evil.example"]


def test_a_site_that_only_fails_is_left_alone() -> None:
    asked = list[str]()

    def answer(url: str) -> Answer:
        if url == "https://own.example/":
            return page("".join(f'<a href="/{number}">x</a>' for number in range(100)))
        return Answer(503, HTML, b"")

    assert len(crawled(answer, asked).failed) == IN_A_ROW
    assert len(asked) == 1 + IN_A_ROW


@contextmanager
def answering(say: Callable[[socket.socket, Event], None]) -> Iterator[str]:
    """A server that reads a request, and then does as it likes."""
    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(5)
                    connection.recv(65_536)
                    with suppress(OSError):
                        say(connection, over)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            thread.join(10)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b""])
def test_an_answer_that_drips_without_end_is_cut_off(
    start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LONGEST", 0.5)

    def drip(connection: socket.socket, over: Event) -> None:
        connection.sendall(start)
        while not over.is_set():
            connection.sendall(b"a")
            over.wait(0.05)

    began = time.monotonic()
    with (
        answering(drip) as base,
        pytest.raises(AuditError, match=f"no page of {base} could be read: "),
    ):
        asyncio.run(runs.of_url(base, delay=0))
    assert time.monotonic() - began < 8


def test_a_huge_answer_is_read_up_to_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 100_000)
    sent = [0]

    def pour(connection: socket.socket, over: Event) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        connection.sendall(head + f'<img src="{EVIL}">'.encode())
        while not over.is_set() and sent[0] < 100_000_000:
            connection.sendall(b"x" * 65_536)
            sent[0] += 65_536

    with answering(pour) as base:
        found = asyncio.run(runs.of_url(base, delay=0, most=1))
    assert hosts(found) == {"evil.example"}
    assert sent[0] < 50_000_000


def test_what_is_compressed_is_not_unpacked_and_said_to_be_unread() -> None:
    bomb = Answer(200, (*HTML, ("content-encoding", "gzip")), gzip.compress(b"\0" * 10_000_000))
    answers = {
        "https://own.example/": page('<a href="/bomb">x</a>'),
        "https://own.example/bomb": bomb,
    }
    found = crawled(answers.__getitem__)
    assert found.failed == {"/bomb": "it is compressed, though it was asked for plain"}


@pytest.mark.parametrize(
    "letters",
    [
        "<a",
        "<a ",
        "<",
        "<!--",
        "<![",
        "<!",
        "</",
        "<?",
        "&",
        "<a b='",
        "<iframe srcdoc='",
        "<style>",
    ],
)
@pytest.mark.parametrize("end", ["", ">", "'>", "-->"])
def test_a_hostile_page_takes_no_minute(letters: str, end: str) -> None:
    began = time.process_time()
    html.read(letters * (200_000 // len(letters)) + end)
    assert time.process_time() - began < 5


# Nothing overlooked


@pytest.mark.parametrize(
    "url",
    [
        "//evil.example/x",
        "https://evil.example/x",
        "HTTPS://EVIL.example./x",
        "\\\\evil.example\\x",
        "/\\evil.example/x",
        "https:\\\\evil.example/x",
        "///evil.example/x",
        "https:////evil.example/x",
        "http:evil.example/x",
        "http:/evil.example/x",
        "ht\ntps://evil.example/x",
        " //evil.example/x",
        "https://own.example@evil.example/x",
        "https://own.example:443@evil.example/x",
        "https://evil.example:8443/x",
        "https://evil.example?x",
        "https://evil.example#x",
        "https://evil.example\\@own.example/x",
        "wss://evil.example/x",
    ],
)
def test_however_a_host_is_written_it_is_found(url: str) -> None:
    assert hosts(crawled(lambda _: page(f'<img src="{url}">'))) == {"evil.example"}


@pytest.mark.parametrize(
    "url",
    [
        "/x",
        "x",
        "https:x",
        "https:/x",
        "https://own.example/x",
        "//OWN.example/x",
        "?a=\\\\b",
        "#//c",
        "https://own.example./x",
        "//www.own.example/x",
        "data:,x",
        "javascript:x",
        "mailto:a@b.example",
        "http://[",
        "",
    ],
)
def test_what_is_our_own_is_no_third_party(url: str) -> None:
    assert hosts(crawled(lambda _: page(f'<img src="{url}">'), most=1)) == set()


def test_a_host_in_letters_of_another_script_is_told_as_it_is_accepted() -> None:
    found = crawled(lambda _: page('<img src="https://bücher.example:8443/ä?ö">'))
    (load,) = found.loads
    assert (load.host, load.url) == (
        "xn--bcher-kva.example",
        "https://xn--bcher-kva.example:8443/%C3%A4",
    )
    assert not verdict.told("x", found, Register([ThirdParty("xn--bcher-kva.example")]))["fails"]


def test_pages_with_other_letters_in_their_address_are_read_over_the_network() -> None:
    def answer(connection: socket.socket, over: Event) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        connection.sendall(head + f'<a href="/über uns?wo=dü">x</a><img src="{EVIL}">'.encode())

    with answering(answer) as base:
        found = asyncio.run(runs.of_url(base, delay=0, most=3))
    assert (found.failed, found.pages) == ({}, ["/", "/%C3%BCber%20uns?wo=d%C3%BC"])


def test_only_our_own_host_is_asked_whatever_a_page_links_to() -> None:
    asked = list[str]()
    links = (
        "//evil.example/", "\\\\evil.example", "https://own.example@evil.example/", "/ok",
        "https://evil.example\\.own.example/", "http://own.example.evil.example/", "https:/ok",
        "https://own.example:9999/", "https://x:y@own.example/", "file:///etc/passwd", "ftp://own.example/",
    )  # fmt: skip
    body = "".join(f'<a href="{each}">x</a><iframe src="{each}"></iframe>' for each in links)
    crawled(
        lambda url: page(f'{body}<meta http-equiv="refresh" content="0;url=//evil.example">'), asked
    )
    assert set(asked) == {"https://own.example/", "https://own.example/ok"}


def test_a_tracker_behind_broken_markup_is_found() -> None:
    for broken in ("<![", "<![if x]>", "<![CDATA[ ", "<!x", "<?php", "</ ", "<a b='c' d"):
        found = html.read(f"{broken}><script src='{EVIL}'></script>")
        assert [each.url for each in found.references] == [EVIL], broken


def test_a_style_sheet_that_is_not_closed_counts_as_in_a_browser() -> None:
    (found,) = html.read('<style>@import "//evil.example/a.css"').references
    assert (found.kind, found.url) == ("style", "//evil.example/a.css")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f'<svg><script href="{EVIL}"/></svg>', "script"),
        (f'<svg><feImage href="{EVIL}"/></svg>', "image"),
        (f'<td background="{EVIL}">', "image"),
        (
            '<script type=speculationrules>{"prefetch": [{"urls": ["' + EVIL + '"]}]}</script>',
            "other",
        ),
    ],
)
def test_what_is_rarely_written_is_found_too(text: str, kind: str) -> None:
    assert [(each.kind, each.url) for each in html.read(text).references] == [(kind, EVIL)]


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "unicode_escape", "x" * 999])
def test_a_charset_that_means_harm_is_read_as_any(charset: str) -> None:
    headers = (("content-type", f"text/html; charset={charset}"),)
    text = f'<p>{"a" * 2000}.ä<img src="{EVIL}">'
    assert hosts(crawled(lambda _: page(text, headers))) == {"evil.example"}


def test_a_page_in_utf_16_is_read() -> None:
    body = f'<img src="{EVIL}">'.encode("utf-16")
    assert hosts(crawled(lambda _: Answer(200, HTML, body))) == {"evil.example"}


def test_headers_that_have_a_browser_send_reports_elsewhere_are_found() -> None:
    headers = (
        ("reporting-endpoints", 'a="https://one.example/r", b="/own"'),
        ("report-to", '{"endpoints": [{"url": "https://two.example/r"}]}'),
        ("content-security-policy", "img-src https://no.example; report-uri https://three.example/r"),
        ("link", '<https://four.example>; rel="preconnect", </own.css>; rel=stylesheet'),
    )  # fmt: skip
    found = [(each.kind, each.url) for each in heads.references(headers)]
    assert found == [
        ("connect", "https://one.example/r"),
        ("connect", "https://two.example/r"),
        ("connect", "https://three.example/r"),
        ("preconnect", "https://four.example"),
        ("style", "/own.css"),
    ]


def test_a_site_that_is_elsewhere_says_where() -> None:
    with pytest.raises(AuditError, match=r"it leads to new\.example; if that is yours, audit it"):
        crawled(lambda _: away("https://new.example/"))


# robots.txt (RFC 9309)

RULES = """
User-agent: other
Disallow: /

User-agent: *
Disallow: /all

User-agent: Firstparty-Audit/1.0
User-agent: another
Allow: /private/open
Disallow: /private   # not this
Disallow: /*.pdf$
Disallow: /find?*q=
Disallow: /caf%C3%A9
Disallow: /%7Euser
Crawl-delay: 2.5
Disallow:
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/all", True),
        ("/private", False),
        ("/private/x", False),
        ("/private/open/x", True),
        ("/a.pdf", False),
        ("/a.pdf?x", True),
        ("/find?a=1&q=2", False),
        ("/find?a=1", True),
        ("/café", False),
        ("/caf%c3%a9", False),
        ("/~user", False),
        ("/PRIVATE", True),
    ],
)
def test_the_longest_rule_for_us_decides(path: str, allowed: bool) -> None:
    rules = robots.read(RULES)
    assert (rules.allows(path), rules.delay) == (allowed, 2.5)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\nUser-agent: firstparty-audit\nAllow: /", True),
        ("User-agent: *\nDisallow: /x\nAllow: /x", True),
        ("user-AGENT : *\r\ndisallow:/", False),
        ("\ufeffnonsense\n<html>", True),
        ("Disallow: /", True),
        ("User-agent: bot\nDisallow: /", True),
        ("User-agent: *\n\nSitemap: /s\n\nDisallow: /", False),
    ],
)
def test_a_robots_txt_is_read_as_the_standard_has_it(text: str, allowed: bool) -> None:
    assert robots.read(text).allows("/x") is allowed


def test_a_hostile_robots_txt_takes_no_minute() -> None:
    stars = "Disallow: /" + "*a" * 900 + "$\n"
    began = time.process_time()
    rules = robots.read("User-agent: *\n" + stars * 5_000)
    assert len(rules.rules) <= robots.MOST_RULES
    for _ in range(5):
        rules.allows("/" + "a" * 2_000)
    assert time.process_time() - began < 10


def asked_for_rules(answers: Mapping[str, Answer]) -> tuple[Robots, list[str]]:
    asked = list[str]()

    def answer(url: str) -> Awaitable[Answer]:
        asked.append(url)
        return _soon(answers.get(url, Answer(404, (), b"")))

    return asyncio.run(runs._rules(answer, "https://own.example")), asked


def test_a_robots_txt_that_cannot_be_read_forbids_all() -> None:
    with pytest.raises(AuditError, match=r"robots\.txt answers with status 503"):
        asked_for_rules({"https://own.example/robots.txt": Answer(503, (), b"")})


def test_redirects_to_a_robots_txt_are_followed_on_our_host_alone() -> None:
    rules = Answer(200, (), b"User-agent: *\nDisallow: /x")
    own = {
        "https://own.example/robots.txt": away("/r"),
        "https://own.example/r": rules,
    }
    assert asked_for_rules(own)[0] == Robots((("/x", False),))
    others = {"https://own.example/robots.txt": away("//evil.example/robots.txt")}
    assert asked_for_rules(others) == (Robots(), ["https://own.example/robots.txt"])
    _, asked = asked_for_rules({"https://own.example/robots.txt": away("/robots.txt")})
    assert len(asked) == 1 + runs.REDIRECTS


# How far it is


def test_a_bar_shows_how_far_a_crawl_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(connection: socket.socket, over: Event) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        connection.sendall(head + b'<a href="/a">a</a><a href="/b">b</a><a href="/c">c</a>')

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with answering(answer) as base:
        assert main(["audit", base, "--delay", "0"]) == 0
    said = capsys.readouterr()
    assert "[#####               ] 1 pages read, 3 to go" in said.err
    assert "[####################] 4 pages read, 0 to go" in said.err
    assert said.err.endswith("\r\x1b[K")
    assert said.out == "\n4 pages read; 0 third parties that nobody has accepted.\n"


def test_requests_to_a_site_are_some_time_apart() -> None:
    times = list[float]()

    async def fetch(url: str) -> Answer:
        times.append(time.monotonic())
        return page('<a href="/a">a</a><a href="/b">b</a>')

    asyncio.run(Crawl(fetch, "https://own.example", delay=0.1).run())
    assert min(later - one for one, later in pairwise(times)) >= 0.09


def test_a_note_of_a_redirect_has_its_page() -> None:
    answers = {
        "https://own.example/": page('<a href="/out">x</a>'),
        "https://own.example/out": away("//new.example"),
    }
    assert Note("redirect", "leads to new.example", "/out") in crawled(answers.__getitem__).notes


def test_an_address_with_a_password_is_refused() -> None:
    with pytest.raises(AuditError, match="is no address"):
        asyncio.run(runs.of_url("https://me:s3cr3t@own.example/"))


def test_what_is_no_url_is_none() -> None:
    assert joined("https://own.example/", "http://[") == ""
    assert joined("https://own.example/", "https://a:b:c/") != ""
