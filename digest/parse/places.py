"""Where things stand: marks of a YAML text, and of a file."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from digest.errors import Problem, Severity, Where
from digest.text import line_at

Path = tuple[str | int, ...]


MAX_PROBLEMS = 100
"""Most problems listed of one file; with more it is something else than front matter."""


class Mark(msgspec.Struct, frozen=True, order=True):
    """A place in the YAML text: line and column from 0, in characters."""

    line: int
    column: int


class Fault(msgspec.Struct, frozen=True):
    """Something wrong at a mark of the YAML text, which starts on line 2 of its file."""

    code: str
    message: str
    hint: str
    mark: Mark
    also: Mark | None = None
    """The other place that takes part, such as the first of two equal keys."""
    severity: Severity = "error"


class Places(msgspec.Struct):
    """Marks of the keys and values of a mapping, by path; the empty path is the whole of it."""

    keys: dict[Path, Mark] = {}
    values: dict[Path, Mark] = {}

    def find(self, path: Path, *, of_key: bool = False) -> Mark:
        """The mark of a value or key, else of the nearest thing that holds it.

        What the whole front matter lacks is wanted at its opening line, one above the YAML text.
        """
        if not of_key and path in self.values:
            return self.values[path]
        while path:
            if path in self.keys:
                return self.keys[path]
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return Mark(-1, 0)


def problems_of(path: str, text: str, faults: Iterable[Fault]) -> tuple[Problem, ...]:
    """The faults as problems of the file ``path`` that holds ``text``, at most 100 of them."""

    def where(mark: Mark) -> Where:
        return place(path, text, mark.line + 2, mark.column + 1)

    found = sorted(faults, key=lambda fault: (fault.mark, fault.code, fault.message))
    problems = [
        Problem(
            fault.code,
            fault.message,
            where(fault.mark),
            fault.hint,
            fault.severity,
            (where(fault.also),) if fault.also else (),
        )
        for fault in found[:MAX_PROBLEMS]
    ]
    more = len(found) - MAX_PROBLEMS
    if more > 0:
        message = f"{more} more problems in this file are not listed"
        mark = found[MAX_PROBLEMS].mark
        problems.append(Problem("D123", message, where(mark), "mend the first ones", "note"))
    return tuple(problems)


def place(path: str, text: str, line: int, column: int) -> Where:
    """A place in the file ``path`` that holds ``text``; line and column from 1."""
    return Where(path, line, column, line_at(text, line))
