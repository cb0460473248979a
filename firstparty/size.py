"""How large a database can become at most: the caps of names and pairs times the periods kept.

The number of rows is exact: no count has a row that is not in it. Bytes are an upper bound, made of
the bytes that SQLite's file format gives a row (https://www.sqlite.org/fileformat2.html), or
PostgreSQL's pages (https://www.postgresql.org/docs/current/storage-page-layout.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from firstparty.accumulate import BOUND, SITE_KEPT
from firstparty.blocks import MOST_BLOCKS
from firstparty.imports import MOST_IMPORTS
from firstparty.links import MOST_LINKS
from firstparty.marks import MOST_MARKS
from firstparty.metrics import COUNTED
from firstparty.names import CANDIDATES
from firstparty.periods import (
    KEPT_HOURS_DAYS,
    KEPT_MINUTES,
    PERIODS,
    Calendar,
    Period,
    number_day,
    oldest,
)
from firstparty.row import OTHER, Dimension

Slots = Mapping[Period, int]
"""How many of each period there are in a store at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one dimension in one period; of a table beside the counts, `period` is empty."""

    dimension: str
    period: str
    rows: int
    bytes: int


def slots(calendar: Calendar, flush_interval: float, now: float) -> Slots:
    """How many minutes, hours, days and months a store has counts of at most.

    What is old is deleted after a new minute or day has begun, so one more is there for a moment.
    Days and months are the most of any day of the next four years, by the function that deletes.
    """
    days, months = 0, 0
    start = datetime.fromtimestamp(now, UTC)
    for number in range(4 * 366):
        noon = start + timedelta(days=number)
        kept = oldest(calendar, noon.timestamp())
        today = calendar.today(noon.timestamp())
        days = max(days, (today - number_day(kept["day"])).days + 1)
        first = number_day(kept["month"] * 100 + 1)
        months = max(months, 12 * (today.year - first.year) + today.month - first.month + 1)
    return {
        "minute": KEPT_MINUTES + ceil(flush_interval / 60) + 1,
        # Hours are deleted once a day: those of the day that runs (25, where clocks are set back)
        # come on top, the one that was cut, and the first of the next day.
        "hour": 24 * KEPT_HOURS_DAYS + 1 + 25 + 1,
        "day": days + 1,
        "month": months + 1,
        "crossed": months + 1,
    }


def with_imports(slots: Slots, imports: int) -> Slots:
    """The same where there are imports: each may have counts of a month beside the others.

    Of a day there are those of one import alone, and what came too late here.
    """
    if not imports:
        return slots
    return {**slots, "day": 2 * slots["day"], "month": (1 + imports) * slots["month"]}


def names(row: Dimension, cap: int) -> int:
    """How many names a vocabulary has at most: its cap, and `(unlisted)` and `(other)`."""
    if row.closed:
        return min(len({*row.values, OTHER}), cap + 2)
    return cap + 2


def counts(
    table: Mapping[str, Dimension],
    caps: Mapping[str, int],
    pairs: Mapping[str, int],
    slots: Slots,
    scheme: str = "sqlite",
    imports: int = 0,
) -> list[Part]:
    """The most rows of every dimension in every period: the site's own total first.

    `caps` is the cap of names by vocabulary, `pairs` that of crossed counts by dimension. With
    `imports` a value may have rows of its own in a month for each of them.
    """
    slots = with_imports(slots, imports)

    def named(name: str) -> int:
        return names(table[name], caps[name])

    every = len(COUNTED)
    parts = [_part("", period, slots[period], every, scheme) for period in SITE_KEPT]
    for row in table.values():
        own = named(row.vocabulary)
        for period in PERIODS:
            if period not in row.kept:
                continue
            most = own
            if period == "crossed":
                most = min(pairs[row.name], own * named(table[row.by].vocabulary))
            # Pages are also given what other dimensions count for them; the row has it.
            parts.append(_part(row.name, period, slots[period] * most, len(row.metrics), scheme))
    return parts


def beside(
    table: Mapping[str, Dimension],
    caps: Mapping[str, int],
    slots: Slots,
    processes: int,
    scheme: str = "sqlite",
    imports: int = 0,
) -> list[Part]:
    """The most rows of the tables beside the counts.

    `processes` is how many write, each of them started at most once a day.
    """
    vocabularies = {row.vocabulary for row in table.values()}
    crossed = sum("crossed" in row.kept for row in table.values())
    of = with_imports(slots, imports)
    times = sum(of[period] for period in SITE_KEPT) + sum(
        of[period] for row in table.values() for period in row.kept
    )
    tables = [
        _rows("names", sum(names(table[each], caps[each]) for each in vocabularies), 2 * NAME),
        _rows("pairs", crossed * slots["crossed"], 32),
        _rows("batches", processes * slots["day"], 64),
        # Of a day that it is over and that it was quiet; of a month each dimension, and it as such.
        _rows("closings", 2 * slots["day"] + slots["month"] * (len(table) + 1), 96),
        _rows("marks", MOST_MARKS, 2 * 300),
        _rows("links", MOST_LINKS, 2 * 400),
        _rows("blocked", MOST_BLOCKS, NAME),
        _rows("imports", MOST_IMPORTS, 2 * NAME),
        _rows("dimensions", len(table), 2 * NAME),
        _rows("sites", 1, 2 * NAME),
        _rows("changes", 1, 16),
    ]
    if scheme == "sqlite":
        return [*tables, _rows("slots", times, SLOT)]
    return [replace(part, bytes=part.bytes + part.rows * ROW) for part in tables]


PAGE: Final = 4096
"""Bytes of a page of the file."""

NAME: Final = 2 + 4 + 3 + 5 + 1 + 1 + 3 + 4 * 200
"""Bytes of a name in one of its two trees: cell pointer, child pointer, length, types, site,
dimension, id; and 200 characters of up to 4 bytes: no visitor's text is longer."""


