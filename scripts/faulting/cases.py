"""The cases of scripts/faults: how a server is ended, and what that may cost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from faulting.load import Load
from faulting.servers import GUNICORN, UVICORN, children, ended, free_port, serving

INTERVAL = 0.5
"""Seconds between two flushes."""
SLACK = 0.5
"""Seconds that a flush may take, behind those of other processes, on a busy machine."""


@dataclass
class Outcome:
    """What one case has shown. `allowed` is how many views a kill, or several, may have cost."""

    case: str
    kills: int
    asked: int
    answered: int
    counted: int
    allowed: int
    wrong: str = ""

    @property
    def lost(self) -> int:
        """Pages that were answered and are not counted. One may be counted and not answered."""
        return max(0, self.answered - self.counted)

    @property
    def verdict(self) -> str:
        """`exact`, `within`, or what is wrong."""
        if self.wrong:
            return self.wrong
        if self.counted > self.asked:
            return "COUNTED TWICE"
        if self.lost > self.allowed:
            return "LOST TOO MUCH"
        return "within" if self.kills else "exact"


Say = Callable[[str], None]


class Run:
    """One case while it runs: a folder with the database, and the load."""

    def __init__(self, case: str, folder: Path, say: Say) -> None:
        self.case, self.folder, self._say = case, folder, say
        self.load = Load(free_port())
        self.kills = self.allowed = 0
        self.draw = random.Random(case)  # noqa: S311 - the same pauses each time

    def say(self, text: str) -> None:
        """Tell how far it is."""
        self._say(f"{self.case}: {text}, {len(self.load.answered):,} pages answered")

    def killed(self, processes: set[int], at: float) -> None:
        """These were ended by SIGKILL: what they have answered since the last flush may be lost."""
        self.kills += 1
        self.allowed += self.load.by(processes, at - INTERVAL - SLACK)

    def outcome(self) -> Outcome:
        """What came of it, as the database has it."""
        counted, wrong = stored(self.folder / "stats.db")
        load = self.load
        return Outcome(
            self.case, self.kills, load.asked, len(load.answered), counted, self.allowed, wrong
        )


def stored(path: Path) -> tuple[int, str]:
    """The page views in a file, and what is wrong with it."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        whole = db.execute("pragma integrity_check").fetchall() == [("ok",)]
        sums = [
            db.execute(
                "select coalesce(sum(pageviews), 0) from counts where dimension = 0 and period = ?",
                (period,),
            ).fetchone()[0]
            for period in (1, 2, 3)
        ]
    wrong = "" if whole else "THE FILE IS DAMAGED"
    return sums[1], wrong or ("" if len(set(sums)) == 1 else "HOURS, DAYS, MONTHS DIFFER")


@asynccontextmanager
async def loaded(run: Run) -> AsyncGenerator[None]:
    """Under load; at the end all visitors have gone."""
    task = asyncio.create_task(run.load.run())
    try:
        yield
    finally:
        run.load.stopping = True
        await task


async def ended_gracefully(run: Run, arguments: tuple[str, ...], seconds: float) -> None:
    """SIGTERM under load, as a deployment does."""
    async with serving(arguments, run.load.port, run.folder, INTERVAL) as server, loaded(run):
        await asyncio.sleep(seconds)
        run.say("SIGTERM")
        server.terminate()
        if not await ended(server, 30):
            raise SystemExit(f"{run.case}: the server does not end within 30 seconds of SIGTERM")


async def hung_up(run: Run, arguments: tuple[str, ...], seconds: float) -> None:
    """SIGHUP under load, which replaces all workers of gunicorn, then SIGTERM."""
    async with serving(arguments, run.load.port, run.folder, INTERVAL) as server, loaded(run):
        for number in range(2):
            await asyncio.sleep(seconds / 2)
            run.say(f"SIGHUP {number + 1} of 2")
            server.send_signal(signal.SIGHUP)
        await asyncio.sleep(seconds)
        server.terminate()
        await ended(server, 40)


