"""Files that commands write: for their owner alone, and never over another one unasked."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from firstparty.commands import CommandError


@contextmanager
def new(path: Path, *, force: bool) -> Generator[Path]:
    """A file beside `path` to write to, which takes its place if all goes well.

    Its mode is 0600. Raises CommandError where `path` is there, unless `force`.
    """
    if path.is_dir() or (path.exists() and not force):
        raise CommandError(f"{path} is there already: name another file, or write --force")
    if not path.parent.is_dir():
        raise CommandError(f"the folder {path.parent} does not exist: make it first")
    part = path.with_name(f"{path.name}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise CommandError(
            f"{part} is there already: another command writes it, or was stopped; then delete it"
        ) from None
    try:
        yield part
        if not force:
            # Claims the name, and fails where somebody else has taken it meanwhile.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def reading(name: str) -> Generator[TextIO]:
    """A file to read, or standard input where its name is `-`."""
    if name == "-":
        yield sys.stdin
        return
    with Path(name).open(encoding="utf-8") as file:
        yield file


@contextmanager
def writing(name: str, *, force: bool) -> Generator[TextIO]:
    """A file to write that is new, or standard output where its name is `-`."""
    if name == "-":
        yield sys.stdout
        return
    with new(Path(name), force=force) as part, part.open("w", encoding="utf-8") as file:
        yield file
