"""Where things stand: marks of a YAML text, and of a file."""

from __future__ import annotations

import msgspec

from digest.errors import Where
from digest.text import line_at

Path = tuple[str | int, ...]


class Mark(msgspec.Struct, frozen=True, order=True):
    """A place in the YAML text: line and column from 0, in characters."""

    line: int
    column: int


class Places(msgspec.Struct):
    """Marks of the keys and values of a mapping, by path; the empty path is the whole of it."""

    keys: dict[Path, Mark] = {}
    values: dict[Path, Mark] = {}

    def find(self, path: Path, *, of_key: bool) -> Mark | None:
        """The mark of a value or key, else of the nearest thing that holds it; None at the top."""
        if not of_key and path in self.values:
            return self.values[path]
        while path:
            if path in self.keys:
                return self.keys[path]
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return None


def place(path: str, text: str, line: int, column: int) -> Where:
    """A place in the file ``path`` that holds ``text``; line and column from 1."""
    return Where(path, line, column, line_at(text, line))
