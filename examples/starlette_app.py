"""A small company's website on Starlette, counted by firstparty.

    uvicorn examples.starlette_app:app

"Fennel", which sells stocktaking to small food shops, does not exist. Its words and its stylesheet
are in `examples/site/`. One link is broken on purpose (`/docs/scales`, in the post about cheese):
the stats page should find it.
"""

import re
from collections.abc import Awaitable, Callable
from html import escape, unescape
from pathlib import Path
from string import Template
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from firstparty import AnalyticsMiddleware, Funnel, Goal, snippet_tag

SITE = Path(__file__).parent / "site"
LAYOUT = Template((SITE / "layout.html").read_text("utf-8"))
TEXTS = {file.stem: file.read_text("utf-8") for file in sorted((SITE / "texts").glob("*.html"))}

# Nothing inline, nothing from elsewhere: the snippet has to live with it.
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'"

NAV = {
    "/pricing": "Prices",
    "/docs/": "Guide",
    "/blog/": "Blog",
    "/about": "About",
    "/app/": "Try it",
}

# Pages that are only text: address, title, name of the text.
PAGES = [
    ("/", "Fennel: stocktaking for small food shops", "home"),
    ("/pricing", "Prices", "pricing"),
    ("/about", "About us", "about"),
    ("/docs/", "Guide", "docs"),
    ("/docs/start", "Getting started", "docs_start"),
    ("/docs/counting", "Counting", "docs_counting"),
    ("/contact/thanks", "Thank you", "thanks"),
]


# What the shop hopes for. Counts of views, not of people.
GOALS = [
    Goal("prices", path="/pricing"),
    Goal("contact form", path="/contact"),
    Goal("message sent", path="/contact/thanks"),
    Goal("tried it", path="/app/*"),
]
FUNNELS = [Funnel("from prices to a message", ("prices", "contact form", "message sent"))]


class Post(NamedTuple):
    title: str
    day: str
    summary: str


POSTS = {
    "no-cookie-banner": Post(
        "Why nothing pops up here", "12 October", "We count our readers ourselves, and only count."
    ),
    "version-two": Post(
        "Fennel 2: two people, one list", "15 September", "What is new, at the same price."
    ),
    "half-the-waste": Post(
        "Half the waste in six weeks", "3 July", "A bakery, a bin and a pencil on a string."
    ),
    "weighing-cheese": Post(
        "How to count a cheese", "20 May", "It is a weight that falls all day."
    ),
    "shelf-order": Post(
        "Against the alphabet", "8 March", "Why a counting list should follow your feet."
    ),
    "counting-backwards": Post(
        "Counting backwards", "17 January", "An empty shelf does not say when it was emptied."
    ),
}
ARTICLES = {slug: (SITE / "posts" / f"{slug}.html").read_text("utf-8") for slug in POSTS}


class Person(NamedTuple):
    name: str
    text: str


PEOPLE = {
    1: Person("Odile", "Has sold vegetables for nineteen years, and drew the first counting list."),
    2: Person("Tomas", "Writes the program, and counts the office coffee with it every Friday."),
    3: Person("Niamh", "Answers the telephone. If you wrote to us, you know her."),
    4: Person("Jory", "Visits shops, walks behind people who count, and takes notes."),
}

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(**analytics: Any) -> Starlette:
    """The site. Keyword arguments go to `AnalyticsMiddleware` as they are."""
    app = Starlette(
        routes=[
            *(Route(path, text_page(title, name)) for path, title, name in PAGES),
            Route("/blog/", blog),
            Route("/blog/{slug}", post),
            Route("/people/{id:int}", person),
            Route("/search", search),
            Route("/contact", contact, methods=["GET", "POST"]),
            Route("/app/", sample_shop),
            Route("/app/reports", sample_shop),
            Route("/app/settings", sample_shop),
            Mount("/static", StaticFiles(directory=SITE / "static")),
        ],
        exception_handlers={404: not_found},
    )
    app.add_middleware(AnalyticsMiddleware, **{"goals": GOALS, "funnels": FUNNELS, **analytics})
    return app


