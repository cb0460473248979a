"""The table of navigations: what a visitor does, and what it adds to the counts in each mode.

`python tests/browser/navigations.py` writes it into docs/explanation/counting.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import answering
import arriving
import loading
import moving
from rows import Counts, Topics

if TYPE_CHECKING:
    from visiting import Visitor

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "explanation" / "counting.md"
BEGIN: Final = "<!-- The tables are written by tests/browser/navigations.py. -->\n"
END: Final = "<!-- End of the tables. -->\n"

TOPICS: Final[Topics] = {
    **arriving.TOPICS,
    **moving.TOPICS,
    **loading.TOPICS,
    **answering.TOPICS,
}
ROWS: Final = tuple((topic, row) for topic, rows in TOPICS.items() for row in rows)

ENTERED: Final = {
    "pageviews": 1,
    "visits": 1,
    "confirmed": 1,
    "confirmed_visits": 1,
    "continued": 1,
    "departures": 1,
}
PAGES: Final[dict[Callable[[Visitor], None], dict[str, dict[str, int]]]] = {
    moving.followed: {"/": ENTERED, "/pricing": {"pageviews": 1, "confirmed": 1}},
    moving.back: {
        "/": {**ENTERED, "pageviews": 2, "confirmed": 2},
        "/pricing": {"pageviews": 1, "confirmed": 1},
    },
    moving.searched: {"/": ENTERED, "/search": {"pageviews": 1, "confirmed": 1}},
    loading.pushed: {
        "/app/": ENTERED,
        "/app/reports": {"pageviews": 1, "confirmed": 1, "departures": 1},
        "/app/settings": {"pageviews": 1, "confirmed": 1},
    },
}
"""What each page has, where that says more; the same in both modes with the snippet."""


def cell(counts: Counts) -> str:
    """The numbers of one mode, as the table shows them."""
    numbers = " · ".join(str(number) for number in counts[:-1])
    return f"{numbers} (+ {counts.misses} not found)" if counts.misses else numbers


def tables() -> str:
    """The tables in Markdown, one for each topic."""
    lines: list[str] = []
    for topic, rows in TOPICS.items():
        lines += ["", f"### {topic}", ""]
        lines += [
            "| what happens | server | server, snippet blocked | script |",
            "|---|---|---|---|",
        ]
        for row in rows:
            cells = (cell(row.counts(mode)) for mode in ("server", "alone", "script"))
            lines.append(f"| {row.name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n\n"


def split(text: str) -> tuple[str, str, str]:
    """A document's text before the tables, the tables, and what is behind them."""
    before, rest = text.split(BEGIN)
    found, after = rest.split(END)
    return before, found, after


if __name__ == "__main__":
    before, _, after = split(DOCUMENT.read_text("utf-8"))
    DOCUMENT.write_text(f"{before}{BEGIN}{tables()}{END}{after}", "utf-8")
