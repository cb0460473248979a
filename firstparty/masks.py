"""What may identify someone, found in a text and replaced by what kind of thing it was.

E-mail addresses, addresses of machines, numbers as long as a telephone's, and what looks drawn by
a machine. No expression here backtracks over a long run.
"""

import re
from itertools import groupby
from typing import Final


def masked(value: str) -> str:
    """The text, with what may identify someone replaced: `{email}`, `{token}` …"""
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
    if len(run) < 10 and run.isalpha():
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

MASK: Final = re.compile(r"\{(?:email|uuid|address|number|token)\}")
"""What a masked piece has become."""

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
_RUN: Final = re.compile(r"[A-Za-z0-9_-]{8,}+")
_JOINT: Final = re.compile(r"([_-]++)")
_HUMP: Final = re.compile(r"[A-Z]?[a-z]++|[A-Z]+(?![a-z])|\d++")
_HEX: Final = re.compile(r"[0-9a-f]++|[0-9A-F]++")
_WRITTEN: Final = re.compile(r"(?=.*[aeiouyAEIOUY])(?:[A-Z]?[a-z]++|[A-Z]++)(?<=..)|\d{1,4}")
_SAID: Final = re.compile(r"(?=.*[aeiouyAEIOUY])[A-Za-z]{3,}")
_NUMBER: Final = re.compile(r"[+(]{0,2}(?=(?:\d[ .()_+-]{0,3}){6})\d++(?:[ .()_+-]{1,3}\d++)*+")
_LONG: Final = re.compile(r"\d{6}")
_VERSION: Final = re.compile(r"\d{1,3}\.\d{1,3}(?:\.\d{1,2})?")
_YEAR: Final = r"(?:19|20)\d\d"
_MONTH: Final = r"(?:1[0-2]|0?[1-9])"
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
_DATE: Final = re.compile(
    rf"(?<!\d)(?:{_YEAR}[-._ ]{_MONTH}[-._ ]{_DAY}|{_DAY}[-._ ]{_MONTH}[-._ ]{_YEAR}|{_YEAR})(?!\d)"
)
