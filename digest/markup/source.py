"""Places in the Markdown source: looked for only when there is a problem to report."""

from __future__ import annotations

import html
import re

from digest.errors import Where

_FENCE_RE = re.compile(r"^( {0,3})(`{3,}|~{3,})[^\n]*\n.*?^ {0,3}\2[ ]*$", re.M | re.S)
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
    masked = mask_code(text)
    found = sorted(_inline(masked, target) + _by_reference(masked, target))
    if not found:
        offset = masked.find(target)
        if offset < 0 or not target:
            return 0, 0, ""
    else:
        offset = found[min(nth, len(found) - 1)][1]
    return position(text, offset, first_line)


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
    return _CODE_RE.sub(_blank, _FENCE_RE.sub(_blank, text))


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
    """One text with its path, to turn findings into places."""

    def __init__(self, text: str, path: str, first_line: int) -> None:
        self.text = text
        self.path = path
        self.first_line = first_line

    def link(self, target: str, nth: int = 0) -> Where:
        """The place of a link or image by its target."""
        return self._where(*locate(self.text, target, nth, self.first_line))

    def match(self, pattern: str, nth: int = 0, group: int = 0) -> Where:
        """The place of the ``nth`` match of a multi-line regular expression outside code."""
        masked = mask_code(self.text)
        matches = list(re.finditer(pattern, masked, re.M | re.I))
        if not matches:
            return Where(self.path)
        match = matches[min(nth, len(matches) - 1)]
        return self._where(*position(self.text, match.start(group), self.first_line))

    def _where(self, line: int, column: int, source: str) -> Where:
        return Where(self.path, line, column, source)
