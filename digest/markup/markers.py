"""Lone "Baca Juga" lines: found in the tree, moved where a block may stand, or told about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element

from digest.errors import Problem
from digest.markup import problems
from digest.markup.footnotes import BACKLINK
from digest.markup.shape import unescape
from digest.markup.source import Source
from digest.text import without_signs

RELATED = "related"
"""Tag of the element that stands for a place of related articles."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_EMPHASIS = frozenset({"em", "strong"})
_HOLDERS = frozenset({"p", "li", "td", "th", "dd", "dt"})
_SLACK = 200
"""Room for spaces and stashed tags around the words of a marker."""
_STASH_RE = re.compile("\x02wzxhzdk:([0-9]+)\x03")
_EMPHASIS_TAG_RE = re.compile(r"</?(?:b|strong|i|em)\s*>", re.I)
_HEADING_TAG_RE = re.compile(r"\s*<h[1-6][\s>]", re.I)


class Markers:
    """Finds and places the marker lines of one site; ``words`` count in any case."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = frozenset(" ".join(word.split()).casefold() for word in words if word.strip())
        self._longest = max(map(len, self._words), default=0) + _SLACK
        self._firsts = tuple({word.split()[0] for word in self._words})
        self._plain = all(map(str.isalnum, self._firsts))
        choice = "|".join(r"\s+".join(map(re.escape, w.split())) for w in sorted(self._words))
        self._pattern = rf"^[^\w\n]*(?:\d+\.[ ]+)?\W*?({choice})\W*$"

    def may_be_in(self, text: str) -> bool:
        """Whether a text could hold a marker; cheap."""
        # Without them most texts are ASCII, of which lower case is made much faster.
        folded = (without_signs(text) if self._plain else text).casefold()
        return any(first in folded for first in self._firsts)

    def run(self, root: Element, source: Source, stash: Sequence[str]) -> list[Problem]:
        """Replace the marker paragraphs right below ``root`` by ``related`` elements.

        Each is put where a block may stand; places that coincide are one. ``stash`` is the raw
        HTML of the document. Returns a problem for each marker that found no place.
        """
        blocks: list[Element] = []
        asked: list[tuple[int, int]] = []
        lost: list[int] = []
        count = 0
        for block in root:
            if block.tag == "p" and self._is_marker(block, stash):
                asked.append((len(blocks), count))
                count += 1
                continue
            blocks.append(block)
            if block.tag == "p":
                continue
            for inner in block.iter():
                if inner.tag in _HOLDERS and self._is_marker(inner, stash):
                    lost.append(count)
                    count += 1
        places: set[int] = set()
        for position, ordinal in asked:
            place = _fit_place(blocks, position, stash)
            if place is None:
                lost.append(ordinal)
            else:
                places.add(place)
        _rebuild(root, blocks, places)
        return [self._problem(source, ordinal) for ordinal in lost]

    def _problem(self, source: Source, ordinal: int) -> Problem:
        where = source.match(self._pattern, ordinal, 1)
        return problems.misplaced_marker(where, where.source.strip() or "Baca Juga")

    def _is_marker(self, block: Element, stash: Sequence[str]) -> bool:
        if not len(block):
            if len(block.text or "") > self._longest:
                return False
        elif any(
            inner.tag not in _EMPHASIS for inner in block.iter() if not _is_frame(inner, block)
        ):
            return False
        text = unescape("".join(block.itertext())).removesuffix(BACKLINK)
        if "\x02" in text:
            text = _STASH_RE.sub(lambda mark: _without_emphasis(mark, stash), text)
        return " ".join(text.split()).rstrip(":： ").casefold() in self._words


def _is_frame(inner: Element, block: Element) -> bool:
    """Whether an element is the block itself, or the way back that ends a footnote."""
    return inner is block or inner.get("role") == "doc-backlink"


def place_automatically(root: Element, stash: Sequence[str], after: int) -> None:
    """Put one ``related`` element between two plain paragraphs, ``after`` of them or more above it.

    Nothing happens where one stands already, or where no two paragraphs meet so far down: a list,
    quote, table, figure, heading or raw block beside the place, or a lead-in that ends in a colon,
    moves it on to the next.
    """
    if any(block.tag == RELATED for block in root):
        return
    blocks = list(root)
    above = 0
    for position, (block, following) in enumerate(pairwise(blocks), start=1):
        above += _is_plain(block)
        between = _is_plain(block) and _is_plain(following)
        if above >= after and between and _fits(blocks, position, stash):
            root.insert(position, Element(RELATED))
            return


def _is_plain(block: Element) -> bool:
    """Whether a block is a paragraph of text: neither an image alone nor raw HTML."""
    text = (block.text or "").strip()
    if block.tag != "p" or text.startswith("\x02wzxhzdk:"):
        return False
    return bool(text) or any(inner.tag != "img" or (inner.tail or "").strip() for inner in block)


def _without_emphasis(mark: re.Match[str], stash: Sequence[str]) -> str:
    index = int(mark.group(1))
    known = index < len(stash) and _EMPHASIS_TAG_RE.fullmatch(str(stash[index]))
    return "" if known else mark.group()


def _rebuild(root: Element, blocks: list[Element], places: set[int]) -> None:
    children: list[Element] = []
    for position, block in enumerate([*blocks, None]):
        if position in places:
            children.append(Element(RELATED))
        if block is not None:
            children.append(block)
    root[:] = children


def _fit_place(blocks: list[Element], position: int, stash: Sequence[str]) -> int | None:
    """Where a block asked for before ``blocks[position]`` may stand: there, or up to two higher.

    Never directly before a heading, nor after a line that leads in with a colon.
    """
    if _fits(blocks, position, stash):
        return position
    for higher in (position - 1, position - 2):
        if higher < 1 or _is_heading(blocks[higher], stash):
            return None
        if _fits(blocks, higher, stash):
            return higher
    return None


def _fits(blocks: list[Element], position: int, stash: Sequence[str]) -> bool:
    if position < len(blocks) and _is_heading(blocks[position], stash):
        return False
    if position == 0:
        return True
    before = "".join(blocks[position - 1].itertext()) if blocks[position - 1].tag == "p" else ""
    return not before.rstrip().endswith((":", "："))


def _is_heading(block: Element, stash: Sequence[str]) -> bool:
    if block.tag in _HEADINGS:
        return True
    mark = _STASH_RE.match(block.text or "") if block.tag == "p" else None
    return mark is not None and bool(_HEADING_TAG_RE.match(str(stash[int(mark.group(1))])))
