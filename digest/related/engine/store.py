"""The archive and its lists on disk: checked blobs, and one manifest that names them.

    manifest.json   {"format", "signature", "next", "parts": [[index blob, lists blob], ...]}
    <hash>.blob     8 bytes magic, 4 bytes CRC-32 of all that follows, 4 bytes header length,
                    JSON header (dtype, shape and offset of each array; the documents), arrays

A blob's name is the hash of its content, so an unchanged part is never written again, and a
manifest, replaced in one step, always names blobs that belong together. Anything wrong with any of
them (missing, cut, flipped bit, other format) is `DamagedError`: the caller starts from nothing.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digest.related.engine.lists import Lists
from digest.related.engine.segment import Segment

FORMAT = 1
_MAGIC = b"digestR1"
_MANIFEST = "manifest.json"
_HEAD = len(_MAGIC) + 8
_INDEX = (
    "instants",
    "numbers",
    "eligible",
    "categories",
    "editions",
    "sketches",
    "terms",
    "starts",
    "postings",
)
_LISTS = ("numbers", "scores", "pool", "floor")


class DamagedError(Exception):
    """The store does not hold what was written, or was written by another format."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment with its lists, and the blobs that hold them ("" when not yet written)."""

    segment: Segment
    lists: Lists
    segment_blob: str = ""
    lists_blob: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Everything stored. `next_number` is the number the next new key gets."""

    parts: tuple[Part, ...]
    next_number: int


EMPTY = State((), 0)


def read(folder: Path, signature: str) -> State:
    """What `write` wrote; nothing where it has not yet.

    Raises `DamagedError` when it cannot be trusted or was made with another signature.
    """
    try:
        if not (folder / _MANIFEST).exists():
            return EMPTY
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        if manifest["format"] != FORMAT or manifest["signature"] != signature:
            raise DamagedError("made by another version or other settings")
        body = {name: value for name, value in manifest.items() if name != "check"}
        if manifest["check"] != _check(body):
            raise DamagedError("the manifest does not match its own checksum")
        parts = tuple(_read_part(folder, *names) for names in manifest["parts"])
        return State(parts, int(manifest["next"]))
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise DamagedError(str(error)) from error


def write(folder: Path, signature: str, state: State) -> State:
    """Writes what is new, then the manifest, then removes blobs no longer named."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = tuple(_write_part(folder, part) for part in state.parts)
    body = {
        "format": FORMAT,
        "signature": signature,
        "next": state.next_number,
        "parts": [[part.segment_blob, part.lists_blob] for part in parts],
    }
    data = json.dumps({**body, "check": _check(body)}).encode()
    _replace(folder / _MANIFEST, [data])
    named = {name for part in parts for name in (part.segment_blob, part.lists_blob)}
    # What killed runs left behind goes, too.
    for path in [*folder.glob("*.blob"), *folder.glob("*.tmp")]:
        if path.name not in named:
            # Windows refuses while it is mapped; the next write tries again.
            with suppress(OSError):
                path.unlink()
    return State(parts, state.next_number)


def _check(body: Mapping[str, Any]) -> str:
    return blake2b(json.dumps(body, sort_keys=True).encode(), digest_size=16).hexdigest()


def _read_part(folder: Path, segment_blob: str, lists_blob: str) -> Part:
    extra, columns = _read_blob(folder / segment_blob)
    keys, stamps = tuple(extra["keys"]), tuple(extra["stamps"])
    exclude = {int(at): tuple(barred) for at, barred in extra["exclude"].items()}
    _, lists = _read_blob(folder / lists_blob)
    if not len(lists["floor"]) == len(keys) == len(stamps) == len(columns["instants"]):
        raise DamagedError("lists of another segment")
    segment = Segment(keys=keys, stamps=stamps, exclude=exclude, **columns)
    return Part(segment, Lists(**lists), segment_blob, lists_blob)


def _write_part(folder: Path, part: Part) -> Part:
    segment_blob = part.segment_blob or _write_blob(
        folder,
        {
            "keys": part.segment.keys,
            "stamps": part.segment.stamps,
            "exclude": {str(at): keys for at, keys in part.segment.exclude.items()},
        },
        {name: getattr(part.segment, name) for name in _INDEX},
    )
    lists_blob = part.lists_blob or _write_blob(
        folder, {}, {name: getattr(part.lists, name) for name in _LISTS}
    )
    return Part(part.segment, part.lists, segment_blob, lists_blob)


def _write_blob(folder: Path, extra: Mapping[str, Any], columns: Mapping[str, NDArray[Any]]) -> str:
    layout, chunks, at = {}, [], 0
    for name, column in columns.items():
        # Little-endian whatever the machine; offsets keep every array aligned to 8 bytes.
        data = np.ascontiguousarray(column.astype(column.dtype.newbyteorder("<"), copy=False))
        layout[name] = [data.dtype.str, list(data.shape), at]
        chunks.append(data.tobytes() + bytes(-data.nbytes % 8))
        at += len(chunks[-1])
    head = json.dumps({"extra": extra, "layout": layout, "size": at}).encode()
    head += b" " * (-(_HEAD + len(head)) % 8)
    body = [len(head).to_bytes(4, "little"), head, *chunks]
    check, digest = 0, blake2b(digest_size=16)
    for piece in body:
        check = zlib.crc32(piece, check)
        digest.update(piece)
    path = folder / f"{digest.hexdigest()}.blob"
    _replace(path, [_MAGIC, check.to_bytes(4, "little"), *body])
    return path.name


def _read_blob(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    view = memoryview(data)
    if view[: len(_MAGIC)] != _MAGIC:
        raise DamagedError(f"{path.name} is not a blob of this format")
    if zlib.crc32(view[len(_MAGIC) + 4 :]) != int.from_bytes(view[8:12], "little"):
        raise DamagedError(f"{path.name} does not match its checksum")
    start = _HEAD + int.from_bytes(view[12:16], "little")
    head = json.loads(bytes(view[_HEAD:start]))
    columns = {
        name: np.frombuffer(view, np.dtype(kind), int(np.prod(shape)), start + at).reshape(shape)
        for name, (kind, shape, at) in head["layout"].items()
    }
    return head["extra"], columns


def _replace(path: Path, pieces: list[bytes]) -> None:
    """Old content or new, never half of it."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
