"""What is measured: builds of every tool from nothing and after an edit, and more of digest."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeVar

from desk import Desk, Expected, desks, verify
from measure import Command, Peak, Spent, Tree, timed, tree, watched
from tools import Tool, prepare

Measured = TypeVar("Measured")

COLD = "from nothing"
FIRST = "one text edited, first after a clean build"
LATER = "one text edited, later"
NEW = "one new article"
TITLE = "title and tags edited"
NOTHING = "nothing changed"
BASE = "base template edited"
COPY = "cp -r of the tree"

Warm = Mapping[str, Callable[[Desk], Expected]]

WARM: Warm = {
    LATER: Desk.text,
    NEW: Desk.new,
    TITLE: Desk.title,
    NOTHING: Desk.nothing,
    BASE: Desk.base,
}
"""What digest is asked for after the first edit, in this order."""
LARGE_WARM: Warm = {LATER: Desk.text}
"""The same for the large archive."""


@dataclass
class Figure:
    """The runs of a case, the memory of one more run, and the tree it left."""

    spent: list[Spent] = field(default_factory=list)
    peak: Peak | None = None
    tree: Tree | None = None
    articles: Tree | None = None

    @property
    def wall(self) -> float:
        """Median of the wall time, in seconds."""
        return median(run.wall for run in self.spent)

    @property
    def cpu(self) -> float:
        """Median of the CPU time of all processes, in seconds."""
        return median(run.cpu for run in self.spent)


Figures = dict[str, dict[str, Figure]]
"""By the name of the tool, then by case."""


class Session:
    """A tool at work on its site; keeps what it measures."""

    def __init__(self, tool: Tool, desk: Desk) -> None:
        self.tool = tool
        self.desk = desk
        self.figures: dict[str, Figure] = {}
        self.output = desk.room.folder / "output"
        self._command = Command(tool.words, desk.room.folder, tool.environment)
        self._kept = {path.name for path in desk.room.folder.iterdir()}

    def reset(self) -> None:
        """Remove all that builds left: the output and every cache."""
        for path in self.output.parent.iterdir():
            if path.name not in self._kept:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def build(self, act: Callable[[Desk], Expected]) -> None:
        """Act, and build without measuring."""
        self._checked(act, timed)

    def time(self, case: str, act: Callable[[Desk], Expected]) -> None:
        """Act, and measure the time of the build."""
        spent = self._checked(act, timed)
        self._figure(case).spent.append(spent)
        say(f"{self.tool.title}, {case}: {spent.wall:.2f} s")

    def watch(self, case: str, act: Callable[[Desk], Expected]) -> None:
        """Act, and measure the memory of the build; keep the size of what it wrote."""
        peak = self._checked(act, watched)
        figure = self._figure(case)
        figure.peak = peak
        figure.tree = tree(self.output)
        sizes = [file.stat().st_size for file in self.output.glob("[0-9]*/*/*/s*/index.html")]
        figure.articles = Tree(len(sizes), sum(sizes))
        say(f"{self.tool.title}, {case}: {peak.pss / 2**20:.0f} MB")

    def copy(self) -> None:
        """Measure a plain copy of the output."""
        words = ("cp", "-r", self.output.name, "copy")
        spent = timed(Command(words, self.output.parent))
        shutil.rmtree(self.output.parent / "copy")
        self._figure(COPY).spent.append(spent)
        say(f"{COPY}: {spent.wall:.2f} s")

    def _checked(
        self, act: Callable[[Desk], Expected], measure: Callable[[Command], Measured]
    ) -> Measured:
        expected = act(self.desk)
        measured = measure(self._command)
        verify(self.output, expected)
        return measured

    def _figure(self, case: str) -> Figure:
        return self.figures.setdefault(case, Figure())


def measured(
    tools: Sequence[Tool], folder: Path, count: int, runs: int, warm: Warm = WARM
) -> Figures:
    """All figures at one size; ``folder`` is filled with sites."""
    say(f"writing {count:,} articles")
    sites = desks(dict.fromkeys(tool.dialect for tool in tools), folder, count)
    for dialect, desk in sites.items():
        prepare(dialect, desk.room.folder)
    sessions = [Session(tool, sites[tool.dialect]) for tool in tools]
    for _ in range(runs):
        _round(sessions)
    for session in sessions:
        session.reset()
        session.watch(COLD, Desk.nothing)
        if session.tool.name == "digest":
            _warm(session, runs, warm)
    return {session.tool.name: session.figures for session in sessions}


def _round(sessions: Iterable[Session]) -> None:
    """One build from nothing and one after an edit with each tool, in turn.

    In turn, so that a machine that is slower for a while is so for all of them. The copy is that of
    the first tool's output.
    """
    for place, session in enumerate(sessions):
        session.reset()
        session.time(COLD, Desk.nothing)
        if place == 0:
            session.copy()
        session.time(FIRST, Desk.text)
        session.reset()


def _warm(session: Session, runs: int, warm: Warm) -> None:
    """All that comes after the first edit, each case in ``runs`` runs and one for its memory."""
    session.watch(FIRST, Desk.text)
    for case, act in warm.items():
        if case == BASE:
            session.build(act)  # the override itself is new: not what is measured
        for _ in range(runs):
            session.time(case, act)
        session.watch(case, act)


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)
