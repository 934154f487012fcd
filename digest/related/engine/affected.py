"""Finds the lists that a change to the archive can alter.

Every list is a function of the articles not newer than its own, so a change at instant T touches
no list older than T. Of the others, only these are made again (all else provably stays):

1. the changed articles' own;
2. those where the archive's size crossed a quarter octave;
3. those holding a word of a changed article whose causal frequency crossed a quarter octave or
   the cap there (for a word this happens at few articles, not at all that hold it);
4. those with a changed article in their pool, before or after.

When many lists are at stake the analysis is skipped and all since T are made again. The choice
costs time only, never changes a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digest.related.engine.archive import NAMED, PLAIN, WEIGHT_MASK, Archive
from digest.related.engine.levels import Levels
from digest.related.engine.lists import Ranker
from digest.related.engine.model import F64, I64, U8, U32, U64, Bools
from digest.related.engine.words import NAME_BIT

_LATE = 64
"""Up to this many lists since the change are made again without asking which."""
_WIDE = 64
"""Above this many changed articles the analysis costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Change:
    """Both sides of an update: numbers of articles gone from or changed in the old archive, and
    numbers new or changed in the new one."""

    old: Archive
    new: Archive
    gone: frozenset[int]
    came: frozenset[int]

    @property
    def since(self) -> int:
        """The earliest instant touched."""
        sides = ((self.old, self.gone), (self.new, self.came))
        touched = [
            archive.instants[np.isin(archive.numbers, np.array(sorted(numbers), np.uint32))]
            for archive, numbers in sides
            if numbers
        ]
        return int(np.concatenate(touched).min())


def affected(change: Change, ranker: Ranker, floors: F64, pools: Sequence[U32]) -> I64:
    """Ranks, ascending, of every list that can differ from the stored one."""
    new = change.new
    first = int(np.searchsorted(new.instants, change.since))
    own = np.isin(new.numbers, np.array(sorted(change.came), np.uint32))
    late = len(new) - first - int(np.count_nonzero(own))
    if late <= _LATE or len(change.gone | change.came) > _WIDE:
        return np.arange(first, len(new))
    dirty = own | _resized(change, ranker.levels)
    moved = {term for number in change.gone | change.came for term in _moved_terms(change, number)}
    _reweighted(change, np.array(sorted(moved), np.uint64), ranker.levels, dirty)
    dirty |= _pooled(change, pools)
    for number in sorted(change.came):
        dirty |= _entered(new, new.ranks[number], ranker.levels, floors)
    dirty[:first] = False
    return np.flatnonzero(dirty)


def _resized(change: Change, levels: Levels) -> Bools:
    """Where the archive's size, as a level, is not what it was."""
    new, old = change.new, change.old
    before = np.searchsorted(old.instants, new.instants, side="right")
    return np.asarray(levels.level(before + 1) != levels.level(new.ends + 1))


def _moved_terms(change: Change, number: int) -> list[int]:
    """Terms whose frequency over time differs because of this article."""
    sides: list[dict[int, int]] = []
    instants = []
    for archive, there in (
        (change.old, number in change.gone),
        (change.new, number in change.came),
    ):
        terms: U64 = np.empty(0, np.uint64)
        if there:
            rank = archive.ranks[number]
            segment, at = archive.place(rank)
            terms, _ = segment.row(at)
            instants.append(int(archive.instants[rank]))
        sides.append(dict.fromkeys(terms.tolist(), 0))
    before, after = (set(side) for side in sides)
    return sorted(before ^ after if len(set(instants)) == 1 else before | after)


def _reweighted(change: Change, terms: U64, levels: Levels, dirty: Bools) -> None:
    """Marks the articles at which the weight of one of the terms is not what it was."""
    moved = np.array(sorted(change.gone | change.came), np.uint32)
    # Beyond the highest cap every posting weighs nothing, before and after.
    # Each changed article can shift that border by one.
    most = levels.most(max(len(change.old), len(change.new))) + 1 + len(moved)
    sides = zip(change.old.postings(terms, most), change.new.postings(terms, most), strict=True)
    for old, new in sides:
        _, before = _weights(change.old, *old, levels, moved)
        ranks, after = _weights(change.new, *new, levels, moved)
        # Without the changed articles both sides run through the same ones; what one side has
        # beyond the other lies beyond the cap.
        both = min(len(before), len(after))
        dirty[ranks[:both][before[:both] != after[:both]]] = True


def _weights(
    archive: Archive, ranks: I64, codes: U8, levels: Levels, moved: U32
) -> tuple[I64, F64]:
    """Ranks that did not change themselves, with the weight of a term at each one's moment."""
    frequency = np.searchsorted(ranks, archive.ends[ranks])
    size = levels.level(archive.ends[ranks] + 1)
    weight = levels.weight(frequency, size)
    # A label (category, edition) has no weight of its own; its rarity counts, however common.
    weight = np.where(codes & WEIGHT_MASK, weight, levels.rarity(frequency, size))
    stays = ~np.isin(archive.numbers[ranks], moved)
    return ranks[stays], weight[stays]


def _pooled(change: Change, pools: Sequence[U32]) -> Bools:
    """Whose stored pool holds a changed article."""
    gone = np.array(sorted(change.gone), np.uint32)
    if not len(gone):
        return np.zeros(len(change.new), np.bool_)
    return np.concatenate([np.isin(pool, gone).any(axis=1) for pool in pools])


def _entered(new: Archive, rank: int, levels: Levels, floors: F64) -> Bools:
    """In whose pool the article at `rank` now stands, or could by a tie."""
    total = np.zeros(len(new))
    segment, at = new.place(rank)
    if not new.eligible[rank]:
        return np.zeros(len(new), np.bool_)
    instant = new.instants[rank]
    terms, own = segment.row(at)
    holders = new.postings(terms, levels.most(len(new)) + 1)
    for code, (ranks, codes) in zip(own.tolist(), holders, strict=True):
        if code & WEIGHT_MASK:
            frequency = np.searchsorted(ranks, new.ends[ranks])
            weight = levels.weight(frequency, levels.level(new.ends[ranks] + 1))
            total[ranks] += weight * _pair(code, codes)
    return np.asarray((total >= np.maximum(floors, 1.0)) & (new.instants >= instant))


def _pair(code: int, codes: U8) -> F64:
    """Weight of a term of code `code` with articles that hold it with `codes`."""
    table = NAMED if code & NAME_BIT else PLAIN
    return table[codes] * float(code & WEIGHT_MASK)
