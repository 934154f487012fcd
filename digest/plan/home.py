"""The front page."""

from __future__ import annotations

from itertools import islice

import msgspec

from digest.model import Article, Issue, Term
from digest.plan.editions import edition_card, edition_card_key
from digest.plan.keys import NOTHING, Keys
from digest.plan.lists import latest, most_used
from digest.plan.metadata import home_data
from digest.plan.printer import Edition, Printer
from digest.views import HomeView, Section


class Front(msgspec.Struct, frozen=True):
    """What stands on the front page: no article twice among lead, top and sections."""

    lead: Article | None
    top: tuple[Article, ...]
    sections: tuple[tuple[Term, tuple[Article, ...]], ...]
    latest: tuple[Article, ...]
    tags: tuple[Term, ...]
    issue: Issue | None


def front_page(edition: Edition) -> Front:
    """Choose what stands on the front page."""
    sizes, articles = edition.config.lists, edition.site.articles
    front = articles[: 1 + sizes.home_top]
    used = {article.path for article in front}
    sections = []
    for term in edition.site.categories.values():
        unseen = (article for article in term.articles if article.path not in used)
        fresh = tuple(islice(unseen, sizes.home_section))
        if fresh:
            sections.append((term, fresh))
    return Front(
        lead=front[0] if front else None,
        top=front[1:],
        sections=tuple(sections),
        latest=latest(edition),
        tags=tuple(most_used(edition, sizes.home_tags)),
        issue=next(iter(edition.site.editions), None),
    )


def home_view(printer: Printer, front: Front) -> HomeView:
    """The front page."""
    config = printer.edition.config
    return HomeView(
        head=printer.head(
            config.title, "/", description=config.description, structured=home_data(printer)
        ),
        title=config.title,
        url=printer.href("/"),
        breadcrumbs=(),
        lead=printer.card(front.lead) if front.lead else None,
        top=printer.cards(front.top),
        sections=tuple(
            Section(category=printer.term(term), items=printer.cards(articles))
            for term, articles in front.sections
        ),
        latest=printer.cards(front.latest),
        tags=tuple(map(printer.term, front.tags)),
        older=printer.href(config.permalinks.latest) if front.lead else "",
        edition=edition_card(printer, front.issue) if front.issue else None,
    )


def home_key(keys: Keys, front: Front) -> bytes:
    """A digest of everything ``home_view`` reads beside the settings of the site."""
    lead = (front.lead,) if front.lead else ()
    lists = (lead, front.top, *(articles for _, articles in front.sections), front.latest)
    terms = (*(term for term, _ in front.sections), *front.tags)
    issue = edition_card_key(keys, front.issue) if front.issue else NOTHING
    return keys.of([keys.cards_of(articles) for articles in lists], keys.counted(terms), issue)
