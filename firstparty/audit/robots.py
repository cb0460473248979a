"""What a robots.txt lets a crawler ask for (RFC 9309). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from firstparty.audit.urls import SAFE

NAME: Final = "firstparty-audit"
"""What we are called there."""
MOST_LETTERS: Final = 500_000
"""Of a robots.txt that are read: what the standard asks for at least."""
MOST_RULES: Final = 2_000
MOST_PATTERN: Final = 2_000

_TOKEN: Final = re.compile(r"[a-z_-]+|\*")
_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED: Final = frozenset((ascii_letters + digits + "-._~").encode())


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for us: patterns, each with whether it allows; and the seconds between requests."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float = 0.0

    def allows(self, page: str) -> bool:
        """Whether a path with its query may be asked for.

        The longest rule that fits decides, and of two as long the one that allows.
        """
        page = _normal(page)
        fits = [(len(pattern), allows) for pattern, allows in self.rules if _fits(pattern, page)]
        return max(fits, default=(0, True))[1]


def read(text: str) -> Robots:
    """Read a robots.txt. What cannot be read is passed over, as the standard has it."""
    rules: dict[str, list[tuple[str, bool]]] = {NAME: [], "*": []}
    delays: dict[str, float] = {}
    named, agents, open_ = set[str](), set[str](), False
    for line in text[:MOST_LETTERS].splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if not open_:
                agents.clear()
            open_ = True
            token = _TOKEN.match(value.lower())
            agents.add(token[0] if token else "")
            named |= agents
            continue
        open_ = open_ and key not in {"allow", "disallow", "crawl-delay"}
        for agent in agents & rules.keys():
            if key == "crawl-delay":
                delays[agent] = _seconds(value)
            elif key in {"allow", "disallow"} and value and len(rules[agent]) < MOST_RULES:
                rules[agent].append((_normal(value[:MOST_PATTERN]), key == "allow"))
    agent = NAME if NAME in named else "*"
    return Robots(tuple(rules[agent]), delays.get(agent, 0.0))


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0


def _normal(text: str) -> str:
    """With each character in the one way that the standard compares."""

    def one(escape: re.Match[str]) -> str:
        (byte,) = unquote_to_bytes(escape[0])
        return chr(byte) if byte in _UNRESERVED else escape[0].upper()

    return _ESCAPE.sub(one, quote(text, safe=SAFE, errors="replace"))


def _fits(pattern: str, page: str) -> bool:
    """`*` is any text, a `$` at the end is the end. Each part is looked for once, from the left."""
    whole = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not page.startswith(first):
        return False
    at = len(first)
    if not rest:
        return not whole or at == len(page)
    *middle, last = rest
    for part in middle:
        found = page.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if whole:
        return page.endswith(last) and len(page) - len(last) >= at
    return page.find(last, at) >= 0
