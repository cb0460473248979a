"""Reports of browsers that a page has loaded something from elsewhere: both formats, read. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from firstparty.exposure.loads import BY_DIRECTIVE
from firstparty.shapes import is_list, is_object

MOST_BYTES: Final = 16 * 1024
"""A longer body is refused, unread."""
MOST_REPORTS: Final = 20
"""Of a list the first are read."""
MOST_LETTERS: Final = 2048
"""Of a URL; a longer one is no report of ours."""

ONE: Final = "application/csp-report"
"""The format of `report-uri` (CSP Level 2): one object, dashed names."""
LIST: Final = "application/reports+json"
"""The format of `report-to` (W3C Reporting API): an array, names in camel case."""

_NAMES: Final = {
    ONE: ("document-uri", "blocked-uri", "effective-directive", "violated-directive"),
    LIST: ("documentURL", "blockedURL", "effectiveDirective", "violatedDirective"),
}


_AUTHORITY_END: Final = re.compile(r"[/?#\\]")


class ReportError(ValueError):
    """The body is no report; the sentence says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Reported:
    """One load from elsewhere. It is raw until `Exposures.take` has counted it.

    `page` is the URL of the page, `host` the host that it loaded from, in lower case and without a
    port, `kind` that of the load.
    """

    page: str
    host: str
    kind: str


def parse(body: bytes, media: str) -> tuple[Reported, ...]:
    """Read a body of the media type `media`. Raises ReportError.

    What was no load over http or https is dropped, as are reports of other things: an extension of
    the browser, inline code, a deprecated feature.
    """
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        raise ReportError("the report is not JSON") from None
    if media == ONE:
        if not is_object(found) or not is_object(each := found.get("csp-report")):
            raise ReportError('the report is not of the form {"csp-report": {…}}')
        bodies: list[Mapping[str, object]] = [each]
    else:
        if not is_list(found):
            raise ReportError("the reports are no list")
        bodies = list(_violations(found[:MOST_REPORTS]))
    loads = (_load(each, *_NAMES[media]) for each in bodies)
    return tuple(load for load in loads if load is not None)


def _violations(reports: list[object]) -> Iterator[Mapping[str, object]]:
    for report in reports:
        if is_object(report) and report.get("type") == "csp-violation":
            body = report.get("body")
            if is_object(body):
                yield body


def _load(
    body: Mapping[str, object], page: str, blocked: str, effective: str, violated: str
) -> Reported | None:
    # Before CSP Level 3 only the second was there, and it had the whole directive in it.
    directive = _text(body, effective) or _text(body, violated).partition(" ")[0]
    load = BY_DIRECTIVE.get(directive)
    host = host_of(_text(body, blocked))
    url = _text(body, page)
    if load is None or not host.isascii() or not host or not url:  # browsers write xn--…
        return None
    return Reported(url, host, load.kind)


def host_of(url: str) -> str:
    """The host of an http or https URL, in lower case; empty for any other.

    By hand: `urllib.parse.urlsplit` keeps what it has split in a cache, and this is a visitor's.
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in {"http", "https"}:
        return ""
    return host_in(_AUTHORITY_END.split(rest, maxsplit=1)[0])


def host_in(authority: str) -> str:
    """The host of `user@host:port`, in lower case; empty where it is none."""
    name = authority.rpartition("@")[2].lower()
    if name.startswith("["):
        inside, end, _ = name[1:].partition("]")
        return inside if end else ""
    return name.partition(":")[0].rstrip(".")


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or len(value) > MOST_LETTERS:
        return ""
    # JSON can escape half a surrogate pair, which is no text: nothing behind this could write it.
    return value.encode("utf-8", "replace").decode()
