"""The stats API described in OpenAPI 3.1, made from the tables that the code itself reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firstparty import schemas
from firstparty.exposure.described import ANSWER
from firstparty.metrics import BY_NAME
from firstparty.question import ALIASES, FIELDS, MOST_ROWS, OPERATORS
from firstparty.ranges import INTERVALS, RANGES
from firstparty.row import Dimension
from firstparty.schemas import DAYS, TEXT

ERROR = {"type": "object", "required": ["error"], "properties": {"error": TEXT}}


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
            "securitySchemes": {
                "password": {"type": "http", "scheme": "basic"},
                "link": {"type": "apiKey", "in": "header", "name": "Firstparty-Link"},
            },
            "schemas": {
                "Question": question,
                "Answer": schemas.answer(),
                "Error": ERROR,
            },
        },
        "security": [{"password": []}, {"link": []}, {}],
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
                    "requestBody": {
                        "required": True,
                        "content": _json(schemas.goals_question(asked)),
                    },
                    "responses": _responses(schemas.goals()),
                }
            },
            "/dead": {
                "post": {
                    "summary": "The application's own pages that had no view. Not public.",
                    "requestBody": {
                        "required": True,
                        "content": _json(schemas.asks({"date_range": asked["date_range"]})),
                    },
                    "responses": _responses(schemas.dead()),
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
                    "parameters": [
                        {
                            "name": "lang",
                            "in": "query",
                            "description": "The language of what kinds and categories mean.",
                            "schema": {"enum": ["en", "fr"], "default": "en"},
                        }
                    ],
                    "responses": _responses(ANSWER),
                }
            },
            "/marks": {
                "get": {
                    "summary": "What is marked on the chart, in time; empty on a public page.",
                    "responses": _responses(schemas.marks()),
                },
                "post": {
                    "summary": "Add a note to a day, or remove one. From a page of ours only.",
                    "requestBody": {"required": True, "content": _json(schemas.notes_change())},
                    "responses": _responses(schemas.marks()),
                },
            },
            "/links": {
                "get": {
                    "summary": "The links to the page that were made for others. Not public.",
                    "responses": _responses(schemas.links()),
                },
                "post": {
                    "summary": "Make a link, or revoke one. From a page of ours only.",
                    "requestBody": {"required": True, "content": _json(schemas.links_change())},
                    "responses": _responses(schemas.links()),
                },
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
                    "columns": {
                        "description": "The answer as columns in place of rows: half the bytes.",
                        "type": "boolean",
                    },
                },
            },
        },
    }
