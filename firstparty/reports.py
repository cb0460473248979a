"""Reports and alerts that an application has made by its own scheduler."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median
from typing import Any, Final, Literal

from firstparty import printed
from firstparty.analytics import Analytics
from firstparty.counting import Counting
from firstparty.figures import Reported, figures, last

WEEKS: Final = 4
"""How many days of the week, each a week apart, a day is compared with."""


async def report(
    analytics: Analytics,
    period: Reported = "week",
    format: Literal["text", "html"] = "text",  # noqa: A002 - the word of the command
) -> str:
    """The numbers of the last day, week or month that is over, as text or as HTML.

    async with Analytics(store="sqlite:///stats.db") as analytics:
        send_mail("Last week", await report(analytics))

    It is what the owner may see. What is hidden from everybody is not in it.
    """
    return await reported(analytics.counting, period, format)


async def reported(counting: Counting, period: Reported, kind: str) -> str:
    """The same for a command, which has no Analytics."""
    first, end = last(period, counting.calendar.today(counting.clock()))
    found = await figures(counting, [first.isoformat(), end.isoformat()])
    return printed.html(found) if kind == "html" else printed.text(found)


async def alert(
    analytics: Analytics, *, spike: float = 2.0, drop: float = 0.5, least: int = 50
) -> str | None:
    """A sentence if yesterday had unusually many or few page views; else None.

    Usual is the median of the same day of the week in the four weeks before. `spike` and `drop` are
    multiples of it. It is said only where at least `least` page views more or less have come, so
    that a small site has its peace, and not before there are two such weeks.
    """
    return await alerted(analytics.counting, spike, drop, least)


async def alerted(counting: Counting, spike: float, drop: float, least: int) -> str | None:
    """The same for a command."""
    day = counting.calendar.today(counting.clock()) - timedelta(days=1)
    first = day - timedelta(days=7 * WEEKS)
    found: Any = await figures(counting, [first.isoformat(), day.isoformat()], most=1)
    views = {date.fromisoformat(label): number for label, number in found.series}
    return judged(day, views, spike, drop, least)


def judged(day: date, views: dict[date, int], spike: float, drop: float, least: int) -> str | None:
    """What is unusual about a day, by the page views of each day."""
    before = [views.get(day - timedelta(days=7 * week), 0) for week in range(1, WEEKS + 1)]
    counted = before[: max((place + 1 for place, each in enumerate(before) if each), default=0)]
    if len(counted) < 2:
        return None
    now, usual = views.get(day, 0), median(counted)
    if abs(now - usual) < least or drop * usual < now < spike * usual:
        return None
    than = "more" if now > usual else "fewer"
    return (
        f"{day.isoformat()} had {now:,} page views, {than} than usual: the {day:%A}s before had"
        f" {usual:,.0f}"
    )
