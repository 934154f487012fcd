"""Exchanges two folders in one step, or as nearly so as the system can."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM}


def swap(new: Path, live: Path, old: Path) -> None:
    """Make ``new`` the folder ``live``; what was live before is ``old`` afterwards.

    With ``renameat2(RENAME_EXCHANGE)`` (Linux 3.15) readers see the old or the new tree at every
    instant. Elsewhere there is an instant between two renames without any; ``repair`` mends a
    crash in it. Raises OSError; then ``live`` is as it was.
    Source: https://man7.org/linux/man-pages/man2/rename.2.html
    """
    if not live.exists():
        new.rename(live)
        return
    if exchange(new, live):
        new.rename(old)
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


def flush(folder: Path) -> None:
    """Bring all written files of the folder's file system to the disk, in one call."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if sys.platform.startswith("linux"):
            libc = ctypes.CDLL(None, use_errno=True)
            if hasattr(libc, "syncfs") and libc.syncfs(descriptor) == 0:
                return
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
