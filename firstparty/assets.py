"""The files that run in a browser: read once, served as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
    """A file, with its media type."""

    body: bytes
    type: str

    def response(self, cache: str) -> Response:
        """The file as a response, without a validator: a browser is given nothing to send back."""
        headers = {**SECURITY, "cache-control": cache}
        return Response(self.body, media_type=self.type, headers=headers)


def folder() -> Path:
    """Where `js/` is: inside the package once installed, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "js"
    return inside if inside.is_dir() else here.parent / "js"


def read(name: str) -> Asset:
    """A file of `js/`."""
    path = folder() / name
    return Asset(path.read_bytes(), TYPES[path.suffix])


def read_all(name: str) -> dict[str, Asset]:
    """The files of a folder of `js/`, by their name."""
    files = sorted((folder() / name).iterdir())
    return {path.name: read(f"{name}/{path.name}") for path in files if path.suffix in TYPES}
