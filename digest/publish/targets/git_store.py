"""A bare repository of our own, in which the system's git makes the commits of publishes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import msgspec

from digest.publish.failures import rejected
from digest.publish.values import File

PATIENCE = 900.0
"""Seconds a push of a whole site may take."""

_REPOSITORY = {
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
}


class Failed(Exception):  # noqa: N818 - never leaves the git target
    """What git said when it failed."""

    def __init__(self, said: str, *, timed_out: bool = False) -> None:
        super().__init__(said)
        self.said, self.timed_out = said, timed_out


class Store:
    """The repository in ``path``, and an index of its own; state: what it hashed, by digest."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self._path, self._given = path, environment
        self._hashes: dict[str, str] | None = None

    def prepare(self) -> None:
        """Make the repository where there is none."""
        if not (self._path / "HEAD").exists():
            self._path.mkdir(parents=True, exist_ok=True)
            self.run("init", "--quiet", "--bare", "--template=", str(self._path), bare=False)
        for lock in self._path.glob("*.lock"):
            lock.unlink()  # of a publisher that was killed: the snapshot's lock keeps others out

    def tree(self, files: Sequence[File]) -> str:
        """The tree of these files; bytes that are not here yet are put in."""
        try:
            return self._tree(files)
        except Failed:  # what was noted is not all here any more
            self._hashes = {}
            return self._tree(files)

    def _tree(self, files: Sequence[File]) -> str:
        known = self.known()
        known.update(self._hashed([file for file in files if file.digest not in known]))
        self._note()
        return self.tree_of({file.path: known[file.digest] for file in files})

    def tree_of(self, hashes: Mapping[str, str]) -> str:
        """The tree of blobs by path."""
        index = self._path / "publish.index"
        index.unlink(missing_ok=True)
        entries = "".join(f"100644 {hash_}\t{path}\0" for path, hash_ in hashes.items())
        environment = {"GIT_INDEX_FILE": str(index)}
        self.run("update-index", "-z", "--index-info", stdin=entries, extra=environment)
        return self.run("write-tree", extra=environment)

    def _hashed(self, files: Sequence[File]) -> dict[str, str]:
        """Digest → git's hash of files whose bytes are put into our repository."""
        if not files:
            return {}
        if any("\n" in str(file.source) for file in files):
            raise rejected("git cannot take a file whose name has a line break")
        paths = "".join(f"{file.source}\n" for file in files)
        hashes = self.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=paths).split()
        return {file.digest: hash_ for file, hash_ in zip(files, hashes, strict=True)}

    def known(self) -> dict[str, str]:
        """Digest → git's hash of what was put in or looked at here."""
        if self._hashes is None:
            try:
                data = (self._path / "known.json").read_bytes()
                self._hashes = msgspec.json.decode(data, type=dict[str, str])
            except (OSError, msgspec.DecodeError):
                self._hashes = {}
        return self._hashes

    def forget_all_but(self, digests: Iterable[str]) -> None:
        """Keep what is known of these only, so that the notes do not grow for ever."""
        known = self.known()
        self._hashes = {digest: known[digest] for digest in digests if digest in known}
        self._note()

    def _note(self) -> None:
        temporary = self._path / "known.json.new"
        temporary.write_bytes(msgspec.json.encode(self.known()))
        temporary.replace(self._path / "known.json")

    def digests(self, files: Sequence[tuple[str, str]]) -> Iterable[tuple[str, str]]:
        """Path → digest of blobs (path, hash) that another machine has published."""
        if not files:
            return
        asked = "".join(f"{hash_}\n" for _, hash_ in files).encode()
        answer, start = self.raw(("cat-file", "--batch"), stdin=asked, timeout=PATIENCE), 0
        for path, hash_ in files:
            end = answer.index(b"\n", start)
            size = int(answer[start:end].split()[-1])
            body = memoryview(answer)[end + 1 : end + 1 + size]
            digest = blake2b(body, digest_size=16).hexdigest()
            start = end + size + 2
            self.known()[digest] = hash_
            yield path, digest
        self._note()

    def commit(self, tree: str, lines: Sequence[str], *, by: str, at: datetime, parent: str) -> str:
        """A commit of a tree; its message are the lines."""
        name = re.sub(r"[<>\n\0]", "", by).strip() or "digest"
        when = f"{int(at.timestamp())} +0000"
        identity = {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (("NAME", name), ("EMAIL", "digest@localhost"), ("DATE", when))
        }
        parents = ["-p", parent] if parent else []
        message = "\n".join([*lines, ""])
        return self.run("commit-tree", tree, *parents, stdin=message, extra=identity)

    def index_what_is_reachable(self, *commits: str) -> None:
        """Let the next push leave out all that the host has by any of its refs.

        By itself git looks only at the parents of what is pushed; with bitmaps it counts exactly.
        Source: https://git-scm.com/docs/bitmap-format
        """
        for number, commit in enumerate(commits):
            self.run("update-ref", f"refs/kept/{number}", commit)
        self.run("repack", "-a", "-d", "-b", "-q", timeout=PATIENCE)

    def has(self, commit: str) -> bool:
        """Whether a commit is here with all its files."""
        try:
            self.run("rev-list", "--objects", "--quiet", "-n1", commit)
        except Failed:
            return False
        return True

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        extra: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        bare: bool = True,
    ) -> str:
        """What git prints. Raises Failed."""
        given = os.fsencode(stdin)
        answer = self.raw(arguments, stdin=given, extra=extra, timeout=timeout, bare=bare)
        return os.fsdecode(answer).rstrip("\n")

    def raw(
        self,
        arguments: Sequence[str],
        *,
        stdin: bytes = b"",
        extra: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        bare: bool = True,
    ) -> bytes:
        """The bytes git prints. Raises Failed."""
        safe = ["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "core.quotePath=false"]
        command = ["git", *safe, *([f"--git-dir={self._path}"] if bare else []), *arguments]
        process = subprocess.Popen(  # noqa: S603 - no shell, fixed command
            command,
            env=self._environment(extra or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"no answer in {timeout:.0f} s", timed_out=True) from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # with the ssh or helper it started
                process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
        if process.returncode:
            raise Failed(os.fsdecode(err).strip() or f"exit {process.returncode}")
        return out

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        """That of the user without what would lead git to another repository; never a prompt."""
        kept = {key: value for key, value in self._given.items() if key not in _REPOSITORY}
        ssh = kept.get("GIT_SSH_COMMAND") or (
            "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15"
            " -o ServerAliveCountMax=4"
        )
        return {
            **kept,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": ssh,
            "GIT_HTTP_LOW_SPEED_LIMIT": "100",
            "GIT_HTTP_LOW_SPEED_TIME": "60",
            "LC_ALL": "C",
            **extra,
        }
