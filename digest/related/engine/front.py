"""The engine's front: rank a whole archive, or keep one up to date on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from digest.related.engine import store
from digest.related.engine.archive import Archive
from digest.related.engine.explain import explain, find
from digest.related.engine.levels import Levels
from digest.related.engine.lists import NOBODY, Lists, Ranker
from digest.related.engine.model import Explanation, Pick, RelatedInput, Weights
from digest.related.engine.refresh import refresh

EMPTY = store.EMPTY


@dataclass(frozen=True, slots=True)
class Related:
    """Every article's list. `redone` names those made again by the last update, oldest first.

    `note` tells what was wrong with the store: "made anew: …" when an earlier one was not used,
    "not kept: …" when it could not be written; "" when nothing was.
    """

    state: store.State
    weights: Weights
    limit: int
    redone: tuple[str, ...]
    note: str = ""

    def picks(self, key: str) -> tuple[Pick, ...]:
        """The list of one article, best first; for many use `items`. Raises `KeyError`."""
        archive = self._archive()
        rank = find(archive, key)
        if rank is None:
            raise KeyError(key)
        at = next(n for n, base in enumerate(archive.bases) if base > rank) - 1
        return _picks(
            self.state.parts[at].lists, rank - archive.bases[at], _keys(self.state).__getitem__
        )

    def items(self, only: Iterable[str] | None = None) -> Iterator[tuple[str, tuple[Pick, ...]]]:
        """Key and list of every article, or of some, in order of time."""
        wanted = None if only is None else frozenset(only)
        key_of = _keys(self.state).__getitem__
        for part in self.state.parts:
            for row, key in enumerate(part.segment.keys):
                if wanted is None or key in wanted:
                    yield key, _picks(part.lists, row, key_of)

    def table(self) -> tuple[list[str], list[list[int]]]:
        """Every list at once: the keys in order of time, and each one's picks as places in them."""
        parts = self.state.parts
        keys = [key for part in parts for key in part.segment.keys]
        if not keys:
            return [], []
        numbers = np.concatenate([part.segment.numbers for part in parts])
        picked = np.concatenate([part.lists.numbers for part in parts])
        order = np.argsort(numbers)
        found = np.searchsorted(numbers[order], picked).clip(max=len(keys) - 1)
        lengths = (picked != NOBODY).sum(axis=1).tolist()
        rows = zip(order[found].tolist(), lengths, strict=True)
        return keys, [row[:length] for row, length in rows]

    def explain(
        self,
        key: str,
        load: Callable[[str], RelatedInput],
        candidates: tuple[str, ...] = (),
    ) -> tuple[Explanation, ...]:
        """Every candidate of an article with its score by part; see `explain.explain`.

        `load` gives the article's words back. Raises `KeyError` for an unknown key.
        """
        archive = self._archive()
        rank = find(archive, key)
        if rank is None:
            raise KeyError(key)
        ranker = Ranker(archive, self.weights, Levels(self.weights), self.limit)
        return explain(ranker, rank, load, candidates)

    def _archive(self) -> Archive:
        return Archive(tuple(part.segment for part in self.state.parts))


def rank(
    docs: Iterable[RelatedInput], limit: int = 10, jobs: int = 1, weights: Weights | None = None
) -> Related:
    """Lists for all of `docs`, in memory. Keys must be unique (`ValueError`)."""
    by_key: dict[str, RelatedInput] = {}
    for doc in docs:
        if doc.key in by_key:
            raise ValueError(f"two articles have the key {doc.key!r}")
        by_key[doc.key] = doc
    settings = weights or Weights()
    stamps = dict.fromkeys(by_key, "")
    state, redone = refresh(EMPTY, stamps, by_key.__getitem__, settings, limit, jobs)
    return Related(state, settings, limit, redone)


class Folder:
    """The lists of a site as they are kept in a folder, read when this is made.

    A damaged or outdated folder is made again from nothing, and one that cannot be written stays
    as it is; the ``note`` of what is made says so.
    """

    def __init__(self, folder: Path, limit: int = 10, weights: Weights | None = None) -> None:
        self._folder, self._limit, self._weights = folder, limit, weights or Weights()
        self._signature = f"{self._weights.signature()} limit={limit}"
        self._note = ""
        try:
            self._before = store.read(folder, self._signature)
        except store.DamagedError as error:
            self._before, self._note = EMPTY, f"made anew: {error}"

    def update(
        self,
        stamps: Mapping[str, str],
        load: Callable[[str], RelatedInput],
        jobs: int = 1,
        *,
        keep: bool = True,
    ) -> Related:
        """Lists for exactly the articles of `stamps`.

        `stamps` maps each key to a digest of what its `RelatedInput` says (`stamp` makes one);
        `load(key)` is called only where the digest is new. Without `keep` nothing is written.
        """
        before, note, limit = self._before, self._note, self._limit
        state, redone = refresh(before, stamps, load, self._weights, limit, jobs)
        if keep and (state is not before or note):
            try:
                state = store.write(self._folder, self._signature, state)
            except OSError as error:
                note = f"not kept: {error}"
        return Related(state, self._weights, limit, redone, note)


def update(
    folder: Path,
    stamps: Mapping[str, str],
    load: Callable[[str], RelatedInput],
    limit: int = 10,
    jobs: int = 1,
    weights: Weights | None = None,
    *,
    keep: bool = True,
) -> Related:
    """What a `Folder` makes of `stamps`; see there."""
    return Folder(folder, limit, weights).update(stamps, load, jobs, keep=keep)


def stamp(doc: RelatedInput) -> str:
    """A digest of everything an article says to the engine."""
    said = repr(
        (
            doc.key,
            doc.instant,
            doc.title,
            doc.text,
            doc.tags,
            doc.category,
            doc.story,
            doc.edition,
            doc.eligible,
            sorted(doc.exclude),
        )
    )
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _keys(state: store.State) -> dict[int, str]:
    keys: dict[int, str] = {}
    for part in state.parts:
        keys.update(zip(part.segment.numbers.tolist(), part.segment.keys, strict=True))
    return keys


def _picks(lists: Lists, row: int, key_of: Callable[[int], str]) -> tuple[Pick, ...]:
    found = zip(lists.numbers[row].tolist(), lists.scores[row].tolist(), strict=True)
    return tuple(Pick(key_of(number), score) for number, score in found if number != NOBODY)
