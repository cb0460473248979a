"""What made-up visitors do on the example's pages, and what their browsers measure there.

Guesses like those of `examples.traffic`: how many sign up, pay, write, download and leave for
elsewhere; how long a page is looked at; how fast it appears on a phone and on a desk. And which
machines come, and when a new version of the site ran.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from random import Random
from typing import NamedTuple

from firstparty.readings import MEASURES


class Act(NamedTuple):
    """Something that is done in one of so many views of a page."""

    one_in: float
    said: Mapping[str, str]  # what is reported, by the name of the dimension
    properties: tuple[str, ...] = ()  # one of them goes with it
    amounts: tuple[int, ...] = ()  # one of them is paid, in the smallest unit of the currency


SIGNUP = {"event": "signup"}
PLANS = ("plan=free", "plan=free", "plan=free", "plan=pro")

ACTS: dict[str, tuple[Act, ...]] = {
    "/pricing": (
        Act(24, SIGNUP, PLANS),
        Act(130, {"event": "subscribe", "currency": "EUR"}, ("plan=pro",), (1900, 1900, 19_000)),
        Act(600, {"event": "subscribe", "currency": "GBP"}, ("plan=pro",), (1700, 17_000)),
    ),
    "/app/": (Act(30, SIGNUP, PLANS), Act(9, {"event": "sample_count"})),
    "/app/reports": (Act(14, {"event": "export"}, ("format=csv", "format=csv", "format=pdf")),),
    "/contact": (Act(2.7, {"form": "contact"}),),
    "/search": (Act(1.2, {"form": "search"}),),
    "/docs/start": (Act(12, {"download": "/static/counting-list.pdf"}),),
    "/docs/counting": (
        Act(18, {"download": "/static/counting-list.pdf"}),
        Act(60, {"outbound": "till-and-scale.example"}),
    ),
    "/about": (
        Act(26, {"outbound": "corner-shop-guild.example"}),
        Act(70, {"download": "/static/fennel-press.zip"}),
    ),
    "/blog/half-the-waste": (
        Act(22, {"outbound": "sourdough-weekly.example"}),
        Act(45, {"download": "/static/waste-diary.pdf"}),
    ),
    "/blog/weighing-cheese": (Act(30, {"outbound": "kitchen-notes.example"}),),
    "/blog/no-cookie-banner": (Act(40, {"outbound": "market-hall.example"}),),
    "/blog/version-two": (Act(50, {"outbound": "corner-shop-guild.example"}),),
}

# Seconds for which a page is looked at, in the middle; of the others, this.
LOOKED = {"/": 22, "/pricing": 48, "/contact": 55, "/app/": 70, "/app/reports": 64, "/search": 14}
READ, OTHERS = 95, 34
PHONES = ("xs", "xs", "xs", "xs", "s")
DESKS = ("m", "l", "l", "l", "xl", "xl", "xl")


# When a release first ran, as a share of the range: the second is the launch.
RELEASES = {"1.9.0": 0.93, "2.0.0": 0.96}

# A time zone for the first language of a browser; of the others, and of a few travellers, this.
ZONES = {
    "en-US": "America/New_York",
    "en-IE": "Europe/Dublin",
    "fr-FR": "Europe/Paris",
    "fr": "Europe/Paris",
    "fr-BE": "Europe/Brussels",
    "fr-CA": "America/Montreal",
    "de-DE": "Europe/Berlin",
    "de": "Europe/Berlin",
    "de-AT": "Europe/Vienna",
    "de-CH": "Europe/Zurich",
    "nl-NL": "Europe/Amsterdam",
    "nl-BE": "Europe/Brussels",
    "it-IT": "Europe/Rome",
    "es-ES": "Europe/Madrid",
    "pt-PT": "Europe/Lisbon",
    "pt-BR": "America/Sao_Paulo",
    "pl-PL": "Europe/Warsaw",
    "sv-SE": "Europe/Stockholm",
    "da-DK": "Europe/Copenhagen",
    "nb-NO": "Europe/Oslo",
    "cs-CZ": "Europe/Prague",
    "ja-JP": "Asia/Tokyo",
}
HOME, HIDDEN, HIDES = "Europe/London", "UTC", 0.03

# What machines call themselves, as often as it stands here.
MACHINES = (
    *["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"] * 9,
    *["Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"] * 5,
    *["Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"] * 8,
    *["Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"] * 7,
    *["Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)"] * 5,
    *["Mozilla/5.0 (compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)"] * 2,
    *["Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"] * 4,
    *["Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)"] * 3,
    *["Mozilla/5.0 (compatible; Applebot/0.1; +http://www.apple.com/go/applebot)"] * 2,
    *["facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"] * 2,
    "Mozilla/5.0 (compatible; Mastodon/4.4; +https://mastodon.social/)",
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)",
    *["python-requests/2.32.3"] * 3,
    *["curl/8.9.1"] * 2,
)


class Measured(NamedTuple):
    """What the optional files of the snippet report of a view, by the name of the dimension."""

    left: Mapping[str, str]
    pace: Mapping[str, str]
    seconds: int


def measured(random: Random, path: str, user_agent: str, language: str) -> Measured:
    """What might be measured of one view."""
    mobile = "Mobile" in user_agent
    slow = 1.7 if mobile else 1.0

    def about(middle: float, spread: float) -> int:
        return round(middle * exp(random.gauss(0, spread)))

    usual = READ if path.startswith(("/blog/", "/docs/")) else LOOKED.get(path, OTHERS)
    seconds = min(1800, about(usual, 0.95))
    first_byte = about(170 * slow, 0.7)
    left = {
        "t": seconds,
        "d": min(4, about(2.1, 0.5) + (seconds > usual)),
        "w": random.choice(PHONES if mobile else DESKS),
    }
    pace = {
        "lcp": first_byte + about(780 * slow, 0.5),
        "inp": about(62 * slow, 0.75),
        "cls": about(14, 1.5) if random.random() < 0.55 else 0,
        "ttfb": first_byte,
    }
    zone = HIDDEN if random.random() < HIDES else ZONES.get(language.split(",")[0], HOME)
    return Measured({**read("left", left), "country": zone}, read("pace", pace), seconds)


def read(kind: str, fields: Mapping[str, object]) -> dict[str, str]:
    """The fields of a beacon as the collector reads them."""
    readers = MEASURES[kind]
    read = {readers[field][0]: readers[field][1](value) for field, value in fields.items()}
    return {name: value for name, value in read.items() if value}


def answered(random: Random, path: str) -> float:
    """Milliseconds that the application might have taken to answer."""
    usual = {"/search": 120, "/app/reports": 60, "/blog/": 22}.get(path, 9)
    return usual * exp(random.gauss(0, 0.7))
