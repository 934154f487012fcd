"""Logarithms as integers, so that every machine and every order of addition agrees.

`level(x) = floor(4 * log2 x)`: quarter octaves. A step of 19 % is fine enough (measured: no
loss), and coarse enough that one more article in the archive leaves almost every weight as it
was. That is what lets an edit of an old article redo a few lists rather than all since.
"""

from __future__ import annotations

from bisect import bisect_right
from math import isqrt

import numpy as np

from digest.related.engine.model import F64, I64, Bools, Weights

STEPS = 4
_OCTAVES = 40


class Levels:
    """Tables for one set of weights; all methods are pure and vectorised."""

    def __init__(self, weights: Weights) -> None:
        # 2^(k/4) = sqrt(sqrt(2^k)); integer square roots make the bounds exact.
        self._bounds = np.array(
            [_ceil_fourth_root(1 << k) for k in range(STEPS * _OCTAVES)], np.int64
        )
        self._list: list[int] = self._bounds.tolist()
        # isqrt(2^(k/2) * slope^2), again in integers: slope * sqrt(lower bound of the level).
        self._caps = np.array(
            [
                max(weights.cap_floor, isqrt(weights.cap_slope**2 * int(bound)))
                for bound in self._bounds
            ],
            np.int64,
        )

    def level(self, counts: I64) -> I64:
        """Quarter octaves of counts >= 1."""
        return np.searchsorted(self._bounds, counts, side="right") - 1

    def of(self, count: int) -> int:
        """`level` of one count."""
        return bisect_right(self._list, count) - 1

    def most(self, size: int) -> int:
        """The largest frequency of a usable word in an archive of `size` or smaller."""
        return int(self._caps[self.of(size + 1)])

    def rarity(self, frequency: I64, size_level: I64 | int) -> I64:
        """Quarter octaves between archive size (as a level) and document frequency, >= 0."""
        return np.maximum(size_level - self.level(frequency), 0)

    def usable(self, frequency: I64, size_level: I64 | int) -> Bools:
        """Whether a word of this frequency is rare enough to say something.

        A word that no other article has links nothing, but it belongs to the article's similarity
        to itself: without it, two articles that share one common word would seem alike in an
        archive of two.
        """
        return np.asarray(frequency <= self._caps[size_level])

    def weight(self, frequency: I64, size_level: I64 | int) -> F64:
        """Squared rarity of usable words, 0 for the others; whole numbers."""
        rarity = self.rarity(frequency, size_level)
        return np.where(self.usable(frequency, size_level), rarity * rarity, 0).astype(np.float64)


def _ceil_fourth_root(value: int) -> int:
    root = isqrt(isqrt(value))
    return root if root**4 == value else root + 1
