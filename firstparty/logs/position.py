"""How far a log has been counted: a small file, so that a restart goes on where it was.

It says of the log which file it was (the file's own number in its file system), and how many bytes
of it have been counted; and of the counts in which batch they went to the store. It is written
before the batch is sent. So whoever starts anew asks the store whether that batch came, and knows
which of two places is the right one: no line counts twice, and none is lost. Of the lines it has
the hour of the latest, and nothing else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NamedTuple

from firstparty.counts import Batch
from firstparty.logs.reading import LogError


class Place(NamedTuple):
    """A place in a log: all of the first `offset` bytes of the file of that number are counted."""

    file: int
    offset: int
    hour: int
    """Of the latest line, in hours since 1970: a file that begins later is another one."""


class Position:
    """The file that says how far a log has been counted. One process at a time has it open."""

    def __init__(self, path: Path) -> None:
        try:
            import fcntl  # late: Windows has none, and all other commands
        except ImportError:
            raise LogError("--follow needs a system that can lock a file, as Linux can") from None
        self.path = path
        try:
            number = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise LogError(
                f"{path} cannot be written ({error.strerror}): name another file by --position"
            ) from None
        self._file: IO[str] = os.fdopen(number, "r+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise LogError(f"another process follows this log: it has {path} open") from None

    def close(self) -> None:
        """Let another process have it."""
        self._file.close()

    def read(self, written: Mapping[str, int]) -> Place | None:
        """How far the log has been counted; None where nobody has begun.

        `written` are the last batches that the store has, by writer.
        """
        self._file.seek(0)
        text = self._file.read()
        if not text:
            return None
        try:
            said = json.loads(text)
            before, after = Place(*said["before"]), Place(*said["after"])
            came = written.get(said["writer"], 0) >= said["batch"]
        except (ValueError, TypeError, KeyError):
            raise LogError(
                f"{self.path} does not say how far the log is counted: delete it, and it begins at"
                " the log's end"
            ) from None
        return after if came else before

    def write(self, before: Place, after: Place, batch: Batch | None = None) -> None:
        """With this batch the log is counted up to `after`; without it, up to `before`."""
        writer, number = (batch.writer, batch.seq) if batch else ("", 0)
        said = {"before": before, "after": after, "writer": writer, "batch": number}
        text = json.dumps(said) + "\n"
        self._file.seek(0)
        self._file.write(text)
        self._file.truncate(len(text))
        self._file.flush()
        os.fsync(self._file.fileno())
