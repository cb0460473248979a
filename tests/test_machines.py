# ruff: noqa: E501 - User-Agents are as long as they are
"""Machines are told apart by family and kind, and people are none of them."""

import sys
import time
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstparty.machines import KINDS, MACHINES, NAMES, OTHERS, Machine, extra, family

# fmt: off
# (family, kind), and a User-Agent of it: as seen in the wild, or as its operator publishes it
AGENTS = (
    ("(other)", "Other", ""),
    ("Googlebot", "Search engine", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    ("Googlebot", "Search engine", "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    ("Googlebot", "Search engine", "DoCoMo/2.0 N905i(c100;TB;W24H16) (compatible; Googlebot-Mobile/2.1; +http://www.google.com/bot.html)"),
    ("bingbot", "Search engine", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36"),
    ("Yahoo! Slurp", "Search engine", "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)"),
    ("YandexBot", "Search engine", "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)"),
    ("Baiduspider", "Search engine", "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"),
    ("Sogou", "Search engine", "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)"),
    ("DuckDuckBot", "Search engine", "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)"),
    ("Applebot", "Search engine", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)"),
    ("SeznamBot", "Search engine", "Mozilla/5.0 (compatible; SeznamBot/4.0; +http://napoveda.seznam.cz/seznambot-intro/)"),
    ("Naver", "Search engine", "Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)"),
    ("GPTBot", "AI crawler", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"),
    ("ChatGPT-User", "AI assistant", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot"),
    ("OAI-SearchBot", "AI search", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot"),
    ("ClaudeBot", "AI crawler", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)"),
    ("Claude-User", "AI assistant", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)"),
    ("PerplexityBot", "AI search", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)"),
    ("Perplexity-User", "AI assistant", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0)"),
    ("CCBot", "AI crawler", "CCBot/2.0 (https://commoncrawl.org/faq/)"),
    ("Bytespider", "AI crawler", "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)"),
    ("Meta-ExternalAgent", "AI crawler", "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)"),
    ("MistralAI-User", "AI assistant", "Mozilla/5.0 (compatible; MistralAI-User/1.0; +https://docs.mistral.ai/robots)"),
    ("Amazonbot", "AI crawler", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_1) AppleWebKit/600.2.5 (KHTML, like Gecko) Version/8.0.2 Safari/600.2.5 (Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)"),
    ("AhrefsBot", "SEO crawler", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"),
    ("SemrushBot", "SEO crawler", "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)"),
    ("MJ12bot", "SEO crawler", "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)"),
    ("Screaming Frog", "SEO crawler", "Screaming Frog SEO Spider/19.0"),
    ("Facebook", "Link preview", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"),
    ("WhatsApp", "Link preview", "WhatsApp/2.23.20.0 A"),
    ("Twitterbot", "Link preview", "Twitterbot/1.0"),
    ("LinkedInBot", "Link preview", "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)"),
    ("Slackbot", "Link preview", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
    ("Discordbot", "Link preview", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"),
    ("TelegramBot", "Link preview", "TelegramBot (like TwitterBot)"),
    ("Skype", "Link preview", "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com"),
    ("Microsoft Preview", "Link preview", "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b"),
    ("curl", "HTTP library", "curl/8.5.0"),
    ("Wget", "HTTP library", "Wget/1.21.4"),
    ("python-requests", "HTTP library", "python-requests/2.32.3"),
    ("HTTPX", "HTTP library", "python-httpx/0.27.0"),
    ("aiohttp", "HTTP library", "Python/3.11 aiohttp/3.9.5"),
    ("Python urllib", "HTTP library", "Python-urllib/3.11"),
    ("Go-http-client", "HTTP library", "Go-http-client/2.0"),
    ("Java", "HTTP library", "Java/17.0.2"),
    ("OkHttp", "HTTP library", "okhttp/4.12.0"),
    ("axios", "HTTP library", "axios/1.7.2"),
    ("node-fetch", "HTTP library", "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)"),
    ("node-fetch", "HTTP library", "node"),
    ("node-fetch", "HTTP library", "undici"),
    ("libwww-perl", "HTTP library", "libwww-perl/6.67"),
    ("Scrapy", "HTTP library", "Scrapy/2.11.2 (+https://scrapy.org)"),
    ("Apache-HttpClient", "HTTP library", "Apache-HttpClient/4.5.14 (Java/17.0.2)"),
    ("Postman", "HTTP library", "PostmanRuntime/7.39.0"),
    ("Dalvik", "HTTP library", "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A)"),
    ("CFNetwork", "HTTP library", "MyApp/1 CFNetwork/1490.0.4 Darwin/23.2.0"),
    ("PowerShell", "HTTP library", "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.4522"),
    ("HeadlessChrome", "Headless browser", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36"),
    ("PhantomJS", "Headless browser", "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1"),
    ("Google Lighthouse", "Uptime check", "Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse"),
    ("WebPageTest", "Uptime check", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0 Safari/537.36 PTST/240101"),
    ("UptimeRobot", "Uptime check", "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"),
    ("Pingdom", "Uptime check", "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)"),
    ("StatusCake", "Uptime check", "Mozilla/5.0 (Windows NT 6.2; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0 Safari/537.36 StatusCake"),
    ("Datadog", "Uptime check", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 DatadogSynthetics"),
    ("Kubernetes", "Uptime check", "kube-probe/1.28"),
    ("AWS ELB", "Uptime check", "ELB-HealthChecker/2.0"),
    ("Feedly", "Feed reader", "Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)"),
    ("NetNewsWire", "Feed reader", "NetNewsWire (RSS Reader; https://netnewswire.com/)"),
    ("Tiny Tiny RSS", "Feed reader", "Tiny Tiny RSS/23.05 (https://tt-rss.org/)"),
    ("Internet Archive", "Archive", "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)"),
    ("Internet Archive", "Archive", "ia_archiver"),
    ("Nikto", "Scanner", "Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:000001)"),
    ("sqlmap", "Scanner", "sqlmap/1.8 (https://sqlmap.org)"),
    ("zgrab", "Scanner", "Mozilla/5.0 zgrab/0.x"),
    ("Censys", "Scanner", "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)"),
    ("HTTrack", "Archive", "Mozilla/4.5 (compatible; HTTrack 3.0x; Windows 98)"),
    ("(other)", "Other", "Mozilla/5.0"),
    ("(other)", "Other", "Mozilla/5.0 (compatible)"),
    ("(other)", "Other", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"),
    ("(other)", "Other", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"),
    ("(other)", "Other", "Chrome"),
    ("(other)", "Other", "test"),
    ("(other)", "Other", "-"),
    ("AdsBot-Google", "Advertising", "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36 (compatible; AdsBot-Google-Mobile; +http://www.google.com/mobile/adsbot.html)"),
    ("Googlebot", "Search engine", "Googlebot-Image/1.0"),
    ("Mediapartners-Google", "Advertising", "Mediapartners-Google"),
    ("GoogleOther", "Other", "Mozilla/5.0 (compatible; GoogleOther)"),
    ("Google-Agent", "AI assistant", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; compatible; Google-Agent)"),
    ("Google services", "Other", "Mozilla/5.0 (compatible; Google-Site-Verification/1.0)"),
    ("FeedFetcher-Google", "Feed reader", "FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)"),
    ("Manus-User", "AI assistant", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36; Manus-User/1.0"),
    ("Amzn-User", "AI assistant", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amzn-User/0.1) Chrome/119.0.6045.214 Safari/537.36"),
    ("Meta-ExternalFetcher", "AI assistant", "meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)"),
    ("Claude-SearchBot", "AI search", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-SearchBot/1.0; +searchbot@anthropic.com)"),
    ("DuckAssistBot", "AI assistant", "DuckAssistBot/1.2; (+http://duckduckgo.com/duckassistbot.html)"),
    ("Google-NotebookLM", "AI assistant", "Mozilla/5.0 (compatible; Google-NotebookLM)"),
    ("Cloudflare", "Uptime check", "Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Mobile Safari/537.36 CloudflareObservatory/1.0"),
    ("Dynatrace", "Uptime check", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.1.5135 Safari/537.36 RuxitRecorder/1.0"),
    ("Datadog", "Uptime check", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36 DatadogSynthetics"),
    ("wkhtmltopdf", "Headless browser", "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/602.1 (KHTML, like Gecko) wkhtmltoimage Version/10.0 Safari/602.1"),
    ("(other)", "Headless browser", "Mozilla/5.0 (X11; Linux x86_64; rv:59.0) Gecko/20100101 SlimerJS/1.0.0"),
    ("Facebook", "Link preview", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"),
    ("(other)", "Other", "Mozilla/5.0 (compatible; um-LN/1.0; mailto: techinfo@ubermetrics-technologies.com; Windows NT 6.1; WOW64; rv:40.0) Gecko/20100101 Firefox/40.1"),
    ("(other)", "Scanner", "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/55.0.2883.87 Safari/537.36 root@8f6gtjctw9glvnasfrq438tprig56wty20ghwkf9.burpcollaborator.net"),
    ("(other)", "Other", "Mozilla/5.0 (compatible; ExampleCrawler/1.0; +https://example.com/crawler)"),
    ("(other)", "Feed reader", "ExampleFeedReader/2.0"),
    ("(other)", "Uptime check", "Example-Uptime-Monitor/1.0"),
    ("(other)", "SEO crawler", "Mozilla/5.0 (compatible; Example SEO Bot/1.0)"),
    ("(other)", "Link preview", "example-link-preview/3"),
    ("(other)", "Scanner", "Example Vulnerability Scanner"),
    ("(other)", "HTTP library", "example-http-client-for-ruby/1.0"),
)

# Odd, and yet somebody sits in front of it. More usual ones are in test_agents.
PEOPLE = (
    "Instagram 128.0.0.19.119 (iPhone12,3; iOS 13_3_1; en_US; en-US; scale=3.00; 1125x2436; 197357527) AppleWebKit/420+",
    "MT6735_TD/V1 Linux/3.18.19+ Android/6.0 Release/03.03.2015 Browser/AppleWebKit537.36 Chrome/39.0.0.0 Mobile Safari/537.36 System/Android 6.0;",
    "Mozilla/5.0 (Linux; Android 4.2.1; en-us; Nexus 5 Build/JOP40D) AppleWebKit/535.19 (KHTML, like Gecko; googleweblight) Chrome/38.0.1025.166 Mobile Safari/535.19",
    "Mozilla/5.0 (Linux; Android 10; ONEPLUS A6003 Build/QKQ1.190716.003; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/80.0.3987.99 Mobile Safari/537.36 StudoBrowser/3.17.6-android-studo.staging (https://studo.co/studo-browser-information-and-contact)",
    "Mozilla/5.0 (iPad; CPU OS 12_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 StudoBrowser/3.16.0-ios-studo (https://studo.co/studo-browser-information-and-contact)",
    "Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0 Safari/533.2+ Kindle/3.0+",
    "Mozilla/5.0 (BB10; Kbd) AppleWebKit/537.35+ (KHTML, like Gecko) Version/10.3.3.3216 Mobile Safari/537.35+",
    "Mozilla/5.0 (Linux; Android 8.0.0; CUBOT_X18_Plus Build/O00623; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/80.0.3987.132 Mobile Safari/537.36 Instagram 132.0.0.26.134 Android (26/8.0.0; 480dpi; 1080x2016; CUBOT; CUBOT_X18_Plus; CUBOT_X18_Plus; mt6755; en_GB; 202766609)",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0.6367.123 Mobile Safari/537.36 CamScanner/4.8.5.2310271827",
    "Mozilla/5.0 (Linux; Android 9; LG-H870 Build/PKQ1.190522.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/80.0.3987.119 Mobile Safari/537.36 [Pinterest/Android]",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 13_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Mobile/15E148 Safari/605.1 NAVER(inapp; search; 690; 10.16.4; 8)",
    "Mozilla/5.0 (Linux; Android 5.1.1; SM-J320F Build/LMY47V; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/67.0.3396.87 Mobile Safari/537.36 YandexSearch/7.15",
    "Mozilla/5.0 (Linux; Android 7.0; S710 Ruby) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/85.0.4183.81 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 8.0.0; Expanse) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.99 Mobile Safari/537.36",
    "Job Search/24.4.0 Mozilla/5.0 (Linux; Android 14; SM-S918U Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/122.0.6261.119 Mobile Safari/537.36",
    "Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.0.0 Mobile DuckDuckGo/5 Safari/537.36",
    "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; WOW64; Trident/5.0; Banca Caboto s.p.a.)",
    "IBrowse/2.5.5 (Amiga; MorphOS 3.16; Build 25.99 68K)",
    "Lynx/2.8.5rel.1 libwww-FM/2.15FC SSL-MM/1.4.1c OpenSSL/0.9.7e-dev",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Notion/4.2.0 Chrome/130.0.6723.191 Electron/33.3.2 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/465.0.0.0;FBDV/iPhone14,5;FBID/phone]",
    "Mozilla/5.0 (Unknown; Linux armv7l) AppleWebKit/537.1+ (KHTML, like Gecko) Safari/537.1+ HbbTV/1.1.1 ( ;LGE ;NetCast 4.0 ;03.10.81 ;1.0M ;)",
    "Mozilla/5.0 (DirectFB; Linux armv7l) AppleWebKit/534.26+ (KHTML, like Gecko) Version/5.0 Safari/534.26+ LG Browser/5.00.00(+mouse+3D+SCREEN+TUNER; LGE; 47LM9600-NA; 06.00.00; 0x00000001;); LG NetCast.TV-2012",
)
# fmt: on

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"

HOSTILE = {
    "one letter": "x",
    "words": "a ",
    "the first words of tokens": "google-",
    "tokens that only libraries have": "python-requests ",
    "what is no machine after all": "cubot ",
    "spaces": " ",
    "not ASCII": "ſßİ²",
}


@pytest.mark.parametrize("row", AGENTS, ids=lambda row: row[-1][:60])
def test_a_machine_has_its_family_and_its_kind(row: tuple[str, str, str]) -> None:
    name, kind, user_agent = row
    machine = family(user_agent)
    assert machine is not None
    assert (machine.name, machine.kind) == (name, kind)


@pytest.mark.parametrize("user_agent", PEOPLE, ids=lambda text: text[:60])
def test_an_odd_browser_is_no_machine(user_agent: str) -> None:
    assert family(user_agent) is None


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_token_of_the_table_tells_its_family(machine: Machine) -> None:
    for token in machine.tokens:
        assert token == token.lower()
        assert family(f"{token.removeprefix('^')}/1.0") == machine
        if token[0] != "^":
            assert family(f"{CHROME} {token.upper()}/1.0") == machine


def test_the_names_are_a_closed_vocabulary_and_each_stands_once() -> None:
    assert [*NAMES] == [*dict.fromkeys(NAMES)]
    assert {machine.name for machine in MACHINES} | {"(other)"} == {*NAMES}
    tokens = [token for machine in MACHINES for token in machine.tokens]
    assert [*tokens] == [*dict.fromkeys(tokens)]
    assert 120 <= len(MACHINES) <= 250


def test_every_kind_has_families_and_a_row_for_those_without_a_name() -> None:
    assert {machine.kind for machine in MACHINES} == {*KINDS}
    assert {kind: Machine("(other)", kind) for kind in KINDS} == OTHERS


def test_the_more_specific_token_wins() -> None:
    assert [
        machine.name if (machine := family(f"Mozilla/5.0 (compatible; {text}/1.0)")) else None
        for text in ("GPTBot", "ChatGPT-User", "AdsBot-Google", "Googlebot-News", "GoogleOther")
    ] == ["GPTBot", "ChatGPT-User", "AdsBot-Google", "Googlebot", "GoogleOther"]


def test_a_library_or_a_headless_browser_is_only_what_another_machine_drives() -> None:
    driven = f"python-requests/2.32 {CHROME.replace('Chrome/', 'HeadlessChrome/')}"
    named = family(driven + " Pingdom/1.0")
    assert named is not None
    assert named.name == "Pingdom"
    alone = family(driven)
    assert alone is not None
    assert alone.name == "python-requests"


def test_a_name_after_256_characters_is_not_read() -> None:
    assert family(CHROME + " " * 256 + "GPTBot/1.2") is None


@pytest.mark.parametrize("repeated", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("before", ["", "Mozilla/5.0 like Gecko "], ids=["bare", "as a browser"])
def test_no_text_takes_longer_than_five_milliseconds(before: str, repeated: str) -> None:
    text = before + repeated * (16_384 // len(repeated))
    took = []
    for _ in range(5):  # the best of five: the machine has other things to do
        start = time.perf_counter()
        family(text)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.005


@given(st.text())
def test_any_text_is_a_person_or_a_machine_of_the_table(user_agent: str) -> None:
    assert family(user_agent) in {*MACHINES, *OTHERS.values(), None}


def test_the_list_of_more_crawlers_is_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("crawleruseragents")
    package.is_crawler = lambda text: "Secret" in text  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "crawleruseragents", package)
    more = extra()
    assert (more("Secret/1.0"), more(CHROME)) == (True, False)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "crawleruseragents", None)
    with pytest.raises(ImportError, match=r'pip install "firstparty\[bots\]"'):
        extra()
