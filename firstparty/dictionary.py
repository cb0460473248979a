"""The data dictionary: every table and column of a database of ours, and which values it may have.

`firstparty verify` compares a database with it, and the data protection officer's sheet shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

from firstparty.closing import KINDS as CLOSED
from firstparty.importers import KINDS
from firstparty.marks import Kind
from firstparty.metrics import COMMON, METRICS
from firstparty.periods import PERIODS
from firstparty.told.french import METRICS as METRICS_FR

MOST_TEXT: Final = 200
"""Characters of a name: what `minimise` answers at most."""
MOST_PATTERN: Final = 2_000
MOST_MARK: Final = 300
MOST_MINUTE: Final = 10**8
"""Minutes since 1970: the year 2160. A finer time has more digits."""


def whole(value: object) -> bool:
    """Whether a value is a whole number that is not negative."""
    return isinstance(value, int) and value >= 0


def signed(value: object) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int)


def word(value: object) -> bool:
    """Whether a value is a text of at most 200 characters."""
    return isinstance(value, str) and len(value) <= MOST_TEXT


def minute(value: object) -> bool:
    """Whether a value is a number of whole minutes since 1970."""
    return isinstance(value, int) and 0 <= value < MOST_MINUTE


def day(value: object) -> bool:
    """Whether a value is a day, as 20261124."""
    if not isinstance(value, int) or len(str(value)) != 8:
        return False
    try:
        date(value // 10_000, value // 100 % 100, value % 100)
    except ValueError:
        return False
    return True


def month(value: object) -> bool:
    """Whether a value is a month, as 202611."""
    return isinstance(value, int) and len(str(value)) == 6 and 1 <= value % 100 <= 12


_WRITER: Final = re.compile(r"[0-9a-f]{16}")


def _writer(value: object) -> bool:
    # Sixteen digits, or the name of a file that was brought in.
    return isinstance(value, str) and (_WRITER.fullmatch(value) is not None or len(value) <= 100)


def _kind(value: object) -> bool:
    return value in KINDS


def _day_or_none(value: object) -> bool:
    return value == 0 or day(value)


def _period(value: object) -> bool:
    return value in range(len(PERIODS))


def _mark(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_MARK


def _pattern(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_PATTERN


FROM_0: Final = "whole number from 0"
TEXT: Final = f"at most {MOST_TEXT} characters"
CODES: Final = ", ".join(f"{code} {period}" for code, period in enumerate(PERIODS))
DAYS: Final = "20261124, 202611"
AT: Final = f"minutes since 1970 (minute, hour), {DAYS}"
WRITER: Final = "16 random hexadecimal digits, or the name of an import"
MARK: Final = f"at most {MOST_MARK} characters, none a visitor’s"
PATTERN: Final = f"at most {MOST_PATTERN:,} characters"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what is in it, which values it may have, and a test of one value."""

    table: str
    name: str
    about: str
    about_fr: str
    values: str
    check: Callable[[object], bool]


def _columns(table: str, *rows: tuple[str, str, str, str, Callable[[object], bool]]) -> Columns:
    return tuple(Column(table, *row) for row in rows)


Columns = tuple[Column, ...]
Row = tuple[str, str, str, str, Callable[[object], bool]]

SITE: Final[Row] = ("site", "number of the site", "numéro du site", "of sites", whole)
DIMENSION: Final[Row] = ("dimension", "which dimension", "quelle dimension", "of dimensions", whole)

ORIGIN: Final[Row] = (
    "origin",
    "which import it is of",
    "de quel import",
    "of imports, or 0: counted here",
    whole,
)
PERIOD: Final[Row] = ("period", "which period", "quelle période", CODES, _period)
CELL: Final[tuple[Row, ...]] = (
    ("slot", "site, period, what and when", "site, période, quoi et quand", "of slots", whole),
    ("path", "the page it is crossed with", "la page croisée", "of names, or 0", whole),
    ("value", "which value", "quelle valeur", "of names, or 0", whole),
)
METRIC_COLUMNS: Final[dict[str, Row]] = {
    metric.name: (
        metric.name,
        metric.about,
        METRICS_FR[metric.name][1],
        "whole number" if metric.name == "amount" else FROM_0,
        signed if metric.name == "amount" else whole,
    )
    for metric in METRICS
    if metric.derive is None
}

