"""Marks: which release runs, where it can be told, and that it is marked once, where it began."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from firstparty import AnalyticsMiddleware
from firstparty.marks import MOST_LETTERS, Mark, clean, released
from firstparty.periods import Moment
from firstparty.release import version
from tests.driving import PASSWORD, api, counting, page, request

NOW = datetime(2026, 11, 23, 13, 45, tzinfo=UTC).timestamp()
HOUR = 29_923_980
"""13:00 of that day, in minutes since 1970."""
MARKED = {"kind": "release", "text": "1.4.0", "day": "2026-11-23", "hour": "2026-11-23T13:00+00:00"}

# The mark.


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("1.4.0", "1.4.0"),
        (" v1.4.0\n", "v1.4.0"),
        ("a\x00b\x1b[31mc\u202ed", "ab[31mcd"),
        ("Größe 2", "Größe 2"),
        ("x" * 99, "x" * MOST_LETTERS),
        ("\t\r\n", ""),
    ],
)
def test_a_text_is_what_can_be_printed_and_not_long(text: str, left: str) -> None:
    assert clean(text) == left


def test_a_release_is_marked_by_the_hour() -> None:
    moment = Moment(minute=HOUR + 45, hour=HOUR, day=20261123, month=202611)
    assert released("1.4.0\n", moment) == Mark("release", "1.4.0", HOUR, 20261123)


# The version, where it can be told.

ENDPOINT = "async def home(request):\n    ...\n\n\nclass Home:\n    ...\n"


@pytest.fixture
def site_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder where distributions can be installed; what is imported from it is forgotten."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def install(
    folder: Path, name: str, release: str, *files: str, needs: str = "", project: Path | None = None
) -> None:
    """A distribution as pip leaves it: with files of its own, or in place in a project's folder."""
    info = folder / f"{name.replace('-', '_')}-{release}.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {release}"]
    (info / "METADATA").write_text("\n".join([*lines, *[f"Requires-Dist: {needs}"] * bool(needs)]))
    (info / "RECORD").write_text("".join(f"{file},sha256=x,9\n" for file in files))
    if project is not None:
        origin = {"url": project.as_uri(), "dir_info": {"editable": True}}
        (info / "direct_url.json").write_text(json.dumps(origin))
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(ENDPOINT)


def endpoint(module: str, name: str = "home") -> Any:
    __import__(module)
    return getattr(sys.modules[module], name)


def app_of(*modules: str) -> Starlette:
    return Starlette(routes=[Route(f"/{name}", endpoint(name)) for name in modules])


def test_the_version_is_that_of_the_distribution_whose_file_an_endpoint_is_in(
    site_packages: Path,
) -> None:
    install(site_packages, "acme-shop", "1.4.0", "shop/__init__.py", "shop/web/pages.py")
    home, page_of_class = endpoint("shop.web.pages"), endpoint("shop.web.pages", "Home")
    shapes = (
        [Route("/", home)],
        [Route("/", page_of_class)],
        [Route("/", partial(home))],
        [Mount("/shop", routes=[Mount("/inner", routes=[Route("/", home)])])],
    )
    assert [version(Starlette(routes=routes)) for routes in shapes] == ["1.4.0"] * 4


