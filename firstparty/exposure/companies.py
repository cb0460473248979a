"""Whose a host is, by a list of facts; where the list does not know, that is what is said."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from firstparty import data

CATEGORIES: Final = {
    "ad": ("advertising", "publicité"),
    "analytics": ("analytics", "mesure d’audience"),
    "cdn": ("files for others", "fichiers pour des tiers"),
    "consent-provider": ("asking for consent", "recueil du consentement"),
    "content": ("content", "contenu"),
    "customer-success": ("customer service", "service client"),
    "hosting": ("hosting", "hébergement"),
    "marketing": ("marketing", "marketing"),
    "other": ("other", "autre"),
    "social": ("social network", "réseau social"),
    "tag-manager": ("loading scripts of others", "chargement de scripts de tiers"),
    "utility": ("technical service", "service technique"),
    "video": ("video", "vidéo"),
}
"""The list's categories, in English and in French."""


class Company(NamedTuple):
    """Whose a host is, and what for, as the list says."""

    name: str
    category: str
    """One of CATEGORIES."""


def of(host: str) -> Company | None:
    """The company of a host in lower case; None where the list does not know it.

    A host that is listed itself goes before one above it. `www.` does not matter.
    """
    known = _listed()
    found = known.get(host) or known.get(f"www.{host}")
    while found is None:
        found = known.get(f"*.{host}")
        _, dot, host = host.partition(".")
        if not dot:
            break
    return found


@cache
def _listed() -> dict[str, Company]:
    found = dict[str, Company]()
    for line in data.lines("companies.txt"):
        category, name, hosts = line.split("\t")
        company = Company(name, category)
        found |= dict.fromkeys(hosts.split(" "), company)
    return found
