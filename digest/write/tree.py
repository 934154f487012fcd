"""One tree of a site on disk: which of its files are still as they were written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from digest.write.files import folder_of, matching
from digest.write.manifest import KEPT, MANIFEST
from digest.write.record import Ledger, Made, Record, load_last, load_record


class Found(NamedTuple):
    """What became of a tree: places of files that are no longer as recorded, folders, strays."""

    bad: tuple[int, ...]
    touched: tuple[str, ...]
    strays: tuple[str, ...]


class Tree:
    """A folder with what is known of it.

    ``strays`` are entries that were not written here: files, links, and folders with a closing
    slash. With ``adopt`` a tree that was copied (from a backup, by CI) is known by what its files
    hold. ``recorded`` are all that were ever written.

    A tree that is ``known`` by a record must be ``inspect``ed, in this or another process, and what
    that found be ``settle``d here, before ``good``, ``folders`` and ``strays`` are there.
    """

    good: dict[str, Made]
    """The files nobody touched, by path."""
    folders: dict[str, int]
    """The folders nobody touched, with their mtime in nanoseconds."""
    strays: list[str]

    def __init__(self, root: str, ledger: Ledger, *, adopt: bool = False) -> None:
        self.root = root
        self.exists = os.path.isdir(root)
        self.record = load_record(ledger, os.stat(root).st_ino) if self.exists else None
        self.known = self.record is not None
        self.recorded: set[str] = set()
        if self.record is not None:
            self.recorded = {made.path for made in self.record.files}
            return
        self.good, self.folders, self.strays = {}, {}, []
        if not self.exists:
            return
        record = load_last(ledger) if adopt else None
        if record is not None:
            self.known = True
            self._adopt(record)
        ours = {*self.recorded, *KEPT, *(f"{folder}/" for folder in above(self.recorded))}
        self.strays = [path for path in walk(root, folders=True) if path not in ours]

    def inspect(self, twin: Tree | None = None) -> Found:
        """Hold seals against the files, and look into folders that were touched.

        ``twin`` is a tree seen just before, which may share files with this one: a file that is
        good there needs no second look when its folder was left alone: its name then still leads
        to that very file.
        """
        record = self.record
        if record is None:
            return Found((), (), ())
        touched = self._touched(record.folders)
        seen = twin.good if twin else {}
        bad = self._bad(record.files, touched, seen)
        strays = _strays(self.root, sorted(touched), self.recorded, record.folders)
        return Found(tuple(bad), tuple(touched), tuple(strays) if touched else ())

    def settle(self, found: Found) -> None:
        """Take over what ``inspect`` found."""
        record = self.record
        if record is None:
            return
        bad, touched = set(found.bad), set(found.touched)
        self.good = {made.path: made for at, made in enumerate(record.files) if at not in bad}
        self.folders = {path: at for path, at in record.folders.items() if path not in touched}
        self.strays = list(found.strays)

    def _bad(
        self, files: Sequence[Made], touched: Set[str], seen: Mapping[str, Made]
    ) -> Iterator[int]:
        """The places of files that are not as they were written."""
        lstat, root = os.lstat, self.root
        for at, made in enumerate(files):
            path = made.path
            twin = seen.get(path)
            if (
                twin is not None
                and (twin.ino, twin.mtime, twin.size) == (made.ino, made.mtime, made.size)
                and (not touched or folder_of(path) not in touched)
            ):
                continue
            try:
                found = lstat(f"{root}/{path}")
            except OSError:
                yield at
                continue
            if (found.st_ino, found.st_mtime_ns, found.st_size) != (
                made.ino,
                made.mtime,
                made.size,
            ):
                yield at

    def _touched(self, folders: Mapping[str, int]) -> set[str]:
        """Those of the recorded folders that are gone or not as they were."""
        lstat, root = os.lstat, self.root
        touched = set()
        for folder, mtime in folders.items():
            try:
                found = lstat(f"{root}/{folder}")
            except OSError:
                touched.add(folder)
                continue
            if found.st_mtime_ns != mtime or not stat.S_ISDIR(found.st_mode):
                touched.add(folder)
        return touched

    def _adopt(self, record: Record) -> None:
        """Take the files that hold what was written; times and inodes are those of here."""
        self.recorded = {made.path for made in record.files}
        for made in record.files:
            seal = matching(f"{self.root}/{made.path}", made.size, made.digest)
            if seal is not None:
                ino, mtime, size = seal
                self.good[made.path] = Made(made.path, made.key, size, made.digest, ino, mtime)

    def holds(self, path: str, key: bytes) -> bool:
        """Whether the file at ``path`` is untouched and was made from ``key``."""
        made = self.good.get(path)
        return made is not None and made.key == key

    def is_just(self, wanted: Mapping[str, bytes]) -> bool:
        """Whether there is all that is wanted, and nothing else."""
        if self.strays or not self.known or len(self.recorded) != len(wanted) + 1:
            return False
        return MANIFEST in self.good and all(map(self.holds, wanted, wanted.values()))


def _strays(
    root: str, touched: Iterable[str], files: set[str], folders: Mapping[str, int]
) -> Iterator[str]:
    """Entries of the touched folders that were not written."""
    for folder in touched:
        inner = f"{folder}/" if folder else ""
        if os.path.islink(f"{root}/{folder}"):
            yield folder
            continue
        try:
            entries = sorted(os.scandir(f"{root}/{folder}"), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{inner}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if path not in folders:
                    yield from _everything(root, path)
            elif path not in files and path not in KEPT:
                yield path


def _everything(root: str, folder: str) -> Iterator[str]:
    """A folder that was not written and all that is in it, folders with a closing slash."""
    yield f"{folder}/"
    for entry in os.scandir(f"{root}/{folder}"):
        path = f"{folder}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _everything(root, path)
        else:
            yield path


def walk(root: str, *, folders: bool = False) -> Iterator[str]:
    """All entries below ``root``, relative to it; ``folders`` only if asked, with a slash."""
    waiting = [""]
    while waiting:
        inner = waiting.pop()
        try:
            entries = list(os.scandir(f"{root}/{inner}"))
        except OSError:
            continue
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield f"{inner}{entry.name}"
                continue
            waiting.append(f"{inner}{entry.name}/")
            if folders:
                yield f"{inner}{entry.name}/"


def above(paths: Iterable[str]) -> set[str]:
    """Every folder that holds one of the paths, at any depth, and the root ("")."""
    found = {""}
    for path in paths:
        folder = folder_of(path)
        while folder not in found:
            found.add(folder)
            folder = folder_of(folder)
    return found
