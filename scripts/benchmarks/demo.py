"""How long the demo takes to fill, and how long its stats page's whole first answer takes."""

import asyncio
import base64
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from examples.fill import SETTINGS, fill
from examples.starlette_app import create_app

FILL_SECONDS, ANSWER_MS = 60, 100
PASSWORD = "bench"  # noqa: S105


def run(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "demo.db"
        views = asyncio.run(measure(f"sqlite:///{file}", rounds))
        size = file.stat().st_size
        print(f"{size:,} bytes on disk, {size / views:.2f} a view")


async def measure(store: str, rounds: int) -> int:
    app = create_app(store=store, password=PASSWORD, **SETTINGS)
    start = time.perf_counter()
    views = await fill(store, app, now=time.time())
    filled = time.perf_counter() - start
    print(f"{views:,} views filled in {filled:.1f} s{met(filled <= FILL_SECONDS)}")
    times = [await first_answer(app) for _ in range(rounds + 1)][1:]
    answer = 1000 * median(times)
    print(f"the page's first answer over 12 months: {answer:.0f} ms{met(answer <= ANSWER_MS)}")
    return views


def met(yes: bool) -> str:
    return "  (target met)" if yes else "  (target MISSED)"


async def first_answer(app: object) -> float:
    """Seconds for all that the page asks for at first: totals, series, every panel, compared."""
    token = base64.b64encode(f":{PASSWORD}".encode()).decode()
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bench", headers={"authorization": f"Basic {token}"}
    ) as client:
        dimensions = (await client.get("/stats/api/dimensions")).json()["dimensions"]
        questions = [question(["visits", "pageviews", "views_per_visit", "bounce_rate"], [])]
        questions += [question(["pageviews"], ["time:month"])]
        questions += [question([d["basis"]], [d["name"]]) for d in dimensions if d["alone"]]
        start = time.perf_counter()
        answer = await client.post("/stats/api/query", content=json.dumps(questions))
        spent = time.perf_counter() - start
        wrong = [each["error"] for each in answer.json() if "error" in each]
        if wrong:
            raise SystemExit(f"the stats API answered: {wrong[0]}")
        return spent


def question(metrics: list[str], dimensions: list[str]) -> dict[str, object]:
    return {
        "metrics": metrics,
        "date_range": "12mo",
        "dimensions": dimensions,
        "pagination": {"limit": 9},
        "include": {"comparison": "previous_period", "total_rows": True},
    }
