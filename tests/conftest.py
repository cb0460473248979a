"""What several rooms of tests share: the PostgreSQL server, started when the first asks for it."""

from collections.abc import Iterator

import pytest

from tests.postgres_server import Server, running


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[Server]:
    """A server whose databases are empty."""
    yield postgres_server
    postgres_server.empty()
