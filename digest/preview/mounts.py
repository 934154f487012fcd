"""Which file systems do not tell of changes that others make in them."""

from __future__ import annotations

import os
from pathlib import Path

SILENT = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre"),
        *("9p", "v9fs", "drvfs", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "fakeowner", "davfs"),
    }
)
"""Network file systems, and those that show a machine the files of its host."""

_LOCAL_FUSE = {"fuse.fuse-overlayfs", "fuseblk"}
"""Edited from here only, so that their events are complete."""

MOUNTS = Path("/proc/self/mountinfo")


def silent_mount(path: Path, mounts: Path = MOUNTS) -> str:
    """The type of the file system that holds ``path`` when it does not tell of all changes.

    "" for others, and where the system does not list its mounts.
    Source: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    where = os.path.realpath(path)
    best, kind = "", ""
    for line in lines:
        fields, _, rest = line.partition(" - ")
        point = _plain(fields.split(" ")[4]) if fields.count(" ") >= 4 else ""
        under = where == point or where.startswith(point.rstrip("/") + "/")
        if point and under and len(point) >= len(best):
            best, kind = point, rest.split(" ")[0]
    fuse = kind.startswith("fuse") and kind not in _LOCAL_FUSE
    return kind if kind in SILENT or fuse else ""


def _plain(text: str) -> str:
    """A path as the table of mounts writes it, with ``\\040`` for a space."""
    for octal, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(octal, char)
    return text
