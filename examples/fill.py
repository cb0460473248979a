"""Fills a store with made-up traffic, through the accumulator and the store that live views take.

Only the reading of requests is left out: what a request would have shown is written down here. So
two million views take less than a minute, and what they leave is what the middleware would leave;
but what is measured on pages is drawn for one view in twenty, which stands for a dozen.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final

from starlette.applications import Starlette

from examples import acts, traffic
from firstparty import Funnel, Goal, reasons
from firstparty.agents import PERSON, Agents
from firstparty.counting import Counting
from firstparty.counts import Batch
from firstparty.hits import (
    AMOUNT,
    CONFIRMED,
    CONFIRMED_ENTRY,
    CONTINUED,
    ENTRY,
    EVENT,
    LEFT_OUT,
    MACHINE,
    MEASURED,
    MISS,
    PACED,
    PROPERTY,
    SECOND,
    VIEW,
)
from firstparty.marks import released
from firstparty.periods import Moment, number_day, oldest
from firstparty.scales import SERVED
from firstparty.settings import load
from firstparty.sources import Seen, campaign, referrer_host

SETTINGS: Final[Mapping[str, Any]] = {
    "site": "fennel.example",
    "listed": ("/blog/*",),
    "country": "timezone",
    "goals": (
        Goal("Prices", path="/pricing"),
        Goal("Sign-up", event="signup"),
        Goal("Subscription", event="subscribe"),
        Goal("Message", path="/contact/thanks"),
    ),
    "funnels": (Funnel("From prices to a plan", steps=("Prices", "Sign-up", "Subscription")),),
}
"""What the example is counted with, beside its store and its password."""

PER_DAY = 5_100
"""Views a day, on average: two million in thirteen months."""

MACHINES = 45
MANY = 5
"""So many requests of a machine, or for a page fetched ahead, for so many views."""

DRAWN = 1 / 20
"""What share of the confirmed views is drawn to be measured."""
STANDS_FOR = (8, 16)
"""How many views one that is drawn stands for, at least and at most: six in ten are measured."""

DAYS_A_BATCH = 5


host, parameters = cache(referrer_host), cache(campaign)


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
    counting = Counting(load({"store": store, **SETTINGS}, {}))
    counting.paths.learn(app, "")
    await counting.store.open()
    last = counting.calendar.today(now)
    first = last - timedelta(days=days - 1)
    for release, share in acts.RELEASES.items():
        day = traffic.tuesday(first, last, share)
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC).timestamp()
        if at < now:
            await counting.store.mark(released(release, counting.calendar.moment(at)))
    limits = oldest(counting.calendar, now) | {"minute": int(now // 60) - 59}
    writer, seq, views = secrets.token_hex(8), 0, 0
    fetched = Seen(counting.paths, {}, "", PERSON)
    fetched.reason = reasons.PREFETCH
    agents, day, today, number = Agents(1.0), first, first, 0
    random = Random(seed)  # noqa: S311 (made-up traffic needs no secrets)
    drawn = {path: [acts.answered(random, path) for _ in range(499)] for path in traffic.LINKS}

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
        seen = count(counting, view, agents, moment, drawn[view.path][views % 499])
        if view.confirmed:
            act(counting, view, seen, moment, random)
        if views % (5 * MACHINES) == 0:
            counting.accumulator.add(LEFT_OUT, fetched, moment, MANY)
        elif views % MACHINES == 0:
            agent = agents.read(random.choice(acts.MACHINES).encode())
            machine = Seen(counting.paths, {}, view.path, agent)
            machine.reason = reasons.BOT
            counting.accumulator.add(MACHINE, machine, moment, MANY)
            counting.accumulator.add(LEFT_OUT, machine, moment, MANY)
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


def count(
    counting: Counting, view: traffic.View, agents: Agents, moment: Moment, served: float
) -> Seen:
    """Count one view as the server and the snippet would have; what was seen of it."""
    seen = Seen(counting.paths, {}, view.path, agents.read(view.user_agent.encode()))
    seen.language = view.language
    seen.previous = view.previous
    if view.referrer:
        seen.host = host(view.referrer)
    if view.query:
        seen.query, seen.campaign = view.query, parameters(view.query)
    add = counting.accumulator.add
    if view.missing:
        add(MISS, seen, moment)
        return seen
    if not (view.previous in traffic.ROUTES and view.path in traffic.ROUTES):
        seen.served = SERVED.label(served)  # a change of route asks the server for nothing
    add(ENTRY if view.enters else VIEW, seen, moment)
    if view.confirmed:
        add(CONFIRMED_ENTRY if view.enters else CONFIRMED, seen, moment)
        if view.second:
            add(CONTINUED, seen, moment)
    return seen


def act(counting: Counting, view: traffic.View, seen: Seen, moment: Moment, random: Random) -> None:
    """Count what might have been done and measured on a page."""
    add = counting.accumulator.add
    draw = random.random
    for deed in acts.ACTS.get(view.path, ()):
        if draw() * deed.one_in >= 1:
            continue
        seen.said = deed.said
        add(EVENT, seen, moment)
        if deed.properties:
            seen.said = {**deed.said, "property": random.choice(deed.properties)}
            add(PROPERTY, seen, moment)
        if deed.amounts:
            add(AMOUNT, seen, moment, random.choice(deed.amounts))
    if draw() < DRAWN:
        times = random.randint(*STANDS_FOR)
        report = acts.measured(random, view.path, view.user_agent, view.language)
        seen.said = report.left
        add(MEASURED, seen, moment, times)
        add(SECOND, seen, moment, report.seconds * times)
        seen.said = report.pace
        add(PACED, seen, moment, times)
