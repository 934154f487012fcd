"""Turns values of the site into views, with URLs and dates ready to print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from weakref import ref

import msgspec
from markupsafe import escape

from digest.config import Config
from digest.locale import Locale
from digest.model import (
    AnyContent,
    Article,
    DatelineSlot,
    ImageSlot,
    Linked,
    LinkSlot,
    Page,
    Picture,
    Prose,
    Relations,
    Site,
    Term,
    TitleSlot,
)
from digest.urls import Href, absolute, relative, rooted
from digest.views import Card, Head, Html, Image, Label, Link, Related, TermLink, When
from digest.views import Heading as HeadingView
from digest.views import Site as SiteView
from digest.views import Term as TermView


class Edition:
    """All that pages draw on: one object for a whole build. Read-only but for its cache.

    ``prose`` finds what a page prints of a text, which is not held in memory.
    """

    def __init__(
        self,
        *,
        config: Config,
        locale: Locale,
        site: Site,
        linked: Linked,
        related: Relations,
        now: datetime,
        prose: Callable[[AnyContent], Prose],
    ) -> None:
        self.config, self.locale, self.site = config, locale, site
        self.linked, self.related, self.now = linked, related, now
        self.prose = prose
        nodes: list[Article | Page] = [*site.articles, *site.withdrawn, *site.pages]
        self.by_path = {node.path: node for node in nodes}
        self._shared = None if config.relative_urls else Printer(self, rooted(config.prefix))

    def printer(self, url: str, *, fixed: bool = False) -> Printer:
        """The printer for the page at ``url``; ``fixed`` pages are shown at any address (404)."""
        if self._shared is not None:
            return self._shared
        return Printer(self, rooted(self.config.prefix) if fixed else relative(url))


class Printer:
    """Builds views for pages that share a way of writing links; caches cards."""

    def __init__(self, edition: Edition, href: Href) -> None:
        self._edition, self.href = ref(edition), href
        self.locale, self._config = edition.locale, edition.config
        self._cards: dict[Article, Card] = {}
        self._dates: dict[Article, When] = {}
        self._terms: dict[str, TermLink] = {}
        self._sites: dict[str, SiteView] = {}

    @property
    def edition(self) -> Edition:
        """The edition it prints, which outlives it.

        It holds its printer, so that a reference back would keep a whole site in memory after
        its last use.
        """
        edition = self._edition()
        assert edition is not None  # noqa: S101 - whoever prints holds the edition
        return edition

    # small views

    def when(self, instant: datetime | None, node: Article | Page, place: str) -> When | None:
        """A date of the front matter of ``node`` that stands there at ``place``."""
        if instant is None:
            return None
        return self.locale.when(instant, date_only=place in node.days)

    def published(self, article: Article) -> When:
        """The date of an article, linked to its day in the archive."""
        when = self._dates.get(article)
        if when is None:
            listed = article.state != "withdrawn"
            url = self.href(day_url(self._config.permalinks.archive, article)) if listed else ""
            when = self.locale.when(article.date, date_only="date" in article.days, url=url)
            self._dates[article] = when
        return when

    def term(self, term: Term) -> TermView:
        """A tag or category as overviews show it."""
        description = (term.front.description if term.front else "") or ""
        return TermView(
            name=term.name,
            url=self.href(term.url),
            count=len(term.articles),
            description=description,
        )

    def term_link(self, term: Term) -> TermLink:
        """A tag or category as articles and cards name it."""
        if term.url not in self._terms:
            self._terms[term.url] = TermLink(name=term.name, url=self.href(term.url))
        return self._terms[term.url]

    def card(self, article: Article) -> Card:
        """An article as lists show it."""
        card = self._cards.get(article)
        if card is None:
            card = self._cards[article] = self._card(article)
        return card

    def cards(self, articles: Iterable[Article]) -> tuple[Card, ...]:
        """Cards in the given order."""
        return tuple(map(self.card, articles))

    def _card(self, article: Article) -> Card:
        category = self.edition.site.categories.get(article.category)
        return Card(
            title=article.title,
            url=self.href(article.url),
            summary=article.summary,
            date=self.published(article),
            category=self.term_link(category) if category else None,
            image=self.lead(article),
            source=article.sources[0].name if article.sources else "",
            minutes=minutes(article.content.words),
            labels=self.labels(article),
            language=language(article.front.lang),
        )

    def lead(self, node: Article | Page) -> Image | None:
        """The lead image of an article or page."""
        picture = self.edition.linked.leads.get(node.path)
        front = node.front.image
        if picture is None or front is None:
            return None
        return Image(
            src=self.href(picture.url),
            alt=front.alt,
            width=picture.width,
            height=picture.height,
            caption=front.caption or "",
            credit=front.credit or "",
        )

    def labels(self, article: Article) -> tuple[Label, ...]:
        """The marks of an article: what press rules ask for, and its state in a preview."""
        front, t = article.front, self.locale.t
        labels = []
        if front.sponsored:
            labels.append(Label(kind="sponsored", text=t(f"label_{front.sponsored}")))
        if front.verification == "unverified":
            labels.append(Label(kind="unverified", text=t("label_unverified")))
        if front.ai:
            labels.append(Label(kind="ai", text=t(f"label_ai_{front.ai}")))
        if article.state != "published":
            labels.append(Label(kind=article.state, text=t(f"label_{article.state}")))
        return tuple(labels)

    def link(self, node: Article | Page) -> Link:
        """A titled link to an article or page."""
        return Link(title=node.title, url=self.href(node.url))

    def headings(self, prose: Prose) -> tuple[HeadingView, ...]:
        """The table of contents."""
        return tuple(HeadingView(level=h.level, id=h.id, title=h.title) for h in prose.headings)

    # the frame of every page

    def site(self, section: str) -> SiteView:
        """The site's frame with the menu entry of the path ``section`` marked."""
        if section not in self._sites:
            self._sites[section] = self._site(section)
        return self._sites[section]

    def _site(self, section: str) -> SiteView:
        config, site = self._config, self.edition.site
        pages = [page for page in site.pages if page.front.weight is not None]
        pages.sort(key=lambda page: (page.front.weight, page.path))
        kanal = [Link(title=t.name, url=t.url) for t in site.categories.values() if t.articles]
        extra = [Link(title=item.title, url=item.url) for item in config.menu]
        footer = [Link(title=page.title, url=page.url) for page in pages]
        return SiteView(
            title=config.title,
            tagline=config.tagline,
            description=config.description,
            home=self.href("/"),
            base=absolute(config.base_url, "/"),
            language=self.locale.language,
            direction=self.locale.catalog.direction,
            year=self.edition.now.astimezone(self.locale.zone).year,
            menu=self._menu([*kanal, *extra], section),
            footer=self._menu(footer, section),
            archive=self.href(config.permalinks.archive) if site.articles else "",
            tags=self.href(config.permalinks.tags) if site.tags else "",
        )

    def _menu(self, links: Iterable[Link], section: str) -> tuple[Link, ...]:
        return tuple(
            Link(title=link.title, url=self.href(link.url), current=link.url == section)
            for link in links
        )

    def head(
        self,
        title: str,
        url: str,
        *,
        description: str = "",
        noindex: bool = False,
        newer: str = "",
        older: str = "",
    ) -> Head:
        """The head of a plain page: its canonical address is its own."""
        config = self._config
        name = f"{title} – {config.title}" if title != config.title else config.title
        return Head(
            title=name,
            description=description or config.description or config.tagline,
            canonical=absolute(config.base_url, url),
            og_locale=self.locale.tag,
            robots="noindex" if noindex else "",
            newer=absolute(config.base_url, newer) if newer else "",
            older=absolute(config.base_url, older) if older else "",
        )

    def with_image(self, head: Head, node: Article | Page) -> Head:
        """The head with the lead image of ``node``, which social networks show."""
        picture, front = self.edition.linked.leads.get(node.path), node.front.image
        if picture is None or front is None:
            return head
        return msgspec.structs.replace(
            head,
            image=absolute(self._config.base_url, picture.url),
            image_alt=front.alt,
            image_width=picture.width,
            image_height=picture.height,
        )

    def crumbs(self, *links: Link) -> tuple[Link, ...]:
        """Breadcrumbs from the home page; the last link is the page itself."""
        inner = [Link(title=link.title, url=self.href(link.url)) for link in links[:-1]]
        last = Link(title=links[-1].title, url=self.href(links[-1].url), current=True)
        return (self._home, *inner, last)

    @cached_property
    def _home(self) -> Link:
        return Link(title=self.locale.t("home"), url=self.href("/"))

    # body

    def body(
        self, path: str, prose: Prose, dateline: str, blocks: Iterator[tuple[Card, ...]]
    ) -> tuple[Html | Related, ...]:
        """The parts of a body with every slot filled; ``blocks`` are the Baca Juga blocks."""
        links = self.edition.linked.links.get(path, ())
        pictures = self.edition.linked.pictures.get(path, ())
        parts: list[Html | Related] = []
        text: list[str] = []
        if dateline and not any(isinstance(part, DatelineSlot) for part in prose.parts):
            text.append(f'<p><span class="dateline">{escape(dateline)}</span></p>\n')
        for part in prose.parts:
            if isinstance(part, str):
                text.append(part)
            elif isinstance(part, LinkSlot):
                text.append(escape(self.href(links[part.index].url)))
            elif isinstance(part, TitleSlot):
                text.append(escape(links[part.index].title))
            elif isinstance(part, ImageSlot):
                text.append(self._source(pictures[part.index]))
            elif isinstance(part, DatelineSlot):
                text.append(_dateline(dateline))
            else:
                items = next(blocks, ())
                if items:
                    parts += [Html(html="".join(text)), Related(items=items)]
                    text = []
        parts.append(Html(html="".join(text)))
        return tuple(part for part in parts if not isinstance(part, Html) or part.html.strip())

    def _source(self, picture: Picture) -> str:
        """The value of ``src``, closed, with the size as further attributes left open."""
        src = escape(self.href(picture.url))
        if not picture.width:
            return src
        return f'{src}" width="{picture.width}" height="{picture.height}'


def _dateline(place: str) -> str:
    return f'<span class="dateline">{escape(place)}</span> – ' if place else ""


def language(tag: str | None) -> str:
    """A language tag as HTML wants it: ``id-ID``; "" for none."""
    return (tag or "").replace("_", "-")


def minutes(words: int) -> int:
    """Reading time at 200 words a minute, at least one minute.

    Source: Brysbaert 2019, "How many words do we read per minute?", 238 for English non-fiction;
    Indonesian words are longer.
    """
    return max(1, round(words / 200))


def day_url(archive: str, article: Article) -> str:
    """The archive page of an article's day; its date is already in the site's zone."""
    date = article.date
    return f"{archive}{date.year:04}/{date.month:02}/{date.day:02}/"
