"""What stands in a cell of another tool's table: numbers and days, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from firstparty.importers import ImporterError, Left
from firstparty.importers.sheets import Sheet
from firstparty.row import OTHER

MOST: Final = 10**12
"""A larger number is no count."""

_GROUPED: Final = re.compile(r"\d{1,3}(?:[ ,.'\u2019\xa0\u202f]\d{3})+")
_PLAIN: Final = re.compile(r"\d{1,13}")
_NOUGHT: Final = re.compile(r"(?<=\d)[.,]0{1,2}$")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ISO: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?")
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_WORDS: Final = re.compile(r"([A-Za-z]{3})[a-z]* (\d{1,2}),? (\d{4})")
_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"


def number(text: object) -> int | None:
    """A count, as `1234`, `1,234`, `1.234`, `1 234` or `1234.0`; None for what is none."""
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, float):
        text = int(text) if text.is_integer() else "?"
    written = str(text).strip()
    if not _GROUPED.fullmatch(written):
        written = _NOUGHT.sub("", written)
    if _GROUPED.fullmatch(written):
        written = re.sub(r"\D", "", written)
    if not written.isascii() or not _PLAIN.fullmatch(written):
        return None
    return value if (value := int(written)) <= MOST else None


def day(text: object) -> date | None:
    """A day, as `2026-11-23`, `20261123`, `23.11.2026` or `Nov 23, 2026`; None for what is none.

    23/11/2026 and 11/23/2026 are not told apart, and are none.
    """
    written = str(text).strip()
    try:
        if found := _COMPACT.fullmatch(written) or _ISO.fullmatch(written):
            return date(*map(int, found.groups()))
        if found := _DOTTED.fullmatch(written):
            return date(*map(int, reversed(found.groups())))
        if found := _WORDS.fullmatch(written):
            month = _MONTHS.index(found[1].lower()) // 3 + 1
            return date(int(found[3]), month, int(found[2]))
    except ValueError:
        pass
    return None


def path_of(url: str) -> str:
    """The path and the query of a page's URL; `(other)` for what is none."""
    try:
        parts = urlsplit(url)
    except ValueError:  # as of `https://[2001:db8/x`
        return OTHER
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def records(
    sheet: Sheet, left: Left, header: Sequence[str] | None = None, rows: Iterable[list[str]] = ()
) -> Iterator[Mapping[str, str]]:
    """The rows of a table by the names of its columns, in lower case.

    `header` and `rows` where they have been read already. A row that has not a cell for each column
    is cut off, or no row at all.
    """
    if header is None:
        rows = sheet.rows()
        header = next(iter(rows), None)
        if header is None:
            raise ImporterError(f"{sheet.name} is empty: export it anew")
    names = [name.lower() for name in header]
    for row in rows:
        if len(row) == len(names):
            yield dict(zip(names, row, strict=True))
        elif any(row):
            left.row(f"{sheet.name}: the row has not a cell for each column, it may be cut off")
