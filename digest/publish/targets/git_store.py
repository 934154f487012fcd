"""A bare repository of our own, in which the system's git makes the commits of publishes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import msgspec

from digest.publish.records import Record, decode_record, encode_record
from digest.publish.targets.git_stream import EMAIL, Draft, committer, write_stream
from digest.publish.values import File, Published

PATIENCE = 900.0
"""Seconds a push of a whole site may take."""
_PACKS, _LOOSE = 8, 6_700
"""How many of them may come together in our repository; the second is git's own default."""
STAGING = "refs/digest/staging"
"""On the host: what was pushed ahead of a release. Here: the last of it that was made."""

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
        for pattern in (
            "*.lock",
            "refs/digest/*.lock",
            "objects/pack/tmp_*",
            "fast_import_crash_*",
        ):
            for left in self._path.glob(pattern):
                left.unlink()  # by one that was killed: the snapshot's lock keeps others out

    def commits(self, drafts: Sequence[Draft], *, by: str, at: datetime) -> list[str]:
        """The commits of these drafts; bytes of files that are not here yet are put in.

        All becomes one pack, in which a file is stored as what differs from the one before. As
        single objects they cost a file each, and git looks for such pairs again at each push.
        """
        known, noted = self.known(), self._path / "made.marks"
        noted.unlink(missing_ok=True)
        digests: list[str] = []

        def write(out: IO[bytes]) -> None:
            digests.extend(write_stream(out, drafts, known, by=by, at=at))

        self._feed(
            ("fast-import", "--quiet", "--force", "--done", f"--export-marks={noted}"), write
        )
        marks = dict(line.split() for line in noted.read_text(encoding="ascii").splitlines())
        hashes = [marks[f":{mark}"] for mark in range(1, len(digests) + len(drafts) + 1)]
        known.update(zip(digests, hashes, strict=False))
        self._note()
        return hashes[len(digests) :]

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

    def commit(
        self, tree: str, lines: Sequence[str], *, by: str, at: datetime, parents: Sequence[str]
    ) -> str:
        """A commit of a tree that is here; its message are the lines."""
        when = f"{int(at.timestamp())} +0000"
        identity = {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (("NAME", committer(by)), ("EMAIL", EMAIL), ("DATE", when))
        }
        after = [part for parent in parents for part in ("-p", parent)]
        message = "\n".join([*lines, ""])
        return self.run("commit-tree", tree, *after, stdin=message, extra=identity)

    def reset(self) -> None:
        """Begin anew: something that was noted is not here any more."""
        self._hashes = None
        shutil.rmtree(self._path)
        self.prepare()

    def tidy(self) -> None:
        """Drop what is not part of the last publish, once much has come together."""
        objects = self._path / "objects"
        packs, sample = objects.glob("pack/*.pack"), objects.glob("17/*")
        if len(list(packs)) > _PACKS or len(list(sample)) * 256 > _LOOSE:
            with suppress(Failed):  # then all of it is kept
                self.run("update-ref", "-d", STAGING)
                self.run("gc", "--quiet", "--prune=now", timeout=PATIENCE)

    def listing(self, commit: str) -> Record | None:
        """The publish that a commit is and its files, if ``note_listing`` was told of it."""
        try:
            record = decode_record((self._path / "listing.json").read_bytes())
        except OSError:
            return None
        return record if record and record.published.mark == commit else None

    def note_listing(self, published: Published, files: Iterable[File]) -> None:
        """Note what a commit holds: asking git costs the more the larger the site is."""
        temporary = self._path / "listing.json.new"
        temporary.write_bytes(encode_record(published, files))
        temporary.replace(self._path / "listing.json")

    def has(self, commit: str) -> bool:
        """Whether a commit is here with all its files; "" is none."""
        if not commit:
            return False
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

    def _feed(self, arguments: Sequence[str], write: Callable[[IO[bytes]], None]) -> None:
        """Run a command that reads what ``write`` writes; it speaks with no host. Raises Failed."""
        with TemporaryFile() as said:
            process = self._started(arguments, {}, said)
            assert process.stdin is not None  # noqa: S101 - as started
            try:
                with suppress(BrokenPipeError), process.stdin as out:  # it ended, and says why
                    write(out)
                code = process.wait(PATIENCE)
            finally:
                _end(process)
            if code:
                said.seek(0)
                raise Failed(os.fsdecode(said.read()).strip() or f"exit {code}")

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
        process = self._started(arguments, extra or {}, subprocess.PIPE, bare=bare)
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"no answer in {timeout:.0f} s", timed_out=True) from None
        finally:
            _end(process)
        if process.returncode:
            raise Failed(os.fsdecode(err).strip() or f"exit {process.returncode}")
        return out

    def _started(
        self,
        arguments: Sequence[str],
        extra: Mapping[str, str],
        said: int | IO[bytes],
        *,
        bare: bool = True,
    ) -> subprocess.Popen[bytes]:
        """git, running; ``said`` takes what it prints as errors."""
        safe = ("core.hooksPath=/dev/null", "gc.auto=0", "core.quotePath=false")
        options = [part for setting in (*safe, "core.ignoreCase=false") for part in ("-c", setting)]
        command = ["git", *options, *([f"--git-dir={self._path}"] if bare else []), *arguments]
        return subprocess.Popen(  # noqa: S603 - no shell, fixed command
            command,
            env=self._environment(extra),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,
        )

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


def _end(process: subprocess.Popen[bytes]) -> None:
    """See to it that nothing of a process is left."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)  # with the ssh or helper it started
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
