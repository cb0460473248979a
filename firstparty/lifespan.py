"""Start and stop with the application, also with one that refuses the lifespan protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Step = Callable[[], Awaitable[None]]


async def run(
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    start: Step,
    stop: Step,
) -> None:
    """Run the application's lifespan with `start` after its startup and `stop` after its shutdown.

    Django's ASGI handler raises on `lifespan`, others return at once; then startup and shutdown
    are answered here, so that counts are still written when the server stops.
    """
    asked = list[str]()
    answered = list[str]()

    async def watched_receive() -> Message:
        message = await receive()
        asked.append(message["type"])
        return message

    async def watched_send(message: Message) -> None:
        answered.append(message["type"])
        if message["type"] == "lifespan.startup.complete":
            await start()
        elif message["type"] in {"lifespan.shutdown.complete", "lifespan.shutdown.failed"}:
            await stop()
        await send(message)

    try:
        await app(scope, watched_receive, watched_send)
    except Exception:
        if answered:
            if "lifespan.startup.complete" in answered and len(answered) == 1:
                await stop()
            raise
    if answered:
        return
    # The application speaks no lifespan: speak it in its place.
    if not asked:
        await receive()
    await start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await stop()
    await send({"type": "lifespan.shutdown.complete"})
