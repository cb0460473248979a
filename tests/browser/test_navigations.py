"""Every way to move counts exactly once, in every mode: the table of navigations in Chromium."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from navigations import BEGIN, DOCUMENT, ROWS, Counts, Row, split, table
from playwright.sync_api import Browser, BrowserContext
from serving import Site, site, until
from visiting import visiting

MODES: dict[str, dict[str, Any]] = {
    "server": {"collect": "server"},
    "alone": {"collect": "server", "snippet": False},
    "script": {"collect": "script"},
}


@pytest.fixture(scope="module")
def contexts(browsers: dict[str, Browser]) -> Iterator[dict[str, BrowserContext]]:
    """One profile for each browser: nothing in it may change a count."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(browser.new_context()) for name, browser in browsers.items()
        }


@pytest.fixture(scope="module")
def sites(other: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """The site in each mode."""
    with ExitStack() as stack:
        yield {
            mode: stack.enter_context(site(tmp_path_factory.mktemp(mode), other, **options))
            for mode, options in MODES.items()
        }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_way_to_move_adds_what_the_table_says(
    row: Row, mode: str, contexts: dict[str, BrowserContext], sites: dict[str, Site]
) -> None:
    expected: Counts = getattr(row, mode)
    shown = sites[mode]
    shown.begin()
    with visiting(contexts[row.browser], shown) as visitor:
        row.steps(visitor)
        visitor.settle()
        until(shown.total, lambda found: found == expected._asdict())
        visitor.settle()
    assert shown.total() == expected._asdict()
    if row.pages is not None and mode != "alone":
        assert shown.pages() == row.pages
    assert len(shown.beacons) == expected.confirmed


def test_the_table_in_the_document_is_this_table() -> None:
    _, found, _ = split(DOCUMENT.read_text("utf-8"))
    assert found == table(), f"run python tests/browser/navigations.py ({BEGIN.strip()})"
