"""CPU seconds that a request costs a real server, ours against the bare application.

Requests a second are too noisy to judge by on a shared machine: CPU time a request is not. The
servers run all the time and are asked in turn, so that every round compares neighbours.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from . import browsers

SECONDS = 3  # of load, each server and round
CONNECTIONS = 16
TARGET = 1.30

SERVERS = {
    "bare": "bare",
    "bare again (noise)": "bare",
    "counted: internal link": "counted",
    "BaseHTTPMiddleware doing nothing": "base_http",
}


def run(rounds: int) -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing. Debian and Ubuntu: apt-get install wrk")
    parser = "httptools" if find_spec("httptools") else "h11"
    loop = "uvloop" if find_spec("uvloop") else "asyncio"
    print(f"uvicorn with {parser} and {loop}, {rounds} rounds of {SECONDS} s each")

    costs: dict[str, list[float]] = {name: [] for name in SERVERS}
    with ExitStack() as running:
        addresses = {name: running.enter_context(serve(app)) for name, app in SERVERS.items()}
        for pid, port in addresses.values():
            cost(pid, port, seconds=1)  # warm
        for _ in range(rounds):
            for name, (pid, port) in addresses.items():
                costs[name].append(cost(pid, port, SECONDS))

    print(f"{'':40}{'µs CPU a request':>18}{'÷ bare':>9}  target")
    for name, spent in costs.items():
        ratio = median(mine / bare for mine, bare in zip(spent, costs["bare"], strict=True))
        target = f"≤ {TARGET:.2f} {'met' if ratio <= TARGET else 'MISSED'}"
        told = target if SERVERS[name] == "counted" else ""
        print(f"{name:40}{median(spent) * 1e6:18.1f}{ratio:9.3f}  {told}")


@contextmanager
def serve(app: str) -> Iterator[tuple[int, int]]:
    """Process id and port of a server of its own for `apps.<app>`, stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", f"benchmarks.apps:{app}"]
    options = ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    process = subprocess.Popen([*command, *options], cwd=Path(__file__).parents[1])
    try:
        wait_for(process, port)
        yield process.pid, port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(100):
        if process.poll() is not None:
            raise SystemExit(f"the server ended by itself: {process.args}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")


def cost(pid: int, port: int, seconds: int) -> float:
    """CPU seconds a request under load."""
    before = cpu_seconds(pid)
    sent = [f"-H{name.title()}: {value}" for name, value in browsers.headers().items()]
    load = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *sent]
    told = subprocess.run(
        [*load, f"http://127.0.0.1:{port}/pricing"],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 20,
    ).stdout
    requests = re.search(r"(\d+) requests in", told)
    if requests is None or "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(told)
    return (cpu_seconds(pid) - before) / int(requests[1])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children, see proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # utime stime cutime cstime
    return own + sum(cpu_seconds(int(child)) for child in children)
