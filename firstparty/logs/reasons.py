"""Why a line is not taken: what an import tells its owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MALFORMED: Final = "malformed, or cut off"
OLD: Final = "older than 25 months, as long as counts are kept"
TODAY: Final = "of a day that is not over"
AHEAD: Final = "of a time that has not come yet"
LATE: Final = "too late: its day may be closed"
OTHER_HOST: Final = "for another host"
STATIC: Final = "a part of a page, or a file"
NO_PAGE: Final = "no page: a redirect, another method, an answer to a script"
OURS: Final = "for firstparty itself"
OBJECTS: Final = ""
"""The visitor objects: such a line is in no number at all."""

TOLD: Final[Mapping[str, str]] = {
    "ignored; bot": "of machines, which are counted apart",
    "ignored; prefetch": "fetched ahead by a browser",
    "ignored; excluded": "excluded by the setting",
}
"""What is said of them where that is more than the reason itself."""
