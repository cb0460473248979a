"""Dead pages: what the application's route table has, and nobody opened."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from firstparty.counts import Read
from firstparty.dimensions import PATH
from firstparty.metrics import COUNTED
from firstparty.paths import matcher
from firstparty.plan import Context, plan
from firstparty.question import QuestionError, parse
from firstparty.row import UNLISTED
from firstparty.settings import Settings
from firstparty.shapes import is_object
from firstparty.subject import subject
from firstparty.tabulate import tabulate

Routed = list[tuple[str, re.Pattern[str] | None]]
"""The pages of a route table in its order: names, with the expression of those with parameters."""

PAGEVIEWS: Final = COUNTED.index("pageviews")


def own(routed: Routed, root: str, settings: Settings) -> Routed:
    """The pages that can have views: not below our own prefixes, and not excluded by a pattern.

    What a function excludes cannot be told. `root` is where the application is mounted.
    """
    ours = (root + settings.prefix, root + settings.collector)
    excluded = matcher(() if callable(settings.exclude) else settings.exclude)
    return [
        (name, expression)
        for name, expression in routed
        if not excluded(name)
        and not any(name == prefix or name.startswith(prefix + "/") for prefix in ours)
    ]


def unopened(routed: Routed, viewed: Iterable[str]) -> list[str]:
    """The pages that none of the `viewed` names is of, in the order of the alphabet.

    A viewed name is of the page that is called so, else of the first whose expression it matches:
    a page with parameters counts under the paths themselves where they are texts.
    """
    dead = {name for name, _ in routed}
    names = frozenset(dead)
    expressions = [(name, expression) for name, expression in routed if expression is not None]
    for view in viewed:
        path = view.partition("?")[0]
        if path in names:
            dead.discard(path)
            continue
        found = (name for name, expression in expressions if expression.match(path))
        dead.discard(next(found, ""))
    return sorted(dead)


async def report(
    asked: object, routed: Routed, context: Context, first: date | None, read: Read
) -> dict[str, Any]:
    """The answer of `POST /stats/api/dead`, as JSON. Raises QuestionError.

    `first` is the first day with counts.
    """
    if not is_object(asked):
        raise QuestionError("a question is a JSON object")
    if unknown := sorted(set(asked) - {"date_range"}, key=str):
        raise QuestionError(
            f"there is no field {unknown[0]!r}: a question about dead pages has date_range"
        )
    body = {**asked, "metrics": ["pageviews"], "dimensions": [PATH.name]}
    question = parse(body, context.table, context.today, first)
    planned = plan(question, subject(question, context.table), question.range, context)
    table = await tabulate(question, planned, context, read)
    views = {name: vector[PAGEVIEWS] for (name,), vector in table.rows.items() if vector[PAGEVIEWS]}
    total = sum(views.values())
    dates = [question.range.first.isoformat(), question.range.last.isoformat()]
    return {
        "pages": unopened(routed, views),
        "routes": len({name for name, _ in routed}),
        "meta": {
            "range": dates,
            # A page with parameters may be among these: they have no name yet.
            "unlisted": round(views.get(UNLISTED, 0) / total, 4) if total else 0.0,
        },
    }
