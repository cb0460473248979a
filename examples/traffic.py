"""Made-up traffic for the example site: the same seed gives the same visits.

Nothing here was measured on people and nothing is loaded from anywhere. The tables below are
guesses at what a small company's site sees:

- **how many**: slow growth over the range, quiet weekends, August and the end of December, European
  hours of the day, two launches and one day on the front page of Hacker News;
- **from where**: search engines, the site typed in, sites that link to it (made up: they end in
  `.example`), a newsletter and advertisements with campaign parameters, links that lead nowhere;
- **what then**: a walk of one to six pages along links that the pages really have;
- **with what**: about forty User-Agent texts as browsers send them, and two dozen languages.

Machines are not in it: every view is one of a person. Where the snippet did not run (one visit in
fourteen), changes of route in the single-page section are not there either: nobody would see them.
"""

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from math import exp
from operator import itemgetter
from random import Random
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class View(NamedTuple):
    """One page view, as the server and the snippet see it together."""

    at: float  # unix seconds, UTC
    path: str
    enters: bool  # the first page of its visit
    previous: str  # path of the page before, "" if it enters
    referrer: str  # full address, "" if there is none or it is our own
    query: str  # campaign parameters of the address
    language: str  # Accept-Language
    user_agent: str
    missing: bool  # there is no such page: answered with 404
    confirmed: bool  # the snippet has confirmed it
    second: bool  # the second page of its visit


class Source(NamedTuple):
    """Where visits come from: full referrers, campaigns, and the pages they arrive at."""

    weight: float
    referrers: Mapping[str, float]
    queries: Mapping[str, float]
    entries: Mapping[str, float]


# Pages that a page leads to, with weights. "" is leaving.
LINKS: dict[str, dict[str, float]] = {
    "/": {
        "": 44,
        "/pricing": 17,
        "/app/": 14,
        "/docs/counting": 6,
        "/docs/start": 5,
        "/docs/": 4,
        "/blog/half-the-waste": 4,
        "/blog/": 3,
        "/about": 3,
        "/search": 1.5,
        "/contact": 1,
    },
    "/pricing": {"": 48, "/app/": 24, "/contact": 8, "/about": 7, "/docs/": 6, "/": 7},
    "/about": {
        "": 50,
        "/people/1": 10,
        "/people/2": 6,
        "/people/3": 5,
        "/people/4": 5,
        "/pricing": 12,
        "/contact": 8,
        "/": 4,
    },
    "/docs/": {"": 20, "/docs/start": 42, "/docs/counting": 24, "/app/": 10, "/contact": 4},
    "/docs/start": {"": 42, "/docs/counting": 36, "/app/": 10, "/docs/": 8, "/search": 2},
    "/docs/counting": {
        "": 56,
        "/app/reports": 14,
        "/app/": 8,
        "/docs/start": 12,
        "/docs/": 6,
        "/pricing": 4,
    },
    "/blog/": {
        "": 26,
        "/blog/no-cookie-banner": 20,
        "/blog/version-two": 18,
        "/blog/half-the-waste": 14,
        "/blog/weighing-cheese": 9,
        "/blog/shelf-order": 8,
        "/blog/counting-backwards": 5,
    },
    "/blog/no-cookie-banner": {"": 74, "/": 12, "/blog/version-two": 6, "/blog/": 6, "/about": 2},
    "/blog/version-two": {
        "": 44,
        "/app/": 24,
        "/pricing": 20,
        "/": 7,
        "/blog/half-the-waste": 5,
    },
    "/blog/half-the-waste": {
        "": 62,
        "/app/reports": 16,
        "/": 9,
        "/pricing": 7,
        "/blog/weighing-cheese": 6,
    },
    "/blog/weighing-cheese": {
        "": 72,
        "/docs/scales": 7,
        "/": 10,
        "/blog/shelf-order": 7,
        "/blog/": 4,
    },
    "/blog/shelf-order": {
        "": 66,
        "/docs/start": 15,
        "/": 10,
        "/blog/counting-backwards": 5,
        "/pricing": 4,
    },
    "/blog/counting-backwards": {
        "": 68,
        "/docs/counting": 15,
        "/": 9,
        "/blog/no-cookie-banner": 4,
        "/blog/": 4,
    },
    "/people/1": {"": 58, "/about": 34, "/pricing": 8},
    "/people/2": {"": 60, "/about": 34, "/blog/": 6},
    "/people/3": {"": 56, "/about": 26, "/contact": 18},
    "/people/4": {"": 58, "/about": 30, "/contact": 12},
    "/search": {
        "": 34,
        "/docs/counting": 22,
        "/docs/start": 16,
        "/pricing": 16,
        "/blog/half-the-waste": 12,
    },
    "/contact": {"": 52, "/contact/thanks": 38, "/about": 6, "/": 4},
    "/contact/thanks": {"": 76, "/docs/": 14, "/blog/": 10},
    "/app/": {"": 30, "/app/reports": 38, "/app/settings": 14, "/pricing": 18},
    "/app/reports": {"": 42, "/app/": 18, "/app/settings": 16, "/pricing": 24},
    "/app/settings": {"": 46, "/app/": 22, "/app/reports": 18, "/pricing": 14},
    # Pages that do not exist: the proper "not found" page has links too.
    "/docs/scales": {"": 66, "/docs/": 22, "/": 12},
    "/features": {"": 62, "/": 30, "/docs/": 8},
    "/blog/summer-prices": {"": 74, "/": 16, "/blog/": 10},
    "/pricng": {"": 40, "/pricing": 42, "/": 18},
}
MISSING = frozenset({"/docs/scales", "/features", "/blog/summer-prices", "/pricng"})

