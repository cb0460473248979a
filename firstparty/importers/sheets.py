"""The files of other tools, opened: tables and JSON, also in a zip or gzip, bounded in size."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Protocol

from firstparty.importers import ImporterError

MOST_RATIO: Final = 200
"""What is packed may become so many times as large; counts are about ten times. A larger one is
made to fill a memory or a disk (a zip bomb)."""
FREE: Final = 2**26
"""Bytes that anything may become."""
MOST_JSON: Final = 2**29
"""Bytes of JSON, which is read as a whole."""
MOST_CELL: Final = 2**22
"""Characters of one cell. `minimise` looks at its beginning."""
MOST_MEMBERS: Final = 1_000
HEAD: Final = 2**16
"""Bytes by which the encoding of a file is told."""

csv.field_size_limit(MOST_CELL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file, or one member of a zip: its name without any folder, and what is in it."""

    name: str
    path: Path
    member: str = ""
    encoding: str = field(init=False)
    head: str = field(init=False)
    """Its beginning."""

    def __post_init__(self) -> None:
        with self._bytes() as file:
            start = file.read(HEAD)
        encoding = _encoding(start)
        object.__setattr__(self, "encoding", encoding)
        object.__setattr__(self, "head", start.decode(encoding, "replace"))

    @contextmanager
    def _bytes(self) -> Generator[IO[bytes]]:
        try:
            if self.member:
                with zipfile.ZipFile(self.path) as packed:
                    size = packed.getinfo(self.member).compress_size
                    with packed.open(self.member) as file:
                        yield io.BufferedReader(_Bounded(file, size, self.name))
            else:
                size = self.path.stat().st_size
                with self.path.open("rb") as plain:
                    if plain.read(2) == b"\x1f\x8b":
                        plain.seek(0)
                        with gzip.open(plain) as unpacked:
                            yield io.BufferedReader(_Bounded(unpacked, size, self.name))
                    else:
                        plain.seek(0)
                        yield plain
        except (zipfile.BadZipFile, EOFError, gzip.BadGzipFile, NotImplementedError) as error:
            raise ImporterError(
                f"{self.name} cannot be unpacked ({error}): export it anew"
            ) from None
        except RuntimeError as error:  # what zipfile raises for a password
            raise ImporterError(f"{self.name} cannot be unpacked: {error}") from None

    @contextmanager
    def text(self) -> Generator[IO[str]]:
        """The file as text. What is not in its encoding becomes a replacement character."""
        with self._bytes() as file:
            yield io.TextIOWrapper(file, self.encoding, errors="replace", newline="")

    @property
    def is_json(self) -> bool:
        """Whether it is JSON, and not a table."""
        return self.head.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}

    def json(self) -> Any:
        """All of it, as JSON. Raises ImporterError."""
        with self.text() as file:
            text = file.read(MOST_JSON)
            if len(text) == MOST_JSON:
                raise ImporterError(f"{self.name} is larger than {MOST_JSON:,} bytes: split it")
        try:
            return json.loads(text.lstrip("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise ImporterError(f"{self.name} is no whole JSON ({error}): export it anew") from None

    def rows(self) -> Iterator[list[str]]:
        """The rows of a table, its cells without blanks around them. Raises ImporterError."""
        with self.text() as file:
            try:
                for row in csv.reader(file, delimiter=_delimiter(self.head)):
                    yield [cell.strip("\ufeff \t\xa0") for cell in row]
            except csv.Error as error:
                raise ImporterError(f"{self.name} is no whole table ({error})") from None


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Bounded(io.RawIOBase):
    """What is unpacked, as long as it is not far larger than what was packed."""

    def __init__(self, file: _Readable, packed: int, name: str) -> None:
        self._file = file
        self._left = max(FREE, MOST_RATIO * packed)
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._file.read(len(buffer))
        self._left -= len(found)
        if self._left < 0:
            raise ImporterError(
                f"{self._name} becomes more than {MOST_RATIO} times as large when it is unpacked:"
                " no counts do"
            )
        buffer[: len(found)] = found
        return len(found)


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start[1:2] == b"\0" and start[:1] != b"\0":
        return "utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(head: str) -> str:
    """What stands between the cells, told by the line that has the most of it."""
    lines = [line for line in head.splitlines()[:50] if not line.startswith("#")]
    return max(",;\t", key=lambda each: max((line.count(each) for line in lines), default=0))


def opened(names: list[str]) -> list[Sheet]:
    """The files of these names; of a zip all its members. Raises ImporterError, OSError.

    Nothing is unpacked to the disk, and of a member's name only what is behind the last slash is
    used: a name that leads elsewhere leads nowhere.
    """
    found = list[Sheet]()
    for name in names:
        path = Path(name)
        if path.is_dir():
            raise ImporterError(f"{name} is a folder: name the files in it")
        with path.open("rb") as file:
            packed = file.read(4) == b"PK\x03\x04"
        if not packed:
            found.append(Sheet(path.name.removesuffix(".gz"), path))
            continue
        try:
            with zipfile.ZipFile(path) as archive:
                members = [each for each in archive.infolist() if not each.is_dir()]
        except zipfile.BadZipFile as error:
            raise ImporterError(f"{name} cannot be unpacked ({error}): export it anew") from None
        if len(members) > MOST_MEMBERS:
            raise ImporterError(f"{name} has {len(members)} files in it, more than any export")
        for member in members:
            base = PurePosixPath(member.filename.replace("\\", "/")).name
            if not base.startswith(".") and "__MACOSX" not in member.filename:
                found.append(Sheet(base, path, member.filename))
    return found
