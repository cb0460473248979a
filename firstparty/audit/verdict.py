"""What an audit says: third parties with whose they are, and which of them make it fail. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Final

from firstparty import data
from firstparty.audit.answers import AuditError
from firstparty.audit.crawl import Crawled, Load
from firstparty.audit.html import PRECONNECT
from firstparty.exposure import companies
from firstparty.exposure.loads import LOADS
from firstparty.exposure.register import Register
from firstparty.shapes import is_list, is_object, is_texts

ORDER: Final = (*(load.kind for load in LOADS), PRECONNECT)
"""What says most about a visitor stands first."""
MOST_PAGES: Final = 20
"""Pages that are named of one kind of load of a host."""
GETS: Final = {load.kind: load.gets for load in LOADS} | {
    PRECONNECT: "A connection ahead of a load tells the host the visitor’s network address;"
    " dns-prefetch tells only whoever looks up names."
}


def told(
    target: str, found: Crawled, register: Register, baseline: Collection[str] = ()
) -> dict[str, Any]:
    """The answer as JSON values. `baseline` are hosts that an earlier audit has found."""
    by_host = dict[str, list[Load]]()
    for load in found.loads:
        by_host.setdefault(load.host, []).append(load)
    rows = [_row(host, loads, register, baseline) for host, loads in by_host.items()]
    rows.sort(key=lambda row: (not row["fails"], min(map(ORDER.index, row["kinds"])), row["host"]))
    return {
        "target": target,
        "pages": len(found.pages),
        "pages_left": found.left,
        "disallowed": found.disallowed,
        "failed": dict(sorted(found.failed.items())),
        "fails": any(row["fails"] for row in rows),
        "third_parties": rows,
        "notes": [
            {"kind": note.kind, "what": note.what, "page": note.page}
            for note in sorted(found.notes)
        ],
        "gets": {kind: GETS[kind] for kind in ORDER if any(kind in row["kinds"] for row in rows)},
        "companies_from": data.source("companies.txt"),
    }


def _row(
    host: str, loads: list[Load], register: Register, baseline: Collection[str]
) -> dict[str, Any]:
    party, company = register.find(host), companies.of(host)
    return {
        "host": host,
        "company": company.name if company else None,
        "category": company.category if company else None,
        "accepted": party is not None,
        "purpose": party.purpose if party else "",
        "baseline": host in baseline,
        "fails": party is None and host not in baseline,
        "kinds": [kind for kind in ORDER if any(load.kind == kind for load in loads)],
        "loads": [
            {"kind": load.kind, "page": load.page, "how": load.how, "url": load.url}
            for load in sorted(loads, key=lambda load: (ORDER.index(load.kind), load))
        ],
    }


def lines(told: dict[str, Any]) -> list[str]:
    """The answer as text."""
    found = list[str]()
    for row in told["third_parties"]:
        company = row["company"] or "company not known"
        category = f", {row['category']}" if row["category"] else ""
        state = "accepted" if row["accepted"] else "in the baseline" if row["baseline"] else "FOUND"
        found.append(f"{row['host']}  ({company}{category})  {state}")
        for load in row["loads"][:MOST_PAGES]:
            found.append(f"    {load['kind']}: {load['url']}  by {load['how']} on {load['page']}")
        if len(row["loads"]) > MOST_PAGES:
            found.append(f"    and {len(row['loads']) - MOST_PAGES} times more")
    if told["gets"]:
        found += ["", "What such a load can get:"]
        found += [f"    {kind}: {words}" for kind, words in told["gets"].items()]
    if told["notes"]:
        found += ["", "Worth knowing:"]
        notes = dict[tuple[str, str], list[str]]()
        for note in told["notes"]:
            notes.setdefault((note["kind"], note["what"]), []).append(note["page"])
        for (kind, what), pages in notes.items():
            more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
            found.append(f"    {kind}: {what}  on {pages[0]}{more}")
    found += [f"could not be read: {page}: {why}" for page, why in told["failed"].items()]
    found.append("")
    found.append(summary(told))
    return found


def summary(told: dict[str, Any]) -> str:
    """The last line: how much was read, and what came of it."""
    parties = told["third_parties"]
    fails = sum(row["fails"] for row in parties)
    rest = len(parties) - fails
    parts = [f"{told['pages']} pages read"]
    if told["pages_left"]:
        parts.append(f"{told['pages_left']} left out, as there are more than --pages")
    if told["disallowed"]:
        parts.append(f"{told['disallowed']} left out, as robots.txt says")
    parts.append(f"{fails} third parties that nobody has accepted")
    if rest:
        parts.append(f"{rest} accepted or in the baseline")
    return "; ".join(parts) + "."


def baseline(text: str) -> frozenset[str]:
    """The hosts of a baseline: a JSON list of hosts, or the answer of an earlier audit."""
    try:
        found: object = json.loads(text)
    except ValueError:
        raise AuditError("the baseline is not JSON: make it with --format json") from None
    if is_texts(found):
        return frozenset(found)
    if is_object(found) and is_list(rows := found.get("third_parties")):
        hosts = [row.get("host") for row in rows if is_object(row)]
        if is_texts(hosts):
            return frozenset(hosts)
    raise AuditError("the baseline is neither a list of hosts nor the answer of an audit")
