"""Bringing in an access log, beside GoAccess: lines a CPU second, in turns, one process each.

Both read the same file (`lines`) and make the same panels of it: views by day, pages, not found,
systems, browsers, referring sites, and the hours of the day, which we keep for 35 days. What only
GoAccess has (hosts, visitors' addresses, static files, keyphrases, status codes, remote users …) is
switched off there; what only we have (channels, sources, campaigns, devices, entries, departures,
machines by name) is not. GoAccess writes a report, we write the database, each to its end.

CPU seconds are those of the process and of what it starts, user and system. Turns, as whatever else
the machine does then hits both alike; the medians are compared.
"""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

from . import lines

IGNORED = (
    *("REQUESTS_STATIC", "HOSTS", "VIRTUAL_HOSTS", "REFERRERS", "KEYPHRASES", "STATUS_CODES"),
    *("REMOTE_USER", "CACHE_STATUS", "GEO_LOCATION", "MIME_TYPE", "TLS_TYPE"),
)
TARGET = 0.5
"""Of GoAccess's speed."""


def run(number: int, folder: Path, rounds: int) -> None:
    if shutil.which("goaccess") is None:
        raise SystemExit("goaccess is not there: apt-get install goaccess")
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"access-{lines.START:%Y-%m-%d}-{number}.log"
    if not log.exists():
        print(f"writing {log} …")
        lines.write(log, number)
    kinds = ", ".join(f"{share} {kind}" for kind, share in lines.SHARES.items())
    size = log.stat().st_size
    print(f"{number:,} lines, {size / 1e6:.0f} MB, of {lines.DAYS} days; of 100: {kinds}")
    print(version("goaccess", "--version"), "·", version(sys.executable, "--version"))
    spent: dict[str, list[float]] = {"GoAccess": [], "firstparty": []}
    for _ in range(rounds):
        spent["GoAccess"].append(cpu(goaccess(log, folder)))
        for file in folder.glob("log.db*"):
            file.unlink()
        spent["firstparty"].append(cpu(ours(log, folder)))
    print(f"\n{'':14}{'CPU s':>8}{'lines a CPU second':>22}{'least':>9}{'most':>9}")
    for name, seconds in spent.items():
        middle = median(seconds)
        least, most = min(seconds), max(seconds)
        print(f"{name:14}{middle:8.1f}{number / middle:22,.0f}{least:9.1f}{most:9.1f}")
    ratios = [g / f for g, f in zip(spent["GoAccess"], spent["firstparty"], strict=True)]
    ratio = median(ratios)
    met = "met" if ratio >= TARGET else "MISSED"
    print(
        f"\nspeed ÷ GoAccess's: {ratio:.2f} ({min(ratios):.2f}–{max(ratios):.2f})  ≥ {TARGET} {met}"
    )


def goaccess(log: Path, folder: Path) -> list[str]:
    ignored = [f"--ignore-panel={panel}" for panel in IGNORED]
    return [
        *("goaccess", str(log), "--log-format=COMBINED", "--no-global-config", "--no-progress"),
        *ignored,
        *("-o", str(folder / "goaccess.json")),
    ]


def ours(log: Path, folder: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "firstparty", "import", "log", str(log)),
        *("--store", str(folder / "log.db"), "--site", lines.HOST),
    ]


def cpu(command: list[str]) -> float:
    """CPU seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "TERM": "dumb"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def version(*command: str) -> str:
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return said.splitlines()[0].strip(" .")
