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


class Notes(msgspec.Struct, frozen=True):
    """What whoever publishes the output must know of it, beside its files.

    ``unpublished`` are files of pages that are not public yet (drafts, scheduled articles);
    ``redirects`` the old URLs with the ones they lead to, as paths from the site's root.
    ``articles`` counts the articles of the site, -1 when that is not known.
    """

    articles: int = -1
    unpublished: tuple[str, ...] = ()
    redirects: tuple[tuple[str, str], ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """The content of ``MANIFEST``. It depends on the site alone: no times, no keys, no inodes."""

    format: int
    files: tuple[Entry, ...]
    notes: Notes = Notes()


def load_manifest(output: str | os.PathLike[str]) -> Manifest | None:
    """The manifest there; None when there is none, or none we understand."""
    try:
        with open(os.path.join(output, MANIFEST), "rb") as file:
            manifest = msgspec.json.decode(file.read(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None
    inside = all_inside(entry.path for entry in manifest.files)
    return manifest if manifest.format == FORMAT and inside else None


def read_manifest(output: str | os.PathLike[str]) -> tuple[Entry, ...]:
    """What digest wrote there; nothing when there is no manifest or none we understand."""
    manifest = load_manifest(output)
    return manifest.files if manifest else ()


def encode_manifest(files: Iterable[Made], notes: Notes) -> bytes:
    """The manifest of ``files``, which are sorted by path."""
    entries = tuple(Entry(made.path, made.size, made.digest.hex()) for made in files)
    encoded = msgspec.json.encode(Manifest(FORMAT, entries, notes))
    return msgspec.json.format(encoded, indent=1) + b"\n"
