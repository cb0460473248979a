"""The command line: `firstparty`, or `python -m firstparty`."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Final, NoReturn

import firstparty
from firstparty.audit.answers import AuditError
from firstparty.commands import (
    Command,
    CommandError,
    audit,
    backup,
    bring,
    export,
    exposure,
    forget,
    migrate,
    note,
    privacy,
    serve,
    size,
    stats,
    verify,
    where,
)
from firstparty.importers import ImporterError
from firstparty.settings import SettingError
from firstparty.stores import StoreError
from firstparty.transfer import TransferError

COMMANDS: Final[tuple[Command, ...]] = (
    serve.COMMAND,
    stats.STATS,
    stats.REPORT,
    stats.ALERT,
    size.COMMAND,
    forget.COMMAND,
    backup.COMMAND,
    export.COMMAND,
    bring.IMPORT,
    bring.MERGE,
    exposure.COMMAND,
    audit.COMMAND,
    privacy.COMMAND,
    verify.COMMAND,
    migrate.COMMAND,
)
"""Every command, in the order in which they are shown."""

EXPECTED: Final = (
    AuditError,
    CommandError,
    ImporterError,
    SettingError,
    StoreError,
    TransferError,
    ValueError,
    OSError,
    sqlite3.Error,
)
"""What goes wrong without a mistake of ours: it is one sentence, and exit code 2."""


class _Parser(ArgumentParser):
    """Says what is wrong in one sentence, as everything else here does."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments: ") and " -" not in message:
            message += " (options come behind all files)"
        note(f"{message}: see {self.prog} --help")
        raise SystemExit(2)


def parser() -> ArgumentParser:
    """The arguments of every command, made from the table."""
    root = _Parser(
        prog="firstparty",
        description="Looks after the counts of firstparty: web analytics that count pages, not"
        " people.",
    )
    root.add_argument("--version", action="version", version=f"firstparty {firstparty.__version__}")
    below = root.add_subparsers(metavar="COMMAND", title="commands", required=True)
    for command in COMMANDS:
        one = below.add_parser(
            command.name,
            help=command.help,
            description=command.help,
            epilog=command.more,
            allow_abbrev=False,
        )
        for each in (*command.arguments, *(where.ARGUMENTS if command.stored else ())):
            one.add_argument(*each.names, **each.options)
        one.set_defaults(run=command.run)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answers the exit code, 2 for what could not be done."""
    try:
        args = parser().parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    try:
        code: int | None = asyncio.run(args.run(args))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our answer has gone, as `| head` does: that is no mistake.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except EXPECTED as error:
        note(" ".join(str(error).split()) or type(error).__name__)
        return 2
    except KeyboardInterrupt:
        return 130
    return code or 0
