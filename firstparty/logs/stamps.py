"""The times of log lines, as whole minutes since 1970 UTC: nothing finer is looked at."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

MOST: Final = 50_000
"""Minutes that are remembered, as they are written: a month has fewer."""

_CLF: Final = re.compile(rb"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d) ([+-])(\d\d)([0-5]\d)")
_MONTHS: Final = {
    month: number
    for number, month in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}


class Stamps:
    """Reads times, and remembers the latest: thousands of lines have the same minute."""

    def __init__(self) -> None:
        self._known: dict[bytes, int | None] = {}

    def common(self, text: bytes) -> int | None:
        """`10/Oct/2026:13:55:36 +0200`, as Apache and nginx write it; None for anything else."""
        key = text[:17] + text[20:]
        try:
            return self._known[key]
        except KeyError:
            return self._keep(key, _common(key))

    def iso(self, text: bytes) -> int | None:
        """`2026-10-10T13:55:36+02:00`; a time without a zone is of UTC. None for anything else."""
        try:
            return self._known[text]
        except KeyError:
            return self._keep(text, _iso(text))

    def _keep(self, key: bytes, minute: int | None) -> int | None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = minute
        return minute


def _common(key: bytes) -> int | None:
    match = _CLF.fullmatch(key)
    if match is None or match[2] not in _MONTHS:
        return None
    day, year, hour, minute, hours, minutes = map(int, match.group(1, 3, 4, 5, 7, 8))
    offset = timedelta(hours=hours, minutes=minutes)
    try:
        zone = timezone(offset if match[6] == b"+" else -offset)
        at = datetime(year, _MONTHS[match[2]], day, hour, minute, tzinfo=zone)
        return int(at.timestamp() // 60)
    except (ValueError, OverflowError):
        return None


def _iso(text: bytes) -> int | None:
    try:
        at = datetime.fromisoformat(text.decode("ascii"))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return int(at.timestamp() // 60)
    except (ValueError, OverflowError):
        return None


def unix(seconds: object) -> int | None:
    """Seconds since 1970; None for what is no number, or of no year that a date may have."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return int(seconds // 60) if 0 <= seconds < MOST_SECONDS else None


MOST_SECONDS: Final = 253_402_300_800
"""The end of the year 9999."""
