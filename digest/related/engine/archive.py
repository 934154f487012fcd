"""Segments seen as one archive: causal statistics and similarity sums."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from digest.related.engine.levels import Levels
from digest.related.engine.model import F64, I64, U8, U32, U64, Bools
from digest.related.engine.segment import CODE_BITS, CODE_MASK, Segment
from digest.related.engine.words import NAME_BIT

_T = TypeVar("_T", bound=np.generic)

WEIGHT_MASK = NAME_BIT - 1
NAME_SHIFT = NAME_BIT.bit_length() - 1
_CODES = np.arange(256)
PLAIN: F64 = (_CODES & WEIGHT_MASK).astype(np.float64)
"""Weight of a code where the other side's word is no name."""
MARK = 1.0 / 4096
"""What each shared word adds beside its weight: the fraction of a sum counts the words."""
NAMED: F64 = PLAIN * np.where(_CODES & NAME_BIT, 2, 1)
"""Weight of a code where it is: a word capitalised on both sides counts double."""


@dataclass(frozen=True, slots=True)
class Query:
    """An article about to be compared: rank, terms, and the statistics of its moment.

    `end` is the number of articles not newer, itself and others of its instant included;
    `frequency` counts, for each term, those among them that hold it.
    """

    rank: int
    end: int
    terms: U64
    codes: U8
    frequency: I64


@dataclass(frozen=True)
class Archive:
    """All articles in the order (instant, key); a *rank* is a place in this order."""

    segments: tuple[Segment, ...]

    @cached_property
    def bases(self) -> tuple[int, ...]:
        """Rank of the first article of each segment, then the number of articles."""
        sizes = np.cumsum([0, *(len(segment) for segment in self.segments)])
        return tuple(sizes.tolist())

    @cached_property
    def instants(self) -> I64:
        """Times of all articles, by rank."""
        return _column([segment.instants for segment in self.segments], np.int64)

    @cached_property
    def numbers(self) -> U32:
        """Stable numbers of all articles, by rank."""
        return _column([segment.numbers for segment in self.segments], np.uint32)

    @cached_property
    def eligible(self) -> Bools:
        """Which articles may be listed, by rank."""
        return _column([segment.eligible for segment in self.segments], np.bool_)

    @cached_property
    def categories(self) -> U64:
        """Fingerprints of the categories, by rank; 0 for none."""
        return _column([segment.categories for segment in self.segments], np.uint64)

    @cached_property
    def editions(self) -> U64:
        """Fingerprints of the editions, by rank; 0 for none."""
        return _column([segment.editions for segment in self.segments], np.uint64)

    @cached_property
    def ends(self) -> I64:
        """For each rank the number of articles not newer."""
        return np.searchsorted(self.instants, self.instants, side="right")

    @cached_property
    def ranks(self) -> dict[int, int]:
        """Rank by number."""
        return {number: rank for rank, number in enumerate(self.numbers.tolist())}

    def __len__(self) -> int:
        return self.bases[-1]

    def place(self, rank: int) -> tuple[Segment, int]:
        """The segment that holds a rank, and where."""
        at = bisect_right(self.bases, rank) - 1
        return self.segments[at], rank - self.bases[at]

    def key(self, rank: int) -> str:
        """The key of the article at a rank."""
        segment, at = self.place(rank)
        return segment.keys[at]

    def sketches(self, ranks: Sequence[int]) -> U32:
        """Sketches of some articles, one a row."""
        found = [self.place(rank) for rank in ranks]
        return np.array([segment.sketches[at] for segment, at in found], np.uint32)

    def compare(self, rank: int, levels: Levels) -> tuple[Query, F64]:
        """The article of this rank, with statistics as of its own instant, and its similarity to
        every article not newer, as `weigh` gives it."""
        segment, at = self.place(rank)
        terms, codes = segment.row(at)
        end = int(self.ends[rank])
        spans = [
            (part, base, *_until(part, terms, end - base))
            for part, base in zip(self.segments, self.bases, strict=False)
            if base < end
        ]
        frequency = np.zeros(len(terms), np.int64)
        for _, _, first, last in spans:
            frequency += last - first
        size = levels.of(end + 1)
        weight = levels.weight(frequency, size) * (codes & WEIGHT_MASK)
        live = np.flatnonzero(weight)
        total = np.zeros(end)
        for part, base, first, last in spans:
            sums = weigh(part.postings, first[live], last[live], weight[live], codes[live])
            total[base : base + len(sums)] = sums
        return Query(rank, end, terms, codes, frequency), total

    def postings(self, terms: U64, most: int) -> list[tuple[I64, U8]]:
        """For each term, ranks and codes of the articles that hold it, oldest first.

        Of words only the first `most`; labels (code without weight) are never cut.
        """
        spans = [part.rows(terms) for part in self.segments]
        found = []
        for at in range(len(terms)):
            parts, left = [np.empty(0, np.uint32)], most
            for part, base, (first, last) in zip(self.segments, self.bases, spans, strict=False):
                run = part.postings[int(first[at]) : int(last[at])]
                if left <= 0 and len(run) and int(run[0]) & WEIGHT_MASK:
                    break
                parts.append(run + np.uint32(base << CODE_BITS))
                left -= len(run)
            flat = np.concatenate(parts)
            ranks = (flat >> np.uint32(CODE_BITS)).astype(np.int64)
            found.append((ranks, (flat & np.uint32(CODE_MASK)).astype(np.uint8)))
        return found


def weigh(postings: U32, first: I64, last: I64, weight: F64, codes: U8) -> F64:
    """Sum of weights by place over the postings `first[i]:last[i]` of each term i.

    The fraction of a sum counts the terms, in units of `MARK`. What is added are multiples of 2^-12
    far below 2^41, so the sum is exact and its order does not matter.
    """
    if not len(first):
        return np.zeros(0)
    # One array of places costs half of what a slice a term does: most runs are short.
    lengths = last - first
    ends = np.cumsum(lengths)
    places = np.arange(ends[-1])
    places += np.repeat(last - ends, lengths)
    flat = postings[places]
    names = np.repeat(codes >> NAME_SHIFT, lengths)
    code = flat.astype(np.uint8)
    names &= code >> NAME_SHIFT
    code &= WEIGHT_MASK
    # Twice a weight below 128 still fits.
    np.left_shift(code, names, out=code)
    value = np.repeat(weight, lengths)
    value *= code
    value += MARK
    return np.bincount(flat >> np.uint32(CODE_BITS), value).astype(np.float64, copy=False)


def _until(segment: Segment, terms: U64, limit: int) -> tuple[I64, I64]:
    """Posting spans of terms, cut before place `limit`."""
    first, last = segment.rows(terms)
    if limit >= len(segment):
        return first, last
    spans = zip(first.tolist(), last.tolist(), strict=True)
    runs = [segment.postings[a:b] for a, b in spans]
    before = np.concatenate([np.empty(0, np.uint32), *runs]) < np.uint32(limit << CODE_BITS)
    sums = np.concatenate([[0], np.cumsum(before)])
    ends = np.cumsum(last - first)
    return first, first + sums[ends] - sums[ends - (last - first)]


def _column(parts: Sequence[NDArray[_T]], kind: type[_T]) -> NDArray[_T]:
    return np.concatenate([np.empty(0, kind), *parts])
