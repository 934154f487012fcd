"""``rsync://host/path``: release folders on a host with ssh and rsync, and a link to the live one.

``path/current`` leads to ``releases/ID``; a web server shows ``current``. A release is uploaded
beside the live one, sharing its unchanged files, and becomes live when the link is replaced in one
step.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from digest.config import PublishTarget
from digest.publish.failures import bad_target, busy, missing_program, moved, no_release, rejected
from digest.publish.hosting import Hosting
from digest.publish.protocol import Capabilities, Context
from digest.publish.records import Record, decode_record, encode_record, plain, published_of
from digest.publish.retry import Transient, retrying
from digest.publish.targets.ssh import meaning, run, ssh_command
from digest.publish.values import Plan, Progress, Published, Release, Remote
from digest.write.files import copy, link

_PATIENCE = 3600.0
"""Seconds an upload may take; one that stands still ends after a minute."""
_RECORD = ".digest-record.json"
"""The record, as long as the release is uploaded; then it becomes ``releases/ID.json``."""
_BUSY, _MOVED, _NONE = 21, 22, 23
_PASSING = {10, 11, 12, 30, 35, 255}
"""Exit codes of rsync for dropped connections and time-outs. Source: rsync(1), EXIT VALUES."""

_LOOK = """
[ -d {root} ] || exit 0
cd {root}
printf 'live %s\\n' "$(readlink current 2>/dev/null || true)"
for name in $(ls -A); do printf 'name %s\\n' "$name"; done
[ -L current ] && live="$(readlink current)" && [ -f "$live.json" ] || exit 0
if [ "$live" = {known} ]; then echo known; else tail -n 1 "$live.json"; fi
"""

_COPY = """
cd {root}
if [ ! -d releases/{part} ] && [ -z "$(find {former} -newer {former}.json | head -n 1)" ] \\
  && cp -al {former} releases/{part} 2>/dev/null \\
  && cp {former}.json releases/{part}/{record} \\
  && (cd releases/{part} && xargs -0 rm -rf --)
then echo copied; else mkdir -p releases/{part}; fi
"""
"""Files of a release are older than its record, so what is newer was changed by hand."""

_SWITCH = """
set -eu
cd {root}
[ "$(readlink current 2>/dev/null || true)" != releases/{id} ] || exit 0
mkdir releases/.switching 2>/dev/null || exit {busy}
trap 'rmdir releases/.switching' EXIT
{check}[ "$(readlink current 2>/dev/null || true)" = {expected} ] || exit {moved}
if [ -f releases/{part}/{record} ]; then
  mv releases/{part}/{record} releases/{id}.json
  touch releases/{id}.json
fi
[ -d releases/{id} ] || mv releases/{part} releases/{id}
rm -f current.new
ln -s releases/{id} current.new
mv -T current.new current 2>/dev/null || mv -h current.new current 2>/dev/null \\
  || perl -e 'rename("current.new", "current") or die'
find releases -maxdepth 1 -name 'part-*' -mtime +1 -exec rm -rf {{}} +
ls -1 releases | grep '\\.json$' | sort -r | tail -n +{over} | while read -r record; do
  name="${{record%.json}}"
  if [ "releases/$name" != "$(readlink current)" ]; then
    rm -rf "releases/$name" "releases/$record"
  fi
