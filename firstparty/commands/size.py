"""`firstparty size`: how large the database can become, and how large it is."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError, Namespace
from collections.abc import Awaitable, Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from firstparty import size
from firstparty.commands import Command, argument, say, where
from firstparty.counting import Counting
from firstparty.stores import Store, look


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 100_000:
        raise ArgumentTypeError(f"{text!r}: write a number from 1 to 100000")
    return int(text)


async def run(args: Namespace) -> None:
    """Print the largest possible and the present size of the database."""
    there = look(where.store_url(args)) is not None
    if there:
        counting = where.counting(args)
    else:
        counting = where.of(where.store_url(args), args.site, args.timezone)
    rows, taken, imports = await _present(counting) if there else ({}, None, 0)
    told = tell(counting, args.processes, rows, taken, imports)
    if args.json:
        say(json.dumps(told, indent=2))
    else:
        _print(told)


async def _present(counting: Counting) -> tuple[dict[tuple[str, str], int], int | None, int]:
    """The rows by dimension and period, the bytes that the store takes, if that is known, and how
    many imports it has."""
    async with where.opened(counting) as store:
        found = dict(await store.rows())
        taken: Callable[[], Awaitable[int]] | None = getattr(store, "taken", None)
        return found, await taken() if taken else _files(store), len(await store.imports())


def _files(store: Store) -> int | None:
    path: Path | None = getattr(store, "path", None)
    if path is None or not path.exists():
        return None
    beside = [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]
    return sum(each.stat().st_size for each in beside if each.exists())


def tell(
    counting: Counting,
    processes: int,
    present: Mapping[tuple[str, str], int],
    taken: int | None,
    imports: int = 0,
) -> dict[str, Any]:
    """The answer, as `--json` prints it."""
    table = counting.table
    caps = {name: row.cap for name, row in table.items()}
    pairs = {name: row.pairs for name, row in table.items()}
    slots = size.slots(counting.calendar, counting.settings.flush_interval, counting.clock())
    scheme = "sqlite" if counting.settings.store.startswith("sqlite:") else "postgresql"
    counts = size.counts(table, caps, pairs, slots, scheme, imports)
    beside = size.beside(table, caps, slots, processes, scheme, imports)
    return {
        "largest": {
            "rows": sum(part.rows for part in (*counts, *beside)),
            "bytes": sum(part.bytes for part in (*counts, *beside)),
            "memory_bytes": size.memory(table),
            "processes": processes,
        },
        "present": {"rows": sum(present.values()), "bytes": taken},
        "kept": dict(slots),
        "counts": [
            {
                "dimension": part.dimension,
                "period": part.period,
                "largest_rows": part.rows,
                "largest_bytes": part.bytes,
                "present_rows": present.get((part.dimension, part.period), 0),
            }
            for part in counts
        ],
        "beside": [
            {"table": part.dimension, "largest_rows": part.rows, "largest_bytes": part.bytes}
            for part in beside
        ],
    }


def _print(told: dict[str, Any]) -> None:
    say(f"{'':16}{'rows at most':>16}{'bytes at most':>16}{'rows now':>14}")
    for name, group in groupby(told["counts"], key=lambda each: each["dimension"]):
        parts = list(group)
        rows, most = (sum(each[key] for each in parts) for key in ("largest_rows", "largest_bytes"))
        _line(name or "(the site)", rows, most, sum(each["present_rows"] for each in parts))
    for each in told["beside"]:
        _line(f"[{each['table']}]", each["largest_rows"], each["largest_bytes"])
    largest, present = told["largest"], told["present"]
    _line("all", largest["rows"], largest["bytes"], present["rows"])
    say()
    if present["bytes"] is not None:
        say(f"It takes {_shown(present['bytes'])} now.")
    kept = told["kept"]
    say(
        f"Kept at most: {kept['minute']} minutes, {kept['hour']} hours, {kept['day']} days,"
        f" {kept['month']} months, one of each that is about to be deleted among them."
    )
    say(
        f"Counted with {largest['processes']} processes that write, each started at most once a"
        " day. Each holds at most"
        f" {_shown(largest['memory_bytes'])} of counts and texts in memory."
    )


def _line(name: str, rows: int, size_: int, now: int | None = None) -> None:
    shown = "" if now is None else f"{now:,}"
    say(f"{name:16}{rows:>16,}{_shown(size_):>16}{shown:>14}")


def _shown(size_: int) -> str:
    number = float(size_)
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.{0 if unit == 'B' else 1}f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


COMMAND = Command(
    "size",
    run,
    "Tell how large the database can become at most, and how large it is.",
    (
        argument(
            "--processes",
            type=_number,
            default=4,
            metavar="N",
            help="how many processes write, each started at most once a day (default: 4)",
        ),
        argument("--json", action="store_true", help="answer in JSON"),
    ),
    "The number of rows is exact: caps of names and pairs, times the periods that are kept. Bytes"
    " are an upper bound: in SQLite each page of the file a third full, each number with 4 bytes;"
    " beside the file, the write-ahead log takes for a moment what one batch changes. In PostgreSQL"
    " an old version of each row that waits to be cleared away. Dimensions of an application's own"
    " are taken with the default caps.",
)
