"""Views of editions: the page of one, the list of all, and how other pages name one."""

from __future__ import annotations

from datetime import date, timedelta

from digest.model import Article, Issue
from digest.model import Item as ModelItem
from digest.model import Part as ModelPart
from digest.plan.keys import NOTHING, Keys
from digest.plan.lists import Slice, list_head, pagination, slice_url
from digest.plan.metadata import list_data
from digest.plan.printer import Printer, has_edition_feed, minutes
from digest.plan.sources import source_views
from digest.views import (
    EditionCard,
    EditionItem,
    EditionLink,
    EditionSection,
    EditionsView,
    EditionView,
    FeedLink,
    Html,
    Label,
    Link,
    Related,
    When,
)

HEADLINES = 3
"""Headlines of an edition in a list."""


def edition_of(printer: Printer, article: Article) -> EditionLink | None:
    """The edition that carries an article."""
    issue = printer.edition.carriers.get(article.path)
    return edition_link(printer, issue) if issue else None


def edition_of_key(keys: Keys, article: Article) -> tuple[bytes, ...]:
    """Digests of everything ``edition_of`` reads."""
    issue = keys.edition.carriers.get(article.path)
    return (b"edition", keys.issue(issue)) if issue else ()


def edition_link(printer: Printer, issue: Issue) -> EditionLink:
    """An edition as other pages name it."""
    return EditionLink(
        name=name_of(printer, issue),
        title=issue.title,
        url=printer.href(issue.url),
        number=issue.number,
        date=_when(printer, issue),
        period=_period(printer, issue),
    )


def name_of(printer: Printer, issue: Issue) -> str:
    """``Edisi 14``."""
    return printer.locale.t("edition_n", number=issue.number)


def _when(printer: Printer, issue: Issue) -> When:
    """When it appears; one that was collected has a day and no hour."""
    whole = issue.content is None or "date" in issue.content.days
    return printer.locale.when(issue.date, date_only=whole)


def _period(printer: Printer, issue: Issue) -> str:
    """The week of a weekly edition that was collected."""
    if issue.days == 1:
        return ""
    start = issue.date.date() - timedelta(days=issue.date.weekday())
    return f"{_day(printer, start)} – {_day(printer, start + timedelta(days=issue.days - 1))}"


def _day(printer: Printer, day: date) -> str:
    return printer.locale.day(day)


def edition_card(printer: Printer, issue: Issue) -> EditionCard:
    """An edition as lists show it."""
    link = edition_link(printer, issue)
    items = issue.items
    return EditionCard(
        name=link.name,
        title=link.title,
        url=link.url,
        number=link.number,
        date=link.date,
        period=link.period,
        count=len(items),
        summary=summary_of(issue),
        headlines=tuple(item.article.title for item in _headlines(issue)),
    )


def _headlines(issue: Issue) -> tuple[ModelItem, ...]:
    items = issue.items
    leads = [item for item in items if item.form == "lead"]
    return tuple((leads or items)[:HEADLINES])


def summary_of(issue: Issue) -> str:
    """What the editor says of an edition in a sentence, "" for nothing."""
    return (issue.front.summary if issue.front else "") or ""


def feed_of_editions(printer: Printer) -> tuple[FeedLink, ...]:
    """The feed of the editions, for the head of their pages."""
    if not has_edition_feed(printer.edition):
        return ()
    config = printer.edition.config
    title = f"{printer.locale.t('editions')} – {config.title}"
    return printer.feed_links(title, config.permalinks.editions)


def edition_card_key(keys: Keys, issue: Issue) -> bytes:
    """A digest of everything ``edition_card`` reads."""
    said = [keys.cards[item.article] for item in _headlines(issue)]
    return keys.joined([keys.issue(issue), keys.of(len(issue.items), summary_of(issue)), *said])


def edition_title(printer: Printer, issue: Issue) -> str:
    """Its own title, else ``Edisi 14, Minggu, 13 Februari 2022``."""
    period = _period(printer, issue) or _when(printer, issue).full
    return issue.title or f"{name_of(printer, issue)}, {period}"


