"""Caddy's access log: one JSON object a line, with all headers of the request and the response.

https://caddyserver.com/docs/logging. Of the object only what `Line` has is looked at.
"""

from __future__ import annotations

import json
from typing import Any, Final

from firstparty.headers import WANTED
from firstparty.logs.line import ANSWERED, Headers, Line
from firstparty.logs.stamps import Stamps, unix

NAMES: Final = {name.decode(): name for name in WANTED | ANSWERED}


class Caddy:
    """`{"ts": …, "request": {"method": …, "uri": …, "headers": {…}}, "status": …}`."""

    name = "caddy"

    def __init__(self, more: frozenset[bytes] = frozenset()) -> None:
        self._names = {**NAMES, **{name.decode(): name for name in more}}
        self._iso = Stamps().iso

    @property
    def carries(self) -> frozenset[bytes]:
        """All that are ever read."""
        return frozenset(self._names.values())

    def parse(self, raw: bytes) -> Line | None:
        """What a line says; None where it is none of this format, or has no headers."""
        try:
            found = json.loads(raw)
            request = found["request"]
            stamp, status = found["ts"], found["status"]
            method, target, host = request["method"], request["uri"], request["host"]
            sent = self._headers(request["headers"])
            answered = self._headers(found.get("resp_headers") or {})
            https = "tls" in request
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        minute = self._iso(stamp.encode()) if isinstance(stamp, str) else unix(stamp)
        texts = isinstance(method, str) and isinstance(target, str) and isinstance(host, str)
        if minute is None or not texts or not isinstance(status, int):
            return None
        sent[b"host"] = _bytes(host)
        kept = tuple((name, value) for name, value in answered.items() if name in ANSWERED)
        return Line(minute, method, _bytes(target), status, sent, kept, https)

    def _headers(self, written: Any) -> Headers:
        """Headers as Caddy writes them: `{"User-Agent": ["…"]}`."""
        return {
            self._names[lower]: _bytes(", ".join(values))
            for name, values in written.items()
            if (lower := name.lower()) in self._names
        }


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