done
"""

_HISTORY = """
cd {root} 2>/dev/null || exit 0
readlink current || echo
for record in releases/*.json; do [ -f "$record" ] && head -n 1 "$record"; done || true
"""


def open_target(target: PublishTarget, context: Context) -> Rsync:
    """A publisher for ``rsync://[user@]host[:port]/path``. Raises ConfigError: D903, D926."""
    for program, package in (("rsync", "rsync"), ("ssh", "openssh-client")):
        if shutil.which(program, path=context.environment.get("PATH")) is None:
            raise missing_program(program, package)
    parts = urlsplit(target.url)
    path = unquote(parts.path).rstrip("/").removeprefix("/~/")
    if parts.password:
        raise bad_target(
            "the url holds a password", "let the ssh agent or ~/.ssh/config give a key"
        )
    if not parts.hostname or not path or "\n" in path or parts.hostname.startswith("-"):
        raise bad_target(
            f"{target.url} names no folder of a host", "write rsync://HOST/srv/www/kabar"
        )
    host = f"{unquote(parts.username)}@{parts.hostname}" if parts.username else parts.hostname
    return Rsync(host, parts.port, path, target, context)


class Rsync:
    """One folder on one host; state: the name under which the next release is uploaded."""

    capabilities = Capabilities(atomic=True, rollback=True, history=True)

    def __init__(
        self, host: str, port: int | None, path: str, target: PublishTarget, context: Context
    ) -> None:
        self._host, self._path = host, path
        self._target, self._context = target, context
        self._ssh = ssh_command(context.environment, port)
        self._former = ""

    def extras(self, hosting: Hosting) -> Mapping[str, bytes]:
        """None: the web server of the host has settings of its own."""
        del hosting
        return {}

    def state(self) -> Remote:
        """What the live release's record says."""
        noted = self._noted()
        known = noted.published.mark if noted else ""
        look = _LOOK.format(root=self._quoted, known=shlex.quote(known))
        answer = self._run(look).splitlines()
        names = [line[5:] for line in answer if line.startswith("name ")]
        live = next((line[5:] for line in answer if line.startswith("live ")), "")
        record = decode_record(answer[-1].encode()) if answer and answer[-1][:1] == "{" else None
        if answer and answer[-1] == "known":
            record = noted
        if record is None:
            foreign = [name for name in names if name != "releases"]
            return Remote(
                files={}, ours=False, empty=not foreign, mark=live, foreign=tuple(foreign[:20])
            )
        self._former = live
        files = {file.path: file for file in record.files}
        return Remote(files=files, ours=True, empty=False, mark=live, live=record.published)

    def send(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Upload the release beside the live one; what is equal there is linked, not sent.

        The folder is named after what it will hold: an interrupted upload of the same is gone on
        with, and two publishers do not mix. A new one begins as a copy of the live one, made of
        hard links by the host, and gets the changes; where there is no copy to be had, or the live
        one was changed by hand, all files are compared.
        """
        noted = self._note(release)
        sources, more = [f"{release.root}/", f"{release.extra_root}/"], ["--delete"]
        if self._copied(release, plan):
            sources, more = [f"{_apart(release, plan, self._context.scratch)}/"], []
        elif self._former:
            more.append(f"--link-dest=../../{self._former}/")
        follow = _Followed(plan, progress)
        command = [
            "rsync",
            *("--recursive", "--checksum", "--protect-args", "--partial", "--timeout=60"),
            *("--no-times", "--perms", "--chmod=D755,F644", "--no-inc-recursive"),
            *("--info=progress2", "--no-human-readable", "-e", shlex.join(self._ssh)),
            *more,
            *sources,
            f"{noted}/",
            f"{self._host}:{self._path}/releases/{_part(release)}/",
        ]

        def once() -> None:
            code, _, said = run(
                command, self._context.environment, timeout=_PATIENCE, told=follow.take
            )
            self._check(code, said, "rsync", _PASSING)

        retrying(once, self._context.policy)
        progress(plan.to_send, plan.to_send, "")

    def _copied(self, release: Release, plan: Plan) -> bool:
        """Let the host make the upload's folder; whether it is the live release but the deletes."""
        if not plain(self._former.removeprefix("releases/")):
            self._run(f"mkdir -p {self._quoted}/releases/{_part(release)}")
            return False
        script = _COPY.format(
            root=self._quoted, former=self._former, part=_part(release), record=_RECORD
        )
        gone = "".join(f"./{path}\0" for path in _gone(release, plan))
        return self._run(script, stdin=os.fsencode(gone)).strip() == "copied"

    def finish(self, release: Release, plan: Plan, remote: Remote, *, force: bool) -> Published:
        """Let ``current`` lead to the release, if it still leads where ``state`` found it."""
        del plan
        self._switch(release.id, _part(release), "" if force else remote.mark, force=force)
        return published_of(release, mark=f"releases/{release.id}")

    def _note(self, release: Release) -> Path:
        """A folder that holds the record of a release and nothing else; it is uploaded, too."""
        published = published_of(release, mark=f"releases/{release.id}")
        head = encode_record(published, ())
        folder = self._context.scratch / "record"
        folder.mkdir(exist_ok=True)
        record = head + b"\n" + encode_record(published, release.files) + b"\n"
        (folder / _RECORD).write_bytes(record)
        return folder

    def _noted(self) -> Record | None:
        """The record of the last release from here, which may be the live one."""
        with suppress(OSError):
            data = (self._context.scratch / "record" / _RECORD).read_bytes()
            return decode_record(data.partition(b"\n")[2])
        return None

    def history(self) -> Sequence[Published]:
        """The releases that are kept, newest first."""
        live, *heads = self._run(_HISTORY.format(root=self._quoted)).splitlines() or [""]
        records = (decode_record(head.encode()) for head in heads)
        found = [record.published for record in records if isinstance(record, Record)]
        listed = [msgspec.structs.replace(one, live=one.mark == live) for one in found]
        return sorted(listed, key=lambda one: one.id, reverse=True)

    def rollback(self, to: str | None) -> Published:
        """Let ``current`` lead to an earlier release."""
        past = self.history()
        live = next((one for one in past if one.live), None)
        for one in past:
            if not one.live and (one.id == to if to else live is not None and one.id < live.id):
                self._switch(one.id, "none", live.mark if live else "", force=False)
                return msgspec.structs.replace(one, live=True)
        which = f"release {to}" if to else "earlier release"
        raise no_release(f"{self._host} keeps no {which}")

    def live_url(self) -> str:
        """As the settings say."""
        return self._target.live_url

    def close(self) -> None:
        """Nothing is held."""

    # the host

    @property
    def _quoted(self) -> str:
        """The folder, for the shell of the host; relative to the home when the url has ``/~/``."""
        return shlex.quote(self._path)

    def _switch(self, id_: str, part: str, expected: str, *, force: bool) -> None:
        if not plain(id_):
            raise no_release(f"{id_!r} is no name of a release")
        script = _SWITCH.format(
            root=self._quoted,
            id=id_,
            part=part,
            record=_RECORD,
            expected=shlex.quote(expected),
            check="true || " if force else "",
            busy=_BUSY,
            moved=_MOVED,
            over=self._target.keep + 1,
        )
        self._run(script)

    def _run(self, script: str, stdin: bytes = b"") -> str:
        """What the host's shell prints for a script; tried again when the connection drops."""

        def once() -> str:
            command = [*self._ssh, self._host, f"sh -c {shlex.quote(script)}"]
            timeout = max(60.0, self._context.policy.timeout)
            code, out, said = run(command, self._context.environment, stdin=stdin, timeout=timeout)
            self._check(code, said, "the host", {255})
            return out.decode(errors="surrogateescape")

        return retrying(once, self._context.policy)

    def _check(self, code: int, said: str, who: str, passing: set[int]) -> None:
        """Raise what an exit code means."""
        if code == 0:
            return
        if code == _BUSY and who != "rsync":
            lock = f"{self._path}/releases/.switching"
            hint = f"if none is at work: ssh {self._host} rmdir {shlex.quote(lock)}"
            raise busy(f"another publisher is switching releases on {self._host}", hint)
        if code == _MOVED and who != "rsync":
            raise moved(f"{self._host} was published to by another while this release was sent")
        failure = meaning(code if code in passing else 0, said, self._host, self._context.redactor)
        if failure is not None:
            raise failure
        text = self._context.redactor(said)
        if code in passing:
            raise Transient(f"{self._host}: {text}")
        raise rejected(f"{who} failed ({code}): {text}")


class _Followed:
    """Reads the bytes of ``--info=progress2`` and tells them; state: the rest of a line."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._total, self._progress, self._rest = plan.to_send, progress, b""

    def take(self, block: bytes) -> None:
        """A piece of rsync's output."""
        *lines, self._rest = re.split(rb"[\r\n]", self._rest + block)
        for line in lines:
            found = re.match(rb"\s*([\d,]+)\s+\d+%", line)
            if found:
                done = int(found[1].replace(b",", b""))
                self._progress(min(done, self._total), self._total, "")


def _part(release: Release) -> str:
    return f"part-{release.id.rpartition('-')[2]}"


def _apart(release: Release, plan: Plan, scratch: Path) -> Path:
    """A tree of just the files that are put."""
    folder, files = scratch / "changed", release.by_path()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for change in plan.puts:
        source, target = os.fspath(files[change.path].source), f"{folder}/{change.path}"
        if not link(source, target):
            copy(source, target)
    return folder


def _gone(release: Release, plan: Plan) -> Iterator[str]:
    """Deleted files, and folders that are left without any; nothing inside of such a folder."""
    if not plan.deletes:
        return
    kept = {folder for file in release.files for folder in _above(file.path)}
    for change in plan.deletes:
        yield next((folder for folder in _above(change.path) if folder not in kept), change.path)


def _above(path: str) -> Iterator[str]:
    """The folders a file is in, from the outermost."""
    start = path.find("/")
    while start >= 0:
        yield path[:start]
        start = path.find("/", start + 1)
