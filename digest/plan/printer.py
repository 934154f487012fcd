"""Turns values of the site into views, with URLs and dates ready to print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote
from weakref import ref

import msgspec
from markupsafe import escape

from digest import images
from digest.config import Config
from digest.feeds.model import TYPES
from digest.locale import Locale
from digest.model import (
    AnyContent,
    Article,
    DatelineSlot,
    ImageSlot,
    Issue,
    Linked,
    LinkSlot,
    Page,
    Picture,
    Prose,
    Relations,
    Site,
    Term,
    TermKind,
    TitleSlot,
    Version,
)
from digest.once import once
from digest.plan import indexes
from digest.plan.figures import Figure
from digest.structured import Top
from digest.urls import Href, absolute, beside, numbered, relative, rooted
from digest.views import (
    Alternate,
    Card,
    Feed,
    FeedLink,
    Head,
    Html,
    Icon,
    Image,
    ImageSource,
    Label,
    Link,
    Related,
    TermLink,
    When,
)
from digest.views import Heading as HeadingView
from digest.views import Site as SiteView
from digest.views import Term as TermView

MANIFEST = "/manifest.webmanifest"
FAVICON = "/favicon.ico"


class Edition:
    """All that pages draw on: one object for a whole build. Read-only but for its cache.

    ``prose`` finds what a page prints of a text, which is not held in memory; ``versions`` are the
    languages of texts, by path; ``assets`` the URLs of the theme's files, by name;
    ``images`` is the folder that keeps made images, if any. ``relate`` is called when related
    articles are first asked for, since it may have to wait for them.
    """

    def __init__(
        self,
        *,
        config: Config,
        locale: Locale,
        site: Site,
        linked: Linked,
        relate: Callable[[], Relations],
        now: datetime,
        prose: Callable[[AnyContent], Prose],
        versions: Mapping[str, tuple[Version, ...]] = {},
        assets: Mapping[str, str] = {},
        images: Path | None = None,
    ) -> None:
        self.config, self.locale, self.site = config, locale, site
        self.linked, self._relate, self.now = linked, relate, now
        self.prose = prose
        self.versions, self.assets, self.images = versions, assets, images
        nodes: list[Article | Page] = [*site.articles, *site.withdrawn, *site.pages]
        self.by_path = {node.path: node for node in nodes}
        self._shared = None if config.relative_urls else Printer(self, rooted(config.prefix))

    @once
    def related(self) -> Relations:
        """What is related to each article."""
        return self._relate()

    @once
    def chapters(self) -> dict[str, indexes.Place]:
        """The place of articles in their story, by path."""
        return indexes.chapters(self.site)

    @once
    def carriers(self) -> dict[str, Issue]:
        """The edition that carries an article, by path."""
        return indexes.carriers(self.site)

    @once
    def corrections(self) -> tuple[indexes.Noted, ...]:
        """All corrections of the articles that lists show, newest first."""
        return indexes.corrections(self.site.articles)

    @once
    def correction_places(self) -> dict[tuple[str, int], int]:
        """Where a correction (path, nth) stands among all, from 0 for the newest."""
        return {(one.article.path, one.nth): at for at, one in enumerate(self.corrections)}

    @property
    def icon(self) -> str:
        """The URL of the site's icon as an image of points; "" when the theme has none."""
        return self.assets.get("icon-512.png", "")

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

    def named(self, kind: TermKind, key: str) -> TermLink:
        """A source, author or story by its key, with its page when it has one."""
        site = self.edition.site
        register = {"source": site.sources, "author": site.authors, "story": site.stories}[kind]
        term = register.get(key)
        return self.term_link(term) if term else TermLink(name=site.names[kind][key], url="")

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
            source=self.edition.site.names["source"][article.outlets[0]] if article.outlets else "",
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
            sources=self._sources(picture),
        )

    def _sources(self, picture: Picture) -> tuple[ImageSource, ...]:
        """The smaller versions of an image, by form."""
        settings, found = self._config.images, dict[str, list[str]]()
        if not settings.variants:
            return ()
        for variant in images.variants(picture.url, picture.width, settings.widths):
            found.setdefault(variant.form, []).append(f"{self.href(variant.url)} {variant.width}w")
        return tuple(
            ImageSource(type=f"image/{form}", srcset=", ".join(sizes))
            for form, sizes in found.items()
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
            sources=self.href(config.permalinks.sources) if site.sources else "",
            authors=self.href(config.permalinks.authors) if site.authors else "",
            stories=self.href(config.permalinks.stories) if site.stories else "",
            editions=self.href(config.permalinks.editions) if site.editions else "",
            corrections=self.href(config.permalinks.corrections)
            if self.edition.corrections
            else "",
            feeds=self.feed_links(config.title, "/") if has_feeds(self.edition) else (),
            feeds_page=self.href(config.permalinks.feeds) if site.articles else "",
            icons=self._icons(),
            manifest=self.href(MANIFEST),
        )

    def _icons(self) -> tuple[Icon, ...]:
        """The icons that the theme has."""
        assets, found = self.edition.assets, []
        if "favicon.ico" in assets:
            found.append(Icon(rel="icon", url=self.href(FAVICON), sizes="32x32"))
        if "icon.svg" in assets:
            url = self.href(assets["icon.svg"])
            found.append(Icon(rel="icon", url=url, type="image/svg+xml", sizes="any"))
        if "icon-180.png" in assets:
            url = self.href(assets["icon-180.png"])
            found.append(Icon(rel="apple-touch-icon", url=url, sizes="180x180"))
        return tuple(found)

    def feed(self, title: str, url: str) -> Feed:
        """The feed of the list at ``url``."""
        rss, atom, json = (self.href(feed_url(url, name)) for name in TYPES)
        return Feed(title=title, url=self.href(url), rss=rss, atom=atom, json=json)

    def feed_links(self, title: str, url: str) -> tuple[FeedLink, ...]:
        """The feed of the list at ``url``, for the head of pages."""
        return tuple(
            FeedLink(title=title, url=self.href(feed_url(url, name)), type=kind)
            for name, kind in TYPES.items()
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
        feeds: tuple[FeedLink, ...] = (),
        structured: tuple[Top, ...] = (),
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
            feeds=feeds,
            structured=structured,
            **self._site_image(),
        )

    def _site_image(self) -> dict[str, Any]:
        """The icon stands for pages that have no image of their own."""
        icon = self.edition.icon
        if not icon:
            return {}
        side = {"image_width": 512, "image_height": 512}
        alt = self._config.title
        return {"image": absolute(self._config.base_url, icon), "image_alt": alt, **side}

    def with_image(self, head: Head, node: Article | Page) -> Head:
        """The head with the lead image of ``node``, which social networks show."""
        picture, front = self.picture_of(node), node.front.image
        if picture is None:
            return head
        return msgspec.structs.replace(
            head,
            image=picture.url,
            image_alt=front.alt if front and not picture.url.endswith(images.CARD) else node.title,
            image_width=picture.width,
            image_height=picture.height,
        )

    def picture_of(self, node: Article | Page) -> Picture | None:
        """What networks and search engines show of an article or page, at an absolute address."""
        picture = self.edition.linked.leads.get(node.path)
        if isinstance(node, Article) and has_card(self.edition, node):
            picture = Picture(card_url(node)[0], *images.CARD_SIZE)
        if picture is None:
            return None
        url = absolute(self._config.base_url, picture.url)
        return Picture(url, picture.width, picture.height)

    def versions(self, node: Article | Page) -> tuple[Alternate, ...]:
        """The languages a text is to be had in; the original is also for all others."""
        found = self.edition.versions.get(node.path, ())
        base = self._config.base_url
        made = [Alternate(language=v.language, url=absolute(base, v.url)) for v in found]
        made += [Alternate(language="x-default", url=one.url) for one in made[:1]]
        return tuple(made)

    def crumbs(self, *links: Link) -> tuple[Link, ...]:
        """Breadcrumbs from the home page; the last link is the page itself."""
        inner = [Link(title=link.title, url=self.href(link.url)) for link in links[:-1]]
        last = Link(title=links[-1].title, url=self.href(links[-1].url), current=True)
        return (self._home, *inner, last)

    @once
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
        figure = Figure(first=path not in self.edition.linked.leads)
        if dateline and not any(isinstance(part, DatelineSlot) for part in prose.parts):
            text.append(f'<p><span class="dateline">{escape(dateline)}</span></p>\n')
        for part in prose.parts:
            if isinstance(part, str):
                text.append(figure.closed(part))
            elif isinstance(part, LinkSlot):
                text.append(escape(self.href(links[part.index].url)))
            elif isinstance(part, TitleSlot):
                text.append(escape(links[part.index].title))
            elif isinstance(part, ImageSlot):
                picture = pictures[part.index]
                figure.open(text, self._sources(picture))
                text.append(self._source(picture))
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


