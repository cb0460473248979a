"""The names of the SQLite store, and the numbers under which counts have them."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import Any, Final

from firstparty.dimensions import SITE
from firstparty.metrics import COUNTED
from firstparty.row import OTHER, UNLISTED
from firstparty.stores import Shape, sqlite_rows
from firstparty.stores import sqlite_schema as schema
from firstparty.stores.sqlite_file import one
from firstparty.stores.sqlite_sums import Sums

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
        self._ids: Mapping[str, dict[str, int]] = defaultdict(dict)
        self.texts: dict[int, str] = {0: ""}
        """The names by their numbers; 0 stands for none."""
        self.sums = Sums()
        self._changes = -1
        self._told = -1

    def learn(self, db: sqlite3.Connection) -> None:
        """The numbers of names, where any process has added or deleted one since we last looked."""
        changes = one(db, "select number from changes")
        if changes == self._changes:
            return
        cursor = db.execute("select dimension, name, id from names where site = ?", (self.site,))
        rows = cursor.fetchall()
        cursor = db.execute("select id, name from dimensions")
        self.dimension_names = {0: SITE, **{row[0]: row[1] for row in cursor}}
        self._ids = defaultdict(dict)
        for dimension, name, id_ in rows:
            self._ids[self.dimension_names[dimension]][name] = id_
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
        return defaultdict(set, {vocabulary: set(ids) for vocabulary, ids in self._ids.items()})

    def find(self, vocabulary: str, name: str) -> int:
        """The number of a name; -1, which no count has, where there is none."""
        return self._ids[vocabulary].get(name, -1)

    def ids(self, vocabulary: str, names: Iterable[str]) -> list[int]:
        """The numbers under which these are counted, which past the cap are that of `(other)`."""
        ids = self._ids[vocabulary]
        return [(ids.get(name) or ids[OTHER]) if name else 0 for name in names]

    def add(self, db: sqlite3.Connection, names: Mapping[str, Set[str]]) -> None:
        """Write the names that are new, by vocabulary, as far as their caps allow."""
        added = list[tuple[str, str, int]]()
        used = set[int]()
        for vocabulary, wanted in sorted(names.items()):
            ids = self._ids[vocabulary]
            new = wanted - ids.keys() - {""}
            if not new:
                continue
            used = used or set(self.texts)
            taken = len(ids)
            for name in sorted({*new, OTHER} - ids.keys()):
                if name.startswith("(") or taken < self.shape.names[vocabulary]:
                    taken += 1
                    while (id_ := 1 + secrets.randbelow(schema.MOST_IDS)) in used:
                        pass
                    used.add(id_)
                    added.append((vocabulary, name, id_))
        if not added:
            return
        db.executemany(
            "insert into names (site, dimension, name, id) values (?, ?, ?, ?)",
            [
                (self.site, self.dimensions[vocabulary], name, id_)
                for vocabulary, name, id_ in added
            ],
        )
        db.execute("update changes set number = number + 1")
        # Should the transaction fail, the number is not the file's, and all is learned again.
        self._changes += 1
        for vocabulary, name, id_ in added:
            self._ids[vocabulary][name] = id_
            self.texts[id_] = name

    def strike(self, db: sqlite3.Connection, vocabulary: str, names: set[str]) -> int:
        """Move counts of names to that of `(unlisted)`, and drop the names; answers how many."""
        self.learn(db)
        struck = [id_ for name, id_ in self._ids[vocabulary].items() if name in names]
        if not struck:
            return 0
        self.add(db, {vocabulary: {UNLISTED}})
        ids = json.dumps(struck)
        values: dict[str, Any] = {
            "site": self.site,
            "ids": ids,
            "unlisted": self._ids[vocabulary][UNLISTED],
        }
        moved = list(db.execute(STRUCK, values))
        for table in schema.TABLES:
            db.execute(f"delete from {table} where {_OF}", values)
        sqlite_rows.add(db, [(*row[:3], row[3:]) for row in moved])
        db.execute(
            "delete from names where site = ? and id in (select value from json_each(?))",
            (self.site, ids),
        )
        db.execute("update changes set number = number + 1")
        return len(moved)
