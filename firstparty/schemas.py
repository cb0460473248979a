"""The schemas of the stats API's answers, for its OpenAPI description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from firstparty import goals as reached
from firstparty.changes import LINKS, NOTES
from firstparty.marks import MOST_LETTERS, Kind
from firstparty.ranges import INTERVALS
from firstparty.scales import PERCENTILES

TEXT = {"type": "string"}
DATE = {"type": "string", "format": "date"}
DAYS = {
    "type": ["array", "null"],
    "items": {"type": "string", "format": "date"},
    "minItems": 2,
    "maxItems": 2,
}

PERCENTILES_OF: Final = {
    "type": "object",
    "required": ["dimensions", "unit", "ratings", *(f"p{percent}" for percent in PERCENTILES)],
    "properties": {
        "dimensions": {"type": "array", "items": TEXT},
        **{f"p{percent}": {"type": ["integer", "null"]} for percent in PERCENTILES},
        "unit": {"type": "string", "enum": ["ms", "s", "thousandths"]},
        "ratings": {
            "type": ["object", "null"],
            "properties": {
                name: {"type": "integer"} for name in ("good", "needs_improvement", "poor")
            },
        },
    },
}


def marks() -> dict[str, Any]:
    """What is marked on the chart."""
    about = {
        "kind": {"type": "string", "enum": [each for each in get_args(Kind) if each != "setting"]},
        "text": {"type": "string", "minLength": 1, "maxLength": MOST_LETTERS},
        "day": {"type": "string", "format": "date"},
        "hour": {
            "description": "The start of the hour, in the site's time zone.",
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d$",
        },
    }
    mark = {
        "type": "object",
        "additionalProperties": False,
        "required": list(about),
        "properties": about,
    }
    return {
        "type": "object",
        "required": ["marks"],
        "properties": {"marks": {"type": "array", "items": mark}},
    }


def answer() -> dict[str, Any]:
    """The answer to a question."""
    numbers = {"type": "array", "items": {"type": ["number", "null"]}}
    texts = {"type": "array", "items": TEXT}
    return {
        "type": "object",
        "required": ["meta", "query"],
        "properties": {
            "columns": {
                "description": "In place of `results`, where `include` asks for it: a list for each"
                " dimension and each metric.",
                "type": "object",
                "required": ["dimensions", "metrics"],
                "properties": {
                    "dimensions": {"type": "array", "items": texts},
                    "metrics": {"type": "array", "items": numbers},
                    "comparison": {
                        "type": "object",
                        "required": ["metrics"],
                        "properties": {
                            "dimensions": {
                                "type": "array",
                                "items": {"type": "array", "items": {"type": ["string", "null"]}},
                            },
                            "metrics": {"type": "array", "items": numbers},
                        },
                    },
                },
            },
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["dimensions", "metrics"],
                    "properties": {
                        "dimensions": texts,
                        "metrics": numbers,
                        "comparison": {
                            "type": "object",
                            "properties": {"dimensions": texts, "metrics": numbers},
                        },
                    },
                },
            },
            "meta": {
                "type": "object",
                "properties": {
                    "range": {"description": "The days really answered.", **DAYS},
                    "comparison_range": DAYS,
                    "interval": {"type": ["string", "null"], "enum": [*INTERVALS, None]},
                    "running": {
                        "description": "The bucket that is not over.",
                        "type": ["string", "null"],
                    },
                    "whole_months": {"type": "boolean"},
                    "unlisted": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
                    "quiet": texts,
                    "imported": {
                        "description": "What another tool had counted of these days, and how its"
                        " visits differ; or, with `lines`, what was counted from access logs.",
                        "type": "array",
                        "items": _all(
                            {
                                "tool": TEXT,
                                "first": DATE,
                                "last": DATE,
                                "visits": TEXT,
                                "lines": {"type": "boolean"},
                            }
                        ),
                    },
                    "withheld": {"type": "boolean"},
                    "timezone": TEXT,
                    "now": {"type": "string", "format": "date-time"},
                    "total_rows": {"type": "integer"},
                    "percentiles": {
                        "description": "Of a dimension with a scale, for each group of the others:"
                        " estimates, from the ranges that are shown.",
                        "type": "array",
                        "items": PERCENTILES_OF,
                    },
                },
            },
            "query": {"type": "object"},
        },
    }


def asks(properties: dict[str, Any]) -> dict[str, Any]:
    """A question about a range of dates, with these fields."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["date_range"],
        "properties": properties,
    }


def goals_question(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A question about goals; `asked` are the fields of any question."""
    comparison = asked["include"]["properties"]["comparison"]
    properties = {
        "date_range": asked["date_range"],
        "include": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"comparison": comparison},
        },
    }
    assert set(properties) == reached.FIELDS  # noqa: S101 - true to the code, or not at all
    return asks(properties)


def _all(properties: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object that has all of these, perhaps the optional ones, and nothing else."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": {**properties, **optional},
    }


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def goals() -> dict[str, Any]:
    """How often goals were reached."""
    count = {"description": "Of views or events; null where withheld.", "type": ["integer", "null"]}
    percent = {"type": ["number", "null"], "minimum": 0}
    counted = {"count": count, "conversion": {"description": "Percent of the visits.", **percent}}
    step = {"name": TEXT, "count": count, "from_before": percent, "from_first": percent}
    return _all(
        {
            "goals": _list_of(_all({"name": TEXT, **counted}, comparison=_all(counted))),
            "funnels": _list_of(_all({"name": TEXT, "steps": _list_of(_all(step))})),
            "meta": _all(
                {
                    "range": {"description": "The days really answered.", **DAYS},
                    "comparison_range": DAYS,
                    "timezone": TEXT,
                    "whole_months": {"type": "boolean"},
                    "withheld": {"type": "boolean"},
                }
            ),
        }
    )


def dead() -> dict[str, Any]:
    """Pages that nobody opened."""
    unlisted = {
        "description": "The share of page views without a name, which may be of these pages.",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
    }
    return _all(
        {
            "pages": _list_of(TEXT),
            "routes": {"description": "How many pages the route table has.", "type": "integer"},
            "meta": _all({"range": DAYS, "unlisted": unlisted}),
        }
    )


def notes_change() -> dict[str, Any]:
    """A change of notes: one that comes, one that goes, or both."""
    note = _all({"day": {**TEXT, "format": "date"}, "text": {**TEXT, "minLength": 1}})
    assert {"add", "remove"} == NOTES  # noqa: S101 - true to the code, or not at all
    return {**_all({}, add=note, remove=note), "minProperties": 1}


def links() -> dict[str, Any]:
    """The links that were made."""
    link = {
        "name": TEXT,
        "token": TEXT,
        "until": {"description": "The last day.", **TEXT, "format": "date"},
        "over": {"description": "Whether that day has passed.", "type": "boolean"},
    }
    return _all({"links": _list_of(_all(link))})


def links_change() -> dict[str, Any]:
    """A change of links: one that is made, one that is revoked."""
    make = _all({"name": {**TEXT, "minLength": 1}, "until": {**TEXT, "format": "date"}})
    assert {"make", "revoke"} == LINKS  # noqa: S101 - true to the code, or not at all
    return {**_all({}, make=make, revoke=TEXT), "minProperties": 1}
