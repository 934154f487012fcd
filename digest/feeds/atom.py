"""Atom. Source: RFC 4287."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element

from digest.feeds.model import GENERATOR, TYPES, Entry, Feed
from digest.feeds.rss import instructions
from digest.xml import add, document, fragment, place, root


def item(entry: Entry) -> bytes:
    """One entry; written once for all feeds it stands in."""
    made = Element("entry", {"xml:lang": entry.language} if entry.language else {})
    add(made, "id", entry.id)
    add(made, "title", entry.title, type="text")
    add(made, "updated", _date(entry.updated))
    add(made, "published", _date(entry.published))
    add(made, "link", rel="alternate", type="text/html", href=entry.url)
    if entry.source:
        add(made, "link", rel="via", href=entry.source, title=entry.source_name)
    for author in entry.authors:
        add(add(made, "author"), "name", author)
    for category in entry.categories:
        add(made, "category", term=category)
    if entry.summary:
        add(made, "summary", entry.summary, type="text")
    if entry.content:
        add(made, "content", entry.content, type="html")
    return fragment(made)


def feed(head: Feed, items: Sequence[bytes]) -> bytes:
    """The whole feed of what ``item`` made."""
    language = {"xml:lang": head.language} if head.language else {}
    top = root("feed", {"xmlns": "http://www.w3.org/2005/Atom", **language})
    add(top, "id", head.id)
    add(top, "title", head.title, type="text")
    if head.description:
        add(top, "subtitle", head.description, type="text")
    add(top, "updated", _date(head.updated))
    add(top, "link", rel="alternate", type="text/html", href=head.home)
    add(top, "link", rel="self", type=TYPES["atom.xml"], href=head.address)
    author = add(top, "author")
    add(author, "name", head.author)
    add(author, "uri", head.author_url)
    add(top, "generator", GENERATOR)
    if head.icon:
        add(top, "icon", head.icon)
    place(top)
    return document(top, instructions(head), items)


def _date(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
