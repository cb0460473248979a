"""What GoatCounter has counted: its CSV export, a line for each page view.

Names of columns: https://www.goatcounter.com/help/export, versions 1 and 2 of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from firstparty.importers import VISITORS, Came, Left, Row
from firstparty.importers.cells import records
from firstparty.importers.sheets import Sheet
from firstparty.importers.views import entered, happened, viewed, when
from firstparty.periods import Calendar
from firstparty.sources import campaign

VALUES: Final = {"browser": "browser", "system": "os", "location": "country"}
"""The dimensions of columns. Version 1 has the User-Agent in `browser`, which is not taken."""
COLUMNS: Final = {
    "session": VISITORS,
    "useragent": VISITORS,
    "user-agent": VISITORS,
    "title": "titles of pages are not kept here",
    "screen size": "sizes of screens are counted here in classes, of measured views",
}
"""What does not come along, and why."""
BOT: Final = "machines, which are no views"
DIRECT: Final = (
    "the file does not tell a visit without a referrer from a page view within the site: such"
    " visits do not come along"
)
CAMPAIGN, GENERATED = "c", "g"


def looks(sheet: Sheet) -> bool:
    """Whether it is such a file."""
    return sheet.head.lstrip('\ufeff"')[:5] in {"1Path", "2Path"}


def rows(sheet: Sheet, left: Left, calendar: Calendar) -> Iterator[Row]:
    """The page views of a file, but for those of machines."""
    if not looks(sheet):
        left.all(sheet.name, "GoatCounter's export begins with 2Path, or 1Path: it is none")
        return
    version = sheet.head.lstrip('\ufeff"')[0]
    left.all("visits without a referrer", DIRECT)
    for record in records(sheet, left):
        for column in record.keys() & COLUMNS.keys():
            left.all(column, COLUMNS[column])
        at = when(record.get("date", ""), calendar)
        path = record.get(f"{version}path", "")
        if at is None or not path:
            left.row(f"{sheet.name}: the row has no date, or no path")
            continue
        if record.get("bot", "0") != "0":
            left.row(BOT)
            continue
        if record.get("event", "").lower() in {"true", "1"}:
            yield from happened(at, path)
            continue
        path = path if path.startswith("/") else f"/{path}"
        values = {
            dimension: record[column]
            for column, dimension in VALUES.items()
            if column in record and not (version == "1" and column == "browser")
        }
        yield from viewed(at, path, values)
        came = _came(record, at.moment.date())
        if came is not None and record.get("firstvisit", "").lower() in {"true", "1"}:
            yield from entered(at, path, values, came)


def _came(record: Mapping[str, str], day: date) -> Came | None:
    """How a view came from elsewhere; None where the file does not say that it did."""
    text = record.get("referrer", "")
    query = record.get(next(iter(record)), "").partition("?")[2]
    said = campaign(query)
    if not text and not said:
        return None
    scheme = record.get("referrer scheme", "")
    if scheme == CAMPAIGN:
        return Came(day, 1, campaign=said or {"utm_source": text})
    if scheme == GENERATED:
        return Came(day, 1, campaign=said, source=text)
    return Came(day, 1, referrer=text, campaign=said)
