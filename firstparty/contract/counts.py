"""What the contract says of counts: added once, and summed as is asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from firstparty.contract.place import (
    DAY,
    MONTH,
    ONE,
    TWO,
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
from firstparty.counts import Cell, Key, Selection
from firstparty.metrics import COUNTED, vector


async def a_batch_is_added_to_what_is_there(make: Make) -> None:
    async with opened(make) as store:
        await store.write(batch(1, {day("/a"): ONE, day("/b"): TWO}))
        await store.write(batch(2, {day("/a"): TWO}))
        await store.write(batch(1, {day("/a"): ONE}, writer="another"))
        agree(await sums(store), {"/a": vector(pageviews=4, visits=1), "/b": TWO})


async def a_batch_is_written_once_however_often_it_is_tried(make: Make) -> None:
    async with opened(make) as store:
        for seq in (1, 1, 2, 2, 1):
            agree(await store.write(batch(seq, {day("/a"): ONE})), 0)
        agree(await sums(store), {"/a": views(2)})


async def a_selection_sums_over_what_it_does_not_tell_apart(make: Make) -> None:
    other = DAY + 1
    both = (DAY, other)
    counts = {
        day("/a"): ONE,
        day("/a", at=other): ONE,
        day("/b"): ONE,
        total(): TWO,
        Key("month", MONTH, "path", "/a", ""): TWO,
    }
    some, none = frozenset({"/a", "/no"}), frozenset({"/no"})
    async with opened(make) as store:
        await store.write(batch(1, counts))
        for selection, expected in (
            (Selection("day", both, "path"), {Cell(0, "", ""): views(3)}),
            (
                Selection("day", both, "path", by_at=True),
                {Cell(DAY, "", ""): views(2), Cell(other, "", ""): ONE},
            ),
            (
                Selection("day", (DAY,), "path", by_value=True),
                {Cell(0, "/a", ""): ONE, Cell(0, "/b", ""): ONE},
            ),
            (Selection("day", both, "path", some), {Cell(0, "", ""): views(2)}),
            (Selection("day", (DAY,), "path", none, by_value=True), {}),
            (Selection("day", (DAY,), "path", none), {}),
            (Selection("day", (DAY,), "path", frozenset()), {}),
            (Selection("day", (DAY,), ""), {Cell(0, "", ""): TWO}),
            (Selection("hour", (DAY,), "path"), {}),
            (Selection("day", (), "path"), {}),
        ):
            agree(await store.select(selection), expected)


async def crossed_counts_are_selected_by_page_and_by_value(make: Make) -> None:
    x, y, b = ("/a", "x"), ("/a", "y"), ("/b", "x")
    by_page = Selection("crossed", (MONTH,), "source", paths=frozenset({"/a"}), by_value=True)
    by_value = Selection("crossed", (MONTH,), "source", frozenset({"x"}), by_path=True)
    async with opened(make) as store:
        await store.write(batch(1, {cross(*x): ONE, cross(*y): TWO, cross(*b): ONE}))
        agree(await pairs(store), {x: ONE, y: TWO, b: ONE})
        agree(await store.select(by_page), {Cell(0, "x", ""): ONE, Cell(0, "y", ""): TWO})
        agree(await store.select(by_value), {Cell(0, "", "/a"): ONE, Cell(0, "", "/b"): ONE})


async def a_selection_gives_at_least_the_metrics_and_the_cells_that_it_asks_for(
    make: Make,
) -> None:
    some, many = vector(pageviews=9, visits=2, misses=5), vector(pageviews=10, visits=3, misses=7)
    asked = Selection(
        "crossed",
        (MONTH,),
        "source",
        by_at=True,
        by_value=True,
        by_path=True,
        metrics=frozenset({"visits"}),
        least=("pageviews", 10),
    )
    async with opened(make) as store:
        await store.write(
            batch(1, {cross("/a", "x"): some, cross("/a", "y"): many, cross("/b", "x"): many})
        )
        visits = COUNTED.index("visits")
        found = {cell: sums[visits] for cell, sums in (await store.select(asked)).items()}
        agree(found.pop(Cell(MONTH, "x", "/a"), 2), 2)  # it need not be told
        agree(found, {Cell(MONTH, "y", "/a"): 3, Cell(MONTH, "x", "/b"): 3})
        # Of several cells together it is the sum that counts.
        by_page = await store.select(replace(asked, by_value=False, least=("pageviews", 19)))
        agree(by_page[Cell(MONTH, "", "/a")][visits], 5)


async def every_metric_is_kept_also_where_it_is_large(make: Make) -> None:
    small = vector(**{name: number + 1 for number, name in enumerate(COUNTED)})
    large = vector(**{name: 2**40 + number for number, name in enumerate(COUNTED)})
    async with opened(make) as store:
        await store.write(batch(1, {day("/a"): small, day("/b"): large}))
        await store.write(batch(2, {day("/b"): large}))
        agree(await sums(store), {"/a": small, "/b": tuple(2 * number for number in large)})


async def every_count_is_told_once(make: Make) -> None:
    counts = {
        Key("minute", 29923920, "", "", ""): ONE,
        Key("hour", 29923920, "path", "/a", ""): ONE,
        total(): vector(pageviews=3, visits=1),
        day("/a"): ONE,
        day("x", "source"): TWO,
        Key("month", MONTH, "path", "/a", ""): ONE,
        cross("/a", "x"): TWO,
        cross("/a", "/b", "previous"): ONE,
    }
    async with opened(make) as store:
        agree(await every(store), {})
        agree(dict(await store.rows()), {})
        await store.write(batch(1, counts))
        agree(await every(store), counts)
        rows = Counter((key.dimension, key.period) for key in counts)
        agree(dict(await store.rows()), dict(rows))


async def the_last_batch_of_each_writer_is_told(make: Make) -> None:
    async with opened(make) as store:
        agree(dict(await store.writers()), {})
        for writer, seq in (("w", 1), ("v", 1), ("w", 2), ("w", 1)):
            await store.write(batch(seq, {day("/a"): ONE}, writer))
        agree(dict(await store.writers()), {"w": 2, "v": 1})


async def the_first_day_has_a_view_and_the_oldest_any_count(make: Make) -> None:
    async with opened(make) as store:
        agree((await store.first_day(), await store.oldest()), (None, None))
        counts = {total(at): ONE for at in (DAY, DAY - 3, DAY + 1)}
        event = vector(events=1)
        await store.write(batch(1, {**counts, total(DAY - 4): event, day("/", at=DAY - 5): event}))
        agree((await store.first_day(), await store.oldest()), (DAY - 3, DAY - 5))
