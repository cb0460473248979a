"""JSON of the stats API: a bounded question in, an answer that no cache keeps out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from firstparty.assets import SECURITY
from firstparty.question import QuestionError

MOST_BYTES: Final = 64 * 1024
"""Of a question's body."""


class LargeError(QuestionError):
    """The question is too large to be read."""


async def body(request: Request) -> object:
    """The JSON of a request's body. Raises QuestionError."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > MOST_BYTES:
            raise LargeError(f"the question is larger than {MOST_BYTES} bytes")
    try:
        found: object = json.loads(bytes(read))
    except (ValueError, RecursionError):
        raise QuestionError("the body is not JSON") from None
    return found


def reply(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that no cache keeps."""
    return JSONResponse(
        content, status, headers={**SECURITY, "cache-control": "no-store", **(headers or {})}
    )
