"""Settings: a wrong one fails at the start, and says what to write instead."""

import ast
import asyncio
import inspect
import logging
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from firstparty import AnalyticsMiddleware, Dimension, SettingError, Settings, Site
from firstparty import settings as settings_
from tests.driving import page, request

ROOT = Path(__file__).parent.parent
NAMES = [field.name for field in fields(Settings)]


def plan(**more: Any) -> Dimension:
    return Dimension(**{"name": "plan", "values": ("free",), "source": lambda _: None, **more})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"stroe": "x"}, "there is no setting 'stroe'; the settings are store, site, timezone"),
    ({"store": "sqlight:///x"}, "store 'sqlight:///x' is not known: write sqlite:///stats.db"),
    ({"store": "stats.db"}, "store 'stats.db' is not known: write sqlite:///stats.db"),
    ({"store": "sqlite://stats.db"}, "store 'sqlite://stats.db' names no file: write sqlite:///"),
    ({"store": "memory://x"}, "store 'memory://x' takes no address: write memory://"),
    ({"store": None}, "store=None: write 'sqlite:///stats.db'"),
    ({"site": 7}, "site=7: write 'example.org' or Site("),
    ({"timezone": "Paris"}, "timezone='Paris' is not known: write an IANA name such as"),
    ({"timezone": ""}, "timezone='' is not known: write an IANA name such as"),
    ({"timezone": "../etc/passwd"}, "timezone='../etc/passwd' is not known: write an IANA name"),
    ({"timezone": 2}, "timezone=2: write 'Europe/Paris'"),
    ({"prefix": "stats"}, "prefix='stats': write a path that starts with / and does not end with"),
    ({"prefix": "/stats/"}, "prefix='/stats/': write a path that starts with / and does not end"),
    ({"prefix": "/"}, "prefix='/': write a path that starts with / and does not end with it"),
    ({"prefix": ""}, "prefix='': write a path that starts with / and does not end with it"),
    ({"prefix": "/a b"}, "prefix='/a b': write a path"),
    ({"prefix": None}, "prefix=None: write '/stats'"),
    ({"collector": "/a?b"}, "collector='/a?b': write a path that starts with /"),
    ({"collector": 1}, "collector=1: write '/_tally'"),
    ({"collector": "/stats"}, "prefix='/stats' and collector='/stats' overlap: a filter list"),
    ({"collector": "/stats/c"}, "prefix='/stats' and collector='/stats/c' overlap"),
    ({"prefix": "/_tally/s"}, "prefix='/_tally/s' and collector='/_tally' overlap"),
    ({"collect": "browser"}, "collect='browser': write 'server' or 'script'"),
    ({"collect": []}, "collect=[]: write 'server' or 'script'"),
    ({"authorize": "yes"}, "authorize='yes': write a function of the request"),
    ({"password": ""}, "password='' lets everybody in: write one, or public=True"),
    ({"password": 1234}, "password=1234: write a text"),
    ({"public": "yes"}, "public='yes': write True or False"),
    ({"sites": "b=/b/"}, "sites='b=/b/' is one text: write sites=('b=/b/',)"),
    ({"sites": (7,)}, "sites: 7 is none: write sites=('blog.example=/blog/stats/',)"),
    ({"sites": ("b",)}, "sites: 'b': write the site's name and where its stats page is, as"),
    ({"sites": ("=/b/",)}, "sites: '=/b/': write the site's name and where its stats page is"),
    ({"sites": ("/b/=b",)}, "sites: '/b/=b': write the site's name and where its stats page is"),
    ({"sites": ("b=//evil.example/",)}, "sites: 'b=//evil.example/': write the site's name"),
    ({"sites": ("b=javascript:alert(1)",)}, "sites: 'b=javascript:alert(1)': write the site's"),
    ({"sites": ("b=/stats/#link=x",)}, "sites: 'b=/stats/#link=x': write the site's name"),
    ({"sites": ("b=/b/", "b=/c/")}, "sites: 'b' is there twice: choose another name"),
    ({"exclude": "/admin"}, "exclude='/admin' is one text: write exclude=('/admin',)"),
    ({"exclude": ("admin",)}, "exclude: 'admin' is no path: start it with /"),
    ({"exclude": 7}, "exclude=7: write a list, exclude=(…)"),
    ({"templates": "/a/{b}"}, "templates='/a/{b}' is one text: write templates=('/a/{b}',)"),
    ({"templates": ("/a",)}, "templates: '/a' has no whole parameter: write it as '/users/{id}'"),
    ({"templates": ("a/{b}",)}, "templates: 'a/{b}' is no path: start it with /"),
    ({"templates": ("/{a:what}",)}, "templates: '/{a:what}': Unknown path convertor"),
    ({"templates": ("/{a}/{a}",)}, "templates: '/{a}/{a}': Duplicated param"),
    ({"templates": (7,)}, "templates: 7 is no path: start it with /"),
    ({"paths": "routes"}, "paths='routes': write 'raw' or 'route'"),
    ({"listed": "/a"}, "listed='/a' is one text: write listed=('/a',)"),
    ({"listed": ("a",)}, "listed: 'a' is no path: start it with /"),
    ({"listed": 5}, "listed=5: write a list, listed=(…)"),
    ({"admit_after": 0}, "admit_after=0: write 1 or more, 3 is the default"),
    ({"admit_after": 1.5}, "admit_after=1.5: write a whole number"),
    ({"admit_after": True}, "admit_after=True: write a whole number"),
    ({"min_count": 9}, "min_count=9: write 10 or more; smaller counts of a page by another"),
    ({"min_count": "10"}, "min_count='10': write a whole number"),
    ({"query": "q"}, "query='q' is one text: write query=('q',)"),
    ({"query": (1,)}, "query: 1 is none: write query=('q',)"),
    ({"accept": ("ga",)}, "accept: 'ga' is none of plausible, umami, goatcounter, matomo"),
    ({"accept": "umami"}, "accept='umami' is one text: write accept=('umami',)"),
    ({"accept": (7,)}, "accept: 7 is none: write accept=('plausible',)"),
    ({"sends": ("address",)}, "sends: 'address' is none of referrer, navigation, visit, time"),
    ({"omit": ("browsers",)}, "'browsers' is none that can be omitted: write some of not_found"),
    ({"omit": ("path",)}, "'path' is none that can be omitted: write some of not_found"),
    ({"country": "ip"}, "country='ip': write 'timezone', or 'header:cf-ipcountry' with the name"),
    ({"country": "header:cookie"}, "country='header:cookie': write 'timezone', or 'header:cf"),
    ({"bots": True}, "bots=True: "),
    ({"bots": 1}, "bots=1: write True or False"),
    ({"dimensions": (plan(), plan())}, "dimension 'plan' is there already: choose another name"),
    ({"dimensions": (plan(name="path"),)}, "dimension 'path' is there already: choose another"),
    ({"dimensions": (plan(name="time"),)}, "dimension 'time' needs a name of lower-case letters"),
    ({"dimensions": (plan(name="My plan"),)}, "dimension 'My plan' needs a name of lower-case"),
    ({"dimensions": (plan(values=()),)}, "dimension 'plan' needs values=(…), its closed list of"),
    ({"dimensions": (plan(values="free"),)}, "dimension 'plan' needs values=(…), its closed list"),
    ({"dimensions": (plan(kinds={"x"}),)}, "dimension 'plan': no such kinds of hit: ['x']"),
    (
        {"dimensions": (plan(metrics=("views",)),)},
        "dimension 'plan': metrics has 'views': write some",
    ),
    (
        {"dimensions": (plan(basis="misses"),)},
        "dimension 'plan': basis has 'misses': write some of",
    ),
    (
        {"dimensions": (plan(gives="clicks"),)},
        "dimension 'plan': gives has 'clicks': write some of",
    ),
    (
        {"dimensions": (plan(kept={"week"}),)},
        "dimension 'plan': kept has 'week': write some of day",
    ),
    ({"dimensions": (plan(vocabulary="source"),)}, "dimension 'plan': vocabulary has 'source'"),
    ({"dimensions": ("plan",)}, "dimensions: 'plan' is none: write dimensions=(Dimension("),
    ({"release": 1.4}, "release=1.4: write a text, as '1.4.0'"),
    ({"release": "1" * 65}, f"release='{'1' * 65}' has 65 characters: write at most 64"),
    (
        {"release": "\n"},
        "release='\\n' has nothing to show: write a version, as '1.4.0', or '' for",
    ),
    ({"goals": ("/pricing",)}, "goals: '/pricing' is none: write goals=(Goal('sign-up', event="),
    ({"funnels": ("trial",)}, "funnels: 'trial' is none: write funnels=(Funnel('trial', steps="),
    ({"privacy": "privacy"}, "privacy='privacy': write a path of this site that starts with /"),
    ({"privacy": "//a.example/x"}, "privacy='//a.example/x': write a path of this site"),
    ({"privacy": "/stats/about"}, "privacy='/stats/about' is below prefix= or collector="),
    ({"privacy": 7}, "privacy=7: write '/privacy/analytics'"),
    ({"privacy_style": "https://a.example/a.css"}, "privacy_style='https://a.example/a.css': wr"),
    ({"exposure": "on"}, "exposure='on': write 'off' or 'report' or 'block'"),
    ({"exposure": True}, "exposure=True: write 'off' or 'report' or 'block'"),
    ({"exposure_budget": -1}, "exposure_budget=-1: write 0 or more, 500 is the default"),
    ({"exposure_budget": 2.5}, "exposure_budget=2.5: write a whole number of documents a day"),
    ({"accepted": ("fonts.example",)}, "accepted: 'fonts.example' is none: write accepted=(Third"),
    ({"consent": ("a.example",)}, "consent=('a.example',): write a function of the scope"),
    ({"consent": lambda: ()}, "consent is called with one argument: write lambda scope: …"),
    ({"consent": lambda _: ()}, "consent= does nothing with exposure='off': write exposure="),
    (
        {"exposure": "report", "omit": ("third_party",)},
        "'third_party' is none that can be omitted: write some of not_found",
    ),
    ({"flush_interval": 0}, "flush_interval=0: write seconds between 0.1 and 3600"),
    ({"flush_interval": 1e9}, "flush_interval=1000000000.0: write seconds between 0.1 and 3600"),
    ({"flush_interval": float("nan")}, "flush_interval=nan: write seconds between 0.1 and 3600"),
    ({"flush_interval": "10"}, "flush_interval='10': write a number of seconds"),
    ({"debug": 1}, "debug=1: write True or False"),
]


