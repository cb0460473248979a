"""The W3C extended log file format, as IIS and CloudFront write it.

https://www.w3.org/TR/WD-logfile.html. A line `#Fields:` says what stands where; only the columns
that are read are taken out of the lines below it.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from firstparty.logs.line import FIELDS, OBJECTIONS, Line, split
from firstparty.logs.stamps import Stamps

DIRECTIVE: Final = b"#Fields:"
MOST_FIELDS: Final = 200

_NEEDED: Final = frozenset({b"date", b"time", b"cs-method", b"cs-uri-stem", b"sc-status"})
_HOSTS: Final = (b"cs-host", b"x-host-header", b"cs(host)")
"""Where the host is that was asked for; CloudFront's own name comes last."""


class Extended:
    """`2026-10-10 13:55:36 GET /a q=1 200 …`, by the fields that the file names."""

    name = "w3c"

    def __init__(self) -> None:
        self._line: re.Pattern[bytes] | None = None
        self._columns: tuple[bytes, ...] = ()
        self._headers: dict[bytes, bytes] = {}
        self._minute = Stamps().iso

    @property
    def carries(self) -> frozenset[bytes]:
        """The headers among the fields that the file has named."""
        return frozenset(self._headers.values())

    def parse(self, raw: bytes) -> Line | None:
        """What a line says; None where it is a comment, or none of this format."""
        if raw.startswith(b"#"):
            if raw.startswith(DIRECTIVE):
                self._note(raw[len(DIRECTIVE) :].split())
            return None
        match = self._line.match(raw) if self._line else None
        if match is None:
            return None
        found = dict(zip(self._columns, match.groups(), strict=True))
        minute = self._minute(found[b"date"] + b"T" + found[b"time"][:5])
        if minute is None or not found[b"sc-status"].isdigit():
            return None
        target = found[b"cs-uri-stem"]
        query = found.get(b"cs-uri-query", b"-")
        if query != b"-":
            target += b"?" + query
        headers = {
            self._headers[column]: _blanks(value) if column == _AGENT else value
            for column, value in found.items()
            if column in self._headers and value != b"-"
        }
        method = found[b"cs-method"].decode("latin-1")
        return Line(minute, method, target, int(found[b"sc-status"][:4]), *split(headers))

    def _note(self, fields: list[bytes]) -> None:
        """From here on the lines have these fields."""
        names = [field.lower() for field in fields]
        self._headers = {name: header for name in names if (header := _header(name)) is not None}
        hosts = [name for name in _HOSTS if name in names]
        self._headers = {
            name: header
            for name, header in self._headers.items()
            if header != b"host" or name == hosts[0]
        }
        read = {*_NEEDED, b"cs-uri-query", *self._headers}
        self._columns = tuple(name for name in names if name in read)
        columns = [rb"(\S+)" if name in read else rb"\S+" for name in names]
        whole = set(names) >= _NEEDED and len(set(self._columns)) == len(self._columns)
        known = whole and len(names) <= MOST_FIELDS
        self._line = re.compile(rb"[ \t]+".join(columns) + rb"\s*\Z") if known else None


_AGENT: Final = b"cs(user-agent)"


def _header(name: bytes) -> bytes | None:
    """The header that a field is, if it is one that is read."""
    if name in _HOSTS:
        return b"host"
    if name == b"sc(content-type)":
        return b"content-type"
    inner = name[3:-1] if name.startswith(b"cs(") and name.endswith(b")") else b""
    return inner if inner in FIELDS | OBJECTIONS and inner != b"content-type" else None


def _blanks(agent: bytes) -> bytes:
    """A User-Agent as it was sent: IIS writes a blank as `+`, CloudFront as `%20`."""
    return unquote_to_bytes(agent) if b"%20" in agent else agent.replace(b"+", b" ")
