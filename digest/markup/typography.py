"""Straight quotes, dashes and dots to typographic ones, over the joined text of one block."""

from __future__ import annotations

import re
from collections.abc import Callable

from digest.markup.marks import EDGE

_TRIGGER_RE = re.compile(r"(?<!-)-{2,3}(?!-)|(?<!\.)\.{3}(?!\.)|[\"']")
_OPENERS = frozenset("([{<—–‒-/“„‘‚«‹¿¡=")
_CLOSERS = frozenset(".,;:!?)]}>…”’»›%")
_APOSTROPHE = "’"
_YEAR_RE = re.compile(r"'\d\d(?!\d)")
_STX = "\x02"
_ETX = "\x03"
_ESCAPED_RE = re.compile(f"{_STX}([0-9]+){_ETX}")

Lookup = Callable[[str], str]
"""From a stash mark (STX … ETX) to the text it stands for, empty for a tag."""


def wanted(text: str) -> bool:
    """Whether ``text`` holds anything that typography would look at."""
    return '"' in text or "'" in text or "--" in text or "..." in text


def typeset(text: str, quotes: tuple[str, str, str, str]) -> str:
    """Plain text of one line, such as a title, with typographic signs."""
    return Typographer(quotes, lambda _: "").apply(text)


class Typographer:
    """Typographic signs for one set of quotes; stateless between blocks.

    ``quotes`` are double open, double close, single open, single close; ``lookup`` tells what a
    stash mark in the text stands for.
    """

    def __init__(self, quotes: tuple[str, str, str, str], lookup: Lookup) -> None:
        self._quotes = quotes
        self._lookup = lookup

    def apply(self, text: str) -> str:
        """``text`` of one block with signs replaced.

        Text nodes are joined by ``EDGE``, which is kept and invisible; text between STX and ETX
        (escaped characters, stashed HTML) is never changed.
        """
        return _Block(text, self._quotes, self._lookup).result() if wanted(text) else text


class _Block:
    """The state of one pass: open quotes, and how the last sign was resolved."""

    def __init__(self, text: str, quotes: tuple[str, str, str, str], lookup: Lookup) -> None:
        self.text = text
        self.quotes = quotes
        self.lookup = lookup
        self.doubles = 0
        self.singles = 0
        self.last = (-1, "")
        self.last_closer = -2

    def result(self) -> str:
        return _TRIGGER_RE.sub(self._replace, self.text)

    def _replace(self, match: re.Match[str]) -> str:
        sign = match.group()
        if sign == '"':
            new = self._double(match.start())
        elif sign == "'":
            new = self._single(match.start())
        else:
            return {"--": "–", "---": "—", "...": "…"}[sign]
        self.last = (match.start(), new)
        return new

    def _double(self, at: int) -> str:
        opening, closing = self.quotes[:2]
        before, after = self._before(at), self._after(at)
        if before.isdigit() and not self.doubles:
            return "″"
        if self._opens(before, after, self.doubles):
            self.doubles += 1
            return opening
        self.doubles = max(0, self.doubles - 1)
        return closing

    def _single(self, at: int) -> str:
        before, after = self._before(at), self._after(at)
        if before.isalnum() and after.isalpha():
            return _APOSTROPHE
        if before.isdigit() and not self.singles:
            return "′"
        if before.isalnum():
            return self._close_single()
        if not self._opens(before, after, self.singles):
            return self._close_single()
        if _YEAR_RE.match(self.text, at) or not self._closes_later(at):
            return _APOSTROPHE
        self.singles += 1
        return self.quotes[2]

    def _close_single(self) -> str:
        if not self.singles:
            return _APOSTROPHE
        self.singles -= 1
        return self.quotes[3]

    def _opens(self, before: str, after: str, depth: int) -> bool:
        """Whether a quote between these two characters ('' at an end) opens."""
        free = not after or after.isspace()
        if not before or before.isspace():
            return not (free and depth)
        if before in _OPENERS or before in (self.quotes[0], self.quotes[2]):
            if before in (self.quotes[1], self.quotes[3]) and depth:
                return False
            return not free and after not in _CLOSERS
        return False

    def _closes_later(self, at: int) -> bool:
        """Whether a later single quote of the block can close one opened at ``at``."""
        if self.last_closer == -2:
            self.last_closer = self._find_last_closer()
        return self.last_closer > at

    def _find_last_closer(self) -> int:
        at = self.text.rfind("'")
        while at >= 0:
            before = self._before(at)
            if before and not before.isspace() and not self._after(at).isalnum():
                return at
            at = self.text.rfind("'", 0, at)
        return -1

    def _before(self, at: int) -> str:
        """The visible character before ``at``, quotes as they were resolved; '' at the start."""
        at -= 1
        while at >= 0:
            char = self.text[at]
            if char == EDGE:
                at -= 1
            elif char == _ETX:
                start = self.text.rfind(_STX, 0, at)
                shown = self._shown(self.text[start : at + 1])
                if shown:
                    return shown[-1]
                at = start - 1
            elif at == self.last[0]:
                return self.last[1][-1]
            else:
                return char
        return ""

    def _after(self, at: int) -> str:
        """The visible character after ``at``; '' at the end."""
        at += 1
        while at < len(self.text):
            char = self.text[at]
            if char == EDGE:
                at += 1
            elif char == _STX:
                end = self.text.find(_ETX, at)
                shown = self._shown(self.text[at : end + 1])
                if shown:
                    return shown[0]
                at = end + 1
            else:
                return char
        return ""

    def _shown(self, mark: str) -> str:
        escaped = _ESCAPED_RE.fullmatch(mark)
        return chr(int(escaped.group(1))) if escaped else self.lookup(mark)