async def reloaded(run: Run, times: int) -> None:
    """A file of the program changes under load, again and again."""
    touched = run.folder / "code"
    touched.mkdir()
    (touched / "module.py").write_text("")
    arguments = (*UVICORN, "--reload", "--reload-dir", str(touched))
    async with serving(arguments, run.load.port, run.folder, INTERVAL) as server, loaded(run):
        for number in range(times):
            seen = run.load.lately(60)
            await asyncio.sleep(1)
            run.say(f"change {number + 1} of {times}")
            (touched / "module.py").write_text(f"# {number}")
            async with asyncio.timeout(20):
                while not run.load.lately(1) - seen:  # noqa: ASYNC110 - it is another process
                    await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        server.terminate()
        await ended(server, 30)


async def workers_killed(run: Run, arguments: tuple[str, ...], kills: int) -> None:
    """SIGKILL to one worker after the other; whoever watches over them starts another."""
    async with serving(arguments, run.load.port, run.folder, INTERVAL) as server, loaded(run):
        for number in range(kills):
            await asyncio.sleep(0.6 + run.draw.random())
            while not (alive := sorted(children(server.pid) & run.load.lately(2))):  # noqa: ASYNC110 - until there is one
                await asyncio.sleep(0.1)
            worker = run.draw.choice(alive)
            at = time.monotonic()
            os.kill(worker, signal.SIGKILL)
            await asyncio.sleep(0.1)  # answers that are on their way
            run.killed({worker}, at)
            run.say(f"kill {number + 1} of {kills}")
        await asyncio.sleep(1)
        server.terminate()
        await ended(server, 30)


async def servers_killed(run: Run, arguments: tuple[str, ...], kills: int) -> None:
    """SIGKILL to a server and all its workers at once, as when a container is taken away."""
    async with loaded(run):
        for number in range(kills):
            async with serving(arguments, run.load.port, run.folder, INTERVAL) as server:
                await asyncio.sleep(1.5 + run.draw.random())
                family = {server.pid} | children(server.pid)
                at = time.monotonic()
                for process in sorted(family):  # the parent first: it starts no other
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                server.wait(5)
                await asyncio.sleep(0.1)
                run.killed(family, at)
            run.say(f"kill {number + 1} of {kills}")


Case = tuple[str, Callable[..., Awaitable[None]]]


def cases(workers: int, kills: int, seconds: float) -> list[Case]:
    """The cases, in the order in which they are run. The kills are shared among those with any."""
    many = ("--workers", str(workers))
    uvicorn, gunicorn = (*UVICORN, *many), (*GUNICORN, *many)
    one = all_ = kills // 10
    shared = (kills - one - all_) // 2
    found: list[Case] = [
        ("uvicorn, SIGTERM", lambda run: ended_gracefully(run, UVICORN, seconds)),
        (f"uvicorn -w {workers}, SIGTERM", lambda run: ended_gracefully(run, uvicorn, seconds)),
        ("uvicorn --reload, 4 changes", lambda run: reloaded(run, 4)),
        (
            f"gunicorn --preload -w {workers}, SIGTERM",
            lambda run: ended_gracefully(run, gunicorn, seconds),
        ),
        (
            f"gunicorn --preload -w {workers}, SIGHUP twice",
            lambda run: hung_up(run, gunicorn, seconds),
        ),
    ]
    killing: list[tuple[int, Case]] = [
        (
            kills - one - all_ - shared,
            (f"uvicorn -w {workers}, workers", partial(workers_killed, arguments=uvicorn)),
        ),
        (
            shared,
            (
                f"gunicorn --preload -w {workers}, workers",
                partial(workers_killed, arguments=gunicorn),
            ),
        ),
        (one, ("uvicorn, the server", partial(servers_killed, arguments=UVICORN))),
        (all_, (f"uvicorn -w {workers}, all", partial(servers_killed, arguments=uvicorn))),
    ]
    for number, (name, act) in killing:
        if number:
            found.append((f"{name}, SIGKILL", partial(act, kills=number)))
    return found


async def run(case: Case, say: Say) -> Outcome:
    """Run one case in a folder of its own."""
    name, act = case
    with tempfile.TemporaryDirectory(prefix="firstparty-faults-") as folder:
        one = Run(name, Path(folder), say)
        async with asyncio.timeout(600):
            await act(one)
        return one.outcome()
