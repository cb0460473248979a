"""`firstparty serve`: counts and shows a site that another program serves, or serves its files."""

from __future__ import annotations

import logging
import os
from argparse import Namespace
from pathlib import Path

import uvicorn

from firstparty import snippet, standalone
from firstparty.commands import Command, CommandError, argument, note, where
from firstparty.middleware import AnalyticsMiddleware
from firstparty.settings import PREFIX


async def run(args: Namespace) -> None:
    """Serve until somebody ends it."""
    server = uvicorn.Server(
        uvicorn.Config(
            made(args),
            host=args.host,
            port=args.port,
            # No line is written for a visitor, and no header with an address is read.
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="on",
            log_level="warning",
        )
    )
    await server.serve()


def made(args: Namespace) -> AnalyticsMiddleware:
    """The application that these arguments ask for. Raises CommandError."""
    site = args.site or os.environ.get(f"{PREFIX}SITE")
    if not site:
        raise CommandError("name the site: firstparty serve --site example.org")
    root = None if args.root is None else Path(args.root)
    if root is not None and not root.is_dir():
        raise CommandError(f"--root {root} is no folder")
    place = where.store_url(args)
    file = Path(place.removeprefix("sqlite:///")).resolve()
    if root is not None and place.startswith("sqlite:") and file.is_relative_to(root.resolve()):
        raise CommandError(f"{file} would be served to everybody: keep it outside of --root {root}")
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    options = {"store": place}
    if args.timezone:
        options["timezone"] = args.timezone
    app = standalone.application(site, root, options)
    address = f"http://{args.host}:{args.port}"
    note(f"{site}: {address}{app.settings.prefix}/")
    if root is None:
        note(f"put this into the head of its pages: {snippet.tag(app.settings)}")
    return app


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError
    return int(text)


_port.__name__ = "port"

COMMAND = Command(
    "serve",
    run,
    "Count and show a site of any other stack, or serve its files, too.",
    (
        argument(
            "--root",
            metavar="FOLDER",
            help="the site's files: they are served, and counted as they are, with no script",
        ),
        argument("--host", default="127.0.0.1", help="the address to listen at: 127.0.0.1"),
        argument("--port", type=_port, default=8100, help="the port to listen at: 8100"),
    ),
    "Without --root, have your web server hand on the paths below /_tally and /stats, and put the"
    " tag into the head of your pages. All settings are taken from FIRSTPARTY_<NAME>: set"
    " FIRSTPARTY_PASSWORD. docs/how-to/standalone.md has recipes for nginx, Caddy and systemd.",
)
