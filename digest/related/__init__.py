"""Baca Juga: which articles each article links to, and which newer ones follow it up.

The engine (numpy, 0.1 s to import) is loaded only when something it reads has changed since the
last build; the lists of that build are kept beside its index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from digest import __version__
from digest.aside import Aside
from digest.errors import Problem
from digest.model import AnyContent, Article, Linked, Relations
from digest.pace import breathe
from digest.related.inputs import Inputs, Said, is_eligible, key_of
from digest.related.kept import Ranked, read_lists, write_lists
from digest.text import fold

if TYPE_CHECKING:
    from digest.related.engine import Explanation, Related

__all__ = ["Candidate", "Engine", "Settings", "explain", "has_lists", "relate"]

LIMIT = 10
"""Related articles kept for each article."""

MOST_TOLD = 256
"""Changed articles up to which an engine in another process is told them; above, there is none."""

_Question = tuple[Mapping[str, str], Mapping[str, Said]]
"""All stamps, and what the articles say whose stamp is new."""
_Told = tuple[list[str], list[list[int]], str]
"""Keys, lists and note, as ``Related`` has them."""


class _UntoldError(Exception):
    """The index does not have what the lists beside it were made from."""


class Settings(msgspec.Struct, frozen=True):
    """How the articles of a site are related.

    ``store`` is the folder that keeps the index between builds; without one, or when it cannot be
    written, everything is made in memory, with the same result. ``common`` are words of the
    language that say nothing of a subject, sorted; ``jobs`` is the number of processes. Without
    ``keep`` the store is read, but not written. ``words`` finds what an article says.
    """

    words: Callable[[AnyContent], bytes]
    store: Path | None = None
    common: tuple[str, ...] = ()
    jobs: int = 1
    keep: bool = True


class Candidate(msgspec.Struct, frozen=True):
    """An article considered for a list: its ``place`` there from 1, or 0 and the ``reason``."""

    article: Article
    place: int
    pinned: bool
    reason: str
    parts: Explanation


class Engine:
    """The ranking of a site, loaded here or in a process of its own.

    Where an index is kept and a process can be spared (``beside``), that loads numpy and reads
    the index while this one reads the articles. Use it as a context manager.
    """

    def __init__(self, settings: Settings, *, beside: bool = False) -> None:
        self._settings = settings
        pays = beside and settings.jobs > 1 and has_lists(settings)
        self._aside = Aside(self._reader, pays=pays)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self._aside.close()

    def ranked(self, inputs: Inputs) -> Callable[[], tuple[Ranked, tuple[Problem, ...]]]:
        """Begin to rank; what is returned waits for the lists.

        They are those of the last build when nothing they read has changed.
        """
        stamps, file = inputs.stamps(), _file(self._settings)
        made_with = f"{__version__} {LIMIT} {self._settings.common}"
        kept = read_lists(file, made_with) if file else None
        changed = kept.differing(stamps) if kept else list(stamps)
        if kept and changed is None:
            self._aside.close()
            return lambda: (kept.ranked, ())
        answer = self._begun(inputs, stamps, changed or [])

        def wait() -> tuple[Ranked, tuple[Problem, ...]]:
            keys, lists, note = answer()
            ranked = Ranked(keys, lists)
            if file and self._settings.keep:
                write_lists(file, made_with, ranked, stamps)
            return ranked, tuple(_notes(note))

        return wait

    def _begun(
        self, inputs: Inputs, stamps: Mapping[str, str], changed: Sequence[str]
    ) -> Callable[[], _Told]:
        """Ask the other process where what it must be told is little, else work here."""

        def here() -> _Told:
            related = _run(inputs, stamps, self._settings)
            return (*related.table(), related.note)

        if not self._aside.beside or len(changed) > MOST_TOLD:
            self._aside.close()
            told = here()
            return lambda: told
        answer = self._aside.ask((stamps, {key: inputs.said(key) for key in changed}))
        return lambda: answer() or here()

    def _reader(self) -> Callable[[_Question], _Told | None]:
        """Read the index; what is returned ranks, None where it was told too little."""
        from digest.related.engine import Folder, RelatedInput, Weights  # lazy: numpy

        settings = self._settings
        assert settings.store is not None  # noqa: S101 - else there is no other process
        folder = Folder(settings.store, LIMIT, Weights(common=settings.common))

        def answer(question: _Question) -> _Told | None:
            stamps, said = question

            def load(key: str) -> RelatedInput:
                if key not in said:
                    raise _UntoldError
                return RelatedInput(**said[key])

            try:
                related = folder.update(stamps, load, keep=settings.keep)
            except _UntoldError:
                return None
            return (*related.table(), related.note)

        return answer


def has_lists(settings: Settings) -> bool:
    """Whether there are lists of an earlier build, so that an edit costs little."""
    file = _file(settings)
    return file is not None and file.exists()


def _file(settings: Settings) -> Path | None:
    return settings.store / "lists.msgpack" if settings.store else None


def relate(
    articles: Sequence[Article], linked: Linked, settings: Settings, engine: Engine | None = None
) -> Callable[[], Relations]:
    """Begin to relate ``articles`` (newest first); what is returned waits for the answer.

    Candidates are never newer than the article unless they are pinned, so a list is a function of
    the past alone. Sponsored items, drafts and scheduled items, what the body links, what the
    editor blocked and, if not pinned, what links the article are never listed. Problems: D701.
    """
    inputs = Inputs(articles, linked, settings.words)
    answer = (engine or Engine(settings)).ranked(inputs)

    def wait() -> Relations:
        ranked, problems = answer()
        by_place = [inputs.by_key[key] for key in ranked.keys]
        lists = {}
        for article, row in zip(by_place, ranked.lists, strict=True):
            picks = [by_place[place] for place in row]
            lists[article.path] = _with_pins(article, picks, inputs)
        return Relations(lists, _follow_ups(lists, inputs), problems)

    return wait


def _run(inputs: Inputs, stamps: Mapping[str, str], settings: Settings) -> Related:
    from digest.related.engine import Weights, rank, update  # lazy: numpy

    weights = Weights(common=settings.common)
    if settings.store is None:
        return rank(map(inputs.load, stamps), LIMIT, settings.jobs, weights)
    folder, jobs, keep = settings.store, settings.jobs, settings.keep
    return update(folder, stamps, inputs.load, LIMIT, jobs, weights, keep=keep)


def _notes(note: str) -> Iterator[Problem]:
    if note:
        message = f"the index of related articles was {note}"
        hint = "the lists are right; only time was lost"
        yield Problem("D701", message, severity="note", hint=hint)


def _with_pins(article: Article, ranked: Sequence[Article], inputs: Inputs) -> tuple[Article, ...]:
    """The editor's pins, then the ranking; nothing twice."""
    breathe()
    mentions, pins = inputs.mentions(article), inputs.pins(article)
    if not mentions and not pins:
        return tuple(ranked[:LIMIT])
    rest = [pick for pick in ranked if key_of(pick) not in mentions]
    return tuple(dict.fromkeys([*pins, *rest]))[:LIMIT]


