"""An application by its name, as `myapp:app`, and what it has told us of itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import import_module
from typing import Any, Final

from firstparty import settings as settings_
from firstparty.analytics import Analytics
from firstparty.audit.answers import AuditError
from firstparty.exposure.register import ThirdParty
from firstparty.settings import Settings

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


def settings(app: Any) -> Settings | None:
    """The settings of our middleware, where it is on the application. Raises SettingError."""
    for options in _options(app):
        return options if isinstance(options, Settings) else settings_.load(options)
    return None


def accepted(app: Any) -> tuple[ThirdParty, ...]:
    """The third parties that the application has accepted, where our middleware is on it."""
    found = settings(app)
    return found.accepted if found else ()


def own_hosts(app: Any) -> frozenset[str]:
    """The hosts that the application has named as its own, in the same way."""
    found = settings(app)
    return found.hosts if found else frozenset()


def _options(app: Any) -> Iterator[Settings | Mapping[str, Any]]:
    """The options of our middleware. Starlette makes it late, so it is known by its arguments."""
    for _ in range(MOST_DEPTH):
        if app is None:
            return
        found = getattr(app, "settings", None)
        if isinstance(found, Settings):
            yield found
            return
        for each in getattr(app, "user_middleware", ()):
            options: Mapping[str, Any] = getattr(each, "kwargs", {})
            analytics = options.get("analytics")
            if isinstance(analytics, Analytics):
                yield analytics.settings
            elif getattr(getattr(each, "cls", None), "__name__", "") == "AnalyticsMiddleware":
                names = {field.name for field in fields(Settings)}
                yield {name: value for name, value in options.items() if name in names}
        app = getattr(app, "app", None)
