"""What the contract says of closing: once, and what is closed takes no late counts."""

from __future__ import annotations

from firstparty.closing import Closing
from firstparty.contract.place import (
    DAY,
    MONTH,
    ONE,
    Make,
    agree,
    batch,
    cross,
    day,
    every,
    opened,
    pairs,
    sums,
    total,
    views,
)
from firstparty.counts import Cell, Key


async def what_is_closed_is_told_and_forgotten_in_time(make: Make) -> None:
    old = {Closing("day", 20240101), Closing("empty", 20240101), Closing("month", 202401)}
    new = {
        Closing("day", DAY),
        Closing("quiet", DAY),
        Closing("month", MONTH),
        Closing("month", MONTH, "source", 10),
        Closing("month", 202402),
    }
    async with opened(make) as store:
        agree(await store.closings(), frozenset())
        for each in (*old, *new, *new):
            await store.close_off(each)
        agree(await store.closings(), old | new)
        agree({each.least for each in await store.closings() if each.dimension}, {10})
        await store.forget({"minute": 10**9, "hour": 10**9})
        agree(await store.closings(), old | new)
        await store.forget({"day": 20240102, "month": 202402, "crossed": 202402})
        agree(await store.closings(), new)


async def a_quiet_day_keeps_its_total_and_its_pages(make: Make) -> None:
    other = {day("x", "source", DAY + 1): ONE, Key("month", MONTH, "source", "x", ""): ONE}
    kept = {total(): ONE, day("/a"): ONE, Key("hour", 60, "path", "/a", ""): ONE, **other}
    async with opened(make) as store:
        await store.write(batch(1, {**kept, day("x", "source"): ONE}))
        await store.close_off(Closing("day", DAY))
        await store.close_off(Closing("empty", DAY - 1))
        agree(len(await every(store)), 6)
        await store.close_off(Closing("quiet", DAY))
        agree(await every(store), kept)


async def days_are_closed_together_as_they_are_one_by_one(make: Make) -> None:
    kept = {total(at): ONE for at in (DAY, DAY + 1, DAY + 2)}
    shown = {day("x", "source", DAY + 2): ONE}
    together = (Closing("quiet", DAY), Closing("quiet", DAY + 1), Closing("day", DAY + 3))
    async with opened(make) as store:
        gone = {day("x", "source", at): ONE for at in (DAY, DAY + 1)}
        await store.write(batch(1, {**kept, **shown, **gone}))
        await store.close_off()
        await store.close_off(together[1])
        await store.close_off(Closing("empty", DAY + 3), *together)
        await store.close_off(*together)
        agree(await store.closings(), {Closing("empty", DAY + 3), *together})
        agree(await every(store), {**kept, **shown})


async def a_closed_month_loses_what_is_small_once(make: Make) -> None:
    counts = {
        cross("/a", "x"): ONE,
        cross("/a", "y"): views(50),
        cross("/b", "x"): ONE,
        cross("/a", "/b", "previous"): ONE,
    }
    small = [Cell(MONTH, "x", "/a"), Cell(MONTH, "x", "/not-there")]
    async with opened(make) as store:
        await store.write(batch(1, counts))
        await store.close_off(Closing("month", MONTH))
        agree(await every(store), counts)
        await store.close_off(Closing("month", MONTH, "source", 10), small=small)
        del counts[cross("/a", "x")]
        agree(await every(store), counts)
        # It has been done: whoever comes later has nothing to add to it.
        await store.close_off(Closing("month", MONTH, "source", 10), small=[Cell(MONTH, "x", "/b")])
        agree(await every(store), counts)


async def what_comes_too_late_is_left_out_and_told(make: Make) -> None:
    async with opened(make) as store:
        await store.close_off(Closing("quiet", DAY))
        await store.close_off(Closing("empty", DAY + 1))
        await store.close_off(Closing("month", MONTH))
        late = {day("x", "source"): ONE, day("x", "source", DAY + 1): ONE, cross("/a", "x"): ONE}
        kept = {total(): ONE, day("/a"): ONE, cross("/a", "x", at=MONTH + 1): ONE}
        agree(await store.write(batch(1, {**late, **kept})), 3)
        agree(await store.write(batch(1, {**late, **kept})), 0)
        agree(await every(store), kept)


async def pairs_that_went_leave_room_for_others(make: Make) -> None:
    first = {cross(path, "x"): ONE for path in ("/a", "/b", "/c")}
    async with opened(make) as store:
        await store.write(batch(1, first))
        small = [Cell(MONTH, "x", "/a")]
        await store.close_off(Closing("month", MONTH, "source", 10), small=small)
        await store.write(batch(2, {cross("/d", "x"): ONE, cross("/e", "x"): ONE}))
        agree(len(await pairs(store)), 3)
        await store.forget({"crossed": MONTH + 1})
        await store.write(batch(3, {**first, day("x", "source"): ONE}))
        agree(set(await pairs(store)), {("/a", "x"), ("/b", "x"), ("/c", "x")})
        agree(await sums(store, "source"), {"x": ONE})