@pytest.mark.parametrize(("options", "sentence"), WRONG, ids=[said[:70] for _, said in WRONG])
def test_a_wrong_setting_says_what_to_write(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError) as caught:
        AnalyticsMiddleware(page(), **{"store": "memory://", "password": "x", **options})
    assert str(caught.value).startswith(sentence)


def test_every_setting_has_a_wrong_value_here() -> None:
    assert set(NAMES) - {name for options, _ in WRONG for name in options} == set()


def test_the_defaults_are_right() -> None:
    loaded = settings_.load({}, {})
    assert loaded == Settings()
    assert (loaded.site_name, loaded.hosts, loaded.store) == (
        "default",
        frozenset(),
        "sqlite:///firstparty.db",
    )


def test_lists_may_be_lists_and_hosts_are_the_same_in_capitals() -> None:
    loaded = settings_.load({"listed": ["/a"], "site": Site("a", hosts=("Example.ORG",))}, {})
    assert (loaded.listed, loaded.hosts) == (("/a",), frozenset({"example.org"}))


def test_admitting_at_the_first_sighting_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    settings_.load({"admit_after": 1}, {})
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert caplog.text.count("a password reset link included: 3 is the default") == 1


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("STORE", "sqlite:////var/lib/stats.db", "sqlite:////var/lib/stats.db"),
        ("SITE", "example.org", "example.org"),
        ("TIMEZONE", "Europe/Paris", "Europe/Paris"),
        ("PREFIX", "/numbers", "/numbers"),
        ("COLLECTOR", "/c", "/c"),
        ("COLLECT", "script", "script"),
        ("PASSWORD", "a, b", "a, b"),
        ("PUBLIC", "yes", True),
        ("EXCLUDE", "/admin/*, /health", ("/admin/*", "/health")),
        ("TEMPLATES", "/users/{id}", ("/users/{id}",)),
        ("PATHS", "route", "route"),
        ("LISTED", " /a ,,/b ", ("/a", "/b")),
        ("ADMIT_AFTER", "5", 5),
        ("MIN_COUNT", "20", 20),
        ("QUERY", "q,page", ("q", "page")),
        ("SENDS", "", ()),
        ("RELEASE", "1.4.0", "1.4.0"),
        ("RELEASE", "", ""),
        ("FLUSH_INTERVAL", "0.5", 0.5),
        ("DEBUG", "TRUE", True),
        ("DEBUG", "0", False),
    ],
)
def test_a_setting_can_come_from_the_environment(name: str, text: str, value: Any) -> None:
    loaded = settings_.load({}, {f"FIRSTPARTY_{name}": text})
    assert getattr(loaded, name.lower()) == value


