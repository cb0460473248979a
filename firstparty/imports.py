"""What an import is: counts that another tool had counted, kept apart by where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HERE: Final = ""
"""The origin of what was counted here. That of an import is its writer."""
MOST_IMPORTS: Final = 100
"""How many a site may have."""


@dataclass(frozen=True, slots=True)
class Import:
    """Counts of another tool, brought in under a name.

    `writer` is its origin: drawn when it began, and no other's. `kind` is one of
    `firstparty.importers.KINDS`. `made` is the day on which it was brought in, `first` and `last`
    are those that it has counts of, as 20261123. It is `done` once it is all there.
    """

    name: str
    writer: str
    kind: str
    made: int
    first: int = 0
    last: int = 0
    done: bool = False
