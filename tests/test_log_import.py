"""Access logs as history: counted by the rules of live requests, once, and told what was left."""

from __future__ import annotations

import asyncio
import gc
import gzip
import io
import json
import os
import random
import secrets
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from firstparty import Analytics
from firstparty.cli import main
from firstparty.counting import Counting
from firstparty.importers import Left
from firstparty.importers.gather import Gathered
from firstparty.logs.bringing import LogImport
from firstparty.logs.reading import LogError
from firstparty.metrics import COUNTED
from firstparty.settings import Site, load
from tests.driving import CHROME, FIREFOX, HOST, IPHONE, counting, page, request

ADDRESS = f"203.0.113.{secrets.randbelow(256)}"
USER = f"user-{secrets.token_hex(6)}"
"""Made anew each time, so that no source has them."""
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
DAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=60)
"""A day that is closed, and of which no hours are kept any more."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with no settings of the environment."""
    for name in list(os.environ):
        if name.startswith("FIRSTPARTY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Sent(NamedTuple):
    """A request, as a test writes it."""

    target: str = "/"
    agent: str = CHROME
    referrer: str = "-"
    status: int = 200
    method: str = "GET"
    at: datetime = DAY + timedelta(hours=9)

    @property
    def line(self) -> str:
        """Its line in the combined format."""
        stamp = self.at.strftime("%d/%b/%Y:%H:%M:%S +0000")
        return (
            f"{ADDRESS} - {USER} [{stamp}]"
            f' "{self.method} {self.target} HTTP/2.0" {self.status} 512'
            f' "{self.referrer}" "{self.agent}"\n'
        )

    @property
    def json(self) -> str:
        """Its line in Caddy's format, by plain http."""
        return self.as_json()

    def as_json(self, status: int | None = None, **headers: str) -> str:
        """The same with further headers."""
        sent = {"user-agent": self.agent, "referer": self.referrer, "accept": "text/html"} | headers
        said = {
            "ts": self.at.timestamp(),
            "request": {
                "client_ip": ADDRESS,
                "method": self.method,
                "host": HOST,
                "uri": self.target,
                "headers": {
                    name.replace("_", "-").title(): [value]
                    for name, value in sent.items()
                    if value != "-"
                },
            },
            "user_id": USER,
            "status": status or self.status,
            "resp_headers": {"Content-Type": ["text/html; charset=utf-8"]},
        }
        return json.dumps(said) + "\n"


def write(name: str, requests: Iterable[Sent]) -> str:
    """A log of these requests."""
    Path(name).write_text("".join(each.line for each in requests))
    return name


def bring(*arguments: str) -> int:
    """`firstparty import log`, into stats.db."""
    return main(["import", "log", *arguments, "--store", "stats.db", "--site", HOST])


def days(gathered: Gathered) -> dict[tuple[str, int, str], dict[str, int]]:
    """What was gathered, by dimension, day and value: the numbers that are not 0."""
    return {
        (dimension, day, value): {n: c for n, c in zip(COUNTED, counts, strict=True) if c}
        for dimension, of_days in gathered.days.items()
        for day, values in of_days.items()
        for value, counts in values.items()
        if any(counts)
    }


def gather(*names: str, **options: Any) -> Gathered:
    """What is gathered of these logs."""
    made = Counting(load({"store": "memory://", "site": HOST}))
    gathered = Gathered(made.table, made.paths, Left())
    LogImport(made, gathered, **options).read(names, lambda done, of: None)
    return gathered


def stored(*columns: str) -> list[tuple[Any, ...]]:
    """Rows of the database, by the month, with the names of dimension and value."""
    statement = (  # the columns are those that a test writes
        f"select coalesce(dimensions.name, ''), coalesce(names.name, ''), {', '.join(columns)}"  # noqa: S608
        " from counts left join dimensions on dimensions.id = counts.dimension"
        " left join names on names.id = counts.value and names.site = counts.site"
        " where period = 3 and dimensions.name = 'path'"
    )
    with closing(sqlite3.connect("stats.db")) as db:
        return sorted(db.execute(statement))


# The same rules ---------------------------------------------------------------------------------

TARGETS = ("/", "/pricing", "/docs/v1.2", "/blog/?utm_source=letter&utm_campaign=spring", "/a%20b")
REFERRERS = (
    *("-", "https://www.google.com/", "https://example.com/page?q=1", f"http://{HOST}/pricing"),
    *(f"http://{HOST}/", "https://semalt.com/", "android-app://com.reddit.frontpage/"),
)
AGENTS = (CHROME, FIREFOX, IPHONE, GOOGLEBOT, "curl/8.9.1", "-")
STATUSES = (200, 200, 200, 304, 404, 301, 500, 206, 410)


def drawn(number: int) -> list[Sent]:
    """Requests of all sorts; the same ones each time."""
    draw = random.Random(7)  # noqa: S311 - no secret
    return [
        Sent(
            draw.choice(TARGETS),
            draw.choice(AGENTS),
            draw.choice(REFERRERS),
            draw.choice(STATUSES),
            at=DAY + timedelta(minutes=draw.randrange(24 * 60)),
        )
        for _ in range(number)
    ]


async def live(requests: Iterable[Sent]) -> dict[tuple[str, int, str], dict[str, int]]:
    """The same requests, as they came to an application by plain http."""
    now = [0.0]
    apps = {
        status: page(status) if status != 206 else page(206, {"content-type": "video/mp4"})
        for status in STATUSES
    }
    status = [200]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await apps[status[0]](scope, receive, send)

    site = counting(
        app,
        clock=lambda: now[0],
        admit_after=1,
        omit=("language", "served"),
        site=Site(HOST, (HOST, f"www.{HOST}")),
        listed=("/pricing",),  # which a link from it may come before
    )
    found = defaultdict[tuple[str, int, str], Counter[str]](Counter)
    for each in requests:
        now[0], status[0] = each.at.timestamp(), each.status
        path, _, query = each.target.partition("?")
        headers = {"accept": "text/html", "user-agent": each.agent, "referer": each.referrer}
        sent = {name: value for name, value in headers.items() if value != "-"}
        path = path.replace("%20", " ")
        await request(site, path, sent, query=query, scheme="http", method=each.method)
        for key, vector in site.analytics.counting.accumulator.take().items():
            if key.period == "day":
                found[key.dimension, key.at, key.value].update(
                    dict(zip(COUNTED, vector, strict=True))
                )
    return {key: {n: c for n, c in counts.items() if c} for key, counts in found.items()}


def test_a_log_adds_what_the_same_requests_added_when_they_came() -> None:
    requests = drawn(600)
    found = days(gather(write("access.log", requests)))
    assert len(found) >= 40
    assert found == asyncio.run(live(requests))


def test_a_log_that_has_all_headers_adds_what_the_requests_added_too() -> None:
    requests = [each for each in drawn(600) if each.status != 206]
    Path("access.json").write_text("".join(each.json for each in requests))
    found = days(gather("access.json"))
    language = {key for key in found if key[0] == "language"}
    assert {value for _, _, value in language} == {"(unknown)"}
    assert {key: found[key] for key in found.keys() - language} == asyncio.run(live(requests))


def test_every_format_gives_the_same_counts() -> None:
    requests = [each for each in drawn(300) if each.agent != "-" and each.status < 300]
    write("access.log", requests)
    fields = "date time cs-method cs-uri-stem cs-uri-query sc-status cs(User-Agent) cs(Referer)"
    lines = [f"#Fields: {fields}\n"]
    for each in requests:
        path, _, query = each.target.partition("?")
        agent = each.agent.replace(" ", "+")
        lines.append(
            f"{each.at:%Y-%m-%d %H:%M:%S} {each.method} {path} {query or '-'} {each.status} {agent}"
            f" {each.referrer}\n"
        )
    Path("iis.log").write_text("".join(lines))
    assert days(gather("iis.log")) == days(gather("access.log"))


# Which lines are pages --------------------------------------------------------------------------


def made(requests: Iterable[Sent], **options: Any) -> dict[str, int]:
    """How many lines were taken, under "", and why the others were not."""
    gathered = gather(write("access.log", requests), **options)
    return {"": gathered.rows, **gathered.left.rows}


PAGES = ("/", "/pricing", "/docs/v1.2", "/index.html", "/shop.php?id=3", "/john.doe", "/a.b/c")
PARTS = (
    "/app.js",
    "/site.CSS?v=3",
    "/logo.png",
    "/font.woff2",
    "/data.json",
    "/film.mp4",
    "/a.pdf",
)


def test_without_a_content_type_a_page_is_what_does_not_end_as_a_file_does() -> None:
    assert made(Sent(each) for each in PAGES) == {"": len(PAGES)}
    assert made(Sent(each) for each in PARTS) == {"a part of a page, or a file": len(PARTS), "": 0}


def test_what_is_no_page_view_is_told_by_its_reason() -> None:
    today = datetime.now(UTC)
    requests = [
        *[Sent(), Sent("/gone", status=404), Sent(status=304)],
        *[Sent(method="POST"), Sent(method="HEAD"), Sent(status=301), Sent(status=204)],
        *[Sent(status=500), Sent(status=403), Sent(agent=GOOGLEBOT), Sent(agent="-")],
        *[Sent(referrer="https://semalt.com/"), Sent("/stats/"), Sent("/_tally/tally.js?v=1")],
        *[Sent(at=today), Sent(at=today + timedelta(days=400)), Sent(at=DAY.replace(year=1999))],
    ]
    assert made(requests) == {
        "": 3,
        "no page: a redirect, another method, an answer to a script": 4,
        "error page": 2,
        "of machines, which are counted apart": 2,
        "referrer spam": 1,
        "for firstparty itself": 1,
        "a part of a page, or a file": 1,
        "of a day that is not over": 2,
        "older than 25 months, as long as counts are kept": 1,
    }


def test_a_privacy_page_of_its_own_address_and_pixels_are_no_views(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIRSTPARTY_PRIVACY", "/privacy")
    monkeypatch.setenv("FIRSTPARTY_ACCEPT", "goatcounter,umami")
    requests = [Sent(), Sent("/privacy"), Sent("/count?p=/a"), Sent("/privacy-notes"), Sent("/c")]
    assert made([*requests, Sent("/api/send")]) == {"": 4, "for firstparty itself": 2}


def test_machines_are_counted_as_machines_also_where_they_ask_for_what_is_no_page() -> None:
    requests = [Sent("/robots.txt", GOOGLEBOT), Sent("/feed.xml", GOOGLEBOT), Sent("/", GOOGLEBOT)]
    requests += [Sent("/feed.xml"), Sent("/robots.txt"), Sent("/x.png", GOOGLEBOT)]
    day = int(DAY.strftime("%Y%m%d"))
    found = days(gather(write("access.log", requests)))
    assert found["machine", day, "Googlebot"] == {"requests": 3}
    assert found["", day, ""] == {"requests": 3, "ignored": 3}


def test_malformed_lines_are_counted_and_stop_nothing() -> None:
    whole, rest = Sent().line.encode(), b"\xff\xfe\0 no line\n" + b"x" * 200_000 + b"\n\n"
    Path("access.log").write_bytes(rest + whole + rest + Sent("/last").line.encode()[:-40])
    gathered = gather("access.log", form="combined")
    assert (gathered.rows, gathered.left.rows) == (1, {"malformed, or cut off": 5})


def test_a_page_excluded_by_the_setting_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTPARTY_EXCLUDE", "/api/*")
    assert made([Sent("/api/items"), Sent()]) == {"": 1, "excluded by the setting": 1}


def test_who_objects_is_in_no_number_where_the_log_tells() -> None:
    objecting = [
        Sent().as_json(sec_gpc="1"),
        Sent().as_json(dnt="1"),
        Sent("/x.css").as_json(dnt="1"),
    ]
    Path("access.json").write_text("".join([*objecting, Sent().json, Sent().as_json(dnt="0")]))
    gathered = gather("access.json")
    assert (gathered.rows, gathered.left.rows) == (2, {})
    lines = [
        Sent(target).line[:-1] + f' "{said}" "-"\n' for target in ("/", "/x.css") for said in "10"
    ]
    Path("more.log").write_text("".join(lines))
    gathered = gather("more.log", more=("sec-gpc", "dnt"))
    assert (gathered.rows, gathered.left.rows) == (1, {"a part of a page, or a file": 1})


def test_a_log_of_several_hosts_is_counted_for_those_that_are_named() -> None:
    other = Sent().json.replace(HOST, "other.example")
    Path("access.json").write_text(Sent().json + other)
    gathered = gather("access.json", hosts=(HOST,))
    assert (gathered.rows, gathered.left.rows) == (1, {"for another host": 1})
    assert gather("access.json", hosts=("Other.Example", HOST)).rows == 2


def test_a_log_without_agents_is_counted_only_when_it_is_asked_for_and_has_no_visits() -> None:
    line = Sent("/pricing").line
    Path("common.log").write_text(line[: line.index(' "-"')] + "\n")
    with pytest.raises(LogError, match="has no User-Agent, which tells machines from people"):
        gather("common.log")
    found = days(gather("common.log", form="common"))
    day = int(DAY.strftime("%Y%m%d"))
    assert found == {
        ("", day, ""): {"pageviews": 1},
        ("path", day, "/pricing"): {"pageviews": 1},
    }


# The command ------------------------------------------------------------------------------------


def test_logs_come_in_any_order_packed_or_not_and_count_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = [Sent(at=DAY + timedelta(hours=n)) for n in range(12)]
    second = [Sent(at=DAY + timedelta(days=1, hours=n)) for n in range(15)]
    write("access.log", second)
    Path("access.log.1.gz").write_bytes(gzip.compress("".join(s.line for s in first).encode()))
    assert bring("access.log", "access.log.1.gz", "--dry-run") == 0
    assert not Path("stats.db").exists() or stored("pageviews") == []
    assert bring("access.log", "access.log.1.gz") == 0
    taken = stored("pageviews", "visits")
    assert sum(row[2] for row in taken) == 27
    capsys.readouterr()
    assert bring("access.log.1.gz", "access.log") == 0
    said = capsys.readouterr().out
    assert "nothing is taken: all of it is there already" in said
    assert "2 days, 27 lines: there already, from another import" in said
    assert stored("pageviews", "visits") == taken


def test_an_import_of_a_log_is_undone_by_its_name() -> None:
    assert bring(write("access.log", [Sent() for _ in range(12)]), "--name", "old server") == 0
    assert stored("pageviews") != []
    assert main(["import", "--undo", "old server", "--store", "stats.db"]) == 0
    assert stored("pageviews") == []


def test_a_log_comes_from_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO("".join(Sent().line for _ in range(11)).encode())

    monkeypatch.setattr("sys.stdin", Input())
    assert bring("-") == 0
    assert stored("pageviews") == [("path", "/", 11)]


def test_days_that_were_counted_here_are_left_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = DAY + timedelta(days=1)
    options = {"store": "sqlite:///stats.db", "site": HOST, "password": "x", "release": ""}

    async def count() -> None:
        analytics = Analytics(clock=lambda: here.timestamp(), **options)
        async with analytics:
            analytics.event("signup")

    asyncio.run(count())
    log = write("access.log", [Sent(at=here) for _ in range(9)] + [Sent() for _ in range(12)])
    assert bring(log) == 0
    assert "1 day, 9 lines: counted here" in capsys.readouterr().out
    assert stored("pageviews") == [("path", "/", 12)]


def test_a_path_that_was_seen_too_seldom_gets_no_name() -> None:
    requests = [Sent("/reset/seldom") for _ in range(2)] + [Sent("/often") for _ in range(10)]
    assert bring(write("access.log", requests)) == 0
    assert stored("pageviews") == [("path", "(unlisted)", 2), ("path", "/often", 10)]


def test_a_site_whose_host_nobody_knows_is_asked_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    log = write("access.log", [Sent()])
    assert main(["import", "log", log, "--store", "stats.db", "--site", "shop"]) == 2
    assert "write --host example.org, or give the site its name" in capsys.readouterr().err
    assert (
        main(["import", "log", log, "--store", "stats.db", "--site", "shop", "--host", HOST]) == 0
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x1f\x8b\x08\0half", "cannot be read to its end"),
        (b"path,views\n/,3\n", "has no line of a format that is known: write --format"),
    ],
)
def test_a_file_that_cannot_be_read_adds_nothing(
    content: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_bytes(content)
    assert bring(write("access.log", [Sent()]), "file") == 2
    assert said in capsys.readouterr().err
    assert not Path("stats.db").exists()


def test_no_address_and_no_user_of_a_log_is_in_memory_or_in_the_database(
    capsys: pytest.CaptureFixture[str],
) -> None:
    requests = drawn(60)
    Path("access.json").write_text("".join(each.json for each in requests))
    gathered = gather(write("access.log", requests), "access.json")
    gc.collect()
    inside = chain.from_iterable(map(gc.get_referents, gc.get_objects()))
    found = [each for each in inside if isinstance(each, str | bytes) and _has(each)]
    assert ({*found} - {ADDRESS, USER}, gathered.rows > 20) == (set(), True)
    assert bring("access.log") == 0
    assert bring("access.json", "--name", "again") == 0
    files = [each.read_bytes() for each in Path().glob("stats.db*")]
    assert [_has(each) for each in (*files, capsys.readouterr().out)] == [False] * (len(files) + 1)


def _has(text: str | bytes) -> bool:
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return ADDRESS.encode() in raw or USER.encode() in raw


def test_an_empty_log_is_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty.log").write_text("")
    Path("blank.log").write_text("\n")
    assert bring("empty.log", "blank.log", write("access.log", [Sent()] * 11)) == 0
    assert stored("pageviews") == [("path", "/", 11)]
    assert main(["import", "log", "empty.log", "--store", "other.db", "--site", HOST]) == 2
    assert "the files have no day with a count" in capsys.readouterr().err


def test_a_wrong_field_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert bring(write("access.log", [Sent()]), "--fields", "cookie") == 2
    assert "'cookie' is no header that is read: write - for it" in capsys.readouterr().err
