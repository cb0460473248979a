"""An application on a free port of the loopback, for as long as a browser looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn

from firstparty.audit.answers import AuditError

PATIENCE: Final = 30.0
"""Seconds until it has started."""


@asynccontextmanager
async def serving(app: Any) -> AsyncGenerator[str]:
    """Serve it; the answer is its address."""
    config = uvicorn.Config(app, "127.0.0.1", 0, log_level="warning", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(PATIENCE):
            while not server.started:
                if task.done():
                    raise AuditError("the application did not start: its log says why")
                await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    except TimeoutError:
        raise AuditError(f"the application did not start in {PATIENCE:.0f} seconds") from None
    finally:
        server.should_exit = True
        await task