def test_an_application_that_is_installed_in_place_is_known_by_its_folder(
    site_packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer, inner = tmp_path / "my project", tmp_path / "my project" / "packages" / "shop"
    (inner / "src").mkdir(parents=True)
    (inner / "src" / "shopping.py").write_text(ENDPOINT)
    (outer / "outside.py").write_text(ENDPOINT)
    install(site_packages, "workspace", "9.9", project=outer)
    install(site_packages, "acme-shop", "1.4.0", project=inner)
    monkeypatch.syspath_prepend(inner / "src")
    monkeypatch.syspath_prepend(outer)
    assert (version(app_of("shopping")), version(app_of("outside"))) == ("1.4.0", "9.9")


def test_of_two_distributions_the_application_is_the_one_that_needs_the_other(
    site_packages: Path,
) -> None:
    install(site_packages, "shop", "1.4.0", "shop.py", needs="Acme_Admin[all]>=2; extra == 'x'")
    install(site_packages, "acme.admin", "7.0", "acme_admin.py", needs="acme.admin[more]")
    install(site_packages, "other", "3.0", "other.py")
    assert version(app_of("shop", "acme_admin")) == "1.4.0"
    assert version(app_of("acme_admin")) == "7.0"
    assert version(app_of("shop", "other")) is None


def test_a_framework_is_not_the_application_that_has_its_endpoints(site_packages: Path) -> None:
    install(site_packages, "FastAPI", "0.140", "made_up_framework.py")
    install(site_packages, "shop", "1.4.0", "shop.py")
    assert version(app_of("made_up_framework")) is None
    assert version(app_of("made_up_framework", "shop")) == "1.4.0"


def test_an_application_of_no_distribution_is_not_taken_for_one_of_the_same_name(
    site_packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site_packages, "careless", "5.0", "main_of_it/__init__.py")
    install(site_packages, "shop", "1.4.0", "shop.py")
    (tmp_path / "cwd").mkdir()
    (tmp_path / "cwd" / "main_of_it.py").write_text(ENDPOINT)
    monkeypatch.syspath_prepend(tmp_path / "cwd")
    assert version(app_of("main_of_it")) is None
    assert version(app_of("main_of_it", "shop")) is None


@pytest.mark.parametrize("app", [None, page(), Starlette(), object()])
def test_an_application_without_routes_has_no_version(app: object) -> None:
    assert version(app) is None


# When it is marked.


async def marks_of(site: AnalyticsMiddleware) -> Any:
    status, answer = await api(site, "marks")
    assert status == 200
    return answer["marks"]


def stored(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        told = "select kind, text, at, day from marks where kind != 'setting' order by at"
        return db.execute(told).fetchall()


def test_the_release_is_a_mark_before_the_first_flush_and_stored_with_it(tmp_path: Path) -> None:
    async def run() -> Any:
        options = {"store": f"sqlite:///{tmp_path}/s.db", "release": " 1.4.0\n"}
        site = counting(clock=lambda: NOW, **options)
        await request(site)
        await site.flusher.flush()
        found = stored(tmp_path / "s.db")
        await site.flusher.stop()
        shown = counting(clock=lambda: NOW, release="1.4.0")
        return found, await marks_of(shown)

    assert asyncio.run(run()) == ([("release", "1.4.0", HOUR, 20261123)], [MARKED])


def test_workers_and_restarts_leave_one_mark_for_each_release_where_it_first_ran(
    tmp_path: Path,
) -> None:
    now = NOW

    async def run(*releases: str) -> Any:
        nonlocal now
        options = {"store": f"sqlite:///{tmp_path}/s.db", "clock": lambda: now}
        workers = [counting(release=release, **options) for release in releases]
        for site in workers:
            await request(site)
        await asyncio.gather(*(site.flusher.stop() for site in workers))
        now += 3600

    for releases in (("1.4.0", "1.4.0"), ("1.4.0", "1.5.0"), ("1.5.0", "1.4.0")):
        asyncio.run(run(*releases))
    assert [row[1:3] for row in stored(tmp_path / "s.db")] == [
        ("1.4.0", HOUR),
        ("1.5.0", HOUR + 60),
    ]


def test_a_release_is_marked_where_it_began_also_if_the_store_was_away_for_hours(
    tmp_path: Path,
) -> None:
    now = NOW

    async def run() -> Any:
        nonlocal now
        site = counting(store=f"sqlite:///{tmp_path}/late/s.db", release="1.4.0", clock=lambda: now)
        await site.flusher.start()
        now += 5 * 3600
        (tmp_path / "late").mkdir()
        found = await marks_of(site)
        await site.flusher.stop()
        return found

    assert asyncio.run(run()) == [MARKED]


def test_a_mark_that_fails_is_tried_again_and_counts_are_written_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "s.db"

    def rename(table: str, to: str) -> None:
        # An ALTER reads before it writes: without the lock first, a flush between the two
        # makes it fail at once.
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("begin immediate")
            db.execute(f"alter table {table} rename to {to}")
            db.execute("commit")

    def pageviews() -> int:
        with closing(sqlite3.connect(path)) as db:
            statement = "select sum(pageviews) from counts where period = 2 and dimension = 0"
            return int(db.execute(statement).fetchone()[0])

    async def run() -> Any:
        site = counting(store=f"sqlite:///{path}", release="1.4.0", flush_interval=0.1)
        await site.flusher.start()
        rename("marks", "elsewhere")
        await request(site)
        await asyncio.sleep(0.3)
        away = site.flusher.state, pageviews(), site.flusher.unflushed
        rename("elsewhere", "marks")
        await asyncio.sleep(0.3)
        back = site.flusher.state, [row[1] for row in stored(path)]
        await site.flusher.stop()
        return away, back

    assert asyncio.run(run()) == (("away", 1, 0), ("ok", ["1.4.0"]))
    assert "no such table: marks" in caplog.text


@pytest.mark.parametrize("wrapped", ["inside", "around"])
def test_unset_the_version_of_the_distribution_is_marked_once_it_runs(
    wrapped: str, site_packages: Path
) -> None:
    install(site_packages, "acme-shop", "1.4.0", "shop.py")

    async def started(site: Any) -> None:
        waiting = iter(("startup", "shutdown"))

        async def receive() -> Any:
            return {"type": f"lifespan.{next(waiting)}"}

        async def send(message: Any) -> None: ...

        await site({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)

    options: dict[str, Any] = {
        "store": f"sqlite:///{site_packages}/s.db",
        "password": PASSWORD,
        "clock": lambda: NOW,
    }
    app = app_of("shop")
    if wrapped == "around":
        asyncio.run(started(AnalyticsMiddleware(app, **options)))
    else:
        app.add_middleware(AnalyticsMiddleware, **options)
        asyncio.run(started(app))
    assert stored(site_packages / "s.db") == [("release", "1.4.0", HOUR, 20261123)]


def test_without_lifespan_the_first_request_tells_the_application(site_packages: Path) -> None:
    install(site_packages, "acme-shop", "1.4.0", "shop.py")

    async def run(**options: Any) -> Any:
        return await marks_of(counting(app_of("shop"), clock=lambda: NOW, **options))

    assert asyncio.run(run()) == [MARKED]
    assert asyncio.run(run(release="")) == []
    assert asyncio.run(run(release="2.0"))[0]["text"] == "2.0"


def test_metadata_that_cannot_be_read_leaves_no_mark_and_counting_goes_on(
    site_packages: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install(site_packages, "acme-shop", "1.4.0", "shop.py")
    info = site_packages / "acme_shop-1.4.0.dist-info"
    (info / "direct_url.json").write_text("{")

    async def run() -> Any:
        site = counting(app_of("shop"))
        await request(site)
        return await marks_of(site), await marks_of(site), (await api(site, "health"))[1]["store"]

    first, again, store = asyncio.run(run())
    assert (first, again, store["state"]) == ([], [], "ok")
    (record,) = (each for each in caplog.records if each.levelno >= logging.WARNING)
    assert "no mark is made of the release" in record.getMessage()


# The API.


def test_marks_are_told_in_the_sites_own_time() -> None:
    async def run() -> Any:
        site = counting(clock=lambda: NOW, release="1.4.0", timezone="Asia/Kolkata")
        return await api(site, "marks")

    told = {**MARKED, "hour": "2026-11-23T19:00+05:30"}
    assert asyncio.run(run()) == (200, {"marks": [told]})


def test_the_public_does_not_learn_which_release_runs() -> None:
    async def run() -> Any:
        site = counting(clock=lambda: NOW, release="1.4.0", public=True)
        public = await request(site, "/stats/api/marks", {})
        return public.status, json.loads(public.body), await marks_of(site)

    assert asyncio.run(run()) == (200, {"marks": []}, [MARKED])


def test_marks_are_behind_the_door() -> None:
    reply = asyncio.run(request(counting(release="1.4.0"), "/stats/api/marks", {}))
    assert reply.status == 401
    assert b"1.4.0" not in reply.body
