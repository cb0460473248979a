"""What a visitor's text may carry never comes out of `minimise`; ordinary names do."""

import re
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import parse_qsl, quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstparty import agents, minimise, sources
from firstparty.dimensions import COUNTRIES, DIMENSIONS, ZONES
from firstparty.paths import Paths
from firstparty.row import Dimension, as_it_is

LIMITS: dict[Callable[[str], str], int] = {
    minimise.text: 64,
    minimise.path: 200,
    minimise.host: 100,
}
RULES = list(LIMITS)

# Half of the characters are what the rules look for, so that random texts come near to them.
HOSTILE = "aAbBfF019.:-_@%+/?&=#(){} \t\n\x00\u202e\ud800é\uff20٣\u0301\ufdfa"
anything = st.one_of(
    st.text(),
    st.text(HOSTILE),
    st.text(st.characters(codec=None)),
    st.lists(
        st.sampled_from(
            (
                *("{email}", "{token}", "{number}", "john@example.com", "192.168.0.1", "::1"),
                *("+33 6 12 34 56 78", "dQw4w9WgXcQ", "%2541", "%40", "%25", "2026-11-23", "?q="),
                *(
                    "www.",
                    "https://",
                    "example.com",
                    "word",
                    "1",
                    "a",
                    "{",
                    "}",
                    "-",
                    "_",
                    ".",
                    "/",
                ),
                *("&", " "),
            )
        )
    ).map("".join),
    st.text(HOSTILE, max_size=40).map(lambda piece: piece * 60),
)

ORDINARY = [
    "how-to-install-python-311-on-mac",
    "GettingStartedGuide",
    "FrequentlyAskedQuestionsAboutPrivacy",
    "HowToInstallPython311OnMacWithHomebrew",
    "iphone15",
    "iPhone15Pro",
    "Windows11",
    "HTML5Video",
    "TikTok",
    "JavaScriptAPI",
    "2026-11-23",
    "23.11.2026",
    "2026-11-23-release-notes",
    "2026-11-23-2026-11-30",
    "2024-2025",
    "summer_sale_2026",
    "summer2026sale10",
    "Black Friday 2026 — 50% off",
    "utf8mb4",
    "utf8mb4_0900_ai_ci",
    "covid19-update",
    "covid19vaccine",
    "3dprinting2026",
    "iso-27001-2022",
    "rfc-9110",
    "h264-vs-h265",
    "mp3-vs-mp4",
    "b2b-vs-b2c-crm-2026",
    "3.11.4",
    "v2.0.0-beta.1",
    "react@18.2.0",
    "logo@2x.png",
    "@handle",
    "std::vector",
    "12:34:56",
    "index.html",
    "C++ tips, part 2",
    "cpc",
    "newsletter",
    "spring-newsletter-week-12",
    "Größe und Gewicht",
    "プライバシーを守るウェブ解析の使い方と導入手順のご案内について",
    "политика-конфиденциальности",
    "chatgpt.com",
    "{email}",
    "",
]

MASKED = {
    "john@example.com": "{email}",
    "john%40example%2ecom": "{email}",
    "from%20john%2540example.com": "from {email}",
    "write to John.Doe+tag@mail.example.co.uk now": "write to {email} now",
    "mailto:john@example.com": "{email}",
    "bounce+john=gmail.com@lists.example.org": "{email}",
    "@john@mastodon.social": "{email}",
    "john\uff20example\uff0ecom": "{email}",
    "jo\u200bhn@exam\u00adple.com": "{email}",
    "john@192.168.0.1": "{email}",
    "550e8400-e29b-41d4-a716-446655440000": "{uuid}",
    "550E8400E29B41D4A716446655440000": "{uuid}",
    "id 550e8400_e29b_41d4_a716_446655440000.pdf": "id {uuid}.pdf",
    "192.168.0.1": "{address}",
    "ip 5.192.168.0.1:80": "ip {address}:80",
    "::1": "{address}",
    "fe80::1ff:fe23:4567:890a": "{address}",
    "2001:0db8:0000:0000:0000:ff00:0042:8329": "{address}",
    "::ffff:192.168.0.1": "{address}",
    "00:1a:2b:3c:4d:5e": "{address}",
    "00-1A-2B-3C-4D-5E": "{address}",
    "123456": "{number}",
    "order1234567": "order{number}",
    "٠٦١٢٣٤٥٦٧٨": "{number}",
    "+33 6 12 34 56 78": "{number}",
    "06_12_34_56_78": "{number}",
    "call (555) 123-4567 now": "call {number} now",
    "555.123.4567": "{number}",
    "4111 1111 1111 1111": "{number}",
    "123-45-6789": "{number}",
    "20261123": "{number}",
    "dQw4w9WgXcQ": "{token}",
    "a-b_cD3fGhI": "{token}",
    "V1StGXR8_Z5jdHi6B-myT": "{token}",
    "Ab3-xY_9kLmQ2z": "{token}",
    "k3j9x2m4q8": "{token}",
    "cjld2cjxh0000qzrmn831i7rn": "{token}",
    "JBSWY3DPEHPK3PXP": "{token}",
    "5f4dcc3b5aa765d6": "{token}",
    "my-post-title-5f4dcc3b5aa765d6": "my-post-title-{token}",
    "app.3f2a9bc1d4.js": "app.{token}.js",
    "qwertyuiopasdfghjklzxcvbnm": "{token}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I": "{token}",
}

