"""Where raw values are read from a request. They go from here to `minimise`, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from firstparty import channels, minimise
from firstparty.agents import Agent

if TYPE_CHECKING:
    from firstparty.paths import Paths


class Listed(str):
    """A value made by the application, not by a visitor: it has a name at once."""

    __slots__ = ()


class Family(str):
    """A value that a visitor chose within a family that the settings list, masked already.

    It has a name from its first sighting on; but a referrer is no sighting.
    """

    __slots__ = ()


Raw = str | None
"""A raw value; None where a request has none, and then nothing is counted for it."""


NO_CAMPAIGN: Final[Mapping[str, str]] = MappingProxyType({})
NOTHING_SAID: Final[Mapping[str, str]] = MappingProxyType({})


class Seen:
    """What one request shows us, raw. It dies with the request.

    The client's address, cookies and authorization are not here: nobody reads them.
    """

    # Defaults of the class, as most requests leave most of them as they are: this is the hot path.
    query = ""
    """The page's query string."""
    host = ""
    """The host of the referrer, made coarse; empty where there is none, or where it is ours."""
    campaign: Mapping[str, str] = NO_CAMPAIGN
    """The campaign parameters of the query string, by name."""
    previous = ""
    """The path of the page of ours that led here; empty for entries and reloads."""
    previous_query = ""
    language = ""
    """The header Accept-Language."""
    reason = ""
    """Why the request was left out; empty for one that is counted."""
    said: Mapping[str, str] = NOTHING_SAID
    """What a beacon or the application says of itself, by the name of the dimension."""
    served: str | None = None
    """How long the application took until the response started, as a range."""

    def __init__(
        self, paths: Paths, scope: MutableMapping[str, Any], page: str, agent: Agent
    ) -> None:
        self.paths = paths
        self.scope = scope
        self.page = page
        """The path of the page, as the server decoded it."""
        self.agent = agent
        """The families that the header User-Agent was read as."""


MOST_PARAMETERS: Final = 32
"""Of a query string, those that are wanted and have a value; the first are taken."""


def parameters(query: str, wanted: Callable[[str], bool]) -> list[tuple[str, str]]:
    """The parameters of a query string that are wanted, decoded. No other value is."""
    found = list[tuple[str, str]]()
    for pair in query[:1024].split("&"):
        name, _, value = pair.partition("=")
        name = minimise.unescaped(name.replace("+", " "))
        if value and wanted(name):
            found.append((name, minimise.unescaped(value.replace("+", " "))))
            if len(found) == MOST_PARAMETERS:
                break
    return found


def campaign(query: str) -> Mapping[str, str]:
    """The campaign parameters of a query string, by name."""
    return dict(parameters(query, lambda name: name.startswith("utm_")))


def referrer_host(url: str) -> str:
    """The host of a referrer, made coarse."""
    # Most visits come from a host of our own table, which is coarse already.
    host = url.partition("://")[2].partition("/")[0].removeprefix("www.")
    return host if channels.listed(host) else minimise.host(url)


def path(seen: Seen) -> Raw:
    """The page's path, or the name that the application gives to such paths."""
    known = None if seen.query else seen.paths.same.get(seen.page)
    return known or seen.paths.name(seen.page, seen.query)


def previous(seen: Seen) -> Raw:
    """The page of ours that led to this one."""
    page = seen.previous
    if not page:
        return None
    known = None if seen.previous_query else seen.paths.same.get(page)
    return known or seen.paths.name(page, seen.previous_query)


def linker(seen: Seen) -> Raw:
    """Who linked to a missing page: a page of ours, or another site's host."""
    return previous(seen) or seen.host or None


def nowhere(seen: Seen) -> Raw:
    """No page."""
    return None


def missing(seen: Seen) -> Raw:
    """The path that was not found."""
    return seen.page


def referrer(seen: Seen) -> Raw:
    """The host that linked to the entry page."""
    return seen.host or None


def source(seen: Seen) -> Raw:
    """The source by its name where the table of facts knows it, else what the visitor came with."""
    campaign = seen.campaign.get("utm_source", "") if seen.campaign else ""
    if not campaign and (row := channels.HOSTS.get(seen.host)):
        return _NAMES[row.name]  # most visits: no more has to be looked up
    known = channels.source(seen.host, campaign)
    return _NAMES[known] if known else campaign or seen.host or None


_NAMES: Final = {name: Listed(name) for name in channels.NAMES}


def channel(seen: Seen) -> Raw:
    """The marketing channel."""
    campaign = seen.campaign
    if not campaign and (row := channels.HOSTS.get(seen.host)):
        return row.channel  # most visits: no more has to be looked up
    return channels.channel(
        seen.host, campaign.get("utm_source", ""), campaign.get("utm_medium", "")
    )


def utm_source(seen: Seen) -> Raw:
    """The campaign parameter `utm_source`."""
    return seen.campaign.get("utm_source")


def utm_medium(seen: Seen) -> Raw:
    """The campaign parameter `utm_medium`."""
    return seen.campaign.get("utm_medium")


def utm_campaign(seen: Seen) -> Raw:
    """The campaign parameter `utm_campaign`."""
    return seen.campaign.get("utm_campaign")


def utm_content(seen: Seen) -> Raw:
    """The campaign parameter `utm_content`."""
    return seen.campaign.get("utm_content")


def utm_term(seen: Seen) -> Raw:
    """The campaign parameter `utm_term`."""
    return seen.campaign.get("utm_term")


OF_CAMPAIGNS: Final = frozenset({utm_source, utm_medium, utm_campaign, utm_content, utm_term})
"""Those that have nothing to read where there are no campaign parameters."""


language: Callable[[Seen], Raw] = attrgetter("language")
"""The header Accept-Language."""

families: Callable[[Seen], Raw] = attrgetter("agent.families")
"""Browser, system and device, as `agents` reads them from the header User-Agent."""


def said(name: str) -> Callable[[Seen], Raw]:
    """What a beacon or the application says of itself, under the name of a dimension."""

    def read(seen: Seen) -> Raw:
        return seen.said.get(name)

    return read


served: Callable[[Seen], Raw] = attrgetter("served")
"""How long the application took, as a range."""


machine: Callable[[Seen], Raw] = attrgetter("agent.machine")
"""The family of a machine."""
machine_kind: Callable[[Seen], Raw] = attrgetter("agent.kind")
"""What a machine is there for."""


def reason(seen: Seen) -> Raw:
    """Why a request was left out."""
    return seen.reason or None
