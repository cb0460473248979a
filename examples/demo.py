"""The example site with thirteen months of made-up traffic, on this machine alone: scripts/demo."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import socket
import sys
import time
from pathlib import Path

import uvicorn

from examples.fill import SETTINGS, fill
from examples.starlette_app import create_app

HOST = "127.0.0.1"


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="default: 8000")
    parser.add_argument("--days", type=int, default=396, help="of made-up traffic; default: 396")
    parser.add_argument(
        "--store", default="demo.db", help="SQLite file, made anew; default: demo.db"
    )
    parser.add_argument("--password", help="of the stats page; made up where it is not given")
    asked = parser.parse_args()
    password = asked.password or secrets.token_urlsafe(9)
    with socket.socket() as free:  # before the old file is deleted
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind((HOST, asked.port))
        except OSError as error:
            sys.exit(f"scripts/demo: port {asked.port} is taken ({error}): try --port 8001")
    for suffix in ("", "-wal", "-shm"):
        Path(asked.store + suffix).unlink(missing_ok=True)
    store = f"sqlite:///{Path(asked.store)}"
    app = create_app(store=store, password=password, flush_interval=2, **SETTINGS)
    start = time.monotonic()
    views = asyncio.run(fill(store, app, now=time.time(), days=asked.days, progress=show_progress))
    seconds = time.monotonic() - start
    print(f"\r{views:,} made-up page views in {seconds:.0f} seconds.{' ' * 30}\n")
    site = f"http://{HOST}:{asked.port}/"
    print(f"  the site        {site}")
    print(f"  its stats page  {site}stats/    password: {password}  (any user name)\n")
    print("Browse the site and watch the numbers move: the live one within 10 seconds, the others")
    print("within 20, best seen under Today. Ctrl-C ends it.", flush=True)
    uvicorn.run(app, host=HOST, port=asked.port, access_log=False, log_level="warning")


def show_progress(share: float) -> None:
    if not sys.stdout.isatty():
        return
    done = round(40 * share)
    print(f"\rFilling {'█' * done}{'·' * (40 - done)} {100 * share:3.0f} %", end="", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
