"""The settings: one class, one docstring each, checked when the middleware is made."""

from __future__ import annotations

import inspect
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.routing import compile_path
from starlette.types import Scope

from firstparty import machines, readings
from firstparty.dimensions import table
from firstparty.headers import WANTED
from firstparty.row import Dimension
from firstparty.stores import Shape, connect

log: Final = logging.getLogger("firstparty")

Exclude = tuple[str, ...] | Callable[[Scope], bool]
Authorize = Callable[[Any], bool] | Callable[[Any], Awaitable[bool]]

PREFIX: Final = "FIRSTPARTY_"
"""Every setting that is text, a number, a switch or a list can also be set as FIRSTPARTY_<NAME>."""


class SettingError(ValueError):
    """A setting is wrong; the sentence says what to write instead."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site by its name, with the hosts that are its own.

    A page of one of the `hosts` that links here is no referrer, and following it is no new visit.
    """

    name: str
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set, with defaults that are right for most."""

    store: str = "sqlite:///firstparty.db"
    """Where counts are kept: `sqlite:///stats.db` (a file in the working folder),
    `sqlite:////var/lib/stats.db` (anywhere), or `memory://` for tests."""
    site: str | Site | None = None
    """The site's name, or `Site(name, hosts=(…))`. Unset, all counts are one site, and pages of
    the request's own host are ours. Set it once: counts are kept under this name."""
    timezone: str = "UTC"
    """The IANA time zone whose days and months are counted, as `Europe/Paris`. Set it once: counts
    start anew in another zone."""
    prefix: str = "/stats"
    """Where the stats page and its API are served."""
    collector: str = "/_tally"
    """Where the snippet is served and beacons are taken."""
    collect: Literal["server", "script"] = "server"
    """`server` counts documents as they are served, and needs no script. `script` leaves all of it
    to the snippet: for static sites and pages behind a shared cache."""
    authorize: Authorize | None = None
    """Your application's own check, called with the `starlette.requests.Request` of the stats page
    or API, sync or async; true lets in."""
    password: str | None = None
    """Opens the stats page by HTTP Basic, with any user name. With none of `authorize`, `password`
    and `public`, one is made at start and written to the log."""
    public: bool = False
    """Lets everybody read the stats page: named values then by whole past months only, each with
    `min_count` at least. Who comes with the password or passes `authorize` sees all."""
    exclude: Exclude = ()
    """Pages that are not counted: path patterns (`/admin/*`), or a function of the ASGI scope."""
    templates: tuple[str, ...] = ()
    """`/users/{id}`: all paths that match count as the template."""
    paths: Literal["raw", "route"] = "raw"
    """`route` counts every path as the template of the framework's route; `raw` only those whose
    parameters are numbers or UUIDs."""
    listed: tuple[str, ...] = ()
    """Paths and families of paths (`/blog/*`) that have a name from their first view on."""
    admit_after: int = 3
    """How often a path, a referrer or a campaign that came from a visitor has to be seen before its
    name is written; until then it counts as `(unlisted)`. At 1 every text that a visitor sends is
    written at once."""
    min_count: int = 10
    """Counts of a page by another dimension that are smaller, in a month, are not shown. At least
    10."""
    query: tuple[str, ...] = ()
    """Query parameters that are part of a page's path; all others are dropped."""
    sends: tuple[str, ...] = readings.SWITCHES
    """What the snippet may send beside the path. `tally.js`: `referrer`, `navigation` (opened,
    reloaded or gone back to), `visit` (the first, second or a later page). `more.js`, where a page
    has it: `time`, `scroll`, `screen`, `vitals`, `events`, `outbound`, `downloads`, `forms`."""
    country: str | None = None
    """Counts countries, without reading an address: `timezone` takes the browser's time zone, which
    `more.js` then sends, and of which the country alone is kept; `header:cf-ipcountry` the header
    of that name in which a CDN puts a country's code."""
    bots: bool = False
    """Knows more machines by a list that others keep: `pip install "firstparty[bots]"`."""
    omit: tuple[str, ...] = ()
    """Dimensions that are not counted at all, as `("language", "utm_term")`."""
    dimensions: tuple[Dimension, ...] = ()
    """Dimensions of your own, one row each."""
    flush_interval: float = 10.0
    """Seconds between two writes to the store; from 0.1 to 3600."""
    debug: bool = False
    """Adds a response header to documents that says what was counted, or why not."""

    def __post_init__(self) -> None:
        for rule in RULES:
            rule(self)

    @property
    def site_name(self) -> str:
        """The site's name in the store."""
        site = self.site
        return site.name if isinstance(site, Site) else site or "default"

    @property
    def country_header(self) -> bytes | None:
        """The header that has a country's code, in lower case."""
        kind, _, name = (self.country or "").partition(":")
        return name.lower().encode() if kind == "header" else None

    @property
    def headers_read(self) -> frozenset[bytes]:
        """The request headers that are looked at."""
        name = self.country_header
        return WANTED if name is None else WANTED | {name}

    @property
    def read_in_browser(self) -> tuple[readings.Reading, ...]:
        """What the snippet reads, as far as it is switched on."""
        zone = (readings.ZONE,) if self.country == "timezone" else ()
        return (*(readings.BY_NAME[name] for name in self.sends), *zone)

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that are ours, beside the request's own."""
        site = self.site
        return frozenset(h.lower() for h in site.hosts) if isinstance(site, Site) else frozenset()


