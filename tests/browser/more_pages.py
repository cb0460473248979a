"""Pages that show js/more.js, js/acts.js and js/pace.js to a browser, and keep what they send."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

from serving import laboratory, running, until
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

JS: Final = Path(__file__).parents[2] / "js"
ROOMS: Final = ("more", "acts", "pace")
STRICT: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'"
)

TALL: Final = '<svg width="10" height="2880"></svg>'
"""Four times the height of a browser window of 720 pixels."""

LARGE: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400">
<rect width="600" height="400" fill="red"/></svg>
"""

LINKS: Final = """\
<a id="outside" href="https://elsewhere.example/page?q=secret"><b>Elsewhere</b></a>
<a id="inside" href="/plain">Here</a>
<a id="file" href="/files/report.PDF?token=secret"><b>Report</b></a>
<a id="named" download href="/files/report">Report</a>
<a id="paper" href="https://elsewhere.example/paper.pdf?token=secret">Paper</a>
<a id="mail" href="mailto:someone@elsewhere.example">Mail</a>
<a id="script" href="javascript:void 0">Script</a>
<a id="data" download="a.csv" href="data:text/csv,secret">Data</a>
<a id="broken" href="https://[">Broken</a>
<a id="empty">Empty</a>
<svg width="20" height="20"><a id="svg" href="https://elsewhere.example/">
  <text y="20">S</text></a></svg>
"""

EVENTS: Final = """\
<button id="bare" data-tally="signup">Sign up</button>
<button id="rich" class="big" data-tally="signup" data-tally-plan="pro" data-tally-plan-length="12"
  data-other="secret" title="secret"><b>Sign up</b></button>
"""

FORMS: Final = """\
<form id="second" name="letter"><input name="name" value="secret"><input name="id" value="secret">
  <button>Send</button></form>
<form id="search"><input name="q" value="secret"><button>Find</button></form>
<form class="neither"><input name="q" value="secret"><button>Find</button></form>
"""

SLOW: Final = """\
<img src="/large.svg" width="600" height="400" alt=""><div id="shifted">Shifted</div>
<button>Slow</button>
"""

PAGES: Final = {
    "plain": "<h1>Plain</h1>",
    "next": "<h1>Next</h1>",
    "tall": TALL,
    "links": LINKS,
    "events": EVENTS,
    "forms": FORMS,
    "slow": SLOW,
}

STAY: Final = """\
// No link of these pages leads away.
addEventListener("click", (event) => event.target.closest?.("a") && event.preventDefault());
addEventListener("auxclick", (event) => event.preventDefault());
addEventListener("submit", (event) => event.preventDefault());
document.querySelector("button")?.addEventListener("click", ({ target }) => {
  if (target.textContent !== "Slow") return;
  const end = performance.now() + 120;
  while (performance.now() < end);
});
"""

AHEAD: Final = """\
// A prerendered page: it acts before it is shown and after, and is left when it was shown.
tally("early");
if (document.prerendering) fetch("/lab/say", { method: "POST", body: "prerendered" });
document.addEventListener("prerenderingchange", () => {
  tally("late");
  setTimeout(() => location.assign("/lab/said"), 100);
});
"""

Beacon = dict[str, Any]


class Lab(NamedTuple):
    """A running laboratory, and what was sent to it."""

    base: str
    beacons: list[Beacon]
    bodies: list[bytes]
    cookies: list[str | None]
    said: list[str]

    def told(self, number: int) -> list[Beacon]:
        """The beacons, as soon as there are this many."""
        return until(lambda: list(self.beacons), lambda found: len(found) >= number)


def tags(request: Request) -> str:
    """The tags, with the attributes that the query names: `?reads=time` is `data-reads="time"`."""
    said = "".join(
        f' data-{name}="{escape(value)}"'
        for name, value in request.query_params.items()
        if name in ("reads", "keep")
    )
    rooms = request.query_params.get("rooms", " ".join(ROOMS)).split()
    return "".join(f'<script defer src="/_tally/{room}.js"{said}></script>' for room in rooms)


def page(body: str, script: str = "stay", **headers: str) -> Callable[..., Any]:
    """A page with the tags under a strict policy."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def show(request: Request) -> Response:
        head = f'{tags(request)}<script defer src="/{script}.js"></script>'
        text = f"<!doctype html><title>Laboratory</title>{head}<body>{body}"
        return HTMLResponse(text, headers={"Content-Security-Policy": STRICT, **named})

    return show


def script(text: str, kind: str = "text/javascript") -> Callable[..., Any]:
    """A file of the laboratory."""

    async def show(request: Request) -> Response:
        return Response(text, media_type=kind)

    return show


@contextmanager
def opened() -> Iterator[Lab]:
    """The laboratory, for as long as the block lasts."""
    lab = Lab("", [], [], [], [])

    async def view(request: Request) -> Response:
        body = await request.body()
        lab.bodies.append(body)
        lab.cookies.append(request.headers.get("cookie"))
        lab.beacons.append(json.loads(body))
        return Response(status_code=204)

    async def room(request: Request) -> Response:
        asked = request.path_params["room"]
        texts = [(JS / f"{room}.js").read_text() for room in ROOMS if asked in (room, "all")]
        return Response("".join(texts), media_type="text/javascript")

    routes = [
        *(Route(f"/{name}", page(body)) for name, body in PAGES.items()),
        Route("/excluded", page(EVENTS, server_timing="no-tally")),
        Route("/framing", page('<iframe src="/events"></iframe>')),
        Route("/stay.js", script(STAY)),
        Route("/ahead.js", script(AHEAD)),
        Route("/favicon.ico", script("", "image/svg+xml")),
        Route("/large.svg", script(LARGE, "image/svg+xml")),
        Route("/_tally/view", view, methods=["POST"]),
        Route("/_tally/{room}.js", room),
        Route("/lab/ahead", page(TALL, "ahead")),
        *laboratory(lab.said),
    ]
    with running(Starlette(routes=routes)) as base:
        yield lab._replace(base=base)
