"""``dir:///path``: a folder on this machine that a web server shows, replaced in one step.

Releases lie side by side as whole trees that share their unchanged files by hard links. By default
the folder itself is exchanged with the next release; with ``releases = true`` it holds the folder
``releases`` and ``current``, a link to the live one. Readers by path see one release or the other.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from digest.config import PublishTarget
from digest.publish.failures import bad_target, busy, moved, no_release
from digest.publish.hosting import Hosting, headers_file, redirects_file
from digest.publish.protocol import Capabilities, Context
from digest.publish.records import (
    Record,
    decode_published,
    decode_record,
    encode_record,
    plain,
    published_of,
)
from digest.publish.snapshot import digest_of
from digest.publish.values import Plan, Progress, Published, Release, Remote, RemoteFile
from digest.write import KEPT
from digest.write.files import copy, link, make_folder
from digest.write.swap import flush, swap
from digest.write.tree import walk

MARK = ".digest-release"
"""A file in each tree of ours that holds the id of its release."""


def open_target(target: PublishTarget, context: Context) -> Folder:
    """A publisher for ``dir:///path``. Raises ConfigError (D903)."""
    parts = urlsplit(target.url)
    near = parts.netloc == "."
    path = context.site / unquote(parts.path).lstrip("/") if near else Path(unquote(parts.path))
    if (parts.netloc and not near) or not path.is_absolute() or path == Path(path.anchor):
        raise bad_target(
            f"{target.url} is no folder that can be published to",
            "write it as dir:///srv/www/kabar, or dir://./dist for a folder of the site",
        )
    if context.site.is_relative_to(path.resolve()):
        raise bad_target(f"{path} is the site itself or holds it", "choose a folder of its own")
    return Folder(path, target, context)


