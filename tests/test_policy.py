"""The application's Content-Security-Policy: what stops the snippet, and who is told."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firstparty.policy import MOST, MOST_FINE, MOST_POLICIES, PolicyCheck, stops

ORIGIN = "https://example.org"
HOST = b"example.org"
BAD = "default-src 'none'; script-src 'self'"
GOOD = "default-src 'self'"


def judged(*policies: str, nonce: str | None = "", origin: str = ORIGIN) -> tuple[str, ...]:
    return stops(policies, "/_tally/tally.js", "/_tally/view", origin, nonce)


@pytest.mark.parametrize(
    ("policy", "advice", "mended"),
    [
        (
            "default-src 'none'",
            ("add script-src 'self'", "add connect-src 'self'"),
            "default-src 'none'; script-src 'self'; connect-src 'self'",
        ),
        (
            "default-src 'none'; script-src 'self'",
            ("add connect-src 'self'",),
            "default-src 'none'; script-src 'self'; connect-src 'self'",
        ),
        (
            "default-src https://cdn.example; script-src 'self'",
            ("add connect-src with 'self' and what default-src lists",),
            "default-src https://cdn.example; script-src 'self'; connect-src 'self' cdn.example",
        ),
        (
            "script-src 'nonce-x' https://cdn.example; connect-src 'none'",
            ("put the nonce of script-src on the snippet's tag", "set connect-src to 'self'"),
            "script-src 'nonce-x' https://cdn.example 'self'; connect-src 'self'",
        ),
        (
            "script-src 'self'; script-src-elem https://cdn.example",
            ("add 'self' to script-src-elem",),
            "script-src 'self'; script-src-elem https://cdn.example 'self'",
        ),
        (
            "sandbox allow-forms",
            ("add allow-scripts to sandbox", "add allow-same-origin to sandbox"),
            "sandbox allow-forms allow-scripts allow-same-origin",
        ),
        (
            "default-src 'none', connect-src",
            ("add script-src 'self'", "add connect-src 'self'", "set connect-src to 'self'"),
            "default-src 'none'; script-src 'self'; connect-src 'self', connect-src 'self'",
        ),
    ],
)
def test_the_advice_is_what_mends_the_policy(
    policy: str, advice: tuple[str, ...], mended: str
) -> None:
    assert (judged(policy), judged(mended)) == (advice, ())


def test_a_strict_policy_wants_its_nonce_on_the_tag() -> None:
    strict = "script-src 'strict-dynamic' 'nonce-Ab3' 'self'; connect-src 'self'"
    advice = ("put the nonce of script-src on the snippet's tag",)
    assert {nonce: judged(strict, nonce=nonce) for nonce in ("", "ab3", "Ab3", None)} == {
        "": advice,
        "ab3": advice,
        "Ab3": (),
        None: (),
    }


def test_a_strict_policy_of_hashes_wants_a_nonce_besides() -> None:
    assert judged("default-src 'self' 'strict-dynamic' 'sha256-AAAA'", nonce=None) == (
        "add a nonce to default-src, and put it on the snippet's tag",
    )


def test_each_of_several_policies_must_allow_and_is_mended_once() -> None:
    assert judged("script-src 'self'", "script-src https:, connect-src https://api.example") == (
        "add 'self' to connect-src",
    )
    assert judged("connect-src x.example", "connect-src y.example") == (
        "add 'self' to connect-src",
    )


def test_a_page_at_no_address_is_judged_by_what_needs_none() -> None:
    policies = (GOOD, "default-src *", "default-src https:", "default-src example.org")
    assert [judged(policy, origin="nowhere") == () for policy in policies] == [
        True,
        True,
        True,
        False,
    ]


def test_an_address_may_be_a_number() -> None:
    assert judged("default-src 127.0.0.1:8000", origin="http://127.0.0.1:8000") == ()
    assert judged("default-src 'self'", origin="http://[::1]:8000") == ()


WORDS = st.sampled_from(
    [
        *("default-src", "script-src", "SCRIPT-SRC-ELEM", "connect-src", "sandbox", "img-src"),
        *("'self'", "'none'", "'strict-dynamic'", "'nonce-", "'nonce-a'", "'", "*", "*.", "*:*"),
        *("https:", "http://", "example.org", "*.org:443", ":99999999999", "/%", "/_tally/", "?"),
        *(";", ",", " ", "\t", "\u0663", "\x00", "é", "allow-scripts"),
    ]
)
TEXTS = st.lists(WORDS | st.text(max_size=6), max_size=40).map("".join) | st.lists(
    WORDS, max_size=40
).map(" ".join)


@given(st.lists(TEXTS, max_size=4), TEXTS, st.none() | TEXTS, TEXTS)
@example(["script-src *:\u0663"], ORIGIN, "", "")
def test_every_policy_gets_an_answer(
    policies: list[str], origin: str, nonce: str | None, path: str
) -> None:
    found = stops(policies, path, path, origin, nonce)
    assert len(found) == len(set(found))
    assert all(len(advice) < 80 and advice.isascii() for advice in found)
    assert stops([", ".join(policies)], path, path, origin, nonce) == found


@given(TEXTS)
def test_no_advice_repeats_what_the_policy_says(text: str) -> None:
    known = ("script-src-elem", "script-src", "connect-src", "default-src", "sandbox")
    for advice in judged(f"default-src 'none'; {text}"):
        assert any(name in advice for name in known)


HUGE = {
    "sources": "default-src " + " ".join(f"a{n}" for n in range(2_900)),
    "hosts": "default-src " + " ".join(f"*.{n:x}.example:*" for n in range(900)),
    "few hosts": "default-src " + " ".join("*." + "a" * 44 + f".{n}" for n in range(300)),
    "few sources": "default-src " + " ".join("a" * 46 + f".{n}" for n in range(300)),
    "labels": "default-src " + "a." * 8_000,
    "signs": "default-src " + "a+" * 8_000,
    "escapes": "default-src example.org/" + "%41" * 5_000,
    "nonces": "script-src " + "'nonce-a' " * 1_600,
    "directives": ";".join(f"{n:x}" for n in range(3_500)),
    "policies": ",".join(f"sandbox {n:x}" for n in range(1_300)),
    "commas": "," * MOST,
}


@pytest.mark.parametrize("kind", HUGE)
def test_absurd_policies_take_no_time(kind: str) -> None:
    assert len(HUGE[kind]) <= MOST
    taken = list[float]()
    for _ in range(5):
        start = time.thread_time()
        judged(HUGE[kind], nonce="b")
        taken.append(time.thread_time() - start)
    # Seconds of this thread. It is below 1 ms where nothing else runs, and not where much does.
    assert min(taken) < 0.02


def test_what_is_too_long_to_be_read_whole_is_not_judged() -> None:
    assert judged("script-src 'none';" + "x" * MOST) == ()
    assert judged(*["script-src 'self'"] * MOST_POLICIES, "script-src 'none'") == ()


# The check at the rim.


@pytest.fixture
def now() -> list[float]:
    """The time, which tests move."""
    return [0.0]


def looked(check: PolicyCheck, *policies: str, host: bytes = HOST, nonce: str | None = "") -> str:
    headers = [(b"content-security-policy", policy.encode()) for policy in policies]
    check.look([(b"content-type", b"text/html"), *headers], "http", host, "", nonce)
    return check.advice or ""


def test_a_policy_that_stops_the_snippet_is_said_once_and_kept_for_the_page(
    caplog: pytest.LogCaptureFixture,
) -> None:
    check = PolicyCheck("/_tally", lambda: 0.0)
    assert [looked(check, BAD) for _ in range(3)] == [check.advice] * 3
    assert check.advice == (
        "the Content-Security-Policy of your pages stops the snippet: add connect-src 'self'"
    )
    assert [(record.name, record.levelname, record.message) for record in caplog.records] == [
        ("firstparty", "WARNING", check.advice)
    ]


def test_the_policy_looked_at_last_decides(now: list[float]) -> None:
    check = PolicyCheck("/_tally", lambda: now[0])
    said = []
    for policies in ([BAD], [GOOD], [BAD], [], [GOOD, BAD], [BAD]):
        said.append(bool(looked(check, *policies)))
        now[0] += 1
    assert said == [True, False, True, False, True, True]


def test_the_log_is_told_once_however_often_it_comes_back(
    now: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    check = PolicyCheck("/_tally", lambda: now[0])
    for policy in (BAD, GOOD, BAD, "script-src 'none'"):
        looked(check, policy)
        now[0] += 1
    assert len(caplog.records) == 1


def test_policies_that_differ_each_time_are_looked_at_once_a_second(now: list[float]) -> None:
    check = PolicyCheck("/_tally", lambda: now[0])
    said = []
    for number, at in enumerate((0, 0.5, 0.9, 1, 1.5, 2)):
        now[0] = at
        nonce = "" if number in {0, 1, 5} else str(number)
        policy = f"script-src 'nonce-{number}' 'strict-dynamic'"
        said.append(bool(looked(check, policy, nonce=nonce)))
    assert said == [True, True, True, False, False, True]


def test_behind_a_proxy_that_speaks_https_the_page_is_taken_for_https() -> None:
    policy = "default-src https://example.org"
    assert looked(PolicyCheck("/_tally"), policy) == ""
    assert looked(PolicyCheck("/_tally"), policy.replace("org", "net")) != ""
    for host in (b"localhost:8000", b"127.0.0.1:8000", b"[::1]:8000"):
        assert looked(PolicyCheck("/_tally"), "default-src https:", host=host) != ""


def test_a_source_may_name_the_collector_where_the_application_is_mounted() -> None:
    check = PolicyCheck("/_tally")
    policy = (b"content-security-policy", b"default-src example.org/shop/_tally/")
    check.look([policy], "https", HOST, "/shop")
    assert check.advice is None
    check = PolicyCheck("/_tally")
    check.look([policy], "https", HOST)
    assert check.advice is not None


def test_a_host_that_somebody_made_up_does_not_decide_for_the_next_visitor(
    now: list[float],
) -> None:
    check = PolicyCheck("/_tally", lambda: now[0])
    said = []
    for host in (b"evil.test", HOST, b"evil.test", HOST):
        said.append(bool(looked(check, "default-src example.org", host=host)))
        now[0] += 1
    assert said == [True, False, True, False]


def test_what_is_remembered_is_bounded_and_nothing_of_the_request(now: list[float]) -> None:
    check = PolicyCheck("/_tally", lambda: now[0])
    for number in range(3 * MOST_FINE):
        for policy in (GOOD, f"{GOOD}; img-src {number}.example", f"script-src 'nonce-{number}'"):
            now[0] += 1
            looked(check, policy, host=f"{number}.test".encode(), nonce=str(number))
    kept: set[bytes] = vars(check)["_fine"]
    assert 0 < len(kept) <= MOST_FINE
    assert [policy for policy in kept if b"test" in policy or b"nonce" in policy] == []
