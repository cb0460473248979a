"""The same views as raw rows in DuckDB: a row for each view, asked what the stats page asks."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import numpy as np

from .year import Day, Year, texts

VIEW = ("country", "language", "browser", "os", "device", "served")
ENTRY = ("channel", "source", "referrer", "utm_campaign", "utm_source", "utm_medium")
PANELS = ("path", "channel", "language", "browser", "served")
"""What the panels of the page show at first, but for what was left out, which is no view."""


class Duck:
    """A table of views."""

    def __init__(self, file: Path) -> None:
        self._db = duckdb.connect(str(file))

    def fill(self, year: Year) -> int:
        """Write every view of a year; answers how many."""
        columns = ("path", *VIEW, *ENTRY)
        for name in columns:
            self._db.execute(f"create table names_{name} (id integer, name varchar)")
            self._db.executemany(
                f"insert into names_{name} values (?, ?)",  # noqa: S608
                list(enumerate(texts(name))),
            )
        typed = ", ".join(f"{name} varchar" for name in columns)
        self._db.execute(f"create table views (moment timestamp, visit boolean, {typed})")
        shown = ", ".join(f"names_{name}.name" for name in columns)
        joins = " ".join(
            f"left join names_{name} on names_{name}.id = day.{name}" for name in columns
        )
        views = 0
        for each in year.days():
            day = _columns(each)
            views += len(each.hours)
            self._db.execute(f"insert into views select moment, visit, {shown} from day {joins}")  # noqa: S608
            del day
        self._db.execute("checkpoint")
        return views

    def page(self, first: str, last: str, where: str = "") -> float:
        """Seconds for the totals, the series and the panels of a range of dates."""
        there = f"moment >= '{first}' and moment < date '{last}' + 1{where}"
        total = "count(*), count(*) filter (where visit)"
        statements = [
            f"select {total} from views where {there}",  # noqa: S608
            f"select date_trunc('month', moment), {total} from views where {there} group by 1",  # noqa: S608
            *(
                f"select {name}, count(*) as n, count(*) over () from views where {there}"  # noqa: S608
                f" and {name} is not null group by 1 order by n desc limit 8"
                for name in PANELS
            ),
        ]
        start = perf_counter()
        for statement in statements:
            self._db.execute(statement).fetchall()
        return perf_counter() - start

    def close(self) -> None:
        """Write all to the file."""
        self._db.close()


def _columns(day: Day) -> dict[str, Any]:
    """One day as columns of numbers; -1 stands for none."""
    found = {drawn.dimension: drawn for drawn in day.columns}
    path = found["path"]
    places: Sequence[int] = np.flatnonzero(path.entering)
    columns: dict[str, Any] = {"visit": path.entering, "path": path.values}
    midnight = np.datetime64(day.at, "s")
    columns["moment"] = (midnight + day.hours * np.timedelta64(3600, "s")).astype("datetime64[us]")
    columns |= {name: found[name].values for name in VIEW}
    for name in ENTRY:
        column = np.full(len(path.values), -1)
        values = found[name].values
        # Which of the visits have one does not matter here: as many as there are.
        column[places[: len(values)]] = values
        columns[name] = column
    return columns
