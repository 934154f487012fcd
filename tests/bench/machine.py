"""Says on what machine figures were taken."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import date
from pathlib import Path


def machine(folder: Path) -> list[str]:
    """Lines on the processor, the memory, the kernel, the disk of ``folder`` and the load."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"{_cpu()}, {len(os.sched_getaffinity(0))} cores, {_memory():.0f} GB of memory",
        f"Linux {platform.release().partition('-')[0]}, {_file_system(folder)}",
        f"load before the start {load} (1, 5, 15 minutes)",
    ]


def today() -> str:
    """The date, and the commit when there is one; ``+`` for changes that are not committed."""
    here = Path(__file__).parent
    commit = _git(here, "rev-parse", "--short", "HEAD")
    changed = "+" if _git(here, "status", "--porcelain", "--untracked-files=no") else ""
    return f"{date.today():%Y-%m-%d}" + (f", commit {commit}{changed}" if commit else "")


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(("git", *words), cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return value.strip()
    return platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _file_system(folder: Path) -> str:
    """The kind of the file system a folder is on: the deepest mount above it."""
    real = folder.resolve()
    kind, depth = "unknown file system", -1
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].replace(r"\040", " "))
        if real.is_relative_to(point) and len(point.parts) >= depth:
            kind, depth = after.split()[0], len(point.parts)
    return kind