def page(request: Request, title: str, body: str, status: int = 200) -> HTMLResponse:
    """A text in the layout that all pages share. `body` is markup, `title` is not."""
    here = request.url.path
    links = [
        f'<a href="{path}"{" aria-current=page" if here.startswith(path) else ""}>{label}</a>'
        for path, label in NAV.items()
    ]
    html = LAYOUT.substitute(
        title=escape(title if "Fennel" in title else f"{title} · Fennel"),
        head=snippet_tag(request),
        nav=" ".join(links),
        body=body,
    )
    return HTMLResponse(html, status, headers={"Content-Security-Policy": POLICY})


def text_page(title: str, name: str) -> Endpoint:
    async def show(request: Request) -> Response:
        return page(request, title, TEXTS[name])

    return show


async def blog(request: Request) -> Response:
    rows = [
        f'<li><time>{post.day}</time><br><a href="/blog/{slug}">{post.title}</a>'
        f"<p>{post.summary}</p></li>"
        for slug, post in POSTS.items()
    ]
    return page(request, "Blog", f'<h1>Blog</h1><ul class="posts">{"".join(rows)}</ul>')


async def post(request: Request) -> Response:
    slug = request.path_params["slug"]
    if slug not in POSTS:
        raise HTTPException(404)
    title, day, _ = POSTS[slug]
    slugs = list(POSTS)
    older = slugs[(slugs.index(slug) + 1) % len(slugs)]
    return page(
        request,
        title,
        f'<p class="crumb"><a href="/blog/">Blog</a> · <time>{day}</time></p><h1>{title}</h1>'
        f'<div class="post">{ARTICLES[slug]}</div>'
        f'<p>Read on: <a href="/blog/{older}">{POSTS[older].title}</a></p>',
    )


async def person(request: Request) -> Response:
    someone = PEOPLE.get(request.path_params["id"])
    if someone is None:
        raise HTTPException(404)
    return page(
        request,
        someone.name,
        f'<p class="crumb"><a href="/about">About us</a></p><h1>{someone.name}</h1>'
        f'<p class="lead">{someone.text}</p>',
    )


async def search(request: Request) -> Response:
    """Pages and posts that hold every word that was asked for."""
    query = request.query_params.get("q", "").strip()[:80]
    found = [
        (path, title)
        for path, (title, text) in searchable().items()
        if query and all(word in text for word in query.lower().split())
    ]
    rows = "".join(f'<li><a href="{path}">{title}</a></li>' for path, title in found)
    if not query:
        answer = "<p>What are you looking for?</p>"
    elif not found:
        answer = f"<p>Nothing here about “{escape(query)}”. Shorter words find more.</p>"
    else:
        answer = f'<p class="lead">About “{escape(query)}”</p><ul class="posts">{rows}</ul>'
    return page(
        request,
        "Search",
        '<h1>Search</h1><form class="find" action="/search"><input type="search" name="q" '
        f'aria-label="Search for" maxlength="80" value="{escape(query)}"> '
        f'<button class="button">Search</button></form>{answer}',
    )


def searchable() -> dict[str, tuple[str, str]]:
    """Every page that can be found: its title and its words."""
    pages = {path: (title, TEXTS[name]) for path, title, name in PAGES if name != "thanks"}
    posts = {f"/blog/{slug}": (post.title, ARTICLES[slug]) for slug, post in POSTS.items()}
    return {
        path: (title, f"{title} {unescape(re.sub('<[^>]*>', ' ', text))}".lower())
        for path, (title, text) in (pages | posts).items()
    }


async def contact(request: Request) -> Response:
    """The form. What is sent is thrown away; the answer is a redirect to a thank-you."""
    if request.method == "GET":
        return page(request, "Contact", TEXTS["contact"])
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    if "email" in form and "message" in form:
        return RedirectResponse("/contact/thanks", 303)
    wrong = '<p class="wrong" role="alert">Please give an address and a message.</p>'
    return page(request, "Contact", wrong + TEXTS["contact"], 422)


async def sample_shop(request: Request) -> Response:
    """Three routes, one page: `static/app.js` changes between them without asking the server."""
    route = request.scope["route"].path
    titles = {"/app/": "Count", "/app/reports": "Reports", "/app/settings": "Settings"}
    return page(request, titles[route], Template(TEXTS["app"]).substitute(route=route))


async def not_found(request: Request, _: Exception) -> Response:
    return page(request, "Not found", TEXTS["not_found"], 404)


app = create_app()
