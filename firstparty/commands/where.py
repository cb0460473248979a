"""Which store a command is about, and which site in it."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from firstparty.commands import CommandError, argument, note
from firstparty.counting import Counting
from firstparty.dimensions import table
from firstparty.row import Dimension
from firstparty.settings import PREFIX, Settings, load
from firstparty.stores import Found, Store, look, shown

ARGUMENTS: Final = (
    argument(
        "--store",
        metavar="URL",
        help="the store, as sqlite:///stats.db; else FIRSTPARTY_STORE, else the setting's default",
    ),
    argument("--site", help="the site's name; where the store has one site only, it is that"),
    argument("--timezone", metavar="ZONE", help="the site's time zone, as Europe/Paris"),
)


def url(text: str) -> str:
    """The URL of a store that may be written as the name of a file."""
    return text if "://" in text else f"sqlite:///{text}"


def store_url(args: Namespace) -> str:
    """The URL of the store that the arguments, or the environment, name."""
    return url(args.store or os.environ.get(f"{PREFIX}STORE") or Settings().store)


def looked(place: str) -> Found:
    """What is in a store. Raises CommandError where there is none."""
    found = look(place)
    if found is None:
        raise CommandError(
            f"there is no database {shown(place)}: name it with --store or FIRSTPARTY_STORE"
        )
    return found


def of(place: str, site: str | None, zone: str | None, dimensions: Iterable[str] = ()) -> Counting:
    """What counts for one site of a store, as the environment sets the rest. Opens nothing.

    Dimensions that only the application knows have a place in it, under their names.
    """
    options = {"store": place, "site": site, "timezone": zone}
    given = {name: value for name, value in options.items() if value is not None}
    settings = load(given)
    known = table(country=settings.country)
    own = tuple(_stranger(name) for name in dict.fromkeys(dimensions) if name not in known)
    if not own:
        return Counting(settings)
    return Counting(load({**given, "dimensions": own}))


def _stranger(name: str) -> Dimension:
    return Dimension(
        name=name, values="open", source=lambda seen: None, told="A dimension of the application's."
    )


def counting(args: Namespace) -> Counting:
    """What counts for the site that the arguments name, or for the only one that is there."""
    place = store_url(args)
    found = looked(place)
    site, zone = chosen(found, place, args.site, args.timezone)
    return of(place, site, zone, found.dimensions)


def chosen(found: Found, place: str, site: str | None, zone: str | None) -> tuple[str, str]:
    """The site and its time zone, which may be asked for in part."""
    site = site or os.environ.get(f"{PREFIX}SITE")
    zone = zone or os.environ.get(f"{PREFIX}TIMEZONE")
    sites = [each for each in found.sites if site in {None, each[0]} and zone in {None, each[1]}]
    there = ", ".join(f"{name} in {timezone}" for name, timezone in found.sites) or "no site"
    if len(sites) > 1:
        raise CommandError(f"{shown(place)} holds {there}: choose one by --site and --timezone")
    if not sites:
        asked = " in ".join(each for each in (site, zone) if each)
        raise CommandError(f"{shown(place)} does not hold {asked}: it holds {there}")
    if site is None or zone is None:
        note(f"site {sites[0][0]} in {sites[0][1]}, which {shown(place)} holds")
    return sites[0]


@asynccontextmanager
async def opened(counting: Counting) -> AsyncGenerator[Store]:
    """The store, opened, and closed at the end."""
    await counting.store.open()
    try:
        yield counting.store
    finally:
        await counting.store.close()
