"""`firstparty migrate`: makes the schema of a store, or brings it forward, before a site starts."""

from __future__ import annotations

from argparse import Namespace

from firstparty.commands import Command, say, where
from firstparty.stores import Found, look, shown


async def run(args: Namespace) -> None:
    """Open the store as a site does, and close it."""
    place = where.store_url(args)
    found = look(place) or Found()
    site, zone = args.site, args.timezone
    if found.sites:
        site, zone = found.sites[0]  # any that is there: the schema is the same for all
    counting = where.of(place, site, zone, found.dimensions)
    async with where.opened(counting):
        pass
    say(f"{shown(place)} is as this firstparty needs it")


COMMAND = Command(
    "migrate",
    run,
    "Make the schema of the store, or bring an older one forward.",
    (),
    "A site does so by itself when it starts. Use this where its role in the database may not"
    " change the schema, or to have it done before the first process of a new version starts."
    " Processes that do it at once wait for each other. There is no way back: make a backup"
    " before.",
)
