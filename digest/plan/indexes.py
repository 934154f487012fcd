"""Where articles stand in stories, editions and corrections; found once for all pages."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from digest.front import CorrectionFront
from digest.model import Article, Issue, Site, Term


class Place(msgspec.Struct, frozen=True, eq=False):
    """An article's place in its story: ``chapter`` counts from the oldest, which is 1."""

    story: Term
    chapter: int
    previous: Article | None
    following: Article | None


class Noted(msgspec.Struct, frozen=True, eq=False):
    """A correction: the ``nth`` (from 0) of an article's front matter."""

    article: Article
    nth: int
    correction: CorrectionFront

    @property
    def anchor(self) -> str:
        """The id of the correction on the page of all corrections, unique there."""
        date = f"{self.article.date:%Y_%m_%d}"
        return f"correction_{date}_{self.article.slug}_{self.nth + 1}"


def chapters(site: Site) -> dict[str, Place]:
    """The place of each article that belongs to a story, by its path."""
    found = {}
    for story in site.stories.values():
        order = [None, *story.articles, None]
        count = len(story.articles)
        for at, article in enumerate(story.articles):
            found[article.path] = Place(story, count - at, order[at + 2], order[at])
    return found


def carriers(site: Site) -> dict[str, Issue]:
    """The edition that carries an article, by its path; the oldest where there are several."""
    return {
        item.article.path: issue
        for issue in site.editions
        for part in issue.parts
        for item in part.items
    }


def corrections(articles: Iterable[Article]) -> tuple[Noted, ...]:
    """All corrections, newest first."""
    found = [
        Noted(article, nth, correction)
        for article in articles
        if article.content.front.corrections
        for nth, correction in enumerate(article.content.front.corrections)
    ]
    found.sort(key=lambda noted: (-noted.correction.at.timestamp(), noted.article.path, -noted.nth))
    return tuple(found)
