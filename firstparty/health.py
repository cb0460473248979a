"""Whether counting works, and what is not in the numbers."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Final

from firstparty.answer import answer
from firstparty.collect import EXCLUDE_FAILED, UNSEEN
from firstparty.counting import Counting
from firstparty.counts import Read
from firstparty.dimensions import PATH
from firstparty.hits import LEFT_OUT
from firstparty.own import Guarded
from firstparty.plan import Context
from firstparty.question import parse
from firstparty.row import UNLISTED, Dimension
from firstparty.stores import StoreError

log: Final = logging.getLogger("firstparty")


async def report(counting: Counting, context: Context) -> dict[str, Any]:
    """The answer of `GET /stats/api/health`, as JSON, also where the store is away."""
    flusher = counting.flusher
    left_out: dict[str, int] = {}
    unlisted: float | None = None
    try:
        async with flusher.reading() as read:
            left_out, unlisted = await _honesty(context, read)
    except (StoreError, OSError) as error:
        flusher.outage.away(error)
    except Exception as error:
        log.debug("health without the store: %s", error)
    last = flusher.last_flush
    return {
        "store": {
            "kind": counting.settings.store.partition(":")[0],
            "state": flusher.state,
            "detail": flusher.detail,
        },
        "unflushed": flusher.unflushed,
        "lost": flusher.lost,
        "late": flusher.late,
        "left_out": left_out,
        "unlisted": unlisted,
        "last_flush": datetime.fromtimestamp(last, counting.calendar.zone).isoformat(
            timespec="seconds"
        )
        if last
        else None,
        "warnings": _warnings(counting, unlisted),
    }


async def _honesty(context: Context, read: Read) -> tuple[dict[str, int], float | None]:
    """What was left out, by reason, and the share of unlisted page views, over 30 days."""

    async def ask(dimension: Dimension) -> Any:
        body = {
            "metrics": [dimension.basis],
            "date_range": "30d",
            "dimensions": [dimension.name],
        }
        return await answer(parse(body, context.table, context.today, None), context, read)

    left_out = dict[str, int]()
    for row in context.table.values():
        if LEFT_OUT.name in row.kinds:
            reasons = await ask(row)
            left_out = {row["dimensions"][0]: row["metrics"][0] for row in reasons["results"]}
    return left_out, (await ask(PATH))["meta"]["unlisted"]


def _warnings(counting: Counting, unlisted: float | None) -> list[str]:
    flusher, collector = counting.flusher, counting.collector
    found = [
        f"dimension {name} could not be read for a view: the log says why"
        for name, row in counting.table.items()
        if isinstance(row.source, Guarded) and row.source.failed
    ]
    if flusher.state == "away":
        found.append(f"the store is away, counts wait in memory: {flusher.detail}")
    if flusher.lost:
        found.append(f"{flusher.lost} counts were lost: they found no room, or no store took them")
    if collector.shared and not collector.beacons:
        found.append(UNSEEN)
    if collector.exclude_failed:
        found.append(EXCLUDE_FAILED)
    found.extend(counting.accepted.warnings)
    if collector.policy.advice:
        found.append(collector.policy.advice)
    if unlisted is not None and unlisted > 0.2:
        found.append(
            f"{round(100 * unlisted)} % of page views are {UNLISTED}: name families of paths"
            " with listed=, or count them as templates"
        )
    return found
