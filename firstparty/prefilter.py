"""Which of many patterns can match a text at all: those whose fixed parts are in it.

ua-parser tries a thousand patterns on a User-Agent, one after the other, at each place of it. Most
need a word that it does not have, and looking for a word takes a hundredth of the time. What is
left out here could not have matched, so the answers are the same. (RE2 calls this FilteredRE2.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Final, Generic, TypeVar

MOST: Final = 12
"""Words of which one has to be there, at most; more are no better than to try the pattern."""

USUAL: Final = (
    "mozilla/5.0 (linux; android 10; k build/x; wv) applewebkit/537.36 (khtml, like gecko)"
    " version/4.0 chrome/149.0.0.0 mobile safari/537.36 (iphone; cpu iphone os 18_5 like mac os x)"
)
"""Most texts have the words of this one: of what a pattern needs, they tell the least."""

Words = frozenset[str]
"""Of which a text that matches has at least one, in lower case. Empty: nothing is known."""
NOTHING: Final[Words] = frozenset()

P = TypeVar("P")


class Prefilter(Generic[P]):
    """Things in their order, each with the pattern that a text has to match for it."""

    def __init__(self, things: Iterable[tuple[re.Pattern[str], P]]) -> None:
        self._things = [(tuple(words(pattern)), thing) for pattern, thing in things]

    def candidates(self, text: str) -> Iterator[P]:
        """Those that may match a text of Latin-1 characters, in their order."""
        lower = text.lower()
        for needed, thing in self._things:
            if not needed:
                yield thing
                continue
            for word in needed:
                if word in lower:
                    yield thing
                    break


def words(pattern: re.Pattern[str]) -> Words:
    """Words of which one is in each Latin-1 text that the pattern matches."""
    # The standard library's own parser: where a Python has another, nothing is left out.
    try:
        parsed = import_module("re._parser").parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        return _of(parsed)
    except (ImportError, AttributeError, TypeError, ValueError):
        return NOTHING


def _of(nodes: Iterable[tuple[Any, Any]]) -> Words:
    """Of all that a sequence needs, the words that are rarest."""
    found = list[Words]()
    run = ""
    argument: Any
    for operation, argument in (*nodes, ("END", None)):
        if str(operation) == "LITERAL" and argument < 128:
            run += chr(argument).lower()
            continue
        if run:
            found.append(frozenset({run}))
        run = ""
        match str(operation):
            case "SUBPATTERN":
                found.append(_of(argument[3]))
            case "MAX_REPEAT" | "MIN_REPEAT" if argument[0] > 0:
                found.append(_of(argument[2]))
            case "BRANCH":
                branches: list[Words] = list(map(_of, argument[1]))
                if all(branches):
                    found.append(NOTHING.union(*branches))
            case _:
                pass  # a class, a look around, an anchor: it needs no word
    known = [each for each in found if 0 < len(each) <= MOST]
    return max(known, key=lambda each: min(map(_rarity, each)), default=NOTHING)


def _rarity(word: str) -> int:
    return len(word) - (len(USUAL) if word in USUAL else 0)
