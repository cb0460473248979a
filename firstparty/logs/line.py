"""What is read of one line of an access log. The address, the user and the rest are skipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

from firstparty.headers import WANTED

Headers = dict[bytes, bytes]

ANSWERED: Final = frozenset({b"content-type", b"content-disposition"})
"""The headers of a response that are read, where a log has them.

Whether a shared cache might keep it is not asked: what came to the server is counted, as nothing
else will count it."""
TYPE: Final = b"content-type"
"""That of a response: no request for a page has one."""
FIELDS: Final = WANTED - {b"cache-control"} | {TYPE}
"""The headers that a log of one's own may have behind its usual fields, in lower case."""
OBJECTIONS: Final = frozenset({b"sec-gpc", b"dnt"})
"""The headers by which a visitor objects."""


class Line(NamedTuple):
    """A request and its response, as far as a page view is told by them."""

    minute: int
    """Whole minutes since 1970 UTC."""
    method: str
    target: bytes
    """The path with its query."""
    status: int
    sent: Headers
    """The headers of the request that the log has, by their names in lower case."""
    answered: tuple[tuple[bytes, bytes], ...] = ()
    """Those of the response."""
    https: bool = False
    """Whether it is known to have come by https."""


PART: Final = Line(0, "", b"", 0, {})
"""A line for a part of a page: no more is read of it."""


class Format(Protocol):
    """A format of logs. It may remember what a file says of itself: one is made for each file."""

    name: str

    @property
    def carries(self) -> frozenset[bytes]:
        """The headers that its lines tell, those of the response by `ANSWERED`."""
        ...

    def parse(self, raw: bytes) -> Line | None:
        """What a line says; None where it is none of this format. Raises for no line."""
        ...


def split(fields: Mapping[bytes, bytes]) -> tuple[Headers, tuple[tuple[bytes, bytes], ...]]:
    """Headers that stand beside each other in a log: those of the request, and of the response."""
    kind = fields.get(TYPE)
    sent = {name: value for name, value in fields.items() if name != TYPE}
    return sent, () if kind is None else ((TYPE, kind),)
