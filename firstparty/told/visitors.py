"""The text for visitors, from the settings and the tables, in English or in French. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from firstparty.accept import TOOLS
from firstparty.exposure import companies
from firstparty.exposure.loads import LOADS
from firstparty.metrics import METRICS
from firstparty.periods import KEPT_HOURS_DAYS, KEPT_MINUTES, KEPT_MONTHS, PERIODS
from firstparty.readings import FILES, Reading
from firstparty.row import Dimension
from firstparty.settings import Settings
from firstparty.since import Change, latest
from firstparty.told import french
from firstparty.told.blocks import Block, Items, Paragraph, Row, Section, Table, Text
from firstparty.told.promises import PROMISES
from firstparty.told.words_en import WORDS as ENGLISH
from firstparty.told.words_fr import WORDS as FRENCH

Lang = Literal["en", "fr"]
LANGUAGES: Final[Mapping[Lang, Mapping[str, str]]] = {"en": ENGLISH, "fr": FRENCH}


def text(
    settings: Settings,
    table: Mapping[str, Dimension],
    changes: Iterable[Change] = (),
    lang: Lang = "en",
    base: str = "",
) -> Text:
    """All that visitors are told. `base` is where the receipt and the tests are, as `/stats/`."""
    say = LANGUAGES[lang]
    site = settings.site_name if settings.site else say["this site"]
    return Text(
        lang,
        say["title"].format(site=site),
        (
            _section(say, "short", Paragraph(say["lead"])),
            _section(say, "never", Items(tuple(say[each] for each in never(settings)))),
            _section(
                say,
                "counted",
                _counted(table, lang),
                Paragraph(say["masked"].format(sightings=_times(settings.admit_after, say))),
            ),
            _section(say, "numbers", _numbers(lang)),
            _section(say, "how long", _how_long(settings, say), Paragraph(say["deleted"])),
            _section(say, "read", *_read(settings, lang)),
            _section(say, "third", *_third(settings, say)),
            _section(
                say, "receipt", Paragraph(say["receipt text"].format(receipt=f"{base}receipt"))
            ),
            _section(say, "object", Paragraph(say["object text"])),
            _section(say, "answers", _answers(settings, say)),
            _section(say, "promise", Paragraph(say["promise text"]), _promises(lang, base)),
            _section(say, "since", *_since(changes, say)),
            _section(say, "limits", Paragraph(say["limits text"]), Paragraph(say["law"])),
        ),
    )


NEVER: Final = ("never cookie", "never id", "never address", "never elsewhere", "never sold")
NEVER_BUT_THEIRS: Final = ("never cookie but theirs", "never id but theirs", *NEVER[2:])
"""With another tool's script on a page we can only speak for ourselves."""


def never(settings: Settings) -> tuple[str, ...]:
    """What never happens, by the names of its words."""
    return NEVER_BUT_THEIRS if settings.accept else NEVER


Words = Mapping[str, str]


def _section(say: Words, name: str, *blocks: Block) -> Section:
    return Section(name.replace(" ", "-"), say[name], blocks)


def _times(number: int, say: Words) -> str:
    return say["times"].format(number=number) if number > 1 else say["once"]


def row_words(row: Dimension, lang: Lang) -> tuple[str, str]:
    """The label of a dimension, and the sentence about it. A user's own has its own words."""
    if lang == "fr":
        if row.name in french.DIMENSIONS:
            return french.DIMENSIONS[row.name]
        for load in LOADS:
            if load.dimension == row.name:
                label, told = french.THIRD_PARTY
                return label.format(kind=french.KINDS[load.kind]), told
    return row.label, row.told


def metric_words(name: str, lang: Lang) -> tuple[str, str]:
    """The label of a metric, and what it is."""
    if lang == "fr":
        return french.METRICS[name]
    return next((metric.label, metric.about) for metric in METRICS if metric.name == name)


def reading_words(reading: Reading, lang: Lang) -> str:
    """What a reading reads."""
    return french.READINGS[reading.name] if lang == "fr" else reading.told


