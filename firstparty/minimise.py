"""How texts that came from a visitor are made coarse before anything else sees them.

Each function is pure `str -> str`, raises for no text, answers a bounded text, and is idempotent:
a rule is repeated until it changes nothing, so what comes out is what the rule leaves alone. The
input is cut before any expression sees it, and no expression here backtracks over a long run.
"""

import re
import unicodedata
from collections.abc import Callable
from itertools import groupby
from typing import Final
from urllib.parse import unquote

TEXT_MAX: Final = 64
PATH_MAX: Final = 200
HOST_MAX: Final = 100

_READ: Final = 1024
"""Characters of any input that are looked at: a beacon is no longer."""

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
    if _ESCAPE.search(value):
        value = unquote(value, errors="replace")
    value = " ".join(_clean(value).split())
    return _shorten(_masked(value), TEXT_MAX).rstrip()


def _pair(value: str) -> str:
    name, _, of = value.partition("=")
    return f"{_text(name)}={_text(of)}"


def _path(value: str) -> str:
    for _ in range(_PASSES):
        if "%" not in value or (plain := unquote(value, errors="replace")) == value:
            break
        value = plain
    else:
        return "/{token}"
    value = _clean(value)
    if not value.startswith("/"):
        value = "/" + value
    page, mark, query = value.partition("?")
    value = _masked(page)
    if mark:
        for pair in query.replace(" ", "+").split("&"):
            name, equals, of = pair.partition("=")
            value += mark + _masked(name) + equals + _masked(of)
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
    if not _HOST.fullmatch(_MASK.sub("x", name)):
        return ""
    labels = name.split(".")
    if len(labels) == 1 or labels[-1] in _LOCAL or labels[-1][0].isdecimal():
        return "{address}"
    # bbc.co.uk is registered below a second level; example.de is not.
    own = -3 if len(labels[-1]) == 2 and labels[-2] in _SECOND else -2
    public = ".".join(labels[own:])
    if labels[:own]:
        # A dotted address in a longer name is masked as one, so the labels are read together.
        public = _masked(".".join(labels[:own])) + "." + public
    while len(public) > HOST_MAX:
        public = public.partition(".")[2]
    return public


# What all rules share.


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
    mask = _MASK.match(value, start) if start >= 0 else None
    return value[: start if mask and mask.end() > most else most]


def _masked(value: str) -> str:
    """What may identify someone replaced by what kind of thing it was."""
    if "@" in value:
        value = _AT.sub(_email, value)
    if _DIGIT.search(value):
        value = _UUID.sub("{uuid}", value)
        if _PAIRS.search(value):
            value = _CARD.sub("{address}", value)
            value = _IPV6.sub(_address, value)
        value = _IPV4.sub("{address}", value)
        value = _JWT.sub("{token}", value)
    value = _RUN.sub(_token, value)
    return _NUMBER.sub(_number, value)


def _email(found: re.Match[str]) -> str:
    # Not: @name, a handle; react@18.2.0, a version; logo@2x.png, a picture.
    return "{email}" if _DOMAIN.search(found[0]) else found[0]


def _address(found: re.Match[str]) -> str:
    run = found[0]
    short = "::" in run and any(map(str.isdecimal, run))
    return "{address}" if short or run.count(":") > 5 else run


def _number(found: re.Match[str]) -> str:
    """A telephone, card or account number, but no date, range of years or version."""
    run = found[0]
    if run.isdecimal():
        return "{number}" if len(run) > 5 else run
    if _VERSION.fullmatch(run):
        return run
    rest = run
    if not run.startswith(("+", "(", "00")):
        rest = _DATE.sub("-", run, count=2)
    return "{number}" if _digits(rest) > 6 or _LONG.search(run) else run


def _digits(value: str) -> int:
    return sum(map(str.isdecimal, value))


# Tokens: runs of letters and digits that look drawn, not written.


def _token(found: re.Match[str]) -> str:
    """One run of pieces joined by - and _, with what looks drawn in it masked."""
    run = found[0]
    if len(run) < 8 or (run.isalpha() and len(run) < 10):
        return run
    pieces = _JOINT.split(run)  # piece, joint, piece, …
    names = pieces[::2]
    if len(names) == 1:
        return "{token}" if _drawn(run) else run
    drawn = [_drawn(piece) for piece in names]
    if any(drawn):
        return _join(names, pieces[1::2], drawn)
    # base64url has joints of its own: no piece is long enough, but nothing in it is a word.
    whole = "".join(names)
    written = sum(len(piece) for piece in names if _written(piece))
    if written * 3 >= len(whole) or not _drawn(whole):
        return run
    mixed = not whole.islower() and not whole.isupper()
    return "{token}" if mixed or len(whole) >= 20 else run


