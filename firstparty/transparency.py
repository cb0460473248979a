"""The transparency page: what is counted, in plain words, made from the running configuration."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from firstparty.metrics import METRICS
from firstparty.periods import KEPT_HOURS_DAYS, KEPT_MINUTES, KEPT_MONTHS
from firstparty.readings import FILES
from firstparty.row import Dimension
from firstparty.settings import Settings

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>What is counted</title>
<link rel="icon" href="assets/icon.svg">
<link rel="stylesheet" href="assets/privacy.css">
<main>
<h1>What is counted on {site}</h1>
<p class="lead">This site counts how often its pages are viewed, on its own server. It keeps sums
such as “/pricing was viewed 41 times on Tuesday”, and nothing about you. It is built so that
nothing stored is personal data.</p>

<h2>What never happens</h2>
<ul>
<li>For counting, no cookie is set or read, and nothing about you is stored in your browser.</li>
<li>You get no identifier, and no fingerprint or hash is made of you, not even for a moment.</li>
<li>Your network address is not read for this.</li>
<li>Nothing is sent to another company.</li>
</ul>

<h2>What is counted</h2>
<table>
<thead><tr><th scope="col">What</th><th scope="col">How</th><th scope="col">Names</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<p>A text that came from a visitor (a path, a host, a campaign) is masked first, and written only
after it has been seen {sightings}; until then it counts as “(unlisted)”. Paths that the site itself
has named, alone or by family, have their name at once.</p>

<h2>What these numbers are</h2>
<dl>
{metrics}
</dl>

<h2>How long</h2>
<ul>
<li>The site’s total by the minute: {minutes} minutes.</li>
<li>The site’s total and each page by the hour: {hours} days.</li>
<li>Everything by the day and by the month: {months} months.</li>
<li>A page together with another of these, such as its views by browser: by the
month only, and not shown below {min_count}. Three days after the month has ended, what is below is
deleted.</li>
<li>Of a day with fewer than {min_count} page views: its total and its pages alone, from the third
day after it on, and the same of days that would give it away. The month has the rest.</li>
</ul>
<p>What is older is deleted by the program itself.</p>

<h2>What is read, and where</h2>
{reading}

<h2>What this visit adds</h2>
<p>Look at <a href="receipt">the receipt of your own visit</a>: every count that
would grow if you opened the first page of this site now, by the program that counts. It counts
nothing itself. For another page, write its address behind it, as
<code>receipt?path=/pricing</code>. There is nothing else to look up.</p>

<h2>If you object</h2>
<p>Switch on <a href="https://globalprivacycontrol.org/" rel="noreferrer">Global Privacy
Control</a> or “Do Not Track” in your browser. A visit with either signal is not counted at all,
not even as one that was left out.</p>

<h2>Its limits</h2>
<p>Whoever can read the site’s database every few seconds can watch the sums grow. The web server
in front of this program may keep an access log of its own; this page does not speak for it.</p>
</main>
</html>
"""

SERVER = """<p>The server reads, from requests that your browser makes anyway: the address of the
page, the page before it, the browser’s language and kind, and headers that say how a page was
opened.</p>"""

SNIPPET = """<p>Where a page carries the script <code>tally.js</code>, it also reads in
your browser, when a page is shown, and sends to this site: {read}. The script is readable as it
is served, and sets nothing; your browser may keep the file itself for a day, the same for
everyone.</p>"""

MORE = """<p>Where a page carries the script <code>{file}</code> too, it reads and sends:
{read}.</p>"""


def page(settings: Settings, table: Mapping[str, Dimension]) -> str:
    """The page as HTML, for the settings and the dimension table of this site."""
    read = {
        file: [reading.told for reading in settings.read_in_browser if reading.file == file]
        for file in FILES
    }
    first, *optional = FILES
    reading = [SERVER, SNIPPET.format(read=", ".join(["the page’s address", *read[first]]))]
    reading += [
        MORE.format(file=file, read="; ".join(read[file])) for file in optional if read[file]
    ]
    return PAGE.format(
        site=escape(settings.site_name if settings.site else "this site"),
        rows=_rows(table),
        metrics="\n".join(
            f"<dt>{escape(metric.label)}</dt><dd>{escape(metric.about)}</dd>" for metric in METRICS
        ),
        sightings=f"{settings.admit_after} times" if settings.admit_after > 1 else "once",
        minutes=KEPT_MINUTES,
        hours=KEPT_HOURS_DAYS,
        months=KEPT_MONTHS,
        min_count=settings.min_count,
        reading="\n".join(reading),
    )


def _rows(table: Mapping[str, Dimension]) -> str:
    return "\n".join(
        f'<tr><th scope="row">{escape(row.label)}</th><td>{escape(row.told)}</td>'
        f"<td>{_names(table, row)}</td></tr>"
        for row in table.values()
    )


def _names(table: Mapping[str, Dimension], row: Dimension) -> str:
    return "a fixed list" if row.closed else f"at most {table[row.vocabulary].cap:,}"
