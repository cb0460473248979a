"""The stats API: questions in JSON, answers in JSON."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from firstparty import dead, goals, openapi, snippet
from firstparty.answer import answer
from firstparty.assets import SECURITY
from firstparty.collect import EXCLUDE_FAILED, UNSEEN
from firstparty.counting import Counting
from firstparty.counts import Read
from firstparty.dimensions import PATH
from firstparty.doors import CHALLENGE, Door, Viewer
from firstparty.hits import LEFT_OUT
from firstparty.metrics import COUNTED, METRICS
from firstparty.own import Guarded
from firstparty.periods import number_day
from firstparty.question import QuestionError, parse
from firstparty.row import UNLISTED, Dimension
from firstparty.shapes import is_list
from firstparty.stores import StoreError
from firstparty.tabulate import Context

log: Final = logging.getLogger("firstparty")

PAGEVIEWS: Final = COUNTED.index("pageviews")

MOST_BYTES: Final = 64 * 1024
"""Of a question's body."""
MOST_QUESTIONS: Final = 50
"""In one request."""

Endpoint = Callable[[Request, Viewer], Awaitable[Response]]


def reply(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that no cache keeps."""
    return JSONResponse(
        content, status, headers={**SECURITY, "cache-control": "no-store", **(headers or {})}
    )


class LargeError(QuestionError):
    """The question is too large to be read."""


async def _asked(request: Request) -> object:
    """The JSON of a request's body. Raises QuestionError."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise LargeError(f"the question is larger than {MOST_BYTES} bytes")
    try:
        found: object = json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise QuestionError("the body is not JSON") from None
    return found


class Api:
    """Answers questions about one site."""

    def __init__(self, counting: Counting, door: Door) -> None:
        self._settings = counting.settings
        self._table = counting.table
        self._calendar = counting.calendar
        self._flusher = counting.flusher
        self._collector = counting.collector
        self._accumulator = counting.accumulator
        self._store = counting.store
        self._paths = counting.paths
        self._clock = counting.clock
        self._door = door

    def routes(self) -> list[Route]:
        """The endpoints below `/stats/api`."""
        return [
            Route("/query", self.guarded(self.query), methods=["POST"]),
            Route("/goals", self.guarded(self.goals), methods=["POST"]),
            Route("/dead", self.guarded(self.dead), methods=["POST"]),
            Route("/dimensions", self.guarded(self.dimensions)),
            Route("/marks", self.guarded(self.marks)),
            Route("/health", self.guarded(self.health)),
            Route("/openapi.json", self.guarded(self.describe)),
        ]

    def guarded(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint behind the door; a store that is away is a 503 that says so."""

        async def inside(request: Request) -> Response:
            viewer = await self._door.viewer(request)
            if viewer is None:
                if self._door.asks:
                    return reply({"error": "the password is missing or wrong"}, 401, CHALLENGE)
                return reply({"error": "you may not read these numbers"}, 403)
            try:
                return await endpoint(request, viewer)
            except QuestionError as error:
                status = 413 if isinstance(error, LargeError) else 400
                return reply({"error": str(error)}, status)
            except Exception as error:
                if isinstance(error, StoreError | OSError):
                    self._flusher.outage.away(error)
                else:
                    log.exception("the stats API could not answer %s", request.url.path)
                detail = self._flusher.detail
                cause = f": {detail}" if detail and viewer == "owner" else "; counts go on"
                return reply({"error": f"the store cannot be read{cause}"}, 503)

        return inside

    def _context(self, viewer: Viewer) -> Context:
        return Context(
            self._table,
            self._calendar,
            self._clock(),
            self._settings.min_count,
            public=viewer == "public",
            closed=self._flusher.closed,
        )

    async def query(self, request: Request, viewer: Viewer) -> Response:
        """`POST /stats/api/query`: one question, or a list of them."""
        asked = await _asked(request)
        if is_list(asked) and len(asked) > MOST_QUESTIONS:
            raise QuestionError(f"at most {MOST_QUESTIONS} questions in one request")
        context = self._context(viewer)
        async with self._flusher.reading() as read:
            first = await self._first(context)
            if not is_list(asked):
                return reply(await self._answer(asked, context, read, first))
            answers = list[Any]()
            for each in asked:
                await asyncio.sleep(0)  # page views go first
                try:
                    answers.append(await self._answer(each, context, read, first))
                except QuestionError as error:
                    answers.append({"error": str(error)})
            return reply(answers)

    async def _first(self, context: Context) -> Any:
        stored = await self._store.first_day()
        if stored is not None:
            return number_day(stored)
        days = [
            key.at
            for key, vector in self._flusher.waiting().items()
            if key.period == "day" and vector[PAGEVIEWS]
        ]
        return number_day(min(days)) if days else None

    async def _answer(self, asked: object, context: Context, read: Read, first: Any) -> Any:
        return await answer(parse(asked, self._table, context.today, first), context, read)

    async def goals(self, request: Request, viewer: Viewer) -> Response:
        """`POST /stats/api/goals`: how often each goal was reached, and each step of a funnel."""
        asked = await _asked(request)
        context, settings = self._context(viewer), self._settings
        async with self._flusher.reading() as read:
            first = await self._first(context)
            return reply(
                await goals.report(asked, settings.goals, settings.funnels, context, first, read)
            )

    async def dead(self, request: Request, viewer: Viewer) -> Response:
        """`POST /stats/api/dead`: the application's own pages that nobody opened."""
        if viewer == "public":
            return reply({"error": "dead pages are not public"}, 403)
        asked = await _asked(request)
        context = self._context(viewer)
        root = str(request.scope.get("firstparty.root", ""))
        routed = dead.own(self._paths.routed, root, self._settings)
        async with self._flusher.reading() as read:
            first = await self._first(context)
            return reply(await dead.report(asked, routed, context, first, read))

    async def dimensions(self, request: Request, viewer: Viewer) -> Response:
        """`GET /stats/api/dimensions`: the two tables, and what a page needs to begin."""
        context = self._context(viewer)
        async with self._flusher.reading():
            first = await self._first(context)
        settings = self._settings
        root = str(request.scope.get("firstparty.root", ""))
        return reply(
            {
                "site": settings.site_name if settings.site else request.url.hostname,
                "timezone": settings.timezone,
                "today": context.today.isoformat(),
                "first_day": first.isoformat() if first else None,
                "viewer": viewer,
                "min_count": settings.min_count,
                "admit_after": settings.admit_after,
                "collect": settings.collect,
                "tag": snippet.tag(settings, root),
                "privacy": "privacy",
                "sign_in": "sign-in" if viewer == "public" and self._door.asks else None,
                "dimensions": [_describe(row) for row in self._table.values()],
                "metrics": [
                    {
                        "name": metric.name,
                        "label": metric.label,
                        "about": metric.about,
                        "unit": metric.unit,
                        "better": metric.better,
                        "of_site": metric.of_site,
                    }
                    for metric in METRICS
                ],
            }
        )

    async def marks(self, request: Request, viewer: Viewer) -> Response:
        """`GET /stats/api/marks`: what is marked on the chart, in time.

        For a public viewer nothing is: the version that runs would help an attacker.
        """
        found = await self._flusher.marks() if viewer == "owner" else []
        return reply(
            {
                "marks": [
                    {
                        "kind": mark.kind,
                        "text": mark.text,
                        "day": number_day(mark.day).isoformat(),
                        "hour": self._calendar.label(mark.at),
                    }
                    for mark in found
                ]
            }
        )

    async def health(self, request: Request, viewer: Viewer) -> Response:
        """`GET /stats/api/health`: whether counting works, and what is not in the numbers."""
        if viewer == "public":
            return reply({"error": "health is not public"}, 403)
        context = self._context(viewer)
        flusher = self._flusher
        left_out: dict[str, int] = {}
        unlisted: float | None = None
        try:
            async with flusher.reading() as read:
                left_out, unlisted = await self._honesty(context, read)
        except (StoreError, OSError) as error:
            flusher.outage.away(error)
        except Exception as error:
            log.debug("health without the store: %s", error)
        last = flusher.last_flush
        return reply(
            {
                "store": {
                    "kind": self._settings.store.partition(":")[0],
                    "state": flusher.state,
                    "detail": flusher.detail,
                },
                "unflushed": flusher.unflushed,
                "lost": flusher.lost,
                "late": flusher.late,
                "left_out": left_out,
                "unlisted": unlisted,
                "last_flush": datetime.fromtimestamp(last, self._calendar.zone).isoformat(
                    timespec="seconds"
                )
                if last
                else None,
                "warnings": self._warnings(unlisted),
            }
        )

    async def _honesty(self, context: Context, read: Read) -> tuple[dict[str, int], float | None]:
        """What was left out, by reason, and the share of unlisted page views, over 30 days."""
        today = context.today

        async def ask(dimension: Dimension) -> Any:
            body = {
                "metrics": [dimension.basis],
                "date_range": "30d",
                "dimensions": [dimension.name],
            }
            return await answer(parse(body, self._table, today, None), context, read)

        left_out = dict[str, int]()
        for row in self._table.values():
            if LEFT_OUT.name in row.kinds:
                reasons = await ask(row)
                left_out = {row["dimensions"][0]: row["metrics"][0] for row in reasons["results"]}
        return left_out, (await ask(PATH))["meta"]["unlisted"]

    def _warnings(self, unlisted: float | None) -> list[str]:
        found = [
            f"dimension {name} could not be read for a view: the log says why"
            for name, row in self._table.items()
            if isinstance(row.source, Guarded) and row.source.failed
        ]
        if self._flusher.state == "away":
            found.append(f"the store is away, counts wait in memory: {self._flusher.detail}")
        if self._flusher.lost:
            found.append(
                f"{self._flusher.lost} counts were lost: they found no room, or no store took them"
            )
        if self._collector.shared and not self._collector.beacons:
            found.append(UNSEEN)
        if self._collector.exclude_failed:
            found.append(EXCLUDE_FAILED)
        if self._collector.policy.advice:
            found.append(self._collector.policy.advice)
        if unlisted is not None and unlisted > 0.2:
            found.append(
                f"{round(100 * unlisted)} % of page views are {UNLISTED}: name families of paths"
                " with listed=, or count them as templates"
            )
        return found

    async def describe(self, request: Request, viewer: Viewer) -> Response:
        """`GET /stats/api/openapi.json`: this API in OpenAPI 3.1, made from the same tables."""
        return reply(openapi.document(self._table))


def _describe(row: Dimension) -> dict[str, Any]:
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
        "ordered": row.ordered,
        "values": list(row.values) if row.ordered else None,
        "named_by": row.named_by,
        "told": row.told,
    }
