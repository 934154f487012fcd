"""What publishing speaks of: releases, what a host holds, the plan between them, what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Literal

import msgspec

Progress = Callable[[int, int, str], None]
"""Called with the bytes sent so far, the bytes in all and the path that is being sent."""


class Step(IntEnum):
    """The order in which changes become visible on a host that cannot change all at once.

    A page never comes before its assets nor before the new pages it may link to, the front page,
    feeds and sitemaps never before the pages they list, and nothing goes before all pages that
    referred to it have been replaced.
    """

    ASSET = 0
    NEW_PAGE = 1
    PAGE = 2
    FRONT = 3
    DELETE_PAGE = 4
    DELETE_ASSET = 5


class File(msgspec.Struct, frozen=True, order=True):
    """One file of a release: its path on the host, and where its bytes are.

    ``digest`` is the hex of 16 bytes of BLAKE2b over the content: equal digests are equal files.
    """

    path: str
    source: Path
    size: int
    digest: str


class Release(msgspec.Struct, frozen=True):
    """A whole site that is to go: a snapshot, which nothing changes while it is sent.

    ``root`` holds every file of it under its path and nothing else, but for ``extra``, the files
    that only this host reads (``_headers``, ``CNAME``); those lie in ``extra_root``. ``files`` are
    both kinds, sorted. ``id`` sorts by time and is a plain name. ``commit`` is that of the
    user's repository, "" outside of one; ``by`` is who publishes.
    """

    id: str
    created: datetime
    by: str
    commit: str
    root: Path
    extra_root: Path
    files: tuple[File, ...]
    extra: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def by_path(self) -> dict[str, File]:
        """The files by path."""
        return {file.path: file for file in self.files}


class RemoteFile(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A file as the host holds it; ``digest`` is that of ``File``, "" when it is not known."""

    path: str
    size: int
    digest: str


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """One publish as a host remembers it; the newest of a history is the one that is live.

    ``mark`` is the host's own name for it: a commit, a deploy id, a release folder.
    """

    id: str
    at: datetime
    by: str = ""
    commit: str = ""
    files: int = 0
    size: int = 0
    mark: str = ""
    live: bool = False
    note: str = ""
    """"rollback to …" and the like, for people."""


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """What a host holds now.

    ``ours`` says that a publish of ours made it: only then may it be replaced; an ``empty`` one
    belongs to nobody. ``mark`` is the host's revision, held against the one of our last publish
    (``Memory.mark``) and again when the change becomes visible. ``staged`` are files an
    interrupted publish left ready: path and digest; they are not sent again.
    """

    files: Mapping[str, RemoteFile]
    ours: bool
    empty: bool
    mark: str = ""
    live: Published | None = None
    staged: frozenset[tuple[str, str]] = frozenset()
    unfinished: bool = False
    """Whether an interrupted publish must be finished, even if no file differs any more."""
    foreign: tuple[str, ...] = ()
    """Some files that are not ours, where the host holds both kinds; they are never touched."""


Kind = Literal["put", "replace", "delete"]


class Change(msgspec.Struct, frozen=True):
    """One file that goes, with what it takes; ``size`` of a delete is what is freed."""

    kind: Kind
    path: str
    size: int
    digest: str
    step: Step
    staged: bool = False
    """Whether its bytes are on the host already, from a publish that was interrupted."""


class Plan(msgspec.Struct, frozen=True):
    """What makes the host hold the release; ``changes`` stand in the order they are made."""

    changes: tuple[Change, ...]
    unchanged: int
    held: int
    """Files of ours that the host holds now."""

    @property
    def puts(self) -> tuple[Change, ...]:
        """Changes whose bytes must be there, in order."""
        return tuple(change for change in self.changes if change.kind != "delete")

    @property
    def deletes(self) -> tuple[Change, ...]:
        """Files that go away, in order."""
        return tuple(change for change in self.changes if change.kind == "delete")

    @property
    def to_send(self) -> int:
        """Bytes that still have to go."""
        return sum(change.size for change in self.puts if not change.staged)

    def __bool__(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.changes)
