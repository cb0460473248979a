"""The command line: what each command does, and how it says what it cannot do."""

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import firstparty
from firstparty import Analytics
from firstparty.cli import COMMANDS, main
from firstparty.counts import Batch, Counts, Key
from firstparty.metrics import COUNTED, vector
from firstparty.stores import Store
from tests.driving import counting, request

DAY, MONTH = 20261123, 202611
ONE, TWO = vector(pageviews=1), vector(pageviews=2, visits=1)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of the commands, which is not there yet."""
    for name in list(os.environ):
        if name.startswith("FIRSTPARTY_"):
            monkeypatch.delenv(name)
    path = tmp_path / "stats.db"
    monkeypatch.setenv("FIRSTPARTY_STORE", f"sqlite:///{path}")
    return path


def secret(name: str = "/secret-plans") -> dict[Key, tuple[int, ...]]:
    """Counts of a name wherever a name can be, and of others."""
    return {
        Key("day", DAY, "", "", ""): vector(pageviews=6),
        Key("hour", 60, "path", name, ""): ONE,
        Key("day", DAY, "path", name, ""): TWO,
        Key("day", DAY, "path", "/", ""): ONE,
        Key("day", DAY, "path", "(unlisted)", ""): ONE,
        Key("month", MONTH, "path", name, ""): TWO,
        Key("crossed", MONTH, "source", "Mastodon", name): ONE,
        Key("crossed", MONTH, "source", "Mastodon", "(unlisted)"): TWO,
        Key("crossed", MONTH, "previous", name, "/"): ONE,
        Key("crossed", MONTH, "previous", "/", name): ONE,
        Key("crossed", MONTH, "previous", name, name): ONE,
        Key("day", DAY, "event", name, ""): vector(events=3),
        Key("day", DAY, "event", "signup", ""): vector(events=4),
    }


async def written(store: Store, counts: Counts, writer: str = "w", seq: int = 1) -> None:
    await store.write(Batch(writer, seq, counts))


async def all_of(store: Store) -> dict[Key, tuple[int, ...]]:
    return {key: counts async for key, counts in store.counts()}


def used(url: str, act: Callable[[Store], Awaitable[Any]], **options: Any) -> Any:
    async def run() -> Any:
        store = Analytics(store=url, **options).counting.store
        await store.open()
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())


def bytes_of(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.iterdir() if path.is_file())


def test_the_version_and_a_sentence_for_each_command_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"firstparty {firstparty.__version__}\n"
    assert main(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for command in COMMANDS:
        assert f"{command.name} {command.help}" in text
        assert command.help.endswith(".")


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "firstparty", "--version"], capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == f"firstparty {firstparty.__version__}"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: COMMAND: see firstparty --help"),
        (["forget", "/x"], "there is no database sqlite:///{file}: name it with --store"),
        (["forget"], "write either a VALUE, or --list, or --allow PATTERN"),
        (["size", "--store", "sqlight:///x"], "store 'sqlight:///x' is not known"),
        (["size", "--processes", "0"], "'0': write a number from 1 to 100000"),
        (["size", "--timezone", "Mars/Base"], "timezone='Mars/Base' is not known"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(
    file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("firstparty: ")
    assert sentence.format(file=file) in said.err
    assert said.err.count("\n") == 1
    assert not file.exists()


def test_a_file_of_another_program_is_told_and_left_as_it_is(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(b"Dear diary" * 500)
    assert main(["size"]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert file.read_bytes() == b"Dear diary" * 500


def test_the_only_site_of_a_database_need_not_be_named_and_is_told(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def nothing(store: Store) -> None: ...

    url = f"sqlite:///{file}"
    used(url, nothing, site="shop", timezone="Europe/Paris")
    assert main(["size"]) == 0
    assert capsys.readouterr().err == (
        f"firstparty: site shop in Europe/Paris, which {url} holds\n"
    )
    used(url, nothing, site="blog", timezone="Europe/Paris")
    assert main(["size"]) == 2
    assert "holds shop in Europe/Paris, blog in Europe/Paris: choose one" in capsys.readouterr().err
    assert main(["size", "--site", "blog", "--timezone", "Europe/Paris"]) == 0
    assert main(["size", "--site", "cafe"]) == 2
    assert "does not hold cafe" in capsys.readouterr().err


# forget


def test_forgetting_a_value_leaves_no_byte_of_it_in_the_files(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{file}"
    fill = {Key("day", DAY, "path", f"/page-{number}", ""): ONE for number in range(3000)}

    async def write(store: Store) -> None:
        await written(store, {**fill, **secret()})

    used(url, write)
    assert b"/secret-plans" in bytes_of(file)
    assert main(["forget", "/secret-plans"]) == 0
    said = capsys.readouterr()
    assert "event: 1 name forgotten\npath: 1 name forgotten\n" in said.out
    assert "Not blocked" in said.out
    assert b"/secret-plans" not in bytes_of(file)
    after = used(url, all_of)
    assert after[Key("day", DAY, "event", "(unlisted)", "")] == vector(events=3)
    assert main(["forget", "/secret-plans"]) == 2
    assert "no name '/secret-plans' is stored" in capsys.readouterr().err


def test_a_value_is_forgotten_in_one_dimension_only_where_that_is_asked_for(file: Path) -> None:
    used(f"sqlite:///{file}", lambda store: written(store, secret()))
    assert main(["forget", "/secret-plans", "--dimension", "event"]) == 0
    names = {key.value for key in used(f"sqlite:///{file}", all_of)}
    assert "/secret-plans" in names
    assert main(["forget", "/secret-plans", "--dimension", "previous"]) == 0
    after = used(f"sqlite:///{file}", all_of)
    assert "/secret-plans" not in {text for key in after for text in (key.value, key.path)}


def test_a_closed_dimension_and_one_that_is_none_are_told(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    used(f"sqlite:///{file}", lambda store: written(store, secret()))
    assert main(["forget", "Firefox", "--dimension", "browser"]) == 2
    assert "made by our own code" in capsys.readouterr().err
    assert main(["forget", "x", "--dimension", "nose"]) == 2
    assert "there is no dimension 'nose': write one of path," in capsys.readouterr().err


def test_a_pattern_is_blocked_listed_and_allowed_again(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    used(f"sqlite:///{file}", lambda store: written(store, secret("/reset/ab.c")))
    assert main(["forget", "/reset/*", "--dimension", "path"]) == 0
    assert "Blocked from now on: /reset/*" in capsys.readouterr().out
    assert main(["forget", "--list"]) == 0
    assert capsys.readouterr().out == "path\t/reset/*\n"
    assert main(["forget", "--allow", "/reset/*"]) == 0
    assert main(["forget", "--list"]) == 0
    assert capsys.readouterr().out.endswith("No longer blocked: /reset/*\n")
    assert main(["forget", "--allow", "/reset/*"]) == 2
    assert main(["forget", "*"]) == 2


def test_an_exact_text_is_kept_in_the_list_only_where_that_is_asked_for_and_said(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    used(f"sqlite:///{file}", lambda store: written(store, secret()))
    monkeypatch.setattr("sys.stdin", io.StringIO("/secret-plans\n"))
    assert main(["forget", "-", "--block", "--dimension", "path"]) == 0
    assert "has this very text in it" in capsys.readouterr().err
    assert b"/secret-plans" in bytes_of(file)


def shown(app: Any) -> Any:
    """The pages by name, as the application's own process would answer."""

    async def run() -> dict[str, int]:
        found: dict[str, int] = {}
        async with app.flusher.reading() as read:
            from firstparty.counts import Selection

            cells = await read(Selection("day", (DAY,), "path", by_value=True))
        for cell, counts in cells.items():
            found[cell.value] = counts[COUNTED.index("pageviews")]
        return found

    return run()


