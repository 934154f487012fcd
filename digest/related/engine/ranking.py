"""From similarities to a list: the pool, its order in time, and what is left out.

    score(q, d) = S * category * edition / sqrt(1 + crowd * sum over newer d' of (S'/max S)^2)

The sum runs over the pool's articles newer than d: an article of which there are newer ones on
the same matter gives way to them. Only order in time counts, never hours or days, so a weekly
letter and a wire are treated alike. Division and square root are correctly rounded by IEEE 754
and the sum is of integers, so scores are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digest.related.engine.archive import MARK, Archive, Query
from digest.related.engine.levels import STEPS, Levels
from digest.related.engine.model import F64, I64, U32, Bools, Weights
from digest.related.engine.segment import NO_HASH

_FRACTION = 1 << 20
_SIEVE = 16


@dataclass(frozen=True, slots=True)
class Pool:
    """The articles that an article's list is chosen from, most similar first.

    `floor` is the similarity an article outside would have to reach (or pass, in a tie) to enter.
    """

    ranks: I64
    similarity: F64
    own: float
    floor: float


@dataclass(frozen=True, slots=True)
class Scored:
    """The pool with its parts, in the order of `Pool`."""

    score: F64
    category: F64
    edition: F64
    newer: F64


@dataclass(frozen=True, slots=True)
class Columns:
    """What ranking reads of every article, by rank."""

    instants: I64
    eligible: Bools


def choose_pool(rank: int, sums: F64, columns: Columns, size: int, part: float) -> Pool:
    """The most similar eligible articles not newer than the one at `rank`, at most `size`.

    `sums` are those of `archive.weigh`. Each has at least `part` of the article's similarity to
    itself, and it shares more than one word: one alone is a coincidence. Equal similarity: the
    newer first, then by key.
    """
    own = float(np.floor(sums[rank])) if rank < len(sums) else 0.0
    # Whole numbers: nothing below 1 is a similarity, even where the article shares nothing.
    floor = max(part * own, 1.0)
    found = np.flatnonzero(sums >= floor)
    found = found[columns.eligible[found] & (found != rank)]
    value = np.floor(sums[found])
    several = sums[found] - value > MARK
    found, value = found[several], value[several]
    if len(found) >= size:
        floor = float(np.partition(value, len(value) - size)[len(value) - size])
        found, value = found[value >= floor], value[value >= floor]
    order = np.lexsort((found, -columns.instants[found], -value))[:size]
    return Pool(found[order], value[order], own, floor)


def score_pool(
    archive: Archive, query: Query, pool: Pool, levels: Levels, weights: Weights
) -> Scored:
    """Scores of the pool's articles."""
    instants = archive.instants[pool.ranks]
    relative = pool.similarity / pool.similarity[:1]
    mass = (relative * relative * _FRACTION).astype(np.int64)
    newer = ((instants[None, :] > instants[:, None]) @ mass) / _FRACTION
    category = _agreement(archive.categories, query, pool.ranks, levels, weights.category_octaves)
    edition = _agreement(archive.editions, query, pool.ranks, levels, weights.edition_octaves)
    score = pool.similarity * category * edition / np.sqrt(1.0 + weights.crowd * newer)
    return Scored(score, category, edition, newer)


def _agreement(
    labels: np.ndarray[tuple[int], np.dtype[np.uint64]],
    query: Query,
    ranks: I64,
    levels: Levels,
    octaves: float,
) -> F64:
    """1, or more where the candidate has the query's label: the rarer the label, the more."""
    label = labels[query.rank]
    if not label:
        return np.ones(len(ranks))
    at = int(np.searchsorted(query.terms, label))
    rarity = max(levels.of(query.end + 1) - levels.of(int(query.frequency[at])), 0)
    return np.where(labels[ranks] == label, 1.0 + rarity / (STEPS * octaves), 1.0)


def order_pool(pool: Pool, score: F64, instants: I64) -> I64:
    """Places in the pool, best first; ties by date (newer first), then key."""
    return np.lexsort((pool.ranks, -instants[pool.ranks], -score))


def copies(sketches: U32, least: float) -> Bools:
    """Which articles (one a row, in order of preference) copy an earlier one.

    Jaccard similarity of shingle sets, estimated from the k smallest hashes of the union
    (Broder 1997; bottom-k: Cohen & Kaplan 2007). Row 0 is the article itself. An article whose
    original is itself left out stays out: the original's original is shown.
    """
    count, k = sketches.shape
    dropped = np.zeros(count, np.bool_)
    # Two copies share one of their few smallest hashes all but surely (0.3^16); most lists hold
    # no two articles that do, and a short sort tells.
    few = np.sort(sketches[:, :_SIEVE], axis=None)
    if not np.any((few[1:] == few[:-1]) & (few[1:] != NO_HASH)):
        return dropped
    values, inverse, held = np.unique(sketches, return_inverse=True, return_counts=True)
    common_values = (held > 1) & (values != NO_HASH)
    columns = np.cumsum(common_values) - 1
    row, _ = np.nonzero(shared := common_values[inverse.reshape(sketches.shape)])
    if not len(row):
        return dropped
    member = np.zeros((count, int(columns[-1]) + 1), np.int64)
    member[row, columns[inverse.reshape(sketches.shape)[shared]]] = 1
    # Copies share most of their smallest hashes; a quarter is a safe sieve.
    for a, b in zip(*np.nonzero(np.triu(member @ member.T > k // 4, 1)), strict=True):
        dropped[b] |= _jaccard(sketches[a], sketches[b]) >= least
    return dropped


def _jaccard(left: U32, right: U32) -> float:
    """Estimate from the smallest hashes of the union that both sketches reach."""
    ours, theirs = left[left != NO_HASH], right[right != NO_HASH]
    union = np.union1d(ours, theirs)[: len(left)]
    both = np.intersect1d(ours, theirs, assume_unique=True)
    return float(np.count_nonzero(np.isin(union, both))) / len(union)


def pick(
    archive: Archive,
    rank: int,
    pool: Pool,
    order: I64,
    excluded: Sequence[str],
    weights: Weights,
    limit: int,
) -> list[int]:
    """Places in the pool that make the list."""
    places: list[int] = order.tolist()
    if excluded:
        barred = frozenset(excluded)
        places = [at for at in places if archive.key(int(pool.ranks[at])) not in barred]
    kept: list[int] = []
    # Copies are rare: look at a window twice the list's length before looking at everything.
    for window in (2 * limit, len(places)):
        seen = places[:window]
        ranks = [rank, *(int(pool.ranks[at]) for at in seen)]
        dropped = copies(archive.sketches(ranks), weights.copy)[1:]
        kept = [at for at, drop in zip(seen, dropped.tolist(), strict=True) if not drop]
        if len(kept) >= limit or window >= len(places):
            break
    return kept[:limit]