class Folder:
    """One folder and its releases; state: the lock that other publishers meet."""

    capabilities = Capabilities(atomic=True, rollback=True, history=True)

    def __init__(self, path: Path, target: PublishTarget, context: Context) -> None:
        self._target, self._context = target, context
        self._linked = target.releases
        self._root = path
        self._live = path / "current" if target.releases else path
        self._kept = path / "releases" if target.releases else _beside(path)
        self._next = self._kept / "next"
        self._lock: int | None = None

    def extras(self, hosting: Hosting) -> Mapping[str, bytes]:
        """None, since servers have settings of their own; ``_headers`` and ``_redirects`` where
        a build of Netlify or Cloudflare Pages takes the folder afterwards.
        """
        environment = self._context.environment
        if not environment.get("NETLIFY") and not environment.get("CF_PAGES"):
            return {}
        return {"_headers": headers_file(hosting), "_redirects": redirects_file(hosting)}

    def state(self) -> Remote:
        """What the folder holds, by what it is and not by what was once written."""
        self._take_lock()
        self._repair()
        record = self._record(self._id())
        ours = record is not None
        if self._linked:
            foreign = [] if ours else [name for name in _names(self._root) if name != "releases"]
        else:
            foreign = (
                [] if ours else [path for path in walk(os.fspath(self._live)) if path not in KEPT]
            )
        files = self._held(record) if record else {}
        return Remote(
            files=files,
            ours=ours,
            empty=not foreign,
            mark=record.published.id if record else "",
            live=record.published if record else None,
            staged=frozenset(self._staged()),
            foreign=tuple(sorted(foreign)[:20]),
        )

    def send(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Make the next release beside the live one."""
        root, files = os.fspath(self._next), release.by_path()
        make_folder(root)
        keep = {file.path for file in release.files}
        for path in list(walk(root)):
            if path not in keep:
                Path(root, path).unlink()
        changed, sent = {change.path: change for change in plan.puts}, 0
        total = plan.to_send
        for change in plan.puts:
            if change.staged:
                continue
            progress(sent, total, change.path)
            file = files[change.path]
            _, digest = copy(file.source, f"{root}/{file.path}")
            if digest.hex() != file.digest:
                raise OSError(f"{file.path} changed while it was copied")
            sent += change.size
        for file in release.files:
            if file.path not in changed and not _shared(root, file.path, self._live):
                copy(file.source, f"{root}/{file.path}")
        progress(sent, total, "")
        flush(self._next, [f"{root}/{change.path}" for change in plan.puts])

    def finish(self, release: Release, plan: Plan, remote: Remote, *, force: bool) -> Published:
        """Exchange the live release for the next one."""
        del plan
        now = self._record(self._id())
        if not force and (now.published.id if now else "") != remote.mark:
            raise moved(f"{self._root} was published to by another while this one was sent")
        (self._next / MARK).write_text(release.id + "\n", encoding="utf-8")
        if not self._linked:
            self._carry_over()
        published = published_of(release, mark=release.id)
        self._save(published, encode_record(published, release.files))
        self._activate(self._next, release.id)
        self._prune()
        return published

    def history(self) -> Sequence[Published]:
        """What is kept, newest first."""
        live = self._id()
        records = (decode_published(path.read_bytes()) for path in self._kept.glob("*.json"))
        known = [published for published in records if published is not None]
        found = [one for one in known if one.id == live or (self._kept / one.id).is_dir()]
        listed = [msgspec.structs.replace(one, live=one.id == live) for one in found]
        return sorted(listed, key=lambda one: one.id, reverse=True)

    def rollback(self, to: str | None) -> Published:
        """Put an earlier release in the place of the live one."""
        self._take_lock()
        self._repair()
        live = self._id()
        kept = [one for one in self.history() if (self._kept / one.id).is_dir() and one.id != live]
        fitting = [one for one in kept if (one.id == to if to else one.id < live)]
        if not fitting:
            raise no_release(
                f"{self._root} keeps no {f'release {to}' if to else 'earlier release'}"
            )
        self._activate(self._kept / fitting[0].id, fitting[0].id)
        return msgspec.structs.replace(fitting[0], live=True)

    def live_url(self) -> str:
        """As the settings say."""
        return self._target.live_url

    def close(self) -> None:
        """Let others publish."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # what lies where

    def _id(self) -> str:
        """The id of the live release, "" when it is none of ours."""
        try:
            text = (self._live / MARK).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        return text if plain(text) else ""

    def _record(self, id_: str) -> Record | None:
        if not id_:
            return None
        with suppress(OSError):
            return decode_record((self._kept / f"{id_}.json").read_bytes())
        return None

    def _held(self, record: Record) -> dict[str, RemoteFile]:
        """The files of the live tree; what is not as it was written is looked at again.

        Published files get no new time, so one that is younger than its release was touched.
        """
        noted = (self._kept / f"{record.published.id}.json").stat().st_mtime_ns
        held = {}
        for file in record.files:
            path = f"{self._live}/{file.path}"
            with suppress(OSError):
                found = os.lstat(path)
                if found.st_size == file.size and found.st_mtime_ns <= noted:
                    held[file.path] = file
                elif not os.path.islink(path):  # noqa: PTH114 - strings, as above
                    held[file.path] = RemoteFile(file.path, found.st_size, digest_of(path))
        return held

    def _staged(self) -> Iterator[tuple[str, str]]:
        """What an interrupted publish left in the next tree."""
        root = os.fspath(self._next)
        if self._next.is_dir():
            for path in walk(root):
                if path != MARK and not os.path.islink(f"{root}/{path}"):  # noqa: PTH114
                    yield path, digest_of(f"{root}/{path}")

    def _carry_over(self) -> None:
        """Keep what keeps the folder in git, and what the owner left for its server."""
        for name in KEPT:
            with suppress(FileNotFoundError):
                shutil.copy2(self._live / name, self._next / name)

    def _save(self, published: Published, record: bytes) -> None:
        temporary = self._kept / f"{published.id}.json.new"
        temporary.write_bytes(record)
        temporary.replace(self._kept / f"{published.id}.json")

    # becoming visible

    def _activate(self, tree: Path, id_: str) -> None:
        """Make ``tree`` the live one; the one that was live is kept under its id."""
        if self._linked:
            home = self._kept / id_
            if tree != home:
                tree.rename(home)
            new = self._root / "current.new"
            new.unlink(missing_ok=True)
            new.symlink_to(f"releases/{id_}")
            new.replace(self._live)
            return
        former = self._id()
        self._live.parent.mkdir(parents=True, exist_ok=True)
        swap(tree, self._live, self._kept / "old")
        left = tree if tree.exists() else self._kept / "old"
        if left.exists():
            self._put_away(left, former)

    def _put_away(self, tree: Path, id_: str) -> None:
        """Keep a tree that is no longer live under its id; what was not ours is kept, too."""
        home = self._kept / (id_ or f"before-{self._id()}")
        if home.exists():
            shutil.rmtree(home)
        tree.rename(home)

    def _repair(self) -> None:
        """Finish what a publisher that was killed between two renames left."""
        old = self._kept / "old"
        if old.exists() and not self._live.exists():
            old.rename(self._live)
        elif old.exists():
            self._put_away(old, _id_in(old))
        for name in _names(self._kept):
            tree, id_ = self._kept / name, _id_in(self._kept / name)
            waits = name == "next" and id_ > self._id()  # complete, and not yet live
            if id_ and name != id_ and not waits and id_ != self._id():
                self._put_away(tree, id_)

    def _prune(self) -> None:
        """Keep as many releases as the settings say, the live one among them."""
        live = self._id()
        old = [one for one in self.history() if one.id != live][self._target.keep - 1 :]
        for one in old:
            shutil.rmtree(self._kept / one.id, ignore_errors=True)
            (self._kept / f"{one.id}.json").unlink(missing_ok=True)

    def _take_lock(self) -> None:
        """Raises PublishError (D915) while another publisher has the folder."""
        self._kept.mkdir(parents=True, exist_ok=True)
        if sys.platform == "win32" or self._lock is not None:
            return
        import fcntl  # not on Windows

        self._lock = os.open(self._kept, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise busy(f"another publisher is writing {self._root}") from None


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.releases")


def _id_in(tree: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        text = (tree / MARK).read_text(encoding="utf-8").strip()
        return text if plain(text) else ""
    return ""


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(folder)]
    except OSError:
        return []


def _shared(root: str, path: str, live: Path) -> bool:
    """Give an unchanged file of the live tree a second name in the next one."""
    return link(f"{live}/{path}", f"{root}/{path}")
