"""What the documents say is true: their code runs, their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from starlette.applications import Starlette

import firstparty
from firstparty.settings import Settings
from tests.generated import PAGES, docstrings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_made_from_the_code_is_up_to_date(name: str) -> None:
    text = (ROOT / name).read_text()
    assert text == PAGES[name](text), "run .venv/bin/python scripts/docs"


def test_every_setting_has_a_docstring() -> None:
    assert set(docstrings()) == {field.name for field in fields(Settings)}


@pytest.mark.parametrize("name", ["README.md", "docs/how-to/events.md"])
def test_the_code_of_a_document_runs(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(), re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        names = {"app": Starlette(), "request": {}}
        exec(block, names)  # noqa: S102 - it is our own page
        app = names["app"]
        assert isinstance(app, Starlette)
        app.build_middleware_stack()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_the_documents_become_a_website_that_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    sphinx = ["sphinx", "--fail-on-warning", "--nitpicky", "--quiet", "--jobs", "2"]
    build = [sys.executable, "-m", *sphinx, str(ROOT / "docs"), str(tmp_path)]
    ended = subprocess.run(build, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    pages = sorted(tmp_path.rglob("*.html"))
    assert tmp_path / "tutorial/first-numbers.html" in pages
    assert tmp_path / "reference/settings.html" in pages
    loads = re.compile(
        r"<(?:script|img|link|iframe|source|video|object|embed|form)\b[^>]*(?:src|href|action|data)"
        r'="(?:https?:)?//[^"]*"'
    )
    assert [(page.name, loads.findall(page.read_text())) for page in pages] == [
        (page.name, []) for page in pages
    ]


def test_the_architecture_names_every_module() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    package = Path(firstparty.__file__).parent
    modules = {str(path.relative_to(package)) for path in package.rglob("*.py")} - {"__init__.py"}
    assert {name for name in modules if f"`{name}`" not in text} == set()


def test_the_names_of_the_package_are_those_it_lists() -> None:
    public = {
        name
        for name, value in vars(firstparty).items()
        if not name.startswith("_")
        and not hasattr(value, "__path__")
        and hasattr(value, "__doc__")
        and getattr(value, "__module__", "firstparty").startswith("firstparty")
        and not isinstance(value, type(firstparty))
    }
    assert sorted(firstparty.__all__) == firstparty.__all__
    assert set(firstparty.__all__) == public
