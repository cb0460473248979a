"""A WSGI environ, seen as the ASGI scope that counting reads. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.types import Scope

from firstparty import links

Environ = dict[str, Any]

OURS: Final = (b"accept-encoding", b"content-type")
"""Headers that our own endpoints look at, beside those that are read to count."""
DOOR: Final = (b"authorization", links.HEADER.encode())
"""The headers with the password or the link of the stats page: read there, and nowhere else."""

_BARE: Final = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


def keys(headers: Iterable[bytes]) -> dict[bytes, str]:
    """Where a server puts these headers, by their name (PEP 3333, RFC 3875 §4.1.18)."""
    return {
        name: _BARE.get(name) or "HTTP_" + name.decode().upper().replace("-", "_")
        for name in headers
    }


def scope(environ: Environ, wanted: Mapping[bytes, str]) -> Scope:
    """The request as an ASGI scope, with the `wanted` headers and no others.

    No other is looked at: no cookie, and neither REMOTE_ADDR nor a header that carries an address.
    Texts of an environ are bytes, one a character (PEP 3333, "Unicode Issues"). The environ itself
    is in the scope as `environ`, for the application's own functions.
    """
    root = text(environ.get("SCRIPT_NAME", ""))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ.get("wsgi.url_scheme", "http"),
        "path": root + text(environ.get("PATH_INFO", "")),
        "root_path": root,
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1", "replace"),
        "headers": [
            (name, environ[key].encode("latin-1", "replace"))
            for name, key in wanted.items()
            if key in environ
        ],
        "server": (environ.get("SERVER_NAME", ""), None),
        "environ": environ,
    }


def text(native: str) -> str:
    """A text of an environ as what it means: UTF-8, as ASGI servers decode a path."""
    return (
        native
        if native.isascii()
        else native.encode("latin-1", "replace").decode("utf-8", "replace")
    )


def body(environ: Environ, most: int) -> bytes:
    """The body of a request, `most` bytes and one more at most: that tells that it is larger."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or -1)
    except ValueError:
        length = -1
    if length < 0:
        # Without a length, only a server that ends the stream itself says where the body ends.
        length = most + 1 if environ.get("wsgi.input_terminated") else 0
    return bytes(environ["wsgi.input"].read(min(length, most + 1))) if length else b""
