"""Exchanges two folders in one step, or as nearly so as the system can."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM}


def swap(new: Path, live: Path, old: Path) -> None:
    """Make ``new`` the folder ``live``; what was live before takes the place of ``new``.

    With ``renameat2(RENAME_EXCHANGE)`` (Linux 3.15) readers see the old or the new tree at every
    instant. Elsewhere there is an instant between two renames without any, and what was live is
    ``old`` afterwards; the next build mends a crash in between. Raises OSError; then ``live`` is
    as it was. Source: https://man7.org/linux/man-pages/man2/rename.2.html
    """
    if not live.exists():
        new.rename(live)
        return
    if exchange(new, live):
        return
    live.rename(old)
    try:
        new.rename(live)
    except OSError:
        old.rename(live)
        raise


def exchange(one: Path, other: Path) -> bool:
    """Swap the names of two folders atomically; False where the system cannot. Raises OSError."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    done = libc.renameat2(
        _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE
    )
    if done == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


FEW = 64
"""Files up to which each is flushed by itself; above, the whole file system is in one call."""


def flush(folder: Path, files: Sequence[str]) -> None:
    """Bring new files below ``folder`` to the disk, so that a power failure spares the new site.

    ``syncfs`` also waits for whatever else the machine is writing, which for a small change can
    take seconds: few files are flushed one by one.
    """
    if len(files) > FEW and _sync(folder):
        return
    for path in files[:FEW]:
        _fsync(path)
    _fsync(os.fspath(folder))


def _sync(folder: Path) -> bool:
    """Flush the whole file system; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "syncfs"):
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return bool(libc.syncfs(descriptor) == 0)
    finally:
        os.close(descriptor)


def _fsync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
