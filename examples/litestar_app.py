"""Litestar: two pages, an event, and the snippet's tag.

uvicorn examples.litestar_app:app
"""

from litestar import Litestar, MediaType, Request, get, post

from firstparty import AnalyticsMiddleware, snippet_tag


@get("/", media_type=MediaType.HTML)
async def home(request: Request) -> str:
    return f"<title>Home</title>{snippet_tag(request)}"


@get("/people/{number:int}", media_type=MediaType.HTML)
async def person(number: int) -> str:
    return f"<title>Person {number}</title>"


@post("/signup", media_type=MediaType.HTML)
async def signup(request: Request) -> str:
    request.scope["state"]["analytics"].event("signup", {"plan": "team"})
    return "<title>Thank you</title>"


app = AnalyticsMiddleware(Litestar([home, person, signup]))