def edition_view(
    printer: Printer, issue: Issue, newer: Issue | None, older: Issue | None
) -> EditionView:
    """The page of one edition; ``newer`` and ``older`` are its neighbours in the chain."""
    t, urls = printer.locale.t, printer.edition.config.permalinks
    name, summary = name_of(printer, issue), summary_of(issue)
    title = edition_title(printer, issue)
    crumbs = (Link(title=t("editions"), url=urls.editions), Link(title=name, url=issue.url))
    words = sum(item.article.content.words for item in issue.items)
    hidden = issue.state != "published"
    items = [item.article.url for item in issue.items]
    return EditionView(
        head=printer.head(
            title,
            issue.url,
            description=summary,
            noindex=hidden,
            feeds=feed_of_editions(printer),
            structured=list_data(printer, title, issue.url, items, crumbs, summary),
        ),
        title=title,
        url=printer.href(issue.url),
        breadcrumbs=printer.crumbs(*crumbs),
        extra=issue.front.extra if issue.front else {},
        name=name,
        number=issue.number,
        date=_when(printer, issue),
        sections=tuple(_section(printer, part) for part in issue.parts),
        count=len(issue.items),
        minutes=minutes(words),
        period=_period(printer, issue),
        summary=summary,
        labels=(Label(kind=issue.state, text=t(f"label_{issue.state}")),) if hidden else (),
        body=_note(printer, issue),
        newer=edition_link(printer, newer) if newer else None,
        older=edition_link(printer, older) if older else None,
    )


def _section(printer: Printer, part: ModelPart) -> EditionSection:
    return EditionSection(
        title=part.title,
        items=tuple(
            EditionItem(
                form=item.form,
                card=printer.card(item.article),
                source=next(iter(source_views(printer, item.article)), None),
            )
            for item in part.items
        ),
    )


def _note(printer: Printer, issue: Issue) -> tuple[Html | Related, ...]:
    """The editor's note."""
    if issue.content is None:
        return ()
    return printer.body(issue.path, printer.edition.prose(issue.content), "", iter(()))


def edition_key(keys: Keys, issue: Issue, newer: Issue | None, older: Issue | None) -> bytes:
    """A digest of everything ``edition_view`` reads beside the settings of the site."""
    content, cards = issue.content, keys.cards
    parts = [
        issue.state.encode(),
        keys.issue(issue),
        keys.issue(newer) if newer else NOTHING,
        keys.issue(older) if older else NOTHING,
        content.key + keys.references(content) if content else NOTHING,
    ]
    for part in issue.parts:
        parts.append(keys.of(part.title, [item.form for item in part.items]))
        for item in part.items:  # of its sources a page shows more than the card does
            parts += [cards[item.article], item.article.content.key]
    return keys.joined(parts)


def editions_view(printer: Printer, part: Slice[Issue]) -> EditionsView:
    """A page of the list of all editions."""
    t, config = printer.locale.t, printer.edition.config
    url, title = config.permalinks.editions, t("editions")
    here = slice_url(url, config.permalinks.numbered, part.number, part.total)
    crumbs = [Link(title=title, url=url)]
    if not part.is_newest:
        crumbs.append(Link(title=t("page_n", number=part.number), url=here))
    return EditionsView(
        head=list_head(
            printer,
            part,
            title,
            url,
            "",
            items=[issue.url for issue in part.articles],
            crumbs=crumbs,
            feeds=feed_of_editions(printer),
        ),
        title=title,
        url=printer.href(here),
        breadcrumbs=printer.crumbs(*crumbs),
        items=tuple(edition_card(printer, issue) for issue in part.articles),
        pagination=pagination(printer, url, part),
        count=len(printer.edition.site.editions) if part.is_newest else 0,
    )


def editions_key(keys: Keys, part: Slice[Issue]) -> bytes:
    """A digest of everything ``editions_view`` reads beside the settings of the site."""
    count = len(keys.edition.site.editions) if part.is_newest else 0
    said = [edition_card_key(keys, issue) for issue in part.articles]
    return keys.joined([keys.of("editions", part.number, part.total, count), *said])
