"""Documents and bodies become a site: states, permalinks, taxonomies, order."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Literal, cast

import msgspec

from digest.config import Permalinks
from digest.errors import Problem, Where
from digest.model import (
    AnyContent,
    AnyFront,
    Article,
    ArticleFront,
    Content,
    EntryFront,
    Page,
    PageFront,
    Site,
    Skipped,
    State,
    Term,
)
from digest.text import fold, slugify
from digest.urls import Permalink, permalink


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
        if front.expires is not None and front.expires <= self.now:
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
        state = moment.state(content.front)
        if moment.shows(state):
            shown.append((content, state))
        else:
            front = content.front
            due = front.date if state == "scheduled" and isinstance(front, ArticleFront) else None
            skipped.append(Skipped(content.path, front.title, state, due, content.slug))
    return Choice(tuple(shown), tuple(sorted(skipped, key=lambda skip: skip.path)))


def assemble(
    choice: Choice, permalinks: Permalinks, zone: tzinfo
) -> tuple[Site, tuple[Problem, ...]]:
    """The site of the chosen documents.

    Also what is odd about it: D301 spellings taken for one, D302 entries described twice.
    """
    articles: list[tuple[Content[ArticleFront], State]] = []
    pages: list[Page] = []
    tags, categories = _Register("tag"), _Register("category")
    for content, state in choice.shown:
        if content.kind == "article":
            articles.append((cast("Content[ArticleFront]", content), state))
        elif content.kind == "page":
            url = permalink(permalinks.page, slug=content.slug, date=None)
            pages.append(Page(content=cast("Content[PageFront]", content), url=url, state=state))
        else:
            register = tags if content.kind == "tag" else categories
            register.add(cast("Content[EntryFront]", content))
    made = _articles(articles, tags, categories, Permalink(permalinks.article), zone)
    made.sort(key=_newest_first)
    listed = tuple(article for article in made if article.state != "withdrawn")
    site = Site(
        articles=listed,
        withdrawn=tuple(article for article in made if article.state == "withdrawn"),
        pages=tuple(sorted(pages, key=lambda page: page.path)),
        tags=_terms(tags, listed, permalinks.tag),
        categories=_terms(categories, listed, permalinks.category),
        skipped=(*choice.skipped, *tags.unused()),
    )
    return site, (*tags.problems(), *categories.problems())


def _newest_first(article: Article) -> tuple[float, str]:
    return (-article.date.timestamp(), article.path)


def _articles(
    contents: Sequence[tuple[Content[ArticleFront], State]],
    tags: _Register,
    categories: _Register,
    link: Permalink,
    zone: tzinfo,
) -> list[Article]:
    """Every name is entered before the first URL is made: a category's slug may hang on it."""
    terms = [_entered(content, tags, categories) for content, _ in contents]
    slugs = {category: categories.slug(category) for category in {c for _, c in terms} if category}
    articles = []
    for (content, state), (tag_keys, category) in zip(contents, terms, strict=True):
        date = content.front.date.astimezone(zone)
        articles.append(
            Article(
                content=content,
                url=link.fill(content.slug, slugs.get(category, ""), date),
                state=state,
                date=date,
                tags=tag_keys,
                category=category,
            )
        )
    return articles


def _entered(
    content: Content[ArticleFront], tags: _Register, categories: _Register
) -> tuple[tuple[str, ...], str]:
    """The keys of an article's tags and category."""
    front, path, category = content.front, content.path, ""
    if front.category:
        category = categories.key(front.category, content.category_key, path)
    if not front.tags:
        return (), category
    pairs = zip(front.tags, content.tag_keys, strict=True)
    keys = [tags.key(name, folded, path) for name, folded in pairs]
    return tuple(dict.fromkeys(keys)), category


def slug_of(front: AnyFront, path: str) -> str:
    """The slug of a document: its front matter's, else its file's."""
    return front.slug or default_slug(path)


def default_slug(path: str) -> str:
    """The slug of a file without one: its name, or its folder's for ``index.md``.

    A leading date as Jekyll wants it (``2022-02-13-judul.md``) is left out.
    """
    stem = posixpath.splitext(posixpath.basename(path))[0]
    if stem == "index":
        stem = posixpath.basename(posixpath.dirname(path))
    head, rest = stem[:11], stem[11:]
    dated = rest and head[4::3] == "--" + head[10:] and head.replace("-", "").isdigit()
    return slugify(rest if dated else stem)


