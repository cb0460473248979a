"""What Matomo has counted: CSV or JSON of its reporting API, by the day.

Names of methods and columns: https://developer.matomo.org/api-reference/reporting-api. A file is
named after the method, as `Actions.getPageUrls.csv`: what is in it does not say which report it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import unquote

from firstparty.importers import VISITORS, Came, ImporterError, Left, Past, Row
from firstparty.importers.cells import day, number, path_of, records
from firstparty.importers.sheets import Sheet
from firstparty.metrics import vector
from firstparty.periods import Calendar
from firstparty.shapes import is_list, is_object

METHODS: Final = {
    "actions.get": ("", {"nb_pageviews": "pageviews"}),
    "visitssummary.get": ("", {"nb_visits": "visits"}),
    "actions.getpageurls": ("path", {"nb_hits": "pageviews", "entry_nb_visits": "visits"}),
    "actions.getentrypageurls": ("path", {"entry_nb_visits": "visits"}),
}
"""The dimension of a method, and the columns that are counts of ours."""
CAME: Final = {
    "referrers.getwebsites": "referrer",
    "referrers.getsocials": "source",
    "referrers.getaiassistants": "source",
    "referrers.getsearchengines": "source",
    "referrers.getcampaigns": "utm_campaign",
    "referrers.getreferrertype": "direct",
}
"""What the label of a report on sources is.

A visit has one type of referrer, so that each is in one of them: together they are a day's visits.
"""
VISITS_ALONE: Final = (
    "Matomo counts it by visits and actions, and not by page views, as it is counted here"
)
WITHOUT_VIEWS: Final = ("devicesdetection.", "usercountry.", "userlanguage.", "resolution.")
DIRECT: Final = ("direct entry", "direct entries", "direkte zugriffe", "entrées directes")

TITLES: Final = {
    "label": "label",
    "date": "date",
    "pageviews": "nb_hits",
    "visits": "nb_visits",
    "entrances": "entry_nb_visits",
    "url": "url",
}
"""The titles of columns in English, where `translateColumnNames` was not 0."""
OF_PEOPLE: Final = ("uniq", "users", "visitor")
MEASURED: Final = (
    *("bounce", "sum_", "avg_", "time", "exit", "max_", "min_", "nb_actions", "perf", "converted"),
    *("rate", "generation", "average", "download", "outlink", "search", "keyword"),
)
OTHERS: Final = ("others", "page url not defined", "-")


def looks(sheet: Sheet) -> bool:
    """Whether it is such a file."""
    head = sheet.head[:4096].lower()
    return _method(sheet) is not None or "nb_visits" in head or "nb_hits" in head


def _method(sheet: Sheet) -> str | None:
    """The method that a file is named after."""
    name = sheet.name.lower()
    known = [*METHODS, *CAME]
    known.sort(key=len, reverse=True)
    return next((each for each in known if name.startswith(each)), None)


def rows(sheet: Sheet, left: Left, calendar: Calendar) -> Iterator[Row]:
    """What a report says of each day."""
    method = _method(sheet)
    if method is None:
        known = sheet.name.lower().startswith(WITHOUT_VIEWS)
        names = "its name does not begin with a method that is known here, as Actions.getPageUrls"
        left.all(sheet.name, VISITS_ALONE if known else names)
        return
    for record in _json(sheet) if sheet.is_json else _table(sheet, left):
        for column in record:
            if why := _why(column):
                left.all(column, why)
        on = day(record.get("date"))
        if on is None:
            left.row(
                f"{sheet.name}: the row has no day: export with period=day and a range of dates, as"
                " date=2025-01-01,2025-12-31"
            )
            continue
        found = _came(method, on, record) if method in CAME else _past(method, on, record)
        if found is None:
            left.row(f"{sheet.name}: the row has not the numbers that it should have")
        else:
            yield from found


def _why(column: str) -> str | None:
    if any(each in column for each in OF_PEOPLE):
        return VISITORS
    if any(each in column for each in MEASURED):
        return "what Matomo measures so is measured otherwise here, or not at all"
    return None


def _past(method: str, on: date, record: Mapping[str, Any]) -> Iterator[Row] | None:
    dimension, columns = METHODS[method]
    if not columns.keys() & record.keys():
        return None
    counts = {ours: number(record.get(column) or 0) for column, ours in columns.items()}
    if None in counts.values():
        return None
    numbers = vector(**{ours: each or 0 for ours, each in counts.items()})
    return iter((Past(on, dimension, _path(record) if dimension else "", numbers),))


def _path(record: Mapping[str, Any]) -> str:
    """The path of a page: by its URL where the file has that, else by its label."""
    for column in ("url", "metadata_url"):
        if url := str(record.get(column) or ""):
            return path_of(url)
    label = str(record.get("label") or "")
    if label.lower() in OTHERS:
        return "(other)"
    label = label if label.startswith("/") else f"/{label}"
    return "/" if label == "/index" else label


def _came(method: str, on: date, record: Mapping[str, Any]) -> Iterator[Row] | None:
    visits = number(record.get("nb_visits"))
    if visits is None:
        return None
    label, what = str(record.get("label") or ""), CAME[method]
    if what == "referrer":
        return iter((Came(on, visits, referrer=label, part=method),))
    if what == "source":
        return iter((Came(on, visits, source=label, part=method),))
    if what == "utm_campaign":
        return iter((Came(on, visits, campaign={what: label}, part=method),))
    segment = unquote(str(record.get("segment", record.get("metadata_segment", ""))))
    direct = "referrertype==direct" in segment.lower() or label.lower() in DIRECT
    # The other types are told in detail by reports of their own.
    return iter((Came(on, visits, part=method),) if direct else ())


def _table(sheet: Sheet, left: Left) -> Iterator[Mapping[str, Any]]:
    for record in records(sheet, left):
        yield {TITLES.get(column, column): cell for column, cell in record.items()}


def _json(sheet: Sheet) -> Iterator[Mapping[str, Any]]:
    """Rows by day, as `period=day` with a range of dates has them."""
    content: object = sheet.json()
    if not is_object(content) or "result" in content:
        raise ImporterError(
            f"{sheet.name} is no report by the day: export with period=day and a range of dates"
        )
    for on, found in content.items():
        for row in found if is_list(found) else [found]:
            if is_object(row):
                yield {**row, "date": on}
