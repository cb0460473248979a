"""What is made of a request: said in the debug header, and marked for the snippet."""

from __future__ import annotations

from typing import Final

COUNTED: Final = (b"server-timing", b"tally")
"""Tells the snippet that the server has counted this load: the same for everyone."""
OFF: Final = (b"server-timing", b"no-tally")
"""Tells the snippet that this document is none to count: an error page, or excluded."""

AHEAD: Final = (b"server-timing", b"tally-ahead")
"""Takes the place of a mark that the browser has kept, where a page is fetched ahead once more and
answered by 304 (RFC 9111 §3.2): the server has not counted it, so the snippet must."""


class Verdict:
    """What was made of a request, for the debug header and for the snippet's mark."""

    __slots__ = ("mark", "said")

    def __init__(self, said: str, mark: tuple[bytes, bytes] | None = None) -> None:
        self.said = said
        self.mark = mark


SAID_OBJECTS: Final = Verdict("ignored; objects")
"""Said in a header alone: who objects is not counted, not even as left out."""
SAID_ENTRY: Final = Verdict("counted; visit", COUNTED)
SAID_VIEW: Final = Verdict("counted", COUNTED)
SAID_MISS: Final = Verdict("counted; not found", OFF)
SAID_ERROR: Final = Verdict("ignored; error page", OFF)
SAID_SHARED: Final = Verdict("ignored; shared cache: left to the snippet")
SAID_SCRIPT: Final = Verdict('ignored; collect="script": left to the snippet')

FOR_SNIPPET: Final = frozenset({SAID_ENTRY, SAID_VIEW, SAID_SHARED, SAID_SCRIPT})
"""Where the snippet, if the page has it, has something to do."""
