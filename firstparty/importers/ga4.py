"""What Google Analytics 4 has counted: CSV of its reports, or JSON of its Data API (`runReport`).

Names: https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema for the API,
and the titles of columns that the reports have for the same in English. Numbers of a range of days
are not taken: each row has its day, by the dimension Date, or the file is of one day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from firstparty.importers import VISITORS, Came, ImporterError, Left, Past, Row
from firstparty.importers.cells import day, number, path_of
from firstparty.importers.sheets import Sheet
from firstparty.metrics import vector
from firstparty.periods import Calendar
from firstparty.shapes import is_list, is_object

DATE, NTH = "date", "nthday"
VALUES: Final = {
    "pagepath": "path",
    "pagepathandscreenclass": "path",
    "pagepathplusquerystring": "path",
    "pagepathquerystring": "path",
    "pagelocation": "path",
    "fullpageurl": "path",
    "browser": "browser",
    "operatingsystem": "os",
    "devicecategory": "device",
    "country": "country",
    "countryid": "country",
    "language": "language",
    "languagecode": "language",
}
"""The dimensions of columns, by the letters of their names."""
LANDING: Final = {"landingpage", "landingpageplusquerystring", "landingpagequerystring"}
"""The page that a session began with: its sessions are entries."""
EVENT: Final = "eventname"
SOURCE_MEDIUM: Final = "sessionsourcemedium"
CAME: Final = {
    "sessionsource": "utm_source",
    "sessionmedium": "utm_medium",
    "sessioncampaign": "utm_campaign",
    "sessioncampaignname": "utm_campaign",
    "sessionmanualsource": "utm_source",
    "sessionmanualmedium": "utm_medium",
    "sessionmanualcampaignname": "utm_campaign",
    "sessionmanualadcontent": "utm_content",
    "sessionmanualterm": "utm_term",
}
METRICS: Final = {"views": "pageviews", "screenpageviews": "pageviews", "sessions": "visits"}
EVENTS: Final = {"eventcount": "events"}
AUTOMATIC: Final = frozenset(
    (
        *("page_view", "session_start", "first_visit", "user_engagement", "scroll", "click"),
        *("first_open", "video_start", "video_progress", "video_complete", "form_start"),
    )
)
"""Events that GA4 collects by itself: https://support.google.com/analytics/answer/9234069."""

OF_PEOPLE: Final = re.compile(r"user|visitor|newvs|cohort|audience")
ENGAGED: Final = re.compile(r"engage|bounce|duration|persession|perview")
AMOUNT: Final = re.compile(r"[\d.,]*$")
"""A cell that is a number."""
MONEY: Final = re.compile(r"revenue|purchase|keyevent|conversion|transaction|value")
RANGED: Final = (
    "its numbers are of several days together: add the dimension Date (in a report: + beside the"
    " first column, Time, Date), or export a single day"
)
SEVERAL: Final = (
    "it crosses several dimensions, and history comes uncrossed: export one beside Date"
)


def looks(sheet: Sheet) -> bool:
    """Whether it is such a file."""
    if sheet.is_json:
        return '"dimensionHeaders"' in sheet.head or '"metricHeaders"' in sheet.head
    return sheet.head.lstrip("\ufeff").startswith("#") and "date:" in sheet.head.lower()


def rows(sheet: Sheet, left: Left, calendar: Calendar) -> Iterator[Row]:
    """What the tables of a file say: of a day one report alone says each number.

    Tables of the same columns are pages of one report (`offset`), which has a row once.
    """
    reports = dict[tuple[str, date, int], tuple[str, ...]]()
    there = set[tuple[object, ...]]()
    for table in _reports(sheet) if sheet.is_json else _tables(sheet):
        report = tuple(table.columns)
        for what, found in table.rows(left):
            row = (report, what)
            if row in there or any(reports.get(each, report) != report for each in _said(found)):
                left.row(f"{table.name}: another of its tables says it of the same day")
                continue
            there.add(row)
            reports |= dict.fromkeys(_said(found), report)
            yield from found


