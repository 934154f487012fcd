"""JSON Feed 1.1. Source: https://www.jsonfeed.org/version/1.1/"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from digest.feeds.model import Entry, Feed
from digest.xml import cleaned


class Author(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who wrote an item or publishes the feed."""

    name: str
    url: str = ""


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item as the format names its parts; what is empty is left out."""

    id: str
    url: str
    title: str
    content_html: msgspec.UnsetType | str = msgspec.UNSET
    content_text: msgspec.UnsetType | str = msgspec.UNSET
    external_url: str = ""
    summary: str = ""
    image: str = ""
    date_published: str
    date_modified: str
    authors: tuple[Author, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""


class JsonFeed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A feed as the format names its parts; ``items`` are encoded already."""

    version: str
    title: str
    home_page_url: str
    feed_url: str
    description: str = ""
    icon: str = ""
    authors: tuple[Author, ...]
    language: str = ""
    items: tuple[msgspec.Raw, ...]


def item(entry: Entry) -> bytes:
    """One item, written once for all feeds it stands in."""
    text = cleaned(entry.content) if entry.content else msgspec.UNSET
    plain = msgspec.UNSET if entry.content else cleaned(entry.summary or entry.title)
    made = Item(
        id=entry.id,
        url=entry.url,
        title=cleaned(entry.title),
        content_html=text,
        content_text=plain,
        external_url=entry.source,
        summary=cleaned(entry.summary),
        image=entry.image,
        date_published=entry.published.isoformat(timespec="seconds"),
        date_modified=entry.updated.isoformat(timespec="seconds"),
        authors=tuple(Author(name=cleaned(name)) for name in entry.authors),
        tags=tuple(map(cleaned, entry.categories)),
        language=entry.language,
    )
    return msgspec.json.encode(made)


def feed(head: Feed, items: Sequence[bytes]) -> bytes:
    """The whole feed of what ``item`` made."""
    made = JsonFeed(
        version="https://jsonfeed.org/version/1.1",
        title=cleaned(head.title),
        home_page_url=head.home,
        feed_url=head.address,
        description=cleaned(head.description),
        icon=head.icon,
        authors=(Author(name=cleaned(head.author), url=head.author_url),),
        language=head.language,
        items=tuple(map(msgspec.Raw, items)),
    )
    return msgspec.json.encode(made) + b"\n"
