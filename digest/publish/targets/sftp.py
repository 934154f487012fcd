"""``sftp://host/path``: hosts with nothing but SFTP, where no release can be switched as a whole.

All bytes are uploaded aside first; then files are moved to their places in the order of the plan,
each move in one step, so readers never meet a page without its assets and the time of mixture is
short. An interrupted publish goes on where it stopped, from any machine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from digest.config import PublishTarget
from digest.publish.failures import (
    bad_target,
    moved,
    unable,
)
from digest.publish.hosting import Hosting
from digest.publish.protocol import Capabilities, Context
from digest.publish.records import published_of
from digest.publish.retry import retrying
from digest.publish.targets.sftp_host import Host
from digest.publish.targets.sftp_log import (
    MOST_DELTAS,
    MOST_HISTORY,
    Base,
    Delta,
    Move,
    applied,
    delta_of,
    half_applied,
    packed,
    unpacked,
)
from digest.publish.values import File, Plan, Progress, Published, Release, Remote, RemoteFile, Step

Result = TypeVar("Result")
OWN = ".digest-publish"
_AT_ONCE = 32
"""Moves and small requests that are on their way at the same time."""


def open_target(target: PublishTarget, context: Context) -> Sftp:
    """A publisher for ``sftp://[user@]host[:port]/path``. Raises ConfigError (D903)."""
    parts = urlsplit(target.url)
    path = unquote(parts.path)
    path = path.removeprefix("/~/") if path.startswith("/~/") else path
    if parts.password:
        raise bad_target(
            "the url holds a password", "let the ssh agent or ~/.ssh/config give a key"
        )
    if not parts.hostname or not path.strip("/"):
        raise bad_target(f"{target.url} names no folder of a host", "write sftp://HOST/path")
    host = Host(parts.hostname, parts.port, unquote(parts.username or ""), context)
    return Sftp(host, PurePosixPath(path.rstrip("/")), target, context)


