"""Forged beacons with random texts: they fill no more than `firstparty size` says, nor for ever.

`scripts/bench flood` does the same with a million.
"""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from firstparty import Analytics, AnalyticsMiddleware, size
from firstparty.commands.size import tell
from firstparty.names import PER_DAY, RESERVED
from tests.driving import PASSWORD, beacon, page

NOW, DAY, TIMES = 1_795_000_000.0, 86_400, 3
BEACONS, DAYS = 30_000, 20


def site(tmp_path: Path, clock: list[float]) -> AnalyticsMiddleware:
    analytics = Analytics(
        clock=lambda: clock[0],
        store=f"sqlite:///{tmp_path}/stats.db",
        password=PASSWORD,
        collect="script",
        admit_after=TIMES,
        flush_interval=3600,
    )
    return AnalyticsMiddleware(page(), analytics=analytics)


def forged(number: int) -> dict[str, Any]:
    """A beacon with texts of its own: three of them are alike, so that each is taken for a name."""
    text = "-".join(("amber", "birch", "cedar")[number // 3**place % 3] for place in range(1, 10))
    fields = {"u": f"/{text}", "r": f"https://{text}.example/", "k": "enter"}
    return {**fields, "e": "event", "v": text, "p": {"plan": text}} if number // 3 % 2 else fields


def resident() -> int:
    """Bytes of memory that this process takes; 0 where the system does not tell."""
    told = Path("/proc/self/statm")
    return int(told.read_text().split()[1]) * 4096 if told.exists() else 0


def test_a_flood_of_forged_texts_stays_below_the_bounds(tmp_path: Path) -> None:
    clock = [NOW]
    app = site(tmp_path, clock)
    counting = app.analytics.counting

    async def flood() -> tuple[Counter[tuple[str, str]], Any, int]:
        await counting.flusher.start()
        before, most = resident(), 0
        for number in range(BEACONS):
            assert (await beacon(app, forged(number))).status == 204
            if number % (BEACONS // DAYS) == 0:
                most = max(most, resident())
                await counting.flusher.flush()
                clock[0] += DAY
        await counting.flusher.flush()
        found = Counter[tuple[str, str]]()
        async for key, _ in counting.store.counts():
            found[key.dimension, key.period] += 1
        names = await counting.store.names(again=True)
        await counting.flusher.stop()
        return found, names, most - before

    found, names, taken = asyncio.run(flood())
    told = tell(counting, 1, dict(found), None)
    assert [each for each in told["counts"] if each["present_rows"] > each["largest_rows"]] == []
    assert (tmp_path / "stats.db").stat().st_size < told["largest"]["bytes"]
    assert taken < size.memory(counting.table)
    # What each day may add is what was added, and (unlisted) and (other) beside it.
    for name in ("referrer", "event"):
        row = counting.table[name]
        allowed = min((DAYS + 1) * PER_DAY, row.cap - row.cap // RESERVED)
        assert 0.5 * allowed < len(names[name]) <= allowed + 2, (name, len(names[name]))


def test_names_that_nobody_uses_free_their_place(tmp_path: Path) -> None:
    clock = [NOW]
    app = site(tmp_path, clock)
    counting = app.analytics.counting

    async def sightings(name: str) -> str:
        for _ in range(TIMES):
            await beacon(app, {"u": "/", "e": "event", "v": name})
        await counting.flusher.flush()
        day = counting.calendar.moment(clock[0]).day
        return ", ".join(
            sorted(
                [
                    key.value
                    async for key, _ in counting.store.counts()
                    if (key.period, key.at, key.dimension) == ("day", day, "event")
                ]
            )
        )

    async def act() -> list[str]:
        await counting.flusher.start()
        cap = counting.table["event"].cap
        for number in range(cap):
            if number % PER_DAY == 0:
                await counting.flusher.flush()
                clock[0] += DAY
            for _ in range(TIMES):
                await beacon(app, {"u": "/", "e": "event", "v": f"forged {number:04}"})
        await counting.flusher.flush()
        clock[0] += DAY
        full = await sightings("signup")
        clock[0] += 26 * 31 * DAY  # the flood is older than anything that is kept
        await counting.flusher.flush()
        left = (await counting.store.names(again=True) or {}).get("event", set())
        clock[0] += DAY
        free = await sightings("signup")
        await counting.flusher.stop()
        return [full, str(len(left)), free]

    full, left, free = asyncio.run(act())
    assert full == "(other), (unlisted)"
    assert int(left) <= 2
    assert free == "(unlisted), signup"
