"""Views of lists: tag, category and latest pages, the front page, all tags, the 404 page."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

import msgspec

from digest.model import Article, Term
from digest.plan.printer import Printer
from digest.text import fold
from digest.urls import numbered
from digest.views import (
    HomeView,
    Link,
    ListView,
    NotFoundView,
    Pagination,
    Section,
    TagGroup,
    TagsView,
)

SHOWN_PAGES = 9
RELATED_TERMS = 8
TOP_TAGS = 20


class Slice(msgspec.Struct, frozen=True):
    """One page of a list: its number counted from the oldest, and its articles, newest first."""

    number: int
    total: int
    articles: tuple[Article, ...]


def slices(articles: Sequence[Article], size: int) -> tuple[Slice, ...]:
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


def slice_url(url: str, pattern: str, number: int, total: int) -> str:
    """The URL of page ``number``: the newest has the list's own."""
    return url if number == total else numbered(url, pattern, number)


def pagination(printer: Printer, url: str, part: Slice) -> Pagination:
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
    part: Slice,
    *,
    kind: str,
    title: str,
    url: str,
    count: int,
    term: Term | None = None,
) -> ListView:
    """A page of a list; only the newest one shows the register entry's text."""
    t, newest = printer.locale.t, part.number == part.total
    pattern = printer.edition.config.permalinks.numbered
    here = slice_url(url, pattern, part.number, part.total)
    description = (term.front.description if term and term.front else "") or ""
    full = title if newest else f"{title} – {t('page_n', number=part.number)}"
    crumbs = [Link(title=title, url=url)]
    if kind == "tag":
        crumbs.insert(0, Link(title=t("tags"), url=printer.edition.config.permalinks.tags))
    if not newest:
        crumbs.append(Link(title=t("page_n", number=part.number), url=here))
    neighbours = [
        slice_url(url, pattern, n, part.total) if 1 <= n <= part.total else ""
        for n in (part.number + 1, part.number - 1)
    ]
    body = printer.body(term.path, term.body, "", iter(())) if term and term.body and newest else ()
    entry_links = term.front.links if term and term.front and newest else ()
    return ListView(
        head=printer.head(
            full, here, description=description, newer=neighbours[0], older=neighbours[1]
        ),
        title=title,
        url=printer.href(here),
        breadcrumbs=printer.crumbs(*crumbs),
        extra=term.front.extra if term and term.front else {},
        kind=kind,
        description=description,
        items=printer.cards(part.articles),
        pagination=pagination(printer, url, part),
        count=count,
        body=body,
        links=tuple(Link(title=link.title, url=printer.href(link.url)) for link in entry_links),
        related=tuple(printer.term(other) for other in _related(printer, term)) if term else (),
    )


def _related(printer: Printer, term: Term) -> list[Term]:
    """Tags that stand on the same articles, the most frequent first."""
    together = Counter(tag for article in term.articles for tag in article.tags if tag != term.key)
    if term.kind == "category":
        together = Counter(tag for article in term.articles for tag in article.tags)
    tags = printer.edition.site.tags
    ranked = sorted(together, key=lambda key: (-together[key], fold(tags[key].name), key))
    return [tags[key] for key in ranked[:RELATED_TERMS]]


def home_view(printer: Printer) -> HomeView:
    """The front page: no article stands twice among lead, top and sections."""
    edition, sizes = printer.edition, printer.edition.config.lists
    articles, config = edition.site.articles, edition.config
    front = articles[: 1 + sizes.home_top]
    used = {article.path for article in front}
    sections = []
    for term in edition.site.categories.values():
        fresh = [a for a in term.articles if a.path not in used][: sizes.home_section]
        if fresh:
            items = printer.cards(fresh)
            sections.append(Section(category=printer.term(term), items=items))
    return HomeView(
        head=printer.head(config.title, "/", description=config.description),
        title=config.title,
        url=printer.href("/"),
        breadcrumbs=(),
        lead=printer.card(front[0]) if front else None,
        top=printer.cards(front[1:]),
        sections=tuple(sections),
        latest=printer.cards(articles[: sizes.home_latest]),
        tags=tuple(printer.term(term) for term in _most_used(printer, sizes.home_tags)),
        older=printer.href(config.permalinks.latest) if articles else "",
    )


def _most_used(printer: Printer, limit: int) -> list[Term]:
    tags = printer.edition.site.tags.values()
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
    return TagsView(
        head=printer.head(title, url),
        title=title,
        url=printer.href(url),
        breadcrumbs=printer.crumbs(Link(title=title, url=url)),
        top=tuple(printer.term(term) for term in _most_used(printer, TOP_TAGS)),
        groups=groups,
        count=len(terms),
    )


def _letter(term: Term) -> str:
    """The first letter without its accent, ``#`` for anything but a letter."""
    plain = unicodedata.normalize("NFKD", term.name.strip())[:1].upper()
    return plain if plain.isalpha() else "#"


def not_found_view(printer: Printer) -> NotFoundView:
    """The page for a wrong address."""
    title = printer.locale.t("not_found")
    articles = printer.edition.site.articles[: printer.edition.config.lists.home_latest]
    return NotFoundView(
        head=printer.head(title, "/404.html", noindex=True),
        title=title,
        url=printer.href("/404.html"),
        breadcrumbs=(),
        latest=printer.cards(articles),
    )
