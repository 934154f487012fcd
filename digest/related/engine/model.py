"""The values that go into and come out of the related-articles engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NewType

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

Fingerprint = NewType("Fingerprint", int)
"""64 bits of BLAKE2b over namespace and word; 0 stands for "none"."""


@dataclass(frozen=True, slots=True)
class RelatedInput:
    """One article as the engine reads it.

    `key` is unique in the archive (the slug). `instant` is UTC epoch seconds. `text` is the body
    as plain text, paragraphs in reading order. `tags`, `category`, `story` and `edition` are
    normalised keys; empty means none. An article that is not `eligible` (withdrawn, sponsored)
    still has a list and still counts in the statistics, but is never shown. `exclude` holds keys
    never to be shown under this article: the editor's blocks and what the body links already.
    """

    key: str
    instant: int
    title: str
    text: str
    tags: tuple[str, ...] = ()
    category: str = ""
    story: str = ""
    edition: str = ""
    eligible: bool = True
    exclude: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Weights:
    """Every constant of the formula; docs/related.md gives the measurement behind each.

    Changing one changes `signature()`, and with it every stored list is made anew.
    """

    common: tuple[str, ...] = ()
    """Words of the language that say nothing of a subject, lower-cased. A large archive finds them
    by their frequency; in a small one they can look as rare as names."""
    position_scale: int = 20
    """Words after which the weight of a position has fallen to half (plus the floor)."""
    position_floor: float = 0.2
    """Weight left to a word far down the body; the headline has 1 + floor."""
    units: int = 16
    """Integer steps of a position weight of 1; weights are at most 63."""
    tag_weight: int = 12
    """Weight of a shared tag, in units: that of a word early in the body, so a wrong one does
    little harm (measured: more helps only where tags say what the text does not)."""
    story_weight: int = 21
    """Weight of each of the two words a story is, in units; together more than a capitalised word
    in both headlines."""
    cap_floor: int = 20
    cap_slope: int = 4
    """A word in more than max(cap_floor, cap_slope * sqrt(n)) articles says nothing here."""
    category_octaves: float = 4.0
    """A shared category multiplies by 1 + log2(n / articles in it) / this."""
    edition_octaves: float = 32.0
    """The same for a shared edition, much weaker: an issue is no subject."""
    pool: int = 64
    """How many of the most similar articles are ranked against each other."""
    crowd: float = 2.0
    """How strongly newer articles on the same matter push an older one down."""
    least: float = 0.03
    """Similarity below this part of the article's similarity to itself is no relation."""
    least_small: float = 0.8
    """How much more is asked in a small archive, where rare words are rare by chance: the part
    grows by up to this factor as the archive shrinks from `settled` to nothing."""
    settled: int = 40
    """Level (quarter octaves) of the archive size from which `least` holds: about 1,000."""
    copy: float = 0.7
    """Jaccard similarity of five-word shingles from which two articles are copies."""
    sketch: int = 64
    """Shingle hashes kept an article (bottom-k sketch)."""

    def least_at(self, size: int) -> float:
        """The part of its own similarity an article asks for in an archive of level `size`."""
        short = max(0, self.settled - size)
        return self.least * (1.0 + self.least_small * short / self.settled)

    def signature(self) -> str:
        """A text that changes whenever any constant does."""
        return repr(self)


@dataclass(frozen=True, slots=True)
class Pick:
    """One related article and its final score (higher is better, comparable in one list only)."""

    key: str
    score: float


@dataclass(frozen=True, slots=True)
class Share:
    """What one shared word, tag or story adds to the similarity."""

    label: str
    weight: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A candidate's score by part.

    `score = similarity * category * edition / sqrt(1 + crowd * newer)`, in this order of
    operations. `likeness` is similarity over the article's similarity to itself. `excluded` names
    why the candidate is not shown, "" when it is.
    """

    key: str
    score: float
    similarity: int
    likeness: float
    category: float
    edition: float
    newer: float
    shares: tuple[Share, ...]
    excluded: str = ""