# Routes that the page's own script changes to, without asking the server.
ROUTES = frozenset({"/app/", "/app/reports", "/app/settings"})

NONE = {"": 1.0}
SEARCHED = {
    "/": 30,
    "/docs/counting": 14,
    "/blog/half-the-waste": 13,
    "/pricing": 9,
    "/blog/weighing-cheese": 11,
    "/blog/shelf-order": 8,
    "/docs/start": 7,
    "/blog/counting-backwards": 4,
    "/about": 3,
    "/features": 1,
}
SHARED = {
    "/": 28,
    "/blog/half-the-waste": 20,
    "/blog/no-cookie-banner": 18,
    "/blog/weighing-cheese": 12,
    "/blog/version-two": 10,
    "/blog/shelf-order": 8,
    "/blog/summer-prices": 2,
}
SOURCES: dict[str, Source] = {
    "typed": Source(
        31,  # typed, from a bookmark, or from a program that says nothing
        NONE,
        NONE,
        {"/": 58, "/app/": 20, "/pricing": 6, "/docs/counting": 6, "/blog/": 6, "/pricng": 1},
    ),
    "search": Source(
        36,
        {
            "https://www.google.com/": 74,
            "https://www.bing.com/": 10,
            "https://duckduckgo.com/": 8,
            "https://www.ecosia.org/": 4,
            "https://www.qwant.com/": 2,
            "https://search.brave.com/": 2,
        },
        NONE,
        SEARCHED,
    ),
    "assistants": Source(
        4,
        {"https://chatgpt.com/": 66, "https://www.perplexity.ai/": 20, "https://claude.ai/": 14},
        NONE,
        SEARCHED,
    ),
    "social": Source(
        9,
        {
            "https://www.linkedin.com/": 30,
            "https://www.reddit.com/": 26,
            "https://mastodon.social/": 14,
            "https://bsky.app/": 14,
            "https://www.youtube.com/": 9,
            "https://news.ycombinator.com/": 7,
        },
        NONE,
        SHARED,
    ),
    "links": Source(
        8,
        {
            "https://kitchen-notes.example/tools/stocktaking": 30,
            "https://corner-shop-guild.example/members/offers": 28,
            "https://sourdough-weekly.example/issues/212": 20,
            "https://till-and-scale.example/forum/thread-4411": 14,
            "https://market-hall.example/": 8,
        },
        NONE,
        {**SHARED, "/pricing": 12, "/features": 4},
    ),
    "newsletter": Source(
        6,
        NONE,
        {
            "utm_source=newsletter&utm_medium=email&utm_campaign=monthly": 70,
            "utm_source=newsletter&utm_medium=email&utm_campaign=welcome": 30,
        },
        {"/blog/half-the-waste": 30, "/blog/version-two": 26, "/blog/": 16, "/": 14, "/app/": 14},
    ),
    "advertisements": Source(
        4,
        {"https://www.google.com/": 100},
        {
            "utm_source=google&utm_medium=cpc&utm_campaign=stocktaking": 66,
            "utm_source=google&utm_medium=cpc&utm_campaign=food-waste": 34,
        },
        {"/": 52, "/pricing": 28, "/app/": 20},
    ),
    "partner": Source(
        2,
        {"https://corner-shop-guild.example/": 60, "": 40},
        {"utm_source=guild&utm_medium=partner&utm_campaign=members-offer": 100},
        {"/pricing": 64, "/": 36},
    ),
    "hacker-news": Source(
        0,  # on its days only
        {"https://news.ycombinator.com/": 92, "https://hckrnews.com/": 4, "": 4},
        NONE,
        {"/blog/no-cookie-banner": 96, "/": 4},
    ),
    "launch": Source(
        0,  # on its days only
        {"": 70, "https://www.linkedin.com/": 14, "https://mastodon.social/": 9},
        {
            "utm_source=newsletter&utm_medium=email&utm_campaign=launch": 64,
            "utm_source=linkedin&utm_medium=social&utm_campaign=launch": 20,
            "": 16,
        },
        {"/blog/version-two": 62, "/": 24, "/app/": 14},
    ),
}

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X)"
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"

