"""The stats API: questions in JSON, answers in JSON."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from firstparty import dead, goals, health, openapi, snippet, tables
from firstparty.answer import answer
from firstparty.changes import link_asked, note_asked
from firstparty.counting import Counting
from firstparty.counts import Read
from firstparty.dimensions import EXPOSURE
from firstparty.doors import CHALLENGE, Door, Viewer, refusal
from firstparty.exposure import report as exposed
from firstparty.exposure.register import Register
from firstparty.links import HEADER, over
from firstparty.metrics import COUNTED
from firstparty.periods import number_day
from firstparty.plan import Context
from firstparty.question import QuestionError, parse
from firstparty.replies import LargeError, body, reply
from firstparty.row import Dimension
from firstparty.shapes import is_list
from firstparty.stores import StoreError

log: Final = logging.getLogger("firstparty")

PAGEVIEWS: Final = COUNTED.index("pageviews")

MOST_QUESTIONS: Final = 50
"""In one request."""

Endpoint = Callable[[Request, Viewer], Awaitable[Response]]


class Api:
    """Answers questions about one site."""

    def __init__(self, counting: Counting, door: Door) -> None:
        self._counting = counting
        self._settings = counting.settings
        self._table = counting.table
        self._open = {name: row for name, row in counting.table.items() if row not in EXPOSURE}
        """What guests and the public may ask for: third parties are the owner's business."""
        self._calendar = counting.calendar
        self._flusher = counting.flusher
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
            Route("/exposure", self.guarded(self.exposure)),
            Route("/dimensions", self.guarded(self.dimensions)),
            Route("/marks", self.guarded(self.marks)),
            Route("/marks", self.guarded(self.note), methods=["POST"]),
            Route("/links", self.guarded(self.links)),
            Route("/links", self.guarded(self.share), methods=["POST"]),
            Route("/health", self.guarded(self.health)),
            Route("/openapi.json", self.guarded(self.describe)),
        ]

    def guarded(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint behind the door; a store that is away is a 503 that says so."""

        async def inside(request: Request) -> Response:
            viewer: Viewer | None = None
            try:
                viewer = await self._door.viewer(request)
                if viewer is None:
                    return self._refuse(request)
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

    def _refuse(self, request: Request) -> Response:
        if HEADER in request.headers:  # a password would not help
            return reply({"error": "the link has ended or was revoked"}, 403)
        if self._door.asks:
            return reply({"error": "the password is missing or wrong"}, 401, CHALLENGE)
        return reply({"error": "you may not read these numbers"}, 403)

    def _seen_by(self, viewer: Viewer) -> Mapping[str, Dimension]:
        return self._table if viewer == "owner" else self._open

    def _context(self, viewer: Viewer) -> Context:
        return Context(
            self._seen_by(viewer),
            self._calendar,
            self._clock(),
            self._settings.min_count,
            public=viewer == "public",
            closed=self._flusher.closed,
        )

    async def query(self, request: Request, viewer: Viewer) -> Response:
        """`POST /stats/api/query`: one question, or a list of them."""
        asked = await body(request)
        if is_list(asked) and len(asked) > MOST_QUESTIONS:
            raise QuestionError(f"at most {MOST_QUESTIONS} questions in one request")
        context = self._context(viewer)
        async with self._flusher.reading() as read:
            first = await self._first(context)
            context = replace(context, imports=tuple(await self._store.imports()))
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
        return await answer(parse(asked, context.table, context.today, first), context, read)

    async def goals(self, request: Request, viewer: Viewer) -> Response:
        """`POST /stats/api/goals`: how often each goal was reached, and each step of a funnel."""
        asked = await body(request)
        context, settings = self._context(viewer), self._settings
        async with self._flusher.reading() as read:
            first = await self._first(context)
            return reply(
                await goals.report(asked, settings.goals, settings.funnels, context, first, read)
            )

    async def dead(self, request: Request, viewer: Viewer) -> Response:
        """`POST /stats/api/dead`: the application's own pages that nobody opened."""
        if viewer != "owner":
            return reply({"error": "dead pages are not public"}, 403)
        asked = await body(request)
        context = self._context(viewer)
        root = str(request.scope.get("firstparty.root", ""))
        routed = dead.own(self._paths.routed, root, self._settings)
        async with self._flusher.reading() as read:
            first = await self._first(context)
            return reply(await dead.report(asked, routed, context, first, read))

    async def exposure(self, request: Request, viewer: Viewer) -> Response:
        """`GET /stats/api/exposure`: the third parties that pages of the site load from."""
        if viewer != "owner":
            return reply({"error": "third parties are not public"}, 403)
        settings, today = self._settings, self._context(viewer).today
        if settings.exposure == "off":
            return reply({"exposure": "off", "third_parties": []})
        async with self._flusher.reading() as read:
            found = await exposed.found(read, today, exposed.WINDOW)
        in_french = request.query_params.get("lang") == "fr"
        told = exposed.told(found, Register(settings.accepted), today, in_french=in_french)
        return reply({"exposure": settings.exposure, **told})

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
                "sites": [
                    {"name": name, "address": address}
                    for name, address in (settings.other_sites if viewer == "owner" else ())
                ],
                "timezone": settings.timezone,
                "today": context.today.isoformat(),
                "first_day": first.isoformat() if first else None,
                "viewer": viewer,
                "min_count": settings.min_count,
                "admit_after": settings.admit_after,
                "collect": settings.collect,
                "tag": snippet.tag(settings, root),
                "privacy": "privacy",
                "goals": [goal.name for goal in settings.goals],
                "funnels": [funnel.name for funnel in settings.funnels],
                "sign_in": "sign-in" if viewer == "public" and self._door.asks else None,
                "dimensions": tables.dimensions(self._seen_by(viewer).values()),
                "metrics": tables.metrics(),
            }
        )

    async def marks(self, request: Request, viewer: Viewer) -> Response:
        """`GET /stats/api/marks`: what is marked on the chart, in time.

        For a guest only the notes are, for the public nothing: the version that runs would help an
        attacker.
        """
        marks = await self._flusher.marks() if viewer != "public" else []
        found = [mark for mark in marks if mark.kind != "setting"]
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
                    if viewer == "owner" or mark.kind == "note"
                ]
            }
        )

    async def note(self, request: Request, viewer: Viewer) -> Response:
        """`POST /stats/api/marks`: add a note, remove one, or both, which is an edit."""
        if (why := refusal(request, viewer)) is not None:
            return reply({"error": why}, 403)
        notes = note_asked(await body(request), self._calendar, self._context(viewer).today)
        async with self._flusher.reading():
            if notes.add is not None:
                await self._store.mark(notes.add)
            if notes.remove is not None and notes.remove != notes.add:
                await self._store.unmark(notes.remove)
        return await self.marks(request, viewer)

    async def links(self, request: Request, viewer: Viewer) -> Response:
        """`GET /stats/api/links`: the links that were made, with what opens them. Not public."""
        if viewer != "owner":
            return reply({"error": "links are not public"}, 403)
        async with self._flusher.reading():
            found = await self._store.links()
        today = self._context(viewer).today
        return reply(
            {
                "links": [
                    {
                        "name": link.name,
                        "token": link.token,
                        "until": number_day(link.until).isoformat(),
                        "over": over(link, today),
                    }
                    for link in found
                ]
            }
        )

    async def share(self, request: Request, viewer: Viewer) -> Response:
        """`POST /stats/api/links`: make a link, or revoke one."""
        if (why := refusal(request, viewer)) is not None:
            return reply({"error": why}, 403)
        change = link_asked(await body(request), self._context(viewer).today)
        async with self._flusher.reading():
            if change.make is not None:
                await self._store.link(change.make)
            if change.revoke is not None:
                await self._store.unlink(change.revoke)
        return await self.links(request, viewer)

    async def health(self, request: Request, viewer: Viewer) -> Response:
        """`GET /stats/api/health`: whether counting works, and what is not in the numbers."""
        if viewer != "owner":
            return reply({"error": "health is not public"}, 403)
        return reply(await health.report(self._counting, self._context(viewer)))

    async def describe(self, request: Request, viewer: Viewer) -> Response:
        """`GET /stats/api/openapi.json`: this API in OpenAPI 3.1, made from the same tables."""
        return reply(openapi.document(self._table))
