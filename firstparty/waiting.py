"""What a store has of a question, and with it what waits in memory."""

from __future__ import annotations

from dataclasses import replace

from firstparty.counts import Cells, Selection
from firstparty.metrics import add
from firstparty.stores import Store


async def both(store: Store, selection: Selection, here: Cells) -> Cells:
    """The cells of a store, with those that wait `here` added. Raises what the store raises."""
    found = await store.select(selection)
    if selection.least and here:
        # With what waits, a count may be large enough that is not by itself.
        found |= await store.select(
            replace(
                selection,
                values=frozenset(cell.value for cell in here),
                paths=frozenset(cell.path for cell in here) if selection.by_path else None,
                least=None,
            )
        )
    for cell, vector in here.items():
        stored = found.get(cell)
        found[cell] = add(stored, vector) if stored else vector
    return found
