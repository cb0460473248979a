"""Why a request for a page is not counted: the closed list that visitors and owners read."""

from __future__ import annotations

from typing import Final

BOT: Final = "bot"
"""A machine, by its User-Agent or by headers that the browser it claims to be would have sent."""
PREFETCH: Final = "prefetch"
"""Fetched or rendered ahead; nobody has seen it yet."""
SPAM: Final = "referrer spam"
"""The host that linked here is on the list of those that make links up."""
EXCLUDED: Final = "excluded"
"""The setting `exclude` says so."""
BAD_BEACON: Final = "bad beacon"
"""A beacon that is not JSON of the right shape."""
LARGE_BEACON: Final = "beacon too large"
"""A beacon of more than 1 KB."""
FOREIGN_BEACON: Final = "foreign beacon"
"""A beacon that did not come from a page of this host."""

REASONS: Final = (
    BOT,
    PREFETCH,
    SPAM,
    EXCLUDED,
    BAD_BEACON,
    LARGE_BEACON,
    FOREIGN_BEACON,
)
