"""What a publish notes in a bucket: the last release, and the journal of a running publish."""

from __future__ import annotations

import gzip
import os
import socket
from collections.abc import Iterable
from hashlib import blake2b
from typing import TypeVar

import msgspec

from digest.publish.values import Published

Noted = TypeVar("Noted")
FORMAT = 1
FOLDER = ".digest/"
RECORD = FOLDER + "record.json.gz"
JOURNAL = FOLDER + "publishing.json.gz"
KEPT = 50
"""Entries of the history at most."""


class Held(msgspec.Struct, frozen=True, array_like=True):
    """An object we put: ``seal`` stands for its headers, ``etag`` is what the server calls it."""

    path: str
    size: int
    digest: str
    etag: str
    seal: str


class Record(msgspec.Struct, frozen=True):
    """The last complete release, and those before it, newest first, without their files."""

    format: int
    history: tuple[Published, ...]
    files: tuple[Held, ...]

    def by_path(self) -> dict[str, Held]:
        """The objects of the release by path."""
        return {held.path: held for held in self.files}


class Journal(msgspec.Struct, frozen=True):
    """A publish that runs, or was interrupted: who, and the objects it puts with their ETags.

    It is lock and logbook in one: created only where there is none, and what an interrupted
    publish had put is known by it. ``token`` is new for each publish; ``machine`` and ``process``
    let the same machine see that a killed publisher is gone; ``beat`` makes each refresh new.
    """

    format: int
    token: str
    by: str
    machine: str
    process: int
    release: str
    files: tuple[Held, ...]
    active: bool = True
    beat: int = 0

    def abandoned(self) -> bool:
        """Whether the publisher has ended, as far as this machine can tell."""
        if not self.active:
            return True
        return self.machine == machine() and not _alive(self.process)


def machine() -> str:
    """A name of this machine that tells nobody its host name: buckets are often public."""
    return blake2b(socket.gethostname().encode(), digest_size=8).hexdigest()


def _alive(process: int) -> bool:
    if os.name != "posix":
        return True  # signal 0 would end it there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def encode(value: Record | Journal) -> bytes:
    """As it lies in the bucket; equal values are equal bytes."""
    return gzip.compress(msgspec.json.encode(value), 6, mtime=0)


def decode_record(data: bytes | None) -> Record | None:
    """The record; None when there is none or none we understand."""
    record = _decoded(data, Record)
    return record if record and record.format == FORMAT else None


def decode_journal(data: bytes | None) -> Journal | None:
    """The journal; None when there is none or none we understand."""
    journal = _decoded(data, Journal)
    return journal if journal and journal.format == FORMAT else None


def _decoded(data: bytes | None, kind: type[Noted]) -> Noted | None:
    if data is None:
        return None
    try:
        return msgspec.json.decode(gzip.decompress(data), type=kind)
    except (OSError, EOFError, msgspec.DecodeError):
        return None


def sealed(headers: Iterable[tuple[str, str]]) -> str:
    """A short name of a file's headers: when they change, the file must be put again."""
    text = "\n".join(f"{name}: {value}" for name, value in sorted(headers))
    return blake2b(text.encode(), digest_size=4).hexdigest()
