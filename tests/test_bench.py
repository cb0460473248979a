"""The benchmark still starts: what it measures is for scripts/bench to say, not for a test."""

import ast
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from firstparty import Analytics
from firstparty.dimensions import SITE
from firstparty.metrics import COUNTED

ROOT = Path(__file__).resolve().parent.parent


def test_the_benchmark_finds_all_that_it_measures() -> None:
    found = subprocess.run(
        [sys.executable, ROOT / "scripts" / "bench", "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (found.returncode, found.stderr) == (0, "")


def taken_from_the_package() -> Iterator[tuple[str, str, str]]:
    """What scripts import from us: the file, the module, the name."""
    for file in sorted((ROOT / "scripts").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("firstparty"):
                for each in node.names:
                    yield file.name, str(node.module), each.name


def test_scripts_that_need_more_than_the_tests_have_find_what_they_import_from_us() -> None:
    """DuckDB and gunicorn are not there for the tests, so that these files never run."""
    taken = list(taken_from_the_package())
    assert any(file == "fill.py" for file, _, _ in taken)
    assert [
        (file, module, name)
        for file, module, name in taken
        if not (hasattr(import_module(module), name) or find_spec(f"{module}.{name}"))
    ] == []


def test_a_synthetic_year_has_in_the_store_what_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    fill, year = import_module("benchmarks.fill"), import_module("benchmarks.year")

    async def filled() -> int:
        site = Analytics(clock=lambda: fill.NOW, store="memory://", country="header:cf-ipcountry")
        counting = site.counting
        await counting.store.open()
        await fill.Filler(counting).fill(year.Year(500))
        views = 0
        async for key, vector in counting.store.counts():
            if key.dimension == SITE and key.period == "month":
                views += vector[COUNTED.index("pageviews")]
        return views

    drawn = sum(len(day.columns[0].values) for day in year.Year(500).days())
    assert asyncio.run(filled()) == drawn > 400
