"""What the package user-agents reads in a text: typed, and sooner done than by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol, cast

from user_agents import parsers as user_agents  # pyright: ignore[reportMissingTypeStubs]

from firstparty.prefilter import Prefilter


class Family(Protocol):
    @property
    def family(self) -> str: ...
    @property
    def version(self) -> tuple[object, ...]: ...


class Parsed(Protocol):
    @property
    def browser(self) -> Family: ...
    @property
    def os(self) -> Family: ...
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

BROWSER: Final = 208
"""Characters in which a browser and a system are looked for. Of 1,777 texts of people, from the
packages that `scripts/bots` downloads, none is read otherwise by 176; of 33,010 of Matomo's
device-detector, which collects rare ones, 40 by 208 and 244 by 192."""

DEVICE: Final = 160
"""Characters in which a device is looked for: browsers name it near the beginning. Of 2,293 texts
of people none was read otherwise by 144. It is where made-up texts took longest."""

_ODD: Final = re.compile(r"[A-Za-z]{33}|[^ ;()/]{65}|[ -/:-@\[-`{-~]{17}")
SEMICOLONS: Final = 24


def is_odd(text: str) -> bool:
    """Whether no browser writes so: 33 letters or 65 other characters without a break, 17 marks
    and spaces in a row, or more semicolons than `SEMICOLONS` where a device is looked for. Of the
    texts above two do, of televisions with a key in their name.

    The package tries its patterns at each place of a text that none fits: these take longest.
    """
    return _ODD.search(text) is not None or text.count(";", 0, DEVICE) > SEMICOLONS


@dataclass(frozen=True, slots=True)
class _Desktop:
    browser: Family
    os: Family
    is_bot: bool = False
    is_mobile: bool = False
    is_tablet: bool = False
    is_pc: bool = True


@cache
def _patterns() -> tuple[Prefilter[Any], Prefilter[Any], Prefilter[Any]]:
    """Those of browsers, of systems and of devices, in the package's order."""
    find = _LIBRARY.user_agent_parser
    browsers, systems, devices = (
        Prefilter((each.user_agent_re, each) for each in parsers)
        for parsers in (find.USER_AGENT_PARSERS, find.OS_PARSERS, find.DEVICE_PARSERS)
    )
    return browsers, systems, devices


def prepare() -> None:
    """Do what the first text would have to wait for, a sixth of a second: where requests come."""
    _patterns()


def _first(patterns: Prefilter[Any], text: str) -> tuple[str | None, ...]:
    """The family and what is told of it, by the first pattern that matches."""
    for each in patterns.candidates(text):
        found = each.Parse(text)
        if found[0]:
            return tuple(part or None for part in found)
    return ("Other", None, None)


def parse(text: str) -> Parsed:
    """The families that the package finds in a User-Agent, a text of Latin-1 characters."""
    # As UserAgent.__init__ does, which would look for all three in all of the text.
    browsers, systems, devices = _patterns()
    browser = _LIBRARY.parse_browser(*_first(browsers, text[:BROWSER]))
    os = _LIBRARY.parse_operating_system(*_first(systems, text[:BROWSER]))
    if _USUAL.fullmatch(text):
        return _Desktop(browser, os)
    parsed = object.__new__(_LIBRARY.UserAgent)
    parsed.ua_string, parsed.browser, parsed.os = text, browser, os
    parsed.device = _LIBRARY.parse_device(*_first(devices, text[:DEVICE]))
    return cast("Parsed", parsed)
