"""What Plausible has counted: the zip of CSV files that its settings export.

Names of files and columns: Plausible's documentation of its CSV import and export,
https://plausible.io/docs/csv-import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final

from firstparty.importers import VISITORS, Came, Left, Past, Row
from firstparty.importers.cells import day, number, records
from firstparty.importers.sheets import Sheet
from firstparty.metrics import COUNTED, Vector
from firstparty.periods import Calendar

NAME: Final = re.compile(r"(imported_[a-z_]+?)(?:_\d{8}_\d{8})?\.csv")

METRICS: Final = {
    "imported_visitors": {"pageviews": "pageviews", "visits": "visits"},
    "imported_pages": {"pageviews": "pageviews"},
    "imported_entry_pages": {"entrances": "visits"},
    "imported_browsers": {"pageviews": "pageviews", "visits": "visits"},
    "imported_operating_systems": {"pageviews": "pageviews", "visits": "visits"},
    "imported_devices": {"pageviews": "pageviews", "visits": "visits"},
    "imported_locations": {"pageviews": "pageviews", "visits": "visits"},
    "imported_custom_events": {"events": "events"},
}
"""The columns that are counts of ours, by file."""
VALUES: Final = {
    "imported_visitors": ("", ""),
    "imported_pages": ("path", "page"),
    "imported_entry_pages": ("path", "entry_page"),
    "imported_browsers": ("browser", "browser"),
    "imported_operating_systems": ("os", "operating_system"),
    "imported_devices": ("device", "device"),
    "imported_locations": ("country", "country"),
    "imported_custom_events": ("event", "name"),
}
"""The dimension of a file, and the column that has its value."""
LINKS: Final = {
    "Outbound Link: Click": "outbound",
    "File Download": "download",
}
"""What Plausible's own scripts name an event whose `link_url` is the value."""
CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")

FILES: Final = {
    "imported_exit_pages": "exits are worked out here from departures, and sessions have none",
}
COLUMNS: Final = {
    "visitors": VISITORS,
    "bounces": "a bounce of Plausible is a session of one view; here it is an estimate of its own",
    "visit_duration": "how long visits last is not known here: time is counted for each page",
    "time_on_page": "time is counted here for each measured view, of which the file says nothing",
    "total_scroll_depth": "scroll depth is counted here in quarters, and is an average there",
    "total_scroll_depth_visits": "see total_scroll_depth",
    "total_time_on_page": "time is counted here for each measured view",
    "total_time_on_page_visits": "see total_time_on_page",
    "browser_version": "versions are not kept here",
    "operating_system_version": "versions are not kept here",
    "region": "places smaller than a country are not kept here",
    "city": "places smaller than a country are not kept here",
    "exits": "exits are worked out here from departures",
    "hostname": "all hosts of a site are one here",
    "path": "the page of an event would be crossed with it, and history comes uncrossed",
}
"""What does not come along, and why."""


def looks(sheet: Sheet) -> bool:
    """Whether it is a file of such a zip."""
    return NAME.fullmatch(sheet.name) is not None and sheet.head[:6].strip('\ufeff"') != ""


def rows(sheet: Sheet, left: Left, calendar: Calendar) -> Iterator[Row]:
    """What a file of the zip says. Its days are those of the site's zone there."""
    match = NAME.fullmatch(sheet.name)
    name = match[1] if match else ""
    if name in FILES:
        left.all(sheet.name, FILES[name])
    elif name == "imported_sources":
        yield from _read(sheet, left, _came)
    elif name in VALUES:
        yield from _read(sheet, left, _past(name))
    else:
        left.all(sheet.name, "no file of Plausible's export, as imported_pages_….csv, is so called")


Make = Callable[[date, Mapping[str, str]], Iterator[Row] | None]
"""Makes rows of a record; None where a number in it is none."""


def _read(sheet: Sheet, left: Left, make: Make) -> Iterator[Row]:
    for record in records(sheet, left):
        for column in record.keys() & COLUMNS.keys():
            left.all(column, COLUMNS[column])
        on = day(record.get("date"))
        if on is None:
            left.row(f"{sheet.name}: the row has no day")
            continue
        made = make(on, record)
        if made is None:
            left.row(f"{sheet.name}: the row has not the numbers that it should have")
        else:
            yield from made


def _past(name: str) -> Make:
    dimension, column = VALUES[name]

    def make(on: date, record: Mapping[str, str]) -> Iterator[Row] | None:
        counts = _counts(record, METRICS[name])
        if counts is None or (column and column not in record):
            return None
        value = record.get(column, "")
        if link := LINKS.get(value):
            return iter(
                (Past(on, link, record.get("link_url", ""), counts), Past(on, "", "", counts))
            )
        made = Past(on, dimension, value, counts)
        if dimension == "event":
            return iter((made, Past(on, "", "", counts)))
        return iter((made,))

    return make


def _came(on: date, record: Mapping[str, str]) -> Iterator[Row] | None:
    visits = number(record.get("visits"))
    if visits is None:
        return None
    campaign = {name: record[name] for name in CAMPAIGN if record.get(name)}
    source = record.get("source", "")
    return iter((Came(on, visits, record.get("referrer", ""), campaign, source),))


def _counts(record: Mapping[str, str], columns: Mapping[str, str]) -> Vector | None:
    found = {ours: number(record.get(theirs, "0")) for theirs, ours in columns.items()}
    if None in found.values():
        return None
    return tuple(found.get(name) or 0 for name in COUNTED)