def _join(names: list[str], joints: list[str], drawn: list[bool]) -> str:
    """Mask the drawn pieces, and what stands beside them and is no word, as one."""
    result = ""
    pieces = zip(names, drawn, [*joints, ""], strict=True)
    for _, group in groupby(pieces, key=lambda piece: not piece[1] and _written(piece[0])):
        side = list(group)
        if any(hide for _, hide, _ in side):
            result += "{token}" + side[-1][2]
        else:
            result += "".join(name + joint for name, _, joint in side)
    return result


def _written(piece: str) -> bool:
    return _WRITTEN.fullmatch(piece) is not None


def _drawn(piece: str) -> bool:
    """Whether letters and digits without a joint look like an identifier."""
    size = len(piece)
    if size < 8 or piece.isdecimal():
        return False
    if size >= 16 and _HEX.fullmatch(piece):
        return True
    if size > 128:
        return True
    humps: list[str] = _HUMP.findall(piece)  # get Started Guide 15
    if max(map(len, humps)) >= 25:
        return True
    if not piece.islower() and not piece.isupper():
        has_digit = not piece.isalpha()
        return size >= (8 if has_digit else 10) and size / len(humps) < (
            2.3 if size < 16 or not has_digit else 3.0
        )
    changes = len(humps) - 1
    if size < 10 or changes < 2:
        return False
    # summer2026sale, covid19vaccine: each part of it can be said.
    return changes > 4 or not all(h.isdecimal() or _SAID.fullmatch(h) for h in humps)


# Bounds and possessive runs (++) keep each of these linear.

_MASK: Final = re.compile(r"\{(?:email|uuid|address|number|token)\}")
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

_DIGIT: Final = re.compile(r"\d")
_PAIRS: Final = re.compile(r":[0-9A-Fa-f]{0,4}+:|[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-")
_AT: Final = re.compile(r"""(?<![^\s/?&#,;<>()|\\{}])[^\s/?&#,;<>()|\\{}]++""")
_DOMAIN: Final = re.compile(
    r"@(?!\dx\.(?:png|jpe?g|gif|webp|avif|svg)$)[^@]*?(?:\.[\w-]*?[^\W\d_]|(?:\d{1,3}\.){3}\d)"
)
_UUID: Final = re.compile(
    r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:[-_]?[0-9A-Fa-f]{4}){3}[-_]?[0-9A-Fa-f]{12}(?![0-9A-Fa-f])"
)
_IPV4: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\d*+(?:\.\d++)*+")
_IPV6: Final = re.compile(r"[0-9A-Fa-f]{0,4}+(?::[0-9A-Fa-f]{0,4}+){2,}+(?:\.\d{1,3}){0,3}+")
_CARD: Final = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?!\w)")
_JWT: Final = re.compile(r"eyJ[\w-]{8,}+(?:\.[\w-]++){1,4}")
_RUN: Final = re.compile(r"[A-Za-z0-9_-]++")
_JOINT: Final = re.compile(r"([_-]++)")
_HUMP: Final = re.compile(r"[A-Z]?[a-z]++|[A-Z]+(?![a-z])|\d++")
_HEX: Final = re.compile(r"[0-9a-f]++|[0-9A-F]++")
_WRITTEN: Final = re.compile(r"(?=.*[aeiouyAEIOUY])(?:[A-Z]?[a-z]++|[A-Z]++)(?<=..)|\d{1,4}")
_SAID: Final = re.compile(r"(?=.*[aeiouyAEIOUY])[A-Za-z]{3,}")
_NUMBER: Final = re.compile(r"[+(]{0,2}\d++(?:[ .()_+-]{1,3}\d++)*+")
_LONG: Final = re.compile(r"\d{6}")
_VERSION: Final = re.compile(r"\d{1,3}\.\d{1,3}(?:\.\d{1,2})?")
_YEAR: Final = r"(?:19|20)\d\d"
_MONTH: Final = r"(?:1[0-2]|0?[1-9])"
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
_DATE: Final = re.compile(
    rf"(?<!\d)(?:{_YEAR}[-._ ]{_MONTH}[-._ ]{_DAY}|{_DAY}[-._ ]{_MONTH}[-._ ]{_YEAR}|{_YEAR})(?!\d)"
)

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
