"""``git+ssh://``, ``git+https://``, ``git+file://``: a branch that a Pages service shows.

All is done by the system's git in a bare repository of our own (``.digest/publish/NAME/git``), with
an index of its own: the user's repository, its index, hooks and state are not touched. A release is
one commit; readers see it when the push has moved the branch.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from digest.config import PublishTarget
from digest.errors import PublishError
from digest.publish.failures import (
    bad_target,
    denied,
    missing_program,
    moved,
    no_release,
    rejected,
)
from digest.publish.hosting import Hosting
from digest.publish.protocol import Capabilities, Context
from digest.publish.provenance import stamp
from digest.publish.records import published_of
from digest.publish.retry import Transient, retrying
from digest.publish.targets.git_store import PATIENCE, STAGING, Failed, Store
from digest.publish.targets.git_stream import Draft, alike
from digest.publish.values import (
    File,
    Plan,
    Progress,
    Published,
    Release,
    Remote,
    RemoteFile,
)

PIECE = 32_000_000
"""Bytes of files that are pushed at a time to a ref of our own, before the branch is moved."""
_RELEASE = "refs/digest/release"
"""The last release that was made, in our own repository."""
_TRAILER = "Digest-Release"
_RETURNED = "rollback to "
_LISTED = 50

_DENIED = re.compile(
    r"permission denied|authentication failed|could not read (username|password)|access denied"
    r"|host key verification failed|invalid credentials|error: 40[13]\b|terminal prompts disabled",
    re.I,
)
_LEASE = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|incorrect old value", re.I
)
_DROPPED = re.compile(
    r"connection (reset|refused|timed out|closed)|timed? ?out|hung up|early eof"
    r"|unexpected disconnect|could not resolve|network is unreachable|no route to host"
    r"|broken pipe|curl \d+|RPC failed"
    r"|error: (429|5\d\d)\b|temporarily unavailable|unexpected EOF|read error|write error",
    re.I,
)


def open_target(target: PublishTarget, context: Context) -> Branch:
    """A publisher for a branch. Raises ConfigError: D903, D926."""
    if shutil.which("git", path=context.environment.get("PATH")) is None:
        raise missing_program("git", "git")
    parts = urlsplit(target.url)
    if parts.password:
        raise bad_target("the url holds a password", "let git's own helper or an ssh key give it")
    if not parts.path.strip("/"):
        raise bad_target(
            f"{target.url} names no repository", "write it as git+ssh://git@HOST/PATH.git"
        )
    return Branch(target.url.removeprefix("git+"), target, context)


class Branch:
    """One branch of one repository; state: where it was, what was staged, the commit to push."""

    capabilities = Capabilities(atomic=True, rollback=True, history=True)

    def __init__(self, url: str, target: PublishTarget, context: Context) -> None:
        self._url, self._target, self._context = url, target, context
        self._branch = f"refs/heads/{target.branch}"
        self._store = Store(context.scratch / "git", context.environment)
        self._tip = self._staging = self._commit = ""

    def extras(self, hosting: Hosting) -> Mapping[str, bytes]:
        """``.nojekyll``, so that folders with an underscore are shown, and ``CNAME``."""
        del hosting
        extras = {".nojekyll": b""}
        if self._target.domain:
            extras["CNAME"] = f"{self._target.domain}\n".encode()
        return extras

    def state(self) -> Remote:
        """The files of the branch's newest commit, and what was pushed for the next one."""
        self._store.prepare()
        self._look()
        staged = frozenset(self._staged())
        if not self._tip:
            return Remote(files={}, ours=False, empty=True, staged=staged)
        noted = self._store.listing(self._tip)
        if noted is not None:
            published: Published | None = noted.published
            files = {file.path: file for file in noted.files}
        else:
            self._fetch(1)
            published, files = self._published(self._tip), self._listed()
        ours = published is not None or bool(self._context.remembered)
        return Remote(
            files=files,
            ours=ours,
            empty=False,
            mark=self._tip,
            live=published,
            staged=staged,
            foreign=() if ours else tuple(files)[:20],
        )

    def send(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Make the commit; the bytes of a large one go ahead, piece by piece."""
        total = plan.to_send
        progress(0, total, "making the commit")
        files = release.by_path()
        ahead = sorted((files[put.path] for put in plan.puts if not put.staged), key=alike)
        pieces = list(_pieces(ahead)) if total > PIECE else []
        try:
            self._commit, *stages = self._commits(release, plan, pieces)
        except Failed:  # what was noted is not all here any more
            self._store.reset()
            self._staging = ""
            if self._tip:
                self._fetch(1)
            self._commit, *stages = self._commits(release, plan, pieces)
        sent = 0
        for piece, stage in zip(pieces, stages, strict=True):
            if not self._ahead(stage):
                break
            sent += sum(file.size for file in piece)
            progress(sent, total, piece[-1].path)

    def _commits(self, release: Release, plan: Plan, pieces: Sequence[Sequence[File]]) -> list[str]:
        """The commit of the release, and those that go ahead; each holds the files before it.

        git looks only there for what the host has.
        """
        files, published = release.by_path(), published_of(release, mark="")
        lines = [f"Publish {release.id}", "", f"{_TRAILER}: {release.id}"]
        lines += [f"Digest-Files: {published.files}", f"Digest-Bytes: {published.size}"]
        if release.commit:
            lines.append(f"Digest-Source: {release.commit}")
        last = Draft(
            ref=_RELEASE,
            lines=lines,
            files=[files[change.path] for change in plan.puts],
            gone=[change.path for change in plan.deletes],
            parent=self._tip,
        )
        said = [f"Stage {release.id}"]
        first = self._staging if self._store.has(self._staging) else ""
        stages = [
            Draft(ref=STAGING, lines=said, files=piece, parent="" if number else first)
            for number, piece in enumerate(pieces)
        ]
        *made, commit = self._store.commits([*stages, last], by=release.by, at=release.created)
        return [commit, *made]

    def finish(self, release: Release, plan: Plan, remote: Remote, *, force: bool) -> Published:
        """Push the commit, if the branch is still where ``state`` found it."""
        del plan
        expected = remote.mark
        if force:
            self._look()
            expected = self._tip
        self._push(self._commit, expected, *self._joined(release))
        if self._staging:
            self._drop_staging()
        published = published_of(release, mark=self._commit)
        self._store.note_listing(published, release.files)
        self._store.forget_all_but(file.digest for file in release.files)
        self._store.tidy()
        return published

    def _joined(self, release: Release) -> Iterator[str]:
        """What lets a push leave out all that went ahead: a commit that follows both.

        git looks for what the host has at the parents of what is pushed, and only there.
        """
        if self._store.has(self._staging):
            tree, parents = f"{self._commit}^{{tree}}", (self._commit, self._staging)
            lines = [f"Stage {release.id}"]
            by, at = release.by, release.created
            joined = self._store.commit(tree, lines, by=by, at=at, parents=parents)
            yield f"+{joined}:{STAGING}"

    def history(self) -> Sequence[Published]:
        """The commits of the branch that are publishes, newest first."""
        self._store.prepare()
        self._look()
        if not self._tip:
            return []
        self._fetch(_LISTED)
        hashes = self._store.run("rev-list", "--first-parent", f"-n{_LISTED}", self._tip).split()
        found = [one for one in map(self._published, hashes) if one is not None]
        return [msgspec.structs.replace(one, live=one.mark == self._tip) for one in found]

    def rollback(self, to: str | None) -> Published:
        """A new commit with the tree of an earlier one: the history is never rewritten."""
        past = list(self.history())
        live = past[0] if past and past[0].live else None
        stands_for = (
            live.note.removeprefix(_RETURNED) if live and live.note.startswith(_RETURNED) else ""
        )
        older = [one for one in past if not one.live and not one.note.startswith(_RETURNED)]
        if to is None and stands_for:
            ids = [one.id for one in older]
            older = older[ids.index(stands_for) + 1 :] if stands_for in ids else []
        for one in older:
            if to in {None, one.id}:
                return self._return_to(one)
        which = f"release {to}" if to else "earlier release"
        raise no_release(f"the branch {self._target.branch} has no {which}")

    def _return_to(self, one: Published) -> Published:
        exact = datetime.now(UTC)
        now = exact.replace(microsecond=0)
        id_ = f"{stamp(exact)}-{one.id.rpartition('-')[2]}"
        lines = [f"Return to {one.id}", "", f"{_TRAILER}: {id_}", f"Digest-Files: {one.files}"]
        lines += [f"Digest-Bytes: {one.size}", f"Digest-Note: {_RETURNED}{one.id}"]
        if one.commit:
            lines.append(f"Digest-Source: {one.commit}")
        tree = self._store.run("rev-parse", f"{one.mark}^{{tree}}")
        commit = self._store.commit(tree, lines, by=one.by, at=now, parents=[self._tip])
        self._push(commit, self._tip)
        note = f"{_RETURNED}{one.id}"
        return msgspec.structs.replace(one, id=id_, at=now, mark=commit, live=True, note=note)

    def live_url(self) -> str:
        """As the settings say; GitHub and others also allow a domain of one's own."""
        if self._target.live_url or not self._target.domain:
            return self._target.live_url
        return f"https://{self._target.domain}/"

    def close(self) -> None:
        """Nothing is held."""

    # what is where

    def _listed(self) -> dict[str, RemoteFile]:
        """The files of the branch; those we hashed once have a digest, others get one now."""
        lines = self._store.run("ls-tree", "-r", "-l", "-z", self._tip).split("\0")
        digests = {hash_: digest for digest, hash_ in self._store.known().items()}
        found, unknown = {}, []
        for line in filter(None, lines):
            meta, _, path = line.partition("\t")
            mode, _, hash_, size = meta.split()
            digest = digests.get(hash_, "") if mode == "100644" else ""
            found[path] = RemoteFile(path, int(size) if size.isdigit() else 0, digest)
            if not digest and mode == "100644":
                unknown.append((path, hash_))
        for path, digest in self._store.digests(unknown):
            found[path] = RemoteFile(path, found[path].size, digest)
        return found

    def _published(self, commit: str) -> Published | None:
        """What the message of a commit says, when it is a publish."""
        text = self._store.run("show", "-s", "--format=%ct%n%an%n%B", commit)
        seconds, by, message = text.split("\n", 2)
        found = dict(re.findall(r"^(Digest-\w+): (.*)$", message, re.M))
        if _TRAILER not in found:
            return None
        return Published(
            id=found[_TRAILER],
            at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(seconds)),
            by=by,
            commit=found.get("Digest-Source", ""),
            files=int(found.get("Digest-Files", "0")),
            size=int(found.get("Digest-Bytes", "0")),
            mark=commit,
            live=commit == self._tip,
            note=found.get("Digest-Note", ""),
        )

    # the host

    def _look(self) -> None:
        """Where the branch and what was staged are, "" for nothing."""
        answer = self._talk("ls-remote", self._url, self._branch, STAGING)
        found = {line.split("\t")[1]: line.split("\t")[0] for line in answer.splitlines()}
        self._tip, self._staging = found.get(self._branch, ""), found.get(STAGING, "")

    def _staged(self) -> Iterator[tuple[str, str]]:
        """Path and digest of what an interrupted publish from here has pushed already."""
        if not self._store.has(self._staging):
            return
        digests = {hash_: digest for digest, hash_ in self._store.known().items()}
        for line in self._store.run("ls-tree", "-r", "-z", self._staging).split("\0"):
            meta, _, path = line.partition("\t")
            if path and meta.split()[2] in digests:
                yield path, digests[meta.split()[2]]

    def _ahead(self, stage: str) -> bool:
        """Push the files of a piece, so that a cut later on does not lose them.

        False where the host takes no refs beside branches and tags: then all goes in one push.
        """
        try:
            self._talk("push", "--quiet", "--no-verify", self._url, f"+{stage}:{STAGING}")
        except PublishError as error:
            if error.problems[0].code == "D920":
                raise
            return False
        self._staging = stage
        return True

    def _drop_staging(self) -> None:
        """What was staged is in the branch now; where this fails, the next publish does it."""
        with suppress(PublishError, Transient):
            self._talk("push", "--quiet", "--no-verify", self._url, f":{STAGING}")

    def _fetch(self, depth: int) -> None:
        """Bring the newest commits of the branch, unless they are here."""
        if depth == 1 and self._store.has(self._tip):
            return
        options = ["--quiet", "--no-tags", "--force", "--update-shallow", f"--depth={depth}"]
        self._talk("fetch", *options, self._url, f"{self._branch}:refs/remote/tip")

    def _push(self, commit: str, expected: str, *others: str) -> None:
        """Move the branch from ``expected`` to ``commit``, and ``others``.

        Raises PublishError: D914, …
        """
        lease, move = f"--force-with-lease={self._branch}:{expected}", f"{commit}:{self._branch}"
        try:
            self._talk("push", "--quiet", "--no-verify", lease, self._url, move, *others)
        except _Moved:
            self._look()
            if self._tip == commit:
                return  # an earlier try went through, and only its answer was lost
            raise moved(
                f"the branch {self._target.branch} moved while this release was pushed"
            ) from None

    def _talk(self, *arguments: str) -> str:
        """Run a command that speaks with the host; tried again when the connection drops."""

        def once() -> str:
            try:
                return self._store.run(*arguments, timeout=PATIENCE)
            except Failed as error:
                raise self._meaning(error) from None

        return retrying(once, self._context.policy)

    def _meaning(self, error: Failed) -> Exception:
        said = self._context.redactor(error.said)
        if _LEASE.search(said):
            return _Moved(said)
        if _DENIED.search(said):
            hint = "git takes an ssh key of the agent, or what its credential helper holds"
            return denied(f"{self._shown()} refused us: {said}", hint)
        if error.timed_out or _DROPPED.search(said):
            return Transient(f"{self._shown()}: {said}")
        return rejected(f"git failed with {self._shown()}: {said}")

    def _shown(self) -> str:
        return self._context.redactor(self._url)


class _Moved(Exception):  # noqa: N818 - never leaves this module
    """The branch was not where it was expected."""


def _pieces(files: Sequence[File]) -> Iterator[list[File]]:
    """What is pushed at a time: files of some ``PIECE`` bytes."""
    piece: list[File] = []
    size = 0
    for file in files:
        piece.append(file)
        size += file.size
        if size >= PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece
