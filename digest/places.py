"""Where the keys of a TOML text stand, for problems that point at a setting."""

from __future__ import annotations

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_TOKEN = re.compile(
    r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}]'  # what matters in a value
)


def find(text: str, wanted: Path) -> tuple[int, int]:
    """Line and column (from 1) of the setting at ``wanted``: keys, and positions in ``[[tables]]``.

    Where it is not written out, the innermost table or key around it; (0, 0) when there is none.
    """
    best, place = 0, (0, 0)
    for path, line, column in _places(text):
        depth = len(path)
        fits = wanted[:depth] == path or path[: len(wanted)] == wanted
        if fits and min(depth, len(wanted)) > best:
            best, place = min(depth, len(wanted)), (line, column)
    return place


def _places(text: str) -> Iterator[tuple[Path, int, int]]:
    """Every table header and key with its full path, in order."""
    table: Path = ()
    counts: dict[Path, int] = {}
    state = _Value()
    for number, line in enumerate(text.split("\n"), start=1):
        if state.open:
            state.read(line)
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _table(_parts(header[2]), header[1] == "[[", counts)
            yield table, number, header.start(1) + 1
        elif key:
            yield (*table, *_parts(key[1])), number, key.start(1) + 1
            state.read(line[key.end() :])


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _table(parts: Path, several: bool, counts: dict[Path, int]) -> Path:
    """The path of a header, with the position of the newest entry in each array of tables."""
    path: Path = ()
    for depth, part in enumerate(parts, start=1):
        path = (*path, part)
        if several and depth == len(parts):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


class _Value:
    """Follows a value over line ends: open brackets, and strings in three quotes."""

    def __init__(self) -> None:
        self._depth = 0
        self._quotes = ""

    @property
    def open(self) -> bool:
        """Whether the next line still belongs to the value."""
        return bool(self._quotes) or self._depth > 0

    def read(self, rest: str) -> None:
        """Take in the rest of a line."""
        while rest:
            if self._quotes:
                _, closing, rest = rest.partition(self._quotes)
                self._quotes = "" if closing else self._quotes
                continue
            token = _TOKEN.search(rest)
            if token is None:
                return
            rest = rest[token.end() :]
            if token[0] in {'"""', "'''"}:
                self._quotes = token[0]
            elif token[0] in "[{":
                self._depth += 1
            elif token[0] in "]}":
                self._depth -= 1
