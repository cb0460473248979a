"""What is added to a log, also when it is rotated: line by line, and how far that is."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from firstparty.logs.reading import BLOCK, LONGEST

CALM: Final = 2.0
"""Seconds without a new line after which a file that was renamed is done: until then the server
may go on writing to it."""


class Tail:
    """The lines of a log from a place on.

    A log that was renamed is read to its end, then the new one from its beginning. One that was
    copied and cut (`copytruncate`) is read from its beginning.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0
        """The number of the file that is read; 0 while there is none."""
        self.offset = 0
        """The bytes of it whose lines have been given."""
        self._file: IO[bytes] | None = None
        self._rest = b""
        self._quiet: float | None = None

    def open(self, number: int = 0, offset: int | None = None) -> bool:
        """Read the file of that number from there on, or the log as it is; true if there is it.

        It may have been renamed. Without `offset`, begin at the end.
        """
        for path in (self.path, *self._others()) if number else (self.path,):
            try:
                file = path.open("rb")
            except OSError:
                continue
            found = os.fstat(file.fileno())
            if number in {0, found.st_ino} and found.st_size >= (offset or 0):
                self.close()
                start = found.st_size if offset is None else offset
                self._file, self.number, self.offset = file, found.st_ino, self._start(file, start)
                return True
            file.close()
        return False

    def _others(self) -> list[Path]:
        """Files that the log was renamed to, the oldest first: access.log.1, access-2026….log."""
        path = self.path
        name, stem, end = (re.escape(each) for each in (path.name, path.stem, path.suffix))
        renamed = re.compile(rf"{name}[.-][\dT:._-]+|{stem}-[\dT:._-]+{end}")
        found = list[tuple[int, Path]]()
        for each in self.path.parent.iterdir():
            if renamed.fullmatch(each.name):
                with suppress(OSError):
                    found.append((each.stat().st_mtime_ns, each))
        return [each for _, each in sorted(found)]

    def _next(self) -> None:
        """Go on with the file that came after this one."""
        assert self._file is not None  # noqa: S101 - it has been read
        done = os.fstat(self._file.fileno())
        self.close()
        for path in self._others():
            with suppress(OSError):
                found = path.stat()
                if found.st_ino != done.st_ino and found.st_mtime_ns > done.st_mtime_ns:
                    self.open(found.st_ino, 0)
                    return
        self.open(offset=0)

    def _start(self, file: IO[bytes], offset: int) -> int:
        """The place behind the last whole line before `offset`."""
        at = max(0, offset - LONGEST)
        file.seek(at)
        start = at + file.read(offset - at).rfind(b"\n") + 1
        file.seek(start)
        return start

    def close(self) -> None:
        """Read no more."""
        if self._file is not None:
            self._file.close()
        self._file, self._rest, self._quiet = None, b"", None

    def first(self) -> list[bytes]:
        """The first lines of the file."""
        if self._file is None:
            return []
        here = self._file.tell()
        self._file.seek(0)
        *lines, _ = self._file.read(BLOCK).split(b"\n")
        self._file.seek(here)
        return lines

    def lines(self, now: float) -> list[bytes]:
        """The lines that have come since, some at a time; `now` are seconds of any clock."""
        if self._file is None and not self.open(offset=0):
            return []
        assert self._file is not None  # noqa: S101 - it has just been opened
        block = self._file.read(BLOCK)
        if block:
            self._quiet = None
            *lines, rest = (self._rest + block).split(b"\n")
            self.offset += len(self._rest) + len(block) - len(rest)
            # A line without an end is dropped: what is left of it will be no line of the format.
            self._rest = rest if len(rest) <= LONGEST else b""
            if not self._rest:
                self.offset += len(rest)
            return lines
        self._quiet = now if self._quiet is None else self._quiet
        try:
            found = self.path.stat()
        except OSError:
            return []
        if found.st_ino != self.number:
            if now - self._quiet >= CALM:
                self._next()
        elif found.st_size < self.offset:
            self.close()
            self.open(offset=0)
        return []