COLUMNS: Final[Columns] = (
    *_columns(
        "sites",
        ("id", "number of the site", "numéro du site", "1, 2, …", whole),
        ("name", "the site’s name", "nom du site", "text of the settings", word),
        ("timezone", "its time zone", "son fuseau horaire", "IANA name", word),
    ),
    *_columns(
        "dimensions",
        ("id", "number of a dimension", "numéro d’une dimension", "1, 2, …", whole),
        ("name", "its name", "son nom", "a name of the dimension table", word),
    ),
    *_columns(
        "names",
        SITE,
        ("id", "number of a name", "numéro d’un nom", "drawn at random, to 8,388,607", whole),
        DIMENSION,
        ("name", "a masked text, or of a fixed list", "texte masqué ou d’une liste", TEXT, word),
    ),
    *_columns(
        "counts",
        SITE,
        PERIOD,
        ("dimension", "what; 0 is the site", "quoi ; 0 est le site", "of dimensions, or 0", whole),
        ("at", "the period’s start", "début de la période", AT, whole),
        ORIGIN,
        ("path", "the page it is crossed with", "la page croisée", "of names, or 0", whole),
        ("value", "which value", "quelle valeur", "of names, or 0", whole),
        *METRIC_COLUMNS.values(),
    ),
    *_columns(
        "slots",
        ("id", "number of a slot", "numéro d’une case", "drawn at random, to 8,388,607", whole),
        SITE,
        PERIOD,
        ("dimension", "what; 0 is the site", "quoi ; 0 est le site", "of dimensions, or 0", whole),
        ("at", "the period’s start", "début de la période", AT, whole),
        ORIGIN,
    ),
    *_columns("narrow", *CELL, *(METRIC_COLUMNS[name] for name in COMMON)),
    *_columns("wide", *CELL, *METRIC_COLUMNS.values()),
    *_columns(
        "pairs",
        SITE,
        DIMENSION,
        ("month", "a month", "un mois", "202611", month),
        ("number", "how many crossed counts", "combien de comptes croisés", FROM_0, whole),
    ),
    *_columns(
        "batches",
        ("writer", "a process that writes", "un processus qui écrit", WRITER, _writer),
        ("seq", "its last batch", "son dernier lot", "1, 2, …", whole),
        ("day", "the day of it", "son jour", "20261124, or 0", _day_or_none),
    ),
    *_columns(
        "changes",
        ("number", "how often names changed", "changements de noms", FROM_0, whole),
    ),
    *_columns(
        "marks",
        ("id", "number of a mark", "numéro d’une marque", "1, 2, …", whole),
        SITE,
        ("at", "its hour", "son heure", "minutes since 1970 of a whole hour", minute),
        ("day", "its day", "son jour", "20261124", day),
        ("kind", "of what", "de quoi", ", ".join(get_args(Kind)), lambda v: v in get_args(Kind)),
        ("text", "a release, a note or a setting", "version, note ou réglage", MARK, _mark),
    ),
    *_columns(
        "imports",
        ("id", "number of an import", "numéro d’un import", "1, 2, …", whole),
        SITE,
        ("name", "what the owner calls it", "son nom, du responsable", TEXT, word),
        ("writer", "what wrote it", "ce qui l’a écrit", WRITER, _writer),
        ("kind", "which tool had counted", "quel outil avait compté", ", ".join(KINDS), _kind),
        ("made", "the day it was brought in", "jour de l’import", "20261124", day),
        ("first", "its first day", "son premier jour", "20261124, or 0", _day_or_none),
        ("last", "its last day", "son dernier jour", "20261124, or 0", _day_or_none),
        ("done", "whether it is all there", "s’il est complet", "0, 1", lambda v: v in (0, 1)),
    ),
    *_columns(
        "closings",
        SITE,
        ("kind", "what is closed", "ce qui est clos", ", ".join(CLOSED), lambda v: v in CLOSED),
        ("at", "the day or month", "le jour ou mois", DAYS, lambda v: day(v) or month(v)),
        ("dimension", "of a month: which", "d’un mois : laquelle", "a name, or empty", word),
        ("least", "by which min_count", "selon quel min_count", FROM_0, whole),
    ),
    *_columns(
        "blocked",
        SITE,
        DIMENSION,
        ("pattern", "what the owner typed", "saisi par le responsable", PATTERN, _pattern),
    ),
    *_columns(
        "links",
        ("id", "number of a link", "numéro d’un lien", "1, 2, …", whole),
        SITE,
        ("token", "its key, drawn at random", "sa clé, tirée au sort", "random text", word),
        ("name", "what the owner calls it", "son nom, du responsable", TEXT, word),
        ("until", "its last day", "son dernier jour", "20261124", day),
    ),
)

TABLES: Final = {
    table: {column.name: column for column in COLUMNS if column.table == table}
    for table in dict.fromkeys(column.table for column in COLUMNS)
}
"""The columns by table and name."""
