"""What a setting may be: one function for each rule, and a sentence that says what to write."""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.routing import compile_path

from firstparty import goals as goals_
from firstparty import machines, readings
from firstparty.accept import TOOLS
from firstparty.dimensions import table
from firstparty.exposure.register import ThirdParty
from firstparty.goals import Funnel, Goal
from firstparty.marks import MOST_LETTERS, clean
from firstparty.row import Dimension
from firstparty.setting_names import check_site, check_sites
from firstparty.settings import SettingError, Settings, Site
from firstparty.stores import Shape, connect

log: Final = logging.getLogger("firstparty")


def _check_choices(settings: Settings) -> None:
    for name, choices in (
        ("collect", ("server", "script")),
        ("paths", ("raw", "route")),
        ("exposure", ("off", "report", "block")),
    ):
        if getattr(settings, name) not in choices:
            raise SettingError(
                f"{name}={getattr(settings, name)!r}: write {' or '.join(map(repr, choices))}"
            )


def _check_types(settings: Settings) -> None:
    for name, kinds, example in (
        ("store", str, "'sqlite:///stats.db'"),
        ("site", (str, Site, type(None)), "'example.org' or Site('example.org', hosts=(…))"),
        ("timezone", str, "'Europe/Paris'"),
        ("prefix", str, "'/stats'"),
        ("collector", str, "'/_tally'"),
        ("privacy", (str, type(None)), "'/privacy/analytics'"),
        ("privacy_style", (str, type(None)), "'/static/privacy.css'"),
        ("password", (str, type(None)), "a text"),
        ("release", (str, type(None)), "a text, as '1.4.0'"),
        ("public", bool, "True or False"),
        ("bots", bool, "True or False"),
        ("country", (str, type(None)), "'timezone' or 'header:cf-ipcountry'"),
        ("debug", bool, "True or False"),
        ("admit_after", int, "a whole number"),
        ("min_count", int, "a whole number"),
        ("exposure_budget", int, "a whole number of documents a day"),
        ("flush_interval", (int, float), "a number of seconds"),
    ):
        value = getattr(settings, name)
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            raise SettingError(f"{name}={value!r}: write {example}")


def _check_members(settings: Settings) -> None:
    for name, kind, example in (
        ("sites", str, "'blog.example=/blog/stats/'"),
        ("query", str, "'q'"),
        ("sends", str, "'referrer'"),
        ("omit", str, "'language'"),
        ("accept", str, "'plausible'"),
        ("dimensions", Dimension, "Dimension(name=…)"),
        ("goals", Goal, "Goal('sign-up', event='signup')"),
        ("funnels", Funnel, "Funnel('trial', steps=(…))"),
        ("accepted", ThirdParty, "ThirdParty('fonts.example', purpose='…')"),
    ):
        for each in getattr(settings, name):
            if not isinstance(each, kind):
                raise SettingError(f"{name}: {each!r} is none: write {name}=({example},)")


def _check_store(settings: Settings) -> None:
    try:
        connect(settings.store, Shape("", "", {}, {}, {}, {}))
    except ValueError as error:
        raise SettingError(str(error)) from None


def _check_zone(settings: Settings) -> None:
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(
            f"timezone={settings.timezone!r} is not known: write an IANA name such as"
            " 'Europe/Paris' or 'UTC'"
        ) from None


_PATH: Final = re.compile(r"/(?!/)[\w./~-]*\w")


def _check_prefixes(settings: Settings) -> None:
    for name in ("prefix", "collector"):
        value: str = getattr(settings, name)
        if not value.startswith("/") or value.endswith("/") or any(c in value for c in "?#{} "):
            raise SettingError(
                f"{name}={value!r}: write a path that starts with / and does not end with it, and"
                " has no space and none of ? # { } in it"
            )
    for name in ("privacy", "privacy_style"):
        path = getattr(settings, name)
        if path is not None and not _PATH.fullmatch(path):
            raise SettingError(f"{name}={path!r}: write a path of this site that starts with /")
    if settings.privacy is not None and any(
        f"{settings.privacy}/".startswith(f"{own}/")
        for own in (settings.prefix, settings.collector)
    ):
        raise SettingError(
            f"privacy={settings.privacy!r} is below prefix= or collector=: write another path"
        )
    first, second = settings.prefix + "/", settings.collector + "/"
    if first.startswith(second) or second.startswith(first):
        raise SettingError(
            f"prefix={settings.prefix!r} and collector={settings.collector!r} overlap: a filter"
            " list that blocks one would break the other; write two paths that share no name"
        )


