"""S3 and what speaks like it: objects put in order, compared by ETag, one publisher at a time.

Buckets cannot change all at once, so readers see the changes come in the order of the plan. The
record (``.digest/record.json.gz``) says what is ours; its ETag is the mark of the host.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import groupby
from os import getpid
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import boto3
import msgspec
from botocore.config import Config as Options
from botocore.exceptions import BotoCoreError

from digest.config import PublishTarget
from digest.errors import DigestError, PublishError
from digest.publish import failures
from digest.publish.hosting import Hosting
from digest.publish.media import content_type
from digest.publish.protocol import Capabilities, Context
from digest.publish.targets.s3_bucket import (
    CREDENTIALS,
    Bucket,
    ConflictError,
    Found,
    expected_etag,
)
from digest.publish.targets.s3_record import (
    FOLDER,
    FORMAT,
    JOURNAL,
    KEPT,
    RECORD,
    Held,
    Journal,
    Record,
    decode_journal,
    decode_record,
    encode,
    machine,
    sealed,
)
from digest.publish.values import (
    Change,
    Plan,
    Progress,
    Published,
    Release,
    Remote,
    RemoteFile,
    Step,
)

WORKERS = 8
BEAT = 30.0
"""Seconds between two refreshes of the journal of a running publish."""
STALE = 300.0
"""Seconds without a refresh after which another machine may take a journal over."""
_NOTE = {"ContentType": "application/gzip", "CacheControl": "no-store"}


def open_target(target: PublishTarget, context: Context) -> S3Publisher:
    """A publisher for ``s3://bucket/prefix``. No connection yet."""
    parts = urlsplit(target.url)
    if not parts.hostname or parts.query or parts.fragment:
        raise failures.bad_target(
            f"no bucket in {target.url}", "write s3://BUCKET or s3://BUCKET/PREFIX"
        )
    if parts.username or parts.password or parts.port:
        raise failures.bad_target(
            "the url of an S3 target holds more than bucket and prefix",
            "the address of a server other than AWS is the setting endpoint; " + CREDENTIALS,
        )
    return S3Publisher(target, context, parts.netloc, parts.path.strip("/"))


