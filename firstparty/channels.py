"""Sources by name, and the channels that marketers put them in: one table."""

from __future__ import annotations

from typing import Final, NamedTuple

CHANNELS: Final = ("Direct", "Search", "Social", "AI assistants", "E-mail", "Paid", "Referral")


class Source(NamedTuple):
    """One row: a source, its channel, where it links from, what campaigns call it."""

    name: str
    channel: str
    hosts: str
    """Hosts and what is below them; `google.*` is google.com and each country's google."""
    campaigns: str = ""
    """Values of utm_source, in lower case; the hosts and the name are values too."""


def source(host: str, utm_source: str) -> str | None:
    """The table's name for where a visit came from, or None where the table has none.

    `host` as `minimise.host` answers it. A campaign's own word wins where it is known.
    """
    row = _row(host, utm_source)
    return None if row is None else row.name


def listed(host: str) -> bool:
    """Whether the table names exactly this host."""
    return host in HOSTS


def channel(host: str, utm_source: str, utm_medium: str) -> str:
    """One of `CHANNELS`: by the medium where that is clear, then by the table.

    What comes from somewhere that the table does not know is a "Referral".
    """
    if utm_medium:
        medium = utm_medium.lower()
        known = _MEDIA.get(medium)
        if known is not None:
            return known
        if medium.startswith("paid"):
            return "Paid"
    row = _row(host, utm_source)
    if row is not None:
        return row.channel
    return "Referral" if host or utm_source or utm_medium else "Direct"


def _row(host: str, utm_source: str) -> Source | None:
    if utm_source:
        word = utm_source.lower()
        row = _CAMPAIGNS.get(word)
        if row is None and "." in word:
            row = _below(word.removeprefix("www."))
        if row is not None:
            return row
    return HOSTS.get(host) or _below(host)


def _below(host: str) -> Source | None:
    """The row of this host, or of the nearest one above it."""
    while True:
        row = HOSTS.get(host)
        if row is not None:
            return row
        _, dot, host = host.partition(".")
        if not dot:
            return None


