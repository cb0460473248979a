"""An audit from its beginning to its end, of an application in process or of a site by its URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from firstparty.audit import robots
from firstparty.audit.answers import AuditError, Fetch
from firstparty.audit.apps import accepted, own_hosts
from firstparty.audit.crawl import Crawl, Crawled
from firstparty.audit.inside import inside
from firstparty.audit.robots import Robots
from firstparty.audit.urls import joined, split
from firstparty.exposure.register import Register, ThirdParty
from firstparty.paths import Paths

MOST_PAGES: Final = 200
DELAY: Final = 0.25
"""Seconds between two requests to a site, where its robots.txt asks for no more."""
LONGEST_DELAY: Final = 10.0
REDIRECTS: Final = 5
"""That are followed to a robots.txt."""


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
    given: str,
    *,
    own: Iterable[str] = (),
    most: int = MOST_PAGES,
    delay: float = DELAY,
    tells: Callable[[int, int], None] = quiet,
) -> Crawled:
    """Read the pages of a site over the network, as its robots.txt allows."""
    from firstparty.audit.fetch import fetch  # late: only here does anything leave this machine

    url = joined("", given)
    parts = split(url)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.username is not None
    ):
        raise AuditError(f"{given!r} is no address: write https://example.org, or myapp:app")
    base = f"{parts.scheme}://{parts.netloc}"
    rules = await _rules(fetch, base)
    pause = min(max(delay, rules.delay), LONGEST_DELAY)
    crawl = Crawl(fetch, base, frozenset(own), most, pause, rules, tells)
    start = parts.path or "/"
    return await crawl.run([f"{start}?{parts.query}" if parts.query else start])


async def _rules(fetch: Fetch, base: str) -> Robots:
    """What the site's robots.txt says (RFC 9309 §2.3.1). No other host is asked for it."""
    url = f"{base}/robots.txt"
    for _ in range(REDIRECTS + 1):
        try:
            answer = await fetch(url)
        except OSError:
            return Robots()  # whoever does not answer here will not answer below
        if answer.status >= 500:
            raise AuditError(
                f"{base}/robots.txt answers with status {answer.status}: a crawler that cannot read"
                " the rules of a site asks it for nothing"
            )
        if 300 <= answer.status < 400:
            url = joined(url, answer.header("location"))
            if not url.startswith(f"{base}/"):
                break
            continue
        return robots.read(answer.text) if answer.status == 200 else Robots()
    return Robots()
