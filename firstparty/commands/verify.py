"""`firstparty verify`: whether a database holds what the promise allows, and nothing else."""

from __future__ import annotations

import json
import time
from argparse import Namespace
from pathlib import Path

from firstparty import verify
from firstparty.commands import Command, argument, say


async def run(args: Namespace) -> int:
    """Check a file; exit code 1 where something is found."""
    found = verify.verify(Path(args.database.removeprefix("sqlite:///")), time.time())
    if args.json:
        rows = [{"where": each.where, "what": each.what} for each in found]
        say(json.dumps({"database": args.database, "findings": rows}, indent=2))
    else:
        for each in found:
            say(f"{each.where}: {each.what}")
        if not found:
            checks = [check.__doc__ or "" for check in verify.CHECKS]
            say(f"{args.database} holds what the promise allows:")
            for check in checks:
                say(f"    {check.splitlines()[0]}")
    return 1 if found else 0


COMMAND = Command(
    "verify",
    run,
    "Tell whether a database holds what the promise allows, and nothing else.",
    (
        argument("database", metavar="DATABASE", help="the file of an SQLite store, or its URL"),
        argument("--json", action="store_true", help="answer in JSON"),
    ),
    "Every table, column, value and age is compared with the data dictionary (`firstparty privacy"
    " --dpo`). Exit code 1 where something is not in it. Nothing is changed, and no value that came"
    " from a visitor is printed.",
    stored=False,
)
