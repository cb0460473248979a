"""The two tables as data, for whoever asks of them over the network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from firstparty.metrics import METRICS
from firstparty.row import Dimension


def dimensions(rows: Iterable[Dimension]) -> list[dict[str, Any]]:
    """The rows that have numbers, each as what a page needs to ask for it and to show it."""
    return [_dimension(row) for row in rows if row.metrics]


def metrics() -> list[dict[str, Any]]:
    """Every metric, as a page needs to show it."""
    return [
        {
            "name": metric.name,
            "label": metric.label,
            "about": metric.about,
            "unit": metric.unit,
            "better": metric.better,
            "of_site": metric.of_site,
        }
        for metric in METRICS
    ]


def _dimension(row: Dimension) -> dict[str, Any]:
    return {
        "name": row.name,
        "label": row.label,
        "group": row.group,
        "alone": row.alone,
        "by": row.by if "crossed" in row.kept else None,
        "hourly": row.hourly,
        "basis": row.basis,
        "metrics": list(row.shows),
        "display": row.display,
        "closed": row.values != "open",
        "ordered": row.ordered,
        "values": list(row.values) if row.ordered else None,
        "named_by": row.named_by,
        "told": row.told,
    }
