"""A text as data: sections of paragraphs, lists and tables, as HTML, as Markdown and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any, Final

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text in which `[words](address)` is a link, and what stands in backticks is code."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: Row


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names its rows."""

    head: Row
    rows: tuple[Row, ...]


Block = Paragraph | Items | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text; `name` is the same in every language."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A whole text."""

    lang: str
    title: str
    sections: tuple[Section, ...]


_INLINE: Final = re.compile(r"\[([^\[\]]{1,200})\]\(([^()\s]{1,300})\)|`([^`]{1,200})`")
_SAFE: Final = re.compile(r"(?:https://|(?!//)[\w/?=.-])[^\s\"'<>]*")


def html(text: Text) -> str:
    """The sections as HTML, which a page of ours is made around."""
    return "\n".join(
        f'<section id="{escape(each.name)}">\n<h2>{escape(each.title)}</h2>\n'
        + "\n".join(_html(block) for block in each.blocks)
        + "\n</section>"
        for each in text.sections
    )


def _html(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{inline(text)}</p>"
        case Items(items):
            return "<ul>\n" + "\n".join(f"<li>{inline(item)}</li>" for item in items) + "\n</ul>"
        case Table(head, rows):
            titles = "".join(f'<th scope="col">{inline(each)}</th>' for each in head)
            body = "\n".join(
                f'<tr><th scope="row">{inline(row[0])}</th>'
                + "".join(f"<td>{inline(cell)}</td>" for cell in row[1:])
                + "</tr>"
                for row in rows
            )
            return f"<table>\n<thead><tr>{titles}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def inline(text: str) -> str:
    """A text as HTML, with its links and its code."""
    found, end = list[str](), 0
    for each in _INLINE.finditer(text):
        found.append(escape(text[end : each.start()]))
        words, address, code = each.groups()
        if code is not None:
            found.append(f"<code>{escape(code)}</code>")
        elif _SAFE.fullmatch(address) and ":" not in address.removeprefix("https://"):
            # Nothing is told to whom the link leads about where it was.
            away = ' rel="noreferrer"' if address.startswith("https://") else ""
            found.append(f'<a href="{escape(address)}"{away}>{escape(words)}</a>')
        else:
            found.append(escape(each[0]))
        end = each.end()
    return "".join([*found, escape(text[end:])])


def markdown(text: Text, level: int = 1) -> str:
    """The text as Markdown, its title as a heading of `level`."""
    lines = [f"{'#' * level} {text.title}", ""]
    for section in text.sections:
        lines += [f"{'#' * (level + 1)} {section.title}", ""]
        for block in section.blocks:
            lines += [*_markdown(block), ""]
    return "\n".join(lines).rstrip() + "\n"


def _markdown(block: Block) -> Iterable[str]:
    match block:
        case Paragraph(text):
            yield text
        case Items(items):
            yield from (f"- {item}" for item in items)
        case Table(head, rows):
            for row in (head, ("---",) * len(head), *rows):
                yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"


def json(text: Text) -> dict[str, Any]:
    """The text as JSON values."""
    return {
        "lang": text.lang,
        "title": text.title,
        "sections": [
            {
                "name": section.name,
                "title": section.title,
                "blocks": [_json(block) for block in section.blocks],
            }
            for section in text.sections
        ],
    }


def _json(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph(text):
            return {"paragraph": text}
        case Items(items):
            return {"list": list(items)}
        case Table(head, rows):
            return {"head": list(head), "rows": [list(row) for row in rows]}
