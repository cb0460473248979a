"""The tests of the promise as a page of their own, so that a visitor can read what they try."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from firstparty import assets

NAME: Final = "test_privacy.py"

_TEST: Final = re.compile(r"^(def )(test_\w+)", re.MULTILINE)


def source() -> str:
    """The file of the tests: beside `js/` in a checkout, inside it once installed."""
    folder = assets.folder()
    found = (folder / f"{NAME}.txt", folder.parent / "tests" / NAME)
    return next((path.read_text("utf-8") for path in found if path.is_file()), "")


def html() -> str:
    """The file as HTML, each test with its name as an anchor."""
    marked = _TEST.sub(r'\1<b id="\2">\2</b>', escape(source(), quote=False))
    return f"<pre>{marked}</pre>"
