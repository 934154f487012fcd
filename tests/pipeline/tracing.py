"""Builds under strace: which system calls they make, and one of them killed or made to fail.

Source: https://man7.org/linux/man-pages/man1/strace.1.html (tampering)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sitekit import COMMAND, Ran, environment

RENAMES = ("rename", "renameat", "renameat2")
REMOVALS = ("unlink", "unlinkat", "rmdir")
LINKS = ("link", "linkat", "symlink", "symlinkat")


def need(program: str) -> str:
    """The path of a program; where it is missing, a skip, and a failure in CI."""
    found = shutil.which(program)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{program} is not installed")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


@dataclass(frozen=True)
class Call:
    """A system call of a build: the ``nth`` of its name, from 1, and its arguments as told."""

    name: str
    nth: int
    told: str

    @property
    def store(self) -> bool:
        """Whether it is about what is kept between builds, and not about the site."""
        return "/.digest/" in self.told or self.told.endswith("/.digest")

    @property
    def writes(self) -> bool:
        """Whether it can change a disk; an ``openat`` for reading cannot."""
        return self.name != "openat" or any(f in self.told for f in ("O_WRONLY", "O_RDWR"))


_LINE = re.compile(r"^(\d+)\s+(\w+)\((.*)$")


def _strace(root: Path, home: Path, options: list[str]) -> tuple[Ran, str]:
    """Build ``root`` with one process under strace: how that ended, and what strace wrote."""
    log = home / "strace.txt"
    base = [need("strace"), "-f", "-qq", "-y", "-s", "0", "-o", str(log)]
    if not any("signal=" in option for option in options):
        base.append("--seccomp-bpf")  # faster, but it loses signals
    done = subprocess.run(
        [*base, *options, *COMMAND, "build", "--jobs", "1"],
        cwd=root,
        env=environment(home, {"PYTHONDONTWRITEBYTECODE": "1"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    return ran, log.read_text(errors="replace")


def calls(root: Path, home: Path, names: Iterable[str], *faults: str) -> list[Call]:
    """The calls of a whole build that are about files of the site, and that can change a disk.

    ``faults`` are injected and must be survived.
    """
    inject = [f"inject={fault}" for fault in faults]
    options = [part for text in (f"trace={','.join(names)}", *inject) for part in ("-e", text)]
    ran, log = _strace(root, home, options)
    assert ran.exit_code == 0, ran.err
    counts: Counter[str] = Counter()
    found = []
    first = log.partition(" ")[0]
    for line in log.splitlines():
        match = _LINE.match(line)
        if match is None or match[1] != first:
            continue  # strace counts each thread by itself
        counts[match[2]] += 1
        found.append(Call(match[2], counts[match[2]], match[3]))
    return [call for call in found if str(root) in call.told and call.writes]


def injected(root: Path, home: Path, call: Call, fault: str, *more: str) -> Ran:
    """Build with a fault in one call: ``signal=KILL`` or ``error=ENOSPC``.

    ``more`` are further injections. A process that was killed has the exit code -9 or 137.
    """
    wanted = (f"{call.name}:{fault}:when={call.nth}", *more)
    names = ",".join({expression.partition(":")[0] for expression in wanted})
    options = ["-e", f"trace={names}"]
    for expression in wanted:
        options += ["-e", f"inject={expression}"]
    return _strace(root, home, options)[0]


def spread_out(found: list[Call], most: int) -> list[Call]:
    """At most so many of the calls of each name, from the first to the last."""
    chosen = []
    for name in dict.fromkeys(call.name for call in found):
        named = [call for call in found if call.name == name]
        count = min(most, len(named))
        places = {round(n * (len(named) - 1) / max(1, count - 1)) for n in range(count)}
        chosen += [named[place] for place in sorted(places)]
    return chosen
