"""Whether a file looks like an access log."""

from __future__ import annotations

from firstparty.importers.sheets import Sheet
from firstparty.logs.formats import recognised
from firstparty.logs.reading import LogError


def looks(sheet: Sheet) -> bool:
    """Whether one of its first lines has a format of a log."""
    lines = sheet.head.encode("utf-8", "replace").splitlines()
    try:
        recognised(lines, sheet.name)
    except LogError:
        return False
    return any(lines)
