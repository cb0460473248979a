"""The pytest plugin: an application's own tests can say what is counted."""

import asyncio
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from firstparty import Analytics
from firstparty.testing import BROWSER, AnalyticsCounts
from firstparty.testing import (
    analytics_counts as analytics_counts,
)  # also where it is no plugin yet
from tests.driving import NAVIGATION, counting, request

ROOT = Path(__file__).resolve().parent.parent

EARLIER = counting(store="memory://")
"""An application that was made, and asked, before any test began."""
asyncio.run(request(EARLIER, "/earlier"))


def test_views_are_counted_by_page_from_the_first_one_on(analytics_counts: AnalyticsCounts) -> None:
    app = counting(store="sqlite:///not-there/stats.db")
    assert app.settings.store == "memory://"
    for path in ("/pricing", "/pricing", "/docs"):
        asyncio.run(request(app, path, BROWSER))
    assert analytics_counts["/pricing"].pageviews == 2
    assert analytics_counts["/never"].pageviews == 0
    assert sorted(analytics_counts) == ["/docs", "/pricing"]
    assert "/never" not in analytics_counts
    assert (analytics_counts.total.pageviews, analytics_counts.total.visits) == (3, 3)
    assert analytics_counts.by("browser")["Firefox"].pageviews == 3


def test_what_was_counted_before_the_test_is_not_among_it(
    analytics_counts: AnalyticsCounts,
) -> None:
    assert len(analytics_counts) == 0
    asyncio.run(request(EARLIER, "/later", NAVIGATION))
    assert repr(analytics_counts) == "{'/later': Numbers(pageviews=1, visits=1)}"


def test_what_has_gone_to_the_store_is_still_told(analytics_counts: AnalyticsCounts) -> None:
    async def run() -> None:
        async with Analytics(store="sqlite:///stats.db", admit_after=3) as analytics:
            await analytics.event("renewal", {"plan": "pro"}, amount=4200, currency="EUR")
            assert analytics_counts.by("event")["renewal"].events == 1

    asyncio.run(run())
    assert analytics_counts.by("event")["renewal"].events == 1
    assert analytics_counts.by("property")["plan=pro"].events == 1
    assert analytics_counts.by("currency")["EUR"].amount == 4200
    assert len(analytics_counts) == 0


def test_a_metric_that_is_none_is_told_by_name(analytics_counts: AnalyticsCounts) -> None:
    with pytest.raises(AttributeError, match="'visitors' is not counted: there are pageviews,"):
        _ = analytics_counts["/"].visitors


def test_nothing_is_changed_where_nobody_asks_for_the_fixture() -> None:
    assert counting(store="sqlite:///here.db").settings.store == "sqlite:///here.db"


def test_the_example_of_the_documents_runs_with_the_plugin_as_it_is_installed(
    tmp_path: Path,
) -> None:
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    example, _ = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/how-to/testing.md").read_text(), re.DOTALL
    )
    (tmp_path / "test_example.py").write_text(example)
    installed = tmp_path / "like_firstparty-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: like-firstparty\nVersion: 1.0\n"
    )
    (installed / "entry_points.txt").write_text(
        "[pytest11]\n"
        + "".join(f"{name} = {where}\n" for name, where in entries["pytest11"].items())
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"3 passed" in done.stdout, done.stdout.decode()
    assert not (tmp_path / "stats.db").exists()
