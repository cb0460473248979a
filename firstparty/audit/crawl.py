"""Going through the pages of one site: its own host only, bounded, one request at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urldefrag

from firstparty.audit import css, heads, html, scripts
from firstparty.audit.answers import Answer, AuditError, Fetch
from firstparty.audit.html import Reference
from firstparty.audit.robots import Robots
from firstparty.audit.urls import joined, page, split

FILES_A_PAGE: Final = 5
"""Style sheets and scripts that are read for each page that may be, in all."""
ASKED_A_PAGE: Final = 10
"""Requests for each page that may be read, in all: not every answer is a page."""
MOST_KNOWN: Final = 20_000
"""Addresses that are remembered; more are counted as left out."""
MOST_FOUND: Final = 20_000
"""Loads that are kept. Past it a host and a kind of load are still found, once."""
IN_A_ROW: Final = 10
"""Failures after which a site is left alone."""
PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
WEAK: Final = frozenset({"unsafe-url", "no-referrer-when-downgrade"})
"""Referrer policies that tell third parties the whole address of the page (W3C Referrer Policy)."""


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
    robots: Robots = field(default_factory=Robots)
    tells: Callable[[int, int], None] = lambda read, wait: None
    found: Crawled = field(default_factory=Crawled)
    _queue: deque[str] = field(default_factory=deque[str])
    _seen: set[str] = field(default_factory=set[str])
    _files: deque[str] = field(default_factory=deque[str])
    _kinds: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    _asked: int = 0
    _failures: int = 0

    async def run(self, starts: Iterable[str] = ("/",)) -> Crawled:
        """Read pages, beginning with `starts`. Raises AuditError where none can be read."""
        for start in starts:
            self._want(self._queue, joined(self.base, start))
        while self._queue and len(self.found.pages) < self.most and self._goes_on():
            await self._page(self._queue.popleft())
            self.tells(len(self.found.pages), len(self._queue))
        self.found.left += len(self._queue)
        for _ in range(self.most * FILES_A_PAGE):
            if not self._files or self._failures >= IN_A_ROW:
                break
            await self._file(self._files.popleft())
        if not self.found.pages:
            raise AuditError(f"no page of {self.base} could be read: {self._why()}")
        return self.found

    def _goes_on(self) -> bool:
        return self._asked < self.most * ASKED_A_PAGE and self._failures < IN_A_ROW

    def _why(self) -> str:
        away = [note.what for note in self.found.notes if note.kind == "redirect"]
        if self.found.failed:
            return next(iter(self.found.failed.values()))
        if away:
            return f"it {min(away)}; if that is yours, audit it"
        if self.found.disallowed:
            return "robots.txt keeps us from all of them"
        return "there is no HTML, or redirects lead round and round"

    # What is asked for

    def _want(self, queue: deque[str], url: str) -> None:
        url = urldefrag(url).url
        if url in self._seen or not self._is_own(url):
            return
        if len(self._seen) >= MOST_KNOWN:
            self.found.left += 1
            return
        self._seen.add(url)
        if not self.robots.allows(page(url)):
            self.found.disallowed += 1
        else:
            queue.append(url)

    def _is_own(self, url: str) -> bool:
        """Whether a URL is one of the site's that may be asked for: on its own host."""
        parts, base = split(url), split(self.base)
        return (
            parts is not None
            and base is not None
            and parts.scheme in {"http", "https"}
            and parts.netloc == base.netloc
        )

    async def _ask(self, url: str) -> Answer | None:
        if self.delay and self._seen:
            await asyncio.sleep(self.delay)
        self._asked += 1
        try:
            answer = await self.fetch(url)
            if answer.header("content-encoding").lower() not in {"", "identity"}:
                raise OSError("it is compressed, though it was asked for plain")
        except OSError as error:
            self._failures += 1
            self.found.failed[page(url)] = str(error) or type(error).__name__
            return None
        self._failures = self._failures + 1 if answer.status >= 500 else 0
        return answer

    async def _page(self, url: str) -> None:
        answer = await self._ask(url)
        if answer is None:
            return
        path = page(url)
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
        read = await asyncio.to_thread(html.read, answer.text)
        self.found.pages.append(path)
        base = joined(url, read.base) or url
        for reference in read.references:
            self._reference(reference, base, path)
        for link in read.links:
            self._want(self._queue, joined(base, link))
        for policy in read.referrer:
            self._referrer(policy, path)
        for mention in read.mentions:
            self._mention(joined(base, mention), path)
        if read.stores:
            self._note("storage", "an inline script names a cookie or storage", path)

    def _redirected(self, url: str, to: str) -> None:
        target = joined(url, to)
        if self._is_own(target):
            self._want(self._queue, target)
        elif host := self._other(target):
            self._note("redirect", f"leads to {host}", page(url))

    async def _file(self, url: str) -> None:
        """A style sheet or a script of the site's own."""
        answer = await self._ask(url)
        if answer is not None:
            self._headers(answer, url)
            await self._inside(answer, url)

    async def _inside(self, answer: Answer, url: str) -> None:
        path = page(url)
        if answer.status != 200:
            return
        if answer.media == "text/css":
            for kind, inside in await asyncio.to_thread(css.loads, answer.text):
                self._reference(Reference(kind, inside, "style sheet"), url, path)
        elif "javascript" in answer.media:
            for kind, inside in await asyncio.to_thread(scripts.loads, answer.text):
                if kind:
                    self._reference(Reference(kind, inside, "script"), url, path)
                else:
                    self._mention(joined(url, inside), path)

    # What is found

    def _reference(self, reference: Reference, base: str, path: str) -> None:
        url = joined(base, reference.url)
        if self._is_own(url):
            if reference.kind == "frame":
                self._want(self._queue, url)
            elif reference.kind in {"style", "script"}:
                self._want(self._files, url)
        elif host := self._other(url):
            shown = url.partition("?")[0][:200]
            new = (host, reference.kind) not in self._kinds
            if len(self.found.loads) < MOST_FOUND or (new and len(self._kinds) < MOST_FOUND):
                self._kinds.add((host, reference.kind))
                self.found.loads.add(Load(host, reference.kind, path, reference.how, shown))
            if not reference.whole:
                self._note("integrity", f"{shown} has no integrity", path)

    def _mention(self, url: str, path: str) -> None:
        if host := self._other(url):
            self._note("mention", host, path)

    def _note(self, kind: str, what: str, path: str) -> None:
        if len(self.found.notes) < MOST_FOUND:
            self.found.notes.add(Note(kind, what, path))

    def _other(self, url: str) -> str:
        """The host of a URL, if it is neither ours nor none."""
        parts, base = split(url), split(self.base)
        if parts is None or parts.scheme not in {"http", "https", "ws", "wss"}:
            return ""
        host = (parts.hostname or "").rstrip(".")
        own = {base.hostname if base else "", *self.own}
        if not host or host in own or f"www.{host}" in own or host.removeprefix("www.") in own:
            return ""
        return host

    def _headers(self, answer: Answer, url: str) -> None:
        path = page(url)
        for reference in heads.references(answer.headers):
            self._reference(reference, url, path)
        for name, value in answer.headers:
            if name == "set-cookie":
                self._note("cookie", heads.cookie(value), path)
            elif name == "referrer-policy":
                self._referrer(value.rpartition(",")[2], path)

    def _referrer(self, policy: str, path: str) -> None:
        if policy.strip().lower() in WEAK:
            self._note("referrer", f"{policy.strip()} tells others the whole address", path)
