"""Going through the pages of one site: its own host only, bounded, one request at a time."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from firstparty.audit import css, html, scripts
from firstparty.audit.answers import ASKS, Answer, AuditError, Fetch
from firstparty.audit.html import Reference

FILES_A_PAGE: Final = 5
"""Style sheets and scripts that are read for each page that may be, in all."""
PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
WEAK: Final = frozenset({"unsafe-url", "no-referrer-when-downgrade"})
"""Referrer policies that tell third parties the whole address of the page (W3C Referrer Policy)."""

_LINK: Final = re.compile(r"<([^>]*)>\s*;([^<]*)")
_REL: Final = re.compile(r"\brel\s*=\s*\"?([\w -]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Load:
    """Something that a page of the site would load from another host, or send there."""

    host: str
    kind: str
    page: str
    """The path of the page, or of the style sheet or the script that loads."""
    how: str
    url: str


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """What is worth knowing, and is no third party."""

    kind: str
    """`cookie`, `storage`, `integrity`, `referrer`, `mention` or `redirect`."""
    what: str
    page: str


@dataclass(slots=True)
class Crawled:
    """What a crawl has found."""

    loads: set[Load] = field(default_factory=set[Load])
    notes: set[Note] = field(default_factory=set[Note])
    pages: list[str] = field(default_factory=list[str])
    """The pages that were read, in order."""
    failed: dict[str, str] = field(default_factory=dict[str, str])
    """Pages that could not be read, and why."""
    disallowed: int = 0
    """How many addresses robots.txt keeps us from."""
    left: int = 0
    """How many pages were not read, as there were more than asked for."""


@dataclass(slots=True)
class Crawl:
    """One crawl of the site at `base`, as `https://example.org`.

    `own` are further hosts of the site; at most `most` pages are read, `delay` seconds apart.
    `tells` is told how many pages are read and how many wait.
    """

    fetch: Fetch
    base: str
    own: frozenset[str] = frozenset()
    most: int = 200
    delay: float = 0.0
    robots: RobotFileParser | None = None
    tells: Callable[[int, int], None] = lambda read, wait: None
    found: Crawled = field(default_factory=Crawled)
    _queue: deque[str] = field(default_factory=deque[str])
    _seen: set[str] = field(default_factory=set[str])
    _files: deque[str] = field(default_factory=deque[str])

    async def run(self, starts: Iterable[str] = ("/",)) -> Crawled:
        """Read pages, beginning with `starts`. Raises AuditError where none can be read."""
        for start in starts:
            self._want(self._queue, urljoin(self.base, start))
        while self._queue and len(self.found.pages) < self.most:
            await self._page(self._queue.popleft())
            self.tells(len(self.found.pages), len(self._queue))
        self.found.left = len(self._queue)
        for _ in range(self.most * FILES_A_PAGE):
            if not self._files:
                break
            await self._file(self._files.popleft())
        if not self.found.pages:
            why = next(iter(self.found.failed.values()), "robots.txt keeps us from all of them")
            raise AuditError(f"no page of {self.base} could be read: {why}")
        return self.found

    # What is asked for

    def _want(self, queue: deque[str], url: str) -> None:
        url = urldefrag(url).url
        if url in self._seen or not self._is_own(url):
            return
        self._seen.add(url)
        if self.robots is not None and not self.robots.can_fetch(ASKS["user-agent"], url):
            self.found.disallowed += 1
        else:
            queue.append(url)

    def _is_own(self, url: str) -> bool:
        """Whether a URL is one of the site's that may be asked for: on its own host."""
        parts, base = _split(url), _split(self.base)
        return (
            parts is not None
            and base is not None
            and parts.scheme in {"http", "https"}
            and parts.netloc == base.netloc
        )

    async def _ask(self, url: str) -> Answer | None:
        if self.delay and self._seen:
            await asyncio.sleep(self.delay)
        try:
            return await self.fetch(url)
        except OSError as error:
            self.found.failed[_path(url)] = str(error) or type(error).__name__
            return None

    async def _page(self, url: str) -> None:
        answer = await self._ask(url)
        if answer is None:
            return
        path = _path(url)
        self._headers(answer, url)
        if 300 <= answer.status < 400:
            self._redirected(url, answer.header("location"))
            return
        if answer.media not in PAGES:
            await self._inside(answer, url)  # a route may lead to a style sheet
            return
        if answer.status >= 500:
            self.found.failed[path] = f"status {answer.status}"
            return
        page = await asyncio.to_thread(html.read, answer.text)
        self.found.pages.append(path)
        base = urljoin(url, page.base)
        for reference in page.references:
            self._reference(reference, base, path)
        for link in page.links:
            self._want(self._queue, _joined(base, link))
        for policy in page.referrer:
            self._referrer(policy, path)
        for mention in page.mentions:
            self._mention(_joined(base, mention), path)
        if page.stores:
            self.found.notes.add(
                Note("storage", "an inline script names a cookie or storage", path)
            )

    def _redirected(self, url: str, to: str) -> None:
        target = _joined(url, to)
        if self._is_own(target):
            self._want(self._queue, target)
        elif host := self._other(target):
            self.found.notes.add(Note("redirect", f"leads to {host}", _path(url)))

    async def _file(self, url: str) -> None:
        """A style sheet or a script of the site's own."""
        answer = await self._ask(url)
        if answer is not None:
            self._headers(answer, url)
            await self._inside(answer, url)

    async def _inside(self, answer: Answer, url: str) -> None:
        path = _path(url)
        if answer.status != 200:
            return
        if answer.media == "text/css":
            for kind, inside in await asyncio.to_thread(css.loads, answer.text):
                self._reference(Reference(kind, inside, "style sheet"), url, path)
        elif "javascript" in answer.media:
            for kind, inside in await asyncio.to_thread(scripts.loads, answer.text):
                target = _joined(url, inside)
                if kind:
                    self._reference(Reference(kind, inside, "script"), url, path)
                else:
                    self._mention(target, path)

    # What is found

    def _reference(self, reference: Reference, base: str, path: str) -> None:
        url = _joined(base, reference.url)
        if self._is_own(url):
            if reference.kind == "frame":
                self._want(self._queue, url)
            elif reference.kind in {"style", "script"}:
                self._want(self._files, url)
        elif host := self._other(url):
            shown = url.partition("?")[0][:200]
            self.found.loads.add(Load(host, reference.kind, path, reference.how, shown))
            if not reference.whole:
                self.found.notes.add(Note("integrity", f"{shown} has no integrity", path))

    def _mention(self, url: str, path: str) -> None:
        if host := self._other(url):
            self.found.notes.add(Note("mention", host, path))

    def _other(self, url: str) -> str:
        """The host of a URL, if it is neither ours nor none."""
        parts = _split(url)
        if parts is None or parts.scheme not in {"http", "https", "ws", "wss"}:
            return ""
        host, base = parts.hostname or "", urlsplit(self.base).hostname or ""
        own = {base, *self.own}
        if not host or host in own or f"www.{host}" in own or host.removeprefix("www.") in own:
            return ""
        return host

    def _headers(self, answer: Answer, url: str) -> None:
        path = _path(url)
        for name, value in answer.headers:
            if name == SET:
                self.found.notes.add(Note("cookie", _cookie(value), path))
            elif name == "referrer-policy":
                self._referrer(value.rpartition(",")[2], path)
            elif name == "link":
                for target, rest in _LINK.findall(value):
                    relation = _REL.search(rest)
                    for word in relation[1].lower().split() if relation else ():
                        kind = "other" if word == "preload" else html.RELATIONS.get(word)
                        if kind:
                            self._reference(Reference(kind, target, "header Link"), url, path)

    def _referrer(self, policy: str, path: str) -> None:
        if policy.strip().lower() in WEAK:
            self.found.notes.add(
                Note("referrer", f"{policy.strip()} tells others the whole address", path)
            )


SET: Final = "set-cookie"


def _cookie(value: str) -> str:
    """A cookie's name and what may be done with it; never its value."""
    first, *rest = value.split(";")
    kept = sorted(
        {
            name
            for each in rest
            if (name := each.strip().partition("=")[0].lower())
            in {"secure", "httponly", "max-age", "expires", "domain", "partitioned"}
        }
    )
    same = next((each.strip() for each in rest if each.strip().lower().startswith("samesite")), "")
    return ", ".join(filter(None, [first.partition("=")[0].strip(), *kept, same.lower()]))


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _joined(base: str, url: str) -> str:
    try:
        return urljoin(base, url.strip())
    except ValueError:
        return ""


def _path(url: str) -> str:
    """A page as it is told: its path and query."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def robots(text: str) -> RobotFileParser:
    """A robots.txt, read."""
    parser = RobotFileParser()
    parser.parse(text.splitlines())
    return parser
