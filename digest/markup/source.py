"""Places in the Markdown source: looked for only when there is a problem to report."""

from __future__ import annotations

import html
import re

from digest.errors import Where
from digest.markup import fences

_CODE_RE = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n\n).)*?(?<!`)\1(?!`)", re.S)
_DEFINITION_RE = re.compile(r"^ {0,3}\[([^\[\]\n]+)\]:[ ]*\n?[ ]*<?([^\s>]+)", re.M)
_START_RE = re.compile(r"\]\(\s*<?\s*|\[\[\s*|<(?=[A-Za-z])|\b(?:href|src)\s*=\s*[\"']?")
_STOPS = frozenset(" \t\n)>\"']|")
_ESCAPE_RE = re.compile(r"\\([!-/:-@\[-`{-~])")


def locate(text: str, target: str, nth: int = 0, first_line: int = 1) -> tuple[int, int, str]:
    """Where the ``nth`` (from 0) link or image with ``target`` is written in ``text``.

    ``target`` is that of a ``LinkRef`` (also a wiki one) or the ``src`` of an ``ImageRef``.
    Returns the line (``first_line`` is that of the start of ``text``), the column from 1 and the
    source line. A link through a reference is found at its definition. Code is skipped. When the
    text has fewer such links the last one is told; with none the answer is ``(0, 0, "")``.
    """
    return _locate(text, mask_code(text), target, nth, first_line)


def _locate(text: str, masked: str, target: str, nth: int, first_line: int) -> tuple[int, int, str]:
    found = sorted(_inline(masked, target) + _by_reference(masked, target))
    if found:
        return position(text, found[min(nth, len(found) - 1)][1], first_line)
    offset = masked.find(target) if target else -1
    return position(text, offset, first_line) if offset >= 0 else (0, 0, "")


def position(text: str, offset: int, first_line: int) -> tuple[int, int, str]:
    """Line, column from 1 and source line of ``offset`` in ``text``."""
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = text[start : len(text) if end < 0 else end].rstrip("\r")
    return first_line + text.count("\n", 0, offset), offset - start + 1, line


def mask_code(text: str) -> str:
    """``text`` with code replaced by spaces, character by character, line ends kept."""
    if "`" not in text and "~~~" not in text:
        return text
    lines = text.split("\n")
    for start, end, _ in fences.find(lines)[0]:
        lines[start : end + 1] = [" " * len(line) for line in lines[start : end + 1]]
    return _CODE_RE.sub(_blank, "\n".join(lines))


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def _inline(text: str, target: str) -> list[tuple[int, int]]:
    """Order and place of each link that carries the target itself."""
    found = []
    for match in _START_RE.finditer(text):
        offset = match.end()
        tail = text[offset : offset + 4 * len(target) + 40]
        if _starts_with(tail, target):
            found.append((offset, offset))
    return found


def _starts_with(tail: str, target: str) -> bool:
    for form in (tail, html.unescape(_ESCAPE_RE.sub(r"\1", tail))):
        if form.startswith(target) and (len(form) == len(target) or form[len(target)] in _STOPS):
            return True
    return False


def _by_reference(text: str, target: str) -> list[tuple[int, int]]:
    """Order of each use of a definition of the target, with the place of the definition."""
    found = []
    for match in _DEFINITION_RE.finditer(text):
        if html.unescape(match.group(2)) != target:
            continue
        label = re.escape(match.group(1).strip())
        uses = re.compile(rf"\[{label}\](?![:(\[])|\]\s?\[{label}\]", re.I)
        found += [(use.start(), match.start(2)) for use in uses.finditer(text)]
        if not found:
            found.append((match.start(2), match.start(2)))
    return found


class Source:
    """One text with its path, to turn findings into places; remembers what it looked up."""

    def __init__(self, text: str, path: str, first_line: int) -> None:
        self.text = text
        self.path = path
        self.first_line = first_line
        self._masked: str | None = None
        self._offsets: dict[tuple[str, int], list[int]] = {}

    def link(self, target: str, nth: int = 0) -> Where:
        """The place of a link or image by its target."""
        place = _locate(self.text, self._without_code(), target, nth, self.first_line)
        return Where(self.path, *place)

    def match(self, pattern: str, nth: int = 0, group: int = 0) -> Where:
        """The place of ``group`` in the ``nth`` match (from 0; at most the last) outside code.

        ``pattern`` is searched for in several lines and without regard to case.
        """
        key = (pattern, group)
        if key not in self._offsets:
            matches = re.finditer(pattern, self._without_code(), re.M | re.I)
            self._offsets[key] = [match.start(group) for match in matches]
        offsets = self._offsets[key]
        if not offsets:
            return Where(self.path)
        offset = offsets[min(nth, len(offsets) - 1)]
        return Where(self.path, *position(self.text, offset, self.first_line))

    def _without_code(self) -> str:
        if self._masked is None:
            self._masked = mask_code(self.text)
        return self._masked
