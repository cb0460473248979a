"""How texts that came from a visitor are made coarse before anything else sees them.

Each function is pure `str -> str`, raises for no text, answers a bounded text, and is idempotent:
a rule is repeated until it changes nothing, so what comes out is what the rule leaves alone. The
input is cut before any expression sees it.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from firstparty.masks import MASK, masked

TEXT_MAX: Final = 64
PATH_MAX: Final = 200
HOST_MAX: Final = 100

_READ: Final = 512
"""Characters of any input that are looked at: more than twice what is kept of the longest."""

_PASSES: Final = 6
"""Times a rule is repeated; a text that is still changing then becomes `{token}`."""


def text(value: str) -> str:
    """A campaign text, a title, a search: at most 64 characters, what may identify masked.

    Escapes (%40) are decoded, so that none hides an e-mail.
    """
    if len(value) <= TEXT_MAX and _PLAIN_TEXT.fullmatch(value):
        return value
    return _settle(_text, _cut(value, _SPACE), "{token}")


def pair(value: str) -> str:
    """A property of an event, `plan=pro`: both sides as any text."""
    return _settle(_pair, _cut(value, _SPACE), "{token}")


def path(value: str) -> str:
    """A URL path and the part of its query that counts: at most 200 characters, begins with "/".

    Escapes (%41) are decoded until none is left, so that one page has one name however it was
    written, and so that no escape hides an e-mail; a text escaped more than a few times over
    is not a page's name. A `+` or a space in the query is shown as `+`.
    """
    if len(value) <= PATH_MAX and _PLAIN_PATH.fullmatch(value):
        return value
    return _settle(_path, _cut(value, _PATH_BREAK), "/{token}")


def host(value: str) -> str:
    """The host of a referrer's URL, or of a bare host: lower case, at most 100 characters.

    Without port, user, `www.` and final dot. Addresses and local names become `{address}`;
    what is no host, or has another scheme than http, https and android-app, becomes "".
    Left of the registered name, which is public, labels are masked as any text is.
    """
    return _settle(_host, value[: _READ + 1], "")


def _settle(rule: Callable[[str], str], value: str, otherwise: str) -> str:
    """The text that `rule` leaves alone; this is what makes every function idempotent."""
    for _ in range(_PASSES):
        result = rule(value)
        if result == value:
            return value
        value = result
    return otherwise


# One pass of each rule.


def _text(value: str) -> str:
    value = " ".join(_clean(unescaped(value)).split())
    return _shorten(masked(value), TEXT_MAX).rstrip()


def _pair(value: str) -> str:
    name, _, of = value.partition("=")
    return f"{_text(name)}={_text(of)}"


def _path(value: str) -> str:
    for _ in range(_PASSES):
        plain = unescaped(value)
        if plain == value:
            break
        value = plain
    else:
        return "/{token}"
    value = _clean(value)
    if not value.startswith("/"):
        value = "/" + value
    page, mark, query = value.partition("?")
    value = masked(page)
    if mark:
        for pair in query.replace(" ", "+").split("&"):
            name, equals, of = pair.partition("=")
            value += mark + masked(name) + equals + masked(of)
            mark = "&"
            if len(value) > PATH_MAX:
                break
    return _shorten(value, PATH_MAX)


def _host(value: str) -> str:
    if value == "{address}":
        return value
    scheme, url, rest = value.strip().partition("://")
    if not url:
        rest = scheme.removeprefix("//")
    elif scheme.lower() not in {"http", "https", "android-app"}:
        return ""
    authority = _HOST_END.split(rest, maxsplit=1)[0]
    user, _, name = authority.rpartition("@")
    if len(authority) > _READ // 2 or (user and not url):
        return ""  # no host is so long, and john@example.com is none
    name = name.lower()
    if name.startswith("[") or name.count(":") > 1:
        return "{address}" if _IPV6_HOST.fullmatch(name) else ""
    name, _, port = name.partition(":")
    if port and not port.isdecimal():
        return ""
    name = name.removesuffix(".")
    while name.startswith("www.") and "." in name[4:]:
        name = name[4:]
    if not _HOST.fullmatch(MASK.sub("x", name)):
        return ""
    labels = name.split(".")
    if len(labels) == 1 or labels[-1] in _LOCAL or labels[-1][0].isdecimal():
        return "{address}"
    # bbc.co.uk is registered below a second level; example.de is not.
    own = -3 if len(labels[-1]) == 2 and labels[-2] in _SECOND else -2
    public = ".".join(labels[own:])
    if labels[:own]:
        # A dotted address in a longer name is masked as one, so the labels are read together.
        public = masked(".".join(labels[:own])) + "." + public
    while len(public) > HOST_MAX:
        public = public.partition(".")[2]
    return public


# What all rules share.


def unescaped(value: str) -> str:
    """The text with its escapes (%41) decoded, as UTF-8."""
    # unquote() goes through all that follows a %, in Python, also where none is an escape.
    return unquote(value) if _ESCAPE.search(value) else value


def _cut(value: str, breaks: re.Pattern[str]) -> str:
    """Its beginning; the piece that the cut goes through could be half an e-mail: masked."""
    if len(value) <= _READ:
        return value
    end = 0
    for found in breaks.finditer(value, 0, _READ):
        end = found.end()
    return value[:end] + "{token}"


def _clean(value: str) -> str:
    if value.isascii() and value.isprintable():
        return value
    # One spelling: composed, and full-width letters as the plain ones that they stand for.
    value = _SURROGATE.sub("\ufffd", value)
    value = unicodedata.normalize("NFKC", value)[: 2 * _READ]
    return _BLANK.sub(" ", _CONTROL.sub("", value))


def _shorten(value: str, most: int) -> str:
    """Cut to `most` characters, and before a mask rather than through it."""
    if len(value) <= most:
        return value
    start = value.rfind("{", 0, most)
    mask = MASK.match(value, start) if start >= 0 else None
    return value[: start if mask and mask.end() > most else most]


# No expression here backtracks over a long run.

_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_SPACE: Final = re.compile(r"\s")
_PATH_BREAK: Final = re.compile(r"[/?&]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_BLANK: Final = re.compile(r"[^\S ]")
# C0 and C1 controls but white space in texts, soft hyphen, bidirectional and invisible formatting.
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
_PLAIN_TEXT: Final = re.compile(r"[A-Za-z][a-z]{0,19}+(?:[ _-](?:[A-Za-z][a-z]{0,19}+|\d{1,4}+))?")
_PLAIN_PATH: Final = re.compile(r"/(?:[a-z]{1,24}+(?![a-z0-9])|[/._-])*+")
_HOST_END: Final = re.compile(r"[/?#\\]")
_HOST: Final = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?")
_IPV6_HOST: Final = re.compile(r"\[?[0-9a-f:.]{2,45}(?:%\w{1,16})?(?:\](?::\d*)?)?")
_SECOND: Final = frozenset(
    ("ac", "co", "com", "edu", "go", "gob", "gov", "ltd", "me", "ne", "net", "nom", "or", "org")
)
# RFC 6761, RFC 8375, and what home routers and offices use.
_LOCAL: Final = frozenset(
    (
        *("arpa", "corp", "home", "internal", "intranet", "invalid", "lan", "local"),
        *("localdomain", "localhost", "private", "test"),
    )
)
