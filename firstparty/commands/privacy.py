"""`firstparty privacy`: what is counted, as a text for a privacy policy, or as a data sheet."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace
from typing import Any

from firstparty import since, size
from firstparty.audit import apps
from firstparty.commands import Command, argument, say, where
from firstparty.counting import Counting
from firstparty.settings import Settings, load
from firstparty.since import Change
from firstparty.stores import look
from firstparty.told import blocks, officers, visitors
from firstparty.told.blocks import Text

PROCESSES = 4
"""Of the largest size: as `firstparty size` takes them."""


async def run(args: Namespace) -> None:
    """Print the text."""
    settings = _settings(args)
    text = await _text(args, settings)
    if args.format == "json":
        say(json.dumps(blocks.json(text), indent=2, ensure_ascii=False))
    elif args.format == "html":
        say(f"<h1>{blocks.inline(text.title)}</h1>")
        say(blocks.html(text))
    else:
        say(blocks.markdown(text).rstrip())


def _settings(args: Namespace) -> Settings:
    given: dict[str, Any] = {}
    if args.app:
        found = apps.settings(apps.load(args.app))
        if found is not None:
            return found
    for name in ("store", "site", "timezone"):
        if value := getattr(args, name):
            given[name] = where.url(value) if name == "store" else value
    return load(given)


async def _text(args: Namespace, settings: Settings) -> Text:
    # The store is opened for reading the log alone: nothing is counted from here.
    counting = Counting(replace(settings, release=""))
    log = await _log(counting)
    table = counting.table
    if not args.dpo:
        return visitors.text(settings, table, log, args.lang, settings.prefix + "/")
    caps = {name: row.cap for name, row in table.items()}
    pairs = {name: row.pairs for name, row in table.items()}
    slots = size.slots(counting.calendar, settings.flush_interval, counting.clock())
    largest = (*size.counts(table, caps, pairs, slots), *size.beside(table, caps, slots, PROCESSES))
    return officers.text(settings, table, largest, log, args.lang)


async def _log(counting: Counting) -> list[Change]:
    settings = counting.settings
    found = look(settings.store)
    # To open a store for a site that it does not have would add that site to it.
    if found is None or (settings.site_name, settings.timezone) not in found.sites:
        return []
    async with where.opened(counting) as store:
        return since.log(await store.marks())


COMMAND = Command(
    "privacy",
    run,
    "Print what is counted, as a text for a privacy policy.",
    (
        argument("--app", metavar="MODULE:APP", help="take the settings from this application"),
        argument(
            "--lang",
            choices=tuple(visitors.LANGUAGES),
            default="en",
            help="the language: en or fr (default: en)",
        ),
        argument(
            "--format",
            choices=("md", "html", "json"),
            default="md",
            help="Markdown, HTML or JSON: md, html or json (default: md)",
        ),
        argument(
            "--dpo",
            action="store_true",
            help="the sheet for data protection officers in its place",
        ),
    ),
    "Without --app the settings are those of the environment: what an application has set in its"
    " code is not in the text then. It is the same text as on /stats/privacy.",
)
