"""Writes the XML of sitemaps; apart, so that a build without a new one loads no XML library."""

from __future__ import annotations

from collections.abc import Iterable

from digest.sitemaps import Location, NewsItem
from digest.xml import add, document, root

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def sitemap(locations: Iterable[Location]) -> bytes:
    """A file of pages."""
    return _listed("urlset", "url", locations)


def index(files: Iterable[Location]) -> bytes:
    """A file of sitemaps."""
    return _listed("sitemapindex", "sitemap", files)


def _listed(top: str, tag: str, locations: Iterable[Location]) -> bytes:
    made = root(top, {"xmlns": _NAMESPACE})
    for location in locations:
        one = add(made, tag)
        add(one, "loc", location.url)
        if location.modified:
            add(one, "lastmod", location.modified)
    return document(made)


def news(items: Iterable[NewsItem]) -> bytes:
    """A file of the news; without any it is still valid."""
    made = root("urlset", {"xmlns": _NAMESPACE, "xmlns:news": _NEWS})
    for item in items:
        one = add(made, "url")
        add(one, "loc", item.url)
        story = add(one, "news:news")
        publication = add(story, "news:publication")
        add(publication, "news:name", item.publication)
        add(publication, "news:language", item.language)
        add(story, "news:publication_date", item.published.isoformat(timespec="seconds"))
        add(story, "news:title", item.title)
    return document(made)
