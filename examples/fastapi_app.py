"""FastAPI: a router, a sub-application, an event, and the snippet's tag.

uvicorn examples.fastapi_app:app
"""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from firstparty import AnalyticsMiddleware, snippet_tag

people = APIRouter(prefix="/people", default_response_class=HTMLResponse)
shop = FastAPI(default_response_class=HTMLResponse)


@people.get("/{number}")
def person(number: int) -> str:
    return f"<title>Person {number}</title>"


@shop.get("/cart")
def cart() -> str:
    return "<title>Cart</title>"


app = FastAPI(default_response_class=HTMLResponse)
app.include_router(people)
app.mount("/shop", shop)
app.add_middleware(AnalyticsMiddleware)


@app.get("/")
def home(request: Request) -> str:
    return f"<title>Home</title>{snippet_tag(request)}"


@app.post("/signup")
async def signup(request: Request) -> str:
    request.state.analytics.event("signup", {"plan": "team"})
    return "<title>Thank you</title>"
