"""What Cloudflare Web Analytics has counted: the JSON that its GraphQL API answers.

Names of data sets and fields: https://developers.cloudflare.com/analytics/graphql-api/ and
https://developers.cloudflare.com/web-analytics/. A group is known by what is in it, as a query may
give it another name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from firstparty.importers import VISITORS, Came, Left, Past, Row
from firstparty.importers.cells import day, number
from firstparty.importers.sheets import Sheet
from firstparty.metrics import vector
from firstparty.periods import Calendar
from firstparty.shapes import is_list, is_object

VALUES: Final = {
    "requestPath": "path",
    "countryName": "country",
    "userAgentBrowser": "browser",
    "userAgentOS": "os",
    "deviceType": "device",
}
"""The dimensions of fields, each counted by page views (`count`) and visits (`sum.visits`)."""
REFERRER: Final = "refererHost"
DAY: Final = ("date", "datetime", "datetimeHour", "timeslot")
REQUESTS: Final = (
    "requests of a zone are also those of machines, which are no views here: query"
    " rumPageloadEventsAdaptiveGroups, which is Web Analytics"
)


def looks(sheet: Sheet) -> bool:
    """Whether it is such an answer."""
    return sheet.is_json and '"viewer"' in sheet.head


def rows(sheet: Sheet, left: Left, calendar: Calendar) -> Iterator[Row]:
    """What the groups of an answer say."""
    if not looks(sheet):
        left.all(sheet.name, "no answer of Cloudflare's GraphQL API, which has a viewer in it")
        return
    taken = set[str]()
    for name, groups in _groups(sheet.json()):
        first = groups[0]
        if "count" not in first or not is_object(first.get("dimensions")):
            left.all(name, REQUESTS)
            continue
        fields = {*first["dimensions"]} & {*VALUES, REFERRER} or {""}
        if fields & taken:
            left.all(name, "another group of the answer says it already")
            continue
        taken |= fields
        left.all("sampling", "Cloudflare estimates all of it from a sample: it is taken as it is")
        for group in groups:
            yield from _rows(group, name, left)
    if not taken:
        left.all(sheet.name, "no group of rumPageloadEventsAdaptiveGroups is in the answer")


def _groups(content: Any) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The lists of groups in an answer, by their names."""
    if is_object(content):
        for name, each in content.items():
            if is_list(each) and each and is_object(each[0]) and "dimensions" in each[0]:
                yield name, [dict(group) for group in each if is_object(group)]
            else:
                yield from _groups(each)
    elif is_list(content):
        for each in content:
            yield from _groups(each)


def _rows(group: Mapping[str, Any], name: str, left: Left) -> Iterator[Row]:
    told: object = group.get("dimensions")
    dimensions = dict(told) if is_object(told) else {}
    sums: object = group.get("sum")
    views = number(group.get("count"))
    visits = number(sums.get("visits", 0)) if is_object(sums) else 0
    on = next((found for each in DAY if (found := day(dimensions.get(each)))), None)
    if "uniq" in group:
        left.all("uniques", VISITORS)
    if on is None or views is None or visits is None:
        left.row(f"{name}: the group has no date, or no numbers")
        return
    yield from _of_group(on, dimensions, views, visits)


def _of_group(on: date, fields: Mapping[str, Any], views: int, visits: int) -> Iterator[Row]:
    counts = vector(pageviews=views, visits=visits)
    there = [(VALUES[field], str(value)) for field, value in fields.items() if field in VALUES]
    for dimension, value in there:
        yield Past(on, dimension, value, counts)
    if REFERRER in fields:
        if visits:
            yield Came(on, visits, str(fields[REFERRER] or ""))
    elif not there:
        yield Past(on, "", "", counts)
