"""Sitemaps, the news sitemap and robots.txt: what stands in them. ``write`` writes the XML.

Source: https://www.sitemaps.org/protocol.html,
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap, RFC 9309.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

MOST = 50_000
"""URLs a file may hold."""
LARGEST = 50_000_000
"""Bytes a file may hold: 50 MB, with room to 50 MiB."""
_FRAME = 200
"""Bytes that stand around a URL and its date, at most; and in front of the first."""
MOST_NEWS = 1000
"""Articles a news sitemap may hold."""
FRESH = timedelta(hours=48)
"""How long an article is news."""


class Location(msgspec.Struct, frozen=True, array_like=True):
    """A page: its absolute address, and when its content last changed (ISO 8601, "" unknown)."""

    url: str
    modified: str = ""


class NewsItem(msgspec.Struct, frozen=True, kw_only=True):
    """An article that is news; ``language`` is a code of two or three letters."""

    url: str
    title: str
    published: datetime
    publication: str
    language: str


def parts(
    locations: Sequence[Location], most: int = MOST, largest: int = LARGEST
) -> list[tuple[Location, ...]]:
    """The files of a sitemap, oldest first; ``locations`` stand newest first.

    Counted from the oldest, so that a new page changes the last file only. At least one.
    """
    found: list[list[Location]] = [[]]
    size = _FRAME
    for location in reversed(locations):
        own = len(location.url.encode()) * 5 + _FRAME  # an ampersand takes five bytes
        if len(found[-1]) == most or (found[-1] and size + own > largest):
            found.append([])
            size = _FRAME
        found[-1].append(location)
        size += own
    return [tuple(reversed(part)) for part in found]


def is_news(published: datetime, now: datetime) -> bool:
    """Whether an article of that time is news at ``now``."""
    return published <= now < published + FRESH


def robots(sitemaps: Iterable[str]) -> bytes:
    """Everybody may read everything; here are the sitemaps."""
    lines = ["User-agent: *", "Allow: /", "", *(f"Sitemap: {url}" for url in sitemaps), ""]
    return "\n".join(lines).encode()
