"""A log that is followed: each line counts once, whatever happens to the log or to the process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firstparty import Analytics
from firstparty.cli import main
from firstparty.counting import Counting
from firstparty.counts import Selection
from firstparty.logs import tail as tail_
from firstparty.logs.bringing import own
from firstparty.logs.follow import Follower
from firstparty.logs.formats import makes
from firstparty.logs.position import Place, Position
from firstparty.logs.reading import LogError
from firstparty.logs.tail import Tail
from firstparty.settings import load
from firstparty.stores import StoreError
from tests.test_log_import import HOST, Sent

SITE: dict[str, Any] = {
    "store": "sqlite:///stats.db",
    "site": HOST,
    "flush_interval": 0.1,
    "release": "",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with no settings of the environment, and renamed logs soon done."""
    for name in list(os.environ):
        if name.startswith("FIRSTPARTY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tail_, "CALM", 0.3)
    return tmp_path


def line(path: str = "/", ago: float = 0, **headers: str) -> str:
    """A line of Caddy's, of a page that was viewed so many seconds ago."""
    said = json.loads(Sent(path).as_json(**headers))
    return json.dumps({**said, "ts": time.time() - ago}) + "\n"


def add(*lines: str, to: str = "access.log") -> None:
    with Path(to).open("a") as file:
        file.writelines(lines)


def follower(more: Sequence[str] = (), store: Any = None) -> tuple[Follower, Position, Tail]:
    counting, position = Counting(load(SITE)), Position(Path("position"))
    if store is not None:
        counting.store = store(counting.store)
    settings = own(counting.settings, ())
    tail = Tail(Path("access.log"))
    return Follower(counting, settings, tail, position, makes(None, more)), position, tail


def whole() -> tuple[int, int] | None:
    """The number of the log's file, and the place behind its last whole line."""
    log = Path("access.log")
    return (log.stat().st_ino, log.read_bytes().rfind(b"\n") + 1) if log.exists() else None


async def all_read(tail: Tail, task: asyncio.Task[None]) -> None:
    """Wait until every whole line of the log has been read, or the task has ended."""
    deadline = time.monotonic() + 30
    while not task.done() and whole() not in {None, (tail.number, tail.offset)}:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def following(*steps: Callable[[], None], more: Sequence[str] = ()) -> Follower:
    """Follow access.log, and do each of these when all before has been read."""
    made, position, tail = follower(more)
    begun = asyncio.Event()
    with closing(position):
        task = asyncio.create_task(made.run(begun.set))
        begins = asyncio.create_task(begun.wait())
        await asyncio.wait({task, begins}, return_when=asyncio.FIRST_COMPLETED)
        for step in (lambda: None, *steps):
            step()
            await all_read(tail, task)
        made.stopping.set()
        await task
    return made


def follow(*steps: Callable[[], None], more: Sequence[str] = ()) -> Follower:
    return asyncio.run(following(*steps, more=more))


def views(**by: bool) -> dict[Any, int]:
    """The page views of this and the last month, by page."""

    async def read() -> dict[Any, int]:
        counting = Analytics(**{**SITE, "flush_interval": 10}).counting
        await counting.store.open()
        names = await counting.store.names(again=True)
        assert names is not None
        cells = await counting.store.select(
            Selection("month", tuple(range(202600, 203000)), "path", by_value=True)
        )
        await counting.store.close()
        return {cell.value: counts[0] for cell, counts in cells.items()}

    return asyncio.run(read())


def test_what_is_added_to_a_log_is_counted_from_now_on() -> None:
    add(line("/before"))
    made = follow(lambda: add(line(), line()), lambda: add(line()))
    assert (views(), made.counted) == ({"/": 3}, 3)


def test_who_objects_is_not_counted() -> None:
    add(line())
    follow(lambda: add(line(), line(sec_gpc="1"), line(dnt="1")))
    assert views() == {"/": 1}


def test_a_log_of_another_format_is_followed_where_its_fields_tell_who_objects() -> None:
    def combined(*said: str) -> str:
        now = Sent(at=datetime.now(UTC)).line[:-1]
        return now + "".join(f' "{each}"' for each in said) + "\n"

    add(combined("-", "-"))
    follow(lambda: add(combined("-", "-"), combined("1", "-")), more=("sec-gpc", "dnt"))
    assert views() == {"/": 1}


@pytest.mark.parametrize(
    ("log", "more", "said"),
    [
        (Sent().line, (), "does not carry the headers dnt and sec-gpc"),
        (Sent().line[:-1] + ' "-"\n', ("sec-gpc",), "does not carry the headers dnt, by which"),
    ],
)
def test_a_log_that_does_not_tell_who_objects_is_refused(
    log: str, more: Sequence[str], said: str
) -> None:
    add(log)
    with pytest.raises(LogError, match=said):
        follow(more=more)
    assert not views()


def test_a_log_that_is_renamed_is_read_to_its_end_and_then_the_new_one() -> None:
    def rotate() -> None:
        Path("access.log").rename("access.log.1")
        add(line(), to="access.log.1")  # the server has not noticed yet
        add(line(), line())

    add(line())
    follow(lambda: add(line()), rotate, lambda: add(line()))
    assert views() == {"/": 5}


def test_a_log_that_is_cut_is_read_from_its_beginning() -> None:
    def cut() -> None:
        Path("access.log").write_text("")

    add(line(), line())
    follow(lambda: add(line(), line()), cut, lambda: add(line()))
    assert views() == {"/": 3}


def test_a_log_that_is_not_there_yet_is_waited_for() -> None:
    follow(lambda: add(line(), line()))
    assert views() == {"/": 2}


def test_a_line_counts_when_all_of_it_has_come() -> None:
    whole = line()
    add(line())
    follow(lambda: add(whole[:50]), lambda: add(whole[50:]))
    assert views() == {"/": 1}


def test_following_goes_on_where_it_was_also_in_a_log_that_was_renamed_meanwhile() -> None:
    add(line())
    follow(lambda: add(line()))
    add(line(), line())
    Path("access.log").rename("access.log.1")
    add(line())
    follow()
    assert views() == {"/": 4}


def test_a_new_file_is_not_taken_for_the_old_one_because_it_has_its_number() -> None:
    add(line(ago=7200))
    follow(lambda: add(line(ago=7200)))
    # As a file system may give the number of a deleted file to the next one.
    add_later = [line("/new") for _ in range(6)]
    Path("access.log").write_text("".join(add_later))
    follow()
    assert views() == {"/": 1, "(unlisted)": 2, "/new": 4}


def test_lines_of_an_hour_ago_have_no_minute_and_those_of_last_week_are_not_taken() -> None:
    add(line())
    made = follow(lambda: add(line(ago=7200), line(ago=7 * 86_400), line(ago=-3600)))
    assert (views(), made.counted) == ({"/": 1}, 1)


class Failing:
    """A store that takes a batch, or does not, and dies: the process never learns which."""

    def __init__(self, store: Any, *, takes: bool) -> None:
        self._store, self._takes = store, takes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def write(self, batch: Any) -> int:
        if self._takes:
            await self._store.write(batch)
        raise StoreError("the connection is lost")


@pytest.mark.parametrize("takes", [True, False])
def test_a_batch_of_which_nobody_knows_whether_it_came_counts_once(takes: bool) -> None:
    add(line())
    follow(lambda: add(line()))

    async def die() -> None:
        made, position, _ = follower(store=lambda store: Failing(store, takes=takes))
        with closing(position):
            task = asyncio.create_task(made.run())
            await asyncio.sleep(0.5)
            add(line(), line())
            await asyncio.sleep(1)
            made.stopping.set()
            await task

    asyncio.run(die())
    add(line())
    follow()
    assert views() == {"/": 4}


def test_the_position_tells_of_the_log_and_the_batch_and_of_no_line() -> None:
    add(line())
    follow(lambda: add(line()))
    said = json.loads(Path("position").read_text())
    number, size = Path("access.log").stat().st_ino, Path("access.log").stat().st_size
    place = Place(*said["after"])
    assert sorted(said) == ["after", "batch", "before", "writer"]
    assert place[:2] == (number, size)
    assert place.hour in {int(time.time() // 3600), int(time.time() // 3600) - 1}
    assert Path("position").stat().st_mode & 0o077 == 0


def test_one_process_at_a_time_follows_a_log() -> None:
    position = Position(Path("position"))
    with pytest.raises(LogError, match="another process follows this log"):
        Position(Path("position"))
    position.close()
    Position(Path("position")).close()


def test_a_position_that_is_damaged_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    add(line())
    Path("access.log.position").write_text("{")
    chosen = ["import", "log", "access.log", "--follow", "--store", "stats.db", "--site", HOST]
    assert main(chosen) == 2
    assert "does not say how far the log is counted: delete it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["log", "a", "b", "--follow"], "--follow takes one file"),
        (["log", "-", "--follow"], "--follow takes one file"),
        (["log", "a", "--follow", "--dry-run"], "it has no --dry-run"),
        (["plausible", "a", "--follow"], "--follow is of a log, and not of Plausible"),
        (["log", "--follow", "a"], "(options come behind all files)"),
    ],
)
def test_what_cannot_be_followed_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", *arguments, "--store", "stats.db", "--site", HOST]) == 2
    assert said in capsys.readouterr().err


COMMAND = [sys.executable, "-m", "firstparty", "import", "log", "access.log", "--follow"]


@contextmanager
def started() -> Iterator[subprocess.Popen[str]]:
    """The command, from when it follows the log until it has ended."""
    environ = {**os.environ, "FIRSTPARTY_FLUSH_INTERVAL": "0.1"}
    with subprocess.Popen(
        [*COMMAND, "--store", "stats.db", "--site", HOST],
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        while "is followed" not in process.stderr.readline():
            assert process.poll() is None
        yield process


def test_every_line_counts_once_though_the_process_is_killed_and_the_log_rotated() -> None:
    add(line())
    number = 0
    for round_ in range(5):
        with started() as process:
            for _ in range(40):
                add(*[line() for _ in range(5)])
                number += 5
                time.sleep(0.02)
            if round_ in {1, 3}:
                Path("access.log").rename(f"access.log.{round_}")
                add(line())
                number += 1
            time.sleep(0.05 * round_)
            process.kill()
    with started() as process:
        deadline = time.monotonic() + 60
        while views().get("/", 0) < number and time.monotonic() < deadline:
            time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert views() == {"/": number}


def test_where_files_cannot_be_locked_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows
    with pytest.raises(LogError, match="needs a system that can lock a file"):
        Position(tmp_path / "position")
