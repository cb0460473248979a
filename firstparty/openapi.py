"""The stats API described in OpenAPI 3.1, made from the tables that the code itself reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from firstparty import goals
from firstparty.exposure.described import ANSWER
from firstparty.marks import MOST_LETTERS, Kind
from firstparty.metrics import BY_NAME
from firstparty.question import ALIASES, FIELDS, MOST_ROWS, OPERATORS
from firstparty.ranges import INTERVALS, RANGES
from firstparty.row import Dimension
from firstparty.scales import PERCENTILES

TEXT = {"type": "string"}
DAYS = {
    "type": ["array", "null"],
    "items": {"type": "string", "format": "date"},
    "minItems": 2,
    "maxItems": 2,
}
ERROR = {"type": "object", "required": ["error"], "properties": {"error": TEXT}}


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


def document(table: Mapping[str, Dimension]) -> dict[str, Any]:
    """The description, for the dimensions of this site."""
    question = _question(table)
    assert set(question["properties"]) == FIELDS  # noqa: S101 - true to the code, or not at all
    asked = question["properties"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "firstparty stats",
            "version": "1",
            "description": "Aggregate counts of one site. No visitor is in them.",
        },
        "servers": [{"url": "."}],
        "components": {
            "securitySchemes": {"password": {"type": "http", "scheme": "basic"}},
            "schemas": {
                "Question": question,
                "Answer": _answer(),
                "Error": ERROR,
            },
        },
        "security": [{"password": []}, {}],
        "paths": {
            "/query": {
                "post": {
                    "summary": "Ask one question, or several at once.",
                    "requestBody": {
                        "required": True,
                        "content": _json(_one_or_many("Question", "Question")),
                    },
                    "responses": _responses(_one_or_many("Answer", "Answer", "Error")),
                }
            },
            "/goals": {
                "post": {
                    "summary": "How often each goal was reached, and each step of each funnel.",
                    "requestBody": {"required": True, "content": _json(_goals_question(asked))},
                    "responses": _responses(_goals()),
                }
            },
            "/dead": {
                "post": {
                    "summary": "The application's own pages that had no view. Not public.",
                    "requestBody": {
                        "required": True,
                        "content": _json(_asks({"date_range": asked["date_range"]})),
                    },
                    "responses": _responses(_dead()),
                }
            },
            "/dimensions": {
                "get": {
                    "summary": "The dimensions and metrics that can be asked for.",
                    "responses": _responses(
                        {
                            "type": "object",
                            "required": ["dimensions", "metrics"],
                            "properties": {
                                "dimensions": {"type": "array", "items": {"type": "object"}},
                                "metrics": {"type": "array", "items": {"type": "object"}},
                            },
                        }
                    ),
                }
            },
            "/exposure": {
                "get": {
                    "summary": "The third parties that pages of the site load from. Not public.",
                    "responses": _responses(ANSWER),
                }
            },
            "/marks": {
                "get": {
                    "summary": "What is marked on the chart, in time; empty on a public page.",
                    "responses": _responses(_marks()),
                }
            },
            "/health": {
                "get": {
                    "summary": "Whether counting works, and what is not in the numbers.",
                    "responses": _responses({"type": "object"}),
                }
            },
            "/openapi.json": {
                "get": {"summary": "This.", "responses": _responses({"type": "object"})}
            },
        },
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _one_or_many(one: str, *many: str) -> dict[str, Any]:
    items = [{"$ref": f"#/components/schemas/{name}"} for name in many]
    return {
        "oneOf": [
            {"$ref": f"#/components/schemas/{one}"},
            {"type": "array", "items": {"anyOf": items}},
        ]
    }


def _responses(schema: dict[str, Any]) -> dict[str, Any]:
    refused = {
        "400": "The question cannot be answered; the sentence says why.",
        "401": "The password is missing or wrong.",
        "403": "You may not read this.",
        "413": "The question is too large.",
        "503": "The store cannot be read now.",
    }
    error = {"$ref": "#/components/schemas/Error"}
    return {
        "200": {"description": "The answer.", "content": _json(schema)},
        **{
            status: {"description": about, "content": _json(error)}
            for status, about in refused.items()
        },
    }


def _question(table: Mapping[str, Dimension]) -> dict[str, Any]:
    names = {"type": "string", "enum": [*table, *ALIASES]}
    times = {"type": "string", "enum": ["time", *(f"time:{each}" for each in INTERVALS)]}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["metrics", "date_range"],
        "properties": {
            "site_id": {"description": "Ignored: there is one site.", **TEXT},
            "metrics": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "enum": list(BY_NAME)},
            },
            "date_range": {
                "oneOf": [
                    {"type": "string", "enum": list(RANGES)},
                    {"type": "string", "pattern": "^[0-9]{1,2}m$"},
                    {**DAYS, "type": "array"},
                ]
            },
            "dimensions": {"type": "array", "items": {"oneOf": [names, times]}},
            "filters": {
                "type": "array",
                "items": {
                    "type": "array",
                    "prefixItems": [
                        {"type": "string", "enum": list(OPERATORS)},
                        names,
                        {"type": "array", "items": TEXT, "minItems": 1},
                    ],
                    "minItems": 3,
                    "maxItems": 3,
                },
            },
            "order_by": {
                "type": "array",
                "items": {
                    "type": "array",
                    "prefixItems": [TEXT, {"type": "string", "enum": ["asc", "desc"]}],
                    "minItems": 2,
                    "maxItems": 2,
                },
            },
            "pagination": {
                "type": "object",
                "properties": {
                    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
                    "offset": {"type": "integer", "minimum": 0},
                },
            },
            "include": {
                "type": "object",
                "properties": {
                    "comparison": {
                        "oneOf": [
                            {"type": "string", "enum": ["previous_period", "previous_year"]},
                            {**DAYS, "type": "array"},
                            {"type": "null"},
                        ]
                    },
                    "total_rows": {"type": "boolean"},
                },
            },
        },
    }


def _marks() -> dict[str, Any]:
    about = {
        "kind": {"type": "string", "enum": [kind for kind in get_args(Kind) if kind != "setting"]},
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


def _answer() -> dict[str, Any]:
    numbers = {"type": "array", "items": {"type": ["number", "null"]}}
    texts = {"type": "array", "items": TEXT}
    return {
        "type": "object",
        "required": ["results", "meta", "query"],
        "properties": {
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


def _asks(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["date_range"],
        "properties": properties,
    }


def _goals_question(asked: Mapping[str, Any]) -> dict[str, Any]:
    comparison = asked["include"]["properties"]["comparison"]
    properties = {
        "date_range": asked["date_range"],
        "include": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"comparison": comparison},
        },
    }
    assert set(properties) == goals.FIELDS  # noqa: S101 - true to the code, or not at all
    return _asks(properties)


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


def _goals() -> dict[str, Any]:
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


def _dead() -> dict[str, Any]:
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
