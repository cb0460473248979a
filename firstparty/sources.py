"""Where raw values are read from a request. They go from here to `minimise`, and nowhere else."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from firstparty import channels, minimise
from firstparty.agents import PERSON, Agent

if TYPE_CHECKING:
    from firstparty.paths import Paths


class Listed(str):
    """A value made by the application, not by a visitor: it has a name at once."""

    __slots__ = ()


Raw = str | None
"""A raw value; None where a request has none, and then nothing is counted for it."""


class Seen:
    """What one request shows us, raw. It dies with the request.

    The client's address, cookies and authorization are not here: nobody reads them.
    """

    __slots__ = (
        "_campaign",
        "_host",
        "agent",
        "language",
        "page",
        "paths",
        "previous",
        "query",
        "reason",
        "referrer",
        "scope",
    )

    def __init__(
        self,
        paths: Paths,
        scope: MutableMapping[str, Any],
        *,
        page: str = "",
        query: str = "",
        referrer: str = "",
        previous: str = "",
        language: str = "",
        agent: Agent = PERSON,
        reason: str = "",
    ) -> None:
        self.paths = paths
        self.scope = scope
        self.page = page
        """The path of the page, as the server decoded it."""
        self.query = query
        """Its query string."""
        self.referrer = referrer
        """The referrer's URL, where it is not a page of ours; else empty."""
        self.previous = previous
        """The page of ours that led here (path and query); empty for entries and reloads."""
        self.language = language
        """The header Accept-Language."""
        self.agent = agent
        """The families that the header User-Agent was read as."""
        self.reason = reason
        """Why the request was left out; empty for one that is counted."""
        self._host: str | None = None
        self._campaign: dict[str, str] | None = None

    @property
    def host(self) -> str:
        """The referrer's host, made coarse; empty where there is none."""
        if self._host is None:
            self._host = minimise.host(self.referrer) if self.referrer else ""
        return self._host

    @property
    def campaign(self) -> dict[str, str]:
        """The campaign parameters of the page's query string, by name."""
        if self._campaign is None:
            self._campaign = (
                {
                    name: value
                    for name, value in parse_qsl(self.query[:2048])
                    if name.startswith("utm_")
                }
                if "utm_" in self.query
                else {}
            )
        return self._campaign


def path(seen: Seen) -> Raw:
    """The page's path, or the name that the application gives to such paths."""
    return seen.paths.name(seen.page, seen.query)


def previous(seen: Seen) -> Raw:
    """The page of ours that led to this one."""
    if not seen.previous:
        return None
    page, _, query = seen.previous.partition("?")
    return seen.paths.name(page, query)


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
    campaign = seen.campaign.get("utm_source", "")
    known = channels.source(seen.host, campaign)
    return Listed(known) if known else campaign or seen.host or None


def channel(seen: Seen) -> Raw:
    """The marketing channel."""
    campaign = seen.campaign
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


def language(seen: Seen) -> Raw:
    """The header Accept-Language."""
    return seen.language


def browser(seen: Seen) -> Raw:
    """The browser's family, as `agents` reads it from the header User-Agent."""
    return seen.agent.browser


def system(seen: Seen) -> Raw:
    """The operating system's family."""
    return seen.agent.os


def device(seen: Seen) -> Raw:
    """The kind of device."""
    return seen.agent.device


def reason(seen: Seen) -> Raw:
    """Why a request was left out."""
    return seen.reason or None
