"""What is left out of a thousand patterns could not have matched."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from user_agents.parsers import user_agent_parser as library  # type: ignore[import-untyped]

from firstparty.prefilter import MOST, Prefilter, words
from tests.test_agents import PEOPLE

PATTERNS = [
    each.user_agent_re
    for parsers in (library.USER_AGENT_PARSERS, library.OS_PARSERS, library.DEVICE_PARSERS)
    for each in parsers
]

MANY = [2 * letter for letter in "abcdefghijklm"]


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        ("Firefox/", {"firefox/"}),
        ("a(bcd)*ef", {"ef"}),
        ("a(?:bcd)+e", {"bcd"}),
        ("(Chrome|Firefox)/", {"chrome", "firefox"}),
        ("(Chrome|)x", {"x"}),
        ("(?i)Nokia", {"nokia"}),
        ("x{0,2}", set()),
        ("(?=Chrome)", set()),
        ("(?!Chrome)[a-z]", set()),
        ("Chr[o0]me", {"chr"}),
        ("naïve", {"na"}),
        ("|".join(MANY[:MOST]), set(MANY[:MOST])),
        ("|".join(MANY), set()),
    ],
)
def test_a_pattern_needs_one_of_its_words(pattern: str, needed: set[str]) -> None:
    assert words(re.compile(pattern)) == needed


def left_out(text: str) -> list[str]:
    """The patterns that match a text all the same."""
    filtered = Prefilter((each, each) for each in PATTERNS)
    candidates = set(filtered.candidates(text))
    return [each.pattern for each in PATTERNS if each not in candidates and each.search(text)]


def test_no_pattern_that_matches_a_browser_or_a_device_is_left_out() -> None:
    assert [left_out(row[-1]) for row in PEOPLE] == [[]] * len(PEOPLE)


def test_most_patterns_are_left_out() -> None:
    filtered = Prefilter((each, each) for each in PATTERNS)
    tried = [len(list(filtered.candidates(row[-1]))) for row in PEOPLE]
    assert max(tried) < len(PATTERNS) / 3


@given(st.data())
def test_whatever_matches_a_pattern_has_one_of_its_words(data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(PATTERNS))
    text = data.draw(st.from_regex(pattern)).encode("latin-1", "ignore").decode("latin-1")
    if pattern.search(text):
        assert pattern in set(Prefilter([(pattern, pattern)]).candidates(text))


@given(st.text(st.characters(max_codepoint=255), max_size=60))
@example("NOKIA \xb5\xdf\xff")
def test_case_is_no_difference_in_latin_1(text: str) -> None:
    whole = re.compile(re.escape(text), re.IGNORECASE)
    for written in (text.upper(), text.lower(), text):
        written = written.encode("latin-1", "ignore").decode("latin-1")
        if whole.search(written):
            assert list(Prefilter([(whole, 1)]).candidates(written)) == [1]
