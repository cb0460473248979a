"""Which release of the application runs: the version of the distribution that it belongs to."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from firstparty import frameworks
from firstparty.frameworks import MOST_DEPTH

if TYPE_CHECKING:
    from importlib.metadata import Distribution

FRAMEWORKS: Final = frozenset(
    {"django", "fastapi", "firstparty", "flask", "litestar", "quart", "starlette"}
)
"""Distributions whose endpoints an application may have without being one of them."""


def version(app: object) -> str | None:
    """The version of the one distribution that has the application's endpoints; else None.

    An endpoint of no distribution may be the application itself, so nothing is told then. Of
    several distributions the application is the one that no other requires. Reads what is
    installed from disk: call it off the event loop.
    """
    modules = {_module(endpoint) for endpoint in _endpoints(app)}
    files = {getattr(sys.modules.get(name), "__file__", None) for name in modules}
    if not files or None in files:
        return None
    owners = _owners({Path(str(file)) for file in files})
    if owners is None:
        return None
    named = {_plain(owner.metadata["Name"]): owner for owner in owners}
    own = {name: owner for name, owner in named.items() if name not in FRAMEWORKS}
    needs = {name: {_plain(each) for each in owner.requires or ()} for name, owner in own.items()}
    roots = [
        name for name in own if not any(name in needs[other] for other in own if other != name)
    ]
    return own[roots[0]].version if len(roots) == 1 else None


def _endpoints(app: object) -> Iterator[object]:
    """The endpoints of an application whose routes are known, mounts included."""
    for _ in range(MOST_DEPTH):
        routes: Iterable[Any] | None = frameworks.routes(app)
        if routes is None:
            routes = getattr(app, "routes", None)
        if routes is not None:
            yield from _walk(routes, 0)
            return
        app = frameworks.inside(app)


def _walk(routes: Iterable[Any], depth: int) -> Iterator[object]:
    for route in routes:
        below = getattr(route, "routes", None)
        if below and depth < MOST_DEPTH:
            yield from _walk(below, depth + 1)
        elif hasattr(route, "endpoint"):
            yield route.endpoint


def _module(endpoint: Any) -> str:
    while isinstance(endpoint, partial):
        endpoint = endpoint.func
    return str(getattr(endpoint, "__module__", ""))


def _owners(files: set[Path]) -> list[Distribution] | None:
    """The distributions that these files are of; None where one is of none.

    A name that is merely the same proves nothing (some distributions install a `tests` or an
    `app`), so the file has to be in the distribution's RECORD, or in its project's folder where it
    is installed in place.
    """
    # 30 ms that nobody else pays for; nearly all of what this module takes.
    from importlib.metadata import distributions

    owners: list[Distribution] = []
    projects: list[tuple[Path, Distribution]] = []
    left = set(files)
    for each in distributions():
        if project := _project(each):
            projects.append((project, each))
        root = Path(str(each.locate_file("")))
        below = {file for file in left if file.is_relative_to(root)}
        record = f"\n{each.read_text('RECORD') or ''}" if below else ""
        found = {file for file in below if f"\n{file.relative_to(root).as_posix()}," in record}
        if found:
            owners.append(each)
            left -= found
    for file in left:
        around = [pair for pair in projects if file.resolve().is_relative_to(pair[0])]
        if not around:
            return None
        owners.append(max(around, key=lambda pair: len(pair[0].parts))[1])
    return owners


def _project(distribution: Distribution) -> Path | None:
    """The folder of a project that is installed in place ("editable", PEP 610)."""
    origin: Any = json.loads(distribution.read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlsplit(str(origin["url"])).path)).resolve()


def _plain(requirement: str) -> str:
    """The name of a requirement, as names are compared (PEP 503)."""
    name = re.match(r"[\w.-]*", requirement.strip())
    return re.sub(r"[-_.]+", "-", name[0] if name else "").lower()
