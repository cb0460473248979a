"""The dimension table: everything that is counted, one row each. All the rest is a loop over it.

Read this table to learn what is kept about page views. A row says where the raw value is read,
how it is made coarse, for which periods it is kept, and how many names it may have at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from firstparty import agents, channels, languages, minimise, sources
from firstparty.hits import (
    ENTRY,
    KINDS,
    LEFT_OUT,
    MISS,
    VIEW,
    VIEWS,
)
from firstparty.metrics import BY_NAME, COUNTED, needs
from firstparty.own import Guarded
from firstparty.periods import Period
from firstparty.reasons import REASONS

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
    group: str = "Yours"
    """The panel of the stats page that it stands in."""
    minimise: Callable[[str], str] = minimise.text
    """How the raw value is made coarse: pure, and idempotent."""
    shared: bool = False
    """Whether `source` gives a coarse text that other rows read too, each a part of it: it is
    counted once, and taken apart by `minimise` when counts are stored or shown."""
    kinds: frozenset[str] = VIEWS
    """The kinds of hit (`firstparty.hits`) that it has a value for."""
    metrics: tuple[str, ...] = ("pageviews", "visits", "confirmed")
    """The additive metrics that are kept for it."""
    basis: str = "pageviews"
    """The metric that `min_count` is compared with, and that its panel ranks by."""
    kept: frozenset[Period] = frozenset({"day", "month", "crossed"})
    """The periods that it is kept for; `crossed` is the month, crossed with the page."""
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
    display: Literal["text", "language"] = "text"
    """How the stats page shows a value: as it is, or as the name of a language."""
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
            for name, metric in BY_NAME.items()
            if set(needs(name)) <= set(self.metrics) and (metric.of_pages or self is not PATH)
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


def _entry(
    name: str,
    label: str,
    source: Callable[[sources.Seen], str | None],
    told: str,
    coarse: Callable[[str], str] = minimise.text,
    values: Values = "open",
) -> Dimension:
    """A row about how visits came: only the page view that enters the site has a value for it."""
    return Dimension(
        name=name,
        label=label,
        group="Sources",
        source=source,
        minimise=coarse,
        values=values,
        kinds=frozenset({ENTRY.name}),
        metrics=("visits",),
        basis="visits",
        told=told,
    )


def _campaign(name: str, label: str, source: Callable[[sources.Seen], str | None]) -> Dimension:
    told = f"The campaign parameter {name} of the link that was followed, masked."
    return _entry(name, label, source, told)


DIMENSIONS: Final = (
    Dimension(
        name="path",
        label="Pages",
        group="Pages",
        values="open",
        source=sources.path,
        minimise=minimise.path,
        kinds=frozenset(kind.name for kind in KINDS if kind.paged),
        metrics=(
            "pageviews",
            "visits",
            "departures",
            "confirmed",
            "confirmed_visits",
            "continued",
        ),
        kept=frozenset({"hour", "day", "month"}),
        cap=20_000,
        named_by="listed",
        told="The path of the page, without query parameters except those that the site names;"
        " e-mail addresses, long numbers and anything that looks like a token are masked.",
    ),
    Dimension(
        name="not_found",
        label="Not found",
        group="Pages",
        values="open",
        source=sources.missing,
        minimise=minimise.path,
        kinds=frozenset({MISS.name}),
        metrics=("misses",),
        basis="misses",
        told="The path of a page that does not exist, masked in the same way, and the page or the"
        " host that linked to it.",
    ),
    _entry(
        "channel",
        "Channels",
        sources.channel,
        "How the visit came, out of seven channels, from the referrer and the campaign.",
        as_it_is,
        channels.CHANNELS,
    ),
    _entry(
        "source",
        "Sources",
        sources.source,
        "The name of the site that the visit came from, by a list of our own; else the campaign's"
        " utm_source, or the host that linked here.",
    ),
    _entry(
        "referrer",
        "Referrers",
        sources.referrer,
        "The host of the page that linked here; never its path.",
        minimise.host,
    ),
    _campaign("utm_source", "Campaign sources", sources.utm_source),
    _campaign("utm_medium", "Campaign media", sources.utm_medium),
    _campaign("utm_campaign", "Campaigns", sources.utm_campaign),
    _campaign("utm_content", "Campaign contents", sources.utm_content),
    _campaign("utm_term", "Campaign terms", sources.utm_term),
    Dimension(
        name="language",
        label="Languages",
        group="Places",
        values=languages.LANGUAGES,
        source=sources.language,
        minimise=languages.language,
        display="language",
        told="The first language that the browser asks for, without its region.",
    ),
    Dimension(
        name="browser",
        label="Browsers",
        group="Devices",
        values=agents.BROWSERS,
        source=sources.families,
        minimise=agents.browser,
        shared=True,
        told="The browser's family, without its version.",
    ),
    Dimension(
        name="os",
        label="Systems",
        group="Devices",
        values=agents.SYSTEMS,
        source=sources.families,
        minimise=agents.system,
        shared=True,
        told="The operating system's family, without its version.",
    ),
    Dimension(
        name="device",
        label="Devices",
        group="Devices",
        values=agents.DEVICES,
        source=sources.families,
        minimise=agents.device,
        shared=True,
        told="Desktop, phone, tablet or television; never the model.",
    ),
    Dimension(
        name="previous",
        label="Page before",
        group="Flow",
        values="open",
        source=sources.previous,
        minimise=minimise.path,
        kinds=frozenset({VIEW.name}),
        metrics=("pageviews",),
        kept=frozenset({"crossed"}),
        vocabulary="path",
        gives="departures",
        cap=20_000,
        pairs=200_000,
        named_by="listed",
        told="The page of this site that led to this one, by month.",
    ),
    Dimension(
        name="left_out",
        label="Left out",
        group="Left out",
        values=REASONS,
        source=sources.reason,
        minimise=as_it_is,
        kinds=frozenset({LEFT_OUT.name}),
        metrics=("ignored",),
        basis="ignored",
        kept=frozenset({"day", "month"}),
        told="How many requests for a page were not counted, by reason. Visitors who object with"
        " Sec-GPC or DNT are not even in this number.",
    ),
)

PATH: Final = DIMENSIONS[0]
"""The one dimension that the others are crossed with."""

SITE: Final = ""
"""Stands in a count's key for the site's own total, which has no dimension and no value."""


def table(own: Iterable[Dimension] = ()) -> Mapping[str, Dimension]:
    """The rows by name, the user's own behind ours.

    Raises ValueError for a row that the model has no place for.
    """
    rows = dict[str, Dimension]()
    for row in (*DIMENSIONS, *own):
        if row.name in rows:
            raise ValueError(f"dimension {row.name!r} is there already: choose another name")
        if not row.name.isidentifier() or row.name != row.name.lower() or row.name == "time":
            raise ValueError(
                f"dimension {row.name!r} needs a name of lower-case letters, digits and _"
            )
        if row.values != "open" and (isinstance(row.values, str) or not row.values):
            raise ValueError(
                f"dimension {row.name!r} needs values=(…), its closed list of values; write"
                ' values="open" only if no value can tell one visitor from another'
            )
        if unknown := row.kinds - {kind.name for kind in KINDS}:
            raise ValueError(f"dimension {row.name!r}: no such kinds of hit: {sorted(unknown)}")
        rows[row.name] = row if row in DIMENSIONS else _checked(row)
    return rows


def _checked(row: Dimension) -> Dimension:
    """A row of the user's own, kept from breaking the count of a view."""
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
        ("kept", row.kept, ("hour", "day", "month", "crossed")),
        ("vocabulary", (row.vocabulary,), (row.name, PATH.name)),
    ):
        if unknown := [each for each in given if each not in possible]:
            raise ValueError(
                f"dimension {row.name!r}: {name} has {unknown[0]!r}: write some of"
                f" {', '.join(possible)}"
            )
    # Guarded makes the value coarse. What is left is compared with the closed list, whatever the
    # row says: only rows of ours may count a text that no list has.
    guarded = Guarded(row.name, row.source, row.minimise)
    return replace(row, source=guarded, minimise=str, shared=False)
