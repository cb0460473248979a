"""What gives away a machine of no family that we know: a shape that no browser has, or a word."""

from __future__ import annotations

from typing import Final

SEARCH: Final = "Search engine"
AI_CRAWLER: Final = "AI crawler"
AI_SEARCH: Final = "AI search"
ASSISTANT: Final = "AI assistant"
PREVIEW: Final = "Link preview"
FEEDS: Final = "Feed reader"
SEO: Final = "SEO crawler"
ADVERTISING: Final = "Advertising"
UPTIME: Final = "Uptime check"
SCANNER: Final = "Scanner"
ARCHIVE: Final = "Archive"
LIBRARY: Final = "HTTP library"
HEADLESS: Final = "Headless browser"
OTHER: Final = "Other"

KINDS: Final = (
    *(SEARCH, AI_CRAWLER, AI_SEARCH, ASSISTANT, PREVIEW, FEEDS, SEO, ADVERTISING),
    *(UPTIME, SCANNER, ARCHIVE, LIBRARY, HEADLESS, OTHER),
)
"""What a machine is there for. AI has three: a site may want to be quoted in answers (AI search)
and opened for whoever asks (AI assistant) and yet not be trained on (AI crawler). OpenAI, Anthropic
and others name one agent for each, so that robots.txt can tell them apart."""


def shaped(text: str) -> bool:
    """Whether a lower-case User-Agent has a shape that some browser had."""
    if text.startswith("mozilla/"):
        return any(engine in text for engine in _ENGINES)
    return text.startswith(_OTHER_STARTS) or "applewebkit" in text


def worded(text: str) -> bool:
    """Whether a lower-case User-Agent has a word that only machines use."""
    if not any(word in text for word in _WORDS):
        return False
    for harmless in _HARMLESS:
        text = text.replace(harmless, "")
    return any(word in text for word in _WORDS)


def kind(text: str) -> str:
    """What a machine of no known family is there for, as far as its words say."""
    for name, words in _KIND.items():
        if any(word in text for word in words):
            return name
    return OTHER


_HARMLESS: Final = (
    *("cubot", "caboto", "botech", "camscanner", "(+drm", "(+mouse"),
    *("; googleweblight", ", googleweblight"),
    *("http://www.bsalsa.com", "http://bsalsa.com"),
    *("https://studo.co/studo-browser-information-and-contact", "https://studo.co"),
)
"""Makers of phones and of receivers, a bank, applications with a browser in them, what television
sets can do, Google's help for slow lines; and the addresses of a component and of a browser."""

_WORDS: Final = (
    # what they call themselves; and whoever gives an address to look up is no browser
    *("bot", "crawl", "spider", "slurp", "scrap", "fetch", "preview", "archive", "://", "www."),
    *("monitor", "scanner", "validator", "checker", "analyzer", "inspect", "headless"),
    *("mailto:", "(+", "; +", "contact", "feedback", "screenshot", "thumb", "transcoder"),
    *("webcapture", "imageproxy", "prerender", "verifier", "classifier", "harvest", "optimizer"),
    *("agent/", "agent)", "-agent"),
    # a browser says "like Gecko)" and closes the bracket
    *("like gecko; ", "like gecko, google", "gecko;compatible"),
    # browsers without a window: Qt's WebKit, made for pictures of pages
    *("(unknown; linux x86", "(unknown; linux i", "wkhtml", "webkit2png", "dumprendertree"),
    *("slimerjs", "cypress/"),
    # HTTP libraries that borrow a browser's name; those that do not are told by their shape
    *("python", "curl/", "wget", "httpclient", "http client", "java/1", "okhttp", "axios"),
    # monitors, feed readers, search engines, what checks and copies sites
    *("uptime", "synthetic", "healthcheck", "health-check", "pagespeed", "page speed", "rsslib"),
    *("google-", "google search console", "securityheaders", "pingdom", "survey/", "webmon"),
    *("linkcheck", "linkwalker", "xenu", "backlink", "burpcollab", "onetrust", "perplexity-"),
)

_ENGINES: Final = (
    *("like gecko", "gecko/", "khtml", "msie", "trident", "presto", "goanna", "netfront", "rv:"),
    *("playstation", "nintendo", "netscape", "webtv", "[en", "nokia", "blackberry"),
)
"""What a text that begins with Mozilla/ goes on to say in every browser."""

_OTHER_STARTS: Final = (
    *("opera/", "lynx", "w3m", "links (", "links/", "elinks", "dillo", "netsurf", "konqueror"),
    *("emacs", "edbrowse", "amaya", "icab", "omniweb", "netfront", "blackberry", "nokia", "ucweb"),
    *("samsung-", "sec-", "sonyericsson", "lg-", "lg/", "mot-", "sie-", "zte", "alcatel", "huawei"),
    *("docomo/", "kddi-", "softbank", "up.browser", "j2me", "instagram ", "ibrowse/", "amiga"),
)
"""Browsers that do not say Mozilla: for terminals, on old telephones, in Instagram, on Amigas."""

_KIND: Final = {
    FEEDS: ("feed", "rss", "podcast"),
    PREVIEW: ("preview", "unfurl", "linkexpand", "onebox", "oembed", "opengraph", "thumb"),
    UPTIME: ("monitor", "uptime", "synthetic", "health", "pagespeed", "page speed"),
    SCANNER: ("scan", "security", "vulnerab", "pentest", "burpcollab", "(select ", "<script"),
    ARCHIVE: ("archiv", "wayback"),
    SEO: (" seo", "seo-", "seobot", "backlink", "linkcheck", "link check", "serp"),
    ADVERTISING: ("adsbot", "ads.txt", "adstxt", "advert", "google-ads"),
    HEADLESS: (
        "headless",
        "(unknown; linux x86",
        "screenshot",
        "prerender",
        "slimerjs",
        "cypress/",
    ),
    AI_CRAWLER: ("gpt", "-llm", "llm-", "openai", "ai-crawler", "aicrawler"),
    SEARCH: ("searchbot", "search-", "search engine", "indexer"),
    LIBRARY: (
        *("python", "curl", "wget", "httpclient", "http client", "http-client", "java/", "ruby"),
        *("perl", "php", "node", "okhttp", "axios", "golang", "urllib", "dotnet", "graalvm"),
    ),
}
"""Asked in this order, once it is known to be a machine: so these words may be of people too."""
