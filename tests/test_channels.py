"""Where a visit came from, as marketers name it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstparty import minimise
from firstparty.channels import CHANNELS, NAMES, SOURCES, channel, source

BY_HOST = {
    "google.com": ("Google", "Search"),
    "google.co.uk": ("Google", "Search"),
    "google.de": ("Google", "Search"),
    "google.com.br": ("Google", "Search"),
    "images.google.fr": ("Google", "Search"),
    "docs.google.com": ("Google Workspace", "Referral"),
    "mail.google.com": ("Gmail", "E-mail"),
    "gemini.google.com": ("Gemini", "AI assistants"),
    "com.google.android.gm": ("Gmail", "E-mail"),
    "com.google.android.googlequicksearchbox": ("Google", "Search"),
    "cn.bing.com": ("Bing", "Search"),
    "duckduckgo.com": ("DuckDuckGo", "Search"),
    "fr.search.yahoo.com": ("Yahoo", "Search"),
    "mail.yahoo.com": ("Yahoo Mail", "E-mail"),
    "yandex.com.tr": ("Yandex", "Search"),
    "search.brave.com": ("Brave Search", "Search"),
    "l.facebook.com": ("Facebook", "Social"),
    "lm.facebook.com": ("Facebook", "Social"),
    "t.co": ("X", "Social"),
    "twitter.com": ("X", "Social"),
    "lnkd.in": ("LinkedIn", "Social"),
    "old.reddit.com": ("Reddit", "Social"),
    "news.ycombinator.com": ("Hacker News", "Social"),
    "fosstodon.org": ("Mastodon", "Social"),
    "bsky.app": ("Bluesky", "Social"),
    "pinterest.co.uk": ("Pinterest", "Social"),
    "chatgpt.com": ("ChatGPT", "AI assistants"),
    "chat.openai.com": ("ChatGPT", "AI assistants"),
    "claude.ai": ("Claude", "AI assistants"),
    "copilot.microsoft.com": ("Copilot", "AI assistants"),
    "perplexity.ai": ("Perplexity", "AI assistants"),
    "outlook.live.com": ("Outlook", "E-mail"),
    "github.com": ("GitHub", "Referral"),
    "en.m.wikipedia.org": ("Wikipedia", "Referral"),
    "stackoverflow.com": ("Stack Overflow", "Referral"),
    "googleads.g.doubleclick.net": ("Google Ads", "Paid"),
    "google.evil.com": (None, "Referral"),
    "google.com.evil.com": (None, "Referral"),
    "evil-google.com": (None, "Referral"),
    "notx.com": (None, "Referral"),
    "openai.com": (None, "Referral"),
    "ycombinator.com": (None, "Referral"),
    "{address}": (None, "Referral"),
    "example.com": (None, "Referral"),
    "com": (None, "Referral"),
    "": (None, "Direct"),
}

BY_CAMPAIGN = {
    # host, utm_source, utm_medium: source, channel
    ("", "google", "cpc"): ("Google", "Paid"),
    ("google.com", "", "PPC"): ("Google", "Paid"),
    ("l.facebook.com", "fb", "paid_social"): ("Facebook", "Paid"),
    ("", "facebook", "paidsocial"): ("Facebook", "Paid"),
    ("", "ig", "social"): ("Instagram", "Social"),
    ("", "unheard-of", "social"): (None, "Social"),
    ("", "fb", ""): ("Facebook", "Social"),
    ("", "chatgpt.com", ""): ("ChatGPT", "AI assistants"),
    ("", "www.perplexity.ai", ""): ("Perplexity", "AI assistants"),
    ("google.com", "chatgpt.com", "referral"): ("ChatGPT", "AI assistants"),
    ("", "Google", "organic"): ("Google", "Search"),
    ("google.com", "partner", "poster"): ("Google", "Search"),
    ("", "newsletter", ""): ("Newsletter", "E-mail"),
    ("", "spring", "email"): (None, "E-mail"),
    ("", "spring", "E-Mail"): (None, "E-mail"),
    ("mail.google.com", "spring", "newsletter"): ("Gmail", "E-mail"),
    ("", "Hacker News", ""): ("Hacker News", "Social"),
    ("", "hackernews", ""): ("Hacker News", "Social"),
    ("", "partner", "affiliate"): (None, "Referral"),
    ("", "", "poster"): (None, "Referral"),
}


@pytest.mark.parametrize(("host", "expected"), BY_HOST.items())
def test_source_and_channel_of_a_referrer(host: str, expected: tuple[str | None, str]) -> None:
    assert (source(host, ""), channel(host, "", "")) == expected


@pytest.mark.parametrize(("visit", "expected"), BY_CAMPAIGN.items())
def test_source_and_channel_of_a_campaign(
    visit: tuple[str, str, str], expected: tuple[str | None, str]
) -> None:
    host, utm_source, _ = visit
    assert (source(host, utm_source), channel(*visit)) == expected


def test_no_two_rows_claim_the_same() -> None:
    claims = Counter(
        claim
        for row in SOURCES
        for claim in {row.name.lower(), *row.hosts.split(), *row.campaigns.split()}
    )
    assert [claim for claim, rows in claims.items() if rows > 1] == []
    assert {row.channel for row in SOURCES} == set(CHANNELS) - {"Direct"}
    assert frozenset(row.name for row in SOURCES) == NAMES


@pytest.mark.parametrize("row", SOURCES, ids=lambda row: row.name)
def test_every_row_is_found_by_its_hosts_and_words(row: tuple[str, str, str, str]) -> None:
    name, expected, hosts, campaigns = row
    for host in hosts.split():
        real = minimise.host(f"https://www.{host.replace('*', 'de')}/path")
        assert (source(real, ""), channel(real, "", "")) == (name, expected)
        assert source("", real) == name
    for word in (name, *campaigns.split()):
        assert source("example.com", minimise.text(word)) == name


@given(st.text(), st.text(), st.text())
def test_any_text_has_a_channel(host: str, utm_source: str, utm_medium: str) -> None:
    assert channel(host, utm_source, utm_medium) in CHANNELS
    assert source(host, utm_source) in NAMES | {None}
