"""Notes and links: who may write them, what a link opens, and when it ends."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from firstparty.links import LONGEST_DAYS, Link, LinkError, made, opens, over
from firstparty.marks import Mark, noted
from firstparty.periods import Calendar
from tests.driving import KEY, App, Reply, api, ask, counting, request

NOW = datetime(2026, 11, 23, 13, 45, tzinfo=UTC).timestamp()
TODAY = date(2026, 11, 23)
OURS = {"sec-fetch-site": "same-origin"}
NOTE = {"day": "2026-11-20", "text": "Campaign started"}
LINK = {"name": "Agency", "until": "2026-11-24"}


async def post(site: App, path: str, asked: object, **headers: str) -> tuple[int, Any]:
    return await api(site, path, asked, **{**OURS, **headers})


async def shown(site: App, path: str, token: str, asked: object = None) -> Reply:
    """What who has a link is answered; no password is sent."""
    method = "GET" if asked is None else "POST"
    headers = {"firstparty-link": token, **OURS}
    body = json.dumps(asked).encode()
    return await request(site, f"/stats/api/{path}", headers, method=method, body=body)


# Notes.


def test_a_note_is_added_changed_and_taken_away() -> None:
    async def run() -> Any:
        site = counting(clock=lambda: NOW, release="1.4.0", timezone="Asia/Kolkata")
        texts = list[Any]()
        for change in (
            {"add": NOTE},
            {"add": NOTE},
            {"add": {**NOTE, "text": "Sale \u202egnp"}, "remove": NOTE},
            {"add": {**NOTE, "text": "Sale gnp"}, "remove": {**NOTE, "text": "Sale gnp"}},
            {"remove": {**NOTE, "text": "Sale gnp"}},
        ):
            status, answer = await post(site, "marks", change)
            marks = [(each["kind"], each["text"], each["hour"]) for each in answer["marks"]]
            texts.append((status, [each for each in marks if each[0] == "note"]))
        return texts

    start = "2026-11-20T00:00+05:30"
    one = (200, [("note", "Campaign started", start)])
    other = (200, [("note", "Sale gnp", start)])
    assert asyncio.run(run()) == [one, one, other, other, (200, [])]


@pytest.mark.parametrize(
    "asked",
    [
        [],
        {},
        {"adds": NOTE},
        {"add": {"day": "2026-11-20"}},
        {"add": {**NOTE, "text": "\u202e\n"}},
        {"add": {**NOTE, "day": "2026-11-31"}},
        {"add": {**NOTE, "day": "2026-11-24"}},
        {"add": {**NOTE, "day": 20261120}},
        {"remove": None},
    ],
)
def test_what_is_no_note_is_refused_with_a_sentence(asked: object) -> None:
    async def run() -> Any:
        return await post(counting(clock=lambda: NOW), "marks", asked)

    status, answer = asyncio.run(run())
    assert (status, list(answer)) == (400, ["error"])


def test_a_note_stands_at_the_first_hour_of_its_day_in_the_sites_zone() -> None:
    from zoneinfo import ZoneInfo

    kathmandu = Calendar(ZoneInfo("Asia/Kathmandu"))
    hour = int(datetime(2026, 11, 19, 18, 15, tzinfo=UTC).timestamp() // 60)
    assert noted("x", date(2026, 11, 20), kathmandu) == Mark("note", "x", hour, 20261120)


# Who may write.


@pytest.mark.parametrize("path", ["marks", "links"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": "https://example.org"},
        {"origin": "https://evil.example"},
        {},
    ],
)
def test_only_a_page_of_the_same_origin_may_write(path: str, headers: dict[str, str]) -> None:
    async def run() -> Any:
        site = counting(clock=lambda: NOW)
        change = {"add": NOTE} if path == "marks" else {"make": LINK}
        status, _ = await api(site, path, change, **headers)
        return status, (await api(site, path))[1][path]

    assert asyncio.run(run()) == (403, [])


def test_the_public_writes_nothing_and_sees_no_note_and_no_link() -> None:
    async def run() -> Any:
        site = counting(clock=lambda: NOW, public=True)
        await post(site, "marks", {"add": NOTE})
        await post(site, "links", {"make": LINK})
        found = list[Any]()
        for path, change in (("marks", {"add": NOTE}), ("links", {"make": LINK})):
            body = json.dumps(change).encode()
            wrote = await request(site, f"/stats/api/{path}", OURS, method="POST", body=body)
            saw = await request(site, f"/stats/api/{path}", OURS)
            found.append((wrote.status, saw.status, json.loads(saw.body)))
        return found

    assert asyncio.run(run()) == [
        (403, 200, {"marks": []}),
        (403, 403, {"error": "links are not public"}),
    ]


# Links.


def test_a_link_is_random_has_a_name_and_an_end() -> None:
    one, other = (made(" Agency\n", "2026-11-24", TODAY) for _ in range(2))
    assert (one.name, one.until, len(one.token)) == ("Agency", 20261124, 32)
    assert one.token != other.token
    latest = TODAY + timedelta(days=LONGEST_DAYS)
    for until in ("2026-11-22", (latest + timedelta(days=1)).isoformat(), "soon", None, 20261124):
        with pytest.raises(LinkError, match="ends on a day"):
            made("Agency", until, TODAY)
    with pytest.raises(LinkError, match="name"):
        made("\u202e", "2026-11-24", TODAY)


def test_a_token_opens_to_the_end_of_its_last_day() -> None:
    links = [Link("one", "x", 20261123), Link("two", "x", 20261122)]
    tokens = ("one", "two", "on", "one ", "", "\ud800é")
    assert [opens(links, token, TODAY) for token in tokens] == [True, *[False] * 5]
    assert [over(link, TODAY) for link in links] == [False, True]


def test_who_has_a_link_reads_the_numbers_and_the_notes_and_nothing_else() -> None:
    async def run() -> Any:
        site = counting(clock=lambda: NOW, release="1.4.0")
        await request(site)
        await post(site, "marks", {"add": NOTE})
        (link,) = (await post(site, "links", {"make": LINK}))[1]["links"]
        token = link["token"]
        asked = {"metrics": ["pageviews"], "date_range": "day"}
        query = await shown(site, "query", token, asked)
        numbers = [json.loads(query.body)["results"], await ask(site, ["pageviews"])]
        told = json.loads((await shown(site, "dimensions", token)).body)
        marks = json.loads((await shown(site, "marks", token)).body)["marks"]
        refused = [
            (await shown(site, path, token, asked)).status
            for path, asked in (
                ("health", None),
                ("links", None),
                ("dead", {"date_range": "day"}),
                ("marks", {"add": NOTE}),
                ("links", {"make": LINK}),
                ("links", {"revoke": token}),
            )
        ]
        return numbers, told["viewer"], [each["text"] for each in marks], refused, link

    numbers, viewer, texts, refused, link = asyncio.run(run())
    assert numbers == [[{"dimensions": [], "metrics": [1]}], [(1,)]]
    assert (viewer, texts, refused) == ("guest", ["Campaign started"], [403] * 6)
    assert {**link, "token": "…"} == {**LINK, "token": "…", "over": False}


def test_a_link_ends_by_itself_or_when_it_is_revoked_and_asks_for_no_password() -> None:
    now = NOW

    async def run() -> Any:
        nonlocal now
        site = counting(clock=lambda: now)
        for name in ("a", "b"):
            answer = (await post(site, "links", {"make": {**LINK, "name": name}}))[1]
        first, second = (link["token"] for link in answer["links"])

        async def read(token: str) -> Any:
            reply = await shown(site, "dimensions", token)
            return reply.status, "www-authenticate" in reply.headers

        found = [await read(first), await read(second)]
        await post(site, "links", {"revoke": first})
        found += [await read(first), await read(second)]
        now += 2 * 86_400
        found += [await read(second), await read("made-up")]
        (left,) = (await api(site, "links"))[1]["links"]
        return found, (left["name"], left["over"])

    opened, closed = (200, False), (403, False)
    assert asyncio.run(run()) == (
        [opened, opened, closed, opened, closed, closed],
        ("b", True),
    )


def test_who_shows_a_link_is_a_guest_also_with_the_password() -> None:
    async def run() -> Any:
        site = counting(clock=lambda: NOW)
        (link,) = (await post(site, "links", {"make": LINK}))[1]["links"]
        headers = {"firstparty-link": link["token"], "authorization": KEY}
        told = await request(site, "/stats/api/dimensions", headers)
        return json.loads(told.body)["viewer"]

    assert asyncio.run(run()) == "guest"


def test_the_shell_for_links_is_open_and_holds_no_number_and_no_name() -> None:
    async def run() -> Any:
        site = counting(clock=lambda: NOW, site="secret.example")
        await request(site)
        return await request(site, "/stats/shared"), await request(site, "/stats/")

    shell, page = asyncio.run(run())
    assert (shell.status, page.status) == (200, 401)
    assert b"secret.example" not in shell.body
    assert shell.headers["content-security-policy"].startswith("default-src 'none'")
    assert shell.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in shell.headers


def test_a_store_that_is_away_lets_no_link_in() -> None:
    async def run() -> Any:
        site = counting(store="sqlite:////nowhere/at/all.db", clock=lambda: NOW)
        return (await shown(site, "dimensions", "made-up-token")).status

    assert asyncio.run(run()) == 503