def _counted(table: Mapping[str, Dimension], lang: Lang) -> Table:
    say = LANGUAGES[lang]
    rows = list[Row]()
    for row in table.values():
        label, told = row_words(row, lang)
        rows.append((label, told, kept_words(row, table, lang), _names(row, table, say)))
    return Table(tuple(say[f"head {each}"] for each in ("what", "how", "kept", "names")), (*rows,))


def kept_words(row: Dimension, table: Mapping[str, Dimension], lang: Lang) -> str:
    """For which periods a dimension is kept."""
    say = LANGUAGES[lang]
    found = [say[period] for period in PERIODS if period in row.kept and period != "crossed"]
    if "crossed" in row.kept:
        by = table[row.by]
        known = {"path": say["the page"], "event": say["the event"]}
        found.append(say["crossed"].format(by=known.get(by.name, row_words(by, lang)[0])))
    return ", ".join(found)


def _names(row: Dimension, table: Mapping[str, Dimension], say: Words) -> str:
    if not row.metrics:
        return say["present"]
    if row.closed:
        return say["fixed"].format(number=len(row.values))
    return say["at most"].format(
        number=f"{table[row.vocabulary].cap:,}".replace(",", say["thousands"])
    )


def _numbers(lang: Lang) -> Table:
    say = LANGUAGES[lang]
    rows = tuple(metric_words(metric.name, lang) for metric in METRICS)
    return Table((say["head number"], say["head meaning"]), rows)


def _how_long(settings: Settings, say: Words) -> Items:
    numbers = {
        "minutes": KEPT_MINUTES,
        "hours": KEPT_HOURS_DAYS,
        "months": KEPT_MONTHS,
        "least": settings.min_count,
    }
    names = ("minutes", "hours", "days", "crossed", "quiet")
    return Items(tuple(say[f"keep {name}"].format(**numbers) for name in names))


def _read(settings: Settings, lang: Lang) -> Iterable[Block]:
    say = LANGUAGES[lang]
    read = {
        file: [reading_words(each, lang) for each in settings.read_in_browser if each.file == file]
        for file in FILES
    }
    first, *optional = FILES
    yield Paragraph(say["read server"])
    more = "".join(f", {each}" for each in read[first])
    yield Paragraph(say["read script"].format(read=more))
    for file in optional:
        if read[file]:
            yield Paragraph(say["read more"].format(file=file, read="; ".join(read[file])))
    yield from theirs(settings, lang)
    if settings.exposure != "off":
        yield Paragraph(say["read reports"])


def theirs(settings: Settings, lang: Lang) -> Iterable[Block]:
    """What is said of other tools' scripts, where their calls are understood."""
    if settings.accept:
        tools = ", ".join(TOOLS[name].label for name in settings.accept)
        yield Paragraph(LANGUAGES[lang]["read theirs"].format(tools=tools))


def _third(settings: Settings, say: Words) -> Iterable[Block]:
    some = "some" if settings.accepted else "none"
    yield Paragraph(say[f"third {some}{' block' if settings.exposure == 'block' else ''}"])
    if settings.accepted:
        rows = list[Row]()
        for party in settings.accepted:
            company = companies.of(party.host.removeprefix("*.").partition(":")[0])
            name = company.name if company else say["not known"]
            rows.append((party.host, name, party.purpose or say["not given"]))
        yield Table(tuple(say[f"head {each}"] for each in ("host", "company", "purpose")), (*rows,))


def _answers(settings: Settings, say: Words) -> Items:
    asked = say["q2 block" if settings.exposure == "block" else "q2 open"]
    return Items((say["q1"], f"{say['q2']} {asked}", say["q3"], say["q4"]))


def _promises(lang: Lang, base: str) -> Table:
    say = LANGUAGES[lang]
    rows = tuple(
        (
            promise.fr if lang == "fr" else promise.en,
            " ".join(f"[{name}]({base}promise#{name})" for name in promise.tests),
        )
        for promise in PROMISES
    )
    return Table((say["head promise"], say["head tests"]), rows)


def _since(changes: Iterable[Change], say: Words) -> Iterable[Block]:
    found = latest(changes).values()
    yield Paragraph(say["since text"] if found else say["since none"])
    if found:
        rows = tuple((each.name, each.value, each.since.isoformat()) for each in found)
        yield Table(tuple(say[f"head {each}"] for each in ("setting", "value", "since")), rows)