def _warn_of_typos(environ: Mapping[str, str]) -> None:
    known = {PREFIX + item.name.upper() for item in fields(Settings) if item.name not in NOT_TEXT}
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            log.warning("%s is no setting; there are %s", name, ", ".join(sorted(known)))


def load(options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """The settings from keywords, from FIRSTPARTY_<NAME> where a keyword is missing, and defaults.

    Raises SettingError for a wrong or unknown one.
    """
    environ = os.environ if environ is None else environ
    _warn_of_typos(environ)
    known = {item.name: item for item in fields(Settings)}
    if unknown := [name for name in options if name not in known]:
        raise SettingError(
            f"there is no setting {unknown[0]!r}; the settings are {', '.join(known)}"
        )
    values = {
        name: _tuple(name, value) if name in LISTS else value for name, value in options.items()
    }
    for name in known.keys() - options.keys() - NOT_TEXT:
        text = environ.get(PREFIX + name.upper())
        if text is not None:
            values[name] = _parse(name, text)
    return Settings(**values)


NOT_TEXT: Final = frozenset({"authorize", "dimensions"})
LISTS: Final = frozenset({"templates", "listed", "query", "sends", "omit", "dimensions", "exclude"})


def _tuple(name: str, value: Any) -> Any:
    if callable(value):
        return value
    if isinstance(value, str):
        raise SettingError(f"{name}={value!r} is one text: write {name}=({value!r},)")
    try:
        return tuple(value)
    except TypeError:
        raise SettingError(f"{name}={value!r}: write a list, {name}=(…)") from None


def _parse(name: str, text: str) -> Any:
    default = next(item.default for item in fields(Settings) if item.name == name)
    try:
        if name in LISTS:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                text.lower()
            ]
        if isinstance(default, int | float):
            return type(default)(text)
    except (KeyError, ValueError):
        kind = "true or false" if isinstance(default, bool) else "a number"
        raise SettingError(f"{PREFIX}{name.upper()}={text!r}: write {kind}") from None
    return text


def _check_choices(settings: Settings) -> None:
    for name, choices in (("collect", ("server", "script")), ("paths", ("raw", "route"))):
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
        ("password", (str, type(None)), "a text"),
        ("public", bool, "True or False"),
        ("bots", bool, "True or False"),
        ("country", (str, type(None)), "'timezone' or 'header:cf-ipcountry'"),
        ("debug", bool, "True or False"),
        ("admit_after", int, "a whole number"),
        ("min_count", int, "a whole number"),
        ("flush_interval", (int, float), "a number of seconds"),
    ):
        value = getattr(settings, name)
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            raise SettingError(f"{name}={value!r}: write {example}")


def _check_members(settings: Settings) -> None:
    for name, kind, example in (
        ("query", str, "'q'"),
        ("sends", str, "'referrer'"),
        ("omit", str, "'language'"),
        ("dimensions", Dimension, "Dimension(name=…)"),
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


def _check_prefixes(settings: Settings) -> None:
    for name in ("prefix", "collector"):
        value: str = getattr(settings, name)
        if not value.startswith("/") or value.endswith("/") or any(c in value for c in "?#{} "):
            raise SettingError(
                f"{name}={value!r}: write a path that starts with / and does not end with it, and"
                " has no space and none of ? # { } in it"
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
    for name, argument in (("authorize", "request"), ("exclude", "scope")):
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


def _check_site(settings: Settings) -> None:
    name = settings.site.name if isinstance(settings.site, Site) else settings.site
    if name is not None and (not name.strip() or "/" in name or "," in name):
        raise SettingError(f"site={name!r}: write a plain name, as 'example.org'")


def _check_dimensions(settings: Settings) -> None:
    try:
        table(settings.dimensions, settings.omit, settings.country)
    except ValueError as error:
        raise SettingError(str(error)) from None


RULES: Final = (
    _check_types,
    _check_members,
    _check_choices,
    _check_site,
    _check_store,
    _check_zone,
    _check_prefixes,
    _check_patterns,
    _check_sends,
    _check_country,
    _check_bots,
    _check_numbers,
    _check_doors,
    _check_dimensions,
)
