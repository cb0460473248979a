"""The formats of logs: a table, and which of them a file has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from firstparty.logs.caddy import Caddy
from firstparty.logs.combined import Combined, Common
from firstparty.logs.extended import DIRECTIVE, Extended
from firstparty.logs.line import FIELDS, Format
from firstparty.logs.reading import LogError

SKIPPED: Final = "-"
"""Stands for a field that is not to be looked at."""
LOOKED_AT: Final = 100
"""Lines at the beginning of a file that may be of no format."""


class UnknownError(LogError):
    """A file is of no format that is known."""


class Row(NamedTuple):
    """A format: what makes it, and who writes it."""

    make: Callable[[], Format]
    written_by: str


FORMATS: Final = {
    "w3c": Row(Extended, "IIS and CloudFront: W3C extended"),
    "caddy": Row(Caddy, "Caddy: JSON"),
    "combined": Row(Combined, "nginx and Apache, with referrer and User-Agent"),
    "common": Row(Common, "without these: machines cannot be told from people"),
}
"""In the order in which they are tried: a combined line has all that a common one has."""


def fields(text: str) -> tuple[str, ...]:
    """The headers behind the fields of `combined`, as an argument names them. Raises LogError."""
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    for name in names:
        if name != SKIPPED and name.encode() not in FIELDS:
            known = ", ".join(sorted(field.decode() for field in FIELDS))
            raise LogError(
                f"{name!r} is no header that is read: write {SKIPPED} for it, or one of {known}"
            )
    return names


def makes(name: str | None, more: Sequence[str]) -> Callable[[Iterable[bytes], str], Format]:
    """What finds the format of a file by its first lines, and its name.

    `name` is the format where it is known, `more` are the headers behind those of `combined`.
    """
    if more:
        if name not in {None, "combined"}:
            raise LogError(f"--fields are those behind the fields of combined, not of {name}")
        extra = tuple(field.encode() for field in more)
        return lambda first, file: Combined(extra)
    if name is not None:
        return lambda first, file: FORMATS[name].make()
    return recognised


def recognised(first: Iterable[bytes], file: str) -> Format:
    """The format that the first lines of a file have. Raises LogError where they have none."""
    lines = [line for line in first if line.strip()][:LOOKED_AT]
    for row in FORMATS.values():
        form = row.make()
        if any(form.parse(line) is not None for line in lines):
            return row.make()
    if any(line.startswith(DIRECTIVE) for line in lines):
        return Extended()  # IIS begins a file with its fields, though nobody came
    raise UnknownError(
        f"{file} has no line of a format that is known: write --format, one of"
        f" {', '.join(FORMATS)}, or name other files"
    )