HOSTS = {
    "https://www.Example.com:443/a?b#c": "example.com",
    "http://user:secret@news.example.de./": "news.example.de",
    "HTTPS://EXAMPLE.COM": "example.com",
    "android-app://com.google.android.gm/": "com.google.android.gm",
    "//example.com/x": "example.com",
    "example.com:8000": "example.com",
    "www.example.com": "example.com",
    "www.com": "www.com",
    "t.co": "t.co",
    "https://bücher.example/": "bücher.example",
    "xn--bcher-kva.example": "xn--bcher-kva.example",
    "12306.cn": "12306.cn",
    "stadtwerkeoberhausenmuelheim.de": "stadtwerkeoberhausenmuelheim.de",
    "https://news.bbc.co.uk/": "news.bbc.co.uk",
    "http://127.0.0.1:8000/": "{address}",
    "http://[2001:db8::1]:80/": "{address}",
    "fe80::1%eth0": "{address}",
    "http://2130706433/": "{address}",
    "http://0x7f.1/": "{address}",
    "localhost:3000": "{address}",
    "http://intranet/wiki": "{address}",
    "printer.local": "{address}",
    "1.0.0.127.in-addr.arpa": "{address}",
    "192.168.0.1.nip.io": "{address}.nip.io",
    "203-0-113-7.dsl.provider.net": "{number}.dsl.provider.net",
    "5f4dcc3b5aa765d6.preview.example": "{token}.preview.example",
    "": "",
    "/path": "",
    "john@example.com": "",
    "mailto:john@example.com": "",
    "javascript:alert(1)": "",
    "about:blank": "",
    "ftp://example.com/": "",
    "file:///etc/passwd": "",
    "data:text/html,x": "",
    "two words": "",
    "x..com": "",
    "-x.com": "",
    "https://<script>.com": "",
    "exa%6dple.com": "",
    "[::1": "{address}",
    "x" * 64 + ".com": "",
}

PATHS = {
    "": "/",
    "/": "/",
    "pricing": "/pricing",
    "/blog/": "/blog/",
    "//evil": "//evil",
    "/../": "/../",
    "/a//b/./c": "/a//b/./c",
    "/caf%C3%A9": "/café",
    "/cafe\u0301": "/café",
    "/%E9": "/\ufffd",
    "/100%": "/100%",
    "/a%00b%0Ac": "/ab c",
    "/users/john%40example.com/edit": "/users/{email}/edit",
    "/users/john%252540example.com": "/users/{email}",
    "/reset/dQw4w9WgXcQ/now": "/reset/{token}/now",
    "/orders/1234567": "/orders/{number}",
    "/2026/11/23/title": "/2026/11/23/title",
    "/search?q=hello+world": "/search?q=hello+world",
    "/search?q=hello%20world": "/search?q=hello+world",
    "/search?q=john%40example.com&page=2": "/search?q={email}&page=2",
    "/search?q=+33+6+12+34+56+78": "/search?q={number}",
    "/search?q=c%2B%2B": "/search?q=c++",
    "/%" + "25" * 60 + "41": "/{token}",
}


@pytest.mark.parametrize("value", ORDINARY)
def test_ordinary_texts_stay_as_they_are(value: str) -> None:
    assert minimise.text(value) == value
    assert minimise.path("/a/" + value) == "/a/" + value


