"""What the application calls its pages: templates, routes, listed families, kept parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Set
from fnmatch import translate
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.routing import compile_path

from firstparty import frameworks, minimise
from firstparty.frameworks import MOST_DEPTH
from firstparty.shapes import is_object
from firstparty.sources import Family, Listed, parameters

_ID = re.compile(r"[+-]?\d+|[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_ID_CONVERTORS = {"IntegerConvertor", "UUIDConvertor", "FloatConvertor"}


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path matches one of the patterns, where `*` stands for anything."""
    expression = re.compile("|".join(translate(pattern) for pattern in patterns) or r"(?!)")
    return lambda path: expression.match(path[:2048]) is not None


class _Route:
    """A route with parameters: `/people/{id:int}`."""

    def __init__(self, template: str) -> None:
        self.expression, shown, convertors = compile_path(template)
        self.shown = Listed(shown)
        self.always = any(type(c).__name__ in _ID_CONVERTORS for c in convertors.values())

    def name(self, path: str, every: bool) -> Listed | None:
        """The template, if this route takes the path and its parameters are to be hidden."""
        match = self.expression.match(path)
        if match is None:
            return None
        hidden = every or self.always or any(map(_ID.fullmatch, match.groupdict().values()))
        return self.shown if hidden else Listed("")


def _opens(route: Any) -> bool:
    """Whether a page of the application's own can be opened there: by GET, and not by WebSocket.

    The pages that a framework adds, as FastAPI `/docs` and `/openapi.json`, are none of them.
    """
    endpoint = route.endpoint
    if frameworks.made(endpoint):
        return False
    methods = getattr(route, "methods", frozenset[str]())
    if methods is None:  # a class with a method for each
        return not isinstance(endpoint, type) or hasattr(endpoint, "get")
    return "GET" in methods


class Paths:
    """The names of pages, by the settings and by the application's own route table.

    `known` are the names that have been admitted, as a live set.
    """

    def __init__(
        self,
        *,
        templates: Iterable[str] = (),
        listed: Iterable[str] = (),
        query: Iterable[str] = (),
        paths: Literal["raw", "route"] = "raw",
        known: Set[str] = frozenset(),
    ) -> None:
        self._every = paths == "route"
        self._templates = [_Route(template) for template in templates]
        listed = tuple(listed)
        self._listed = matcher(listed)
        self._query = frozenset(query)
        self._fixed = set[str]()
        """Paths without parameters, whatever they are called."""
        self._static = dict[str, Listed]()
        """Those of them that have a name at once."""
        self.same = dict[str, str]()
        """Paths that no rule renames, once they are admitted: whoever asks often may look first."""
        for path in ("/", *(path for path in listed if "*" not in path)):
            self._fix(path)
        self._routes = list[_Route]()
        self._known = known
        self.read = False
        """Whether the application has a route table, and it was read."""
        self._answers = list[tuple[re.Pattern[str], Set[str] | None]]()
        """What the application takes by parameters or mounts, with the methods where known."""
        self.routed = list[tuple[str, re.Pattern[str] | None]]()
        """The application's own pages, in the order of its route table: the name that each counts
        under, and the expression of its paths where it has parameters."""

    def forget(self) -> None:
        """Names are about to be learned anew."""
        self.same.clear()

    def _fix(self, path: str) -> None:
        """A path without parameters has a name at once, unless a template of the settings wins."""
        self._fixed.add(path)
        if not any(template.expression.match(path) for template in self._templates):
            self._static[path] = Listed(path)

    def serves(self, path: str, methods: Iterable[str]) -> bool:
        """Whether the application has a page of this path, or may answer one of the methods there:
        by a route with parameters, or by something mounted. With the slash that it may add, too."""
        return any(
            each in self._fixed
            or any(
                (taken is None or not taken.isdisjoint(methods)) and expression.match(each)
                for expression, taken in self._answers
            )
            for each in (path, f"{path}/")
        )

    def learn(self, app: object, root: str) -> None:
        """Read the route table of the application at `root`: Starlette's, or one in `frameworks`.

        Where `app` has none it may be a middleware around one that does.
        """
        self._routes.clear()
        self._answers.clear()
        self.routed.clear()
        self.read = False
        for _ in range(MOST_DEPTH):
            mounts: object = getattr(app, "mounts", None)  # of werkzeug's DispatcherMiddleware
            for mount in mounts if is_object(mounts) else ():
                self._cover(f"{root.rstrip('/')}{mount}")
            routes: Iterable[Any] | None = frameworks.routes(app)
            if routes is None:
                routes = getattr(app, "routes", None)
            if routes is not None:
                self._walk(routes, root.rstrip("/"), 0)
                self.read = True
                return
            app = frameworks.inside(app)

    def _walk(self, routes: Iterable[Any], prefix: str, depth: int) -> None:
        for route in routes:
            included: Callable[[], Iterable[Any]] | None
            included = getattr(route, "effective_route_contexts", None)
            if included is not None and depth <= MOST_DEPTH:
                # A router that FastAPI (0.165) includes is one entry, with whole paths in it.
                effective = [getattr(each, "starlette_route", None) or each for each in included()]
                self._walk(effective, prefix, depth + 1)
                continue
            path = getattr(route, "path", None)
            if not isinstance(path, str) or depth > MOST_DEPTH:
                self._cover(prefix)  # it is for a host, or of a kind that we do not know
                continue
            methods = getattr(route, "methods", None)
            below = getattr(route, "routes", None)
            if below:
                self._walk(below, prefix + path, depth + 1)
            elif not hasattr(route, "endpoint"):
                self._cover(prefix + path)
            elif methods and not methods & {"GET", "POST"}:
                continue
            elif "{" in path or "{" in prefix:
                found = _Route(prefix + path)
                self._routes.append(found)
                self._answers.append((found.expression, methods))
                if _opens(route):
                    self.routed.append((found.shown, found.expression))
            else:
                self._fix(prefix + path or "/")
                if _opens(route):
                    self.routed.append((self.name(prefix + path or "/"), None))

    def _cover(self, mount: str) -> None:
        """Something that has no routes to read answers for all below a path."""
        self._answers.append((compile_path(f"{mount.rstrip('/')}/{{rest_below:path}}")[0], None))

    def name(self, path: str, query: str = "") -> str:
        """The page's name: `Listed` where the application made it, else the visitor's own text.

        A parameter that the setting `query` names is kept: `/search?q=shoes`.
        """
        if query and self._query and (kept := self.kept(query)):
            return f"{self.name(path)}?{kept}"
        same = self.same.get(path)
        if same is not None:
            return same
        static = self._static.get(path)
        if static is not None:
            if static in self._known:
                self.same[path] = path
            return static
        short = path[:2048]
        for template in self._templates:
            if template.expression.match(short):
                return template.shown
        for route in self._routes:
            name = route.name(short, self._every)
            if name is not None:
                if name:
                    return name
                break
        if self._listed(path):
            return Family(minimise.path(path))
        if path in self._known:
            self.same[path] = path
        return path

    def kept(self, query: str) -> str:
        """The part of a query string that the setting `query` keeps."""
        return urlencode(parameters(query, self._query.__contains__))