def _said(found: Sequence[Row]) -> list[tuple[str, date, int]]:
    """Which numbers these rows are about."""
    said = [("\0", each.day, 0) for each in found if isinstance(each, Came)]
    past = [each for each in found if isinstance(each, Past)]
    return said + [(of, on, i) for on, of, _, counts, _ in past for i, n in enumerate(counts) if n]


class _Table:
    """One table: its columns, and the range of days that it is of."""

    def __init__(self, name: str, columns: Sequence[str], first: date | None, last: date | None):
        self.name = name
        self.titles = list(columns)
        self.columns = [_letters(each) for each in columns]
        self.first, self.last = first, last
        self.cells: list[Sequence[str]] = []

    def rows(self, left: Left) -> Iterator[tuple[tuple[object, ...], list[Row]]]:
        """What its rows are about, and what they say of it."""
        known = {*VALUES, *LANDING, *CAME, *METRICS, *EVENTS, EVENT, SOURCE_MEDIUM, DATE, NTH}
        for title, column in zip(self.titles, self.columns, strict=True):
            if column not in known:
                left.all(title, _why(column))
        about = [each for each in self.columns if each in {*VALUES, *LANDING, EVENT}]
        ways = [each for each in self.columns if each in {*CAME, SOURCE_MEDIUM}]
        keys = {*about, *ways}
        strange = [each for each in self.columns if each not in known and not _is_metric(each)]
        if len(about) + bool(ways) > 1 or ((about or ways) and strange):
            left.all(self.name, SEVERAL)
            return
        if strange:
            left.all(self.name, "it is by a dimension that is not counted here")
            return
        if not self.single and not {DATE, NTH} & {*self.columns}:
            left.all(self.name, RANGED)
            return
        for row in self.cells:
            if len(row) != len(self.columns):
                left.row(f"{self.name}: the row has not a cell for each column, it may be cut off")
                continue
            record = dict(zip(self.columns, row, strict=True))
            on = self._day(record)
            if on is None:
                if any(row) and row[0].lower() not in {"grand total", "totals", ""}:
                    left.row(f"{self.name}: the row has no day")
                continue
            told = [cell for name, cell in record.items() if name in keys or not AMOUNT.match(cell)]
            yield (on, *told), [*_row(on, record, left, self.name)]

    @property
    def single(self) -> bool:
        """Whether it is of one day."""
        return self.first is not None and self.first == self.last

    def _day(self, record: Mapping[str, str]) -> date | None:
        if DATE in record:
            return day(record[DATE])
        if NTH in record:
            nth = number(record[NTH].lstrip("0") or "0")
            if nth is None or self.first is None:
                return None
            return self.first + timedelta(days=nth)
        return self.first


def _row(on: date, record: Mapping[str, str], left: Left, name: str) -> Iterator[Row]:
    counts = {ours: number(record[each]) for each, ours in METRICS.items() if each in record}
    events = {ours: number(record[each]) for each, ours in EVENTS.items() if each in record}
    if None in counts.values() or None in events.values():
        left.row(f"{name}: the row has not the numbers that it should have")
        return
    numbers = {ours: value for ours, value in counts.items() if value is not None}
    about = next((each for each in record if each in {*VALUES, *LANDING, EVENT}), "")
    if about == EVENT:
        what = record[EVENT]
        if what in AUTOMATIC or not events.get("events"):
            left.row("events that GA4 collects by itself, as page_view and session_start")
            return
        happened = vector(events=events["events"] or 0)
        yield Past(on, "event", what, happened)
        yield Past(on, "", "", happened)
    elif about in LANDING:
        value = _page(record[about])
        yield Past(on, "path", value, vector(visits=numbers.get("visits", 0)))
    elif about:
        path = VALUES[about] == "path"
        if path:
            # A session is not an entry of each page that it has seen.
            numbers.pop("visits", None)
        value = _page(record[about]) if path else record[about]
        yield Past(on, VALUES[about], value, vector(**numbers))
    elif any(each in CAME or each == SOURCE_MEDIUM for each in record):
        if numbers.get("visits"):
            yield _came(on, numbers["visits"], record)
    elif numbers:
        yield Past(on, "", "", vector(**numbers))


