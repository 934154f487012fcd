"""Documents and bodies become a site: states, permalinks, taxonomies, order."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Literal

import msgspec

from digest.config import Permalinks
from digest.errors import Problem, Where
from digest.model import (
    Article,
    ArticleFront,
    Body,
    Document,
    EntryFront,
    Page,
    PageFront,
    Site,
    Skipped,
    SourceFront,
    State,
    Term,
)
from digest.text import fold, shorten, slugify
from digest.urls import permalink

SUMMARY_LENGTH = 180
"""Characters of a summary made from the first paragraph."""


class Choice(msgspec.Struct, frozen=True):
    """What is on the site now (``shown``, with its state) and what is not."""

    shown: tuple[tuple[Document, State], ...]
    skipped: tuple[Skipped, ...]


def choose(documents: Iterable[Document], now: datetime, *, drafts: bool, future: bool) -> Choice:
    """Sort documents into those the site shows at ``now`` and those it leaves out, with reasons."""
    shown: list[tuple[Document, State]] = []
    skipped: list[Skipped] = []
    for document in documents:
        state = _state(document, now)
        wanted = state in {"published", "withdrawn"}
        wanted |= (drafts and state == "draft") or (future and state == "scheduled")
        if wanted:
            shown.append((document, state))
        else:
            front = document.front
            until = front.date if isinstance(front, ArticleFront) else None
            due = until if state == "scheduled" else None
            skipped.append(Skipped(document.path, front.title, state, due, slug_of(document)))
    return Choice(tuple(shown), tuple(sorted(skipped, key=lambda skip: skip.path)))


def _state(document: Document, now: datetime) -> State:
    front = document.front
    if isinstance(front, EntryFront):
        return "published"
    if isinstance(front, PageFront) or front.status != "published":
        return front.status
    if front.expires is not None and front.expires <= now:
        return "expired"
    if front.date > now:
        return "scheduled"
    return "published"


def assemble(
    choice: Choice,
    bodies: Mapping[str, Body],
    permalinks: Permalinks,
    zone: tzinfo,
    typeset: Callable[[str], str],
) -> tuple[Site, tuple[Problem, ...]]:
    """The site of the chosen documents and their converted bodies (keyed by path).

    ``typeset`` gives titles and summaries their typographic signs, as bodies have them.
    Also what is odd about it: D301 spellings taken for one, D302 entries described twice.
    """
    entries = {"tag": _Register("tag"), "category": _Register("category")}
    for document, _ in choice.shown:
        if isinstance(document.front, EntryFront):
            entries[document.kind].add(document)
    articles: list[Article] = []
    withdrawn: list[Article] = []
    pages: list[Page] = []
    for document, state in choice.shown:
        body = bodies.get(document.path, Body(()))
        if isinstance(document.front, ArticleFront):
            made = _article(
                document, document.front, state, body, entries, permalinks, zone, typeset
            )
            (withdrawn if state == "withdrawn" else articles).append(made)
        elif isinstance(document.front, PageFront):
            pages.append(_page(document, document.front, state, body, permalinks, typeset))
    articles.sort(key=_newest_first)
    withdrawn.sort(key=_newest_first)
    site = Site(
        articles=tuple(articles),
        withdrawn=tuple(withdrawn),
        pages=tuple(sorted(pages, key=lambda page: page.path)),
        tags=_terms(entries["tag"], articles, bodies, permalinks),
        categories=_terms(entries["category"], articles, bodies, permalinks),
        skipped=(*choice.skipped, *entries["tag"].unused()),
    )
    problems = [p for register in entries.values() for p in register.problems()]
    return site, tuple(problems)


def _newest_first(article: Article) -> tuple[float, str]:
    return (-article.date.timestamp(), article.path)


def _article(
    document: Document,
    front: ArticleFront,
    state: State,
    body: Body,
    entries: Mapping[str, _Register],
    permalinks: Permalinks,
    zone: tzinfo,
    typeset: Callable[[str], str],
) -> Article:
    date = front.date.astimezone(zone)
    slug = slug_of(document)
    category = entries["category"].key(front.category, document) if front.category else ""
    tags = dict.fromkeys(entries["tag"].key(tag, document) for tag in front.tags)
    return Article(
        path=document.path,
        slug=slug,
        url=permalink(
            permalinks.article,
            slug=slug,
            category=entries["category"].slug(category) if category else "",
            date=date,
        ),
        title=typeset(front.title),
        summary=typeset(front.summary or "") or shorten(body.lead, SUMMARY_LENGTH),
        date=date,
        days=frozenset(document.days),
        state=state,
        front=front,
        body=body,
        tags=tuple(tags),
        category=category,
        sources=_sources(front),
    )


def _page(
    document: Document,
    front: PageFront,
    state: State,
    body: Body,
    permalinks: Permalinks,
    typeset: Callable[[str], str],
) -> Page:
    slug = slug_of(document)
    return Page(
        path=document.path,
        slug=slug,
        url=permalink(permalinks.page, slug=slug, date=None),
        title=typeset(front.title),
        summary=typeset(front.summary or "") or shorten(body.lead, SUMMARY_LENGTH),
        state=state,
        days=frozenset(document.days),
        front=front,
        body=body,
    )


def slug_of(document: Document) -> str:
    """The slug of a document: its front matter's, else its file's."""
    return document.front.slug or default_slug(document.path)


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


def _sources(front: ArticleFront) -> tuple[SourceFront, ...]:
    given = front.sources or ((front.source,) if front.source is not None else ())
    return tuple(s if isinstance(s, SourceFront) else SourceFront(name=s) for s in given)


class _Register:
    """One taxonomy while it is collected: register files first, then the names articles use."""

    def __init__(self, kind: Literal["tag", "category"]) -> None:
        self.kind = kind
        self._files: dict[str, Document] = {}
        self._by_name: dict[str, str] = {}
        self._spellings: dict[str, Counter[str]] = defaultdict(Counter)
        self._users: dict[tuple[str, str], str] = {}
        self._twins: list[tuple[Document, Document]] = []

    def add(self, document: Document) -> None:
        """Enter a register file under its title and its file name."""
        key = fold(document.front.title)
        if key in self._files:
            self._twins.append((self._files[key], document))
            return
        self._files[key] = document
        self._by_name[key] = key
        self._by_name.setdefault(fold(default_slug(document.path)), key)

    def key(self, name: str, document: Document) -> str:
        """The key of the entry that ``name`` means, noting how it is spelled and where."""
        folded = fold(name)
        key = self._by_name.get(folded, folded)
        self._spellings[key][name] += 1
        self._users.setdefault((key, name), document.path)
        return key

    def all_keys(self) -> tuple[str, ...]:
        """All keys: of files and of names in use."""
        return tuple(dict.fromkeys([*self._files, *self._spellings]))

    def file(self, key: str) -> Document | None:
        """The register file of an entry."""
        return self._files.get(key)

    def name(self, key: str) -> str:
        """The display name: the register's, else the most used spelling (ties: first by code)."""
        if key in self._files:
            return self._files[key].front.title
        return min(self._spellings[key].items(), key=lambda item: (-item[1], item[0]))[0]

    def slug(self, key: str) -> str:
        """The last part of the entry's URL."""
        document = self._files.get(key)
        return slugify(self.name(key)) if document is None else slug_of(document)

    def unused(self) -> Iterator[Skipped]:
        """Described entries that no article uses."""
        for key, document in self._files.items():
            if key not in self._spellings:
                yield Skipped(
                    document.path, document.front.title, "unused", None, slug_of(document)
                )

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


def _terms(
    register: _Register,
    articles: Iterable[Article],
    bodies: Mapping[str, Body],
    permalinks: Permalinks,
) -> dict[str, Term]:
    members: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        for key in article.tags if register.kind == "tag" else (article.category,):
            members[key].append(article)
    pattern = permalinks.tag if register.kind == "tag" else permalinks.category
    terms = []
    for key in register.all_keys():
        document = register.file(key)
        if not members[key] and (document is None or register.kind == "tag"):
            continue
        front = document.front if document else None
        terms.append(
            Term(
                kind=register.kind,
                key=key,
                name=register.name(key),
                slug=register.slug(key),
                url=permalink(pattern, slug=register.slug(key), date=None),
                articles=tuple(members[key]),
                path=document.path if document else "",
                front=front if isinstance(front, EntryFront) else None,
                body=bodies.get(document.path) if document else None,
            )
        )
    return {term.key: term for term in sorted(terms, key=_term_order)}


def _term_order(term: Term) -> tuple[float, str, str]:
    weight = term.front.weight if term.front else None
    heavy = float("inf") if weight is None or term.kind == "tag" else weight
    return (heavy, fold(term.name), term.key)
