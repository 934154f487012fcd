"""Taxonomies and other registers: entries described by files, and names that articles use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from digest.assemble.slugs import default_slug
from digest.errors import Problem, Where
from digest.front import EntryFront
from digest.model import Article, Content, Skipped, Term, TermKind
from digest.pace import breathe
from digest.text import fold, slugify
from digest.urls import permalink

Locate = Callable[[str, str, int], Where]
"""(path, text, nth) → the place of the nth occurrence of a text in a file."""


class Register:
    """One register while it is collected: its files first, then the names that articles use."""

    def __init__(self, kind: TermKind) -> None:
        self.kind = kind
        self._files: dict[str, Content[EntryFront]] = {}
        self._by_name: dict[str, str] = {}
        self._folded: dict[str, str] = {}
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

    def settle(self) -> None:
        """Enter the synonyms, when all files are known: titles and file names come first."""
        for key, entry in self._files.items():
            for synonym in entry.front.synonyms:
                self._by_name.setdefault(fold(synonym), key)

    def named(self, name: str, path: str) -> str:
        """``key`` of a name that was not folded before; few names stand in many files."""
        folded = self._folded.get(name)
        if folded is None:
            folded = self._folded[name] = fold(name)
        return self.key(name, folded, path)

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

    def names(self) -> dict[str, str]:
        """The display names of all entries in use, by key."""
        return {key: self.name(key) for key in self._spellings}

    def problems(self, locate: Locate) -> Iterable[Problem]:
        """Entries described twice, and notes on spellings that were taken for one."""
        yield from self._shared_names(locate)
        for first, second in self._twins:
            yield Problem(
                "D302",
                f"the {self.kind} {second.front.title!r} is described twice",
                Where(second.path, 1),
                hint="keep one of the two files",
                also=(Where(first.path, 1),),
            )
        for key, spellings in sorted(self._spellings.items()):
            loose = {name for name in spellings if not self._is_given(key, name)}
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

    def _shared_names(self, locate: Locate) -> Iterator[Problem]:
        """Synonyms that are the name of another entry."""
        for key, entry in self._files.items():
            for synonym in entry.front.synonyms:
                other = self._by_name[fold(synonym)]
                if other != key:
                    message = f"the synonym {synonym!r} means the {self.kind} {self.name(other)!r}"
                    where = locate(entry.path, synonym, 0)
                    also = (Where(self._files[other].path, 1),)
                    hint = "a name means one entry: take it out of one of the two files"
                    yield Problem("D306", message, where, hint, also=also)

    def _is_given(self, key: str, name: str) -> bool:
        """Whether ``name`` is the id or a synonym of a register file, so no second spelling."""
        entry = self._files.get(key)
        if entry is None:
            return False
        return name == default_slug(entry.path) or fold(name) in map(fold, entry.front.synonyms)


Members = Callable[[Article], Iterable[str]]
"""The keys of a register under which an article stands, none twice."""

MEMBERS: dict[TermKind, Members] = {
    "tag": lambda article: article.tags,
    "category": lambda article: (article.category,),
    "source": lambda article: dict.fromkeys(article.outlets),
    "author": lambda article: dict.fromkeys((*article.writers, article.editor)),
    "story": lambda article: (article.story,),
}


def terms_of(register: Register, articles: Iterable[Article], pattern: str) -> dict[str, Term]:
    """The entries of a register that have a page, in order, with their articles."""
    keys_of = MEMBERS[register.kind]
    members: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        breathe()
        for key in keys_of(article):
            members[key].append(article)
    terms = []
    for key in register.all_keys():
        entry = register.file(key)
        if not members[key] and (entry is None or register.kind != "category"):
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
