"""The formats `common` and `combined` of Apache and nginx, with further headers behind them.

    192.0.2.1 - - [10/Oct/2026:13:55:36 +0200] "GET /a HTTP/2.0" 200 12 "referrer" "user agent"

(https://httpd.apache.org/docs/2.4/logs.html). Reading begins at the time: what stands before it,
the address, the identity and the user's name, is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from firstparty.logs.endings import part
from firstparty.logs.line import OBJECTIONS, PART, TYPE, Line, split
from firstparty.logs.stamps import Stamps

STAMP: Final = 26
"""Characters of a time."""
MOST: Final = 20_000
"""Targets that are remembered as parts of pages."""

_STATUS: Final = rb'" ([1-5]\d\d) (?:\d++|-)'
_QUOTED: Final = rb' "([^"\\]*+(?:\\.[^"\\]*+)*+)"'
_REQUEST: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+')
_ESCAPE: Final = re.compile(rb'\\(?:x([0-9A-Fa-f]{2})|(["\\]))')
_NONE: Final = frozenset({b"-", b""})


class Common:
    """Without referrer and User-Agent."""

    name = "common"

    def __init__(self, fields: Sequence[bytes] = ()) -> None:
        self.carries = frozenset(fields) - {b"-"}
        self._fields = fields
        self._minute = Stamps().common
        self._rest = re.compile(_STATUS + _QUOTED * len(fields))
        self._typed = TYPE in fields
        self._quick = not self._typed and not OBJECTIONS & self.carries
        """Whether nothing more is to be known of a part of a page."""
        self._parts = set[bytes]()

    def parse(self, raw: bytes) -> Line | None:
        """What a line says; None where it is none of this format."""
        # No field before the time has a quotation mark of its own: servers escape it.
        end = raw.find(b'] "')
        start = end - STAMP
        if start < 1 or raw[start - 1] != 0x5B:
            return None
        if self._quick:
            # Most lines are for a part of a page, and for the same few.
            first = raw.find(b" ", end + 3) + 1
            if raw[first : raw.find(b" ", first)] in self._parts:
                return PART
        escaped = b"\\" in raw
        request = _REQUEST.match(raw, end + 3) if escaped else None
        close = request.end() if request else raw.find(b'"', end + 3)
        words = raw[end + 3 : close].split(b" ")
        if len(words) < 2:
            return None
        if self._quick and part(words[1]):
            if len(self._parts) >= MOST:
                self._parts.clear()
            if not escaped:
                self._parts.add(words[1])
            return PART
        minute = self._minute(raw[start:end])
        rest = self._rest.match(raw, close)
        if rest is None or minute is None:
            return None
        status, *values = rest.groups()
        # A target with a blank in it is written as it came.
        target = words[1] if len(words) == 3 else b" ".join(words[1:-1] or words[1:])
        if escaped:
            target, values = _plain(target), [_plain(value) for value in values]
        sent = {
            name: value
            for name, value in zip(self._fields, values, strict=True)
            if value not in _NONE and name != b"-"
        }
        method = words[0].decode("latin-1")
        if self._typed:
            return Line(minute, method, target, int(status), *split(sent))
        return Line(minute, method, target, int(status), sent)


class Combined(Common):
    """With both, and with the headers that the owner of the log says are behind them."""

    name = "combined"

    def __init__(self, more: Sequence[bytes] = ()) -> None:
        super().__init__((b"referer", b"user-agent", *more))


def _plain(quoted: bytes) -> bytes:
    """A quoted text without its escapes: nginx writes `\\x22`, Apache `\\"`."""
    return _ESCAPE.sub(_character, quoted)


def _character(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode()) if found[1] else found[2]
