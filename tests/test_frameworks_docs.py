"""docs/how-to/frameworks.md is true: all of it is run, and the staff is left out."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest

from firstparty.background import BACKGROUND
from tests.driving import NAVIGATION
from tests.serving import ROOT, served, stored

TEXT = (ROOT / "docs/how-to/frameworks.md").read_text()
BASE = "http://testserver"


def blocks(heading: str) -> list[str]:
    """The Python of one section."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert section is not None
    found = re.findall(r"^( *)```python\n(.*?)^ *```", section[1], re.DOTALL | re.MULTILINE)
    return [re.sub(f"^{indent}", "", code, flags=re.MULTILINE) for indent, code in found]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    chosen = {"STORE": "memory://", "PASSWORD": "p", "DEBUG": "true"}
    for name, value in chosen.items():
        monkeypatch.setenv(f"FIRSTPARTY_{name}", value)
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    BACKGROUND.end()
    # Litestar sets up the log of the whole process.
    root.setLevel(level)
    root.handlers[:] = handlers


class Browser:
    """Keeps a cookie, as a browser does, and asks an application of either kind."""

    def __init__(self, app: Any, wsgi: bool) -> None:
        self.cookies = httpx.Cookies()
        self._app, self._wsgi = app, wsgi

    def open(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        options: dict[str, Any] = {"headers": NAVIGATION, **more}
        if self._wsgi:
            transport = httpx.WSGITransport(self._app)
            with httpx.Client(transport=transport, base_url=BASE, cookies=self.cookies) as client:
                answer = client.request(method, path, **options)
        else:
            answer = asyncio.run(self._asked(method, path, options))
        self.cookies.update(answer.cookies)
        return answer

    async def _asked(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(
            transport=transport, base_url=BASE, cookies=self.cookies
        ) as client:
            return await client.request(method, path, **options)


def numbers(browser: Browser) -> dict[str, int]:
    asked = {"metrics": ["pageviews", "events"], "date_range": "day"}
    answer = browser.open("/stats/api/query", "POST", json=asked, auth=("any", "p"))
    return dict(zip(asked["metrics"], answer.json()["results"][0]["metrics"], strict=True))


def a_visitor_and_a_member_of_staff(app: Any, wsgi: bool) -> None:
    visitor, staff = Browser(app, wsgi), Browser(app, wsgi)
    page = visitor.open("/")
    assert page.text == '<title>Home</title><script defer src="/_tally/tally.js"></script>'
    assert (page.headers["tally"], page.headers["server-timing"]) == ("counted; visit", "tally")
    assert visitor.open("/signup", "POST").is_success
    staff.open("/sign-in", headers=NAVIGATION | {"sec-fetch-dest": "empty"})
    page = staff.open("/")
    assert (page.headers["tally"], page.headers["server-timing"]) == (
        "ignored; excluded",
        "no-tally",
    )
    assert numbers(visitor) == {"pageviews": 2, "events": 1}


@pytest.mark.parametrize("heading", ["Starlette and FastAPI", "Litestar", "Quart", "Flask"])
def test_the_page_of_a_framework_counts_visitors_and_leaves_out_the_staff(heading: str) -> None:
    (block,) = blocks(heading)
    # As a module: some frameworks look there for what a function's annotations name.
    module = ModuleType("page_of_a_framework")
    sys.modules[module.__name__] = module
    exec(block, module.__dict__)  # noqa: S102 - it is our own page
    a_visitor_and_a_member_of_staff(module.app, wsgi=heading == "Flask")


@pytest.mark.parametrize("heading", ["Starlette and FastAPI", "Flask"])
def test_the_applications_own_check_opens_the_stats_page(heading: str) -> None:
    module = ModuleType("page_of_a_framework")
    sys.modules[module.__name__] = module
    exec(blocks(heading)[0], module.__dict__)  # noqa: S102
    visitor, staff = (Browser(module.app, wsgi=heading == "Flask") for _ in range(2))
    staff.open("/sign-in")
    assert (visitor.open("/stats/").status_code, staff.open("/stats/").status_code) == (401, 200)


@pytest.fixture(scope="module")
def django_parts() -> Iterator[dict[str, str]]:
    """The blocks of Django's section, by the file that each is of; the project is set up."""
    from django.conf import settings
    from django.http import HttpRequest, HttpResponse
    from django.template import engines
    from django.urls import path

    asgi, wsgi, middleware, options, view = blocks("Django")
    shop, places = ModuleType("shop"), ModuleType("shop.middleware")
    sys.modules |= {"shop": shop, "shop.middleware": places}
    exec(middleware, places.__dict__)  # noqa: S102
    exec(view, shop.__dict__)  # noqa: S102

    def signed(get_response: Any) -> Any:
        def middleware(request: Any) -> Any:
            request.user = SimpleNamespace(is_staff="staff" in request.COOKIES)
            return get_response(request)

        return middleware

    def home(request: HttpRequest) -> HttpResponse:
        (tag,) = re.findall(r"```html\n(.*?)\n```", TEXT)
        page = engines["django"].from_string(f"<title>Home</title>{tag}")
        return HttpResponse(page.render({}, request))

    def sign_in(request: HttpRequest) -> HttpResponse:
        answer = HttpResponse("<title>Hello</title>")
        answer.set_cookie("staff", "1")
        return answer

    shop.signed = signed  # type: ignore[attr-defined]
    shop.urlpatterns = [  # type: ignore[attr-defined]
        path("", home),
        path("sign-in", sign_in),
        path("signup", shop.signup),
    ]
    chosen: dict[str, Any] = {
        "MIDDLEWARE": ["shop.signed"],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
    }
    exec(options, chosen)  # noqa: S102
    settings.configure(
        SECRET_KEY="x",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="shop",
        MIDDLEWARE=chosen["MIDDLEWARE"],
        TEMPLATES=chosen["TEMPLATES"],
    )
    yield {"asgi": asgi, "wsgi": wsgi}
    for name in ("shop", "shop.middleware"):
        del sys.modules[name]


@pytest.mark.parametrize("file", ["asgi", "wsgi"])
def test_the_pages_of_django_count_visitors_and_leave_out_the_staff(
    file: str, django_parts: dict[str, str]
) -> None:
    names: dict[str, Any] = {}
    exec(django_parts[file], names)  # noqa: S102
    a_visitor_and_a_member_of_staff(names["application"], wsgi=file == "wsgi")


def test_what_django_has_no_middleware_around_is_told_so() -> None:
    from firstparty.django import analytics, snippet_tag

    assert snippet_tag({}) == ""
    with pytest.raises(LookupError, match="no firstparty middleware"):
        analytics(SimpleNamespace(scope={}))


def test_several_sites_in_one_process_share_a_store_and_are_told_apart(tmp_path: Path) -> None:
    """Under a real server: what is mounted is not told by it when it ends."""
    (block,) = blocks("Several applications, several sites")
    file = tmp_path / "stats.db"
    code = block.replace("sqlite:///stats.db", f"sqlite:///{file}")
    (tmp_path / "sites_of_two.py").write_text(code)
    arguments = ["uvicorn", "--port", "{port}", "--app-dir", str(tmp_path), "sites_of_two:app"]
    with served(arguments, tmp_path / "log", {"FIRSTPARTY_PASSWORD": "p"}) as client:
        for path in ("/shop/nowhere", "/blog/nowhere", "/blog/nowhere"):
            assert client.get(path, headers=NAVIGATION).status_code == 404
        told = client.get("/shop/stats/api/dimensions", auth=("any", "p")).json()["sites"]
    assert told == [{"name": "blog.example", "address": "/blog/stats/"}]
    found = {
        name: stored(file, "not_found", "misses", site=name)
        for name in ("shop.example", "blog.example")
    }
    assert found == {"shop.example": {"(unlisted)": 1}, "blog.example": {"(unlisted)": 2}}


def test_what_a_server_needs_is_valid() -> None:
    for block in blocks("Servers of WSGI applications"):
        compile(block, "docs/how-to/frameworks.md", "exec")
