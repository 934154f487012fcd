"""Turns an article into the small integer vector that everything else reads."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from digest.related.engine.model import I64, U8, U32, U64, Bools, RelatedInput, Weights
from digest.text import words_in_ascii

NAME_BIT = 0x80
"""Set in a code when the word stands capitalised somewhere in the article."""
STORY_LABEL = "story"
STORY_AGAIN = "story again"
TAG_LABEL = "tag"
CATEGORY_LABEL = "category"
EDITION_LABEL = "edition"

# \w leaves out combining marks, which would cut Devanagari, Arabic with vowel signs or Thai words
# into pieces; the ranges add them. The underscore is replaced before matching.
_WORD = re.compile(
    r"[\w\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    r"\u06d6-\u06ed\u0711-\u074a\u0900-\u0963\u0966-\u0df3\u0e31\u0e34-\u0e4e\u0eb1-\u0ecd"
    r"\u0f18-\u0fc6\u102b-\u103e\u1056-\u109d\u17b4-\u17dd\u3099\u309a]+"
)
# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana and Han.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\U00020000-\U0003ffff]+"
)


@dataclass(frozen=True, slots=True)
class Vector:
    """An article as numbers.

    `terms` are fingerprints, ascending and unique; `codes` runs beside them: weight in the low
    seven bits, `NAME_BIT` above. `sketch` holds the smallest shingle hashes, ascending.
    """

    terms: U64
    codes: U8
    sketch: U32
    category: int
    edition: int


def tokenize(text: str) -> list[str]:
    """Lower-cased words of `text` after NFKC: runs of letters, marks and digits.

    Runs of scripts without spaces become overlapping pairs of characters.
    """
    return [surface.lower() for surface in surfaces(text)]


def surfaces(text: str) -> list[str]:
    """Like `tokenize`, with the case kept."""
    plain = words_in_ascii(text)
    if plain is not None:
        return plain
    found: list[str] = _WORD.findall(unicodedata.normalize("NFKC", text).replace("_", " "))
    if text.isascii():
        return found
    # The few distinct letters are searched rather than the text: quotation marks are common.
    if not _UNSPACED.search("".join(glyph for glyph in set(text) if glyph >= "\u0e00")):
        return found
    return [part for word in found for part in _pairs(word)]


def _pairs(word: str) -> Iterable[str]:
    at = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > at:
            yield word[at : run.start()]
        glyphs = run.group()
        yield from (a + b for a, b in pairwise(glyphs)) if len(glyphs) > 1 else glyphs
        at = run.end()
    if at < len(word):
        yield word[at:]


def fingerprint(word: str, namespace: str = "") -> int:
    """64 stable bits for a word, never 0. Python's `hash` differs from process to process."""
    data = f"{namespace}\0{word}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little") or 1


class _Numbers(dict[str, int]):
    """Numbers words in the order in which they are first asked for, and remembers the new ones."""

    def __init__(self) -> None:
        super().__init__()
        self._fresh: list[str] = []

    def __missing__(self, surface: str) -> int:
        number = self[surface] = len(self)
        self._fresh.append(surface)
        return number

    def take_fresh(self) -> list[str]:
        """The words numbered since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh


class Vectorizer:
    """Makes vectors; numbers every surface form it has met, for speed only."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._by_position = _position_units(weights)
        self._numbers = _Numbers()
        # By number; both grow by doubling.
        self._terms: U64 = np.empty(1 << 12, np.uint64)
        self._names: U8 = np.empty(1 << 12, np.uint8)
        self._telling: Bools = np.empty(1 << 12, np.bool_)
        self._common = frozenset(weights.common)

    def vector(self, doc: RelatedInput) -> Vector:
        """The vector of one article."""
        head, body = surfaces(doc.title), surfaces(doc.text)
        numbers = self._number(head + body)
        words = self._terms[numbers]
        labels = self._labels(doc)
        last = len(self._by_position) - 1
        places = np.concatenate([np.zeros(len(head), np.int64), np.arange(len(body))])
        telling = self._telling[numbers]
        weights = self._by_position[np.minimum(places[telling], last)]
        terms, codes = _merge(
            np.concatenate([words[telling], np.fromiter(labels.keys(), np.uint64, len(labels))]),
            np.concatenate([weights, np.fromiter(labels.values(), np.uint8, len(labels))]),
            np.concatenate([self._names[numbers[telling]], np.zeros(len(labels), np.uint8)]),
        )
        return Vector(
            terms=terms,
            codes=codes,
            sketch=_shingles(words[len(head) :], self._weights.sketch),
            category=fingerprint(doc.category, CATEGORY_LABEL) if doc.category else 0,
            edition=fingerprint(doc.edition, EDITION_LABEL) if doc.edition else 0,
        )

    def _number(self, found: list[str]) -> I64:
        known = len(self._numbers)
        numbers = np.fromiter(map(self._numbers.__getitem__, found), np.int64, len(found))
        for number, surface in enumerate(self._numbers.take_fresh(), start=known):
            if number == len(self._terms):
                self._terms = np.concatenate([self._terms, np.empty_like(self._terms)])
                self._names = np.concatenate([self._names, np.empty_like(self._names)])
                self._telling = np.concatenate([self._telling, np.empty_like(self._telling)])
            word = surface.lower()
            self._terms[number] = fingerprint(word)
            self._telling[number] = word not in self._common
            self._names[number] = NAME_BIT if surface[0].isupper() else 0
        return numbers

    def _labels(self, doc: RelatedInput) -> dict[int, int]:
        """Weights of tags and story; category and edition have none, but are counted as words."""
        labels = {fingerprint(tag, TAG_LABEL): self._weights.tag_weight for tag in doc.tags}
        if doc.story:
            # Two words, since one alone relates nothing and a story does.
            for namespace in (STORY_LABEL, STORY_AGAIN):
                labels[fingerprint(doc.story, namespace)] = self._weights.story_weight
        if doc.category:
            labels[fingerprint(doc.category, CATEGORY_LABEL)] = 0
        if doc.edition:
            labels[fingerprint(doc.edition, EDITION_LABEL)] = 0
        return labels


def _merge(terms: U64, weights: U8, names: U8) -> tuple[U64, U8]:
    """Distinct terms, ascending, with the first weight and any name bit of each."""
    if not len(terms):
        return terms, weights
    order = np.argsort(terms, kind="stable")
    ordered = terms[order]
    fresh = np.empty(len(terms), np.bool_)
    fresh[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    heads = np.flatnonzero(fresh)
    # Words come in reading order, the headline first: the first weight is the largest.
    codes = weights[order[heads]] | np.maximum.reduceat(names[order], heads)
    return ordered[heads], codes


def _shingles(words: U64, keep: int) -> U32:
    """The smallest 32-bit hashes of the distinct runs of five words."""
    if len(words) < 5:
        return np.empty(0, np.uint32)
    mixed = words[:-4].copy()
    for offset in range(1, 5):
        # Wrapping uint64 arithmetic: the same on every machine.
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= words[offset : len(words) - 4 + offset]
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    hashes = np.sort((mixed >> np.uint64(32)).astype(np.uint32))
    fresh = np.ones(len(hashes), np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=fresh[1:])
    return hashes[fresh][:keep]


def _position_units(weights: Weights) -> U8:
    """Weight in units for each first position, up to where it stops changing."""
    scale, floor, units = weights.position_scale, weights.position_floor, weights.units
    table = [round(units * (floor + scale / (scale + at))) for at in range(40 * scale)]
    last = table.index(table[-1])
    return np.array(table[: last + 1], np.uint8)
