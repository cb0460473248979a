"""Whether the application's own Content-Security-Policy stops the snippet, and what mends it.

A policy that stops it does so in silence: the pages look as before, and only the numbers fall. So
the policies of pages that carry the snippet are read as a browser reads them (W3C Content Security
Policy Level 3, §6.7).

What is seen is what passes the middleware. A policy in `<meta http-equiv>` is not, nor one that a
proxy, or a middleware further outside, adds. `Content-Security-Policy-Report-Only` stops nothing.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from urllib.parse import unquote

log: Final = logging.getLogger("firstparty")

HEADER: Final = b"content-security-policy"

MOST: Final = 16 * 1024
"""Characters of all policies of a response. Longer ones are not judged: half a policy does not say
what the whole says."""
MOST_POLICIES: Final = 16
"""The first of them are judged. Each must allow, so that further ones could only stop more."""
MOST_SOURCES: Final = 300
"""In one directive. A longer list is taken to allow: better no advice than a wrong one."""
MOST_FINE: Final = 64
"""Policies that are remembered, because nothing is wrong with them."""
PAUSE: Final = 1.0
"""Seconds between two looks at others: those with a nonce differ each time."""

SCRIPT: Final = ("script-src-elem", "script-src", "default-src")
"""The directives that decide on a script's element: the first that is there."""
CONNECT: Final = ("connect-src", "default-src")
"""Those that decide on a beacon."""
SANDBOX: Final = ("allow-scripts", "allow-same-origin")
"""What a sandbox must allow. In an origin of its own a page can run the snippet, but its beacons
are refused as those of a foreign page are."""

Directives = dict[str, list[str]]
Origin = tuple[str, str, int]
"""Scheme, host and port, in lower case; the port is the scheme's where the URL has none."""


def stops(
    policies: Iterable[str], script: str, beacon: str, origin: str, nonce: str | None = ""
) -> tuple[str, ...]:
    """What to change in the policies of one response, so that the snippet works; () if it does.

    `policies` are the values of its `Content-Security-Policy` headers, `script` and `beacon` the
    paths of the snippet and of its beacon, `origin` that of the page. `nonce` is the tag's: "" if
    it has none, None if nobody knows; then a policy with a nonce is taken to allow the tag.

        stops(["default-src 'none'; script-src 'self'"], "/_tally/tally.js", "/_tally/view",
              "https://example.org")  # ("add connect-src 'self'",)

    `require-trusted-types-for` does not matter, as the snippet writes neither markup nor code.
    `upgrade-insecure-requests` does not over https; over plain http it is not judged.
    """
    joined = ",".join(policies)
    if len(joined) > MOST:
        return ()
    page = _origin(origin)
    found = list[str]()
    for policy in joined.split(",", MOST_POLICIES)[:MOST_POLICIES]:
        directives = _directives(policy)
        if "sandbox" in directives:
            allowed = {word.lower() for word in directives["sandbox"]}
            found += [f"add {word} to sandbox" for word in SANDBOX if word not in allowed]
        decides = _first(SCRIPT, directives)
        if decides:
            found += _script(decides, directives[decides], script, page, nonce)
        decides = _first(CONNECT, directives)
        if decides and not _allows(directives[decides], beacon, page):
            found.append(_mend("connect-src", decides, directives[decides]))
    return tuple(dict.fromkeys(found))


