"""What other tools call browsers, systems, devices, countries and languages, in our own words.

Each function is pure `str → str`, and answers a value of our own table: `(unknown)` for what says
that it is not known, `(other)` for what is none of ours.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from firstparty import countries, data, languages
from firstparty.agents import BROWSER_FAMILIES, IN_APP, OTHER, SYSTEM_FAMILIES, UNKNOWN

_NOBODY: Final = frozenset(("", "notset", "notprovided", "unknown", "null", "none", "undefined"))


def letters(word: str) -> str:
    """The letters of a word alone, in lower case: `Chrome Mobile 140` → chromemobile."""
    plain = unicodedata.normalize("NFKD", word[:100]).lower()
    return "".join(each for each in plain if each.isascii() and each.isalpha())


def browser(word: str) -> str:
    """The family of a browser: `Mobile Safari` → Safari, `edge-chromium` → Edge."""
    return _told(word, _BROWSERS)


def system(word: str) -> str:
    """The family of a system: `Mac OS X 10.15` → macOS, `GNU/Linux` → Linux."""
    return _told(word, _SYSTEMS)


def device(word: str) -> str:
    """The kind of device: `mobile` → Phone, `laptop` → Desktop."""
    return _told(word, _DEVICES)


def country(word: str) -> str:
    """The country of a code, or of a name in English; of a region (`US-CA`) its country."""
    code = word.strip().partition("-")[0]
    if len(code) == 2 and code.upper() in countries.CODES:
        return code.upper()
    return _COUNTRIES.get(letters(word), UNKNOWN)


def language(word: str) -> str:
    """The language of a code (`en-us`), or of a name in English."""
    if (key := letters(word)) in _NOBODY:
        return UNKNOWN
    return _LANGUAGES.get(key) or languages.language(word.replace("_", "-").lower())


def _told(word: str, ours: dict[str, str]) -> str:
    key = letters(word)
    return UNKNOWN if key in _NOBODY else ours.get(key, OTHER)


_BROWSERS: Final = {letters(name): ours for name, ours in BROWSER_FAMILIES.items()} | {
    "chromeios": "Chrome",
    "chromewebview": IN_APP,
    "chromiumwebview": IN_APP,
    "crios": "Chrome",
    "googlechrome": "Chrome",
    "mobilechrome": "Chrome",
    "applesafari": "Safari",
    "ios": "Safari",  # of the library detect-browser
    "safariinapp": IN_APP,
    "safarimobile": "Safari",
    "mozillafirefox": "Firefox",
    "firefoxmobileios": "Firefox",
    "fxios": "Firefox",
    "edgechromium": "Edge",
    "edgeios": "Edge",
    "edgewebview": IN_APP,
    "microsoftedge": "Edge",
    "microsoftedgelegacy": "Edge",
    "msedge": "Edge",
    "samsung": "Samsung Internet",
    "samsungbrowser": "Samsung Internet",
    "samsungbrowserlite": "Samsung Internet",
    "operanext": "Opera",
    "operaminios": "Opera",
    "duckduckgoprivacybrowser": "DuckDuckGo",
    "yabrowser": "Yandex",
    "yandex": "Yandex",
    "yandexbrowserlite": "Yandex",
    "ucbrowsermini": "UC Browser",
    "microsoftinternetexplorer": "Internet Explorer",
    "msie": "Internet Explorer",
    "internetexplorer": "Internet Explorer",
    "androidwebview": IN_APP,
    "iosinapp": IN_APP,
    "ioswebview": IN_APP,
    "inappbrowser": IN_APP,
    "mobileapp": IN_APP,
}
_SYSTEMS: Final = {letters(name): ours for name, ours in SYSTEM_FAMILIES.items()} | {
    "windowsnt": "Windows",
    "windowsserver": "Windows",
    "windowsvista": "Windows",
    "windowsxp": "Windows",
    "mac": "macOS",
    "macintosh": "macOS",
    "macos": "macOS",
    "osx": "macOS",
    "ipados": "iOS",
    "iphoneos": "iOS",
    "androidos": "Android",
    "gnulinux": "Linux",
    "linuxmint": "Linux",
    "redhatlinux": "Linux",
    "chromeos": "ChromeOS",
    "cros": "ChromeOS",
}
_DEVICES: Final = {
    "desktop": "Desktop",
    "laptop": "Desktop",
    "pc": "Desktop",
    "mobile": "Phone",
    "mobilephone": "Phone",
    "phone": "Phone",
    "smartphone": "Phone",
    "featurephone": "Phone",
    "phablet": "Phone",
    "tablet": "Tablet",
    "tv": "TV",
    "smarttv": "TV",
}
_COUNTRIES: Final = {
    letters(name): line[:2] for line in data.lines("countries.txt") for name in line[3:].split(";")
}
_LANGUAGE_NAMES: Final = """
ar arabic, bg bulgarian, ca catalan, cs czech, da danish, de german, el greek, en english,
es spanish, et estonian, eu basque, fa persian, fi finnish, fr french, gl galician, he hebrew,
hi hindi, hr croatian, hu hungarian, id indonesian, it italian, ja japanese, ko korean,
lt lithuanian, lv latvian, ms malay, nl dutch, no norwegian, pl polish, pt portuguese, ro romanian,
ru russian, sk slovak, sl slovenian, sr serbian, sv swedish, th thai, tr turkish, uk ukrainian,
vi vietnamese, zh chinese
"""
_LANGUAGES: Final = {
    name: code for pair in _LANGUAGE_NAMES.split(",") for code, name in (pair.split(),)
}
