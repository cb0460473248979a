"""Which addresses are ours: those below our prefixes, and other tools' paths if accepted."""

from __future__ import annotations

from firstparty.accept import Accepted
from firstparty.settings import Settings


class Ours:
    """Tells the requests that we answer from those of the application."""

    def __init__(self, settings: Settings, accepted: Accepted) -> None:
        moved = () if settings.privacy is None else (settings.privacy,)
        self.below: tuple[str, ...] = (settings.prefix, settings.collector, *moved)
        """Our prefixes."""
        self.begins = (*self.below, *accepted.own)
        """How every path of ours begins, for `startswith`: most others are told by that alone."""
        self._collector: str = settings.collector
        self._accepted = accepted.own

    def under(self, local: str, method: str) -> str | None:
        """The prefix that a path is below, and does not merely begin like; the collector for a
        tool's own path. None where it is the application's."""
        peer = self._accepted.get(local)
        if peer is not None:
            return self._collector if method in peer.methods else None
        for own in self.below:
            if local == own or local.startswith(own + "/"):
                return own
        return None
