"""Tells cheaply whether a file was touched since it was read: a digest of its metadata.

Hashes of contents decide what is the same; a seal only saves reading a file again on the machine
where it was read. It holds inode, size, time of modification and time of status change, so neither
a time set back nor an equal size hides an edit. A file that was touched within one tick of its
file system's clock before it was read could be touched again without a trace: its seal is not
``settled`` and must not be kept. Source: "Racy Git", https://git-scm.com/docs/racy-git
"""

from __future__ import annotations

import os
import struct

_SEAL = struct.Struct("<QQqq")
_MASK = (1 << 64) - 1
_FINE = 50_000_000
"""Nanoseconds: longer than a tick of any clock that counts them (10 ms at 100 Hz)."""
_COARSE = 2_100_000_000
"""For times in whole seconds; FAT counts in steps of two."""


def seal_of(status: os.stat_result) -> bytes:
    """The seal of a file: 32 bytes."""
    return _SEAL.pack(status.st_ino & _MASK, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def settled(seal: bytes, read_at: int) -> bool:
    """Whether a file with this seal, read at ``read_at`` (ns since 1970), was long untouched."""
    _, _, modified, changed = _SEAL.unpack(seal)
    last = max(modified, changed)
    tick = _COARSE if last % 1_000_000_000 == 0 else _FINE
    return bool(last + tick < read_at)
