"""Random hits, counted and asked for through the real thing, equal a count by hand of the same."""

import asyncio
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from unittest import mock
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstparty.api import MOST_QUESTIONS
from firstparty.closing import Closed
from firstparty.dimensions import DIMENSIONS
from firstparty.metrics import BY_NAME, COUNTED
from firstparty.periods import Calendar
from tests.driving import (
    BEACON,
    CHROME,
    FIREFOX,
    HOST,
    IPHONE,
    NAVIGATION,
    Message,
    Receive,
    Scope,
    Send,
    api,
    beacon,
    counting,
    request,
)

# What is drawn from, and what each draw is counted as, written down by hand.

STATIC, TEMPLATE, OPEN = ("/", "/pricing"), ("/people/7", "/people/8"), ("/tea", "/coffee")
PAGES = (*STATIC, *TEMPLATE, *OPEN)
GONE = ("/gone", "/lost")


class Origin(NamedTuple):
    """Where a visit comes from: a referrer and a query, and how they are counted."""

    referrer: str
    query: str
    counted: dict[str, str]


ORIGINS = (
    Origin("", "", {"channel": "Direct"}),
    Origin(
        "https://www.google.com/",
        "",
        {"channel": "Search", "source": "*Google", "referrer": "google.com"},
    ),
    Origin(
        "https://news.example/today",
        "",
        {"channel": "Referral", "source": "news.example", "referrer": "news.example"},
    ),
    Origin(
        "",
        "utm_source=bulletin&utm_medium=email&utm_campaign=spring",
        {
            "channel": "E-mail",
            "source": "bulletin",
            "utm_source": "bulletin",
            "utm_medium": "email",
            "utm_campaign": "spring",
        },
    ),
    Origin(
        "https://news.example/",
        "utm_campaign=autumn&utm_content=top&utm_term=tea&page=2",
        {
            "channel": "Referral",
            "source": "news.example",
            "referrer": "news.example",
            "utm_campaign": "autumn",
            "utm_content": "top",
            "utm_term": "tea",
        },
    ),
)
"""A source of our own table has its name at once: it is marked with a star here."""

AGENTS = {
    CHROME: ("Chrome", "Windows", "Desktop"),
    FIREFOX: ("Firefox", "Linux", "Desktop"),
    IPHONE: ("Safari", "iOS", "Phone"),
}
LANGUAGES = {"en-GB,en;q=0.9": "en", "fr": "fr", "": "(unknown)", "tlh": "(other)"}

# Instants shortly before clocks change, and before a month and a year end.
ZONES = {
    "UTC": (datetime(2026, 12, 30, 20, tzinfo=UTC), datetime(2026, 2, 27, 9, tzinfo=UTC)),
    "Asia/Kolkata": (datetime(2026, 3, 31, 17, 50, tzinfo=UTC),),
    "Europe/Berlin": (
        datetime(2026, 3, 28, 21, tzinfo=UTC),
        datetime(2026, 10, 24, 20, tzinfo=UTC),
    ),
    "Australia/Lord_Howe": (
        datetime(2026, 4, 4, 12, tzinfo=UTC),
        datetime(2026, 10, 3, 13, tzinfo=UTC),
    ),
    "America/Havana": (
        datetime(2026, 3, 8, 3, tzinfo=UTC),
        datetime(2026, 10, 31, 23, tzinfo=UTC),
    ),
}
GAPS = (0, 41, 60 * 23, 3600, 3600 * 5, 86_400, 86_400 * 11)

KINDS = (
    *("entry", "internal", "reload", "confirms", "second", "route", "missing", "linked", "bot"),
    *("event", "done here", "paid", "outbound", "left", "lost"),
)
PLANS = ("free", "team", "pro")


class Hit(NamedTuple):
    """One kind of request, sent `times` times after `gap` seconds; then a flush, or none."""

    kind: str
    gap: int
    times: int
    page: str
    before: str
    origin: Origin
    agent: str
    language: str
    flush: bool


hits = st.builds(
    Hit,
    kind=st.sampled_from((*KINDS, "entry", "internal")),
    gap=st.sampled_from(GAPS),
    times=st.sampled_from((1, 1, 2, 3, 9, 10, 14)),
    page=st.sampled_from(PAGES),
    before=st.sampled_from(PAGES),
    origin=st.sampled_from(ORIGINS),
    agent=st.sampled_from(tuple(AGENTS)),
    language=st.sampled_from(tuple(LANGUAGES)),
    flush=st.booleans(),
)
starts = st.sampled_from([(zone, at.timestamp()) for zone, ats in ZONES.items() for at in ats])


