"""The ranked lists of the last build, beside the engine's index; read in milliseconds."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import msgspec

FORMAT = 3
_DIGEST = 16
_BODY = 2 * _DIGEST


class Ranked(msgspec.Struct, frozen=True, array_like=True):
    """Keys in any order, and each one's list, best first, as places in ``keys``."""

    keys: list[str]
    lists: list[list[int]]


def read_lists(file: Path, check: str) -> Ranked | None:
    """The lists that were written with ``check``; None when there are none to trust."""
    try:
        data = file.read_bytes()
        told = _head(check)
        if data[: len(told)] != told or data[len(told) :][:_DIGEST] != _digest(data[_BODY:]):
            return None
        kept = msgspec.msgpack.decode(memoryview(data)[_BODY:], type=Ranked)
    except (OSError, msgspec.DecodeError):
        return None
    places = range(len(kept.keys))
    inside = all(not row or (min(row) >= 0 and max(row) in places) for row in kept.lists)
    return kept if inside and len(kept.lists) == len(kept.keys) else None


def write_lists(file: Path, check: str, ranked: Ranked) -> None:
    """Keep the lists; where that is not possible the next build makes them again."""
    data = msgspec.msgpack.encode(ranked)
    beside = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(_head(check) + _digest(data) + data)
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()


def _head(check: str) -> bytes:
    """Before the body: the format and what the lists were made from, always of one length."""
    return _digest(f"{FORMAT} {check}".encode())


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()
