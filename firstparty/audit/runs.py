"""An audit from its beginning to its end, of an application in process or of a site by its URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from firstparty.audit.answers import Answer, AuditError
from firstparty.audit.apps import accepted, own_hosts
from firstparty.audit.crawl import Crawl, Crawled, robots
from firstparty.audit.inside import inside
from firstparty.exposure.register import Register, ThirdParty
from firstparty.paths import Paths

MOST_PAGES: Final = 200
DELAY: Final = 0.25
"""Seconds between two requests to a site, where its robots.txt asks for no more."""
LONGEST_DELAY: Final = 10.0


def quiet(read: int, wait: int) -> None:
    """Tell nobody how far a crawl is."""


async def of_app(
    app: Any,
    *,
    host: str | None = None,
    most: int = MOST_PAGES,
    paths: Iterable[str] = (),
    tells: Callable[[int, int], None] = quiet,
) -> Crawled:
    """Read the pages of an application: `/`, its routes without parameters, and what they link to.

    `host` is the one that it is asked for; else one of its own, else `localhost`.
    """
    own = own_hosts(app)
    name = host or next(iter(sorted(own)), "localhost")
    routes = Paths()
    routes.learn(app, "")
    fixed = [name for name, expression in routes.routed if expression is None]
    async with inside(app) as fetch:
        crawl = Crawl(fetch, f"https://{name}", own, most, tells=tells)
        return await crawl.run(["/", *paths, *fixed])


def register_of(app: Any, more: Iterable[ThirdParty] = ()) -> Register:
    """What an application has accepted, and more."""
    return Register((*accepted(app), *more))


async def of_url(
    url: str,
    *,
    own: Iterable[str] = (),
    most: int = MOST_PAGES,
    delay: float = DELAY,
    tells: Callable[[int, int], None] = quiet,
) -> Crawled:
    """Read the pages of a site over the network, as its robots.txt allows."""
    from firstparty.audit.fetch import fetch  # late: only here does anything leave this machine

    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise AuditError(f"{url!r} is no address: write https://example.org, or myapp:app")
    base = f"{parts.scheme}://{parts.netloc}"
    try:
        answer: Answer | None = await fetch(f"{base}/robots.txt")
    except OSError:
        answer = None  # whoever does not answer here will not answer below
    rules = robots(answer.text if answer is not None and answer.status == 200 else "")
    asked = rules.crawl_delay("firstparty-audit")
    pause = min(max(delay, float(asked or 0)), LONGEST_DELAY)
    crawl = Crawl(fetch, base, frozenset(own), most, pause, rules, tells)
    start = parts.path or "/"
    return await crawl.run([f"{start}?{parts.query}" if parts.query else start])
