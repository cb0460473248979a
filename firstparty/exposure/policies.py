"""The two policies that we send: one that reports loads from elsewhere, and one that stops them.

W3C Content Security Policy Level 3. Both let everything of the page's own pass: inline code too,
since who writes the page is not who it is protected from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

OWN: Final = "'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem: mediastream:"
"""Everything that is the page's own."""

REPORTING: Final = b"content-security-policy-report-only"
ENFORCING: Final = b"content-security-policy"
ENDPOINTS: Final = b"reporting-endpoints"
GROUP: Final = "tally-exposure"
"""The name of our endpoint; an application may have others beside it."""

Header = tuple[bytes, bytes]


def reporting(endpoint: str, own: Iterable[str], *, secure: bool) -> list[Header]:
    """The headers that let everything pass, and report each load from another origin.

    `endpoint` is the path that reports go to, `own` the site's further hosts, `secure` whether the
    page is served over https. Chromium (156, measured) takes no endpoint of a page over plain http,
    and where `report-to` is there it does not look at `report-uri`: so both only over https.
    """
    sources = " ".join([OWN, *own])
    policy = (
        f"default-src {sources}; form-action 'self' {' '.join(own)}".rstrip()
        + f"; report-uri {endpoint}"
    )
    if not secure:
        return [(REPORTING, policy.encode("latin-1"))]
    return [
        (REPORTING, f"{policy}; report-to {GROUP}".encode("latin-1")),
        (ENDPOINTS, f'{GROUP}="{endpoint}"'.encode("latin-1")),
    ]


def enforcing(hosts: Iterable[str]) -> Header:
    """The header that lets a page load from its own origin and from `hosts`, and from nowhere else.

    Where forms are sent is left alone: that is what the visitor does, and not the page.
    """
    return ENFORCING, f"default-src {' '.join([OWN, *hosts])}".encode("latin-1")
