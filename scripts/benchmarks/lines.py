"""A synthetic access log in the combined format, as a server in front of a site would write it.

What is assumed, so that a figure can be judged; each is a constant below:

- A month of a site with 5,000 pages, by Zipf's law. Of a hundred lines 58 are for parts of pages
  (styles, scripts, pictures, fonts), 20 for pages by people, 9 by machines, 6 are calls of an API,
  3 redirects, 3 pages that are not there, and 1 goes wrong.
- 35 % of the views by people enter the site: a third of them with no referrer, the others from one
  of 300 sites by Zipf's law, and one in twelve from a campaign. Other lines have a page of the site
  before them.
- Browsers are those of `BROWSERS` with some forty versions, by Zipf's law: about 500 texts.
  Machines name themselves, as those of `MACHINES` do.
- A visitor has an address and a browser, and of twenty lines a day one is a new visitor's. The
  addresses are of the range that is set apart for benchmarks (RFC 2544), and some lines have a
  user's name: both are there to be skipped.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

HOST = "fennel.example"
DAYS, SEED = 30, 20261130
START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=90)
"""Of its hours none are kept any more, as of most of a history."""
PAGES, SITES, EACH = 5_000, 300, 20

SHARES = {
    "asset": 58,
    "page": 20,
    "machine": 9,
    "api": 6,
    "redirect": 3,
    "missing": 3,
    "wrong": 1,
}
HOURS = [2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 9, 8, 9, 9, 9, 8, 7, 6, 6, 6, 5, 4, 3]

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
BROWSERS = [
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/{{0}}.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/{{0}}.0.0.0 Mobile Safari/537.36",
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{1} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
        " Gecko) Version/18.{1} Mobile/15E148 Safari/604.1"
    ),
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Chrome/{{0}}.0.0.0 Safari/537.36",
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/18.{1} Safari/605.1.15"
    ),
    (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/{{0}}.0.0.0 Safari/537.36"
        " Edg/{0}.0.0.0"
    ),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    (
        f"Mozilla/5.0 (Linux; Android 14; SM-S911B) {_WEBKIT} SamsungBrowser/2{{1}}.0"
        " Chrome/{0}.0.0.0 Mobile Safari/537.36"
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/{{0}}.0.0.0 Safari/537.36"
        " OPR/1{1}.0.0.0"
    ),
    (
        "Mozilla/5.0 (iPad; CPU OS 17_{1} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/17.{1} Mobile/15E148 Safari/604.1"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{1} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
        " Gecko) CriOS/{0}.0.6723.90 Mobile/15E148 Safari/604.1"
    ),
]
MACHINES = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    f"Mozilla/5.0 {_WEBKIT[:20]}; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "curl/8.9.1",
    "python-requests/2.32.3",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Go-http-client/2.0",
]
KNOWN = ["www.google.com", "www.bing.com", "duckduckgo.com", "www.reddit.com", "t.co", "github.com"]


def zipf(number: int, power: float = 1.0) -> list[float]:
    """The shares of so many values, summed up."""
    return list(accumulate(1 / rank**power for rank in range(1, number + 1)))


def lines(number: int, seed: int = SEED) -> Iterator[str]:
    """So many lines, in time: the same ones for the same number and seed."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    pages = ["/", *(f"/section-{rank % 40:02}/the-page-{_word(rank)}" for rank in range(1, PAGES))]
    page_shares = zipf(PAGES)
    assets = [
        f"/static/{folder}/{_word(rank)}.{end}"
        for rank in range(60)
        for folder, end in (("css", "css"), ("js", "js"), ("img", "webp"), ("fonts", "woff2"))
    ]
    asset_shares = zipf(len(assets), 0.7)
    agents = [
        text.format(100 + version, version % 6) for version in range(44, 0, -1) for text in BROWSERS
    ]
    agent_shares = zipf(len(agents), 0.8)
    machine_shares = zipf(len(MACHINES))
    sites = [*KNOWN, *(f"site-{_word(rank)}.example" for rank in range(SITES - len(KNOWN)))]
    site_shares = zipf(SITES)
    hour_shares = list(accumulate(HOURS))
    kinds, kind_shares = list(SHARES), list(accumulate(SHARES.values()))

    def before() -> str:
        return f"https://{HOST}{draw.choices(pages, cum_weights=page_shares)[0]}"

    for day in range(DAYS):
        of_day = number * (day + 1) // DAYS - number * day // DAYS
        hours = draw.choices(range(24), cum_weights=hour_shares, k=of_day)
        seconds = sorted(hour * 3600 + draw.randrange(3600) for hour in hours)
        of_kind = draw.choices(kinds, cum_weights=kind_shares, k=of_day)
        visitors = [
            (_address(draw.randrange(1 << 17)), agent)
            for agent in draw.choices(agents, cum_weights=agent_shares, k=of_day // EACH + 1)
        ]
        for second, kind in zip(seconds, of_kind, strict=True):
            at = START + timedelta(days=day, seconds=second)
            address, agent = draw.choice(visitors)
            method, status, referrer, size = "GET", 200, "-", draw.randrange(300, 90_000)
            if kind == "page":
                path = draw.choices(pages, cum_weights=page_shares)[0]
                status = 304 if draw.random() < 0.08 else 200
                if draw.random() >= 0.35:
                    referrer = before()
                elif draw.random() >= 0.33:
                    site = draw.choices(sites, cum_weights=site_shares)[0]
                    referrer = f"https://{site}/"
                    if draw.random() < 0.12:
                        path += f"?utm_source=letter&utm_campaign=issue-{day}"
            elif kind == "asset":
                path = draw.choices(assets, cum_weights=asset_shares)[0]
                status = 304 if draw.random() < 0.2 else 200
                referrer = before()
            elif kind == "machine":
                agent = draw.choices(MACHINES, cum_weights=machine_shares)[0]
                path = draw.choices(pages, cum_weights=page_shares)[0]
                if draw.random() < 0.15:
                    path = "/robots.txt"
            elif kind == "api":
                method = "POST" if draw.random() < 0.5 else "GET"
                path, referrer = f"/api/items/{draw.randrange(400)}.json", before()
            elif kind == "redirect":
                path, status = draw.choices(pages, cum_weights=page_shares)[0], 301
            elif kind == "missing":
                path, status = f"/old/page-{_word(draw.randrange(900))}", 404
            else:
                path, status = draw.choices(pages, cum_weights=page_shares)[0], 500
            user = f"user{draw.randrange(900)}" if draw.random() < 0.02 else "-"
            yield (
                f"{address} - {user}"
                f" [{at:%d/%b/%Y:%H:%M:%S} +0000]"
                f' "{method} {path} HTTP/2.0" {status} {size} "{referrer}" "{agent}"\n'
            )


def write(file: Path, number: int, seed: int = SEED) -> None:
    """Write such a log."""
    with file.open("w", encoding="ascii") as out:
        out.writelines(lines(number, seed))


def _address(number: int) -> str:
    return f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}"


_SOUNDS = ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "so", "ru", "ta", "ve"]


def _word(number: int) -> str:
    """A made-up word for a number, so that no rule takes it for one."""
    found = ""
    while number or not found:
        found += _SOUNDS[number % len(_SOUNDS)]
        number //= len(_SOUNDS)
    return found