async def site(scope: Scope, receive: Receive, send: Send) -> None:
    status = 404 if scope["path"] in GONE else 200
    headers = [(b"content-type", b"text/html")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    message: Message = {"type": "http.response.body", "body": b""}
    await send(message)


async def drive(app: Any, hit: Hit) -> None:
    """Send a hit as a browser would."""
    page = {**NAVIGATION, "user-agent": hit.agent, "accept-language": hit.language}
    sent = {**BEACON, "user-agent": hit.agent, "accept-language": hit.language}
    before = f"https://{HOST}{hit.before}"
    internal = {**page, "sec-fetch-site": "same-origin", "referer": before}
    entering = {**page, "sec-fetch-site": "cross-site", "referer": hit.origin.referrer}
    gone = GONE[PAGES.index(hit.page) % len(GONE)]
    match hit.kind:
        case "entry":
            await request(app, hit.page, entering, query=hit.origin.query)
        case "internal":
            await request(app, hit.page, internal)
        case "reload":
            await request(app, hit.page, {**internal, "cache-control": "max-age=0"})
        case "confirms":
            await beacon(app, {"u": hit.page, "n": "navigate", "k": "enter", "c": True}, sent)
        case "second":
            fields = {"u": hit.page, "n": "navigate", "k": "second", "c": True, "r": before}
            await beacon(app, fields, sent)
        case "route":
            await beacon(app, {"u": hit.page, "n": "route", "k": "later", "r": before}, sent)
        case "missing":
            await request(app, gone, entering)
        case "linked":
            await request(app, gone, internal)
        case "bot":
            await request(app, hit.page, {**page, "user-agent": "curl/8"})
        case "event":
            properties = {"plan": plan_of(hit), "old": True}
            fields = {"e": "event", "u": hit.page, "v": "signup", "p": properties}
            await beacon(app, fields, sent)
        case "done here":
            app.analytics.event("renewal", {"plan": plan_of(hit)})
        case "paid":
            app.analytics.event("renewal", amount=7, currency="EUR")
        case "outbound":
            url = {"e": "outbound", "u": hit.page, "v": "www.example.com"}
            await beacon(app, url, sent)
        case "left":
            await beacon(app, {"e": "left", "u": hit.page, "t": 6, "w": "m", "d": 2}, sent)
        case "lost":
            await beacon(app, {"e": "missing", "u": gone, "r": before}, sent)


def plan_of(hit: Hit) -> str:
    return PLANS[PAGES.index(hit.page) % len(PLANS)]


class Count(NamedTuple):
    """One count by hand: a metric of the site (no dimension), or of a value, with its page."""

    at: float
    metric: str
    dimension: str = ""
    value: str = ""
    page: str = ""


class Admitted:
    """The names of open values: from the third sighting on, or at once with a star."""

    def __init__(self) -> None:
        self.seen = Counter[tuple[str, str]]()

    def see(self, vocabulary: str, value: str) -> str:
        if value.startswith("*"):
            return value[1:]
        self.seen[vocabulary, value] += 1
        return self.look(vocabulary, value)

    def look(self, vocabulary: str, value: str) -> str:
        if value.startswith("*"):
            return value[1:]
        return value if self.seen[vocabulary, value] >= 3 else "(unlisted)"


def called(path: str) -> str:
    """What a path is called; with a star where the application made the name."""
    return f"*{path}" if path in STATIC else "*/people/{id}" if path in TEMPLATE else path


def by_hand(hit: Hit, at: float, names: Admitted) -> Iterator[Count]:
    """What one request of a hit adds, worked out without the package."""

    def views(page: str, *metrics: str) -> Iterator[Count]:
        families = tuple(zip(("browser", "os", "device"), AGENTS[hit.agent], strict=True))
        for metric in metrics:
            yield Count(at, metric)
            yield Count(at, metric, "path", page)
            if metric in {"pageviews", "visits", "confirmed"}:
                for name, value in (*families, ("language", LANGUAGES[hit.language])):
                    yield Count(at, metric, name, value, page)

    def left(page: str) -> Iterator[Count]:
        if hit.before == hit.page:
            return  # a page that links to itself has not been left
        before = names.look("path", called(hit.before))
        yield Count(at, "pageviews", "previous", before, page)
        yield Count(at, "departures")
        yield Count(at, "departures", "path", before)

    # The same page once more is no second sighting of its name.
    again = hit.kind == "reload" or hit.before == hit.page
    sighted = names.look if again else names.see
    match hit.kind:
        case "entry":
            page = names.see("path", called(hit.page))
            yield from views(page, "pageviews", "visits")
            for name, value in hit.origin.counted.items():
                value = value if name == "channel" else names.see(name, value)
                yield Count(at, "visits", name, value, page)
        case "internal" | "reload":
            page = sighted("path", called(hit.page))
            yield from views(page, "pageviews")
            if hit.kind == "internal":
                yield from left(page)
        case "confirms":
            page = names.look("path", called(hit.page))
            yield from views(page, "confirmed", "confirmed_visits")
        case "second":
            page = names.look("path", called(hit.page))
            yield from views(page, "confirmed")
            yield Count(at, "continued")
            yield Count(at, "continued", "path", names.look("path", called(hit.before)))
        case "route":
            page = sighted("path", called(hit.page))
            yield from views(page, "pageviews", "confirmed")
            yield from left(page)
        case "missing" | "linked":
            gone = GONE[PAGES.index(hit.page) % len(GONE)]
            linker = (
                called(hit.before)
                if hit.kind == "linked"
                else hit.origin.counted.get("referrer", "")
            )
            # A host that links here is seen; a page of ours is seen by being shown, not by this.
            seen = names.see if hit.kind == "missing" else names.look
            page = seen("path", linker) if linker else ""
            yield Count(at, "misses")
            yield Count(at, "misses", "not_found", names.see("not_found", gone), page)
        case "bot":
            yield Count(at, "ignored")
            yield Count(at, "ignored", "left_out", "bot")
            page = names.look("path", called(hit.page))
            yield Count(at, "requests")
            yield Count(at, "requests", "machine", "curl", page)
            yield Count(at, "requests", "machine_kind", "HTTP library", page)
        case "event":
            page = names.look("path", called(hit.page))
            name = names.see("event", "signup")
            yield Count(at, "events")
            yield Count(at, "events", "event", name, page)
            # Crossed with the event; "page" is what it is crossed with.
            for text in (f"plan={plan_of(hit)}", "old=true"):
                yield Count(at, "events", "property", names.see("property", text), name)
        case "done here" | "paid":
            yield Count(at, "events")
            yield Count(at, "events", "event", "renewal")
            if hit.kind == "paid":
                yield Count(at, "events", "currency", "EUR")
                yield from [Count(at, "amount", "currency", "EUR")] * 7
            else:
                text = names.see("property", f"plan={plan_of(hit)}")
                yield Count(at, "events", "property", text, "renewal")
        case "outbound":
            page = names.look("path", called(hit.page))
            host = names.see("outbound", "example.com")
            yield Count(at, "events")
            yield Count(at, "events", "outbound", host, page)
        case "left":
            page = names.look("path", called(hit.page))
            yield Count(at, "measured")
            yield Count(at, "measured", "path", page)
            yield from [Count(at, "seconds"), Count(at, "seconds", "path", page)] * 6
            for name, value in LEFT.items():
                yield Count(at, "measured", name, value, page)
        case "lost":
            gone = GONE[PAGES.index(hit.page) % len(GONE)]
            page = names.look("path", called(hit.before))
            yield Count(at, "misses")
            yield Count(at, "misses", "not_found", names.see("not_found", gone), page)


LEFT = {"visible": "5 s – 15 s", "screen": "768 – 1023 px", "scroll": "50 %"}
SITE_METRICS = tuple(name for name in COUNTED if BY_NAME[name].of_site)
UNDRAWN = {"served"}
"""What depends on how fast this machine is."""


class Asked(NamedTuple):
    """A question about some days: by which dimension, in which steps of time, by page or not."""

    first: date
    last: date
    dimension: str = ""
    step: str = ""
    crossed: bool = False

    @property
    def metrics(self) -> tuple[str, ...]:
        row = next((row for row in DIMENSIONS if row.name == self.dimension), None)
        return SITE_METRICS if row is None else row.metrics

    @property
    def by(self) -> str:
        return next(row.by for row in DIMENSIONS if row.name == self.dimension)

    @property
    def json(self) -> dict[str, Any]:
        by = [f"time:{self.step}"] if self.step else []
        by += [self.by] if self.crossed else []
        by += [self.dimension] if self.dimension else []
        days = [self.first.isoformat(), self.last.isoformat()]
        return {"metrics": list(self.metrics), "date_range": days, "dimensions": by}


def step_of(at: float, step: str, zone: ZoneInfo) -> tuple[str, ...]:
    """The hour, day, week or month of an instant, as far as a question asks for it."""
    local = datetime.fromtimestamp(at, zone)
    match step:
        case "hour":
            return (f"{local:%Y-%m-%dT%H}",)
        case "day":
            return (f"{local:%Y-%m-%d}",)
        case "week":
            return (f"{local.date() - timedelta(days=local.weekday()):%Y-%m-%d}",)
        case "month":
            return (f"{local:%Y-%m}-01",)
    return ()


Sums = dict[tuple[str, ...], tuple[int, ...]]


def expected(asked: Asked, counts: Iterable[Count], zone: ZoneInfo) -> Sums:
    """The answer by hand, without rows of zeros."""
    counts = list(counts)
    sums = defaultdict[tuple[str, ...], Counter[str]](Counter)
    kept = kept_cells(asked, counts, zone) if asked.crossed else None
    for count in counts:
        day = datetime.fromtimestamp(count.at, zone).date()
        if count.dimension != asked.dimension or not asked.first <= day <= asked.last:
            continue
        group = step_of(count.at, asked.step, zone)
        if kept is not None:
            month = step_of(count.at, "month", zone)[0]
            if (month, count.page, count.value) not in kept:
                continue
            group += (count.page,)
        sums[(*group, count.value) if asked.dimension else group][count.metric] += 1
    rows = {group: tuple(sum_[name] for name in asked.metrics) for group, sum_ in sums.items()}
    return {group: row for group, row in rows.items() if any(row)}


def kept_cells(asked: Asked, counts: list[Count], zone: ZoneInfo) -> set[tuple[str, str, str]]:
    """The cells (month, page, value) that are large enough, and hide what is not (§3.5)."""
    basis = next(row.basis for row in DIMENSIONS if row.name == asked.dimension)
    cells, margins = defaultdict[tuple[str, str], Counter[str]](Counter), Counter[Any]()
    # Of two properties of an event, each has values that add up to a whole of its own.
    apart = next(row.apart for row in DIMENSIONS if row.name == asked.dimension)
    whole: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for count in counts:
        month = step_of(count.at, "month", zone)[0]
        if count.metric == basis and count.dimension == asked.dimension and count.page:
            part = count.page + apart + (count.value.partition(apart)[0] if apart else "")
            cells[month, part][count.value] += 1
            whole[month, count.page].add((month, part))
    for count in counts:
        month = step_of(count.at, "month", zone)[0]
        if count.metric == basis and count.dimension == asked.by:
            for line in whole[month, count.value]:
                margins[line] += 1
    pages = {line: page for (_, page), lines in whole.items() for line in lines}
    kept = set[tuple[str, str, str]]()
    for (month, page), values in cells.items():
        large = sorted((number, value) for value, number in values.items() if number >= 10)
        # What is hidden must not be small, whether or not all views of the page had a value.
        visible = sum(number for number, _ in large)
        wholes = (margins[month, page] or sum(values.values()), sum(values.values()))
        if any(0 < whole - visible < 10 for whole in wholes):
            large = large[1:]
        kept |= {(month, pages[month, page], value) for _, value in large}
    return kept


def found(asked: Asked, answer: Any) -> Sums:
    """The answer of the API, without rows of zeros, its hours named as by hand."""
    assert "results" in answer, answer
    sums = defaultdict[tuple[str, ...], list[int]](lambda: [0] * len(asked.metrics))
    for row in answer["results"]:
        group = tuple(row["dimensions"])
        if asked.step == "hour":
            # Where clocks change by half an hour, an hour of the day may come in two parts.
            group = (group[0][:13], *group[1:])
        sums[group] = [a + (b or 0) for a, b in zip(sums[group], row["metrics"], strict=True)]
    return {group: tuple(row) for group, row in sums.items() if any(row)}


def questions(first: date, today: date, some: date, other: date) -> Iterator[Asked]:
    """Everything that is asked: over all days, and over a random range of them."""
    some, other = sorted((some, other))
    for begin, end in ((first, today), (some, other)):
        yield Asked(begin, end)
        for step in ("day", "week", "month"):
            yield Asked(begin, end, step=step)
        for row in DIMENSIONS:
            if row.alone and row.name not in UNDRAWN:
                yield Asked(begin, end, row.name)
        yield Asked(begin, end, "path", "day")
        yield Asked(begin, end, "source", "month")
    recent = max(first, today - timedelta(days=34))
    yield Asked(recent, today, step="hour")
    yield Asked(recent, today, "path", "hour")
    yield Asked(today, today, step="hour")
    # Crossed counts are answered by whole months, so that is what is asked.
    begin = first.replace(day=1)
    for row in DIMENSIONS:
        if "crossed" in row.kept and row.name not in UNDRAWN:
            yield Asked(begin, today, row.name, crossed=True)
    yield Asked(begin, today, "browser", "month", crossed=True)


async def ask_all(app: Any, asked: list[Asked]) -> list[Any]:
    answers = list[Any]()
    for start in range(0, len(asked), MOST_QUESTIONS):
        few = asked[start : start + MOST_QUESTIONS]
        status, part = await api(app, "query", [each.json for each in few])
        assert status == 200
        answers += part
    return answers


async def never(*_: Any) -> Closed:
    return Closed()


async def check(zone: str, start: float, drawn: list[Hit], cuts: tuple[float, float]) -> None:
    now, names, counts = start, Admitted(), list[Count]()
    with tempfile.TemporaryDirectory() as folder:
        app = counting(
            site,
            store=f"sqlite:///{folder}/stats.db",
            timezone=zone,
            templates=("/people/{id}",),
            listed=STATIC,
            clock=lambda: now,
            flush_interval=3600,
        )
        for hit in drawn:
            now += hit.gap
            for _ in range(hit.times):
                await drive(app, hit)
                counts += by_hand(hit, now, names)
            if hit.flush:
                await app.flusher.flush()

        place = ZoneInfo(zone)
        first = datetime.fromtimestamp(start, place).date()
        today = datetime.fromtimestamp(now, place).date()
        length = (today - first).days
        some, other = (first + timedelta(days=round(cut * length)) for cut in cuts)
        asked = list(questions(first, today, some, other))

        unflushed = await ask_all(app, asked)
        await app.flusher.flush()
        assert await ask_all(app, asked) == unflushed
        await app.flusher.stop()

    for each, answer in zip(asked, unflushed, strict=True):
        assert found(each, answer) == expected(each, counts, place), each


@given(
    starts,
    st.lists(hits, min_size=1, max_size=30),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_asked_equals_a_count_by_hand(
    start: tuple[str, float], drawn: list[Hit], cuts: tuple[float, float]
) -> None:
    # What closing deletes is another model, in test_closing.py.
    with mock.patch("firstparty.closing.close", never):
        asyncio.run(check(*start, drawn, cuts))


def test_an_hour_starts_anew_where_clocks_change_by_half_an_hour() -> None:
    calendar = Calendar(ZoneInfo("Australia/Lord_Howe"))  # 02:00 becomes 02:30 at 15:30 UTC
    change = int(datetime(2026, 10, 3, 15, 30, tzinfo=UTC).timestamp())
    starts = [calendar.label(calendar.moment(change + 60 * each).hour) for each in (-1, 0, 20, 30)]
    assert starts == [
        "2026-10-04T01:00+10:30",
        "2026-10-04T02:30+11:00",
        "2026-10-04T02:30+11:00",
        "2026-10-04T03:00+11:00",
    ]


def test_hours_days_and_months_agree_over_a_change_of_clocks() -> None:
    async def run(zone: str, start: float) -> set[int]:
        now = start
        app = counting(clock=lambda: now, timezone=zone)
        for step in range(4 * 24 * 3):
            now = start + step * 900
            await request(app)
        first = datetime.fromtimestamp(start, ZoneInfo(zone)).date()
        today = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
        sums = set[int]()
        for step in ("", "hour", "day", "week", "month"):
            for dimension in ("", "path"):
                answers = await ask_all(app, [Asked(first, today, dimension, step)])
                sums.add(sum(row["metrics"][0] for row in answers[0]["results"]))
        return sums

    for zone, instants in ZONES.items():
        for at in instants:
            assert asyncio.run(run(zone, at.timestamp())) == {4 * 24 * 3}, (zone, at)
