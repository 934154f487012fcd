"""What a host without a shell keeps of our publishes: a base with all files, and what came after.

Each publish writes only its own changes (``Delta``); after some of them the base is written anew.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from hashlib import blake2b

import msgspec

from digest.publish.values import Change, Plan, Published, RemoteFile, Step

FORMAT = 1
MOST_DELTAS = 20
MOST_HISTORY = 200


class Move(msgspec.Struct, frozen=True, array_like=True):
    """One file that becomes visible or goes: ``blob`` is its name among what was uploaded."""

    path: str
    size: int
    digest: str
    step: Step
    blob: str


class Delta(msgspec.Struct, frozen=True):
    """One publish: what it puts and what it deletes. Which state it meets says ``before``."""

    format: int
    published: Published
    before: str
    puts: tuple[Move, ...]
    deletes: tuple[Move, ...]


class Base(msgspec.Struct, frozen=True):
    """All files as of ``mark``, the id of a publish, and the publishes up to it, newest first."""

    format: int
    mark: str
    history: tuple[Published, ...]
    files: tuple[RemoteFile, ...]


def delta_of(published: Published, before: str, plan: Plan) -> Delta:
    """The delta that a plan makes."""
    return Delta(
        FORMAT, published, before, tuple(map(_move, plan.puts)), tuple(map(_move, plan.deletes))
    )


def _move(change: Change) -> Move:
    blob = blob_of(change.path, change.digest) if change.kind != "delete" else ""
    return Move(change.path, change.size, change.digest, change.step, blob)


def blob_of(path: str, digest: str) -> str:
    """The name under which a file waits on the host."""
    return blake2b(f"{path}\0{digest}".encode(), digest_size=16).hexdigest()


def applied(files: Mapping[str, RemoteFile], delta: Delta) -> dict[str, RemoteFile]:
    """The files after a delta."""
    after = dict(files)
    for move in delta.puts:
        after[move.path] = RemoteFile(move.path, move.size, move.digest)
    for move in delta.deletes:
        after.pop(move.path, None)
    return after


def half_applied(
    files: Mapping[str, RemoteFile], delta: Delta, waiting: Iterable[str]
) -> dict[str, RemoteFile]:
    """The files after a delta that was interrupted while it moved the blobs to their places.

    All blobs had been uploaded before the first was moved, so one that no longer waits was moved.
    Deletes come last, and deleting again does no harm.
    """
    still, after = set(waiting), dict(files)
    for move in delta.puts:
        if move.blob not in still:
            after[move.path] = RemoteFile(move.path, move.size, move.digest)
    return after


def packed(value: Base | Delta) -> bytes:
    """The bytes of a base or delta as they are kept."""
    return zlib.compress(msgspec.json.encode(value), 6)


def unpacked(data: bytes, kind: type[Base] | type[Delta]) -> Base | Delta | None:
    """A base or delta; None when it is damaged, cut short or of another version."""
    try:
        value: Base | Delta = msgspec.json.decode(zlib.decompress(data), type=kind)
    except (zlib.error, msgspec.DecodeError):
        return None
    return value if value.format == FORMAT else None
