"""What a host keeps of each publish: who, when, from which commit, and every file with its hash."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from digest.publish.values import File, Published, Release, RemoteFile

FORMAT = 1


class Record(msgspec.Struct, frozen=True):
    """One publish as it is kept on the host, as JSON."""

    format: int
    published: Published
    files: tuple[RemoteFile, ...]


class _Head(msgspec.Struct, frozen=True):
    format: int
    published: Published


def published_of(release: Release, mark: str, note: str = "") -> Published:
    """The entry of the history that a release makes."""
    return Published(
        id=release.id,
        at=release.created,
        by=release.by,
        commit=release.commit,
        files=len(release.files),
        size=release.size,
        mark=mark,
        live=True,
        note=note,
    )


def encode_record(published: Published, files: Iterable[File | RemoteFile]) -> bytes:
    """The record of a publish, to be kept on the host."""
    listed = tuple(RemoteFile(file.path, file.size, file.digest) for file in files)
    return msgspec.json.encode(Record(FORMAT, published, listed))


def decode_record(data: bytes) -> Record | None:
    """A record; None when it is damaged, of another version, or names what leaves its folder."""
    try:
        record = msgspec.json.decode(data, type=Record)
    except msgspec.DecodeError:
        return None
    inside = all(_inside(file.path) for file in record.files)
    return record if record.format == FORMAT and inside and plain(record.published.id) else None


def decode_published(data: bytes) -> Published | None:
    """The publish that a record is of, without looking at its files; None as above."""
    try:
        head = msgspec.json.decode(data, type=_Head)
    except msgspec.DecodeError:
        return None
    return head.published if head.format == FORMAT and plain(head.published.id) else None


def plain(name: str) -> bool:
    """Whether a name of a release can only mean an entry of its folder."""
    return bool(name) and name.replace("-", "").isalnum() and name.isascii()


def _inside(path: str) -> bool:
    closed = f"/{path}/"
    return not ("//" in closed or "/./" in closed or "/../" in closed or "\0" in closed)
