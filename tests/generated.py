"""The pages of docs/ that are made from the code: `scripts/docs` writes them, a test compares."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import pairwise

from starlette.routing import BaseRoute, Mount, Route

from firstparty import AnalyticsMiddleware, openapi, settings
from firstparty.cli import COMMANDS
from firstparty.commands import Argument, where
from firstparty.dimensions import DIMENSIONS, EXPOSURE
from firstparty.metrics import METRICS
from firstparty.periods import PERIODS
from firstparty.readings import READINGS, ZONE, Reading
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
    return "\n".join(
        [
            *parts,
            "## Of every command that opens a store\n",
            "| argument | |",
            "|---|---|",
            *every,
            "",
        ]
    )


def _shown(argument: Argument) -> str:
    *_, name = argument.names
    metavar = argument.options.get("metavar")
    if not name.startswith("-"):
        return f"`{metavar}`"
    value = metavar or ("" if "action" in argument.options else name.lstrip("-").upper())
    return f"`{name} {value}`" if value else f"`{name}`"


HTTP_HEAD = """# What is served

All of it is below two prefixes of your own domain, which are the settings `collector` and `prefix`.
They share no name, so that a filter list which blocks the one does not break the other. Nothing
else of your application is touched.

This page is made from the routes by `scripts/docs`.
"""

SERVED = {
    "/_tally/tally.js": "The snippet. The same for everyone, cached for a day, with no validator.",
    "/_tally/more.js": "The optional file about how a view went: time, scrolling, screen.",
    "/_tally/acts.js": "The optional file about what was done: events, links, files, forms.",
    "/_tally/pace.js": "The optional file about how fast the page was.",
    "/_tally/view": "What the snippet and the optional files send: at most 1 KB of JSON, from a"
    " page of the same origin. 204 with `Tally: counted`, `confirmed` or `ignored; <reason>`; 400"
    " what is malformed, 403 what is foreign, 413 what is too large.",
    "/_tally/exposure": "Reports of browsers about third parties, in both formats, at most 16 kB:"
    " 204; 404 unless the setting `exposure` asks for them.",
    "/stats": "Leads to `/stats/`.",
    "/stats/": "The stats page. 401 without the password, or 403 where your own check says no.",
    "/stats/shared": "The same page for who has a link. No number is in it: the page shows the"
    " link's key, which is in the fragment, with each question.",
    "/stats/privacy": "What visitors are told, as HTML or, with `Accept: application/json`, as"
    " data; `?lang=fr` in French. Also at the path of the setting `privacy`.",
    "/stats/promise": "The tests of the promise, to be read. The page for visitors leads to each.",
    "/stats/receipt": "Which counts this very browser would add by opening `?path=/pricing`, as"
    " JSON.",
    "/stats/sign-in": "Asks for the password on a page that is public.",
    "/stats/assets/{name}": "The files of the stats page and of the one for visitors.",
}
"""What is said of each route, the API's own excepted. A route that is missing here fails a test."""

HEADERS = (
    ("Server-Timing: tally", "documents that were counted", "tells the snippet; same for everyone"),
    ("Server-Timing: no-tally", "error and excluded pages", "tells the snippet to keep quiet"),
    ("Server-Timing: tally-ahead", "documents that were fetched ahead of a click", "says nothing"),
    (
        "Tally",
        "answers to beacons; with `debug=True` every response",
        "what was counted, or why nothing was",
    ),
    (
        "Content-Security-Policy-Report-Only",
        "some documents, with the setting `exposure`",
        "asks for reports of third parties; `Reporting-Endpoints` says where to",
    ),
    ("Content-Security-Policy", 'documents, with `exposure="block"`', "stops third parties"),
    ("Firstparty-Link", "requests to the API", "the key of a link, from a page that has one"),
    ("WWW-Authenticate", "401", "HTTP Basic: any name, and the password"),
)


def http_page(old: str = "") -> str:
    """docs/reference/http.md."""
    middleware = AnalyticsMiddleware(_nothing, store="memory://", password="p", exposure="report")
    routes = middleware._endpoints.routes
    api = openapi.document(middleware.analytics.counting.table)["paths"]
    below = {f"/stats/api{path}": path for path in api}
    collected, shown = [], []
    for path, methods in sorted(_paths(routes)):
        told = SERVED[path] if path in SERVED else api[below[path]][methods.lower()]["summary"]
        row = f"| `{methods} {path}` | {told} |"
        (collected if path.startswith("/_tally") else shown).append(row)
    return "\n".join(
        [
            HTTP_HEAD,
            "## What is collected",
            "",
            "| | |",
            "|---|---|",
            *collected,
            "",
            "## What is shown",
            "",
            "[The stats API](api.md) says how to ask.",
            "",
            "| | |",
            "|---|---|",
            *shown,
            "",
            "## Headers",
            "",
            "| header | on | |",
            "|---|---|---|",
            *(f"| `{name}` | {where_} | {told} |" for name, where_, told in HEADERS),
            "",
            "No cookie is set or read, and no answer has an `ETag` or a `Last-Modified`.",
            "",
        ]
    )


async def _nothing(scope: object, receive: object, send: object) -> None:
    """An application that is never asked."""


def _paths(routes: Iterable[BaseRoute], below: str = "") -> Iterator[tuple[str, str]]:
    """Each path with one of its methods."""
    for route in routes:
        if isinstance(route, Mount):
            yield from _paths(route.routes, below + route.path)
        elif isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield below + route.path, method


SWITCHES_BEGIN = "<!-- The table is written by scripts/docs. -->\n"
SWITCHES_END = "<!-- End of the table. -->\n"


def snippet_page(old: str) -> str:
    """docs/how-to/snippet.md, with what the snippet reads, a row each."""
    before, rest = old.split(SWITCHES_BEGIN)
    rows = [
        f"| `{reading.name}` | {reading.file} | {reading.told} | {_attribute(reading)} |"
        for reading in (*READINGS, ZONE)
    ]
    table = ["| switch | file | what is read | attribute |", "|---|---|---|---|", *rows]
    after = rest.partition(SWITCHES_END)[2]
    return "\n".join([before + SWITCHES_BEGIN, *table, "", SWITCHES_END + after])


def _attribute(reading: Reading) -> str:
    if reading.file == "tally.js":
        return f"`{reading.fields[0]}` in `data-send`"
    return f"`{reading.name}` in `data-reads`"


PAGES: dict[str, Callable[[str], str]] = {
    "docs/how-to/snippet.md": snippet_page,
    "docs/reference/settings.md": settings_page,
    "docs/reference/counted.md": counted_page,
    "docs/reference/cli.md": cli_page,
    "docs/reference/http.md": http_page,
}
