"""One large index over all segments, for ranking many articles at once.

Segments are sorted already, so their postings are put in place without sorting anything again.
Memory: about 8 bytes for each article and word, beside the segments themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from digest.related.engine.archive import WEIGHT_MASK, Archive, Query, weigh
from digest.related.engine.levels import Levels
from digest.related.engine.model import F64, I64, U32
from digest.related.engine.segment import CODE_BITS, CODE_MASK, Segment

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Bulk:
    """Postings of the whole archive, as in a segment but with ranks for places.

    `frequency` runs beside `postings`: how many articles not newer hold the term. `homes[i]` tells
    where each posting of segment i stands, `rows[i]` the row in `starts` of each of its terms.
    """

    starts: I64
    postings: U32
    frequency: U32
    homes: tuple[U32, ...]
    rows: tuple[I64, ...]

    def queries(self, archive: Archive, ranks: Sequence[int]) -> Iterator[tuple[Query, I64]]:
        """The articles at `ranks` (ascending), each with the rows of its terms."""
        bounds = np.searchsorted(np.array(ranks, np.int64), archive.bases)
        for at, segment in enumerate(archive.segments):
            wanted = ranks[int(bounds[at]) : int(bounds[at + 1])]
            if wanted:
                yield from self._of_segment(archive, segment, at, wanted)

    def _of_segment(
        self, archive: Archive, segment: Segment, at: int, wanted: Sequence[int]
    ) -> Iterator[tuple[Query, I64]]:
        base, home, rows = archive.bases[at], self.homes[at], self.rows[at]
        order, offsets = segment.by_article()
        owners = np.repeat(np.arange(len(rows)), np.diff(segment.starts))
        for rank in wanted:
            own = order[int(offsets[rank - base]) : int(offsets[rank - base + 1])]
            owner = owners[own]
            query = Query(
                rank=rank,
                end=int(archive.ends[rank]),
                terms=segment.terms[owner],
                codes=(segment.postings[own] & CODE_MASK).astype(np.uint8),
                frequency=self.frequency[home[own]].astype(np.int64),
            )
            yield query, rows[owner]

    def similarities(self, query: Query, rows: I64, levels: Levels) -> F64:
        """Similarity of the query to every article not newer, as `archive.weigh` gives it.

        May be shorter than `query.end`: what is missing is 0.
        """
        size = levels.of(query.end + 1)
        weight = levels.weight(query.frequency, size) * (query.codes & WEIGHT_MASK)
        live = np.flatnonzero(weight)
        first = self.starts[rows[live]]
        last = first + query.frequency[live]
        return weigh(self.postings, first, last, weight[live], query.codes[live])


def make_bulk(archive: Archive) -> Bulk:
    """The large index of an archive (at least one segment)."""
    terms = np.unique(np.concatenate([segment.terms for segment in archive.segments]))
    rows = [np.searchsorted(terms, segment.terms) for segment in archive.segments]
    counts = np.zeros(len(terms), np.int64)
    for row, segment in zip(rows, archive.segments, strict=True):
        counts[row] += np.diff(segment.starts)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    postings = np.empty(int(starts[-1]), np.uint32)
    free, homes = starts[:-1].copy(), []
    for row, segment, base in zip(rows, archive.segments, archive.bases, strict=False):
        sizes = np.diff(segment.starts)
        home = np.repeat((free[row] - segment.starts[:-1]), sizes)
        home += np.arange(len(home))
        free[row] += sizes
        postings[home] = segment.postings + np.uint32(base << CODE_BITS)
        homes.append(home.astype(np.uint32))
    frequency = _frequencies(starts, postings, archive.ends)
    return Bulk(starts, postings, frequency, tuple(homes), tuple(rows))


def _frequencies(starts: I64, postings: U32, ends: I64) -> U32:
    """For each posting, how many of its term are not newer than its article."""
    frequency = np.empty(len(postings), np.uint32)
    moments = ends.astype(np.uint32)
    # In blocks of whole terms: the intermediate arrays would be larger than the result.
    first = 0
    while first < len(starts) - 1:
        last = int(np.searchsorted(starts, starts[first] + _BLOCK, side="left"))
        last = min(max(last, first + 1), len(starts) - 1)
        low, high = int(starts[first]), int(starts[last])
        block = moments[postings[low:high] >> np.uint32(CODE_BITS)]
        bounds = starts[first : last + 1] - low
        frequency[low:high] = _block_frequencies(bounds, block)
        first = last
    return frequency


def _block_frequencies(bounds: I64, moments: U32) -> U32:
    """Runs of equal moments within a term share the count at the run's end."""
    run_last = np.empty(len(moments), np.bool_)
    np.not_equal(moments[1:], moments[:-1], out=run_last[:-1])
    run_last[bounds[1:] - 1] = True
    ends = np.flatnonzero(run_last)
    term = np.searchsorted(bounds, ends, side="right") - 1
    counts = (ends + 1 - bounds[term]).astype(np.uint32)
    return np.repeat(counts, np.diff(ends, prepend=-1))
