"""Feeds of the site, its tags and categories, and the page that explains them.

A ``Channel`` is a feed of whatever entries; ``feed_files`` makes its three files, so further kinds
of feeds need only entries of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

import msgspec
from markupsafe import Markup, escape

from digest.feeds.content import Portable
from digest.feeds.ids import entry_name, urn
from digest.feeds.model import TYPES, Entry, Feed
from digest.model import Article, Site, Term
from digest.pace import breathe
from digest.plan.articles import tags_of
from digest.plan.files import File, made_file
from digest.plan.keys import Keys
from digest.plan.pieces import Piece, Pieces
from digest.plan.printer import (
    Edition,
    Printer,
    feed_url,
    has_edition_feed,
    has_feeds,
    language,
    terms_with_feeds,
)
from digest.urls import absolute
from digest.views import Feed as FeedView
from digest.views import FeedsView, Html, Link


class Channel(msgspec.Struct, frozen=True, eq=False):
    """A feed that is to be made.

    ``name`` is what its id is made from and must stay; ``url`` is the page of the same list, below
    which its files lie; ``key`` makes a digest of what the entries are made from; ``drafts`` are
    those, at least one.
    """

    name: str
    title: str
    description: str
    url: str
    owner: str
    key: Callable[[], bytes]
    drafts: Callable[[], Sequence[Draft]]


class Draft(msgspec.Struct, frozen=True, eq=False):
    """An entry that is to be made: ``path`` is that of its file; ``updated`` as in the entry."""

    path: str
    updated: datetime
    make: Callable[[], Entry]


class Writer:
    """Writes feeds. State: the items that were made, for the next feed that holds one."""

    def __init__(self, edition: Edition, stylesheet: str, pieces: Pieces) -> None:
        self.edition, self._pieces = edition, pieces
        self._stylesheet = stylesheet
        self._base = edition.config.base_url
        # No method of its own: that would be a circle, which keeps a whole site in memory.
        self.printer = Printer(edition, partial(absolute, self._base))
        self._portable = Portable()

    def address(self, url: str) -> str:
        """The absolute address of a path of the site."""
        return absolute(self._base, url)

    def id(self, name: str) -> str:
        """The id of what is called so."""
        return urn(self.edition.config.feeds.id_base or self._base, name)

    def write(self, channel: Channel, name: str) -> bytes:
        """The file ``name`` of a feed."""
        from digest.feeds.formats import FORMATS  # lazy: an XML library

        config, drafts = self.edition.config, channel.drafts()
        head = Feed(
            id=self.id(channel.name),
            title=channel.title,
            description=channel.description,
            home=self.address(channel.url),
            address=self.address(feed_url(channel.url, name)),
            language=self.edition.locale.language,
            author=config.title,
            author_url=self.address("/"),
            updated=max(draft.updated for draft in drafts),
            stylesheet=self.address(self._stylesheet) if self._stylesheet else "",
        )
        number = list(FORMATS).index(name)
        items = [self._pieces.get(piece, number) for piece in pieces_of(drafts)]
        written: bytes = FORMATS[name].feed(head, items)
        return written

    def draft(self, article: Article) -> Draft:
        """An article for feeds."""
        return Draft(article.path, article.modified, partial(self.entry, article))

    def entry(self, article: Article) -> Entry:
        """An article as feeds carry it."""
        config, front, printer = self.edition.config, article.front, self.printer
        category = self.edition.site.categories.get(article.category)
        kanal = [category.name] if category else []
        names = self.edition.site.names
        lead = printer.lead(article)
        source = next(iter(article.sources), None)
        full = config.feeds.content == "full"
        return Entry(
            id=self.id(entry_name(config.content, article.path, front.id)),
            url=self.address(article.url),
            title=article.title,
            summary=article.summary,
            content=self._content(article) if full else "",
            published=article.date,
            updated=article.modified,
            authors=tuple(names["author"][key] for key in article.writers),
            categories=(*kanal, *(term.name for term in tags_of(self.edition, article))),
            language=language(front.lang),
            source=(source.url or "") if source else "",
            source_name=next(iter(self.source_names(article)), ""),
            image=self.address(lead.src) if lead else "",
        )

    def source_names(self, article: Article) -> list[str]:
        """Who reported an article, as the register calls them."""
        names = self.edition.site.names["source"]
        return [names[key] for key in article.outlets]

    def portable(self, html: str, url: str) -> str:
        """A text as it can be read elsewhere; ``url`` is the page it is from."""
        return self._portable.clean(html, self.address(url))

    def _content(self, article: Article) -> str:
        """The text without Baca Juga, between its labels and image and its sources."""
        printer, prose = self.printer, self.edition.prose(article.content)
        dateline = article.front.dateline or ""
        parts = printer.body(article.path, prose, dateline, iter(()))
        body = "".join(part.html for part in parts if isinstance(part, Html))
        html = "".join((self._before(article), body, self._after(article)))
        return self.portable(html, article.url)

    def _before(self, article: Article) -> Markup:
        labels = [label.text for label in self.printer.labels(article)]
        html = Markup("<p><strong>{}</strong></p>\n").format(" · ".join(labels)) if labels else ""
        lead = self.printer.lead(article)
        if lead is not None:
            size = Markup(' width="{}" height="{}"').format(lead.width, lead.height)
            html += Markup('<figure><img src="{}" alt="{}"{}>').format(
                lead.src, lead.alt, size if lead.width else ""
            )
            caption = " ".join(text for text in (lead.caption, lead.credit) if text)
            html += Markup("<figcaption>{}</figcaption>").format(caption) if caption else ""
            html += Markup("</figure>\n")
        return Markup(html)  # noqa: S704 - every value in it is escaped

    def _after(self, article: Article) -> Markup:
        t, html = self.edition.locale.t, Markup()
        for correction in article.front.corrections:
            name = t(f"correction_{correction.kind.replace('-', '_')}")
            day = self.edition.locale.when(correction.at).day
            line = Markup("<p><strong>{} ({})</strong>: {}</p>\n")
            html += line.format(name, day, correction.text)
        links = [
            Markup('<a href="{}">{}</a>').format(source.url, name) if source.url else escape(name)
            for source, name in zip(article.sources, self.source_names(article), strict=True)
        ]
        if links:
            html += Markup("<p>{}: {}</p>\n").format(t("source"), Markup(", ").join(links))
        return html


def feed_files(writer: Writer, channel: Channel) -> Iterator[File]:
    """The three files of a feed."""
    said, pieces = _Said(channel), partial(_pieces, channel)
    for name in TYPES:
        url, make = feed_url(channel.url, name), partial(writer.write, channel, name)
        yield made_file(url, "feed", channel.owner, partial(said.key, name), make, pieces)


class _Said:
    """A digest of what all formats of a feed say, made once."""

    __slots__ = ("_channel", "_digest")

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._digest = b""

    def key(self, name: str) -> bytes:
        """The same for one format."""
        if not self._digest:
            one = self._channel
            self._digest = Keys.of(one.name, one.title, one.description, one.url, one.key())
        return self._digest + name.encode()


def pieces_of(drafts: Sequence[Draft]) -> list[Piece]:
    """The items of a feed."""
    return [Piece(draft.path, partial(_items, draft.make)) for draft in drafts]


def _pieces(channel: Channel) -> list[Piece]:
    return pieces_of(channel.drafts())


def _items(make: Callable[[], Entry]) -> tuple[bytes, ...]:
    """An entry in each format."""
    from digest.feeds.formats import FORMATS  # lazy: an XML library

    entry = make()
    return tuple(form.item(entry) for form in FORMATS.values())


def article_channels(writer: Writer, keys: Keys) -> Iterator[Channel]:
    """The feeds of the site, of its categories and of its tags."""
    edition = writer.edition
    config, known = edition.config, _EntryKeys(keys)

    def channel(
        name: str, title: str, about: str, url: str, owner: str, picks: tuple[Article, ...]
    ) -> Channel:
        key = partial(known.all_of, picks)
        return Channel(name, title, about, url, owner, key, partial(_drafts, writer, picks))

    if has_feeds(edition):
        picks = edition.site.articles[: config.feeds.items]
        about = config.description or config.tagline
        yield channel("site", config.title, about, "/", "the feed of the site", picks)
    for term in terms_with_feeds(edition):
        about = (term.front.description if term.front else "") or ""
        title, picks = f"{term.name} – {config.title}", term.articles[: config.feeds.term_items]
        owner = f"the feed of the {term.kind} {term.name!r}"
        yield channel(f"{term.kind}/{term.key}", title, about, term.url, owner, picks)


def _drafts(writer: Writer, picks: tuple[Article, ...]) -> list[Draft]:
    return [writer.draft(article) for article in picks]


class _EntryKeys:
    """A digest of what ``Writer.entry`` reads of an article, made once for all feeds."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._made: dict[str, bytes] = {}

    def all_of(self, articles: Iterable[Article]) -> bytes:
        """The digest of several articles."""
        return self._keys.joined([self.of(article) for article in articles])

    def of(self, article: Article) -> bytes:
        """The digest of one article."""
        made = self._made.get(article.path)
        if made is None:
            made = self._made[article.path] = self._key(article)
        return made

    def _key(self, article: Article) -> bytes:
        breathe()
        keys, edition = self._keys, self._keys.edition
        category = edition.site.categories.get(article.category)
        parts = [
            article.content.key,
            keys.of(article.state, article.url),
            keys.references(article.content),
            keys.terms[category.url] if category else b"none",
            *(keys.terms[term.url] for term in tags_of(edition, article)),
            *(keys.outlets[key] for key in article.outlets),
            *(keys.people[key] for key in article.writers),
        ]
        return keys.joined(parts)


