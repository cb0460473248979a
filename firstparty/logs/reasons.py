"""Why a line is not taken: what an import tells its owner."""

from __future__ import annotations

from typing import Final

MALFORMED: Final = "malformed"
OLD: Final = "older than 25 months"
TODAY: Final = "of a day that is not over"
TAKEN: Final = "of a day that is counted already"
OTHER_HOST: Final = "for another host"
STATIC: Final = "a part of a page, or a file"
NO_PAGE: Final = "no page: a redirect, another method, an answer to a script"
OURS: Final = "for firstparty itself"
OBJECTS: Final = ""
"""The visitor objects: such a line is in no number at all."""
