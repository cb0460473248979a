"""The slowest request: 16 kB of the worst in each header that is read, alone and all at once.

Each request is sent several times, a little different each time so that no cache knows it, and its
median is compared with the limit. New User-Agent texts get a pause, so that the budget for reading
them is never used up.
"""

import asyncio
import gc
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from statistics import median
from time import thread_time_ns

from starlette.types import ASGIApp, Receive, Scope, Send

from firstparty import AnalyticsMiddleware, snippet_tag
from firstparty.headers import WANTED

from . import apps, browsers
from .in_process import receive, send, started, verdict

SIZE = 16 * 1024
LIMIT = 5.0
"""Milliseconds of CPU, for any request whatever: other programs do not count."""
TIMES = 5
PAUSE = 0.08
"""Seconds before each new User-Agent, so that no limit on reading them is reached."""

PIECES = [
    *("a", "1", "1 ", "1.", "(1", "::", "a:", "aB1-", "aB-", "a@", "@1", "@.", "%25", "%", "/1"),
    *("&1", "a=b&", "utm_source=a&", "q=%41&", ".", "a.", "www.", "-", "_", "{", "{email}", " "),
    *(";", ",", "; ", "/", "//", "https://", "semalt.com.", "localhost.", "127.", "é", "\u0301"),
    *(
        "\ufdfa",
        "\xff",
        "eyJ",
        "00-",
        "2026-11-23 ",
        "prefetch",
        "max-age=",
        "text/html",
        "[",
        "\t",
    ),
]
"""What the expressions and the splits look for, repeated."""
STARTS = {
    "referer": ("https://", "https://www.", "https://fennel.example/", "https://[", "x@"),
    "user-agent": ("Mozilla/5.0 Gecko/", "Mozilla/5.0 (compatible; ", ""),
    "origin": ("https://", ""),
}
BEACONS = ("u", "r", "v", "p", "z")
"""Fields of a beacon that take a text."""

COUNTRY = "cf-ipcountry"


@dataclass(frozen=True)
class Sent:
    """A request, but for the number that makes each one new: it stands where `#` is."""

    told: str
    headers: Mapping[str, str]
    path: str = "/"
    query: str = ""
    body: str = ""
    new_agent: bool = False
    part: str = ""
    """What alone is hostile in it: a header, the path or the query."""


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """A page with the snippet, a long policy and an event: whatever of ours can be in a request."""
    if scope["type"] == "lifespan":
        await apps.page(scope, receive, send)
        return
    snippet_tag(scope)
    scope["state"]["analytics"].event("signup", {"plan": "pro"}, amount=4200, currency="EUR")
    await send({"type": "http.response.start", "status": 200, "headers": [*PAGE]})
    await send({"type": "http.response.body", "body": b""})


POLICY = "script-src " + " ".join(f"https://host-{number}.example" for number in range(299))
PAGE = [(b"content-type", b"text/html"), (b"content-security-policy", POLICY.encode())]


def site(collect: str) -> ASGIApp:
    return AnalyticsMiddleware(
        page,
        store="memory://",
        public=True,
        collect=collect,
        country=f"header:{COUNTRY}",
        query=("q", "page"),
        listed=("/blog/*", "/*/*/*.html"),
        templates=("/users/{id}", "/a/{b}/c/{d}/{e:path}/f"),
        exclude=("/admin/*", "/*/internal/*/x"),
    )


def run(times: int = TIMES) -> None:
    asyncio.run(measure(times))


async def measure(times: int) -> None:
    found = dict[str, float]()
    parts = dict[str, tuple[float, Sent]]()
    numbers = count()

    async def try_it(app: ASGIApp, collect: str, sent: Sent) -> None:
        spent = median([await once(app, sent, next(numbers)) for _ in range(times)])
        found[f"{collect}: {sent.told}"] = spent
        if sent.part and spent > parts.get(sent.part, (0.0, sent))[0]:
            parts[sent.part] = (spent, sent)

    for collect in ("server", "script"):
        async with started(site(collect)) as app:
            for sent in (*pages(), *beacons()):
                await try_it(app, collect, sent)
            for sent in worst_of_each({part: sent for part, (_, sent) in parts.items()}):
                await try_it(app, collect, sent)
    worst = sorted(found.items(), key=lambda item: -item[1])
    print(f"{len(found):,} hostile requests, the slowest of them:")
    for told, ms in worst[:12]:
        print(f"{told[:70]:72}{ms:8.2f} ms  {verdict(ms, LIMIT)}")


