"""What the PostgreSQL store promises beside the contract of all stores."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from firstparty import size
from firstparty.cli import main
from firstparty.contract.place import (
    DAY,
    ONE,
    SHAPE,
    TWO,
    batch,
    cross,
    day,
    every,
    mark,
    names_of,
    pairs,
    sums,
    total,
    views,
)
from firstparty.counts import Selection
from firstparty.metrics import vector
from firstparty.stores import (
    Shape,
    Store,
    StoreError,
    connect,
    look,
    postgresql_layout,
    shown,
)
from firstparty.stores.postgresql_address import read
from firstparty.stores.postgresql_connections import Connections, told
from firstparty.stores.postgresql_schema import CODES, STEPS, VERSION
from tests.postgres_server import PASSWORD, QUOTED, Server


@pytest.fixture
def name(postgres: Server) -> str:
    """The name of a new database."""
    return postgres.database()


@pytest.fixture
def url(postgres: Server, name: str) -> str:
    return postgres.url(name)


def used(url: str, act: Callable[[Store], Awaitable[Any]], shape: Shape = SHAPE) -> Any:
    async def run() -> Any:
        store = connect(url, shape)
        await store.open()
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())


async def nothing(store: Store) -> None: ...


# The URL.


def test_a_url_is_read_with_several_hosts_and_signs_that_are_escaped() -> None:
    address = read(f"stats:{QUOTED}@db1,db2:6432,[::1]:5433/stats?statement_timeout=500ms")
    assert (address.places, address.name, address.user, address.password) == (
        (("db1", 5432), ("db2", 6432), ("::1", 5433)),
        "stats",
        "stats",
        PASSWORD,
    )
    assert (address.statement_timeout, address.connect_timeout) == (500, 5.0)
    assert read("/stats?host=/run/postgresql").places == (("/run/postgresql", 5432),)
    assert (read("/stats").places, read("/stats").user) == ((), None)
    assert read("h/d?sslmode=verify-full&connect_timeout=2s").tls == {"sslmode": "verify-full"}


@pytest.mark.parametrize(
    "address",
    [
        *("", "host", "host/", "host/a/b", "u:secret/x@host/d", "u:secret@x@host/d", "u:p@:1/d"),
        *("host:99999/d", "host/d#secret", "h/d?secret=1", "h/d?statement_timeout=10"),
        *("h/d?connect_timeout=0s", "h/d?sslmode=secret"),
    ],
)
def test_a_url_that_is_none_is_refused_and_nothing_of_it_is_quoted(address: str) -> None:
    with pytest.raises(ValueError, match=r"^store 'postgresql://…'.*write ") as caught:
        connect(f"postgresql://{address}", SHAPE)
    assert "secret" not in str(caught.value)


def test_what_is_shown_of_a_url_has_no_password_in_it() -> None:
    urls = ("postgresql://u:pass@h/d", "postgresql://u:pa@ss@h/d?x=pass", "mysql://pa?ss@h/d")
    assert [shown(url) for url in urls] == [
        "postgresql://h/d",
        "postgresql://h/d",
        "mysql://h/d",
    ]
    assert shown("sqlite:////home/me@work/stats.db") == "sqlite:////home/me@work/stats.db"


def test_a_server_that_cannot_be_used_is_told_without_the_password(
    postgres: Server, url: str
) -> None:
    place = f"127.0.0.1:{postgres.port}"
    for wrong, sentence in (
        (url.replace(str(postgres.port), "1"), "Connect call failed"),
        (postgres.url("not_there"), 'database "not_there" does not exist'),
        (f"postgresql://stats:wrong-pass@{place}/any", "authentication failed"),
        (f"postgresql://stats:wrong-pass@127.0.0.1:1,{place}/any", "authentication failed"),
    ):
        with pytest.raises(OSError, match=f"^postgresql://.*cannot be reached.*{sentence}") as info:
            used(wrong, nothing)
        assert not any(secret in str(info.value) for secret in ("wrong-pass", PASSWORD, QUOTED))


# The schema.


def test_a_database_with_no_schema_of_ours_is_empty_and_looking_leaves_it_so(url: str) -> None:
    assert (look(url), look(url)) == (None, None)
    used(url, nothing)
    found = look(url)
    assert found is not None
    assert (found.sites, found.dimensions) == ((("example", "UTC"),), tuple(SHAPE.pairs))


def test_a_schema_of_a_newer_package_or_of_another_program_is_refused_with_a_sentence(
    postgres: Server, name: str, url: str
) -> None:
    used(url, nothing)
    asyncio.run(postgres.sql("update firstparty.version set number = 999", database=name))
    with pytest.raises(StoreError, match=r"newer firstparty \(schema 999.*upgrade the package"):
        used(url, nothing)
    other = postgres.database()
    for statement in ("create schema firstparty", "create table firstparty.diary (page text)"):
        asyncio.run(postgres.sql(statement, database=other))
    with pytest.raises(StoreError, match="another program's: use another database"):
        used(postgres.url(other), nothing)


def test_a_metric_that_is_new_becomes_a_column(postgres: Server, name: str, url: str) -> None:
    used(url, lambda store: store.write(batch(1, {day("/a"): TWO})))
    asyncio.run(postgres.sql("alter table firstparty.counts drop column misses", database=name))

    async def add(store: Store) -> Any:
        await store.write(batch(2, {day("/a"): TWO}))
        return await sums(store)

    assert used(url, add) == {"/a": tuple(2 * number for number in TWO)}


EARLIER = f"""
insert into firstparty.sites (name, timezone) values ('example', 'UTC');
insert into firstparty.dimensions (name) values ('path');
insert into firstparty.names (site, id, dimension, name) values (1, 7, 1, '/a');
alter table firstparty.counts add column pageviews bigint;
insert into firstparty.counts (site, period, dimension, at, path, value, pageviews)
values (1, {CODES["day"]}, 1, {DAY}, 0, 7, 3);
"""  # noqa: S608 - two numbers of ours


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_database_of_any_schema_is_brought_forward_with_its_counts(
    postgres: Server, name: str, url: str, version: int
) -> None:
    async def make() -> None:
        connections = Connections(read(url.partition("://")[2]))
        await connections.open()
        async with connections.one() as db:
            await db.execute("create schema firstparty;" + "".join(STEPS[:version]) + EARLIER)
            await db.execute("update firstparty.version set number = $1", version)
        await connections.close()

    async def add(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): views(2), day("/b"): TWO}))
        return await sums(store), await store.links()

    asyncio.run(make())
    assert used(url, add) == ({"/a": views(5), "/b": TWO}, [])
    found = asyncio.run(postgres.sql("select number from firstparty.version", database=name))
    assert [row[0] for row in found] == [VERSION]


def test_a_table_leaves_room_beside_each_row_for_its_next_version(
    postgres: Server, name: str, url: str
) -> None:
    """So that a million updates leave it nearly as small as it was, and its index as it was."""

    async def add(store: Store) -> None:
        for seq in range(1, 40):
            await store.write(batch(seq, {day(f"/{page:03}"): TWO for page in range(200)}))

    used(url, add, replace(SHAPE, names=dict.fromkeys(SHAPE.names, 1_000)))
    found = asyncio.run(
        postgres.sql(
            "select pg_stat_get_tuples_hot_updated(oid), pg_stat_get_tuples_updated(oid)"
            " from pg_class where oid = 'firstparty.counts'::regclass",
            database=name,
        )
    )
    ((hot, updated),) = found
    assert updated == 38 * 200
    assert hot > 0.9 * updated


def statements(number: int) -> list[str]:
    """The SQL of one block of docs/how-to/postgresql.md."""
    text = (Path(__file__).parent.parent / "docs/how-to/postgresql.md").read_text()
    block = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)[number]
    return [each.strip() for each in block.split(";") if each.strip()]


def test_the_database_that_the_document_makes_is_one_for_a_store(
    postgres: Server, name: str
) -> None:
    for statement in statements(0):
        made = re.sub(r"\bstats\b", f"stats_{name}", statement)
        asyncio.run(postgres.sql(made, database=name))
    url = f"postgresql://stats_{name}:…@127.0.0.1:{postgres.port}/stats_{name}"
    assert used(url, sums) == {}


def test_a_role_needs_no_right_to_the_schema_that_its_owner_made_by_a_command(
    postgres: Server, name: str, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    role = f"web_{name}"
    asyncio.run(postgres.sql(f"create role {role} login password 'web'", database=name))
    web = f"postgresql://{role}:web@127.0.0.1:{postgres.port}/{name}"
    with pytest.raises(StoreError, match=r"permission denied.*run firstparty migrate"):
        used(web, nothing)
    assert main(["migrate", "--store", url]) == 0
    assert capsys.readouterr().out == f"{shown(url)} is as this firstparty needs it\n"
    for statement in statements(1):
        granted = statement.removesuffix("to web") + f"to {role}"
        asyncio.run(postgres.sql(granted, database=name))

    async def act(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): ONE, day("/b"): ONE}))
        await store.mark(mark("1.4"))
        await store.block("path", "/x*")
        await store.forget({"minute": 60 * 10**6, "day": DAY, "month": 202611, "crossed": 202611})
        await store.strike("path", {"/b"})
        return await sums(store)

    assert used(web, act) == {"/a": ONE, "(unlisted)": ONE}
    assert main(["migrate", "--store", web]) == 0


# Names.


def test_what_the_server_cannot_keep_as_a_name_counts_as_other(url: str) -> None:
    texts = ("/" + "x" * 5000, "/nul\0", "/broken\ud800")

    async def act(store: Store) -> Any:
        await store.write(batch(1, {day(text): ONE for text in (*texts, "/a")}))
        gone = Selection("day", (DAY,), "path", frozenset(texts))
        return await sums(store), await store.select(gone)

    assert used(url, act) == ({"/a": ONE, "(other)": views(3)}, {})


def test_a_struck_name_is_in_no_file_but_the_log_and_in_no_sample_of_the_planner(
    postgres: Server, name: str, url: str
) -> None:
    secret = "/only-here-and-nowhere-else"

    async def files() -> bytes:
        await postgres.sql("checkpoint", database=name)
        (row,) = await postgres.sql(
            "select oid from pg_database where datname = current_database()", database=name
        )
        folder = postgres.folder / "base" / str(row[0])
        return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())

    async def act(store: Store) -> Any:
        await store.write(batch(1, {day(f"/{number}"): ONE for number in range(15)}))
        await store.write(batch(2, {day(secret): ONE, cross("/1", "x"): ONE}))
        await postgres.sql("analyze", database=name)
        before = secret.encode() in await files()
        await store.strike("path", {secret})
        samples = await postgres.sql(
            "select attname from pg_stats where schemaname = 'firstparty' and attname = 'name'"
            " and tablename = 'names'",
            database=name,
        )
        return before, secret.encode() in await files(), samples, len(await names_of(store))

    assert used(url, act) == (True, False, [], 16)


# What is added.


def test_counts_of_a_month_that_is_full_are_not_read_before_they_are_added_to(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()

    def noted(method: Any) -> Any:
        async def ask(self: Any, statement: str, *values: Any, **given: Any) -> Any:
            asked.append(statement)
            return await method(self, statement, *values, **given)

        return ask

    for name in ("execute", "fetch", "fetchval"):
        monkeypatch.setattr(asyncpg.Connection, name, noted(getattr(asyncpg.Connection, name)))

    async def act(store: Store) -> Any:
        await store.write(batch(1, {cross("/a", value): ONE for value in "xyz"}))
        asked.clear()
        await store.write(batch(2, {cross("/a", "x"): ONE, cross("/a", "new"): ONE}))
        touching = [each.split()[0] for each in asked if "firstparty.counts" in each]
        return touching, await pairs(store)

    touching, found = used(url, act)
    assert touching == ["update"]
    assert found == {("/a", "x"): views(2), ("/a", "y"): ONE, ("/a", "z"): ONE}


def test_of_new_pairs_those_go_in_that_a_month_has_room_for(url: str) -> None:
    async def act(store: Store) -> Any:
        await store.write(batch(1, {cross("/b", "x"): ONE, cross("/b", "y"): ONE}))
        more = {cross(page, "x"): ONE for page in ("/a", "/b", "/c")}
        await store.write(batch(2, more))
        return await pairs(store)

    found = used(url, act)
    assert (len(found), found["/b", "x"], found["/b", "y"]) == (3, views(2), ONE)


def test_a_zero_takes_no_room_in_a_row(postgres: Server, name: str, url: str) -> None:
    async def act(store: Store) -> Any:
        await store.write(batch(1, {day("/a"): ONE, day("/b"): vector(events=1)}))
        await store.write(batch(2, {day("/a"): vector(events=2), day("/c"): vector(events=-1)}))
        await store.write(batch(3, {day("/c"): vector(events=1)}))

    used(url, act)
    rows = asyncio.run(
        postgres.sql(
            "select name, pageviews, events from firstparty.counts"
            " join firstparty.names on id = value order by name",
            database=name,
        )
    )
    assert [tuple(row) for row in rows] == [("/a", 1, 2), ("/b", None, 1), ("/c", None, None)]


# How rows lie.

ROWS = "select xmin::text, * from firstparty."


def test_rows_do_not_tell_which_others_they_were_written_with(
    postgres: Server, name: str, url: str
) -> None:
    """By the transaction that wrote them, or by their place: what a dump would show."""

    async def written(table: str) -> list[tuple[Any, ...]]:
        rows = await postgres.sql(f"{ROWS}{table}", database=name)
        return [tuple(row) for row in rows]

    async def act(store: Store) -> Any:
        for number, page in enumerate(("/c", "/a", "/b"), start=1):
            counts = {day(page): ONE, day(f"s{number}", "source"): ONE, cross(page, "x"): ONE}
            await store.write(batch(number, counts))
        before = [len({row[0] for row in await written(table)}) for table in ("counts", "names")]
        told = await every(store)
        await store.forget({"minute": 60 * 10**6})
        assert await every(store) == told
        room = await postgres.sql(
            "select pairs.number from firstparty.pairs where number > 0", database=name
        )
        assert [row[0] for row in room] == [3]
        for table, key in (("counts", 6), ("names", 2)):
            rows = [row[1:] for row in await written(table)]
            assert rows == sorted(rows, key=lambda row: row[:key])
        after = [len({row[0] for row in await written(table)}) for table in ("counts", "names")]
        # Nothing has come: the next hour leaves the rows as they are.
        oldest = await written("counts")
        await store.forget({"minute": 60 * 10**6 + 60})
        return before, after, await written("counts") == oldest

    assert used(url, act) == ([3, 3], [1, 1], True)


def test_a_table_that_is_large_or_being_read_is_left_as_it_is(
    postgres: Server, name: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def transactions() -> int:
        return len({row[0] for row in await postgres.sql(f"{ROWS}counts", database=name)})

    async def act(store: Store) -> Any:
        for number in (1, 2):
            await store.write(batch(number, {day(f"/{number}"): ONE}))
        monkeypatch.setattr(postgresql_layout, "HOURLY", 0)
        monkeypatch.setattr(postgresql_layout, "DAILY", 0)
        await store.forget({"day": DAY, "month": 202611, "crossed": 202611})
        assert await transactions() == 2
        monkeypatch.undo()
        reader = await asyncpg.connect(
            host="127.0.0.1",
            port=postgres.port,
            user="stats",
            password=PASSWORD,
            database=name,
            ssl=False,
        )
        async with reader.transaction(isolation="repeatable_read"):
            seen = await reader.fetch("select * from firstparty.counts")
            await store.forget({"minute": 60 * 10**6})
            # As a dump does: it goes on reading what was there when it began.
            assert await reader.fetch("select * from firstparty.counts") == seen
        await reader.close()
        return await transactions(), await sums(store)

    assert used(url, act) == (1, {"/1": ONE, "/2": ONE})


def test_a_table_takes_no_more_bytes_than_the_bound_of_its_rows(
    postgres: Server, name: str, url: str
) -> None:
    many = 20_000
    shape = replace(SHAPE, names=dict.fromkeys(SHAPE.names, 2 * many))

    async def act(store: Store) -> Any:
        # In an order that leaves the index half empty, and each row with more than one version.
        for seq, step in enumerate((7, 3, 1, 1), start=1):
            numbers = range(0, many, step)
            await store.write(batch(seq, {day(f"/{number:05}"): ONE for number in numbers}))
        (row,) = await postgres.sql(
            "select pg_total_relation_size('firstparty.counts')", database=name
        )
        return row[0]

    most = many * size.postgresql_bytes(1)
    assert most / 2 < used(url, act, shape) < most


# What goes wrong.


def test_what_the_server_says_of_a_value_is_not_in_the_error(url: str) -> None:
    broken = asyncpg.UniqueViolationError("duplicate key value (/secret) violates …")
    broken.detail = "Key (name)=(/secret) already exists."
    assert str(told(broken)) == "UniqueViolationError (23505)"
    full = asyncpg.DiskFullError("could not extend file: No space left on device")
    full.detail = "/secret"
    assert str(told(full)) == (
        "DiskFullError (53100): could not extend file: No space left on device"
    )

    async def act(store: Store) -> Any:
        with pytest.raises(StoreError) as caught:
            await store.write(batch(1, {day("/secret", at=10**12): ONE}))
        await store.write(batch(1, {day("/a"): ONE}))
        return str(caught.value), await sums(store)

    assert used(url, act) == ("DataError (22000)", {"/a": ONE})


def test_a_transaction_that_ended_a_deadlock_is_begun_anew(url: str) -> None:
    async def run() -> list[str]:
        connections, tries = Connections(read(url.partition("://")[2])), list[str]()
        await connections.open()

        async def act(db: Any) -> str:
            tries.append("40P01" if len(tries) % 2 else "40001")
            if len(tries) < 4:
                await db.execute(f"do $$ begin raise sqlstate '{tries[-1]}'; end $$")
            return "done"

        try:
            tries.append(await connections.turn(act))
        finally:
            await connections.close()
        return tries

    assert asyncio.run(run()) == ["40001", "40P01", "40001", "40P01", "done"]


def test_whoever_waits_too_long_for_its_turn_gives_up_and_its_batch_goes_in_later(
    postgres: Server, name: str, url: str
) -> None:
    async def act(store: Store) -> Any:
        holder = await asyncpg.connect(
            host="127.0.0.1",
            port=postgres.port,
            user="stats",
            password=PASSWORD,
            database=name,
            ssl=False,
        )
        await holder.execute("select pg_advisory_lock(1718645364)")
        with pytest.raises(StoreError, match=r"^QueryCanceledError \(57014\): .*timeout$"):
            await store.write(batch(1, {day("/a"): ONE}))
        await holder.close()
        await store.write(batch(1, {day("/a"): ONE}))
        return await sums(store)

    assert used(f"{url}?statement_timeout=200ms", act) == {"/a": ONE}


def test_a_store_goes_on_in_another_loop_and_after_a_connection_was_ended(
    postgres: Server, name: str, url: str
) -> None:
    store = connect(url, SHAPE)

    async def write(seq: int) -> Any:
        await store.open()
        await store.write(batch(seq, {day("/a"): ONE}))

    async def begun() -> None:
        await write(1)
        await store.close()

    async def ended() -> Any:
        await write(2)
        await postgres.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'firstparty' and datname = $1",
            name,
            database="postgres",
        )
        await asyncio.sleep(0.1)
        await write(3)
        found = await sums(store)
        await store.close()
        return found

    asyncio.run(begun())
    assert asyncio.run(ended()) == {"/a": views(3)}


def test_other_sites_of_the_database_are_told_in_the_log_and_no_password_is(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    used(url, nothing)
    with caplog.at_level(logging.DEBUG):
        used(url, nothing, replace(SHAPE, timezone="Europe/Paris"))
    assert "also holds counts of example in UTC" in caplog.text
    assert PASSWORD not in caplog.text
    assert QUOTED not in caplog.text


# The commands.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder, with no settings of the environment."""
    for setting in ("STORE", "SITE", "TIMEZONE", "PASSWORD"):
        monkeypatch.delenv(f"FIRSTPARTY_{setting}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_works_on_postgresql(
    postgres: Server, url: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, third = postgres.url(postgres.database()), postgres.url(postgres.database())

    def run(*arguments: str, at: str = url) -> str:
        code = main([*arguments, "--store", at])
        said = capsys.readouterr()
        assert QUOTED not in said.out + said.err
        assert code == (2 if "firstparty: " in said.err and not said.out else 0)
        return said.out or said.err

    assert "there is no database postgresql://127.0.0.1" in run("forget", "/x")
    assert " now." not in run("size")
    assert "is as this firstparty needs it" in run("migrate")
    assert "is as this firstparty needs it" in run("migrate")
    counts = {total(): TWO, day("/secret"): TWO, day("/a"): ONE}

    async def write(store: Store) -> None:
        await store.write(batch(1, counts))

    used(url, write, replace(SHAPE, site="default"))
    assert " now." in run("size")
    assert "path: 1 name forgotten\n1 counts are now part of (unlisted)." in run(
        "forget", "/secret", "--dimension", "path"
    )
    assert "Blocked from now on: /reset/*" in run("forget", "/reset/*", "--dimension", "path")
    assert run("forget", "--list") == "path\t/reset/*\n"
    assert "pg_dump" in run("backup", "copy.db")
    assert main(["export", "out.jsonl", "--store", url]) == 0
    capsys.readouterr()
    assert "3 counts added" in run("import", "out.jsonl", at=other)
    assert "all of it is there already" in run("import", "out.jsonl", at=other)
    assert "they would count twice" in run("merge", other)
    run("migrate", at=third)

    async def more(store: Store) -> None:
        await store.write(batch(1, {total(): ONE, day("/a"): ONE}, "another"))

    used(third, more, replace(SHAPE, site="default"))
    assert "2 counts added" in run("merge", third)
    assert "all of it is there already" in run("merge", third)
    assert used(url, sums, replace(SHAPE, site="default")) == {"/a": views(2), "(unlisted)": TWO}
    assert sorted(path.name for path in folder.iterdir()) == ["out.jsonl"]
