"""What a feed is, whatever its format. All addresses are absolute, all instants have an offset."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One item. ``content`` is HTML, everything else plain text.

    ``id`` never changes (see ``ids``); ``source`` is the report that is retold, "" when its
    address is not known; ``language`` is "" when it is the feed's.
    """

    id: str
    url: str
    title: str
    summary: str
    content: str
    published: datetime
    updated: datetime
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    source: str = ""
    source_name: str = ""
    image: str = ""


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of entries, newest first, is called, and when one of them was ``updated`` last.

    ``home`` is the page of the same list, ``address`` the feed's own; ``author`` stands for entries
    that name none; ``stylesheet`` and ``icon`` may be "".
    """

    id: str
    title: str
    description: str
    home: str
    address: str
    language: str
    author: str
    author_url: str
    updated: datetime
    stylesheet: str = ""
    icon: str = ""


GENERATOR = "digest"

TYPES = {
    "feed.xml": "application/rss+xml",
    "atom.xml": "application/atom+xml",
    "feed.json": "application/feed+json",
}
"""The media type of each format, by the name of its files."""
