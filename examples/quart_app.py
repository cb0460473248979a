"""Quart: two pages, an event, and the snippet's tag in a Jinja2 template.

hypercorn examples.quart_app:app
"""

from quart import Quart, render_template_string, request

from firstparty import AnalyticsMiddleware, snippet_tag

app = Quart(__name__)
app.asgi_app = AnalyticsMiddleware(app.asgi_app)  # type: ignore[method-assign]
app.jinja_env.globals["snippet_tag"] = snippet_tag


@app.get("/")
async def home() -> str:
    return await render_template_string("<title>Home</title>{{ snippet_tag(request) }}")


@app.get("/people/<int:number>")
async def person(number: int) -> str:
    return f"<title>Person {number}</title>"


@app.post("/signup")
async def signup() -> str:
    request.scope["state"]["analytics"].event("signup", {"plan": "team"})
    return "<title>Thank you</title>"
