"""A million forged beacons with random texts, through the real middleware, and what they fill.

Whoever sends them knows the rules: each path, referrer and event comes three times in a row, so
that it is taken for a name, and all of it is spread over a month, so that each day's allowance is
used up.
"""

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Scope

from firstparty import Analytics, AnalyticsMiddleware, size
from firstparty.commands.size import tell

from . import browsers
from .fill import NOW
from .questions import PASSWORD, nothing
from .store import machine

DAYS, BETWEEN, TIMES = 30, 2_000, 3
"""Days of the flood; beacons between two flushes; how often each text is sent."""


def run(number: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "flood.db"
    for end in ("", "-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    machine()
    asyncio.run(flood(number, file))


async def flood(number: int, file: Path) -> None:
    clock = [NOW - 86_400 * DAYS]
    analytics = Analytics(
        clock=lambda: clock[0], store=f"sqlite:///{file}", password=PASSWORD, collect="script"
    )
    counting, app = analytics.counting, AnalyticsMiddleware(nothing, analytics=analytics)
    draw = random.Random(1)  # noqa: S311 - no secret
    await counting.flusher.start()
    before, largest, said = resident(), 0, Counter[str]()
    start = perf_counter()
    fields: dict[str, Any] = {}
    for sent in range(number):
        if sent % TIMES == 0:
            text = "-".join([*draw.choices(WORDS, k=3), str(draw.randrange(999))])
            fields = {"u": f"/{text}", "r": f"https://{text}.example/", "k": "enter"}
            if sent % 2:
                fields |= {"e": "event", "v": text, "p": {"plan": text}}
        said[await beacon(app, fields)] += 1
        if sent % BETWEEN == BETWEEN - 1:
            await counting.flusher.flush()
            largest = max(largest, resident())
            clock[0] += 86_400 * DAYS * BETWEEN / number
    spent = perf_counter() - start
    await counting.flusher.flush()
    present = Counter[tuple[str, str]]()
    async for key, _ in counting.store.counts():
        present[key.dimension, key.period] += 1
    names = await counting.store.names(again=True) or {}
    told = tell(counting, 1, dict(present), None)
    over = [each for each in told["counts"] if each["present_rows"] > each["largest_rows"]]
    await counting.flusher.stop()
    print(f"{number:,} beacons in {spent:.0f} s: {dict(said)}")
    print("names:", ", ".join(f"{each} {len(names[each]):,}" for each in sorted(names)))
    bytes_, most = size_of(file), told["largest"]["bytes"]
    rows = sum(present.values())
    print(f"on disk: {rows:,} rows, {bytes_:,} bytes; at most {most:,}  {met(bytes_ <= most)}")
    print(f"tables that are larger than their bound: {len(over)}  {met(not over)}")
    grown, bound = largest - before, size.memory(counting.table)
    print(f"in memory: {grown:,} bytes more at most; the bound is {bound:,}  {met(grown <= bound)}")


WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "haven",
    "inlet",
    "jetty",
    "knoll",
    "ledge",
    "maple",
]


def size_of(file: Path) -> int:
    """Bytes of a file."""
    return file.stat().st_size


def met(yes: bool) -> str:
    return "met" if yes else "MISSED"


def resident() -> int:
    """Bytes of memory that this process takes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


HEADERS = [
    (name.encode(), value.encode())
    for name, value in {
        **browsers.headers(sec_fetch_dest="empty", sec_fetch_mode="cors"),
        "sec-fetch-site": "same-origin",
        "host": "fennel.example",
    }.items()
]


async def beacon(app: ASGIApp, fields: object) -> str:
    """What the answer to a beacon says."""
    body, said = json.dumps(fields).encode(), ""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal said
        for name, value in message.get("headers", ()):
            said = value.decode() if name == b"tally" else said

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/_tally/view",
        "raw_path": b"/_tally/view",
        "query_string": b"",
        "root_path": "",
        "headers": HEADERS,
        "server": ("fennel.example", 443),
    }
    await app(scope, receive, send)
    return said
