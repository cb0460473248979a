"""The transparency page: what is counted, in plain words, made from the running configuration."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from firstparty.counting import Counting
from firstparty.exposure.loads import LOADS
from firstparty.row import Dimension
from firstparty.since import Change
from firstparty.told import blocks, proof, visitors
from firstparty.told.visitors import LANGUAGES, Lang

PAGE: Final = """<!doctype html>
<html lang="{lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="{assets}icon.svg">
<link rel="stylesheet" href="{assets}privacy.css">{style}
<main>
<nav>{languages}</nav>
<h1>{title}</h1>
{text}
</main>
</html>
"""

NAMES: Final[Mapping[Lang, str]] = {"en": "English", "fr": "Français"}


def language(asked: str | None, accepted: str) -> Lang:
    """The language of the page: the one that is asked for, else the browser's, else English."""
    for lang in LANGUAGES:
        if asked == lang:
            return lang
    for part in accepted[:200].split(","):
        for lang in LANGUAGES:
            if part.strip().lower().startswith(lang):
                return lang
    return "en"


def page(counting: Counting, lang: Lang, base: str = "") -> str:
    """The page as HTML. `base` is the address of the stats page, where the page is not below it."""
    settings = counting.settings
    text = visitors.text(settings, counting.table, counting.changes, lang, base)
    style = ""
    if settings.privacy_style:
        style = f'\n<link rel="stylesheet" href="{escape(settings.privacy_style)}">'
    others = (
        f'<a href="?lang={other}" hreflang="{other}" lang="{other}">{NAMES[other]}</a>'
        for other in LANGUAGES
        if other != lang
    )
    return PAGE.format(
        lang=lang,
        title=escape(text.title),
        assets=f"{escape(base)}assets/",
        style=style,
        languages=" ".join(others),
        text=blocks.html(text),
    )


def tests() -> str:
    """The tests of the promise, as HTML."""
    return PAGE.format(
        lang="en",
        title=proof.NAME,
        assets="assets/",
        style="",
        languages='<a href="privacy">privacy</a>',
        text=proof.html(),
    )


def told(counting: Counting, lang: Lang, base: str = "") -> dict[str, Any]:
    """The same as JSON values: the text by its sections, and the facts that it is made of."""
    settings, table = counting.settings, counting.table
    text = visitors.text(settings, table, counting.changes, lang, base)
    return {
        **blocks.json(text),
        "counted": [_row(row, table, lang) for row in table.values()],
        "read_in_browser": [
            {"name": each.name, "file": each.file, "reads": visitors.reading_words(each, lang)}
            for each in settings.read_in_browser
        ],
        "accept": list(settings.accept),
        "third_parties": {
            "exposure": settings.exposure,
            "accepted": [
                {"host": party.host, "purpose": party.purpose} for party in settings.accepted
            ],
            "gets": {load.kind: load.gets_fr if lang == "fr" else load.gets for load in LOADS},
        },
        "changes": [_change(change) for change in counting.changes],
    }


def _row(row: Dimension, table: Mapping[str, Dimension], lang: Lang) -> dict[str, Any]:
    label, told = visitors.row_words(row, lang)
    return {
        "name": row.name,
        "label": label,
        "told": told,
        "kept": sorted(row.kept),
        "by": row.by if "crossed" in row.kept else None,
        "closed": row.closed,
        "most_names": len(row.values) if row.closed else table[row.vocabulary].cap,
        "metrics": list(row.metrics),
    }


def _change(change: Change) -> dict[str, str]:
    return {"setting": change.name, "value": change.value, "since": change.since.isoformat()}
