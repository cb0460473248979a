"""The answer about third parties, described for OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from firstparty.exposure.companies import CATEGORIES
from firstparty.exposure.loads import BY_KIND

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer", "minimum": 0}
_KINDS: Final = {"type": "array", "items": {"type": "string", "enum": list(BY_KIND)}}
_SEEN: Final = {
    "description": "A day; or a month, where its quiet days have been closed.",
    "type": "string",
    "pattern": r"^\d{4}-\d\d(-\d\d)?$",
}


def _all(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": dict(properties),
    }


_PARTY: Final = _all(
    {
        "host": _TEXT,
        "company": {"description": "Null where it is not known.", "type": ["string", "null"]},
        "category": {"enum": [*CATEGORIES, None]},
        "kinds": _KINDS,
        "paths": {"type": "array", "items": _all({"path": _TEXT, "kinds": _KINDS})},
        "total_paths": _NUMBER,
        "reports": _NUMBER,
        "reports_per_document": {"type": ["number", "null"], "minimum": 0},
        "first_seen": _SEEN,
        "last_seen": _SEEN,
        "new": {
            "description": "First seen in the last seven days; null where nobody knows.",
            "type": ["boolean", "null"],
        },
        "accepted": {"type": "boolean"},
        "purpose": _TEXT,
        "contract": _TEXT,
    }
)

ANSWER: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["exposure", "third_parties"],
    "properties": {
        "exposure": {"enum": ["off", "report", "block"]},
        "third_parties": {"type": "array", "items": _PARTY},
        "months": {"type": "array", "items": _TEXT},
        "sampled": {"description": "Documents that have asked for reports.", **_NUMBER},
        "unnamed_reports": {"description": "Of hosts that have no name yet.", **_NUMBER},
        "kinds": {
            "type": "object",
            "additionalProperties": _all({"label": _TEXT, "gets": _TEXT}),
        },
        "categories": {
            "description": "The words for categories.",
            "type": "object",
            "additionalProperties": _TEXT,
        },
        "companies_from": _TEXT,
    },
}
"""Of `GET /stats/api/exposure`."""
