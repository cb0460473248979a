"""From the User-Agent text to a browser family, a system, a kind of device; or to a machine."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from user_agents import parsers as user_agents  # pyright: ignore[reportMissingTypeStubs]

if TYPE_CHECKING:
    from collections.abc import Callable

OTHER: Final = "(other)"
UNKNOWN: Final = "(unknown)"
IN_APP: Final = "In-app browser"
"""A page shown inside another application: Facebook, Instagram, a mail program's web view."""

BROWSERS: Final = (
    "Chrome",
    "Safari",
    "Firefox",
    "Edge",
    "Opera",
    "Samsung Internet",
    "DuckDuckGo",
    "Vivaldi",
    "Yandex",
    "UC Browser",
    "Internet Explorer",
    IN_APP,
    OTHER,
    UNKNOWN,
)
SYSTEMS: Final = ("Windows", "macOS", "iOS", "Android", "Linux", "ChromeOS", OTHER, UNKNOWN)
DEVICES: Final = ("Desktop", "Phone", "Tablet", "TV", OTHER, UNKNOWN)

LENGTH: Final = 256
"""Characters of a User-Agent that are read; the families stand before that."""

CACHED: Final = 1024
"""User-Agent texts kept in memory, never written: 99.8 % of a real mix."""


@dataclass(frozen=True, slots=True)
class Agent:
    """What a User-Agent says, in words of our own tables."""

    browser: str
    os: str
    device: str
    bot: bool
    major: int
    """The browser's major version; on iOS, whose engine all browsers share, that of iOS. It is
    0 where it says nothing. Read by `consistent` alone, never stored."""
    families: str = field(init=False)
    """Browser, system and device in one text; `browser`, `system` and `device` take it apart."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "families", f"{self.browser}\n{self.os}\n{self.device}")


PERSON: Final = Agent(UNKNOWN, UNKNOWN, UNKNOWN, bot=False, major=0)
MACHINE: Final = Agent(UNKNOWN, UNKNOWN, UNKNOWN, bot=True, major=0)


def browser(families: str) -> str:
    """The browser's family out of an agent's `families`."""
    return families.split("\n")[0]


def system(families: str) -> str:
    """The operating system's family out of an agent's `families`."""
    return families.split("\n")[-2:][0]


def device(families: str) -> str:
    """The kind of device out of an agent's `families`."""
    return families.split("\n")[-1]