def _follow_ups(
    lists: Mapping[str, tuple[Article, ...]], inputs: Inputs
) -> dict[str, tuple[Article, ...]]:
    """Newer articles whose own first pick is the article, newest first."""
    found: dict[str, list[Article]] = defaultdict(list)
    for key, article in inputs.by_key.items():
        breathe()
        first = next(iter(lists[article.path]), None)
        if first is None or first.date >= article.date or not is_eligible(article):
            continue
        on_page = inputs.barred(first) | inputs.mentions(first)
        if key not in on_page and article not in lists[first.path]:
            found[first.path].append(article)
    return {path: tuple(newer) for path, newer in found.items()}


def explain(
    articles: Sequence[Article], linked: Linked, settings: Settings, article: Article
) -> tuple[Candidate, ...]:
    """Every candidate of ``article``: its list in order, then the others by score.

    Beside what the ranking considered, these are all articles that its front matter or text names.
    """
    inputs = Inputs(articles, linked, settings.words)
    related = _run(inputs, inputs.stamps(), settings)
    key = key_of(article)
    ranked = [inputs.by_key[pick.key] for pick in related.picks(key)]
    shown = [key_of(pick) for pick in _with_pins(article, ranked, inputs)]
    scored = related.explain(key, inputs.load)
    others = (inputs.named(article) | inputs.mentions(article)) - {one.key for one in scored}
    if others:
        scored += related.explain(key, inputs.load, tuple(sorted(others)))
    places = {other: place for place, other in enumerate(shown, start=1)}
    pins = {key_of(pin) for pin in inputs.pins(article)}
    found = [
        Candidate(
            article=inputs.by_key[parts.key],
            place=places.get(parts.key, 0),
            pinned=parts.key in pins,
            reason="" if parts.key in places else _reason(parts, article, inputs),
            parts=_readable(parts, article),
        )
        for parts in scored
    ]
    return tuple(sorted(found, key=lambda one: one.place or LIMIT + 1))


def _readable(parts: Explanation, article: Article) -> Explanation:
    """With tags and story as the article's front matter writes them."""
    front = article.front
    names = {f"tag {fold(tag)}": f"tag {tag}" for tag in front.tags}
    names[f"story {article.story}"] = f"story {front.story}"
    shares = tuple(replace(one, label=names.get(one.label, one.label)) for one in parts.shares)
    return replace(parts, shares=shares)


def _reason(parts: Explanation, article: Article, inputs: Inputs) -> str:
    """Why a candidate is not in the list."""
    other = inputs.by_key[parts.key]
    reasons = {
        "blocked by related_exclude": parts.key in inputs.blocked(article),
        "linked in the text": parts.key in inputs.links(article),
        "sponsored": bool(other.front.sponsored),
        f"not published yet: {other.state}": other.state != "published",
        "shown as linking here": parts.key in inputs.mentions(article),
    }
    first = next((reason for reason, holds in reasons.items() if holds), "")
    return first or parts.excluded or "ranked below the list's length"
