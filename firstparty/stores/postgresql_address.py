"""The URL of a PostgreSQL store: read, checked, and connected to. Nothing here tells a password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode

import asyncpg

EXAMPLE: Final = "postgresql://user:password@host:5432/name"

PORT: Final = 5432
STATEMENT_TIMEOUT: Final = 10_000
"""Milliseconds after which the server gives a statement up, waiting for its turn included."""
CONNECT_TIMEOUT: Final = 5.0
"""Seconds to wait for each host before the next one is tried."""

FAILURES: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What goes wrong between us and a server."""

_HOST: Final = re.compile(r"(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+(?:%\w+)?\])(?::(?P<port>\d{1,5}))?")
_TIME: Final = re.compile(r"(\d{1,6})(ms|s|min)")
_MILLISECONDS: Final = {"ms": 1, "s": 1_000, "min": 60_000}

MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""Of `sslmode`; only the last makes sure who answers."""
_TLS: Final = ("sslmode", "sslrootcert", "sslcert", "sslkey")
OPTIONS: Final = (*_TLS, "host", "statement_timeout", "connect_timeout")
"""What may follow the question mark. `host` is the folder of a Unix socket."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where counts are kept. `places` is empty where asyncpg shall look for a local socket."""

    places: tuple[tuple[str, int], ...]
    name: str
    user: str | None
    password: str | None = field(repr=False)
    tls: Mapping[str, str]
    statement_timeout: int
    connect_timeout: float

    def __str__(self) -> str:
        """The address as it may be logged: without user and password."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.places)
        return f"postgresql://{hosts}/{quote(self.name)}"


def read(address: str) -> Address:
    """What follows `postgresql://`. Raises ValueError, whose sentence quotes none of it.

    A password with a sign in it that has not been escaped splits in the wrong place, so any part
    may be a piece of it.
    """
    rest, _, query = address.partition("?")
    authority, _, name = rest.partition("/")
    login, _, hosts = authority.rpartition("@")
    user, _, password = login.partition(":")
    found = [_HOST.fullmatch(each) for each in hosts.split(",")] if hosts else []
    if (
        not re.fullmatch(r"[^/@:#]+", name)
        or re.search(r"[@:/#]", password)
        or not all(found)
        or not all(int(each["port"] or PORT) < 65536 for each in found if each)
    ):
        raise ValueError(
            f"store 'postgresql://…' is no address of a database: write {EXAMPLE}, several hosts"
            " with commas between them, and signs in the password escaped (@ as %40, / as %2F)"
        )
    given = dict(parse_qsl(query, keep_blank_values=True))
    if set(given) - set(OPTIONS):
        raise ValueError(
            f"store 'postgresql://…' has an option that is not known: write some of"
            f" {', '.join(OPTIONS)}"
        )
    if given.get("sslmode", "prefer") not in MODES:
        raise ValueError(f"store 'postgresql://…': write sslmode={' or '.join(MODES)}")
    places = tuple((each["host"].strip("[]"), int(each["port"] or PORT)) for each in found if each)
    return Address(
        places=((given["host"], PORT),) if "host" in given else places,
        name=unquote(name),
        user=unquote(user) or None,
        password=unquote(password) or None,
        tls={key: value for key, value in given.items() if key in _TLS},
        statement_timeout=_milliseconds(given, "statement_timeout", STATEMENT_TIMEOUT),
        connect_timeout=_milliseconds(given, "connect_timeout", CONNECT_TIMEOUT * 1_000) / 1_000,
    )


def _milliseconds(given: Mapping[str, str], name: str, default: float) -> int:
    if name not in given:
        return round(default)
    time = _TIME.fullmatch(given[name])
    if time is None or not int(time[1]):
        raise ValueError(f"store 'postgresql://…': write {name}=10s or {name}=500ms")
    return int(time[1]) * _MILLISECONDS[time[2]]


class Connector:
    """Connects to the first host that takes writes; what a pool calls instead of asyncpg.

    Each host gets its own time: one that is dead and does not even refuse must not use up that of
    the one that took over.
    """

    def __init__(self, address: Address) -> None:
        self._address = address

    async def __call__(self, *_: Any, **given: Any) -> asyncpg.Connection:
        address = self._address
        refused = list[str]()
        for host, port in address.places or ((None, None),):
            try:
                return await asyncpg.connect(
                    # The rest is not in it: what it cannot read, asyncpg quotes.
                    f"postgresql://?{urlencode(address.tls)}" if address.tls else None,
                    host=host,
                    port=port,
                    user=address.user,
                    password=address.password,
                    database=address.name,
                    timeout=address.connect_timeout,
                    # The server gives up first, so that what it says is what is told.
                    command_timeout=address.statement_timeout / 1_000 + 2,
                    target_session_attrs=cast("Any", "read-write"),
                    server_settings={
                        "application_name": "firstparty",
                        "statement_timeout": str(address.statement_timeout),
                        # Compiling a sum of many rows takes longer than summing them.
                        "jit": "off",
                        # A host that dies in the middle must not hold the others up.
                        "idle_in_transaction_session_timeout": str(address.statement_timeout),
                    },
                    **given,
                )
            except FAILURES as error:
                # Before there is a statement, no message has anything of a visitor's in it.
                said = " ".join(str(error).split()) or type(error).__name__
                refused.append(f"{host or 'local socket'}: {said}")
        raise ConnectionError(f"{address} cannot be reached ({'; '.join(refused)})")


def make_pool(address: Address) -> asyncpg.Pool:
    """A pool that connects when it is used, with at most four connections."""
    return asyncpg.create_pool(
        min_size=0, max_size=4, connect=Connector(address), reset=_nothing_to_reset
    )


async def _nothing_to_reset(_: object) -> None:
    """Nothing of ours outlives its transaction, so the way to the server is saved."""
