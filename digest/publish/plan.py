"""Holds a release against what a host holds: what must be put, replaced and deleted, in order."""

from __future__ import annotations

from collections.abc import Iterable

from digest.publish.values import Change, File, Plan, Release, Remote, RemoteFile, Step

_PAGES = (".html", ".htm", ".xhtml")
_LISTS = (".xml", ".rss", ".atom")
_FRONT = ("index.html", "feed.json", "robots.txt")


def plan(release: Release, remote: Remote) -> Plan:
    """The changes that make the host hold the release, in the order they may become visible."""
    wanted = release.by_path()
    changes = [
        _put(file, remote.files.get(file.path), (file.path, file.digest) in remote.staged)
        for file in release.files
        if not _same(file, remote.files.get(file.path))
    ]
    unchanged = len(wanted) - len(changes)
    gone = (held for path, held in remote.files.items() if path not in wanted)
    changes += [_delete(held) for held in gone]
    return Plan(tuple(ordered(changes)), unchanged, len(remote.files))


def ordered(changes: Iterable[Change]) -> list[Change]:
    """Changes by step, then path; the front page is the last of its step."""
    return sorted(
        changes, key=lambda change: (change.step, change.path == "index.html", change.path)
    )


def step_of(path: str, *, new: bool) -> Step:
    """When a file may become visible.

    Feeds, sitemaps and search indexes may be anywhere in the tree; a page is what browsers open.
    """
    name = path.rpartition("/")[2].lower()
    if path in _FRONT or name.endswith(_LISTS) or name in {"feed.json", "search.json"}:
        return Step.FRONT
    if name.endswith(_PAGES):
        return Step.NEW_PAGE if new else Step.PAGE
    return Step.ASSET


def _same(file: File, held: RemoteFile | None) -> bool:
    return held is not None and held.digest == file.digest and held.size == file.size


def _put(file: File, held: RemoteFile | None, staged: bool) -> Change:
    kind, step = ("replace" if held else "put"), step_of(file.path, new=held is None)
    return Change(kind, file.path, file.size, file.digest, step, staged)  # type: ignore[arg-type]


def _delete(held: RemoteFile) -> Change:
    page = step_of(held.path, new=False) in {Step.PAGE, Step.FRONT}
    step = Step.DELETE_PAGE if page else Step.DELETE_ASSET
    return Change("delete", held.path, held.size, held.digest, step)
