"""Fenced code blocks, found line by line so that unclosed ones cost no more than closed ones."""

from __future__ import annotations

import re

from markdown.util import HtmlStash
from markupsafe import escape

_OPEN_RE = re.compile(r"(?P<fence>`{3,}|~{3,}) *(?:\{(?P<attrs>[^{}]*)\}|(?P<info>[^`{}]*))")
_LANGUAGE_RE = re.compile(r"\.?([\w#.+-]+)")


def extract(text: str, stash: HtmlStash) -> tuple[str, list[str]]:
    """``text`` with each closed fenced block replaced by a mark of ``stash``.

    A block is closed by a line that holds its fence alone. Returns also the unclosed fences.
    """
    lines = text.split("\n")
    closers = _last_lines(lines)
    done: list[str] = []
    unclosed: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        match = _OPEN_RE.fullmatch(line) if line[:3] in {"```", "~~~"} else None
        if match is None:
            done.append(line)
            index += 1
            continue
        fence = match.group("fence")
        if closers.get(fence, -1) <= index:
            unclosed.append(fence)
            done.append(line)
            index += 1
            continue
        end = next(at for at in range(index + 1, len(lines)) if lines[at].rstrip() == fence)
        done += ["", stash.store(_render(match, lines[index + 1 : end])), ""]
        index = end + 1
    return "\n".join(done), unclosed


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
