"""Calls of other tools' clients, understood: one row for each tool, loaded only when chosen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from firstparty.paths import Paths
    from firstparty.settings import Settings

log: Final = logging.getLogger("firstparty")

Fields = Mapping[str, object]
"""The fields of a beacon of ours, as `beacon.understood` takes them."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a client. `page` is the address that the browser says it came from, if any."""

    query: str
    body: bytes
    page: str


@dataclass(frozen=True, slots=True)
class Left:
    """What is left out, for which reason; with a sentence where the call itself is wrong."""

    reason: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client expects to be told: a status, a media type and a body."""

    status: int
    media: str | None = None
    body: bytes = b""


GIF: Final = Answer(
    200,
    "image/gif",
    bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002")
    + bytes.fromhex("024401003b"),
)
"""One transparent pixel (GIF89a)."""


@dataclass(frozen=True, slots=True)
class Peer:
    """How the calls of one tool are understood. Its functions are pure.

    `read` gives what one request says, in our own fields, and raises BeaconError.
    """

    paths: tuple[str, ...]
    methods: tuple[str, ...]
    most: int
    """Bytes of a body, or characters of a query, that are read at most."""
    read: Callable[[Call], Iterable[Fields | Left]]
    answer: Answer
    """What the client is told, whether its call was looked at or not."""
    result: Callable[[Call, int, int], Answer] | None = None
    """What it is told instead of a call that was read: how many of its parts were understood, and
    how many were not."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool in the table: what it calls itself, and the module that has its `PEER`."""

    label: str
    module: str


TOOLS: Final[Mapping[str, Tool]] = {
    "plausible": Tool("Plausible", "firstparty.accept.plausible"),
    "umami": Tool("Umami", "firstparty.accept.umami"),
    "goatcounter": Tool("GoatCounter", "firstparty.accept.goatcounter"),
    "matomo": Tool("Matomo", "firstparty.accept.matomo"),
}
"""The tools by their names in the setting `accept`."""


class Accepted:
    """Which tools' calls a site understands, and where.

    Each is understood below our own prefix, as `/_tally/plausible/api/event`, and at the tool's own
    path, as `/api/event`, where the application's routes are known to leave it free.
    """

    def __init__(self, settings: Settings) -> None:
        self.below = dict[str, Peer]()
        """The addresses below our own prefix."""
        self.own = dict[str, Peer]()
        """The tools' own paths, as far as they are ours."""
        self.warnings: list[str] = []
        """What the log and health say of paths that are the application's."""
        for name in settings.accept:
            peer: Peer = import_module(TOOLS[name].module).PEER
            for path in peer.paths:
                self.below[f"{settings.collector}/{name}{path}"] = peer
                self.own[path] = peer

    def leave(self, paths: Paths, root: str) -> None:
        """Leave the paths alone that the application at `root` may serve itself; the log says so.

        Where nobody could read its routes, that may be each of them.
        """
        if not self.own:
            return
        told = list[str]()
        if not paths.read:
            self.own.clear()
            told.append(
                "accept: the routes of your application cannot be read, so every path stays its"
                f" own: point the client at {' or '.join(self.below)}"
            )
        for path, peer in [*self.own.items()]:
            # Mounted, an application that has no routes is known by those of the one around it.
            if paths.serves(f"{root}{path}", peer.methods) or (
                root and paths.serves(f"{root}{root}{path}", peer.methods)
            ):
                del self.own[path]
                ours = next(at for at, by in self.below.items() if by is peer and at.endswith(path))
                told.append(
                    f"accept: {path} is a page of your own application, which keeps it: point the"
                    f" client at {ours}"
                )
        for each in told:
            log.warning("%s", each)
        self.warnings.extend(told)
