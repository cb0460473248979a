"""Hosts of referrer spam, told apart from everybody else's."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstparty import data, minimise
from firstparty.channels import HOSTS
from firstparty.spam import is_spam

SPAM = (
    "semalt.com",
    "semalt.semalt.com",
    "a.b.c.semalt.com",
    "buttons-for-website.com",
    "darodar.com",
    "xn--90acenikpebbdd4f6d.xn--p1ai",
)

HONEST = (
    "",
    "com",
    ".",
    "..",
    "{address}",
    "{number}.example.com",
    "example.com",
    "semalt.com.example.com",
    "notsemalt.com",
    "semalt.co",
    "semalt",
    "#",
    "# matomo-org/referrer-spam-list",
    "ok.ru",
    "e-kwiaciarz.pl",
)


@pytest.mark.parametrize("host", SPAM)
def test_a_listed_host_and_what_is_below_it_is_spam(host: str) -> None:
    assert is_spam(host)


@pytest.mark.parametrize("host", HONEST)
def test_other_hosts_are_not(host: str) -> None:
    assert not is_spam(host)


def test_no_source_that_we_name_is_spam() -> None:
    assert [host for host in HOSTS if is_spam(host)] == []


def test_the_list_is_written_as_referrers_are_minimised() -> None:
    hosts = data.lines("spam.txt")
    assert len(hosts) > 200
    assert hosts == sorted(set(hosts))
    assert [host for host in hosts if minimise.host(host) != host or "." not in host] == []


@pytest.mark.parametrize("name", ["spam.txt", "zones.txt"])
def test_every_file_says_whose_it_is(name: str) -> None:
    path = Path(data.__file__).parent / name
    head, *rest = path.read_text(encoding="ascii").splitlines()
    assert head.startswith("# ")
    assert head.endswith("(public domain)")
    assert rest == data.lines(name)


@given(st.text() | st.from_regex(r"([a-z0-9-]{1,20}\.){0,40}[a-z]{2,10}", fullmatch=True))
def test_any_text_is_answered(value: str) -> None:
    assert is_spam(value) == is_spam("www." + value)
    assert is_spam(minimise.host(value)) in {True, False}
