"""What a fork of this process is told of, and what it keeps of its parent's."""

from __future__ import annotations

import os
from typing import Final, Protocol
from weakref import WeakSet


class Forked(Protocol):
    """Something that is another in a fork of its process."""

    def forked(self) -> None:
        """This is another process now."""


_ALL: Final = WeakSet[Forked]()
_OF_PARENTS: Final = list[object]()


def tell(each: Forked) -> None:
    """Have this be told, for as long as it is there."""
    _ALL.add(each)


def keep(*of_parent: object) -> None:
    """Have nothing end these, as a loop, a task or a connection is that nobody holds any more."""
    _OF_PARENTS.extend(of_parent)


def _forked() -> None:
    for each in _ALL:
        each.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
