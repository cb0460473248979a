"""What visitors are told: in two languages, from the settings, and the same as data."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from firstparty import Dimension, Settings, Site, ThirdParty, dictionary
from firstparty.cli import main
from firstparty.dimensions import COUNTRIES, DIMENSIONS, EXPOSURE, table
from firstparty.marks import Mark
from firstparty.metrics import METRICS
from firstparty.periods import Moment
from firstparty.readings import READINGS, ZONE
from firstparty.since import Change, latest, log, note, values
from firstparty.stores import Shape, look
from firstparty.stores.memory import MemoryStore
from firstparty.told import blocks, french, officers_words, visitors
from firstparty.told.blocks import Items, Paragraph, Section, Table, Text
from firstparty.told.promises import PROMISES
from firstparty.told.words_en import WORDS as ENGLISH
from firstparty.told.words_fr import WORDS as FRENCH
from tests.driving import Reply, counting, request

HTML = {"accept": "text/html"}
EVERYTHING: dict[str, Any] = {
    "exposure": "block",
    "country": "timezone",
    "accepted": (
        ThirdParty("fonts.gstatic.com", purpose="our <b>typeface</b>", contract="s3cr3t"),
    ),
}


def asked(path: str = "/stats/privacy", headers: Mapping[str, str] = HTML, **options: Any) -> Reply:
    query = path.partition("?")[2]
    path = path.partition("?")[0]
    return asyncio.run(request(counting(**options), path, headers, query=query))


def test_both_languages_have_the_same_words_with_the_same_places_to_fill() -> None:
    assert set(ENGLISH) == set(FRENCH)
    for name, words in ENGLISH.items():
        places = [sorted(re.findall(r"\{\w+\}|`[^`]+`", each)) for each in (words, FRENCH[name])]
        assert places[0] == places[1], name


def test_every_row_of_every_table_has_words_in_french() -> None:
    rows = {row.name for row in (*DIMENSIONS, COUNTRIES, *EXPOSURE) if row.metrics}
    assert set(french.DIMENSIONS) == rows
    assert set(french.METRICS) == {metric.name for metric in METRICS}
    assert set(french.READINGS) == {reading.name for reading in (*READINGS, ZONE)}
    for row in EXPOSURE:
        assert visitors.row_words(row, "fr")[0].startswith("Tiers")


@pytest.mark.parametrize(
    ("path", "language", "shown"),
    [
        ("/stats/privacy", "en-GB,en", "en"),
        ("/stats/privacy", "fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("/stats/privacy", "de, fr;q=0.5", "fr"),
        ("/stats/privacy", "de", "en"),
        ("/stats/privacy", "", "en"),
        ("/stats/privacy?lang=fr", "en", "fr"),
        ("/stats/privacy?lang=en", "fr", "en"),
        ("/stats/privacy?lang=xx", "fr", "fr"),
    ],
)
def test_the_page_is_in_the_language_that_is_asked_for(
    path: str, language: str, shown: str
) -> None:
    reply = asked(path, {**HTML, "accept-language": language})
    assert (reply.status, f'<html lang="{shown}">' in reply.body.decode()) == (200, True)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_needs_no_script_and_tells_each_dimension(lang: str) -> None:
    text = asked(f"/stats/privacy?lang={lang}", **EVERYTHING).body.decode()
    assert "<script" not in text
    rows = table(country="timezone", exposure="block")
    for row in rows.values():
        label, told = visitors.row_words(row, "fr" if lang == "fr" else "en")
        assert blocks.inline(told) in text, label
    assert "our &lt;b&gt;typeface&lt;/b&gt;" in text
    assert "s3cr3t" not in text
    assert text.count("<section") == text.count("</section>") == 13


def test_the_page_follows_the_configuration() -> None:
    plain = asked().body.decode()
    assert "which other hosts" not in plain
    assert "has named no other company" in plain
    assert "which other hosts" in asked(exposure="report").body.decode()
    assert "told to refuse" in asked(exposure="block").body.decode()
    assert "Screens" in plain
    assert "Screens" not in asked(omit=("screen",)).body.decode()
    assert "not shown below 25" in asked(min_count=25).body.decode()
    assert "how wide the screen is" not in asked(sends=()).body.decode()


def test_with_another_tools_script_the_page_speaks_for_this_program_alone() -> None:
    plain = asked().body.decode()
    assert "For counting, no cookie is set or read" in plain
    assert "another tool" not in plain
    accepting = asked(accept=("umami", "matomo"))
    theirs = accepting.body.decode()
    assert "whose calls come to this site: Umami, Matomo." in theirs
    assert "This program sets and reads no cookie to count" in theirs
    assert "You get no identifier" not in theirs
    assert (
        "dont les appels arrivent à ce site : Umami, Matomo."
        in asked("/stats/privacy?lang=fr", accept=("umami", "matomo")).body.decode()
    )
    facts = asked(headers={"accept": "application/json"}, accept=("umami",)).body
    assert json.loads(facts)["accept"] == ["umami"]


def test_since_when_another_tools_calls_are_understood_is_noted() -> None:
    settings = Settings(accept=("umami", "matomo"))
    assert values(settings, table())["accept"] == "umami, matomo"
    assert values(Settings(), table())["accept"] == "nothing"


def test_a_user_s_own_dimension_is_told_in_its_own_words() -> None:
    own = Dimension(name="plan", values=("free", "team"), source=lambda _: None, told="The plan.")
    assert "The plan." in asked("/stats/privacy?lang=fr", dimensions=(own,)).body.decode()


def test_the_page_has_a_further_address_from_which_its_links_lead_on() -> None:
    options = {"privacy": "/privacy/analytics", "privacy_style": "/static/own.css"}
    text = asked("/privacy/analytics", **options).body.decode()
    assert 'href="/stats/assets/privacy.css"' in text
    assert '<link rel="stylesheet" href="/static/own.css">' in text
    assert '<a href="/stats/receipt">' in text
    assert asked("/privacy/analytics").body == b"<p>Hello."  # the application's own
    assert '<a href="receipt">' in asked("/stats/privacy", **options).body.decode()
    below = asyncio.run(
        request(counting(**options), "/shop/privacy/analytics", HTML, root_path="/shop")
    )
    assert 'href="/shop/stats/assets/privacy.css"' in below.body.decode()


def test_the_same_is_there_as_data() -> None:
    reply = asked(headers={"accept": "application/json"}, **EVERYTHING)
    told = json.loads(reply.body)
    assert reply.headers["content-type"] == "application/json"
    assert [section["name"] for section in told["sections"]] == [
        *("short", "never", "counted", "numbers", "how-long", "read", "third", "receipt"),
        *("object", "answers", "promise", "since", "limits"),
    ]
    rows = table(country="timezone", exposure="block")
    assert [row["name"] for row in told["counted"]] == list(rows)
    assert told["counted"][0] == {
        "name": "path",
        "label": "Pages",
        "told": rows["path"].told,
        "kept": ["day", "hour", "month"],
        "by": None,
        "closed": False,
        "most_names": 20_000,
        "metrics": list(rows["path"].metrics),
    }
    assert told["third_parties"]["exposure"] == "block"
    assert told["third_parties"]["accepted"] == [
        {"host": "fonts.gstatic.com", "purpose": "our <b>typeface</b>"}
    ]
    assert "s3cr3t" not in reply.body.decode()


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/json", "application/json"),
        ("application/json, */*;q=0.1", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/html, application/json;q=0.5", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
    ],
)
def test_it_is_data_for_who_wants_data_alone(accept: str, media: str) -> None:
    assert asked(headers={"accept": accept}).headers["content-type"] == media


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](//evil.example)",
        '[x](https://evil.example/?"onmouseover=1)',
        "`</code><script>`",
        "{receipt} {0} %s",
        "\u202eexe.gpj",
    ],
)
def test_no_text_of_the_settings_becomes_markup_or_leads_elsewhere(text: str) -> None:
    own = Dimension(name="plan", values=("a",), source=lambda _: None, told=text, label=text)
    party = ThirdParty("fonts.example", purpose=text)
    body = asked(dimensions=(own,), accepted=(party,)).body.decode()
    assert not re.search(r"<(img|script)|onmouseover=1\)?\"|href=\"(javascript|//)", body)
    links = re.findall(r'href="([^"]*)"', body)
    outside = [each for each in links if ":" in each or each.startswith("//")]
    assert outside == ["https://globalprivacycontrol.org/"]


def test_nothing_is_promised_that_nobody_can_promise() -> None:
    for lang in ("en", "fr"):
        text = asked(f"/stats/privacy?lang={lang}", **EVERYTHING).body.decode().lower()
        for words in ("certified", "certifié", "no consent", "sans consentement", "gdpr compliant"):
            assert words not in text


def test_each_test_of_the_promise_is_linked_beside_its_line() -> None:
    text = (Path(__file__).parent / "test_privacy.py").read_text("utf-8")
    parts = re.split(r"^# \d -+$", text, flags=re.MULTILINE)[1:]
    tests = [tuple(re.findall(r"^def (test_\w+)", part, flags=re.MULTILINE)) for part in parts]
    assert [promise.tests for promise in PROMISES] == tests, "name it in told/promises.py"
    page, shown = asked().body.decode(), asked("/stats/promise")
    assert "<script" not in shown.body.decode()
    for name in (name for names in tests for name in names):
        assert f'<a href="promise#{name}">{name}</a>' in page
        assert f'def <b id="{name}">{name}</b>' in shown.body.decode()


# The log of settings


def test_the_log_says_since_when_each_setting_is_in_force() -> None:
    async def act() -> list[Change]:
        store = MemoryStore("", Shape("", "", {}, {}, {}, {}))
        rows = table()
        first, later = Moment(60, 60, 20261124, 202611), Moment(60, 60, 20261201, 202612)
        await note(store, Settings(), rows, first)
        await note(store, Settings(), rows, later)  # nothing has changed
        return await note(store, Settings(exposure="report", sends=("time",)), rows, later)

    changes = asyncio.run(act())
    assert Change("exposure", "off", date(2026, 11, 24)) in changes
    found = latest(changes)
    assert (found["exposure"].value, found["exposure"].since) == ("report", date(2026, 12, 1))
    assert (found["sends"].value, found["sends"].since) == ("time", date(2026, 12, 1))
    assert (found["collect"].value, found["collect"].since) == ("server", date(2026, 11, 24))
    assert set(found) == set(values(Settings(), table()))


def test_what_changes_back_is_noted_again() -> None:
    async def act() -> list[Change]:
        store = MemoryStore("", Shape("", "", {}, {}, {}, {}))
        for day, exposure in ((20261124, "off"), (20261125, "report"), (20261126, "off")):
            settings = Settings(exposure=exposure)
            await note(store, settings, table(), Moment(60, 60, day, 202611))
        return [each for each in log(await store.marks()) if each.name == "exposure"]

    assert asyncio.run(act()) == [
        Change("exposure", "off", date(2026, 11, 24)),
        Change("exposure", "report", date(2026, 11, 25)),
        Change("exposure", "off", date(2026, 11, 26)),
    ]


def test_a_note_outlives_the_counts_of_its_day() -> None:
    async def act() -> list[Change]:
        store = MemoryStore("", Shape("", "", {}, {}, {}, {}))
        for day, kept in ((20261124, 20241024), (20281202, 20261102), (20310102, 20281202)):
            await note(store, Settings(), table(), Moment(60, 60, day, day // 100))
            await store.forget({"day": kept})
        return list(latest(log(await store.marks())).values())

    assert {each.since for each in asyncio.run(act())} == {date(2026, 11, 24)}


@pytest.mark.parametrize("text", ["", "=", "a=b", "a=b@", "a=b@x", "a=b@2026112", "a=b@x~20261124"])
def test_a_mark_that_is_no_note_is_passed_over(text: str) -> None:
    assert log([Mark("setting", text, 60, 20261124)]) == []


def test_the_page_tells_since_when() -> None:
    async def act() -> tuple[str, Any]:
        site = counting(clock=lambda: 1_795_518_000.0)
        await site.flusher.flush()
        page = await request(site, "/stats/privacy", HTML)
        told = await request(site, "/stats/privacy", {"accept": "application/json"})
        return page.body.decode(), json.loads(told.body)["changes"]

    page, changes = asyncio.run(act())
    assert '<tr><th scope="row">exposure</th><td>off</td><td>2026-11-24</td></tr>' in page
    assert {"setting": "exposure", "value": "off", "since": "2026-11-24"} in changes


# Texts as data


TEXT = Text(
    "en",
    "T <1>",
    (
        Section(
            "a",
            "A & B",
            (
                Paragraph("See [here](receipt), [there](https://a.example/?x=1) and `code`."),
                Items(("one", "[bad](javascript:alert) [worse](https://a.example/\"x)")),
                Table(("h", "i"), (("1|2", "<b>"),)),
            ),
        ),
    ),
)  # fmt: skip


def test_a_text_is_html() -> None:
    assert blocks.html(TEXT) == (
        '<section id="a">\n<h2>A &amp; B</h2>\n'
        '<p>See <a href="receipt">here</a>, <a href="https://a.example/?x=1" rel="noreferrer">there'
        "</a> and <code>code</code>.</p>\n"
        "<ul>\n<li>one</li>\n<li>[bad](javascript:alert) [worse](https://a.example/&quot;x)</li>\n"
        "</ul>\n"
        '<table>\n<thead><tr><th scope="col">h</th><th scope="col">i</th></tr></thead>\n<tbody>\n'
        '<tr><th scope="row">1|2</th><td>&lt;b&gt;</td></tr>\n</tbody>\n</table>\n</section>'
    )


def test_a_text_is_markdown() -> None:
    assert blocks.markdown(TEXT) == (
        "# T <1>\n\n## A & B\n\n"
        "See [here](receipt), [there](https://a.example/?x=1) and `code`.\n\n"
        '- one\n- [bad](javascript:alert) [worse](https://a.example/"x)\n\n'
        "| h | i |\n| --- | --- |\n| 1&#124;2 | <b> |\n"
    )


def test_a_site_s_name_is_text() -> None:
    name = "<i>shop</i>"
    text = asked(site=Site(name.replace("/", ""), hosts=())).body.decode()
    assert "<i>shop<i>" not in text
    assert "&lt;i&gt;shop" in text


# The command


@pytest.fixture
def fennel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An application that can be named, with a database."""
    (tmp_path / "told_application.py").write_text(
        "from starlette.applications import Starlette\n"
        "from firstparty import AnalyticsMiddleware, ThirdParty\n"
        "app = Starlette()\n"
        "app.add_middleware(AnalyticsMiddleware, site='fennel', exposure='block', sends=('time',),"
        f" store='sqlite:///{tmp_path}/stats.db', password='x',"
        " accepted=[ThirdParty('fonts.gstatic.com', purpose='our typeface')])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "told_application", raising=False)
    return "told_application:app"


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("dpo", [[], ["--dpo"]])
def test_the_command_prints_the_text(
    fennel: str, lang: str, dpo: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["privacy", "--app", fennel, "--lang", lang, *dpo]
    assert main(arguments) == 0
    markdown = capsys.readouterr().out
    assert markdown.startswith("# ")
    assert "fennel" in markdown
    assert "| fonts.gstatic.com | Google | our typeface |" in markdown
    assert main([*arguments, "--format", "html"]) == 0
    page = capsys.readouterr().out
    assert page.count("<section") == page.count("</section>") >= 12
    assert main([*arguments, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["lang"], len(told["sections"])) == (lang, 12 if dpo else 13)


def test_the_sheet_has_every_column_every_reading_and_every_dimension(
    fennel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["privacy", "--app", fennel, "--dpo"]) == 0
    sheet = capsys.readouterr().out
    for column in dictionary.COLUMNS:
        assert f"| `{column.table}` | `{column.name}` |" in sheet
    for row in table(exposure="block").values():
        assert row.told in sheet
    assert (
        '| `more.js` | for how many seconds the page was visible | `sends=("time", …)` | on |'
        in sheet
    )
    assert '`sends=("scroll", …)` | off |' in sheet
    for words in ("Singling out", "Linkability", "Inference", "access logs", "05/2014"):
        assert words in sheet


def test_every_table_of_the_dictionary_has_a_largest_size(
    fennel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["privacy", "--app", fennel, "--dpo", "--lang", "fr"]) == 0
    sheet = capsys.readouterr().out
    sizes = sheet[sheet.index("| Dimension ou table |") :]
    counts = {"counts", "narrow", "wide"}  # told by dimension
    for name in (*dictionary.TABLES.keys() - counts, *table(exposure="block")):
        assert re.search(
            rf"^\| {name} \| [\d\u202f\xa0 ]+ \| [\d\u202f\xa0 ]+ \|$", sizes, re.MULTILINE
        ), name


def test_the_four_questions_are_answered_by_the_configuration() -> None:
    def answers(**options: Any) -> list[str]:
        told = json.loads(asked(headers={"accept": "application/json"}, **options).body)
        (section,) = [each for each in told["sections"] if each["name"] == "answers"]
        found: list[str] = section["blocks"][0]["list"]
        return found

    plain, stopped = answers(), answers(exposure="block")
    assert [each.partition("?")[0] for each in plain] == [
        "How much data does this need",
        "How much is exposed to others, what for, and with your consent",
        "What comes first",
        "What keeps it confidential",
    ]
    assert plain[1].endswith("is for this site to say: this program does not know.")
    assert stopped[1].endswith("your browser is told to refuse all others until you have agreed.")


def test_the_command_tells_since_when_and_adds_no_site_to_a_database(
    fennel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = f"sqlite:///{tmp_path}/stats.db"

    async def act() -> None:
        site = counting(store=store, site="fennel", clock=lambda: 1_795_518_000.0)
        await site.flusher.flush()
        await site.flusher.stop()

    asyncio.run(act())
    assert main(["privacy", "--app", fennel]) == 0
    assert "| collect | server | 2026-11-24 |" in capsys.readouterr().out
    assert main(["privacy", "--store", store, "--site", "other"]) == 0
    found = look(store)
    assert found is not None
    assert found.sites == (("fennel", "UTC"),)


def test_the_words_for_officers_are_there_in_both_languages() -> None:
    words = officers_words.WORDS
    assert set(words["en"]) == set(words["fr"])
    for text in (*words["en"].values(), *words["fr"].values()):
        assert "certified" not in text
        assert "no consent" not in text
