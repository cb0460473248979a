"""What several rooms of tests share: the PostgreSQL server, and what is told at the end."""

from collections.abc import Iterator

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import settings

from tests.postgres_server import Server, running

# How long a thing takes is for scripts/bench to say: on a busy machine any example may take long.
settings.register_profile("firstparty", deadline=None)
settings.load_profile("firstparty")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Which Pythons the package was tried on: those that this machine has."""
    passed = terminalreporter.getreports("passed")
    found = [text for each in passed for name, text in each.user_properties if name == "python"]
    if found:
        terminalreporter.write_line(
            f"The package was installed and run on Python {', '.join(found)}"
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[Server]:
    """A server whose databases are empty."""
    yield postgres_server
    postgres_server.empty()