class _Register:
    """One taxonomy while it is collected: register files first, then the names articles use."""

    def __init__(self, kind: Literal["tag", "category"]) -> None:
        self.kind = kind
        self._files: dict[str, Content[EntryFront]] = {}
        self._by_name: dict[str, str] = {}
        self._spellings: dict[str, dict[str, int]] = defaultdict(dict)
        self._users: dict[tuple[str, str], str] = {}
        self._twins: list[tuple[Content[EntryFront], Content[EntryFront]]] = []

    def add(self, entry: Content[EntryFront]) -> None:
        """Enter a register file under its title and its file name."""
        key = fold(entry.front.title)
        if key in self._files:
            self._twins.append((self._files[key], entry))
            return
        self._files[key] = entry
        self._by_name[key] = key
        self._by_name.setdefault(fold(default_slug(entry.path)), key)

    def key(self, name: str, folded: str, path: str) -> str:
        """The key of the entry that ``name`` means, noting how it is spelled and where.

        ``folded`` is the name's key; ``path`` is the document that uses it.
        """
        key = self._by_name.get(folded, folded)
        spellings = self._spellings[key]
        if name in spellings:
            spellings[name] += 1
        else:
            spellings[name] = 1
            self._users[key, name] = path
        return key

    def all_keys(self) -> tuple[str, ...]:
        """All keys: of files and of names in use."""
        return tuple(dict.fromkeys([*self._files, *self._spellings]))

    def file(self, key: str) -> Content[EntryFront] | None:
        """The register file of an entry."""
        return self._files.get(key)

    def name(self, key: str) -> str:
        """The display name: the register's, else the most used spelling (ties: first by code)."""
        if key in self._files:
            return self._files[key].front.title
        return min(self._spellings[key].items(), key=lambda item: (-item[1], item[0]))[0]

    def slug(self, key: str) -> str:
        """The last part of the entry's URL."""
        entry = self._files.get(key)
        return slugify(self.name(key)) if entry is None else entry.slug

    def unused(self) -> Iterator[Skipped]:
        """Described entries that no article uses."""
        for key, entry in self._files.items():
            if key not in self._spellings:
                yield Skipped(entry.path, entry.front.title, "unused", None, entry.slug)

    def problems(self) -> Iterable[Problem]:
        """Entries described twice, and notes on spellings that were taken for one."""
        for first, second in self._twins:
            yield Problem(
                "D302",
                f"the {self.kind} {second.front.title!r} is described twice",
                Where(second.path, 1),
                hint="keep one of the two files",
                also=(Where(first.path, 1),),
            )
        for key, spellings in sorted(self._spellings.items()):
            loose = {name for name in spellings if not self._is_id(key, name)}
            if len(loose) > 1:
                chosen = self.name(key)
                others = ", ".join(repr(name) for name in sorted(loose - {chosen}))
                user = min(self._users[key, name] for name in loose - {chosen})
                yield Problem(
                    "D301",
                    f"the {self.kind} {chosen!r} is also written {others}; they are one",
                    Where(user),
                    severity="note",
                )

    def _is_id(self, key: str, name: str) -> bool:
        """Whether ``name`` is the id of a register file: naming it so is no second spelling."""
        document = self._files.get(key)
        return document is not None and name == default_slug(document.path)


def _terms(register: _Register, articles: Iterable[Article], pattern: str) -> dict[str, Term]:
    members: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        for key in article.tags if register.kind == "tag" else (article.category,):
            members[key].append(article)
    terms = []
    for key in register.all_keys():
        entry = register.file(key)
        if not members[key] and (entry is None or register.kind == "tag"):
            continue
        slug = register.slug(key)
        terms.append(
            Term(
                kind=register.kind,
                key=key,
                name=register.name(key),
                slug=slug,
                url=permalink(pattern, slug=slug, date=None),
                articles=tuple(members[key]),
                content=entry,
            )
        )
    return {term.key: term for term in sorted(terms, key=_term_order)}


def _term_order(term: Term) -> tuple[float, str, str]:
    weight = term.front.weight if term.front else None
    heavy = float("inf") if weight is None or term.kind == "tag" else weight
    return (heavy, fold(term.name), term.key)
