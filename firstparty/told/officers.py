"""The sheet for data protection officers: what is kept, column by column. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from firstparty import dictionary
from firstparty.readings import READINGS, ZONE
from firstparty.row import Dimension
from firstparty.settings import Settings
from firstparty.since import Change
from firstparty.size import Part
from firstparty.told import officers_words, visitors
from firstparty.told.blocks import Block, Items, Paragraph, Row, Section, Table, Text
from firstparty.told.visitors import Lang


def text(
    settings: Settings,
    table: Mapping[str, Dimension],
    largest: Iterable[Part],
    changes: Iterable[Change] = (),
    lang: Lang = "en",
) -> Text:
    """The sheet. `largest` are the most rows of each dimension and table, as `size` tells them."""
    say = officers_words.WORDS[lang]
    plain = visitors.text(settings, table, changes, lang)
    named = {section.name: section for section in plain.sections}
    site = settings.site_name if settings.site else visitors.LANGUAGES[lang]["this site"]
    return Text(
        lang,
        say["title"].format(site=site),
        (
            _section(say, "what", Paragraph(say["what text"])),
            _section(say, "dictionary", *_dictionary(say, lang)),
            named["counted"],
            _section(say, "largest", Paragraph(say["largest text"]), _largest(largest, say, lang)),
            _section(
                say,
                "device",
                Paragraph(say["device text"]),
                _device(settings, say, lang),
                *visitors.theirs(settings, lang),
            ),
            named["how-long"],
            _section(
                say,
                "tests",
                Items(tuple(say[each] for each in ("single", "link", "infer", "rest"))),
            ),
            named["third"],
            _section(say, "logs", Paragraph(say["logs text"])),
            named["since"],
            _section(say, "check", Paragraph(say["check text"])),
            _section(say, "sources", Items(tuple(officers_words.SOURCES))),
        ),
    )


def _section(say: Mapping[str, str], name: str, *blocks: Block) -> Section:
    return Section(name, say[name], blocks)


def _dictionary(say: Mapping[str, str], lang: Lang) -> Iterable[Block]:
    yield Paragraph(say["dictionary text"])
    head = tuple(say[f"head {each}"] for each in ("table", "column", "about", "values"))
    rows = list[Row]()
    for table, columns in groupby(dictionary.COLUMNS, key=lambda column: column.table):
        for column in columns:
            about = column.about_fr if lang == "fr" else column.about
            rows.append((f"`{table}`", f"`{column.name}`", about, column.values))
    yield Table(head, tuple(rows))


def _largest(parts: Iterable[Part], say: Mapping[str, str], lang: Lang) -> Table:
    rows = dict[str, list[int]]()
    for part in parts:
        name = part.dimension or say["the site"]
        rows.setdefault(name, [0, 0])
        rows[name][0] += part.rows
        rows[name][1] += part.bytes
    head = tuple(say[f"head {each}"] for each in ("part", "rows", "bytes"))
    comma = visitors.LANGUAGES[lang]["thousands"]

    def said(number: int) -> str:
        return f"{number:,}".replace(",", comma)

    return Table(head, tuple((name, *map(said, both)) for name, both in rows.items()))


def _device(settings: Settings, say: Mapping[str, str], lang: Lang) -> Table:
    head = tuple(say[f"head {each}"] for each in ("file", "reads", "switch", "now"))
    rows = [("`tally.js`", say["address"], say["no script"], say["where put"])]
    for reading in (*READINGS, ZONE):
        on = reading in settings.read_in_browser
        switch = 'country="timezone"' if reading is ZONE else f'sends=("{reading.name}", …)'
        words = visitors.reading_words(reading, lang)
        rows.append((f"`{reading.file}`", words, f"`{switch}`", say["on"] if on else say["off"]))
    return Table(head, tuple(rows))