def test_a_process_that_runs_gives_up_a_name_and_counts_it_as_unlisted(file: Path) -> None:
    app = counting(
        store=f"sqlite:///{file}", flush_interval=3600, admit_after=2, clock=lambda: 1795435200.0
    )

    async def run() -> Any:
        await app.flusher.start()
        for _ in range(3):
            await request(app, "/reset/token")
        await app.flusher.flush()
        await request(app, "/reset/token")  # it waits under its name
        before = await shown(app)
        assert await asyncio.to_thread(main, ["forget", "/reset/token"]) == 0
        after = await shown(app)
        await app.flusher.flush()
        stored = await shown(app)
        for _ in range(2):
            await request(app, "/reset/token")
        again = await shown(app)
        assert await asyncio.to_thread(main, ["forget", "/reset/*"]) == 0
        for _ in range(9):
            await request(app, "/reset/token")
        blocked = await shown(app)
        await app.flusher.stop()
        return before, after, stored, again, blocked

    assert asyncio.run(run()) == (
        {"(unlisted)": 1, "/reset/token": 3},
        {"(unlisted)": 4},
        {"(unlisted)": 4},
        {"(unlisted)": 5, "/reset/token": 1},
        {"(unlisted)": 15},
    )
    assert b"/reset/token" not in bytes_of(file)


def test_a_page_of_the_route_table_can_be_blocked_too(file: Path) -> None:
    app = counting(store=f"sqlite:///{file}", listed=("/plans",), clock=lambda: 1795435200.0)

    async def run() -> Any:
        await app.flusher.start()
        await app.analytics.counting.store.block("path", "/pla*")
        await app.flusher.flush()
        await request(app, "/plans")
        blocked = await shown(app)
        await app.analytics.counting.store.allow("path", "/pla*")
        await app.flusher.flush()
        await request(app, "/plans")
        allowed = await shown(app)
        await app.flusher.stop()
        return blocked, allowed

    assert asyncio.run(run()) == ({"(unlisted)": 1}, {"(unlisted)": 1, "/plans": 1})