SOURCES: Final = (
    # Search
    Source("Google", "Search", "google.* com.google.android.googlequicksearchbox"),
    Source("Bing", "Search", "bing.com"),
    Source("DuckDuckGo", "Search", "duckduckgo.com com.duckduckgo.mobile.android", "ddg"),
    Source("Yahoo", "Search", "yahoo.* yahoo.co.jp"),
    Source("Ecosia", "Search", "ecosia.org com.ecosia.android"),
    Source("Qwant", "Search", "qwant.com"),
    Source("Startpage", "Search", "startpage.com ixquick.com"),
    Source("Brave Search", "Search", "search.brave.com", "brave"),
    Source("Yandex", "Search", "yandex.* ya.ru"),
    Source("Baidu", "Search", "baidu.com"),
    Source("Naver", "Search", "naver.com"),
    Source("Daum", "Search", "daum.net"),
    Source("Seznam", "Search", "seznam.cz"),
    Source("Sogou", "Search", "sogou.com"),
    Source("360 Search", "Search", "so.com"),
    Source("Kagi", "Search", "kagi.com"),
    Source("Mojeek", "Search", "mojeek.com"),
    Source("Swisscows", "Search", "swisscows.com swisscows.ch"),
    Source("MetaGer", "Search", "metager.org metager.de"),
    Source("Ask", "Search", "ask.com"),
    Source("AOL", "Search", "aol.com"),
    Source("T-Online", "Search", "suche.t-online.de"),
    Source("Petal Search", "Search", "petalsearch.com"),
    Source("Presearch", "Search", "presearch.com presearch.org"),
    Source("Cốc Cốc", "Search", "coccoc.com"),
    # Social
    Source("Facebook", "Social", "facebook.com fb.com fb.me com.facebook.katana", "fb meta"),
    Source("Messenger", "Social", "messenger.com m.me com.facebook.orca"),
    Source("Instagram", "Social", "instagram.com com.instagram.android", "ig insta"),
    Source("Threads", "Social", "threads.net threads.com com.instagram.barcelona"),
    Source("X", "Social", "x.com t.co twitter.com com.twitter.android", "twitter"),
    Source("LinkedIn", "Social", "linkedin.com lnkd.in com.linkedin.android", "li"),
    Source("Reddit", "Social", "reddit.com redd.it com.reddit.frontpage"),
    Source("YouTube", "Social", "youtube.com youtu.be com.google.android.youtube", "yt"),
    Source("Vimeo", "Social", "vimeo.com"),
    Source("Twitch", "Social", "twitch.tv"),
    Source("Pinterest", "Social", "pinterest.* pin.it com.pinterest"),
    Source("TikTok", "Social", "tiktok.com com.zhiliaoapp.musically com.ss.android.ugc.trill"),
    Source(
        "Mastodon",
        "Social",
        "mastodon.social mastodon.online mastodon.world mas.to mstdn.social mstdn.jp fosstodon.org "
        "hachyderm.io infosec.exchange techhub.social chaos.social social.tchncs.de ruby.social "
        "mathstodon.xyz indieweb.social piaille.fr framapiaf.org troet.cafe norden.social "
        "mastodon.art mastodon.cloud mstdn.ca aus.social org.joinmastodon.android",
    ),
    Source("Bluesky", "Social", "bsky.app bsky.social xyz.blueskyweb.app"),
    Source("Hacker News", "Social", "news.ycombinator.com hn.algolia.com", "hackernews hn"),
    Source("Lobsters", "Social", "lobste.rs"),
    Source("Lemmy", "Social", "lemmy.world lemmy.ml programming.dev feddit.de feddit.org"),
    Source("Product Hunt", "Social", "producthunt.com", "ph"),
    Source("Indie Hackers", "Social", "indiehackers.com"),
    Source("VK", "Social", "vk.com vk.ru com.vkontakte.android", "vkontakte"),
    Source("Odnoklassniki", "Social", "ok.ru"),
    Source("Weibo", "Social", "weibo.com weibo.cn t.cn"),
    Source("WeChat", "Social", "weixin.qq.com wechat.com com.tencent.mm", "weixin"),
    Source("Zhihu", "Social", "zhihu.com"),
    Source("Xiaohongshu", "Social", "xiaohongshu.com rednote.com", "rednote"),
    Source("WhatsApp", "Social", "whatsapp.com wa.me com.whatsapp"),
    Source("Telegram", "Social", "t.me telegram.org telegram.me org.telegram.messenger"),
    Source("Signal", "Social", "signal.org signal.me org.thoughtcrime.securesms"),
    Source("Discord", "Social", "discord.com discord.gg discordapp.com com.discord"),
    Source("Slack", "Social", "slack.com com.slack"),
    Source("Microsoft Teams", "Social", "teams.microsoft.com teams.live.com", "teams"),
    Source("LINE", "Social", "line.me jp.naver.line.android"),
    Source("KakaoTalk", "Social", "kakao.com com.kakao.talk"),
    Source("Snapchat", "Social", "snapchat.com com.snapchat.android", "snap"),
    Source("Quora", "Social", "quora.com"),
    Source("Tumblr", "Social", "tumblr.com"),
    Source("XING", "Social", "xing.com"),
    Source("Flipboard", "Social", "flipboard.com flip.it"),
    Source("Linktree", "Social", "linktr.ee"),
    # AI assistants
    Source("ChatGPT", "AI assistants", "chatgpt.com chat.openai.com com.openai.chatgpt", "openai"),
    Source("Claude", "AI assistants", "claude.ai com.anthropic.claude", "anthropic"),
    Source("Gemini", "AI assistants", "gemini.google.com bard.google.com", "bard"),
    Source("Copilot", "AI assistants", "copilot.microsoft.com m365.cloud.microsoft", "ms-copilot"),
    Source("Perplexity", "AI assistants", "perplexity.ai ai.perplexity.app.android"),
    Source("Le Chat", "AI assistants", "chat.mistral.ai", "mistral lechat"),
    Source("DeepSeek", "AI assistants", "chat.deepseek.com deepseek.com"),
    Source("Grok", "AI assistants", "grok.com x.ai"),
    Source("Meta AI", "AI assistants", "meta.ai"),
    Source("You.com", "AI assistants", "you.com"),
    Source("Poe", "AI assistants", "poe.com"),
    Source("Phind", "AI assistants", "phind.com"),
    Source("Kimi", "AI assistants", "kimi.com kimi.moonshot.cn", "moonshot"),
    Source("Qwen", "AI assistants", "chat.qwen.ai qwen.ai", "tongyi"),
    Source("Duck.ai", "AI assistants", "duck.ai"),
    Source("NotebookLM", "AI assistants", "notebooklm.google.com"),
    # E-mail
    Source("Gmail", "E-mail", "mail.google.com com.google.android.gm"),
    Source(
        "Outlook",
        "E-mail",
        "outlook.com outlook.live.com outlook.office.com outlook.office365.com "
        "outlook.cloud.microsoft com.microsoft.office.outlook",
        "hotmail",
    ),
    Source("Yahoo Mail", "E-mail", "mail.yahoo.com mail.yahoo.co.jp com.yahoo.mobile.client"),
    Source("Proton Mail", "E-mail", "mail.proton.me mail.protonmail.com", "proton"),
    Source("GMX", "E-mail", "gmx.net gmx.com gmx.de gmx.at gmx.ch"),
    Source("WEB.DE", "E-mail", "web.de"),
    Source("Fastmail", "E-mail", "fastmail.com"),
    Source("iCloud Mail", "E-mail", "icloud.com"),
    Source("Zoho Mail", "E-mail", "mail.zoho.com mail.zoho.eu"),
    Source("Mail.ru", "E-mail", "e.mail.ru"),
    Source("Orange Mail", "E-mail", "mail.orange.fr messagerie.orange.fr"),
    Source("Mailchimp", "E-mail", "mailchi.mp list-manage.com mailchimp.com"),
    Source("Substack", "E-mail", "substack.com"),
    Source("Newsletter", "E-mail", "", "email e-mail mail emailing mailing"),
    # Paid
    Source(
        "Google Ads",
        "Paid",
        "googleadservices.com doubleclick.net googlesyndication.com",
        "adwords gads google-ads google_ads",
    ),
    Source("Microsoft Ads", "Paid", "", "bingads bing-ads bing_ads"),
    Source("Taboola", "Paid", "taboola.com"),
    Source("Outbrain", "Paid", "outbrain.com"),
    Source("Criteo", "Paid", "criteo.com criteo.net"),
    # Referral: sites that many are linked from, and services of the above that are no search
    Source(
        "Google Workspace",
        "Referral",
        "docs.google.com drive.google.com sites.google.com classroom.google.com meet.google.com "
        "calendar.google.com groups.google.com chat.google.com keep.google.com",
    ),
    Source("Google News", "Referral", "news.google.com"),
    Source("Google Translate", "Referral", "translate.google.com translate.goog"),
    Source("Google sign-in", "Referral", "accounts.google.com"),
    Source("Yahoo News", "Referral", "news.yahoo.com finance.yahoo.com news.yahoo.co.jp"),
    Source("MSN", "Referral", "msn.com"),
    Source("GitHub", "Referral", "github.com github.io gist.github.com"),
    Source("GitLab", "Referral", "gitlab.com"),
    Source("Stack Overflow", "Referral", "stackoverflow.com"),
    Source("Stack Exchange", "Referral", "stackexchange.com superuser.com serverfault.com"),
    Source("Wikipedia", "Referral", "wikipedia.org"),
    Source("Medium", "Referral", "medium.com"),
    Source("DEV", "Referral", "dev.to"),
    Source("PyPI", "Referral", "pypi.org"),
    Source("Notion", "Referral", "notion.so notion.site"),
    Source("Trustpilot", "Referral", "trustpilot.com"),
)