class Agents:
    """Reads User-Agent texts, and remembers the people's among the latest.

    A text that is not remembered costs about half a millisecond, a hostile one several: at most
    `budget` seconds of every second are spent on them. Past that, families are "(unknown)", and
    whether it is a machine is told by `is_machine` alone. `clock` gives seconds.
    """

    def __init__(
        self, budget: float = 0.05, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        if not 0 < budget <= 1:
            raise ValueError(f"budget {budget!r} is no share of a core: use 0.05 for 5 %, up to 1")
        self._budget = budget
        self._clock = clock
        self._since = clock()
        self._spent = 0.0
        self._known: dict[str, Agent] = {}

    def read(self, user_agent: str) -> Agent:
        """The families of this User-Agent. A machine's are "(unknown)": nobody counts them."""
        text = user_agent[:LENGTH]
        return self._known.get(text) or self._miss(text)

    def _miss(self, text: str) -> Agent:
        if is_machine(text):
            return MACHINE  # cheap to tell again: a flood of made-up names displaces nobody
        start = self._clock()
        if not 0 <= start - self._since < 1:
            self._since, self._spent = start, 0.0
        if self._spent >= self._budget:
            return PERSON
        agent = _agent(text)
        self._spent += max(0.0, self._clock() - start)
        if len(self._known) >= CACHED:
            for oldest in list(self._known)[: CACHED // 2]:
                self._known.pop(oldest, None)
        self._known[text] = agent
        return agent


def is_machine(user_agent: str) -> bool:
    """Whether a User-Agent names a machine, or has no shape that a browser ever had."""
    text = user_agent[:LENGTH].lower()
    if text.startswith("mozilla/"):
        if not any(engine in text for engine in _ENGINES):
            return True
    elif not text.startswith(_OTHER_STARTS):
        return True
    for harmless in _HARMLESS:
        text = text.replace(harmless, "")
    return any(word in text for word in _WORDS)


def consistent(agent: Agent, has_fetch_metadata: bool, https: bool) -> bool:
    """Whether the browser that it says it is could have sent such a request.

    Since these versions every request over https carries `Sec-Fetch-Site`
    (https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site).
    """
    if has_fetch_metadata or not https:
        return True
    since = _FETCH_METADATA.get("iOS" if agent.os == "iOS" else agent.browser)
    return since is None or agent.major < since


# From user-agents to our words. The package has no types: what we take from it is here.


class _Family(Protocol):
    @property
    def family(self) -> str: ...
    @property
    def version(self) -> tuple[object, ...]: ...


class _Parsed(Protocol):
    @property
    def browser(self) -> _Family: ...
    @property
    def os(self) -> _Family: ...
    @property
    def is_bot(self) -> bool: ...
    @property
    def is_mobile(self) -> bool: ...
    @property
    def is_tablet(self) -> bool: ...
    @property
    def is_pc(self) -> bool: ...


_LIBRARY: Final = cast("Any", user_agents)

_USUAL: Final = re.compile(
    r"Mozilla/5\.0 \("
    r"(Windows NT [\d.]+; (Win64; x64|WOW64)|Macintosh; Intel Mac OS X [\d_.]+"
    r"|X11; (Ubuntu; )?Linux x86_64|X11; CrOS x86_64 [\d.]+)(; rv:[\d.]+)?\)"
    r" (Gecko/[\d.]+ Firefox/[\d.]+|AppleWebKit/[\d.]+ \(KHTML, like Gecko\)"
    r" (Chrome|Version)/[\d.]+ Safari/[\d.]+( (Edg|OPR)/[\d.]+)?)",
    re.ASCII,
)
"""What most browsers on desktops say. It names no device, and looking for one is half the work."""


@dataclass(frozen=True, slots=True)
class _Desktop:
    browser: _Family
    os: _Family
    is_bot: bool = False
    is_mobile: bool = False
    is_tablet: bool = False
    is_pc: bool = True


def _parse(text: str) -> _Parsed:
    if _USUAL.fullmatch(text) is None:
        return cast("_Parsed", _LIBRARY.parse(text))
    find = _LIBRARY.user_agent_parser
    return _Desktop(
        browser=_LIBRARY.parse_browser(**find.ParseUserAgent(text)),
        os=_LIBRARY.parse_operating_system(**find.ParseOS(text)),
    )


def _agent(text: str) -> Agent:
    parsed = _parse(text)
    if parsed.is_bot:
        return MACHINE
    family = parsed.browser.family
    browser = _BROWSER.get(family, OTHER)
    os = _SYSTEM.get(parsed.os.family, OTHER)
    if browser == "Safari" and os not in {"iOS", "macOS"}:
        browser = OTHER  # WebKit in a television, a console, GNOME
    if os == "iOS":
        major = _major(parsed.os)
    elif browser == IN_APP or family.endswith(" iOS"):
        major = 0  # an iPad that asks for the desktop page has Chrome's number, not its engine
    else:
        major = _major(parsed.browser)
    return Agent(browser, os, _device(parsed, text, os), bot=False, major=major)


def _major(family: _Family) -> int:
    major = family.version[0] if family.version else 0
    return major if isinstance(major, int) else 0


def _device(parsed: _Parsed, text: str, os: str) -> str:
    lower = text.lower()
    if any(word in lower for word in _TELEVISIONS):
        return "TV"
    if any(word in lower for word in _CONSOLES):
        return OTHER
    if "ipad" in lower or "tablet" in lower:
        return "Tablet"
    if parsed.is_mobile or "kaios" in lower:
        return "Phone"
    if parsed.is_tablet:
        return "Tablet"
    if parsed.is_pc or os in {"Windows", "macOS", "Linux", "ChromeOS"} or "x11" in lower:
        return "Desktop"
    return OTHER


_FETCH_METADATA: Final = {"Chrome": 80, "Edge": 80, "Firefox": 90, "Safari": 17, "iOS": 17}

_BROWSER: Final = {
    "Chrome": "Chrome",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chromium": "Chrome",
    "Safari": "Safari",
    "Mobile Safari": "Safari",
    "Firefox": "Firefox",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Firefox Focus": "Firefox",
    "Edge": "Edge",
    "Edge Mobile": "Edge",
    "Opera": "Opera",
    "Opera GX": "Opera",
    "Opera Mini": "Opera",
    "Opera Mobile": "Opera",
    "Opera Tablet": "Opera",
    "Opera Touch": "Opera",
    "Samsung Internet": "Samsung Internet",
    "DuckDuckGo": "DuckDuckGo",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Vivaldi": "Vivaldi",
    "Yandex Browser": "Yandex",
    "UC Browser": "UC Browser",
    "IE": "Internet Explorer",
    "IE Mobile": "Internet Explorer",
    "Apple Mail": IN_APP,
    "Chrome Mobile WebView": IN_APP,
    "Electron": IN_APP,
    "Facebook": IN_APP,
    "Facebook Messenger": IN_APP,
    "Flipboard": IN_APP,
    "Google": IN_APP,
    "Instagram": IN_APP,
    "LinkedIn": IN_APP,
    "Line": IN_APP,
    "Mobile Safari UI/WKWebView": IN_APP,
    "Outlook": IN_APP,
    "Pinterest": IN_APP,
    "Slack": IN_APP,
    "Snapchat": IN_APP,
    "Threads": IN_APP,
    "Thunderbird": IN_APP,
    "TikTok": IN_APP,
    "Twitter": IN_APP,
    "WeChat Browser": IN_APP,
}
"""ua-parser's families; the rest are "(other)"."""

_SYSTEM: Final = {
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "iOS": "iOS",
    "Android": "Android",
    "Linux": "Linux",
    "Arch Linux": "Linux",
    "CentOS": "Linux",
    "Debian": "Linux",
    "Fedora": "Linux",
    "Gentoo": "Linux",
    "Kubuntu": "Linux",
    "Mint": "Linux",
    "Red Hat": "Linux",
    "SUSE": "Linux",
    "Slackware": "Linux",
    "Ubuntu": "Linux",
    "Chrome OS": "ChromeOS",
}

_TELEVISIONS: Final = (
    *("smart-tv", "smarttv", "web0s", "bravia", "googletv", "google tv", "android tv", "apple tv"),
    *(
        "appletv",
        "crkey",
        "hbbtv",
        "netcast",
        "roku",
        "viera",
        "; aft",
        " tv safari",
        "mitv",
        "nettv",
    ),
)
_CONSOLES: Final = ("playstation", "nintendo", "xbox")


# What tells machines. All in lower case; each word is one search in at most 256 characters.

_HARMLESS: Final = ("cubot", "http://www.bsalsa.com", "http://bsalsa.com")
"""A maker of phones, and what an old component for browsers adds to their name."""

_WORDS: Final = (
    # what they call themselves; and whoever gives an address to look up is no browser
    *("bot", "crawl", "spider", "slurp", "scrap", "fetch", "preview", "archive", "://", "www."),
    *(
        "monitor",
        "scanner",
        "validator",
        "checker",
        "analyzer",
        "inspect",
        "headless",
        "imageproxy",
    ),
    # HTTP libraries that borrow a browser's name; those that do not are told by their shape
    *("python", "curl/", "wget", "java/1", "okhttp", "go-http", "axios", "httpclient", "cfnetwork"),
    # browsers that nobody sits at
    *("phantomjs", "puppeteer", "playwright", "selenium", "webdriver", "cypress", "slimerjs"),
    *("htmlunit", "prerender", "rendertron", "lighthouse", "pagespeed", "gtmetrix", "ptst/"),
    # link previews and advertising
    *("facebookexternalhit", "facebookcatalog", "embedly", "iframely", "vkshare", "grapeshot"),
    *("mediapartners", "apis-google", "googleother", "google-extended", "google-read-aloud"),
    *("google favicon", "google-safety", "duplexweb", "proximic"),
    # monitors
    *("uptime", "pingdom", "statuscake", "site24x7", "newrelic", "datadog", "synthetic", "nagios"),
    *("catchpoint", "freshping", "healthcheck", "health-check", "hetrix", "checkly", "gomez"),
    # AI
    *("chatgpt-user", "claude-", "anthropic", "perplexity-", "cohere-ai", "meta-external"),
    *("mistralai-", "duckassist", "google-cloudvertex", "novaact"),
    # feed readers
    *("feedly", "feedburner", "feedbin", "feeder", "newsblur", "inoreader", "netnewswire"),
    # scanners, copiers, search engines
    *("nikto", "sqlmap", "nuclei", "nessus", "censys", "acunetix", "netsparker", "qualys"),
    *("detectify", "ahrefs", "semrush", "screaming frog", "siteimprove", "barkrowler", "serpstat"),
    *("checklink", "linkwalker", "xenu", "httrack", "sitesucker", "offline explorer", "turnitin"),
    *("netcraft", "builtwith", "wappalyzer", "dataprovider", "qwantify", "nutch", "yeti/"),
)

_ENGINES: Final = (
    *("like gecko", "gecko/", "khtml", "msie", "trident", "presto", "goanna", "netfront", "rv:"),
    *("playstation", "nintendo", "netscape", "webtv", "[en", "nokia", "blackberry"),
)
"""What a text that begins with Mozilla/ goes on to say in every browser."""

_OTHER_STARTS: Final = (
    *("opera/", "lynx", "w3m", "links (", "links/", "elinks", "dillo", "netsurf", "konqueror"),
    *("emacs", "edbrowse", "amaya", "icab", "omniweb", "netfront", "blackberry", "nokia", "ucweb"),
    *("samsung-", "sec-", "sonyericsson", "lg-", "lg/", "mot-", "sie-", "zte", "alcatel", "huawei"),
    *("docomo/", "kddi-", "softbank", "up.browser", "j2me"),
)
"""Browsers that do not say Mozilla: for terminals, and on old telephones."""
