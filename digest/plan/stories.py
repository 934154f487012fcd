"""Views of running stories: the timeline, and an article's chapter."""

from __future__ import annotations

from digest.model import Article, Term
from digest.plan.keys import NOTHING, Keys
from digest.plan.lists import Slice, entry_body, entry_links, list_head, pagination, slice_url
from digest.plan.printer import Printer
from digest.views import Chapter, Link, StoryPlace, StoryView, When


def story_place(printer: Printer, article: Article) -> StoryPlace | None:
    """The chapter of a story that an article is."""
    place = printer.edition.chapters.get(article.path)
    if place is None:
        return None
    return StoryPlace(
        name=place.story.name,
        url=printer.href(place.story.url),
        chapter=place.chapter,
        previous=printer.link(place.previous) if place.previous else None,
        following=printer.link(place.following) if place.following else None,
    )


def story_place_key(keys: Keys, article: Article) -> tuple[bytes, ...]:
    """Digests of everything ``story_place`` reads."""
    place = keys.edition.chapters.get(article.path)
    if place is None:
        return ()
    before, after = place.previous, place.following
    return (
        b"story %d" % place.chapter,
        keys.terms[place.story.url],
        keys.cards[before] if before else NOTHING,
        keys.cards[after] if after else NOTHING,
    )


def story_view(printer: Printer, part: Slice[Article], story: Term) -> StoryView:
    """A page of the timeline of a story; chapters count from the oldest."""
    t, config = printer.locale.t, printer.edition.config
    newest = part.is_newest
    here = slice_url(story.url, config.permalinks.numbered, part.number, part.total)
    description = (story.front.description if story.front else "") or ""
    crumbs = [
        Link(title=t("stories"), url=config.permalinks.stories),
        Link(title=story.name, url=story.url),
    ]
    if not newest:
        crumbs.append(Link(title=t("page_n", number=part.number), url=here))
    first = _first_chapter(part, config.lists.page_size)
    count = len(part.articles)
    return StoryView(
        head=list_head(
            printer,
            part,
            story.name,
            story.url,
            description,
            items=[article.url for article in part.articles],
            crumbs=crumbs,
        ),
        title=story.name,
        url=printer.href(here),
        breadcrumbs=printer.crumbs(*crumbs),
        extra=story.front.extra if story.front else {},
        description=description,
        chapters=tuple(
            Chapter(number=first + count - 1 - at, card=printer.card(article))
            for at, article in enumerate(part.articles)
        ),
        pagination=pagination(printer, story.url, part),
        count=len(story.articles) if newest else 0,
        begun=_day(printer, story.articles[-1]) if newest else None,
        latest=_day(printer, story.articles[0]) if newest else None,
        body=entry_body(printer, story) if newest else (),
        links=entry_links(printer, story) if newest else (),
    )


def _first_chapter(part: Slice[Article], size: int) -> int:
    """The number of the oldest chapter of a page."""
    return (part.number - 1) * size + 1


def _day(printer: Printer, article: Article) -> When:
    return printer.published(article)


def story_key(keys: Keys, part: Slice[Article], story: Term) -> bytes:
    """A digest of everything ``story_view`` reads beside the settings of the site."""
    content = story.content
    parts = [
        keys.of("story", story.name, part.number, part.total),
        content.key + keys.references(content) if content else NOTHING,
        keys.cards_of(part.articles),
    ]
    if part.is_newest:
        parts += [keys.of(len(story.articles)), keys.cards[story.articles[-1]]]
    return keys.joined(parts)
