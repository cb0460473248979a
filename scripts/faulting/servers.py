"""The servers that scripts/faults starts and ends: its own children, each by its number."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

UVICORN = ("-m", "uvicorn", "faulting.site:app", "--log-level", "warning", "--no-access-log")
GUNICORN = (
    *("-m", "gunicorn", "faulting.site:app", "--preload", "--log-level", "warning"),
    *("--worker-class", "uvicorn_worker.UvicornWorker", "--no-control-socket"),
)


def free_port() -> int:
    """A port of the loopback interface that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(
    arguments: tuple[str, ...], port: int, folder: Path, interval: float
) -> AsyncGenerator[subprocess.Popen[bytes]]:
    """A server of the site, once it answers. At the end it is gone, with what it has started."""
    server = _start(arguments, port, folder, interval)
    family = {server.pid}
    try:
        await _answers(server, port, folder)
        yield server
    finally:
        family |= children(server.pid)
        if server.poll() is None:
            server.terminate()
            await ended(server, 10)
        for process in family - {server.pid}:
            if process in children(server.pid) or _of(process, folder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        if server.poll() is None:
            server.kill()
            server.wait(5)


def _start(
    arguments: tuple[str, ...], port: int, folder: Path, interval: float
) -> subprocess.Popen[bytes]:
    listens = ("--bind", f"127.0.0.1:{port}") if "gunicorn" in arguments else ("--port", str(port))
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *arguments, *listens],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts")]),
                "FIRSTPARTY_STORE": f"sqlite:///{folder}/stats.db",
                "FIRSTPARTY_PASSWORD": "x",
                "FIRSTPARTY_RELEASE": "",
                "FIRSTPARTY_FLUSH_INTERVAL": str(interval),
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


async def _answers(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /ready HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n")  # no page view
            found = await reader.read(12)
            writer.close()
            if found:
                return
        await asyncio.sleep(0.05)
    log = (folder / "server.log").read_text(errors="replace")
    raise SystemExit(f"the server does not answer:\n{log[-2000:]}")


async def ended(server: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a server has ended within so many seconds."""
    for _ in range(int(seconds / 0.05)):
        if server.poll() is not None:
            return True
        await asyncio.sleep(0.05)
    return False


def children(parent: int) -> set[int]:
    """The processes that a process has started, and that run."""
    found = set[int]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.add(int(stat.parent.name))
    return found


def _of(process: int, folder: Path) -> bool:
    """Whether an orphan is one of ours: it works in our folder."""
    try:
        return Path(f"/proc/{process}/cwd").resolve() == folder.resolve()
    except OSError:
        return False