def _came(on: date, visits: int, record: Mapping[str, str]) -> Came:
    """How sessions came. GA4 gives each a source and a medium, also where no campaign had them."""
    said = {ours: record[each] for each, ours in CAME.items() if each in record}
    if SOURCE_MEDIUM in record:
        source, _, medium = record[SOURCE_MEDIUM].partition(" / ")
        said |= {"utm_source": source, "utm_medium": medium}
    said = {name: value for name, value in said.items() if value and not value.startswith("(")}
    medium = said.get("utm_medium", "")
    source = said.get("utm_source", "")
    if medium in {"organic", "referral", ""}:
        rest = {n: v for n, v in said.items() if n not in {"utm_source", "utm_medium"}}
        referrer = source if "." in source else ""
        return Came(on, visits, referrer, rest, "" if referrer else source)
    return Came(on, visits, campaign=said)


def _page(text: str) -> str:
    return path_of(text) if "://" in text else text


def _letters(title: str) -> str:
    return "".join(each for each in title.lower() if each.isascii() and each.isalnum())


def _is_metric(column: str) -> bool:
    return any(each.search(column) for each in (OF_PEOPLE, ENGAGED, MONEY)) or column in {
        *METRICS,
        *EVENTS,
        "eventcountperuser",
        "viewsperactiveuser",
    }


def _why(column: str) -> str:
    if ENGAGED.search(column):
        return "engagement and its opposite are measured otherwise here: they cannot be compared"
    if OF_PEOPLE.search(column):
        return VISITORS
    if MONEY.search(column):
        return "key events and money are not told from others in it: count them as goals here"
    return "it is not counted here"


def _tables(sheet: Sheet) -> Iterator[_Table]:
    """The tables of a CSV: each behind comments, which say its range of days."""
    first, last = None, None
    table: _Table | None = None
    for cells in sheet.rows():
        line = cells[0] if cells else ""
        if line.startswith("#"):
            if table is not None:
                yield table
                table, first, last = None, None, None
            words = ",".join(cells).lstrip("# ").lower()
            name, _, value = words.partition(":")
            if name == "start date":
                first = day(value)
            elif name == "end date":
                last = day(value)
        elif not any(cells):
            if table is not None:
                yield table
                table = None
        elif table is None:
            table = _Table(sheet.name, cells, first, last)
        else:
            table.cells.append(cells)
    if table is not None:
        yield table


def _reports(sheet: Sheet) -> Iterator[_Table]:
    """The reports in JSON: one, a list of them, or `reports` of a batch."""
    content: object = sheet.json()
    if is_object(content) and is_list(content.get("reports")):
        content = content["reports"]
    for report in content if is_list(content) else [content]:
        if not is_object(report) or "rows" not in report:
            raise ImporterError(f"{sheet.name} is no answer of runReport: it has no rows")
        heads = [*_names(report.get("dimensionHeaders")), *_names(report.get("metricHeaders"))]
        table = _Table(sheet.name, heads, None, None)
        found = report["rows"]
        for row in found if is_list(found) else ():
            cells = [*_values(row, "dimensionValues"), *_values(row, "metricValues")]
            table.cells.append(cells)
        yield table


def _names(heads: object) -> list[str]:
    return (
        [str(each.get("name", "")) for each in heads if is_object(each)] if is_list(heads) else []
    )


def _values(row: Any, name: str) -> list[str]:
    found: object = row.get(name) if is_object(row) else None
    return (
        [str(each.get("value", "")) for each in found if is_object(each)] if is_list(found) else []
    )
