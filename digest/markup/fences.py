"""Fenced code blocks, found line by line so that unclosed ones cost no more than closed ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import escape

if TYPE_CHECKING:
    from markdown.util import HtmlStash

_OPEN_RE = re.compile(r"(?P<fence>`{3,}|~{3,}) *(?:\{(?P<attrs>[^{}]*)\}|(?P<info>[^`{}]*))")
_LANGUAGE_RE = re.compile(r"\.?([\w#.+-]+)")


def extract(text: str, stash: HtmlStash) -> tuple[str, list[str]]:
    """``text`` with each closed fenced block replaced by a mark of ``stash``.

    Returns also the fences that are never closed, which stay as text.
    """
    lines = text.split("\n")
    blocks, unclosed = find(lines)
    done: list[str] = []
    after = 0
    for start, end, match in blocks:
        done += lines[after:start]
        done += ["", stash.store(_render(match, lines[start + 1 : end])), ""]
        after = end + 1
    return "\n".join(done + lines[after:]), unclosed


def find(lines: list[str]) -> tuple[list[tuple[int, int, re.Match[str]]], list[str]]:
    """First and last line and opening match of each closed block, and the unclosed fences.

    A block is closed by a line that holds its fence alone.
    """
    closers = _last_lines(lines)
    blocks: list[tuple[int, int, re.Match[str]]] = []
    unclosed: list[str] = []
    index = -1
    while (index := index + 1) < len(lines):
        match = _OPEN_RE.fullmatch(lines[index]) if lines[index][:3] in {"```", "~~~"} else None
        if match is None:
            continue
        fence = match.group("fence")
        if closers.get(fence, -1) <= index:
            unclosed.append(fence)
            continue
        end = next(at for at in range(index + 1, len(lines)) if lines[at].rstrip() == fence)
        blocks.append((index, end, match))
        index = end
    return blocks, unclosed


def _last_lines(lines: list[str]) -> dict[str, int]:
    """The last line that could close each fence."""
    return {line.rstrip(): index for index, line in enumerate(lines) if line[:3] in {"```", "~~~"}}


def _render(match: re.Match[str], lines: list[str]) -> str:
    words = (match.group("attrs") or match.group("info") or "").split()
    language = _LANGUAGE_RE.fullmatch(words[0]) if words else None
    css_class = f' class="language-{escape(language.group(1))}"' if language else ""
    code = escape("".join(f"{line}\n" for line in lines))
    # Focusable, because a wide block scrolls and the keyboard must reach it.
    return f'<pre tabindex="0"><code{css_class}>{code}</code></pre>'
