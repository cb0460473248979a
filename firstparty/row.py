"""What a row of the dimension table says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from firstparty import minimise, sources
from firstparty.hits import VIEWS
from firstparty.metrics import BY_NAME, needs
from firstparty.periods import Period
from firstparty.scales import Scale

Values = tuple[str, ...] | Literal["open"]
"""A closed vocabulary, made by our code; or `"open"`, made by visitors."""

UNLISTED: Final = "(unlisted)"
"""Stands for every open value that has not been seen often enough to be written."""
OTHER: Final = "(other)"
"""Stands for what a closed vocabulary or a full cap has no place for."""


def as_it_is(value: str) -> str:
    """The value itself: it comes from a table of our own."""
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One row of the table; pass rows of your own as `AnalyticsMiddleware(dimensions=[…])`.

    A row of your own needs a `name`, a `source` and its closed list of `values`; what `source`
    returns and the list does not have is counted as `(other)`:

        Dimension(
            name="plan",
            values=("free", "team"),
            source=lambda seen: seen.scope.get("plan"),
        )

    Ask for `values="open"` only where no value can tell one visitor from another: a user id would
    fit into an open dimension.
    """

    name: str
    """Lower-case letters, digits and `_`; the name in the API and in the store."""
    source: Callable[[sources.Seen], str | None]
    """Where the raw value is read; None where there is nothing to count."""
    values: Values
    """The closed vocabulary, or `"open"`."""
    label: str = ""
    """The name that people read; made from `name` where it is empty."""
    one: str = "value"
    """What one of its values is called, where something is crossed with it."""
    group: str = "Yours"
    """The panel of the stats page that it stands in."""
    minimise: Callable[[str], str] = minimise.text
    """How the raw value is made coarse: pure, and idempotent."""
    shared: bool = False
    """Whether `source` gives a coarse text that other rows read too, each a part of it: it is
    counted once, and taken apart by `minimise` when counts are stored or shown."""
    word: Callable[[str], str] | None = None
    """What another tool's word for one of its closed values is among them; None where it is to be
    the value itself."""
    kinds: frozenset[str] = VIEWS
    """The kinds of hit (`firstparty.hits`) that it has a value for."""
    metrics: tuple[str, ...] = ("pageviews", "visits", "confirmed")
    """The additive metrics that are kept for it. With none, only that there was one is kept."""
    basis: str = "pageviews"
    """The metric that `min_count` is compared with, and that its panel ranks by."""
    without: frozenset[str] = frozenset()
    """Derived metrics that would say nothing of it."""
    kept: frozenset[Period] = frozenset({"day", "month", "crossed"})
    """The periods that it is kept for; `crossed` is the month, crossed with the dimension `by`."""
    by: str = "path"
    """The dimension that it is crossed with; also that whose number small counts are hidden in."""
    apart: str = ""
    """Where its values are made of two parts: what stands between. Only values that begin alike
    then add up to a whole."""
    ordered: bool = False
    """Whether its closed values have an order of their own, in which they are shown."""
    scale: Scale | None = None
    """Set where its values are the ranges of a scale, of which there are percentiles."""
    vocabulary: str = ""
    """The dimension whose names it uses; its own where empty."""
    gives: str = ""
    """A metric that each view with a value adds to the page which that value names."""
    cap: int = 1000
    """How many names it may have in a store; past it, values count as `(other)`."""
    pairs: int = 50_000
    """How many (page, value) pairs a month may have; past it, new pairs are not kept."""
    named_by: str = ""
    """The setting that names its `(unlisted)` values at once; empty where there is none."""
    display: Literal["text", "language", "region", "currency"] = "text"
    """How the stats page shows a value: as it is, or as the name that the reader's language has for
    a language, a country or a currency."""
    told: str = ""
    """One sentence for visitors: what is read, and what is kept of it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "vocabulary", self.vocabulary or self.name)
        if not self.told and self.values != "open":
            one_of = ", ".join(str(value) for value in self.values)
            object.__setattr__(self, "told", f"One of: {one_of}; or something else.")
        label = self.label or self.name.replace("_", " ").capitalize()
        object.__setattr__(self, "label", label)

    @property
    def alone(self) -> bool:
        """Whether it is kept by itself too, and not only crossed with a page."""
        return any(period != "crossed" for period in self.kept)

    @property
    def shows(self) -> tuple[str, ...]:
        """The metrics that can be shown for it, derived ones among them."""
        return tuple(
            name
            for name in BY_NAME
            if set(needs(name)) <= set(self.metrics) and name not in self.without
        )

    @property
    def hourly(self) -> bool:
        """Whether it is kept by the hour."""
        return "hour" in self.kept

    @property
    def waits_hourly(self) -> bool:
        """Whether its counts wait by the hour: so are kept, or are given to pages, which are."""
        return self.hourly or bool(self.gives)

    @property
    def closed(self) -> bool:
        """Whether its values come from our code alone."""
        return self.values != "open"
