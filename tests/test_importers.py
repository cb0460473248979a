"""Each tool's own format is read as the tool writes it, and nothing else is made of it."""

import gzip
import json
import os
import re
import shlex
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from firstparty import dimensions
from firstparty.importers import KINDS, Came, Left, Past, Row, importer, looks_like
from firstparty.importers.sheets import opened
from firstparty.metrics import vector
from firstparty.periods import Calendar
from tests import importing
from tests.importing import Says, counts, plausible, summed, table
from tests.serving import ROOT

STORE = "sqlite:///stats.db"
DAY = date(2026, 1, 5)
PARIS = Calendar(ZoneInfo("Europe/Paris"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with no settings of the environment but that countries are counted."""
    for name in list(os.environ):
        if name.startswith("FIRSTPARTY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FIRSTPARTY_COUNTRY", "header:cf-ipcountry")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str]) -> Says:
    return importing.saying(capsys)


def read(kind: str, name: str, content: str | bytes) -> tuple[list[Row], Left]:
    """What an importer makes of a file, and what it leaves."""
    path = Path(name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    left = Left()
    rows = [row for each in opened([name]) for row in importer(kind).rows(each, left, PARIS)]
    return rows, left


def past(dimension: str, value: str, day: date = DAY, **numbers: int) -> Past:
    return Past(day, dimension, value, vector(**numbers))


GA4_HEAD = """# ----------------------------------------
# Pages and screens: Page path and screen class
# Account: Example
# Property: example.org - GA4
# ----------------------------------------
#
# All Users
# Start date: {first}
# End date: {last}
"""


def test_a_report_of_ga4_with_its_date_gives_views_of_pages() -> None:
    head = GA4_HEAD.format(first="20260101", last="20260131")
    rows, left = read(
        "ga4",
        "pages.csv",
        head + "Page path and screen class,Date,Views,Active users,Views per active user,"
        "Average engagement time per active user,Event count,Total revenue\n"
        '/pricing,20260105,1234,30,2.1,12.5,80,0\n"/a,b",20260105,"1,200",1,1,1,1,0\n',
    )
    assert rows == [
        past("path", "/pricing", pageviews=1234),
        past("path", "/a,b", pageviews=1200),
    ]
    assert "visitors are people" in left.whole["Active users"]
    assert "measured otherwise" in left.whole["Average engagement time per active user"]
    assert not left.rows


def test_a_report_of_ga4_over_several_days_is_refused_and_one_of_a_day_is_not(says: Says) -> None:
    body = "Page path and screen class,Views\n/,20\n"
    several = GA4_HEAD.format(first="20260101", last="20260131") + body
    rows, left = read("ga4", "month.csv", several)
    assert rows == []
    assert (
        "its numbers are of several days together: add the dimension Date"
        in (left.whole["month.csv"])
    )
    code, _, errors = says("import", "ga4", "month.csv", "--store", "stats.db")
    assert (code, "add the dimension Date" in errors) == (2, True)
    one = GA4_HEAD.format(first="20260105", last="20260105") + body
    assert read("ga4", "day.csv", one)[0] == [past("path", "/", pageviews=20)]


def test_the_chart_of_a_report_of_ga4_counts_days_from_its_first() -> None:
    head = GA4_HEAD.format(first="20260104", last="20260105")
    rows, _ = read("ga4", "chart.csv", head + "Nth day,Views,Sessions\n0000,5,2\n0001,7,3\n")
    assert rows == [
        past("", "", date(2026, 1, 4), pageviews=5, visits=2),
        past("", "", pageviews=7, visits=3),
    ]


def report(dimensions: list[str], metrics: list[str], *rows: tuple[Any, ...]) -> dict[str, Any]:
    """An answer of runReport."""
    cut = len(dimensions)
    return {
        "dimensionHeaders": [{"name": name} for name in dimensions],
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in metrics],
        "rows": [
            {
                "dimensionValues": [{"value": str(each)} for each in row[:cut]],
                "metricValues": [{"value": str(each)} for each in row[cut:]],
            }
            for row in rows
        ],
        "rowCount": len(rows),
        "kind": "analyticsData#runReport",
    }


def test_answers_of_the_data_api_give_sources_devices_and_events() -> None:
    reports = [
        report(["date"], ["screenPageViews", "sessions", "totalUsers"], ("20260105", 90, 40, 30)),
        report(
            ["date", "sessionSource", "sessionMedium", "sessionCampaignName"],
            ["sessions"],
            ("20260105", "google", "organic", "(organic)", 20),
            ("20260105", "blog.example", "referral", "(referral)", 5),
            ("20260105", "(direct)", "(none)", "(direct)", 9),
            ("20260105", "news", "email", "january", 6),
        ),
        report(
            ["date", "browser"],
            ["screenPageViews", "sessions"],
            ("20260105", "Safari (in-app)", 9, 4),
        ),
        report(
            ["date", "eventName"],
            ["eventCount"],
            ("20260105", "page_view", 90),
            ("20260105", "signup", 3),
        ),
        report(["date", "landingPage"], ["sessions"], ("20260105", "/start?x=1", 4)),
        report(["date", "country", "browser"], ["screenPageViews"], ("20260105", "Japan", "x", 1)),
    ]
    rows, left = read("ga4", "reports.json", json.dumps({"reports": reports}))
    assert rows == [
        past("", "", pageviews=90, visits=40),
        Came(DAY, 20, source="google"),
        Came(DAY, 5, referrer="blog.example"),
        Came(DAY, 9),
        Came(
            DAY,
            6,
            campaign={"utm_source": "news", "utm_medium": "email", "utm_campaign": "january"},
        ),
        past("browser", "Safari (in-app)", pageviews=9, visits=4),
        past("event", "signup", events=3),
        past("", "", events=3),
        past("path", "/start?x=1", visits=4),
    ]
    assert "history comes uncrossed" in left.whole["reports.json"]
    assert "visitors are people" in left.whole["totalUsers"]


def test_two_reports_of_ga4_in_one_file_do_not_count_a_day_twice() -> None:
    path = report(["date", "pagePath"], ["screenPageViews"], ("20260105", "/a", 20))
    begun = report(["date", "landingPage"], ["sessions"], ("20260105", "/a", 7))
    url = report(
        ["date", "pageLocation"],
        ["screenPageViews"],
        ("20260105", "https://example.org/a", 20),
        ("20260106", "https://example.org/a", 8),
    )
    campaigns = report(
        ["date", "sessionCampaignName"],
        ["sessions"],
        ("20260105", "2025", 3),
        ("20260105", "2026", 4),
    )
    sources = report(["date", "sessionSource"], ["sessions"], ("20260105", "blog.example", 9))
    both = [path, begun, url, campaigns, path, sources]
    rows, left = read("ga4", "reports.json", json.dumps(both))
    assert rows == [
        past("path", "/a", pageviews=20),
        past("path", "/a", visits=7),
        past("path", "/a", date(2026, 1, 6), pageviews=8),
        Came(DAY, 3, campaign={"utm_campaign": "2025"}),
        Came(DAY, 4, campaign={"utm_campaign": "2026"}),
    ]
    assert left.rows == {"reports.json: another of its tables says it of the same day": 3}


def test_the_pages_of_one_report_of_ga4_add_up_and_a_row_of_them_counts_once() -> None:
    about = ["date", "newVsReturning", "browser"], ["screenPageViews", "totalUsers"]
    pages = [
        report(*about, ("20260105", "new", "Safari", 20, 9), ("20260105", "new", "Edge", 5, 4)),
        report(*about, ("20260105", "new", "Edge", 6, 5), ("20260105", "returning", "Edge", 7, 2)),
    ]
    rows, left = read("ga4", "reports.json", json.dumps(pages))
    assert rows == [
        past("browser", "Safari", pageviews=20),
        past("browser", "Edge", pageviews=5),
        past("browser", "Edge", pageviews=7),
    ]
    assert sum(left.rows.values()) == 1


def test_a_page_whose_url_is_none_does_not_refuse_the_import(says: Says) -> None:
    pages = report(
        ["date", "pageLocation"],
        ["screenPageViews"],
        ("20260105", "https://[bad/x", 20),
        ("20260105", "https://example.org/a?b=c", 30),
    )
    Path("pages.json").write_text(json.dumps(pages))
    assert says("import", "ga4", "pages.json", "--store", "stats.db")[0] == 0
    assert summed(STORE, "path") == {"/a": {"pageviews": 30}, "(unlisted)": {"pageviews": 20}}
    found = read(
        "matomo", "Actions.getPageUrls.csv", "date,url,nb_hits\n2026-01-05,https://[b/,3\n"
    )
    assert found[0] == [past("path", "(other)", pageviews=3)]


MATOMO_HEAD = (
    "date,label,nb_visits,nb_uniq_visitors,nb_hits,sum_time_spent,entry_nb_visits,bounce_rate,url"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_report_of_matomo_gives_views_and_entries_of_pages_in_any_encoding(
    encoding: str, end: str
) -> None:
    rows = [
        ("2026-01-05", "/préface", 3, 3, 7, 20, 2, "10%", "https://example.org/préface"),
        ("2026-01-05", "/index", 9, 9, 11, 20, 8, "10%", "https://example.org/"),
        ("2026-01-05", "Others", 1, 1, 2, 0, "", "0%", ""),
    ]
    text = table(MATOMO_HEAD, rows, end).encode(encoding)
    found, left = read("matomo", "Actions.getPageUrls.csv", text)
    assert found == [
        past("path", "/préface", pageviews=7, visits=2),
        past("path", "/", pageviews=11, visits=8),
        past("path", "(other)", pageviews=2),
    ]
    assert set(left.whole) == {"nb_uniq_visitors", "sum_time_spent", "bounce_rate"}


def test_reports_of_matomo_by_the_day_give_totals_and_sources() -> None:
    summary = {"2026-01-05": {"nb_visits": 12, "nb_uniq_visitors": 9}, "2026-01-06": []}
    assert read("matomo", "VisitsSummary.get.json", json.dumps(summary))[0] == [
        past("", "", visits=12)
    ]
    assert read("matomo", "Actions.get.json", json.dumps({"2026-01-05": {"nb_pageviews": 30}}))[
        0
    ] == [past("", "", pageviews=30)]
    types = table(
        "date,label,nb_visits,segment",
        [
            ("2026-01-05", "Direct Entry", 5, "referrerType==direct"),
            ("2026-01-05", "Search Engines", 4, "referrerType==search"),
        ],
    )
    assert read("matomo", "Referrers.getReferrerType.csv", types)[0] == [
        Came(DAY, 5, part="referrers.getreferrertype")
    ]
    sites = table("date,label,nb_visits", [("2026-01-05", "blog.example", 3)])
    assert read("matomo", "Referrers.getWebsites.csv", sites)[0] == [
        Came(DAY, 3, referrer="blog.example", part="referrers.getwebsites")
    ]
    browsers = table("date,label,nb_visits,nb_actions", [("2026-01-05", "Chrome", 3, 4)])
    rows, left = read("matomo", "DevicesDetection.getBrowsers.csv", browsers)
    assert (rows, "by visits and actions" in left.whole["DevicesDetection.getBrowsers.csv"]) == (
        [],
        True,
    )
    rows, left = read("matomo", "Actions.getPageUrls.csv", table("label,nb_hits", [("/", 3)]))
    assert (rows, "export with period=day" in next(iter(left.rows))) == ([], True)


def test_reports_of_matomo_that_share_out_the_visits_of_a_day_add_up(says: Says) -> None:
    Path("Actions.get.csv").write_text("date,nb_pageviews\n2026-01-05,90\n")
    labels = {
        "getWebsites": ("blog.example", 21),
        "getSearchEngines": ("Google", 22),
        "getCampaigns": ("spring", 23),
        "getReferrerType": ("Direct Entry", 24),
    }
    names = ["Actions.get.csv"]
    for method, (label, visits) in labels.items():
        for name in (f"Referrers.{method}.csv", f"Referrers.{method}-again.csv"):
            Path(name).write_text(f"date,label,nb_visits\n2026-01-05,{label},{visits}\n")
            names.append(name)
    Path("Referrers.getAll.csv").write_text("date,label,nb_visits\n2026-01-05,Google,22\n")
    names.append("Referrers.getAll.csv")
    code, told, _ = says("import", "matomo", *names, "--store", "stats.db")
    assert code == 0
    assert summed(STORE, "referrer") == {"blog.example": {"visits": 21}}
    assert summed(STORE, "utm_campaign") == {"spring": {"visits": 23}}
    assert sum(each["visits"] for each in summed(STORE, "channel").values()) == 90
    assert "Referrers.getWebsites-again.csv: another of the files says it of the same day" in told
    assert "Referrers.getAll.csv: its name does not begin with a method that is known" in told


GOATCOUNTER_HEAD = (
    "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,"
    "Location,FirstVisit,Date"
)


def test_lines_of_goatcounter_become_counts_of_the_sites_days_and_hours() -> None:
    late = "2026-01-05T23:30:00Z"  # the sixth, in Paris
    session = "5f3f7c7e-3b1c-4a5e-9f4e-2f1b8f3b8c11"
    lines = [
        ("/a", "A", "false", "", "Firefox 140", "Windows 10", session, 0, "blog.example/x", "h",
         "1920,1080,1", "US-TX", "true", late),
        ("/b", "B", "false", "", "Firefox 140", "Windows 10", session, 0, "", "", "", "FR", "false",
         late),
        ("/c", "C", "false", "", "bot", "", session, 150, "", "", "", "", "true", late),
        ("signup", "", "true", "", "Firefox 140", "Linux", session, 0, "", "", "", "", "true",
         late),
    ]  # fmt: skip
    rows, left = read("goatcounter", "export.csv", table(GOATCOUNTER_HEAD, lines))
    sixth = date(2026, 1, 6)
    hour = PARIS.moment(1767655800.0).hour
    view, visit, event = vector(pageviews=1), vector(visits=1), vector(events=1)
    assert rows == [
        Past(sixth, "", "", view, hour),
        Past(sixth, "path", "/a", view, hour),
        Past(sixth, "browser", "Firefox 140", view),
        Past(sixth, "os", "Windows 10", view),
        Past(sixth, "country", "US-TX", view),
        Past(sixth, "", "", visit, hour),
        Past(sixth, "path", "/a", visit, hour),
        Past(sixth, "browser", "Firefox 140", visit),
        Past(sixth, "os", "Windows 10", visit),
        Past(sixth, "country", "US-TX", visit),
        Came(sixth, 1, "blog.example/x"),
        Past(sixth, "", "", view, hour),
        Past(sixth, "path", "/b", view, hour),
        Past(sixth, "browser", "Firefox 140", view),
        Past(sixth, "os", "Windows 10", view),
        Past(sixth, "country", "FR", view),
        Past(sixth, "", "", event, hour),
        Past(sixth, "event", "signup", event),
    ]
    assert left.rows == {"machines, which are no views": 1}
    assert "does not tell a visit without a referrer" in left.whole["visits without a referrer"]


UMAMI_HEAD = (
    "website_id,session_id,visit_id,event_id,hostname,browser,os,device,language,country,city,"
    "url_path,url_query,referrer_domain,event_type,event_name,created_at"
)


def test_events_of_umami_become_counts_and_their_identifiers_nothing() -> None:
    ids = ("w", "11111111-2222-3333-4444-555555555555", "v", "e")
    about = ("example.org", "edge-chromium", "Windows 10", "laptop", "en-US", "DE", "Berlin")
    lines = [
        (*ids, *about, "/a", "utm_source=news&id=7", "example.org", 1, "", "2026-01-05 10:00:00"),
        (*ids, *about, "/b", "", "example.org", 1, "", "2026-01-05 10:00:05"),
        (*ids, *about, "/b", "", "", 2, "signup", "2026-01-05 10:00:09"),
    ]
    rows, left = read("umami", "website_event.csv", table(UMAMI_HEAD, lines))
    assert [row for row in rows if isinstance(row, Came)] == [
        Came(DAY, 1, "example.org", {"utm_source": "news"})
    ]
    views = [row[1:3] for row in rows if isinstance(row, Past) and row.counts[0]]
    assert views[:7] == [
        ("", ""),
        ("path", "/a?utm_source=news&id=7"),
        ("browser", "edge-chromium"),
        ("os", "Windows 10"),
        ("device", "laptop"),
        ("language", "en-US"),
        ("country", "DE"),
    ]
    assert len(views) == 14
    assert {"session_id", "visit_id", "event_id", "city"} <= set(left.whole)
    totals = {"pageviews": [{"x": "2026-01-05 00:00:00", "y": 9}], "sessions": []}
    assert read("umami", "pageviews.json", json.dumps(totals))[0] == [past("", "", pageviews=9)]


def test_groups_of_cloudflare_become_views_and_visits() -> None:
    def group(count: int, visits: int, **fields: str) -> dict[str, Any]:
        dimensions = {"date": "2026-01-05", **fields}
        return {"count": count, "sum": {"visits": visits}, "dimensions": dimensions}

    account = {
        "total": [group(90, 40)],
        "pages": [group(60, 30, requestPath="/"), group(30, 10, requestPath="/a")],
        "pagesAgain": [group(60, 30, requestPath="/")],
        "referrers": [group(40, 25, refererHost="blog.example"), group(50, 0, refererHost="")],
        "browsers": [group(90, 40, userAgentBrowser="ChromeMobile")],
    }
    zone = {
        "httpRequests1dGroups": [
            {"dimensions": {"date": "2026-01-05"}, "sum": {"pageViews": 7}, "uniq": {"uniques": 2}}
        ]
    }
    answer = {"data": {"viewer": {"accounts": [account], "zones": [zone]}}, "errors": None}
    rows, left = read("cloudflare", "answer.json", json.dumps(answer))
    assert rows == [
        past("", "", pageviews=90, visits=40),
        past("path", "/", pageviews=60, visits=30),
        past("path", "/a", pageviews=30, visits=10),
        Came(DAY, 25, "blog.example"),
        past("browser", "ChromeMobile", pageviews=90, visits=40),
    ]
    assert "also those of machines" in left.whole["httpRequests1dGroups"]
    assert "says it already" in left.whole["pagesAgain"]


SAMPLES = {
    "ga4": (
        "pages.csv",
        GA4_HEAD.format(first="20260105", last="20260105") + "Browser,Views\nx,1\n",
    ),
    "matomo": ("Actions.getPageUrls.csv", table("date,label,nb_hits", [("2026-01-05", "/", 40)])),
    "goatcounter": (
        "export.csv",
        table(
            GOATCOUNTER_HEAD,
            [("/a", "", "false", *[""] * 4, 0, *[""] * 5, "2026-01-05T10:00:00Z")] * 12,
        ),
    ),
    "umami": (
        "website_event.csv",
        table("url_path,event_type,created_at", [("/a", 1, "2026-01-05 10:00:00")] * 12),
    ),
    "cloudflare": (
        "answer.json",
        json.dumps(
            {
                "data": {
                    "viewer": {
                        "g": [
                            {"count": 40, "dimensions": {"date": "2026-01-05", "requestPath": "/"}}
                        ]
                    }
                }
            }
        ),
    ),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_file_is_known_by_its_looks_and_refused_by_every_other_tool(
    kind: str, says: Says
) -> None:
    name, content = SAMPLES[kind]
    Path(name).write_text(content)
    assert looks_like(opened([name])[0]) == kind
    for other in KINDS.keys() - {kind}:
        code, _, errors = says("import", other, name, "--store", "stats.db")
        assert code == 2, other
        assert f"this looks like an export of {KINDS[kind].label}" in errors, other
    assert not Path("stats.db").exists() or counts(STORE) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", ["", "\n", "{", "[]", "{}", "a,b\n1\n", "\x00\x01", "# \n#\n"])
def test_what_is_nothing_is_refused_in_a_sentence(kind: str, content: str, says: Says) -> None:
    for name in ("Actions.getPageUrls.csv", "imported_pages_20260101_20260131.csv", "file.json"):
        Path(name).write_text(content)
        code, told, errors = says("import", kind, name, "--store", "stats.db")
        assert (code, told) == (2, ""), name
        assert "Traceback" not in errors
        assert errors.splitlines()[-1].startswith("firstparty: ")


def test_every_dimension_that_an_importer_names_is_in_the_table() -> None:
    from firstparty.importers import cloudflare, ga4, goatcounter, matomo, plausible, umami

    named = {
        *(dimension for dimension, _ in plausible.VALUES.values()),
        *plausible.LINKS.values(),
        *plausible.CAMPAIGN,
        *ga4.VALUES.values(),
        *ga4.CAME.values(),
        *goatcounter.VALUES.values(),
        *umami.VALUES.values(),
        *umami.CAMPAIGN,
        *cloudflare.VALUES.values(),
        *(dimension for dimension, _ in matomo.METHODS.values()),
    }
    known = dimensions.table(country="header:x")
    assert named - known.keys() == {""}


def test_what_may_identify_someone_in_a_file_is_nowhere_in_the_database(
    says: Says, folder: Path
) -> None:
    secrets = {
        "jane.doe@example.com": "/u/jane.doe@example.com",
        "8f14e45fceea167a5a36dedd4bea2543": "/reset/8f14e45fceea167a5a36dedd4bea2543",
        "5f3f7c7e-3b1c-4a5e-9f4e-2f1b8f3b8c11": "/s/5f3f7c7e-3b1c-4a5e-9f4e-2f1b8f3b8c11",
        "4111111111111111": "/pay?card=4111111111111111",
        "203.0.113.77": "/from/203.0.113.77",
    }
    session = "0e6f1d2c-aaaa-4bbb-8ccc-1234567890ab"
    lines = [
        (path, "", "false", "", "Firefox 1", "Linux", session, 0, f"https://{secret}/", "h", "", "",
         "true", "2026-01-05T10:00:00Z")
        for secret, path in secrets.items()
        for _ in range(9)
    ]  # fmt: skip
    Path("export.csv").write_text(table(GOATCOUNTER_HEAD, lines))
    assert says("import", "goatcounter", "export.csv", "--store", "stats.db")[0] == 0
    Path("pages.json").write_text(
        json.dumps(
            [
                report(
                    ["date", "pagePath"],
                    ["screenPageViews"],
                    *(("20260107", path, 50) for path in secrets.values()),
                ),
                report(
                    ["date", "sessionSource", "sessionMedium", "sessionCampaignName"],
                    ["sessions"],
                    *(("20260107", secret, "email", secret, 50) for secret in secrets),
                ),
            ]
        )
    )
    assert says("import", "ga4", "pages.json", "--store", "stats.db")[0] == 0
    stored = b"".join(each.read_bytes() for each in folder.glob("stats.db*"))
    for secret in (*secrets, session, "jane.doe"):
        assert secret.encode() not in stored, secret
    assert says("verify", "stats.db")[0] == 0


def test_hostile_texts_are_texts_and_names_in_a_zip_lead_nowhere(says: Says, folder: Path) -> None:
    pages = [
        ("2026-01-05", '=HYPERLINK("http://evil.example","x")', 20),
        ("2026-01-05", "/<script>alert(1)</script>", 20),
        ("2026-01-05", "/" + "a" * 300_000, 20),
        ("2026-01-05", "/\u202egnp.exe\x07", 20),
    ]
    text = table("date,page,pageviews", pages)
    outside = folder.parent / "escaped.csv"
    importing.packed(
        folder / "export.zip",
        {"../../escaped/imported_pages_20260101_20260131.csv": text, "__MACOSX/._x.csv": b"\0"},
    )
    code, _, errors = says("import", "plausible", "export.zip", "--store", "stats.db")
    assert (code, errors.count("Traceback")) == (0, 0), errors
    assert not outside.exists()
    names = summed(STORE, "path")
    assert all(len(name) <= 200 and name.startswith(("/", "(")) for name in names)
    assert says("verify", "stats.db")[0] == 0


def test_a_zip_or_a_gzip_that_grows_without_end_is_refused(
    says: Says, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstparty.importers.sheets.FREE", 2**16)
    bomb = "date,page,pageviews\n" + "2026-01-05,/,1\n" * 500_000
    importing.packed(folder / "bomb.zip", {"imported_pages_20260101_20260131.csv": bomb})
    (folder / "2.csv.gz").write_bytes(gzip.compress(b"2Path,Date\n" + b"\0" * 2**24))
    for kind, name in (("plausible", "bomb.zip"), ("goatcounter", "2.csv.gz")):
        code, _, errors = says("import", kind, name, "--store", "stats.db")
        assert (code, "times as large when it is unpacked" in errors) == (2, True), name


def test_a_truncated_zip_and_a_file_that_is_cut_off_say_so(says: Says, folder: Path) -> None:
    whole = plausible(folder / "export.zip").read_bytes()
    (folder / "cut.zip").write_bytes(whole[: len(whole) // 2])
    code, _, errors = says("import", "plausible", "cut.zip", "--store", "stats.db")
    assert (code, "cannot be unpacked" in errors) == (2, True)
    rows, left = read(
        "plausible",
        "imported_pages_20260101_20260131.csv",
        'date,page,pageviews\n2026-01-05,/,9\n2026-01-05,"/a',
    )
    assert rows == [past("path", "/", pageviews=9)]
    assert "it may be cut off" in next(iter(left.rows))


def test_the_same_day_in_two_files_of_one_command_counts_once(says: Says, folder: Path) -> None:
    for name in ("a", "b"):
        (folder / name).mkdir()
        plausible(folder / name / "export.zip")
    code, _, _ = says("import", "plausible", "a/export.zip", "b/export.zip", "--store", "stats.db")
    assert code == 0
    twice = counts(STORE)
    says("import", "plausible", "a/export.zip", "--store", "one.db")
    once = counts("sqlite:///one.db")
    assert {key: each for (_, key), each in twice.items()} == {
        key: each for (_, key), each in once.items()
    }


def test_the_commands_of_the_page_run(folder: Path, says: Says) -> None:
    """Blocks of ```sh in docs/how-to/import-history.md."""
    day = "2026-01-05"
    plausible(folder / "export.zip")
    pages = [report(["date", "pagePath"], ["screenPageViews"], ("20260301", "/", 40))]
    for name in ("days", "pages", "sources"):
        Path(f"{name}.json").write_text(json.dumps(pages))
    Path("Actions.get.csv").write_text(table("date,nb_pageviews", [("2026-04-01", 40)]))
    Path("VisitsSummary.get.csv").write_text(table("date,nb_visits", [("2026-04-01", 30)]))
    Path("Actions.getPageUrls.csv").write_text(
        table("date,label,nb_hits", [("2026-04-01", "/", 40)])
    )
    goat = SAMPLES["goatcounter"][1].replace(day, "2026-05-01")
    Path("goatcounter-export.csv.gz").write_bytes(gzip.compress(goat.encode()))
    Path("website_event.csv").write_text(SAMPLES["umami"][1].replace(day, "2026-06-01"))
    Path("answer.json").write_text(SAMPLES["cloudflare"][1].replace(day, "2026-07-01"))
    text = (ROOT / "docs/how-to/import-history.md").read_text()
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(lines) == 10
    for line in lines:
        program, *arguments = shlex.split(line)
        assert (program, says(*arguments)[0]) == ("firstparty", 0), line
    kinds = {each.kind for each in importing.used(STORE, lambda store: store.imports())}
    tools = {kind for kind, row in KINDS.items() if not row.lines}
    assert kinds == tools
    assert {kind: f"import {kind} " in text for kind in tools} == dict.fromkeys(tools, True)
