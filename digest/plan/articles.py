"""Views of articles and pages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from digest.model import AnyContent, Article, Page, Prose, Term
from digest.pace import breathe
from digest.plan.corrections import corrections_of, corrections_of_key
from digest.plan.editions import edition_of, edition_of_key
from digest.plan.keys import NOTHING, Keys
from digest.plan.metadata import article_data, breadcrumbs
from digest.plan.printer import Edition, Printer, language, minutes
from digest.plan.sources import source_views
from digest.plan.stories import story_place, story_place_key
from digest.views import ArticleView, Head, Link, TextView


def article_view(
    printer: Printer, article: Article, newer: Article | None, older: Article | None
) -> ArticleView:
    """The page of an article; ``newer`` and ``older`` are its neighbours in time."""
    edition, front = printer.edition, article.front
    category = edition.site.categories.get(article.category)
    withdrawn = (front.withdrawn_reason or "") if article.state == "withdrawn" else ""
    prose = Prose(()) if withdrawn else edition.prose(article.content)
    blocks, closing = read_also(edition, article)
    crumbs = [Link(title=category.name, url=category.url)] if category else []
    crumbs.append(Link(title=article.title, url=article.url))
    return ArticleView(
        head=_head(printer, article, crumbs),
        title=article.title,
        url=printer.href(article.url),
        breadcrumbs=printer.crumbs(*crumbs),
        extra=front.extra,
        summary=article.summary if front.summary and not withdrawn else "",
        date=printer.published(article),
        updated=printer.when(front.updated, article, "updated"),
        body=()
        if withdrawn
        else printer.body(article.path, prose, front.dateline or "", map(printer.cards, blocks)),
        language=language(front.lang),
        category=printer.term_link(category) if category else None,
        tags=tuple(printer.term_link(term) for term in tags_of(edition, article)),
        authors=tuple(printer.named("author", key) for key in article.writers),
        editor=printer.named("author", article.editor) if article.editor else None,
        sources=source_views(printer, article),
        image=None if withdrawn else printer.lead(article),
        minutes=minutes(article.content.words),
        words=article.content.words,
        headings=printer.headings(prose),
        labels=printer.labels(article),
        corrections=corrections_of(printer, article),
        withdrawn=withdrawn,
        license=front.license or "",
        edition=edition_of(printer, article),
        story=story_place(printer, article),
        related=printer.cards(closing),
        follow_ups=printer.cards(follow_ups(edition, article)),
        backlinks=tuple(printer.link(node) for node in backlinks(edition, article)),
        newer=printer.link(newer) if newer else None,
        older=printer.link(older) if older else None,
    )


def article_key(
    keys: Keys, article: Article, newer: Article | None, older: Article | None
) -> bytes:
    """A digest of everything ``article_view`` reads beside the settings of the site."""
    breathe()
    edition, cards = keys.edition, keys.cards
    content = article.content
    picks = edition.related.lists.get(article.path, ())
    category = edition.site.categories.get(article.category)
    parts = [
        content.key,
        article.state.encode(),
        keys.terms[category.url] if category else NOTHING,
        *(keys.terms[term.url] for term in tags_of(edition, article)),
        b"between",
        cards[newer] if newer else NOTHING,
        cards[older] if older else NOTHING,
        *(cards[pick] for pick in picks[: _shown_picks(edition, content)]),
    ]
    parts += [keys.outlets[key] for key in article.outlets]
    parts += [keys.people[key] for key in article.writers]
    if article.editor:
        parts += [b"editor", keys.people[article.editor]]
    parts += edition_of_key(keys, article)
    if article.story:
        parts += story_place_key(keys, article)
    if content.front.corrections:
        parts += corrections_of_key(keys, article)
    newest = follow_ups(edition, article)
    if newest:
        parts += [b"follow-ups", *(cards[pick] for pick in newest)]
    links = backlinks(edition, article)
    if links:
        parts += [b"backlinks", *(keys.node(node) for node in links)]
    parts += [keys.references(content), keys.versions(article)]
    return keys.joined(parts)


def _shown_picks(edition: Edition, content: AnyContent) -> int:
    """How many related articles a page shows, in its text and at its end."""
    settings = edition.config.related
    return content.places * settings.inline + settings.closing


def tags_of(edition: Edition, article: Article) -> list[Term]:
    """The tags of an article that have a page, in its own order."""
    tags = edition.site.tags
    return [tags[tag] for tag in article.tags if tag in tags]


def read_also(
    edition: Edition, article: Article
) -> tuple[tuple[tuple[Article, ...], ...], tuple[Article, ...]]:
    """Baca Juga: the blocks of the text, and the closing list; no article in two of them."""
    settings = edition.config.related
    picks = edition.related.lists.get(article.path, ())
    cut = [n * settings.inline for n in range(article.content.places + 1)]
    blocks = tuple(picks[start:end] for start, end in pairwise(cut))
    return blocks, picks[cut[-1] :][: settings.closing]


def follow_ups(edition: Edition, article: Article) -> tuple[Article, ...]:
    """Perkembangan: the newest articles that follow this one up."""
    found = edition.related.follow_ups.get(article.path, ())
    return found[: edition.config.related.follow_ups]


def _head(printer: Printer, article: Article, crumbs: Sequence[Link]) -> Head:
    front, site = article.front, printer.edition.site
    hidden = front.noindex or article.state != "published"
    withdrawn = article.state == "withdrawn"
    description = (front.withdrawn_reason or "") if withdrawn else article.summary
    head = printer.head(article.title, article.url, description=description, noindex=hidden)
    category = site.categories.get(article.category)
    return msgspec.structs.replace(
        printer.with_image(head, article),
        og_type="article",
        published=article.date.isoformat(timespec="seconds"),
        modified=article.modified.isoformat(timespec="seconds"),
        section=category.name if category else "",
        tags=tuple(site.tags[tag].name for tag in article.tags if tag in site.tags),
        versions=printer.versions(article),
        structured=article_data(printer, article, crumbs),
    )


def backlinks(edition: Edition, article: Article) -> list[Article | Page]:
    """Articles and pages whose text links here, by title, without what the page shows already."""
    paths = edition.linked.backlinks.get(article.path)
    if not paths:
        return []
    blocks, closing = read_also(edition, article)
    offered = {pick.path for picks in (*blocks, closing) for pick in picks}
    nodes = [edition.by_path[p] for p in paths if p in edition.by_path and p not in offered]
    return sorted(nodes, key=lambda node: (node.title, node.path))


def text_view(printer: Printer, page: Page) -> TextView:
    """A page such as "tentang"."""
    front, prose = page.front, printer.edition.prose(page.content)
    hidden = front.noindex or page.state != "published"
    crumbs = [Link(title=page.title, url=page.url)]
    head = printer.head(page.title, page.url, description=page.summary, noindex=hidden)
    return TextView(
        head=msgspec.structs.replace(
            printer.with_image(head, page),
            versions=printer.versions(page),
            structured=(breadcrumbs(printer, crumbs),),
        ),
        title=page.title,
        url=printer.href(page.url),
        breadcrumbs=printer.crumbs(*crumbs),
        extra=front.extra,
        summary=page.summary if front.summary else "",
        body=printer.body(page.path, prose, "", iter(())),
        updated=printer.when(front.updated, page, "updated"),
        language=language(front.lang),
        image=printer.lead(page),
        headings=printer.headings(prose),
    )


def text_key(keys: Keys, page: Page) -> bytes:
    """A digest of everything ``text_view`` reads beside the settings of the site."""
    content = page.content
    parts = [content.key, page.state.encode(), keys.references(content), keys.versions(page)]
    return keys.joined(parts)
