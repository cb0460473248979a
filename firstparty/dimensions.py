"""The dimension table: everything that is counted, one row each. All the rest is a loop over it.

Read this table to learn what is kept about page views. A row says where the raw value is read,
how it is made coarse, for which periods it is kept, and how many names it may have at most.
It is longer than our other files, as it is to be read from end to end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from firstparty import (
    agents,
    channels,
    countries,
    languages,
    machines,
    minimise,
    own,
    readings,
    scales,
    sources,
    words,
)
from firstparty.exposure.loads import LOADS
from firstparty.hits import (
    AGAIN,
    AMOUNT,
    ENTRY,
    EVENT,
    EXPOSED,
    KINDS,
    LEFT_OUT,
    MACHINE,
    MEASURED,
    MISS,
    PACED,
    PROPERTY,
    VIEW,
    Kind,
)
from firstparty.reasons import REASONS
from firstparty.row import Dimension, Values, as_it_is
from firstparty.scales import Scale


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


def _event(
    name: str, label: str, told: str, coarse: Callable[[str], str] = minimise.text
) -> Dimension:
    """A row about what was done on a page, as the browser or the application reports it."""
    return Dimension(
        name=name,
        label=label,
        one=name,
        group="Events",
        values="open",
        source=sources.said(name),
        minimise=coarse,
        kinds=frozenset({EVENT.name}),
        metrics=("events",),
        basis="events",
        told=told,
    )


def _measured(
    name: str,
    label: str,
    group: str,
    told: str,
    values: tuple[str, ...] = (),
    scale: Scale | None = None,
    kind: Kind = MEASURED,
) -> Dimension:
    """A row about what the optional files of the snippet measure on a page, in ranges."""
    return Dimension(
        name=name,
        label=label,
        group=group,
        values=scale.labels if scale else values,
        source=sources.said(name),
        minimise=as_it_is,
        kinds=frozenset({kind.name}),
        metrics=("measured",),
        basis="measured",
        ordered=True,
        scale=scale,
        told=told,
    )


def _machine(
    name: str,
    label: str,
    source: Callable[[sources.Seen], str | None],
    values: tuple[str, ...],
    told: str,
) -> Dimension:
    """A row about machines, which are no people and are never among the views."""
    return Dimension(
        name=name,
        label=label,
        group="Machines",
        source=source,
        values=values,
        minimise=as_it_is,
        kinds=frozenset({MACHINE.name}),
        metrics=("requests",),
        basis="requests",
        told=told,
    )


DIMENSIONS: Final = (
    Dimension(
        name="path",
        label="Pages",
        one="page",
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
            "measured",
            "seconds",
        ),
        without=frozenset({"views_per_visit"}),
        by="",
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
        word=words.language,
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
        word=words.browser,
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
        word=words.system,
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
        word=words.device,
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
    _event("event", "Events", "The name of an event, as the site calls it."),
    Dimension(
        name="property",
        label="Properties",
        group="Events",
        values="open",
        source=sources.said("property"),
        minimise=minimise.pair,
        kinds=frozenset({PROPERTY.name}),
        metrics=("events",),
        basis="events",
        by="event",
        apart="=",
        kept=frozenset({"crossed"}),
        told="A property that the site gives to an event, as plan=pro, by month.",
    ),
    _event("outbound", "Outbound links", "The host of a link that left the site.", minimise.host),
    _event("download", "Downloads", "The path of a file, masked as paths are.", minimise.path),
    _event("form", "Forms", "The name of a form that was sent; nothing of what was written in it."),
    Dimension(
        name="currency",
        label="Revenue",
        group="Events",
        values=readings.CURRENCIES,
        source=sources.said("currency"),
        minimise=as_it_is,
        kinds=frozenset({EVENT.name, AMOUNT.name}),
        metrics=("events", "amount"),
        basis="events",
        kept=frozenset({"day", "month"}),
        display="currency",
        told="The sum of the amounts that the site's own program gives with events, by currency.",
    ),
    _measured(
        "visible",
        "Time on page",
        "Engagement",
        "How long the page was visible, in eight ranges.",
        scale=scales.VISIBLE,
    ),
    _measured(
        "scroll",
        "Scroll depth",
        "Engagement",
        "How far down the page was scrolled, in quarters.",
        readings.SCROLLED,
    ),
    _measured(
        "screen",
        "Screens",
        "Devices",
        "How wide the screen is, in five classes.",
        readings.SCREENS,
    ),
    _measured(
        "lcp",
        "Largest paint (LCP)",
        "Vitals",
        "How long the page's largest part took to appear, in ten ranges.",
        scale=scales.LCP,
        kind=PACED,
    ),
    _measured(
        "inp",
        "Response (INP)",
        "Vitals",
        "How long the page took to respond to a click or a key, in nine ranges.",
        scale=scales.INP,
        kind=PACED,
    ),
    _measured(
        "cls",
        "Layout shift (CLS)",
        "Vitals",
        "How much of the page moved while it was read, in eight ranges.",
        scale=scales.CLS,
        kind=PACED,
    ),
    _measured(
        "ttfb",
        "First byte (TTFB)",
        "Vitals",
        "How long the browser waited for the page's first byte, in nine ranges.",
        scale=scales.TTFB,
        kind=PACED,
    ),
    Dimension(
        name="served",
        label="Server time",
        group="Server",
        values=scales.SERVED.labels,
        source=sources.served,
        minimise=as_it_is,
        kinds=frozenset({ENTRY.name, VIEW.name, AGAIN.name}),
        metrics=("pageviews",),
        ordered=True,
        scale=scales.SERVED,
        told="How long the site's own program took to answer, in eleven ranges.",
    ),
    _machine(
        "machine",
        "Machines",
        sources.machine,
        machines.NAMES,
        "The name of a program that asked for a page, a feed or robots.txt, out of a fixed list.",
    ),
    _machine(
        "machine_kind",
        "Kinds of machine",
        sources.machine_kind,
        machines.KINDS,
        "What such a program is there for, as searching or reading feeds.",
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

THIRD_PARTIES: Final = Dimension(
    name="third_party",
    label="Third parties",
    one="host",
    group="Third parties",
    values="open",
    source=sources.said("third_party"),
    minimise=minimise.host,
    kinds=frozenset({EXPOSED.name}),
    metrics=("reports",),
    basis="reports",
    kept=frozenset({"day", "month"}),
    cap=500,
    told="The host of another company that a page of this site has loaded something from, as the"
    " browser reports it for some of the pages.",
)
EXPOSURE: Final = (
    THIRD_PARTIES,
    *(
        Dimension(
            name=load.dimension,
            label=f"Third parties: {load.label.lower()}",
            one="host",
            group=THIRD_PARTIES.group,
            values="open",
            source=sources.said(load.dimension),
            minimise=minimise.host,
            kinds=THIRD_PARTIES.kinds,
            metrics=(),
            kept=frozenset({"crossed"}),
            vocabulary=THIRD_PARTIES.name,
            cap=THIRD_PARTIES.cap,
            pairs=20_000,
            told=f"On which pages there were {load.label.lower()} of such a host in a month: yes or"
            " no, and no number.",
        )
        for load in LOADS
    ),
)
"""Third parties are counted if the setting `exposure` is on. The pages that load from one are no
numbers: such a row has no metric, and says of a month that it was so."""

COUNTRIES: Final = Dimension(
    name="country",
    label="Countries",
    group="Places",
    values=countries.CODES,
    source=sources.said("country"),
    minimise=countries.country,
    word=words.country,
    display="region",
    told="The country that the network in front of this site puts into a header of its own.",
)
ZONES: Final = replace(
    COUNTRIES,
    kinds=frozenset({MEASURED.name}),
    metrics=("measured",),
    basis="measured",
    told="The country that the browser's time zone belongs to; the zone itself is not kept.",
)
"""Countries are counted if the setting `country` says so: by a header, or by time zones."""

PATH: Final = DIMENSIONS[0]
"""The one dimension that most others are crossed with."""

SITE: Final = ""
"""Stands in a count's key for the site's own total, which has no dimension and no value."""


def table(
    added: Iterable[Dimension] = (),
    omit: Iterable[str] = (),
    country: str | None = None,
    exposure: str = "off",
) -> Mapping[str, Dimension]:
    """The rows by name, the user's own behind ours, without those to omit.

    `country` says what countries are read from, `exposure` whether third parties are reported, as
    the settings do. Raises ValueError for a row that the model has no place for.
    """
    chosen = () if country is None else (ZONES if country == "timezone" else COUNTRIES,)
    third = () if exposure == "off" else EXPOSURE
    rows = {row.name: row for row in (*DIMENSIONS, *chosen, *third)}
    for row in added:
        if row.name in rows:
            raise ValueError(f"dimension {row.name!r} is there already: choose another name")
        rows[row.name] = own.checked(row)
    for name in omit:
        fixed = {PATH.name, *(row.name for row in third)}
        if name in fixed or name not in rows:
            others = ", ".join(each for each in rows if each not in fixed)
            raise ValueError(f"{name!r} is none that can be omitted: write some of {others}")
        del rows[name]
    return {name: row for name, row in rows.items() if not row.by or row.by in rows}
