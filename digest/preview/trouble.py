"""The problems of a preview as browsers show them: the same values as in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from digest.errors import Problem, Where
from digest.preview.editor import edit_url
from digest.preview.setup import Setup
from digest.theme import Layer

MOST = 20
"""Errors that browsers are told whole."""


class Trouble:
    """What is wrong now, by what was done when it was found. State: those lists."""

    def __init__(self) -> None:
        self.settings: tuple[Problem, ...] = ()
        """Settings, language or theme cannot be used: what was there before stays."""
        self.site: tuple[Problem, ...] = ()
        """Of the composed site and of files that cannot be read."""
        self.pages: dict[str, tuple[Problem, ...]] = {}
        """Of making the pages that are looked at, by path."""
        self.elsewhere: tuple[Problem, ...] = ()
        """Found by the proofreader in pages that nobody looks at."""

    def all(self) -> tuple[Problem, ...]:
        """Every problem once, in order."""
        pages = [problem for found in self.pages.values() for problem in found]
        every = dict.fromkeys([*self.settings, *self.site, *pages, *self.elsewhere])
        return tuple(sorted(every, key=Problem.sort_key))

    def message(self, places: Places) -> dict[str, Any]:
        """What browsers are told: the errors whole, the others by number."""
        problems = self.all()
        stopping = errors(problems)
        return {
            "type": "problems",
            "errors": [places.plain(problem) for problem in stopping[:MOST]],
            "more": max(0, len(stopping) - MOST),
            "others": len(problems) - len(stopping),
        }


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that would stop a build."""
    return tuple(problem for problem in problems if problem.severity == "error")


class Places:
    """Finds the files that problems name: below the site, or in a theme that came with digest."""

    def __init__(self, setup: Setup | None, root: Path, pattern: str) -> None:
        self._root, self._pattern = root, pattern
        self._layers: Sequence[Layer] = setup.theme.layers if setup else ()

    def file(self, path: str) -> Path:
        """The file that messages call ``path``."""
        for layer in self._layers:
            if path.startswith(layer.label + "/"):
                return layer.folder / path[len(layer.label) + 1 :]
        return self._root / path

    def edit(self, path: str, line: int = 1, column: int = 1) -> str:
        """The address that opens it in the editor; "" when there is none."""
        return edit_url(self._pattern, self.file(path), line, column) if self._pattern else ""

    def plain(self, problem: Problem) -> dict[str, Any]:
        """A problem as the browser reads it; all of it is text there, never markup."""
        where = problem.where
        return {
            "code": problem.code,
            "severity": problem.severity,
            "message": problem.message,
            "hint": problem.hint,
            "where": self._place(where) if where else None,
            "also": [self._place(other) for other in problem.also],
        }

    def _place(self, where: Where) -> dict[str, Any]:
        return {
            "path": where.path,
            "shown": str(where),
            "line": where.line,
            "column": where.column,
            "source": where.source,
            "edit": self.edit(where.path, where.line, where.column),
        }
