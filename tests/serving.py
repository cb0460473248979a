"""Real servers on loopback, for the tests: started, waited for, and ended by their own process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from firstparty import Analytics
from firstparty.metrics import COUNTED

ROOT = Path(__file__).parent.parent
LONGEST = 20.0
"""Seconds in which a server has begun, and in which it has ended."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def up(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server listens."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} does not listen")


@contextlib.contextmanager
def served(
    arguments: list[str],
    log: Path,
    environ: Mapping[str, str],
    port: int | None = None,
    python: Path | None = None,
) -> Iterator[httpx.Client]:
    """A server, as `python -m` of these arguments, with `{port}` in them; SIGTERM at the end.

    It is to end by itself then, having written what it counted. With a Python of another
    environment it is started beside its log, and has nothing of ours but what is installed there.
    """
    chosen = port or free_port()
    command = [
        str(python or sys.executable),
        "-m",
        *(each.format(port=chosen) for each in arguments),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=log.parent if python else ROOT,
            env={
                **os.environ,
                "PYTHONPATH": "" if python else str(ROOT),
                "HOME": str(log.parent),  # gunicorn keeps a socket there
                **environ,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        up(chosen, process)
        with httpx.Client(
            base_url=f"http://127.0.0.1:{chosen}", trust_env=False, timeout=LONGEST
        ) as client:
            yield client
        process.send_signal(signal.SIGTERM)
        process.wait(LONGEST)
    except BaseException:
        sys.stdout.write(log.read_text("utf-8", "replace"))
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a worker that hangs, too
        process.wait(LONGEST)


def stored(
    file: Path, dimension: str, metric: str = "pageviews", site: str | None = None
) -> dict[str, int]:
    """What a file holds of a day, by value; the value of the site's own total is ""."""
    place = COUNTED.index(metric)
    found = defaultdict[str, int](int)

    async def read() -> None:
        store = Analytics(store=f"sqlite:///{file}", site=site, password="x").counting.store
        await store.open()
        try:
            async for key, vector in store.counts():
                if (key.period, key.dimension) == ("day", dimension) and vector[place]:
                    found[key.value] += vector[place]
        finally:
            await store.close()

    asyncio.run(read())
    return dict(found)
