"""From the User-Agent text to a browser family, a system, a kind of device; or to a machine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from firstparty import machine_words, machines
from firstparty.machines import LENGTH
from firstparty.parsed import Family, Parsed, is_odd, parse

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

CACHED: Final = 1024
"""User-Agent texts kept in memory, never written: 99.8 % of a real mix."""


@dataclass(frozen=True, slots=True)
class Agent:
    """What a User-Agent says, in words of our own tables."""

    browser: str
    os: str
    device: str
    major: int
    """The browser's major version; on iOS, whose engine all browsers share, that of iOS. It is
    0 where it says nothing. Read by `consistent` alone, never stored."""
    machine: str = ""
    """The family of a machine, one of `machines.NAMES`; empty for a person."""
    kind: str = ""
    """What the machine is there for, one of `machines.KINDS`; empty for a person."""
    bot: bool = field(init=False)
    """Whether it is a machine."""
    families: str = field(init=False)
    """Browser, system and device in one text; `browser`, `system` and `device` take it apart."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bot", self.machine != "")
        object.__setattr__(self, "families", f"{self.browser}\n{self.os}\n{self.device}")


PERSON: Final = Agent(UNKNOWN, UNKNOWN, UNKNOWN, major=0)
MACHINES: Final = {
    machine: Agent(UNKNOWN, UNKNOWN, UNKNOWN, 0, machine.name, machine.kind)
    for machine in (*machines.MACHINES, *machines.OTHERS.values())
}
"""One for each family: a machine's browser, system and device are nobody's."""


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
    whether it is a machine is told by `machines.family` alone. `more` is asked about a text that
    would be a person's, and says whether it is a machine's after all: see `machines.extra`. What it
    takes comes out of the budget. `clock` gives seconds.
    """

    def __init__(
        self,
        budget: float = 0.05,
        *,
        more: Callable[[str], bool] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        if not 0 < budget <= 1:
            raise ValueError(f"budget {budget!r} is no share of a core: use 0.05 for 5 %, up to 1")
        self._budget = budget
        self._more = more
        self._clock = clock
        self._since = clock()
        self._spent = 0.0
        self.known: dict[bytes, Agent] = {}
        """The people's among the latest, by what was sent."""

    def read(self, user_agent: bytes) -> Agent:
        """The families of this User-Agent. A machine's are "(unknown)": nobody counts them."""
        sent = user_agent[:LENGTH]
        return self.known.get(sent) or self._miss(sent)

    def _miss(self, sent: bytes) -> Agent:
        text = sent.decode("latin-1")
        machine = machines.family(text)
        if machine is not None:
            return MACHINES[machine]  # cheap to tell again: a flood of made-up names displaces none
        if is_odd(text):
            return PERSON
        start = self._clock()
        if not 0 <= start - self._since < 1:
            self._since, self._spent = start, 0.0
        if self._spent >= self._budget:
            return PERSON
        agent = _agent(text)
        if self._more is not None and not agent.bot and self._more(text):
            agent = _unnamed(text)
        self._spent += max(0.0, self._clock() - start)
        if len(self.known) >= CACHED:
            for oldest in list(self.known)[: CACHED // 2]:
                self.known.pop(oldest, None)
        self.known[sent] = agent
        return agent


def consistent(agent: Agent, https: bool) -> bool:
    """Whether the browser that it says it is could have sent a request without Fetch Metadata.

    Since these versions every request over https carries `Sec-Fetch-Site`
    (https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site).
    """
    if not https:
        return True
    since = _FETCH_METADATA.get("iOS" if agent.os == "iOS" else agent.browser)
    return since is None or agent.major < since


def _agent(text: str) -> Agent:
    parsed = parse(text)
    if parsed.is_bot:
        return _unnamed(text)
    family = parsed.browser.family
    browser = BROWSER_FAMILIES.get(family, OTHER)
    os = SYSTEM_FAMILIES.get(parsed.os.family, OTHER)
    if browser == "Safari" and os not in {"iOS", "macOS"}:
        browser = OTHER  # WebKit in a television, a console, GNOME
    if os == "iOS":
        major = _major(parsed.os)
    elif browser == IN_APP or family.endswith(" iOS"):
        major = 0  # an iPad that asks for the desktop page has Chrome's number, not its engine
    else:
        major = _major(parsed.browser)
    return Agent(browser, os, _device(parsed, text, os), major)


def _unnamed(text: str) -> Agent:
    return MACHINES[machines.OTHERS[machine_words.kind(text.lower())]]


def _major(family: Family) -> int:
    major = family.version[0] if family.version else 0
    return major if isinstance(major, int) else 0


def _device(parsed: Parsed, text: str, os: str) -> str:
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

BROWSER_FAMILIES: Final = {
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

SYSTEM_FAMILIES: Final = {
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
