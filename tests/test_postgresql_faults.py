"""What PostgreSQL does when it goes wrong: whatever is tried again, the counts are exact."""

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

from firstparty.contract.place import ONE, SHAPE, batch, cross, day, opened, sums, total, views
from firstparty.counts import Batch, Cell, Selection
from firstparty.stores import Store, StoreError, connect
from tests.postgres_server import Server, folder

ROOT = Path(__file__).parent.parent
PAGES = 15


def made(seq: int, writer: str, draw: random.Random) -> Batch:
    """A batch in which every page has one more view, in an order of its own."""
    pages = [f"/{number}" for number in range(PAGES)]
    draw.shuffle(pages)
    counts = {day(page): ONE for page in pages} | {
        cross(page, "/", "previous"): ONE for page in pages
    }
    return batch(seq, counts | {total(): views(PAGES)}, writer)


async def check(url: str, batches: int) -> None:
    """Every count is there, and none twice."""
    async with opened(lambda shape: connect(url, shape)) as store:
        assert await sums(store) == {f"/{number}": views(batches) for number in range(PAGES)}
        of_site = await store.select(Selection("day", (total().at,), ""))
        assert of_site == {Cell(0, "", ""): views(PAGES * batches)}
        crossed = await store.select(Selection("crossed", (202611,), "previous"))
        assert crossed == {Cell(0, "", ""): views(PAGES * batches)}


async def until_it_is_in(store: Store, batch: Batch) -> int:
    """Try a batch again as it is until it is written; answers how often it failed."""
    failed, until = 0, time.monotonic() + 30
    while True:
        try:
            await store.open()
            await store.write(batch)
        except (StoreError, OSError):
            failed += 1
            assert time.monotonic() < until
            await asyncio.sleep(0.05)
        else:
            return failed


# Several hosts.

WRITER = """
import asyncio, random, sys
from firstparty.contract.place import SHAPE
from firstparty.stores import connect
from tests.test_postgresql_faults import made

async def main(url, writer, batches):
    store, draw = connect(url, SHAPE), random.Random(writer)
    await store.open()
    for seq in range(1, batches + 1):
        batch = made(seq, writer, draw)
        for _ in range(draw.choice((1, 2, 3))):
            await store.write(batch)
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def test_four_processes_that_write_and_try_again_count_everything_once(postgres: Server) -> None:
    url, batches = postgres.url(postgres.database()), 40
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, f"w{number}", str(batches)], cwd=ROOT)
        for number in range(4)
    ]
    assert [process.wait(60) for process in processes] == [0] * 4
    asyncio.run(check(url, 4 * batches))
    assert "deadlock" not in postgres.log()


def test_a_batch_that_is_tried_four_times_at_once_counts_once(postgres: Server) -> None:
    url, draw = postgres.url(postgres.database()), random.Random(4)  # noqa: S311 - no secret

    async def run() -> None:
        async with opened(lambda shape: connect(url, shape)) as store:
            for seq in range(1, 11):
                same = made(seq, "w", draw)
                await asyncio.gather(*(store.write(same) for _ in range(4)))

    asyncio.run(run())
    asyncio.run(check(url, 10))


# A network that loses answers.


@asynccontextmanager
async def proxy(server: Server, cuts: Callable[[bytes], bool]) -> AsyncGenerator[int]:
    """The port of a proxy in front of a server.

    Where `cuts` says so of what a client sends, that arrives, and its answer is never heard of.
    """
    tasks = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        to = await asyncio.open_connection("127.0.0.1", server.port)
        back = asyncio.create_task(answers(to[0], writer))
        try:
            while sent := await reader.read(65536):
                if cuts(sent):
                    back.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await back  # nobody else reads what the server says to this
                    to[1].write(sent)
                    assert await to[0].read(65536)  # the server has done it
                    break
                to[1].write(sent)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            back.cancel()
            for end in (writer, to[1]):
                end.transport.abort()
            tasks.discard(task)

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while said := await reader.read(65536):
                writer.write(said)
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.sleep(0)


def test_a_batch_whose_commit_was_not_answered_counts_once(postgres: Server) -> None:
    name = postgres.database()
    draw = random.Random(8)  # noqa: S311 - no secret
    lost = list[bytes]()

    def cuts(sent: bytes) -> bool:
        if b"COMMIT;" in sent and draw.random() < 0.5:
            lost.append(sent)
            return True
        return False

    async def run() -> int:
        failed = 0
        async with proxy(postgres, cuts) as port:
            url = postgres.url(name).replace(f":{postgres.port}/", f":{port}/")
            store = connect(url, SHAPE)
            for seq in range(1, 16):
                failed += await until_it_is_in(store, made(seq, "w", draw))
            await store.close()
        return failed

    failed = asyncio.run(run())
    assert failed == len(lost) > 5
    asyncio.run(check(postgres.url(name), 15))


# A server that dies.


def test_nothing_is_lost_or_counted_twice_when_the_primary_dies_and_a_standby_takes_over() -> None:
    with folder() as path:
        first, second = Server(path / "first"), Server(path / "second")
        first.make()
        first.start()
        name = first.database()
        first.copy(second)
        try:
            second.start()
            first.stop(signal.SIGINT)
            first.start(synchronous_standby_names="*", synchronous_commit="on")
            gap = asyncio.run(_through_a_failover(first, second, first.url(name, second)))
            asyncio.run(check(second.url(name), 2 * 60))
            assert gap < 15
        finally:
            first.stop()
            second.stop()


async def _through_a_failover(first: Server, second: Server, url: str) -> float:
    """Write with two processes' stores while the primary is killed; the longest time of none."""
    written, enough = [time.monotonic()], asyncio.Event()

    async def send(writer: str) -> None:
        store, draw = connect(url, SHAPE), random.Random(writer)  # noqa: S311 - no secret
        for seq in range(1, 61):
            await until_it_is_in(store, made(seq, writer, draw))
            written.append(time.monotonic())
            if len(written) > 40:
                enough.set()
        await store.close()

    async def fail() -> None:
        await enough.wait()
        first.stop(signal.SIGQUIT)
        await second.sql("select pg_promote()", database="postgres")

    await asyncio.gather(send("v"), send("w"), fail())
    return max(after - before for before, after in pairwise(written))
