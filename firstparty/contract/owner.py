"""What the contract says of the owner: notes on days, and links to the stats page for others."""

from __future__ import annotations

from firstparty.contract.place import DAY, Make, agree, mark, opened
from firstparty.links import MOST_LINKS, Link
from firstparty.marks import Mark


def note(text: str, day: int = DAY) -> Mark:
    """A note on a day."""
    return Mark("note", text, 60 * day, day)


def link(name: str) -> Link:
    """A link for somebody."""
    return Link(f"token-{name}", name, DAY)


async def a_note_is_kept_once_a_day_and_goes_alone(make: Make) -> None:
    """Which marks are the same, `Mark.same` says."""
    old, new, release = note("sale", 20240101), note("sale"), mark("sale")
    async with opened(make) as store:
        for each in (old, old, new, release):
            await store.mark(each)
        agree(set(await store.marks()), {old, new, release})
        await store.unmark(old)
        await store.unmark(note("no such note"))
        agree(set(await store.marks()), {new, release})


async def links_are_told_in_the_order_they_were_made_until_they_are_revoked(make: Make) -> None:
    """A link that is made again, as by a retry, is one."""
    async with opened(make) as store:
        agree(await store.links(), [])
        for each in ("b", "a", "c", "b"):
            await store.link(link(each))
        await store.unlink("token-a")
        await store.unlink("no such token")
        agree(await store.links(), [link("b"), link("c")])


async def of_too_many_links_the_oldest_leave_first(make: Make) -> None:
    """There are at most MOST_LINKS."""
    async with opened(make) as store:
        for number in range(MOST_LINKS + 2):
            await store.link(link(str(number)))
        names = [each.name for each in await store.links()]
        agree(names, [str(number) for number in range(2, MOST_LINKS + 2)])