def pages() -> Iterator[Sent]:
    usual = browsers.headers(sec_fetch_site="cross-site", referer="https://news.example/")
    # What `document` asks for has to be there, or nothing else is read.
    names = sorted({name.decode() for name in WANTED} | {COUNTRY})
    for piece in browsers.HOSTILE:
        agent = fill(piece, STARTS["user-agent"][0])
        told = f"user-agent: {piece!r}"
        yield Sent(told, {**usual, "user-agent": agent}, new_agent=True, part="user-agent")
    for piece in PIECES:
        for name in names:
            for start in STARTS.get(name, ("",)):
                headers = {**usual, name: fill(piece, start)}
                new = name == "user-agent"
                yield Sent(f"{name}: {start}{piece!r}", headers, new_agent=new, part=name)
        free = [name for name in names if name not in {"sec-fetch-dest", "sec-gpc", "dnt"}]
        all_of_them = {name: fill(piece, STARTS.get(name, ("",))[0]) for name in free}
        yield Sent(f"all headers: {piece!r}", {**usual, **all_of_them}, new_agent=True)
        yield Sent(f"path: {piece!r}", usual, path="/" + fill(piece), part="path")
        yield Sent(f"query: {piece!r}", usual, query=fill(piece), part="query")
        internal = {**usual, "sec-fetch-site": "same-origin"}
        own = f"https://{browsers.HOST}/"
        yield Sent(f"page before: {piece!r}", {**internal, "referer": fill(piece, own)})
        everything = {**internal, **all_of_them, "sec-fetch-site": "same-origin"}
        everything["host"] = browsers.HOST
        everything["referer"] = fill(piece, own)
        told = f"all headers, path and query: {piece!r}"
        yield Sent(told, everything, "/" + fill(piece), fill(piece), new_agent=True)
    yield Sent("a thousand headers", {**usual, **{f"x-{n}": "1" * 16 for n in range(1000)}})


def worst_of_each(parts: Mapping[str, Sent]) -> Iterator[Sent]:
    """All at once, each part the one that was slowest by itself."""
    path, query = parts["path"].path, parts["query"].query
    headers = browsers.headers(sec_fetch_site="cross-site")
    gates = {"sec-fetch-dest", "sec-gpc", "dnt", "accept", "sec-purpose", "purpose", "x-purpose"}
    for name, sent in parts.items():
        if name in sent.headers and name not in {*gates, "x-moz", "cache-control", "host"}:
            headers[name] = sent.headers[name]
    headers["sec-fetch-site"] = "cross-site"
    yield Sent("the worst of each, an entry", headers, path, query, new_agent=True)
    own = f"https://{browsers.HOST}{path}?{query}"
    internal = {**headers, "sec-fetch-site": "same-origin", "referer": own[:SIZE]}
    yield Sent("the worst of each, from a page of ours", internal, path, query, new_agent=True)


def beacons() -> Iterator[Sent]:
    usual = browsers.headers(sec_fetch_dest="empty", sec_fetch_mode="cors")
    for piece in PIECES:
        for field in BEACONS:
            for kind in ("", "event", "outbound", "download", "form", "missing", "left"):
                body: dict[str, object] = {"u": "/", "k": "enter", "v": "x", "e": kind}
                if not kind:
                    del body["e"]
                text = fill(piece, "/" if field == "u" else "")[:900].replace("#", "7")
                body[field] = {f"{text[:60]}{n}": text[:60] for n in range(5)}
                if field != "p":
                    body[field] = text
                    body["u"] = text + "#" if field == "u" else "/#"
                told = f"beacon {kind or 'view'}, {field}: {piece!r}"
                yield Sent(told, usual, "/_tally/view", body=shortened(body, field))
    for text in ("[" * 1000, "{" * 1000, '{"u":' + "[" * 900, '{"u":"/","d":' + "9" * 900 + "}"):
        yield Sent(f"beacon {text[:14]!r}…", usual, "/_tally/view", body=text)


def shortened(body: dict[str, object], field: str) -> str:
    """As JSON of a kilobyte at most."""
    while len(text := json.dumps(body, ensure_ascii=False).encode()) > 1000:
        value = body[field]
        body[field] = value[:-20] if isinstance(value, str) else dict(list(value.items())[:-1])  # type: ignore[attr-defined]
        if field == "u":
            body["u"] = f"{body['u']}#"
    return text.decode()


def fill(piece: str, start: str = "") -> str:
    """16 kB of a piece, with room for a number."""
    return start + "#" + piece * ((SIZE - len(start) - 8) // len(piece.encode()))


async def once(app: ASGIApp, sent: Sent, number: int) -> float:
    """Milliseconds of CPU for one request."""
    if sent.new_agent:
        await asyncio.sleep(PAUSE)
    mark = f"{number:06}"
    scope = browsers.scope(sent.path.replace("#", mark), {})
    scope["headers"] = [
        (name.encode(), value.replace("#", mark).encode()) for name, value in sent.headers.items()
    ]
    scope["raw_path"] = scope["path"].encode()
    scope["query_string"] = sent.query.replace("#", mark).encode()
    body = {"type": "http.request", "body": sent.body.replace("#", mark).encode()}
    if sent.body:
        scope["method"] = "POST"

    async def receive_body() -> object:
        return {**body, "more_body": False}

    gc.collect(0)
    gc.disable()
    start = thread_time_ns()
    await app(scope, receive_body if sent.body else receive, send)  # type: ignore[arg-type]
    spent = thread_time_ns() - start
    gc.enable()
    return spent / 1e6