def test_a_keyword_wins_over_the_environment() -> None:
    assert settings_.load({"debug": False}, {"FIRSTPARTY_DEBUG": "1"}).debug is False


def test_the_middleware_reads_the_real_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTPARTY_STORE", "memory://")
    monkeypatch.setenv("FIRSTPARTY_PASSWORD", "x")
    monkeypatch.setenv("FIRSTPARTY_PREFIX", "/numbers")
    site = AnalyticsMiddleware(page())
    assert asyncio.run(request(site, "/numbers/", {})).status == 401


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("DEBUG", "maybe", "FIRSTPARTY_DEBUG='maybe': write true or false"),
        ("ADMIT_AFTER", "three", "FIRSTPARTY_ADMIT_AFTER='three': write a number"),
        ("FLUSH_INTERVAL", "10s", "FIRSTPARTY_FLUSH_INTERVAL='10s': write a number"),
        ("MIN_COUNT", "5", "FIRSTPARTY_MIN_COUNT: min_count=5: write 10 or more"),
        ("COLLECT", "browser", "FIRSTPARTY_COLLECT: collect='browser': write 'server' or 'script'"),
        ("EXCLUDE", "foo", "FIRSTPARTY_EXCLUDE: exclude: 'foo' is no path"),
        ("STORE", "sqlite://x", "FIRSTPARTY_STORE: store 'sqlite://x' names no file"),
        ("PASSWORD", "", "FIRSTPARTY_PASSWORD: password='' lets everybody in"),
    ],
)
def test_a_wrong_environment_says_what_to_write(name: str, text: str, sentence: str) -> None:
    with pytest.raises(SettingError) as caught:
        settings_.load({}, {f"FIRSTPARTY_{name}": text})
    assert str(caught.value).startswith(sentence)


def test_every_setting_has_a_docstring() -> None:
    tree = ast.parse(inspect.getsource(Settings))
    body = tree.body[0].body  # type: ignore[attr-defined]
    told = [
        each.target.id
        for each, text in pairwise(body)
        if isinstance(each, ast.AnnAssign)
        and isinstance(each.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    ]
    assert told == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented(name: str) -> None:
    documents = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    assert any(f"`{name}" in path.read_text("utf-8") for path in documents)
