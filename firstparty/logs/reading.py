"""Reads logs: plain or compressed, or standard input, line by line and never more than that."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from firstparty.importers import ImporterError

BLOCK: Final = 1 << 18
"""Bytes that are read at a time."""
LONGEST: Final = 1 << 16
"""Bytes of a line; a longer one is none."""
GZIP: Final = b"\x1f\x8b"


class LogError(ImporterError):
    """A log cannot be read; the sentence says why, and what to do."""


class Reading:
    """One log that is being read: `done` of its `size` bytes, as they are on disk."""

    def __init__(self, name: str, file: IO[bytes], size: int) -> None:
        self.name = name
        self.size = size
        self._raw = file
        self._start = file.read(len(GZIP))

    @property
    def done(self) -> int:
        """How far it has been read; 0 where nobody can tell, as of a pipe."""
        return self._raw.tell() if self.size else 0

    def lines(self) -> Iterator[list[bytes]]:
        """All lines, some at a time, without their ends. Of one that is too long, its beginning."""
        rest = b""
        for block in self._blocks():
            first, *others = block.split(b"\n")
            if not others:
                rest = (rest + first)[: LONGEST + 1]
                continue
            *lines, last = others
            yield [(rest + first)[: LONGEST + 1], *lines]
            rest = last
        if rest:
            yield [rest]

    def _blocks(self) -> Iterator[bytes]:
        start = self._start
        try:
            if start == GZIP:
                unpacked = gzip.GzipFile(fileobj=_Again(start, self._raw))
                while block := unpacked.read(BLOCK):
                    yield block
                return
            yield start
            while block := self._raw.read(BLOCK):
                yield block
        except Exception as error:  # zlib's own too, which has no name without importing zlib
            raise LogError(
                f"{self.name} cannot be read to its end ({error}): unpack it, and name what came of"
                " it"
            ) from None


class _Again(io.RawIOBase):
    """A file of which the beginning has been read: it comes once more."""

    def __init__(self, start: bytes, file: IO[bytes]) -> None:
        self._start = start
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        start, self._start = self._start, b""
        return start or self._file.read(size)


@contextmanager
def opened(name: str) -> Generator[Reading]:
    """A log by its name, or standard input where that is `-`."""
    if name == "-":
        yield Reading("standard input", sys.stdin.buffer, 0)
        return
    path = Path(name)
    if path.is_dir():
        raise LogError(f"{path} is a folder: name the logs in it, as {path}/access.log*")
    with path.open("rb") as file:
        yield Reading(name, file, path.stat().st_size)
