"""The manifest in an output folder: the proof of what digest wrote there."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from digest.write.record import Made, all_inside

MANIFEST = ".digest.json"
"""What digest wrote into an output folder: the proof that it may be replaced."""

KEPT = frozenset({".gitignore", ".gitkeep"})
"""Files of the user that keep an output folder in git; they are carried over."""

FORMAT = 1


class Entry(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """A written file: path relative to the output folder, bytes, hash of its content."""

    path: str
    size: int
    digest: str


class Manifest(msgspec.Struct, frozen=True):
    """The content of ``MANIFEST``. It depends on the site alone: no times, no keys, no inodes."""

    format: int
    files: tuple[Entry, ...]


def read_manifest(output: str | os.PathLike[str]) -> tuple[Entry, ...]:
    """What digest wrote there; nothing when there is no manifest or none we understand."""
    try:
        with open(os.path.join(output, MANIFEST), "rb") as file:
            manifest = msgspec.json.decode(file.read(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return ()
    inside = all_inside(entry.path for entry in manifest.files)
    return manifest.files if manifest.format == FORMAT and inside else ()


def encode_manifest(files: Iterable[Made]) -> bytes:
    """The manifest of ``files``, which are sorted by path."""
    entries = tuple(Entry(made.path, made.size, made.digest.hex()) for made in files)
    return msgspec.json.format(msgspec.json.encode(Manifest(FORMAT, entries)), indent=1) + b"\n"
