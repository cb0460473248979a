"""The company's own register: the third parties that its pages may load from, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

_HOST: Final = re.compile(
    r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
    r"(?::[0-9]{1,5})?"
)
MOST_LETTERS: Final = 200
"""Of a host: names of the domain name system are not longer than 253."""


def is_host(text: object) -> bool:
    """Whether a text is a host that a policy may name: `a.example`, `*.a.example`, `a.example:1`.

    In lower case and in ASCII (`xn--…`). A star alone is none, as it would let everybody in.
    """
    return isinstance(text, str) and len(text) <= MOST_LETTERS and _HOST.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """A third party that the company has agreed to.

        ThirdParty("fonts.example", purpose="our typeface", contract="DPA of 2026-03-01")

    `host` is one host, `*.fonts.example` all below it. What is written here is shown to visitors
    but for `contract`, which is the company's own note. Raises ValueError for what is no host.
    """

    host: str
    purpose: str = field(default="", kw_only=True)
    """Why the site loads from there: one sentence for visitors."""
    contract: str = field(default="", kw_only=True)
    """What was agreed, and where that is kept."""

    def __post_init__(self) -> None:
        if not is_host(self.host):
            raise ValueError(
                f"{self.host!r} is no host: write ThirdParty('fonts.example') or"
                " ThirdParty('*.fonts.example'), in lower case and without https://"
            )

    def names(self, host: str) -> bool:
        """Whether `host`, in lower case and without a port, is this one's."""
        own = _plain(self.host.partition(":")[0])
        if own.startswith("*."):
            return host.endswith(own[1:])
        return _plain(host) == own


class Register:
    """The third parties that are accepted."""

    def __init__(self, accepted: Iterable[ThirdParty]) -> None:
        self.parties = tuple(accepted)

    def find(self, host: str) -> ThirdParty | None:
        """The entry that takes a host; None where nobody has agreed to it."""
        return next((party for party in self.parties if party.names(host)), None)

    def exact(self, host: str) -> str | None:
        """The host as an entry of its own names it: a text that the application has made."""
        party = self.find(host)
        if party is None or party.host.startswith("*"):
            return None
        return _plain(party.host.partition(":")[0])


def _plain(host: str) -> str:
    """Without `www.`, as hosts are counted (`minimise.host`)."""
    return host.removeprefix("www.") if host.count(".") > 1 else host
