"""Names that are not to be written: patterns that the owner has typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MOST_BLOCKS: Final = 1_000
"""Of a site. Each is looked at when a text that has no name yet is seen."""
MOST_LETTERS: Final = 2_000
"""Of a pattern."""


class Blocks:
    """Patterns in which `*` stands for anything, and nothing else has a meaning of its own."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        written = sorted(
            ".*".join(re.escape(part) for part in re.split(r"\*+", pattern)) for pattern in patterns
        )
        self._expression = re.compile("|".join(written), re.DOTALL) if written else None

    def __contains__(self, text: str) -> bool:
        """Whether a pattern takes the text. `(unlisted)` and `(other)` are never taken."""
        expression = self._expression
        if expression is None or text.startswith("("):
            return False
        return expression.fullmatch(text[:MOST_LETTERS]) is not None
