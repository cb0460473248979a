# ruff: noqa: E501 - User-Agents are as long as they are
"""People keep their browser, machines have none, and no text takes long to read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstparty.agents import (
    BROWSERS,
    DEVICES,
    PERSON,
    SYSTEMS,
    Agent,
    Agents,
    consistent,
)
from firstparty.machines import KINDS, NAMES, family


def sent(text: str) -> bytes:
    """A User-Agent as it is sent."""
    return text.encode("latin-1", "replace")


# fmt: off
# (browser, system, device, major), and the User-Agent that says so
PEOPLE = (
    ("Chrome", "Windows", "Desktop", 126, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"),
    ("Edge", "Windows", "Desktop", 126, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"),
    ("Chrome", "Android", "Phone", 126, "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"),
    ("Chrome", "Android", "Tablet", 126, "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"),
    ("Samsung Internet", "Android", "Phone", 25, "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36"),
    ("Safari", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"),
    ("Chrome", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1"),
    ("Firefox", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15"),
    ("Edge", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/125.0 Mobile/15E148 Safari/605.1.15"),
    ("Safari", "iOS", "Tablet", 16, "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1"),
    ("DuckDuckGo", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15"),
    ("DuckDuckGo", "Android", "Phone", 5, "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0.6367.82 DuckDuckGo/5 Mobile Safari/537.36"),
    ("DuckDuckGo", "macOS", "Desktop", 17, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15 Ddg/17.5"),
    ("In-app browser", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"),
    ("In-app browser", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 335.0.0.0 (iPhone14,5; iOS 17_5; en_US; en; scale=3.00; 1170x2532; 610000000)"),
    ("In-app browser", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/465.0.0.0;FBBV/600000000;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.5;FBSS/3;FBID/phone;FBLC/en_US;FBOP/5]"),
    ("In-app browser", "Android", "Phone", 0, "Mozilla/5.0 (Linux; Android 13; SM-G991B Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/465.0.0.0;]"),
    ("In-app browser", "Android", "Phone", 0, "Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36"),
    ("Chrome", "Android", "Phone", 96, "Mozilla/5.0 (Linux; Android 11; CUBOT_X18_Plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36"),
    ("(other)", "Android", "Phone", 4, "Mozilla/5.0 (Linux; U; Android 4.4.2; en-us; CUBOT S208 Build/KOT49H) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30"),
    ("Firefox", "Linux", "Desktop", 127, "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"),
    ("Firefox", "Linux", "Desktop", 127, "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"),
    ("Firefox", "Android", "Phone", 127, "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0"),
    ("Firefox", "Android", "Tablet", 127, "Mozilla/5.0 (Android 14; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0"),
    ("Chrome", "ChromeOS", "Desktop", 126, "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"),
    ("Internet Explorer", "Windows", "Desktop", 11, "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko"),
    ("Internet Explorer", "Windows", "Desktop", 8, "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)"),
    ("Opera", "Windows", "Desktop", 111, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36 OPR/111.0.0.0"),
    ("Opera", "Windows", "Desktop", 12, "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.12.388 Version/12.16"),
    ("Opera", "Android", "Phone", 36, "Opera/9.80 (Android; Opera Mini/36.2.2254/191.228; U; en) Presto/2.12.423 Version/12.16"),
    ("Opera", "Android", "Phone", 82, "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36 OPR/82.0.0.0"),
    ("Vivaldi", "Linux", "Desktop", 6, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Vivaldi/6.8.3381.44"),
    ("Yandex", "Windows", "Desktop", 24, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 YaBrowser/24.6.0.0 Safari/537.36"),
    ("UC Browser", "Android", "Phone", 13, "Mozilla/5.0 (Linux; U; Android 11; en-US; RMX2185 Build/RP1A.200720.011) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.4.0.1306 Mobile Safari/537.36"),
    ("(other)", "(other)", "TV", 0, "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36"),
    ("Chrome", "(other)", "TV", 94, "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager"),
    ("Chrome", "Android", "TV", 90, "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K UR2 Build/PTT1.190515.001.S52) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.210 Safari/537.36"),
    ("In-app browser", "Android", "TV", 0, "Mozilla/5.0 (Linux; Android 7.1.2; AFTMM Build/NS6265; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/70.0.3538.110 Mobile Safari/537.36"),
    ("(other)", "Android", "Tablet", 108, "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/108.4.6 like Chrome/108.0.5359.220 Safari/537.36"),
    ("(other)", "(other)", "(other)", 13, "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15"),
    ("(other)", "(other)", "(other)", 0, "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/606.4 (KHTML, like Gecko) NF/6.0.1.15.4 NintendoBrowser/5.1.0.20393"),
    ("(other)", "(other)", "(other)", 0, "Mozilla/5.0 (PLAYSTATION 3; 3.55)"),
    ("Firefox", "(other)", "Desktop", 120, "Mozilla/5.0 (X11; FreeBSD amd64; rv:120.0) Gecko/20100101 Firefox/120.0"),
    ("(other)", "(other)", "(other)", 2, "Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/1.1.1d"),
    ("(other)", "(other)", "(other)", 0, "w3m/0.5.3+git20190105"),
    ("(other)", "Linux", "Desktop", 2, "Links (2.21; Linux 5.4.0 x86_64; GNU C 9.2; text)"),
    ("(other)", "Linux", "Desktop", 0, "ELinks/0.13.1 (textmode; Linux; 80x24-2)"),
    ("(other)", "(other)", "(other)", 3, "Dillo/3.0.5"),
    ("(other)", "Linux", "Desktop", 0, "NetSurf/3.10 (Linux)"),
    ("(other)", "Linux", "Desktop", 605, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15 Epiphany/605.1.15"),
    ("(other)", "Linux", "Desktop", 4, "Mozilla/5.0 (compatible; Konqueror/4.14; Linux) KHTML/4.14.38 (like Gecko)"),
    ("Firefox", "(other)", "Phone", 48, "Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5"),
    ("(other)", "Android", "Phone", 12, "Mozilla/5.0 (Linux; Android 12; JAD-AL50; HMSCore 6.6.0.352) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/92.0.4515.105 HuaweiBrowser/12.1.4.303 Mobile Safari/537.36"),
    ("Safari", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/320.0 Mobile/15E148 Safari/604.1"),
    ("In-app browser", "macOS", "Desktop", 0, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"),
    ("In-app browser", "iOS", "Phone", 16, "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.38(0x18002628) NetType/WIFI Language/zh_CN"),
    ("In-app browser", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.29"),
    ("In-app browser", "Windows", "Desktop", 0, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.38.125 Chrome/124.0.0.0 Electron/30.0.0 Safari/537.36"),
    ("Edge", "(other)", "Phone", 15, "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063"),
    ("(other)", "(other)", "Phone", 10, "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.0.9.2372 Mobile Safari/537.10+"),
    ("(other)", "(other)", "Phone", 0, "Nokia6230/2.0 (04.44) Profile/MIDP-2.0 Configuration/CLDC-1.1"),
    ("Chrome", "ChromeOS", "TV", 90, "Mozilla/5.0 (X11; CrOS armv7l 13597.84.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0 Safari/537.36 CrKey/1.54.250320"),
    ("(other)", "Android", "Phone", 27, "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112 Mobile Safari/537.36 OculusBrowser/27.1"),
    ("Opera", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1 OPT/4.5.0"),
    ("In-app browser", "iOS", "Phone", 17, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 musical_ly_34.5.0 BytedanceWebview/d8a21c6 TikTok"),
    ("Firefox", "macOS", "Desktop", 127, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0"),
)
# fmt: on

CHROME = PEOPLE[0][-1]
GPTBOT = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"
UNNAMED = Agent("(unknown)", "(unknown)", "(unknown)", 0, "(other)", "Other")


class Clock:
    """Says what time it is, and takes `step` seconds to say so."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.mark.parametrize("row", PEOPLE, ids=lambda row: row[-1][:60])
