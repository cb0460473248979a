"""A server that is killed under load loses one flush interval at most, and counts nothing twice."""

import asyncio
import contextlib
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.driving import CHROME

ROOT = Path(__file__).parent.parent
INTERVAL = 0.2
SLACK = 0.5
"""Seconds that a flush itself may take on a busy machine."""

SERVER = f"""
import sys
import uvicorn
from firstparty import AnalyticsMiddleware
from tests.driving import page

site = AnalyticsMiddleware(
    page(), store="sqlite:///" + sys.argv[1], password="x", flush_interval={INTERVAL}
)
uvicorn.run(site, port=int(sys.argv[2]), log_level="error", access_log=False)
"""

HEADERS = {"accept": "text/html", "user-agent": CHROME, "sec-fetch-dest": "document"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stored(path: Path) -> int:
    """The page views in the file, which must be whole."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        sums = [
            db.execute(
                "select coalesce(sum(pageviews), 0) from counts where dimension = 0 and period = ?",
                (period,),
            ).fetchone()[0]
            for period in (1, 2, 3)
        ]
        assert len(set(sums)) == 1, "hours, days and months do not agree"
        return int(sums[0])


async def load(url: str, until: float, answered: list[float]) -> int:
    """Ask for pages until it is time, or nobody answers any more; how often was asked."""
    asked = 0

    async def visitor(client: httpx.AsyncClient) -> None:
        nonlocal asked
        with contextlib.suppress(httpx.TransportError):
            while time.monotonic() < until:
                asked += 1
                assert (await client.get(url, headers=HEADERS)).status_code == 200
                answered.append(time.monotonic())
                await asyncio.sleep(0.001)

    async with httpx.AsyncClient(trust_env=False) as client:
        await asyncio.gather(*(visitor(client) for _ in range(4)))
    return asked


def live(path: Path, seconds: float) -> tuple[int, int]:
    """Start the server, load it, and kill it in the middle of that.

    Answers how many pages were asked for, and how many were answered long enough before the end
    to be stored in any case.
    """
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(path), str(port)], cwd=ROOT)

    async def loaded() -> tuple[int, int]:
        url = f"http://127.0.0.1:{port}/"
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(1_000):
                with contextlib.suppress(httpx.TransportError):
                    await client.get(f"{url}stats/")
                    break
                await asyncio.sleep(0.05)
        answered = list[float]()
        loading = asyncio.create_task(load(url, time.monotonic() + seconds + 30, answered))
        await asyncio.sleep(seconds)
        async with asyncio.timeout(25):  # a busy machine may not have answered for long enough
            while not answered or answered[0] > time.monotonic() - INTERVAL - SLACK:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        killed = time.monotonic()
        server.send_signal(signal.SIGKILL)
        return await loading, sum(at < killed - INTERVAL - SLACK for at in answered)

    try:
        return asyncio.run(loaded())
    finally:
        server.kill()
        server.wait(5)


def test_kill_9_under_load_loses_one_interval_and_counts_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "stats.db"
    draw = random.Random(9)  # noqa: S311
    before = 0
    for _ in range(5):
        asked, safe = live(path, 0.8 + draw.random())
        after = stored(path)
        assert safe > 0
        assert before + safe <= after <= before + asked
        before = after
