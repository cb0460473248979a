"""An application by its name, as `myapp:app`, and what it has told us of itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from firstparty.analytics import Analytics
from firstparty.audit.answers import AuditError
from firstparty.exposure.register import ThirdParty
from firstparty.settings import Settings, Site

MOST_DEPTH: Final = 16
"""Of middleware around an application."""


def load(name: str) -> Any:
    """The application of `module:attribute`, from the working folder too. Raises AuditError."""
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        raise AuditError(f"{name!r} names no application: write myapp:app")
    if "" not in sys.path and "." not in sys.path:
        sys.path.insert(0, "")
    try:
        found: Any = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise AuditError(f"{name!r} cannot be loaded: {error}") from error
    return found


def accepted(app: Any) -> tuple[ThirdParty, ...]:
    """The third parties that the application has accepted, where `AnalyticsMiddleware` is on it."""
    for options in _options(app):
        found: Any = options.get("accepted", ())
        return tuple(each for each in found if isinstance(each, ThirdParty))
    return ()


def own_hosts(app: Any) -> frozenset[str]:
    """The hosts that the application has named as its own, in the same way."""
    for options in _options(app):
        site = options.get("site")
        return frozenset(site.hosts) if isinstance(site, Site) else frozenset()
    return frozenset()


def _options(app: Any) -> Iterator[Mapping[str, Any]]:
    """The options of our middleware. Starlette makes it late, so it is known by its arguments."""
    for _ in range(MOST_DEPTH):
        if app is None:
            return
        settings = getattr(app, "settings", None)
        if isinstance(settings, Settings):
            yield _of(settings)
            return
        for each in getattr(app, "user_middleware", ()):
            options: Mapping[str, Any] = getattr(each, "kwargs", {})
            analytics = options.get("analytics")
            if isinstance(analytics, Analytics):
                yield _of(analytics.settings)
            elif getattr(getattr(each, "cls", None), "__name__", "") == "AnalyticsMiddleware":
                yield options
        app = getattr(app, "app", None)


def _of(settings: Settings) -> Mapping[str, Any]:
    return {"accepted": settings.accepted, "site": settings.site}
