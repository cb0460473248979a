"""What the contract says of several processes that share a store, one after another or at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from firstparty.closing import Closing
from firstparty.contract.place import (
    DAY,
    MONTH,
    ONE,
    SHAPE,
    TWO,
    Make,
    agree,
    batch,
    cross,
    day,
    every,
    mark,
    names_of,
    opened,
    sums,
    total,
    views,
)
from firstparty.counts import Cell, Selection
from firstparty.stores import Store

PARIS = replace(SHAPE, timezone="Europe/Paris")


async def what_was_written_is_there_when_it_is_opened_again(make: Make) -> None:
    counts = {total(): TWO, day("/a"): TWO, cross("/a", "x"): ONE}
    async with opened(make) as store:
        await store.write(batch(1, counts))
        await store.mark(mark("1.4"))
        await store.block("path", "/reset/*")
        await store.close_off(Closing("day", DAY))
    async with opened(make) as store:
        agree(await every(store), counts)
        agree((await store.names() or {})["path"] - {"(other)"}, {"/a"})
        agree(dict(await store.writers()), {"w": 1})
        agree(await store.marks(), [mark("1.4")])
        agree(dict(await store.blocks()), {"path": {"/reset/*"}})
        agree(await store.closings(), {Closing("day", DAY)})


def _pages(told: Mapping[str, set[str]] | None) -> set[str] | None:
    return None if told is None else told["path"] - {"(other)"}


async def two_processes_learn_each_others_names(make: Make) -> None:
    async with opened(make) as first, opened(make) as second:
        await first.names(again=True)
        await second.names(again=True)
        await first.write(batch(1, {day("/a"): ONE, day("/b"): ONE}, "first"))
        agree(_pages(await second.names()), {"/a", "/b"})
        await second.write(batch(1, {day("/b"): ONE, day("/c"): ONE}, "second"))
        await first.write(batch(2, {day("/c"): ONE}, "first"))
        for store in (first, second):
            agree(await sums(store), {"/a": ONE, "/b": views(2), "/c": views(2)})


async def a_name_that_another_process_forgot_can_come_back(make: Make) -> None:
    async with opened(make) as first, opened(make) as second:
        await first.write(batch(1, {day("/a", at=20240101): ONE}, "first"))
        await second.names(again=True)
        await first.forget({"day": 20240102})
        await second.write(batch(1, {day("/b"): ONE, day("/a"): ONE}, "second"))
        for store in (first, second):
            agree(await sums(store), {"/a": ONE, "/b": ONE})


async def a_batch_that_another_process_tries_again_adds_nothing(make: Make) -> None:
    async with opened(make) as first, opened(make) as second:
        await first.write(batch(1, {day("/a"): ONE}))
        await second.write(batch(1, {day("/a"): ONE}))
        await second.write(batch(2, {day("/a"): ONE}))
        await first.write(batch(2, {day("/a"): ONE}))
        agree(await sums(first), {"/a": views(2)})


async def what_another_process_closed_takes_no_late_counts(make: Make) -> None:
    async with opened(make) as first, opened(make) as second:
        await second.write(batch(1, {cross("/a", "x"): ONE}, "second"))
        await first.close_off(Closing("month", MONTH))
        agree(await second.write(batch(2, {cross("/a", "x"): ONE}, "second")), 1)
        await second.close_off(Closing("month", MONTH))
        agree(await every(first), {cross("/a", "x"): ONE})


async def a_closed_month_loses_what_nobody_counts_any_more(make: Make) -> None:
    old = {cross("/a", "x"): ONE, cross("/a", "/b", "previous"): ONE}
    new = {cross("/a", "/b", "previous", MONTH + 1): ONE}
    async with opened(make) as store:
        await store.write(batch(1, {**old, **new}))
        await store.close_off(Closing("month", MONTH - 1))
        agree(await every(store), {**old, **new})
    # A program that crosses nothing closes the month; another one counts `previous` yet.
    async with opened(make, replace(SHAPE, places={})) as store:
        await store.close_off(Closing("month", MONTH))
    async with opened(make) as store:
        del old[cross("/a", "x")]
        agree(await every(store), {**old, **new})


async def what_another_process_struck_or_blocked_is_told(make: Make) -> None:
    async with opened(make) as first, opened(make) as second:
        await second.write(batch(1, {day("/a"): ONE, day("/b"): ONE}))
        await second.names(again=True)
        await first.strike("path", {"/a"})
        agree(_pages(await second.names()), {"/b", "(unlisted)"})
        await first.block("path", "/a*")
        agree(_pages(await second.names()), {"/b", "(unlisted)"})
        agree(dict(await second.blocks()), {"path": {"/a*"}})
        await second.write(batch(2, {day("/a"): ONE}))  # frozen before: it may bring it back
        agree(await sums(first), {"/a": ONE, "/b": ONE, "(unlisted)": ONE})


async def processes_that_begin_at_once_make_one_store(make: Make) -> None:
    async def begin(number: int) -> None:
        async with opened(make) as store:
            await store.mark(mark("1.4"))
            await store.write(batch(1, {day("/a"): ONE}, f"w{number}"))

    await asyncio.gather(*(begin(number) for number in range(4)))
    async with opened(make) as store:
        agree((await store.marks(), await sums(store)), ([mark("1.4")], {"/a": views(4)}))


async def what_several_processes_write_at_once_is_all_there(make: Make) -> None:
    """Each sends its batches in its own order, and each batch twice, as after a lost answer."""

    async def send(store: Store, writer: int) -> None:
        for seq in range(1, 6):
            pages = [f"/{(writer + seq * step) % 15}" for step in range(15)]
            counts = {day(page): ONE for page in pages} | {total(): views(len(set(pages)))}
            counts |= {cross(page, f"/{writer}", "previous"): ONE for page in pages}
            for _ in range(2):
                await store.write(batch(seq, counts, f"w{writer}"))

    async with opened(make) as a, opened(make) as b, opened(make) as c, opened(make) as d:
        await asyncio.gather(*(send(store, n) for n, store in enumerate((a, b, c, d))))
        days = await sums(a)
        of_site = await a.select(Selection("day", (DAY,), ""))
        agree(of_site, {Cell(0, "", ""): views(sum(each[0] for each in days.values()))})
        expected = [
            len({(w + s * t) % 15 for t in range(15)}) for w in range(4) for s in range(1, 6)
        ]
        agree(sum(each[0] for each in days.values()), sum(expected))
        agree(await every(a), await every(d))
        agree(await names_of(a), {f"/{n}" for n in range(15)})


async def another_time_zone_is_a_new_start_and_the_old_one_is_kept(make: Make) -> None:
    for number, (shape, expected) in enumerate(((SHAPE, 1), (PARIS, 1), (SHAPE, 2))):
        async with opened(make, shape) as store:
            await store.write(batch(1, {day("/a"): ONE}, f"w{number}"))
            agree(await sums(store), {"/a": views(expected)})
            agree(await store.oldest(), DAY)


async def marks_are_those_of_the_site(make: Make) -> None:
    async with opened(make) as store:
        await store.mark(mark("1.4", 1, 20240101))
        await store.mark(mark("1.5"))
    async with opened(make, PARIS) as store:
        await store.mark(mark("1.5", 7))
        await store.forget({"day": 20240102})
        agree(await store.marks(), [mark("1.5", 7)])
    async with opened(make) as store:
        agree(await store.marks(), [mark("1.5")])


async def what_is_old_goes_in_every_site(make: Make) -> None:
    async with opened(make) as store:
        await store.write(batch(1, {day("/a", at=20240101): ONE}))
        await store.close_off(Closing("day", 20240101))
    async with opened(make, PARIS) as store:
        await store.forget({"day": 20240102, "month": 202402, "crossed": 202402})
    async with opened(make) as store:
        agree((await every(store), await names_of(store)), ({}, set[str]()))
        agree(await store.closings(), frozenset())
        agree(dict(await store.writers()), {})
