"""What a page in HTML loads, sends and links to. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from firstparty.audit import css, scripts

PRECONNECT: Final = "preconnect"
"""Beside the kinds of loads: a connection, or a look-up of a name, ahead of one."""

TAGS: Final[Mapping[tuple[str, str], str]] = {
    ("script", "src"): "script",
    ("script", "href"): "script",
    ("script", "xlink:href"): "script",
    ("iframe", "src"): "frame",
    ("frame", "src"): "frame",
    ("embed", "src"): "frame",
    ("object", "data"): "frame",
    ("img", "src"): "image",
    ("img", "srcset"): "image",
    ("source", "src"): "other",
    ("source", "srcset"): "image",
    ("video", "src"): "other",
    ("video", "poster"): "image",
    ("audio", "src"): "other",
    ("track", "src"): "other",
    ("input", "src"): "image",
    ("body", "background"): "image",
    ("table", "background"): "image",
    ("td", "background"): "image",
    ("th", "background"): "image",
    ("feimage", "href"): "image",
    ("feimage", "xlink:href"): "image",
    ("image", "href"): "image",
    ("image", "xlink:href"): "image",
    ("use", "href"): "image",
    ("use", "xlink:href"): "image",
    ("form", "action"): "form",
    ("button", "formaction"): "form",
    ("input", "formaction"): "form",
    ("a", "ping"): "connect",
    ("area", "ping"): "connect",
}
"""The attributes that load, or send, and the kind of load that each is (HTML Living Standard)."""

RELATIONS: Final[Mapping[str, str]] = {
    "stylesheet": "style",
    "modulepreload": "script",
    "prefetch": "other",
    "prerender": "frame",
    "icon": "image",
    "apple-touch-icon": "image",
    "mask-icon": "image",
    "manifest": "other",
    "preconnect": PRECONNECT,
    "dns-prefetch": PRECONNECT,
}
"""What a `<link>` of a relation loads; others load nothing."""

PRELOADS: Final[Mapping[str, str]] = {
    "script": "script",
    "style": "style",
    "font": "font",
    "image": "image",
    "fetch": "connect",
    "document": "frame",
}

SCRIPTS: Final = re.compile(
    r"(?:module|(?:text|application)/(?:x-)?(?:java|ecma)script)?(?:;.*)?", re.IGNORECASE
)
"""The types of `<script>` that run."""

TABLES: Final[Mapping[str, str]] = {"importmap": "script", "speculationrules": "other"}
"""The types of those that say what is loaded, and what that is."""

DEPTH: Final = 4
"""Of documents in `srcdoc`."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that a page loads or sends to: the URL as it stands there.

    `how` shows where; `whole` says whether it has an `integrity`, where that would be of use.
    """

    kind: str
    url: str
    how: str
    whole: bool = True


@dataclass(slots=True)
class Page:
    """What one page has."""

    base: str = ""
    """The `href` of its `<base>`."""
    references: list[Reference] = field(default_factory=list[Reference])
    links: list[str] = field(default_factory=list[str])
    referrer: list[str] = field(default_factory=list[str])
    """Referrer policies: of the page, and of elements of it."""
    stores: bool = False
    """Whether an inline script names what is stored in the browser."""
    mentions: list[str] = field(default_factory=list[str])
    """URLs that an inline script names without loading them, as far as one can tell."""


def read(text: str) -> Page:
    """Read a page. Raises nothing: what is no HTML has nothing in it."""
    return _read(text, 0)


def _read(text: str, depth: int) -> Page:
    reader = _Reader(depth)
    # Behind the last `>` there is no tag, and to look for one there takes Python a square of time.
    end = text.rfind(">") + 1
    reader.feed(text[:end])
    reader.close()
    reader.end(text[end:])
    return reader.page


class _Reader(HTMLParser):
    def __init__(self, depth: int) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._depth = depth
        self._inside = ""
        self._text = list[str]()

    def end(self, rest: str) -> None:
        """The end of the page: a style sheet that was not closed counts, a script does not."""
        if self._inside == "style":
            self._text.append(rest)
            self.handle_endtag("style")

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """As a browser does: `<![` begins a comment, up to the next `>`."""
        return self.parse_bogus_comment(i)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in reversed(attrs)}
        for (element, attribute), kind in TAGS.items():
            if element == tag and attribute in named:
                self._loads(tag, attribute, named, kind)
        if tag == "link":
            self._link(named)
        elif tag in {"a", "area"} and "href" in named and "download" not in named:
            self.page.links.append(named["href"])
        elif tag == "base" and "href" in named and not self.page.base:
            self.page.base = named["href"]
        elif tag == "meta":
            self._meta(named)
        elif tag == "iframe" and "srcdoc" in named and self._depth < DEPTH:
            self._within(named["srcdoc"])
        if policy := named.get("referrerpolicy"):
            self.page.referrer.append(policy)
        if style := named.get("style"):
            self._style(style, f"<{tag} style>")
        for name, value in named.items():
            if name.startswith("on"):
                self._script(value, f"<{tag} {name}>")
        self._inside = tag if tag in {"script", "style"} else ""
        if tag == "script" and not SCRIPTS.fullmatch(named.get("type", "").strip()):
            self._inside = kind if (kind := named.get("type", "")) in TABLES else ""
        self._text.clear()

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self._text)
        if self._inside == "style":
            self._style(text, "<style>")
        elif self._inside == "script":
            self._script(text, "inline script")
        elif self._inside in TABLES:
            kind = TABLES[self._inside]
            for url in scripts.urls(text):
                self.page.references.append(Reference(kind, url, f"<script {self._inside}>"))
        self._inside = ""
        self._text.clear()

    def _loads(self, tag: str, attribute: str, named: Mapping[str, str], kind: str) -> None:
        values = [named[attribute]]
        if attribute == "srcset":
            values = css.candidates(named[attribute])
        elif attribute == "ping":
            values = named[attribute].split()
        for value in values:
            whole = kind != "script" or "integrity" in named
            self.page.references.append(Reference(kind, value, f"<{tag} {attribute}>", whole))

    def _link(self, named: Mapping[str, str]) -> None:
        for relation in named.get("rel", "").lower().split():
            kind = RELATIONS.get(relation)
            if relation == "preload":
                kind = PRELOADS.get(named.get("as", "").lower(), "other")
            if kind is None:
                continue
            how = f'<link rel="{relation}">'
            whole = relation not in {"stylesheet", "modulepreload"} or "integrity" in named
            if url := named.get("href"):
                self.page.references.append(Reference(kind, url, how, whole))
            for url in css.candidates(named.get("imagesrcset", "")):
                self.page.references.append(Reference(kind, url, how))

    def _meta(self, named: Mapping[str, str]) -> None:
        content = named.get("content", "")
        if named.get("name", "").lower() == "referrer":
            self.page.referrer.append(content)
        elif named.get("http-equiv", "").lower() == "refresh":
            _, _, url = content.partition("=")
            if url:
                self.page.links.append(url.strip(" '\""))

    def _within(self, text: str) -> None:
        inner = _read(text, self._depth + 1)
        self.page.references += inner.references
        self.page.mentions += inner.mentions

    def _style(self, text: str, how: str) -> None:
        self.page.references += [Reference(kind, url, how) for kind, url in css.loads(text)]

    def _script(self, text: str, how: str) -> None:
        for kind, url in scripts.loads(text):
            if kind:
                self.page.references.append(Reference(kind, url, how))
            else:
                self.page.mentions.append(url)
        self.page.stores = self.page.stores or scripts.stores(text)
