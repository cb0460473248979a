"""Fills a store with made-up traffic, through the accumulator and the store that live views take.

Only the reading of requests is left out: what a request would have shown is written down here. So
two million views take less than a minute, and what they leave is what the middleware would leave.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

from starlette.applications import Starlette

from examples import traffic
from firstparty import reasons
from firstparty.agents import PERSON, Agents
from firstparty.counting import Counting
from firstparty.counts import Batch
from firstparty.flush import oldest
from firstparty.hits import CONFIRMED, CONFIRMED_ENTRY, CONTINUED, ENTRY, LEFT_OUT, MISS, VIEW
from firstparty.periods import number_day
from firstparty.settings import load
from firstparty.sources import Seen, campaign, referrer_host

SITE = "fennel.example"
PER_DAY = 5_100
"""Views a day, on average: two million in thirteen months."""

MACHINES = 9
"""One request of a machine, or for a page fetched ahead, for so many views."""

DAYS_A_BATCH = 5


async def fill(
    store: str,
    app: Starlette,
    *,
    now: float,
    days: int = 396,
    seed: int = 7,
    progress: Callable[[float], None] = lambda share: None,
) -> int:
    """Count `days` of visits to the example site that end at `now`; how many views that were."""
    counting = Counting(load({"store": store, "site": SITE, "listed": ("/blog/*",)}, {}))
    counting.paths.learn(app, "")
    await counting.store.open()
    last = counting.calendar.today(now)
    first = last - timedelta(days=days - 1)
    limits = oldest(counting.calendar, now) | {"minute": int(now // 60) - 59}
    writer, seq, views = secrets.token_hex(8), 0, 0
    machine = Seen(counting.paths, {}, "", PERSON)
    agents, day, today, number = Agents(1.0), first, first, 0

    async def write() -> None:
        nonlocal seq
        seq += 1
        counts = counting.accumulator.take()
        kept = {key: vector for key, vector in counts.items() if key.at >= limits[key.period]}
        await counting.store.write(Batch(writer, seq, kept))

    for view in traffic.visits(seed, first, last, PER_DAY):
        if view.at > now:
            break
        views += 1
        moment = counting.calendar.moment(view.at)
        count(counting, view, agents)
        if views % MACHINES == 0:
            machine.reason = reasons.BOT if views % (5 * MACHINES) else reasons.PREFETCH
            counting.accumulator.add(LEFT_OUT, machine, moment)
        today = number_day(moment.day) if moment.day != number else today
        number = moment.day
        if (today - day).days >= DAYS_A_BATCH:
            day = today
            await write()
            progress((today - first).days / days)
    await write()
    await counting.store.close()
    progress(1.0)
    return views


def count(counting: Counting, view: traffic.View, agents: Agents) -> None:
    """Count one view as the server and the snippet would have."""
    moment = counting.calendar.moment(view.at)
    seen = Seen(counting.paths, {}, view.path, agents.read(view.user_agent))
    seen.language = view.language
    seen.previous = view.previous
    if view.referrer:
        seen.host = referrer_host(view.referrer)
    if view.query:
        seen.query, seen.campaign = view.query, campaign(view.query)
    add = counting.accumulator.add
    if view.missing:
        add(MISS, seen, moment)
        return
    add(ENTRY if view.enters else VIEW, seen, moment)
    if view.confirmed:
        add(CONFIRMED_ENTRY if view.enters else CONFIRMED, seen, moment)
        if view.second:
            add(CONTINUED, seen, moment)
