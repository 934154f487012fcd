"""Says why a candidate stands where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from digest.related.engine.archive import MARK, NAMED, PLAIN, WEIGHT_MASK, Archive, Query
from digest.related.engine.lists import Ranker
from digest.related.engine.model import F64, Explanation, RelatedInput, Share
from digest.related.engine.ranking import Pool, Scored, copies, order_pool, score_pool
from digest.related.engine.segment import Segment
from digest.related.engine.words import (
    NAME_BIT,
    STORY_AGAIN,
    STORY_LABEL,
    TAG_LABEL,
    fingerprint,
    surfaces,
)

SELF, NEWER, HIDDEN = "the article itself", "newer than the article", "not eligible"
DISTANT, BLOCKED, COPY = "not similar enough", "blocked or already linked", "a copy"
SINGLE = "only one word shared"
CROWDED = "enough others are more similar"
UNKNOWN, LOWER = "no such article", "ranked below the list's length"


def explain(
    ranker: Ranker,
    rank: int,
    load: Callable[[str], RelatedInput],
    candidates: tuple[str, ...] = (),
) -> tuple[Explanation, ...]:
    """The candidates of the article at `rank`, best first, or those asked for by key.

    Raises what `load` raises. Candidates outside the pool come last, with the reason.
    """
    archive = ranker.archive
    query, similarity = archive.compare(rank, ranker.levels)
    pool = ranker.pool(query, similarity)
    labels = _labels(load(archive.key(rank)))
    result = list(_pooled(ranker, query, pool, labels)) if len(pool.ranks) else []
    if not candidates:
        return tuple(result)
    known = {item.key for item in result}
    asked = [item for item in result if item.key in candidates]
    asked += (
        _outside(ranker, query, similarity, pool, labels, key)
        for key in dict.fromkeys(candidates)
        if key not in known
    )
    return tuple(asked)


def _pooled(
    ranker: Ranker, query: Query, pool: Pool, labels: Mapping[int, str]
) -> Iterator[Explanation]:
    archive = ranker.archive
    scored = score_pool(archive, query, pool, ranker.levels, ranker.weights)
    order: list[int] = order_pool(pool, scored.score, archive.instants).tolist()
    reasons = _reasons(ranker, query.rank, pool, order)
    for at in order:
        yield _entry(ranker, query, pool, scored, at, labels, reasons[at])


def _entry(
    ranker: Ranker,
    query: Query,
    pool: Pool,
    scored: Scored,
    at: int,
    labels: Mapping[int, str],
    reason: str,
) -> Explanation:
    segment, place = ranker.archive.place(int(pool.ranks[at]))
    return Explanation(
        key=segment.keys[place],
        score=float(scored.score[at]),
        similarity=int(pool.similarity[at]),
        likeness=float(pool.similarity[at]) / pool.own,
        category=float(scored.category[at]),
        edition=float(scored.edition[at]),
        newer=float(scored.newer[at]),
        shares=_shares(ranker, query, segment, place, labels),
        excluded=reason,
    )


def _reasons(ranker: Ranker, rank: int, pool: Pool, order: list[int]) -> dict[int, str]:
    """Why each place of the pool is not shown, "" where it is; follows `ranking.pick`."""
    archive = ranker.archive
    segment, own = archive.place(rank)
    barred = segment.exclude.get(own, ())
    reasons = {at: BLOCKED if archive.key(int(pool.ranks[at])) in barred else "" for at in order}
    open_ = [at for at in order if not reasons[at]]
    sketches = archive.sketches([rank, *(int(pool.ranks[at]) for at in open_)])
    shown = 0
    for at, copy in zip(open_, copies(sketches, ranker.weights.copy)[1:].tolist(), strict=True):
        shown += not copy
        reasons[at] = COPY if copy else "" if shown <= ranker.limit else LOWER
    return reasons


def _shares(
    ranker: Ranker, query: Query, segment: Segment, place: int, labels: Mapping[int, str]
) -> tuple[Share, ...]:
    """What each shared word adds; the parts sum to the similarity exactly."""
    size = ranker.levels.of(query.end + 1)
    terms, codes = segment.row(place)
    shared, ours, theirs = np.intersect1d(query.terms, terms, True, return_indices=True)
    weight = ranker.levels.weight(query.frequency[ours], size)
    code, other = query.codes[ours], codes[theirs]
    weight *= code & WEIGHT_MASK
    weight *= np.where(code & NAME_BIT, NAMED[other], PLAIN[other])
    found = zip(shared.tolist(), weight.tolist(), strict=True)
    summed: Counter[str] = Counter()  # a story is two words
    for term, value in found:
        summed[labels.get(term, "?")] += int(value)
    parts = [Share(label, value) for label, value in summed.items() if value]
    return tuple(sorted(parts, key=lambda part: (-part.weight, part.label)))


def _labels(doc: RelatedInput) -> dict[int, str]:
    words = {surface.lower() for surface in (*surfaces(doc.title), *surfaces(doc.text))}
    labels = {fingerprint(word): word for word in words}
    labels |= {fingerprint(tag, TAG_LABEL): f"tag {tag}" for tag in doc.tags}
    if doc.story:
        labels[fingerprint(doc.story, STORY_LABEL)] = f"story {doc.story}"
        labels[fingerprint(doc.story, STORY_AGAIN)] = f"story {doc.story}"
    return labels


def _outside(
    ranker: Ranker,
    query: Query,
    similarity: F64,
    pool: Pool,
    labels: Mapping[int, str],
    key: str,
) -> Explanation:
    """Why an article is not even in the pool."""
    archive = ranker.archive
    rank = find(archive, key)
    if rank is None or rank == query.rank or rank >= query.end:
        reason = UNKNOWN if rank is None else SELF if rank == query.rank else NEWER
        return Explanation(key, 0.0, 0, 0.0, 1.0, 1.0, 0.0, (), reason)
    value = float(np.floor(similarity[rank]))
    likeness = value / pool.own if pool.own else 0.0
    size = ranker.levels.of(query.end + 1)
    reason = DISTANT if likeness < ranker.weights.least_at(size) else CROWDED
    if value and similarity[rank] - value <= MARK:
        reason = SINGLE
    if not archive.eligible[rank]:
        reason = HIDDEN
    segment, place = archive.place(rank)
    shares = _shares(ranker, query, segment, place, labels)
    return Explanation(key, 0.0, int(value), likeness, 1.0, 1.0, 0.0, shares, reason)


def find(archive: Archive, key: str) -> int | None:
    """Rank of a key, or None."""
    for segment, base in zip(archive.segments, archive.bases, strict=False):
        if key in segment.keys:
            return base + segment.keys.index(key)
    return None
