"""What a style sheet loads. Pure."""

from __future__ import annotations

import re
from typing import Final

# Bounds keep each of these linear: what is longer is the data itself, and loads nothing.
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_FACE: Final = re.compile(r"@font-face\s{0,99}\{[^{}]{0,9999}\}", re.IGNORECASE)
_IMPORT: Final = re.compile(
    r"@import\s{1,99}(?:url\(\s{0,99})?(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|([^\s;'\")]{1,2000}))",
    re.IGNORECASE,
)
_URL: Final = re.compile(
    r"url\(\s{0,99}(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|([^()'\"\s]{0,2000}))\s{0,99}\)",
    re.IGNORECASE,
)
_SET: Final = re.compile(r"image-set\(([^;{}]{0,2000})\)", re.IGNORECASE)
_TEXT: Final = re.compile(r"\"([^\"]{0,2000})\"|'([^']{0,2000})'")


def loads(text: str) -> list[tuple[str, str]]:
    """The URLs that a style sheet names, each with its kind of load."""
    text = _COMMENT.sub(" ", text)
    found = [("style", _any(each)) for each in _IMPORT.finditer(text)]
    rest = _IMPORT.sub(" ", text)
    for face in _FACE.finditer(rest):
        found += [("font", _any(each)) for each in _URL.finditer(face[0])]
    rest = _FACE.sub(" ", rest)
    found += [("image", _any(each)) for each in _URL.finditer(rest)]
    for images in _SET.finditer(_URL.sub(" ", rest)):
        found += [("image", _any(each)) for each in _TEXT.finditer(images[1])]
    return [(kind, url) for kind, url in found if url]


def candidates(text: str) -> list[str]:
    """The URLs of a `srcset` (HTML Living Standard): each up to its first space."""
    return [each.split()[0] for each in re.split(r",\s+|,(?=\S+\s)", text) if each.split()]


def _any(found: re.Match[str]) -> str:
    return next((group for group in found.groups() if group), "").strip()
