"""Sitemaps, the news sitemap and robots.txt: what stands in them. ``write`` writes the XML.

Source: https://www.sitemaps.org/protocol.html,
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap, RFC 9309.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

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


class Addressed(Protocol):
    """What stands in a sitemap under an address, whole or without that of the site."""

    @property
    def url(self) -> str: ...  # noqa: D102 - the class says it


_Page = TypeVar("_Page", bound=Addressed)


def parts(
    pages: Sequence[_Page], site: int = 0, most: int = MOST, largest: int = LARGEST
) -> list[tuple[_Page, ...]]:
    """The files of a sitemap, oldest first; ``pages`` stand newest first.

    ``site`` is the number of letters in front of every address. Counted from the oldest, so that a
    new page changes the last file only. At least one.
    """
    found: list[list[_Page]] = [[]]
    size = _FRAME
    for page in reversed(pages):
        # An ampersand takes five bytes, and any other that is escaped three.
        own = (site + len(page.url.encode())) * 5 + _FRAME
        if len(found[-1]) == most or (found[-1] and size + own > largest):
            found.append([])
            size = _FRAME
        found[-1].append(page)
        size += own
    return [tuple(reversed(part)) for part in found]


def is_news(published: datetime, now: datetime) -> bool:
    """Whether an article of that time is news at ``now``."""
    return published <= now < published + FRESH


def robots(sitemaps: Iterable[str]) -> bytes:
    """Everybody may read everything; here are the sitemaps."""
    lines = ["User-agent: *", "Allow: /", "", *(f"Sitemap: {url}" for url in sitemaps), ""]
    return "\n".join(lines).encode()
