"""Writes a site as a whole: two trees beside each other, brought up to date and exchanged."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import ConfigError, Problem
from digest.write.manifest import KEPT, MANIFEST, Notes, load_manifest
from digest.write.record import Made
from digest.write.trees import Stage, Trees, clean

__all__ = [
    "KEPT",
    "MANIFEST",
    "Made",
    "Notes",
    "Stage",
    "Trees",
    "check_output",
    "check_place",
    "clean",
    "load_manifest",
    "locked",
]


def check_place(output: Path, root: Path, sources: Iterable[Path]) -> None:
    """Refuse a folder that can never be output: the site, a source, the home, a parent of them.

    ``sources`` are the site's own folders. Raises ConfigError D601.
    """
    reason = _never(output, root.resolve(), [source.resolve() for source in sources])
    if reason:
        hint = "choose a folder of its own, such as output/"
        raise ConfigError(Problem("D601", f"{output} cannot be the output: {reason}", hint=hint))


def check_output(trees: Trees, *, force: bool) -> None:
    """Refuse an output folder that holds anything digest did not write.

    Raises ConfigError: D601 a repository, D602 foreign files, unless ``force``.
    """
    output = trees.output
    if force and (output / ".git").exists():
        reason = f"{output} is a git repository, which is never replaced"
        raise ConfigError(Problem("D601", reason, hint="choose a folder of its own"))
    foreign = trees.foreign()
    if foreign and not force:
        names = ", ".join(foreign[:5]) + (f" and {len(foreign) - 5} more" if foreign[5:] else "")
        raise ConfigError(
            Problem(
                "D602",
                f"{output} holds files that digest did not write: {names}",
                hint="move them (files to publish belong in static/), or allow it with --force",
            )
        )


def _never(output: Path, root: Path, sources: list[Path]) -> str:
    """Why a folder can never be replaced by a site, "" when it can."""
    home = Path.home().resolve()
    if output.exists() and not output.is_dir():
        return "it is a file"
    if root.is_relative_to(output):
        return "it is the site or holds it"
    if home.is_relative_to(output) or output == Path(output.anchor):
        return "it is the home folder or holds it"
    for source in sources:
        if source.is_relative_to(output) or output.is_relative_to(source):
            return f"it is or holds a part of {source}, which the site is made from"
    return ""


@contextmanager
def locked(output: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the right to write ``output``; a second build waits, after ``waiting`` was called once.

    The lock is on the parent folder, so it leaves no file behind and a killed build frees it.
    """
    if sys.platform == "win32":
        yield  # no advisory locks on folders there
        return
    import fcntl  # not on Windows

    output.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(output.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
