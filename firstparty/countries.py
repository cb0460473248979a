"""The country of a time zone, or of a CDN's header: no address is read for it."""

from __future__ import annotations

from typing import Final

from firstparty import data

UNKNOWN: Final = "(unknown)"


def country(value: str) -> str:
    """One of `CODES`: of an IANA time zone (Europe/Paris → FR), or of a code as a CDN says it (FR).

    A time zone gives an approximate answer. It is where the clock is set, not where somebody is:
    a traveller's may be at home, and whoever hides it (Tor, resistFingerprinting) says UTC.
    A zone that several countries keep is the country's whose name it bears, as in IANA's zone.tab:
    Europe/Berlin is DE, though Denmark's clocks agree with it. Names that IANA has replaced
    (Asia/Calcutta, US/Pacific) are known.

    What names no country is `(unknown)`: UTC, Etc/GMT+3, abbreviations (CET, EST5EDT), the codes
    that are no country's (Cloudflare's XX and T1, EU, AP), and any other text.
    """
    return _COUNTRIES.get(value, UNKNOWN)


# A line is a country of ISO 3166-1, its code first, then the zones that are its own.
_ROWS: Final = tuple(line.split() for line in data.lines("zones.txt"))

CODES: Final = (*(code for code, *_ in _ROWS), UNKNOWN)
"""The two-letter codes of ISO 3166-1, as IANA lists them."""

_COUNTRIES: Final = {
    # Some say UK; ISO reserves it for the country that it calls GB.
    "UK": "GB",
    "uk": "GB",
    **{name: code for code, *zones in _ROWS for name in (code, code.lower(), *zones)},
}
