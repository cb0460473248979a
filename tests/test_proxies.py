"""Below a path, behind nginx and Caddy, as docs/how-to/frameworks.md says: no address is kept."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.driving import BEACON, NAVIGATION, PASSWORD
from tests.serving import LONGEST, ROOT, free_port, served, stored, up

ADDRESS = "203.0.113.77"
"""One for documentation (RFC 5737), which a client says to have."""

NGINX = """
daemon off; user root; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Real-IP $remote_addr;
    server {{
        listen 127.0.0.1:{port};
        {block}
    }}
}}
"""
CADDY = """
{{
    admin off
}}
http://127.0.0.1:{port} {{
    {block}
}}
"""


def recipe(language: str, page: str = "docs/how-to/frameworks.md") -> str:
    """The block of a page that is of this language."""
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert found is not None
    return found[1]


@contextlib.contextmanager
def proxied(kind: str, folder: Path, block: str) -> Iterator[httpx.Client]:
    """The proxy with this block in its configuration."""
    program = shutil.which(kind, path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, f"{kind} is not installed: scripts/test does so"
    port = free_port()
    file = folder / kind
    file.write_text(
        (NGINX if kind == "nginx" else CADDY).format(folder=folder, port=port, block=block)
    )
    command = (
        [program, "-p", str(folder), "-c", str(file)]
        if kind == "nginx"
        else [program, "run", "--adapter", "caddyfile", "--config", str(file)]
    )
    environ = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    process = subprocess.Popen(
        command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        up(port, process)
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=LONGEST
        ) as client:
            yield client
    finally:
        process.terminate()
        process.wait(LONGEST)


ROWS = [
    ("nginx", "fastapi_app:app", ["uvicorn", "--root-path", "/shop", "--port", "{port}"], {}),
    (
        "caddy",
        "fastapi_app:app",
        ["hypercorn", "--root-path", "/shop", "--bind", "127.0.0.1:{port}"],
        {},
    ),
    (
        "caddy",
        "litestar_app:app",
        ["granian", "--interface", "asgi", "--url-path-prefix", "/shop", "--port", "{port}"],
        {},
    ),
    (
        "caddy",
        "flask_app:app",
        ["gunicorn", "--bind", "127.0.0.1:{port}"],
        {"SCRIPT_NAME": "/shop"},
    ),
    (
        "caddy",
        "django_wsgi_app:application",
        ["gunicorn", "--bind", "127.0.0.1:{port}"],
        {"SCRIPT_NAME": "/shop"},
    ),
]


@pytest.mark.parametrize(("kind", "application", "server", "more"), ROWS)
def test_an_application_below_a_path_is_counted_and_shown_there(
    kind: str, application: str, server: list[str], more: dict[str, str], tmp_path: Path
) -> None:
    file, port = tmp_path / "stats.db", free_port()
    environ = {
        "FIRSTPARTY_STORE": f"sqlite:///{file}",
        "FIRSTPARTY_PASSWORD": PASSWORD,
        "FIRSTPARTY_DEBUG": "true",
        **more,
    }
    block = recipe(kind).replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    arguments = [*server, f"examples.{application}"]
    with served(arguments, tmp_path / "log", environ, port), proxied(kind, tmp_path, block) as web:
        page = web.get("/shop/", headers=NAVIGATION | {"x-forwarded-for": ADDRESS})
        assert page.headers["tally"] == "counted; visit", page.text
        (script,) = re.findall(r'src="([^"]+)"', page.text)
        assert script == "/shop/_tally/tally.js"
        assert web.get(script).headers["content-type"].startswith("text/javascript")
        inside = {"sec-fetch-site": "same-origin", "referer": f"{web.base_url}shop/"}
        assert web.get("/shop/people/7", headers=NAVIGATION | inside).headers["tally"] == "counted"
        sent = web.post(
            "/shop/_tally/view", headers=BEACON, json={"u": "/shop/", "k": "enter", "c": True}
        )
        assert sent.headers["tally"] == "confirmed"
        moved = web.get("/shop/stats", headers={"accept": "text/html"})
        assert moved.headers["location"].removeprefix(str(web.base_url)) in {
            "/shop/stats/",
            "shop/stats/",
        }
        assert web.get("/shop/stats/", auth=("any", PASSWORD)).status_code == 200
    assert stored(file, "path") == {"/shop/": 1, "/shop/people/{number}": 1}
    assert stored(file, "", "departures") == {"": 1}
    for part in tmp_path.glob("stats.db*"):
        assert ADDRESS.encode() not in part.read_bytes()