class PolicyCheck:
    """Looks at the policies of pages that carry the snippet; warns once, and keeps its advice.

    `collector` is the prefix of the collector, `clock` gives seconds.
    """

    def __init__(self, collector: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.advice: str | None = None
        """A sentence for the site's owner, while the policy last looked at stops the snippet."""
        self._collector = collector
        self._clock = clock
        # Policies that allow at any host. No Host is kept: no request's header outlives it.
        self._fine = set[bytes]()
        self._next = float("-inf")
        self._told = False

    def look(
        self,
        response: Iterable[tuple[bytes, bytes]],
        scheme: str,
        host: bytes,
        root: str = "",
        nonce: str | None = "",
    ) -> None:
        """Look at a page that carries the snippet, when its response starts.

        `response` are its headers, `scheme`, `host` (the header) and `root` (the path at which the
        application is mounted) those of the request, `nonce` as for `stops`.
        """
        policy = b""
        for name, value in response:
            if name == HEADER:
                policy = policy + b"," + value if policy else value
        if not policy:
            self.advice = None
            return
        if policy in self._fine:
            self.advice = None
            return
        now = self._clock()
        if now < self._next:
            return
        self._next = now + PAUSE
        self.advice = self._judge(policy, scheme, host, root, nonce)
        if self.advice:
            if not self._told:
                self._told = True
                log.warning("%s", self.advice)
        elif (
            b"'nonce-" not in policy
            and len(policy) <= MOST
            and not self._judge(policy, scheme, b"", root, nonce)
        ):
            if len(self._fine) >= MOST_FINE:
                self._fine.clear()
            self._fine.add(policy)

    def _judge(
        self, policy: bytes, scheme: str, host: bytes, root: str, nonce: str | None
    ) -> str | None:
        name = host.decode("latin-1")
        if not _LOOPBACK.fullmatch(name):
            # Plain http is what a proxy that speaks https outside sends. To take it for https
            # spares those behind one an advice that they do not need.
            scheme = "https"
        base = root + self._collector
        found = stops(
            [policy.decode("latin-1")],
            f"{base}/tally.js",
            f"{base}/view",
            f"{scheme}://{name}",
            nonce,
        )
        if not found:
            return None
        return f"the Content-Security-Policy of your pages stops the snippet: {'; '.join(found)}"


# The standard's parts.


def _directives(policy: str) -> Directives:
    """§2.2.1: the first of each name counts; one that is not ASCII is none."""
    found: Directives = {}
    for text in policy.split(";"):
        name, *sources = text.split() or [""]
        if name and text.isascii():
            found.setdefault(name.lower(), sources)
    return found


def _first(names: Iterable[str], directives: Directives) -> str | None:
    return next((name for name in names if name in directives), None)


def _script(
    decides: str, sources: Sequence[str], path: str, page: Origin, nonce: str | None
) -> list[str]:
    """§6.7.1.1, for an element in the markup that has no integrity: what to change, if anything."""
    if _has_nonce(sources, nonce):
        return []
    words = [source.lower() for source in sources]
    # With 'strict-dynamic', hosts, schemes and 'self' do not count.
    dynamic = "'strict-dynamic'" in words
    if not dynamic and _allows(sources, path, page):
        return []
    if any(word.startswith("'nonce-") for word in words):
        return [f"put the nonce of {decides} on the snippet's tag"]
    if dynamic:
        return [f"add a nonce to {decides}, and put it on the snippet's tag"]
    return [_mend("script-src", decides, sources)]


def _has_nonce(sources: Sequence[str], nonce: str | None) -> bool:
    """§6.7.2.3: the word is not case-sensitive, the nonce is."""
    return any(
        source[:7].lower() == "'nonce-" and nonce in {None, source[7:-1]}
        for source in sources
        if nonce != "" and source.endswith("'")
    )


def _allows(sources: Sequence[str], path: str, page: Origin) -> bool:
    """§6.7.2.7: whether a source list allows a URL of the page's own origin."""
    return (
        len(sources) > MOST_SOURCES
        or not {"'self'", "*"}.isdisjoint(map(str.lower, sources))
        or any(_names(source, path, page) for source in sources)
    )


def _names(source: str, path: str, page: Origin) -> bool:
    """§6.7.2.8: whether a scheme or host source names a URL of the page's own origin."""
    scheme, host, port = page
    if host not in source.lower() and "*" not in source and not source.endswith(":"):
        return False  # as most are: the expression costs six times as much
    found = _SOURCE.fullmatch(source)
    if not found:
        return False
    only, before, pattern, at, path_part = found.groups()
    named = (only or before or scheme).lower()
    upgraded = (named, scheme) == ("http", "https")
    if named != scheme and not upgraded:
        return False
    if only:
        return True
    pattern = pattern.lower()
    wild = pattern == "*" or (pattern.startswith("*.") and host.endswith(pattern[1:]))
    if pattern != host and not wild:
        return False
    if at != "*":
        number = int(at or _PORTS[named])
        # http in a policy stands for https too; Chromium takes port 80 along, and no other.
        if not (port == 443 and number in {80, 443} if upgraded else number == port):
            return False
    below = unquote(path_part or "/")
    return path.startswith(below) if below.endswith("/") else path == below


def _origin(url: str) -> Origin:
    """Its parts. What is no origin has no name that a source could match."""
    found = _ORIGIN.fullmatch(url.lower())
    if not found:
        return "https", "", 0
    scheme, host, port = found.groups()
    return scheme, host, int(port or _PORTS[scheme])


def _mend(directive: str, decides: str, sources: Sequence[str]) -> str:
    """The change after which a source list allows what is our own."""
    nothing = all(source.lower() == "'none'" for source in sources)
    if decides != "default-src":
        return f"set {decides} to 'self'" if nothing else f"add 'self' to {decides}"
    if nothing:
        return f"add {directive} 'self'"
    # The new directive stands in place of default-src, and does not add to it.
    return f"add {directive} with 'self' and what default-src lists"


_PORTS: Final = {"http": 80, "https": 443}
_ORIGIN: Final = re.compile(
    r"(https?)://([^/:?#@\[\]\s]{1,255}|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?"
)
_SOURCE: Final = re.compile(
    r"([a-z][a-z0-9+.-]*+):"  # a scheme alone; or a scheme, a host, a port and a path
    r"|(?:([a-z][a-z0-9+.-]*+)://)?(\*|(?:\*\.)?[a-z0-9_-]++(?:\.[a-z0-9_-]++){0,32}+)"
    r"(?::([0-9]{1,5}|\*))?(/[^?#]{0,1024}+)?(?:[?#].*)?",
    re.IGNORECASE,
)
_LOOPBACK: Final = re.compile(
    r"(?:127(?:\.\d+){3}|\[::1\]|(?:[\w-]+\.)*localhost)(?::\d*)?", re.IGNORECASE
)
