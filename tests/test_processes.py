"""Several processes on one file: exact after a graceful end, one interval at most after a kill."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

BEGIN = """
import asyncio, os, sys, threading
from pathlib import Path
from tests.driving import counting, request

path = Path(sys.argv[1])
site = counting(store=f"sqlite:///{path}", flush_interval=0.1, release="")

async def views(number):
    for _ in range(number):
        await request(site)

async def serve(number):
    await site.flusher.start()
    await views(number)
    await asyncio.sleep(0.15)
    await views(number)
    await site.flusher.stop()

def forked(number):
    process = os.fork()
    if not process:
        try:
            asyncio.run(asyncio.wait_for(serve(number), 10))
            os._exit(0)
        finally:
            os._exit(1)
    return process

def ended(processes):
    assert all(os.waitpid(process, 0)[1] == 0 for process in processes)
"""

BEFORE_THE_LOOP = """
site.analytics.event("imported")
assert (threading.active_count(), path.exists()) == (1, False)
ended([forked(number) for number in (1, 2, 3)])
assert site.flusher.unflushed
asyncio.run(serve(4))
"""
"""As `gunicorn --preload` does: the application is made, and then there are workers."""

WITH_A_LOOP = """
loop = asyncio.new_event_loop()
loop.run_until_complete(site.flusher.start())
site.analytics.event("imported")
loop.run_until_complete(views(5))
assert site.flusher.unflushed
child = forked(1)
loop.run_until_complete(views(5))
ended([child])
loop.run_until_complete(asyncio.wait_for(site.flusher.stop(), 10))
"""
"""As a worker does that forks to do something else: with an open file, and counts that wait."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.parametrize(
    ("forks", "views", "writers"),
    [(BEFORE_THE_LOOP, 2 * (1 + 2 + 3 + 4), 4), (WITH_A_LOOP, 5 + 5 + 2, 2)],
    ids=["before the loop", "with a loop"],
)
def test_a_forked_process_counts_under_a_name_of_its_own_and_nothing_of_its_parent(
    tmp_path: Path, forks: str, views: int, writers: int
) -> None:
    path = tmp_path / "stats.db"
    ran = subprocess.run(
        [sys.executable, "-c", BEGIN + forks, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    with contextlib.closing(sqlite3.connect(path)) as db:
        sums = "select sum(pageviews), sum(events) from counts where dimension = 0 and period = 2"
        assert db.execute(sums).fetchone() == (views, 1)
        assert db.execute("select count(*) from batches").fetchone() == (writers,)
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_workers_that_end_are_exact_and_those_that_are_killed_lose_an_interval_at_most() -> None:
    """scripts/faults, shortened: it starts servers, kills them under load, and judges itself."""
    ran = subprocess.run(
        [
            *(sys.executable, str(ROOT / "scripts" / "faults")),
            *("--kills", "3", "--workers", "2", "--seconds", "1", "--only", "uvicorn -w 2"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    verdicts = [line.split()[-1] for line in ran.stdout.splitlines()[2:]]
    assert verdicts == ["exact", "within"]
