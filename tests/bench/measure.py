"""Time and peak memory of a command with all its processes, and the size of a tree of files.

Time and memory are taken in separate runs: to add up the pages of a large process the kernel holds
a lock that the process itself wants. Linux only (``/proc``).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PAUSE = 0.02
"""Seconds between two looks at the memory."""

PROC = Path("/proc")


class ToolError(Exception):
    """A command ended with an error, or did not do what it was asked."""


@dataclass(frozen=True)
class Command:
    """What to run, where, and with what beside the environment."""

    words: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Spent:
    """Wall and CPU seconds of one run; CPU of all its processes."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Peak:
    """Peak memory of one run, in bytes.

    ``pss`` and ``rss`` are the largest sums over all processes seen at one instant: a page that
    several of them share counts once in the first and once for each in the second. ``largest`` is
    the highest RSS of one process, ``processes`` the most of them seen at once.
    """

    pss: int
    rss: int
    largest: int
    processes: int


@dataclass(frozen=True)
class Tree:
    """How many files a folder holds, and their bytes."""

    files: int
    size: int


def timed(command: Command) -> Spent:
    """Run to the end and tell the time; raises ToolError with what it printed."""
    _settle_disk(command.folder)
    spent, _ = _run(command, lambda pid: None)
    return spent


def watched(command: Command) -> Peak:
    """Run to the end and tell the memory; raises ToolError with what it printed."""
    peak = Peak(0, 0, 0, 0)

    def look(pid: int) -> None:
        nonlocal peak
        peak = _higher(peak, _now(_family(pid)))
        time.sleep(PAUSE)

    _, largest = _run(command, look, poll=True)
    return Peak(peak.pss, peak.rss, max(peak.largest, largest), peak.processes)


def tree(folder: Path) -> Tree:
    """Count the files below ``folder``."""
    files, size = 0, 0
    waiting = [os.fspath(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    files += 1
                    size += entry.stat(follow_symlinks=False).st_size
    return Tree(files, size)


def _run(command: Command, look: Callable[[int], None], poll: bool = False) -> tuple[Spent, int]:
    """Run to the end, with ``look`` in between; the time, and the highest RSS of one process."""
    with tempfile.TemporaryFile() as printed:
        started = time.perf_counter()
        child = subprocess.Popen(
            command.words,
            cwd=command.folder,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        done, status, used = 0, 0, None
        while not done:
            look(child.pid)
            done, status, used = os.wait4(child.pid, os.WNOHANG if poll else 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            printed.seek(0)
            text = printed.read().decode(errors="replace")[-2000:]
            raise ToolError(f"{' '.join(command.words)} ended with {child.returncode}:\n{text}")
    assert used is not None
    return Spent(wall, used.ru_utime + used.ru_stime), used.ru_maxrss * 1024


def _settle_disk(folder: Path) -> None:
    """Wait until what earlier runs wrote is on the disk, so that this one does not pay for it."""
    subprocess.run(["sync", "--file-system", folder], check=True)


def _higher(one: Peak, other: Peak) -> Peak:
    return Peak(
        max(one.pss, other.pss),
        max(one.rss, other.rss),
        max(one.largest, other.largest),
        max(one.processes, other.processes),
    )


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            parent = _parent(entry)
            parents.setdefault(parent, []).append(int(entry.name))
    family, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        family.append(one)
        waiting += parents.get(one, [])
    return family


def _parent(process: Path) -> int:
    """The parent's number; 0 when the process is gone. The name before it may hold spaces."""
    try:
        text = (process / "stat").read_text()
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[1])


def _now(family: Iterable[int]) -> Peak:
    """The memory of some processes at this instant."""
    sizes = [(_pss(pid), _rss(pid)) for pid in family]
    rss = [size for _, size in sizes]
    running = sum(size > 0 for size in rss)
    return Peak(sum(size for size, _ in sizes), sum(rss), max(rss, default=0), running)


def _pss(pid: int) -> int:
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # it has ended
    return 0


def _rss(pid: int) -> int:
    try:
        pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
