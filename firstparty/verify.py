"""Whether a database of ours holds what the promise allows, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from firstparty import dictionary
from firstparty.dimensions import DIMENSIONS, EXPOSURE, PATH, ZONES
from firstparty.metrics import COUNTED
from firstparty.periods import KEPT_MINUTES, PERIODS, Calendar, Period, oldest
from firstparty.row import OTHER, UNLISTED, Dimension
from firstparty.stores import StoreError
from firstparty.stores import sqlite_schema as schema

ROWS: Final[Mapping[str, Dimension]] = {row.name: row for row in (*DIMENSIONS, ZONES, *EXPOSURE)}
"""The rows that we know. Those of an application of its own are checked for their shape alone."""
MOST: Final = 20
"""Findings of one kind that are told."""
LATE: Final = 2
"""Minutes and days for which what is old may still be there: it is deleted by a task."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not what the promise allows. Values are told only where they are ours."""

    where: str
    what: str


class Database:
    """A file of ours, open for reading alone."""

    def __init__(self, path: Path, now: float) -> None:
        if not path.is_file():
            raise StoreError(f"there is no file {path}")
        self.path = path
        self.now = now
        # Where no program has it open, SQLite is to make no file beside it.
        alone = not path.with_name(f"{path.name}-wal").exists()
        how = "mode=ro&immutable=1" if alone else "mode=ro"
        self._db = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)

    def close(self) -> None:
        """Read no more."""
        self._db.close()

    def rows(self, statement: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement."""
        yield from self._db.execute(statement, values)


def verify(path: Path, now: float) -> list[Finding]:
    """All that is wrong with a file; empty where nothing is. Raises StoreError for what is none."""
    database = Database(path, now)
    with closing(database):
        try:
            (number,) = next(database.rows("pragma application_id"))
            if number != schema.APPLICATION_ID:
                raise StoreError(f"{path} is no database of firstparty")
            found = list[Finding]()
            for check in CHECKS:
                found += _few(check(database))
            return found
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path} cannot be read: {error}") from None


def _few(findings: Iterable[Finding]) -> list[Finding]:
    found, more = list[Finding](), 0
    for each in findings:
        if len(found) < MOST:
            found.append(each)
        else:
            more += 1
    if more:
        found.append(Finding(found[-1].where, f"and {more} more of this kind"))
    return found


def _tables(database: Database) -> Iterator[Finding]:
    """Every table and column is one of the dictionary's."""
    names = [name for (name,) in database.rows("select name from sqlite_master where type='table'")]
    for name in names:
        if name not in dictionary.TABLES:
            if not name.startswith("sqlite_"):
                yield Finding(name, "this table is not in the data dictionary")
            continue
        for row in database.rows(f"pragma table_info({name})"):
            if row[1] not in dictionary.TABLES[name]:
                yield Finding(f"{name}.{row[1]}", "this column is not in the data dictionary")
    for view, text in database.rows("select name, sql from sqlite_master where type='view'"):
        if text.lower().split() != schema.VIEW.lower().split():
            yield Finding(view, "this view is not of ours")


def _values(database: Database) -> Iterator[Finding]:
    """Every value has the shape that the dictionary gives it."""
    there = {name for (name,) in database.rows("select name from sqlite_master where type='table'")}
    for name, columns in dictionary.TABLES.items():
        if name not in there:
            continue
        known = [row[1] for row in database.rows(f"pragma table_info({name})")]
        chosen = [column for each, column in columns.items() if each in known]
        listed = ", ".join(column.name for column in chosen)
        wrong = dict[str, int]()
        for row in database.rows(f"select {listed} from {name}"):
            for column, value in zip(chosen, row, strict=True):
                if not column.check(value):
                    wrong[column.name] = wrong.get(column.name, 0) + 1
        for column_name, number in wrong.items():
            about = columns[column_name].values
            yield Finding(f"{name}.{column_name}", f"{number} values are not: {about}")


def _names(database: Database) -> Iterator[Finding]:
    """Every name is one of a fixed list, or a text that has been masked."""
    statement = (
        "select dimensions.name, names.name from names"
        " left join dimensions on dimensions.id = names.dimension"
    )
    for dimension, name in database.rows(statement):
        row = ROWS.get(dimension)
        if row is None or name in {UNLISTED, OTHER}:
            continue
        where = f"names of {dimension}"
        if row.closed:
            if name not in row.values:
                yield Finding(where, "a name is not of the fixed list")
        elif row.minimise(name) != name and not name.startswith("*"):
            yield Finding(where, "a name is not masked")


def _counts(database: Database) -> Iterator[Finding]:
    """Every count is of a period that its dimension is kept for, and crossed only by the month."""
    named = dict(database.rows("select id, name from dimensions"))
    wrong = dict[str, int]()
    statement = "select period, dimension, at, path, value from counts"
    for period, dimension, at, path, value in database.rows(statement):
        what = _misplaced(period, named.get(dimension) if dimension else "", at, path, value)
        if what:
            wrong[what] = wrong.get(what, 0) + 1
    for what, number in wrong.items():
        yield Finding("counts", f"{number} {what}")


def _misplaced(period: int, dimension: str | None, at: int, path: int, value: int) -> str:
    if period not in range(len(PERIODS)):
        return "counts are of no period"
    name = PERIODS[period]
    if dimension is None:
        return "counts are of no dimension"
    if name == "minute" and (dimension or path or value):
        return "counts by the minute are not the site's bare total"
    if (name == "crossed") != bool(path):
        return "counts are crossed with a page, and not by the month"
    if name == "hour" and (at % 15 or dimension not in {"", PATH.name}):
        return "counts by the hour are not of the site or a page, or of no whole hour"
    if name == "day" and not dictionary.day(at):
        return "counts by the day are of no day"
    if name in {"month", "crossed"} and not dictionary.month(at):
        return "counts by the month are of no month"
    row = ROWS.get(dimension)
    if row is not None and name not in row.kept:
        return f"counts of {dimension} are kept by the {name}"
    return ""


def _ages(database: Database) -> Iterator[Finding]:
    """Nothing is older than it may be."""
    minute = int(database.now // 60) - KEPT_MINUTES - LATE
    for identity, zone in database.rows("select id, timezone from sites"):
        try:
            calendar = Calendar(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield Finding("sites.timezone", "a time zone is not known")
            continue
        first: dict[Period, int] = {
            **oldest(calendar, database.now - LATE * 86_400),
            "minute": minute,
        }
        for period, at in first.items():
            code = schema.CODES[period]
            statement = "select count(*) from counts where site = ? and period = ? and at < ?"
            (number,) = next(database.rows(statement, identity, code, at))
            if number:
                yield Finding("counts", f"{number} counts by the {period} are too old")
        (number,) = next(
            database.rows(
                "select count(*) from marks where site = ? and day < ?", identity, first["day"]
            )
        )
        if number:
            yield Finding("marks", f"{number} marks are too old")


def _small(database: Database) -> Iterator[Finding]:
    """No small crossed count is left in a month that has been closed."""
    statement = (
        "select closings.site, closings.at, closings.dimension, closings.least, dimensions.id"
        " from closings join dimensions on dimensions.name = closings.dimension"
        " where closings.kind = 'month'"
    )
    for site, month, name, least, identity in list(database.rows(statement)):
        row = ROWS.get(name)
        if row is None or row.basis not in COUNTED or not row.metrics:
            continue
        asked = (
            "select count(*) from counts where site = ? and period = ? and dimension = ?"
            f" and at = ? and {row.basis} < ?"
        )
        (number,) = next(database.rows(asked, site, schema.CROSSED, identity, month, least))
        if number:
            yield Finding("counts", f"{number} counts of {name} in the closed {month} are small")


def _present(database: Database) -> Iterator[Finding]:
    """Rows without a metric have no number."""
    numbers = " + ".join(f"abs({name})" for name in COUNTED)
    for row in EXPOSURE:
        if row.metrics:
            continue
        statement = (
            "select count(*) from counts join dimensions on dimensions.id = counts.dimension"
            f" where dimensions.name = ? and {numbers} > 0"
        )
        (number,) = next(database.rows(statement, row.name))
        if number:
            yield Finding("counts", f"{number} counts of {row.name} have a number")


def _file(database: Database) -> Iterator[Finding]:
    """The file and its companions are for their owner alone, and the write-ahead log is empty."""
    for end in ("", "-wal", "-shm"):
        file = database.path.with_name(database.path.name + end)
        if file.exists() and file.stat().st_mode & 0o077:
            yield Finding(file.name, "others than its owner may read this file: chmod 600")


Check = Callable[[Database], Iterator[Finding]]
CHECKS: Final[tuple[Check, ...]] = (
    _tables,
    _values,
    _names,
    _counts,
    _ages,
    _small,
    _present,
    _file,
)
