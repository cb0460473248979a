"""What the snippet reads in a browser, a row each: its switch, its fields, what visitors read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from firstparty import scales


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that the snippet reads, with a switch of its own in the setting `sends`."""

    name: str
    file: Literal["tally.js", "more.js", "acts.js", "pace.js"]
    fields: tuple[str, ...]
    """The fields of the beacon that carry it; of `acts.js`, the kinds of beacon."""
    told: str
    """What is read, in the words of the visitors' page."""


READINGS: Final = (
    Reading("referrer", "tally.js", ("r",), "the page before it"),
    Reading("navigation", "tally.js", ("n",), "whether it was opened, reloaded or returned to"),
    Reading(
        "visit",
        "tally.js",
        ("k",),
        "whether it is the first, the second or a later page of this visit",
    ),
    Reading("time", "more.js", ("t",), "for how many seconds the page was visible"),
    Reading("scroll", "more.js", ("d",), "how far down it was scrolled, in quarters"),
    Reading("screen", "more.js", ("w",), "how wide the screen is, in five classes"),
    Reading("events", "acts.js", ("event", "missing"), "events that the site has named"),
    Reading("outbound", "acts.js", ("outbound",), "the host of a link that leaves the site"),
    Reading("downloads", "acts.js", ("download",), "the path of a file that is downloaded"),
    Reading("forms", "acts.js", ("form",), "the name of a form that is sent, and nothing in it"),
    Reading(
        "vitals",
        "pace.js",
        ("lcp", "inp", "cls", "ttfb"),
        "how fast the page appeared and responded, and how much of it moved",
    ),
)

FILES: Final[tuple[str, ...]] = tuple(dict.fromkeys(each.file for each in READINGS))
"""The files of the snippet: the first counts views, the others are optional."""

ZONE: Final = Reading(
    "zone", "more.js", ("z",), "the time zone, of which the server keeps the country alone"
)
"""Read only where the setting `country` asks for it."""

BY_NAME: Final = {reading.name: reading for reading in READINGS}
SWITCHES: Final = tuple(BY_NAME)

SCREENS: Final = ("under 480 px", "480 – 767 px", "768 – 1023 px", "1024 – 1439 px", "from 1440 px")
_SCREENS: Final[dict[str, str]] = dict(zip(("xs", "s", "m", "l", "xl"), SCREENS, strict=True))
SCROLLED: Final = ("25 %", "50 %", "75 %", "100 %")

_LONGEST: Final = 1800
"""Seconds that a page is taken to be visible, at most."""
_SLOWEST: Final = 600_000
"""Milliseconds, or thousandths of a layout shift, that are taken for a measurement."""


def _whole(value: object, most: int) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
        return value
    return None


def _screen(value: object) -> str | None:
    return _SCREENS.get(value) if isinstance(value, str) else None


def _scroll(value: object) -> str | None:
    quarter = _whole(value, len(SCROLLED))
    return SCROLLED[quarter - 1] if quarter else None


def _on(scale: scales.Scale, most: int) -> Callable[[object], str | None]:
    def read(value: object) -> str | None:
        number = _whole(value, most)
        return None if number is None else scale.label(number)

    return read


MEASURES: Final[dict[str, dict[str, tuple[str, Callable[[object], str | None]]]]] = {
    "left": {
        "t": ("visible", _on(scales.VISIBLE, _LONGEST)),
        "d": ("scroll", _scroll),
        "w": ("screen", _screen),
    },
    "pace": {
        "lcp": ("lcp", _on(scales.LCP, _SLOWEST)),
        "inp": ("inp", _on(scales.INP, _SLOWEST)),
        "cls": ("cls", _on(scales.CLS, _SLOWEST)),
        "ttfb": ("ttfb", _on(scales.TTFB, _SLOWEST)),
    },
}
"""By the kind of beacon: from its fields to the names of dimensions, and from their JSON to the
dimensions' values: None for what no browser would send."""

_CODES: Final = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR "
    "KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR "
    "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS "
    "UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES: Final = tuple(_CODES.split())
"""ISO 4217, the currencies in use; a sum is in the smallest unit of each."""
