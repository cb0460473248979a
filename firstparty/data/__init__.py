"""Facts from elsewhere, a file each; whose they are: docs/explanation/facts.md."""

from __future__ import annotations

from pathlib import Path


def lines(name: str) -> list[str]:
    """The lines of a file in this folder, without the comments (#) that say its source."""
    text = (Path(__file__).parent / name).read_text(encoding="ascii")
    return [line for line in text.splitlines() if not line.startswith("#")]


def source(name: str) -> str:
    """What the first line of a file in this folder says of where it comes from."""
    with (Path(__file__).parent / name).open(encoding="ascii") as file:
        return file.readline().removeprefix("# ").partition(",")[0].strip()
