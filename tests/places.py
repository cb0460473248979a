"""Where tests put their counts: a new, empty place in a store of each kind."""

from pathlib import Path

import pytest

from tests.postgres_server import Server

KINDS = ("memory", "sqlite", "postgresql")


def place(kind: str, request: pytest.FixtureRequest) -> str:
    """The URL of a new store of a kind."""
    if kind == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        return server.url(server.database())
    folder: Path = request.getfixturevalue("tmp_path")
    return "memory://" if kind == "memory" else f"sqlite:///{folder}/stats.db"
