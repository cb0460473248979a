"""Every way to move counts exactly once, in every mode: the table of navigations in Chromium."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from navigations import BEGIN, DOCUMENT, PAGES, ROWS, split, tables
from playwright.sync_api import Browser, BrowserContext
from rows import Counts, Row
from serving import Site, site, until
from visiting import visiting

import firstparty

MODES: dict[str, dict[str, Any]] = {
    "server": {"collect": "server"},
    "alone": {"collect": "server", "snippet": False},
    "script": {"collect": "script"},
}
OWN = firstparty.Site("fennel", hosts=("shop.fennel.localhost",))


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
            mode: stack.enter_context(
                site(tmp_path_factory.mktemp(mode), other, site=OWN, **options)
            )
            for mode, options in MODES.items()
        }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "row", [row for _, row in ROWS], ids=[f"{topic}: {row.name}" for topic, row in ROWS]
)
def test_each_way_to_move_adds_what_the_table_says(
    row: Row, mode: str, contexts: dict[str, BrowserContext], sites: dict[str, Site]
) -> None:
    expected = row.counts(mode)
    shown = sites[mode]
    shown.begin()
    with visiting(contexts[row.browser], shown, row.host) as visitor:
        row.steps(visitor)
        visitor.settle()
        until(shown.total, lambda found: found == expected._asdict())
        visitor.settle()
    assert shown.total() == expected._asdict()
    if row.steps in PAGES and mode != "alone":
        assert shown.pages() == PAGES[row.steps]
    assert len(shown.beacons) == expected.confirmed


def test_in_script_mode_a_page_without_the_snippet_is_not_counted(
    contexts: dict[str, BrowserContext], other: str, tmp_path: Path
) -> None:
    with (
        site(tmp_path, other, collect="script", snippet=False) as shown,
        visiting(contexts["bfcache"], shown) as visitor,
    ):
        visitor.type("/")
        visitor.follow("/pricing")
        visitor.settle()
        assert shown.total() == Counts()._asdict()


def test_the_table_in_the_document_is_this_table() -> None:
    _, found, _ = split(DOCUMENT.read_text("utf-8"))
    assert found == tables(), f"run python tests/browser/navigations.py ({BEGIN.strip()})"
