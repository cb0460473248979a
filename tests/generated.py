"""The pages of docs/ that are made from the code: `scripts/docs` writes them, a test compares."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import fields
from itertools import pairwise

from firstparty import settings
from firstparty.cli import COMMANDS
from firstparty.commands import Argument, where
from firstparty.dimensions import DIMENSIONS, EXPOSURE
from firstparty.metrics import METRICS
from firstparty.periods import PERIODS
from firstparty.row import Dimension

HEAD = """# Settings

Keywords of `AnalyticsMiddleware`. All but `authorize`, `dimensions`, `goals`, `funnels`,
`accepted` and `consent` can also be set as `FIRSTPARTY_<NAME>`: a list with commas between its
values, a switch as `true` or `false`. A keyword wins over the environment. A wrong value raises
`SettingError` at construction, which says what to write.

This page is made from the docstrings of `firstparty/settings.py` by `scripts/docs`.
"""


def settings_page(old: str = "") -> str:
    """docs/reference/settings.md."""
    defaults = {field.name: field.default for field in fields(settings.Settings)}
    sections = [
        f"## `{name}`\n\nDefault: `{defaults[name]!r}`\n\n{text}\n"
        for name, text in docstrings().items()
    ]
    return "\n".join([HEAD, *sections])


def docstrings() -> dict[str, str]:
    """The docstring under each field of the settings class, by the field's name."""
    tree = ast.parse(inspect.getsource(settings))
    body = next(
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == settings.Settings.__name__
    )
    found = {}
    for field, below in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[field.target.id] = inspect.cleandoc(str(below.value.value))
    return found


COUNTED_HEAD = """# What is counted

Every dimension and every metric, as the two tables have them
([`dimensions.py`](../../firstparty/dimensions.py), [`metrics.py`](../../firstparty/metrics.py)).
This page is made from them by `scripts/docs`.

## Dimensions

A closed dimension has a fixed list of values, made by our code. An open one has names that come
from outside, at most so many. *Hour*, *day* and *month* say for which periods it is kept by itself;
*by path, month* that it is also kept crossed with the page, by the month only. Rows that begin with
`third_party` are there with the setting `exposure`; those without a metric keep no number.
"""


def counted_page(old: str = "") -> str:
    """docs/reference/counted.md."""
    rows = [
        f"| `{row.name}` | {row.label} | {_values(row)} | {_kept(row)} |"
        f" {', '.join(f'`{name}`' for name in row.shows)} | {row.told} |"
        for row in (*DIMENSIONS, *EXPOSURE)
    ]
    metrics = [
        f"| `{metric.name}` | {metric.label} | {metric.unit} | {metric.about} |"
        for metric in METRICS
    ]
    return "\n".join(
        [
            COUNTED_HEAD,
            "| name | label | values | kept for | metrics | what visitors are told |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "## Metrics",
            "",
            "| name | label | unit | what it is |",
            "|---|---|---|---|",
            *metrics,
            "",
        ]
    )


def _values(row: Dimension) -> str:
    if not row.closed:
        return f"open, at most {row.cap:,}"
    return f"closed, {len(row.values)}"


def _kept(row: Dimension) -> str:
    alone = [period for period in PERIODS if period in row.kept and period != "crossed"]
    return ", ".join([*alone, *([f"by {row.by}, month"] if "crossed" in row.kept else [])])


CLI_HEAD = """# The command line

`firstparty`, or `python -m firstparty`. What cannot be done is one sentence on standard error, and
exit code 2. `firstparty --version` tells the version, `firstparty COMMAND --help` what is written
here.

The store is the one of `--store`, as `sqlite:///stats.db` or the name of a file, else of
`FIRSTPARTY_STORE`, else the default of the setting. A database that holds one site needs no
`--site` and no `--timezone`: the command takes what is there, and says so. Other settings are taken
from the environment as the application takes them.

This page is made from the table of commands by `scripts/docs`.
[Backups and moves](../how-to/backup.md) says which of them to use when.
"""


def cli_page(old: str = "") -> str:
    """docs/reference/cli.md."""
    parts = [CLI_HEAD]
    for command in COMMANDS:
        own = [f"| {_shown(each)} | {each.options['help']} |" for each in command.arguments]
        parts += [
            f"## `firstparty {command.name}`\n",
            f"{command.help}\n",
            *(["| argument | |", "|---|---|", *own, ""] if own else []),
            f"{command.more}\n",
        ]
    every = [f"| {_shown(each)} | {each.options['help']} |" for each in where.ARGUMENTS]
    return "\n".join([*parts, "## Of every command\n", "| argument | |", "|---|---|", *every, ""])


def _shown(argument: Argument) -> str:
    *_, name = argument.names
    metavar = argument.options.get("metavar")
    if not name.startswith("-"):
        return f"`{metavar}`"
    value = metavar or ("" if "action" in argument.options else name.lstrip("-").upper())
    return f"`{name} {value}`" if value else f"`{name}`"


PAGES: dict[str, Callable[[str], str]] = {
    "docs/reference/settings.md": settings_page,
    "docs/reference/counted.md": counted_page,
    "docs/reference/cli.md": cli_page,
}