def count_bytes(metrics: int) -> int:
    """The most bytes of a row of counts that has so many metrics, which are wide rows.

    Cell pointer 2, child pointer 4, length 2, header 1 and a byte for the type of each column; then
    slot 3, page 3, value 3; and 4 for each metric, which holds for counts of up to 2,147,483,647.
    Zeros take no byte.
    """
    return 2 + 4 + 2 + 1 + (3 + len(COUNTED)) + 9 + 4 * metrics


SLOT: Final = (2 + 4 + 2 + 3 + 5 + 1 + 1 + 2 + 4) + (2 + 4 + 2 + 1 + 5 + 1 + 1 + 2 + 4 + 3)
"""Bytes of a slot in its two trees: cell pointer, child pointer, length, number or header, types,
site, period, dimension, at; and the number again in the second."""


ROW: Final = 160
"""Bytes that a row takes in PostgreSQL's table and two indexes more than SQLite gives it."""


def postgresql_bytes(metrics: int) -> int:
    """The most bytes of a row of counts with so many metrics in PostgreSQL, its index included.

    Line pointer 4, header and nulls 32, six numbers 24, each metric 8, in pages that are filled to
    70 %, and as much again for versions that wait for the server's vacuum; in the index line
    pointer 4, header 8 and key 24, in pages that are half full.
    """
    return 2 * ceil((4 + 32 + 24 + 8 * metrics) / 0.7) + 2 * (4 + 8 + 24)


def _part(dimension: str, period: Period, rows: int, metrics: int, scheme: str) -> Part:
    if scheme == "sqlite":
        return Part(dimension, period, rows, _pages(rows * count_bytes(metrics)))
    return Part(dimension, period, rows, rows * postgresql_bytes(metrics))


def _rows(name: str, rows: int, each: int) -> Part:
    return Part(name, "", rows, _pages(rows * each))


def _pages(size: int) -> int:
    """The bytes of the pages that so many bytes of rows take at most.

    SQLite joins a page with its neighbours once more than two thirds of it are free, so a page is
    a third full at least. One page in 819 maps the others (`auto_vacuum`).
    """
    pages = ceil(size / ((PAGE - 12) / 3))
    return (pages + ceil(pages / 819)) * PAGE


WAITING: Final = 4_096
"""Bytes of a count that waits in memory at most: two texts of 200 characters, its places in
dictionaries, and the keys of the batch that it becomes. A test measures it."""
CANDIDATE: Final = 1_200
"""Bytes of a text that waits for its name at most."""


def memory(table: Mapping[str, Dimension]) -> int:
    """The bytes that counts and texts wait in at most, in each process."""
    opens = {row.vocabulary for row in table.values() if not row.closed}
    return BOUND * WAITING + len(opens) * CANDIDATES * CANDIDATE
