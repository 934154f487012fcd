"""An immutable run of articles in time order with its inverted index.

An archive is a sequence of segments; every article of one is before every article of the next in
the order (instant, key). Results never depend on where the cuts are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from digest.related.engine.model import I64, U8, U32, U64, Bools
from digest.related.engine.words import Vector

CODE_BITS = 8
CODE_MASK = (1 << CODE_BITS) - 1
NO_HASH = 0xFFFFFFFF
"""Pads sketches; no shingle hash is compared with it."""


@dataclass(frozen=True, slots=True)
class Doc:
    """What a segment keeps of one article beside its terms."""

    key: str
    number: int
    """Stays with the key as long as the archive holds it; lists refer to articles by it."""
    instant: int
    stamp: str
    """The caller's digest of everything the article's `RelatedInput` says."""
    eligible: bool
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flat:
    """Vectors of a run of articles, one after the other.

    `terms` and `codes` have one entry for each article and word; article i has those from
    `offsets[i]` to `offsets[i + 1]`, terms ascending. `sketches` is (articles, k), padded.
    """

    terms: U64
    codes: U8
    offsets: I64
    sketches: U32
    categories: U64
    editions: U64

    def row(self, at: int) -> tuple[U64, U8]:
        """Terms and codes of one article."""
        part = slice(int(self.offsets[at]), int(self.offsets[at + 1]))
        return self.terms[part], self.codes[part]


@dataclass(frozen=True, slots=True)
class Segment:
    """Articles and their postings.

    `keys` and `stamps` run beside the columns; `exclude` has the places that exclude any key.

    `terms` ascend; those of term i are `postings[starts[i]:starts[i + 1]]`, each the place of the
    article in this segment, shifted left by 8, plus its code. Postings ascend within a term.
    """

    keys: tuple[str, ...]
    stamps: tuple[str, ...]
    exclude: Mapping[int, tuple[str, ...]]
    instants: I64
    numbers: U32
    eligible: Bools
    categories: U64
    editions: U64
    sketches: U32
    terms: U64
    starts: I64
    postings: U32

    def __len__(self) -> int:
        return len(self.keys)

    def doc(self, at: int) -> Doc:
        """One article. Made on demand: a hundred thousand of them would cost 0.15 s to read."""
        return Doc(
            key=self.keys[at],
            number=int(self.numbers[at]),
            instant=int(self.instants[at]),
            stamp=self.stamps[at],
            eligible=bool(self.eligible[at]),
            exclude=self.exclude.get(at, ()),
        )

    def rows(self, wanted: U64) -> tuple[I64, I64]:
        """First and last-plus-one posting of each wanted term (equal where there are none)."""
        if not len(self.terms):
            nothing = np.zeros(len(wanted), np.int64)
            return nothing, nothing
        at = np.minimum(np.searchsorted(self.terms, wanted), len(self.terms) - 1)
        there = self.terms[at] == wanted
        first = self.starts[at]
        return first, np.where(there, self.starts[at + 1], first)

    def row(self, at: int) -> tuple[U64, U8]:
        """Terms and codes of one article, read back out of the postings."""
        found = np.flatnonzero((self.postings >> CODE_BITS) == at)
        owners = np.searchsorted(self.starts, found, side="right") - 1
        return self.terms[owners], (self.postings[found] & CODE_MASK).astype(np.uint8)

    def by_article(self) -> tuple[I64, I64]:
        """Postings article by article, terms ascending, and where each article's begin."""
        places = self.postings >> np.uint32(CODE_BITS)
        # Stable, and on 16 bits a radix sort; segments cut at 1,024 articles always fit.
        narrow = places.astype(np.uint16) if len(self) <= 1 << 16 else places
        order = np.argsort(narrow, kind="stable")
        counts = np.bincount(places, minlength=len(self))
        return order, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def flat(self) -> Flat:
        """The segment's vectors, article by article."""
        order, offsets = self.by_article()
        owners = np.repeat(self.terms, np.diff(self.starts))
        return Flat(
            terms=owners[order],
            codes=(self.postings[order] & CODE_MASK).astype(np.uint8),
            offsets=offsets,
            sketches=np.asarray(self.sketches),
            categories=np.asarray(self.categories),
            editions=np.asarray(self.editions),
        )


def flatten(vectors: Sequence[Vector], sketch: int) -> Flat:
    """Vectors side by side."""
    sketches = np.full((len(vectors), sketch), NO_HASH, np.uint32)
    for at, vector in enumerate(vectors):
        sketches[at, : len(vector.sketch)] = vector.sketch
    sizes = [len(vector.terms) for vector in vectors]
    return Flat(
        terms=np.concatenate([np.empty(0, np.uint64), *(vector.terms for vector in vectors)]),
        codes=np.concatenate([np.empty(0, np.uint8), *(vector.codes for vector in vectors)]),
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        sketches=sketches,
        categories=np.array([vector.category for vector in vectors], np.uint64),
        editions=np.array([vector.edition for vector in vectors], np.uint64),
    )


def select(flat: Flat, places: Sequence[int]) -> Flat:
    """The chosen articles of `flat`, in the given order."""
    chosen = np.array(places, np.int64)
    sizes = np.diff(flat.offsets)[chosen]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    source = np.arange(offsets[-1]) + np.repeat(flat.offsets[chosen] - offsets[:-1], sizes)
    return Flat(
        terms=flat.terms[source],
        codes=flat.codes[source],
        offsets=offsets,
        sketches=flat.sketches[chosen],
        categories=flat.categories[chosen],
        editions=flat.editions[chosen],
    )


def join(flats: Sequence[Flat]) -> Flat:
    """Several runs as one (at least one run)."""
    ends = np.cumsum([0, *(int(flat.offsets[-1]) for flat in flats)])
    offsets = [flat.offsets[1:] + end for flat, end in zip(flats, ends, strict=False)]
    return Flat(
        terms=np.concatenate([flat.terms for flat in flats]),
        codes=np.concatenate([flat.codes for flat in flats]),
        offsets=np.concatenate([[0], *offsets]).astype(np.int64),
        sketches=np.concatenate([flat.sketches for flat in flats]),
        categories=np.concatenate([flat.categories for flat in flats]),
        editions=np.concatenate([flat.editions for flat in flats]),
    )


def build(docs: Sequence[Doc], flat: Flat) -> Segment:
    """The segment of articles already in order."""
    order = np.argsort(flat.terms, kind="stable")
    ordered = flat.terms[order]
    fresh = np.empty(len(ordered), np.bool_)
    fresh[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    heads = np.flatnonzero(fresh)
    places = np.repeat(np.arange(len(docs), dtype=np.uint32), np.diff(flat.offsets))
    packed = (places << np.uint32(CODE_BITS)) | flat.codes
    return Segment(
        keys=tuple(doc.key for doc in docs),
        stamps=tuple(doc.stamp for doc in docs),
        exclude={at: doc.exclude for at, doc in enumerate(docs) if doc.exclude},
        instants=np.array([doc.instant for doc in docs], np.int64),
        numbers=np.array([doc.number for doc in docs], np.uint32),
        eligible=np.array([doc.eligible for doc in docs], np.bool_),
        categories=flat.categories,
        editions=flat.editions,
        sketches=flat.sketches,
        terms=ordered[heads],
        starts=np.append(heads, len(ordered)).astype(np.int64),
        postings=packed[order],
    )
