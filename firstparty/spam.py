"""Hosts that send made-up referrers in order to be read in statistics."""

from __future__ import annotations

from functools import cache

from firstparty import data


def is_spam(host: str) -> bool:
    """Whether this host, or one above it, is on the list of referrer spam.

    `host` as `minimise.host` answers it: in lower case, without `www.`. The list is read when it
    is first asked.
    """
    listed = _listed()
    while host not in listed:
        _, dot, host = host.partition(".")
        if not dot:
            return False
    return True


@cache
def _listed() -> frozenset[str]:
    return frozenset(data.lines("spam.txt"))
