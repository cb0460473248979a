"""What visitors are told, in English. Braces are filled in; the keys are those of `words_fr`."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "title": "What is counted on {site}",
    "this site": "this site",
    "short": "In short",
    "lead": "This site counts how often its pages are viewed, on its own server. It keeps sums"
    " such as “/pricing was viewed 41 times on Tuesday”, and nothing about you. It is built so"
    " that nothing stored is personal data.",
    "never": "What never happens",
    "never cookie": "For counting, no cookie is set or read, and nothing about you is stored in"
    " your browser.",
    "never id": "You get no identifier, and no fingerprint or hash is made of you, not even for a"
    " moment.",
    "never cookie but theirs": "This program sets and reads no cookie to count, and stores nothing"
    " about you in your browser. The script of another tool may: see “What is read, and where”.",
    "never id but theirs": "This program gives you no identifier, and makes no fingerprint or hash"
    " of you, not even for a moment. One that the script of another tool sends is thrown away"
    " unread.",
    "never address": "Your network address is not read for this.",
    "never elsewhere": "Nothing is sent to another company.",
    "never sold": "The counts are used for this site alone, and for no advertising.",
    "counted": "What is counted",
    "head what": "What",
    "head how": "How it is read and made coarse",
    "head kept": "Kept by",
    "head names": "Names",
    "fixed": "a fixed list of {number}",
    "at most": "at most {number}",
    "present": "yes or no",
    "thousands": ",",
    "hour": "hour",
    "day": "day",
    "month": "month",
    "crossed": "month with {by}",
    "the page": "the page",
    "the event": "the event",
    "masked": "A text that came from a visitor (a path, a host, a campaign) is masked first, and"
    " written only after it has been seen {sightings}; until then it counts as “(unlisted)”."
    " Paths that the site itself has named, alone or by family, have their name at once.",
    "times": "{number} times",
    "once": "once",
    "numbers": "What these numbers are",
    "head number": "Number",
    "head meaning": "What it is",
    "how long": "How long",
    "keep minutes": "The site’s total by the minute: {minutes} minutes.",
    "keep hours": "The site’s total and each page by the hour: {hours} days.",
    "keep days": "Everything by the day and by the month: {months} months.",
    "keep crossed": "A page together with another of these, such as its views by browser: by the"
    " month only, and not shown below {least}. Three days after the month has ended, what is"
    " below is deleted.",
    "keep quiet": "Of a day with fewer than {least} page views: its total and its pages alone,"
    " from the third day after it on, and the same of days that would give it away. The month has"
    " the rest.",
    "deleted": "What is older is deleted by the program itself.",
    "read": "What is read, and where",
    "read server": "The server reads, from requests that your browser makes anyway: the address"
    " of the page, the page before it, the browser’s language and kind, and headers that say how"
    " a page was opened.",
    "read script": "Where a page carries the script `tally.js`, it also reads in your browser,"
    " when a page is shown, and sends to this site: the page’s address{read}. The script is"
    " readable as it is served, and sets nothing; your browser may keep the file itself for a"
    " day, the same for everyone.",
    "read more": "Where a page carries the script `{file}` too, it reads and sends: {read}.",
    "read reports": "For some of its pages this site asks your browser to report which other"
    " hosts the page loads from. Of a report the page, the host and the kind of load are read.",
    "read theirs": "Pages may also carry the script of another tool, whose calls come to this site:"
    " {tools}. This page cannot speak for what such a script reads in your browser, nor for cookies"
    " and storage that it may use there. Of what it sends, this site counts the address of the"
    " page, the page before it and events, as it does of its own script. Visitor and session"
    " identifiers, user names, titles, sizes of screens and sums of money are thrown away unread."
    " If you object as described below, nothing that it sends is looked at.",
    "third": "Other companies",
    "third none": "The site has named no other company that its pages load from. A page may still"
    " hold what nobody has noted here.",
    "third some": "These are the other companies that pages of this site load from, and why. Each"
    " of them gets at least your network address when that happens. A page may still hold what"
    " nobody has noted here.",
    "third none block": "Pages of this site load nothing from other companies, unless you have"
    " agreed to it: your browser is told to refuse.",
    "third some block": "Pages of this site load from these other companies, and from no others"
    " unless you have agreed: your browser is told to refuse. Each of them gets at least your"
    " network address when that happens.",
    "head host": "Host",
    "head company": "Company",
    "head purpose": "Purpose",
    "not known": "not known",
    "not given": "not given",
    "receipt": "What this visit adds",
    "receipt text": "Look at [the receipt of your own visit]({receipt}): every count that would"
    " grow if you opened the first page of this site now, by the program that counts. It counts"
    " nothing itself. For another page, write its address behind it, as `?path=/pricing`. There"
    " is nothing else to look up.",
    "object": "If you object",
    "object text": "Switch on [Global Privacy Control](https://globalprivacycontrol.org/) or “Do"
    " Not Track” in your browser. A visit with either signal is not counted at all, not even as"
    " one that was left out.",
    "answers": "Four questions, answered",
    "q1": "How much data does this need? Sums of page views, as listed above. No record of a"
    " person or of a visit exists, so there is none to ask for, correct or lose.",
    "q2": "How much is exposed to others, what for, and with your consent? Of what is counted,"
    " nothing. The other companies that pages load from stand under “Other companies”, each with"
    " its purpose.",
    "q2 open": "Whether you are asked before they are loaded is for this site to say: this program"
    " does not know.",
    "q2 block": "Beside those, your browser is told to refuse all others until you have agreed.",
    "q3": "What comes first? The counts serve the running of this site. They are no product, and"
    " nobody’s advertising is made from them.",
    "q4": "What keeps it confidential? Nothing about you is stored; small numbers are hidden and"
    " deleted; texts are masked; and the program has tests that fail if any of this changes.",
    "promise": "The promise, and its tests",
    "promise text": "Each line of the promise is tried by tests of the program, named here. They"
    " are in its file `tests/test_privacy.py`, for everybody to read: each name leads there.",
    "head promise": "What is promised",
    "head tests": "Tests",
    "since": "Since when",
    "since text": "The program notes when a setting about what is collected changes. Notes are"
    " kept as long as counts.",
    "since none": "Nothing has been noted yet.",
    "head setting": "Setting",
    "head value": "Value",
    "head since": "Since",
    "limits": "Its limits",
    "limits text": "Whoever can read the site’s database every few seconds can watch the sums"
    " grow. The web server in front of this program may keep an access log of its own; this page"
    " does not speak for it.",
    "law": "A company reads this to answer for it: it is no certificate, and no legal advice. On"
    " a strict reading of the ePrivacy directive, what a script reads in a browser is access to"
    " the device; each such thing has a switch, and stands above if it is on.",
}
