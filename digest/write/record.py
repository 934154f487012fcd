"""What is remembered of a tree from one build to the next, and where."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Protocol

import msgspec

FORMAT = 1
LAST = "tree-last"
"""The name under which the ledger holds the name of the record that was saved last."""


class Made(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One file as it was last written into a tree.

    ``ino`` and ``mtime`` (nanoseconds), as they were right after writing, are its seal: with the
    size they prove that nobody touched it. The ctime is no part of it, because a hard link changes
    that. Flat and out of the sight of the garbage collector: there are 100,000 of them.
    """

    path: str
    """Relative to the tree, POSIX."""
    key: bytes
    """Hash of all that the content was made from; 16 bytes, given by the caller."""
    size: int
    digest: bytes
    """``hashed`` of the content, 16 bytes."""
    ino: int
    mtime: int


class Record(msgspec.Struct, frozen=True, array_like=True):
    """All files of a tree, the manifest among them; mtime_ns of its folders ("" is the root)."""

    files: list[Made]
    folders: dict[str, int]


class Ledger(Protocol):
    """Where records are kept between two builds. What it loses costs time, never a right site."""

    def load(self, name: str) -> bytes | None:
        """What was saved under ``name``, if that is still there."""

    def save(self, name: str, data: bytes) -> None:
        """Keep ``data`` under ``name``."""


def record_name(ino: int) -> str:
    """The name of the record of the tree whose root has the inode ``ino``.

    The device is left out: its number may change at every start of the machine, and trees of two
    file systems that share an inode number fail each other's seals.
    """
    return f"tree-{ino:x}"


def hashed(data: bytes) -> bytes:
    """The hash of a file's content, 16 bytes."""
    return blake2b(data, digest_size=16).digest()


def save_record(ledger: Ledger, ino: int, record: Record) -> None:
    """Remember the tree whose root is ``ino``, also as the last one."""
    body = bytes((FORMAT,)) + msgspec.msgpack.encode(record)
    ledger.save(record_name(ino), hashed(body) + body)
    ledger.save(LAST, record_name(ino).encode())


def load_record(ledger: Ledger, ino: int) -> Record | None:
    """The record of the tree whose root is ``ino``; None when it is lost or damaged."""
    return _decoded(ledger.load(record_name(ino)))


def load_last(ledger: Ledger) -> Record | None:
    """The record that was saved last, whatever tree it was of."""
    name = ledger.load(LAST)
    return _decoded(ledger.load(name.decode("ascii", "replace"))) if name else None


def _decoded(data: bytes | None) -> Record | None:
    if not data or data[:16] != hashed(data[16:]) or data[16:17] != bytes((FORMAT,)):
        return None
    try:
        record = msgspec.msgpack.decode(memoryview(data)[17:], type=Record)
    except msgspec.DecodeError:
        return None
    folders = (folder for folder in record.folders if folder)
    inside = all_inside(made.path for made in record.files) and all_inside(folders)
    return record if inside else None


def all_inside(paths: Iterable[str]) -> bool:
    """Whether all paths can only mean files below the folder they are relative to."""
    text = "/" + "/\n/".join(paths) + "/"
    if text == "//":
        return True
    return not any(wrong in text for wrong in ("\\", "//", "/./", "/../", "\0"))