class Sftp:
    """One folder of one host; state: what ``state`` found, for the steps after it."""

    capabilities = Capabilities(atomic=False, rollback=False, history=True)

    def __init__(
        self, host: Host, path: PurePosixPath, target: PublishTarget, context: Context
    ) -> None:
        self._host, self._root = host, path
        self._own = path / OWN
        self._target, self._context = target, context
        self._base = Base(1, "", (), ())
        self._deltas: list[Delta] = []
        self._half: dict[str, RemoteFile] | None = None

    def extras(self, hosting: Hosting) -> Mapping[str, bytes]:
        """None: such hosts read files of their own, which belong in ``static/``."""
        del hosting
        return {}

    def state(self) -> Remote:
        """What our notes on the host say, mended where a publish was interrupted."""
        self._do(self._host.lock_at(self._own))
        names = self._do(lambda host: host.names(self._root)) or []
        foreign = [name for name in names if name != OWN]
        if not self._read():
            waiting = self._staged()
            return Remote(
                files={},
                ours=False,
                empty=not foreign,
                staged=waiting,
                foreign=tuple(sorted(foreign)[:20]),
            )
        files = {file.path: file for file in self._base.files}
        for delta in self._deltas:
            files = applied(files, delta)
        begun = self._delta("switching")
        if begun is not None:
            blobs = self._do(lambda host: host.names(self._own / "staged")) or []
            files = self._half = half_applied(files, begun, blobs)
        past = self._past()
        return Remote(
            files=files,
            ours=True,
            empty=False,
            mark=self._mark(),
            live=past[0] if past else None,
            staged=self._staged(),
            unfinished=begun is not None,
        )

    def send(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Upload what changes, aside."""
        self._settle_half()
        delta = delta_of(published_of(release, mark=release.id), self._mark(), plan)
        wanted = {move.blob for move in delta.puts}
        staged = self._own / "staged"
        here = set(self._do(lambda host: host.names(staged)) or [])
        self._do(lambda host: host.remove([staged / name for name in here - wanted]))
        self._do(lambda host: host.folders([staged, self._own / "deltas"]))
        self._do(lambda host: host.write(self._own / "next", packed(delta)))
        files, done = release.by_path(), here & wanted
        counted = [0]

        def sent(size: int, path: str) -> None:
            counted[0] += size
            progress(min(counted[0], plan.to_send), plan.to_send, path)

        def left() -> list[tuple[File, PurePosixPath]]:
            moves = (move for move in delta.puts if move.blob not in done)
            return [(files[move.path], staged / move.blob) for move in moves]

        self._do(
            lambda host: host.upload(left(), sent, lambda target: done.add(target.name)),
        )

    def finish(self, release: Release, plan: Plan, remote: Remote, *, force: bool) -> Published:
        """Move everything to its place in order, delete, and note the publish."""
        before = self._mark()
        self._read()
        if not force and self._mark() != before:
            raise moved("the folder was published to by another while this release was sent")
        delta = delta_of(published_of(release, mark=release.id), before, plan)
        places = {(self._root / move.path).parent for move in delta.puts}
        self._do(lambda host: host.folders(sorted(places)))
        self._do(lambda host: host.rename(self._own / "next", self._own / "switching"))
        for step in Step:
            self._move([move for move in delta.puts if move.step == step])
            self._remove(self._root / move.path for move in delta.deletes if move.step == step)
        emptied = _above(move.path for move in delta.deletes)
        self._do(lambda host: host.remove_empty([self._root / folder for folder in emptied]))
        self._note(delta, remote)
        return delta.published

    def history(self) -> Sequence[Published]:
        """What was published, newest first."""
        self._read()
        past = self._past()
        return [msgspec.structs.replace(one, live=nr == 0) for nr, one in enumerate(past)]

    def rollback(self, to: str | None) -> Published:
        """Such a host keeps no releases."""
        del to
        raise unable(
            "sftp:// hosts keep no earlier release", "build an older commit and publish that"
        )

    def live_url(self) -> str:
        """As the settings say."""
        return self._target.live_url

    def close(self) -> None:
        """Free the lock and the connection."""
        self._host.close()

    # our notes on the host

    def _read(self) -> bool:
        """Read base and deltas; False when nothing says that the folder is ours."""
        base = self._value("base", Base)
        self._base = base if isinstance(base, Base) else Base(1, "", (), ())
        names = self._do(lambda host: host.names(self._own / "deltas")) or []
        new = sorted(name for name in names if name > self._base.mark and "." not in name)
        deltas = [self._value(f"deltas/{name}", Delta) for name in new]
        self._deltas = [delta for delta in deltas if isinstance(delta, Delta)]
        return base is not None

    def _value(self, name: str, kind: type[Base] | type[Delta]) -> Base | Delta | None:
        data = self._do(lambda host: host.read(self._own / name))
        return unpacked(data, kind) if data else None

    def _delta(self, name: str) -> Delta | None:
        value = self._value(name, Delta)
        return value if isinstance(value, Delta) else None

    def _past(self) -> list[Published]:
        return [*(delta.published for delta in reversed(self._deltas)), *self._base.history]

    def _mark(self) -> str:
        return self._deltas[-1].published.id if self._deltas else self._base.mark

    def _staged(self) -> frozenset[tuple[str, str]]:
        """Path and digest of what waits on the host, as an interrupted publish noted it."""
        blobs = set(self._do(lambda host: host.names(self._own / "staged")) or [])
        noted = [delta for name in ("next", "switching") if (delta := self._delta(name))]
        moves = [move for delta in noted for move in delta.puts]
        return frozenset((move.path, move.digest) for move in moves if move.blob in blobs)

    def _settle_half(self) -> None:
        """Before another publish: note how far the interrupted one came, then forget it."""
        if self._half is None:
            return
        self._write_base(self._half, self._mark(), self._past())
        self._deltas = []
        self._do(lambda host: host.remove([self._own / "switching"]))
        self._half = None

    def _note(self, delta: Delta, remote: Remote) -> None:
        """Note a publish: by its delta, or with a new base after many or at first."""
        if remote.ours and len(self._deltas) < MOST_DELTAS:
            target = self._own / "deltas" / delta.published.id
            self._do(lambda host: host.rename(self._own / "switching", target))
        else:
            files = applied(remote.files, delta)
            self._write_base(files, delta.published.id, [delta.published, *self._past()])
            self._do(lambda host: host.remove([self._own / "switching"]))
            names = self._do(lambda host: host.names(self._own / "deltas")) or []
            self._do(lambda host: host.remove([self._own / "deltas" / name for name in names]))
        self._deltas.append(delta)

    def _write_base(
        self, files: Mapping[str, RemoteFile], mark: str, history: Sequence[Published]
    ) -> None:
        listed = tuple(files[path] for path in sorted(files))
        self._base = Base(1, mark, tuple(history[:MOST_HISTORY]), listed)
        data = packed(self._base)
        self._do(lambda host: host.write(self._own / "base", data))

    def _move(self, moves: Iterable[Move]) -> None:
        """Bring what was uploaded to its places."""
        staged = self._own / "staged"
        pairs = [(staged / move.blob, self._root / move.path) for move in moves]
        self._do(lambda host: host.move(pairs))

    def _remove(self, paths: Iterable[PurePosixPath]) -> None:
        gone = list(paths)
        self._do(lambda host: host.remove(gone))

    def _do(self, work: Callable[[Host], Awaitable[Result]]) -> Result:
        """Do something on the host; again, on a new connection, when that drops."""
        return retrying(lambda: self._host.run(work), self._context.policy)


def _above(paths: Iterable[str]) -> list[str]:
    """Folders of the paths, the deepest first."""
    found = {str(folder) for path in paths for folder in PurePosixPath(path).parents}
    return sorted(found - {"."}, key=lambda folder: -folder.count("/"))
