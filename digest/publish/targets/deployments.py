"""What hosts of whole deployments share: a JSON API with a token, and a record in each of them.

Netlify and Cloudflare Pages keep each deployment unchanged under an address of its own, so a file
of ours in it says exactly what it holds.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from digest.publish import failures
from digest.publish.protocol import Context
from digest.publish.records import Record, decode_record, encode_record, published_of
from digest.publish.retry import Policy, Transient
from digest.publish.values import Published, Release
from digest.publish.web import Answer, request

RECORD = "digest-release.json"
"""A public file of each deployment: the paths, sizes and hashes of its files, and no names."""

_LABEL = re.compile(r"digest (\S+)(?: by (.+?))?(?: from ([0-9a-f]{7,64}))?")


def label(release: Release) -> str:
    """The title of a deployment, which only those with an account see: who published what."""
    by = f" by {' '.join(release.by.split())[:200]}" if release.by else ""
    commit = f" from {release.commit}" if release.commit else ""
    return f"digest {release.id}{by}{commit}"


def labelled(title: str, at: str, mark: str, *, live: bool) -> Published | None:
    """The entry of the history that a title tells; None for deployments that are not ours."""
    found = _LABEL.fullmatch(title.strip())
    if found is None:
        return None
    when = datetime.fromisoformat(at)
    return Published(
        id=found[1], at=when, by=found[2] or "", commit=found[3] or "", mark=mark, live=live
    )


def record_of(release: Release) -> bytes:
    """The content of ``RECORD``, without the name of who publishes: anybody may read it."""
    public = msgspec.structs.replace(published_of(release, ""), by="")
    return encode_record(public, release.files)


def read_record(deployment: str, policy: Policy) -> Record | None:
    """The record in the deployment at this address; None when there is none to be had."""
    if not deployment:
        return None
    once = msgspec.structs.replace(policy, attempts=min(policy.attempts, 3))
    try:
        answer = request("GET", f"{deployment.rstrip('/')}/{RECORD}", once)
    except (Transient, OSError, ValueError):
        return None
    return decode_record(answer.body) if answer.ok else None


def before(entries: Iterable[Published], to: str | None) -> Published:
    """The release to return to: the one named, or the one published before the live one."""
    listed = list(entries)
    if to is not None:
        for entry in listed:
            if to in {entry.id, entry.mark}:
                return entry
        raise failures.no_release(f"the host keeps no release {to}")
    live = next((entry for entry in listed if entry.live), None)
    older = [entry for entry in listed if live is None or entry.at < live.at]
    if not older:
        raise failures.no_release("the host keeps no release before the live one")
    return max(older, key=lambda entry: entry.at)


class Landed:
    """Which bytes reached the host in a publish that did not end; in the folder for scratch."""

    def __init__(self, scratch: Path) -> None:
        self._file = scratch / "landed.json"
        self._lock = threading.Lock()
        self.files = self._read()

    def _read(self) -> set[tuple[str, str]]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=set[tuple[str, str]])
        except (OSError, msgspec.DecodeError):
            return set()

    def add(self, files: Iterable[tuple[str, str]]) -> None:
        """Note that these are there, by path and digest."""
        with self._lock:
            self.files.update(files)

    def save(self) -> None:
        """Keep it for the next run."""
        with self._lock:
            self._file.write_bytes(msgspec.json.encode(sorted(self.files)))

    def forget(self) -> None:
        """The deployment is complete."""
        self.files = set()
        self._file.unlink(missing_ok=True)


class Pace:
    """Keeps to a number of requests a minute, and to what the host says is left of them.

    State: when the last requests went, and until when the host wants none.
    """

    def __init__(self, each_minute: int, policy: Policy) -> None:
        self._most, self._policy = each_minute, policy
        self._gone: deque[float] = deque()
        self._until = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may go."""
        while True:
            pause = self._pause()
            if pause <= 0:
                return
            self._policy.sleep(pause)

    def _pause(self) -> float:
        with self._lock:
            now = self._policy.clock()
            while self._gone and self._gone[0] <= now - 60:
                self._gone.popleft()
            pause = self._until - now
            if len(self._gone) >= self._most:
                pause = max(pause, self._gone[0] + 60 - now)
            if pause <= 0:
                self._gone.append(now)
            return pause

    def heed(self, headers: Mapping[str, str], now: float) -> None:
        """Read what is left; ``now`` is Unix time.

        Source: https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/
        """
        left, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
        if left.isdigit() and reset.isdigit() and int(left) < 2:
            pause = min(60.0, max(0.0, int(reset) - now))
            with self._lock:
                self._until = max(self._until, self._policy.clock() + pause)


class Api:
    """Requests with a token to one address; answers are JSON, refusals are told without secrets."""

    def __init__(
        self,
        base: str,
        token: str,
        context: Context,
        hint: str,
        reason: Callable[[bytes], str],
        heed: Callable[[Answer], None] = lambda answer: None,
    ) -> None:
        self._base, self._token, self._context = base.rstrip("/"), token, context
        self._hint, self._reason, self._heed = hint, reason, heed
        context.redactor.add(token)

    def ask(
        self,
        method: str,
        path: str,
        value: object = None,
        *,
        body: bytes | None = None,
        kind: str = "application/json",
        token: str = "",
    ) -> Any:
        """The decoded answer. Raises PublishError: D920 denied, D921 unreachable, D922 refused."""
        if value is not None:
            body = msgspec.json.encode(value)
        headers = {"Authorization": f"Bearer {token or self._token}"}
        if body is not None:
            headers["Content-Type"] = kind
        try:
            answer = request(
                method, self._base + path, self._context.policy, headers=headers, body=body
            )
        except Transient as error:
            raise failures.unreachable(self._context.redactor(error)) from error
        self._heed(answer)
        if not answer.ok:
            raise self._refusal(f"{method} {path.partition('?')[0]}", answer)
        try:
            return msgspec.json.decode(answer.body) if answer.body else None
        except msgspec.DecodeError as error:
            raise failures.rejected(f"{method} {path}: the answer is no JSON") from error

    def _refusal(self, what: str, answer: Answer) -> Exception:
        said = self._context.redactor(
            f"{what}: HTTP {answer.status} {self._reason(answer.body)}".rstrip()
        )
        if answer.status in {401, 403}:
            return failures.denied(said, self._hint)
        if answer.status == 404:
            return failures.rejected(said, "is the name in the url of the target right?")
        return failures.rejected(said)
