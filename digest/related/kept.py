"""The ranked lists of the last build, beside the engine's index; read in milliseconds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import msgspec

FORMAT = 4
_DIGEST = 16
_BODY = 2 * _DIGEST


class Ranked(msgspec.Struct, frozen=True, array_like=True):
    """Keys in any order, and each one's list, best first, as places in ``keys``."""

    keys: list[str]
    lists: list[list[int]]


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """Lists with what they were made from: the stamp of each key, in the same order."""

    ranked: Ranked
    stamps: list[str]

    def differing(self, stamps: Mapping[str, str]) -> list[str] | None:
        """Keys of ``stamps`` that are new or have another one; None where the lists still hold."""
        before = dict(zip(self.ranked.keys, self.stamps, strict=True))
        if before == stamps:
            return None
        return [key for key, stamp in stamps.items() if before.get(key) != stamp]


def read_lists(file: Path, settings: str) -> Kept | None:
    """The lists that were made with these ``settings``; None when there are none to trust."""
    try:
        data = file.read_bytes()
        told = _head(settings)
        if data[: len(told)] != told or data[len(told) :][:_DIGEST] != _digest(data[_BODY:]):
            return None
        kept = msgspec.msgpack.decode(memoryview(data)[_BODY:], type=Kept)
    except (OSError, msgspec.DecodeError):
        return None
    keys, lists = kept.ranked.keys, kept.ranked.lists
    places = range(len(keys))
    inside = all(not row or (min(row) >= 0 and max(row) in places) for row in lists)
    return kept if inside and len(lists) == len(keys) == len(kept.stamps) else None


def write_lists(file: Path, settings: str, ranked: Ranked, stamps: Mapping[str, str]) -> None:
    """Keep the lists; where that is not possible the next build makes them again."""
    data = msgspec.msgpack.encode(Kept(ranked, [stamps[key] for key in ranked.keys]))
    beside = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(_head(settings) + _digest(data) + data)
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()


def _head(settings: str) -> bytes:
    """Before the body: the format and the settings, always of one length."""
    return _digest(f"{FORMAT} {settings}".encode())


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()
