"""How many processes one store carries: a simulation, fed with what `scripts/bench store` measured.

What is assumed:

- Every process is sent views at an even rate, the same for all, and flushes every ten seconds, at
  a moment of its own. A batch has the distinct counts that so many views of the synthetic year's
  busiest hour have; they are drawn, not estimated, but each batch of a size has as many as another.
- The store takes one batch after another, at so many counts a second whatever the batch, and so
  much time more for each batch. (PostgreSQL takes several at once: give it what two or four
  writers reach together.)
- The network, reading, closing, the load balancer and the applications themselves cost nothing.

A number of processes is carried where the store is busy for at most half of the time, so that the
other half is left for questions, for closing and for the worse moments, and where 99 of 100
batches are written before the next is due. The simulation knows nothing of any particular machine:
measure `--rate` on your own.
"""

from bisect import bisect_left
from datetime import date
from random import Random

from firstparty import Analytics

from .fill import NOW, Filler
from .questions import PASSWORD
from .year import YEAR, Year

INTERVAL, SECONDS, EACH = 10.0, 600, 0.01
"""Seconds between flushes of a process; simulated; that a batch takes beside its counts."""
RATES = (1, 3, 10, 30, 100, 300)
"""Views a second of a process."""


def run(rate: float) -> None:
    print(f"a store that takes {rate:,.0f} counts a second; flushes every {INTERVAL:.0f} s")
    print(f"{'views a second,':>16}{'counts':>10}{'counts':>10}{'processes':>12}{'views a':>12}")
    print(f"{'of a process':>16}{'a batch':>10}{'a view':>10}{'carried':>12}{'second':>12}")
    for views in RATES:
        size = distinct(round(views * INTERVAL))
        most = carried(size, rate)
        each = size / views / INTERVAL
        print(f"{views:>16,}{size:>10,}{each:>10.1f}{most:>12,}{most * views:>12,}")


def distinct(views: int) -> int:
    """How many distinct counts so many views of one hour have."""
    counting = Analytics(
        clock=lambda: NOW, store="memory://", password=PASSWORD, country="header:cf-ipcountry"
    ).counting
    day = Year(views).day(date(YEAR, 12, 31), views)
    day.hours[:] = 15
    return len(Filler(counting).counts(day))


def carried(size: int, rate: float) -> int:
    """The most processes whose batches of this size are written in time."""
    numbers = range(1, 10_000)
    return bisect_left(numbers, True, key=lambda number: not kept_up(number, size, rate))


def kept_up(processes: int, size: int, rate: float) -> bool:
    """Whether a store keeps up with so many processes."""
    takes = EACH + size / rate
    if processes * takes > INTERVAL / 2:
        return False
    draw = Random(processes)  # noqa: S311 - no secret
    starts = [draw.uniform(0, INTERVAL) for _ in range(processes)]
    free, late, batches = 0.0, 0, 0
    for turn in range(round(SECONDS / INTERVAL)):
        for due in sorted(start + turn * INTERVAL for start in starts):
            free = max(free, due) + takes
            late += free > due + INTERVAL
            batches += 1
    return late <= batches / 100
