"""What is read of a line of an access log, in each format; and of lines that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firstparty.logs.caddy import Caddy
from firstparty.logs.combined import Combined, Common
from firstparty.logs.extended import Extended
from firstparty.logs.formats import fields, makes, recognised
from firstparty.logs.line import PART, Format, Line
from firstparty.logs.reading import LogError
from firstparty.logs.stamps import Stamps, unix

AGENT = b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BEGIN = b'203.0.113.9 - jane [10/Oct/2026:13:55:36 +0200] "GET /a?q=1 HTTP/2.0" 200 12'
COMBINED = BEGIN + b' "https://example.com/" "' + AGENT + b'"'
MINUTE = 29860555  # 2026-10-10, 11:55 UTC

NAMED = "date time c-ip cs-username cs-method cs-uri-stem cs-uri-query sc-status"
EXTENDED = (
    b"#Version: 1.0",
    f"#Fields: {NAMED} cs(User-Agent) cs(Referer)".encode(),
    b"2026-10-10 11:55:36 203.0.113.9 jane GET /a q=1 200 %s https://example.com/"
    % AGENT.replace(b" ", b"+"),
)
CADDY: dict[str, Any] = {
    "ts": MINUTE * 60 + 36.5,
    "request": {
        "remote_ip": "203.0.113.9",
        "client_ip": "203.0.113.9",
        "method": "GET",
        "host": "example.org",
        "uri": "/a?q=1",
        "headers": {
            "User-Agent": [AGENT.decode()],
            "Referer": ["https://example.com/"],
            "Cookie": ["REDACTED"],
            "X-Forwarded-For": ["203.0.113.9"],
            "Sec-Gpc": ["1"],
        },
        "tls": {"version": 772},
    },
    "user_id": "jane",
    "status": 200,
    "resp_headers": {"Content-Type": ["text/html; charset=utf-8"], "Set-Cookie": ["REDACTED"]},
}
SENT = {b"user-agent": AGENT, b"referer": b"https://example.com/"}


def extended(*lines: bytes) -> list[Line | None]:
    form = Extended()
    return [form.parse(line) for line in lines]


def test_a_combined_line_tells_the_request_and_nothing_of_who_sent_it() -> None:
    assert Combined().parse(COMBINED) == Line(MINUTE, "GET", b"/a?q=1", 200, SENT)
    assert Combined().parse(COMBINED + b' "203.0.113.9"') == Line(
        MINUTE, "GET", b"/a?q=1", 200, SENT
    )


def test_what_a_server_has_escaped_is_read_as_it_was() -> None:
    line = BEGIN.replace(b"/a", rb"/\"a\"\x5cb") + rb' "-" "a \"quoted\" \x22agent\x22"'
    assert Combined().parse(line) == Line(
        MINUTE, "GET", b'/"a"\\b?q=1', 200, {b"user-agent": b'a "quoted" "agent"'}
    )


def test_a_user_name_that_looks_like_a_line_is_not_taken_for_one() -> None:
    forged = COMBINED.replace(b"jane", b"[01/Jan/2026:00:00:00 +0000] GET /forged 200")
    assert Combined().parse(forged) == Combined().parse(COMBINED)


def test_the_zone_of_a_line_is_heeded() -> None:
    times = {
        b"10/Oct/2026:13:55:36 +0200": MINUTE,
        b"10/Oct/2026:11:55:00 +0000": MINUTE,
        b"10/Oct/2026:06:25:59 -0530": MINUTE,
        b"10/Oct/2026:13:55:36 +9900": None,
        b"31/Feb/2026:13:55:36 +0200": None,
        b"10/Okt/2026:13:55:36 +0200": None,
        b"": None,
    }
    assert {text: Stamps().common(text) for text in times} == times


def test_a_common_line_has_neither_referrer_nor_agent() -> None:
    assert Common().parse(BEGIN) == Line(MINUTE, "GET", b"/a?q=1", 200, {})
    assert Common().parse(COMBINED) == Line(MINUTE, "GET", b"/a?q=1", 200, {})


def test_headers_behind_the_usual_fields_are_read_by_the_names_that_are_given_to_them() -> None:
    form = Combined((b"-", b"sec-gpc", b"content-type"))
    line = COMBINED + b' "203.0.113.9" "1" "text/html" "more"'
    assert form.parse(line) == Line(
        MINUTE,
        "GET",
        b"/a?q=1",
        200,
        {**SENT, b"sec-gpc": b"1"},
        ((b"content-type", b"text/html"),),
    )
    assert form.parse(COMBINED) is None
    assert form.carries == {b"referer", b"user-agent", b"sec-gpc", b"content-type"}


def test_of_a_part_of_a_page_no_more_is_read_unless_its_visitor_may_object() -> None:
    line = COMBINED.replace(b"/a?q=1", b"/site.css?v=3")
    form = Combined()
    assert [form.parse(line) is PART, form.parse(line) is PART] == [True, True]
    told = Combined((b"dnt",)).parse(line + b' "1"')
    assert told is not None
    assert told.sent[b"dnt"] == b"1"


def test_a_caddy_line_has_all_headers_that_are_ever_read_and_no_other() -> None:
    assert Caddy().parse(json.dumps(CADDY).encode()) == Line(
        MINUTE,
        "GET",
        b"/a?q=1",
        200,
        {**SENT, b"sec-gpc": b"1", b"host": b"example.org"},
        ((b"content-type", b"text/html; charset=utf-8"),),
        https=True,
    )


def test_a_caddy_line_may_have_its_time_as_a_text() -> None:
    for stamp in ("2026-10-10T13:55:36.123+02:00", "2026-10-10T11:55:36Z"):
        line = Caddy().parse(json.dumps({**CADDY, "ts": stamp}).encode())
        assert line is not None
        assert line.minute == MINUTE


def test_an_extended_line_is_read_by_the_fields_that_the_file_names() -> None:
    assert extended(*EXTENDED) == [None, None, Line(MINUTE, "GET", b"/a?q=1", 200, SENT)]


def test_the_fields_of_an_extended_log_may_change_within_it() -> None:
    fewer = (
        b"#Fields: time date cs-method cs-uri-stem sc-status",
        b"11:55:36 2026-10-10 GET /b 404",
    )
    assert extended(*EXTENDED, *fewer)[-1] == Line(MINUTE, "GET", b"/b", 404, {})


def test_a_log_of_cloudfront_is_an_extended_one() -> None:
    form = Extended()
    form.parse(
        b"#Fields: date time x-edge-location c-ip cs-method cs(Host) cs-uri-stem sc-status"
        b" cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-host-header"
    )
    agent = AGENT.replace(b" ", b"%20")
    line = (
        b"2026-10-10 11:55:36 FRA 203.0.113.9 GET d1.cloudfront.net /a 200 - %s q=1 - example.org"
    )
    assert form.parse(line.replace(b" ", b"\t") % agent) == Line(
        MINUTE, "GET", b"/a?q=1", 200, {b"user-agent": AGENT, b"host": b"example.org"}
    )
    assert form.carries == {b"user-agent", b"referer", b"host"}


def test_an_extended_log_whose_fields_say_too_little_has_no_line() -> None:
    for names in (b"date time cs-method", b"date date time cs-method cs-uri-stem sc-status", b""):
        assert extended(b"#Fields: " + names, EXTENDED[2]) == [None, None]
    assert extended(b"#Fields: " + b" ".join([b"x"] * 1000), b"x") == [None, None]


FORMATS: dict[str, tuple[bytes, ...]] = {
    "combined": (COMBINED,),
    "common": (BEGIN,),
    "caddy": (json.dumps(CADDY).encode(),),
    "w3c": EXTENDED,
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_recognised_by_the_first_lines(name: str) -> None:
    assert recognised((b"", b"half of a line", *FORMATS[name]), "access.log").name == name
    assert makes(name, ())([], "access.log").name == name


def test_a_file_that_is_no_log_is_told_with_the_formats_that_there_are() -> None:
    with pytest.raises(LogError) as refused:
        recognised((b"path,views", b"/,3"), "views.csv")
    assert str(refused.value) == (
        "views.csv has no line of a format that is known: write --format, one of w3c, caddy,"
        " combined, common, or name other files"
    )


def test_a_field_that_is_never_read_is_refused_when_it_is_named() -> None:
    assert fields("Sec-GPC, dnt,-") == ("sec-gpc", "dnt", "-")
    with pytest.raises(
        LogError, match="'x-forwarded-for' is no header that is read: write - for it"
    ):
        fields("x-forwarded-for")


# Hostile lines ----------------------------------------------------------------------------------

ADDRESS, USER = "203.0.113.9", "jane"
pieces = st.sampled_from(
    (
        *(b'"', b"\\", b" ", b"[", b"]", b'] "', b"-", b"\xff", b"\0", b"#Fields: ", b"{", b"}"),
        *(b"10/Oct/2026:13:55:36 +0200", b"GET /", b'" 200 1', b'"ts":', b"1e999", b"\\x2", b"\t"),
        *FORMATS["common"],
        *FORMATS["caddy"],
        *EXTENDED,
    )
)
lines = st.one_of(st.binary(), st.lists(pieces).map(b"".join))


def every() -> list[Format]:
    made = Extended()
    made.parse(EXTENDED[1])
    return [Common(), Combined(), Combined((b"sec-gpc", b"-")), Caddy(), made, Extended()]


@given(lines)
@example(b"[" * 60_000)
@example(b'{"ts": 1e999, "request": {}, "status": 1}')
@example(
    b'{"ts": NaN, "request": {"method": "", "uri": "", "host": "", "headers": {}}, "status": 1}'
)
@example(json.dumps({**CADDY, "ts": 10**400}).encode())
@example(json.dumps({**CADDY, "request": {**CADDY["request"], "uri": "\ud800"}}).encode())
@example(b"#Fields: " + EXTENDED[1][9:] + EXTENDED[1][9:])
def test_no_line_raises(line: bytes) -> None:
    for form in every():
        form.parse(line)
        form.parse(EXTENDED[2])


@given(st.integers(0, 400), st.sampled_from(sorted(FORMATS)))
def test_a_line_that_is_cut_off_has_no_more_than_was_there(end: int, name: str) -> None:
    form = recognised(FORMATS[name], name)
    whole = [form.parse(line) for line in FORMATS[name]][-1]
    cut = form.parse(FORMATS[name][-1][:end])
    assert whole is not None
    if cut is not None:
        assert (cut.minute, cut.method) == (whole.minute, whole.method)
        assert all(whole.sent[key].startswith(value) for key, value in cut.sent.items())


@given(
    st.text(st.characters(codec="ascii", exclude_characters='"\n'), max_size=40),
    st.text(st.characters(codec="ascii", exclude_characters='" \n'), max_size=40),
)
def test_what_stands_before_the_time_reaches_no_line(user: str, address: str) -> None:
    begin = f"{address} - {user} ".encode()
    line = Combined().parse(begin + COMBINED[COMBINED.index(b"[") :])
    assert line == Combined().parse(COMBINED) or b"\\" in begin


def test_no_line_has_an_address_or_a_user() -> None:
    for name, written in FORMATS.items():
        form = recognised(written, name)
        said = repr([form.parse(line) for line in written])
        assert (ADDRESS in said, USER in said) == (False, False)


@given(st.one_of(st.none(), st.floats(), st.integers(), st.text(), st.booleans()))
def test_a_time_that_is_no_number_of_a_date_is_none(seconds: object) -> None:
    minute = unix(seconds)
    assert minute is None or 0 <= minute <= 4_223_371_680
