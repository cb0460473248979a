"""Flask: two pages, an event, and the snippet's tag in a Jinja2 template.

gunicorn examples.flask_app:app    # or: python -m examples.flask_app, which is waitress
"""

import signal
import sys

from flask import Flask, render_template_string, request

from firstparty import AnalyticsWSGIMiddleware, snippet_tag

app = Flask(__name__)
app.wsgi_app = AnalyticsWSGIMiddleware(app.wsgi_app)  # type: ignore[method-assign]
app.jinja_env.globals["snippet_tag"] = snippet_tag


@app.get("/")
def home() -> str:
    return render_template_string("<title>Home</title>{{ snippet_tag(request) }}")


@app.get("/people/<int:number>")
def person(number: int) -> str:
    return f"<title>Person {number}</title>"


@app.post("/signup")
def signup() -> str:
    request.environ["firstparty.analytics"].event("signup", {"plan": "team"})
    return "<title>Thank you</title>"


if __name__ == "__main__":
    from waitress import serve

    # Waitress does not end by itself when it is told to: what waits would be lost.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve(app, listen=f"127.0.0.1:{sys.argv[1] if sys.argv[1:] else 8000}")
