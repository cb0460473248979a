"""What Umami has counted: the CSV of its events, or the JSON that its API has of page views.

Names of columns: the table website_event of Umami's schema (github.com/umami-software/umami,
db/clickhouse/schema.sql); of the JSON: https://umami.is/docs/api/website-stats, `pageviews`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstparty.importers import VISITORS, Came, Left, Past, Row
from firstparty.importers.cells import day, number, records
from firstparty.importers.sheets import Sheet
from firstparty.importers.views import entered, happened, viewed, when
from firstparty.metrics import vector
from firstparty.periods import Calendar
from firstparty.shapes import is_list, is_object
from firstparty.sources import campaign

VALUES: Final = {
    "browser": "browser",
    "os": "os",
    "device": "device",
    "language": "language",
    "country": "country",
}
"""The dimensions of columns, which are called alike."""
CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
CLICK_IDS: Final = ("gclid", "fbclid", "msclkid", "ttclid", "li_fat_id", "twclid")
PLACES: Final = "places smaller than a country are not kept here"
COLUMNS: Final = {
    **dict.fromkeys(("session_id", "visit_id", "event_id", "distinct_id"), VISITORS),
    **dict.fromkeys(CLICK_IDS, "the number of a click is one of a person, and is not read"),
    **dict.fromkeys(("region", "subdivision1", "subdivision2", "city"), PLACES),
    "screen": "sizes of screens are counted here in classes, of measured views",
    "page_title": "titles of pages are not kept here",
    "referrer_path": "of a referrer the host alone is kept",
    "referrer_query": "of a referrer the host alone is kept",
    "tag": "tags are not known here",
}
"""What does not come along, and why."""
DIRECT: Final = (
    "who comes without a referrer is told by an identifier alone, which is not read: such visits do"
    " not come along"
)
NEEDED: Final = {"url_path", "created_at"}
VIEW, EVENT = "1", "2"


def looks(sheet: Sheet) -> bool:
    """Whether it is such a file."""
    if sheet.is_json:
        return '"pageviews"' in sheet.head and '"sessions"' in sheet.head
    first = sheet.head.partition("\n")[0].lower()
    return "url_path" in first and "created_at" in first


def rows(sheet: Sheet, left: Left, calendar: Calendar) -> Iterator[Row]:
    """The page views and events of a file."""
    if not looks(sheet):
        left.all(sheet.name, "no table of Umami's events, with url_path and created_at")
    elif sheet.is_json:
        yield from _totals(sheet.json(), sheet.name, left)
    else:
        left.all("visits without a referrer", DIRECT)
        yield from _events(sheet, left, calendar)


def _totals(content: Any, name: str, left: Left) -> Iterator[Row]:
    left.all("sessions", VISITORS)
    found: object = content.get("pageviews") if is_object(content) else None
    for each in found if is_list(found) else ():
        on = day(each.get("x", each.get("t"))) if is_object(each) else None
        views = number(each.get("y")) if is_object(each) else None
        if on is None or views is None:
            left.row(f"{name}: the row has no day, or no number")
        else:
            yield Past(on, "", "", vector(pageviews=views))


def _events(sheet: Sheet, left: Left, calendar: Calendar) -> Iterator[Row]:
    for record in records(sheet, left):
        for column in record.keys() & COLUMNS.keys():
            left.all(column, COLUMNS[column])
        at = when(record.get("created_at", ""), calendar)
        path = record.get("url_path", "")
        if at is None or not path:
            left.row(f"{sheet.name}: the row has no date, or no path")
            continue
        name = record.get("event_name", "")
        kind = record.get("event_type") or (EVENT if name else VIEW)
        if kind == EVENT:
            yield from happened(at, name)
            continue
        if kind != VIEW:
            left.row("rows that are neither a page view nor an event")
            continue
        query = record.get("url_query", "").removeprefix("?")
        page = f"{path}?{query}" if query else path
        values = {name: record[column] for column, name in VALUES.items() if column in record}
        yield from viewed(at, page, values)
        said = {**campaign(query), **_campaign(record)}
        referrer = record.get("referrer_domain", "")
        if (referrer and referrer != record.get("hostname")) or said:
            came = Came(at.moment.date(), 1, referrer, said)
            yield from entered(at, page, values, came)


def _campaign(record: Mapping[str, str]) -> dict[str, str]:
    return {name: record[name] for name in CAMPAIGN if record.get(name)}
