"""Whole folders compared: what is in them, the first difference, what lies about."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Photo = dict[str, tuple[int, bytes | None]]
"""Path → mode and bytes of everything in a folder; None for the bytes of a folder."""

OWN = frozenset({"content", "static", "themes", "overrides", "locales", "digest.toml"})
BUILT = frozenset({"output", ".output.digest", ".digest"})
"""All that builds make: the site, the tree that is kept beside it, the cache."""


def photo(folder: Path) -> Photo:
    """A folder as it is, the modes and the empty folders in it too; empty for a missing one."""
    taken: Photo = {}
    pending = [""] if folder.is_dir() else []
    while pending:
        inner = pending.pop()
        taken[inner or "."] = ((folder / inner).stat().st_mode, None)
        with os.scandir(folder / inner) as entries:
            for entry in entries:
                path = f"{inner}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    pending.append(path + "/")
                else:
                    mode = entry.stat(follow_symlinks=False).st_mode
                    taken[path] = (mode, (folder / path).read_bytes())
    return taken


def difference(wanted: Photo, found: Photo) -> str:
    """The first difference of two folders for people, "" when they are the same."""
    lines = []
    missing, extra = sorted(wanted.keys() - found.keys()), sorted(found.keys() - wanted.keys())
    for name, paths in (("missing", missing), ("that should not be", extra)):
        if paths:
            lines.append(f"{len(paths)} {name}: {', '.join(paths[:8])}")
    changed = sorted(path for path in wanted.keys() & found.keys() if wanted[path] != found[path])
    if changed:
        lines.append(f"{len(changed)} different: {', '.join(changed[:8])}")
        path = changed[0]
        (mode, want), (other, have) = wanted[path], found[path]
        if mode != other:
            lines.append(f"{path}: mode {mode:o} wanted, {other:o} found")
        lines += _text_difference(path, want or b"", have or b"")
    return "\n".join(lines)


def _text_difference(path: str, want: bytes, have: bytes) -> list[str]:
    one, other = (data.decode("utf-8", "replace").splitlines() for data in (want, have))
    names = (f"wanted/{path}", f"found/{path}")
    found = difflib.unified_diff(one, other, *names, n=1, lineterm="")
    return [line if len(line) < 1500 else f"{line[:1400]} …" for line in found][:40]


def litter(root: Path, *more: str) -> list[str]:
    """What lies in a site's folder and is neither its own nor one of the known results."""
    beside = {path.name for path in root.iterdir()} - OWN - BUILT - set(more)
    spare = root / ".output.digest"
    inside = {path.name for path in spare.iterdir()} if spare.is_dir() else set()
    return sorted(beside) + sorted(f"{spare.name}/{n}" for n in inside - {".gitignore", "tree"})


def opened(folder: Path) -> list[str]:
    """The files below a folder that this process has open, where the system can tell."""
    found = []
    for descriptor in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):  # that of the listing itself is closed by now
            found.append(os.readlink(descriptor))  # noqa: PTH115 - the text of the link
    return sorted(path for path in found if path.startswith(str(folder)))


@contextmanager
def in_memory() -> Iterator[Path]:
    """A new folder in memory where there is one: most of a build is writing small files."""
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=shared if os.access(shared, os.W_OK) else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