def feed_url(url: str, name: str) -> str:
    """Where the file ``name`` of the feed of the list at ``url`` lies."""
    return numbered(url, name, 0)


def has_feeds(edition: Edition) -> bool:
    """Whether the site has a feed."""
    return bool(edition.site.articles) and edition.config.feeds.items > 0


def has_edition_feed(edition: Edition) -> bool:
    """Whether the editions have a feed."""
    public = any(issue.state == "published" for issue in edition.site.editions)
    return public and edition.config.feeds.items > 0


def terms_with_feeds(edition: Edition) -> list[Term]:
    """The categories and tags that have a feed."""
    every = (*edition.site.categories.values(), *edition.site.tags.values())
    return [term for term in every if has_term_feed(edition, term)]


def has_term_feed(edition: Edition, term: Term) -> bool:
    """Whether an entry of a register has a feed of its articles."""
    fed = term.kind in {"category", "tag"} and edition.config.feeds.term_items > 0
    return fed and bool(term.articles)


def card_url(article: Article) -> tuple[str, str]:
    """The URL and the output file of an article's social card.

    It lies beside the page: in the page's own folder, or under the name of a page that has none.
    """
    page = article.url
    own = "" if page.endswith("/") else PurePosixPath(unquote(page)).stem + "-"
    return beside(page, own + images.CARD)


def has_card(edition: Edition, article: Article) -> bool:
    """Whether an article gets a social card: it has no image that networks can show."""
    if not edition.config.images.cards:
        return False
    lead = edition.linked.leads.get(article.path)
    drawn = lead is not None and lead.url.startswith("/") and lead.url.lower().endswith(".svg")
    wanted = (lead is None or drawn) and article.state != "withdrawn"
    return wanted and images.fonts() is not None


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