USER_AGENTS: dict[str, float] = {
    f"{WINDOWS} {BLINK} Chrome/156.0.0.0 Safari/537.36": 132,
    f"{WINDOWS} {BLINK} Chrome/155.0.0.0 Safari/537.36": 40,
    f"{WINDOWS} {BLINK} Chrome/154.0.0.0 Safari/537.36": 10,
    f"{WINDOWS} {BLINK} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0": 52,
    f"{WINDOWS} {BLINK} Chrome/155.0.0.0 Safari/537.36 Edg/155.0.0.0": 14,
    f"{WINDOWS} {BLINK} Chrome/154.0.0.0 Safari/537.36 OPR/126.0.0.0": 9,
    f"{WINDOWS} {BLINK} Chrome/156.0.0.0 Safari/537.36 Vivaldi/7.9.4100.40": 2,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:157.0) Gecko/20100101 Firefox/157.0": 26,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:156.0) Gecko/20100101 Firefox/156.0": 9,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0": 5,
    f"{MAC} {BLINK} Chrome/156.0.0.0 Safari/537.36": 58,
    f"{MAC} {BLINK} Chrome/155.0.0.0 Safari/537.36": 14,
    f"{MAC} {BLINK} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0": 5,
    f"{MAC} {WEBKIT} Version/26.2 Safari/605.1.15": 44,
    f"{MAC} {WEBKIT} Version/26.1 Safari/605.1.15": 14,
    f"{MAC} {WEBKIT} Version/18.6 Safari/605.1.15": 10,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:157.0) Gecko/20100101 Firefox/157.0": 11,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:156.0) Gecko/20100101 Firefox/156.0": 3,
    f"{LINUX} {BLINK} Chrome/156.0.0.0 Safari/537.36": 14,
    f"{LINUX} {BLINK} Chrome/155.0.0.0 Safari/537.36": 4,
    "Mozilla/5.0 (X11; Linux x86_64; rv:157.0) Gecko/20100101 Firefox/157.0": 13,
    "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0": 4,
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Chrome/155.0.0.0 Safari/537.36": 5,
    f"{ANDROID} {BLINK} Chrome/156.0.0.0 Mobile Safari/537.36": 120,
    f"{ANDROID} {BLINK} Chrome/155.0.0.0 Mobile Safari/537.36": 34,
    f"{ANDROID} {BLINK} Chrome/154.0.0.0 Mobile Safari/537.36": 10,
    f"{ANDROID} {BLINK} Chrome/155.0.0.0 Safari/537.36": 6,
    f"{ANDROID} {BLINK} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36": 17,
    f"{ANDROID} {BLINK} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": 6,
    f"{ANDROID} {BLINK} Chrome/154.0.0.0 Mobile Safari/537.36 OPR/93.0.0.0": 4,
    f"{ANDROID} {BLINK} Chrome/156.0.0.0 Mobile Safari/537.36 EdgA/156.0.0.0": 3,
    "Mozilla/5.0 (Android 15; Mobile; rv:157.0) Gecko/157.0 Firefox/157.0": 8,
    "Mozilla/5.0 (Android 14; Mobile; rv:156.0) Gecko/156.0 Firefox/156.0": 2,
    f"{IPHONE} {WEBKIT} Version/26.2 Mobile/15E148 Safari/604.1": 96,
    f"{IPHONE} {WEBKIT} Version/26.1 Mobile/15E148 Safari/604.1": 34,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) "
    f"{WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1": 22,
    f"{IPHONE} {WEBKIT} CriOS/156.0.7100.40 Mobile/15E148 Safari/604.1": 16,
    f"{IPHONE} {WEBKIT} FxiOS/157.0 Mobile/15E148 Safari/605.1.15": 3,
    f"{IPHONE} {WEBKIT} GSA/390.0.800000000 Mobile/15E148 Safari/604.1": 9,
    f"{IPAD} {WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1": 8,
    f"{IPAD} {WEBKIT} CriOS/155.0.7050.60 Mobile/15E148 Safari/604.1": 2,
}

