"""Names in PostgreSQL: each has a number, and some are blocked or struck out."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from typing import Final

from firstparty.blocks import MOST_BLOCKS
from firstparty.counts import Key
from firstparty.metrics import COUNTED
from firstparty.row import OTHER, UNLISTED
from firstparty.stores import Shape, StoreError
from firstparty.stores.postgresql_connections import SWEEPING, Db
from firstparty.stores.postgresql_schema import Numbers

MOST_IDS: Final = 2**31 - 1
"""Ids of names are drawn below this."""
MOST_BYTES: Final = 2_000
"""Of a name: a key of an index has at most about 2,700. Names of visitors are far shorter."""

Use = tuple[str, str]
"""A name, after its vocabulary."""

FORGET: Final = """
with gone as (
    delete from firstparty.names
    where not exists (select from firstparty.counts where site = names.site and value = names.id)
    and not exists (select from firstparty.counts where site = names.site and path = names.id)
    returning 1
)
select count(*) from gone
"""

_SUMS = ", ".join(f"nullif(coalesce(sum({name}), 0), 0)::bigint" for name in COUNTED)
_COLUMNS = ", ".join(COUNTED)
_ADDS = ", ".join(
    f"{name} = nullif(coalesce(counts.{name}, 0) + coalesce(excluded.{name}, 0), 0)"
    for name in COUNTED
)
MOVE: Final = f"""
with gone as (
    delete from firstparty.counts
    where site = $1 and (path = any ($2::integer[]) or value = any ($2::integer[])) returning *
), put as (
    insert into firstparty.counts as counts
        (site, origin, period, dimension, at, path, value, {_COLUMNS})
    select site, origin, period, dimension, at,
        case when path = any ($2::integer[]) then $3 else path end,
        case when value = any ($2::integer[]) then $3 else value end,
        {_SUMS}
    from gone group by 1, 2, 3, 4, 5, 6, 7 order by 1, 3, 4, 5, 6, 7, 2
    on conflict (site, period, dimension, at, path, value, origin) do update set {_ADDS}
)
select count(*) from gone
"""


def storable(name: str) -> bool:
    """Whether the server can keep a text as a name, however it came to be one."""
    try:
        return "\0" not in name and len(name.encode()) <= MOST_BYTES
    except UnicodeEncodeError:
        return False


def uses(shape: Shape, keys: Collection[Key]) -> set[Use]:
    """The names that keys are made of."""
    # A name is in several keys, of an hour, a day and a month: it is looked at once.
    values = {(key[2], key[3]) for key in keys}
    paths = {(key[2], key[4]) for key in keys}
    found = {(shape.vocabularies[dimension], name) for dimension, name in values if dimension}
    return found | {(shape.places[dimension], name) for dimension, name in paths if name}


class Names:
    """The names of a site with their numbers, as this process knows them."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self._ids = defaultdict[str, dict[str, int]](dict)  # by vocabulary
        self._changes: int | None = None
        self._told: int | None = None

    def doubt(self) -> None:
        """Learn all again before the next use: names that were added may not be there."""
        self._changes = None

    def of(self, vocabulary: str) -> Mapping[str, int]:
        """The number of each name; one that has no place counts under that of `(other)`."""
        return self._ids[vocabulary]

    def known(self, vocabulary: str, names: Iterable[str]) -> list[int]:
        """The numbers of those of these names that there are."""
        found = [self._ids[vocabulary].get(name) for name in names]
        return [number for number in found if number is not None]

    async def learn(self, db: Db) -> None:
        """Learn them, where any process has added or deleted one since we last looked."""
        changes = await db.fetchval("select number from firstparty.changes")
        if changes == self._changes:
            return
        rows = await db.fetch(
            "select dimensions.name, names.name, names.id from firstparty.names"
            " join firstparty.dimensions on dimensions.id = names.dimension where site = $1",
            self.numbers.site,
        )
        self._ids.clear()
        for vocabulary, name, number in rows:
            self._ids[vocabulary][name] = number
        self._changes = changes

    async def tell(self, db: Db, *, again: bool) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary, if one has come or gone since this was last called."""
        await self.learn(db)
        if self._told == self._changes and not again:
            return None
        self._told = self._changes
        return {vocabulary: set(names) for vocabulary, names in self._ids.items() if names}

    async def add(self, db: Db, wanted: Set[Use]) -> None:
        """Write the names that are new, as far as their caps allow. Holds the lock, has learned."""
        new = {
            (vocabulary, name) for vocabulary, name in wanted if name not in self._ids[vocabulary]
        }
        if not new:
            return
        taken = {vocabulary: len(self._ids[vocabulary]) for vocabulary, _ in new}
        used = {number for names in self._ids.values() for number in names.values()}
        added = dict[Use, int]()
        for vocabulary, name in sorted({*new, *((vocabulary, OTHER) for vocabulary, _ in new)}):
            if name in self._ids[vocabulary] or not storable(name):
                continue
            if name.startswith("(") or taken[vocabulary] < self.numbers.shape.names[vocabulary]:
                taken[vocabulary] += 1
                while (id_ := 1 + secrets.randbelow(MOST_IDS)) in used:
                    pass
                used.add(id_)
                added[vocabulary, name] = id_
        if added:
            await db.execute(
                "insert into firstparty.names (site, id, dimension, name)"
                " select $1, * from unnest($2::integer[], $3::smallint[], $4::text[])",
                self.numbers.site,
                list(added.values()),
                [self.numbers.dimensions[vocabulary] for vocabulary, _ in added],
                [name for _, name in added],
            )
            self._changes = await change(db)
            for (vocabulary, name), number in added.items():
                self._ids[vocabulary][name] = number

    async def strike(self, db: Db, vocabulary: str, names: Set[str]) -> int:
        """Move the counts of names to `(unlisted)`, and drop the names; answers how many moved."""
        await self.learn(db)
        ids = self.known(vocabulary, names)
        if not ids:
            return 0
        await self.add(db, {(vocabulary, UNLISTED)})
        unlisted = self._ids[vocabulary][UNLISTED]
        moved = int(await db.fetchval(MOVE, self.numbers.site, ids, unlisted, timeout=SWEEPING))
        await db.execute(
            "delete from firstparty.names where site = $1 and id = any ($2::integer[])",
            *(self.numbers.site, ids),
        )
        await change(db)
        return moved


async def change(db: Db) -> int:
    """Tell every process that names have come or gone.

    By a number drawn anew, not the next one: a server that took over may lack the last ones, and
    would give them out once more.
    """
    number = 1 + secrets.randbelow(2**63 - 1)
    await db.execute("update firstparty.changes set number = $1", number)
    return number


async def forget(db: Db) -> int:
    """Drop the names that no count of any site has; answers how many."""
    gone = int(await db.fetchval(FORGET, timeout=SWEEPING))
    if gone:
        await change(db)
    return gone


async def block(db: Db, numbers: Numbers, vocabulary: str, pattern: str) -> None:
    """Add a pattern, once. Raises StoreError where there are too many."""
    await db.execute(
        "insert into firstparty.blocked values ($1, $2, $3) on conflict do nothing",
        *(numbers.site, numbers.dimensions[vocabulary], pattern),
    )
    most = "select count(*) from firstparty.blocked where site = $1"
    if await db.fetchval(most, numbers.site) > MOST_BLOCKS:
        raise StoreError(f"more than {MOST_BLOCKS} patterns are blocked: allow one first")
    await change(db)


async def allow(db: Db, numbers: Numbers, vocabulary: str, pattern: str) -> None:
    """Drop a pattern."""
    await db.execute(
        "delete from firstparty.blocked where site = $1 and dimension = $2 and pattern = $3",
        *(numbers.site, numbers.dimensions[vocabulary], pattern),
    )
    await change(db)


async def blocks(db: Db, site: int) -> Mapping[str, set[str]]:
    """The patterns of a site by vocabulary."""
    rows = await db.fetch(
        "select name, pattern from firstparty.blocked"
        " join firstparty.dimensions on dimensions.id = blocked.dimension where site = $1",
        site,
    )
    found = defaultdict[str, set[str]](set)
    for vocabulary, pattern in rows:
        found[vocabulary].add(pattern)
    return found
