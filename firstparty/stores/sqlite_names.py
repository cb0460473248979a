"""The names of the SQLite store, and the numbers under which counts have them."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import aiosqlite

from firstparty.counts import Key
from firstparty.dimensions import SITE
from firstparty.metrics import COUNTED
from firstparty.row import OTHER, UNLISTED
from firstparty.stores import Shape, sqlite_rows
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one

_OF = """
slot in (select id from slots where site = :site) and (
    path in (select value from json_each(:ids)) or value in (select value from json_each(:ids))
)
"""
STRUCK: Final = " union all ".join(
    f"""
select slot,
    case when path in (select value from json_each(:ids)) then :unlisted else path end,
    case when value in (select value from json_each(:ids)) then :unlisted else value end,
    {", ".join(name if name in metrics else "0" for name in COUNTED)}
from {table} where {_OF}
"""
    for table, metrics in schema.TABLES.items()
)


class Names:
    """What this process knows of the names of a site: learned anew when any process changes them.

    `site` is the number of the site, `dimensions` are those of the dimensions.
    """

    def __init__(self, shape: Shape, site: int, dimensions: Mapping[str, int]) -> None:
        self.shape = shape
        self.site = site
        self.dimensions = {**dimensions, SITE: 0}
        self.dimension_names: Mapping[int, str] = {0: SITE}
        """By their numbers. Another program, whose table has more, may add to them."""
        self._ids: dict[tuple[str, str], int] = {}
        self.texts: dict[int, str] = {0: ""}
        """The names by their numbers; 0 stands for none."""
        self._changes = -1
        self._told = -1

    async def learn(self, db: aiosqlite.Connection) -> None:
        """The numbers of names, where any process has added or deleted one since we last looked."""
        changes = await one(db, "select number from changes")
        if changes == self._changes:
            return
        async with db.execute(
            "select dimension, name, id from names where site = ?", (self.site,)
        ) as cursor:
            rows = await cursor.fetchall()
        async with db.execute("select id, name from dimensions") as cursor:
            self.dimension_names = {0: SITE, **{row[0]: row[1] async for row in cursor}}
        self._ids = {(self.dimension_names[row[0]], row[1]): row[2] for row in rows}
        self.texts = {0: "", **{row[2]: row[1] for row in rows}}
        self._changes = changes

    def doubt(self) -> None:
        """A transaction may have been undone: all is learned anew, whatever the file's number."""
        self._changes = -1

    def tell(self, again: bool) -> Mapping[str, set[str]] | None:
        """Every name by vocabulary; None where nothing has changed since, unless asked `again`."""
        if self._told == self._changes and not again:
            return None
        self._told = self._changes
        names = defaultdict[str, set[str]](set)
        for vocabulary, name in self._ids:
            names[vocabulary].add(name)
        return names

    def find(self, vocabulary: str, name: str) -> int:
        """The number of a name; -1, which no count has, where there is none."""
        return self._ids.get((vocabulary, name), -1)

    def id(self, vocabulary: str, name: str) -> int:
        """The number under which a name is counted, which past the cap is that of `(other)`."""
        return self._ids.get((vocabulary, name)) or self._ids[vocabulary, OTHER]

    def _uses(self, key: Key) -> list[tuple[str, str]]:
        """The names that a key is made of, each with its vocabulary."""
        uses = [(self.shape.vocabularies[key.dimension], key.value)] if key.dimension else []
        return [*uses, (self.shape.places[key.dimension], key.path)] if key.path else uses

    async def add(self, db: aiosqlite.Connection, keys: Iterable[Key]) -> None:
        """Write the names of these counts that are new, as far as their caps allow."""
        new = {use for key in keys for use in self._uses(key) if use not in self._ids}
        if not new:
            return
        taken = defaultdict[str, int](int)
        for vocabulary, _ in self._ids:
            taken[vocabulary] += 1
        added = dict[tuple[str, str], int]()
        used = set(self._ids.values())
        for vocabulary, name in sorted({*new, *((vocabulary, OTHER) for vocabulary, _ in new)}):
            if (vocabulary, name) not in self._ids and (
                name.startswith("(") or taken[vocabulary] < self.shape.names[vocabulary]
            ):
                taken[vocabulary] += 1
                while (id_ := 1 + secrets.randbelow(schema.MOST_IDS)) in used:
                    pass
                used.add(id_)
                added[vocabulary, name] = id_
        await db.executemany(
            "insert into names (site, dimension, name, id) values (?, ?, ?, ?)",
            [
                (self.site, self.dimensions[vocabulary], name, id_)
                for (vocabulary, name), id_ in added.items()
            ],
        )
        await db.execute("update changes set number = number + 1")
        # Should the transaction fail, the number is not the file's, and all is learned again.
        self._changes += 1
        self._ids |= added
        self.texts |= {id_: name for (_, name), id_ in added.items()}

    async def strike(self, db: aiosqlite.Connection, vocabulary: str, names: set[str]) -> int:
        """Move counts of names to that of `(unlisted)`, and drop the names; answers how many."""
        await self.learn(db)
        struck = [
            id_ for (of, name), id_ in self._ids.items() if of == vocabulary and name in names
        ]
        if not struck:
            return 0
        await self.add(db, [Key("day", 0, vocabulary, UNLISTED, "")])
        ids = json.dumps(struck)
        values: dict[str, Any] = {
            "site": self.site,
            "ids": ids,
            "unlisted": self._ids[vocabulary, UNLISTED],
        }
        moved = list(await db.execute_fetchall(STRUCK, values))
        for table in schema.TABLES:
            await db.execute(f"delete from {table} where {_OF}", values)
        await sqlite_rows.add(db, [tuple(row) for row in moved])
        await db.execute(
            "delete from names where site = ? and id in (select value from json_each(?))",
            (self.site, ids),
        )
        await db.execute("update changes set number = number + 1")
        return len(moved)
