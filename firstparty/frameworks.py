"""Route tables of frameworks that are not Starlette, in Starlette's shape: one row for each.

No framework is imported here: an application that has one has imported it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_DEPTH: Final = 16
"""Of resolvers in resolvers, and of middleware around an application."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route as Starlette has it: `/people/{id:int}`, with the function that answers."""

    path: str
    methods: frozenset[str] | None
    endpoint: object


def routes(app: object) -> Iterator[Route] | None:
    """The routes of an application of a framework in the table; None where it is of none."""
    for kind in type(app).__mro__:
        found = FRAMEWORKS.get(f"{kind.__module__.partition('.')[0]}.{kind.__name__}")
        if found is not None:
            return found(app)
    return None


def _litestar(app: Any) -> Iterator[Route]:
    """Litestar writes `{id:int}` as Starlette does, with more types than it has."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            endpoint = getattr(handler, "fn", handler)
            yield Route(_known(route.path), frozenset(handler.http_methods), endpoint)


def _werkzeug(app: Any) -> Iterator[Route]:
    """Flask and Quart: `/people/<int:id>`, where a type may have arguments."""
    for rule in app.url_map.iter_rules():
        if not rule.websocket and not rule.build_only:
            path = _RULE.sub(lambda found: f"{{{found[2]}:{found[1] or 'str'}}}", rule.rule)
            yield Route(_known(path), _frozen(rule.methods), app.view_functions.get(rule.endpoint))


def _django(app: Any) -> Iterator[Route]:
    """Django, which has one URLconf a process: `people/<int:id>/`, or an expression."""
    yield from _patterns(sys.modules["django.urls"].get_resolver().url_patterns, "/", 0)


def _patterns(patterns: Iterable[Any], prefix: str, depth: int) -> Iterator[Route]:
    for each in patterns:
        path = _pattern(each.pattern)
        if path is None or depth > MOST_DEPTH:
            continue
        below = getattr(each, "url_patterns", None)
        if below is not None:
            yield from _patterns(below, prefix + path, depth + 1)
        else:
            yield Route(_known(prefix + path), None, each.callback)


def _pattern(pattern: Any) -> str | None:
    """One pattern of Django's as a template; None for an expression that is more than one."""
    kind = type(pattern).__name__
    if kind == "LocalePrefixPattern":
        return "{language}/"
    text = str(pattern)
    if kind == "RoutePattern":
        return _RULE.sub(lambda found: f"{{{found[2]}:{found[1] or 'str'}}}", text)
    text = _GROUP.sub(lambda found: f"{{{found[1]}}}", text.removeprefix("^"))
    text = re.sub(r"(\$|\\Z)$", "", text).replace(r"\.", ".").replace(r"\-", "-")
    return None if re.search(r"[\\()\[\]*+?|^$]", text) else text


_RULE: Final = re.compile(r"<(?:([a-zA-Z_]\w*)(?:\([^)]*\))?:)?(\w+)>")
_GROUP: Final = re.compile(r"\(\?P<(\w+)>(?:[^()\\]|\\.)*\)")
_TYPED: Final = re.compile(r"\{(\w+):(\w+)\}")
_TYPES: Final = frozenset({"float", "int", "path", "uuid"})
"""The types that Starlette has, too: what is of another is a text."""


def _known(path: str) -> str:
    """A template whose types Starlette knows."""
    return _TYPED.sub(lambda found: found[0] if found[2] in _TYPES else f"{{{found[1]}}}", path)


def _frozen(methods: Iterable[str] | None) -> frozenset[str] | None:
    return None if methods is None else frozenset(methods)


FRAMEWORKS: Final[Mapping[str, Callable[[Any], Iterator[Route]]]] = {
    "litestar.Litestar": _litestar,
    "flask.Flask": _werkzeug,
    "quart.Quart": _werkzeug,
    "django.WSGIHandler": _django,
    "django.ASGIHandler": _django,
}
"""By the package and the name of an application's class, or of one that it is made from."""

MADE: Final = (
    "django.conf.urls.static",
    "django.contrib.admin",
    "django.contrib.staticfiles",
    "django.views.i18n",
    "django.views.static",
    "fastapi",
    "flask",
    "litestar",
    "quart",
)
"""Modules whose functions answer for pages and files that a framework adds to an application's."""


def made(endpoint: object) -> bool:
    """Whether a framework has made a page, and not the application."""
    module = str(getattr(endpoint, "__module__", ""))
    return any(module == name or module.startswith(f"{name}.") for name in MADE)


INSIDE: Final = ("app", "application", "wsgi_app", "asgi_app", "__self__", "__wrapped__")
"""Where a middleware, or a method, keeps the application that it is of."""


def inside(app: object) -> object:
    """The application that this one is around; None where it is around none."""
    return next((each for name in INSIDE if (each := getattr(app, name, None)) is not None), None)