def test_people_are_people_with_their_families(row: tuple[str, str, str, int, str]) -> None:
    *families, major, user_agent = row
    agent = Agents(1).read(sent(user_agent))
    assert [agent.browser, agent.os, agent.device] == families
    assert (agent.bot, agent.major) == (False, major)


def test_a_machine_has_a_family_and_a_kind_and_no_browser() -> None:
    agent = Agents(1).read(sent(GPTBOT))
    assert (agent.machine, agent.kind, agent.bot) == ("GPTBot", "AI crawler", True)
    assert (agent.browser, agent.os, agent.device, agent.major) == (*["(unknown)"] * 3, 0)
    assert Agents(1).read(sent(CHROME + " (MyCrawler)")) == Agent(
        *["(unknown)"] * 3, 0, "(other)", "Other"
    )


@pytest.mark.parametrize(
    "row", [row for row in PEOPLE if "Epiphany" not in row[-1]], ids=lambda row: row[-1][:60]
)
def test_no_person_is_told_a_machine_by_words_alone(row: tuple[str, str, str, int, str]) -> None:
    assert family(row[-1]) is None


def test_a_person_in_an_old_window_of_another_program_is_a_person() -> None:
    user_agent = "Mozilla/4.0 (compatible; MSIE 8.0; EmbeddedWB 14.52 from: http://www.bsalsa.com/)"
    assert family(user_agent) is None


