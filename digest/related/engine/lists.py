"""The ranked lists of many articles as columns, and how they are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.related.engine.archive import Archive, Query
from digest.related.engine.bulk import Bulk, make_bulk
from digest.related.engine.levels import Levels
from digest.related.engine.model import F64, I64, U32, Weights
from digest.related.engine.ranking import Columns, Pool, choose_pool, order_pool, pick, score_pool

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

NOBODY = 0xFFFFFFFF
"""Fills lists and pools that are not full."""


@dataclass(frozen=True, slots=True)
class Lists:
    """One row an article: numbers and scores of its list, and what it depended on.

    `pool` holds the numbers of the whole pool, `floor` the similarity needed to enter it.
    """

    numbers: U32
    scores: F64
    pool: U32
    floor: F64

    def __len__(self) -> int:
        return len(self.floor)


def blank(rows: int, limit: int, weights: Weights) -> Lists:
    """Room for lists."""
    return Lists(
        np.full((rows, limit), NOBODY, np.uint32),
        np.zeros((rows, limit)),
        np.full((rows, weights.pool), NOBODY, np.uint32),
        np.zeros(rows),
    )


def stack(parts: Sequence[Lists]) -> Lists:
    """Rows of several, in order (at least one)."""
    return Lists(
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.pool for part in parts]),
        np.concatenate([part.floor for part in parts]),
    )


def take(lists: Lists, rows: slice | I64) -> Lists:
    """Some of the rows."""
    return Lists(lists.numbers[rows], lists.scores[rows], lists.pool[rows], lists.floor[rows])


@dataclass(frozen=True, slots=True)
class Ranker:
    """The engine for one archive."""

    archive: Archive
    weights: Weights
    levels: Levels
    limit: int

    def few(self, ranks: Sequence[int]) -> Lists:
        """Lists of some articles, each looked up for itself: no cost for the whole archive."""
        lists = blank(len(ranks), self.limit, self.weights)
        for row, rank in enumerate(ranks):
            self._fill(lists, row, *self.archive.compare(rank, self.levels))
        return lists

    def many(self, ranks: Sequence[int], jobs: int = 1) -> Lists:
        """Lists of many articles, given in ascending order: one large index first."""
        from digest.parallel import usable_jobs  # lazy: multiprocessing, not needed for a few

        bulk = make_bulk(self.archive)
        count = usable_jobs(jobs, len(ranks))
        if count == 1:
            return self._share(bulk, ranks)
        # Interleaved, since newer articles have more to compare with.
        shares = [ranks[start::count] for start in range(count)]
        workers = [self._start(bulk, share) for share in shares]
        lists = blank(len(ranks), self.limit, self.weights)
        for start, (worker, share) in enumerate(zip(workers, shares, strict=True)):
            try:
                part: Lists = worker.recv()
            except (EOFError, OSError):  # it was killed: its work is done here
                part = self._share(bulk, share)
            worker.close()
            lists.numbers[start::count] = part.numbers
            lists.scores[start::count] = part.scores
            lists.pool[start::count] = part.pool
            lists.floor[start::count] = part.floor
        return lists

    def _start(self, bulk: Bulk, ranks: Sequence[int]) -> Connection:
        """Begin a share in a forked process, which sees the index without a copy."""
        from multiprocessing import get_context  # lazy, as above

        context = get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=self._send, args=(theirs, bulk, ranks), daemon=True)
        worker.start()
        theirs.close()
        return ours

    def _send(self, end: Connection, bulk: Bulk, ranks: Sequence[int]) -> None:
        end.send(self._share(bulk, ranks))
        end.close()

    def _share(self, bulk: Bulk, ranks: Sequence[int]) -> Lists:
        lists = blank(len(ranks), self.limit, self.weights)
        for row, (query, rows) in enumerate(bulk.queries(self.archive, ranks)):
            self._fill(lists, row, query, bulk.similarities(query, rows, self.levels))
        return lists

    def _fill(self, lists: Lists, row: int, query: Query, similarity: F64) -> None:
        archive = self.archive
        pool = self.pool(query, similarity)
        lists.floor[row] = pool.floor
        if not len(pool.ranks):
            return
        lists.pool[row, : len(pool.ranks)] = archive.numbers[pool.ranks]
        score = score_pool(archive, query, pool, self.levels, self.weights).score
        order = order_pool(pool, score, archive.instants)
        segment, at = archive.place(query.rank)
        barred = segment.exclude.get(at, ())
        kept = pick(archive, query.rank, pool, order, barred, self.weights, self.limit)
        lists.numbers[row, : len(kept)] = archive.numbers[pool.ranks[kept]]
        lists.scores[row, : len(kept)] = score[kept]

    def pool(self, query: Query, similarity: F64) -> Pool:
        """The pool of an article whose similarities are known."""
        columns = Columns(self.archive.instants, self.archive.eligible)
        size = self.levels.of(query.end + 1)
        least = self.weights.least_at(size)
        return choose_pool(query.rank, similarity, columns, self.weights.pool, least)
