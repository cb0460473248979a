"""What sites may be called, and where their stats pages may be."""

from __future__ import annotations

import re
from typing import Final

from firstparty.settings import SettingError, Settings, Site


def check_site(settings: Settings) -> None:
    """The site's own name."""
    name = settings.site.name if isinstance(settings.site, Site) else settings.site
    if name is not None and (not name.strip() or "/" in name or "," in name):
        raise SettingError(f"site={name!r}: write a plain name, as 'example.org'")


_ADDRESS: Final = re.compile(r"(/(?!/)|https?://[^/?#\s\\]+)[^?#\s\\]*")


def check_sites(settings: Settings) -> None:
    """The names and addresses of further sites, each once."""
    seen = set[str]()
    for each in settings.sites:
        name, _, address = each.partition("=")
        if not name.strip() or "/" in name or not _ADDRESS.fullmatch(address.strip()):
            raise SettingError(
                f"sites: {each!r}: write the site's name and where its stats page is, as"
                " 'blog.example=/blog/stats/' or 'shop.example=https://shop.example/stats/'"
            )
        if name.strip() in seen:
            raise SettingError(f"sites: {name.strip()!r} is there twice: choose another name")
        seen.add(name.strip())
