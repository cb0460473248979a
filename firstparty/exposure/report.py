"""What is known of third parties, put together from counts: for the API, the page and the CLI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from firstparty import data
from firstparty.counts import Cells, Read, Selection
from firstparty.dimensions import SITE, THIRD_PARTIES
from firstparty.exposure import companies
from firstparty.exposure.loads import LOADS, Load
from firstparty.exposure.register import Register
from firstparty.metrics import COUNTED
from firstparty.periods import (
    KEPT_MONTHS,
    day_number,
    days,
    first_of_month,
    month_number,
    number_day,
)
from firstparty.row import OTHER, UNLISTED
from firstparty.told import french

WINDOW: Final = 2
"""Months that are told of: the running one, and those before it."""
NEW: Final = 7
"""Days for which a host counts as new."""
MOST_PATHS: Final = 100
"""Pages that are named of a host."""
NAMELESS: Final = frozenset({UNLISTED, OTHER})

_REPORTS: Final = COUNTED.index("reports")
_SAMPLED: Final = COUNTED.index("sampled")


@dataclass(frozen=True, slots=True)
class Found:
    """What the counts say: by host in all that is kept, and of the window which pages and kinds.

    `days` are numbers as 20261123, `months` as 202611, each with its reports; `pages` by host and
    page the kinds of loads.
    """

    sampled: int
    months: Mapping[str, Mapping[int, int]]
    days: Mapping[str, Mapping[int, int]]
    pages: Mapping[str, Mapping[str, set[str]]]


async def found(read: Read, today: date, window: int) -> Found:
    """Read what is needed from the counts."""
    kept = [first_of_month(today, -back) for back in range(KEPT_MONTHS + 1)]
    months = tuple(month_number(each) for each in kept)
    since = tuple(day_number(day) for day in days(kept[-1], today))
    sampled = await read(Selection("month", months[:window], SITE))
    pages = dict[str, dict[str, set[str]]]()
    for load in LOADS:
        cells = await read(
            Selection("crossed", months[:window], load.dimension, by_value=True, by_path=True)
        )
        for cell in cells:
            pages.setdefault(cell.value, {}).setdefault(cell.path, set()).add(load.kind)
    host = THIRD_PARTIES.name
    return Found(
        sum(vector[_SAMPLED] for vector in sampled.values()),
        _by_host(await read(Selection("month", months, host, by_at=True, by_value=True))),
        _by_host(await read(Selection("day", since, host, by_at=True, by_value=True))),
        pages,
    )


def _by_host(cells: Cells) -> dict[str, dict[int, int]]:
    found = dict[str, dict[int, int]]()
    for cell, vector in cells.items():
        found.setdefault(cell.value, {})[cell.at] = vector[_REPORTS]
    return found


def told(
    found: Found, register: Register, today: date, window: int = WINDOW, *, in_french: bool = False
) -> dict[str, Any]:
    """The answer as JSON values: those nobody has agreed to first, and of them what sees most.

    Kinds of load and categories have their words in English, or in French.
    """
    months = [month_number(first_of_month(today, -back)) for back in range(window)]
    rows = [
        _row(host, found, register, months, today)
        for host in found.months
        if host not in NAMELESS and any(month in found.months[host] for month in months)
    ]
    order = [load.kind for load in LOADS]
    rows.sort(
        key=lambda row: (
            row["accepted"],
            min(map(order.index, row["kinds"]), default=len(order)),
            -row["reports"],
            row["host"],
        )
    )
    nameless = (found.months.get(name, {}) for name in NAMELESS)
    return {
        "months": [_month(month) for month in reversed(months)],
        "sampled": found.sampled,
        "third_parties": rows,
        "unnamed_reports": sum(each.get(month, 0) for each in nameless for month in months),
        "kinds": {load.kind: _words(load, in_french) for load in LOADS},
        "categories": {name: words[in_french] for name, words in companies.CATEGORIES.items()},
        "companies_from": companies_from(),
    }


def _words(load: Load, in_french: bool) -> dict[str, str]:
    if in_french:
        return {"label": french.KINDS[load.kind].capitalize(), "gets": load.gets_fr}
    return {"label": load.label, "gets": load.gets}


def companies_from() -> str:
    """The list that companies are named by, with its version."""
    return data.source("companies.txt")


def _row(
    host: str, found: Found, register: Register, months: list[int], today: date
) -> dict[str, Any]:
    party, company = register.find(host), companies.of(host)
    reports = sum(found.months[host].get(month, 0) for month in months)
    pages = found.pages.get(host, {})
    kinds = set[str]().union(*pages.values())
    first, last = _ends(found.months[host], found.days.get(host, {}))
    return {
        "host": host,
        "company": company.name if company else None,
        "category": company.category if company else None,
        "kinds": _ordered(kinds),
        "paths": [
            {"path": path, "kinds": _ordered(each)}
            for path, each in sorted(pages.items())[:MOST_PATHS]
        ],
        "total_paths": len(pages),
        "reports": reports,
        "reports_per_document": round(reports / found.sampled, 2) if found.sampled else None,
        "first_seen": first,
        "last_seen": last,
        "new": _new(first, today),
        "accepted": party is not None,
        "purpose": party.purpose if party else "",
        "contract": party.contract if party else "",
    }


def _ordered(kinds: set[str]) -> list[str]:
    return [load.kind for load in LOADS if load.kind in kinds]


def _ends(months: Mapping[int, int], days: Mapping[int, int]) -> tuple[str, str]:
    """The first and the last day; or the month, where its quiet days have been closed."""

    def end(month: int, days: list[int]) -> str:
        inside = [day for day in days if day // 100 == month]
        return number_day(inside[0]).isoformat() if inside else _month(month)

    return end(min(months), sorted(days)), end(max(months), sorted(days, reverse=True))


def _new(first: str, today: date) -> bool | None:
    """Whether a host was first seen in the last days; None where only its month is known."""
    since = today - timedelta(days=NEW)
    if len(first) == len("2026-11"):
        return None if first >= since.isoformat()[:7] else False
    return date.fromisoformat(first) > since


def _month(number: int) -> str:
    return f"{number // 100}-{number % 100:02}"
