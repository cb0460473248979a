"""What the contract says of names: how many there are, who is told, and how one is taken out."""

from __future__ import annotations

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
    names_of,
    opened,
    pairs,
    sums,
    total,
    views,
)
from firstparty.counts import Key
from firstparty.metrics import Vector, add, vector


async def past_the_cap_of_names_values_count_as_other_and_nothing_is_lost(make: Make) -> None:
    async with opened(make) as store:
        await store.write(batch(1, {day(f"s{n}", "source"): ONE for n in range(10)}))
        await store.write(batch(2, {day("late", "source"): ONE, day("(unlisted)", "source"): ONE}))
        found = await sums(store, "source")
    named = {name for name in found if not name.startswith("(")}
    agree(named < {f"s{n}" for n in range(10)}, True)
    agree(len(named) in {3, 4}, True)  # whether or not (other) takes a place
    agree(
        found, {**dict.fromkeys(named, ONE), "(unlisted)": ONE, "(other)": views(11 - len(named))}
    )


async def past_the_cap_of_pairs_new_ones_are_not_kept_and_old_ones_go_on(make: Make) -> None:
    async with opened(make) as store:
        await store.write(batch(1, {cross("/a", "x"): ONE, cross("/b", "x"): ONE}))
        counts = {cross(path, "x"): ONE for path in ("/a", "/c", "/d", "/e")}
        await store.write(batch(2, {**counts, day("/e"): ONE}))
        await store.write(batch(3, {cross("/a", "x", at=MONTH + 1): ONE}))
        here = await pairs(store)
        agree((here["/a", "x"], here["/b", "x"], len(here)), (views(2), ONE, 3))
        agree(await pairs(store, at=(MONTH + 1,)), {("/a", "x"): ONE})
        agree(await sums(store), {"/e": ONE})


async def names_are_told_when_they_change_and_again_when_asked(make: Make) -> None:
    async with opened(make) as store:
        await store.names(again=True)
        await store.write(batch(1, {day("/a"): ONE, day("x", "source"): ONE}))
        first, second, third = (
            await store.names(),
            await store.names(),
            await store.names(again=True),
        )
        agree((await names_of(store), await names_of(store, "source")), ({"/a"}, {"x"}))
        agree((first == third, first is None, second), (True, False, None))


async def a_text_of_any_script_and_signs_is_a_name(make: Make) -> None:
    texts = {"/ünïcode", "/日本", "/%27;drop--", "/'\"\\$1?", "/" + "\U0001f600" * 199, "/A", "/a"}
    async with opened(make) as store:
        await store.write(batch(1, dict.fromkeys(map(day, texts), ONE)))
        agree(await sums(store), dict.fromkeys(texts, ONE))
        agree(await names_of(store), texts)


def _secret(name: str) -> dict[Key, Vector]:
    """Counts of a name wherever a name of its vocabulary can be, and of others."""
    return {
        total(): vector(pageviews=6),
        Key("hour", 60, "path", name, ""): ONE,
        day(name): TWO,
        day("/"): ONE,
        day("(unlisted)"): ONE,
        day(name, "source"): ONE,
        Key("month", MONTH, "path", name, ""): TWO,
        cross(name, "x"): ONE,
        cross("(unlisted)", "x"): TWO,
        cross("/", name, "previous"): ONE,
        cross(name, "/", "previous"): ONE,
        cross(name, name, "previous"): ONE,
    }


async def a_struck_name_is_nowhere_and_every_sum_is_as_it_was(make: Make) -> None:
    name = "/secret-plans"
    expected = dict[Key, Vector]()
    for key, counts in _secret(name).items():
        of_pages = key.dimension != "source" and key.value == name
        new = key._replace(
            value="(unlisted)" if of_pages else key.value,
            path="(unlisted)" if key.path == name else key.path,
        )
        expected[new] = add(expected[new], counts) if new in expected else counts
    async with opened(make) as store:
        await store.write(batch(1, _secret(name)))
        agree(await store.strike("path", {name, "/not-there"}), 7)
        agree(await every(store), expected)
        agree(await names_of(store), {"/", "(unlisted)"})
        agree(await names_of(store, "source"), {name, "x"})
        agree(await store.strike("path", {name}), 0)
        await store.write(batch(2, {day(name): ONE}))
        agree((await sums(store))[name], ONE)


async def struck_names_that_become_one_count_are_summed(make: Make) -> None:
    counts = {**{day(f"/{n}"): ONE for n in range(3)}, **{cross(f"/{n}", "x"): ONE for n in (0, 1)}}
    async with opened(make) as store:
        await store.write(batch(1, counts))
        agree(await store.strike("path", {"/0", "/1"}), 4)
        agree(await sums(store), {"/2": ONE, "(unlisted)": views(2)})
        agree(await pairs(store), {("(unlisted)", "x"): views(2)})
        # Where two pairs have become one, there is room for another.
        await store.write(batch(2, {cross("/2", "x"): ONE, cross("/2", "y"): ONE}))
        agree(len(await pairs(store)), 3)


async def a_pattern_is_kept_once_until_it_is_allowed(make: Make) -> None:
    async with opened(make) as store:
        await store.write(batch(1, {day("/a", at=DAY): ONE}))
        await store.names(again=True)
        for _ in range(2):
            await store.block("path", "/reset/*")
        agree(dict(await store.blocks()), {"path": {"/reset/*"}})
        agree(await store.names() is None, False)
        agree(await store.names(), None)
        await store.allow("path", "/reset/*")
        agree(dict(await store.blocks()), {})
        agree(await store.names() is None, False)
