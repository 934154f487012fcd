"""Single files of a tree: made new or linked, never changed in place, since trees share inodes."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from digest.write.record import Made, hashed

_BLOCK = 1 << 20
_NEW = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe in the place of a file must not stop us
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_LINKS = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_NO_LINKS |= {errno.EMLINK, errno.EXDEV}
_COARSE = 5  # CLOCK_REALTIME_COARSE, which Python does not name
_IS_LINUX = sys.platform.startswith("linux")
_GRANULE = 10_000_000  # ns: the longest tick of a common kernel

Seal = tuple[int, int, int]
"""Inode, mtime in nanoseconds and size of a file."""


def seal(path: str) -> Seal:
    """The seal of the file at ``path``. Raises OSError."""
    found = os.lstat(path)
    return found.st_ino, found.st_mtime_ns, found.st_size


def folder_of(path: str) -> str:
    """The folder a relative path is in; "" for the root."""
    return path.rpartition("/")[0]


def create(target: str, data: bytes) -> Seal:
    """Make a new file at ``target``, in the place of any that is there. Raises OSError."""
    descriptor = _created(target)
    try:
        _write_all(descriptor, data)
    finally:
        os.close(descriptor)
    return seal(target)  # after the close: on network file systems that may set the mtime


def _created(target: str) -> int:
    """A descriptor of a new, empty file; the folder is made where it is missing."""
    for _ in range(3):
        try:
            return os.open(target, _NEW, 0o666)
        except FileNotFoundError:
            make_folder(folder_of(target))
        except FileExistsError:
            os.unlink(target)
    return os.open(target, _NEW, 0o666)


def _write_all(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    if written < len(data):  # a disk that is nearly full, or more than the system takes at once
        rest = memoryview(data)[written:]
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def make_folder(path: str) -> None:
    """Make a folder and those above it; other processes may do the same."""
    try:
        os.mkdir(path)
    except FileExistsError:
        return
    except FileNotFoundError:
        make_folder(folder_of(path))
        with suppress(FileExistsError):
            os.mkdir(path)


def unlink(path: str) -> None:
    """Remove a file that may be gone already."""
    with suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(path)


def copy(source: str | Path, target: str) -> tuple[Seal, bytes]:
    """Copy ``source`` into a new file; its seal and the hash of what was copied. Raises OSError."""
    hashing = blake2b(digest_size=16)
    with open(source, "rb", buffering=0) as reader:
        descriptor = _created(target)
        try:
            while block := reader.read(_BLOCK):
                hashing.update(block)
                _write_all(descriptor, block)
        finally:
            os.close(descriptor)
    return seal(target), hashing.digest()


def link(source: str, target: str) -> bool:
    """Give a file a second name, in the place of any that is there.

    False where the system refuses such a link: then it must be copied. Raises OSError.
    """
    for attempt in range(4):
        try:
            os.link(source, target)
        except FileExistsError:
            os.unlink(target)
        except FileNotFoundError:
            if attempt == 3 or not os.path.lexists(source):
                raise
            make_folder(folder_of(target))  # or another process has just made it
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            return False
        else:
            return True
    return False


def bring(root: str, made: Made, target: str) -> Made:
    """Link a file of the tree ``root`` to ``target``, or copy it; what is there then."""
    source = f"{root}/{made.path}"
    if link(source, target):
        return made
    (ino, mtime, size), digest = copy(source, target)
    if digest != made.digest:
        raise OSError(errno.ESTALE, "changed while it was copied", source)
    return Made(made.path, made.key, size, digest, ino, mtime)


def matching(path: str, size: int, digest: bytes) -> Seal | None:
    """The seal of the file at ``path`` if it holds just these bytes, else None.

    Such a seal holds: None also when the file changed so lately that a further change could leave
    its mtime as it is.
    """
    try:
        descriptor = os.open(path, _READ)
    except OSError:
        return None
    try:
        before = os.fstat(descriptor)
        if before.st_size != size or not stat.S_ISREG(before.st_mode):
            return None
        if before.st_mtime_ns >= settled_until() or _hash_of(descriptor, size) != digest:
            return None
        after = os.fstat(descriptor)
    except OSError:
        return None  # it cannot be read: it will be replaced
    finally:
        os.close(descriptor)
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        return None
    return after.st_ino, after.st_mtime_ns, after.st_size


def _hash_of(descriptor: int, size: int) -> bytes:
    if size < _BLOCK:
        return hashed(os.read(descriptor, size + 1))
    hashing = blake2b(digest_size=16)
    while block := os.read(descriptor, _BLOCK):
        hashing.update(block)
    return hashing.digest()


def settled_until() -> int:
    """A time in ns: whatever changes from now on gets an mtime not before it.

    Linux stamps files with a clock of its own, 1 to 10 ms behind.
    """
    if _IS_LINUX:
        return time.clock_gettime_ns(_COARSE)
    return time.time_ns() - _GRANULE


def settle(newest: int) -> None:
    """Wait until a change of a file must show in its mtime, when the ``newest`` is that (ns).

    At most some 20 ms: a clock that was set back is not waited for.
    """
    for _ in range(20):
        if settled_until() > newest:
            return
        time.sleep(0.001)
