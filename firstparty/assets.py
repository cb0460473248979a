"""The files that run in a browser: read once, served as they are."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every page of ours: nothing inline, nothing from elsewhere."""

SECURITY: Final = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, as it is and compressed, with its media type."""

    body: bytes
    compressed: bytes
    type: str

    def response(self, request: Request, cache: str) -> Response:
        """The file as a response, without a validator: a browser is given nothing to send back."""
        headers = {**SECURITY, "cache-control": cache, "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(self.compressed, media_type=self.type, headers=headers)
        return Response(self.body, media_type=self.type, headers=headers)


def folder() -> Path:
    """Where `js/` is: inside the package once installed, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "js"
    return inside if inside.is_dir() else here.parent / "js"


def read(name: str) -> Asset:
    """A file of `js/`."""
    path = folder() / name
    body = path.read_bytes()
    # Compressed once, and the same at every start: no time of day is in it.
    return Asset(body, gzip.compress(body, 9, mtime=0), TYPES[path.suffix])


def read_all(name: str) -> dict[str, Asset]:
    """The files of a folder of `js/`, by their name."""
    files = sorted((folder() / name).iterdir())
    return {path.name: read(f"{name}/{path.name}") for path in files if path.suffix in TYPES}
