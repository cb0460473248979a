"""A user's own dimension, kept from breaking the count of a view."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

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
