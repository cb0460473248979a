"""Requests as browsers send them, and a few that no browser would."""

from collections.abc import Iterator
from itertools import count

from starlette.types import Scope

HOST = "fennel.example"
PATHS = ["/", "/pricing", "/about", "/docs/", "/docs/start", "/docs/counting", "/blog/", "/contact"]
PLATFORMS = {
    "Windows": "Windows NT 10.0; Win64; x64",
    "macOS": "Macintosh; Intel Mac OS X 10_15_7",
    "Linux": "X11; Linux x86_64",
}
LANGUAGES = ["en-GB,en;q=0.9", "fr-FR,fr;q=0.9,en;q=0.8", "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7"]
LENGTH = 256  # of a User-Agent, as far as it is read


def chrome(version: int | str, platform: str = "Windows") -> str:
    return (
        f"Mozilla/5.0 ({PLATFORMS[platform]}) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{version}.0.0.0 Safari/537.36"
    )


def headers(number: int = 0, **changed: str) -> dict[str, str]:
    """What Chrome sends when a link of the same site is followed, with some of it changed."""
    platform = list(PLATFORMS)[number % len(PLATFORMS)]
    version = 152 + number % 5
    usual = {
        "host": HOST,
        "connection": "keep-alive",
        "sec-ch-ua": f'"Chromium";v="{version}", "Google Chrome";v="{version}", "Not-A";v="99"',
        "sec-ch-ua-mobile": "?0",
        "sec-ch-ua-platform": f'"{platform}"',
        "upgrade-insecure-requests": "1",
        "user-agent": chrome(version, platform),
        "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "navigate",
        "sec-fetch-user": "?1",
        "sec-fetch-dest": "document",
        "referer": f"https://{HOST}{PATHS[(number + 3) % len(PATHS)]}",
        "accept-encoding": "gzip, deflate, br, zstd",
        "accept-language": LANGUAGES[number % len(LANGUAGES)],
    }
    return usual | {name.replace("_", "-"): value for name, value in changed.items()}


def scope(path: str, sent: dict[str, str]) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "server": (HOST, 443),
        "client": ("192.0.2.1", 50_000),
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }


def navigations(**changed: str) -> list[Scope]:
    """Forty page views of some browsers, languages and pages."""
    return [scope(PATHS[n % len(PATHS)], headers(n, **changed)) for n in range(40)]


def arrivals() -> list[Scope]:
    return navigations(sec_fetch_site="cross-site", referer="https://www.google.com/")


def images() -> list[Scope]:
    sent = {
        "sec_fetch_dest": "image",
        "sec_fetch_mode": "no-cors",
        "accept": "image/avif,*/*;q=0.8",
    }
    return [scope("/static/shelf.png", headers(n, **sent)) for n in range(40)]


def api_calls() -> list[Scope]:
    sent = {"sec_fetch_dest": "empty", "sec_fetch_mode": "cors", "accept": "application/json"}
    return [scope("/api/items", headers(n, **sent)) for n in range(40)]


def new_agents() -> Iterator[Scope]:
    """Every one with a browser version that was never seen."""
    for number in count(1_000):
        yield scope("/", headers(user_agent=chrome(f"140.{number}")))


def hostile_agents() -> Iterator[tuple[str, Scope]]:
    """Slow texts in turn, each time a little different: what repeats in it, and the request.

    They begin as browsers do, for what does not look like one is not read any further.
    """
    for number in count(1_000):
        text = HOSTILE[number % len(HOSTILE)]
        start = ("Mozilla/5.0 Gecko/" + text * LENGTH)[: LENGTH - 8]
        yield text, scope("/", headers(user_agent=f"{start}{number:08}{'x' * LENGTH}"))


# The slowest of some ten thousand texts, made by repeating and splicing what ua-parser's patterns
# look for. Many patterns try every semicolon as the start of a device's name.
HOSTILE = [";", "; ", "; ;", "; ;;", ";; LG-", "Samsung", "Samsung a", "Build/-", "HTC Nokia"]