NAMES: Final = frozenset(row.name for row in SOURCES)

_COUNTRIES: Final = (
    "ac ad ae af ag ai al am ao ar as at au az ba bd be bf bg bh bi bj bn bo br bs bt bw by bz ca "
    "cat cc cd cf cg ch ci ck cl cm cn co cr cu cv cy cz de dj dk dm do dz ec ee eg es et eu fi fj "
    "fm fr ga ge gf gg gh gi gl gm gp gr gt gy hk hn hr ht hu id ie il im in iq is it je jm jo jp "
    "ke kg kh ki kr kw kz la lb lc li lk ls lt lu lv ly ma md me mg mk ml mm mn mo mr ms mt mu mv "
    "mw mx my mz na ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pn pr ps pt py qa ro rs "
    "ru rw sa sb sc se sg sh si sk sl sm sn so sr st sv sz td tg th tj tk tl tm tn to tr tt tw tz "
    "ua ug uk us uy uz vc ve vg vi vn vu ws za zm zw"
)

_PAID: Final = (
    "cpc ppc cpm cpv cpa cpp cpl display banner banners retargeting remarketing ad ads advert "
    "advertising adwords sem interstitial programmatic native sponsored promoted expandable"
)
_EMAIL: Final = "email e-mail e_mail mail newsletter newsletters mailing emailing edm"
_SOCIAL: Final = (
    "social social-network social-media social_network social_media socialmedia sm "
    "organic-social organic_social"
)

_MEDIA: Final = {
    medium: name
    for name, media in (("Paid", _PAID), ("E-mail", _EMAIL), ("Social", _SOCIAL))
    for medium in media.split()
} | {"e mail": "E-mail", "social network": "Social", "social media": "Social"}


def _everywhere(host: str) -> list[str]:
    if not host.endswith(".*"):
        return [host]
    name = host.removesuffix("*")
    ends = [form + country for country in _COUNTRIES.split() for form in ("", "co.", "com.")]
    return [name + end for end in ("com", *ends)]


HOSTS: Final = {
    host: row for row in SOURCES for hosts in row.hosts.split() for host in _everywhere(hosts)
}
"""The rows by the hosts that they name; what is below a host is not here."""

_CAMPAIGNS: Final = {
    word: row
    for row in SOURCES
    for word in (row.name.lower(), row.name.lower().replace(" ", ""), *row.campaigns.split())
}
