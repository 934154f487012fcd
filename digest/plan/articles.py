"""Views of articles and pages."""

from __future__ import annotations

from collections.abc import Set
from itertools import pairwise

import msgspec

from digest.model import Article, Page, RelatedSlot, SourceFront
from digest.plan.printer import Edition, Printer, language, minutes
from digest.views import ArticleView, Correction, Head, Link, Source, TextView


def article_view(
    printer: Printer, article: Article, newer: Article | None, older: Article | None
) -> ArticleView:
    """The page of an article; ``newer`` and ``older`` are its neighbours in time."""
    edition, front = printer.edition, article.front
    category = edition.site.categories.get(article.category)
    withdrawn = (front.withdrawn_reason or "") if article.state == "withdrawn" else ""
    blocks, closing = read_also(edition, article)
    offered = {pick.path for picks in (*blocks, closing) for pick in picks}
    crumbs = [Link(title=category.name, url=category.url)] if category else []
    return ArticleView(
        head=_head(printer, article),
        title=article.title,
        url=printer.href(article.url),
        breadcrumbs=printer.crumbs(*crumbs, Link(title=article.title, url=article.url)),
        extra=front.extra,
        summary=article.summary if front.summary and not withdrawn else "",
        date=printer.published(article),
        updated=printer.when(front.updated, article, "updated"),
        body=()
        if withdrawn
        else printer.body(
            article.path, article.body, front.dateline or "", map(printer.cards, blocks)
        ),
        language=language(front.lang),
        category=printer.term(category) if category else None,
        tags=tuple(
            printer.term(edition.site.tags[t]) for t in article.tags if t in edition.site.tags
        ),
        authors=front.authors,
        editor=front.editor or "",
        sources=_sources(printer, article),
        image=None if withdrawn else printer.lead(article),
        minutes=minutes(article.body),
        words=article.body.words,
        headings=() if withdrawn else printer.headings(article.body),
        labels=printer.labels(article),
        corrections=_corrections(printer, article),
        withdrawn=withdrawn,
        license=front.license or "",
        related=printer.cards(closing),
        follow_ups=printer.cards(follow_ups(edition, article)),
        backlinks=_backlinks(printer, article, offered),
        newer=printer.link(newer) if newer else None,
        older=printer.link(older) if older else None,
    )


def read_also(
    edition: Edition, article: Article
) -> tuple[tuple[tuple[Article, ...], ...], tuple[Article, ...]]:
    """Baca Juga: the blocks of the text, and the closing list; no article in two of them."""
    settings = edition.config.related
    picks = edition.related.lists.get(article.path, ())
    places = sum(isinstance(part, RelatedSlot) for part in article.body.parts)
    cut = [n * settings.inline for n in range(places + 1)]
    blocks = tuple(picks[start:end] for start, end in pairwise(cut))
    return blocks, picks[cut[-1] :][: settings.closing]


def follow_ups(edition: Edition, article: Article) -> tuple[Article, ...]:
    """Perkembangan: the newest articles that follow this one up."""
    found = edition.related.follow_ups.get(article.path, ())
    return found[: edition.config.related.follow_ups]


def _head(printer: Printer, article: Article) -> Head:
    front, site = article.front, printer.edition.site
    hidden = front.noindex or article.state != "published"
    withdrawn = article.state == "withdrawn"
    description = (front.withdrawn_reason or "") if withdrawn else article.summary
    head = printer.head(article.title, article.url, description=description, noindex=hidden)
    category = site.categories.get(article.category)
    modified = front.updated or max((c.at for c in front.corrections), default=article.date)
    return msgspec.structs.replace(
        printer.with_image(head, article),
        og_type="article",
        published=article.date.isoformat(timespec="seconds"),
        modified=max(modified, article.date)
        .astimezone(article.date.tzinfo)
        .isoformat(timespec="seconds"),
        section=category.name if category else "",
        tags=tuple(site.tags[tag].name for tag in article.tags if tag in site.tags),
    )


def _sources(printer: Printer, article: Article) -> tuple[Source, ...]:
    return tuple(
        Source(
            name=source.name,
            url=source.url or "",
            author=source.author or "",
            date=printer.when(source.date, article, f"{place}.date"),
            retrieved=printer.when(source.retrieved, article, f"{place}.retrieved"),
        )
        for place, source in _placed(article)
    )


def _placed(article: Article) -> list[tuple[str, SourceFront]]:
    """The sources with the front-matter place of each."""
    if not article.front.sources:
        return [("source", source) for source in article.sources]
    return [(f"sources[{n}]", source) for n, source in enumerate(article.sources)]


def _corrections(printer: Printer, article: Article) -> tuple[Correction, ...]:
    """Newest first."""
    found = sorted(enumerate(article.front.corrections), key=lambda item: item[1].at, reverse=True)
    return tuple(
        Correction(
            kind=correction.kind,
            name=printer.locale.t(f"correction_{correction.kind.replace('-', '_')}"),
            at=printer.locale.when(correction.at, date_only=f"corrections[{n}].at" in article.days),
            text=correction.text,
        )
        for n, correction in found
    )


def _backlinks(printer: Printer, article: Article, offered: Set[str]) -> tuple[Link, ...]:
    """Articles and pages whose text links here, by title, without those ``offered`` already."""
    by_path = printer.edition.by_path
    paths = printer.edition.linked.backlinks.get(article.path, ())
    nodes = [by_path[path] for path in paths if path in by_path and path not in offered]
    return tuple(printer.link(node) for node in sorted(nodes, key=lambda n: (n.title, n.path)))


def text_view(printer: Printer, page: Page) -> TextView:
    """A page such as "tentang"."""
    front = page.front
    hidden = front.noindex or page.state != "published"
    head = printer.head(page.title, page.url, description=page.summary, noindex=hidden)
    return TextView(
        head=printer.with_image(head, page),
        title=page.title,
        url=printer.href(page.url),
        breadcrumbs=printer.crumbs(Link(title=page.title, url=page.url)),
        extra=front.extra,
        summary=page.summary if front.summary else "",
        body=printer.body(page.path, page.body, "", iter(())),
        updated=printer.when(front.updated, page, "updated"),
        language=language(front.lang),
        image=printer.lead(page),
        headings=printer.headings(page.body),
    )
