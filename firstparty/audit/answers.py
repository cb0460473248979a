"""What an audit asks for, and what comes back, whether in process or over the network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 4_000_000
"""Of an answer that are read."""

ASKS: Final = {
    "user-agent": "firstparty-audit (bot; a company reads its own pages)",
    "accept": "text/html,application/xhtml+xml,text/css,*/*;q=0.5",
    "sec-gpc": "1",
}
"""What is sent: who we are, and that this is no visit. So counting it is left out by our own
middleware, and by any other that looks."""


CHARSETS: Final = frozenset({"utf-16", "utf-16le", "utf-16be", "iso-8859-1", "windows-1252"})
"""What is read beside UTF-8. In whatever else a browser reads, hosts look as in ASCII."""


class AuditError(Exception):
    """The audit cannot be done; the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, its headers in lower case, and its body, cut to MOST_BYTES."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first header of a name; empty where there is none."""
        return next((value for other, value in self.headers if other == name), "")

    @property
    def media(self) -> str:
        """The media type, without parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text."""
        _, _, charset = self.header("content-type").lower().partition("charset=")
        charset = charset.partition(";")[0].strip(" \"'")
        if self.body.startswith((b"\xff\xfe", b"\xfe\xff")):
            charset = "utf-16"
        return self.body.decode(charset if charset in CHARSETS else "utf-8", "replace")


Fetch = Callable[[str], Awaitable[Answer]]
"""Asks for a URL by GET, and follows no redirect. Raises OSError where nothing answers."""
