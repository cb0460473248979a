"""What others may rely on, and the map of the code, are complete."""

import re
from pathlib import Path
from types import ModuleType

import firstparty

ROOT = Path(__file__).parent.parent


def test_all_is_exactly_the_sorted_public_names() -> None:
    public = [
        name
        for name, value in vars(firstparty).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    ]
    assert firstparty.__all__ == sorted(public)


def test_every_public_name_has_a_docstring() -> None:
    assert all(getattr(firstparty, name).__doc__ for name in firstparty.__all__)


def test_the_version_is_a_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", firstparty.__version__)


def test_the_architecture_names_every_module() -> None:
    modules = {
        path.relative_to(ROOT / "firstparty").as_posix()
        for path in ROOT.glob("firstparty/**/*.py")
        if path.name != "__init__.py"
    }
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    words = set(re.findall(r"[\w/]+(?:\.py)?", text))
    known = words | {f"{word}.py" for word in words}
    missing = {m for m in modules if m not in known and m.rpartition("/")[2] not in known}
    assert missing == set()


def test_every_module_begins_by_saying_what_it_is_for() -> None:
    for path in ROOT.glob("firstparty/**/*.py"):
        assert path.read_text("utf-8").startswith('"""'), path
