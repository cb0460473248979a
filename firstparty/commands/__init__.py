"""The commands of `firstparty`: what a row of their table says, and how they speak."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class CommandError(Exception):
    """A command cannot do what it was asked for; the sentence says why, and what to do."""


class Argument(NamedTuple):
    """One argument: its names, and what argparse is told of it."""

    names: tuple[str, ...]
    options: Mapping[str, Any]


def argument(*names: str, **options: Any) -> Argument:
    """An argument, as `ArgumentParser.add_argument` takes it."""
    return Argument(names, options)


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table: a function, one sentence about it, and its arguments."""

    name: str
    run: Callable[[Namespace], Awaitable[None]]
    help: str
    arguments: tuple[Argument, ...] = ()
    more: str = ""
    """What else there is to say, in its own `--help`."""


def say(text: str = "") -> None:
    """Write a line of the answer."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Write a line about the answer, where it is in nobody's way."""
    sys.stderr.write(f"firstparty: {text}\n")
