"""RSS 2.0 with full texts.

Source: https://www.rssboard.org/rss-specification, https://www.rssboard.org/rss-profile
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element

from markupsafe import escape

from digest.feeds.model import GENERATOR, TYPES, Entry, Feed
from digest.xml import add, document, fragment, place, root

_NAMESPACES = {
    "version": "2.0",
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}


def item(entry: Entry) -> bytes:
    """One item; written once for all feeds it stands in."""
    made = Element("item")
    add(made, "title", entry.title)
    add(made, "link", entry.url)
    add(made, "guid", entry.id, isPermaLink="false")
    add(made, "pubDate", _date(entry.published))
    add(made, "description", str(escape(entry.summary or entry.title)))
    if entry.content:
        add(made, "content:encoded", entry.content)
    for author in entry.authors:
        add(made, "dc:creator", author)
    for category in entry.categories:
        add(made, "category", category)
    if entry.language:
        add(made, "dc:language", entry.language)
    return fragment(made)


def feed(head: Feed, items: Sequence[bytes]) -> bytes:
    """The whole feed of what ``item`` made."""
    top = root("rss", _NAMESPACES)
    channel = add(top, "channel")
    add(channel, "title", head.title)
    add(channel, "link", head.home)
    add(channel, "description", head.description or head.title)
    add(channel, "language", head.language)
    add(channel, "lastBuildDate", _date(head.updated))
    add(channel, "generator", GENERATOR)
    add(channel, "atom:link", href=head.address, rel="self", type=TYPES["feed.xml"])
    place(channel)
    return document(top, instructions(head), items)


def instructions(head: Feed) -> list[tuple[str, str]]:
    """The style sheet for browsers that show the feed itself."""
    sheet = escape(head.stylesheet)
    return [("xml-stylesheet", f'type="text/css" href="{sheet}"')] if sheet else []


def _date(instant: datetime) -> str:
    """RFC 822 with a year of four digits: ``Sun, 13 Feb 2022 09:15:00 +0700``."""
    return format_datetime(instant)