class S3Publisher:
    """One publish to a bucket. State: what the bucket held, the journal, and what has been put."""

    def __init__(self, target: PublishTarget, context: Context, bucket: str, prefix: str) -> None:
        self._target, self._context = target, context
        self._name, self._prefix = bucket, f"{prefix}/" if prefix else ""
        self._opened: Bucket | None = None
        self._hosting = Hosting()
        self._redirects: dict[str, str] = {}
        self._seen = ""
        self._record: Record | None = None
        self._kept: dict[str, Held] = {}
        self._journal: tuple[Journal, str] | None = None

    @property
    def capabilities(self) -> Capabilities:
        """Ordered, with a history; older releases are not kept."""
        return Capabilities(atomic=False, rollback=False, history=True)

    def extras(self, hosting: Hosting) -> Mapping[str, bytes]:
        """No files: what others read from ``_headers`` goes as headers of each object."""
        self._hosting = hosting
        self._redirects = _redirects(hosting, aws=not self._target.endpoint)
        return {}

    def state(self) -> Remote:
        """What the bucket holds below the prefix, by its listing, the record and the journal."""
        listing = self._bucket.listing()
        text = self._bucket.read(RECORD)
        self._seen, self._record = (
            (text.etag if text else ""),
            decode_record(text.body if text else None),
        )
        noted = self._bucket.read(JOURNAL)
        journal = decode_journal(noted.body if noted else None)
        told = self._record.by_path() if self._record else {}
        begun = {held.path: held for held in journal.files} if journal else {}
        self._kept = {}
        files: dict[str, RemoteFile] = {}
        staged, foreign = set(), []
        for path, found in listing.items():
            if path.startswith(FOLDER):
                continue
            held = _known(found, told.get(path), begun.get(path))
            if path not in told and held is None:
                foreign.append(path)
                continue
            good = held is not None and held.seal == sealed(self._headers(path).items())
            if held and good and held != told.get(path):
                staged.add((path, held.digest))
            known = held.digest if held and good and held == told.get(path) else ""
            files[path] = RemoteFile(path, found.size, known)
            if held:
                self._kept[path] = held
        return Remote(
            files=files,
            ours=text is not None or noted is not None,
            empty=not files and not foreign,
            mark=self._seen,
            live=self._record.history[0] if self._record and self._record.history else None,
            staged=frozenset(staged),
            unfinished=journal is not None,
            foreign=tuple(foreign[:10]),
        )

    def send(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Put what is new and changed; all of a step is there before the next step begins."""
        files = release.by_path()
        self._begin(release, plan)
        done, total = 0, plan.to_send
        with ThreadPoolExecutor(WORKERS) as pool:
            missing = [change for change in plan.puts if not change.staged]
            for _step, changes in groupby(missing, key=lambda change: change.step):
                jobs = {
                    pool.submit(self._put, change, files[change.path].source): change
                    for change in changes
                }
                for change, held in self._finished(jobs):
                    self._kept[held.path] = held
                    done += change.size
                    progress(done, total, change.path)

    def finish(self, release: Release, plan: Plan, remote: Remote, *, force: bool) -> Published:
        """Delete what is gone, then write the record, if it is still the one that was seen."""
        if self._journal is None:
            self._begin(release, plan)
        for step in (Step.DELETE_PAGE, Step.DELETE_ASSET):
            self._bucket.delete([change.path for change in plan.deletes if change.step == step])
        wanted = release.by_path()
        files = tuple(held for path, held in sorted(self._kept.items()) if path in wanted)
        entry = Published(
            id=release.id,
            at=release.created,
            by=release.by,
            commit=release.commit,
            files=len(release.files),
            size=release.size,
            live=True,
        )
        mark = self._write_record(entry, files, remote.mark, force=force)
        self._bucket.delete([JOURNAL])
        self._journal = None
        return msgspec.structs.replace(entry, mark=mark)

    def _write_record(
        self, entry: Published, files: tuple[Held, ...], seen: str, *, force: bool
    ) -> str:
        older = self._record.history if self._record else ()
        past = tuple(msgspec.structs.replace(one, live=False) for one in older[: KEPT - 1])
        body = encode(Record(FORMAT, (entry, *past), files))
        if force:
            return self._bucket.put(RECORD, body, _NOTE)
        try:
            return self._bucket.exchange(RECORD, body, _NOTE, seen)
        except ConflictError:
            raise failures.moved(f"{self._name}: somebody else published meanwhile") from None

    def history(self) -> Sequence[Published]:
        """What was published, as the record says."""
        text = self._bucket.read(RECORD)
        record = decode_record(text.body if text else None)
        return record.history if record else ()

    def rollback(self, to: str | None) -> Published:
        """Not here: a bucket holds one release."""
        raise failures.unable(
            "a bucket keeps no earlier releases",
            "check out the commit that digest publish --history names, build and publish it",
        )

    def live_url(self) -> str:
        """Only the settings know: a bucket may be behind any domain."""
        return self._target.live_url

    def close(self) -> None:
        """Say in the journal that this publish has ended, so that the next need not wait."""
        if self._journal is not None:
            journal, etag = self._journal
            self._journal = None
            idle = msgspec.structs.replace(journal, active=False)
            try:
                self._bucket.exchange(JOURNAL, encode(idle), _NOTE, etag)
            except (ConflictError, DigestError):
                return  # the host is gone or another publisher took over: its age will tell
        if self._opened is not None:
            self._opened = None

    @property
    def _bucket(self) -> Bucket:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> Bucket:
        """The client, with boto3's own search for credentials, region and profile."""
        endpoint, policy = self._target.endpoint or None, self._context.policy
        try:
            session = boto3.Session(region_name=self._target.region or None)
            found = session.get_credentials()
            if found is None:
                raise failures.missing_credentials(
                    f"{self._name}: no credentials for S3", CREDENTIALS
                )
            frozen = found.get_frozen_credentials()
            redactor = self._context.redactor
            redactor.add(*(text for text in (frozen.secret_key, frozen.token) if text))
            client = session.client(
                "s3",
                endpoint_url=endpoint,
                region_name=session.region_name or "us-east-1",
                config=Options(
                    connect_timeout=min(10.0, policy.timeout),
                    read_timeout=policy.timeout,
                    retries={"total_max_attempts": 1},  # ours are the same for all hosts
                    max_pool_connections=WORKERS + 2,
                    s3={"addressing_style": "path" if endpoint else "auto"},
                    # Several servers refuse the checksums that newer clients add by default.
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )
        except (BotoCoreError, ValueError) as error:
            raise failures.bad_target(self._context.redactor(f"S3: {error}"), CREDENTIALS) from None
        return Bucket(self._name, self._prefix, client, policy, redactor)

    def _headers(self, path: str) -> dict[str, str]:
        """What is put with an object beside its bytes."""
        headers = {
            "ContentType": content_type(path),
            "CacheControl": self._hosting.cache_control(path),
        }
        if path in self._redirects:
            headers["WebsiteRedirectLocation"] = self._redirects[path]
        return headers

    def _put(self, change: Change, source: Any) -> Held:
        headers = self._headers(change.path)
        etag = self._bucket.send(change.path, source, change.size, headers)
        return Held(change.path, change.size, change.digest, etag, sealed(headers.items()))

    def _finished(self, jobs: dict[Future[Held], Change]) -> Iterable[tuple[Change, Held]]:
        """Each job as it ends; the journal is refreshed meanwhile. One failure stops the rest."""
        waiting = set(jobs)
        beat = time.monotonic() + BEAT
        try:
            while waiting:
                ended, waiting = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
                for job in ended:
                    yield jobs[job], job.result()
                if time.monotonic() > beat:
                    self._refresh()
                    beat = time.monotonic() + BEAT
        finally:
            for job in waiting:
                job.cancel()

    def _begin(self, release: Release, plan: Plan) -> None:
        """Write the journal, or say who is publishing."""
        noted = self._bucket.read(JOURNAL)
        before = decode_journal(noted.body if noted else None)
        if noted and before and not before.abandoned() and noted.age < STALE:
            raise self._busy(before, STALE - noted.age)
        now = self._bucket.read(RECORD)
        if (now.etag if now else "") != self._seen:
            raise failures.moved(f"{self._name}: somebody else published a moment ago")
        files = release.by_path()
        told = self._record.by_path() if self._record else {}
        landed = {path: held for path, held in self._kept.items() if told.get(path) != held}
        for change in plan.puts:
            source = files[change.path].source
            seal = sealed(self._headers(change.path).items())
            etag = expected_etag(source, change.size)
            landed[change.path] = Held(change.path, change.size, change.digest, etag, seal)
        journal = Journal(
            FORMAT,
            uuid4().hex,
            release.by,
            machine(),
            getpid(),
            release.id,
            tuple(landed[path] for path in sorted(landed)),
        )
        try:
            etag = self._bucket.exchange(
                JOURNAL, encode(journal), _NOTE, noted.etag if noted else ""
            )
        except ConflictError:
            raise self._busy(None, STALE) from None
        self._journal = journal, etag

    def _refresh(self) -> None:
        """Tell others that this publish is alive, and see whether one of them took over."""
        if self._journal is None:
            return
        journal, etag = self._journal
        journal = msgspec.structs.replace(journal, beat=journal.beat + 1)
        try:
            self._journal = journal, self._bucket.exchange(JOURNAL, encode(journal), _NOTE, etag)
        except ConflictError:
            self._journal = None
            raise self._busy(None, 0) from None

    def _busy(self, journal: Journal | None, left: float) -> PublishError:
        who = f" by {journal.by}" if journal and journal.by else ""
        where = f"s3://{self._name}/{self._prefix}{JOURNAL}"
        return failures.busy(
            f"{self._name}: another publish{who} is running",
            f"wait until it has ended; if it was killed, its mark {where} counts for nothing in"
            f" {max(1, round(left / 60))} min",
        )


def _known(found: Found, told: Held | None, begun: Held | None) -> Held | None:
    """What we put under that path, if that is what the server still has there."""
    for held in (told, begun):
        if held and held.etag == found.etag and held.size == found.size:
            return held
    return None


def _redirects(hosting: Hosting, *, aws: bool) -> dict[str, str]:
    """The page of each old address to its new one: AWS answers it with 301 by a header."""
    if not aws:
        return {}  # servers that do not know the header refuse it
    pages: dict[str, str] = {}
    for redirect in hosting.redirects:
        path = unquote(redirect.source.removeprefix(hosting.prefix)).lstrip("/")
        pages[f"{path}index.html" if path.endswith("/") or not path else path] = redirect.target
    return pages
