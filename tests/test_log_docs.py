"""The commands of docs/how-to/import-logs.md, as they stand there."""

from __future__ import annotations

import gzip
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from firstparty.cli import main
from tests.driving import NAVIGATION
from tests.serving import ROOT, free_port
from tests.test_log_import import DAY, Sent
from tests.test_proxies import proxied

PAGE = (ROOT / "docs/how-to/import-logs.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
SHELL = [text for language, text in BLOCKS if language == "sh"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("FIRSTPARTY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def arguments(line: str) -> list[str]:
    """The words of a line, with the files that a pattern stands for."""
    found = list[str]()
    for word in shlex.split(line)[1:]:
        found += sorted(map(str, Path().glob(word))) if "*" in word else [word]
    return found


def test_the_commands_for_history_run(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("access.log", "access.log.1", "access.log.2.gz", "access.log.3.gz")
    for number, name in zip((0, 9, 18, 29), names, strict=True):
        lines = "".join(Sent(at=DAY + timedelta(days=number, hours=12)).line for _ in range(12))
        text = lines.encode()
        Path(name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    span = f"{DAY:%Y-%m-%d} to {DAY + timedelta(days=29):%Y-%m-%d}"
    said = list[str]()
    for line in (SHELL[0] + SHELL[1]).replace("2026-09-01 to 2026-09-30", span).splitlines():
        assert main(arguments(line)) == 0
        said.append(capsys.readouterr().out)
    assert f"would be taken: {span}" in said[0]
    assert f"\ntaken: {span}" in said[1]
    assert f"log {span}" in said[2]
    assert "is taken away" in said[3]


@contextmanager
def nginx(folder: Path) -> Iterator[httpx.Client]:
    """With the log of the page."""
    (written,) = [text for language, text in BLOCKS if language == "nginx"]
    format_, log = written.split("access_log")
    log = log.replace("/var/log/nginx/tally.log", f"{folder}/tally.log")
    types = "types { text/html html; application/json json; text/css css; }"
    # The format belongs outside of a server, and before it: so this one is the second.
    port = free_port()
    second = f"}} {format_} server {{ listen 127.0.0.1:{port};"
    block = f"return 503; {second} root {folder}/public; {types} access_log{log}"
    with (
        proxied("nginx", folder, block),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        yield client


@contextmanager
def caddy(folder: Path) -> Iterator[httpx.Client]:
    """With the log that Caddy writes where one is asked for."""
    block = f"root * {folder}/public\n file_server\n log {{\n output file {folder}/tally.log\n }}"
    with proxied("caddy", folder, block) as client:
        yield client


@pytest.mark.parametrize("server", [nginx, caddy])
def test_the_log_of_a_server_is_followed_by_the_command_of_the_page(
    server: Callable[[Path], AbstractContextManager[httpx.Client]], folder: Path
) -> None:
    public = folder / "public"
    public.mkdir(mode=0o755)
    for name in ("index.html", "site.css", "items.json"):
        (public / name).write_text("x")
    command = arguments(SHELL[2])
    command[command.index("/var/log/nginx/tally.log")] = "tally.log"
    if server is caddy:
        del command[command.index("--fields") :]
    sent = {**NAVIGATION, "host": "example.org", "accept-language": "fr-CH"}
    if server is caddy:
        del sent["host"]  # by which it chooses what to serve
        command[command.index("example.org")] = "127.0.0.1"
    with server(folder) as web:
        web.get("/", headers=sent)
        deadline = time.monotonic() + 20
        while not Path("tally.log").read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        with subprocess.Popen(
            [sys.executable, "-m", "firstparty", *command], stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            while "is followed" not in process.stderr.readline():
                assert process.poll() is None
            assert web.get("/", headers=sent).status_code == 200
            web.get("/", headers={**sent, "sec-gpc": "1"})
            web.get("/site.css", headers={**sent, "sec-fetch-dest": "style"})
            web.get("/items.json", headers={**sent, "sec-fetch-dest": "empty"})
            time.sleep(1.5)
            process.send_signal(signal.SIGTERM)
            assert "1 lines counted" in process.stderr.read()
    with closing(sqlite3.connect("stats.db")) as db:
        names = {name for (name,) in db.execute("select name from names")}
        assert {"/", "fr", "Direct", "Chrome"} <= names
        rows = "select pageviews, visits, ignored from counts where period = 2 and dimension = 0"
        assert db.execute(rows).fetchall() == [(1, 1, 0)]
