"""The machines that say who they are, by family and by kind: one table of facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from firstparty import machine_words as words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LENGTH: Final = 256
"""Characters of a User-Agent that are read; the families stand before that."""

UNNAMED: Final = "(other)"
"""The family of a machine that says no name of ours."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One family: its name, its kind, and the texts in a User-Agent that give it away.

    A token is in lower case and is looked for where a word begins; one that starts with "^" only
    where the User-Agent begins.
    """

    name: str
    kind: str
    tokens: tuple[str, ...] = ()


_TABLE: Final = {
    # Collects what models are trained on.
    words.AI_CRAWLER: """
        GPTBot | ClaudeBot + anthropic-ai, claude-web | CCBot | Bytespider | TikTokSpider
        | Meta-ExternalAgent + facebookbot | Amazonbot | Google-CloudVertexBot
        | GrokBot + xai-grok | cohere-ai + cohere-training | AI2Bot | Diffbot | SBIntuitionsBot
        | ImagesiftBot | LAION = laion-, img2dataset, laiondownloader | omgili + omgilibot, webzio
        | Timpibot | Firecrawl + firecrawlagent | Crawl4AI | Apify = apifybot, apifywebsite
    """,
    # Collects what an assistant's answers quote.
    words.AI_SEARCH: """
        OAI-SearchBot | Claude-SearchBot | PerplexityBot | Amzn-SearchBot
        | AzureAI-SearchBot | YouBot | PhindBot | TavilyBot | LinkupBot | Meta-WebIndexer
    """,
    # Opens a page because a person has just asked for it.
    words.ASSISTANT: """
        ChatGPT-User + chatgpt agent, chatgpt-agent | Claude-User + claude-code
        | Perplexity-User + perplexityuser | MistralAI-User | DuckAssistBot
        | Google-NotebookLM + google-gemininotebook | Google-Agent + googleagent,
        gemini-deep-research, google-gemini | Meta-ExternalFetcher | Amzn-User + amazonbuyforme,
        amazon-bedrock-agent, novaact | Manus-User | Devin = devin/ | Kagi = kagi-fetcher
    """,
    words.SEARCH: """
        Googlebot + google-inspectiontool, storebot-google, apis-google | bingbot + msnbot
        | YandexBot + yandexmobilebot, yandeximages, yandexvideo, yandexmedia, yandexblogs,
        yandexwebmaster, yandexmetrika, yandexfavicons, yandexaccessibilitybot, yandexmarket,
        yandexrenderresourcesbot, yandexscreenshotbot, yandexadditional, yandexcombot,
        yandexcalendar, yandexpagechecker, yandexontodb, yandexnews, yandexdirect | Baiduspider
        | DuckDuckBot + duckduckgo-favicons-bot | Applebot | Yahoo! Slurp + slurp, y!j
        | Sogou = sogou web, sogou pic, sogou news, sogou inst, sogou-test-spider
        | 360Spider + haosouspider | PetalBot + aspiegelbot | Naver = yeti/, naverbot
        | Daum = daumoa, daum/ | SeznamBot + seznamhomepagecrawler, seznam screenshot-generator
        | Qwant = qwantbot, qwantify | MojeekBot | BraveBot | Kagibot | Coc Coc = coccocbot, coccoc/
        | Mail.RU_Bot | Seekport + seekportbot | Marginalia = search.marginalia.nu | YaCy = yacybot,
        yacy | Nutch | OWLer
    """,
    # Shows what is behind a link that somebody has posted.
    words.PREVIEW: """
        Facebook = facebookexternalhit, facebot, facebookcatalog, meta-externalhit | Twitterbot
        | LinkedInBot | Slackbot + slack-imgproxy | Discordbot | TelegramBot | WhatsApp = ^whatsapp/
        | Skype = skypeuripreview | Microsoft Preview = microsoftpreview, bingpreview
        | Pinterestbot + pinterest/0 | redditbot | Mastodon = mastodon/, ^http.rb/
        | Bluesky = bluesky cardyb, ^bluesky/, blueskypreviewbot | Embedly | Iframely
        | Flipboard = flipboardproxy, flipboardrss | VKontakte = vkshare, vkrobot
        | KakaoTalk = kakaotalk-scrap | Linespider | Snapchat = snapchatads, snap url preview,
        snapurlpreview | Google Messages = googlemessages | Google Image Proxy = googleimageproxy
    """,
    words.FEEDS: """
        FeedFetcher-Google | Feedly + feedlybot, feedlyapp | Inoreader | NewsBlur | Feedbin
        | Feeder = feeder/, feeder.co, feederco | The Old Reader = theoldreader | FeedBurner | Tiny
        Tiny RSS | FreshRSS | Miniflux | NetNewsWire | Reeder = ^reeder/, readerformac, reederformac
        | Akregator | Liferea | Newsboat + newsbeuter | QuiteRSS | SimplePie
        | feedparser + universalfeedparser | Nextcloud News = nextcloud-news, ^nextcloud/
        | Overcast = ^overcast/ | Pocket Casts + pocketcasts
    """,
    words.SEO: """
        AhrefsBot + ahrefssiteaudit | SemrushBot + semrush, siteauditbot, splitsignalbot | MJ12bot
        | DotBot | rogerbot | DataForSeoBot | Screaming Frog | Barkrowler | serpstatbot | SEOkicks
        | BLEXBot | Siteimprove + siteimprovebot | SISTRIX + sistrixcrawler
        | SeobilityBot + seobility | Awario = awariobot, awariosmartbot, awariorssbot | BuiltWith
        | Dataprovider + dataproviderbot | ZoominfoBot | Silktide
    """,
    words.ADVERTISING: """
        AdsBot-Google + google-adwords, google-ads | Mediapartners-Google | adidxbot
        | Grapeshot + grapeshotcrawler | Proximic | Integral Ad Science = ias crawler, ias-va,
        ias-or, ias-sg, ias-ie | The Trade Desk = ttd-content | Taboola + taboolabot | Amazon
        AdBot = amazonadbot | Adbeat + adbeat_bot
    """,
    # Asks whether the site answers, and how fast.
    words.UPTIME: """
        UptimeRobot | Pingdom + pingdompagespeed, pingdomtms | StatusCake | Better Stack = better
        uptime bot, betteruptimebot, better stack | Uptime Kuma + uptime-kuma | Site24x7
        | Datadog + datadogsynthetics | New Relic = newrelicsynthetics, newrelicpinger
        | Dynatrace = ruxitsynthetic, ruxitrecorder, dynatracesynthetic | Checkly
        | Freshping + freshpingbot | HetrixTools | Oh Dear = ohdear | Updown.io | Zabbix
        | Nagios + check_http, nagios-plugins | Prometheus = blackbox exporter, blackbox-exporter
        | Kubernetes = kube-probe | Amazon Route 53 = amazon-route53-health-check | AWS
        ELB = elb-healthchecker | Google Cloud = googlehc, googlestackdrivermonitoring
        | Cloudflare = cloudflare-, cloudflareobservatory, cloudflarediagnostics | Jetpack = jetmon
        | Catchpoint | Sentry = sentryuptimebot, ^sentry/ | ThousandEyes | GTmetrix | Google
        Lighthouse = chrome-lighthouse, google page speed insights | WebPageTest = ptst | DebugBear
    """,
    words.SCANNER: """
        Censys + censysinspect | Expanse = ^expanse | Shodan | zgrab | Nmap | masscan | Nikto
        | sqlmap | Nuclei | WPScan | Nessus | OpenVAS | Acunetix | Qualys | Detectify
        | LeakIX = l9explore, l9scan, l9tcpid | Netcraft + netcraftsurveyagent | SSL Labs
        | CookieHub = cookiehubscan, cookiehubverify | Cookiebot
    """,
    words.ARCHIVE: """
        Internet Archive = archive.org_bot, ia_archiver, wayback, special_archiver | Heritrix
        | ArchiveBot + archiveteam | ArchiveBox | Arquivo.pt = arquivo-web-crawler, arquivobot
        | BnF = bnf.fr_bot | HTTrack | Offline Explorer
    """,
    words.OTHER: """
        GoogleOther | Google services = google-site-verification, google-read-aloud, google-safety,
        google favicon, google-structured-data-testing-tool, duplexweb-google, googleproducer,
        google-pinpoint, google-cws, google-certificates-bridge, google search console,
        appengine-google | Amazon CloudFront | W3C Validator = w3c_validator, w3c-checklink,
        w3c_css_validator, w3c-mobileok, w3c_i18n-checker, validator.nu, feedvalidator
        | WordPress = ^wordpress/ | changedetection.io = changedetection | Let's Encrypt = let's
        encrypt validation
    """,
    words.LIBRARY: """
        python-requests | Python urllib = python-urllib, python-urllib3 | aiohttp
        | HTTPX + python-httpx | Scrapy | curl = ^curl, libcurl, pycurl, php-curl-class
        | Wget + wget2 | Go-http-client + go http package, colly, fasthttp | Java = java/1, java/2,
        java-http-client, jersey/, jakarta commons | Apache-HttpClient + apache-httpasyncclient
        | OkHttp | axios | node-fetch + ^node, undici | got = ^got (, sindresorhus/got
        | libwww-perl + lwp-, mechanize | Ruby = ^ruby, faraday, httparty, rest-client, typhoeus
        | Guzzle + guzzlehttp | PHP = ^php/, symfony httpclient | WinHTTP = winhttp, winhttprequest
        | PowerShell = windowspowershell, powershell/ | Postman = postmanruntime | HTTPie
        | Rust = ^reqwest, ^ureq, ^hyper/, ^isahc | Dart = ^dart/ | CFNetwork | Dalvik | k6 = ^k6/
        | ApacheBench | AHC = ahc/, asynchttpclient, akka-http | trafilatura
    """,
    # Browsers that nobody sits at.
    words.HEADLESS: """
        HeadlessChrome + headlessedg | PhantomJS | Puppeteer | Playwright | Selenium + webdriver
        | HtmlUnit | jsdom | Lightpanda | Splash = splash version | wkhtmltopdf + wkhtmltoimage
        | Prerender
    """,
}
"""Families, parted by "|". After "=" stand the tokens; after "+" the tokens beside the name itself.

From what the operators publish about their agents (OpenAI, Anthropic, Google, Microsoft, Meta,
Amazon, Apple, Perplexity and others) and from what the rest write into their User-Agent.
Google-Extended and Applebot-Extended are words for robots.txt and never come with a request.
"""


def _rows() -> Iterator[Machine]:
    for kind, table in _TABLE.items():
        for row in " ".join(table.split()).split("|"):
            name, own, tokens = row.partition(" + ")
            if not own:
                name, _, tokens = row.partition(" = ")
            found = [token.strip() for token in tokens.split(",") if token.strip()]
            if own or not found:
                found.append(name.strip().lower())
            yield Machine(name.strip(), kind, tuple(found))


MACHINES: Final = tuple(_rows())
NAMES: Final = (*(machine.name for machine in MACHINES), UNNAMED)
"""The closed vocabulary of families."""

OTHERS: Final = {kind: Machine(UNNAMED, kind) for kind in words.KINDS}
"""A machine of no family that we know, by what its words say that it is there for."""

KINDS: Final = words.KINDS


def family(user_agent: str) -> Machine | None:
    """Which machine a User-Agent names; None for a person.

    The name that comes first is the one that is meant ("TelegramBot (like TwitterBot)"), but a
    library or a headless browser is only what another machine drives.
    """
    text = user_agent[:LENGTH].lower()
    named = _named(text)
    if named is not None:
        return named
    if words.shaped(text) and not words.worded(text):
        return None
    return OTHERS[words.kind(text)]


def extra() -> Callable[[str], bool]:
    """What the package crawler-user-agents knows of machines, for `Agents(more=)`.

    Raises ImportError, which says what to install, where the package is missing.
    """
    try:
        package = import_module("crawleruseragents")
    except ImportError as error:
        raise ImportError(
            'the list of crawlers is not installed: pip install "firstparty[bots]"'
        ) from error
    return cast("Callable[[str], bool]", package.is_crawler)


_WORD: Final = re.compile(r"[a-z0-9]+")


def _index() -> dict[str, list[tuple[str, Machine]]]:
    index: dict[str, list[tuple[str, Machine]]] = {}
    for machine in MACHINES:
        for token in machine.tokens:
            index.setdefault(_WORD.findall(token)[0], []).append((token, machine))
    for tokens in index.values():
        tokens.sort(key=lambda row: -len(row[0]))  # the more specific one first
    return index


_INDEX: Final = _index()
"""Tokens with their families, by the first word of the token."""


def _named(text: str) -> Machine | None:
    driven: Machine | None = None
    for word in _WORD.findall(text):
        for token, machine in _INDEX.get(word, ()):
            if text.startswith(token[1:]) if token[0] == "^" else token in text:
                if machine.kind not in _DRIVEN:
                    return machine
                driven = driven or machine
                break
    return driven


_DRIVEN: Final = {words.LIBRARY, words.HEADLESS}
