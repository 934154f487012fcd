"""Writes a site as a whole: staged beside the output folder, then exchanged with it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import msgspec

from digest.errors import ConfigError, Problem
from digest.write.swap import flush, swap

__all__ = ["Entry", "Stage", "check_output", "clean", "locked"]

MANIFEST = ".digest.json"
"""What digest wrote into an output folder: the proof that it may be replaced."""

KEPT = frozenset({".gitignore", ".gitkeep"})
"""Files of the user that keep an output folder in git; they are carried over."""

FORMAT = 1


class Entry(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A written file: path relative to the output folder, bytes, hash of its content."""

    path: str
    size: int
    digest: str


class Manifest(msgspec.Struct, frozen=True):
    """The content of ``MANIFEST``."""

    format: int
    files: tuple[Entry, ...]


def check_output(output: Path, root: Path, sources: Iterable[Path], *, force: bool) -> None:
    """Refuse an output folder that holds anything digest did not write.

    ``sources`` are the site's own folders. Raises ConfigError: D601 a folder that can never be
    output (the site, one of its sources, the home, a repository, a parent of them), D602 foreign
    files, unless ``force``.
    """
    reason = _never(output, root.resolve(), [source.resolve() for source in sources])
    if reason:
        hint = "choose a folder of its own, such as output/"
        raise ConfigError(Problem("D601", f"{output} cannot be the output: {reason}", hint=hint))
    if force and (output / ".git").exists():
        reason = f"{output} is a git repository, which is never replaced"
        raise ConfigError(Problem("D601", reason, hint="choose a folder of its own"))
    foreign = _foreign(output)
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


def _foreign(output: Path) -> list[str]:
    if not output.is_dir():
        return []
    ours = {entry.path for entry in read_manifest(output)}
    return sorted(path for path in _files(output) if path not in ours)


def _files(folder: Path) -> Iterator[str]:
    """All entries but folders, relative, without the manifest and what keeps the folder in git."""
    pending = [""]
    while pending:
        inner = pending.pop()
        with os.scandir(folder / inner) as entries:
            for entry in entries:
                path = f"{inner}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    pending.append(path + "/")
                elif path != MANIFEST and path not in KEPT:
                    yield path


def read_manifest(output: Path) -> tuple[Entry, ...]:
    """What digest wrote there; nothing when there is no manifest or none we understand."""
    try:
        manifest = msgspec.json.decode((output / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return ()
    inside = all(_is_inside(entry.path) for entry in manifest.files)
    return manifest.files if manifest.format == FORMAT and inside else ()


def _is_inside(path: str) -> bool:
    """Whether a manifest's path can only mean a file in the output folder."""
    parts = path.split("/")
    return "\\" not in path and "" not in parts and "." not in parts and ".." not in parts


class Stage:
    """A folder beside the output in which the next site grows; use it as a context manager.

    Leaving the ``with`` block without ``commit`` removes it. State: the folders already made.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self.folder = self.output.with_name(f".{self.output.name}.digest-new")
        self._old = self.output.with_name(f".{self.output.name}.digest-old")
        self._made: set[str] = set()

    def __enter__(self) -> Stage:
        self._repair()
        self.output.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.folder.mkdir()
        except BaseException:  # interrupted in it: __exit__ will not be called
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _repair(self) -> None:
        """Clear what a killed build left; if it died between two renames, finish them backwards."""
        if self._old.exists() and not self.output.exists():
            self._old.rename(self.output)
        for left in (self.folder, self._old):
            if left.exists():
                shutil.rmtree(left)

    def write(self, path: str, data: bytes) -> Entry:
        """Write one file of the new site, again where a worker died on it. Raises OSError."""
        self._folder_of(path)
        with open(self.folder / path, "wb") as file:  # noqa: PTH123 - a third faster, per file
            file.write(data)
        return Entry(path, len(data), _digest(data))

    def copy(self, path: str, source: Path) -> Entry:
        """Copy one file into the new site. Raises OSError."""
        self._folder_of(path)
        target = self.folder / path
        hashed = blake2b(digest_size=16)
        size = 0
        with source.open("rb") as reader, target.open("xb") as writer:
            while block := reader.read(1 << 20):
                hashed.update(block)
                size += len(block)
                writer.write(block)
        return Entry(path, size, hashed.hexdigest())

    def _folder_of(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)

    def commit(self, entries: Iterable[Entry]) -> None:
        """Put the new site in the place of the old, whole. Raises OSError; then nothing changed."""
        manifest = Manifest(FORMAT, tuple(sorted(entries)))
        self.write(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
        for name in KEPT:
            if (self.output / name).is_file():
                shutil.copy2(self.output / name, self.folder / name)
        flush(self.folder)
        swap(self.folder, self.output, self._old)
        shutil.rmtree(self._old, ignore_errors=True)


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


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


def clean(output: Path) -> int:
    """Remove what digest wrote into ``output`` and left beside it; the number of files removed.

    Files that are not in the manifest stay, and so do the folders that hold them.
    """
    stage = Stage(output)
    for left in (stage.folder, stage._old):
        shutil.rmtree(left, ignore_errors=True)
    removed = 0
    folders: set[Path] = set()
    for entry in read_manifest(output):
        path = output / entry.path
        inner = [parent for parent in path.parents if parent.is_relative_to(output)]
        if any(parent.is_symlink() for parent in inner if parent != output):
            continue  # a folder that was replaced by a link leads to what is not ours
        if path.is_file() or path.is_symlink():
            path.unlink()
            removed += 1
        folders.update(inner)
    (output / MANIFEST).unlink(missing_ok=True)
    for folder in sorted(folders - {output}, key=lambda f: -len(f.parts)):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return removed
