"""The stats page in Chromium: how long a large year takes to draw, and how long a hand waits."""

import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/browser")]

import large  # noqa: E402 - it stands beside the browser tests
from playwright.sync_api import sync_playwright  # noqa: E402
from showing import Shown  # noqa: E402
from visiting import launched  # noqa: E402

MOST_DRAWING: Final = 300
"""Milliseconds from the answer to the drawn page."""
MOST_TASK: Final = 200
"""Milliseconds for which the page may not answer a hand."""

JOURNEYS: Final = (
    ("10,000 pages, looked through", large.year, large.look_through),
    ("every dimension at its bound, taken away as CSV", large.bounds, large.take_all),
)


def run(rounds: int) -> None:
    """Print the medians of some rounds, beside what they are to be at most."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        for name, counts, journey in JOURNEYS:
            drawing, longest = list[float](), list[float]()
            with large.served(counts) as base:
                for _ in range(rounds):
                    with large.watched(browser, base) as shown:
                        drawing.append(shown.page.evaluate(large.DRAWING))
                        longest.append(_longest(shown, journey))
            _tell(f"{name}: drawn after the answer", drawing, MOST_DRAWING)
            _tell(f"{name}: longest task", longest, MOST_TASK)


def _longest(shown: Shown, journey: Callable[[Shown], None]) -> float:
    journey(shown)
    return max(shown.page.evaluate("window.tasks"), default=0)


def _tell(name: str, times: list[float], most: int) -> None:
    median = statistics.median(times)
    verdict = "met" if median <= most else "MISSED"
    spread = f"{min(times):.0f} to {max(times):.0f}"
    print(f"{name:<70}{median:6.0f} ms ({spread}; {most}: {verdict})")