def _check_patterns(settings: Settings) -> None:
    for name in ("templates", "listed", "exclude"):
        value = getattr(settings, name)
        if callable(value):
            continue
        for pattern in value:
            if not isinstance(pattern, str) or not pattern.startswith("/"):
                raise SettingError(f"{name}: {pattern!r} is no path: start it with /")
    for template in settings.templates:
        if "{" not in template or template.count("{") != template.count("}"):
            raise SettingError(
                f"templates: {template!r} has no whole parameter: write it as '/users/{{id}}', or"
                " put the path into listed"
            )
        try:
            compile_path(template)
        except (AssertionError, ValueError) as error:
            raise SettingError(f"templates: {template!r}: {error}") from None


def _check_sends(settings: Settings) -> None:
    for name in settings.sends:
        if name not in readings.BY_NAME:
            raise SettingError(f"sends: {name!r} is none of {', '.join(readings.SWITCHES)}")


def _check_accept(settings: Settings) -> None:
    for name in settings.accept:
        if name not in TOOLS:
            raise SettingError(f"accept: {name!r} is none of {', '.join(TOOLS)}")


def _check_country(settings: Settings) -> None:
    # Only a header that is about a country: no other may be read this way.
    if settings.country not in {None, "timezone"} and not re.fullmatch(
        r"header:[a-z0-9-]*country[a-z0-9-]*", (settings.country or "").lower()
    ):
        raise SettingError(
            f"country={settings.country!r}: write 'timezone', or 'header:cf-ipcountry' with the"
            " name of the header in which your CDN puts the country"
        )


def _check_bots(settings: Settings) -> None:
    if settings.bots:
        try:
            machines.extra()
        except (ImportError, RuntimeError) as error:
            raise SettingError(f"bots=True: {error}") from None


def _check_numbers(settings: Settings) -> None:
    if settings.admit_after < 1:
        raise SettingError(f"admit_after={settings.admit_after}: write 1 or more, 3 is the default")
    if settings.admit_after == 1:
        log.warning(
            "admit_after=1 writes every path, referrer and campaign at its first sighting, a"
            " password reset link included: 3 is the default"
        )
    if settings.min_count < 10:
        raise SettingError(
            f"min_count={settings.min_count}: write 10 or more; smaller counts of a page by another"
            " dimension could single someone out"
        )
    if not 0.1 <= settings.flush_interval <= 3600:
        raise SettingError(
            f"flush_interval={settings.flush_interval}: write seconds between 0.1 and 3600"
        )


def _check_doors(settings: Settings) -> None:
    if settings.password == "":
        raise SettingError("password='' lets everybody in: write one, or public=True")
    if settings.authorize is not None and not callable(settings.authorize):
        raise SettingError(f"authorize={settings.authorize!r}: write a function of the request")
    if settings.consent is not None and not callable(settings.consent):
        raise SettingError(f"consent={settings.consent!r}: write a function of the scope")
    for name, argument in (("authorize", "request"), ("exclude", "scope"), ("consent", "scope")):
        function = getattr(settings, name)
        if callable(function) and not _takes_one(function):
            raise SettingError(f"{name} is called with one argument: write lambda {argument}: …")


def _takes_one(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:
        return True  # built in: nobody can tell
    return True


def _check_exposure(settings: Settings) -> None:
    if settings.exposure_budget < 0:
        raise SettingError(
            f"exposure_budget={settings.exposure_budget}: write 0 or more, 500 is the default"
        )
    if settings.consent is not None and settings.exposure != "block":
        raise SettingError(
            f"consent= does nothing with exposure={settings.exposure!r}: write exposure='block'"
        )


def _check_release(settings: Settings) -> None:
    text = (settings.release or "").strip()
    if len(text) > MOST_LETTERS:
        raise SettingError(
            f"release={settings.release!r} has {len(text)} characters: write at most {MOST_LETTERS}"
        )
    if settings.release and not clean(text):
        raise SettingError(
            f"release={settings.release!r} has nothing to show: write a version, as '1.4.0', or ''"
            " for no mark"
        )


def _check_dimensions(settings: Settings) -> None:
    try:
        table(settings.dimensions, settings.omit, settings.country, settings.exposure)
    except ValueError as error:
        raise SettingError(str(error)) from None


def _check_goals(settings: Settings) -> None:
    try:
        goals_.check(settings.goals, settings.funnels)
    except ValueError as error:
        raise SettingError(str(error)) from None
    if goals_.EVENT in settings.omit and (named := goals_.events(settings.goals)):
        raise SettingError(
            f"goals: the event {min(named)!r} is not counted, as omit has 'event': drop either"
        )


RULES: Final = (
    _check_types,
    _check_members,
    _check_choices,
    check_site,
    check_sites,
    _check_store,
    _check_zone,
    _check_prefixes,
    _check_patterns,
    _check_sends,
    _check_accept,
    _check_country,
    _check_bots,
    _check_numbers,
    _check_doors,
    _check_exposure,
    _check_release,
    _check_dimensions,
    _check_goals,
)
