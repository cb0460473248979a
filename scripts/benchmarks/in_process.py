"""Microseconds of CPU that a middleware adds to a request, without a network in the way.

Batches of all variants take turns, so that a slow moment of the machine hits all alike; the medians
are compared. Writing to the store happens between the batches: `--server` has it in its sum.
"""

import asyncio
import gc
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from time import thread_time_ns

from starlette.types import ASGIApp, Message, Scope

from . import apps, browsers

BATCH = 500


@dataclass(frozen=True, eq=False)
class Variant:
    name: str
    make: Callable[[], ASGIApp]
    requests: Sequence[Scope]
    target: float | None = None  # times what BaseHTTPMiddleware adds
    counts: bool = False


BARE, YARDSTICK = "bare", "BaseHTTPMiddleware doing nothing"
VARIANTS = [
    Variant(BARE, apps.bare, browsers.navigations()),
    Variant("bare again (noise)", apps.bare, browsers.navigations()),
    Variant("a middleware doing nothing", apps.wrapped, browsers.navigations()),
    Variant("counted: internal link", apps.counted, browsers.navigations(), 0.06, counts=True),
    Variant("counted: from a search engine", apps.counted, browsers.arrivals(), 0.06, counts=True),
    Variant('internal link, exposure="report"', apps.exposing, browsers.navigations(), counts=True),
    Variant('internal link, exposure="block"', apps.blocking, browsers.navigations(), counts=True),
    Variant("not counted: image", apps.counted, browsers.images(), 0.02),
    Variant("not counted: call of an API", apps.counted, browsers.api_calls(), 0.02),
    Variant(YARDSTICK, apps.base_http, browsers.navigations()),
]

# Microseconds for a User-Agent never seen before: an ordinary one, and the slowest that we know.
USUAL, WORST = 1_000, 5_000
PAUSE = 0.15  # seconds between two new ones, so that no limit on reading them is reached


def run(rounds: int) -> None:
    asyncio.run(measure_variants(rounds))
    asyncio.run(measure_agents(rounds))


async def measure_variants(rounds: int) -> None:
    batches: dict[Variant, list[float]] = defaultdict(list)
    async with AsyncExitStack() as running:
        variants = {v: await running.enter_async_context(started(v.make())) for v in VARIANTS}
        requests = {v: list(islice(cycle(v.requests), BATCH)) for v in VARIANTS}
        for variant, app in variants.items():
            await check(variant, app)
            await batch(app, requests[variant])  # fills caches
        for _ in range(rounds):
            for variant, app in variants.items():
                batches[variant].append(await batch(app, requests[variant]))
    print_added({variant: median(spent) for variant, spent in batches.items()})


async def measure_agents(rounds: int) -> None:
    usual: list[float] = []
    hostile: dict[str, list[float]] = defaultdict(list)
    new_agents, hostile_agents = browsers.new_agents(), browsers.hostile_agents()
    async with started(apps.counted()) as app:
        await batch(app, [next(new_agents)])  # loads the patterns
        for text, request in islice(hostile_agents, max(rounds, 3 * len(browsers.HOSTILE))):
            await asyncio.sleep(PAUSE)
            usual.append(await batch(app, [next(new_agents)]))
            hostile[text].append(await batch(app, [request]))
        flood = [await batch(app, list(islice(new_agents, BATCH))) for _ in range(5)]
    slowest = max(hostile, key=lambda text: median(hostile[text]))
    print_agents(
        ("a new one", median(usual), USUAL),
        (f"the slowest known: {slowest!r} over and over", median(hostile[slowest]), WORST),
        (f"{BATCH} new ones at once, each", median(flood), None),
    )


async def check(variant: Variant, app: ASGIApp) -> None:
    """Counted responses carry a mark: stop where the variant is not what its name says."""
    marked = False

    async def look(message: Message) -> None:
        nonlocal marked
        marked |= (b"server-timing", b"tally") in message.get("headers", ())

    await app(dict(variant.requests[0]), receive, look)
    if marked != variant.counts:
        raise SystemExit(
            f"{variant.name}: the response is {'' if marked else 'not '}marked as counted"
        )


async def batch(app: ASGIApp, requests: Sequence[Scope]) -> float:
    """Microseconds a request."""
    await asyncio.sleep(0)  # let the middleware's own task run, outside the sum
    gc.collect()
    gc.disable()
    start = thread_time_ns()
    for request in requests:
        await app(dict(request), receive, send)
    spent = thread_time_ns() - start
    gc.enable()
    return spent / len(requests) / 1000


async def receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Message) -> None:
    pass


@asynccontextmanager
async def started(app: ASGIApp) -> AsyncIterator[ASGIApp]:
    """The application, after its startup and until its shutdown."""
    incoming, outgoing = asyncio.Queue[Message](), asyncio.Queue[Message]()
    life = asyncio.create_task(app({"type": "lifespan"}, incoming.get, outgoing.put))
    await incoming.put({"type": "lifespan.startup"})
    await asyncio.wait_for(outgoing.get(), 10)
    try:
        yield app
    finally:
        await incoming.put({"type": "lifespan.shutdown"})
        await asyncio.wait_for(life, 10)


def print_added(spent: dict[Variant, float]) -> None:
    of = {variant.name: us for variant, us in spent.items()}
    yardstick = of[YARDSTICK] - of[BARE]
    print(f"{'µs a request':40}{'all':>9}{'added':>9}{'ratio':>8}  target")
    for variant, us in spent.items():
        added = us - of[BARE]
        print(
            f"{variant.name:40}{us:9.2f}{added:9.2f}{added / yardstick:8.3f}  "
            f"{verdict(added / yardstick, variant.target)}"
        )
    print(f"ratio: µs added ÷ those of {YARDSTICK}\n")


def print_agents(*rows: tuple[str, float, float | None]) -> None:
    print(f"{'User-Agent texts never seen before':58}{'µs':>8}  target")
    for name, us, target in rows:
        print(f"{name[:56]:58}{us:8.0f}  {verdict(us, target)}")


def verdict(value: float, target: float | None) -> str:
    if target is None:
        return ""
    return f"≤ {target:g} {'met' if value <= target else 'MISSED'}"
