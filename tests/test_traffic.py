"""The made-up traffic of the demo is repeatable, in order, and stays on the example's site."""

import asyncio
import re
from datetime import UTC, date, datetime
from itertools import islice, pairwise
from random import Random

import httpx
import pytest

from examples import acts, traffic
from examples.fill import SETTINGS, fill
from examples.starlette_app import create_app
from firstparty.agents import Agents
from firstparty.counting import Counting
from firstparty.counts import Selection
from firstparty.dimensions import table
from firstparty.metrics import COUNTED
from firstparty.settings import load

FIRST, LAST = date(2025, 10, 20), date(2026, 11, 22)


@pytest.fixture(scope="module")
def views() -> list[traffic.View]:
    return list(traffic.visits(7, FIRST, LAST, 100))


@pytest.fixture(scope="module")
def pages() -> dict[str, httpx.Response]:
    """What the example site answers at every address that a walk may come to."""

    async def fetch() -> dict[str, httpx.Response]:
        site = httpx.ASGITransport(create_app(store="memory://"))
        async with httpx.AsyncClient(transport=site, base_url="https://fennel.example") as client:
            return {path: await client.get(path, params={"q": "a"}) for path in traffic.LINKS}

    return asyncio.run(fetch())


def test_the_same_seed_gives_the_same_views_and_another_seed_gives_others():
    once, again, other = (
        list(islice(traffic.visits(seed, FIRST, LAST, 500), 2_000)) for seed in (1, 1, 2)
    )

    assert once == again
    assert once != other


def test_views_come_in_the_order_of_time_and_within_the_range(views):
    assert all(earlier.at <= later.at for earlier, later in pairwise(views))
    assert datetime.fromtimestamp(views[0].at, UTC).date() == FIRST
    assert datetime.fromtimestamp(views[-1].at, UTC).date() == LAST


@pytest.mark.parametrize(("first", "per_day"), [(FIRST, 100), (date(2026, 10, 24), 5_000)])
def test_there_are_as_many_views_as_were_asked_for(first, per_day):
    asked = per_day * ((LAST - first).days + 1)

    assert sum(1 for _ in traffic.visits(3, first, LAST, per_day)) == pytest.approx(asked, rel=0.03)


def test_every_path_is_a_page_of_the_example_or_marked_missing(views, pages):
    paths = {(view.path, view.missing) for view in views}

    assert paths == {(path, page.status_code == 404) for path, page in pages.items()}


def test_every_step_follows_a_link_of_the_page_before(views, pages):
    steps = {(view.previous, view.path) for view in views if not view.enters}
    links = {
        (path, link)
        for path, page in pages.items()
        for link in re.findall(r'(?:href|action)="(/[^"#?]*)"', page.text)
    }

    # The form on /contact redirects there.
    assert steps - links == {("/contact", "/contact/thanks")}


def test_only_the_first_page_of_a_visit_has_a_source(views):
    assert all(view.enters == (view.previous == "") for view in views)
    assert not any(view.referrer or view.query for view in views if not view.enters)


def test_a_page_that_is_missing_or_unseen_by_the_snippet_is_not_confirmed(views):
    confirmed = sum(view.confirmed for view in views)

    assert not any(view.confirmed or view.second for view in views if view.missing)
    assert 0.88 < confirmed / len(views) < 0.96


def test_what_is_done_is_done_on_a_page_that_exists(pages):
    assert {path for path in acts.ACTS if pages[path].status_code != 200} == set()


def test_what_is_measured_is_in_the_vocabulary_of_its_dimension():
    rows = table(country="timezone")
    random = Random(1)  # noqa: S311

    for agent in traffic.USER_AGENTS:
        for language in traffic.LANGUAGES:
            left, pace, _ = acts.measured(random, "/pricing", agent, language)
            said = {**left, **pace}
            assert {name for name, value in said.items() if value not in rows[name].values} <= {
                "country"
            }
            assert rows["country"].minimise(said["country"]) in rows["country"].values


def test_every_machine_of_the_example_is_told_as_one():
    agents = Agents(1.0)

    assert all(agents.read(name.encode()).bot for name in acts.MACHINES)


def test_a_few_days_of_the_demo_can_be_filled_and_asked_about(tmp_path):
    now = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
    store = f"sqlite:///{tmp_path}/demo.db"

    async def run():
        app = create_app(store="memory://", **SETTINGS)
        number = await fill(store, app, now=now, days=2)
        counting = Counting(load({"store": store, "public": True, **SETTINGS}, {}), lambda: now)
        await counting.store.open()
        found = {}
        for name, row in counting.table.items():
            if row.alone:
                cells = await counting.store.select(Selection("month", (202611,), name))
                place = COUNTED.index(row.basis)
                found[name] = sum(vector[place] for vector in cells.values())
        await counting.store.close()
        return number, found

    number, found = asyncio.run(run())
    assert 0 < found["path"] <= number  # some of them are of pages that are not there
    # Whatever the table has, the demo has some of, but for what no campaign of its says.
    assert {name for name, count in found.items() if not count} == {"utm_content", "utm_term"}
