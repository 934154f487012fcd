"""The contents of a site in memory: an edit reads one file, and a broken one keeps its last state.

Unlike a build, a preview must show something of a file that cannot be read just now; so the last
good content stays until there is a better one, or the file is gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from digest.discover import Discovered
from digest.errors import Problem
from digest.gather import Gathered, Library, gather
from digest.model import AnyContent, SourceFile
from digest.seals import seal_of


class Stock:
    """Contents by path, what is wrong with their files, and the files as they were last seen."""

    def __init__(self) -> None:
        self.found = Discovered((), {}, ())
        self.contents: dict[str, AnyContent] = {}
        self.flaws: dict[str, tuple[Problem, ...]] = {}
        self._files: dict[str, SourceFile] = {}

    def fill(self, found: Discovered, library: Library, jobs: int) -> None:
        """Everything anew, from the memo where that has it."""
        gathered = gather(found, library, jobs=jobs)
        fresh = {content.path: content for content in gathered.contents}
        there = {file.path for file in found.files}
        last = {path: old for path, old in self.contents.items() if path in there}
        self.contents = {**last, **fresh}
        self.flaws = {}
        for problem in gathered.problems:
            path = problem.where.path if problem.where else ""
            self.flaws[path] = (*self.flaws.get(path, ()), problem)
        self._take(found)

    def follow(self, found: Discovered, folder: str, library: Library) -> list[str]:
        """Take in a new listing: read what is new or touched, let go of what is gone.

        Gives the paths that were read. When the content folder itself (``folder``) is gone or
        cannot be read, nothing changes but the problems.
        """
        if any(problem.where and problem.where.path == folder for problem in found.problems):
            kept = self.found
            self.found = Discovered(kept.files, kept.assets, found.problems)
            return []
        known = self._files
        touched = [
            file.path
            for file in found.files
            if file.path not in known or known[file.path].seal != file.seal
        ]
        self._take(found)
        for path in self.contents.keys() - self._files.keys():
            del self.contents[path]
        for path in self.flaws.keys() - self._files.keys():
            del self.flaws[path]
        for path in touched:
            self.read(path, library)
        return touched

    def read(self, path: str, library: Library) -> AnyContent | None:
        """Read a known file anew; None, with its flaws noted, when nothing can be made of it."""
        file = self._touched(self._files[path])
        self._files[path] = file
        (done,) = library.receive([library.make(file)])
        if done.content is None:
            self.flaws[path] = done.problems
            return None
        self.flaws.pop(path, None)
        self.contents[path] = done.content
        return done.content

    def awaken(self, library: Library) -> None:
        """Convert what was not shown when it was read and is shown now: it has become due."""
        sleeping = [path for path, content in self.contents.items() if not content.converted]
        for path in sleeping:
            if library.shows(self.contents[path].front):
                self.read(path, library)

    def knows(self, path: str) -> bool:
        """Whether a path is that of a listed content file."""
        return path in self._files

    def gathered(self) -> Gathered:
        """The contents in order, with what is wrong with files."""
        files = self.found.files
        contents = (self.contents[file.path] for file in files if file.path in self.contents)
        flaws = (problem for path in sorted(self.flaws) for problem in self.flaws[path])
        return Gathered(tuple(contents), tuple(flaws))

    def folders(self) -> set[str]:
        """The real folders of all files."""
        return {os.path.dirname(file.absolute) for file in self._files.values()}  # noqa: PTH120

    def _take(self, found: Discovered) -> None:
        self.found = found
        self._files = {file.path: file for file in found.files}

    @staticmethod
    def _touched(file: SourceFile) -> SourceFile:
        try:
            seal = seal_of(Path(file.absolute).stat())
        except OSError:
            seal = b""
        return msgspec.structs.replace(file, seal=seal)


def by_path(problems: Iterable[Problem]) -> Mapping[str, list[Problem]]:
    """Problems by the file they are in; "" for those of none."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(problem.where.path if problem.where else "", []).append(problem)
    return found
