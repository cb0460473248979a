"""What a row of the table of navigations is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from visiting import Visitor


class Counts(NamedTuple):
    """What a row of the table expects of the whole site."""

    pageviews: int = 0
    visits: int = 0
    confirmed: int = 0
    confirmed_visits: int = 0
    continued: int = 0
    departures: int = 0
    misses: int = 0


Browser = Literal["bfcache", "http cache", "free"]
"""With the back/forward cache, without it, or with no debugger attached (so that it prerenders)."""

LOOPBACK: Final = "127.0.0.1"
OURS: Final = "www.fennel.localhost"
"""A host beside `shop.fennel.localhost`, which is ours, and `blog.fennel.localhost`, which is not.
Chromium takes all `.localhost` for this machine, and trusts it as it trusts https."""
PLAIN: Final = "www.fennel.test"
"""A host that Chromium trusts no more than any other behind plain http."""


class Row(NamedTuple):
    """One way to move, and its counts in the order of `Counts`: by the server with the snippet on
    the page, by the server where the snippet is blocked, and by the snippet (`collect="script"`),
    where that is another.
    """

    name: str
    steps: Callable[[Visitor], None]
    server: str
    alone: str
    script: str = ""
    browser: Browser = "bfcache"
    host: str = LOOPBACK

    def counts(self, mode: str) -> Counts:
        """What is expected in one of the three modes."""
        text = {"server": self.server, "alone": self.alone, "script": self.script or self.server}
        return Counts(*map(int, text[mode].split()))


Topics = dict[str, tuple[Row, ...]]
