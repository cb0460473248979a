"""The pages of docs/ that are made from the code: `scripts/docs` writes them, a test compares."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import fields
from itertools import pairwise

from firstparty import settings

HEAD = """# Settings

Keywords of `AnalyticsMiddleware`. All but `authorize` and `dimensions` can also be set as
`FIRSTPARTY_<NAME>`: a list with commas between its values, a switch as `true` or `false`. A keyword
wins over the environment. A wrong value raises `SettingError` at construction, which says what to
write.

This page is made from the docstrings of `firstparty/settings.py` by `scripts/docs`.
"""


def settings_page(old: str = "") -> str:
    """docs/reference/settings.md."""
    defaults = {field.name: field.default for field in fields(settings.Settings)}
    sections = [
        f"## `{name}`\n\nDefault: `{defaults[name]!r}`\n\n{text}\n"
        for name, text in docstrings().items()
    ]
    return "\n".join([HEAD, *sections])


def docstrings() -> dict[str, str]:
    """The docstring under each field of the settings class, by the field's name."""
    tree = ast.parse(inspect.getsource(settings))
    body = next(
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == settings.Settings.__name__
    )
    found = {}
    for field, below in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[field.target.id] = inspect.cleandoc(str(below.value.value))
    return found


PAGES: dict[str, Callable[[str], str]] = {"docs/reference/settings.md": settings_page}
