"""Made images are kept, and those that no build uses leave."""

from __future__ import annotations

import os
import time
from pathlib import Path

from digest.images.kept import KEEP_DAYS, kept, prune

DAY = 86_400


def age(path: Path, days: float) -> None:
    """Let a file be of so many days ago."""
    then = time.time() - days * DAY
    os.utime(path, (then, then))


def test_an_image_is_made_once_and_a_damaged_one_anew(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"gambar"

    assert kept(tmp_path, b"a", make) == kept(tmp_path, b"a", make) == b"gambar"
    assert len(made) == 1
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b"!")
    assert kept(tmp_path, b"a", make) == b"gambar"
    assert len(made) == 2
    assert kept(None, b"a", make) == b"gambar"
    assert len(made) == 3


def test_images_that_were_not_used_for_long_leave_and_others_stay(tmp_path: Path) -> None:
    old, used = tmp_path / "lama", tmp_path / "dipakai"
    for path in (old, used):
        path.write_bytes(b"x")
    age(old, KEEP_DAYS + 1)
    age(used, KEEP_DAYS - 1)
    prune(tmp_path)
    assert not old.exists()
    assert used.exists()
    prune(None)
    prune(tmp_path / "tiada")


def test_it_looks_for_old_images_once_a_day(tmp_path: Path) -> None:
    prune(tmp_path)
    old = tmp_path / "lama"
    old.write_bytes(b"x")
    age(old, KEEP_DAYS + 1)
    prune(tmp_path)
    assert old.exists()
    (looked,) = (path for path in tmp_path.iterdir() if path != old)
    age(looked, 1.01)
    prune(tmp_path)
    assert not old.exists()
