"""The time of digest's own build from nothing by stage, from a profile of the command.

A stage is what the modules that tell the story of a build call in others, or what is called by
functions that call back into these, so a function that is renamed or moved shows up under its new
name.
"""

from __future__ import annotations

import marshal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

STORY = ("digest/build.py", "digest/compose.py", "digest/gather.py", "digest/pages.py")
"""The modules whose functions call the stages; one that is gone is passed over."""
SHARE = 0.005
"""Stages with less than this part of the whole are added up."""

Function = tuple[str, int, str]
"""File, line and name, as in a profile."""
Calls = tuple[int, int, float, float]
"""Calls, those that do not recur, own seconds, seconds with all called in turn."""
Stats = Mapping[Function, tuple[int, int, float, float, Mapping[Function, Calls]]]
"""What ``cProfile`` writes: the calls of each function, and those by each caller."""


@dataclass(frozen=True)
class Stage:
    """What the story calls, and its seconds."""

    name: str
    seconds: float


def profiled(site: Path) -> list[Stage]:
    """Build ``site``, which has no output yet, in one process; its stages, the dearest first.

    The last two are what is too small to be named, and the rest: the start of the interpreter,
    imports, and the story itself.
    """
    file = site / "profile.out"
    words = ("-m", "cProfile", "-o", file.name, "-m", "digest", "build", "--quiet", "--jobs", "1")
    subprocess.run((sys.executable, *words), cwd=site, check=True, stdout=subprocess.DEVNULL)
    return stages(cast("Stats", marshal.loads(file.read_bytes())))


def stages(stats: Stats) -> list[Stage]:
    """Those of a profile."""
    total = sum(own for _, _, own, _, _ in stats.values())
    carriers = _carriers(stats)
    found: dict[str, float] = {}
    for function, (_, _, _, _, callers) in stats.items():
        if _module(function) and function not in carriers:
            seconds = sum(calls[3] for caller, calls in callers.items() if caller in carriers)
            name = f"{_module(function)}:{function[2]}"
            found[name] = found.get(name, 0.0) + seconds
    large = [Stage(name, seconds) for name, seconds in found.items() if seconds >= SHARE * total]
    small = sum(seconds for seconds in found.values() if seconds < SHARE * total)
    return [
        *sorted(large, key=lambda stage: -stage.seconds),
        Stage("smaller stages", small),
        Stage("start, imports, the story itself", total - sum(found.values())),
    ]


def _carriers(stats: Stats) -> set[Function]:
    """The story, and what calls back into it: the time of such a function is that of what it calls.

    Only functions of digest are followed: ``sorted`` calls everybody's keys.
    """
    found = {function for function in stats if _tells(function)}
    waiting = list(found)
    while waiting:
        for caller in stats[waiting.pop()][4]:
            if _module(caller) and caller not in found:
                found.add(caller)
                waiting.append(caller)
    return found


def _tells(function: Function) -> bool:
    """Whether a function is of the story; importing a module is not."""
    return function[0].endswith(STORY) and function[2] != "<module>"


def _module(function: Function) -> str:
    """A module of digest as in ``plan/articles``; empty for other code."""
    _, found, name = function[0].rpartition("/digest/")
    return name.removesuffix(".py").removesuffix("/__init__") if found else ""
