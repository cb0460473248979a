"""A user's own dimensions: checked, and kept from breaking the count of a view."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from firstparty.hits import KINDS
from firstparty.metrics import COUNTED
from firstparty.row import Dimension
from firstparty.sources import Seen

log: Final = logging.getLogger("firstparty")


class Guarded:
    """A user's `source` and `minimise`: what raises, or answers no text, is no value of that row.

    The view is counted all the same. The first failure is logged, and health says so.
    """

    def __init__(
        self, name: str, source: Callable[[Seen], object], minimise: Callable[[str], str]
    ) -> None:
        self.failed = False
        self._name = name
        self._source = source
        self._minimise = minimise

    def __call__(self, seen: Seen) -> str | None:
        try:
            value = self._source(seen)
            if value is None:
                return None
            if isinstance(value, str):
                return self._minimise(value)
            raise TypeError(f"it answered {value!r}, which is no text")
        except Exception:
            if not self.failed:
                self.failed = True
                log.exception("dimension %r has no value for a view (logged once)", self._name)
            return None


def checked(row: Dimension) -> Dimension:
    """A row of the user's own, guarded. Raises ValueError for what the model has no place for."""
    if not row.name.isidentifier() or row.name != row.name.lower() or row.name == "time":
        raise ValueError(f"dimension {row.name!r} needs a name of lower-case letters, digits and _")
    if row.values != "open" and (isinstance(row.values, str) or not row.values):
        raise ValueError(
            f"dimension {row.name!r} needs values=(…), its closed list of values; write"
            ' values="open" only if no value can tell one visitor from another'
        )
    if unknown := row.kinds - {kind.name for kind in KINDS}:
        raise ValueError(f"dimension {row.name!r}: no such kinds of hit: {sorted(unknown)}")
    if not callable(row.source):
        raise ValueError(f"dimension {row.name!r}: source is no function of what a request shows")
    if row.values == "open":
        if not row.told:
            raise ValueError(
                f'dimension {row.name!r} is open: write told="…", one sentence for visitors'
            )
    elif not all(type(value) is str for value in row.values):
        raise ValueError(f"dimension {row.name!r}: values are texts, as ('free', 'team')")
    for name, given, possible in (
        ("metrics", row.metrics, COUNTED),
        ("basis", (row.basis,), row.metrics),
        ("gives", (row.gives,) if row.gives else (), COUNTED),
        ("kept", row.kept, ("day", "month", "crossed")),
        ("vocabulary", (row.vocabulary,), (row.name, "path")),
        ("by", (row.by,), ("path",)),
    ):
        if wrong := [each for each in given if each not in possible]:
            raise ValueError(
                f"dimension {row.name!r}: {name} has {wrong[0]!r}: write some of"
                f" {', '.join(possible)}"
            )
    # Guarded makes the value coarse. What is left is compared with the closed list, whatever the
    # row says: only rows of ours may count a text that no list has.
    guarded = Guarded(row.name, row.source, row.minimise)
    return replace(row, source=guarded, minimise=str, shared=False)
