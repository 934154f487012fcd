"""Brings an archive and its lists up to date at a cost that follows the change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from digest.related.engine.affected import Change, affected
from digest.related.engine.archive import Archive
from digest.related.engine.levels import Levels
from digest.related.engine.lists import Lists, Ranker, blank, stack, take
from digest.related.engine.model import I64, RelatedInput, Weights
from digest.related.engine.segment import Doc, Flat, build, flatten, join, select
from digest.related.engine.store import Part, State
from digest.related.engine.words import Vector, Vectorizer

SEGMENT = 1024
"""Articles a segment at most: what one late change rewrites."""
_FEW = 256
"""Up to this many lists are looked up one by one; above, one large index is made first."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """An article whose content is new, with its vector as a `Flat` of one in `flat[at]`."""

    doc: Doc
    at: int


def refresh(
    state: State,
    stamps: Mapping[str, str],
    load: Callable[[str], RelatedInput],
    weights: Weights,
    limit: int,
    jobs: int = 1,
) -> tuple[State, tuple[str, ...]]:
    """The state for exactly the articles of `stamps`, and the keys whose lists were made again.

    `stamps` gives a digest of everything an article's `RelatedInput` says; `load` is called only
    for those whose digest is not the stored one.
    """
    old = Archive(tuple(part.segment for part in state.parts))
    changed, leaving = _differences(state, stamps)
    if not changed and not leaving:
        return state, ()
    numbers = _numbers(state.parts, leaving)
    gone = frozenset(numbers.values())
    parts, came, following = _take_in(state, changed, numbers, stamps, load, weights, limit, jobs)
    new = Archive(tuple(part.segment for part in parts))
    change = Change(old, new, gone, came)
    ranker = Ranker(new, weights, Levels(weights), limit)
    floors = np.concatenate([np.zeros(0), *(part.lists.floor for part in parts)])
    pools = [part.lists.pool for part in parts]
    redo = affected(change, ranker, floors, pools) if len(new) else np.zeros(0, np.int64)
    ranks = redo.tolist()
    made = ranker.few(ranks) if len(ranks) <= _FEW else ranker.many(ranks, jobs)
    kept = _put(parts, new.bases, redo, made)
    return State(kept, following), tuple(new.key(rank) for rank in ranks)


def _differences(state: State, stamps: Mapping[str, str]) -> tuple[list[str], set[str]]:
    """New or edited keys, sorted, and stored keys that are edited or gone."""
    held: set[str] = set()
    leaving: set[str] = set()
    for part in state.parts:
        keys, stored = part.segment.keys, part.segment.stamps
        held.update(keys)
        now = tuple(map(stamps.get, keys))
        if now != stored:
            leaving.update(k for k, a, b in zip(keys, now, stored, strict=True) if a != b)
    return sorted(key for key in stamps if key not in held or key in leaving), leaving


def _numbers(parts: Sequence[Part], keys: set[str]) -> dict[str, int]:
    """Numbers of some stored keys."""
    return {
        key: int(number)
        for part in parts
        if not keys.isdisjoint(part.segment.keys)
        for key, number in zip(part.segment.keys, part.segment.numbers, strict=True)
        if key in keys
    }


def _take_in(
    state: State,
    changed: Sequence[str],
    numbers: Mapping[str, int],
    stamps: Mapping[str, str],
    load: Callable[[str], RelatedInput],
    weights: Weights,
    limit: int,
    jobs: int,
) -> tuple[tuple[Part, ...], frozenset[int], int]:
    """New parts, the numbers of what came, the next free number. Vectors die with the call.

    `numbers` has the stored articles that changed or left.
    """
    fresh, flat, following = _load(changed, stamps, load, numbers, state.next_number, weights, jobs)
    parts = _merge(state.parts, frozenset(numbers.values()), fresh, flat, limit, weights)
    return parts, frozenset(item.doc.number for item in fresh), following


def _load(
    changed: Sequence[str],
    stamps: Mapping[str, str],
    load: Callable[[str], RelatedInput],
    numbers: Mapping[str, int],
    following: int,
    weights: Weights,
    jobs: int,
) -> tuple[list[Fresh], Flat, int]:
    vectorizer, flats = Vectorizer(weights), _Flats(weights)

    def work(key: str) -> _Read:
        article = load(key)
        exclude = tuple(sorted(article.exclude))
        return _Read(article.instant, article.eligible, exclude, vectorizer.vector(article), -1)

    fresh: list[Fresh] = []
    for key, read in zip(changed, _each(changed, work, flats.take, jobs), strict=True):
        # With its vector still there it was read here, since its worker was killed.
        one = read if read.vector is None else flats.take([read])[0]
        number = numbers.get(key, following)
        following += number == following
        doc = Doc(key, number, one.instant, stamps[key], one.eligible, one.exclude)
        fresh.append(Fresh(doc, one.at))
    return fresh, flats.joined(), following


class _Read(NamedTuple):
    """What is kept of an article that was read; without the vector it stands at ``at``."""

    instant: int
    eligible: bool
    exclude: tuple[str, ...]
    vector: Vector | None
    at: int


class _Flats:
    """Collects vectors as they come: many small arrays take more memory than a few large ones."""

    def __init__(self, weights: Weights) -> None:
        self._sketch = weights.sketch
        self._vectors: list[Vector] = []
        self._flats: list[Flat] = []
        self._count = 0

    def take(self, batch: Sequence[_Read]) -> list[_Read]:
        """The same without vectors, which are put one behind the other."""
        kept = []
        for one in batch:
            if one.vector is not None:
                self._vectors.append(one.vector)
                kept.append(one._replace(vector=None, at=self._count))
                self._count += 1
        if len(self._vectors) >= SEGMENT:
            self._flatten()
        return kept

    def joined(self) -> Flat:
        """All vectors."""
        self._flatten()
        return join(self._flats) if len(self._flats) > 1 else self._flats[0]

    def _flatten(self) -> None:
        self._flats.append(flatten(self._vectors, self._sketch))
        self._vectors.clear()


def _each(
    keys: Sequence[str],
    work: Callable[[str], _Read],
    receive: Callable[[Sequence[_Read]], list[_Read]],
    jobs: int,
) -> list[_Read]:
    """``work`` of all keys, in several processes where there are many."""
    if len(keys) <= _FEW:
        return receive([work(key) for key in keys])
    from digest.parallel import spread  # lazy: multiprocessing, not needed for a few

    return spread(keys, work, jobs=jobs, lost=lambda key, _: work(key), receive=receive)


def _merge(
    parts: Sequence[Part],
    gone: frozenset[int],
    fresh: Sequence[Fresh],
    flat: Flat,
    limit: int,
    weights: Weights,
) -> tuple[Part, ...]:
    """Parts with changed articles taken out and new ones put in; the others as they were."""
    heads = [_order(part.segment.doc(0)) for part in parts]
    bins: list[list[Fresh]] = [[] for _ in range(max(len(parts), 1))]
    for item in fresh:
        at = bisect_right(heads, _order(item.doc)) - 1
        bins[max(at, 0)].append(item)
    merged: list[Part] = []
    moved = np.array(sorted(gone), np.uint32)
    for at, arriving in enumerate(bins):
        part = parts[at] if parts else None
        leaving = part is not None and bool(np.isin(part.segment.numbers, moved).any())
        if part is not None and not arriving and not leaving:
            merged.append(part)
        else:
            merged.extend(_rebuild(part, gone, arriving, flat, limit, weights))
    return tuple(merged)


def _order(doc: Doc) -> tuple[int, str]:
    return doc.instant, doc.key


def _rebuild(
    part: Part | None,
    gone: frozenset[int],
    arriving: Sequence[Fresh],
    flat: Flat,
    limit: int,
    weights: Weights,
) -> list[Part]:
    """One part made again, cut where it has grown too long."""
    old = [part.segment.doc(at) for at in range(len(part.segment))] if part else []
    entries = [(doc, at, at) for at, doc in enumerate(old) if doc.number not in gone]
    entries += [(item.doc, len(old) + item.at, -1) for item in arriving]
    entries.sort(key=lambda entry: _order(entry[0]))
    both = join([part.segment.flat(), flat]) if part else flat
    built = []
    for start in range(0, len(entries), SEGMENT):
        chunk = entries[start : start + SEGMENT]
        segment = build([doc for doc, _, _ in chunk], select(both, [at for _, at, _ in chunk]))
        lists = blank(len(chunk), limit, weights)
        stays = np.array([row for row, (_, _, was) in enumerate(chunk) if was >= 0], np.int64)
        if part and len(stays):
            source = np.array([was for _, _, was in chunk if was >= 0], np.int64)
            carried = take(part.lists, source)
            lists.numbers[stays], lists.scores[stays] = carried.numbers, carried.scores
            lists.pool[stays], lists.floor[stays] = carried.pool, carried.floor
        built.append(Part(segment, lists))
    return built


def _put(parts: Sequence[Part], bases: Sequence[int], ranks: I64, made: Lists) -> tuple[Part, ...]:
    """Parts with new lists in their places."""
    result = []
    for at, part in enumerate(parts):
        low, high = np.searchsorted(ranks, [bases[at], bases[at + 1]])
        if low == high:
            result.append(part)
            continue
        rows, own = ranks[low:high] - bases[at], take(made, slice(int(low), int(high)))
        lists = stack([part.lists])
        lists.numbers[rows], lists.scores[rows] = own.numbers, own.scores
        lists.pool[rows], lists.floor[rows] = own.pool, own.floor
        result.append(Part(part.segment, lists, part.segment_blob, ""))
    return tuple(result)
