"""`firstparty audit`: which third parties a site's pages would load from, before it is live."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any

from firstparty.audit import apps, runs, verdict
from firstparty.audit.answers import AuditError
from firstparty.audit.crawl import Crawled
from firstparty.commands import Command, CommandError, argument, say
from firstparty.commands.exposure import ACCEPTED, accepted
from firstparty.exposure.register import Register

FAILED = 1
"""The exit code where a third party was found that is not accepted."""


def _pages(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 10_000:
        raise ArgumentTypeError(f"{text!r}: write a number from 1 to 10000")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= runs.LONGEST_DELAY:
        raise ArgumentTypeError(f"{text!r}: write seconds from 0 to {runs.LONGEST_DELAY:.0f}")
    return seconds


async def run(args: Namespace) -> int:
    """Audit an application or a site; the answer is the exit code."""
    known = _baseline(args.baseline)
    try:
        found, register = await _found(args)
    except AuditError as error:
        raise CommandError(str(error)) from error
    told = verdict.told(args.target, found, register, known)
    if args.format == "json":
        say(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for line in verdict.lines(told):
            say(line)
    return FAILED if told["fails"] else 0


async def _found(args: Namespace) -> tuple[Crawled, Register]:
    tells = _progress if sys.stderr.isatty() else runs.quiet
    register = accepted(args)
    if "://" in args.target:
        found = await runs.of_url(
            args.target, own=args.own, most=args.pages, delay=args.delay, tells=tells
        )
        base = args.target
        if args.browser:
            await _browse(found, base, args)
    else:
        app = apps.load(args.target)
        register = runs.register_of(app, register.parties)
        found = await runs.of_app(app, most=args.pages, tells=tells)
        if args.browser:
            from firstparty.audit.serving import serving

            async with serving(app) as base:
                await _browse(found, base, args)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    return found, register


async def _browse(found: Crawled, base: str, args: Namespace) -> None:
    from firstparty.audit import browser  # late: Playwright may not be there

    await browser.look(found, base, frozenset(args.own), most=args.browser_pages)


def _progress(read: int, wait: int) -> None:
    share = read / max(1, read + wait)
    bar = "#" * round(20 * share)
    sys.stderr.write(f"\r[{bar:20}] {read} pages read, {wait} to go\x1b[K")
    sys.stderr.flush()


def _baseline(file: str | None) -> frozenset[str]:
    if file is None:
        return frozenset()
    try:
        return verdict.baseline(Path(file).read_text(encoding="utf-8"))
    except (AuditError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: {error}") from error


def _arguments() -> tuple[Any, ...]:
    return (
        argument(
            "target",
            metavar="TARGET",
            help="an application, as myapp:app, or the address of your own site",
        ),
        argument(
            "--format",
            choices=("text", "json"),
            default="text",
            help="how to answer: text or json (default: text)",
        ),
        argument(
            "--baseline",
            metavar="FILE",
            help="the JSON of an earlier audit: its third parties do not fail this one",
        ),
        argument(
            "--pages",
            type=_pages,
            default=runs.MOST_PAGES,
            metavar="N",
            help=f"how many pages are read at most (default: {runs.MOST_PAGES})",
        ),
        argument(
            "--delay",
            type=_seconds,
            default=runs.DELAY,
            metavar="SECONDS",
            help=f"between two requests to a site (default: {runs.DELAY})",
        ),
        argument(
            "--own",
            metavar="HOST",
            action="append",
            default=[],
            help="a further host of the site; may be repeated",
        ),
        argument(
            "--browser",
            action="store_true",
            help="open the pages in Chromium too, which needs Playwright",
        ),
        argument(
            "--browser-pages",
            type=_pages,
            default=20,
            metavar="N",
            help="how many of them (default: 20)",
        ),
        *ACCEPTED,
    )


COMMAND = Command(
    "audit",
    run,
    "Tell which third parties the pages of an application or a site would load from.",
    _arguments(),
    "Exit code 1 where one is found that is not accepted, so that a CI job fails; 2 where the audit"
    " could not be done. An application is asked in process, with no server: `/`, its routes"
    " without parameters, and what they link to. A site is asked one page at a time, on its own"
    " host only, and as its robots.txt allows. What scripts put together while they run is seen"
    " with --browser alone.",
    stored=False,
)