def test_what_user_agents_knows_as_a_spider_is_a_machine() -> None:
    # No word of ours is in it.
    user_agent = "Mozilla/5.0 (X11; Linux) Gecko/2 Firefox/3 (compatible; ichiro/3.0)"
    assert family(user_agent) is None
    assert Agents(1).read(sent(user_agent)) == UNNAMED


def test_a_text_is_read_no_further_than_256_characters() -> None:
    reader = Agents(1)
    assert reader.read(sent(CHROME + " x" * 100 + "Googlebot")) == reader.read(sent(CHROME))
    assert reader.read(sent("x" * 10_000_000)) == UNNAMED


def test_a_browser_and_a_system_are_looked_for_in_208_characters_alone() -> None:
    told = "(Windows NT 10.0) Gecko/1 Firefox/127.0"
    near, beyond = (f"Mozilla/5.0 {'Part/1 ' * parts}{told}" for parts in (18, 28))
    assert (Agents().read(sent(near)).browser, Agents().read(sent(near)).os) == (
        "Firefox",
        "Windows",
    )
    assert (Agents().read(sent(beyond)).browser, Agents().read(sent(beyond)).os) == (
        "(other)",
        "(other)",
    )


@pytest.mark.parametrize("piece", ["a" * 33, "a1" * 33, " " * 17, "[" * 17, "; x" * 25])
def test_a_text_that_no_browser_writes_is_not_parsed(piece: str) -> None:
    reader = Agents(clock=(clock := Clock(step=0.02)))
    now = clock.now
    assert reader.read(sent(f"Mozilla/5.0 (Windows NT 10.0) Gecko/{piece} Firefox/127.0")) == PERSON
    assert clock.now == now


@pytest.mark.parametrize("piece", ["a" * 32, "a1" * 31, " " * 15, "[" * 15, "; x" * 24])
def test_a_text_that_is_merely_strange_is_parsed(piece: str) -> None:
    user_agent = f"Mozilla/5.0 (Windows NT 10.0) Gecko/1{piece} Firefox/127.0"
    assert Agents().read(sent(user_agent)).browser == "Firefox"


def test_a_device_is_looked_for_in_160_characters_alone() -> None:
    kindle = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/531 (KHTML, like Gecko) {}Kindle/3.0"
    assert Agents().read(sent(kindle.format(""))).device == "Tablet"
    assert Agents().read(sent(kindle.format("Part/1 " * 12))).device == "Desktop"


def test_a_known_text_is_not_parsed_again() -> None:
    clock = Clock(step=0.02)
    reader = Agents(0.05, clock=clock)
    first = reader.read(sent(CHROME))
    now = clock.now
    assert reader.read(sent(CHROME)) == first
    assert clock.now == now


def test_past_the_budget_people_have_no_families_and_are_not_remembered() -> None:
    clock = Clock(step=0.02)
    reader = Agents(0.05, clock=clock)
    texts = [CHROME + f" {i}" for i in range(5)]
    assert [reader.read(sent(text)).browser for text in texts] == ["Chrome"] * 3 + ["(unknown)"] * 2
    assert reader.read(sent(texts[4])) == PERSON
    assert reader.read(sent(GPTBOT)).machine == "GPTBot"
    assert reader.read(sent(texts[0])).browser == "Chrome"  # still known
    clock.now += 1
    assert reader.read(sent(texts[4])).browser == "Chrome"


def test_a_clock_that_goes_back_does_not_end_the_reading() -> None:
    clock = Clock(step=0.06)
    reader = Agents(0.05, clock=clock)
    reader.read(sent(CHROME))
    assert reader.read(sent(CHROME + " 2")) == PERSON
    clock.now -= 1000
    assert reader.read(sent(CHROME + " 2")).browser == "Chrome"


