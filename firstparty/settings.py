"""The settings: one class, one docstring each, checked when the middleware is made."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from starlette.types import Scope

from firstparty import readings
from firstparty.exposure.register import ThirdParty
from firstparty.goals import Funnel, Goal
from firstparty.headers import WANTED
from firstparty.row import Dimension

log: Final = logging.getLogger("firstparty")

Exclude = tuple[str, ...] | Callable[[Scope], bool]
Authorize = Callable[[Any], bool] | Callable[[Any], Awaitable[bool]]
Consent = Callable[[Scope], Collection[str]]

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
    `sqlite:////var/lib/stats.db` (anywhere), `postgresql://user:password@host/name` (shared by
    several hosts, with the extra `firstparty[postgres]`), or `memory://` for tests."""
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
    privacy: str | None = None
    """A further address of the page that tells visitors what is counted, as `/privacy/analytics`.
    It is at `/stats/privacy` in any case."""
    privacy_style: str | None = None
    """The path of a style sheet of yours for that page, as `/static/privacy.css`. It may set
    `--page`, `--ink`, `--soft`, `--line` and `--accent`."""
    authorize: Authorize | None = None
    """Your application's own check, called with the `starlette.requests.Request` of the stats page
    or API, sync or async; true lets in."""
    password: str | None = None
    """Opens the stats page by HTTP Basic, with any user name. With none of `authorize`, `password`
    and `public`, one is made at start and written to the log."""
    public: bool = False
    """Lets everybody read the stats page: named values then by whole past months only, each with
    `min_count` at least. Who comes with the password or passes `authorize` sees all."""
    sites: tuple[str, ...] = ()
    """Stats pages of further sites of yours, each with its name: `("blog.example=/blog/stats/",
    "shop.example=https://shop.example/stats/")`. The owner changes from one to the other by the
    site's name on the page. Each page asks for what opens it, and no number travels between them:
    the list may be the same for all of them."""
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
    10. When a month is over they are deleted, and a day with fewer page views keeps its total and
    its pages alone: what a larger number has deleted does not come back."""
    query: tuple[str, ...] = ()
    """Query parameters that are part of a page's path; all others are dropped."""
    sends: tuple[str, ...] = readings.SWITCHES
    """What the snippet may send beside the path. `tally.js`: `referrer`, `navigation` (opened,
    reloaded or gone back to), `visit` (the first, second or a later page). Where a page has them,
    `more.js`: `time`, `scroll`, `screen`; `acts.js`: `events`, `outbound`, `downloads`, `forms`;
    `pace.js`: `vitals`."""
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
    release: str | None = None
    """The release that runs: a mark on the chart where it first ran. Unset, it is the version of
    the distribution that the application's endpoints belong to, where that can be told; `""` makes
    no mark."""
    goals: tuple[Goal, ...] = ()
    """What the site hopes for: `Goal("sign-up", event="signup")` or `Goal("prices",
    path="/pricing*")`. Nothing more is stored for it; the pages and events that goals name have a
    name from the first time on, as those that are `listed`."""
    funnels: tuple[Funnel, ...] = ()
    """Goals in their order: `Funnel("trial", steps=("prices", "sign-up"))`."""
    exposure: Literal["off", "report", "block"] = "off"
    """Third parties that your own pages load from. `report` has the browser report them, for some
    of the documents: see `exposure_budget`. `block` also has it load nothing from elsewhere, but
    for what `accepted` and `consent` let in; your own policies stay as they are."""
    exposure_budget: int = 500
    """How many documents a day ask their browser for such reports, in each process: half of them
    any, half those of pages that have not asked for eight hours. 0 asks none."""
    accepted: tuple[ThirdParty, ...] = ()
    """The third parties that you have agreed to: `ThirdParty("fonts.example", purpose="our
    typeface")`. Visitors are told of them and of their purpose; any other is a finding."""
    consent: Consent | None = None
    """With `exposure="block"`: a function of the ASGI scope, called when a page is answered, that
    tells which further hosts this visitor has agreed to, as `["video.example"]`."""
    accept: tuple[str, ...] = ()
    """Other tools whose clients may call here, and are counted as the snippet is: `plausible`,
    `umami`, `goatcounter`, `matomo`. Their calls are understood below the collector, as
    `/_tally/plausible/api/event`, and at their own paths, as `/api/event`, where the routes of your
    application are known to leave them free. What identifies somebody is thrown away unread."""
    flush_interval: float = 10.0
    """Seconds between two writes to the store; from 0.1 to 3600."""
    debug: bool = False
    """Adds a response header that says what was counted of the request, or why nothing was."""

    def __post_init__(self) -> None:
        from firstparty.setting_rules import RULES  # late: the rules are about this class

        for rule in RULES:
            rule(self)

    @property
    def site_name(self) -> str:
        """The site's name in the store."""
        site = self.site
        return site.name if isinstance(site, Site) else site or "default"

    @property
    def other_sites(self) -> list[tuple[str, str]]:
        """Further sites of the same owner: their names, and the addresses of their stats pages."""
        found = [(name.strip(), to) for name, _, to in (each.partition("=") for each in self.sites)]
        return [(name, address.strip()) for name, address in found if name != self.site_name]

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
    told = [
        name
        for name in known.keys() - options.keys() - NOT_TEXT
        if PREFIX + name.upper() in environ
    ]
    values |= {name: _parse(name, environ[PREFIX + name.upper()]) for name in told}
    try:
        return Settings(**values)
    except SettingError as error:
        for name in told:
            if str(error).startswith((f"{name}=", f"{name}:", f"{name} ")):
                raise SettingError(f"{PREFIX}{name.upper()}: {error}") from None
        raise


NOT_TEXT: Final = frozenset({"authorize", "dimensions", "goals", "funnels", "accepted", "consent"})
LISTS: Final = frozenset(
    {
        "sites",
        "templates",
        "listed",
        "query",
        "sends",
        "omit",
        "dimensions",
        "exclude",
        "goals",
        "funnels",
        "accepted",
        "accept",
    }
)


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