LANGUAGES: dict[str, float] = {
    "en-GB,en;q=0.9": 130,
    "en-GB,en-US;q=0.9,en;q=0.8": 80,
    "en-US,en;q=0.9": 150,
    "en-IE,en;q=0.9": 22,
    "fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7": 90,
    "fr-FR,fr;q=0.9,en;q=0.8": 40,
    "fr,fr-FR;q=0.9,en-US;q=0.8,en;q=0.7": 26,
    "fr-BE,fr;q=0.9,nl;q=0.8,en;q=0.7": 8,
    "fr-CA,fr;q=0.9,en-CA;q=0.8,en;q=0.7": 7,
    "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7": 100,
    "de,en-US;q=0.9,en;q=0.8": 34,
    "de-AT,de;q=0.9,en;q=0.8": 16,
    "de-CH,de;q=0.9,fr;q=0.8,en;q=0.7": 14,
    "nl-NL,nl;q=0.9,en-US;q=0.8,en;q=0.7": 44,
    "nl-BE,nl;q=0.9,fr;q=0.8,en;q=0.7": 9,
    "it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7": 42,
    "es-ES,es;q=0.9,en;q=0.8": 46,
    "pt-PT,pt;q=0.9,en;q=0.8": 12,
    "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7": 13,
    "pl-PL,pl;q=0.9,en-US;q=0.8,en;q=0.7": 24,
    "sv-SE,sv;q=0.9,en-US;q=0.8,en;q=0.7": 18,
    "da-DK,da;q=0.9,en;q=0.8": 14,
    "nb-NO,nb;q=0.9,no;q=0.8,en;q=0.7": 9,
    "cs-CZ,cs;q=0.9,en;q=0.8": 9,
    "ja-JP,ja;q=0.9,en;q=0.8": 6,
}

# Views by hour of the day (UTC) and by day of the week (from Monday), and by month of the year.
HOURS = [8, 6, 5, 5, 7, 14, 28, 48, 66, 76, 80, 76, 70, 76, 80, 78, 72, 64, 58, 58, 56, 46, 30, 16]
WEEKDAYS = [1.12, 1.16, 1.14, 1.1, 0.98, 0.62, 0.7]
MONTHS = [1.02, 1.03, 1.05, 1.0, 0.98, 0.96, 0.86, 0.74, 1.02, 1.06, 1.08, 0.98]
GROWTH = 0.7  # from the first day to the last

# When, as a share of the range; how many usual days on top; from where; what is left a day later.
SPIKES = [(0.23, 2.2, "launch", 0.55), (0.62, 7.5, "hacker-news", 0.3), (0.96, 3.2, "launch", 0.55)]

LONGEST = 6  # pages of a visit
UNSEEN = 1 / 14  # visits in which the snippet does not run


