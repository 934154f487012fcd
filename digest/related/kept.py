"""The ranked lists of the last build, beside the engine's index; read in milliseconds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import msgspec

FORMAT = 2
_DIGEST = 16


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """Lists as positions in ``keys``; ``check`` is a digest of all that they were made from."""

    format: int
    check: str
    keys: tuple[str, ...]
    lists: tuple[tuple[int, ...], ...]


def read_lists(file: Path, check: str) -> dict[str, tuple[str, ...]] | None:
    """The lists by key that were written with ``check``; None when there are none to trust."""
    try:
        data = file.read_bytes()
        if data[:_DIGEST] != _digest(data[_DIGEST:]):
            return None
        kept = msgspec.msgpack.decode(data[_DIGEST:], type=_Kept)
        if kept.format != FORMAT or kept.check != check:
            return None
        keys = kept.keys
        rows = zip(keys, kept.lists, strict=True)
        return {key: tuple(keys[place] for place in row) for key, row in rows}
    except (OSError, msgspec.DecodeError, ValueError, IndexError):
        return None


def write_lists(file: Path, check: str, lists: Mapping[str, tuple[str, ...]]) -> None:
    """Keep the lists; where that is not possible the next build makes them again."""
    keys = tuple(lists)
    places = {key: place for place, key in enumerate(keys)}
    rows = tuple(tuple(places[other] for other in row) for row in lists.values())
    data = msgspec.msgpack.encode(_Kept(FORMAT, check, keys, rows))
    beside = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(_digest(data) + data)
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()