def test_a_thousand_texts_are_remembered_and_machines_displace_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: list[str] = []

    def parse(text: str) -> Agent:
        parsed.append(text)
        return Agent("Chrome", "Linux", "Desktop", major=1)

    monkeypatch.setattr("firstparty.agents._agent", parse)
    reader = Agents(1, clock=lambda: 0.0)
    texts = [f"{CHROME} {i}" for i in range(1025)]
    for text in texts[:1024]:
        reader.read(sent(text))
    for i in range(5000):
        reader.read(sent(f"curl/{i}"))
    for text in texts[:1024]:
        reader.read(sent(text))
    assert parsed == texts[:1024]
    reader.read(sent(texts[1024]))  # the older half leaves
    reader.read(sent(texts[512]))
    assert parsed == texts
    reader.read(sent(texts[511]))
    assert parsed == [*texts, texts[511]]


def test_a_list_of_more_machines_is_asked_once_for_each_text_that_would_be_a_person() -> None:
    asked: list[str] = []

    def more(text: str) -> bool:
        asked.append(text)
        return "Secret" in text

    reader = Agents(1, more=more)
    for _ in range(3):
        assert reader.read(sent(GPTBOT)).machine == "GPTBot"
        assert reader.read(sent(CHROME)).machine == ""
        assert reader.read(sent(CHROME + " Secret/1")) == UNNAMED
        assert reader.read(sent(CHROME + " SecretRSS/1")).kind == "Feed reader"
    assert asked == [CHROME, CHROME + " Secret/1", CHROME + " SecretRSS/1"]


def test_what_the_list_of_more_machines_takes_comes_out_of_the_budget() -> None:
    clock = Clock(step=0.0)

    def slow(text: str) -> bool:
        clock.now += 0.06
        return True

    reader = Agents(0.05, more=slow, clock=clock)
    assert reader.read(sent(CHROME)).bot
    assert reader.read(sent(CHROME + " 2")) == PERSON


@pytest.mark.parametrize("budget", [0, -1, 1.1, float("nan")])
def test_a_budget_that_is_no_share_is_refused(budget: float) -> None:
    with pytest.raises(ValueError, match=r"use 0\.05"):
        Agents(budget)


@pytest.mark.parametrize(
    ("browser", "os", "major", "expected"),
    [
        ("Chrome", "Windows", 126, False),
        ("Chrome", "Windows", 80, False),
        ("Chrome", "Windows", 79, True),
        ("Edge", "Windows", 126, False),
        ("Edge", "Windows", 18, True),
        ("Firefox", "Linux", 90, False),
        ("Firefox", "Linux", 89, True),
        ("Safari", "macOS", 17, False),
        ("Safari", "macOS", 16, True),
        ("Safari", "iOS", 17, False),
        ("Chrome", "iOS", 15, True),
        ("Chrome", "macOS", 0, True),
        ("In-app browser", "Android", 0, True),
        ("(other)", "Linux", 605, True),
        ("(unknown)", "(unknown)", 0, True),
    ],
)
def test_a_browser_that_always_sends_fetch_metadata(
    browser: str, os: str, major: int, expected: bool
) -> None:
    agent = Agent(browser, os, "Desktop", major)
    assert consistent(agent, https=True) is expected
    assert consistent(agent, https=False)


SHAPED = (
    *("Mozilla/5.0 ", "(", ")", "; ", "Linux", "Android 9", "like Gecko", "Chrome/1", "²", "\x00"),
    *("Version/", "Safari", "Windows NT ", "iPhone OS ", "9" * 50, ".", "/", "Build/", "Opera/"),
)
shaped = st.lists(st.sampled_from(SHAPED)).map("".join)


@given(st.one_of(st.text(), shaped, shaped.map(lambda text: "Mozilla/5.0 like Gecko " + text)))
def test_any_text_has_families_of_the_closed_tables(user_agent: str) -> None:
    agent = Agents(1).read(sent(user_agent))
    assert agent.browser in BROWSERS
    assert agent.os in SYSTEMS
    assert agent.device in DEVICES
    assert agent.machine in (*NAMES, "")
    assert agent.kind in (*KINDS, "")
    assert agent.bot is (agent.machine != "")
