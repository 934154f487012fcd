"""Which pages stand in the sitemaps, and which articles are news at the time of the build."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b
from itertools import takewhile
from typing import Protocol

from digest import sitemaps
from digest.model import Article
from digest.pace import breathe
from digest.plan.files import File, made_file
from digest.plan.keys import Keys
from digest.plan.printer import Edition, language
from digest.sitemaps import Location, NewsItem
from digest.urls import absolute, uri

OWNER = "the sitemap"


class Listed(Protocol):
    """What the sitemap reads of a page; ``modified`` is when its content last changed."""

    @property
    def url(self) -> str: ...  # noqa: D102 - the class says it
    @property
    def group(self) -> str: ...  # noqa: D102
    @property
    def indexed(self) -> bool: ...  # noqa: D102
    @property
    def modified(self) -> datetime | None: ...  # noqa: D102


NOT_LISTED = frozenset({"404", "redirect"})


def sitemap_files(edition: Edition, pages: Iterable[Listed], *, robots: bool) -> Iterator[File]:
    """The sitemap (with an index where one file does not hold it), the news sitemap, robots.txt."""
    parts = sitemaps.parts(listed(pages), site=len(edition.config.base_url))
    named = ["/sitemap.xml"]
    if len(parts) == 1:
        yield _listing(edition, "/sitemap.xml", parts[0])
    else:
        urls = [f"/sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
        for url, part in zip(urls, parts, strict=True):
            yield _listing(edition, url, part)
        files = [
            Location(_address(edition, url), max(map(_changed, part)))
            for url, part in zip(urls, parts, strict=True)
        ]
        key, make = partial(Keys.of, files), partial(_write, "index", files)
        yield made_file("/sitemap.xml", "sitemap", OWNER, key, make)
    for url, items in _news_parts(edition):
        named.append(url)
        make = partial(_write, "news", items)
        yield made_file(url, "sitemap", OWNER, partial(Keys.of, url, items), make)
    if robots:
        addresses = tuple(_address(edition, url) for url in named)
        key, make = partial(Keys.of, addresses), partial(sitemaps.robots, addresses)
        yield made_file("/robots.txt", "robots", "robots.txt", key, make)


def listed(pages: Iterable[Listed]) -> list[Listed]:
    """The canonical, public pages that search engines may show.

    Articles stand last, newest first: their number grows at one end, lists come and go.
    """
    shown = [page for page in pages if page.indexed and page.group not in NOT_LISTED]
    shown.sort(key=lambda page: page.group == "article")
    return shown


def _listing(edition: Edition, url: str, part: Sequence[Listed]) -> File:
    return made_file(url, "sitemap", OWNER, partial(_key, part), partial(_sitemap, edition, part))


def _key(part: Iterable[Listed]) -> bytes:
    """Says of each page what its location does; the address of the site is in the settings."""
    said = "\n".join([f"{page.url} {_changed(page)}" for page in part])
    return blake2b(said.encode(), digest_size=16).digest()


def _sitemap(edition: Edition, part: Iterable[Listed]) -> bytes:
    locations = [Location(_address(edition, page.url), _changed(page)) for page in part]
    return _write("sitemap", locations)


def _changed(page: Listed) -> str:
    """When the content of a page last changed, as sitemaps have it."""
    breathe()
    return page.modified.isoformat(timespec="seconds") if page.modified else ""


def _write(name: str, values: Sequence[object]) -> bytes:
    from digest.sitemaps import write  # lazy: an XML library

    written: bytes = getattr(write, name)(values)
    return written


def _address(edition: Edition, url: str) -> str:
    return uri(absolute(edition.config.base_url, url))


def _news_parts(edition: Edition) -> Iterator[tuple[str, tuple[NewsItem, ...]]]:
    """The news, newest first, at most a thousand a file; one empty file where there is none."""
    items = tuple(_news_item(edition, article) for article in fresh(edition, edition.now))
    most = sitemaps.MOST_NEWS
    for number in range(max(1, -(-len(items) // most))):
        url = f"/sitemap-news-{number + 1}.xml" if number else "/sitemap-news.xml"
        yield url, items[number * most : (number + 1) * most]


def _news_item(edition: Edition, article: Article) -> NewsItem:
    tag = language(article.front.lang) or edition.locale.language
    return NewsItem(
        url=_address(edition, article.url),
        title=article.title,
        published=article.date,
        publication=edition.config.title,
        language=tag.partition("-")[0].lower(),
    )


def fresh(edition: Edition, now: datetime) -> list[Article]:
    """The articles that are news at ``now``, newest first."""
    recent = takewhile(lambda article: now < article.date + sitemaps.FRESH, edition.site.articles)
    shown = (article for article in recent if indexed(article) and article.date <= now)
    return [article for article in shown if not article.front.sponsored]


def indexed(article: Article) -> bool:
    """Whether search engines may show an article."""
    return article.state == "published" and not article.front.noindex


def news_until(edition: Edition, now: datetime) -> datetime | None:
    """When the news sitemap changes by itself: the first of its articles gets too old."""
    found = fresh(edition, now)
    return found[-1].date + sitemaps.FRESH if found else None
