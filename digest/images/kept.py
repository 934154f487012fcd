"""Keeps made images in the site's cache folder, by a digest of what they were made from."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

KEEP_DAYS = 30
"""Images that no build of so many days used are removed."""
_DAY = 86_400
_LOOKED = "looked"


def kept(folder: Path | None, said: bytes, make: Callable[[], bytes]) -> bytes:
    """The image made from ``said``: as it was kept in ``folder``, else made now and kept.

    The first bytes of a file are a digest of the rest, so that a damaged one is made anew. A folder
    that cannot be written is done without.
    """
    if folder is None:
        return make()
    path = folder / blake2b(said, digest_size=16).hexdigest()
    with suppress(OSError):
        data = path.read_bytes()
        if data[:16] == _check(data[16:]):
            if time.time() - path.stat().st_mtime > _DAY:
                os.utime(path)
            return data[16:]
    made = make()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        passing = path.with_name(f"{path.name}.{os.getpid()}")
        passing.write_bytes(_check(made) + made)
        passing.replace(path)
    return made


def prune(folder: Path | None) -> None:
    """Remove images that were not used for long; looks at most once a day, which a file tells."""
    if folder is None:
        return
    now, told = time.time(), folder / _LOOKED
    with suppress(OSError):  # it was never looked, or the folder is not ours to read
        if 0 <= now - told.stat().st_mtime < _DAY:
            return
    with suppress(OSError):  # it is not there, or not ours to touch
        for path in folder.iterdir():
            if path.stat().st_mtime < now - KEEP_DAYS * _DAY:
                path.unlink()
        told.touch()


def _check(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
