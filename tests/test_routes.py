"""What is read of the route tables of frameworks that are not Starlette."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from starlette.routing import Route as StarletteRoute

from firstparty.frameworks import MADE, inside, routes
from firstparty.paths import Paths


def page(*_: Any, **__: Any) -> str:
    return ""


def learned(app: object, root: str = "") -> Paths:
    paths = Paths()
    paths.learn(app, root)
    return paths


def routed(paths: Paths) -> list[str]:
    return [str(name) for name, _ in paths.routed]


def flask_app(kind: str) -> Any:
    if kind == "flask":
        from flask import Flask as Framework
    else:
        from quart import Quart as Framework
    app = Framework(__name__)
    for number, rule in enumerate(
        [
            "/about/",
            "/people/<int:number>",
            "/of/<uuid:one>",
            "/blog/<slug>",
            "/<any(de, fr):language>/",
            "/files/<path:rest>",
        ]
    ):
        app.add_url_rule(rule, f"page{number}", page)
    app.add_url_rule("/posted", "posted", page, methods=["POST"])
    return app


@pytest.mark.parametrize("kind", ["flask", "quart"])
def test_flask_and_quart_are_read_with_their_types_through_whatever_is_around_them(
    kind: str,
) -> None:
    app = flask_app(kind)

    class Around:
        def __init__(self) -> None:
            self.app = app.wsgi_app if kind == "flask" else app.asgi_app

    paths = learned(Around())
    assert sorted(routed(paths)) == sorted(
        [
            "/about/",
            "/people/{number}",
            "/of/{one}",
            "/blog/{slug}",
            "/{language}/",
            "/files/{rest}",
        ]
    )
    assert paths.name("/people/7") == "/people/{number}"
    assert paths.name("/blog/hello") == "/blog/hello"
    assert type(paths.name("/about/")).__name__ == "Listed"
    assert type(paths.name("/posted")).__name__ == "Listed"


def test_litestar_is_read_with_types_that_starlette_does_not_have() -> None:
    from litestar import Litestar, get

    @get(["/people/{number:int}", "/on/{day:date}", "/about"], sync_to_thread=False)
    def shown() -> str:
        return ""

    paths = learned(Litestar([shown], logging_config=None), "/shop")
    assert sorted(routed(paths)) == ["/shop/about", "/shop/on/{day}", "/shop/people/{number}"]
    assert paths.name("/shop/people/7") == "/shop/people/{number}"


def test_django_is_read_with_what_it_includes_and_expressions_as_far_as_they_are_plain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.urls import include, path, re_path
    from django.urls.resolvers import RegexPattern, URLResolver

    site = ModuleType("urls_of_a_test")
    site.urlpatterns = [  # type: ignore[attr-defined]
        path("", page),
        path("about/", page),
        path("people/<int:number>/", include([path("", page), path("posts/<slug:post>/", page)])),
        re_path(r"^old/$", page),
        re_path(r"^archive/(?P<year>[0-9]{4})/$", page),
        re_path(r"^(?:odd|even)/$", page),
    ]
    monkeypatch.setitem(sys.modules, site.__name__, site)
    resolver = URLResolver(RegexPattern(r"^/"), site.__name__)
    monkeypatch.setattr("django.urls.get_resolver", lambda: resolver)
    handler = type("WSGIHandler", (), {"__module__": "django.core.handlers.wsgi"})()
    assert routed(learned(handler)) == [
        "/",
        "/about/",
        "/people/{number}/",
        "/people/{number}/posts/{post}/",
        "/old/",
        "/archive/{year}/",
    ]


def test_what_a_framework_adds_is_no_page_that_nobody_opens() -> None:
    made = ModuleType(MADE[0])
    exec("def page(): ...", made.__dict__)  # noqa: S102
    made.page.__module__ = MADE[0] + ".sites"
    app = type("App", (), {"routes": [StarletteRoute("/a", made.page), StarletteRoute("/b", page)]})
    assert routed(learned(app())) == ["/b"]


def test_an_application_of_no_framework_has_no_routes_and_none_inside() -> None:
    assert (routes(page), inside(page), routed(learned(page))) == (None, None, [])
