"""What the contract says of time: what is old goes, and marks say what happened when."""

from __future__ import annotations

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
    mark,
    names_of,
    opened,
)
from firstparty.counts import Key
from firstparty.marks import MOST_MARKS


async def what_is_old_is_forgotten_and_the_names_that_nothing_has(make: Make) -> None:
    old = {
        day("/old", at=20240101): ONE,
        Key("month", 202401, "path", "/old", ""): ONE,
        cross("/old", "gone", at=202401): ONE,
        Key("hour", 100, "path", "/old", ""): ONE,
        Key("minute", 100, "", "", ""): ONE,
    }
    new = {
        day("/new"): ONE,
        cross("/new", "kept"): ONE,
        Key("hour", 101, "path", "/new", ""): ONE,
        Key("minute", 101, "", "", ""): ONE,
        day("/new", at=20240102): ONE,
        Key("month", 202402, "path", "/new", ""): ONE,
    }
    before = {"minute": 101, "hour": 101, "day": 20240102, "month": 202402, "crossed": 202402}
    async with opened(make) as store:
        await store.write(batch(1, {**old, **new}))
        agree(await names_of(store), {"/old", "/new"})
        for _ in range(2):
            await store.forget(before)  # type: ignore[arg-type]
            agree(await every(store), new)
            agree((await names_of(store), await names_of(store, "source")), ({"/new"}, {"kept"}))


async def a_mark_is_kept_once_where_it_was_first_and_marks_are_told_in_time(make: Make) -> None:
    async with opened(make) as store:
        agree(await store.marks(), [])
        for each in (mark("1.5", 102), mark("1.4", 101), mark("1.5", 103), mark("1.4", 101)):
            await store.mark(each)
        agree(await store.marks(), [mark("1.4", 101), mark("1.5", 102)])


async def marks_are_forgotten_with_the_days_they_are_on_and_with_nothing_else(make: Make) -> None:
    async with opened(make) as store:
        for each in (mark("old", 1, 20240101), mark("kept", 2, 20240102), mark("new", 3)):
            await store.mark(each)
        await store.forget({"minute": 10**9, "hour": 10**9, "month": MONTH, "crossed": MONTH})
        agree([each.text for each in await store.marks()], ["old", "kept", "new"])
        await store.forget({"day": 20240102})
        agree([each.text for each in await store.marks()], ["kept", "new"])


async def of_too_many_marks_the_oldest_leave_first(make: Make) -> None:
    async with opened(make) as store:
        for hour in (MOST_MARKS, *range(MOST_MARKS), MOST_MARKS + 1):
            await store.mark(mark(str(hour), hour, DAY))
        texts = [each.text for each in await store.marks()]
        agree(texts, [str(hour) for hour in range(2, MOST_MARKS + 2)])
