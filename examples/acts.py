"""What made-up visitors do on the example's pages, and what their browsers measure there.

Guesses like those of `examples.traffic`: how many sign up, pay, write, download and leave for
elsewhere; how long a page is looked at; how fast it appears on a phone and on a desk.
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


class Measured(NamedTuple):
    """What the second file of the snippet reports of a view: by dimension, and the seconds."""

    said: Mapping[str, str]
    seconds: int


def measured(random: Random, path: str, user_agent: str) -> Measured:
    """What might be measured of one view."""
    mobile = "Mobile" in user_agent
    slow = 1.7 if mobile else 1.0

    def about(middle: float, spread: float) -> int:
        return round(middle * exp(random.gauss(0, spread)))

    usual = READ if path.startswith(("/blog/", "/docs/")) else LOOKED.get(path, OTHERS)
    seconds = min(1800, about(usual, 0.95))
    first_byte = about(170 * slow, 0.7)
    raw = {
        "t": seconds,
        "d": min(4, about(2.1, 0.5) + (seconds > usual)),
        "w": random.choice(PHONES if mobile else DESKS),
        "lcp": first_byte + about(780 * slow, 0.5),
        "inp": about(62 * slow, 0.75),
        "cls": about(14, 1.5) if random.random() < 0.55 else 0,
        "ttfb": first_byte,
    }
    read = {MEASURES[field][0]: MEASURES[field][1](value) for field, value in raw.items()}
    return Measured({name: value for name, value in read.items() if value}, seconds)


def answered(random: Random, path: str) -> float:
    """Milliseconds that the application might have taken to answer."""
    usual = {"/search": 120, "/app/reports": 60, "/blog/": 22}.get(path, 9)
    return usual * exp(random.gauss(0, 0.7))
