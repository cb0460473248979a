"""`firstparty exposure`: the third parties that a site's pages load from, as browsers report."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError, Namespace
from typing import Any

from firstparty.audit import apps
from firstparty.commands import Command, argument, note, say, where
from firstparty.dimensions import THIRD_PARTIES
from firstparty.exposure import report
from firstparty.exposure.register import Register, ThirdParty
from firstparty.periods import KEPT_MONTHS


def _months(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= KEPT_MONTHS:
        raise ArgumentTypeError(f"{text!r}: write a number from 1 to {KEPT_MONTHS}")
    return int(text)


def accepted(args: Namespace) -> Register:
    """The register of the application, and what the arguments accept beside it."""
    of_app = apps.accepted(apps.load(args.app)) if args.app else ()
    return Register((*of_app, *map(ThirdParty, args.accept)))


ACCEPTED = (
    argument("--app", metavar="MODULE:APP", help="take `accepted` from this application"),
    argument(
        "--accept",
        metavar="HOST",
        action="append",
        default=[],
        help="a host that is accepted, as fonts.example or *.fonts.example; may be repeated",
    ),
)


async def run(args: Namespace) -> None:
    """Print the third parties of a site."""
    register = accepted(args)
    counting = where.counting(args)
    if THIRD_PARTIES.name not in counting.table:
        note('nothing was ever reported: write exposure="report" where the application counts')
        told: dict[str, Any] = {"third_parties": []}
    else:
        today = counting.calendar.today(counting.clock())
        async with where.opened(counting) as store:
            found = await report.found(store.select, today, args.months)
        told = report.told(found, register, today, args.months)
    if args.json:
        say(json.dumps(told, indent=2))
    else:
        _print(told)


def _print(told: dict[str, Any]) -> None:
    parties = told["third_parties"]
    for each in parties:
        company = each["company"] or "company not known"
        category = f", {each['category']}" if each["category"] else ""
        state = "accepted" if each["accepted"] else "NOT ACCEPTED"
        new = ", new" if each["new"] else ""
        say(f"{each['host']}  ({company}{category})  {state}{new}")
        say(f"    loads: {', '.join(each['kinds']) or 'not known'}")
        for path in each["paths"]:
            say(f"    on {path['path']}: {', '.join(path['kinds'])}")
        if each["total_paths"] > len(each["paths"]):
            say(f"    and on {each['total_paths'] - len(each['paths'])} pages more")
        rate = each["reports_per_document"]
        per = "" if rate is None else f", {rate} per sampled document"
        say(f"    {each['reports']} reports{per}, from {each['first_seen']} to {each['last_seen']}")
        for name in ("purpose", "contract"):
            if each[name]:
                say(f"    {name}: {each[name]}")
        say()
    if not parties:
        say("No third party has been reported.")
        return
    used = {kind for each in parties for kind in each["kinds"]}
    say("What such a load can get:")
    for kind, words in told["kinds"].items():
        if kind in used:
            say(f"    {kind}: {words['gets']}")
    say()
    say(
        f"In {told['months'][0]} to {told['months'][-1]}, {told['sampled']} documents have asked"
        f" their browser for reports. {told['unnamed_reports']} reports were of hosts without a"
        " name: a host has one once it was reported in three separate hours."
    )
    say(f"Companies by {told['companies_from']}; what it does not know is not known.")


COMMAND = Command(
    "exposure",
    run,
    "Tell which third parties the pages of a site load from, as browsers have reported.",
    (
        argument(
            "--months",
            type=_months,
            default=report.WINDOW,
            metavar="N",
            help="how many months, the running one among them (default: 2)",
        ),
        *ACCEPTED,
        argument("--json", action="store_true", help="answer in JSON"),
    ),
    'Reports come where the application counts with exposure="report" or "block". Reports are not a'
    " measure of how much a third party gets, only of that it was reached.",
)
