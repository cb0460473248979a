"""Scales: measured numbers as a closed list of ranges, which can be summed; their percentiles."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

PERCENTILES: Final = (50, 75, 95, 99)


@dataclass(frozen=True, slots=True)
class Scale:
    """Ranges of a number: up to each of `bounds`, and beyond the last.

    A single number is never kept: only how many fell into which range. `good` and `poor` are two
    of the bounds, where others have agreed on what is good.
    """

    bounds: tuple[int, ...]
    """Upper ends, included, ascending; in milliseconds, seconds, or thousandths."""
    unit: Literal["ms", "s", "thousandths"]
    good: int | None = None
    """At most this is good."""
    poor: int | None = None
    """Above this is poor; between the two, it needs improvement."""
    labels: tuple[str, ...] = field(init=False)
    """The names of the ranges, in order: what is counted."""

    def __post_init__(self) -> None:
        edges = [self.show(bound) for bound in (0, *self.bounds)]
        ranges = (f"{low} – {high}" for low, high in pairwise(edges))
        object.__setattr__(self, "labels", (*ranges, f"over {edges[-1]}"))

    def show(self, number: int) -> str:
        """A bound, as people read it."""
        if self.unit == "thousandths":
            return f"{number / 1000:g}"
        if self.unit == "ms":
            return f"{number} ms" if number < 1000 else f"{number / 1000:g} s"
        return f"{number} s" if number < 60 else f"{number / 60:g} min"

    def label(self, number: float) -> str:
        """The range that a number falls into."""
        return self.labels[bisect_left(self.bounds, number)]

    def percentile(self, counts: Mapping[str, int], percent: int) -> int | None:
        """The number that so many percent do not exceed, estimated within its range.

        `counts` by label. Within a range numbers are taken as spread evenly; of the last range,
        which has no end, the answer is its beginning. None where nothing was counted.
        """
        total = sum(counts.get(label, 0) for label in self.labels)
        wanted = total * percent / 100
        below = 0
        for label, low, high in zip(self.labels, (0, *self.bounds), self.bounds, strict=False):
            inside = counts.get(label, 0)
            if inside and below + inside >= wanted:
                return round(low + (high - low) * (wanted - below) / inside)
            below += inside
        return self.bounds[-1] if total else None

    def rated(self, counts: Mapping[str, int]) -> dict[str, int] | None:
        """How many are good, need improvement or are poor; None where nobody has said what is."""
        if self.good is None or self.poor is None:
            return None
        found = {"good": 0, "needs_improvement": 0, "poor": 0}
        for label, high in zip(self.labels, (*self.bounds, None), strict=True):
            if high is not None and high <= self.good:
                rating = "good"
            else:
                rating = "poor" if high is None or high > self.poor else "needs_improvement"
            found[rating] += counts.get(label, 0)
        return found


LCP: Final = Scale(
    (500, 1000, 1500, 2000, 2500, 3000, 4000, 6000, 10_000), "ms", good=2500, poor=4000
)
INP: Final = Scale((50, 100, 150, 200, 300, 400, 500, 1000), "ms", good=200, poor=500)
CLS: Final = Scale((10, 25, 50, 100, 150, 250, 500), "thousandths", good=100, poor=250)
TTFB: Final = Scale((100, 200, 400, 600, 800, 1200, 1800, 3000), "ms", good=800, poor=1800)
"""The web vitals, with the limits of https://web.dev/articles/vitals as bounds among others."""

SERVED: Final = Scale((5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000), "ms")
"""Until the application's response starts."""

VISIBLE: Final = Scale((5, 15, 30, 60, 120, 300, 600), "s")
"""How long a page was visible."""
