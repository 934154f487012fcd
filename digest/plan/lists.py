"""Views of lists: tag, category, source, author and latest pages, all tags, the 404 page."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import nlargest
from itertools import chain, groupby
from typing import Generic, TypeVar

import msgspec

from digest.front import AuthorFront, OutletFront
from digest.model import Article, Term
from digest.pace import breathe
from digest.plan.keys import NOTHING, Keys
from digest.plan.metadata import breadcrumbs, list_data
from digest.plan.printer import Edition, Printer, has_term_feed
from digest.text import fold
from digest.urls import numbered
from digest.views import (
    FeedLink,
    Head,
    Html,
    Link,
    ListView,
    NotFoundView,
    Pagination,
    Related,
    TagGroup,
    TagsView,
)

SHOWN_PAGES = 9
RELATED_TERMS = 8
TOP_TAGS = 20


T = TypeVar("T")


class Slice(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list: its number counted from the oldest, and its articles, newest first.

    What stands for the articles may also be editions or corrections.
    """

    number: int
    total: int
    articles: tuple[T, ...]

    @property
    def is_newest(self) -> bool:
        """Whether it is the page under the list's own URL, which new articles come to."""
        return self.number == self.total


def slices(articles: Sequence[T], size: int) -> tuple[Slice[T], ...]:
    """Cut a list (newest first) into pages whose content stays put as articles are added.

    Pages count from the oldest and hold ``size`` articles each; the newest page has the rest,
    ``size`` to ``2 * size - 1`` of them, so a new article changes only that one. Newest page first.
    """
    total = max(1, len(articles) // size)
    cut = len(articles) - (total - 1) * size
    found = [Slice(total, total, tuple(articles[:cut]))]
    for number in range(total - 1, 0, -1):
        start = len(articles) - number * size
        found.append(Slice(number, total, tuple(articles[start : start + size])))
    return tuple(found)


def slice_number(at: int, count: int, size: int) -> tuple[int, int]:
    """The page that holds the entry at position ``at`` (0 is the newest), and the number of all."""
    total = max(1, count // size)
    return min(total, (count - 1 - at) // size + 1), total


def slice_url(url: str, pattern: str, number: int, total: int) -> str:
    """The URL of page ``number``: the newest has the list's own."""
    return url if number == total else numbered(url, pattern, number)


def list_head(
    printer: Printer,
    part: Slice[T],
    title: str,
    url: str,
    description: str,
    *,
    items: Iterable[str],
    crumbs: Sequence[Link],
    feeds: tuple[FeedLink, ...] = (),
) -> Head:
    """The head of a page of a list, with its neighbours; ``items`` are URLs of what it lists."""
    pattern = printer.edition.config.permalinks.numbered
    newer, older = (
        slice_url(url, pattern, n, part.total) if 1 <= n <= part.total else ""
        for n in (part.number + 1, part.number - 1)
    )
    here = slice_url(url, pattern, part.number, part.total)
    number = printer.locale.t("page_n", number=part.number)
    full = title if part.is_newest else f"{title} – {number}"
    return printer.head(
        full,
        here,
        description=description,
        newer=newer,
        older=older,
        feeds=feeds,
        structured=list_data(printer, title, here, items, crumbs, description),
    )


def pagination(printer: Printer, url: str, part: Slice[T]) -> Pagination:
    """Neighbours of a page, and links to at most nine pages around it."""
    pattern = printer.edition.config.permalinks.numbered

    def to(number: int) -> str:
        if not 1 <= number <= part.total:
            return ""
        return printer.href(slice_url(url, pattern, number, part.total))

    return Pagination(
        number=part.number,
        total=part.total,
        newer=to(part.number + 1),
        older=to(part.number - 1),
        pages=tuple(
            Link(title=str(n) if n else "…", url=to(n) if n else "", current=n == part.number)
            for n in _thinned(part.number, part.total)
        ),
    )


def _thinned(current: int, total: int) -> list[int]:
    """Page numbers, newest first: both ends and those around the current; 0 stands for a gap."""
    if total <= SHOWN_PAGES:
        return list(range(total, 0, -1))
    low = min(max(current - 2, 2), total - 6)
    high = max(min(current + 2, total - 1), 7)
    if current - 2 <= 3:
        low, high = 2, 7
    elif current + 2 >= total - 2:
        low, high = total - 6, total - 1
    found = [total] + ([0] if high < total - 1 else [])
    found += range(high, low - 1, -1)
    return found + ([0] if low > 2 else []) + [1]


def list_view(
    printer: Printer,
    part: Slice[Article],
    *,
    kind: str,
    title: str,
    url: str,
    count: int,
    term: Term | None = None,
) -> ListView:
    """A page of a list; only the newest one shows the register entry's text."""
    t, newest = printer.locale.t, part.is_newest
    pattern = printer.edition.config.permalinks.numbered
    here = slice_url(url, pattern, part.number, part.total)
    description = (term.front.description if term and term.front else "") or ""
    crumbs = [Link(title=title, url=url)]
    overview = {"tag": "tags", "source": "sources", "author": "authors"}.get(kind)
    if overview:
        above = getattr(printer.edition.config.permalinks, overview)
        crumbs.insert(0, Link(title=t(overview), url=above))
    if not newest:
        crumbs.append(Link(title=t("page_n", number=part.number), url=here))
    front = term.front if term and newest else None
    return ListView(
        head=list_head(
            printer,
            part,
            title,
            url,
            description,
            items=[article.url for article in part.articles],
            crumbs=crumbs,
            feeds=_term_feeds(printer, term),
        ),
        title=title,
        url=printer.href(here),
        breadcrumbs=printer.crumbs(*crumbs),
        extra=term.front.extra if term and term.front else {},
        kind=kind,
        description=description,
        items=printer.cards(part.articles),
        pagination=pagination(printer, url, part),
        count=count if newest else 0,
        body=entry_body(printer, term) if term and newest else (),
        links=entry_links(printer, term) if term and newest else (),
        related=tuple(map(printer.term_link, related_terms(printer.edition, term)))
        if term and newest
        else (),
        website=(front.url or "") if isinstance(front, OutletFront) else "",
        role=(front.role or "") if isinstance(front, AuthorFront) else "",
        written=_written(term) if term and newest else 0,
        edited=_edited(term) if term and newest else 0,
    )


def _written(term: Term) -> int:
    """Articles that an author wrote."""
    if term.kind != "author":
        return 0
    return sum(term.key in article.writers for article in term.articles)


def _edited(term: Term) -> int:
    """Articles that an author edited."""
    return sum(term.kind == "author" and term.key == a.editor for a in term.articles)


def _term_feeds(printer: Printer, term: Term | None) -> tuple[FeedLink, ...]:
    """The feeds of a tag or category."""
    if term is None or not has_term_feed(printer.edition, term):
        return ()
    return printer.feed_links(f"{term.name} – {printer.edition.config.title}", term.url)


def list_key(
    keys: Keys, part: Slice[Article], *, kind: str, title: str, count: int, term: Term | None = None
) -> bytes:
    """A digest of everything ``list_view`` reads beside the settings of the site."""
    breathe()
    content = term.content if term else None
    parts = [
        keys.of(kind, title, part.number, part.total),
        content.key + keys.references(content) if content else NOTHING,
        keys.cards_of(part.articles),
    ]
    if part.is_newest:
        parts.append(keys.of(count))
        if term:
            parts.append(keys.of(_written(term), _edited(term)))
            parts += [keys.terms[other.url] for other in related_terms(keys.edition, term)]
    return keys.joined(parts)


def entry_links(printer: Printer, term: Term) -> tuple[Link, ...]:
    """The links of a register entry."""
    links = term.front.links if term.front else ()
    return tuple(Link(title=link.title, url=printer.href(link.url)) for link in links)


def entry_body(printer: Printer, term: Term) -> tuple[Html | Related, ...]:
    """The text of a register entry."""
    if term.content is None:
        return ()
    return printer.body(term.path, printer.edition.prose(term.content), "", iter(()))


def related_terms(edition: Edition, term: Term) -> list[Term]:
    """Tags that stand on the same articles as a tag or category, the most frequent first."""
    if term.kind not in {"tag", "category"}:
        return []
    together = Counter(chain.from_iterable(article.tags for article in term.articles))
    if term.kind == "tag":
        del together[term.key]
    tags = edition.site.tags
    most = nlargest(RELATED_TERMS, set(together.values()))
    least = most[-1] if len(most) == RELATED_TERMS else 0
    few = [key for key, number in together.items() if number >= least]
    ranked = sorted(few, key=lambda key: (-together[key], fold(tags[key].name), key))
    return [tags[key] for key in ranked[:RELATED_TERMS]]


def most_used(edition: Edition, limit: int) -> list[Term]:
    """The tags with the most articles."""
    tags = edition.site.tags.values()
    return sorted(tags, key=lambda term: (-len(term.articles), fold(term.name), term.key))[:limit]


def tags_view(printer: Printer) -> TagsView:
    """All tags by letter."""
    url, title = printer.edition.config.permalinks.tags, printer.locale.t("tags")
    terms = sorted(
        printer.edition.site.tags.values(), key=lambda term: (_letter(term), fold(term.name))
    )
    groups = tuple(
        TagGroup(letter=letter, tags=tuple(printer.term(term) for term in group))
        for letter, group in groupby(terms, key=_letter)
    )
    crumbs = [Link(title=title, url=url)]
    return TagsView(
        head=printer.head(title, url, structured=(breadcrumbs(printer, crumbs),)),
        title=title,
        url=printer.href(url),
        breadcrumbs=printer.crumbs(*crumbs),
        top=tuple(printer.term(term) for term in most_used(printer.edition, TOP_TAGS)),
        groups=groups,
        count=len(terms),
    )


def tags_key(keys: Keys) -> bytes:
    """A digest of everything ``tags_view`` reads beside the settings of the site."""
    return keys.counted(keys.edition.site.tags.values())


def _letter(term: Term) -> str:
    """The first letter without its accent, ``#`` for anything but a letter."""
    plain = unicodedata.normalize("NFKD", term.name.strip())[:1].upper()
    return plain if plain.isalpha() else "#"


def not_found_view(printer: Printer) -> NotFoundView:
    """The page for a wrong address."""
    title = printer.locale.t("not_found")
    return NotFoundView(
        head=printer.head(title, "/404.html", noindex=True),
        title=title,
        url=printer.href("/404.html"),
        breadcrumbs=(),
        latest=printer.cards(latest(printer.edition)),
    )


def not_found_key(keys: Keys) -> bytes:
    """A digest of everything ``not_found_view`` reads beside the settings of the site."""
    return keys.cards_of(latest(keys.edition))


def latest(edition: Edition) -> tuple[Article, ...]:
    """The newest articles, as the front page lists them."""
    return edition.site.articles[: edition.config.lists.home_latest]
