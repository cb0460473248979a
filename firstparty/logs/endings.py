"""What a path without a content type is likely to be: a page, a text for machines, or a file."""

from __future__ import annotations

from typing import Final

from firstparty.headers import FILES

Headers = tuple[tuple[bytes, bytes], ...]

HTML: Final = ((b"content-type", b"text/html"),)
FEED: Final = ((b"content-type", b"application/xml"),)
OTHER: Final = ((b"content-type", b"application/octet-stream"),)

_FEEDS: Final = frozenset(b"atom md rss xml".split())
_FILES: Final = frozenset(
    (
        # parts of pages
        b"css js mjs cjs map json jsonld webmanifest wasm ts"
        b" avif bmp cur gif ico jpe jpeg jpg png svg svgz tif tiff webp"
        b" eot otf ttf woff woff2"
        # what is played
        b" aac avi flac m3u8 m4a m4s m4v mkv mov mp3 mp4 mpd mpeg mpg oga ogg ogv opus vtt wav webm"
        # what is fetched
        b" 7z apk appimage bin br bz2 cab deb dmg exe gz iso jar msi msix pkg rar rpm tar tgz xz"
        b" zip zst csv dat doc docx eml epub ics key log mobi odp ods odt pdf ppt pptx ps rtf sql"
        b" tsv txt vcf xls xlsx yaml yml bak conf env ini"
    ).split()
)


def guessed(path: bytes) -> Headers:
    """The headers that the response will have had; `/docs/v1.2` ends with nothing known."""
    end = path.rpartition(b".")[2].lower()
    if end in _FILES:
        return OTHER
    return FEED if end in _FEEDS else HTML


def part(target: bytes) -> bool:
    """Whether a target is likely a part of a page, or a file that is no page."""
    path = target.partition(b"?")[0]
    return path.rpartition(b".")[2].lower() in _FILES and path not in _MACHINES


_MACHINES: Final = frozenset(name.encode() for name in FILES)
"""Files that are there for machines."""
