"""What the contract says of imports: their counts are summed with others, and go as they came."""

from __future__ import annotations

from firstparty.closing import Closing
from firstparty.contract.place import (
    DAY,
    MONTH,
    ONE,
    TWO,
    Make,
    agree,
    batch,
    day,
    every,
    names_of,
    opened,
    sums,
    total,
    views,
)
from firstparty.counts import Batch, Key
from firstparty.imports import MOST_IMPORTS, Import
from firstparty.stores import Store, StoreError

PAST = DAY - 1
BROUGHT = Import("old tool", "0123456789abcdef", "plausible", DAY, PAST, PAST)
OTHER = Import("another", "fedcba9876543210", "plausible", DAY, PAST, PAST)


def _month(value: str) -> Key:
    return Key("month", MONTH, "path", value, "")


def _of(brought: Import, seq: int = 1, path: str = "/past") -> Batch:
    counts = {total(PAST): ONE, day(path, at=PAST): ONE, _month(path): ONE, _month("/both"): TWO}
    return Batch(brought.writer, seq, counts, brought.writer)


async def _raises(store: Store, brought: Import) -> None:
    try:
        await store.begin(brought)
    except StoreError:
        return
    raise AssertionError(f"{brought.name} began, and was not to")


async def _brought(store: Store, brought: Import = BROUGHT) -> None:
    await store.begin(brought)
    await store.write(_of(brought))
    await store.finish(brought)


def _done(brought: Import) -> Import:
    return Import(
        brought.name, brought.writer, brought.kind, brought.made, brought.first, brought.last, True
    )


async def counts_of_an_import_are_summed_with_others_and_told_apart(make: Make) -> None:
    async with opened(make) as store:
        here = {total(): ONE, _month("/both"): ONE, day("/here"): ONE}
        await store.write(batch(1, here))
        await _brought(store)
        agree(await store.imports(), [_done(BROUGHT)])
        for _ in range(2):
            await store.write(_of(BROUGHT))  # once, however often it is tried
        found = await sums(store, at=(MONTH,), period="month")
        agree(found, {"/past": ONE, "/both": tuple(a + b for a, b in zip(ONE, TWO, strict=True))})
        agree(await every(store), here)
        agree({key: c async for key, c in store.counts(BROUGHT.writer)}, dict(_of(BROUGHT).counts))
        agree((await store.days(), await store.days(BROUGHT.writer)), ({DAY}, {PAST}))
        agree(await store.first_day(), PAST)


async def an_import_that_is_undone_leaves_what_was_there_before(make: Make) -> None:
    async with opened(make) as store:
        here = {total(): ONE, _month("/both"): ONE, day("/here"): ONE}
        await store.write(batch(1, here))
        before = dict(await store.writers())
        await _brought(store)
        await store.close_off(Closing("quiet", PAST))
        await store.close_off(Closing("quiet", DAY))
        agree(await store.undo(BROUGHT.name), 4)
        agree((await store.undo(BROUGHT.name), await store.imports()), (0, []))
        agree((await every(store), await store.writers()), (here, before))
        agree(await names_of(store), {"/both", "/here"})
        agree(await store.closings(), frozenset({Closing("quiet", DAY)}))
        try:
            await store.write(_of(BROUGHT, 2))
        except StoreError:
            pass
        else:
            raise AssertionError("a batch of an import that was undone was written")
        await _brought(store)
        agree(await sums(store, at=(PAST,)), {"/past": ONE})


async def imports_begin_one_after_the_other_each_under_its_own_name(make: Make) -> None:
    async with opened(make) as store:
        await store.begin(BROUGHT)
        await store.begin(BROUGHT)
        await _raises(store, OTHER)
        await store.finish(BROUGHT)
        await store.begin(BROUGHT)
        await _raises(store, Import("old tool", "x", "plausible", DAY))
        await _brought(store, OTHER)
        agree(await store.imports(), [_done(BROUGHT), _done(OTHER)])
        for number in range(MOST_IMPORTS - 2):
            each = Import(f"{number}", f"{number}", "plausible", DAY, PAST, PAST)
            await store.begin(each)
            await store.finish(each)
        await _raises(store, Import("one more", "y", "plausible", DAY))


async def counts_of_an_import_are_struck_closed_and_forgotten_as_others(make: Make) -> None:
    async with opened(make) as store:
        await store.write(batch(1, {total(PAST): ONE, day("/past", at=PAST): ONE}))
        await _brought(store)
        agree(await store.strike("path", {"/past"}), 3)
        agree(await sums(store, at=(PAST,)), {"(unlisted)": views(2)})
        agree(await store.undo(BROUGHT.name), 4)
        agree(await sums(store, at=(PAST,)), {"(unlisted)": ONE})
        await store.begin(OTHER)
        await store.close_off(Closing("quiet", PAST))
        quiet = {total(PAST): ONE, day("x", "source", PAST): ONE}
        agree(await store.write(Batch(OTHER.writer, 1, quiet, OTHER.writer)), 1)
        await store.finish(OTHER)
        agree(await store.imports(), [_done(OTHER)])
        await store.forget({"day": DAY, "month": MONTH + 1})
        agree((await store.imports(), await every(store)), ([], {}))


async def a_day_that_was_empty_here_may_have_been_counted_elsewhere(make: Make) -> None:
    async with opened(make) as store:
        await store.close_off(Closing("empty", PAST))
        late = {total(PAST): ONE, day("x", "source", PAST): ONE}
        agree(await store.write(batch(1, late)), 1)
        await store.begin(BROUGHT)
        agree(await store.write(Batch(BROUGHT.writer, 1, late, BROUGHT.writer)), 0)
        agree(await sums(store, "source", (PAST,)), {"x": ONE})
