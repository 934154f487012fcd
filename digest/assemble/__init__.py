"""Documents and bodies become a site: states, permalinks, registers, order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import cast

import msgspec

from digest.assemble.registers import Locate, Register, terms_of
from digest.assemble.slugs import default_slug, slug_of
from digest.config import Permalinks
from digest.errors import Problem, Where
from digest.front import AnyFront, ArticleFront, EditionFront, EntryFront, PageFront, sources_of
from digest.model import AnyContent, Article, Content, Page, Site, Skipped, State, TermKind
from digest.pace import breathe
from digest.urls import Permalink, permalink

__all__ = ["Choice", "Locate", "Moment", "assemble", "choose", "default_slug", "slug_of"]


class Choice(msgspec.Struct, frozen=True):
    """What is on the site now (``shown``, with its state) and what is not."""

    shown: tuple[tuple[AnyContent, State], ...]
    skipped: tuple[Skipped, ...]


class Moment(msgspec.Struct, frozen=True):
    """When a site is made, and whether what is not public then is shown all the same."""

    now: datetime
    drafts: bool = False
    future: bool = False

    def state(self, front: AnyFront) -> State:
        """Where a document with this front matter stands."""
        if isinstance(front, EntryFront):
            return "published"
        if isinstance(front, PageFront) or front.status != "published":
            return front.status
        expires = front.expires if isinstance(front, ArticleFront) else None
        if expires is not None and expires <= self.now:
            return "expired"
        if front.date > self.now:
            return "scheduled"
        return "published"

    def shows(self, state: State) -> bool:
        """Whether documents in this state are on the site."""
        if state == "draft":
            return self.drafts
        return state in {"published", "withdrawn"} or (self.future and state == "scheduled")


def choose(contents: Iterable[AnyContent], moment: Moment) -> Choice:
    """Sort documents into those the site shows and those it leaves out, with reasons."""
    shown: list[tuple[AnyContent, State]] = []
    skipped: list[Skipped] = []
    for content in contents:
        breathe()
        state = moment.state(content.front)
        if moment.shows(state):
            shown.append((content, state))
        else:
            front = content.front
            due = front.date if isinstance(front, ArticleFront | EditionFront) else None
            due = due if state == "scheduled" else None
            title = front.title or content.slug
            skipped.append(Skipped(content.path, title, state, due, content.slug))
    return Choice(tuple(shown), tuple(sorted(skipped, key=lambda skip: skip.path)))


class _Registers:
    """All registers while they are collected."""

    def __init__(self) -> None:
        self.tags, self.categories = Register("tag"), Register("category")
        self.sources, self.authors = Register("source"), Register("author")
        self.stories = Register("story")
        every = (self.tags, self.categories, self.sources, self.authors, self.stories)
        self.by_kind: dict[str, Register] = {register.kind: register for register in every}

    def settle(self) -> None:
        """Every file is entered: names may be asked for."""
        for register in self.by_kind.values():
            register.settle()

    def unused(self) -> list[Skipped]:
        """Described entries that no article uses."""
        return [skip for register in self.by_kind.values() for skip in register.unused()]

    def problems(self, locate: Locate) -> tuple[Problem, ...]:
        """What is odd about the entries."""
        registers = self.by_kind.values()
        return tuple(problem for register in registers for problem in register.problems(locate))


def _nowhere(path: str, text: str, nth: int) -> Where:
    del text, nth
    return Where(path, 1)


def assemble(
    choice: Choice, permalinks: Permalinks, zone: tzinfo, locate: Locate = _nowhere
) -> tuple[Site, tuple[Problem, ...]]:
    """The site of the chosen documents, without its editions.

    Also what is odd about it: D301 spellings taken for one, D302 entries described twice, D306
    synonyms that mean another entry. ``locate`` finds the place of a text in a file.
    """
    articles: list[tuple[Content[ArticleFront], State]] = []
    pages: list[Page] = []
    registers = _Registers()
    for content, state in choice.shown:
        if content.kind == "article":
            articles.append((cast("Content[ArticleFront]", content), state))
        elif content.kind == "page":
            url = permalink(permalinks.page, slug=content.slug, date=None)
            pages.append(Page(content=cast("Content[PageFront]", content), url=url, state=state))
        elif content.kind != "edition":
            registers.by_kind[content.kind].add(cast("Content[EntryFront]", content))
    registers.settle()
    made = _articles(articles, registers, Permalink(permalinks.article), zone)
    made.sort(key=_newest_first)
    listed = tuple(article for article in made if article.state != "withdrawn")
    names: dict[TermKind, dict[str, str]] = {
        "source": registers.sources.names(),
        "author": registers.authors.names(),
        "story": registers.stories.names(),
    }
    site = Site(
        articles=listed,
        withdrawn=tuple(article for article in made if article.state == "withdrawn"),
        pages=tuple(sorted(pages, key=lambda page: page.path)),
        tags=terms_of(registers.tags, listed, permalinks.tag),
        categories=terms_of(registers.categories, listed, permalinks.category),
        skipped=(*choice.skipped, *registers.unused()),
        sources=terms_of(registers.sources, listed, permalinks.source),
        authors=terms_of(registers.authors, listed, permalinks.author),
        stories=terms_of(registers.stories, listed, permalinks.story),
        names=names,
    )
    return site, registers.problems(locate)


def _newest_first(article: Article) -> tuple[float, str]:
    return (-article.date.timestamp(), article.path)


class _Names(msgspec.Struct, frozen=True):
    """The keys of all that an article names."""

    tags: tuple[str, ...]
    category: str
    outlets: tuple[str, ...]
    writers: tuple[str, ...]
    editor: str
    story: str


def _articles(
    contents: Sequence[tuple[Content[ArticleFront], State]],
    registers: _Registers,
    link: Permalink,
    zone: tzinfo,
) -> list[Article]:
    """Every name is entered before the first URL is made: a category's slug may hang on it."""
    entered = [_entered(content, registers) for content, _ in contents]
    categories = {names.category for names in entered if names.category}
    slugs = {category: registers.categories.slug(category) for category in categories}
    articles = []
    for (content, state), names in zip(contents, entered, strict=True):
        breathe()
        date = content.front.date.astimezone(zone)
        articles.append(
            Article(
                content=content,
                url=link.fill(content.slug, slugs.get(names.category, ""), date),
                state=state,
                date=date,
                tags=names.tags,
                category=names.category,
                outlets=names.outlets,
                writers=names.writers,
                editor=names.editor,
                story=names.story,
            )
        )
    return articles


def _entered(content: Content[ArticleFront], registers: _Registers) -> _Names:
    """Enter all names that an article uses."""
    breathe()
    front, path = content.front, content.path
    category = ""
    if front.category:
        category = registers.categories.key(front.category, content.category_key, path)
    pairs = zip(front.tags, content.tag_keys, strict=True)
    tags = [registers.tags.key(name, folded, path) for name, folded in pairs]
    people, outlets = registers.authors, registers.sources
    return _Names(
        tags=tuple(dict.fromkeys(tags)),
        category=category,
        outlets=tuple(outlets.named(source.name, path) for source in sources_of(front)),
        writers=tuple(people.named(name, path) for name in front.authors),
        editor=people.named(front.editor, path) if front.editor else "",
        story=registers.stories.named(front.story, path) if front.story else "",
    )
