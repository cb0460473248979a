"""docs/tutorial/first-numbers.md is true: somebody who does what it says sees what it says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx

from tests.driving import KEY, NAVIGATION
from tests.serving import ROOT, served

TEXT = (ROOT / "docs/tutorial/first-numbers.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
SHELL = "".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)).splitlines()


def opened(client: httpx.Client, path: str, before: str | None = None) -> httpx.Response:
    """A page, as somebody opens it who came from the page before, or typed its address."""
    inside = {} if before is None else {"sec-fetch-site": "same-origin"}
    referer = {} if before is None else {"referer": f"{client.base_url}{before.lstrip('/')}"}
    return client.get(path, headers=NAVIGATION | inside | referer)


def told(client: httpx.Client, dimension: str, metric: str) -> dict[str, int]:
    question = {"metrics": [metric], "date_range": "day", "dimensions": [dimension]}
    answer = client.post("/stats/api/query", headers={"authorization": KEY}, json=question)
    return {row["dimensions"][0]: row["metrics"][0] for row in answer.json()["results"]}


def serving(folder: Path) -> list[str]:
    """The tutorial's own command, on another port and in the folder of the test."""
    (line,) = [line for line in SHELL if "uvicorn" in line]
    _, *arguments = shlex.split(line.replace("8000", "{port}"))
    return ["uvicorn", *arguments, "--app-dir", str(folder)]


def test_the_tutorial_leads_from_nothing_to_numbers(tmp_path: Path) -> None:
    site, middleware, signup, changed = PYTHON
    file, database = tmp_path / "site_of_mine.py", tmp_path / "stats.db"
    first = f"{site}{middleware}"
    file.write_text(first.replace("sqlite:///stats.db", f"sqlite:///{database}"))
    with served(serving(tmp_path), tmp_path / "log", {}) as client:
        opened(client, "/")
        opened(client, "/pricing", "/")
        opened(client, "/signup", "/pricing")
        client.get("/signup", headers=NAVIGATION | {"cache-control": "max-age=0"})
        assert client.get("/stats/", headers={"authorization": KEY}).status_code == 200
        assert told(client, "path", "pageviews") == {"/signup": 2, "/": 1, "/pricing": 1}
        assert told(client, "path", "visits") == {"/": 1, "/pricing": 0, "/signup": 0}
        assert "No cookie" in client.get("/stats/privacy").text
        assert client.get("/stats/receipt", headers=NAVIGATION).status_code == 200
    assert "/stats/" in (tmp_path / "log").read_text()

    start = first.index("app = ")
    second = f"{first[:start]}{signup}\n\n{middleware.splitlines()[0]}\n\n{changed}"
    file.write_text(second.replace("sqlite:///stats.db", f"sqlite:///{database}"))
    with served(serving(tmp_path), tmp_path / "log", {}) as client:
        opened(client, "/signup", "/")
        assert told(client, "event", "events") == {"signup": 1}

    lines = [line for line in SHELL if "bin/firstparty" in line]
    assert len(lines) == 3
    for line in lines:
        program, *arguments = shlex.split(line)
        ended = subprocess.run(
            [sys.executable, "-m", Path(program).name, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout


def test_the_first_commands_of_the_tutorial_make_an_environment_of_this_folder() -> None:
    assert SHELL[:2] == ["python3 -m venv .venv", ".venv/bin/pip install /path/to/firstparty"]
