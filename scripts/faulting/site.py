"""The site that scripts/faults runs: one page, which says which process has answered."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from firstparty import AnalyticsMiddleware

Message = MutableMapping[str, Any]


async def page(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Answer any request."""
    if scope["type"] != "http":
        return
    headers = [
        (b"content-type", b"text/html"),
        (b"content-length", b"9"),
        (b"x-process", str(os.getpid()).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"<p>Hello."})


app = AnalyticsMiddleware(page)
"""Its store and its interval are in the environment."""
