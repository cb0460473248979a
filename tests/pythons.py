"""The Pythons of this machine, and clean environments of them to install the package into."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parent.parent
MADE: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT: Final[dict[str, Any]] = MADE["project"]
WHEEL: Final[dict[str, Any]] = MADE["tool"]["hatch"]["build"]["targets"]["wheel"]
PLACES: Final = ("~/.pyenv/versions/*/bin", "~/.local/share/uv/python/*/bin", "/opt/python/*/bin")
"""Where pyenv, uv and others put them; PATH comes before."""
ASK: Final = "import sys, venv; print(*sys.version_info[:3], sys.version_info.releaselevel)"
OLDEST: Final = tuple(int(each) for each in re.findall(r"\d+", PROJECT["requires-python"]))


def pythons() -> dict[str, str]:
    """The interpreter of each version that we support, by its full version, the oldest first.

    The running one is one of them. Of two of the same minor version it is the first that is found.
    """
    found = {sys.version_info[:2]: (sys.version_info[:3], sys.executable)}
    for minor, program in _programs():
        if minor >= OLDEST and minor not in found:
            asked = subprocess.run([program, "-I", "-c", ASK], capture_output=True, check=False)
            *numbers, level = asked.stdout.decode().split() or [""]
            if level == "final":
                found[minor] = (tuple(int(each) for each in numbers), str(program))
    return {".".join(map(str, version)): program for version, program in sorted(found.values())}


def _programs() -> Iterator[tuple[tuple[int, int], Path]]:
    folders = [Path(each) for each in os.environ["PATH"].split(os.pathsep) if each]
    for place in PLACES:
        start, *rest = Path(place).expanduser().parts
        folders += sorted(Path(start).glob("/".join(rest)), reverse=True)
    for folder in folders:
        for program in folder.glob("python3.*"):
            name = re.fullmatch(r"python3\.(\d+)", program.name)
            if name is not None:
                yield (3, int(name[1])), program


def environment(folder: Path, python: str) -> Path:
    """The interpreter of a new virtual environment, with nothing in it."""
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin/python"


def install(python: Path, *what: object) -> None:
    """Install into an environment, as a user's pip does."""
    _pip(python, "install", "--quiet", *what)
    _pip(python, "check")


def _pip(python: Path, *arguments: object) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(python), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def lowest(*extras: str) -> list[str]:
    """The lowest versions that pyproject.toml allows, for this system, of the extras too."""
    asked = [*PROJECT["dependencies"]]
    for extra in extras:
        asked += PROJECT["optional-dependencies"][extra]
    return [each.replace(">=", "==") for each in asked if "win32" not in each]