def visits(seed: int, first: date, last: date, per_day: float) -> Iterator[View]:
    """Views from `first` to `last` (UTC days, both included), in the order in which they happen.

    `per_day` is the average number of page views over the whole range. Takes about a microsecond
    a view, and holds about an hour of views at a time. Walks that outlast the last day are cut.
    """
    random = Random(seed)  # noqa: S311 (made-up traffic needs no secrets)
    draw = random.random
    languages, agents = spread(LANGUAGES), spread(USER_AGENTS)
    links = {page: spread(following) for page, following in LINKS.items()}
    arrivals = {name: [spread(table) for table in source[1:]] for name, source in SOURCES.items()}
    sources = spread({name: source.weight for name, source in SOURCES.items()})
    by_time = itemgetter(0)

    waiting: list[View] = []  # of the hours so far, not yet handed out
    owed = 0.0  # views that the curves ask for, less those that the walks have made
    for start, amount, spike, share in hours(random, first, last, per_day):
        owed += amount
        while owed > 0:
            at = start + 3600 * draw()
            source = spike if draw() < share else sources[int(SLOTS * draw())]
            referrers, queries, entries = arrivals[source]
            referrer = referrers[int(SLOTS * draw())]
            query = queries[int(SLOTS * draw())]
            page = entries[int(SLOTS * draw())]
            language = languages[int(SLOTS * draw())]
            agent = agents[int(SLOTS * draw())]
            seen = draw() > UNSEEN
            previous = ""
            for position in range(LONGEST):
                missing = page in MISSING
                waiting.append(
                    View(
                        at,
                        page,
                        not position,
                        previous,
                        referrer,
                        query,
                        language,
                        agent,
                        missing,
                        seen and not missing,
                        position == 1 and not missing,
                    )
                )
                owed -= 1
                previous, page = page, links[page][int(SLOTS * draw())]
                if not page or (not seen and page in ROUTES and previous in ROUTES):
                    break
                at += 4 + 200 * draw() * draw()
                referrer = query = ""
        waiting.sort(key=by_time)
        ready = bisect(waiting, start + 3600, key=by_time)
        yield from waiting[:ready]
        del waiting[:ready]


def hours(
    random: Random, first: date, last: date, per_day: float
) -> Iterator[tuple[float, float, str, float]]:
    """Each hour of the range: its start, its page views, and the share that a spike has of them."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = [(tuesday(first, last, when) - first).days for when, *_ in SPIKES]
    weights, spikes, shares = [], [], []
    for number, day in enumerate(days):
        usual = (1 + GROWTH * number / len(days)) * WEEKDAYS[day.weekday()] * MONTHS[day.month - 1]
        if (day.month, day.day) >= (12, 23) or (day.month, day.day) <= (1, 2):
            usual *= 0.45
        usual *= exp(random.gauss(0, 0.05))
        extra, spike = 0.0, ""
        for start, (_, times, source, left) in zip(starts, SPIKES, strict=True):
            since = number - start
            if since >= 0 and times * left**since > 0.02:
                extra, spike = times * left**since, source
        weights.append(usual * (1 + extra))
        spikes.append(spike)
        shares.append(extra / (1 + extra))

    scale = per_day * len(days) / sum(weights) / sum(HOURS)
    for day, weight, spike, share in zip(days, weights, spikes, shares, strict=True):
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        for hour, height in enumerate(HOURS):
            noise = 1 + 0.08 * random.gauss(0, 1)
            yield midnight + 3600 * hour, weight * height * scale * noise, spike, share


def tuesday(first: date, last: date, when: float) -> date:
    """The first Tuesday after a share of the range."""
    day = first + timedelta(days=int(when * ((last - first).days + 1)))
    return day + timedelta(days=(1 - day.weekday()) % 7)


SLOTS = 4096


def spread(weights: Mapping[T, float]) -> Sequence[T]:
    """A weighted table as `SLOTS` places, so that a draw from it is one look-up."""
    ends = list(accumulate(weights.values()))
    names = list(weights)
    return [names[bisect(ends, (n + 0.5) / SLOTS * ends[-1])] for n in range(SLOTS)]
