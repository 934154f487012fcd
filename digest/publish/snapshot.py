"""The snapshot that is sent: a tree of links to the built files, brought up to date each time.

It lies beside the output folder, so a build meanwhile does no harm: builds never change a file in
place. What is known of a file holds while its inode, size and time of modification do; all else is
hashed anew.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

import msgspec

from digest.errors import ConfigError, Problem
from digest.publish.failures import busy
from digest.publish.values import File
from digest.write import KEPT, MANIFEST, Notes, load_manifest
from digest.write.files import copy, folder_of, link, make_folder, settled_until, unlink

_FORMAT = 2
_BLOCK = 1 << 20
Seal = tuple[int, int, int]


class _Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file of the snapshot: the seal of the built one, its own inode, the hash of its bytes."""

    seal: Seal
    ino: int
    digest: str


class _Record(msgspec.Struct, frozen=True, array_like=True):
    format: int
    files: dict[str, _Kept]


class Snapshot(msgspec.Struct, frozen=True):
    """A built site that stays as it is; ``notes`` are those of its manifest, None without one."""

    root: Path
    files: tuple[File, ...]
    notes: Notes | None

    def altered(self, paths: Iterator[str]) -> list[str]:
        """Which of the files are no longer what was taken: something wrote into them."""
        known = {file.path: file for file in self.files}
        wanted = (path for path in paths if path in known)
        return [path for path in wanted if digest_of(known[path].source) != known[path].digest]


@contextmanager
def publishing(output: Path) -> Iterator[Path]:
    """Hold the right to publish this output from this machine; gives the folder beside it.

    Raises PublishError (D915) when another process has it. A killed publisher frees it.
    """
    beside = output.with_name(f".{output.name}.digest")
    beside.mkdir(parents=True, exist_ok=True)
    if not (beside / ".gitignore").exists():
        (beside / ".gitignore").write_text("*\n", encoding="utf-8")
    if sys.platform == "win32":
        yield beside  # no advisory locks on folders there
        return
    import fcntl  # not on Windows

    descriptor = os.open(beside, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise busy(f"another digest publish is sending {output}") from None
        yield beside
    finally:
        os.close(descriptor)


def take(output: Path, beside: Path) -> Snapshot:
    """Bring the snapshot up to what the output folder holds; the caller holds the build's lock.

    The manifest and the files that keep an output folder in git are no part of a site. Raises
    ConfigError: D907 for links and other things that are no plain files, OSError.
    """
    root, noted = os.fspath(beside / "sent"), beside / "sent.msgpack"
    found = dict(_walk(os.fspath(output)))
    kept = _recorded(noted) if os.path.isdir(root) else {}
    noted.unlink(missing_ok=True)
    if not kept:
        shutil.rmtree(root, ignore_errors=True)
    make_folder(root)
    until = settled_until()
    _clear(root, (path for path in kept if path not in found))
    files = {path: _brought(output, root, path, seal, kept) for path, seal in found.items()}
    temporary = noted.with_suffix(".new")
    temporary.write_bytes(msgspec.msgpack.encode(_Record(_FORMAT, _settled(files, until))))
    temporary.replace(noted)
    listed = tuple(
        File(path, Path(f"{root}/{path}"), one.seal[2], one.digest)
        for path, one in sorted(files.items())
    )
    manifest = load_manifest(output)
    return Snapshot(Path(root), listed, manifest.notes if manifest else None)


def digest_of(path: str | os.PathLike[str]) -> str:
    """The digest of a file's bytes, as ``File`` holds it. Raises OSError."""
    hashing = blake2b(digest_size=16)
    with open(path, "rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            hashing.update(block)
    return hashing.hexdigest()


def _walk(output: str) -> Iterator[tuple[str, Seal]]:
    """Every file of the site with its seal; links are refused, not followed."""
    waiting, odd = [""], []
    while waiting:
        inner = waiting.pop()
        for entry in os.scandir(f"{output}/{inner}"):
            path = f"{inner}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{path}/")
                continue
            status = entry.stat(follow_symlinks=False)
            if path == MANIFEST or path in KEPT:
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, (status.st_ino, status.st_mtime_ns, status.st_size)
            else:
                odd.append(path)
    if odd:
        names = ", ".join(sorted(odd)[:5])
        message = f"the output holds links or things that are no files: {names}"
        raise ConfigError(Problem("D907", message, hint="take them away; links are never followed"))


def _brought(output: Path, root: str, path: str, seal: Seal, kept: Mapping[str, _Kept]) -> _Kept:
    """One file of the snapshot, as it was or taken anew."""
    target, known = f"{root}/{path}", kept.get(path)
    if known is not None and known.seal == seal:
        with suppress(OSError):
            if os.lstat(target).st_ino == known.ino:
                return known
    source = f"{output}/{path}"
    if link(source, target):
        return _Kept(seal, seal[0], digest_of(target))
    (ino, _, _), digest = copy(source, target)
    return _Kept(seal, ino, digest.hex())


def _recorded(noted: Path) -> dict[str, _Kept]:
    """What the last snapshot left; nothing when it was interrupted."""
    try:
        record = msgspec.msgpack.decode(noted.read_bytes(), type=_Record)
    except (OSError, msgspec.DecodeError):
        return {}
    return dict(record.files) if record.format == _FORMAT else {}


def _settled(files: Mapping[str, _Kept], until: int) -> dict[str, _Kept]:
    """What is to be noted: a file that was written just now could change and keep its seal."""
    unsure = (0, 0, 0)
    return {
        path: one if one.seal[1] < until else _Kept(unsure, one.ino, one.digest)
        for path, one in files.items()
    }


def _clear(root: str, gone: Iterable[str]) -> None:
    """Take away what the site no longer has, and the folders that this leaves empty.

    It comes first, since a file may take the place of a folder.
    """
    for path in gone:
        unlink(f"{root}/{path}")
        folder = folder_of(path)
        with suppress(OSError):  # others are left in it
            while folder:
                os.rmdir(f"{root}/{folder}")
                folder = folder_of(folder)
