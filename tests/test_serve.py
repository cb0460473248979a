"""`firstparty serve`: a site of any other stack, counted and shown on its own domain."""

from __future__ import annotations

import re
import shlex
from configparser import RawConfigParser
from pathlib import Path

import pytest

from firstparty.cli import main, parser
from firstparty.standalone import application, pages
from tests.driving import BEACON, NAVIGATION, PASSWORD
from tests.serving import ROOT, free_port, served, stored
from tests.test_proxies import proxied, recipe

TEXT = (ROOT / "docs/how-to/standalone.md").read_text()
SERVE = ["firstparty", "serve", "--site", "example.org", "--port", "{port}"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site of files, with what is nobody's business in it."""
    root = tmp_path / "public"
    for name, text in {
        "index.html": "<title>Home</title>",
        "about/index.html": "<title>About</title>",
        "old.html": "<title>Old</title>",
        "404.html": "<title>Not here</title>",
        ".env": "SECRET=1",
        ".well-known/security.txt": "Contact: mailto:x@example.org",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def environ(file: Path) -> dict[str, str]:
    return {
        "FIRSTPARTY_STORE": f"sqlite:///{file}",
        "FIRSTPARTY_PASSWORD": PASSWORD,
        "FIRSTPARTY_DEBUG": "true",
    }


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
def test_a_site_that_a_web_server_serves_is_counted_by_its_snippet(
    kind: str, folder: Path, tmp_path: Path
) -> None:
    file, port = tmp_path / "stats.db", free_port()
    block = recipe(kind, "docs/how-to/standalone.md").replace("127.0.0.1:8100", f"127.0.0.1:{port}")
    block += f"root {folder};\n" if kind == "nginx" else f"root * {folder}\nfile_server\n"
    given = environ(file)
    with served(SERVE, tmp_path / "log", given, port), proxied(kind, tmp_path, block) as web:
        assert web.get("/", headers=NAVIGATION).text == "<title>Home</title>"
        (tag,) = re.findall(r'<script defer src="([^"]+)"></script>', TEXT)
        assert web.get(tag).headers["content-type"].startswith("text/javascript")
        for _ in range(3):
            sent = web.post(
                "/_tally/view", headers=BEACON, json={"u": "/", "k": "enter", "c": False}
            )
            assert (sent.status_code, sent.headers["tally"]) == (204, "counted")
        assert web.get("/stats", headers={"accept": "text/html"}).status_code == 308
        assert web.get("/stats/").status_code == 401
        assert web.get("/stats/", auth=("any", PASSWORD)).status_code == 200
        assert web.get("/stats/privacy").status_code == 200
    assert stored(file, "path", site="example.org") == {"/": 3}
    assert f'src="{tag}"' in (tmp_path / "log").read_text()


def test_a_folder_is_served_and_counted_with_no_script(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "stats.db"
    with served([*SERVE, "--root", str(folder)], tmp_path / "log", environ(file)) as web:
        for path in ("/", "/about/", "/about/", "/old.html"):
            answer = web.get(path, headers=NAVIGATION)
            assert (answer.status_code, answer.headers["tally"]) == (200, "counted; visit")
        missing = web.get("/nowhere", headers=NAVIGATION)
        assert (missing.status_code, missing.text) == (404, "<title>Not here</title>")
        for hidden in ("/.env", "/about/../.env", "/%2eenv", "/../stats.db", "/%2e%2e/stats.db"):
            assert web.get(hidden).status_code == 404, hidden
        assert web.get("/.well-known/security.txt").status_code == 200
        assert "server" not in missing.headers
    assert stored(file, "path", site="example.org") == {"/": 1, "/about/": 2, "/old.html": 1}
    log = (tmp_path / "log").read_text()
    assert "/about" not in log
    assert "Traceback" not in log


def test_the_pages_of_a_folder_have_the_paths_that_they_are_served_at(folder: Path) -> None:
    assert sorted(pages(folder)) == ["/", "/404.html", "/about/", "/old.html"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name the site: firstparty serve --site example.org"),
        (["--site", "x", "--root", "/nowhere/at/all"], "--root /nowhere/at/all is no folder"),
        (["--site", "https://x"], "site='https://x': write a plain name"),
        (["--site", "x", "--port", "99999"], "argument --port: invalid port value: '99999'"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["serve", "--store", str(tmp_path / "stats.db"), *arguments]) == 2
    assert f"firstparty: {sentence}" in capsys.readouterr().err


def test_a_folder_that_holds_the_database_is_not_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["serve", "--site", "x", "--store", str(tmp_path / "a.db"), "--root", str(tmp_path)]
    assert main(asked) == 2
    assert "would be served to everybody" in capsys.readouterr().err


def test_a_family_of_paths_is_none_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a*.html").write_text("")
    assert pages(tmp_path) == ()
    app = application("example.org", tmp_path, {"store": "memory://", "public": True})
    assert app.settings.listed == ()


def test_the_commands_of_the_page_and_of_the_unit_are_commands() -> None:
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL))
    unit = RawConfigParser(delimiters=("=",), strict=True)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    found = re.search(r"```ini\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    unit.read_string(found[1])
    lines = [*shell.splitlines(), unit["Service"]["ExecStart"]]
    asked = [
        shlex.split(line.partition("firstparty serve")[2]) for line in lines if " serve " in line
    ]
    assert [parser().parse_args(["serve", *each]).site for each in asked] == ["example.org"] * 3
