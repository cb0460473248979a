"""An application by its name, as `myapp:app`, and what it has told us of third parties."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

from firstparty.analytics import Analytics
from firstparty.exposure.register import ThirdParty

MOST_DEPTH: Final = 16
"""Of middleware around an application."""


class AppError(ValueError):
    """There is no such application; the sentence says what to write."""


def load(name: str) -> Any:
    """The application of `module:attribute`, from the working folder too. Raises AppError."""
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        raise AppError(f"{name!r} names no application: write myapp:app")
    if "" not in sys.path and "." not in sys.path:
        sys.path.insert(0, "")
    try:
        found: Any = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise AppError(f"{name!r} cannot be loaded: {error}") from error
    return found


def accepted(app: Any) -> tuple[ThirdParty, ...]:
    """The third parties that the application has accepted, where `AnalyticsMiddleware` is on it.

    Starlette makes its middleware late: what it was added with is looked at, too.
    """
    for _ in range(MOST_DEPTH):
        if app is None:
            return ()
        settings = getattr(app, "settings", None)
        if isinstance(found := getattr(settings, "accepted", None), tuple):
            return _parties(found)  # pyright: ignore[reportUnknownArgumentType]
        for each in getattr(app, "user_middleware", ()):
            options: dict[str, Any] = getattr(each, "kwargs", {})
            analytics = options.get("analytics")
            if isinstance(analytics, Analytics):
                return analytics.settings.accepted
            if "accepted" in options:
                return _parties(options["accepted"])
        app = getattr(app, "app", None)
    return ()


def _parties(values: Iterable[Any]) -> tuple[ThirdParty, ...]:
    return tuple(each for each in values if isinstance(each, ThirdParty))