@pytest.mark.parametrize(("value", "expected"), MASKED.items())
def test_what_may_identify_someone_is_masked(value: str, expected: str) -> None:
    assert minimise.text(value) == expected
    assert minimise.path(f"/a/{quote(value)}/b") == f"/a/{expected}/b"
    if " " not in expected:
        assert minimise.path("/?q=" + quote(value)) == "/?q=" + expected


def test_what_stands_before_an_email_in_a_query_goes_with_it() -> None:
    # A + is a space or part of an address (john+tag@…): nobody can tell, so both are masked.
    assert minimise.path("/?q=john+tag@example.com+now") == "/?q={email}"


@pytest.mark.parametrize(("value", "expected"), HOSTS.items())
def test_host_of_a_referrer(value: str, expected: str) -> None:
    assert minimise.host(value) == expected


@pytest.mark.parametrize(("value", "expected"), PATHS.items())
def test_path_of_a_page(value: str, expected: str) -> None:
    assert minimise.path(value) == expected


def test_white_space_and_controls_leave_a_text() -> None:
    assert minimise.text(" a\x00\u202eb \t\n c\u2028\ud800 ") == "ab c \ufffd"


def test_a_mask_is_not_cut_in_two() -> None:
    assert minimise.text("word " * 12 + "a@b.example") == ("word " * 12).strip()
    assert minimise.path("/" + "word/" * 39 + "a@b.example") == "/" + "word/" * 39


def test_what_the_first_cut_goes_through_is_masked() -> None:
    cut = "/" + "1" * 500 + "/john.doe.of.that.family@example.com"
    assert minimise.path(cut) == "/{number}/{token}"
    assert minimise.text("x" * 5000) == "{token}"


def test_a_long_host_keeps_its_right_end() -> None:
    assert minimise.host("sub." * 30 + "example.com") == "sub." * 22 + "example.com"


@pytest.mark.parametrize("rule", RULES)
@given(value=anything)
def test_every_rule_is_idempotent_bounded_and_total(rule: Callable[[str], str], value: str) -> None:
    result = rule(value)
    assert rule(result) == result
    assert len(result) <= LIMITS[rule]
    result.encode()  # no lone surrogate
    assert not any(c < " " or "\x7f" <= c < "\xa0" or "\u202a" <= c <= "\u202e" for c in result)


@given(value=anything)
def test_a_path_begins_with_a_slash_and_has_no_escape_left(value: str) -> None:
    result = minimise.path(value)
    assert result.startswith("/")
    assert not re.search(r"%[0-9A-Fa-f]{2}", result)


@given(value=anything)
def test_no_long_run_of_digits_comes_out(value: str) -> None:
    assert not re.search(r"\d{6}", minimise.text(value))
    assert not re.search(r"\d{6}", minimise.path(value))


escapes = st.integers(0, 2)
words = st.text("abcdefghij ", max_size=12)
secrets = st.one_of(
    st.emails(),
    st.ip_addresses(v=4).map(str),
    st.uuids().map(str),
    st.uuids().map(lambda value: value.hex),
    st.integers(10**5, 10**30).map(str),
    st.from_regex(r"\+[1-9]\d( \d\d){4,6}", fullmatch=True),
    st.ip_addresses(v=6).map(str).filter(lambda value: re.search(r"\d", value)),
)


@given(secret=secrets, before=words, after=words, times=escapes)
def test_nothing_that_identifies_gets_through(
    secret: str, before: str, after: str, times: int
) -> None:
    value = f"{before} {secret} {after}"
    assert secret not in minimise.text(value)
    for _ in range(times):
        value = quote(value, safe="/")
    assert secret not in minimise.path(f"/a/{value}/b")
    assert secret not in minimise.path("/?q=" + value)


@given(st.ip_addresses())
def test_no_address_is_a_host(address: IPv4Address | IPv6Address) -> None:
    written = f"[{address}]" if address.version == 6 else str(address)
    assert minimise.host(f"http://{written}:8080/") == "{address}"
    assert minimise.host(str(address)) == "{address}"


@given(st.uuids())
def test_a_uuid_is_a_uuid_however_it_is_written(value: UUID) -> None:
    forms = {str(value), value.hex, str(value).upper()}
    assert {minimise.path("/" + form) for form in forms} == {"/{uuid}"}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a",
            "1",
            "1 ",
            "1.",
            "(1",
            "::",
            "a:",
            "aB1-",
            "aB-",
            "a@",
            "@1",
            "@.",
            "%25",
            "/1",
            "&1",
        ),
        *("{", "{email}", "é", "\u0301\u0323", "\ufdfa", "\ud800", "eyJ", "00-", "2026-11-23 "),
    ],
)
def test_no_text_of_a_megabyte_takes_long(rule: Callable[[str], str], piece: str) -> None:
    value = (piece * 1_000_000)[:1_000_000]
    start = time.process_time()
    rule(value)
    # Measured: 0.4 ms at most. An expression that backtracks would take minutes.
    assert time.process_time() - start < 0.1


