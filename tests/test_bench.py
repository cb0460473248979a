"""The benchmark still starts: what it measures is for scripts/bench to say, not for a test."""

import subprocess
import sys
from pathlib import Path

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
