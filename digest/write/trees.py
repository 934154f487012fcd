"""The output folder and its spare: two trees one change apart, brought up to date and exchanged.

Readers of the output see the old site or the new one. The spare is ``.output.digest/tree`` beside
the output; files that both trees hold are one file with two names. Nothing is taken for granted: a
file counts only while its seal holds, so a build that was killed anywhere leaves nothing to repair.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from digest.aside import Aside
from digest.parallel import spread
from digest.write.files import bring, copy, create, settle, unlink
from digest.write.manifest import KEPT, MANIFEST, Notes, encode_manifest, read_manifest
from digest.write.record import Ledger, Made, Record, hashed, save_record
from digest.write.swap import flush, swap
from digest.write.tree import Found, Tree, above, walk

MANIFEST_KEY = bytes(16)
"""The manifest is made from all other files; it is compared by what it holds."""


ASIDE = 2000
"""Files from which on another process looks at them; to start it takes 2 ms."""


class Trees:
    """Both trees of one output folder, as they are found; made after the lock was taken.

    Looking at the files of large trees goes on beside other work, until somebody asks. Use it as a
    context manager.
    """

    def __init__(self, output: Path, ledger: Ledger) -> None:
        self.output = output
        self.beside = output.with_name(f".{output.name}.digest")
        self._ledger = ledger
        self._repair()
        self._live = Tree(os.fspath(output), ledger, adopt=True)
        self._aside = Aside(self._inspector, pays=len(self._live.recorded) >= ASIDE)
        self._seen_live = self._aside.ask("live")
        self._seen_spare: Callable[[], Found] | None = None

    def __enter__(self) -> Trees:
        return self

    def __exit__(self, *_: object) -> None:
        self._aside.close()

    @property
    def busy(self) -> bool:
        """Whether another process is still looking, so that it pays to ask later."""
        return self._aside.beside

    def expect(self) -> Callable[[], Found]:
        """Have the spare looked at, too: there will be something to write."""
        if self._seen_spare is None:
            self._seen_spare = self._aside.ask("spare")
        return self._seen_spare

    @cached_property
    def live(self) -> Tree:
        """The site as readers see it."""
        self._live.settle(self._seen_live())
        return self._live

    @cached_property
    def spare(self) -> Tree:
        """The site one change ago; looked at only when there is something to write."""
        seen = self.expect()
        assert self.live is self._live  # noqa: S101 - and is there: answers come in order
        spare = Tree(os.fspath(self.beside / "tree"), self._ledger)
        spare.settle(seen())
        return spare

    def _inspector(self) -> Callable[[str], Found]:
        """Looks at one tree, then at the other, in any process."""

        def inspect(which: str) -> Found:
            if which == "live":
                found = self._live.inspect()
                self._live.settle(found)
                return found
            return Tree(os.fspath(self.beside / "tree"), self._ledger).inspect(self._live)

        return inspect

    @cached_property
    def size(self) -> int:
        """Bytes of the site; after a commit those of the new one."""
        return sum(made.size for made in self.live.good.values() if made.path != MANIFEST)

    def _repair(self) -> None:
        """Finish a swap that was cut short where names cannot be exchanged; clear old leftovers."""
        former = self.output.with_name(f".{self.output.name}.digest-old")
        for old in (former, self.beside / "old"):
            if old.exists() and not self.output.exists():
                old.rename(self.output)
        for left in (former, self.beside / "old", former.with_name(former.name[:-3] + "new")):
            if left.exists():
                shutil.rmtree(left)

    def foreign(self) -> list[str]:
        """Files and links in the output that digest did not write, sorted.

        The manifest says which are ours; without it none is.
        """
        if not self.live.exists:
            return []
        strays = [path for path in self.live.strays if not path.endswith("/")]
        if not self.live.known or MANIFEST not in self.live.good:
            ours = {entry.path for entry in read_manifest(self.output)} | {MANIFEST} | KEPT
            strays = [path for path in walk(self.live.root) if path not in ours]
        return sorted(strays)

    def mark(self, wanted: Mapping[str, bytes]) -> bytes:
        """A digest of a whole site: its files and what they are made from."""
        said = b"".join([path.encode() + b"\0" + wanted[path] for path in sorted(wanted)])
        return blake2b(said, digest_size=16).digest()

    def untouched(self, mark: bytes) -> bool:
        """Whether the output is just the site with this mark."""
        keys = {path: made.key for path, made in self.live.good.items() if path != MANIFEST}
        return self.mark(keys) == mark and self.live.is_just(keys)

    def current(self, wanted: Mapping[str, bytes]) -> bool:
        """Whether the output holds just these files, made from these keys."""
        return self.live.is_just(wanted)

    @contextmanager
    def stage(self, wanted: Mapping[str, bytes], notes: Notes = Notes()) -> Iterator[Stage]:  # noqa: B008 - frozen
        """The next site, to be written into and committed. Raises OSError.

        Left without a commit it stays as it is; the next build finds out what it can use.
        """
        yield Stage(self, wanted, self._ledger, notes)


class Stage:
    """The spare on its way to the site that is wanted: file path → key.

    ``missing`` are the files that no tree holds: they must be given by ``write`` or ``copy``, in
    any process, and their answers to ``commit``. ``beside`` is a folder on the same disk.
    """

    def __init__(
        self, trees: Trees, wanted: Mapping[str, bytes], ledger: Ledger, notes: Notes
    ) -> None:
        self._trees, self._wanted, self._ledger, self._notes = trees, wanted, ledger, notes
        self._live, self._spare = trees.live, trees.spare
        self.beside = trees.beside
        self._root = self._spare.root
        self._folders = above(wanted)
        self._touched: set[str] = set()
        self.missing = {
            path
            for path, key in wanted.items()
            if not self._spare.holds(path, key) and not self._live.holds(path, key)
        }
        self._clear()

    def _clear(self) -> None:
        """Take out of the spare what is not wanted there."""
        beside = self.beside
        beside.mkdir(parents=True, exist_ok=True)
        if not (beside / ".gitignore").exists():
            (beside / ".gitignore").write_text("*\n", encoding="utf-8")
        if self._spare.exists and not self._spare.known:
            shutil.rmtree(self._root)  # of unknown origin, and only ours to use
            self._spare.good.clear()
        os.makedirs(self._root, exist_ok=True)
        if not self._spare.exists or not self._spare.known:
            return
        here = self._spare.recorded
        gone = [path for path in here if path not in self._wanted and path != MANIFEST]
        gone += [path for path in self._spare.strays if not path.endswith("/")]
        for path in gone:
            unlink(f"{self._root}/{path}")
        folders = above([*gone, *here]) | {*self._spare.folders} | {p.rstrip("/") for p in gone}
        folders |= {path[:-1] for path in self._spare.strays if path.endswith("/")}
        for folder in sorted(folders - self._folders, key=len, reverse=True):
            with suppress(OSError):
                os.rmdir(f"{self._root}/{folder}")
        self._touched |= above(gone) | above(folders - self._folders)

    def write(self, path: str, key: bytes, data: bytes) -> Made:
        """One file of the site; the same bytes are kept or linked, not written. Raises OSError."""
        digest = hashed(data)
        for tree in (self._spare, self._live):
            made = tree.good.get(path)
            if made is not None and made.digest == digest and made.size == len(data):
                kept = Made(path, key, made.size, digest, made.ino, made.mtime)
                return kept if tree is self._spare else self._brought(kept)
        ino, mtime, size = create(f"{self._root}/{path}", data)
        return Made(path, key, size, digest, ino, mtime)

    def copy(self, path: str, key: bytes, source: Path) -> Made:
        """One file of the site, copied. Raises OSError."""
        (ino, mtime, size), digest = copy(source, f"{self._root}/{path}")
        return Made(path, key, size, digest, ino, mtime)

    def _brought(self, made: Made) -> Made:
        return bring(self._live.root, made, f"{self._root}/{made.path}")

    def commit(self, made: Iterable[Made], jobs: int = 1) -> None:
        """Put the site in the place of the old one, whole. Raises OSError; then nothing changed."""
        files = {one.path: one for one in made}
        shared = []
        for path, key in self._wanted.items():
            if path in files:
                continue
            if self._spare.holds(path, key):
                files[path] = self._spare.good[path]
            else:
                shared.append(self._live.good[path])
        linked = spread(shared, self._linked, jobs=jobs, lost=lambda one, _: one)
        for one in linked:
            if isinstance(one, OSError):
                raise one
            files[one.path] = one
        before = self._spare.good
        changed = [path for path, one in files.items() if before.get(path) != one]
        self._touched |= above(changed)
        ordered = [files[path] for path in sorted(files)]
        ordered.append(self._manifest(ordered))
        self._keep_users_files()
        folders = self._sealed_folders()
        settle(max((one.mtime for one in ordered), default=0))
        flush(Path(self._root), [f"{self._root}/{path}" for path in self._unsaved(files, changed)])
        ino = os.stat(self._root).st_ino
        save_record(self._ledger, ino, Record(ordered, folders))
        self._exchange()
        self._trees.size = sum(one.size for one in files.values())

    def _unsaved(self, files: Mapping[str, Made], changed: Iterable[str]) -> list[str]:
        """Files that may not be on the disk yet; what the output has by another name is."""
        live = self._live.good
        new = [path for path in changed if path not in live or live[path].ino != files[path].ino]
        return [*new, MANIFEST]

    def _linked(self, made: Made) -> Made | OSError:
        try:
            return self._brought(made)
        except OSError as error:
            return error

    def _manifest(self, files: list[Made]) -> Made:
        return self.write(MANIFEST, MANIFEST_KEY, encode_manifest(files, self._notes))

    def _keep_users_files(self) -> None:
        """Carry over what keeps the output folder in git."""
        for name in KEPT:
            source, target = self._trees.output / name, Path(self._root) / name
            if source.is_file():
                if not target.is_file() or target.read_bytes() != source.read_bytes():
                    unlink(os.fspath(target))
                    shutil.copy2(source, target)
            else:
                unlink(os.fspath(target))

    def _sealed_folders(self) -> dict[str, int]:
        """The mtime of each folder of the site; asked anew where anything was changed."""
        known, touched = self._spare.folders, self._touched
        return {
            folder: known[folder]
            if folder in known and folder not in touched
            else os.lstat(f"{self._root}/{folder}").st_mtime_ns
            for folder in self._folders
        }

    def _exchange(self) -> None:
        output, old = self._trees.output, self._trees.beside / "old"
        output.parent.mkdir(parents=True, exist_ok=True)
        swap(Path(self._root), output, old)
        if old.exists():
            with suppress(OSError):  # the next build removes it
                old.rename(self._root)


def clean(output: Path) -> int:
    """Remove what digest wrote into ``output`` and keeps beside it; the number of files removed.

    Files that are not in the manifest stay, and so do the folders that hold them.
    """
    former = output.with_name(f".{output.name}.digest-old")
    beside = output.with_name(f".{output.name}.digest")
    for left in (former, former.with_name(former.name[:-3] + "new"), beside):
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