# Every row of the table ---------------------------------------------------------------------------

ROWS = {row.name: row for row in (*DIMENSIONS, COUNTRIES, ZONES)}
OPEN = {name: row for name, row in ROWS.items() if not row.closed}
LONGEST_VALUE = 200


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@given(value=anything)
def test_what_a_row_keeps_is_coarse_once_and_for_all(row: Dimension, value: str) -> None:
    kept = row.minimise(value)
    # A closed row takes what is not in its list for (other); one of ours is of the list already.
    if row.closed and kept not in row.values:
        assert row.minimise in {as_it_is, agents.browser, agents.system, agents.device}
        return
    assert row.minimise(kept) == kept or row.closed
    assert len(kept) <= LONGEST_VALUE
    kept.encode()


def written(value: str, place: str) -> str:
    """A text as a visitor may place it in what a row reads."""
    return place.replace("…", value)


PLACES = {
    **dict.fromkeys(OPEN, ("…", "a … b", "(…)", "x=…", "…=x", "a,…;b")),
    **dict.fromkeys(("path", "previous", "not_found", "download"), ("/…", "/a/…/b", "/a.…", "…")),
    **dict.fromkeys(("referrer", "outbound"), ("https://…/", "https://…@a.example/", "…")),
}
"""Where a secret may stand in what a visitor sends; a referrer's path is tried by itself."""

identifying = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str).filter(lambda value: re.search(r"\d", value)),
    st.from_regex(r"[a-z]{3,10}(\.[a-z]{3,10})?@[a-z]{3,10}\.[a-z]{2,3}", fullmatch=True),
    st.integers(10**6, 10**20).map(str),
)


@pytest.mark.parametrize("name", OPEN)
@given(secret=identifying, times=escapes, data=st.data())
def test_no_row_keeps_an_address_an_email_or_a_long_number(
    name: str, secret: str, times: int, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(PLACES[name]))
    value = secret
    if ROWS[name].minimise is not minimise.host:
        for _ in range(times):
            value = quote(value, safe="/")
    kept = ROWS[name].minimise(written(value, place))
    assert secret not in kept
    assert not re.search(r"\d{7}", kept)


@pytest.mark.parametrize("name", ["referrer", "outbound"])
@given(secret=st.text("abcdefghij", min_size=5, max_size=12))
def test_nothing_behind_a_host_is_kept(name: str, secret: str) -> None:
    for url in (f"/{secret}", f"/?q={secret}", f"/#{secret}", f":443/{secret}", f"?{secret}"):
        assert ROWS[name].minimise(f"https://a.example{url}") == "a.example"


kept_names = st.sampled_from(("q", "page", "utm_source"))
parameters = st.lists(
    st.tuples(st.text("abcdefgq_[]%&=;+", max_size=8), st.text("zyx", min_size=6, max_size=10)),
    max_size=4,
)


@given(parameters, st.sets(kept_names))
def test_the_value_of_a_parameter_is_kept_only_where_the_site_names_it(
    pairs: list[tuple[str, str]], named: set[str]
) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    page = minimise.path(Paths(query=named).name("/search", query))
    allowed = {value for name, value in parse_qsl(query) if name in named}
    for value in re.findall("[zyx]{6,}", page):
        assert any(value in each for each in allowed)


def test_of_many_parameters_the_first_are_read_and_no_value_of_others_is() -> None:
    assert sources.parameters("a=1&q=+x%21&&q&q=&%71=2&b", "q".__eq__) == [("q", " x!"), ("q", "2")]
    many = sources.parameters("&".join(f"q={number}" for number in range(200)), "q".__eq__)
    assert many == [("q", str(number)) for number in range(sources.MOST_PARAMETERS)]


def test_a_row_is_open_or_has_a_list_that_holds_nothing_of_a_visitor() -> None:
    assert set(PLACES) == set(OPEN)
    for row in ROWS.values():
        if row.closed:
            assert all(row.minimise(value) in row.values or row.shared for value in row.values)
            assert max(map(len, row.values)) <= 64
