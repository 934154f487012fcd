"""What ``git fast-import`` reads: bytes of files, and commits of them, that become one pack.

Source: https://git-scm.com/docs/git-fast-import
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO

import msgspec

from digest.publish.values import File


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A commit that is to be made: ``parent`` with ``files`` put and the paths ``gone`` taken away.

    Drafts of one ``ref`` in a row follow one another; only the first of them names its parent, ""
    for none.
    """

    ref: str
    lines: Sequence[str]
    files: Sequence[File]
    gone: Sequence[str] = ()
    parent: str = ""


def write_stream(
    out: IO[bytes], drafts: Sequence[Draft], known: Mapping[str, str], *, by: str, at: datetime
) -> list[str]:
    """Write the bytes of files that are not ``known`` (digest → git's hash), then the commits.

    Gives the digests whose bytes went, in the order of their marks, from 1; those of the commits
    follow. Raises OSError.
    """
    marks: dict[str, int] = {}
    for draft in drafts:
        for file in draft.files:
            if file.digest not in known and file.digest not in marks:
                marks[file.digest] = len(marks) + 1
                _blob(out, file, marks[file.digest])
    names = {digest: f":{mark}" for digest, mark in marks.items()}
    who = f"{committer(by)} <{EMAIL}> {int(at.timestamp())} +0000"
    for number, draft in enumerate(drafts, len(marks) + 1):
        message = os.fsencode("\n".join([*draft.lines, ""]))
        out.write(os.fsencode(f"commit {draft.ref}\nmark :{number}\nauthor {who}\n"))
        out.write(os.fsencode(f"committer {who}\ndata {len(message)}\n") + message + b"\n")
        if draft.parent:
            out.write(os.fsencode(f"from {draft.parent}\n"))
        for path in draft.gone:  # first, since a folder may come in the place of a file
            out.write(b"D " + _quoted(path))
        for file in draft.files:
            name = names.get(file.digest) or known[file.digest]
            out.write(os.fsencode(f"M 100644 {name} ") + _quoted(file.path))
    out.write(b"done\n")
    return list(marks)


EMAIL = "digest@localhost"
"""The address in commits: whose else it is, the host need not know."""


def committer(by: str) -> str:
    """A name as git takes it."""
    return re.sub(r"[<>\n\0]", "", by).strip() or "digest"


def alike(file: File) -> tuple[str, str]:
    """A key that brings files of one kind together: each is stored as what differs from the last.

    Pages of one folder have one template, and its feeds another.
    """
    folder, _, name = file.path.rpartition("/")
    return name, folder


def _blob(out: IO[bytes], file: File, mark: int) -> None:
    data = file.source.read_bytes()
    out.write(b"blob\nmark :%d\ndata %d\n" % (mark, len(data)))
    out.write(data)
    out.write(b"\n")


def _quoted(path: str) -> bytes:
    plain = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"' + os.fsencode(plain) + b'"\n'