def feeds_view(printer: Printer) -> FeedsView:
    """The page that explains the feeds and lists them."""
    edition, url = printer.edition, printer.edition.config.permalinks.feeds
    title, terms = edition.locale.t("feeds"), terms_with_feeds(printer.edition)
    return FeedsView(
        head=printer.head(title, url, description=edition.locale.t("feeds_text")),
        title=title,
        url=printer.href(url),
        breadcrumbs=printer.crumbs(Link(title=title, url=url)),
        main=printer.feed(edition.config.title, "/") if has_feeds(edition) else None,
        editions=printer.feed(edition.locale.t("editions"), edition.config.permalinks.editions)
        if has_edition_feed(edition)
        else None,
        categories=_listed(printer, terms, "category"),
        tags=_listed(printer, terms, "tag"),
    )


def _listed(printer: Printer, terms: list[Term], kind: str) -> tuple[FeedView, ...]:
    return tuple(printer.feed(term.name, term.url) for term in terms if term.kind == kind)


def feeds_key(keys: Keys) -> bytes:
    """A digest of everything ``feeds_view`` reads beside the settings of the site."""
    terms = terms_with_feeds(keys.edition)
    main = has_feeds(keys.edition), has_edition_feed(keys.edition)
    return keys.of(main, [(term.kind, term.name, term.url) for term in terms])


def twins(site: Site, content: str) -> Iterator[tuple[Article, Article]]:
    """Articles that would have one id."""
    every = (*site.articles, *site.withdrawn)
    if not any(article.front.id for article in every):
        return
    known: dict[str, Article] = {}
    for article in sorted(every, key=lambda article: article.path):
        name = entry_name(content, article.path, article.front.id)
        if name in known:
            yield known[name], article
        known.setdefault(name, article)
