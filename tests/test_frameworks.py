"""Each framework's example counts under its real servers, and all of it is on disk at their end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.driving import BEACON, NAVIGATION, PASSWORD
from tests.serving import served, stored

UVICORN = ["uvicorn", "--port", "{port}"]
HYPERCORN = ["hypercorn", "--bind", "127.0.0.1:{port}"]
GRANIAN = ["granian", "--interface", "asgi", "--port", "{port}"]
GUNICORN = ["gunicorn", "--bind", "127.0.0.1:{port}"]
SERVERS = {
    "uvicorn": UVICORN,
    "hypercorn": HYPERCORN,
    "granian": GRANIAN,
    "granian wsgi": ["granian", "--interface", "wsgi", "--port", "{port}"],
    "gunicorn uvicorn": [*GUNICORN, "-k", "uvicorn_worker.UvicornWorker"],
    "gunicorn sync": GUNICORN,
    "gunicorn threads": [*GUNICORN, "--threads", "4"],
    "gunicorn gevent": [*GUNICORN, "-k", "gevent"],
}

ASGI = ("uvicorn", "hypercorn", "granian", "gunicorn uvicorn")
WSGI = ("gunicorn sync", "gunicorn threads", "gunicorn gevent", "waitress")
EXAMPLES = {
    "fastapi_app:app": ASGI,
    "litestar_app:app": ASGI,
    "quart_app:app": ASGI,
    "django_asgi_app:application": ASGI,
    "flask_app:app": WSGI,
    "django_wsgi_app:application": (*WSGI, "granian wsgi"),
}
ROWS = [(example, server) for example, servers in EXAMPLES.items() for server in servers]

INSIDE = NAVIGATION | {"sec-fetch-site": "same-origin"}
PICTURE = NAVIGATION | {"sec-fetch-dest": "image"}


def settings(file: Path, **more: str) -> dict[str, str]:
    chosen = {"store": f"sqlite:///{file}", "password": PASSWORD, **more}
    return {f"FIRSTPARTY_{name.upper()}": value for name, value in chosen.items()}


def visit(client: httpx.Client) -> None:
    """What a person's browser sends who comes, reads, signs up, and whose snippet confirms."""
    home = client.get("/", headers=NAVIGATION)
    assert '<script defer src="/_tally/tally.js"></script>' in home.text
    assert home.headers["server-timing"] == "tally"
    assert client.get("/_tally/tally.js", headers={"sec-fetch-dest": "script"}).status_code == 200
    beacon = {"u": "/", "k": "enter", "n": "navigate", "c": True}
    confirmed = client.post("/_tally/view", headers=BEACON, content=json.dumps(beacon))
    assert (confirmed.status_code, confirmed.headers["tally"]) == (204, "confirmed")
    inside = INSIDE | {"referer": f"{client.base_url}"}
    assert client.get("/people/7", headers=inside).status_code == 200
    assert client.get("/people/8", headers=inside).status_code == 200
    assert client.get("/people/9", headers=PICTURE).status_code == 200
    assert client.get("/nowhere", headers=inside).status_code == 404
    assert client.post("/signup", headers=inside).status_code in {200, 201}


def shown(client: httpx.Client, *by: str) -> list[dict[str, Any]]:
    """An answer of the stats API, by the password."""
    assert client.get("/stats/").status_code == 401
    asked = {"metrics": ["pageviews"], "date_range": "day", "dimensions": by}
    answer = client.post("/stats/api/query", auth=("any", PASSWORD), json=asked)
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


PAGES = {"/": 1, "/people/{number}": 2, "/signup": 1}
WITHIN = {"fastapi_app:app": "/shop/cart"}
"""A page of an application in the application."""


def started(example: str, server: str) -> list[str]:
    """The arguments of `python -m` that serve an example."""
    target = f"examples.{example}"
    if server == "waitress":
        return [target.partition(":")[0], "{port}"]
    return [*SERVERS[server], target]


@pytest.mark.parametrize(("application", "server"), ROWS)
def test_an_example_is_counted_under_its_server(
    application: str, server: str, tmp_path: Path
) -> None:
    file, pages = tmp_path / "stats.db", dict(PAGES)
    with served(started(application, server), tmp_path / "log", settings(file)) as client:
        visit(client)
        if within := WITHIN.get(application):
            pages[within] = 1
            assert client.get(within, headers=INSIDE).status_code == 200
        seen = {row["dimensions"][0]: row["metrics"][0] for row in shown(client, "path")}
        assert seen == pages
    assert stored(file, "path") == pages
    assert stored(file, "", "visits") == {"": 1}
    assert stored(file, "", "confirmed") == {"": 1}
    assert stored(file, "event", "events") == {"signup": 1}
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("server", ASGI)
def test_the_site_on_starlette_is_counted_under_each_server(server: str, tmp_path: Path) -> None:
    file = tmp_path / "stats.db"
    given = settings(file)
    with served(started("starlette_app:app", server), tmp_path / "log", given) as client:
        for path, headers in (("/", NAVIGATION), ("/people/1", INSIDE), ("/people/2", INSIDE)):
            assert client.get(path, headers=headers).headers["server-timing"] == "tally"
        form = {"email": "a@example.org", "message": "Hello."}
        assert client.post("/contact", headers=INSIDE, data=form).status_code == 303
    assert stored(file, "path") == {"/": 1, "/people/{id}": 2}
    assert stored(file, "", "visits") == {"": 1}
    assert stored(file, "event", "events") == {"message": 1}
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    "worker", [["--threads", "2"], ["-k", "gevent"]], ids=["threads", "gevent"]
)
def test_workers_of_an_application_that_was_loaded_before_they_were_forked_count_together(
    worker: list[str], tmp_path: Path
) -> None:
    file, log = tmp_path / "stats.db", tmp_path / "log"
    (tmp_path / "conf.py").write_text("from gevent import monkey\nmonkey.patch_all()\n")
    conf = ["-c", str(tmp_path / "conf.py")] if "gevent" in worker else []
    arguments = [*GUNICORN, *conf, "--preload", "-w", "3", *worker, "examples.flask_app:app"]
    with served(arguments, log, settings(file)) as client:
        for _ in range(60):
            # A new connection each, so that every worker gets some.
            assert client.get("/", headers=NAVIGATION | {"connection": "close"}).is_success
    assert stored(file, "", "pageviews") == {"": 60}
    assert "Traceback" not in log.read_text()


def test_a_gevent_that_patches_too_late_is_told_what_to_do_and_breaks_no_page(
    tmp_path: Path,
) -> None:
    file, log = tmp_path / "stats.db", tmp_path / "log"
    arguments = [*GUNICORN, "--preload", "-k", "gevent", "examples.flask_app:app"]
    with served(arguments, log, settings(file)) as client:
        assert client.get("/", headers=NAVIGATION).status_code == 200
        assert client.get("/stats/").status_code == 503
    assert "monkey.patch_all()' at the top of the file" in log.read_text()
