"""Figures as text with bars, for a terminal or a mail; and as HTML, for a mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from firstparty.figures import Figures, Panel, Total
from firstparty.metrics import Number

WIDTH: Final = 24
"""Letters of the longest bar."""
LONGEST: Final = 40
"""Letters of a name that are shown."""
PARTS: Final = " ▏▎▍▌▋▊▉"
FULL: Final = "█"


def bar(number: int, largest: int, *, plain: bool = False) -> str:
    """A bar in eighths of a letter; in whole letters `#` where a terminal has no others."""
    if largest <= 0:
        return ""
    if plain:
        return "#" * round(WIDTH * number / largest)
    eighths = round(8 * WIDTH * number / largest)
    return (FULL * (eighths // 8) + PARTS[eighths % 8]).rstrip()


def shown(text: str) -> str:
    """A name on one line. Some are texts of visitors: a terminal is not to obey them."""
    safe = "".join(letter if letter.isprintable() else "?" for letter in text)
    return safe if len(safe) <= LONGEST else f"{safe[: LONGEST - 1]}…"


def number(value: Number, unit: str) -> str:
    """A number with its unit."""
    if value is None:
        return "–"
    if unit == "percent":
        return f"{value:g} %"
    if unit == "seconds":
        return f"{value:,} s"
    return f"{value:,}"


def change(total: Total) -> str:
    """How a number differs from that of the period before; empty where it cannot be told."""
    if total.now is None or not total.before:
        return ""
    if total.unit == "percent":
        return f"{total.now - total.before:+.1f} points"
    return f"{100 * (total.now - total.before) / total.before:+.0f} %"


def title(figures: Figures) -> str:
    """What the numbers are of."""
    days = figures.first.isoformat()
    if figures.last != figures.first:
        days = f"{days} to {figures.last.isoformat()}"
    return f"{figures.site}, {days} ({figures.timezone})"


def text(figures: Figures, *, plain: bool = False) -> str:
    """The figures as lines of text; `plain` where nothing but ASCII can be shown."""
    lines = [title(figures), ""]
    told = [(each.label, number(each.now, each.unit), change(each)) for each in figures.totals]
    lines += [f"{label:<20}{value:>12}  {than}".rstrip() for label, value, than in told]
    for panel in _parts(figures):
        if panel.rows:
            wide = max(len(shown(value)) for value, _ in panel.rows)
            largest = max(count for _, count in panel.rows)
            gap = f"{panel.counted:>{max(0, wide + WIDTH + 13 - len(panel.label))}}"
            lines += ["", f"{panel.label}{gap}"]
            lines += [
                f"{shown(value):<{wide}}  {bar(count, largest, plain=plain):<{WIDTH}} {count:>10,}"
                for value, count in panel.rows
            ]
    found = "\n".join(lines) + "\n"
    if plain:
        return found.replace("–", "-").encode("ascii", "replace").decode()
    return found


def _parts(figures: Figures) -> Iterable[Panel]:
    yield Panel("Time", "Page views", figures.series)
    yield from figures.panels


def html(figures: Figures) -> str:
    """The figures as a page for a mail: nothing is loaded, and nothing is run."""
    body = [f"<h1>{escape(title(figures))}</h1>", "<table>"]
    body += [
        f"<tr><th>{escape(each.label)}<td>{number(each.now, each.unit)}<td>{change(each)}"
        for each in figures.totals
    ]
    body.append("</table>")
    for panel in _parts(figures):
        if panel.rows:
            largest = max(count for _, count in panel.rows)
            body += [f"<h2>{escape(panel.label)}</h2>", "<table>"]
            body.append(f"<tr><th><th><th>{escape(panel.counted)}")
            body += [
                f"<tr><td>{escape(shown(value))}<td>{_block(count, largest)}<td>{count:,}"
                for value, count in panel.rows
            ]
            body.append("</table>")
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        f"<title>{escape(title(figures))}</title>\n<style>{STYLE}</style>\n"
        + "\n".join(body)
        + "\n</html>\n"
    )


def _block(count: int, largest: int) -> str:
    # A mail program may ignore a stylesheet, and shows the letters all the same.
    return f'<span class="bar">{bar(count, largest)}</span>'


STYLE: Final = (
    "body{font:15px/1.4 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.2em}h2{font-size:1em;margin:1.5em 0 .3em}"
    "th{text-align:left;font-weight:normal;color:#555}"
    "td,th{padding:.1em 1em .1em 0}td:last-child,th:last-child{text-align:right}"
    ".bar{color:#3d6fb4;letter-spacing:-.5px}"
)
