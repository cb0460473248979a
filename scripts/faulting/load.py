"""Visitors that never give up: they ask for pages, and note what was answered, when and by whom."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)
REQUEST = (
    "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/html\r\n"
    f"user-agent: {CHROME}\r\nsec-fetch-dest: document\r\nsec-fetch-mode: navigate\r\n"
    "sec-fetch-site: none\r\nconnection: {}\r\n\r\n"
)
VISITORS = 16
PAGES = 15
"""For which a visitor keeps a connection: the next one may be to another worker."""


@dataclass
class Load:
    """What has been asked for, and what was answered with a page: when, and by which process."""

    port: int
    asked: int = 0
    answered: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    stopping: bool = False

    async def run(self) -> None:
        """Ask until `stopping`."""
        await asyncio.gather(*(self._visit() for _ in range(VISITORS)))

    async def _visit(self) -> None:
        while not self.stopping:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await self._connection()
            await asyncio.sleep(0.01)

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for number in range(PAGES):
                if self.stopping:
                    return
                last = number == PAGES - 1
                writer.write(REQUEST.format("close" if last else "keep-alive").encode())
                self.asked += 1
                async with asyncio.timeout(15):
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                    await reader.readexactly(9)
                if head.startswith("http/1.1 200"):
                    process = int(head.partition("x-process: ")[2].split(None, 1)[0])
                    self.answered.append((time.monotonic(), process))
                await asyncio.sleep(0.01)
        finally:
            writer.close()

    def by(self, processes: set[int], since: float) -> int:
        """How many pages these processes have answered since an instant."""
        return sum(at >= since and process in processes for at, process in self.answered)

    def lately(self, seconds: float) -> set[int]:
        """The processes that have answered in the last seconds."""
        now = time.monotonic()
        return {process for at, process in self.answered[-2000:] if at > now - seconds}
