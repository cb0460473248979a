"""Counting reports: a host by the day, and on which pages it was loaded from by the month."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from starlette.types import Scope

from firstparty import minimise
from firstparty.collect import Collector
from firstparty.exposure.hosts import Hosts
from firstparty.exposure.loads import BY_KIND
from firstparty.exposure.parsing import Reported, host_in, host_of
from firstparty.exposure.register import Register
from firstparty.headers import Headers, decoded, objects
from firstparty.hits import EXPOSED
from firstparty.sources import Listed


class Exposures:
    """Turns the reports about one site into counts. What is answered is said in a `Tally` header.

    `own` are the site's hosts, beside that of a request; `dimension` is where hosts are counted.
    """

    def __init__(
        self,
        collector: Collector,
        hosts: Hosts,
        register: Register,
        own: Collection[str],
        dimension: str,
    ) -> None:
        self.failed = False
        """Whether counting a report has failed, and the log has been told."""
        self._collector = collector
        self._hosts = hosts
        self._register = register
        self._own = own
        self._dimension = dimension

    def take(self, scope: Scope, headers: Headers, reports: Iterable[Reported]) -> str:
        """Count reports; the answer is what their `Tally` header says."""
        if objects(headers):
            return "ignored; objects"
        # Not `collector.agent`: Chromium sends reports without the headers that it goes by.
        agent = self._collector.agents.read(headers.get(b"user-agent", b""))
        if agent.bot:
            return "ignored; bot"
        counted = False
        for report in reports:
            page = self._page(headers, report.page)
            if page is None or self._collector.excluded(scope, page):
                continue
            host = self._host(headers, report)
            if not host:
                continue
            seen = self._collector.see(scope, headers, page, agent)
            seen.said = {self._dimension: host}
            if self._hosts.named(host):
                seen.said = {**seen.said, BY_KIND[report.kind].dimension: host}
            self._collector.add(EXPOSED, seen)
            counted = True
        return "counted" if counted else "ignored; nothing from elsewhere"

    def _page(self, headers: Headers, url: str) -> str | None:
        """The path of a page of ours; None for another's."""
        found = self._collector.own_page(url.encode("utf-8", "replace"), _own(headers))
        return decoded(found)[0] if found else None

    def _host(self, headers: Headers, report: Reported) -> str:
        """The host as it is counted; empty for one of our own."""
        own = {host_in(_own(headers).decode("latin-1")), host_of(report.page), *self._own}
        bare = report.host.removeprefix("www.")
        if {report.host, bare, f"www.{bare}"} & own:
            return ""
        accepted = self._register.exact(report.host)
        if accepted is not None:
            return Listed(accepted)
        moment = self._collector.moment()
        return self._hosts.see(minimise.host(report.host), moment.hour, moment.day)


def _own(headers: Headers) -> bytes:
    # The Origin is the browser's own word for its host; a proxy may have rewritten the other.
    return headers.get(b"origin", b"").partition(b"://")[2] or headers.get(b"host", b"")
